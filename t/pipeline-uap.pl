#!/usr/bin/perl
# pipeline-uap.pl REGEXES.YAML <AGENTS: the device brand of each line by
# uap-core's rules, tried one after the other, as its specification has it
# (docs/specification.md there).  Slow and plain on purpose: the pipeline is
# compared with it.  Prints the brand, or \N where the rules give none and
# for spiders, then a TAB and the line.
use strict;
use warnings;

my ($yaml) = @ARGV;
my (@rules, $rule, $in);
open my $f, '<', $yaml or die "$yaml: $!\n";
while (<$f>) {
	if (/^(\w+):/) {
		$in = $1 eq 'device_parsers';
	} elsif ($in && /^\s+(?:-\s+)?(\w+):\s+(.*?)\s*$/) {
		my ($key, $value) = ($1, $2);
		push @rules, $rule = {} if $key eq 'regex';
		if ($value =~ /^'(.*)'(?:\s+#.*)?$/) {
			($value = $1) =~ s/''/'/g;
		} elsif ($value =~ /^"(.*)"(?:\s+#.*)?$/) {
			($value = $1) =~ s/\\(.)/$1/g;
		}
		$rule->{$key} = $value;
	}
}
close $f;
for (@rules) {
	my $flag = ($_->{regex_flag} // '') eq 'i' ? '(?i)' : '';
	$_->{re} = qr/$flag$_->{regex}/;
}

my %memo;
sub brand {
	my ($agent) = @_;
	for my $r (@rules) {
		my @group = $agent =~ $r->{re} or next;
		@group = () unless defined $1 || $r->{regex} =~ /\((?!\?)/;
		my $brand = $r->{brand_replacement} // return '\N';
		$brand =~ s/\$(\d)/$group[$1 - 1] \/\/ ''/ge;
		$brand =~ s/^\s+|\s+$//g;
		return $brand eq '' || $brand eq 'Spider' ? '\N' : $brand;
	}
	return '\N';
}

while (my $agent = <STDIN>) {
	chomp $agent;
	print $memo{$agent} //= brand($agent), "\t$agent\n";
}
