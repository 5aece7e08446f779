#!/usr/bin/env bats
# Ten million different values in 64 MiB: exact, and 128 MiB at most.

load helper
load agg-helper

# peak LIMIT-KB CMD...: runs it, and its peak memory is within the limit.
peak() {
	local limit=$1
	shift
	runs 0 env time -f %M -o peak "$@"
	echo "$(cat peak) KB"
	[ "$(cat peak)" -le "$limit" ]
}

@test "ten million visitors in 64 MiB are counted exactly" {
	need time awk
	if grep -q __asan_init "$EV_BIN/ev-agg"; then
		skip 'a sanitizer has memory of its own'
	fi
	awk 'BEGIN { for (i = 0; i < 10000000; i++) {
		v = (i * 7919 + 13) % 10000019
		printf "\\N\t%d%d\th\tUS\tA\tx\t2026-11-0%d 00:00:00\t\n",
		    v + 1e9, v, i % 3 + 1 } }' |
	    peak $((128 * 1024)) ev-agg --distinct logged_out_user_id \
		--period week --memory 64M
	printf '2026-10-26\tdistinct\t\t%d\t\\N\t\\N\n' 3333334 >want
	printf '2026-11-02\tdistinct\t\t%d\t\\N\t\\N\n' 6666666 >>want
	same out want
}

@test "a million groups in 8 MiB are counted exactly" {
	need time awk
	if grep -q __asan_init "$EV_BIN/ev-agg"; then
		skip 'a sanitizer has memory of its own'
	fi
	awk 'BEGIN { for (i = 0; i < 2000000; i++)
		printf "\\N\t%d\th\tUS\tA\tx\t2026-11-01 00:00:00\turi=/p/%d\n",
		    i, i * 7919 % 1000003 }' |
	    peak $((24 * 1024)) ev-agg --by uri --top 2 --totals --memory 8M
	printf '2026-11-01\tcount\t\t2000000\t\\N\t\\N\n' >want
	printf '2026-11-01\tcount\turi=%s\t%d\t\\N\t\\N\n' '(other)' 1999996 \
	    /p/0 2 /p/1 2 >>want
	same out want
}

@test "thousands of runs, merged with those of their size, lose nothing" {
	need awk
	awk 'BEGIN { for (i = 0; i < 200000; i++)
		printf "\\N\t%d\th\tUS\tA\tx\t2026-11-01 00:00:00\turi=/p/%d\n",
		    i, i * 7919 % 100003 }' >events
	runs 0 ev-agg --count --by uri events
	cp out want
	[ "$(grep -c '' want)" -eq 100003 ]
	runs 0 ev-agg -v --memory 64K --count --by uri events
	same out want
	[ "$(grep -c 'in a temporary file' err)" -gt 300 ]
}
