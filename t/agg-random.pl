#!/usr/bin/perl
# agg-random.pl SEED: writes events.tsv (a stream with marks), metrics.yaml
# and expected.tsv, random ones, computed here by other means than ev-agg's:
# decoded values, a hash of hashes, and sprintf.
use strict;
use warnings;
use FindBin;

require "$FindBin::Bin/agg-values.pl";
our (@hostile, @numbers, @sayable);

my $seed = shift // 1;
srand($seed);

my @columns = qw(user_id logged_out_user_id dim_hostname dim_country
    dim_device_brand action_type event_timestamp);
my @properties = (qw(a ab a_b abc arg_x bot referrer status z),
    "q\xc3\xa9", 'k=k');
sub dimension {
	my ($field, $value) = @_;

	return map_text($field) unless defined $value;
	my $text = map_text($value);
	$text =~ s/\A\(/%28/;
	return map_text($field) . '=' . $text;
}

# Events, decoded: a hash of what is not NULL.
sub random_event {
	my %e;

	$e{action_type} = pick('signup', 'page_view', @hostile[1 .. 5]);
	$e{event_timestamp} = sprintf '2026-11-%02d %02d:00:00',
	    1 + rand 3, rand 24;
	$e{ds} = substr $e{event_timestamp}, 0, 10;
	for (qw(user_id logged_out_user_id)) {
		$e{$_} = rand() < 0.2 ? pick(@numbers) : int rand 9
		    if rand() < 0.7;
	}
	for (qw(dim_hostname dim_country dim_device_brand)) {
		$e{$_} = pick(@hostile) if rand() < 0.7;
	}
	for (@properties) {
		$e{$_} = pick(@hostile) if rand() < 0.3;
	}
	return \%e;
}

sub event_line {
	my $e = shift;
	my %map = map { (map_text($_) => $e->{$_}) }
	    grep { exists $e->{$_} } @properties;

	return join("\t", (map { defined $e->{$_} ? encode($e->{$_}, '') :
	    '\\N' } @columns),
	    join('&', map { $_ . '=' . map_text($map{$_}) } sort keys %map),
	    $e->{ds}) . "\n";
}

my @fields = (@columns, 'ds', @properties);

sub random_where {
	my %where;

	while (rand() < 0.5) {
		my @any = map { rand() < 0.15 ? undef : pick(@sayable, 'signup',
		    'page_view', 1, 2, 7) } 0 .. rand(rand() < 0.3 ? 15 : 3);
		$where{pick(@fields)} = \@any;
	}
	return \%where;
}

sub yaml_where {
	my $where = shift;

	return () unless %$where;
	return 'where: {' . join(', ', map { yaml($_) . ': ' .
	    (@{$where->{$_}} == 1 ? yaml($where->{$_}[0]) :
	    yaml_list(@{$where->{$_}})) } sort keys %$where) . '}';
}

sub random_by {
	my %by;

	$by{pick(@fields)} = 1 while rand() < 0.5 && keys %by < 3;
	return [keys %by];
}

sub yaml_by { return @{$_[0]} ? 'by: ' . yaml_list(@{$_[0]}) : () }

# Metrics: {where => [where...], distinct, by} or {num, den, by, where}.
my (%metrics, @yaml);

sub simple_metric {
	my $name = shift;
	my $m = { where => [random_where()], by => random_by() };

	$m->{distinct} = pick(@fields) if rand() < 0.5;
	$metrics{$name} = $m;
	push @yaml, "  $name: {" . join(', ',
	    defined $m->{distinct} ? 'distinct: ' . yaml($m->{distinct}) :
	    'count: events', yaml_where($m->{where}[0]), yaml_by($m->{by})) .
	    "}\n";
}

sub use_metric {
	my ($name, $used) = @_;
	my $u = $metrics{$used};
	my ($where, $by) = (random_where(), random_by());

	$metrics{$name} = { %$u, where => [@{$u->{where}}, $where], by => $by };
	push @yaml, "  $name: {" . join(', ', "use: $used", yaml_where($where),
	    yaml_by($by)) . "}\n";
}

# The two parts of a ratio, each without a by of its own.
sub ratio_metric {
	my ($name, $n, $d) = @_;
	my $by = random_by();

	$metrics{$name} = { num => $metrics{$n}, den => $metrics{$d},
	    where => [], by => $by };
	push @yaml, "  $name: {" . join(', ', "ratio: [$n, $d]",
	    yaml_by($by), 'guardrail: down') . "}\n";
}

simple_metric("m$_") for 1 .. 6;
use_metric("u$_", 'm' . $_) for 1 .. 3;
for (1 .. 2) {
	simple_metric("n$_");
	$metrics{"n$_"}{by} = [];
	$yaml[-1] =~ s/, by: \[[^\]]*\]\}$/}/;
}
ratio_metric('r1', 'n1', 'n2');
ratio_metric('r2', 'n2', 'n1');
use_metric('s1', 'r1');

my @events = map { random_event() } 1 .. 50 + rand 300;

sub holds {
	my ($e, @wheres) = @_;

	for my $where (@wheres) {
		for my $field (keys %$where) {
			my $v = $e->{$field};
			return 0 unless grep { defined $_ ? defined $v &&
			    $v eq $_ : !defined $v } @{$where->{$field}};
		}
	}
	return 1;
}

# A rate over people says whom.
sub people {
	my $field = shift;

	return defined $field ? ['of', dimension('of', $field)] : ();
}

# {ds TAB dimensions => count} of one measure.
sub count {
	my ($m, $by, $of, @more) = @_;
	my (%n, %seen);

	for my $e (@events) {
		next unless holds($e, @{$m->{where}}, @more);
		my $key = join "\t", $e->{ds}, join '&', map { $_->[1] }
		    sort { $a->[0] cmp $b->[0] }
		    (map { [map_text($_), dimension($_, $e->{$_})] } @$by),
		    people($of);
		$n{$key} += 0;
		if (!defined $m->{distinct}) {
			$n{$key}++;
		} elsif (defined(my $v = $e->{$m->{distinct}})) {
			$n{$key}++ unless $seen{$key}{$v}++;
		}
	}
	return \%n;
}

sub ratio {
	my ($n, $d) = @_;

	return '\\N' if $d == 0;
	for my $digits (0 .. 25) {
		my $s = sprintf '%.*f', $digits, $n / $d;
		return $s if $s == $n / $d;
	}
}

my @rows;
my %days = map { ($_->{ds} => 1) } @events;
for my $name (keys %metrics) {
	my $m = $metrics{$name};
	my $of = $m->{den} ? $m->{den}{distinct} : undef;
	my ($num, $den) = $m->{num} ? map { count($_, $m->{by}, $of,
	    @{$m->{where}}) } $m->{num}, $m->{den} : count($m, $m->{by});
	my %keys = (%$num, $den ? %$den : ());

	%keys = (%keys, map { ("$_\t" . join('', map { $_->[1] } people($of))
	    => 1) } keys %days) unless @{$m->{by}};
	for (keys %keys) {
		my ($ds, $dims) = split /\t/, $_, 2;
		my $n = $num->{$_} // 0;
		my $d = $den ? $den->{$_} // 0 : undef;
		push @rows, join("\t", $ds, $name, $dims, $den ?
		    (ratio($n, $d), $n, $d) : ($n, '\\N', '\\N')) . "\n";
	}
}

write_file('events.tsv', "#begin\tversion=1\n", (map { event_line($_) }
    @events), "#end\trows=" . @events . "\n");
write_file('metrics.yaml', "metrics:\n", @yaml);
write_file('expected.tsv', sort @rows);
