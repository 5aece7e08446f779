#!/usr/bin/perl
# pipeline-truth.pl <TRUTH.TSV: what mklog put in, as the metric rows that
# growth.yaml must give for it, sorted.  The test compares all rows both ways,
# so a row that the truth does not know is as wrong as one that lacks.
use strict;
use warnings;

my %tier = (human => '', undeclared => '_undeclared', all => '_all');
my %total = (hits => 'website_hits', pairs => 'visitors',
    signups => 'signups', purchases => 'purchases',
    lessons => 'lesson_views');
my %rate = (signup_rate => ['signup_conversion_rate', 'signups', 'hits'],
    purchase_rate => ['purchase_conversion_rate', 'purchases', 'signups']);
my %column = (country => 'dim_country', brand => 'dim_device_brand',
    referrer => 'referrer', campaign => 'arg_utm_source', sign => 'bot');
# Of human traffic: measure, dimension.
my %breakdown = ('hits referrer' => 'traffic_breakdown',
    'hits campaign' => 'traffic_by_campaign',
    'hits country' => 'hits_by_country', 'hits brand' => 'hits_by_device',
    'hits sign' => 'hits_by_bot',
    'pairs referrer' => 'visitors_by_referrer',
    'pairs country' => 'visitors_by_country',
    'pairs brand' => 'visitors_by_device',
    map {
	("$_ referrer" => "${_}_by_referrer", "$_ country" =>
	    "${_}_by_country", "$_ brand" => "${_}_by_device")
    } qw(signups purchases));
my %by_host = (hits => 'hits_by_host', pairs => 'visitors_by_host',
    signups => 'signups_by_host', purchases => 'purchases_by_host',
    lessons => 'lesson_views_by_host');
my %word = (hits => 'hits', pairs => 'visitors', signups => 'signups',
    purchases => 'purchases');
my %dimension = (referrer => 'referrer', country => 'country',
    brand => 'device');

sub row {
	my ($ds, $metric, $dims, $value, $n, $m) = @_;
	my $map = join '&', map { $dims->{$_} eq '\N' ? $_ :
	    "$_=" . $dims->{$_} =~ s/([%&=+])/sprintf '%%%02X', ord $1/ger }
	    sort keys %$dims;
	print join("\t", $ds, $metric, $map, $value, $n // '\N', $m // '\N'),
	    "\n";
}

# A quotient as the shortest decimal that reads back the same.
sub ratio {
	my ($n, $m) = @_;
	for (15 .. 17) {
		my $s = sprintf "%.${_}g", $n / $m;
		return $s if $s == $n / $m;
	}
}

my %n;          # ds, tier, host, measure: for the rates
my @rows = map { chomp; [split /\t/, $_, -1] } <STDIN>;
for (@rows) {
	my ($ds, $class, $host, $measure, $dim, $value, $n) = @$_;
	$n{$ds}{$class}{$host}{$measure} = $n if $dim eq '*';
}

sub of_tier {
	my ($ds, $class, $host, $measure, $n) = @_;
	if ($host eq '*' && $rate{$measure}) {
		my ($name, $top, $bottom) = @{ $rate{$measure} };
		my $of = $n{$ds}{$class}{$host};
		row($ds, $name . $tier{$class}, {}, $n, $of->{$top},
		    $of->{$bottom});
	} elsif ($host eq '*' && $total{$measure}) {
		row($ds, $total{$measure} . $tier{$class}, {}, $n)
		    unless $measure eq 'lessons' && $class ne 'human';
	}
}

# A group that no event fell into has no row.
sub of_host {
	my ($ds, $host, $measure, $n) = @_;
	my %dims = (dim_hostname => $host);
	my $of = $n{$ds}{human}{$host};
	if (my $r = $rate{$measure}) {
		my ($name, $top, $bottom) = @$r;
		row($ds, $name . '_by_host', \%dims, $n, $of->{$top},
		    $of->{$bottom}) if $of->{$top} || $of->{$bottom};
	} elsif ($by_host{$measure} && $n > 0) {
		row($ds, $by_host{$measure}, \%dims, $n);
	}
}

sub of_class {
	my ($ds, $class, $host, $measure, $dim, $value, $n) = @_;
	my $word = $word{$measure} or return;
	my %dims = (bot_class => $class eq 'human' ? '\N' : $class);
	if ($host eq '*') {
		row($ds, "${word}_by_bot_class", \%dims, $n)
		    if $dim eq '*' && $word =~ /^(hits|visitors)$/;
		row($ds, $breakdown{"$measure $dim"}, { $column{$dim} =>
		    $value }, $n)
		    if ($class eq 'human' || $dim eq 'sign') &&
		    $breakdown{"$measure $dim"};
		return;
	}
	$dims{dim_hostname} = $host;
	if ($dim eq '*') {
		row($ds, "${word}_by_class_and_host", \%dims, $n);
	} elsif ($dimension{$dim}) {
		row($ds, "${word}_by_class_host_and_$dimension{$dim}",
		    { %dims, $column{$dim} => $value }, $n);
	}
}

# What tells whether the data are well: counts, and their shares of a whole.
my %health;
sub healthy {
	my ($ds, $class, $host, $measure, $dim, $value, $n) = @_;
	my $h = $health{$ds} //= { map { $_ => 0 } qw(events bot_events
	    hits_without_referrer hits_without_country) };
	if ("$measure $dim" eq 'events class') {
		$h->{events} += $n;
		$h->{bot_events} += $n if $value ne 'human';
	} elsif ("$measure $dim" eq 'events hour') {
		row($ds, 'events_by_hour', { hour => $value }, $n);
	} elsif ("$class $host $measure" eq 'human only * hits' &&
	    $dim =~ /^(referrer|country)$/ && $value eq '\N') {
		$h->{"hits_without_$dim"} += $n;
	}
}

sub health_of_day {
	my ($ds) = @_;
	my $h = $health{$ds};
	my $hits = $n{$ds}{human}{'*'}{hits};
	row($ds, $_, {}, $h->{$_}) for keys %$h;
	for (['bot_share', 'bot_events', $h->{events}],
	    ['no_referrer_share', 'hits_without_referrer', $hits],
	    ['no_country_share', 'hits_without_country', $hits]) {
		my ($name, $part, $all) = @$_;
		row($ds, $name, {}, ratio($h->{$part}, $all), $h->{$part}, $all);
	}
}

open STDOUT, '|-', 'LC_ALL=C sort' or die;
for (@rows) {
	my ($ds, $class, $host, $measure, $dim, $value, $n) = @$_;
	healthy(@$_);
	if ($dim eq 'action') {
		row($ds, 'events_by_action', { action_type => $value }, $n);
	} elsif ($class =~ s/ only$//) {
		of_class($ds, $class, $host, $measure, $dim, $value, $n);
	} elsif ($class ne '*') {
		of_tier($ds, $class, $host, $measure, $n);
		of_host($ds, $host, $measure, $n)
		    if $class eq 'human' && $host ne '*';
	}
}
health_of_day($_) for keys %health;
close STDOUT or die "sort failed\n";
