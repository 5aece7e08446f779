#!/usr/bin/env bats
# ev-parse: lines that are no events, and their neighbours.

load helper
load parse-helper

P='192.0.2.7 - - [22/Nov/2026:23:28:52 +0000]'
S='"GET / HTTP/1.1" 200 153 "-" "-"'

@test "each reason is given to the lines that it is for" {
	rejected quote "$P \"GET / HTTP/1.1\" 200 153 \"-\" \"cut" "$P hello"
	rejected escape "$P \"GET /\\\\\\\\y HTTP/1.1\" 200 153 \"-\" \"-\"" \
	    "$P \"GET / HTTP/1.1\" 200 153 \"-\" \"\\\\\\\\x4\"" \
	    "$P \"GET / HTTP/1.1\" 200 153 \"-\" \"\\0351\"" \
	    "$P \"GET / HTTP/1.1\" 200 153 \"\\01\" \"-\""
	rejected nul "$P \"GET /\\0000 HTTP/1.1\" 200 153 \"-\" \"-\""
	rejected time "${P/22/31} $S" "${P/Nov/nov} $S" "${P/23:28:52/24:00:00} $S" \
	    "${P/28:52/28:60} $S" "${P/+/ } $S" "${P/2026/20x6} $S" \
	    "${P/+0000/+2400} $S" || return 1
	rejected status "$P ${S/200/20}" "$P ${S/200/2000}" "$P ${S/200/-}"
	rejected bytes "$P ${S/153/1x3}" "$P ${S/153/}" "$P ${S/153/-1}" \
	    "$P ${S/153/123456789012345678901}"
	rejected address "${P/192.0.2.7/192.0.2.256} $S" "${P/192.0.2.7/host} $S" \
	    "${P/192.0.2.7/1.2.3.4.5} $S" "${P/192.0.2.7/01.2.3.4} $S" \
	    "${P/192.0.2.7/::1::2} $S" "${P/192.0.2.7/} $S"
	rejected format "$P $S more" "${P/ - - / } $S" \
	    hello
}

@test "a raw quote in a value without quotes is a reject, as others' are" {
	for f in '$msec $http_x' 'escape=json $msec $http_x'; do
		echo '1795390132.216 a "b"' | ev-parse -q --rejects rej --format "$f" >out
		[ "$(rows_of rej | cut -f 1)" = quote ]
	done
	echo '1795390132.216 a "b"' | ev-parse -q --format 'escape=none $msec $http_x' >out
	[ "$(counter out events)" = 1 ]
}

@test "a number that is none is a reject, a missing one is not" {
	f='$msec $request_time $connection'
	printf '%s\n' '1.000 0.1 5' '1.000 - -' '1.000 . 5' '1.000 0.1 0x5' '1.00 1 1' >log
	runs 0 ev-parse -q --format "$f" --rejects rej log
	[ "$(rows_of rej | cut -f 1,3 | tr '\t\n' '  ')" = 'number 3 number 4 time 5 ' ]
}

@test "a reject's row has source, number, offset, and all its bytes" {
	{ line; printf 'a\001b%%c\tq"\377\r\n'; line; printf 'cut'; } >'a	log'
	runs 0 ev-parse -q --rejects rej 'a	log'
	printf 'format\ta%%09log\t2\t79\ta%%01b%%25c%%09q"%%FF%%0D\n' >want
	printf 'format\ta%%09log\t4\t170\tcut\n' >>want
	sed -i "s/\t79\t/\t$(line | wc -c)\t/; s/\t170\t/\t$(($(line | wc -c) * 2 + 11))\t/" want
	rows_of rej >got
	same got want
	[ "$(stat -c %a rej)" = 600 ]
	conserved out
}

@test "the summary counts by reason, and -q keeps it back" {
	{ line; echo junk; line | sed s/192/999/; } >log
	runs 0 ev-parse log
	has_line err "ev-parse: rejected 2 of 3 lines, the first at log:2: 1 address (no IP address), 1 format (the format's literals are missing); --rejects FILE keeps them"
	runs 0 ev-parse -q log
	[ ! -s err ]
	conserved out
}

@test "terminal escapes of a log do not reach stderr" {
	printf '\033[31mx\n' >"$(printf 'l\033og')"
	runs 0 ev-parse l*
	not grep "$(printf '\033')" err
	has err 'l\x1Bog:1'
}

@test "--max-rejects exits 3 and leaves no end" {
	{ line; echo junk; echo junk; line; } >log
	for max in 2 50% 100%; do
		runs 0 ev-parse -q --max-rejects $max log
		grep -q '^#end' out
	done
	runs 3 ev-parse --max-rejects 1 --rejects rej log
	has err 'ev-parse: more lines were rejected than --max-rejects allows: 2 of 3'
	not grep '^#end' out
	[ "$(wc -l <rej)" -eq 2 ]
	runs 3 ev-parse --max-rejects 49% log
	not grep '^#end' out
	echo old >kept
	runs 3 ev-parse --max-rejects 0 -o kept log
	[ "$(cat kept)" = old ]
}

@test "the hole of a truncated log is no line, and the one behind it is kept" {
	{ head -c 5000 /dev/zero; line; line; } >log
	runs 0 ev-parse log
	[ "$(counter out events)" = 2 ]
	[ "$(counter out rejected)" = 0 ]
	[ "$(counter out hole_bytes)" = 5000 ]
	head -c 300000 /dev/zero >log
	runs 0 ev-parse log
	[ "$(counter out lines)" = 0 ]
	[ "$(counter out hole_bytes)" = 300000 ]
}

@test "an over-long line is one reject in flat memory, its neighbours stay" {
	{ line; head -c 50000000 /dev/zero | tr '\0' a; echo; line; } >log
	limit='ulimit -v 65536'
	# AddressSanitizer maps terabytes.
	! grep -q __asan_init "$EV_BIN/ev-parse" || limit=:
	($limit; exec ev-parse -q --rejects rej log) >out
	[ "$(counter out events)" = 2 ]
	[ "$(counter out rejected)" = 1 ]
	conserved out
	[ "$(rows_of rej | cut -f 1)" = too_long ]
	[ "$(rows_of rej | cut -f 5 | tr -d '\n' | wc -c)" -eq 50000000 ]
	head -c 3000000 /dev/zero | tr '\0' a >log
	runs 0 ev-parse -q --rejects rej log
	[ "$(rows_of rej | wc -l)" -eq 1 ]
	conserved out
}

@test "a line of almost 1 MiB that is odd throughout is an event or a reject" {
	{
		line "GET /$(head -c 250000 /dev/zero | tr '\0' % | sed 's/%/%25/g') HTTP/1.1"
		line 'GET /?'"$(head -c 300000 /dev/zero | tr '\0' a | sed 's/a/a=\&/g') HTTP/1.1"
		line
	} >log
	runs 0 ev-parse -q --rejects rej log
	conserved out
	[ "$(counter out events)" = 3 ]
}

@test "good lines come out the same among hostile ones" {
	for i in $(seq 1000); do line "GET /$i HTTP/1.1"; done >good
	ev-parse --no-marks good >want
	perl -e 'srand 7; open F, "good"; while (<F>) { print;
		print join("", map { chr(int(rand(255)) + 1) } 1 .. rand 200) =~ tr/\n//dr, "\n";
		my $bad = $_; chomp $bad; substr($bad, rand length $bad, 1) = chr(1 + rand 9); print "$bad\n" }' >log
	runs 0 ev-parse -q --rejects rej log
	conserved out
	grep -v '^#' out | grep -Fxf want >got || true
	sort -u want >a
	sort -u got >b
	same b a
	[ "$(counter out rejected)" -eq "$(rows_of rej | wc -l)" ]
	[ "$(counter out rejected)" -ge 1900 ]
}

@test "rejects decode to the very bytes of the log" {
	perl -e 'srand 3; print join("", map { chr(rand 256) } 1 .. 60) =~ tr/\n\0//dr, "\n" for 1 .. 300' >log
	runs 0 ev-parse -q --rejects rej log
	[ "$(counter out events)" = 0 ]
	rows_of rej | cut -f 5 | perl -pe 's/%(..)/chr hex $1/ge' >got
	same got log
}

@test "a closed pipe and a file too large leave no temporary file behind" {
	yes '127.0.0.1 - - [22/Nov/2026:23:28:52 +0000] "GET / HTTP/1.1" 200 1 "-" "-"' |
	    head -n 20000 >log
	ev-parse -q --rejects r log | head -n 1 >first
	[ -s first ]
	(ulimit -f 100; ev-parse -q -o x log) 2>err || true
	[ ! -e x ]
	[ -z "$(find . -name '.*.tmp')" ]
}
