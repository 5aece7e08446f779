#!/usr/bin/perl
# agg-compare.pl ABOUT OURS THEIRS: are two files of metric rows the same?
# Numbers as numbers; what ABOUT calls quantile or approx within the stated
# error, half a percent and five times 1.63 %.
use strict;
use warnings;

my ($about, $ours, $theirs) = @ARGV;
my %about = map { chomp; split /\t/ } read_lines($about);
my %error = (exact => 1e-15, quantile => 0.005, approx => 5 * 0.0163);

sub read_lines {
	open my $fh, '<:raw', $_[0] or die "$_[0]: $!\n";
	return <$fh>;
}

sub rows {
	my %rows;

	for (read_lines(shift)) {
		chomp;
		my ($ds, $metric, $dims, @v) = split /\t/, $_, -1;
		next if $about{$metric} eq 'skip';
		my $key = "$ds\t$metric\t$dims";
		die "twice: $key\n" if $rows{$key};
		$rows{$key} = \@v;
	}
	return \%rows;
}

sub differ {
	my ($x, $y, $error) = @_;

	return $x ne $y if $x eq '\N' || $y eq '\N';
	# Decimals are exact where both are written out.
	return 0 if $x eq $y || ($y =~ /\./ && $x eq $y =~ s/\.?0+$//r);
	return abs($x - $y) > $error * abs $y;
}

my ($x, $y) = (rows($ours), rows($theirs));
my $bad = 0;
for my $key (sort keys %{{%$x, %$y}}) {
	my ($metric) = $key =~ /\t(.*?)\t/;
	my $error = $error{$about{$metric}};
	my ($v, $w) = ($x->{$key}, $y->{$key});
	next if $v && $w && !grep { differ($v->[$_], $w->[$_],
	    $_ == 0 ? $error : 0) } 0 .. 2;
	print "$key\n  ours:   @{$v // ['none']}\n  theirs: @{$w // ['none']}\n";
	last if ++$bad == 20;
}
printf "%d rows\n", scalar keys %$x unless $bad;
exit($bad ? 1 : 0);
