#!/usr/bin/perl
# agg-random.pl SEED: writes events.tsv (a stream with marks), metrics.yaml
# and expected.tsv, random ones, computed here by other means than ev-agg's:
# decoded values, a hash of hashes, and sprintf.
use strict;
use warnings;

my $seed = shift // 1;
srand($seed);

my @columns = qw(user_id logged_out_user_id dim_hostname dim_country
    dim_device_brand action_type event_timestamp);
my @properties = (qw(a ab a_b abc arg_x bot referrer status z),
    "q\xc3\xa9", 'k=k');
my @hostile = ('', '(other)', '(', '%28', '%', '%4', 'a&b', 'a=b', 'a+b', 'a b',
    "\xc3\xa9", "\xe2\x82\xac", "\xff", "\xc2\x85", "\x1b[31m", "\t", "\\N",
    'null', '~', '"', "'", 'x' x 300, 'A', 'B', 'C', '200', '404');
my @numbers = qw(0 -0 1 -1 7 007 9223372036854775807 9223372036854775808
    -9223372036854775808 -9223372036854775809 18446744073709551616 12x -);
# What YAML can say: valid UTF-8.
my @sayable = grep { my $s = $_; utf8::decode($s) } @hostile;

sub pick { return $_[int rand @_] }

my $utf8 = qr/[\xc2-\xdf][\x80-\xbf]
    |\xe0[\xa0-\xbf][\x80-\xbf]
    |[\xe1-\xec\xee\xef][\x80-\xbf]{2}
    |\xed[\x80-\x9f][\x80-\xbf]
    |\xf0[\x90-\xbf][\x80-\xbf]{2}
    |[\xf1-\xf3][\x80-\xbf]{3}
    |\xf4[\x80-\x8f][\x80-\xbf]{2}/x;

# What a field may not hold, see ev-events(5), and what is special in it.
sub encode {
	my ($s, $special) = @_;
	my $out = '';

	while ($s =~ /\G(?:($utf8)|(.))/gs) {
		my ($char, $byte) = ($1, $2);
		my $plain = defined $char ? $char !~ /\A\xc2[\x80-\x9f]/ :
		    $byte !~ /[\x00-\x1f\x7f-\xff\\%]/ &&
		    index($special, $byte) < 0;
		my $text = $char // $byte;
		$text =~ s/(.)/sprintf '%%%02X', ord $1/gse unless $plain;
		$out .= $text;
	}
	return $out;
}

sub map_text { return encode($_[0], '&=+') }

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

sub yaml {
	my $s = shift;

	return 'null' unless defined $s;
	$s =~ s/(["\\])/\\$1/g;
	$s =~ s/([\x00-\x1f])/sprintf '\\x%02x', ord $1/ge;
	$s =~ s/\xc2([\x80-\x9f])/sprintf '\\x%02x', ord $1/ge;
	return "\"$s\"";
}

sub yaml_list { return '[' . join(', ', map { yaml($_) } @_) . ']' }

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

# {ds TAB dimensions => count} of one measure.
sub count {
	my ($m, $by, @more) = @_;
	my (%n, %seen);

	for my $e (@events) {
		next unless holds($e, @{$m->{where}}, @more);
		my $key = join "\t", $e->{ds}, join '&',
		    map { dimension($_, $e->{$_}) }
		    sort { map_text($a) cmp map_text($b) } @$by;
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
	my ($num, $den) = $m->{num} ? map { count($_, $m->{by},
	    @{$m->{where}}) } $m->{num}, $m->{den} : count($m, $m->{by});
	my %keys = (%$num, $den ? %$den : ());

	%keys = (%keys, map { ("$_\t" => 1) } keys %days) unless @{$m->{by}};
	for (keys %keys) {
		my ($ds, $dims) = split /\t/, $_, 2;
		my $n = $num->{$_} // 0;
		my $d = $den ? $den->{$_} // 0 : undef;
		push @rows, join("\t", $ds, $name, $dims, $den ?
		    (ratio($n, $d), $n, $d) : ($n, '\\N', '\\N')) . "\n";
	}
}

sub write_file {
	my ($name, @lines) = @_;

	open my $fh, '>:raw', $name or die "$name: $!\n";
	print $fh @lines or die "$name: $!\n";
	close $fh or die "$name: $!\n";
}

write_file('events.tsv', "#begin\tversion=1\n", (map { event_line($_) }
    @events), "#end\trows=" . @events . "\n");
write_file('metrics.yaml', "metrics:\n", @yaml);
write_file('expected.tsv', sort @rows);
