#!/usr/bin/perl
# parse-mix.pl make N SEED DIR    N good lines of a combined log and N hostile
#                                 ones, to DIR/good and DIR/hostile, and all of
#                                 them shuffled, each kind in its order, to
#                                 DIR/mixed; SEED is a log to damage
# parse-mix.pl check DIR          DIR/mixed.tsv is DIR/good.tsv and
#                                 DIR/hostile.tsv, each whole and in order
#
# A good line's path is its number, so that no hostile one has its event.
use strict;
use warnings;

sub slurp {
	my ($path) = @_;
	open my $fh, '<', $path or die "$path: $!\n";
	binmode $fh;
	return $fh;
}

sub make {
	my ($n, $seed, $dir) = @_;
	open my $bad, '-|', 'parse-hostile', $n, $seed
	    or die "parse-hostile: $!\n";
	binmode $bad;
	my %to;
	for (qw(good hostile mixed)) {
		open $to{$_}, '>', "$dir/$_" or die "$dir/$_: $!\n";
		binmode $to{$_};
	}
	my $x = 20261125;
	my ($good, $hostile) = (0, 0);
	my @agents = ('-', 'curl/8.5.0', 'Mozilla/5.0 (X11; Linux x86_64)',
		'b\xC3\xBCcher \x22quoted\x22', 'x' x 300);
	while ($good < $n || $hostile < $n) {
		$x = ($x * 1103515245 + 12345) & 0x7fffffff;
		if ($good < $n && ($hostile == $n || $x >> 20 & 1)) {
			my $s = int $good * 86400 / $n;
			my $line = sprintf '%d.%d.%d.7 - - [21/Nov/2026:' .
			    '%02d:%02d:%02d +0000] "GET /good/%d?ref=%d ' .
			    'HTTP/1.1" %d %d "https://t.co/%d" "%s"' . "\n",
			    1 + $x % 200, $x >> 8 & 255, $x >> 16 & 255,
			    $s / 3600, $s / 60 % 60, $s % 60, $good, $x % 9,
			    200 + $x % 5, $x % 70000, $x % 100,
			    $agents[$x % @agents];
			print { $to{good} } $line;
			print { $to{mixed} } $line;
			$good++;
		} else {
			my $line = <$bad>;
			print { $to{hostile} } $line;
			print { $to{mixed} } $line;
			$hostile++;
		}
	}
	for (values %to) {
		close $_ or die "close: $!\n";
	}
}

sub next_event {
	my ($fh) = @_;
	while (my $line = <$fh>) {
		return $line if $line !~ /^#/;
	}
	return undef;
}

sub check {
	my ($dir) = @_;
	my ($good, $hostile, $mixed) =
	    map { slurp("$dir/$_.tsv") } qw(good hostile mixed);
	my ($g, $h) = (next_event($good), next_event($hostile));
	my ($ng, $nh) = (0, 0);
	while (defined(my $m = next_event($mixed))) {
		if (defined $g && $m eq $g) {
			$g = next_event($good);
			$ng++;
		} elsif (defined $h && $m eq $h) {
			$h = next_event($hostile);
			$nh++;
		} else {
			die "mixed.tsv:$.: neither the next good event nor " .
			    "the next hostile one: $m";
		}
	}
	die "a good event is missing: $g" if defined $g;
	die "a hostile event is missing: $h" if defined $h;
	print "$ng good, $nh hostile\n";
}

my $what = shift // '';
if ($what eq 'make') {
	make(@ARGV);
} elsif ($what eq 'check') {
	check(@ARGV);
} else {
	die "usage: parse-mix.pl make N SEED DIR | check DIR\n";
}
