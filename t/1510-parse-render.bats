#!/usr/bin/env bats
# render(parse(line)) == line: nothing of a line that is taken gets lost.

load helper
load parse-helper

# renders LINES REJECTED FORMAT FILE
renders() {
	runs 0 "$EV_BIN/render" "$3" "$4"
	has_line out "$1 lines, $(($1 - $2)) accepted, $2 rejected"
}

@test "a line with everything odd in it is rendered as it was" {
	{
		line
		line '\x16\x03\x01' 400 '' '\x22\x5C\x00'
		line 'GET /%41?A=b+c HTTP/1.1' 200 'HTTP://X.Test/' ' a  b '
		line '' 400 '-' '' | sed 's/ - - / - a [b] - /; s/+0000/-0330/'
	} >log
	renders 4 0 combined log
	sed 's/^/WWW.xx.com:80 /' log >vhost
	renders 4 0 vhost vhost
}

@test "what would be written in another way is a reject, not a line" {
	for agent in '\x2f' '\x5' '\n' '\\'; do
		line 'GET /' 200 "$agent"
	done >log
	line 'GET /' 200 '\xe4\x5c' >>log
	renders 5 4 combined log
	printf '{"t":1795390132.216,"x":"%s"}\n' '\u000A' '\u001f' '\u0020' \
	    '\x41' '\u001F' >log
	renders 5 4 'escape=json {"t":$msec,"x":"$http_x"}' log
}

@test "a line that is not what was read is found" {
	line 'GET /' 200 '\xE4\x5c' >log
	runs 1 "$EV_BIN/render" combined log
	has err 'render: line 1: read as '
}

# shared FILE FORMAT: one of the logs that the tests may read
shared() {
	[ -n "${EV_SHARED_DATA:-}" ] || skip "EV_SHARED_DATA is not set"
	format=$(sed -n "s/^ log_format $2 *\\(escape=[a-z]* \\)\\{0,1\\}'\\(.*\\)';\$/\\1\\2/p" \
	    "$EV_SHARED_DATA/nginx/nginx.conf")
	renders "$(wc -l <"$EV_SHARED_DATA/nginx/$1.log")" 0 "${format:-$2}" \
	    "$EV_SHARED_DATA/nginx/$1.log"
}

@test "an hour of nginx's combined log is rendered as it was" {
	shared combined combined
}

@test "and its main log" {
	shared main main
}

@test "and its log with the host first" {
	shared vhost vhost
}

@test "and its escape=json" {
	shared json jsn
}

@test "and its TAB-separated log" {
	shared tsvdef tsvdef
}

@test "so is all that is accepted of a real site's log" {
	[ -n "${EV_SHARED_DATA:-}" ] || skip "EV_SHARED_DATA is not set"
	log=$EV_SHARED_DATA/real/elastic-apache_logs.gz
	runs 0 "$EV_BIN/render" combined "$log"
	[ "$(sed 's/ lines.*//' out)" -eq "$(zcat "$log" | wc -l)" ]
	[ "$(sed 's/.* \([0-9]*\) accepted.*/\1/' out)" -gt 9900 ]
}
