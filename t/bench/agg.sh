#!/bin/sh
# agg.sh [EVENTS]: ev-agg against wc -l and mawk on the same events, 2.5
# million unless told, the best of three runs each; EV_BIN as in the tests.
#
# The numbers to reach, in units of wc -l: one count by one column 4; counts
# by six fields and distinct visitors in one pass 14.
set -eu
n=${1:-2500000}
PATH=${EV_BIN:-$(cd "$(dirname "$0")/../.." && pwd)}:$PATH
LC_ALL=C
export PATH LC_ALL
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM

awk -v n="$n" 'BEGIN {
	srand(42)
	split("landing_page page_view page_view page_view signup purchase " \
	    "watch_video other", action, " ")
	split("\\N DE US FR GB NO JP BR IN", country, " ")
	split("\\N Apple Samsung Google Xiaomi", brand, " ")
	split("xx.com www.xx.com xxx.com", host, " ")
	split("Google LinkedIn Substack Bing t.co news", referrer, " ")
	for (i = 0; i < n; i++) {
		v = int(rand() * n / 8)
		r = int(rand() * 8)
		printf "\\N\t%d%09d\t%s\t%s\t%s\t%s\t2026-11-01 %02d:%02d:%02d" \
		    "\tbody_bytes_sent=%d%s&browser=%s&http_referer=" \
		    "https://www.example.com/some/path/%d&os=Linux%s" \
		    "&request_method=GET&request_time=0.0%d&status=%d" \
		    "&uri=/lessons/%d/video\t2026-11-01\n",
		    v % 900 + 100, v, host[1 + int(rand() * 3)],
		    country[1 + int(rand() * 9)], brand[1 + int(rand() * 5)],
		    action[1 + int(rand() * 8)], i / n * 24, rand() * 60,
		    rand() * 60, rand() * 50000,
		    rand() < .14 ? "&bot=ua&bot_class=declared" : "",
		    rand() < .7 ? "Chrome" : "Firefox", rand() * 1000,
		    r < 6 ? "&referrer=" referrer[r + 1] \
		    "&referrer_medium=search" : "", rand() * 100,
		    rand() < .95 ? 200 : 404, rand() * 500
	}
}' >"$dir/events.tsv"
cat >"$dir/seven.yaml" <<'END'
metrics:
  events: {count: events}
  country: {count: events, by: dim_country}
  brand: {count: events, by: dim_device_brand}
  browser: {count: events, by: browser}
  referrer: {count: events, by: referrer}
  status: {count: events, by: status}
  uri: {count: events, by: uri}
  visitors: {distinct: logged_out_user_id}
END

# best CMD...: the shortest of three, in milliseconds
best() {
	best=
	for _ in 1 2 3; do
		start=$(date +%s%N)
		"$@" <"$dir/events.tsv" >/dev/null
		t=$((($(date +%s%N) - start) / 1000000))
		if [ -z "$best" ] || [ "$t" -lt "$best" ]; then
			best=$t
		fi
	done
}

row() {
	name=$1
	shift
	best "$@"
	[ -n "${unit-}" ] || unit=$best
	awk -v name="$name" -v t="$best" -v u="$unit" \
	    'BEGIN { printf "%-34s %6d ms %7.2f\n", name, t, t / u }'
}

printf '%d events, %d MB; in units of wc -l\n' "$n" \
    "$(($(wc -c <"$dir/events.tsv") / 1000000))"
row 'wc -l' wc -l
row 'mawk {n+=NF}' mawk '{n+=NF} END {print n}'
row 'one count by one column' ev-agg --count --by dim_country
row 'seven counts, distinct visitors' ev-agg -c "$dir/seven.yaml"
row 'the default metrics' env EV_CONFIG= ev-agg -q
