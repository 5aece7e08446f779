#!/usr/bin/env bats
# ev-parse --replay: the rejects, read again after the config was mended.

load helper
load parse-helper

@test "what was rejected by a wrong format is an event by the right one" {
	for i in 1 2 3; do
		line "GET /$i%25%09?a=b HTTP/1.1" 200 '\xE4 ' 'a+b\x22'
	done >log
	sed 's/$/ rt=0.1/' log | sed 's/$/\r/' >new
	cat log new >both
	runs 0 ev-parse -q --rejects rej both
	[ "$(counter out rejected)" -eq 3 ]
	format='$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time'
	runs 0 ev-parse --replay rej --format "$format"
	conserved out
	[ "$(counter out events)" -eq 3 ]
	[ ! -s err ]
	grep -v '^#' out >got
	ev-parse --no-marks --format "$format" new >want
	same got want
}

@test "what is rejected again keeps its reason, source, number and bytes" {
	{
		line
		printf 'a\001b%%c\tq"\377\r\n'
		line 'GET / HTTP/1.1' 20
		printf 'x\000y\n'
		perl -e 'print "y" x 1200000, "\n", "z" x 5000000, "\n"'
		printf '%%41'
	} >'a	log'
	runs 0 ev-parse -q --rejects rej 'a	log'
	[ "$(cut -f 1 rej | tr '\n' ' ')" = 'format status nul too_long too_long format #source ' ]
	runs 0 ev-parse --replay rej --rejects again
	same rej again
	has err 'ev-parse: rejected 6 of 6 lines, the first at a\x09log:2: '
	conserved out
	# In place, too.
	runs 0 ev-parse -q --replay rej --rejects rej
	same rej again
	gzip -c rej >rej.gz
	runs 0 ev-parse -q --replay rej.gz --rejects again
	same rej again
}

@test "a line of bytes that all are encoded fits as it did" {
	perl -e 'print "\xff" x (1 << 20), "\r\n"' >log
	runs 0 ev-parse -q --rejects rej log
	[ "$(head -n 1 rej | cut -f 1)" = escape ] || [ "$(head -n 1 rej | cut -f 1)" = format ]
	runs 0 ev-parse -q --replay rej --rejects again
	same rej again
	need time
	command time -f %M -o rss ev-parse -q --replay rej --rejects again
	[ "$(cat rss)" -lt 65536 ] || [ -n "$(nm -D "$EV_BIN/ev-parse" | grep -m 1 asan)" ]
}

@test "the rules of --max-rejects hold, and an empty file is complete" {
	echo junk >log
	ev-parse -q --rejects rej log >events
	runs 3 ev-parse --replay rej --max-rejects 0
	not grep '^#end' out
	: >none
	runs 0 ev-parse --replay none
	[ "$(counter out lines)" = 0 ]
	conserved out
}

@test "what is no rejects file is an error with its line" {
	echo junk >log
	ev-parse -q --rejects rej log >events
	for row in 'junk' 'format	log	1	0' 'bogus	log	1	0	x' 'format	log	x	0	x' \
	    'format	log	1	-1	x' 'format	log	1	0	x	y' ''; do
		{ cat rej; printf '%s\n' "$row"; } >bad
		runs 1 ev-parse -q --replay bad
		has_line err 'ev-parse: bad:3: not a row of a rejects file'
		not grep '^#end' out
	done
	runs 1 ev-parse --replay nowhere
	has err 'ev-parse: nowhere: '
	runs 2 ev-parse --replay rej log
	has err 'ev-parse: --replay takes no further files'
}

@test "good lines and replayed ones together are the whole log" {
	for i in $(seq 200); do
		line "GET /$i HTTP/1.1"
		line "GET /$i HTTP/1.1" | sed 's/^/a.test /'
	done >log
	ev-parse -q --no-marks --rejects rej log >a
	ev-parse -q --no-marks --format vhost --replay rej >b
	ev-parse -q --no-marks --format vhost --rejects rej2 log >c
	ev-parse -q --no-marks --replay rej2 >d
	sort a b >want
	sort c d >got
	[ "$(wc -l <got)" -eq 400 ]
	same got want
}
