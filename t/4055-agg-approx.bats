#!/usr/bin/env bats
# How far the approximate distinct counts are off.

load helper
load agg-helper

@test "the error of HyperLogLog is what is promised, from 1 to 10,000,000" {
	"$EV_BIN/hll-test" ${EV_SOAK:+20}
}

@test "an approximate count is within 8 percent, in each group" {
	need awk
	# Five standard errors.
	awk 'BEGIN { for (i = 0; i < 60000; i++)
		printf "\\N\t%d\th\tUS\tA\tx\t2026-11-01 00:00:00\tk=%d\n",
		    (i * 7919 + 13) % 60013, i % 50 ? i % 3 : 3 }' >e
	runs 0 ev-agg --distinct logged_out_user_id --by k e
	cut -f3,4 out >exact
	runs 0 ev-agg --approx logged_out_user_id --by k e
	cut -f3,4 out | join -t '	' exact - |
	    awk -F'\t' '{ e = ($3 - $2) / $2; print; n++ }
		e < -.08 || e > .08 { bad = 1 }
		END { exit bad || n != 4 }'
}

@test "a value that a column and a property write unlike is one, roughly, too" {
	{
		ev '\N' 1 'a&b' US A x "2026-11-01 00:00:00" ''
		ev '\N' 1 '\N' US A x "2026-11-01 00:00:00" 'k=a%26b'
		ev '\N' 1 '(x' US A x "2026-11-01 00:00:00" ''
		ev '\N' 1 '\N' US A x "2026-11-01 00:00:00" 'k=(x'
	} >e
	metrics <<-'EOF'
	approx: {distinct: [dim_hostname, k], approx: true}
	distinct: {distinct: [dim_hostname, k]}
	EOF
	runs 0 ev-agg -c m.yaml e
	cut -f4 out >got
	printf '2\n2\n' | same got -
}
