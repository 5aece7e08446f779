#!/usr/bin/perl
# guard-facts.pl ROOT DAYS [CAUSE[@BACK[..BACK]]...]: the manifests of a table
# of two servers' logs, on the days of guard-health.pl, each log with some of
# the next day.
#
#	rejects=N	N percent of the lines, not two in a thousand
#	parse, enrich	other settings from that day on
#	web2		its log is missing
use strict;
use warnings;
use POSIX qw(gmtime strftime);

my ($root, $days, @causes) = @ARGV;
my $sequence = 0;

sub befalls {
	my ($day, $wanted) = @_;
	my $back = $days - 1 - $day;
	for (@causes) {
		my ($k, $v, $from, $to) =
		    /^(\w+)(?:=(\d+))?(?:@(\d+)(?:\.\.(\d+))?)?$/ or die;
		next if $k ne $wanted;
		$from //= 0;
		$to //= $k =~ /^(?:parse|enrich)$/ ? 0 : $from;
		return $v // 1 if $back <= $from && $back >= $to;
	}
	return 0;
}

sub ds { return strftime('%Y-%m-%d', gmtime(86400 * (20000 + $_[0]))) }

mkdir $root;
mkdir "$root/_manifests";
for my $day (0 .. $days - 1) {
	for my $host ('web1', 'web2') {
		next if $host eq 'web2' && befalls($day, 'web2');
		my $date = ds($day);
		$date =~ tr/-//d if $day % 2;
		my $suffix = $day % 3 ? '.gz' : '.zst';
		my $name = "$host/access-$date.log$suffix";
		my $lines = 10000 + 10 * $day;
		my $rejected = int($lines *
		    (befalls($day, 'rejects') / 100 || 0.002));
		my $rows = $lines - $rejected;
		my $batch = sprintf '%032x', ++$sequence;
		my @parts = map {
			my ($d, $n, $i) = @$_;
			sprintf '{"path": "ds=%s/part-%s.tsv", "staged": ' .
			    '"_stage/%010d/%d", "rows": %d, "bytes": 1, ' .
			    '"hash": "%s", "text_bytes": 1, "text_hash": "%s"}',
			    ds($d), substr($batch, 0, 16), $sequence, $i, $n,
			    $batch, $batch;
		} [$day, $rows - 20, 0], [$day + 1, 20, 1];
		my $parse = befalls($day, 'parse') ? 'b' : 'a';
		my $enrich = befalls($day, 'enrich') ? 'd' : 'c';
		my $file = sprintf '%s/_manifests/%010d.json', $root, $sequence;
		open my $f, '>', $file or die "$file: $!\n";
		print $f <<END;
{"version": 1, "sequence": $sequence, "batch": "$batch", "revision": 0,
"identity": "sources", "replaces": [],
"sources": [{"hash": "$batch", "length": 1, "from": 0, "to": 1,
"name": "$name"}],
"parts": [@{[join ', ', @parts]}],
"counters": {"lines": $lines, "rejected": $rejected, "rows": $rows},
"settings": ["enrich:${\($enrich x 32)}", "parse:${\($parse x 32)}"],
"key": ["k0"], "database": ["country:Test Country:2024-10-04"]}
END
		close $f or die "$file: $!\n";
	}
}
