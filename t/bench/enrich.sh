#!/bin/sh
# enrich.sh [EVENTS]: what ev-enrich costs, against mawk on the same bytes.
#
# EVENTS is a stream of ev-parse (t/bench/mkbench | ev-parse); without one a
# stand-in of 500 thousand rows is made: 40 thousand addresses, the agents of
# uap-core's browser tests, ten referrers.  Prints medians of five runs, in
# turn, so that a busy machine slows both.
set -eu
bin=${EV_BIN:-.}
events=${1:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

make_events() {
	sed -n "s/^ *- user_agent_string: '\(.*\)'\$/\1/p" \
	    /usr/share/uap-core/tests/test_ua.yaml | grep -v '[&%=+\\]' |
	awk '{ a[NR] = $0 } END {
		n = split("www.google.com lnkd.in t.co www.bing.com xx.com " \
		    "a.example news.ycombinator.com b.substack.com " \
		    "www.linkedin.com c.example", h, " ")
		for (i = 0; i < 500000; i++) {
			c = i * 7919 % 40009
			printf "\\N\t\\N\txx.com\t\\N\t\\N\tpage_view\t" \
			    "2026-11-21 10:%02d:%02d\tbody_bytes_sent=%d&" \
			    "http_referer=https://%s/p/%d&http_user_agent=%s&" \
			    "remote_addr=%d.%d.%d.%d&request_method=GET&" \
			    "request_time=0.012&status=200&uri=/p/%d\t" \
			    "2026-11-21\n", i / 60 % 60, i % 60, i * 31 % 90000,
			    h[c % n + 1], c % 300, a[c % NR + 1], c % 220 + 1,
			    c / 220 % 256, c * 3 % 256, 9, i % 900
		}
	}'
}

# run LABEL CMD...: wall seconds into $tmp/LABEL
run() {
	label=$1
	shift
	start=$(date +%s%N)
	"$@" <"$events" >/dev/null
	end=$(date +%s%N)
	echo $(((end - start) / 1000)) >>"$tmp/$label"
}

if [ -z "$events" ]; then
	events=$tmp/events
	make_events >"$events"
fi
config=
if [ -n "${EV_TEST_MMDB:-}" ]; then
	echo "enrich: {country: {database: $EV_TEST_MMDB}}" >"$tmp/c.yaml"
	config="-c $tmp/c.yaml"
fi
for i in 1 2 3 4 5; do
	run mawk mawk '{n += NF}'
	# shellcheck disable=SC2086
	run enrich "$bin/ev-enrich" -q --no-marks $config
done
median() {
	sort -n "$tmp/$1" | sed -n 3p
}
m=$(median mawk)
e=$(median enrich)
rows=$(wc -l <"$events")
awk -v m="$m" -v e="$e" -v n="$rows" 'BEGIN {
	printf "rows\t%d\nmawk\t%.3f s\nev-enrich\t%.3f s\nratio\t%.2f\n" \
	    "ns per row\t%.0f\n", n, m / 1e6, e / 1e6, e / m, e * 1e3 / n
}'
