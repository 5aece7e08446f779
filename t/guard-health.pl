#!/usr/bin/perl
# guard-health.pl SEED DAYS [CAUSE[@BACK[..BACK]]...]: metric rows of a made-up
# site, and what befell it so many days before the last one (0).
#
# Faults of the data:
#	gap=A-B		nothing from hour A up to B
#	bots		a wave of bots that are known as such
#	hidden		one of bots that are not: no referrer, no sign-up
#	referrer=0	no referrer is known any more; country=0 likewise
#	few, many	a fifth of all events; four times as many
#	begun		the first hour alone
# Troubles of the site:
#	checkout	a third of the sign-ups is gone, those of one brand
#	google		one referrer's traffic is gone, which signs up most
#	holiday		half of all people stay away
#	noon		nobody comes from noon on but a third
use strict;
use warnings;
use POSIX qw(gmtime strftime);

my ($seed, $days, @causes) = @ARGV;
srand $seed;
use constant PI => 4 * atan2(1, 1);

sub normal { return sqrt(-2 * log(1 - rand)) * cos(2 * PI * rand) }

# Near enough to a Poisson count.
sub count {
	my ($mean) = @_;
	return 0 if $mean <= 0;
	if ($mean < 30) {
		my ($n, $p, $limit) = (0, rand, exp -$mean);
		while ($p > $limit) { $p *= rand; $n++ }
		return $n;
	}
	my $n = int($mean + sqrt($mean) * normal() + 0.5);
	return $n < 0 ? 0 : $n;
}

my @week = (1.1, 1.12, 1.1, 1.05, 0.95, 0.7, 0.8);
my @hour = map { 0.2 + (1 - cos(2 * PI * ($_ - 2) / 24)) } 0 .. 23;
my $all = 0;
$all += $_ for @hour;

sub befalls {
	my ($day) = @_;
	my %c;
	for (@causes) {
		my ($what, $from, $to) = /^(.*?)(?:@(\d+)(?:\.\.(\d+))?)?$/;
		$from //= 0;
		$to //= $from;
		($from, $to) = ($to, $from) if $from < $to;
		my $back = $days - 1 - $day;
		my ($k, $v) = split /=/, $what, 2;
		$c{$k} = $v // 1 if $back <= $from && $back >= $to;
	}
	return \%c;
}

sub ratio {
	my ($ds, $name, $num, $den) = @_;
	printf "%s\t%s\t\t%s\t%d\t%d\n", $ds, $name,
	    $den > 0 ? sprintf('%.17g', $num / $den) : '\N', $num, $den;
}

for my $day (0 .. $days - 1) {
	my $c = befalls($day);
	my $ds = strftime('%Y-%m-%d', gmtime(86400 * (20000 + $day)));
	my $level = 4000 * $week[$day % 7] * (1 + 0.0005 * $day) *
	    exp(0.05 * normal());
	my ($from, $to) = split /-/, $c->{gap} // '24-24';
	my %sum;

	$level *= 0.5 if $c->{holiday};
	$level /= 5 if $c->{few};
	$level *= 4 if $c->{many};
	for my $h (0 .. 23) {
		next if ($h >= $from && $h < $to) || ($c->{begun} && $h > 0);
		my $mean = $level * $hour[$h] / $all;
		my %n;

		$mean /= 3 if $c->{noon} && $h >= 12;
		# Referrers by their sign-up rates.
		my %rate = (none => 0.015, google => 0.04, other => 0.02);
		my %part = (none => 0.35, google => 0.3, other => 0.35);
		$part{google} = 0 if $c->{google};
		for my $r (sort keys %part) {
			my $hits = count($mean * $part{$r});
			$n{hits} += $hits;
			$n{none} += $hits if $r eq 'none' ||
			    defined $c->{referrer};
			$n{signups} += count($hits * $rate{$r} *
			    ($c->{checkout} ? 2 / 3 : 1));
		}
		if ($c->{hidden}) {
			my $wave = count($mean * 0.8);
			$n{hits} += $wave;
			$n{none} += $wave;
		}
		$n{nocountry} = defined $c->{country} ? $n{hits} :
		    count($n{hits} * 0.01);
		$n{nocountry} = $n{hits} if $n{nocountry} > $n{hits};
		$n{bots} = count($mean * ($c->{bots} ? 1.2 : 0.3));
		$n{events} = $n{hits} + $n{bots} + $n{signups};
		printf "%s\tevents_by_hour\thour=%02d\t%d\t\\N\t\\N\n", $ds, $h,
		    $n{events} if $n{events} > 0;
		$sum{$_} += $n{$_} for keys %n;
	}
	$sum{$_} //= 0 for qw(hits signups none nocountry bots events);
	ratio($ds, 'signup_conversion_rate', $sum{signups}, $sum{hits});
	ratio($ds, 'bot_share', $sum{bots}, $sum{events});
	ratio($ds, 'no_referrer_share', $sum{none}, $sum{hits});
	ratio($ds, 'no_country_share', $sum{nocountry}, $sum{hits});
}
