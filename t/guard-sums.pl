#!/usr/bin/perl
# guard-sums.pl VERDICTS WHY: do the drops of each dimension sum to expected
# less value, in the decimals that are written?  Prints how many do; dies of
# one that does not.
use strict;
use warnings;
use Math::BigFloat;

my ($verdicts, $why) = @ARGV;
my (%drop, %sum);
open my $v, '<', $verdicts or die "$verdicts: $!\n";
while (<$v>) {
	chomp;
	my @c = split /\t/, $_, -1;
	next if $c[2] ne 'down';
	$drop{"$c[0] $c[1]"} = Math::BigFloat->new($c[4])->bsub($c[3])->babs;
}
open my $w, '<', $why or die "$why: $!\n";
while (<$w>) {
	chomp;
	my @c = split /\t/, $_, -1;
	@c == 10 or die "$why:$.: not ten columns\n";
	my $sum = $sum{"$c[0] $c[1]"}{$c[2]} //= Math::BigFloat->new(0);
	$sum->badd($c[5]);
}
my $n = 0;
for my $day (sort keys %sum) {
	for my $dim (sort keys %{$sum{$day}}) {
		$sum{$day}{$dim}->bcmp($drop{$day}) == 0
		    or die "$day $dim: $sum{$day}{$dim}, not $drop{$day}\n";
		$n++;
	}
}
print "$n\n";
