#!/usr/bin/perl
# sql-hostile: a fact table of everything that may stand in a part file.
#
#	perl sql-hostile.pl ROOT
#
# Every byte in each text column and in the map, as ev-events(5) encodes it;
# what databases take for NULL, numbers, quotes or comments; NULLs, empty
# texts and maps, values of 10 kB and 1 MiB, the ends of BIGINT, timestamps
# with and without milliseconds, the same event twice, days apart.  Then
# 3,000 events drawn from these, so that every metric has something to count.
# Deterministic.  The parts are plain, gzip and zstd, with several members
# and frames.
use strict;
use warnings;

my $root = shift or die "usage: sql-hostile.pl ROOT\n";
my $seed = 42;

sub draw {
	my ($n) = @_;
	$seed = ($seed * 1103515245 + 12345) & 0x7fffffff;
	return ($seed >> 8) % $n;
}

sub one_of { return $_[draw(scalar @_)]; }

sub encode {
	my ($s, $in_map) = @_;
	my $out = '';
	while ($s =~ /\G(?:([ -~])|
	    (\xc2[\xa0-\xbf]|[\xc3-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|
	    [\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|
	    \xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|
	    \xf4[\x80-\x8f][\x80-\xbf]{2})|(.))/gxs) {
		my $c = defined $1 ? $1 : defined $2 ? $2 : $3;
		$out .= defined $3 || $c =~ /[%\\]/ || $in_map && $c =~ /[&=+]/
		    ? sprintf('%%%02X', ord $c) : $c;
	}
	return $out;
}

my @texts = ('', ' ', '  two  ', 'NULL', 'null', '\\N', '\\.', '\\', 'NaN',
    'nan', '0', '-1', '1e3', 'true', '(other)', '(', ')(', '%28other%29',
    '"', '""', '"quoted"', "'", "it's", "''; DROP TABLE x; --", '#', '#end',
    '-- x', '/* x', ',', ';', '|', '$$', '${x}', '*', '.*', '^$', '[]', '{}',
    '{"a": 1}', '<script>', 'a&b', 'a=b', 'a+b', 'a%2Bb', '%', '%zz', '&',
    '=', "a\tb", "a\nb", "a\r\nb", "\0", "\x7f", "\xc2\x80", "\xc2\x9f",
    "\xc2\xa0", "\xff\xfe", "\xc3", "\xed\xa0\x80", "\xc0\xaf",
    "\xf4\x90\x80\x80", "\xc3\xa9", "e\xcc\x81", "\xe2\x82\xac",
    "\xe2\x80\xae" . 'txt', "\xe2\x80\xa8", "\xef\xbb\xbf" . 'bom',
    "\xef\xbf\xbd", "\xef\xbf\xbf", "\xf0\x9f\x98\x80",
    "\xe6\x97\xa5\xe6\x9c\xac", "\xd7\xa9\xd7\x9c",
    map { "<" . chr($_) . ">" } 0 .. 255);
my @keys = ('a', 'A', 'arg_a.b*c(d', "q'k", 'q"k', "k\xc3\xa9", 'x=y', 'x&y',
    '%', '#', '-', 'NULL', 'xbot', 'bot_', '(', "\xff", '[0]', '$1');
my @actions = qw(landing_page page_view signup purchase watch_video api other);
my %days;
my $second = 0;

sub stamp {
	my $s = $second++;
	my $ms = one_of('', '', '.000', '.120', '.999', sprintf('.%03d', draw(1000)));
	return sprintf('%02d:%02d:%02d%s', $s / 3600 % 24, $s / 60 % 60, $s % 60,
	    $ms);
}

# An event of the named columns and properties (raw); the rest is NULL.
sub event {
	my ($day, $e, $map) = @_;
	my @f = map { defined $_ ? $_ : '\\N' } @$e{qw(user visitor)};
	push @f, map { defined $e->{$_} ? encode($e->{$_}, 0) : '\\N' }
	    qw(host country brand);
	push @f, encode(defined $e->{action} ? $e->{action} : 'other', 0);
	push @f, defined $e->{time} ? $e->{time} : "$day " . stamp();
	my %m = map { encode($_, 1) => encode($map->{$_}, 1) } keys %$map;
	push @f, join('&', map { "$_=$m{$_}" } sort keys %m);
	push @{ $days{$day} }, join("\t", @f) . "\n";
}

sub maybe { return draw(4) ? one_of(@_) : undef; }

my @d = qw(2026-11-20 2026-11-21 2026-11-22);
for my $t (@texts) {
	event($d[0], { visitor => length $t, host => $t, country => $t,
	    brand => $t, action => $t eq '' ? 'other' : $t },
	    { uri => $t, referrer => $t });
	event($d[1], { visitor => 7, action => 'page_view', host => $t },
	    { referrer => $t, bot => '' });
}
for my $k (@keys) {
	event($d[0], { action => 'signup' }, { $k => $k, referrer => $k });
	event($d[0], { action => 'signup' }, { $k => '' });
}
event($d[0], {}, {}) for 1 .. 3;
event($d[0], { user => $_, visitor => $_ }, {}) for
    qw(-9223372036854775808 9223372036854775807 0 -1);
event($d[0], { host => 'h' x 10240 }, { 'k' x 1000 => "\xff" x 10240 });
event($d[0], { action => 'landing_page' },
    { referrer => "\xe2\x82\xac" x 350000 });
event('1970-01-01', { time => '1970-01-01 00:00:00', action => 'page_view' }, {});
event('2000-02-29', { time => '2000-02-29 23:59:59.999' }, { uri => '/' });
event('9999-12-31', { time => '9999-12-31 23:59:59.999' }, {});
for (1 .. 3000) {
	my %m;
	my $class = one_of(undef, undef, undef, 'declared', 'suspected');
	%m = (bot => one_of('', 'spider:x', 'empty'), bot_class => $class)
	    if defined $class;
	my $r = maybe(@texts, ('linkedin.com', 'google.com') x 40);
	$m{referrer} = $r if defined $r;
	my $s = maybe(@texts, ('news', 'ads') x 40);
	$m{arg_utm_source} = $s if defined $s;
	my $k = one_of(@keys);
	$m{$k} = one_of(@texts);
	event(one_of(@d), {
	    user => one_of(undef, undef, 1 .. 50), visitor => draw(8)
	    ? draw(400) * 46116860184273879 - 9223372036854775000 : undef,
	    host => maybe('xx.com', 'www.xx.com', 'xxx.com', 'a=b&c+d'),
	    country => maybe('US', 'DE', 'NA', 'NULL', ''),
	    brand => maybe('Apple', '(other)', 'A&B', 'caf' . "\xc3\xa9"),
	    action => one_of(@actions) }, \%m);
}

sub put {
	my ($path, $packer, @lines) = @_;
	my ($n, $i) = (int(@lines / 3) + 1, 0);
	unlink $path;
	# Three members or frames, one behind the other, as appends make them.
	while (my @some = splice(@lines, 0, $n)) {
		open(my $f, '|-', "$packer >> '$path'") or die "$packer: $!\n";
		binmode $f;
		print $f @some;
		close($f) or die "$path: not written\n";
	}
}

mkdir $root or die "$root: $!\n";
my @packers = (['', 'cat'], ['.gz', 'gzip -nc'], ['.zst', 'zstd -qc']);
for my $day (sort keys %days) {
	mkdir "$root/ds=$day" or die "$root/ds=$day: $!\n";
	my @parts;
	push @{ $parts[draw(3)] }, $_ for @{ $days{$day} };
	for my $i (0 .. 2) {
		my ($ext, $packer) = @{ $packers[$i] };
		put("$root/ds=$day/part-" . sprintf('%016x', $i) . ".tsv$ext",
		    $packer, @{ $parts[$i] }) if $parts[$i];
	}
}
