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

@test "the printed tables hold every number of the truth" {
	runs 0 perl "$G/answers" "$site"
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
