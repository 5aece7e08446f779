#!/usr/bin/env bats
# Real logs through the whole pipeline, compared with scripts that share no
# code with it.  $EV_SHARED_DATA is where they are; none of them is ours to
# copy.

load helper
load pipeline-helper

regexes=/usr/share/uap-core/regexes.yaml

prepare() {
	need_filters
	[ -n "${EV_SHARED_DATA:-}" ] || skip "EV_SHARED_DATA is not set"
	[ -f "$regexes" ] || skip "$regexes: install uap-core"
	need_mmdb
	ev-enrich --new-key visitor.key
	ln -s "$EV_TEST_MMDB" country.mmdb
}

# config FORMAT: one metric for each thing that is compared.
config() {
	cat >real.yaml <<-EOF
	log: {format: '$1'}
	enrich:
	  country: {database: country.mmdb}
	  visitor: {key_file: visitor.key}
	metrics:
	  events: {count: events}
	  visitors: {distinct: logged_out_user_id}
	  countries: {count: events, by: [dim_country]}
	  brands: {count: events, by: [dim_device_brand]}
	EOF
	export EV_CONFIG=$PWD/real.yaml
}

# count_of DIMENSION: the values of stdin counted, as metric() prints them.
count_of() {
	sort | uniq -c | awk -v d="$1" '{
		n = $1
		sub(/^ *[0-9]+ /, "")
		print ($0 == "\\N" ? d : d "=" $0) "\t" n
	}' | sort
}

# The metric of all days in one.
metric() {
	ev-agg -m "$1" facts/ds=* | awk -F '\t' '{ n[$3] += $4 }
	    END { for (k in n) print k "\t" n[k] }' | sort
}

# compare NAME REJECTED <LOG
compare() {
	cat >log
	perl "$T/pipeline-count.pl" "$1" addresses agents <log >want
	ev-parse log >events
	[ "$(counter events lines)" -eq "$(sed -n 's/^lines //p' want)" ]
	[ "$(counter events rejected)" -eq "$(sed -n 's/^rejected //p' want)" ]
	[ "$(counter events rejected)" -eq "$2" ]
	[ "$(counter events lines)" -eq $(($(counter events events) +
	    $(counter events rejected) + $(counter events dropped))) ]

	runs 0 ev-enrich -o enriched events
	runs 0 ev-partition facts enriched
	[ "$(metric events | tail -n 1)" = "	$(counter events events)" ]
	perl "$T/pipeline-mmdb.pl" "$EV_TEST_MMDB" <addresses | cut -f 1 |
	    count_of dim_country >want.country
	metric countries >got.country
	same got.country want.country
	perl "$T/pipeline-uap.pl" "$regexes" <agents | cut -f 1 |
	    count_of dim_device_brand >want.brand
	metric brands >got.brand
	same got.brand want.brand
	# Visitors of all days together; ev-agg counts a day's.
	sed '/^#/d' enriched | cut -f 2 | sort -u | wc -l >got.visitors
	sed -n 's/^visitors //p' want >want.visitors
	same got.visitors want.visitors
}

@test "a real site's log: 10,000 lines, one of them cut in its agent" {
	config combined
	gzip -dc "$EV_SHARED_DATA/real/elastic-apache_logs.gz" >log.real
	compare combined 1 <log.real
	ev-parse --rejects rejects log.real >/dev/null
	[ "$(head -n 1 rejects | cut -f 3)" = 8899 ]
	[ "$(wc -l <got.country)" -gt 20 ]
	[ "$(wc -l <got.brand)" -gt 5 ]
}

@test "nginx's combined log, hostile lines first" {
	config combined
	compare combined 0 <"$EV_SHARED_DATA/nginx/combined.log"
}

@test "nginx's main log" {
	config main
	compare main 0 <"$EV_SHARED_DATA/nginx/main.log"
}

@test "nginx's log with the host first" {
	config "$(sed -n "s/^ *log_format vhost '\(.*\)';/\1/p" \
	    "$EV_SHARED_DATA/nginx/nginx.conf")"
	compare vhost 0 <"$EV_SHARED_DATA/nginx/vhost.log"
}
