#!/usr/bin/perl
# pipeline-answers.pl PRINTED <TRUTH.TSV: does what the example printed agree
# with what was put in?  One line for each number of the tables: "ok ..." or
# "not ok ...", and one for each number of the truth that no table showed.
use strict;
use warnings;

my ($printed) = @ARGV;
# What a table shows of human traffic: measure, dimension, word for NULL.
my %shows = ('How many visitors did each host have' => ['pairs', 'host', 'no host'],
    'Where does the traffic come from' => ['hits', 'referrer', 'nothing sent'],
    'Which campaigns bring it' => ['hits', 'campaign', 'none'],
    'Which countries do visitors come from' => ['pairs', 'country', 'unknown'],
    'Which countries do hits come from' => ['hits', 'country', 'unknown'],
    'What devices do visitors have' => ['pairs', 'brand', 'no brand told'],
    'What devices do hits come from' => ['hits', 'brand', 'no brand told']);

my (%truth, %bots);     # "host measure", dimension, value, ds
while (<STDIN>) {
	chomp;
	my ($ds, $class, $host, $measure, $dim, $v, $n) = split /\t/, $_, -1;
	if ($class eq 'human' || ($class eq 'human only' && $dim ne '*')) {
		$truth{"$host $measure"}{$dim}{$v}{$ds} = $n;
	}
	$truth{'* pairs'}{host}{$host}{$ds} = $n
	    if $class eq 'human' && $host ne '*' && $measure eq 'pairs';
	$bots{$ds}{$class}{$measure} = $n if $host eq '*' && $dim eq '*';
}

my %seen;
sub check {
	my ($what, $got, $want) = @_;
	print $got eq ($want // '.') ? 'ok' : "not ok (want " .
	    ($want // '.') . ')', " $what: $got\n";
}

sub percent {
	my ($r) = @_;
	return $r eq '\N' ? '-' : sprintf '%.2f%%', 100 * $r;
}

sub day_row {
	my ($host, @f) = @_;
	my $ds = shift @f;
	shift @f;
	my @measures = ('hits', 'pairs', 'signups', 'signup_rate', 'purchases',
	    'purchase_rate', 'persons');
	for my $i (0 .. ($host eq '*' ? 6 : 5)) {
		my $want = $truth{"$host $measures[$i]"}{'*'}{''}{$ds};
		# A host without traffic that day has no row.
		$want = defined $want ? $want : $measures[$i] =~ /rate/ ? '\N' :
		    $measures[$i] =~ /^(hits|pairs)$/ ? '.' : 0;
		$want = percent($want) if $measures[$i] =~ /rate/;
		check("$ds $host $measures[$i]", $f[$i], $want);
	}
}

sub block_row {
	my ($measure, $dim, $null, $host, $days, $label, @f) = @_;
	my $v = $label eq $null ? '\N' : $label;
	for my $i (0 .. $#$days) {
		my $want = $truth{"$host $measure"}{$dim}{$v}{ $days->[$i] };
		$seen{"$host $measure"}{$dim}{$v}{ $days->[$i] } = 1;
		check("$days->[$i] $host $measure of $dim $label", $f[$i],
		    $want);
	}
}

sub bot_row {
	my ($ds, undef, @f) = @_;
	for my $m ('hits', 'pairs') {
		for my $class ('human only', 'declared only', 'suspected only',
		    'all') {
			check("$ds $m $class", shift @f, $bots{$ds}{$class}{$m});
		}
	}
}

sub rows_of {
	my ($title, $head, @rows) = @_;
	my @days = sort keys %bots;
	if ($title =~ /^How many people/) {
		day_row('*', split) for @rows;
	} elsif ($title =~ /^How did (\S+) do/) {
		my $host = $1;
		day_row($host, split) for @rows;
	} elsif ($title =~ /^Who was a bot/) {
		bot_row(split) for @rows;
	} else {
		my ($question) = $title =~ /^(.*)\?/;
		my $host = $question =~ s/ of (\S+\.\S+)// ? $1 : '*';
		my $is = $shows{$question} or die "unknown table: $title\n";
		my @number = $head =~ /\b(\d\d)\b/g;
		my @week = map { my $n = $_; grep { /-$n$/ } @days } @number;
		block_row(@$is, $host, \@week, /^(.*?)  +(.*)$/ ? ($1, split / +/, $2) :
		    die "what is this: $_\n") for @rows;
	}
}

open my $f, '<', $printed or die "$printed: $!\n";
{
	local $/ = '';
	while (<$f>) {
		rows_of(grep { length } split /\n/);
	}
}
for my $is (values %shows) {
	my ($measure, $dim) = @$is;
	my @hosts = $dim =~ /^(referrer|country|brand)$/ ?
	    ('*', 'xx.com', 'xxx.com') : '*';
	for my $key (map { "$_ $measure" } @hosts) {
		my $of = $truth{$key}{$dim};
		for my $v (sort keys %$of) {
			print map { "not ok: not shown: $_ $key of $dim $v\n" }
			    grep { $of->{$v}{$_} && !$seen{$key}{$dim}{$v}{$_} }
			    sort keys %{ $of->{$v} };
		}
	}
}
