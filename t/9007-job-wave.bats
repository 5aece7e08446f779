#!/usr/bin/env bats
# A wave of bots that ev-enrich does not know, from log to verdict: where it is
# an alarm, it is named first, or the data are at fault.

load helper
load pipeline-helper

prepare() {
	need_filters
	need_mmdb
	grown=$(growth_site)
}

# wave HITS NET AGENT REFERRER: lines of 2026-11-22, each of another address,
# one an hour after the other.
wave() {
	perl -e '
	my ($hits, $net, $agent, $referrer) = @ARGV;
	for my $i (0 .. $hits - 1) {
		my $s = int(86000 * $i / $hits);
		printf "xx.com %s.%d.%d - - [22/Nov/2026:%02d:%02d:%02d +0000] \"GET / HTTP/2.0\" 200 15966 \"%s\" \"%s\" \"-\" 0.100\n",
		    $net, $i / 250 % 250, $i % 250, $s / 3600, $s / 60 % 60,
		    $s % 60, $referrer, $agent;
	}' "$@"
}

# judge COUNTRY BRAND REFERRER, as the metrics have them, WAVE...: into told
# what the wave is taken for.
judge() {
	local country=$1 brand=$2 referrer=$3
	shift 3

	rm -rf site
	cp -a "$grown" site
	rm -f site/notify
	wave "$@" | gzip >site/logs/wave.log.gz
	job site DAY=2026-11-22 >/dev/null 2>&1
	DIMS="dim_country=$country,dim_device_brand=$brand,referrer=$referrer,dim_hostname=xx.com" \
	    awk -F '\t' '
	BEGIN { n = split(ENVIRON["DIMS"], d, ","); for (i = 1; i <= n; i++) of[d[i]] }
	FILENAME ~ /verdicts/ {
		if ($1 == "2026-11-22" && $2 == "signup_conversion_rate") {
			kind = $3
			reason = $11
		}
		next
	}
	$1 == "2026-11-22" && $2 == "signup_conversion_rate" && !first++ { named = ($3 "=" $4) in of }
	END {
		if (kind == "down")
			kind = !named || reason !~ /rate among|share of/ ? "WRONG" : "named"
		print kind ": " reason
	}' site/verdicts.tsv site/why.tsv >verdict
	printf '%s %s %s: %s\n' "$1" "$country" "$brand" "$(cat verdict)" | tee -a told
}

iphone='Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
samsung='Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36'
windows='Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'

@test "waves of 1,000 to 12,000 hits beside 4,900, from log to verdict, are named or a fault" {
	for hits in 1000 2500 5000 12000; do
		judge US Apple spam.example $hits 73.10 "$iphone" https://spam.example/x
		judge DE Samsung google.com $hits 79.200 "$samsung" https://www.google.com/
		judge GB '\N' '\N' $hits 86.130 "$windows" -
	done
	! grep WRONG told || false
	[ "$(wc -l <told)" -eq 12 ]
	# Those of half the hits and more are alarms or faults, each of them.
	[ "$(grep -cE '^(5000|12000) .*: (named|not comparable): ' told)" -eq 6 ]
	[ "$(grep -c ': named: ' told)" -ge 4 ]
}
