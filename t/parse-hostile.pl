#!/usr/bin/perl
# parse-hostile.pl LINES FILE...: lines of the files, most of them damaged in
# one to three places, the same at each run with the same EV_SEED.
use strict;
use warnings;

my $lines = shift;
my @seed = grep { length } map { chomp; $_ } <>;
my $x = 20261123 + 7919 * ($ENV{EV_SEED} // 0);
sub r {
	my ($n) = @_;
	$x = ($x * 1103515245 + 12345) & 0x7fffffff;
	return ($x >> 8) % $n;
}
my @bits = ('"', '\\', ' ', '  ', '\\x22', '\\x5C', '\\x0A', '\\u0001', '\\"',
	'%', '%2f', '%00', '//', '/./', '/../', '?', '#', '&', '=', '+', "\0",
	"\x7f", "\x80", "\xc3\xa9", "\xff", '-', '[', ']', '0', '00', '255',
	'256', '.', ':', '::1', 'GET ', 'POST ', ' HTTP/1.1', ' HTTP/1.10',
	"\t", "\r", '/', 'x' x 40, '?utm_source=a%20b+c&utm_medium=',
	'&gclid=1&GCLID=2', ' +0530', ' -0330', 'unix:', 'http://h/p');
binmode STDOUT;
for (1 .. $lines) {
	my $l = $seed[r(scalar @seed)];
	for (1 .. r(4)) {
		my $how = r(4);
		my $at = r(1 + length $l);
		if ($how == 0) {
			substr($l, $at, 0) = $bits[r(scalar @bits)];
		} elsif ($how == 1) {
			substr($l, $at, 1 + r(6)) = '' if $at < length $l;
		} elsif ($how == 2) {
			substr($l, $at, 1) = chr r(256) if $at < length $l;
		} elsif (r(8) == 0) {
			$l = substr $l, 0, $at;
		} else {
			substr($l, $at, 1) = r(10) if $at < length $l;
		}
	}
	$l =~ tr/\n//d;
	print $l, "\n";
}
