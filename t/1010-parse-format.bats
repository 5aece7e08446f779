#!/usr/bin/env bats
# ev-parse: the log_format language, and what is refused.

load helper
load parse-helper

TIME='[$time_local]'
NOW='[22/Nov/2026:23:28:52 +0000]'

# refused FORMAT TEXT
refused() {
	runs 2 ev-parse --format "$1"
	has err "ev-parse: --format: $2"
}

# splits FORMAT LINE VARIABLE VALUE
splits() {
	printf 'properties: {variables: [%s]}\n' "$3" >c.yaml
	printf '%s\n' "$2" | ev-parse -c c.yaml --format "$1" >out 2>err ||
		{ cat err; return 1; }
	got=$(property "$3" <out)
	if [ "$got" != "$4" ]; then
		echo "$3 of $2 is $got, not $4"
		cat out err
		return 1
	fi
}

@test "main is combined with the forwarded-for, vhost with the host" {
	line | sed 's/$/ "192.0.2.9"/' | ev-parse --format main >out
	[ "$(counter out events)" = 1 ]
	line | sed 's/^/WWW.xx.com:8080 /' | ev-parse --format vhost >out
	[ "$(column 3 <out)" = www.xx.com ]
}

@test "a remote user may hold what stands behind it" {
	f="\$remote_addr - \$remote_user $TIME \"\$request\" \$status"
	splits "$f" "192.0.2.7 - a [b] - c $NOW \"GET / HTTP/1.1\" 200" \
	    remote_user 'a [b] - c'
	splits "$f" "192.0.2.7 -  $NOW \"GET / HTTP/1.1\" 200" remote_user ''
	splits "$f" "192.0.2.7 - - $NOW \"GET / HTTP/1.1\" 200" remote_user '\N'
}

@test "a line may begin with an empty host, as nginx writes it" {
	line | sed 's/^/ /' | ev-parse --format vhost >out
	[ "$(counter out events)" = 1 ]
	[ "$(column 3 <out)" = '\N' ]
}

@test "an unquoted request is what the typed ones around it leave" {
	splits "$TIME \$request \$status \$body_bytes_sent" \
	    "$NOW GET /a b 1 HTTP/1.1 200 15" request 'GET /a b 1 HTTP/1.1'
	splits "$TIME \$request_method \$request_uri \$server_protocol \$status" \
	    "$NOW GET /a b HTTP/1.1 200" request_uri '/a b'
}

@test "a literal in the middle, at the end and around braces" {
	splits "$TIME \${status}x\${body_bytes_sent}y" "$NOW 200x15y" body_bytes_sent 15
	splits "$TIME \$http_x end" "$NOW an end end" http_x 'an end'
	splits "t=\$msec|\$http_x" 't=1795390132.216|a|b' http_x 'a|b'
}

@test "backslash sequences are those of nginx.conf" {
	splits '$msec\t\"$http_x\"\t$http_y' "$(printf '1795390132.216\t"a b"\tc')" http_y c
}

@test "upstream lists hold commas, colons and blanks" {
	f="$TIME u=\"\$upstream_addr\" s=\$upstream_status rt=\$upstream_response_time"
	splits "$f" "$NOW u=\"10.0.0.1:80, 10.0.0.2:80 : unix:/x\" s=502, 200 : - rt=0.1, 0.2 : -" \
	    upstream_status '502, 200 : -'
}

@test "lists of upstreams are told apart by their grammar and their number" {
	f="$TIME \$upstream_addr \$upstream_status \$upstream_response_time \$http_x"
	up='10.0.0.1:80, 10.0.0.2:80 : unix:/x'
	splits "$f" "$NOW $up 502, 502 : 200 0.1, - : 0.2 a, b : c" \
	    upstream_addr "$up"
	splits "$f" "$NOW $up 502, 502 : 200 0.1, - : 0.2 a, b : c" http_x 'a, b : c'
	splits "$f" "$NOW 10.0.0.1:80 200 0.1 : 500 x" http_x ': 500 x'
	splits "$f" "$NOW 10.0.0.1:80 :  502 :  - :  x" upstream_status '502 : '
	splits "$f" "$NOW - - - -" upstream_status '\N'
	splits "escape=json $f" "$NOW    x" http_x x
	for text in '10.0.0.1:80, 10.0.0.2:80 502 0.1, - x' '10.0.0.1:80 502, 200 - x' \
	    '10.0.0.1:80,10.0.0.2:80 502 - x' '10.0.0.1:80, 502 - x'; do
		echo "$NOW $text" | ev-parse -q --format "$f" --rejects rej >out
		[ "$(rows_of rej | cut -f 1)" = format ]
	done
	# A client may write the ": " that stands between two values.
	refused "$TIME \$upstream_status \$http_x" \
	    'ambiguous: where $upstream_status ends and $http_x begins'
	refused "escape=json $TIME \$upstream_status \$request_length: \$http_x" \
	    'ambiguous: where $request_length ends'
	refused "$TIME \$upstream_addr,\$upstream_status" 'ambiguous: where'
	runs 0 ev-parse --format "$f" --explain
	has_line out "upstream_status      a list of numbers, up to ' '"
}

@test "ingress is what Kubernetes' ingress-nginx writes" {
	line | sed 's/$/ 123 0.001 [web-shop-80] [] 10.0.0.1:80, 10.0.0.2:80 0, 5 0.000, 0.001 502, 200 7af2/' >l
	echo 'properties: {variables: [proxy_upstream_name, upstream_addr, upstream_status, req_id]}' >c.yaml
	runs 0 ev-parse -c c.yaml --format ingress --max-rejects 0 l
	[ "$(property proxy_upstream_name <out)" = web-shop-80 ]
	[ "$(property upstream_addr <out)" = '10.0.0.1:80, 10.0.0.2:80' ]
	[ "$(property upstream_status <out)" = '502, 200' ]
	[ "$(property req_id <out)" = 7af2 ]
}

@test "names of protocols and ciphers hold no slash" {
	splits "$TIME \$ssl_protocol/\$ssl_cipher \$scheme://\$host" \
	    "$NOW TLSv1.3/TLS_AES_256_GCM_SHA384 https://a.test" \
	    ssl_cipher TLS_AES_256_GCM_SHA384
}

@test "escape=json decodes its escapes, and an empty value is missing" {
	f='escape=json {"t":$msec,"r":"$request","s":$status,"b":$body_bytes_sent,"x":"$http_x","ua":"$http_user_agent"}'
	splits "$f" '{"t":1795390132.216,"r":"GET / HTTP/1.1","s":200,"b":,"x":"a\"b\\\\\"c\n\r\t\b\f\u0001é","ua":""}' \
	    http_x 'a"b%5C%5C"c%0A%0D%09%08%0C%01é'
	[ "$(property http_user_agent <out)" = '\N' ]
	[ "$(property body_bytes_sent <out)" = '\N' ]
	[ "$(column 7 <out)" = '2026-11-22 23:28:52.216' ]
	splits "$f" '{"t":1795390132.216,"r":"GET / HTTP/1.1","s":200,"b":1,"x":"a\\","ua":"-"}' \
	    http_x 'a%5C'
	[ "$(property http_user_agent <out)" = - ]
}

@test "escape=none lets one variable through as it is" {
	f='escape=none $msec $http_x'
	splits "$f" "$(printf '1795390132.216 a"\\x41\t\001')" http_x 'a"%5Cx41%09%01'
}

@test "variables are named in any case, as nginx takes them" {
	cat >c.yaml <<-'E'
	log:
	  format: '$Remote_Addr [$Time_Local] "$Request" $STATUS "$http_X_Forwarded_For" "$cookie_UserId"'
	  trusted_proxies: [10.0.0.0/8]
	  user_id: cookie_USERID
	properties: {variables: [Server_Protocol], cookies: [userid]}
	E
	echo '10.0.0.1 [22/Nov/2026:23:28:52 +0000] "GET / HTTP/1.1" 200 "198.51.100.9" "7"' >log
	runs 0 ev-parse -c c.yaml log
	[ ! -s err ]
	[ "$(column 1 <out)" = 7 ]
	[ "$(column 8 <out)" = 'cookie_userid=7&realip_remote_addr=10.0.0.1&remote_addr=198.51.100.9&request_method=GET&server_protocol=HTTP/1.1&status=200&uri=/' ]
}

@test "the milliseconds win over the seconds" {
	for f in '$time_iso8601 $msec' '$msec $time_iso8601'; do
		printf '%s\n' "$f" | sed 's/\$msec/1795390132.216/
			s/\$time_iso8601/2026-11-22T23:28:52+00:00/' |
		    ev-parse --format "$f" | column 7 >got
		[ "$(cat got)" = '2026-11-22 23:28:52.216' ]
	done
	echo '2026-11-23T00:28:52+01:00' | ev-parse --format '$time_iso8601' >out
	[ "$(column 7 <out)" = '2026-11-22 23:28:52' ]
}

@test "a format that could be read in two ways is refused, and says where" {
	refused "$TIME \$http_a \$http_b" \
	    "ambiguous: where \$http_a ends and \$http_b begins cannot be told, as ' ' may be part of their values"
	refused "$TIME \$http_a\$http_b" \
	    "ambiguous: where \$http_a ends and \$http_b begins cannot be told, as nothing stands between them"
	refused 'escape=none $msec "$http_a" "$http_b"' 'ambiguous: where $http_a ends'
	refused '$http_host $remote_addr - $remote_user [$time_local] "$request"' \
	    "ambiguous: where \$remote_addr ends and \$remote_user begins"
}

@test "a format without time, with a broken variable or escape is refused" {
	refused '$status' 'no time: an event needs $time_local, $time_iso8601 or $msec'
	refused '$msec $' "byte 7: '\$' without a variable's name"
	refused '$msec ${status' "byte 7: '\${status' lacks its '}'"
	refused 'escape=xml $msec' "unknown 'escape=xml'"
}

@test "a format of the config is refused with its place" {
	printf 'log:\n  format: "$msec $http_a $http_b"\n  user_id: a-b\n' >c.yaml
	runs 2 ev-parse -c c.yaml --check
	has err 'ev-parse: c.yaml:2:11: format: ambiguous: where $http_a ends'
	has_line err "ev-parse: c.yaml:3:12: user_id: 'a-b' is no name of an nginx variable"
}

@test "two hundred variables are too many" {
	runs 2 ev-parse --format "$(printf '$msec'; printf '"$http_a%s"' $(seq 200))"
	has err 'more than 128 variables'
}
