load helper

# The vectors against the plain C that is their reference: parse-plain is
# ev-parse built without them.

config() {
	cat <<'EOF'
log: {trusted_proxies: [10.0.0.0/8], user_id: arg_page}
properties: {args: ['*'], cookies: ['*'], variables: [request, args]}
actions:
  - {action: blog, method: [GET, HEAD], uri: '^/blog/', status: [2xx]}
  - {action: static, uri: '\.(css|js|png)$', drop: true}
  - {action: lesson, uri: '^/les+ons/\d+'}
EOF
}

# agree LINES KIND [OPTION...]: both say the same of so many damaged lines, which
# have $behind at their ends
behind=
agree() {
	local n=$1 kind=$2 form
	shift 2

	perl "$T/bench/mkbench" 3000 "$kind" | sed "s/\$/$behind/" >seed
	parse-hostile "$n" seed >log
	for form in ev-parse parse-plain; do
		"$form" -q --rejects "$form.rejects" "$@" log >"$form.events"
	done
	same ev-parse.events parse-plain.events
	same ev-parse.rejects parse-plain.rejects
	# Both ways were taken.
	[ "$(grep -vc '^#' ev-parse.events)" -gt $((n / 10)) ]
	[ "$(wc -l <ev-parse.rejects)" -gt $((n / 10)) ]
}

@test "each form of a vector function answers as the reference does" {
	runs 0 "$EV_BIN/scan-test" 1000000
	[ "$(head -n 1 out)" = plain ]
}

@test "EV_SOAK: a hundred million lines of both" {
	[ "${EV_SOAK:-0}" = 1 ] || skip "make soak-parse: minutes"
	for EV_SEED in $(seq 100); do
		export EV_SEED
		agree 700000 time
		agree 300000 json --format 'escape=json {"time":"$time_iso8601","addr":"$remote_addr","request":"$request","status":$status,"bytes":$body_bytes_sent,"referer":"$http_referer","agent":"$http_user_agent"}'
	done
}

@test "half a million lines of combined give the same bytes without vectors" {
	agree 500000 time
}

@test "so do three hundred thousand of json" {
	agree 300000 json --format 'escape=json {"time":"$time_iso8601","addr":"$remote_addr","request":"$request","status":$status,"bytes":$body_bytes_sent,"referer":"$http_referer","agent":"$http_user_agent"}'
}

@test "and two hundred thousand with a config that takes all" {
	config >ev.yaml
	agree 200000 shuffled -c ev.yaml
}

@test "and a hundred thousand with lists of upstreams" {
	behind=' 9 0.1 [a-b] [] [::1]:80, unix:x : 1.2.3.4:5 0, - : 7 0.1, - : 2 502, - : 200 7af2'
	echo 'properties: {variables: [upstream_addr, upstream_status, req_id]}' >ev.yaml
	agree 100000 time --format ingress -c ev.yaml
}
