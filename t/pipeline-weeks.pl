#!/usr/bin/perl
# pipeline-weeks.pl PRINTED <TRUTH.TSV: does what the example prints of its
# weeks agree with what was put in?  The tables are made here from the truth,
# and each cell is compared: a line for each, "ok ..." or "not ok ...".
use strict;
use warnings;

my (%n, @days);         # class, host, measure, dimension, value: ds => number
while (<STDIN>) {
	chomp;
	my ($ds, $class, $host, $measure, $dim, $v, $n) = split /\t/, $_, -1;
	push @days, $ds unless @days && $days[-1] eq $ds;
	$n{join "\t", $class, $host, $measure, $dim, $v}{$ds} = $n;
}
die "28 days are expected\n" unless @days == 28;
my @week = map { [@days[7 * $_ .. 7 * $_ + 6]] } 0 .. 3;
my @name = qw(Mon Tue Wed Thu Fri Sat Sun);     # the first day is a Monday
my @hosts = ('xx.com', 'xxx.com', '203.0.113.10');

sub sum {
	my ($key, @of) = @_;
	my $sum;
	$sum += $_ for grep { defined } map { $n{$key}{$_} } @of;
	return $sum;
}

sub of { return sum(join("\t", 'human', $_[1], $_[0], '*', ''), @_[2 .. $#_]) }

# Rounded to this many places, of one hundred.
sub percent {
	my ($places, $top, $bottom) = @_;
	return $bottom ? sprintf("%.${places}f%%", 100 * $top / $bottom) : '-';
}

sub came {
	my ($host, @of) = @_;
	my ($hits, $pairs, $signups, $purchases) = map { of($_, $host, @of) }
	    qw(hits pairs signups purchases);
	return ($hits, $pairs, $signups // 0, percent(2, $signups, $hits),
	    $purchases // 0, percent(2, $purchases, $signups));
}

sub gap {
	my @of = @_;
	my $persons = of('persons', '*', @of);
	return ($persons, sprintf '%+d', of('pairs', '*', @of) - $persons);
}

sub line {
	my ($name, $all, @keys) = @_;
	my $all_days = sub { my @of = @_; my $s;
		$s += $_ for grep { defined } map { sum($_, @of) } @keys; $s };
	my $now = $all_days->(@{ $week[3] });
	return [$name, (map { $all_days->($_) // '.' } @{ $week[3] }),
	    $now // '.', percent(1, $now // 0, $all),
	    $all_days->(@{ $week[2] }) // '.'];
}

sub breakdown {
	my ($measure, $dim, $null) = @_;
	my @keys = grep { sum($_, @{ $week[2] }, @{ $week[3] }) }
	    grep { /^human only\t\*\t$measure\t$dim\t/ } sort keys %n;
	my %now = map { $_ => sum($_, @{ $week[3] }) // 0 } @keys;
	# NULL sorts first, as a key without a value does.
	@keys = sort { $now{$b} <=> $now{$a} || ($b =~ /\\N$/) <=>
	    ($a =~ /\\N$/) || $a cmp $b } @keys;
	my @more = @keys > 16 ? splice @keys, 15 : ();
	my $all = of($measure, '*', @{ $week[3] });
	return ((map { my ($v) = /([^\t]*)$/;
	    line($v eq '\N' ? $null : $v, $all, $_) } @keys),
	    (@more ? line('(' . @more . ' more)', $all, @more) : ()),
	    line('(all)', $all, "human\t*\t$measure\t*\t"));
}

sub bots {
	my $all = sum("all\t*\thits\t*\t", @{ $week[3] });
	return ((map { line($_, $all, "$_ only\t*\thits\t*\t") }
	    qw(human declared suspected)),
	    line('(all)', $all, "all\t*\thits\t*\t"));
}

sub hosts {
	my $all = of('hits', '*', @{ $week[3] });
	return map { my ($hits, @rest) = came($_, @{ $week[3] });
	    [$_, $hits, percent(1, $hits, $all), @rest] } @hosts;
}

# By the confidence interval of the difference, with the pooled variance.
sub fell {
	my ($host, $top, $bottom) = @_;
	my @k = map { of($top, $host, @{ $week[$_] }) } 2, 3;
	my @n = map { of($bottom, $host, @{ $week[$_] }) } 2, 3;
	my $p = ($k[0] + $k[1]) / ($n[0] + $n[1]);
	my ($least) = sort { $a <=> $b } map { ($_ * $p, $_ - $_ * $p) } @n;
	my $half = 1.96 * ($p * (1 - $p) / $n[0] + $p * (1 - $p) / $n[1]) ** 0.5;
	my $change = $k[1] / $n[1] - $k[0] / $n[0];
	return (percent(2, $k[0], $n[0]), percent(2, $k[1], $n[1]),
	    $least < 5 ? 'too few to tell' : $change < -$half ? 'FELL' :
	    $change > $half ? 'rose' : 'no');
}

my %want = (
	'Which campaigns bring it' => [breakdown('hits', 'campaign', 'none')],
	'What devices do visitors have' =>
	    [breakdown('pairs', 'brand', 'no brand told')],
	'Which countries do visitors come from' =>
	    [breakdown('pairs', 'country', 'unknown')],
	'Where does the traffic come from' =>
	    [breakdown('hits', 'referrer', 'nothing sent')],
	'Who was a bot' => [bots()],
	'How did each host do' => [hosts()],
	'Did a rate fall' => [map { my $host = $_;
	    my $of = $host eq '*' ? '' : ", $host";
	    (["sign-ups of hits$of", fell($host, 'signups', 'hits')],
	    ["purchases of sign-ups$of", fell($host, 'purchases', 'signups')])
	    } '*', @hosts[0, 1]],
	'How many people came, signed up (of hits), bought (of sign-ups)' => [
	    (map { ["$week[3][$_] $name[$_]", came('*', $week[3][$_]),
	    gap($week[3][$_])] } 0 .. 6),
	    map { ['week to ' . substr($_->[6], 5), came('*', @$_),
	    gap(@$_)] } @week],
);

sub compare {
	my ($question, $rows, @lines) = @_;
	for my $row (@$rows) {
		my $line = shift @lines // '(none)';
		my $label = quotemeta $row->[0];
		my @got = $line =~ s/^$label  +// ?
		    split(/ +/, $line, @$row - 1) : ();
		for my $i (1 .. $#$row) {
			my $got = $got[$i - 1] // $line;
			print $got eq $row->[$i] ? 'ok' :
			    "not ok (want $row->[$i])",
			    " $question: $row->[0] $i: $got\n";
		}
	}
	print "not ok: not expected: $_\n" for @lines;
}

open my $f, '<', $ARGV[0] or die "$ARGV[0]: $!\n";
local $/ = '';
while (<$f>) {
	my ($title, @lines) = grep { length } split /\n/;
	my ($question) = $title =~ /^(.*)\?/ or next;
	my $rows = delete $want{$question} or die "unknown table: $title\n";
	# Heads begin with a blank, the rest of a title ends with a full stop.
	compare($question, $rows, grep { !/^ |\.\)?$/ } @lines);
}
print "not ok: no table: $_\n" for sort keys %want;
