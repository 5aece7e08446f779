#!/usr/bin/perl
# The trees that a loss of power could leave, and what becomes of them.
#
#	partition-crash.pl MOST SEED TRACE BASE WANT COMMAND
#
# TRACE is what strace(1) -xx with the calls of @traced (--calls prints them)
# recorded of COMMAND in a copy of the directory BASE, which holds the table
# "facts" or will; WANT is BASE after a run that nothing disturbed.  COMMAND is
# a line for the shell.
#
# The model is what POSIX promises and no more.  A file's bytes are on the disk
# after an fsync of the file, a directory's entries after one of the directory.
# Of anything later each single step may be on the disk or not, whatever is
# before or behind it: a write may be there, or missing (a hole, or the end of
# the file), or by half, or be bytes of something else; an entry may have been
# made, renamed or removed, or not.  A rename is one step.
#
# Crashes are looked at behind each call.  Of the steps that are pending then
# these sets are on the disk: none, all, all up to each one, up to each one and
# any single later one (one reordering), all but each one, each one alone, and
# some at random; a write that is, in each of its damaged forms, too.  Trees
# that are the same are looked at once, and if more than MOST are left (0: any
# number), as many of them, chosen by SEED.
#
# For each tree:
#  - who reads by the manifests finds every part of every one, with its bytes;
#  - ev-partition --verify recovers it and finds all in order;
#  - it is then one of two: what BASE or what WANT has, in parts and manifests,
#    and where it is WANT, all else outside of the table is as in WANT, too;
#  - COMMAND succeeds, and the tree is WANT, byte for byte, its stage empty.
#
# Prints "CALLS calls, STEPS steps, TREES trees, LOOKED looked at: OLD old, NEW
# new"; exit 1 at the first tree that is wrong, which stays in ./crash.
use strict;
use warnings;

my @traced = qw(openat open creat mkdir mkdirat write writev pwrite64 pwritev
    sendfile copy_file_range fallocate ftruncate truncate fsync fdatasync sync
    syncfs sync_file_range link linkat rename renameat renameat2 unlink
    unlinkat rmdir symlink symlinkat close dup dup2 dup3 fcntl chmod fchmod
    fchmodat utimensat);
if (@ARGV == 1 && $ARGV[0] eq '--calls') {
	print join(',', map { "?$_" } @traced), "\n";
	exit;
}
my ($most, $seed, $trace, $base, $want, $command) = @ARGV;
die "usage: partition-crash.pl MOST SEED TRACE BASE WANT COMMAND\n"
    if !defined $command;

# A generator of its own: the same trees on every machine.
my $x = $seed;
sub r {
	my ($n) = @_;
	$x = ($x * 1103515245 + 12345) & 0x7fffffff;
	return ($x >> 8) % $n;
}

sub slurp {
	my ($path) = @_;
	open my $fh, '<:raw', $path or die "$path: $!\n";
	local $/;
	my $text = <$fh>;
	close $fh;
	return $text // '';
}

# Inodes: a directory's {dir} has names, a file's {data} bytes.
my @inode;
sub new_dir { push @inode, { dir => {} }; return $#inode }
sub new_file { push @inode, { data => $_[0] }; return $#inode }

my %loaded; # inode of the disk to ours: hard links
sub load {
	my ($path) = @_;
	my $dir = new_dir();
	opendir my $dh, $path or die "$path: $!\n";
	for my $name (sort grep { $_ ne '.' && $_ ne '..' } readdir $dh) {
		my @st = lstat "$path/$name" or die "$path/$name: $!\n";
		my $node = -d _ ? load("$path/$name")
		    : $loaded{"$st[0],$st[1]"} // new_file(slurp("$path/$name"));
		$loaded{"$st[0],$st[1]"} = $node;
		$inode[$dir]{dir}{$name} = $node;
	}
	closedir $dh;
	return $dir;
}

# A tree as a list of its paths and bytes: directories end in "/".
sub flatten {
	my ($names, $data, $dir, $prefix, $flat) = @_;
	for my $name (keys %{ $names->[$dir] }) {
		my $node = $names->[$dir]{$name};
		if (defined $names->[$node]) {
			$flat->{"$prefix$name/"} = '';
			flatten($names, $data, $node, "$prefix$name/", $flat);
		} else {
			$flat->{"$prefix$name"} = $data->[$node];
		}
	}
	return $flat;
}

sub flat_of_disk {
	my ($path, $prefix, $flat) = @_;
	opendir my $dh, $path or die "$path: $!\n";
	for my $name (grep { $_ ne '.' && $_ ne '..' } readdir $dh) {
		if (-d "$path/$name") {
			$flat->{"$prefix$name/"} = '';
			flat_of_disk("$path/$name", "$prefix$name/", $flat);
		} else {
			$flat->{"$prefix$name"} = slurp("$path/$name");
		}
	}
	closedir $dh;
	return $flat;
}

# The trace: every call to a step, every fsync to what it makes durable.
my $root = load($base);
my $known = @inode; # what came later is recorded only
# As the run saw the tree.
my @now = map { defined $_->{dir} ? { %{ $_->{dir} } } : undef } @inode;
my @size = map { defined $_->{data} ? length $_->{data} : undef } @inode;
my %fd = map { $_ => {} } 0 .. 2;
my (@steps, $calls);

# A path, seen from a descriptor: directory, last name, node or undef.
sub look {
	my ($at, $path) = @_;
	my $dir = $at eq 'AT_FDCWD' ? $root : $fd{$at}{node};
	my @way = split m{/}, $path;
	my $leaf = pop @way;
	for my $name (@way) {
		return if !defined $dir || !defined $now[$dir];
		$dir = $name eq '.' ? $dir : $now[$dir]{$name};
	}
	return if !defined $dir || !defined $now[$dir];
	return ($dir, $leaf, $dir) if $leaf eq '.';
	if ($leaf eq '..') {
		my ($up) = grep { defined $now[$_] &&
		    grep { $_ == $dir } values %{ $now[$_] } } 0 .. $#now;
		return (undef, $leaf, $up);
	}
	return ($dir, $leaf, $now[$dir]{$leaf});
}

sub step {
	my ($kind, $where, %more) = @_;
	push @steps, { kind => $kind, where => $where, at => $calls, %more };
}

sub text {
	my ($s) = @_;
	die "a string was cut: strace -s is too small\n" if $s =~ /\.\.\.$/;
	$s =~ s/^"(.*)"$/$1/s or die "no string: $s\n";
	$s =~ s/\\x(..)/chr hex $1/ge;
	return $s;
}

sub did_open {
	my ($at, $path, $flags, $result) = @_;
	$path = text($path);
	if ($path =~ m{^/}) { # the loader's, the input
		die "written: $path\n" if $flags =~ /O_WRONLY|O_RDWR|O_CREAT/ &&
		    $path !~ m{^/dev/};
		$fd{$result} = {};
		return;
	}
	my ($dir, $leaf, $node) = look($at, $path);
	if (!defined $node && $flags =~ /O_CREAT/) {
		$node = new_file('');
		$size[$node] = 0;
		$now[$dir]{$leaf} = $node;
		step('link', $dir, name => $leaf, node => $node);
	}
	# A file of nobody's, as the config.
	die "opened, but unknown: $path\n" if !defined $node &&
	    $flags =~ /O_WRONLY|O_RDWR|O_CREAT|O_DIRECTORY/;
	die "truncated: $path\n" if $flags =~ /O_TRUNC/;
	$fd{$result} = { node => $node, at => 0,
		append => scalar($flags =~ /O_APPEND/) };
}

sub did_mkdir {
	my ($at, $path) = @_;
	my ($dir, $leaf) = look($at, text($path));
	my $node = new_dir();
	$now[$node] = {};
	$now[$dir]{$leaf} = $node;
	step('link', $dir, name => $leaf, node => $node);
}

sub did_write {
	my ($n, $bytes, $done) = @_;
	my $f = $fd{$n};
	return if !defined $f || !defined $f->{node}; # messages
	my $at = $f->{append} ? $size[$f->{node}] : $f->{at};
	step('write', $f->{node}, offset => $at,
	    bytes => substr(text($bytes), 0, $done));
	$f->{at} = $at + $done;
	$size[$f->{node}] = $f->{at} if $f->{at} > $size[$f->{node}];
}

sub did_unlink {
	my ($at, $path) = @_;
	my ($dir, $leaf, $node) = look($at, text($path));
	delete $now[$dir]{$leaf};
	step('unlink', $dir, name => $leaf, node => $node);
}

sub did_rename {
	my ($from_at, $from, $to_at, $to) = @_;
	my ($dir, $name, $node) = look($from_at, text($from));
	my ($dir2, $name2) = look($to_at, text($to));
	delete $now[$dir]{$name};
	$now[$dir2]{$name2} = $node;
	step('rename', $dir, name => $name, node => $node, to => $dir2,
	    name2 => $name2);
}

# Behind it all that was done to the file or directory is on the disk.
sub did_fsync {
	my ($n) = @_;
	my $node = $fd{$n}{node};
	for my $s (@steps) {
		$s->{half} = 1 if $s->{kind} eq 'rename' && $s->{to} == $node;
		$s->{durable} = $calls if !defined $s->{durable} &&
		    $s->{where} == $node &&
		    ($s->{kind} ne 'rename' || $s->{half} ||
			$s->{to} == $s->{where});
	}
}

sub did {
	my ($call, $result, @arg) = @_;
	if ($call eq 'openat') { did_open(@arg[0 .. 2], $result) }
	elsif ($call eq 'open') { did_open('AT_FDCWD', @arg[0, 1], $result) }
	elsif ($call eq 'mkdirat') { did_mkdir(@arg) }
	elsif ($call eq 'mkdir') { did_mkdir('AT_FDCWD', @arg) }
	elsif ($call eq 'write') { did_write(@arg[0, 1], $result) }
	elsif ($call eq 'fsync') { did_fsync(@arg) }
	elsif ($call eq 'unlinkat') { did_unlink(@arg) }
	elsif ($call eq 'unlink') { did_unlink('AT_FDCWD', @arg) }
	elsif ($call eq 'close') { delete $fd{ $arg[0] } }
	elsif ($call =~ /^rename/) {
		@arg = ('AT_FDCWD', $arg[0], 'AT_FDCWD', $arg[1])
		    if $call eq 'rename';
		did_rename(@arg);
	} elsif ($call eq 'linkat') {
		my (undef, undef, $node) = look($arg[0], text($arg[1]));
		my ($dir2, $name2) = look($arg[2], text($arg[3]));
		$now[$dir2]{$name2} = $node;
		step('link', $dir2, name => $name2, node => $node);
	} elsif ($call eq 'fcntl') {
		$fd{$result} = { %{ $fd{ $arg[0] } } } if $arg[1] =~ /DUPFD/;
	} elsif ($call =~ /^dup[23]/) {
		$fd{$result} = { %{ $fd{ $arg[0] } } };
	} elsif ($call =~ /chmod/) {
		return;
	} else {
		die "the model does not know $call\n";
	}
}

open my $in, '<', $trace or die "$trace: $!\n";
$calls = 0;
while (<$in>) {
	next if /= -1 E/ || !/^(\w+)\((.*)\)\s+= (\d+)/;
	my ($call, $args, $result) = ($1, $2, $3);
	$calls++;
	did($call, $result, split /, /, $args);
}
close $in;
die "the trace has no call that changes anything\n" if !@steps;

# The tree with these steps done; damaged is {step, how} of one write.
sub tree {
	my ($done, $damaged) = @_;
	my @names = map { defined $_->{dir} ? { %{ $_->{dir} } } : undef } @inode;
	my @data = map { $_->{data} } @inode;
	for my $s (@$done) {
		my $d = $names[ $s->{where} ];
		if ($s->{kind} eq 'link') {
			$d->{ $s->{name} } = $s->{node};
		} elsif ($s->{kind} eq 'unlink') {
			delete $d->{ $s->{name} }
			    if ($d->{ $s->{name} } // -1) == $s->{node};
		} elsif ($s->{kind} eq 'rename') {
			delete $d->{ $s->{name} }
			    if ($d->{ $s->{name} } // -1) == $s->{node};
			$names[ $s->{to} ]{ $s->{name2} } = $s->{node};
		} else {
			my $bytes = $s->{bytes};
			if (defined $damaged && $damaged->[0] == $s) {
				my $n = length $bytes;
				$bytes = substr $bytes, 0, $n / 2
				    if $damaged->[1] eq 'half';
				$bytes = "\0" x $n if $damaged->[1] eq 'zero';
				$bytes = 'x' x $n if $damaged->[1] eq 'junk';
			}
			my $gap = $s->{offset} - length $data[ $s->{where} ];
			$data[ $s->{where} ] .= "\0" x $gap if $gap > 0;
			substr($data[ $s->{where} ], $s->{offset},
			    length $bytes) = $bytes;
		}
	}
	return flatten(\@names, \@data, $root, '', {});
}

# What may be pending together with its order: lists of indices.
sub subsets {
	my ($n) = @_;
	my @sets = ([]);
	for my $i (0 .. $n - 1) {
		push @sets, [0 .. $i], [$i], [grep { $_ != $i } 0 .. $n - 1];
		push @sets, [0 .. $i, $_] for $i + 2 .. $n - 1;
	}
	push @sets, [grep { r(2) } 0 .. $n - 1] for 1 .. ($n > 2 ? 2 * $n : 0);
	return @sets;
}

sub signature {
	my ($flat) = @_;
	return join "\0", map { ($_, length $flat->{$_}, $flat->{$_}) }
	    sort keys %$flat;
}

my (%seen, @trees);
sub consider {
	my ($point, $what, $flat) = @_;
	push @trees, [$point, $what, $flat] if !$seen{ signature($flat) }++;
}

my %points = map { $_ => 1 } 0, map { ($_->{at}, $_->{durable} // ()) } @steps;
for my $point (sort { $a <=> $b } keys %points) {
	my @past = grep { $_->{at} <= $point } @steps;
	my @open = grep { ($_->{durable} // $calls + 1) > $point } @past;
	for my $set (subsets(scalar @open)) {
		my %lost = map { $_ => 1 } @open;
		delete $lost{ $open[$_] } for @$set;
		my @done = grep { !$lost{$_} } @past;
		my $what = join ' ', map { $_->{name} //
		    "write@" . $_->{offset} } @open[@$set];
		consider($point, "done: $what", tree(\@done));
	}
	for my $s (grep { $_->{kind} eq 'write' } @open) {
		consider($point, "$_ write", tree(\@past, [$s, $_]))
		    for qw(half zero junk);
	}
}

# What must come of them.
sub table_of {
	my ($flat, $data_only) = @_;
	return { map { $_ => $flat->{$_} } grep { !m{/$} &&
	    ($data_only ? m{^facts/(ds=|_manifests/)} : m{^facts/}) }
	    keys %$flat };
}
my $old = flat_of_disk($base, '', {});
my $new = flat_of_disk($want, '', {});
my $old_data = signature(table_of($old, 1));
my $new_data = signature(table_of($new, 1));
my $new_all = signature(table_of($new, 0));

sub manifests {
	my ($flat) = @_;
	my @all;
	for my $path (sort grep { m{^facts/_manifests/\d{10}\.json$} } keys %$flat) {
		my $text = $flat->{$path};
		$text =~ /^\{\n.*\n\}\n$/s or return ("$path is cut");
		my ($sequence) = $text =~ /^"sequence": (\d+)/m;
		my ($replaces) = $text =~ /^"replaces": \[(.*?)\]/ms;
		my ($removes) = $text =~ /^"removes": \[(.*?)\]/ms;
		my @parts;
		push @parts, { path => $1, staged => $2, hash => $3 } while
		    $text =~ /"path": "(.*?)".*?"staged": "(.*?)".*?"hash": "(\w+)"/gs;
		push @all, { sequence => $sequence, parts => \@parts,
			replaces => { map { $_ => 1 } ($replaces // '') =~ /(\d+)/g },
			removes => { map { $_ => 1 } ($removes // '') =~ /"(.*?)"/g } };
	}
	return (undef, @all);
}

# The bytes of each part that BASE or WANT has in place.
my %bytes;
for my $flat ($old, $new) {
	my (undef, @all) = manifests($flat);
	for my $p (map { @{ $_->{parts} } } @all) {
		$bytes{ $p->{hash} } = $flat->{"facts/$p->{path}"}
		    if defined $flat->{"facts/$p->{path}"};
	}
}

# Why a reader by the manifests would not be served; undef when he is.
sub reader_fails {
	my ($flat) = @_;
	my ($why, @all) = manifests($flat);
	return $why if defined $why;
	my %void = map { %{ $_->{replaces} } } @all;
	my %gone = map { %{ $_->{removes} } } @all;
	for my $m (grep { !$void{ $_->{sequence} } } @all) {
		for my $p (grep { !$gone{ $_->{path} } } @{ $m->{parts} }) {
			my $got = $flat->{"facts/$p->{path}"} //
			    $flat->{"facts/$p->{staged}"};
			return "no part $p->{path}" if !defined $got;
			return "part $p->{path} is damaged"
			    if $got ne ($bytes{ $p->{hash} } // '');
		}
	}
	return undef;
}

sub lay {
	my ($flat) = @_;
	system('rm', '-rf', 'crash') == 0 or die "rm failed\n";
	mkdir 'crash' or die "crash: $!\n";
	for my $path (sort keys %$flat) {
		if ($path =~ m{/$}) {
			mkdir "crash/$path" or die "crash/$path: $!\n";
			next;
		}
		open my $fh, '>:raw', "crash/$path" or die "crash/$path: $!\n";
		print $fh $flat->{$path};
		close $fh or die "crash/$path: $!\n";
	}
}

sub must {
	my ($line) = @_;
	my $status = system '/bin/sh', '-c', "cd crash && { $line; } 2>../crash.err";
	return $status == 0 ? undef
	    : "exit " . ($status >> 8) . " of $line: " . slurp('crash.err');
}

# A temporary file that a dead run leaves beside --outside does no harm.
sub beside_fails {
	my ($flat) = @_;
	for my $path (grep { !m{^facts/} && !m{/$} } keys %$new) {
		return "$path is not as it was promised"
		    if ($flat->{$path} // '') ne $new->{$path};
	}
	return undef;
}

my ($nold, $nnew) = (0, 0);
sub why_wrong {
	my ($flat) = @_;
	my $why = reader_fails($flat);
	return $why if defined $why;
	lay($flat);
	$why = must('ev-partition -q --verify facts')
	    if exists $flat->{'facts/_manifests/'};
	return $why if defined $why;
	my $after = flat_of_disk('crash', '', {});
	my $data = signature(table_of($after, 1));
	if ($data eq $new_data) {
		$nnew++;
		$why = beside_fails($after);
		return $why if defined $why;
	} elsif ($data eq $old_data) {
		$nold++;
	} else {
		return 'recovered, it is neither the old nor the new table';
	}
	$why = must($command);
	return $why if defined $why;
	$after = flat_of_disk('crash', '', {});
	return 'run again, it is not the undisturbed tree'
	    if signature(table_of($after, 0)) ne $new_all;
	return 'something is left in the stage'
	    if grep { m{^facts/_stage/.} } keys %$after;
	return beside_fails($after);
}

my $ntrees = @trees;
if ($most < 0) {
	lay($trees[r($ntrees)][2]);
	exit;
}
if ($most > 0) {
	while (@trees > $most) {
		splice @trees, r(scalar @trees), 1;
	}
}
for my $t (@trees) {
	my ($point, $what, $flat) = @$t;
	my $why = why_wrong($flat);
	next if !defined $why;
	print "power lost behind call $point, $what: $why\n";
	exit 1;
}
printf "%d calls, %d steps, %d trees, %d looked at: %d old, %d new\n", $calls,
    scalar @steps, $ntrees, scalar @trees, $nold, $nnew;
# What BASE has committed already is never undone.
my ($before, $after) = map { my $flat = $_;
	scalar grep { m{^facts/_manifests/.} } keys %$flat } $old, $new;
die "one of the two states never came\n"
    if @trees > 20 && !($nnew && ($nold || $before == $after));
