#!/usr/bin/perl
# report-history.pl DAYS [hostile]: metric rows of a made-up site, sorted, from
# 2025-01-01 on: totals, rates and breakdowns under the names of ev-agg's own
# metrics.  The same rows each time.  hostile: with referrers that attack.
use strict;
use warnings;

my ($days, $hostile) = @ARGV;
my $seed = 1;
sub noise { $seed = ($seed * 1103515245 + 12345) % 2**31; $seed / 2**31 }

my @countries = ('', map { "=$_" } qw(US IN DE GB FR BR NL CA ES AU ID IT JP
    MX PL SE NO));
my @brands = ('', map { "=$_" } qw(Apple Samsung Google XiaoMi Huawei Oppo));
my @referrers = ('', map { "=$_" } qw(google.com bing.com xx.com t.co
    linkedin.com duckduckgo.com), map { "=site$_.example" } 1 .. 20);
if ($hostile) {
	push @referrers, map { "=$_" }
	    '</script><img src=x onerror=alert(1)>',
	    '"><svg onload=alert(1)>', "'><script>alert(1)</script>",
	    '%26lt;b%26gt;%3Cb>', '%28other)', '%1b]0;x%07%00%0a%09%7f',
	    "a\xe2\x80\xaeb\xe2\x81\xa6c\xe2\x80\x8bd", '%ff%c3%28%80',
	    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
	    'z' . "\xcc\x80" x 50, 'x' x 10240, '', 'javascript:alert(1)';
}

sub day {
	my ($d, $m, $y) = (gmtime 1735689600 + 86400 * $_[0])[3 .. 5];
	return sprintf '%04d-%02d-%02d', $y + 1900, $m + 1, $d;
}

for my $i (0 .. $days - 1) {
	my $ds = day($i);
	my $hits = int(4000 * (1 + .3 * sin($i * 6.2832 / 7)) + 500 * noise());
	my $visitors = int($hits * .4);
	my $signups = int($hits * (.015 + .01 * noise()));
	my $purchases = int($signups * .1 + 3 * noise());
	my @rows = ("website_hits\t\t$hits\t\\N\t\\N",
	    "visitors\t\t$visitors\t\\N\t\\N",
	    "signups\t\t$signups\t\\N\t\\N",
	    "purchases\t\t$purchases\t\\N\t\\N");
	for (['signup_conversion_rate', $signups, $hits],
	    ['purchase_conversion_rate', $purchases, $signups]) {
		my $value = $_->[2] ? sprintf '%.17g', $_->[1] / $_->[2] : '\N';
		push @rows, "$_->[0]\t\t$value\t$_->[1]\t$_->[2]";
	}
	for (['traffic_breakdown', 'referrer', $hits, @referrers],
	    ['visitors_by_country', 'dim_country', $visitors, @countries],
	    ['visitors_by_device', 'dim_device_brand', $visitors, @brands]) {
		my ($metric, $key, $n, @values) = @$_;
		for my $v (@values) {
			my $part = int($n / (3 + 3 * noise()));
			next unless $part;
			$n -= $part;
			push @rows, "$metric\t$key$v\t$part\t\\N\t\\N";
		}
		# What no count reached is there, too: strings are the point.
		push @rows, map { "$metric\t$key$_\t1\t\\N\t\\N" } grep {
			my $v = $_;
			!grep { index($_, "$metric\t$key$v\t") == 0 } @rows
		} @values if $hostile;
	}
	print map { "$ds\t$_\n" } sort @rows;
}
