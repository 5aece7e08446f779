# ev-enrich: visitors, countries, and what leaves the record.

load helper
load enrich-helper

key() {
	(umask 077 && echo 000102030405060708090a0b0c0d0e0f >k)
	echo 'enrich: {visitor: {key_file: k}}' >c
}

# visitor MAP: the id of a row with that map
visitor() {
	row "$1" >in
	ev-enrich -q -c c in | cut -f2
}

@test "--new-key makes a key for its owner alone, and never overwrites" {
	runs 0 ev-enrich --new-key k
	[ "$(stat -c %a k)" = 600 ]
	grep -qxE '[0-9a-f]{32}' k
	cp k before
	runs 2 ev-enrich --new-key k
	has err 'k: cannot make the visitor key: File exists'
	same before k
	runs 0 ev-enrich --new-key k2
	not cmp -s k k2
}

@test "a key that others may read, is missing or is none, is exit 2" {
	key
	for mode in 640 604 620 644; do
		chmod $mode k
		runs 2 ev-enrich -q -c c
		has err 'chmod 600'
	done
	chmod 600 k
	echo 0011 >k
	runs 2 ev-enrich -q -c c
	has err 'k: not a visitor key'
	echo 000102030405060708090a0b0c0d0e0g >k
	runs 2 ev-enrich -q -c c
	echo 000102030405060708090a0b0c0d0e0f0 >k
	runs 2 ev-enrich -q -c c
	rm k
	runs 2 ev-enrich -q -c c
	has err 'k: cannot open the visitor key: No such file or directory: ev-enrich --new-key makes one'
	mkfifo -m 600 k
	runs 2 ev-enrich -q -c c
	has err 'not a regular file'
}

@test "a visitor is what an independent SipHash-2-4 makes of address and agent" {
	need perl
	key
	for a in 192.0.2.7 8.8.8.8 2001:db8:1:2:3:4:5:6 ::ffff:8.8.8.8 fe80::1; do
		for u in '' curl/7.88 'Mozilla/5.0 (X11; Linux x86_64) é'; do
			got=$(visitor "http_user_agent=$u&remote_addr=$a")
			want=$(perl "$T/enrich-visitor.pl" 000102030405060708090a0b0c0d0e0f 64 "$a" "$u")
			[ "$got" = "$want" ] || {
				echo "$a '$u': $got, expected $want"
				return 1
			}
		done
	done
}

@test "the agent is hashed as it was sent, not as it is written" {
	need perl
	key
	got=$(visitor 'http_user_agent=a%25b%2Bc%FF&remote_addr=8.8.8.8')
	want=$(perl "$T/enrich-visitor.pl" 000102030405060708090a0b0c0d0e0f 64 8.8.8.8 $'a%b+c\xff')
	[ "$got" = "$want" ]
}

@test "an IPv6 client is its /64, or what ipv6_prefix says" {
	key
	a=$(visitor 'remote_addr=2001:db8:1:2::1')
	b=$(visitor 'remote_addr=2001:db8:1:2:ffff::2')
	d=$(visitor 'remote_addr=2001:db8:1:3::1')
	[ "$a" = "$b" ]
	[ "$a" != "$d" ]
	echo 'enrich: {visitor: {key_file: k, ipv6_prefix: 128}}' >c
	[ "$(visitor 'remote_addr=2001:db8:1:2::1')" != \
		"$(visitor 'remote_addr=2001:db8:1:2::2')" ]
	echo 'enrich: {visitor: {key_file: k, ipv6_prefix: 48}}' >c
	[ "$(visitor 'remote_addr=2001:db8:1:2::1')" = \
		"$(visitor 'remote_addr=2001:db8:1:3::1')" ]
}

@test "no agent is the empty agent; no address is no visitor" {
	key
	[ "$(visitor 'remote_addr=8.8.8.8')" = "$(visitor 'http_user_agent=&remote_addr=8.8.8.8')" ]
	[ "$(visitor 'http_user_agent=x')" = '\N' ]
	for a in unix: '' 1.2.3 1.2.3.256 1.2.3.4.5 01.2.3.4 1.2.3.4:80 '[::1]' ::g fe80::1%25eth0; do
		[ "$(visitor "remote_addr=$a")" = '\N' ] || {
			echo "$a"
			return 1
		}
	done
	row 'http_user_agent=x' >in
	runs 0 ev-enrich -c c in
	has err '1 of 1 rows have no client address'
}

@test "another key makes other visitors and another fingerprint" {
	key
	{ printf '#begin\tversion=1\n'; row 'remote_addr=8.8.8.8'; printf '#end\trows=1\n'; } >in
	runs 0 ev-enrich -q -c c in
	cp out one
	runs 0 ev-enrich -q -c c in
	same one out
	grep -qE '	key=k[0-9a-f]{16}(	|$)' one
	rm k
	ev-enrich --new-key k
	runs 0 ev-enrich -q -c c in
	not cmp -s one out
	[ "$(grep -o 'key=[^	]*' one)" != "$(grep -o 'key=[^	]*' out)" ]
}

@test "countries come from the database; private and unknown ones are NULL" {
	[ -r "$EV_TEST_MMDB" ] || skip 'no database: set EV_TEST_MMDB'
	echo "enrich: {country: {database: $EV_TEST_MMDB}}" >c
	for a in 8.8.8.8 ::ffff:8.8.8.8 2001:4860:4860::8888 10.0.0.1 127.0.0.1 \
		192.0.2.1 fd00::1 ::1 2001:db8::1 255.255.255.255; do
		row "remote_addr=$a"
	done >in
	runs 0 ev-enrich -q -c c in
	[ "$(cut -f4 out | tr '\n' ' ')" = 'US US US \N \N \N \N \N \N \N ' ]
	for path in country.iso_code none.at.all; do
		echo "enrich: {country: {database: $EV_TEST_MMDB, path: $path}}" >c
		runs 0 ev-enrich -q -c c in
		[ "$(cut -f4 out | sort -u)" = '\N' ]
	done
}

@test "each country is mmdblookup's own answer" {
	[ -r "$EV_TEST_MMDB" ] || skip 'no database: set EV_TEST_MMDB'
	need mmdblookup
	echo "enrich: {country: {database: $EV_TEST_MMDB}}" >c
	for i in $(seq 1 60); do echo "$((i * 3 % 223 + 1)).$((i * 7 % 256)).$((i * 31 % 256)).9"; done |
		grep -vE '^(10|127)\.' >addresses
	while read -r a; do row "remote_addr=$a"; done <addresses >in
	runs 0 ev-enrich -q -c c in
	cut -f4 out >got
	while read -r a; do
		mmdblookup -f "$EV_TEST_MMDB" -i "$a" country_code 2>/dev/null |
			grep -oE '"[A-Z]{2}"' | tr -d '"' | grep . || echo '\N'
	done <addresses >want
	same want got
}

@test "a missing, truncated or foreign database is exit 2 before input" {
	echo 'enrich: {country: {database: none.mmdb}}' >c
	runs 2 ev-enrich -q -c c /nonexistent
	has err 'none.mmdb: cannot open the country database: No such file'
	has err 'enrich.country.database'
	echo hello >none.mmdb
	runs 2 ev-enrich -q -c c
	[ -r "$EV_TEST_MMDB" ] || skip 'no database: set EV_TEST_MMDB'
	size=$(stat -c %s "$EV_TEST_MMDB")
	for cut in 2 3 10 100; do
		head -c $((size / cut)) "$EV_TEST_MMDB" >none.mmdb
		runs 2 ev-enrich -q -c c
	done
	# the front half gone, the metadata whole
	tail -c $((size / 2)) "$EV_TEST_MMDB" >none.mmdb
	runs 2 ev-enrich -q -c c
}

@test "what identifies a person leaves the record" {
	[ "$(props 'binary_remote_addr=x&cookie_sid=1&http_authorization=Basic&http_cf_connecting_ip=1.2.3.4&http_cookie=a&http_forwarded=for&http_true_client_ip=1&http_user_agent=curl/7&http_x_api_key=k&http_x_auth_token=t&http_x_forwarded_for=1.2.3.4&http_x_original_user_agent=curl&http_x_real_ip=1&proxy_add_x_forwarded_for=1&proxy_protocol_addr=1&realip_remote_addr=1&remote_addr=8.8.8.8&remote_user=bob&request_body=x&ssl_client_s_dn=CN&status=200&upstream_cookie_sid=1')" = \
		'bot=library:curl&bot_class=declared&bot_tag=http-library&browser=curl&browser_version=7&referrer_medium=unknown&status=200' ]
}

@test "it leaves rows that were enriched before, too" {
	personal='arg_token=1&cookie_sid=1&http_authorization=Basic&http_referer=https://a.example/?token%3D1&http_user_agent=curl/7&http_x_forwarded_for=1.2.3.4&remote_addr=8.8.8.8&remote_user=bob&request=GET /?token%3D1 HTTP/1.1'
	event() {
		printf '\\N\t%s\txx.com\tDE\tApple\tpage_view\t2026-11-21 10:00:00\t%s\t2026-11-21\n' "$1" "$2"
	}
	event 42 "bot=x:y&browser=Safari&$personal&status=200&uri=/" >in
	runs 0 ev-enrich -q in
	event 42 'bot=x:y&browser=Safari&http_referer=https://a.example/&request=GET / HTTP/1.1&status=200&uri=/' >want
	same out want
	# without address and agent the mark of an enriched row is its medium
	event '\N' 'bot=x:y&referrer_medium=social&remote_user=bob&status=200' >in
	runs 0 ev-enrich -q in
	event '\N' 'bot=x:y&referrer_medium=social&status=200' >want
	same out want
	# eight columns become nine
	event 42 'status=200' | cut -f1-8 >in
	runs 0 ev-enrich -q in
	event 42 'status=200' >want
	same out want
	# what is kept, is kept the second time
	echo 'enrich: {keep: [remote_addr, http_user_agent]}' >c
	row "$personal" >in
	runs 0 ev-enrich -q -c c in
	cp out once
	runs 0 ev-enrich -q -c c once
	same out once
}

@test "a property with the name of a derived one makes no row an enriched one" {
	[ "$(props 'bot_class=declared&http_user_agent=curl/7&referrer=mine&referrer_medium=paid&remote_addr=8.8.8.8')" = \
		'bot=library:curl&bot_class=declared&bot_tag=http-library&browser=curl&browser_version=7&referrer_medium=unknown' ]
	# nor does it pass in another spelling
	[ "$(props 'b%6ft=x&Browser=y&http_user_agent=curl/7&referrer%5fmedium=paid&remote%5faddr=8.8.8.8')" = \
		'bot=library:curl&bot_class=declared&bot_tag=http-library&browser=curl&browser_version=7&referrer_medium=unknown' ]
}

@test "a map with two addresses or referrers keeps nothing of either" {
	[ "$(props 'http_referer=https://a.example/?token%3D1&http_referer=https://b.example/?token%3D2%26c%3D1&remote_addr=1.1.1.1&remote_addr=8.8.8.8&status=200' | tr '&' '\n' | grep -v '^bot')" = \
		"$(printf '%s\n' http_referer=https://a.example/ http_referer=https://b.example/?c%3D1 referrer=b.example referrer_medium=unknown status=200)" ]
}

@test "enrich.keep names what stays" {
	echo 'enrich: {keep: [remote_addr, http_user_agent, "http_x_*", arg_token]}' >c
	[ "$(props 'arg_token=1&http_referer=https://a.example/?token%3D1&http_user_agent=curl/7&http_x_real_ip=9&remote_addr=8.8.8.8&remote_user=bob' c)" = \
		'arg_token=1&bot=library:curl&bot_class=declared&bot_tag=http-library&browser=curl&browser_version=7&http_referer=https://a.example/?token%3D1&http_user_agent=curl/7&http_x_real_ip=9&referrer=a.example&referrer_medium=unknown&remote_addr=8.8.8.8' ]
}

@test "cookies stay where they are listed" {
	echo 'properties: {cookies: ["ab*"], variables: [cookie_uid]}' >c
	[ "$(props 'cookie_abtest=1&cookie_sid=2&cookie_uid=3&http_user_agent=x1abc' c)" = \
		'cookie_abtest=1&cookie_uid=3&referrer_medium=unknown' ]
}

@test "denied arguments leave wherever they stand" {
	echo 'properties: {deny: [token, "*mail*"]}' >c
	check() {
		got=$(props "$1&http_user_agent=Firefox/1.0 abc" c | tr '&' '\n' | grep "^${1%%=*}=" || :)
		[ "$got" = "$2" ] || {
			echo "$1: $got"
			return 1
		}
	}
	check 'arg_token=1' ''
	check 'arg_email=1' ''
	check 'arg_ok=1' 'arg_ok=1'
	check 'args=token%3D1%26b%3D2' 'args=b%3D2'
	check 'args=b%3D2%26token%3D1' 'args=b%3D2'
	check 'args=token%3D1' 'args='
	check 'args=a%3D1%26token%3Dx%26b%3D2' 'args=a%3D1%26b%3D2'
	check 'args=a%3D1;token%3Dx;b%3D2' 'args=a%3D1;b%3D2'
	check 'http_referer=https://a.example/?token%3D1' 'http_referer=https://a.example/'
	check 'http_referer=https://a.example/?TOKEN%3D1%26b%3D2#x' 'http_referer=https://a.example/?b%3D2#x'
	check 'http_referer=https://a.example/?%2574oken%3D1%26b%3D2' 'http_referer=https://a.example/?b%3D2'
	check 'request=GET /x?token%3D1 HTTP/1.1' 'request=GET /x HTTP/1.1'
	check 'request=GET /x?a%3D1%26token%3D1 HTTP/1.1' 'request=GET /x?a%3D1 HTTP/1.1'
	check 'request_uri=/x?my_email%3Da@b.example%26c%3D1' 'request_uri=/x?c%3D1'
	check 'request_uri=/token%3D1' 'request_uri=/token%3D1'
	check 'uri=/a;token%3D1' 'uri=/a'
	check 'uri=/a?token%3D1%26b%3D2' 'uri=/a?b%3D2'
	check 'uri=/a b;c%3D1' 'uri=/a b;c%3D1'
	# and so do user and password of an address
	check 'http_referer=https://bob:secret@a.example/x' 'http_referer=https://a.example/x'
	check 'request=GET http://bob@a.example/ HTTP/1.1' 'request=GET http://a.example/ HTTP/1.1'
	check 'http_referer=https://a.example/@bob' 'http_referer=https://a.example/@bob'
	check 'request_uri=/x/https://b@c' 'request_uri=/x/https://b@c'
}

@test "denied arguments leave addresses inside of arguments, however encoded" {
	echo 'properties: {deny: [token, code, "*mail*"]}' >c
	# check RAW WANT: of request_uri, encoded for the map and decoded again
	check() {
		local sent got

		sent=$(sed 's/%/%25/g; s/=/%3D/g; s/&/%26/g; s/+/%2B/g' <<<"$1")
		got=$(props "http_user_agent=x&request_uri=$sent" c | tr '&' '\n' |
			sed -n 's/^request_uri=//p' |
			sed 's/%3D/=/g; s/%26/\&/g; s/%2B/+/g; s/%25/%/g')
		[ "$got" = "$2" ] || {
			echo "$1: $got"
			return 1
		}
	}
	check '/?next=https://x/?token=1' '/?next=https://x/'
	check '/?next=https://x/?token=1&b=2' '/?next=https://x/?b=2'
	check '/?next=https%3A%2F%2Fx%2F%3Ftoken%3D1' '/?next=https%3A%2F%2Fx%2F'
	check '/?next=https%3A%2F%2Fx%2F%3Ftoken%3D1&b=2' '/?next=https%3A%2F%2Fx%2F&b=2'
	check '/?next=https%3a%2f%2fx%2f%3ftoken%3d1%26b%3d2&c=3' '/?next=https%3a%2f%2fx%2f%3fb%3d2&c=3'
	check '/?next=%2F%3Fa%3D1%26token%3D2%26b%3D3&c=3' '/?next=%2F%3Fa%3D1%26b%3D3&c=3'
	check '/?next=%2F%3Fa%3D1%26token%3D2%23top&c=3' '/?next=%2F%3Fa%3D1%23top&c=3'
	# twice and three times, with arguments of all levels behind
	check '/?u=%2F%3Fv%3D%252F%253Ftoken%253D1%2526b%253D2%26c%3D3&d=4' \
		'/?u=%2F%3Fv%3D%252F%253Fb%253D2%26c%3D3&d=4'
	check '/?u=%2F%3Fv%3D%252F%253Fcode%253D1%26c%3D3&d=4' '/?u=%2F%3Fv%3D%252F%26c%3D3&d=4'
	check '/?u=%252F%253Fv%253D%25252F%25253Fmy_mail%25253Da@b.example&d=4' \
		'/?u=%252F%253Fv%253D%25252F&d=4'
	# the value of one has encoded marks: they go with it
	check '/?token=a%26b%3Dc%3Fd&b=2' '/?b=2'
	check '/?u=%3Ftoken%3Da%2526b%253Dc%26b%3D2' '/?u=%3Fb%3D2'
	# names of any encoding
	check '/?u=%3F%2574ok%2565n%3D1' '/?u='
	check '/?%252574oken=1&b=2' '/?b=2'
	# arguments without an address, and in the path
	check '/?state=token%3D1%26b%3D2&c=3' '/?state=b%3D2&c=3'
	check '/?state=token%3D1&c=3' '/?state=&c=3'
	check '/out/https%3A%2F%2Fx%2F%3Ftoken%3D1%26b%3D2' '/out/https%3A%2F%2Fx%2F%3Fb%3D2'
	# user and password
	check '/?next=https%3A%2F%2Fbob%3Asecret%40x%2F&c=3' '/?next=https%3A%2F%2Fx%2F&c=3'
	check '/?next=https://bob:secret@x/&c=a@b' '/?next=https://x/&c=a@b'
	check '/?next=https://bob@x/?token=1&c=3' '/?next=https://x/?c=3'
	# what is none of these stays as it is
	for same in '/?next=https%3A%2F%2Fx%2F%3Fa%3D1%26b%3D2&c=a@b' '/?q=100%&r=%zz%2&s=%25&t=%' \
		'/?next=%2Ftoken%3D1' '/?a=b=token' '/?q=https%3A%2F%2Fx%2F@bob' '/token%3D1' \
		'/?a&&b==&=c&%3D' '/?tokens=1&decode=2' '/?q=a%20token' '/?q=https:%2F%2Fx&m=a%40b'; do
		check "$same" "$same"
	done
	# in http_referer, and in an argument that is kept
	[ "$(props 'http_referer=https://x/?u%3D%252F%253Ftoken%253D1&http_user_agent=x' c | grep -o 'http_referer=[^&]*')" = \
		'http_referer=https://x/?u%3D%252F' ]
	[ "$(props 'arg_ref=https://x/?token%3D1%26b%3D2&arg_utm_source=x?token%3D1&http_user_agent=x' c | grep -o '^arg.*bot=')" = \
		'arg_ref=https://x/?b%3D2&arg_utm_source=x&bot=' ]
	echo 'enrich: {keep: [arg_ref]}' >>c
	[ "$(props 'arg_ref=https://x/?token%3D1&http_user_agent=x' c | grep -o '^arg.*bot=')" = \
		'arg_ref=https://x/?token%3D1&bot=' ]
}

@test "anonymize keeps the first bits of an address, and nothing of another kind" {
	echo 'enrich: {anonymize: {ipv4: 24, ipv6: 48}}' >c
	for a in 203.0.113.77=203.0.113.0 2001:db8:1:2:3:4:5:6=2001:db8:1:: \
	    ::ffff:203.0.113.77=203.0.113.0; do
		props "remote_addr=${a%=*}&uri=/" c >map
		grep -q "remote_addr=${a#*=}&uri=/" map
	done
	not grep -q remote_addr <<<"$(props 'remote_addr=unix:' c)"
	not grep -q remote_addr <<<"$(props 'remote_addr=8.8.8.8&http_x_real_ip=1.1.1.1' c | grep real_ip)"
	echo 'enrich: {anonymize: {ipv6: 32}}' >c
	not grep -q remote_addr <<<"$(props 'remote_addr=8.8.8.8' c)"
	grep -q 'remote_addr=2001:db8::' <<<"$(props 'remote_addr=2001:db8:1::1' c)"
	# A kept address is masked, too, and so is one of an enriched row.
	echo 'enrich: {keep: [remote_addr], anonymize: {ipv4: 16}}' >c
	grep -q 'remote_addr=8.8.0.0' <<<"$(props 'remote_addr=8.8.8.8' c)"
	row 'remote_addr=8.8.8.8' | sed 's/\\N/\\N/; s/\t\\N\t/\t17\t/' >in
	runs 0 ev-enrich -q -c c in
	grep -q 'remote_addr=8.8.0.0' out
	echo 'enrich: {anonymize: {ipv4: 33, ipv6: 0}}' >c
	runs 2 ev-enrich -c c
	has err 'ipv4: from 1 to 32 bits'
	has err 'ipv6: from 1 to 128 bits'
}

@test "a long row has room for every address that is masked, and longer then" {
	local n

	echo 'enrich: {anonymize: {ipv6: 128}}' >c
	# About as long as the buffer of the output, before and after.
	for n in 1000 8000 14000 14550; do
		row "$(printf 'remote_addr=::a:a&%.0s' $(seq "$n"))uri=/" >in
		runs 0 ev-enrich -q -c c in
		tr '&\t' '\n\n' <out | grep remote_addr | sort | uniq -c >addresses
		printf '%7d remote_addr=::0.10.0.10\n' "$n" | cmp - addresses
	done
}

# at DAY: the visitor of a fixed client on that day
at() {
	row 'http_user_agent=curl/7&remote_addr=192.0.2.1' |
	    sed "s/2026-11-21/$1/g" >in
	ev-enrich -q -c c in | cut -f2
}

rotating() {
	mkdir -m 700 keys
	echo "enrich: {visitor: {key_dir: keys, rotate: $1}}" >c
}

@test "a key rotates by day, week or month of the event, in a file of its own" {
	rotating daily
	a=$(at 2026-11-21)
	[ "$a" != "$(at 2026-11-22)" ]
	[ "$a" = "$(at 2026-11-21)" ]
	[ "$(ls keys | tr '\n' ' ')" = '2026-11-21.day 2026-11-22.day ' ]
	[ "$(stat -c %a keys/2026-11-21.day)" = 600 ]
	[ "$(ls -A keys | wc -l)" = 2 ]
	rm -r keys
	rotating weekly
	a=$(at 2026-11-16)
	[ "$a" = "$(at 2026-11-22)" ]
	[ "$a" != "$(at 2026-11-23)" ]
	[ "$(ls keys | tr '\n' ' ')" = '2026-11-16.week 2026-11-23.week ' ]
	rm -r keys
	rotating monthly
	a=$(at 2026-02-01)
	[ "$a" = "$(at 2026-02-28)" ]
	[ "$a" != "$(at 2026-03-01)" ]
	[ "$a" != "$(at 2026-01-31)" ]
	[ "$(ls keys | wc -l)" = 3 ]
}

@test "an agent's hash follows the key when days are mixed" {
	need perl
	rotating daily
	for d in 21 22 21 23 22 21; do
		row 'http_user_agent=curl/7&remote_addr=192.0.2.1' |
		    sed "s/2026-11-21/2026-11-$d/g"
	done >in
	runs 0 ev-enrich -q -c c in
	cut -f2,9 out | sort | uniq -c | awk '{print $1}' | sort >n
	[ "$(tr '\n' ' ' <n)" = '1 2 3 ' ]
	got=$(sed -n 4p out | cut -f2)
	want=$(perl "$T/enrich-visitor.pl" "$(cat keys/2026-11-23.day)" 64 192.0.2.1 curl/7)
	[ "$got" = "$want" ]
}

@test "--forget destroys keys for good, and hits still count" {
	rotating daily
	for d in 20 21 22; do at 2025-11-$d; done >ids
	runs 0 ev-enrich -c c --forget 2025-11-22
	has err 'keys: 2 keys destroyed'
	[ "$(ls keys | tr '\n' ' ')" = '2025-11-22.day forgotten ' ]
	[ "$(at 2025-11-20)" = '\N' ]
	[ "$(wc -l <in)" = 1 ]
	ev-enrich -q -c c in | cut -f6 | grep -q page_view
	[ "$(at 2025-11-22)" = "$(sed -n 3p ids)" ]
	[ ! -e keys/2025-11-20.day ]
	# What is forgotten stays so.
	runs 0 ev-enrich -q -c c --forget 2025-01-01
	[ "$(cat keys/forgotten)" = 2025-11-22 ]
	# A month that was not over then is kept.
	rm -r keys
	rotating monthly
	a=$(at 2025-11-01)
	runs 0 ev-enrich -q -c c --forget 2025-11-30
	[ "$a" = "$(at 2025-11-30)" ]
	runs 0 ev-enrich -q -c c --forget 2025-12-01
	[ "$(at 2025-11-30)" = '\N' ]
	runs 2 ev-enrich -q -c c --forget yesterday
	echo 'enrich: {}' >c
	runs 2 ev-enrich -q -c c --forget 2025-11-22
	has err 'rotate is never'
}

@test "--forget of a day to come destroyed the keys in use" {
	rotating daily
	today=$(date -u +%F)
	a=$(at "$today")
	for day in "$(date -u -d '2 days' +%F)" 9999-12-31; do
		runs 2 ev-enrich -c c --forget "$day"
		has err "--forget: $day is still to come (in UTC): keys in use would be destroyed"
		[ ! -e keys/forgotten ]
	done
	[ "$a" = "$(at "$today")" ]
	# Up to today nothing of today is lost.
	runs 0 ev-enrich -c c --forget "$today"
	[ "$(cat keys/forgotten)" = "$today" ]
	[ "$a" = "$(at "$today")" ]
}

@test "processes that start a period at once get one key" {
	rotating daily
	row 'http_user_agent=curl/7&remote_addr=192.0.2.1' >in
	for i in 1 2 3 4 5 6 7 8; do
		ev-enrich -q -c c in >out$i &
	done
	wait
	[ "$(cat out? | sort -u | wc -l)" = 1 ]
	[ "$(ls -A keys)" = 2026-11-21.day ]
}

@test "the end mark's key follows the keys that were used" {
	rotating daily
	mark() { ev-enrich -q -c c in | grep -o 'key=[a-z0-9]*'; }
	stream 3 | sed 's/2026-11-21/2025-11-21/g' >in
	a=$(mark)
	[ "$a" = "$(mark)" ]
	[ "$a" != key=random ]
	ev-enrich -q -c c --forget 2025-11-22
	[ "$a" != "$(mark)" ]
}

@test "key_dir and rotate go together, and the directory is private" {
	echo 'enrich: {visitor: {rotate: daily}}' >c
	runs 2 ev-enrich -c c
	has err 'keys that rotate need a key_dir'
	echo 'enrich: {visitor: {key_dir: keys}}' >c
	runs 2 ev-enrich -c c
	has err 'key_dir is for keys that rotate'
	echo 'enrich: {visitor: {key_dir: keys, key_file: k, rotate: weekly}}' >c
	runs 2 ev-enrich -c c
	has err 'not in a key_file'
	echo 'enrich: {visitor: {key_dir: keys, rotate: weekly}}' >c
	runs 2 ev-enrich -q -c c
	has err 'cannot open the directory of keys: No such file or directory: mkdir -m 700'
	mkdir -m 750 keys
	runs 2 ev-enrich -q -c c
	has err 'chmod 700'
	chmod 700 keys
	echo x >keys/forgotten
	row 'remote_addr=192.0.2.1' >in
	runs 2 ev-enrich -q -c c in
	has err 'keys/forgotten: not a date'
}

@test "a key in the directory that others can read, or that is none, is exit 2 before input" {
	rotating daily
	at 2025-11-20 >was
	at 2025-11-21
	chmod 640 keys/2025-11-20.day
	# The events are of another day, and none of them is written.
	runs 2 ev-enrich -q -c c in
	[ ! -s out ]
	has err 'keys/2025-11-20.day: the visitor key is open to others (mode 0640)'
	runs 2 ev-enrich -q -c c --check
	chmod 600 keys/2025-11-20.day
	runs 0 ev-enrich -q -c c in
	cp keys/2025-11-20.day key
	echo x >keys/2025-11-20.day
	runs 2 ev-enrich -q -c c in
	has err 'keys/2025-11-20.day: not a visitor key'
	cp key keys/2025-11-20.day
	[ "$(at 2025-11-20)" = "$(cat was)" ]
	# What is no key of these periods is nobody's concern.
	echo x >keys/README
	echo x >keys/2025-11.month
	runs 0 ev-enrich -q -c c in
	# What was forgotten is not looked at, though its file be left.
	runs 0 ev-enrich -q -c c --forget 2025-11-21
	echo x >keys/2025-11-20.day
	runs 0 ev-enrich -q -c c in
}

@test "times that no log has make no more than 4096 keys" {
	need perl
	rotating daily
	perl -e 'for my $d (0 .. 4200) {
		printf "\\N\t\\N\tx\t\\N\t\\N\to\t%04d-%02d-%02d 10:00:00\t" .
		    "remote_addr=192.0.2.1\t%1\$04d-%2\$02d-%3\$02d\n",
		    1000 + int($d / 300), 1 + int($d % 300 / 25), 1 + $d % 25
	}' >in
	runs 0 ev-enrich -c c in
	[ "$(wc -l <out)" = 4201 ]
	[ "$(ls keys | wc -l)" = 4096 ]
	has err '105 events lie in more than 4096 periods'
}

@test "an old database is warned of, with its age, and used" {
	[ -r "$EV_TEST_MMDB" ] || skip 'no database: set EV_TEST_MMDB'
	row remote_addr=8.8.8.8 >in
	echo "enrich: {country: {database: $EV_TEST_MMDB, max_age: 1}}" >c
	runs 0 ev-enrich -c c in
	grep -qE 'country database is [0-9]+ days old' err
	[ "$(cut -f4 out)" = US ]
	echo "enrich: {country: {database: $EV_TEST_MMDB, max_age: 99999}}" >c
	runs 0 ev-enrich -c c in
	not grep -q 'days old' err
}

@test "a database with flipped and missing bytes is refused or answers, never a crash" {
	need perl
	[ -r "$EV_TEST_MMDB" ] || skip 'no database: set EV_TEST_MMDB'
	for a in 8.8.8.8 1.1.1.1 2001:4860:4860::8888 223.5.5.5; do row "remote_addr=$a"; done >in
	echo 'enrich: {country: {database: bad.mmdb}}' >c
	for seed in $(seq 40); do
		perl -e 'use strict; my ($from, $to, $seed) = @ARGV;
		srand $seed; local $/;
		open my $f, "<:raw", $from or die; my $db = <$f>;
		my $n = length $db;
		# the tree, the data before the metadata, or the metadata
		my $meta = rindex $db, "\xab\xcd\xefMaxMind.com";
		my ($lo, $hi) = ([0, $meta], [$meta - 4000, $meta],
		    [$meta, $n])[$seed % 3]->@*;
		for (1 .. 1 + $seed) {
			substr($db, $lo + int rand($hi - $lo), 1) = chr rand 256;
		}
		$db = substr $db, 0, rand $n if $seed % 8 == 7;
		open my $o, ">:raw", $to or die; print $o $db' \
		    "$EV_TEST_MMDB" bad.mmdb "$seed"
		status=0
		ev-enrich -q -c c in >out 2>err || status=$?
		[ "$status" = 2 ] || { [ "$status" = 0 ] && [ "$(wc -l <out)" = 4 ]; } || {
			echo "seed $seed: exit $status"
			cat err
			return 1
		}
	done
}

@test "visitors can be told by device instead of agent" {
	need perl
	key
	echo 'enrich: {visitor: {key_file: k, identify_by: device}}' >c
	ios='AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1'
	a=$(visitor "http_user_agent=Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) $ios&remote_addr=8.8.8.8")
	b=$(visitor "http_user_agent=Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) $ios&remote_addr=8.8.8.8")
	c=$(visitor "http_user_agent=Mozilla/5.0 (iPad; CPU OS 17_2 like Mac OS X) $ios&remote_addr=8.8.8.8")
	[ "$a" = "$b" ]
	[ "$a" != "$c" ]
	tab=$(printf '\t')
	want=$(perl "$T/enrich-visitor.pl" 000102030405060708090a0b0c0d0e0f 64 8.8.8.8 \
		"Apple${tab}iPhone${tab}iOS${tab}Mobile Safari${tab}")
	[ "$a" = "$want" ]
	echo 'enrich: {visitor: {identify_by: cookie}}' >c
	runs 2 ev-enrich -c c
	has err "'cookie' is none of agent, device"
}
