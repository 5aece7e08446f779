#!/usr/bin/perl
# enrich-hostile.pl ROWS: events as nobody wants them, the same at each run with
# the same EV_SEED: maps with keys twice, without a '=', unsorted or empty, with
# all that leaves or is looked at in any form, addresses that are none.
use strict;
use warnings;

my $rows = shift;
my $x = 20261125 + 7919 * ($ENV{EV_SEED} // 0);
sub r {
	my ($n) = @_;
	$x = ($x * 1103515245 + 12345) & 0x7fffffff;
	return ($x >> 8) % $n;
}
sub one { return $_[r(scalar @_)] }

my @keys = qw(remote_addr http_user_agent http_referer uri request args
    query_string arg_utm_source arg_utm_medium arg_gclid arg_fbclid arg_token
    arg_page cookie_sid remote_user http_x_forwarded_for status bot bot_class
    browser browser_version os referrer referrer_medium referrer_source
    referrer_domain referrer_meta osx a zz sent_http_location
    http_%75ser_agent remote%5Faddr);
push @keys, 'upstream_http_a_header_of_more_than_forty_eight_bytes';
my @addresses = ('192.0.2.1', '203.0.113.9', '8.8.8.8', '256.1.1.1',
	'01.2.3.4', '2001:db8::1', '2a00:1450:4001:82a::200e',
	'2A00:1450:4001:082A:0000:0000:0000:200E', '::ffff:8.8.8.8', '::',
	'0000:0000:0000:0000:0000:0000:0000:0000', 'unix:', '1.2.3',
	'8.8.8.%38', '2a00%3A1450::1', 'fe80::1%25eth0', 'x' x 20, '1.2.3.4 ',
	"8.8.8.8\0", '');
my @agents = ((map { "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 " .
	    "(KHTML, like Gecko) Chrome/$_.0.0.0 Safari/537.36" } 90 .. 120),
	'Googlebot/2.1 (+http://www.google.com/bot.html)', 'curl/8.5', '-', 'x',
	map { 'y' x $_ } 31 .. 33, 63 .. 65, 127 .. 129, 3000);
my @values = ('', 'x', 'https://www.google.com/search?q%3Dx%26token%3Dy',
	'https://user:secret@host.example/', '/a?token%3D1%26b%3D2', '/a%20b',
	'/plain', 'token%3D1%26a%3D2', 'a=b', 'google', 'email', 'cpc',
	'https://xx.com/', '%', '%4', '%zz', "\0", map { 'z' x $_ } 15 .. 17,
	31 .. 33, 63 .. 65, 127 .. 129, 700);

sub value {
	my ($key) = @_;
	return one(@addresses) if $key eq 'remote_addr';
	return one(@agents) if $key eq 'http_user_agent';
	return one(@values);
}

for (1 .. $rows) {
	my @pairs = ('body_bytes_sent=' . r(1000));
	for my $key ('http_referer', 'http_user_agent', 'remote_addr') {
		push @pairs, "$key=" . value($key) if r(8);
	}
	push @pairs, 'request_method=GET', 'status=200', 'uri=/p/' . r(300);
	if (r(3) == 0) {
		for (0 .. r(r(20) ? 6 : 60)) {
			my $key = one(@keys);
			push @pairs, r(20) ? "$key=" . value($key)
			    : r(2) ? $key : '';
		}
		@pairs = sort @pairs if r(4);
	}
	my $map = r(200) ? join('&', @pairs) : one('', '\\N');
	print join("\t", one('\\N', '7'), r(40) ? '\\N' : '-5',
		one('xx.com', 'www.google.com', '\\N'), '\\N',
		r(40) ? '\\N' : 'AT&T', 'page_view', '2026-11-2' . r(3) .
		' 10:00:00', $map, r(20) ? '2026-11-21' : ()), "\n";
}
