#!/usr/bin/perl
# pipeline-mmdb.pl MMDB <ADDRESSES: the country of each line's address, or all
# the countries below it where it is a network, then a TAB and the line.  \N
# is none.
#
# Reads the tree by MaxMind's "MaxMind DB File Format Specification" itself,
# so that the pipeline is not compared with the library it uses: a database of
# both address families with 24-bit records of nothing but a country_code,
# which is what the example has.
use strict;
use warnings;
use Socket qw(inet_pton AF_INET AF_INET6);

my ($path) = @ARGV;
open my $f, '<:raw', $path or die "$path: $!\n";
my $db = do { local $/; <$f> };
close $f;
my $meta = substr $db, rindex($db, "\xab\xcd\xefMaxMind.com");
die "$path: no 24-bit records of both families\n"
    unless $meta =~ /record_size\xa1\x18/ && $meta =~ /ip_version\xa1\x06/;
# uint32: its type and size in one byte, then that many bytes.
$meta =~ /node_count([\xc1-\xc4])/ or die "$path: no node_count\n";
my $n = unpack 'N', substr "\0\0\0" . substr($meta, $+[0], ord($1) & 7), -4;

sub record {
	my ($node, $bit) = @_;
	return unpack 'N', "\0" . substr $db, $node * 6 + $bit * 3, 3;
}

# The short string at $o, or that which a pointer there names; and what
# follows it.
sub string {
	my ($o) = @_;
	my $c = ord substr $db, $o;
	return (substr($db, $o + 1, $c & 31), $o + 1 + ($c & 31))
	    if $c >> 5 == 2;
	my $size = $c >> 3 & 3;
	my $p = unpack 'N', substr "\0\0\0" . chr($c & 7) .
	    substr($db, $o + 1, $size + 1), -4;
	my ($text) = string($n * 6 + 16 + $p + (0, 2048, 526336)[$size]);
	return ($text, $o + 2 + $size);
}

my %country;
sub country {
	my ($node) = @_;
	return $country{$node} //= do {
		my ($key, $next) = string($node - $n + $n * 6 + 1);
		die "$path: a record of something else\n"
		    unless $key eq 'country_code';
		(string($next))[0];
	};
}

sub leaves {
	my ($node, $found) = @_;
	if ($node == $n) {
		$found->{'\N'} = 1;
	} elsif ($node > $n) {
		$found->{ country($node) } = 1;
	} else {
		leaves(record($node, $_), $found) for 0, 1;
	}
}

while (my $line = <STDIN>) {
	chomp $line;
	my ($addr, $bits) = split m{/}, $line;
	my $raw = inet_pton(AF_INET6, $addr);
	if (defined $raw) {
		$bits //= 128;
	} else {
		$raw = "\0" x 12 . (inet_pton(AF_INET, $addr) //
		    die "no address: $line\n");
		$bits = 96 + ($bits // 32);
	}
	my ($node, $i) = (0, 0);
	while ($i < $bits && $node < $n) {
		$node = record($node,
		    vec($raw, $i >> 3, 8) >> (7 - ($i & 7)) & 1);
		$i++;
	}
	my %found;
	leaves($node, \%found);
	print join(' ', sort keys %found), "\t$line\n";
}
