#!/usr/bin/env bats
# ev-parse: from a line to an event, without a config.

load helper
load parse-helper

T1='\N	\N	\N	\N	\N'

@test "a rotated set is read oldest first, however it is named" {
	at() {
		line "GET /$1 HTTP/1.1" | sed "s/23:28:52/$1:00:00/"
	}
	at 23 >access.log
	{ echo garbage; at 22; at 20; } >access.log.1
	at 21 | gzip >access.log.2.gz
	at 19 | gzip >access.log.10.gz
	: >access.log.3
	runs 0 ev-parse -q access.log*
	[ "$(property uri <out | tr -d '\n')" = /19/21/22/20/23 ]
	[ "$(counter out lines)" -eq 6 ]

	# As named where one is no file: stdin's turn is where its operand is.
	runs 0 sh -c 'ev-parse -q access.log - access.log.10.gz <access.log.1'
	[ "$(property uri <out | tr -d '\n')" = /23/22/20/19 ]
}

@test "a line of a combined log is one event" {
	line 'GET /a?ref=x HTTP/1.1' 200 'https://t.co/a' 'curl/8' >log
	runs 0 ev-parse --no-marks log
	printf '%s\tpage_view\t2026-11-22 23:28:52\targ_ref=x&body_bytes_sent=153&http_referer=https://t.co/a&http_user_agent=curl/8&remote_addr=192.0.2.7&request_method=GET&status=200&uri=/a\t2026-11-22\n' \
	    "$T1" >want
	same out want
	[ ! -s err ]
}

@test "the marks say what was read, and the identity is xxhsum's" {
	line >log
	line 'GET /b HTTP/1.1' >>log
	runs 0 ev-parse log
	[ "$(head -n 1 out)" = "$(printf '#begin\tversion=1\tcolumns=user_id,logged_out_user_id,dim_hostname,dim_country,dim_device_brand,action_type,event_timestamp,other_properties,ds')" ]
	[ "$(counter out rows)" = 2 ]
	[ "$(counter out lines)" = 2 ]
	n=$(wc -c <log)
	case $(counter out source) in
	????????????????????????????????",$n,0,$n,log") ;;
	*) false ;;
	esac
	counter out settings | grep -qE '^parse:[0-9a-f]{32}$'
	need xxhsum
	[ "$(counter out source | cut -d , -f 1)" = "$(xxhsum -q -H2 log | cut -d ' ' -f 1)" ]
}

@test "the settings' hash follows what shapes an event, and nothing else" {
	line >log
	echo 'site: {default_host: a.test}' >a.yaml
	printf 'site:\n  # a comment\n  default_host: "a.test"\n' >same.yaml
	printf 'site: {default_host: a.test}\npartition: {compress: gzip}\n' >other.yaml
	echo 'site: {default_host: b.test}' >b.yaml
	for f in a same other b; do
		ev-parse -c $f.yaml log >$f
	done
	[ "$(counter a settings)" = "$(counter same settings)" ]
	[ "$(counter a settings)" = "$(counter other settings)" ]
	[ "$(counter a settings)" != "$(counter b settings)" ]
}

@test "no input is no event, and complete" {
	: >log
	runs 0 ev-parse log
	[ "$(wc -l <out)" -eq 2 ]
	[ "$(counter out lines)" = 0 ]
	conserved out
	runs 0 ev-parse </dev/null
	[ "$(counter out source | cut -d , -f 5)" = stdin ]
}

@test "the last line may lack its line feed" {
	line | tr -d '\n' >log
	runs 0 ev-parse log
	[ "$(counter out events)" = 1 ]
}

@test "a CR before the LF is not part of the line" {
	line >lf
	sed 's/$/\r/' lf >crlf
	ev-parse --no-marks lf >want
	ev-parse --no-marks crlf >got
	same got want
}

@test "empty lines are dropped and counted" {
	{ echo; line; printf '\r\n'; line; } >log
	runs 0 ev-parse log
	[ "$(counter out dropped)" = 2 ]
	[ "$(counter out events)" = 2 ]
	conserved out
}

@test "two identical requests in one second are two events" {
	{ line; line; } >log
	runs 0 ev-parse --no-marks log
	[ "$(wc -l <out)" -eq 2 ]
}

@test "gzip of several members, zstd and plain give the same events" {
	need zstd
	line >a
	line 'POST /b HTTP/1.1' >b
	cat a b >log
	{ gzip -c a; gzip -c b; } >log.gz
	zstd -q log
	ev-parse --no-marks log >want
	for f in log.gz log.zst; do
		mv $f renamed
		ev-parse renamed >got
		grep -v '^#' got >events
		same events want
		ev-parse log >plain
		[ "$(counter got source | cut -d , -f 1-4)" = \
		    "$(counter plain source | cut -d , -f 1-4)" ]
	done
}

@test "of a truncated archive all before the cut is there, without an end" {
	for i in $(seq 2000); do line "GET /$i?$RANDOM$RANDOM HTTP/1.1"; done >log
	gzip -c log >log.gz
	head -c $(($(wc -c <log.gz) / 2)) log.gz >cut.gz
	runs 1 ev-parse cut.gz
	has err 'ev-parse: cut.gz:'
	[ "$(grep -vc '^#' out)" -gt 100 ]
	not grep '^#end' out
	ev-parse --no-marks log | head -n "$(grep -vc '^#' out)" >want
	grep -v '^#' out >got
	same got want
	echo old >result
	runs 1 ev-parse -o result cut.gz
	[ "$(cat result)" = old ]
}

@test "of a corrupt zstd file all before the bad block is there" {
	need zstd
	seq 9000 | awk '{
		printf "192.0.2.7 - - [22/Nov/2026:23:28:52 +0000] \"GET /%d " \
		    "HTTP/1.1\" 200 %d \"-\" \"-\"\n", $1, $1 * 7919 % 65537
	}' >l
	zstd -q l
	n=$(($(wc -c <l.zst) * 3 / 4))
	head -c $n l.zst >cut.zst
	(cat cut.zst; head -c 200000 /dev/zero | tr '\0' '\377') >bad.zst
	runs 1 ev-parse -q cut.zst
	mv out want
	[ "$(wc -l <want)" -gt 2000 ]
	for j in 1 2; do
		runs 1 ev-parse -q -j $j bad.zst
		has err 'bad.zst: the zstd file is corrupt'
		mv out out.$j
		# Nobody sees that a block is bad that can be decoded.
		head -n "$(wc -l <want)" out.$j >got
		same want got
	done
	same out.1 out.2
}

@test "several files are one stream, with a source each" {
	line >a
	line 'GET /b HTTP/1.1' >b
	runs 0 ev-parse a - b <a
	[ "$(grep -c '^#begin' out)" -eq 1 ]
	[ "$(grep '^#end' out | tr '\t' '\n' | grep -c '^source=')" -eq 3 ]
	[ "$(counter out rows)" = 3 ]
}

@test "a file that is missing is an error and the stream has no end" {
	line >a
	runs 1 ev-parse a nowhere
	has err 'ev-parse: nowhere: '
	not grep '^#end' out
	runs 1 ev-parse .
	[ -s err ]
}

@test "-H begins with the names of the columns" {
	line >log
	runs 0 ev-parse -H --no-marks log
	[ "$(head -n 1 out | cut -f 1,8,9)" = "$(printf 'user_id\tother_properties\tds')" ]
}

@test "a full disk and a closed pipe are noticed" {
	for i in $(seq 3000); do line; done >log
	got=0
	ev-parse log >/dev/full 2>err || got=$?
	[ $got -eq 1 ]
	has err 'ev-parse: stdout: '
	sed 's/^/junk/' log >junk
	runs 1 ev-parse --rejects /dev/full junk
	has err 'ev-parse: /dev/full: '
	not grep '^#end' out
	set +o pipefail
	ev-parse log log log | head -n 1 >first
	[ "$(wc -l <first)" -eq 1 ]
}

@test "-o is there whole or not at all" {
	line >log
	runs 0 ev-parse -o events log
	[ ! -s out ]
	ev-parse log >want
	same events want
}

@test "usage errors exit 2 and read nothing" {
	runs 2 ev-parse --bogus
	has err 'usage: ev-parse '
	runs 2 ev-parse --max-rejects many
	has err "ev-parse: --max-rejects: 'many' is neither a number nor a percentage"
	runs 2 ev-parse --max-rejects 101%
	runs 2 ev-parse --max-rejects ''
	runs 2 ev-parse --rejects -
	has err 'ev-parse: --rejects needs a file: stdout has the events'
	line x >log
	runs 2 ev-parse --rejects /dev/stdout log
	[ ! -s out ]
	# With -o it has not.
	runs 0 ev-parse -q --rejects /dev/stdout -o events log
	runs 2 ev-parse -c nowhere.yaml
	has err 'nowhere.yaml'
	runs 2 ev-parse --format bogus
	has_line err "ev-parse: --format: unknown format 'bogus': known are combined, main, vhost, ingress, and any string with \$variables"
	runs 0 ev-parse --help
	has out 'usage: ev-parse '
	runs 0 ev-parse -V
	runs 0 ev-parse --check
}

@test "without a config files are static, / a landing page, HEAD no view" {
	{
		line
		line 'HEAD / HTTP/1.1'
		line 'GET /x HTTP/1.1' 304
		line 'GET /x HTTP/1.1' 404
		line 'POST /x HTTP/1.1'
		line 'GET /app.js HTTP/1.1'
		line 'GET /app.js/ HTTP/1.1'
		line 'GET //?a=b HTTP/1.1' 206
	} >log
	ev-parse log | column 6 >got
	printf '%s\n' landing_page other page_view other other static page_view \
	    landing_page >want
	same got want
}

@test "a time with an offset is written in UTC" {
	sed 's/+0000/-0130/' <<<"$(line)" >log
	sed 's,22/Nov/2026:23:28:52 +0000,01/Mar/2024:00:10:00 +0200,' <<<"$(line)" >>log
	ev-parse log | column 7,9 >got
	printf '2026-11-23 00:58:52\t2026-11-23\n2024-02-29 22:10:00\t2024-02-29\n' >want
	same got want
}
