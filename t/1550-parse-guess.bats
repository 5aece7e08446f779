#!/usr/bin/env bats
# ev-parse: a log whose format was changed half-way is noticed.

load helper
load parse-helper

@test "from where on the rejects fit another format is said, and which" {
	for i in 1 2 3 4 5; do line "GET /$i HTTP/1.1"; done >old
	sed 's/^/a.test /' old >new
	{ cat old; echo junk; cat new; } >log
	runs 0 ev-parse --rejects rej log
	has_line err 'ev-parse: 5 of 6 rejected lines fit the format vhost, from log:7 on; --format vhost reads such, with --replay those kept'
	runs 0 ev-parse --replay rej --format vhost
	[ "$(counter out events)" -eq 5 ]
	runs 0 ev-parse -q log
	[ ! -s err ]
	runs 0 ev-parse --format vhost log
	has_line err 'ev-parse: 5 of 6 rejected lines fit the format combined, from log:1 on; --format combined reads such, with --replay those kept'
}

@test "the formats of a nginx.conf are tried, too" {
	cat >nginx.conf <<-'EOC'
	log_format split '$http_a $http_b $msec';
	log_format timed '$remote_addr [$time_local] "$request" $request_time';
	access_log logs/access.log combined;
	EOC
	line >access.log
	echo '192.0.2.7 [22/Nov/2026:23:28:52 +0000] "GET / HTTP/1.1" 0.001' >>access.log
	runs 0 ev-parse --nginx-conf nginx.conf access.log
	has_line err 'ev-parse: 1 of 1 rejected lines fit the format timed, from access.log:2 on; --format timed reads such, with --replay those kept'
}

@test "where nothing fits nothing is said" {
	{ line; echo junk; printf 'a\000b\n'; } >log
	runs 0 ev-parse log
	not grep -q 'fit the format' err
	line >log
	runs 0 ev-parse log
	[ ! -s err ]
}

@test "events that are parsed again are called that" {
	line >log
	ev-parse log >events
	runs 0 ev-parse events
	has_line err 'ev-parse: events are no log: what ev-parse wrote is for ev-enrich'
	{ cat log; head -n 1 events; } >log2
	runs 0 ev-parse log2
	not grep -q 'are no log' err
}
