#!/usr/bin/perl
# pipeline-count.pl FORMAT ADDRESSES AGENTS <LOG: who is in an access log, by a
# script that knows nothing of ev.  FORMAT is combined, main or vhost (those
# of the test data).  Writes the address and the agent, decoded, of each line
# that is whole to the two files, and prints lines, rejected and visitors:
# distinct pairs of address (of IPv6 the first 64 bits) and agent.
use strict;
use warnings;
use Socket qw(inet_pton AF_INET AF_INET6);

my ($format, $to_addresses, $to_agents) = @ARGV;
my $quoted = qr/"((?:[^"\\]|\\x[0-9A-Fa-f]{2})*)"/;
my $time = qr/\d\d\/\w{3}\/\d{4}(?::\d\d){3}\ [+-]\d{4}/x;
my $log = qr/(\S+)\ -\ .*?\ \[$time\]\ $quoted\ \d{3}\ (?:\d+|-)\ $quoted
    \ $quoted/x;
my %line = (combined => qr/^$log$/, main => qr/^$log\ $quoted$/x,
    vhost => qr/^\S*\ $log\ rt=\S+\ id=\S+$/x);
my $re = $line{$format} // die "no such format: $format\n";

open my $addresses, '>', $to_addresses or die "$to_addresses: $!\n";
open my $agents, '>', $to_agents or die "$to_agents: $!\n";
my ($lines, $rejected, %visitors) = (0, 0);
while (<STDIN>) {
	chomp;
	$lines++;
	my ($addr, undef, undef, $agent) = /$re/ or $rejected++, next;
	$agent = '' if $agent eq '-';
	$agent =~ s/\\x(..)/chr hex $1/ge;
	my $raw = inet_pton(AF_INET, $addr) //
	    substr(inet_pton(AF_INET6, $addr), 0, 8);
	$visitors{ $raw . ' ' . $agent } = 1;
	print $addresses "$addr\n";
	print $agents $agent =~ tr/\n/ /r, "\n";
}
print "lines $lines\nrejected $rejected\nvisitors ", scalar keys %visitors,
    "\n";
