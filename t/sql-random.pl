#!/usr/bin/perl
# sql-random: a config of random metrics over given events.
#
#	perl sql-random.pl SEED COUNT <EVENTS
#
# Measures, conditions, breakdowns and ratios of them, with the fields and
# values that occur in the events (nine columns), and some that do not.  Only
# what YAML can write is drawn: values that are text without controls.
use strict;
use warnings;

my ($seed, $count) = @ARGV;
my @columns = qw(user_id logged_out_user_id dim_hostname dim_country
    dim_device_brand action_type event_timestamp other_properties ds);
my %values;

sub draw {
	my ($n) = @_;
	$seed = ($seed * 1103515245 + 12345) & 0x7fffffff;
	return ($seed >> 8) % $n;
}

sub one_of { return $_[draw(scalar @_)]; }

sub decode {
	my ($s) = @_;
	$s =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
	return $s;
}

# Can YAML hold it on one line, between single quotes?
sub writable {
	my ($s) = @_;
	utf8::decode(my $text = $s) or return 0;
	no warnings;
	return length $s < 1000 && $text !~
	    /[\x00-\x1f\x7f-\x9f\x{2028}\x{2029}\x{feff}\x{fffe}\x{ffff}\x{d800}-\x{dfff}\x{110000}-\x{7fffffff}]/;
}

sub quote {
	my ($s) = @_;
	$s =~ s/'/''/g;
	return "'$s'";
}

while (<STDIN>) {
	chomp;
	my @f = split /\t/, $_, -1;
	my %pair = map { split /=/, $_, 2 } split /&/, $f[7];
	@pair{@columns[0 .. 5, 8]} = @f[0 .. 5, 8];
	for my $key (keys %pair) {
		my ($k, $v) = map { decode($_) } $key, $pair{$key};
		$values{$k}{$v} = 1 if $v ne '\\N' && writable($k)
		    && $k =~ /^[^ ]+$/ && writable($v);
	}
}
my @fields = sort keys %values;
my %list = map { my $k = $_; $k => [sort keys %{ $values{$k} }] } @fields;
my @often = (qw(action_type dim_country dim_device_brand dim_hostname user_id
    ds bot bot_class referrer arg_utm_source hour), 'nothing');
$list{nothing} = ['x'];
$list{hour} = [map { sprintf '%02d', $_ } 0 .. 23];

sub field { return draw(3) ? one_of(@often) : one_of(@fields); }

sub where {
	my %w;
	for (1 .. draw(4)) {
		my $f = field();
		my @v = map { draw(5) ? quote(one_of(@{ $list{$f} }))
		    : one_of('null', '~', quote('no such value')) }
		    0 .. draw(6);
		$w{$f} = @v == 1 ? $v[0] : '[' . join(', ', @v) . ']';
	}
	return () unless %w;
	return 'where: {' . join(', ',
	    map { quote($_) . ": $w{$_}" } sort keys %w) . '}';
}

sub by {
	my %by = map { field() => 1 } 1 .. draw(4);
	return () unless %by;
	return 'by: [' . join(', ', map { quote($_) } sort keys %by) . ']';
}

print "metrics:\n";
my (@counts, @any);
for my $i (1 .. $count) {
	my $kind = @counts < 4 ? draw(2) : draw(5);
	my @m;
	if ($kind == 0) {
		@m = ('count: events', where());
	} elsif ($kind == 1) {
		@m = ('distinct: ' . quote(one_of('logged_out_user_id',
		    field())), where());
	} elsif ($kind == 2) {
		@m = ('use: ' . one_of(@any), where(), by());
	} elsif ($kind == 3) {
		@m = ('ratio: [' . one_of(@counts) . ', ' . one_of(@counts)
		    . ']', where(), by());
	} else {
		@m = ('count: events', where(), by());
	}
	push @counts, "m$i" if $kind < 2;
	push @any, "m$i";
	print "  m$i: {", join(', ', @m), "}\n";
}
