#!/usr/bin/env bats
# The metrics of ev-agg, on events whose numbers one can count by hand.

load helper
load agg-helper

prepare() {
	small_site
}

@test "without a config the metrics of ev.yaml(5) are computed" {
	runs 0 ev-agg events.tsv
	cat >want <<-'EOF'
	2026-11-01	purchase_conversion_rate		1	1	1
	2026-11-01	purchases		1	\N	\N
	2026-11-01	signup_conversion_rate		0.25	1	4
	2026-11-01	signups		1	\N	\N
	2026-11-01	traffic_breakdown	referrer	1	\N	\N
	2026-11-01	traffic_breakdown	referrer=	1	\N	\N
	2026-11-01	traffic_breakdown	referrer=Google	2	\N	\N
	2026-11-01	visitors		3	\N	\N
	2026-11-01	visitors_by_country	dim_country	1	\N	\N
	2026-11-01	visitors_by_country	dim_country=DE	1	\N	\N
	2026-11-01	visitors_by_country	dim_country=US	1	\N	\N
	2026-11-01	visitors_by_device	dim_device_brand	1	\N	\N
	2026-11-01	visitors_by_device	dim_device_brand=Apple	2	\N	\N
	2026-11-01	visitors_by_host	dim_hostname=xx.com	2	\N	\N
	2026-11-01	visitors_by_host	dim_hostname=xxx.com	1	\N	\N
	2026-11-01	website_hits		4	\N	\N
	2026-11-02	purchase_conversion_rate		\N	0	0
	2026-11-02	purchases		0	\N	\N
	2026-11-02	signup_conversion_rate		0	0	1
	2026-11-02	signups		0	\N	\N
	2026-11-02	traffic_breakdown	referrer=%28x)	1	\N	\N
	2026-11-02	visitors		0	\N	\N
	2026-11-02	visitors_by_country	dim_country=US	0	\N	\N
	2026-11-02	visitors_by_device	dim_device_brand=Apple	0	\N	\N
	2026-11-02	visitors_by_host	dim_hostname=xx.com	0	\N	\N
	2026-11-02	website_hits		1	\N	\N
	EOF
	same out want
}

@test "rows are in the order of LC_ALL=C sort, whatever that of the input" {
	runs 0 ev-agg events.tsv
	cp out want
	sort -c want
	sort -r events.tsv >reversed
	runs 0 ev-agg reversed
	same out want
	sort -k6 events.tsv >shuffled
	split -l 3 shuffled piece.
	runs 0 ev-agg piece.*
	same out want
}

@test "a day with input prints every total, a day without is missing" {
	metrics <<-'EOF'
	none:  {count: events, where: {action_type: refund}}
	who:   {distinct: user_id, where: {action_type: refund}}
	rate:  {ratio: [none, none]}
	split: {use: none, by: [dim_country]}
	EOF
	runs 0 ev-agg -c m.yaml events.tsv
	printf '2026-11-0%d\t%s\t\t%s\n' 1 none '0	\N	\N' \
	    1 rate '\N	0	0' 1 who '0	\N	\N' 2 none '0	\N	\N' \
	    2 rate '\N	0	0' 2 who '0	\N	\N' >want
	same out want
}

@test "a where accepts one value, a list, NULL and NULL among others" {
	metrics <<-'EOF'
	one:   {count: events, where: {dim_country: US}}
	list:  {count: events, where: {dim_country: [US, FR]}}
	nulls: {count: events, where: {dim_country: ~}}
	both:  {count: events, where: {dim_country: [null, DE]}}
	text:  {count: events, where: {dim_country: "null"}}
	empty: {count: events, where: {referrer: ''}}
	and:   {count: events, where: {dim_country: DE, action_type: signup}}
	EOF
	runs 0 ev-agg -c m.yaml events.tsv
	got=$(for m in one list nulls both text empty and; do
		value out 2026-11-01 $m
	done | tr '\n' ' ')
	[ "$got" = '4 4 1 4 0 1 1 ' ]
	[ "$(value out 2026-11-02 list)" = 2 ]
}

@test "a list of many values is searched as a short one is" {
	{
		printf 'many: {count: events, where: {dim_country: ['
		printf 'X%d, ' $(seq 100)
		printf 'US]}}\n'
	} | metrics
	runs 0 ev-agg -c m.yaml events.tsv
	[ "$(value out 2026-11-01 many)" = 4 ]
}

@test "values of a where are decoded ones, the stream's are encoded" {
	ev '\N' 1 'a&b=c+d' '\N' '\N' 'x%25y' '2026-11-01 00:00:00' \
	    'k%3Dk=a%26b%2B%5C&z=1' >e
	metrics <<-'EOF'
	column:   {count: events, where: {dim_hostname: 'a&b=c+d'}}
	percent:  {count: events, where: {action_type: 'x%y'}}
	property: {count: events, where: {'k=k': 'a&b+\'}}
	by: {count: events, by: ['k=k', dim_hostname, action_type]}
	EOF
	runs 0 ev-agg -c m.yaml e
	cat >want <<-'EOF'
	2026-11-01	by	action_type=x%25y&dim_hostname=a%26b%3Dc%2Bd&k%3Dk=a%26b%2B%5C	1	\N	\N
	2026-11-01	column		1	\N	\N
	2026-11-01	percent		1	\N	\N
	2026-11-01	property		1	\N	\N
	EOF
	same out want
}

@test "dimensions are sorted by their keys, however the config orders them" {
	metrics <<-'EOF'
	ab: {count: events, by: [referrer, dim_country], where: {user_id: 7}}
	ba: {count: events, by: [dim_country, referrer], where: {user_id: 7}}
	EOF
	runs 0 ev-agg -c m.yaml events.tsv
	cat >want <<-'EOF'
	2026-11-01	ab	dim_country=DE&referrer	1	\N	\N
	2026-11-01	ba	dim_country=DE&referrer	1	\N	\N
	EOF
	same out want
}

@test "what no field may hold is encoded in dimensions too" {
	printf '\\N\t1\ta\033[31m\xff\t\\N\t\\N\tx\t2026-11-01 00:00:00\t\n' >e
	runs 0 ev-agg --by dim_hostname e
	has_line out '2026-11-01	count	dim_hostname=a%1B[31m%FF	1	\N	\N'
}

@test "two written forms of one dimension are one row" {
	ev '\N' 1 'a=b' '\N' '\N' x '2026-11-01 00:00:00' 'p=(x' >e
	ev '\N' 2 'a%3Db' '\N' '\N' x '2026-11-01 00:00:00' 'p=%28x' >>e
	runs 0 ev-agg --by dim_hostname,p e
	has_line out '2026-11-01	count	dim_hostname=a%3Db&p=%28x	2	\N	\N'
	[ "$(wc -l <out)" -eq 1 ]
}

@test "distinct is exact for integers, their look-alikes and NULL" {
	for v in 1 01 -1 -0 0 00 +1 9223372036854775807 9223372036854775808 \
	    -9223372036854775808 -9223372036854775809 1e0 '' - '\N' 1 0; do
		ev "$v" "$v" h '\N' '\N' x '2026-11-01 00:00:00' ''
	done >e
	metrics <<-'EOF'
	users: {distinct: user_id}
	by:    {distinct: logged_out_user_id, by: [logged_out_user_id]}
	EOF
	runs 0 ev-agg -c m.yaml e
	[ "$(value out 2026-11-01 users)" = 14 ]
	[ "$(value out 2026-11-01 by logged_out_user_id=-0)" = 1 ]
	[ "$(value out 2026-11-01 by logged_out_user_id)" = 0 ]
	[ "$(wc -l <out)" -eq 16 ]
}

@test "who comes on two days, to two hosts, is counted on each and in each" {
	for d in 1 2 1 2 1; do
		for h in a b a; do
			ev 5 6 $h '\N' '\N' x "2026-11-0$d 00:00:00" q=$h
		done
	done >e
	metrics <<-'EOF'
	all:  {distinct: user_id}
	host: {distinct: user_id, by: [dim_hostname]}
	qs:   {distinct: q}
	EOF
	runs 0 ev-agg -c m.yaml e
	for d in 1 2; do
		[ "$(value out 2026-11-0$d all)" = 1 ]
		[ "$(value out 2026-11-0$d host dim_hostname=a)" = 1 ]
		[ "$(value out 2026-11-0$d host dim_hostname=b)" = 1 ]
		[ "$(value out 2026-11-0$d qs)" = 2 ]
	done
}

@test "distinct agrees with sort -u over many values, days and groups" {
	awk 'BEGIN {
		srand(1)
		for (i = 0; i < 60000; i++) {
			d = 1 + int(rand() * 3)
			v = int(rand() * 20000) - 10000
			printf "\\N\t%d\th%d\t\\N\t\\N\tx\t2026-11-0%d " \
			    "00:00:00\tq=v%d\t2026-11-0%d\n", v,
			    rand() * 3, d, rand() * 30000, d
		}
	}' >e
	metrics <<-'EOF'
	v: {distinct: logged_out_user_id, by: [dim_hostname]}
	q: {distinct: q}
	EOF
	runs 0 ev-agg -c m.yaml e
	{
		cut -f2,3,9 e | sort -u | awk -F'\t' '
		    { n[$3 "\tv\tdim_hostname=" $2]++ }
		    END { for (k in n) print k "\t" n[k] "\t\\N\t\\N" }'
		cut -f8,9 e | sort -u | awk -F'\t' '{ n[$2 "\tq\t"]++ }
		    END { for (k in n) print k "\t" n[k] "\t\\N\t\\N" }'
	} | sort >want
	same out want
}

@test "a ratio keeps numerator and denominator, and its by is its parts'" {
	metrics <<-'EOF'
	hits:    {count: events, where: {action_type: page_view}}
	signups: {count: events, where: {action_type: signup}}
	rate:    {ratio: [signups, hits]}
	by_host: {use: rate, by: [dim_hostname]}
	own:     {ratio: [signups, hits], by: [dim_hostname], where: {bot: null}}
	h:       {use: hits, by: [bot]}
	s:       {use: signups, by: [bot]}
	parts:   {ratio: [s, h]}
	EOF
	runs 0 ev-agg -c m.yaml -m rate -m by_host -m own -m parts events.tsv
	cat >want <<-'EOF'
	2026-11-01	by_host	dim_hostname=xx.com	0.3333333333333333	1	3
	2026-11-01	by_host	dim_hostname=xxx.com	1	1	1
	2026-11-01	own	dim_hostname=xx.com	0	0	2
	2026-11-01	own	dim_hostname=xxx.com	1	1	1
	2026-11-01	parts	bot	0.3333333333333333	1	3
	2026-11-01	parts	bot=ua	1	1	1
	2026-11-01	rate		0.5	2	4
	2026-11-02	by_host	dim_hostname=xx.com	0	0	1
	2026-11-02	own	dim_hostname=xx.com	0	0	1
	2026-11-02	parts	bot	0	0	1
	2026-11-02	rate		0	0	1
	EOF
	same out want
}

# One event each for the numerator, and all for the denominator.
quotient() {
	awk -v n="$1" -v d="$2" 'BEGIN { for (i = 0; i < d; i++)
		print "\\N\t1\th\t\\N\t\\N\t" (i < n ? "n" : "d") \
		    "\t2026-11-01 00:00:00\t" }' |
	    ev-agg -c m.yaml -m q | cut -f4
}

@test "a ratio is the shortest decimal that reads back, without exponent" {
	metrics <<-'EOF'
	n: {count: events, where: {action_type: n}}
	all: {count: events}
	q: {ratio: [n, all]}
	EOF
	[ "$(quotient 1 2)" = 0.5 ]
	[ "$(quotient 2 3)" = 0.6666666666666666 ]
	[ "$(quotient 1 1000)" = 0.001 ]
	[ "$(quotient 1 30000)" = 0.000033333333333333335 ]
	[ "$(quotient 1 100000)" = 0.00001 ]
	[ "$(quotient 5 7)" = 0.7142857142857143 ]
	[ "$(quotient 3 3)" = 1 ]
	sed -i 's/ratio: .*/ratio: [all, n]}/' m.yaml
	[ "$(quotient 3 1000)" = 333.3333333333333 ]
	[ "$(quotient 4 10)" = 2.5 ]
	[ "$(quotient 1 10)" = 10 ]
}

@test "use takes measure and where, and adds to it" {
	metrics <<-'EOF'
	a: {distinct: logged_out_user_id, by: [dim_country]}
	b: {use: a}
	c: {use: a, where: {bot: null}}
	d: {use: c, where: {dim_country: US}}
	EOF
	runs 0 ev-agg -c m.yaml events.tsv
	[ "$(value out 2026-11-01 b)" = 4 ]
	[ "$(value out 2026-11-01 c)" = 3 ]
	[ "$(value out 2026-11-01 d)" = 1 ]
}

@test "-m computes the metrics named, -H prints a header" {
	runs 0 ev-agg -H -m signups -m visitors events.tsv
	cat >want <<-'EOF'
	ds	metric	dimensions	value	numerator	denominator
	2026-11-01	signups		1	\N	\N
	2026-11-01	visitors		3	\N	\N
	2026-11-02	signups		0	\N	\N
	2026-11-02	visitors		0	\N	\N
	EOF
	same out want
}

@test "metrics can be asked for on the command line" {
	runs 0 ev-agg --count --by arg_utm_source --where action_type=signup \
	    events.tsv
	has_line out '2026-11-01	count	arg_utm_source	2	\N	\N'
	[ "$(wc -l <out)" -eq 1 ]
	runs 0 ev-agg --distinct logged_out_user_id --count \
	    --where 'bot=\N,none' --where dim_country=US,DE events.tsv
	cat >want <<-'EOF'
	2026-11-01	count		5	\N	\N
	2026-11-01	distinct		2	\N	\N
	2026-11-02	count		1	\N	\N
	2026-11-02	distinct		0	\N	\N
	EOF
	same out want
	runs 0 ev-agg --by dim_hostname --by ds events.tsv
	has_line out '2026-11-01	count	dim_hostname=xx.com&ds=2026-11-01	5	\N	\N'
}

@test "the command line negates, and knows classes of status" {
	for x in 200 204 301 404 '\N'; do
		ev '\N' 1 h US A "$x" '2026-11-01 00:00:00' "status=$x"
	done | sed 's/status=\\N//' >e
	count() {
		runs 0 ev-agg --count "$@" e
		[ "$(cut -f4 out)" = "$want" ]
	}
	want=2 count --where status=2xx
	want=3 count --where status=2xx,404
	want=1 count --where status=300-399
	want=3 count --where status!=2xx
	want=2 count --where 'status!=2xx,\N'
	want=4 count --where 'status!=\N'
}

@test "what the command line asks for is checked before input is read" {
	runs 2 ev-agg --by dim_contry nosuch
	has err "ev-agg: --by: 'dim_contry' is no column"
	runs 2 ev-agg --by a,b,a
	has err "ev-agg: --by: names a field twice"
	runs 2 ev-agg --by a,
	has err "ev-agg: --by: '' is no name of a column or a property"
	runs 2 ev-agg --distinct other_properties
	has err "ev-agg: --distinct: 'other_properties' is the map itself"
	runs 2 ev-agg --distinct a --distinct b
	has err "ev-agg: --distinct: can be given once"
	runs 2 ev-agg --where signup
	has err "ev-agg: --where: wants FIELD=VALUE"
	runs 2 ev-agg -m visitors --count
	has err "ev-agg: -m is for the metrics of a config"
	runs 2 ev-agg -m visitors -m visitor
	has_line err "ev-agg: no metric is named 'visitor'"
}

@test "a regex that gives up on a value does not match, and says so" {
	metrics <<<"a: {count: events, where: {x: {regex: '^(a+)+\$'}}}"
	{
		ev '\N' 1 h US A x '2026-11-01 00:00:00' \
		    "x=$(printf '%0100d' 0 | tr 0 a)b"
		ev '\N' 1 h US A x '2026-11-01 00:00:00' x=aaa
	} >e
	runs 0 ev-agg -c m.yaml e
	has_line out '2026-11-01	a		1	\N	\N'
	has_line err 'ev-agg: a regex gave up on 1 values, which do not match'
}

@test "hour is that of the time, whatever property has its name" {
	metrics <<-'END'
	a: {count: events, by: [hour]}
	b: {count: events, where: {hour: {min: 9, below: 17}}}
	c: {distinct: hour}
	d: {count: events, where: {hour: null}}
	END
	for time in 00:59:59 09:00:00 16:59:59.999 17:00:00 23:00:00 23:59:59; do
		ev '\N' 1 h US A x "2026-11-01 $time" hour=12
	done >e
	# Such a time is none, and its bytes reach no row.
	for time in '&=' 24 '2:' 30; do
		ev '\N' 1 h US A x "2026-11-01 $time:00:00" ''
	done >>e
	runs 0 ev-agg -c m.yaml e
	cat >want <<-'END'
	2026-11-01	a	hour	4	\N	\N
	2026-11-01	a	hour=00	1	\N	\N
	2026-11-01	a	hour=09	1	\N	\N
	2026-11-01	a	hour=16	1	\N	\N
	2026-11-01	a	hour=17	1	\N	\N
	2026-11-01	a	hour=23	2	\N	\N
	2026-11-01	b		2	\N	\N
	2026-11-01	c		5	\N	\N
	2026-11-01	d		4	\N	\N
	END
	same want out
}
