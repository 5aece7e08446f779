# ev-enrich: devices, browsers, systems and bots.

load helper
load enrich-helper

UAP=/usr/share/uap-core

# brand AGENT
brand() {
	row "http_user_agent=$1&remote_addr=8.8.8.8" >in
	ev-enrich -q in | cut -f5
}

# bot AGENT: reason, class, tag
bot() {
	props "http_user_agent=$1" | tr '&' '\n' |
		sed -n 's/^bot=\|^bot_class=\|^bot_tag=//p' | paste -sd ' '
}

uap() {
	[ -d $UAP/tests ] || skip 'uap-core and its tests are not installed'
	[ -x "$EV_BIN/enrich-uap" ] || skip 'enrich-uap is not built: make check'
	runs 0 enrich-uap $UAP/regexes.yaml "$@"
}

@test "all of uap-core's own browser tests pass" {
	uap browser $UAP/tests/test_ua.yaml
	[ "$output" = '1425 of 1425' ]
}

@test "all of uap-core's own system tests pass" {
	uap os $UAP/tests/test_os.yaml
	[ "$output" = '456 of 456' ]
}

@test "all of uap-core's own device tests pass" {
	uap device $UAP/tests/test_device.yaml
	[ "$output" = '16111 of 16111' ]
}

@test "the prefilter gives what the rules in order give" {
	uap same $UAP/tests/test_ua.yaml $UAP/tests/test_os.yaml
	[ "$output" = '7522 of 7522' ]
	uap plain $UAP/tests/test_ua.yaml $UAP/tests/test_os.yaml
	[ "$output" = '7522 of 7522' ]
}

@test "regexes.yaml in its plain form means what YAML means" {
	[ -r $UAP/regexes.yaml ] || skip 'uap-core is not installed'
	need perl
	# The same rules in a form that libyaml alone reads.
	sed "s/^    brand_replacement: \('.*'\)\$/    \"brand_replacement\" : \1 # x/" $UAP/regexes.yaml >yaml
	not cmp -s yaml $UAP/regexes.yaml
	perl -ne 'print "\\N\t\\N\tx\t\\N\t\\N\to\t2026-11-21 10:00:00\thttp_user_agent=$1\t2026-11-21\n"
	    if /^ *-? *user_agent_string: ["\x27]([^%&=+"\x27\\]*)["\x27]$/ && $n++ % 7 == 0' \
		$UAP/tests/test_device.yaml $UAP/tests/test_ua.yaml >in
	[ "$(wc -l <in)" -gt 1000 ]
	echo 'enrich: {regexes: yaml}' >c
	ev-enrich -q in >want
	runs 0 ev-enrich -q -c c in
	cut -f4- want >want4
	cut -f4- out >got4
	same got4 want4
}

# file TEXT: status and first message of --check with that regexes.yaml
file() {
	printf "$1" >r
	echo 'enrich: {regexes: r}' >c
	ev-enrich -q --check -c c 2>err && echo ok || sed -n 1p err
}

@test "a regexes.yaml that only looks plain is read as YAML" {
	ua="user_agent_parsers:\n  - regex: 'a'\n"
	rest="os_parsers:\n  - regex: 'b'\ndevice_parsers:\n  - regex: 'c'\n"
	[ "$(file "$ua$rest")" = ok ]
	[ "$(file "# é\n\n$ua    # x\n    family_replacement: 'it''s é'\n$rest")" = ok ]
	[ "$(file "$ua\r\n$rest")" = ok ]
	[ "$(file "$ua    family_replacement: \"q\"\n$rest")" = ok ]
	[ "$(file "$ua    other_key: 'q'\n$rest")" = ok ]
	[ "$(file "$ua    regex: 'b'\n$rest" | grep -c 'r:3:5: .*regex')" = 1 ]
	[ "$(file "$ua    other: '1'\n    other: '2'\n$rest" | grep -c 'r:4:5: ')" = 1 ]
	[ "$(file "$ua    regex_flag: 'x'\n$rest" | grep -c "only 'i' is known")" = 1 ]
	[ "$(file "$ua  - family_replacement: 'x'\n$rest" | grep -c "r:3:5: a rule needs a 'regex'")" = 1 ]
	[ "$(file "$ua" | grep -c "no list 'os_parsers'")" = 1 ]
	[ "$(file "$ua$rest$ua" | grep -c 'r:7:1: ')" = 1 ]
	[ "$(file "${ua}---\n$rest" | grep -c 'r:')" = 1 ]
	[ "$(file "$ua    family_replacement: 'a\xff'\n$rest" | grep -c 'r:')" = 1 ]
	[ "$(file "$ua    family_replacement: 'a\001'\n$rest" | grep -c 'r:')" = 1 ]
	[ "$(file "$ua    family_replacement: 'a'b'\n$rest" | grep -c 'r:3:')" = 1 ]
	[ "$(file "$ua    family_replacement: 'a\n$rest" | grep -c 'r:')" = 1 ]
	[ "$(file "$ua    family_replacement: 'a\n      b'\n$rest")" = ok ]
	[ "$(file "    family_replacement: 'a'\n$ua$rest" | grep -c 'r:')" = 1 ]
	[ "$(file '' | grep -c "no list 'user_agent_parsers'")" = 1 ]
}

@test "brand, model, browser and system of some devices" {
	[ "$(brand 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1')" = Apple ]
	[ "$(brand 'Mozilla/5.0 (Linux; Android 13; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36')" = Samsung ]
	[ "$(brand 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0')" = '\N' ]
	[ "$(props 'http_user_agent=Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0')" = \
		'browser=Firefox&browser_version=120.0&os=Windows&os_version=10&referrer_medium=unknown' ]
}

@test "a crawler has a browser, but neither brand nor model" {
	a='Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2272.96 Mobile Safari/537.36 (compatible; Googlebot/2.1; %2Bhttp://www.google.com/bot.html)'
	[ "$(brand "$a")" = '\N' ]
	[ "$(bot "$a")" = 'spider:Googlebot declared search-engine' ]
	not grep -q device_model <(props "http_user_agent=$a")
}

@test "each kind of bot has its reason and class" {
	[ "$(bot '')" = 'empty_agent suspected' ]
	[ "$(bot curl/7.88.1)" = 'library:curl declared http-library' ]
	[ "$(bot 'python-requests/2.31')" = 'library:python-requests declared http-library' ]
	[ "$(bot 'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; %2Bhttps://openai.com/gptbot)')" = \
		'ai:GPTBot declared ai-crawler' ]
	[ "$(bot 'Mozilla/5.0%2B(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)')" = \
		'monitor:UptimeRobot declared monitoring' ]
	[ "$(bot 'sqlmap/1.7')" = 'scanner:sqlmap declared scanner' ]
	[ "$(bot '() { :;}; /bin/cat')" = 'attack:shellshock suspected' ]
	[ "$(bot Mozilla/5.0)" = 'nonsense_agent suspected' ]
	[ "$(bot 1)" = 'nonsense_agent suspected' ]
	[ "$(bot 'a%01bcdef')" = 'nonsense_agent suspected' ]
	[ "$(bot -)" = 'nonsense:test suspected' ]
	[ "$(bot 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0.0.0 Safari/537.36')" = \
		'headless:HeadlessChrome declared browser-automation' ]
}

@test "people's browsers and in-app browsers are no bots" {
	while read -r a; do
		[ -z "$(bot "$a")" ] || {
			echo "$a: $(bot "$a")"
			return 1
		}
	done <<'EOF'
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15
Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0
Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36
Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.29
Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21B91 [FBAN/FBIOS;FBAV/440.0]
Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18
Lynx/2.8.9rel.1 libwww-FM/2.14
EOF
}

@test "a hostile agent costs little and harms no neighbour" {
	long=$(printf '%8000s' z)
	{
		row 'http_user_agent=curl/7.88'
		row "http_user_agent=SmartWatch$long"
		row "http_user_agent=HbbTV/0.0.0 (;LGE;$long"
		row "http_user_agent=; Android Build HuaweiA$(printf '4%.0s' $(seq 8000))z"
		row "http_user_agent=$(printf 'iPhone Android bot %.0s' $(seq 400))"
		row 'http_user_agent=curl/7.88'
	} >in
	runs 0 timeout 10 ev-enrich -q --no-marks in
	[ "$(wc -l <out)" = 6 ]
	[ "$(sed -n 1p out | cut -f8)" = "$(sed -n 6p out | cut -f8)" ]
}

@test "a rule that runs away is stopped, and the agent is flagged" {
	cat >r <<'EOF'
user_agent_parsers: [{regex: '(curl)/(\d+)'}]
os_parsers: []
device_parsers: [{regex: '^(a+)+b', device_replacement: x}]
EOF
	echo 'enrich: {regexes: r}' >c
	{
		row 'http_user_agent=curl/7 (from my house)'
		row "http_user_agent=$(printf 'a%.0s' $(seq 2000))!b"
		row 'http_user_agent=curl/8 (from my house)'
	} >in
	runs 0 timeout 5 ev-enrich -q -c c in
	[ "$(grep -o 'bot=[^&]*' out | tr '\n' ' ')" = \
		'bot=library:curl bot=agent_limit bot=library:curl ' ]
	sed -n 2p out | grep -q 'bot_class=suspected'
}

@test "what all rules may look at for an agent has one bound" {
	# Digits that can be split anywhere, which no match limit of one rule
	# minds much; and what many rules want, over and over.
	digits=$(printf '1%.0s' $(seq 2000))
	[ "$(bot "Symbian/3.NokiaBrowser/7.$digits")" = 'agent_limit suspected' ]
	[ "$(bot "$(printf 'Mozilla/5.0 (Linux; Android 4; Build bot %.0s' $(seq 50))")" = 'agent_limit suspected' ]
	# short ones of that kind are what they are
	[ "$(bot "Symbian/3.NokiaBrowser/7.1111111111")" = '' ]
}

@test "derived names of the input do not survive as if they were ours" {
	[ "$(props 'bot=no&browser=mine&http_user_agent=curl/7&os=x')" = \
		'bot=library:curl&bot_class=declared&bot_tag=http-library&browser=curl&browser_version=7&referrer_medium=unknown' ]
}

@test "texts of an agent are encoded for their column" {
	row 'http_user_agent=Mozilla/5.0 (Linux; U; Android 2.3; xx; HUAWEI a%25b%26c%FF Build/x) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1' >in
	runs 0 ev-enrich -q in
	awk -F'\t' 'NF != 9 || $5 ~ /[^ -~]/ {exit 1}' out
	not grep -q 'model=[^&]*[^%]&c' out
}

@test "an agent of more than 2 KiB is flagged, and its beginning read" {
	long=$(printf '%3000s' z)
	[ "$(bot "Mozilla/5.0 (Windows NT 10.0) Firefox/120.0 $long")" = 'agent_limit suspected' ]
	[ "$(bot "curl/7.88 $long")" = 'library:curl declared http-library' ]
	has_browser=$(props "http_user_agent=Mozilla/5.0 (Windows NT 10.0; rv:120.0) Gecko/20100101 Firefox/120.0 $long")
	grep -q 'browser=Firefox' <<<"$has_browser"
}

@test "ten thousand crafted agents of 8 KiB take seconds" {
	need perl
	# What many rules want, over and over, and never its end.
	perl -e 'for my $i (1 .. 10000) {
		my $w = (("phpcrawl", "Mozilla Android GSA/1.", "DeepSeekBot",
		    "; BC   Build AppleWebKit", "Mozilla/5.0 Mobile ")[$i % 5]);
		my $a = substr("$i $w" x 2000, 0, 8190) . "~";
		print "\\N\t\\N\tx\t\\N\t\\N\to\t2026-11-21 10:00:00\t",
		    "http_user_agent=$a\t2026-11-21\n" }' >in
	runs 0 timeout 120 ev-enrich -q --no-marks in
	[ "$(wc -l <out)" = 10000 ]
	[ "$(grep -c 'bot=' out)" = 10000 ]
}

# why WHAT: value and reason of the rows' explanation
why() {
	awk -F'\t' -v w="$1" '$2 == w {print $3 " <- " $4}' out
}

@test "--explain says which rule, list or argument made an event what it is" {
	row 'arg_utm_source=x&http_referer=https://www.google.co.uk/&http_user_agent=curl/7.88&remote_addr=10.1.2.3&remote_user=joe' >in
	runs 0 ev-enrich -q --explain in
	[ "$(awk -F'\t' 'NF != 4 || $1 != 1' out)" = '' ]
	grep -qE '^-?[0-9]+ <- address and agent' <<<"$(why logged_out_user_id)"
	[ "$(why dim_country)" = '\N <- no database is set' ]
	grep -qE '^library:curl <- bots.tsv [0-9]+: \^curl/' <<<"$(why bot)"
	grep -qE '^curl <- user_agent_parsers [0-9]+: ' <<<"$(why browser)"
	[ "$(why dim_device_brand)" = '\N <- device_parsers: no rule matches' ]
	[ "$(why referrer)" = 'google.co.uk <- the registrable host of http_referer' ]
	[ "$(why referrer_source)" = 'X <- by referrer_medium' ]
	grep -q 'win over the referrer' <<<"$(why referrer_medium)"
	grep -q '^- <- leaves' <<<"$(why remote_user)"
	[ "$(awk -F'\t' '{print $2}' out | grep -c remote_addr)" = 1 ]
}

@test "--explain of an event that has next to nothing" {
	for m in '' 'remote_addr=8.8.8.8' 'http_user_agent=x' 'http_referer=x' 'remote_addr'; do
		row "$m"
	done >in
	runs 0 ev-enrich -q --explain in
	[ "$(cut -f1 out | sort -u | wc -l)" = 5 ]
	[ "$(why bot | sort -u | wc -l)" -ge 2 ]
}

@test "--explain agrees with what ev-enrich writes" {
	(umask 077 && echo 000102030405060708090a0b0c0d0e0f >k)
	echo 'enrich: {visitor: {key_file: k}}' >c
	for a in 'Googlebot/2.1' 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1' '' 'python-requests/2'; do
		row "http_referer=https://t.co/x&http_user_agent=$a&remote_addr=8.8.8.8"
	done >in
	ev-enrich -q -c c in >rows
	runs 0 ev-enrich -q -c c --explain in
	for n in 1 2 3 4; do
		awk -F'\t' -v n=$n '$1 == n && $3 != "-" && $3 != "\\N" &&
		    $2 !~ /^(dim_|logged)/ {print $2 "=" $3}' out | LC_ALL=C sort >got
		sed -n ${n}p rows | cut -f8 | tr '&' '\n' | sed 's/http_referer.*//' | grep . >want
		same want got
		[ "$(awk -F'\t' -v n=$n '$1 == n && $2 ~ /^logged/ {print $3}' out)" = \
			"$(sed -n ${n}p rows | cut -f2)" ]
		[ "$(awk -F'\t' -v n=$n '$1 == n && $2 == "dim_device_brand" {print $3}' out)" = \
			"$(sed -n ${n}p rows | cut -f5)" ]
	done
}
