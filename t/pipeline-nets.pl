#!/usr/bin/perl
# pipeline-nets.pl MMDB <NETWORKS.TSV: is every network wholly of the country
# beside it?  One line for each that is not; silent when all are.
#
# Reads the tree itself, by MaxMind DB's specification (24-bit records only,
# which is what the database here has): all nodes below a network's prefix
# must end in records of that country.
use strict;
use warnings;
use Socket qw(inet_pton AF_INET AF_INET6);

my ($path) = @ARGV;
open my $f, '<:raw', $path or die "$path: $!\n";
my $db = do { local $/; <$f> };
my $meta = substr $db, rindex($db, "\xab\xcd\xefMaxMind.com");
my ($n) = map { unpack 'N', ("\0" x (4 - length)) . $_ }
    map { substr $_->[1], 0, $_->[0] }
    map { [ ord($_) & 31, substr $_, 1 ] }
    $meta =~ /node_count(.{1,5})/s;
die "$path: no 24-bit records\n"
    unless $meta =~ /record_size\xa1\x18/ && $meta =~ /ip_version\xa1\x06/;

sub record {
	my ($node, $bit) = @_;
	return unpack 'N', "\0" . substr $db, $node * 6 + $bit * 3, 3;
}

# The text after "country_code", through one pointer if it is one.
sub country {
	my ($at) = @_;
	my $value = sub {
		my ($o) = @_;
		my $c = ord substr $db, $o;
		return ($o + 1 + ($c & 31), substr $db, $o + 1, $c & 31)
		    if $c >> 5 == 2;
		my $size = $c >> 3 & 3;
		my $p = unpack 'N', substr "\0\0\0" . chr($c & 7) .
		    substr($db, $o + 1, $size + 1), -4;
		$p += (0, 2048, 526336)[$size];
		$p += $n * 6 + 16;
		return ($o + 2 + $size, substr $db, $p + 1,
		    ord(substr $db, $p) & 31);
	};
	my ($next, $key) = $value->($at + 1);
	die "$path: a record without country_code\n"
	    unless $key eq 'country_code';
	return ($value->($next))[1];
}

sub leaves {
	my ($node, $found) = @_;
	if ($node == $n) {
		$found->{'\N'} = 1;
	} elsif ($node > $n) {
		$found->{ country($node - $n + $n * 6) } = 1;
	} else {
		leaves(record($node, $_), $found) for 0, 1;
	}
}

my $bad = 0;
while (<STDIN>) {
	next if /^#/;
	my ($net, $want) = split /\t/;
	my ($addr, $bits) = split m{/}, $net;
	my $raw = inet_pton(AF_INET6, $addr);
	($raw, $bits) = ("\0" x 12 . inet_pton(AF_INET, $addr), $bits + 96)
	    unless defined $raw;
	my ($node, $i) = (0, 0);
	$node = record($node, vec($raw, $i >> 3, 8) >> (7 - ($i & 7)) & 1), $i++
	    while $i < $bits && $node < $n;
	my %found;
	leaves($node, \%found);
	next if keys %found == 1 && $found{$want};
	print "$net: ", join(' ', sort keys %found), ", not $want\n";
	$bad = 1;
}
exit $bad;
