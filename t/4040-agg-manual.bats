#!/usr/bin/env bats
# The examples of ev-agg(1) are run as they stand there.

load helper
load agg-helper

# The examples: one file each, ex.1, ex.2, ...
prepare() {
	awk '/^\.Sh / { on = $2 == "EXAMPLES" }
	    on && /^\.Bd/ { n++; code = 1; next }
	    /^\.Ed/ { code = 0 }
	    code { sub(/^\$ /, ""); gsub(/\\e/, "\\"); print >"ex." n }' \
	    "$SRC/man/ev-agg.1"
	small_site
	mkdir -p metrics facts
	sed 's/2026-11-02/2026-11-21/g' events.tsv | cat events.tsv - >three
	for d in 01 02 21; do
		mkdir facts/ds=2026-11-$d
		grep "2026-11-$d" three | sort -u | cut -f1-8 \
		    >facts/ds=2026-11-$d/part-x.tsv
	done
	sed -n '/^\.Sh EXAMPLES/,/^\.Ed/{/^\./!p;}' "$SRC/man/ev.yaml.5" |
	    sed 's/\\e/\\/g; /^$/d' >ev.yaml
}

example() {
	runs 0 bash -o pipefail ex."$1"
}

@test "one day into metrics, with the config of ev.yaml(5)" {
	example 1
	has_line metrics/2026-11-21.tsv '2026-11-21	website_hits		1	\N	\N'
}

@test "weeks, in one run over all their days" {
	example 2
	cat >want <<-'EOF'
	2026-10-26	people		4	\N	\N
	2026-11-02	people		1	\N	\N
	2026-11-16	people		1	\N	\N
	EOF
	same weeks.tsv want
}

@test "a week's visitors and signup rate" {
	example 3
	cat >want <<-'EOF'
	ds	metric	dimensions	value	numerator	denominator
	2026-11-01	signup_conversion_rate		0.25	1	4
	2026-11-01	visitors		3	\N	\N
	2026-11-02	signup_conversion_rate		0	0	1
	2026-11-02	visitors		0	\N	\N
	EOF
	same out want
}

@test "campaigns that brought signups" {
	example 4
	printf '2026-11-01\targ_utm_source\t2\n' >want
	same out want
}

@test "countries of a log that is in no table" {
	need ev-parse ev-enrich gzip
	printf '%s\n' '192.0.2.1 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0"' |
	    gzip >access.log.gz
	example 5
	has_line out '2026-11-21	distinct	dim_country	1	\N	\N'
}

@test "the history of a metric" {
	example 1
	example 6
	[ "$output" = '2026-11-21 0' ]
}

@test "the greatest referrers, for a spreadsheet" {
	example 7
	[ "$(head -n 1 out)" = "$(printf 'ds,metric,dimensions,value,numerator,denominator\r')" ]
	has_line out "$(printf '2026-11-01,count,referrer=Google,3,,\r')"
	has_line out "$(printf '2026-11-01,count,"",8,,\r')"
}

@test "states of days, made on two cores, and the metrics of them" {
	example 8
	cp out want
	runs 0 ev-agg -q facts
	same want out
	[ ! -f ex.9 ]
}
