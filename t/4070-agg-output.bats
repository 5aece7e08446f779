#!/usr/bin/env bats
# The forms of the output, tops, totals and periods.

load helper
load agg-helper

prepare() {
	small_site
	metrics <<-'EOF'
	by_two: {count: events, by: [dim_country, referrer], top: 2, totals: true}
	rate: {ratio: [signups, hits]}
	hits: {count: events}
	signups: {count: events, where: {action_type: signup}}
	EOF
}

@test "top shows the greatest, the rest is one row of its own values" {
	metrics <<-'EOF'
	people: {distinct: logged_out_user_id, by: dim_country, top: 1, period: month}
	EOF
	runs 0 ev-agg -c m.yaml events.tsv
	cat >want <<-'EOF'
	2026-11-01	people	dim_country=(other)	3	\N	\N
	2026-11-01	people	dim_country=US	2	\N	\N
	EOF
	same out want
}

@test "totals have a row for each part of by" {
	runs 0 ev-agg -c m.yaml --wide by_two events.tsv
	grep '^ds\|2026-11-02' out | sort >got
	cat >want <<-'EOF'
	ds	dim_country	referrer	value	numerator	denominator
	2026-11-02	(total)	(total)	2	\N	\N
	2026-11-02	(total)	\N	1	\N	\N
	2026-11-02	(total)	%28x)	1	\N	\N
	2026-11-02	FR	(total)	1	\N	\N
	2026-11-02	FR	\N	1	\N	\N
	2026-11-02	US	(total)	1	\N	\N
	2026-11-02	US	%28x)	1	\N	\N
	EOF
	sort -o want want
	same got want
}

@test "a week begins on Monday and a month on its first day" {
	for d in 2026-10-31 2026-11-01 2026-11-02 2026-11-08 2026-12-31; do
		ev '\N' 1 h US A x "$d 00:00:00" ''
	done >e
	runs 0 ev-agg --distinct logged_out_user_id --period week e
	cut -f1,4 out >got
	cat >want <<-'EOF'
	2026-10-26	1
	2026-11-02	1
	2026-12-28	1
	EOF
	same got want
	runs 0 ev-agg --count --period month e
	cut -f1,4 out >got
	cat >want <<-'EOF'
	2026-10-01	1
	2026-11-01	3
	2026-12-01	1
	EOF
	same got want
}

@test "json is an object a line, with numbers, null and dimensions" {
	need jq
	runs 0 ev-agg -c m.yaml --format json events.tsv
	has_line out '{"ds":"2026-11-01","metric":"rate","dimensions":{},"value":0.25,"numerator":2,"denominator":8}'
	has_line out '{"ds":"2026-11-02","metric":"by_two","dimensions":{"dim_country":"FR","referrer":null},"value":1,"numerator":null,"denominator":null}'
	cp out json
	runs 0 ev-agg -c m.yaml events.tsv
	jq -r '[.ds, .metric, (.dimensions | to_entries | map(.key +
	    if .value == null then "" else "=" + .value end) | join("&"))] +
	    ([.value, .numerator, .denominator] | map(if . == null then "\\N"
	    else tostring end)) | join("\t")' json >got
	same got out
	ev '\N' 1 'a"b' US A x "2026-11-01 00:00:00" '' >e
	runs 0 ev-agg --format json --by dim_hostname e
	[ "$(jq -r .dimensions.dim_hostname out)" = 'a"b' ]
}

@test "csv quotes, and guards cells that a spreadsheet would compute" {
	{
		ev '\N' 1 '=1+1' US A x "2026-11-01 00:00:00" ''
		ev '\N' 1 'a,"b"' US A x "2026-11-01 00:00:00" ''
		ev '\N' 1 '' US A x "2026-11-01 00:00:00" 'n=-5'
		ev '\N' 1 '\N' US A x "2026-11-01 00:00:00" ''
		ev '\N' 1 '@x' US A x "2026-11-01 00:00:00" ''
		ev '\N' 1 '-x' US A x "2026-11-01 00:00:00" ''
	} >e
	runs 0 ev-agg --format csv --sum n --by dim_hostname --wide sum e
	tr -d '\r' <out | sort >got
	sort >want <<-'EOF'
	ds,dim_hostname,value,numerator,denominator
	2026-11-01,,0,,
	2026-11-01,"",-5,,
	2026-11-01,%3D1%2B1,0,,
	2026-11-01,"'-x",0,,
	2026-11-01,"'@x",0,,
	2026-11-01,"a,""b""",0,,
	EOF
	sort -o want want
	same got want
	[ "$(grep -c "$(printf '\r')\$" out)" -eq 7 ]
}

@test "sums are exact and printed without an exponent" {
	for n in 0.1 0.2 -0.3 999999999999999999.999999999 1 -0 1e3 007; do
		ev '\N' 1 h US A x "2026-11-01 00:00:00" "n=$n"
	done >e
	runs 0 ev-agg --sum n --min n --max n --mean n --quantile n=0,0.5,1 e
	cat >want <<-'EOF'
	2026-11-01	max		999999999999999999.999999999	\N	\N
	2026-11-01	mean		142857142857142860	1000000000000000007.999999999	7
	2026-11-01	min		-0.3	\N	\N
	2026-11-01	quantile	at=0	-0.3004	\N	\N
	2026-11-01	quantile	at=0.5	0.1998	\N	\N
	2026-11-01	quantile	at=1	1001000000000000000	\N	\N
	2026-11-01	sum		1000000000000000007.999999999	\N	\N
	EOF
	grep -v quantile out >got
	grep -v quantile want | same got -
	awk -F'\t' '$3 == "at=0.5" && ($4 < 0.199 || $4 > 0.201) { exit 1 }' out
}

@test "a number with one byte more is none" {
	# The byte behind the digits was passed over: 12x was 12.
	for n in 12x '5 ' 7- 1.5x; do
		ev '\N' 1 h US A x "2026-11-01 00:00:00" "n=$n"
	done >e
	runs 0 ev-agg --sum n --max n e
	cat >want <<-'EOF'
	2026-11-01	max		\N	\N	\N
	2026-11-01	sum		0	\N	\N
	EOF
	same out want
}

@test "what the options may not be is said" {
	runs 2 ev-agg --format xml
	has err 'ev-agg: --format: tsv, json or csv'
	runs 2 ev-agg --memory 10
	has err 'ev-agg: --memory: a size such as 64M, of 64K at least'
	runs 2 ev-agg -j 0
	has err 'ev-agg: -j: a number from 1 to 256'
	runs 2 ev-agg --top 3
	has err 'ev-agg: --top and --totals want --by'
	runs 2 ev-agg --quantile x
	has err 'ev-agg: --quantile: wants FIELD=FRACTION'
	runs 2 ev-agg --quantile x=0.5,0.9 --by at
	has err "ev-agg: --by: 'at' is a dimension of --quantile's own"
	runs 2 ev-agg --distinct user_id,user_id
	has err 'ev-agg: --distinct: names a field twice'
	runs 2 ev-agg --period year
	has err 'ev-agg: --period: wants day, week or month'
	runs 2 ev-agg --partial --format csv
	has err 'ev-agg: --partial: states have no other form'
	runs 2 ev-agg --wide visitors -m visitors
	has err 'ev-agg: --wide names the metric, -m is for rows'
}

@test "distinct takes a list without a config, too" {
	# It was a property with a comma in its name, and 0.
	{
		ev 5 1 h US A x "2026-11-01 00:00:00" ''
		ev '\N' 1 h US A x "2026-11-01 00:00:00" ''
		ev '\N' 2 h US A x "2026-11-01 00:00:00" ''
	} >e
	runs 0 ev-agg --distinct user_id,logged_out_user_id \
	    --approx logged_out_user_id,user_id e
	cat >want <<-'EOF'
	2026-11-01	approx		2	\N	\N
	2026-11-01	distinct		3	\N	\N
	EOF
	same out want
}
