# agg-values.pl: hostile values, and how a stream, SQL and YAML write them.
use strict;
use warnings;

our @hostile = ('', '(other)', '(', '%28', '%', '%4', 'a&b', 'a=b', 'a+b', 'a b',
    "\xc3\xa9", "\xe2\x82\xac", "\xff", "\xc2\x85", "\x1b[31m", "\t", "\\N",
    'null', '~', '"', "'", 'x' x 300, 'A', 'B', 'C', '200', '404');
our @numbers = qw(0 -0 1 -1 7 007 9223372036854775807 9223372036854775808
    -9223372036854775808 -9223372036854775809 18446744073709551616 12x -);
# What YAML can say: valid UTF-8.
our @sayable = grep { my $s = $_; utf8::decode($s) } @hostile;

sub pick { return $_[int rand @_] }

our $utf8 = qr/[\xc2-\xdf][\x80-\xbf]
    |\xe0[\xa0-\xbf][\x80-\xbf]
    |[\xe1-\xec\xee\xef][\x80-\xbf]{2}
    |\xed[\x80-\x9f][\x80-\xbf]
    |\xf0[\x90-\xbf][\x80-\xbf]{2}
    |[\xf1-\xf3][\x80-\xbf]{3}
    |\xf4[\x80-\x8f][\x80-\xbf]{2}/x;

# What a field may not hold, see ev-events(5), and what is special in it.
sub encode {
	my ($s, $special) = @_;
	my $out = '';

	while ($s =~ /\G(?:($utf8)|(.))/gs) {
		my ($char, $byte) = ($1, $2);
		my $plain = defined $char ? $char !~ /\A\xc2[\x80-\x9f]/ :
		    $byte !~ /[\x00-\x1f\x7f-\xff\\%]/ &&
		    index($special, $byte) < 0;
		my $text = $char // $byte;
		$text =~ s/(.)/sprintf '%%%02X', ord $1/gse unless $plain;
		$out .= $text;
	}
	return $out;
}

sub map_text { return encode($_[0], '&=+') }

sub yaml {
	my $s = shift;

	return 'null' unless defined $s;
	$s =~ s/(["\\])/\\$1/g;
	$s =~ s/([\x00-\x1f])/sprintf '\\x%02x', ord $1/ge;
	$s =~ s/\xc2([\x80-\x9f])/sprintf '\\x%02x', ord $1/ge;
	return "\"$s\"";
}

sub yaml_list { return '[' . join(', ', map { yaml($_) } @_) . ']' }

sub write_file {
	my ($name, @lines) = @_;

	open my $fh, '>:raw', $name or die "$name: $!\n";
	print $fh @lines or die "$name: $!\n";
	close $fh or die "$name: $!\n";
}

1;
