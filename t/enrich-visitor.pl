# Prints the visitor of KEY PREFIX ADDRESS AGENT, by ev-enrich(1) alone:
# SipHash-2-4 written from its paper, nothing shared with the C.
use strict;
use warnings;
no warnings 'portable';
use Socket qw(inet_pton AF_INET AF_INET6);

sub rotl {
	use integer;
	my ($x, $n) = @_;
	return ($x << $n) | (($x >> (64 - $n)) & ((1 << $n) - 1));
}

sub siphash {
	use integer;
	my ($key, $m) = @_;
	my ($k0, $k1) = unpack('q<2', $key);
	my @v = ($k0 ^ 0x736f6d6570736575, $k1 ^ 0x646f72616e646f6d,
	    $k0 ^ 0x6c7967656e657261, $k1 ^ 0x7465646279746573);
	my $round = sub {
		$v[0] += $v[1]; $v[1] = rotl($v[1], 13); $v[1] ^= $v[0];
		$v[0] = rotl($v[0], 32);
		$v[2] += $v[3]; $v[3] = rotl($v[3], 16); $v[3] ^= $v[2];
		$v[0] += $v[3]; $v[3] = rotl($v[3], 21); $v[3] ^= $v[0];
		$v[2] += $v[1]; $v[1] = rotl($v[1], 17); $v[1] ^= $v[2];
		$v[2] = rotl($v[2], 32);
	};
	my $n = length $m;
	$m .= "\0" x (7 - $n % 8) . chr($n & 255);
	for my $w (unpack 'q<*', $m) {
		$v[3] ^= $w;
		$round->() for 1 .. 2;
		$v[0] ^= $w;
	}
	$v[2] ^= 0xff;
	$round->() for 1 .. 4;
	return pack 'q<', $v[0] ^ $v[1] ^ $v[2] ^ $v[3];
}

my ($hex, $prefix, $text, $agent) = @ARGV;
my $key = pack 'H*', $hex;
my $v4 = inet_pton(AF_INET, $text);
my $a = defined $v4 ? "\0" x 10 . "\xff\xff$v4" : inet_pton(AF_INET6, $text);
if (substr($a, 0, 12) ne "\0" x 10 . "\xff\xff") {
	my $bits = substr(unpack('B128', $a), 0, $prefix);
	$a = pack 'B128', $bits . '0' x (128 - $prefix);
}
print unpack('q<', siphash($key, $a . siphash($key, $agent))), "\n";
