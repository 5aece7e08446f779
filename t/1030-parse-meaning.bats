#!/usr/bin/env bats
# ev-parse: what columns and properties mean.

load helper
load parse-helper

# becomes REQUEST STATUS PROPERTY VALUE
becomes() {
	line "$1" "$2" >log
	runs 0 ev-parse log
	got=$(property "$3" <out)
	if [ "$got" != "$4" ]; then
		echo "$1: $3 is $got, not $4"
		return 1
	fi
}

uri() {
	becomes "GET $1 HTTP/1.1" 200 uri "$2"
}

@test "uri is nginx's: decoded once, dot segments, merged slashes" {
	uri /a/b /a/b
	uri /a%2Fb /a/b
	uri /%2561 /%2561
	uri /%7Ex%20y '/~x y'
	uri //a///b/ /a/b/
	uri /a/./b/../c /a/c
	uri /a/b/.. /a/
	uri /a/b/. /a/b/
	uri /a/.b/..c/... /a/.b/..c/...
	uri '/a%2e%2e/b' '/a../b'
	uri '/a/%2e%2E/b' /b
	uri '/a?b/../c' /a
	uri '/a#b?c' /a
	uri '/%3Fa%23' '/?a#'
	uri '/caf\xC3\xA9' /café
	uri '/caf\xE9' /caf%E9
	uri '/a+b' /a%2Bb
	uri http://evil.test/x /x
	uri http://evil.test /
}

@test "a path that nginx answers with 400 leaves the request" {
	for path in /.. /a/../../b /%0g /% /%4 /a%00b; do
		becomes "GET $path HTTP/1.1" 400 uri '\N'
		becomes "GET $path HTTP/1.1" 400 request "$(sed 's/%/%25/g' <<<"GET $path HTTP/1.1")"
		becomes "GET $path HTTP/1.1" 400 request_method GET
	done
}

@test "what is no request line is an event, with its bytes" {
	becomes '\x16\x03\x01' 400 request '%16%03%01'
	becomes '' 400 request ''
	becomes 'hello' 400 request hello
	becomes 'get / HTTP/1.1' 400 request 'get / HTTP/1.1'
	becomes 'GET / x y HTTP/1.1' 400 request 'GET / x y HTTP/1.1'
	becomes 'GET / x y HTTP/1.1' 400 request_method '\N'
	becomes 'GET /x y HTTP/1.1' 200 uri '/x y'
	becomes '-' 400 request '\N'
	becomes 'OPTIONS * HTTP/1.0' 400 request 'OPTIONS * HTTP/1.0'
	[ "$(column 6 <out)" = other ]
	becomes 'GET /' 200 uri /
	becomes 'GET / HTTP/1.1' 200 request '\N'
}

@test "arguments: the first of a name, in lower case, decoded, denied ones not" {
	line 'GET /?UTM_Source=a%26b+c&utm_source=x&gclid&ref=&utm_token=t&=v&&utm_%3D=k&zz=1 HTTP/1.1' >log
	runs 0 ev-parse log
	[ "$(column 8 <out | tr '&' '\n' | grep ^arg_ | tr '\n' ' ')" = \
	    'arg_ref= arg_utm_%253d=k arg_utm_source=a%26b c ' ]
}

@test "at most 64 properties are chosen by glob, and the rest is counted" {
	line "GET /?$(for i in $(seq 100); do printf 'utm_%d=1&utm_%d=2&' $i $i; done) HTTP/1.1" >log
	runs 0 ev-parse log
	[ "$(column 8 <out | tr '&' '\n' | grep -c '^arg_utm_[0-9]*=1$')" -eq 64 ]
	[ "$(counter out properties_dropped)" -eq 72 ]
}

@test "names that the format logs have room, however long, and are written once" {
	local names i

	names=$(for i in {1..60}; do printf 'cookie_%0250d ' "$i"; done)
	{
		echo "log: {format: '\$msec$(printf ' "$%s"' $names)'}"
		echo "properties: {cookies: ['*'], variables: [${names// /, }${names// /, }${names// /, }]}"
	} >c.yaml
	for i in {1..40}; do echo "1.000$(printf ' "%d"' {1..60})"; done >log
	runs 0 ev-parse --no-marks -c c.yaml log
	[ "$(wc -l <out)" = 40 ]
	column 8 <out | sort -u >got
	i=1
	for name in $names; do printf '%s=%d\n' "$name" $((i++)); done | paste -sd '&' >want
	same got want
}

@test "keys of every map are sorted and unique" {
	cat >c.yaml <<-'E'
	log: {format: '$msec "$request" "$http_cookie" $arg_b $http_a_$pid'}
	properties: {args: ['*'], cookies: ['*'], deny: [],
	  variables: [args, request_uri, server_protocol, pid, request, arg_b, cookie_z]}
	E
	perl -e 'srand 5; for (1 .. 500) {
		my $n = sub { join "", map { ("a" .. "f", "-", "_", "%", "=", "+")[rand 11] } 1 .. rand 6 };
		printf "1795390132.216 \"GET /x?%s HTTP/1.1\" \"%s\" - a_7\n",
		    join("&", map { $n->() . "=" . $n->() } 1 .. rand 9),
		    join("; ", map { $n->() . "=" . $n->() } 1 .. rand 9) }' >log
	sed -i "s/ \$http_a_/ /" c.yaml
	sed -i 's/ a_7$/ 7/' log
	runs 0 ev-parse -c c.yaml log
	[ "$(counter out events)" = 500 ]
	column 8 <out | perl -ne 'chomp; my @k = map { s/=.*//r } split /&/;
		my %h; for (1 .. $#k) { die "$_" if $k[$_] le $k[$_ - 1] }'
}

@test "cookies and arguments are properties and user ids by their names" {
	cat >c.yaml <<-'E'
	log: {format: '$msec "$request" "$http_cookie"', user_id: cookie_uid}
	properties: {args: [], cookies: [lang], variables: [arg_token, cookie_b]}
	E
	{
		echo '1.000 "GET /?token=a&x=1 HTTP/1.1" "lang=de; UID=42;b=c=d; b=e"'
		echo '1.000 "GET / HTTP/1.1" "uid=9223372036854775807"'
		echo '1.000 "GET / HTTP/1.1" "uid=9223372036854775808"'
		echo '1.000 "GET / HTTP/1.1" "uid=-5"'
		echo '1.000 "GET / HTTP/1.1" "xuid=1; uid=x1"'
		echo '1.000 "GET / HTTP/1.1" "-"'
	} >log
	runs 0 ev-parse -c c.yaml log
	[ ! -s err ]
	column 1 <out >got
	printf '%s\n' 42 9223372036854775807 '\N' -5 '\N' '\N' >want
	same got want
	[ "$(column 8 <out | head -n 1)" = \
	    'arg_token=a&cookie_b=c%3Dd&cookie_lang=de&request_method=GET&uri=/' ]
}

@test "a user id's variable is named in any case, as nginx does" {
	for name in cookie_SessionId arg_UserID; do
		echo "log: {format: '\$msec \"\$request\" \"\$http_cookie\"', user_id: $name}" >c.yaml
		echo '1.000 "GET /?userid=7 HTTP/1.1" "SESSIONID=7"' >log
		runs 0 ev-parse -c c.yaml log
		[ ! -s err ]
		[ "$(column 1 <out)" = 7 ]
	done
}

@test "a regex takes the user id out of its variable" {
	cat >c.yaml <<-'E'
	log:
	  format: '$msec "$request" "$http_cookie"'
	  user_id: {variable: cookie_session, match: '^(?:u(\d+)|guest-(-?\d+))\.'}
	E
	{
		echo '1.000 "GET / HTTP/1.1" "a=1; session=u42.Zm9v"'
		echo '1.000 "GET / HTTP/1.1" "session=guest--7.x"'
		echo '1.000 "GET / HTTP/1.1" "session=42"'
		echo '1.000 "GET / HTTP/1.1" "session=u9223372036854775808.x"'
		echo '1.000 "GET / HTTP/1.1" "session=u."'
		echo '1.000 "GET / HTTP/1.1" "-"'
	} >log
	runs 0 ev-parse -c c.yaml log
	[ ! -s err ]
	column 1 <out >got
	printf '42\n-7\n\\N\n\\N\n\\N\n\\N\n' >want
	same want got
	runs 0 ev-parse -c c.yaml --explain
	has out 'cookie_session of $http_cookie, the group of'

	echo "log: {user_id: {variable: arg_u, match: 'u[0-9]+'}}" >bad.yaml
	runs 2 ev-parse -c bad.yaml log
	has err "bad.yaml:1:41: match: 'u[0-9]+' has no group"
	echo "log: {user_id: {match: 'u([0-9]+)'}}" >bad.yaml
	runs 2 ev-parse -c bad.yaml log
	has err "bad.yaml:1:16: user_id: a map without 'variable'"
}

@test "a user id's regex that runs away finds nothing, and soon" {
	cat >c.yaml <<-'E'
	log: {format: '$msec "$request" "$http_cookie"', user_id: {variable: cookie_s, match: '(?:(?:a+)+)+b(\d)'}}
	E
	echo "1.000 \"GET / HTTP/1.1\" \"s=$(printf 'a%.0s' {1..5000})\"" >log
	runs 0 timeout 60 ev-parse -c c.yaml log
	[ "$(column 1 <out)" = '\N' ]
}

@test "HEAD and what a browser fetches ahead are marked, and are no page views" {
	cat >c.yaml <<-'E'
	log: {format: '$msec "$request" $status "$http_sec_purpose" "$http_x_moz"'}
	E
	{
		echo '1.000 "GET / HTTP/1.1" 200 "-" "-"'
		echo '1.000 "HEAD / HTTP/1.1" 200 "-" "-"'
		echo '1.000 "GET / HTTP/1.1" 200 "prefetch" "-"'
		echo '1.000 "GET /a HTTP/1.1" 200 "prefetch;prerender" "-"'
		echo '1.000 "GET /a HTTP/1.1" 200 "-" "Prefetch"'
		echo '1.000 "GET /a.css HTTP/1.1" 200 "prefetch" "-"'
		echo '1.000 "GET /a HTTP/1.1" 200 "audioworklet" "-"'
	} >log
	runs 0 ev-parse -c c.yaml log
	column 6 <out >got
	printf '%s\n' landing_page other other other other static page_view >want
	same want got
	property prefetch <out >got
	printf '%s\n' '\N' '\N' prefetch prerender prefetch prefetch '\N' >want
	same want got
	property request_method <out | sed -n 2p | grep -qx HEAD

	# A rule may ask for them, and one that drops drops them, too.
	cat >>c.yaml <<-'E'
	actions:
	  - {action: static, uri: '\.css$', drop: true}
	  - {action: page_view, method: GET}
	  - {action: speculative, prefetch: true}
	E
	runs 0 ev-parse -c c.yaml log
	column 6 <out >got
	printf '%s\n' page_view speculative speculative speculative speculative page_view >want
	same want got
}

@test "what the format cannot give is said, and is NULL" {
	printf 'log: {user_id: cookie_uid}\nproperties: {variables: [request_id]}\n' >c.yaml
	line >log
	runs 0 ev-parse -c c.yaml log
	has_line err 'ev-parse: the log format does not give: user_id cookie_uid, property request_id'
	[ "$(column 1 <out)" = '\N' ]
}

@test "the host is lower case without port and dot, junk is NULL" {
	for pair in 'XX.com xx.com' 'xx.com.:443 xx.com' '[2001:DB8::1]:80 [2001:db8::1]' \
	    'xn--bcher-kva.test xn--bcher-kva.test' 'b\xC3\xBCcher.test bücher.test' \
	    '- \N' 'a..b \N' '.a \N' 'a/b \N' 'a%b \N' '[::1 \N' '[::1\x00.test] \N' '_ _' '\xC2\x85 \N'; do
		line | sed "s/^/$(sed 's/[\\/]/\\&/g' <<<"${pair% *}") /" | ev-parse --format vhost >out
		[ "$(column 3 <out)" = "${pair#* }" ] || { echo "$pair"; column 3 <out; return 1; }
		[ "$(counter out events)" = 1 ]
	done
	echo 'site: {default_host: XX.com}' >c.yaml
	line | ev-parse -c c.yaml >out
	[ "$(column 3 <out)" = xx.com ]
	printf '. %s\na.test %s\n. %s\n' "$(line)" "$(line)" "$(line)" | ev-parse --format vhost | column 3 | tr '\n' ' ' >got
	[ "$(cat got)" = '\N a.test \N ' ]
}

@test "the client stands behind the trusted proxies" {
	cat >c.yaml <<-'E'
	log: {format: '$msec $remote_addr "$http_x_forwarded_for"',
	  trusted_proxies: [10.0.0.0/8, '2001:db8::/32', 192.0.2.1, 'unix:']}
	E
	while read -r peer forwarded client real; do
		echo "1.000 $peer \"$(tr _ ' ' <<<"$forwarded")\"" | ev-parse -c c.yaml >out
		[ "$(property remote_addr <out)" = "$client" ]
		[ "$(property realip_remote_addr <out)" = "$real" ]
	done <<-'E'
	10.0.0.1 198.51.100.9 198.51.100.9 10.0.0.1
	10.0.0.1 1.1.1.1,_198.51.100.9,_10.0.0.2 198.51.100.9 10.0.0.1
	10.0.0.1 198.51.100.9:4711,_[2001:db8::5]:80 198.51.100.9 10.0.0.1
	2001:db8::1 2001:DB9::1 2001:DB9::1 2001:db8::1
	10.0.0.1 10.0.0.2,10.0.0.3 10.0.0.2 10.0.0.1
	unix: 1.1.1.1,_198.51.100.9,_10.0.0.2 198.51.100.9 unix:
	unix: unix: unix: \N
	10.0.0.1 1.1.1.1,_evil,_10.0.0.2 10.0.0.2 10.0.0.1
	10.0.0.1 - 10.0.0.1 \N
	::ffff:10.0.0.1 198.51.100.9 198.51.100.9 ::ffff:10.0.0.1
	198.51.100.7 1.1.1.1 198.51.100.7 \N
	E
}

@test "rules look at method, host, path and status, in their order" {
	cat >c.yaml <<-'E'
	log: {format: vhost}
	actions:
	  - {action: gone, uri: '\.(css|js)$', drop: true}
	  - {action: signup, method: POST, uri: '^/signup$', status: [2xx, 302-303]}
	  - {action: b, host: b.test, uri: '^/x'}
	  - {action: digits, uri: '^/\d+$'}
	  - {action: 'odd name%', method: [PUT, PURGE]}
	  - {action: view, method: GET, status: 200}
	E
	while read -r host method path status want; do
		line "$method $path HTTP/1.1" "$status" | sed "s/^/$host /" |
		    ev-parse -c c.yaml >out
		[ "$(column 6 <out)" = "$(tr _ ' ' <<<"$want")" ] ||
		    { echo "$method $path"; cat out; return 1; }
		conserved out
	done <<-'E'
	a.test POST /signup 303 signup
	a.test POST /signup 304 other
	a.test POST /signup/ 200 other
	a.test POST /signup%0A 200 other
	B.test GET /xyz 404 b
	a.test GET /xyz 200 view
	a.test GET /123 500 digits
	a.test GET /123a 200 view
	a.test PURGE /123a 200 odd_name%25
	a.test GET /style.css?v=1 200
	a.test HEAD /q 200 other
	E
}

@test "a rule that is compared as text matches what its regex does" {
	i=0
	for re in '^/a$' '^/a' 'a\.b' '\.(css|js)$' '^/(x|y/z)/(1|2)$' '^(?:/a|/b)' \
	    '^/a?$' '^/a{1}$' '^/(a|b)?$' 'a|b$' '^/a.c$' '^/(a)+' '/x\.' '^$' 'a$' '^/[ab]$' '^/a\d'; do
		i=$((i + 1))
		printf 'actions:\n  - {action: y, uri: %s}\n' "'$re'" >text.yaml
		printf 'actions:\n  - {action: y, uri: %s}\n' "'(?=)(?:$re)'" >regex.yaml
		for path in / /a /b /ab /abc /a.b /a%0A /a.css /a.css/ /x/1 /y/z/2 /y/z/3 /x. \
		    /a1 /a/a /a.js /%00 /aa; do
			line "GET $path HTTP/1.1"
		done >log
		ev-parse -c text.yaml log | column 6 >text
		ev-parse -c regex.yaml log | column 6 >regex
		same text regex || { echo "$re"; return 1; }
	done
}

@test "a regex that explodes gives up, matches nothing, and it is said" {
	printf 'actions:\n  - {action: y, uri: "^/(a|aa)+$"}\n' >c.yaml
	line "GET /$(head -c 100 /dev/zero | tr '\0' a)! HTTP/1.1" >log
	runs 0 ev-parse -c c.yaml log
	[ "$(column 6 <out)" = other ]
	has_line err "ev-parse: 1 paths reached the match limit of an action's regex, which then did not match"
}

@test "more rules than a word has bits keep their order" {
	{
		echo actions:
		for i in $(seq 200); do echo "  - {action: a$i, uri: '^/p$i\$'}"; done
		echo "  - {action: rest, method: GET}"
	} >c.yaml
	for i in 1 64 65 128 129 200 201; do line "GET /p$i HTTP/1.1"; done >log
	ev-parse -c c.yaml log | column 6 | tr '\n' ' ' >got
	[ "$(cat got)" = 'a1 a64 a65 a128 a129 a200 rest ' ]
}
