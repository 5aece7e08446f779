#!/usr/bin/perl
# agg-site.pl SEED ROWS VISITORS: a random site's events, nine columns, over
# some weeks, with ties in time, NULLs and what needs care in a key.
use strict;
use warnings;

my ($seed, $rows, $visitors) = @ARGV;
srand $seed;
sub pick { return $_[int rand @_] }

my @days = map { sprintf '2026-11-%02d', $_ } 1 .. 24;
my @referrers = ('Google', 'a b', '!x', '%28other)', '%2B!"', '', "\xc3\xa9");
for (1 .. $rows) {
	my $v = rand() < 0.05 ? '\N' : int(rand $visitors) - 3;
	my $day = pick(@days[0 .. 4], @days);
	my $second = rand() < 0.5 ? int rand 20 : int rand 86400;
	my $time = sprintf '%s %02d:%02d:%02d%s', $day, $second / 3600,
	    $second / 60 % 60, $second % 60, rand() < 0.2 ?
	    sprintf('.%03d', rand 1000) : '';
	my %map = (uri => '/' . pick('a', 'b', 'c', 'd', 'x%26y', 'z z'));
	$map{bytes} = pick(0, int rand 1000, int rand 1e6, '12x', '-3.5')
	    if rand() < 0.9;
	$map{request_time} = pick('0', '0.1', sprintf('%.3f', rand 3),
	    sprintf('%.9f', rand 1e-6)) if rand() < 0.9;
	$map{referrer} = pick(@referrers) if rand() < 0.6;
	$map{status} = pick(200, 200, 204, 304, 404, 500);
	print join("\t", rand() < 0.7 ? '\N' : int rand 5, $v, 'xx.com',
	    pick('US', 'US', 'DE', 'FR', '\N', '(x)'), 'Apple',
	    pick('landing_page', 'page_view', 'page_view', 'signup',
	    'purchase'), $time, join('&', map { "$_=$map{$_}" }
	    sort keys %map), $day), "\n";
}
