#!/usr/bin/env bats
# ev-report: what it reads, refuses and writes, without a browser.

load helper

# history DAYS [hostile]: into history.tsv
history_of() {
	perl "$T/report-history.pl" "$@" >history.tsv
	[ -s history.tsv ]
}

# row DS METRIC DIMS VALUE NUM DEN
row() {
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@"
}

@test "the same rows give the same page, in any order and from any files" {
	history_of 60
	runs 0 ev-report history.tsv
	cp out page
	LC_ALL=C sort -r -t "$(printf '\t')" -k 4,4 history.tsv >mixed
	runs 0 ev-report - <mixed
	same out page
	head -n 500 mixed | gzip >a.gz
	tail -n +501 mixed >b
	runs 0 ev-report a.gz b
	same out page
	{
		printf 'ds\tmetric\tdimensions\tvalue\tnumerator\tdenominator\n'
		cat history.tsv
	} >headed
	runs 0 ev-report headed
	same out page
}

@test "a row that is none is refused with its line, and nothing is written" {
	history_of 3
	while IFS='|' read -r line why; do
		{
			cat history.tsv
			# shellcheck disable=SC2059
			printf "$line\n"
		} >bad
		rm -f page
		runs 1 ev-report -o page bad
		has err "bad:$(wc -l <bad): $why"
		[ ! -e page ]
		[ ! -s out ]
	done <<-'END'
	2026-11-21|not six columns
	2026-11-21\tm\t\t1\t\\N\t\\N\t|not six columns
	2026-13-21\tm\t\t1\t\\N\t\\N|ds is no date
	2026-11-21\tm m\t\t1\t\\N\t\\N|that is no name of a metric
	2026-11-21\tm\t\tone\t\\N\t\\N|the value is no number
	2026-11-21\tm\t\tinf\t\\N\t\\N|the value is no number
	2026-11-21\tm\t\t 1\t\\N\t\\N|the value is no number
	2026-11-21\tm\t\t0.5\t1\t\\N|numerator and denominator are no numbers
	2026-11-21\tm\t\t0.5\t1\t3|the value is not numerator over denominator
	2026-11-21\tm\t\t0\t1\t0|a value over zero
	END
}

@test "a row that is there twice is refused" {
	history_of 3
	sed -n 5p history.tsv >>history.tsv
	runs 1 ev-report history.tsv
	has err 'two rows of 2025-01-01'
	has err 'was a day computed twice, or a week day by day?'
	runs 1 ev-report /dev/null
	has err 'no metric rows'
}

@test "what cannot be read or written is said" {
	runs 1 ev-report no-such-file
	has err no-such-file
	history_of 3
	runs 1 sh -c 'ev-report history.tsv >/dev/full'
	runs 1 ev-report --verdicts no-such-file history.tsv
	runs 1 ev-report -o no/such/directory history.tsv
}

@test "two years are less than 500 kB" {
	history_of 731
	runs 0 ev-report -o page history.tsv
	[ "$(wc -c <page)" -lt 500000 ]
	[ "$(grep -c '^<tr>.*<th scope=row>20[0-9-]* [A-Z]' page)" -eq 731 ]
}

@test "a page asks for nothing and allows nothing but its own style and script" {
	history_of 40
	runs 0 ev-report history.tsv
	not grep -qE '(src|href)=.?(https?:|//)|url\(|@import' out
	has out "default-src 'none'"
	for tag in style script; do
		sum=$(perl -0ne "print \$1 if m{<$tag>(.*?)</$tag>}s" out |
		    openssl dgst -sha256 -binary | base64)
		has out "$tag-src 'sha256-$sum'"
		[ "$(grep -o "<$tag" out | wc -l)" -eq 1 ]
	done
}

@test "strings of strangers are text in the page, cut visibly, and turn no text" {
	history_of 9 hostile
	cat >c.yaml <<-'END'
	report: {rows: 100, title: '<b>"&'' title'}
	END
	runs 0 ev-report -c c.yaml history.tsv
	has out '<h1>&lt;b&gt;&quot;&amp;&#39; title</h1>'
	has out '<bdi>&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;</bdi>'
	has out '<bdi>&quot;&gt;&lt;svg onload=alert(1)&gt;</bdi>'
	has out '<bdi>&amp;lt;b&amp;gt;&lt;b&gt;</bdi>'
	has out '<bdi>\x1b]0;x\x07\x00\x0a\x09\x7f</bdi>'
	has out '<bdi>a\u{202e}b\u{2066}c\u{200b}d</bdi>'
	has out '<bdi>\xff\xc3(\x80</bdi>'
	has out "<bdi>$(printf 'x%.0s' $(seq 48))… (10,240 bytes)</bdi>"
	has out '\u{0300}'
	has out '<i>empty</i>'
	not grep -qE '<(img|svg on|script>a)' out
	# The 10 kB stand nowhere in full.
	not grep -qE 'x{100}' out
	not env LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' out
	iconv -f UTF-8 -t UTF-8 out >/dev/null
}

@test "the text for a terminal is aligned, and no control reaches it" {
	history_of 40 hostile
	echo 'report: {rows: 100}' >c.yaml
	runs 0 ev-report -c c.yaml --text history.tsv
	not env LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]' out
	not grep -qP '\xe2\x80\xae|\xe2\x81\xa6' out
	not grep -q ' $' out
	has out 'How many people came?'
	has out '(no referrer sent)'
	has out '\x28other)'
	# Every row of a breakdown has its numbers in the same columns.
	cat >small <<-END
	$(row 2026-01-05 m 'k=日本' 10 '\N' '\N')
	$(row 2026-01-05 m 'k=ab' 200 '\N' '\N')
	$(row 2026-01-05 m "k=é$(printf '\314\201')" 3 '\N' '\N')
	END
	runs 0 ev-report --text small
	grep -A 3 '^k ' out | cut -c 1-30 >got
	printf '%s\n' 'ab    200    94%' "日本   10   4.7%" \
	    "é$(printf '\314\201')       3   1.4%" >want
	sed -n '2,$p' got | sed 's/%.*/%/' >rows
	same rows want
}

@test "a missing day is a gap, no zero, and is named" {
	history_of 40
	grep -v '^2025-02-0[12]' history.tsv >gappy
	runs 0 ev-report gappy
	has out '2025-02-01 to 2025-02-02 missing from the history'
	has out '<b class=bad>2</b>'
	not grep -q '^<tr><th scope=row>2025-02-01' out
}

@test "a rate over zero is not known" {
	{
		row 2026-01-05 r '' '\N' 0 0
		row 2026-01-04 r '' 0.5 1 2
	} >rows
	runs 0 ev-report --text rows
	grep -q '^r  *–  ' out
	not grep -qw 'nan\|inf' out
}

@test "metrics of any name are shown, known to a config or not" {
	{
		row 2026-01-05 pings '' 7 '\N' '\N'
		row 2026-01-05 pings_by_x 'x=1' 5 '\N' '\N'
		row 2026-01-05 pings_by_x 'x=2' 2 '\N' '\N'
		row 2026-01-05 load_time '' 0.25 '\N' '\N'
		row 2026-01-05 pairs 'x=1&y=<' 4 '\N' '\N'
		row 2026-01-05 per_head '' 2.5 5 2
	} >rows
	runs 0 ev-report --text rows
	has out 'By x'
	grep -qx '1  *5  *71%.*' out
	grep -qE '^load time +0\.25( |$)' out
	grep -qE '^per head +2\.50( |$)' out
	has out 'By several fields'
	grep -qE '^1, < +4$' out
}

@test "report: names title, panels, metrics, labels and rows" {
	history_of 30
	cat >c.yaml <<-'END'
	report:
	  title: The site
	  panels: [fields, answers]
	  metrics: [visitors, visitors_by_country]
	  labels: {visitors: guests, dim_country: land}
	  rows: 3
	END
	runs 0 ev-report -c c.yaml --text history.tsv
	[ "$(head -n 1 out)" = 'The site' ]
	[ "$(grep -n '^By land' out | cut -d : -f 1)" -lt \
	    "$(grep -n '^The day' out | cut -d : -f 1)" ]
	has out guests
	grep -q '^([0-9]* more)' out
	not grep -q 'referrer\|Guardrails\|hits' out
}

@test "errors of report: are named with their place, by every program" {
	cat >c.yaml <<-'END'
	report:
	  panels: [answers, charts, answers]
	  rows: 0
	  colour: red
	  labels: {a: [b]}
	END
	for p in ev-report ev-parse; do
		runs 2 $p -c c.yaml --check
		has err "c.yaml:2:"
		has err "no panel is named 'charts'"
		has err "'answers' twice"
		has err 'c.yaml:3:9'
		has err "c.yaml:4:3"
		has err "c.yaml:5:"
	done
}

@test "a guardrail that is down is said first, with its reason" {
	history_of 30
	verdict() {
		printf '2025-01-30\tsignup_conversion_rate\t%s\t' "$1"
		printf '0.01\t0.02\t0.015\t0.025\t0.001\t0.5\t0.2\t%s\n' "$2"
	}
	verdict down 'rate among <Android> fell' >v
	runs 0 ev-report --verdicts v history.tsv
	has out '<p><b class=bad>signup conversion rate went down</b>: <b>1.00%</b>, expected 2.00%; chance stays above 1.50%</p>'
	has out 'rate among &lt;Android&gt; fell'
	has out '<b class=bad>Yes</b>. '
	has out '1.50% to 2.50%'
	has out 'class=dn'
	verdict 'not comparable' 'hours are missing' >v
	runs 0 ev-report --verdicts v --text history.tsv
	has out 'not comparable'
	has out 'hours are missing'
	not grep -q 'went down:' out
	grep -q '^days whose data are at fault, of the last 28  *1$' out
	runs 0 ev-report --verdicts v history.tsv
	has out '<p>The data of the day are at fault, and no guardrail was judged by them: <bdi>hours are missing'
	verdict 'not comparable' 'no <b>' | sed 's/^2025-01-30/2025-01-29/' >v
	runs 0 ev-report --verdicts v history.tsv
	has out '2025-01-29: <bdi>no &lt;b&gt;'
	not grep -q 'at fault, and' out
	# One that did not come is not on the page, but at its head.
	verdict 'not comparable' 'no metrics of this day' | sed 's/^2025-01-30/2025-01-31/' >v
	runs 0 ev-report --verdicts v history.tsv
	has out '<p>2025-01-31: <bdi>no metrics of this day'
	# A day that has only begun is not the day of the page.
	verdict 'no data' 'the day has only begun' >v
	runs 0 ev-report --verdicts v --text history.tsv
	has out '29 January 2025, and 28 days of history since'
	verdict 'no data' 'too little history' >v
	runs 0 ev-report --verdicts v --text history.tsv
	has out '30 January 2025'
	{
		printf 'ds\tmetric\tverdict\n'
		verdict ok '\N'
	} >v
	runs 0 ev-report --verdicts v --text history.tsv
	grep -q '^signup conversion rate  *ok ' out
	verdict fine '\N' >v
	runs 1 ev-report --verdicts v history.tsv
	has err 'v:1: no such verdict'
	cat v v | sed 's/fine/ok/' >w
	runs 1 ev-report --verdicts w history.tsv
	has err 'two verdicts of 2025-01-30'
	echo short >v
	runs 1 ev-report --verdicts v history.tsv
	has err 'v:1: fewer columns'
}

@test "what a guardrail that is down is made of, since when, and what to look at" {
	history_of 30
	verdicts() {
		local day kind
		for day in 26:down 27:ok 28:down 29:'not comparable' 30:down; do
			printf '2025-01-%s\tsignup_conversion_rate\t%s\t0.01\t0.02\t0.015\t0.025\t0.001\t0.5\t0.2\t%s\n' \
			    "${day%%:*}" "${day#*:}" "$1"
		done >v
		runs 0 ev-report --verdicts v --text history.tsv
		sed -n '/went down/,/^The day/p' out | tr '\n' ' ' >alarm
	}
	verdicts 'dim_device_brand: rate among Apple fell 1.73 % -> 0.147 %; 70 % of the drop'
	has alarm 'stays above 1.50%; since Tuesday, 28 January 2025 Why: device brand: rate among Apple fell'
	has alarm 'Try the site as these visitors do'
	has out 'rate: device brand: rate among Apple'
	verdicts 'dim_country: share of VN rose 0 % -> 21.3 %; 73 % of the drop'
	has alarm 'Look at what brings these visitors'
	verdicts 'dim_country: rate among VN fell 2 % -> 1 %, with 8 times the usual hits; 73 % of the drop'
	has alarm 'often bots that nobody knows yet'
	verdicts 'much the same for all values of dim_country'
	has alarm 'Look at what all visitors share'
	verdicts '\N'
	has alarm '28 January 2025 What to do: Look at what was changed that day.'
}

@test "the words that the page knows a reason by are those that ev-guard writes" {
	# A broken brand, a wave, and all values alike.
	cat >c.yaml <<-'END'
	metrics:
	  hits: {count: events, where: {action_type: page_view}}
	  signups: {count: events, where: {action_type: signup}}
	  rate: {ratio: [signups, hits], guardrail: down}
	  rate_by: {ratio: [signups, hits], by: [dim_country]}
	END
	advice() {
		perl -e '
		use POSIX;
		my @last = @ARGV;
		for my $i (0 .. 40) {
			my $d = strftime("%Y-%m-%d", gmtime(86400 * (20108 + $i)));
			my ($y, $e, $a, $b) = $i == 40 ? @last : (60, 600, 40, 400);
			printf "$d\trate\t\t%.17g\t%d\t%d\n", ($y + $a) / ($e + $b), $y + $a, $e + $b;
			printf "$d\trate_by\tdim_country=A\t%.17g\t$y\t$e\n", $y / $e;
			printf "$d\trate_by\tdim_country=B\t%.17g\t$a\t$b\n", $a / $b;
		}' "$@" >h
		runs 3 ev-guard -c c.yaml --why why -o v h
		runs 0 ev-report -c c.yaml --verdicts v --why why h
		has out "<b>What to do: </b>$said"
	}
	said='Try the site as' advice 6 600 40 400
	said='There are more visits' advice 60 1200 40 400
	said='Look at what all' advice 30 600 20 400
}

@test "the hours of a day are shown in their order, all of them" {
	for h in 03 17 00 23 09; do
		row 2025-01-30 events_by_hour "hour=$h" $((100 - 10#$h)) '\N' '\N'
	done >rows.tsv
	for h in 01 02 04 05 06 07 08 10 11 12 13; do
		row 2025-01-30 events_by_hour "hour=$h" 7 '\N' '\N'
	done >>rows.tsv
	runs 0 ev-report --text rows.tsv
	sed -n '/^hour /,/^$/p' out | grep -oE '^[0-9]{2}' >got
	[ "$(wc -l <got)" -eq 16 ]
	LC_ALL=C sort -c got
}

@test "a table for a terminal is no wider than 80 columns, and has every column" {
	history_of 40
	cat >c.yaml <<-'END'
	report: {labels: {signup_conversion_rate: the share of hits that sign up}}
	END
	runs 0 ev-report -c c.yaml --text history.tsv
	perl -CSD -ne 'chomp; die "line $.: $_\n" if length > 80' out
	# What finds no room stands below, after the first column again.
	sed -n '/^Guardrails/,/^Day by day/p' out >guardrails
	[ "$(grep -c '^guardrail ' guardrails)" -eq 2 ]
	grep -q '^guardrail .*smallest fall to be seen *chance$' guardrails
}

@test "what a drop is made of stands beside the verdict" {
	history_of 30
	printf '2025-01-30\tsignup_conversion_rate\tdown\t0.01\t0.02\t0.015\t0.025\t0.001\t0.5\t0.2\t\\N\n' >v
	cause() {
		printf '2025-01-30\tsignup_conversion_rate\tdim_device_brand\t%s\t%s\t0.01\t%s\t%s\t%s\twords\n' "$@"
	}
	{
		printf 'ds\tmetric\n'
		cause '<b>' rate 0.82 0.031 0.004
		cause '\N' mix -0.1 0.2 0.3
		cause '(other)' amount 0.28 '\N' '\N'
		cause gone rate 1 1 1 | sed 's/01-30/01-29/'
	} >why
	runs 0 ev-report --verdicts v --why why --text history.tsv
	grep -q '<b> *rate *3.10% *0.40% *82.0%' out
	grep -q 'share *20.0% *30.0%' out
	not grep -q gone out
	runs 0 ev-report --verdicts v --why why history.tsv
	has out '&lt;b&gt;'
	has out 'Why: '
	cause x luck 1 1 1 >why
	runs 1 ev-report --why why history.tsv
	has err 'why:1: no such cause'
	cause x rate 1 one 1 >why
	runs 1 ev-report --why why history.tsv
	has err 'a number of the cause is none'
	runs 1 ev-report --why no-such-file history.tsv
}

@test "a scale below zero, and one of trillions, is as short as others" {
	for day in 20 21 22 23; do
		row 2026-11-$day back '' -${day}000000.5 '\N' '\N'
		row 2026-11-$day bytes '' ${day}000000000000 '\N' '\N'
		row 2026-11-$day rate '' -0.3 -3 10
	done >h
	runs 0 ev-report h
	grep -o 'text-anchor=end>[^<]*' out >labels
	for label in 0 −10M −30M 10T 30T −0.3 −0.1; do
		has_line labels "text-anchor=end>$label"
	done
	not grep -q 'e[-+]' labels
}

@test "days far apart cost no more than others" {
	{
		row 0000-01-01 m '' 1 '\N' '\N'
		row 9999-12-31 m '' 18446744073709551615 '\N' '\N'
		row 9999-12-30 m '' 18446744073709551615 '\N' '\N'
	} >rows
	runs 0 ev-report rows
	has out '18,446,744,073,709,551,615'
	[ "$(wc -c <out)" -lt 100000 ]
	runs 0 ev-report --text rows
}

@test "a rate whose denominator is not in the history is shown without it" {
	{
		row 2026-01-05 signup_conversion_rate '' 0.5 1 2
		row 2026-01-05 signups '' 1 '\N' '\N'
		row 2026-01-05 visitors '' 1 '\N' '\N'
		row 2026-01-05 purchases '' 1 '\N' '\N'
		row 2026-01-05 purchase_conversion_rate '' 1 1 1
	} >rows
	runs 0 ev-report rows
	has out 'signup conversion rate?'
}

@test "every kind of metric that ev-agg has is shown" {
	cat >c.yaml <<-'END'
	metrics:
	  hits: {count: events}
	  people: {distinct: logged_out_user_id}
	  rate: {ratio: [hits, people], guardrail: down}
	  rate_by: {ratio: [hits, people], by: [referrer, arg_x]}
	  wait: {mean: request_time}
	  slow: {quantile: {of: request_time, at: [0.5, 0.95]}}
	  way: {funnel: [{action_type: a}, {action_type: b}], within: 1d}
	  weekly: {distinct: logged_out_user_id, period: week}
	  both: {use: hits, by: [dim_country, referrer], totals: true}
	END
	{
		row 2026-01-05 weekly '' 70 '\N' '\N'
		row 2026-01-07 both '' 9 '\N' '\N'
		row 2026-01-07 both 'dim_country=DE' 9 '\N' '\N'
		row 2026-01-07 both 'dim_country=DE&referrer' 9 '\N' '\N'
		row 2026-01-07 both 'referrer' 9 '\N' '\N'
		row 2026-01-07 hits '' 9 '\N' '\N'
		row 2026-01-07 people '' 30 '\N' '\N'
		row 2026-01-07 rate 'of=logged_out_user_id' 0.3 9 30
		row 2026-01-07 rate_by 'arg_x=1&of=logged_out_user_id&referrer=r' 0.5 1 2
		row 2026-01-07 slow 'at=0.5' 0.25 '\N' '\N'
		row 2026-01-07 slow 'at=0.95' 2.5 '\N' '\N'
		row 2026-01-07 wait '' 0.25 0.75 3
		row 2026-01-07 way 'of=logged_out_user_id&step=1' 1 8 8
		row 2026-01-07 way 'of=logged_out_user_id&step=10' 0.5 1 2
		row 2026-01-07 way 'of=logged_out_user_id&step=2' 0.25 2 8
	} >rows
	runs 0 ev-report -c c.yaml --text rows
	grep -qE '^rate +not judged +30\.0%' out
	grep -qE '^wait +0\.25( |$)' out
	grep -qE '^weekly, week of 5 Jan +70( |$)' out
	# What is over people is not by people.
	not grep -q 'By of\|logged_out' out
	sed -n '/^step .*way/,/^$/p' out | awk 'NF { print $1, $2 }' >got
	printf '%s\n' 'step way' '1 100%' '2 25.0%' '10 50.0%' >want
	same got want
	grep -qE '^0\.5 +0\.25( |$)' out
	not grep -qE '^0\.95 +2\.50 +[0-9]*%' out
	grep -qE '^1, r +50\.0%$' out
	runs 0 ev-report -c c.yaml rows
}
