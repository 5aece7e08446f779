#!/usr/bin/perl
# pipeline-kill.pl LOG ROOT MAX-MS: runs ev-parse LOG | ev-enrich |
# ev-partition ROOT and kills one of the three, chosen by chance, with SIGKILL
# at a chosen moment.  Prints "killed NAME" when the signal found it alive,
# else "finished".
use strict;
use warnings;

my ($log, $root, $ms) = @ARGV;
my @commands = (['ev-parse', '-q', $log], ['ev-enrich', '-q'],
    ['ev-partition', '-q', $root]);
my (@pids, $in);
for my $i (0 .. $#commands) {
	my ($r, $w);
	pipe $r, $w or die "pipe: $!\n" if $i < $#commands;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		open STDIN, '<&', $in or die "dup: $!\n" if $in;
		open STDOUT, '>&', $w or die "dup: $!\n" if $w;
		close $_ for grep { $_ } $in, $r, $w;
		exec @{ $commands[$i] } or die "exec: $!\n";
	}
	push @pids, $pid;
	close $in if $in;
	close $w if $w;
	$in = $r;
}
my $victim = int rand @pids;
select undef, undef, undef, rand($ms) / 1000;
kill 'KILL', $pids[$victim];
my @status = map { waitpid $_, 0; $? } @pids;
print $status[$victim] == 9 ? "killed $commands[$victim][0]\n" : "finished\n";
exit 0;
