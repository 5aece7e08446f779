#!/usr/bin/perl
# pipeline-examples.pl FILE: the commands that a manual page or README shows,
# each a file of its own in the current directory: 01.sh, 02.sh...; a config
# is 03.yaml.
#
# In a manual page (mdoc) they stand in literal blocks: a line that begins
# with "$ " is a command, which goes on over the lines below that are indented
# or that the shell still waits for; all else is output.  In README each
# indented paragraph of "Use" and "Your own site" is one script.
use strict;
use warnings;

my ($file) = @ARGV;
my $n = 0;

sub put {
	my ($suffix, $text) = @_;
	open my $f, '>', sprintf('%02d.%s', ++$n, $suffix) or die "$!\n";
	print $f $text;
	close $f or die "$!\n";
}

sub block {
	my ($text) = @_;
	if ($text !~ /^\$ /m) {
		put('yaml', $text) if $text =~ /\A(site|log|metrics):/;
		return;
	}
	my $command;
	for my $line (split /^/, $text) {
		if ($line =~ s/^\$ //) {
			put('sh', $command) if defined $command;
			$command = $line;
		} elsif (defined $command && ($line =~ /^\s+\S/ ||
		    $command =~ /(\||\\|&&)\n\z/)) {
			$command .= $line;
		} elsif (defined $command) {
			put('sh', $command);
			$command = undef;
		}
	}
	put('sh', $command) if defined $command;
}

sub manual {
	my ($f) = @_;
	my $block;
	while (<$f>) {
		if (!defined $block) {
			$block = '' if /^\.Bd -literal/;
		} elsif (/^\.Ed/) {
			block($block);
			$block = undef;
		} elsif (!/^\./) {
			s/\\\(aq/'/g;
			s/\\&//g;
			s/\\-/-/g;
			s/\\e/\\/g;
			$block .= $_;
		}
	}
}

sub readme {
	my ($f) = @_;
	local $/ = '';
	my $use = 0;
	while (<$f>) {
		if (/^## (.*)/) {
			$use = $1 =~ /^(Use|Your own site)$/;
		} elsif ($use && /^    /) {
			s/^    //mg;
			put('sh', $_);
		}
	}
}

open my $f, '<', $file or die "$file: $!\n";
$file =~ /\.[1-9]$/ ? manual($f) : readme($f);
