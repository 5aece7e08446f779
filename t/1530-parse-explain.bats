#!/usr/bin/env bats
# ev-parse --explain: what comes from where, and what is not there.

load helper
load parse-helper

prepare() {
	line >access.log
}

# row NAME TEXT: a line of the output, its columns one blank apart
row() {
	tr -s ' ' <out >squeezed
	has_line squeezed "$1 $2"
}

@test "without anything it is combined, and it lacks what combined lacks" {
	runs 0 ev-parse --explain access.log
	cat >want <<-'EOF2'
	format               combined
	escape               default
	string               $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"

	A line is
	remote_addr          an address, up to ' - '
	time_local           a time, from the right, 26 bytes behind ' ['
	remote_user          any bytes, what remains before '] "'
	request              any bytes, up to '" '
	status               three digits, up to ' '
	body_bytes_sent      digits, up to ' "'
	http_referer         any bytes, up to '" "'
	http_user_agent      any bytes, up to '"'

	Columns come from
	user_id              nothing: log.user_id is not set
	logged_out_user_id   ev-enrich: remote_addr and http_user_agent
	dim_hostname         nothing
	dim_country          ev-enrich: remote_addr
	dim_device_brand     ev-enrich: http_user_agent
	action_type          method of $request, uri of $request, status of $status
	event_timestamp      $time_local
	ds                   $time_local

	Properties come from
	arg_*                $request
	body_bytes_sent      $body_bytes_sent
	http_referer         $http_referer
	http_user_agent      $http_user_agent
	remote_addr          $remote_addr
	request              $request where it gives no uri
	request_method       $request
	status               $status
	uri                  $request

	The format lacks
	$host                dim_hostname is NULL; site.default_host would do
	$msec                times are whole seconds: events within one have no order
	$request_id          nothing ties an event to the application's own logs
	$request_time        nothing says how long requests took
	EOF2
	same out want
}

@test "a config's host, user and proxies are in it, and what it asks in vain" {
	cat >c.yaml <<-'EOC'
	site: {default_host: a.test}
	log: {format: '$msec $remote_addr "$request" "$http_x_forwarded_for" "$http_cookie"', trusted_proxies: [10.0.0.0/8], user_id: cookie_uid}
	properties: {cookies: [sid], variables: [request_id]}
	EOC
	runs 0 ev-parse -c c.yaml --explain
	row format 'of the config'
	row user_id 'cookie_uid of $http_cookie'
	row dim_hostname site.default_host
	row remote_addr '$remote_addr and $http_x_forwarded_for, behind log.trusted_proxies'
	row realip_remote_addr '$remote_addr of a trusted proxy'
	row 'cookie_*' '$http_cookie'
	row event_timestamp '$msec'
	row '$host' "all events are site.default_host's"
	row '$status' 'a failed request counts as one that was served'
	row 'of the config' 'property request_id'
	not grep -q '^\$msec' out
	runs 0 ev-parse -c c.yaml --explain --format '$msec $status'
	row format 'of --format'
	row user_id 'nothing: the format does not log log.user_id'
	row action_type 'method of nothing, uri of nothing, status of $status'
	row '$request' 'no path: every action is the same'
}

@test "a nginx.conf's log_format and access_log have their places" {
	cat >nginx.conf <<-'EOC'
	http {
		log_format all escape=json '$msec $host $remote_addr $status '
		    '"$request" "$http_referer" "$http_user_agent" '
		    '$request_id $request_time';
		server {
			server_name a.test;
			access_log logs/access.log all buffer=64k if=$loud;
		}
	}
	EOC
	runs 0 ev-parse --nginx-conf nginx.conf --explain access.log.1
	row format 'all, log_format at nginx.conf:2'
	row 'written by' 'access_log logs/access.log at nginx.conf:7, in server a.test'
	row '' 'if=$loud: requests are missing from the log'
	row '' 'buffer=64k: the last lines come late'
	row escape json
	[ "$(sed -n '/^The format lacks/{n;p}' out)" = nothing ]
	runs 2 ev-parse --nginx-conf nginx.conf --explain other.log
}

@test "what --explain prints is checked, and clean" {
	printf 'http { access_log "a\033[31m.log" combined; }' >nginx.conf
	runs 0 ev-parse --nginx-conf nginx.conf --explain
	not grep -q "$(printf '\033')" out
	has out 'access_log a%1B[31m.log'
	runs 0 ev-parse --explain -o text
	has text 'The format lacks'
	runs 1 ev-parse --explain -o /nowhere/text
	ev-parse --explain >/dev/full 2>err && false
	has err 'ev-parse: stdout: '
}
