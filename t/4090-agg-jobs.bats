#!/usr/bin/env bats
# Large files read by several jobs, piece by piece: the same bytes.

load helper
load agg-helper

# Lines of all lengths, so that cuts fall anywhere in one: 20 MB.
prepare() {
	need awk
	awk 'BEGIN { srand(7); pad = sprintf("%3000s", ""); gsub(/ /, "x", pad)
	for (i = 0; i < 40000; i++)
		printf "\\N\t%d\th%d\tUS\tA\tx\t2026-11-0%d 00:00:00\tn=%d&p=%s\n",
		    i % 777, i % 5, i % 3 + 1, i % 100,
		    substr(pad, 1, rand() < .3 ? rand() * 3000 : rand() * 50)
	}' >rows
	[ "$(wc -c <rows)" -gt 16000000 ]
	metrics <<-'EOF'
	hits: {count: events, by: [dim_hostname]}
	people: {distinct: logged_out_user_id}
	n: {sum: n, period: month}
	way: {funnel: [{dim_hostname: h1}, {dim_hostname: h2}], within: 2d, period: week}
	EOF
	runs 0 ev-agg -c m.yaml rows
	cp out want
}

@test "a large file is read in pieces, and the rows are the same" {
	for jobs in 2 3 7; do
		runs 0 ev-agg -v -j "$jobs" -c m.yaml rows
		same out want
		[ "$(grep -c ' events$' err)" -ge 4 ]
		[ "$(grep -c 'rows from byte [0-9]*: [0-9]* events$' err)" -ge 3 ]
		[ "$(sed -n 's/.*: \([0-9]*\) events$/\1/p' err |
		    awk '{ n += $1 } END { print n }')" -eq 40000 ]
	done
	# Other files are read beside it, compressed ones whole.
	gzip -1 <rows >rows.gz
	runs 0 ev-agg -q -c m.yaml rows rows.gz
	cp out want
	runs 0 ev-agg -q -j 3 -c m.yaml rows rows.gz
	same out want
}

@test "the marks of all pieces are those of one stream" {
	stream rows >whole
	runs 0 ev-agg -j 3 -c m.yaml whole
	same out want
	sed '$d' whole >cut
	runs 1 ev-agg -j 3 -c m.yaml cut
	same out want
	has_line err 'ev-agg: cut: the stream was cut: 1 begin and 0 end marks, 0 rows promised, 40000 read'
	[ "$(wc -l <err)" -eq 1 ]
	runs 0 ev-agg -j 3 --no-marks -c m.yaml cut
	same out want
	# A row less, in any piece.
	sed '30000d' whole >less
	runs 1 ev-agg -j 3 -c m.yaml less
	has err 'less: the stream was cut: 1 begin and 1 end marks, 40000 rows promised, 39999 read'
}

@test "what is no event is told with the piece that it is in" {
	sed '30000s/.*/broken/' rows >bad
	runs 1 ev-agg -q -j 2 -o x -c m.yaml bad
	[ ! -e x ]
	from=$(sed -n 's/^ev-agg: bad from byte \([0-9]*\):.*/\1/p' err)
	line=$(sed -n 's/.*from byte [0-9]*:\([0-9]*\): not a record.*/\1/p' err)
	# Counted from the first line that begins there.
	tail -c "+$from" bad | sed "1,${line}d" | head -n 1 >got
	same got <(echo broken)
}

@test "a line longer than a piece, and one without its end, are read" {
	long=$(head -c 9000000 /dev/zero | tr '\0' y)
	{
		head -n 10000 rows
		printf '\\N\t1\th1\tUS\tA\tx\t2026-11-01 00:00:00\tp=%s\n' "$long"
		sed '1,10000d' rows | head -c -1
	} >odd
	runs 0 ev-agg -q -c m.yaml odd
	cp out want
	runs 0 ev-agg -q -j 4 -c m.yaml odd
	same out want
}

@test "stdin is read, not a large file that is called -" {
	tr 0-9 1 <rows >./-
	runs 0 ev-agg -q -j 3 -c m.yaml - <rows
	same out want
}

@test "jobs whose program was killed take no further file" {
	need mkfifo ps
	mkfifo a b c
	ev-agg -q -j 2 -c m.yaml a b c >out 2>err 3>&- &
	program=$!
	# Both are being read; nobody will ever write to the third.
	exec 8>a 9>b
	jobs=$(ps -o pid= --ppid "$program")
	[ "$(wc -w <<<"$jobs")" -eq 2 ]
	kill -KILL "$program"
	wait "$program" || true
	exec 8>&- 9>&-
	for job in $jobs; do
		for i in $(seq 200); do
			kill -0 "$job" 2>/dev/null || continue 2
			sleep 0.1
		done
		kill "$job"
		false
	done
}

@test "partial states of pieces, and pieces of partial states" {
	runs 0 ev-agg -q -c m.yaml --partial rows
	cp out states
	[ "$(wc -c <states)" -gt 9000000 ]
	runs 0 ev-agg -q -j 3 -c m.yaml --partial rows
	same out states
	runs 0 ev-agg -v -j 3 -c m.yaml --merge states
	same out want
}
