#!/usr/bin/env bats
# The growth example: everything that mklog put into its logs comes out.

load helper
load pipeline-helper

prepare() {
	need_filters
	need_mmdb
	site=$(growth_site)
}

@test "the networks of the example are wholly of the countries beside them" {
	grep -v '^#' "$G/networks.tsv" | cut -f 1 >nets
	grep -v '^#' "$G/networks.tsv" |
	    awk -F '\t' '{ print $2 "\t" $1 }' >want
	perl "$T/pipeline-mmdb.pl" "$EV_TEST_MMDB" <nets >got
	[ -s want ]
	same got want
}

@test "the brands of the example's agents are those of uap-core" {
	regexes=/usr/share/uap-core/regexes.yaml
	[ -f "$regexes" ] || skip "$regexes: install uap-core"
	grep -v '^#' "$G/agents.tsv" | cut -f 3,4 | sed 's/{\([0-9]*\)-[0-9]*}/\1/g' >want
	cut -f 2 want | perl "$T/pipeline-uap.pl" "$regexes" >got
	[ -s want ]
	same got want
}

@test "the generator writes the same bytes again" {
	runs 0 perl "$G/mklog" again 2
	for log in again/logs/*.gz; do
		gzip -dc "$log" >one
		[ -s one ]
	done
	runs 0 perl "$G/mklog" twice 2
	runs 0 diff -r again twice
}

@test "there are metrics of 28 days and of no other" {
	runs 0 ls "$site/metrics"
	[ "$(wc -l <out)" -eq 28 ]
	[ "$(head -n 1 out)" = 2026-10-26.tsv ]
	[ "$(tail -n 1 out)" = 2026-11-22.tsv ]
}

@test "every metric row of every day is what was put in, and there is no other" {
	perl "$T/pipeline-truth.pl" <"$site/truth.tsv" >want
	sort "$site"/metrics/*.tsv >got
	[ "$(wc -l <want)" -gt 10000 ]
	same got want
}

@test "weeks, months, cohorts and returns over all days are what was put in" {
	perl "$G/mklog" again
	cat >periods.yaml <<-'EOF'
	metrics:
	  visitors_week: {distinct: logged_out_user_id, where: {action_type: [landing_page, page_view], bot: null}, period: week}
	  visitors_month: {use: visitors_week, period: month}
	  buyers: {cohort: {action_type: signup}, then: {action_type: purchase}, within: 7d, where: {bot: null}, period: week}
	  back: {retention: {action_type: [landing_page, page_view]}, then: {action_type: [landing_page, page_view]}, days: 3, where: {bot: null}, period: week}
	EOF
	sort again/periods.tsv >want
	[ "$(wc -l <want)" -eq 18 ]
	[ "$(grep -c '	buyers	' want)" -eq 3 ]
	for options in '' '-j 2 --memory 1M'; do
		runs 0 ev-agg -c periods.yaml $options "$site/facts"
		same want out
	done
}

@test "lines = events + rejected + dropped, each as many as were put in" {
	EV_CONFIG=$site/growth.yaml runs 0 ev-parse "$site"/logs/*.gz
	for key in lines rejected dropped; do
		awk -F '\t' -v key=$key '$4 == key { n += $7 } END { print n }' \
		    "$site/truth.tsv" >want
		counter out $key >got
		same got want
	done
	[ "$(counter out lines)" -eq $(($(counter out events) +
	    $(counter out rejected) + $(counter out dropped))) ]
	[ "$(counter out rows)" -eq "$(counter out events)" ]
	[ "$(counter out lines)" -gt 150000 ]
}

@test "a log holds the first events of the next day, and the day gets them" {
	parts=$(find "$site/facts/ds=2026-11-04" -name 'part-*' | wc -l)
	[ "$parts" -eq 2 ]
	EV_CONFIG=$site/growth.yaml runs 0 \
	    ev-parse "$site/logs/access-2026-11-03.log.gz"
	grep -v "^#" out | cut -f 9 | sort -u >days
	printf '2026-11-03\n2026-11-04\n' >want
	same days want
}

@test "the printed weeks are those of the truth, a screen a table" {
	runs 0 perl "$G/answers" "$site"
	perl "$T/pipeline-weeks.pl" <"$site/truth.tsv" out >numbers
	[ "$(grep -c . numbers)" -gt 700 ]
	runs 1 grep -v '^ok' numbers
	perl "$G/answers" "$site" | awk -v RS= '
	{ if (split($0, line, "\n") > 24) print "long: " line[1] }
	{ for (i in line) if (line[i] ~ /[0-9]/ && length(line[i]) > 84)
		print "wide: " line[i] }' >wrong
	runs 1 grep -v 'Every day' wrong
}

# history FILE...: metrics of days from 2026-01-05 on, a line of FILE each:
# hits, sign-ups, purchases.
history_of() {
	mkdir -p made/metrics
	awk -v OFS='\t' '{
		ds = sprintf("2026-01-%02d", 4 + NR)
		file = "made/metrics/" ds ".tsv"
		print ds, "purchase_conversion_rate", "", $2 ? $3 / $2 : "\\N", $3, $2 >file
		print ds, "purchases", "", $3, "\\N", "\\N" >file
		print ds, "signup_conversion_rate", "", $1 ? $2 / $1 : "\\N", $2, $1 >file
		print ds, "signups", "", $2, "\\N", "\\N" >file
		print ds, "visitors", "", $1, "\\N", "\\N" >file
		print ds, "website_hits", "", $1, "\\N", "\\N" >file
		close(file)
	}' "$@"
}

@test "a rate that fell by more than chance is told, and a small one is not" {
	{
		yes '1000 30 2' | head -n 7
		yes '1000 20 1' | head -n 7
	} >days
	history_of days
	runs 0 perl "$G/answers" made
	has_line out 'sign-ups of hits        3.00%  2.00%  FELL'
	has_line out 'purchases of sign-ups   6.67%  5.00%    no'
	has_line out 'week to 01-11   7000      7000       210  3.00%      14  6.67%'
	{
		yes '1000 20 0' | head -n 7
		yes '1000 30 1' | head -n 7
	} >days
	history_of days
	runs 0 perl "$G/answers" made
	has_line out 'sign-ups of hits        2.00%  3.00%             rose'
	has_line out 'purchases of sign-ups   0.00%  3.33%  too few to tell'
}

@test "a missing day is missing, and no rate is made of nothing" {
	yes '0 0 0' | head -n 10 >days
	history_of days
	rm made/metrics/2026-01-1[0-3].tsv
	runs 0 perl "$G/answers" made
	has_line out '2026-01-13 Tue     .         .         .     -       .     -'
	has_line out '2026-01-14 Wed     0         0         0     -       0     -'
	has_line out 'sign-ups of hits            -     -     -'
}

@test "the day that is not over is left out of the weeks" {
	yes '1000 20 1' | head -n 10 >days
	history_of days
	# Noon of the last day.
	noon=$(date -u -d '2026-01-14 12:00' +%s)
	runs 0 perl -e 'BEGIN { my $t = shift; *CORE::GLOBAL::time = sub () { $t } }
	    do shift or die $@' "$noon" "$G/answers" made
	has_line out '2026-01-14 is not over and left out.'
	has_line out '2026-01-13 Tue  1000      1000        20  2.00%       1  5.00%'
	not grep '2026-01-14 Wed' out
}

@test "the printed tables of all days hold every number of the truth" {
	runs 0 perl "$G/answers" --all "$site"
	perl "$T/pipeline-answers.pl" <"$site/truth.tsv" out >numbers
	[ "$(grep -c . numbers)" -gt 10000 ]
	runs 1 grep -v '^ok' numbers
}

@test "no address and no agent is stored" {
	gzip -dc "$site/logs/access-2026-11-21.log.gz" |
	    sed 's/^ /- /' | cut -d ' ' -f 2 | sort -u >addresses
	for part in "$site"/facts/ds=2026-11-21/part-*; do
		case $part in
		*.zst) zstd -dcq "$part" ;;
		*.gz) gzip -dc "$part" ;;
		*) cat "$part" ;;
		esac
	done >stored
	[ "$(wc -l <addresses)" -gt 1000 ]
	[ "$(wc -l <stored)" -gt 5000 ]
	runs 1 grep -aFf addresses stored
	runs 1 grep -aE 'Mozilla|http_user_agent|remote_addr' stored
}
