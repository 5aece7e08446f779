load helper
load parse-helper

# What one thread and several make of a log: parse-small is ev-parse whose
# threads have blocks of 700 bytes, so that all borders are met.


json='escape=json {"time":"$time_iso8601","addr":"$remote_addr","request":"$request","status":$status,"bytes":$body_bytes_sent,"referer":"$http_referer","agent":"$http_user_agent"}'

# alike LOG [OPTION...]: the same events, marks, rejects and exit of each
alike() {
	local log=$1 jobs status
	shift

	status=0
	ev-parse -j 1 -q --rejects one.rejects "$@" "$log" >one.events \
	    2>one.err || status=$?
	for jobs in 2 3 8; do
		runs "$status" parse-small -j $jobs -q --rejects rejects "$@" \
		    "$log"
		same one.events out
		same one.rejects rejects
	done
	# The one that is installed, too.
	runs "$status" ev-parse -j 4 -q --rejects rejects "$@" "$log"
	same one.events out
	same one.rejects rejects
}

@test "threads do read these, in small blocks" {
	perl "$T/bench/mkbench" 300 >log
	ev-parse -q log >events
	runs 0 parse-small -v -j 3 log
	grep -q ': 3 threads read ahead' err
}

@test "hostile lines: events, rejects, numbers and marks are one thread's" {
	perl "$T/bench/mkbench" 3000 time >seed
	parse-hostile 40000 seed >log
	alike log
	[ "$(wc -l <one.rejects)" -gt 4000 ]
	[ "$(grep -vc '^#' one.events)" -gt 4000 ]
	conserved one.events
}

@test "so in escape=json, in an archive, and where rules drop lines" {
	perl "$T/bench/mkbench" 3000 json >seed
	parse-hostile 20000 seed >log
	gzip -k log
	alike log.gz --format "$json"
	perl "$T/bench/mkbench" 20000 shuffled >log
	cat >ev.yaml <<-'END'
	properties: {args: ['*'], variables: [request, args]}
	actions:
	  - {action: static, uri: '\.(css|js|png)$', drop: true}
	  - {action: lesson, uri: '^/les+ons/\d+'}
	END
	alike log -c ev.yaml
	[ "$(counter one.events dropped)" -gt 1000 ]
}

# bytes N: so many of a line
bytes() {
	head -c "$1" /dev/zero | tr '\0' a
}

@test "lines about as long as a block, and as the longest" {
	for n in 250 299 300 301 390 400 401 690 699 700 701 999 1000 1001 \
	    1399 1400 1401 5000 1048570 1048575 1048576 1048577 2097152; do
		line
		line "GET /$(bytes 7) HTTP/1.1"
		bytes "$n"
		echo
		line "GET /$n HTTP/1.1"
	done >log
	for n in 1 100 300 500 700 900 3000; do
		printf '192.0.2.7 - - [22/Nov/2026:23:28:52 +0000] "GET /'
		bytes "$n"
		printf ' HTTP/1.1" 200 1 "-" "-"\n'
		line "GET /$n HTTP/1.1"
	done >>log
	alike log
	[ "$(counter one.events events)" -eq 83 ]
	[ "$(counter one.events rejected)" -eq 23 ]
}

@test "holes, empty lines, CR, and a last line without its LF" {
	for i in $(seq 40); do
		line
		head -c $((i * 37)) /dev/zero
		line "GET /hole HTTP/1.1"
		echo
		line "GET /cr HTTP/1.1" | sed 's/$/\r/'
	done >log
	line "GET /last HTTP/1.1" | tr -d '\n' >>log
	alike log
	[ "$(counter one.events events)" -eq 121 ]
	[ "$(counter one.events hole_bytes)" -eq $((37 * 820)) ]
	bytes 3000 >log
	alike log
	head -c 3000 /dev/zero >log
	alike log
}

@test "a pipe, in pieces of all lengths" {
	perl "$T/bench/mkbench" 3000 time >seed
	parse-hostile 10000 seed >log
	ev-parse -j 1 -q --rejects one.rejects - <log >one.events
	for jobs in 2 3; do
		cat log | parse-small -j $jobs -q --rejects rejects - >out
		same one.events out
		same one.rejects rejects
		perl -e '$| = 1; while (read STDIN, $b, 1 + int rand 3000) {
			print $b }' <log | parse-small -j $jobs -q - >out
		same one.events out
	done
}

@test "who waits for a pipe's writer ends when there is nothing to wait for" {
	perl "$T/bench/mkbench" 20 >log
	yes garbage | head -n 20 >>log
	mkfifo pipe hold
	exec 8<>hold
	# Holds the pipe open until the test is over.
	{ cat log hold; } >pipe 3>&- 8>&- &
	runs 3 timeout 60 parse-small -j 3 -q --max-rejects 3 - <pipe
	exec 8>&-
	wait
}

@test "several files, one after the other" {
	for i in 1 2 3; do
		perl "$T/bench/mkbench" "${i}0" >log.$i
	done
	ev-parse -j 1 -q log.1 log.2 log.3 >one
	runs 0 parse-small -j 3 -q log.1 log.2 log.3
	same one out
}

@test "a threshold stops at the same line" {
	perl "$T/bench/mkbench" 20000 >log
	alike log --max-rejects 7
	[ "$(wc -l <one.rejects)" -eq 8 ]
}

@test "a truncated archive: what came before it, exit 1" {
	perl "$T/bench/mkbench" 20000 | gzip >log.gz
	truncate -s -1000 log.gz
	alike log.gz
	not grep -q '^#end' one.events
	[ "$(grep -vc '^#' one.events)" -gt 19000 ]
}

@test "--resume goes on where the table ends" {
	perl "$T/bench/mkbench" 4000 >all
	head -n 1500 all >log
	ev-parse -q log | ev-partition -q --raw facts
	cp all log
	alike log --resume facts
	[ "$(counter one.events skipped)" -eq 1500 ]
}

@test "a full disk ends the run" {
	perl "$T/bench/mkbench" 100000 >log
	ev-parse -q -j 4 log >/dev/full 2>err && return 1
	grep -q 'No space left' err
}

@test "-j wants a number of threads" {
	for n in 0 9 -1 x ''; do
		runs 2 ev-parse -j "$n" /dev/null
		grep -q '^ev-parse: -j: a number from 1 to 8' err
	done
}
