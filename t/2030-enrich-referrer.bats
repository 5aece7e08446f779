# ev-enrich: where visits come from.

load helper
load enrich-helper

prepare() {
	echo 'site: {hosts: [www.own.example, own.example]}' >c
}

# from REFERER [MORE]: referrer, medium, source
from() {
	props "${2:+$2&}http_referer=$1&http_user_agent=Lynx/2.8.9" c | tr '&' '\n' |
		sed -n 's/^referrer=\|^referrer_medium=\|^referrer_source=//p' |
		paste -sd ' '
}

expect() {
	local got

	got=$(from "$1" "${3-}")
	[ "$got" = "$2" ] || {
		echo "$1 ${3-}: '$got', expected '$2'"
		return 1
	}
}

@test "the large sources are known" {
	expect https://www.google.com/ 'google.com search Google'
	expect https://www.google.co.uk/search 'google.co.uk search Google'
	expect https://www.bing.com/ 'bing.com search Bing'
	expect https://duckduckgo.com/ 'duckduckgo.com search DuckDuckGo'
	expect https://www.linkedin.com/feed/ 'linkedin.com social LinkedIn'
	expect https://lnkd.in/abc 'lnkd.in social LinkedIn'
	expect android-app://com.linkedin.android/ 'com.linkedin.android social LinkedIn'
	expect https://growth.substack.com/p/x 'substack.com news Substack'
	expect https://open.substack.com/ 'substack.com news Substack'
	expect https://t.co/x 't.co social X'
	expect https://l.facebook.com/ 'facebook.com social Facebook'
	expect https://news.ycombinator.com/item 'ycombinator.com social Hacker News'
	expect https://chatgpt.com/ 'chatgpt.com ai ChatGPT'
	expect https://www.perplexity.ai/ 'perplexity.ai ai Perplexity'
	expect https://mail.google.com/ 'google.com email Gmail'
	expect https://gemini.google.com/ 'google.com ai Gemini'
}

@test "logins and payments take no credit" {
	expect https://accounts.google.com/ 'google.com unknown'
	expect https://checkout.stripe.com/pay 'stripe.com unknown'
}

@test "own hosts are internal, listed or asked" {
	expect https://www.own.example/a 'own.example internal'
	expect https://OWN.example:8443/a 'own.example internal'
	expect https://other.own.example/a 'own.example unknown'
	expect https://xx.com/ 'xx.com internal'
}

@test "nothing sent, and nothing that is an address, is no referrer" {
	expect '' unknown
	[ "$(props 'http_user_agent=Lynx/2.8.9')" = 'browser=Lynx&browser_version=2.8.9&referrer_medium=unknown' ]
	for r in - foo /path 'javascript:alert(1)' ftp://a.example/ http:// \
		https:///x 'http://a b/' 'http://%00' 'http://<x>/' http://./ \
		"http://$(printf 'a%.0s' $(seq 300)).com/"; do
		expect "$r" unknown
	done
}

@test "the host is registrable, lower case, without port, user and dot" {
	expect http://A.B.Example.CO.UK/ 'example.co.uk unknown'
	expect http://user:pw@a.b.example:80/x 'b.example unknown'
	expect http://a.example./ 'a.example unknown'
	expect http://localhost/ 'localhost unknown'
	expect http://someone.github.io/ 'someone.github.io unknown'
	expect http://192.0.2.7:8080/ '192.0.2.7 unknown'
	expect 'http://[2001:db8::1]:80/' '[2001:db8::1] unknown'
	expect HTTPS://xn--bcher-kva.example 'xn--bcher-kva.example unknown'
}

@test "a suffix of letters is no suffix of labels" {
	expect https://notgoogle.com/ 'notgoogle.com unknown'
	expect https://google.com.evil.example/ 'evil.example unknown'
}

@test "campaign arguments win over the header" {
	expect https://www.google.com/ 'google.com email newsletter' \
		'arg_utm_medium=email&arg_utm_source=newsletter'
	expect '' 'ai Perplexity' arg_utm_source=perplexity
	expect '' 'ai ChatGPT' arg_utm_source=chatgpt.com
	expect '' 'social LinkedIn' arg_utm_source=LinkedIn
	expect '' 'paid LinkedIn' 'arg_utm_medium=Paid-Social&arg_utm_source=linkedin'
	expect https://www.google.com/ 'google.com paid Google' arg_gclid=abc
	expect '' 'paid Bing' arg_msclkid=x
	expect https://l.facebook.com/ 'facebook.com social Facebook' arg_fbclid=x
	expect '' 'unknown partner7' arg_utm_source=partner7
	expect '' 'email newsletter' arg_utm_source=newsletter
}

@test "the same referrer is answered from the cache as it was worked out" {
	for i in 1 2 3; do
		row 'http_referer=https://www.linkedin.com/?a%3D1%26token%3D2'
		row 'http_referer=nonsense'
		row 'http_referer=https://accounts.google.com/'
	done >in
	runs 0 ev-enrich -q in
	for i in 1 2 3; do
		sed -n "${i}p" out >one
		sed -n "$((i + 3))p" out >two
		sed -n "$((i + 6))p" out >three
		same one two
		same one three
	done
	has out 'http_referer=https://www.linkedin.com/?a%3D1&'
	not grep -q token out
}

@test "a table with a bad line is exit 2 with its place" {
	mkdir d
	cp "$SRC"/share/*.tsv d/
	printf 'a.example\tA\tnone\n' >>d/referrers.tsv
	EV_DATADIR=$PWD/d runs 2 ev-enrich -q
	has err "referrers.tsv:$(wc -l <d/referrers.tsv): no host, an unknown medium"
}

@test "the tables hold at least 400 hosts, sorted, each once" {
	grep -v '^#' "$SRC/share/referrers.tsv" | cut -f1 >hosts
	[ "$(wc -l <hosts)" -ge 400 ]
	sort -u hosts >want
	same hosts want
}

# term REFERER [MORE]
term() {
	props "${2:+$2&}http_referer=$(sed 's/%/%25/g; s/=/%3D/g; s/&/%26/g; s/+/%2B/g' <<<"$1")&http_user_agent=x" c |
		tr '&' '\n' | sed -n 's/^referrer_term=//p'
}

@test "what was searched for is referrer_term, where an engine sends it" {
	[ "$(term 'https://www.bing.com/search?form=x&q=growth+engineering%20course#a')" = 'growth engineering course' ]
	[ "$(term 'https://search.yahoo.com/search?p=a%26b%2Bc&fr=x')" = 'a%26b%2Bc' ]
	[ "$(term 'https://yandex.ru/search/?text=%D0%BA%D1%83%D1%80%D1%81&lr=1')" = 'курс' ]
	[ "$(term 'https://www.google.com/')" = '' ]
	[ "$(term 'https://www.google.com/?q=')" = '' ]
	[ "$(term 'https://www.google.com/?q=+&query=b')" = b ]
	[ "$(term 'https://www.google.com/#q=x')" = '' ]
	[ "$(term 'https://www.google.com/?xq=1&qq=2')" = '' ]
	# of search engines alone, and not what is denied
	[ "$(term 'https://a.example/?q=x')" = '' ]
	echo 'properties: {deny: [q]}' >c
	[ "$(term 'https://www.bing.com/?q=x&a=1')" = '' ]
	: >c
	# with its bytes, at most 256, in whole characters
	[ "$(term "https://www.bing.com/?q=$(printf '%%C3%%A9%.0s' $(seq 200))" | tr -d '\n' | wc -c)" = 256 ]
	[ "$(term 'https://www.bing.com/?q=%FF%00x')" = '%FF%00x' ]
	# behind referrer_source; and nobody else says it
	[ "$(props 'http_referer=https://duckduckgo.com/?q%3Dx&http_user_agent=x&referrer_term=mine&request_method=GET' | grep -o 'referrer.*')" = \
		'referrer=duckduckgo.com&referrer_medium=search&referrer_source=DuckDuckGo&referrer_term=x&request_method=GET' ]
	[ "$(props 'http_user_agent=x&referrer_term=mine')" = "$(props 'http_user_agent=x')" ]
	row 'http_referer=https://duckduckgo.com/?q%3Dx&http_user_agent=x&remote_addr=8.8.8.8' >in
	runs 0 ev-enrich -q in
	cp out once
	runs 0 ev-enrich -q once
	same once out
	runs 0 ev-enrich -q --explain in
	grep -q '^1	referrer_source	DuckDuckGo	' out
	grep -q '^1	referrer_term	x	' out
}

@test "a table of the site's own wins over ours" {
	printf '# host, source, medium\nnews.partner.example\tPartner Letter\temail\ngoogle.com\t\tunknown\nlogin.partner.example\t\tunknown\n' >own.tsv
	echo 'enrich: {referrers: own.tsv}' >c
	expect https://news.partner.example/x 'partner.example email Partner Letter'
	expect https://www.google.com/ 'google.com unknown'
	expect https://login.partner.example/ 'partner.example unknown'
	expect https://www.bing.com/ 'bing.com search Bing'
	expect '' 'email Partner Letter' arg_utm_source=partner-letter
	printf 'a.example\tA\n' >own.tsv
	runs 2 ev-enrich -q -c c
	has err 'own.tsv:1: 2 fields, not 3'
	rm own.tsv
	runs 2 ev-enrich -q -c c
	has err 'own.tsv: No such file'
}
