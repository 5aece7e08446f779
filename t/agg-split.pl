#!/usr/bin/perl
# agg-split.pl N CONFIG ROWS WANT [OPTION...]: N times, splits the rows at
# random into pieces, makes partial states of each, merges them in a random
# tree and compares the rows with those of the one run.  Where the options
# bound the memory, a tree none of whose runs spilled is a failure, too.
use strict;
use warnings;
use List::Util qw(shuffle);

my ($n, $config, $rows, $want, @options) = @ARGV;
my $spills = grep { $_ eq '--memory' } @options;
my @agg = ('ev-agg', $spills ? '-v' : '-q', '-c', $config, @options);
my $files = 0;

sub slurp {
	open my $fh, '<:raw', $_[0] or die "$_[0]: $!\n";
	local $/;
	return <$fh> // '';
}

# A new file that the command writes.
sub to_file {
	my $name = 'tree.' . $files++;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		open STDOUT, '>', $name or die "$name: $!\n";
		open STDERR, '>>', 'tree.err' or die "tree.err: $!\n";
		exec @_ or die "$_[0]: $!\n";
	}
	waitpid $pid, 0;
	die "@_: status $?\n" if $?;
	return $name;
}

my @lines = split /^/, slurp($rows);
my $expected = slurp($want);
for my $seed (1 .. $n) {
	srand $seed;
	my $pieces = 1 + int rand 8;
	my @piece;
	push @{$piece[rand $pieces]}, $_ for shuffle(@lines);
	my @states = map {
		open my $fh, '>:raw', "piece.$files" or die "$!\n";
		print $fh @{$_ // []};
		close $fh or die "$!\n";
		to_file(@agg, '--partial', "piece.$files");
	} @piece;
	# Some states are merged to states, until few enough are left.
	while (@states > 1 && rand() < 0.8) {
		@states = shuffle(@states);
		my @some = splice @states, 0, 1 + int rand @states;
		push @states, to_file(@agg, '--merge', '--partial', @some);
	}
	my $got = slurp(to_file(@agg, '--merge', shuffle(@states)));
	die "seed $seed: other bytes\n" if $got ne $expected;
	die "seed $seed: nothing spilled\n" if $spills &&
	    slurp('tree.err') !~ /in a temporary file/;
	unlink glob 'tree.* piece.*';
}
