#!/usr/bin/perl
# agg-sql.pl SEED METRICS: writes events.tsv, metrics.yaml, options and
# query.sql: a random site with hostile values, random metrics of every form,
# options of ev-agg, and a script that computes their rows from events.tsv by
# DuckDB's own means, as the table rows.
#
# Sets, orders and windows are said in SQL as the manual says them: a funnel
# as joins of each start with what is next, a cohort as EXISTS, sessions by
# lag(), an attribution as the first or last of the touches of a window.
use strict;
use warnings;
use FindBin;

require "$FindBin::Bin/agg-values.pl";
our (@hostile, @sayable);

my ($seed, $n) = @ARGV;
srand $seed;
my $options = pick('', '', '--open', '--memory 64K', '--memory 64K --open');
my $open = $options =~ /--open/;

my @columns = qw(user_id logged_out_user_id dim_hostname dim_country
    dim_device_brand action_type);
my @texts = ('ref', 'k=k', "q\xc3\xa9", 'bot');
my @numbers = qw(bytes time status);
my @properties = (@texts, @numbers, 'uri');
my @actions = qw(landing_page page_view signup purchase);
my %name;       # field => its name in SQL
$name{$columns[$_]} = $columns[$_] for 0 .. $#columns;
$name{$properties[$_]} = "p$_" for 0 .. $#properties;
$name{ds} = 'ds';
$name{hour} = 'hour';

sub number {
	return pick(0, int rand 1000, sprintf('%.3f', rand 3),
	    sprintf('%.9f', rand 1e-5), '-' . int rand 50,
	    '999999999999999999.999999999', '1.', '.5', '1e3', '-', '007',
	    '1234567890123456789', '1.0000000001', '12x', '3 ', '0.5-');
}

# Quiet values of few kinds make groups, hostile ones the rest.
sub event {
	my %e = (action_type => pick(@actions, $hostile[rand @hostile] || 'x'));
	my $day = 1 + int rand(rand() < 0.5 ? 4 : 20);
	my $s = rand() < 0.6 ? int rand 8 : int rand 86400;

	$e{event_timestamp} = sprintf('2026-11-%02d %02d:%02d:%02d', $day,
	    $s / 3600, $s / 60 % 60, $s % 60) .
	    (rand() < 0.2 ? sprintf('.%03d', rand 1000) : '');
	$e{user_id} = int rand 4 if rand() < 0.4;
	$e{logged_out_user_id} = int(rand 7) - 2 if rand() < 0.9;
	for (qw(dim_hostname dim_country dim_device_brand)) {
		$e{$_} = pick('US', 'DE', '(other)', 'a&b', pick(@hostile))
		    if rand() < 0.8;
	}
	for (@texts) {
		$e{$_} = pick('A', 'B', '', '(x', 'a b!', pick(@hostile))
		    if rand() < 0.5;
	}
	$e{bytes} = number() if rand() < 0.8;
	$e{time} = sprintf '%.3f', rand 2 if rand() < 0.8;
	$e{status} = pick(200, 204, 304, 404, 500, '2xx') if rand() < 0.9;
	$e{uri} = pick('/', '/a', '/b/c', "/b\xc3\xa9", '/a%', '/x y')
	    if rand() < 0.9;
	return \%e;
}

sub line {
	my $e = shift;
	my %map = map { (map_text($_) => map_text($e->{$_})) }
	    grep { exists $e->{$_} } @properties;

	return join("\t", (map { defined $e->{$_} ? encode($e->{$_}, '') :
	    '\N' } @columns), $e->{event_timestamp},
	    join('&', map { "$_=$map{$_}" } sort keys %map),
	    substr $e->{event_timestamp}, 0, 10) . "\n";
}

sub sql { return "'" . $_[0] =~ s/'/''/gr . "'" }

# A value as the stream writes it, in SQL.
sub written {
	my ($field, $value) = @_;

	return sql(grep({ $_ eq $field } @columns) ? encode($value, '') :
	    map_text($value));
}

# Conditions: [yaml, sql] each; no SQL here is ever NULL.
sub range {
	my $f = shift;
	my $x = $name{$f};
	my ($op, $low) = @{pick(['min', '>='], ['above', '>'])};
	my ($op2, $high) = @{pick(['max', '<='], ['below', '<'])};
	my @bound = sort { $a <=> $b } map { pick(0, 1, 200, 300, 0.5) } 1, 2;
	my (@yaml, @sql);

	if (rand() < 0.7) {
		push @yaml, "$op: $bound[0]";
		push @sql, "coalesce(num($x) $low $bound[0], false)";
	}
	if (!@yaml || rand() < 0.5) {
		push @yaml, "$op2: $bound[1]";
		push @sql, "coalesce(num($x) $high $bound[1], false)";
	}
	return [yaml($f) . ': {' . join(', ', @yaml) . '}',
	    '(' . join(' AND ', @sql) . ')'];
}

sub values_of {
	my $f = shift;
	my @any = map { rand() < 0.2 ? undef : $f eq 'action_type' ?
	    pick(@actions) : $f eq 'hour' ? pick('00', '01', '13', 1) :
	    pick(@sayable, 'US', 'A', 'B', 1, 2) }
	    0 .. rand 4;
	my @sql = map { defined $_ ? written($f, $_) : () } @any;
	my @or = ((grep { !defined $_ } @any) ? "$name{$f} IS NULL" : (),
	    @sql ? "coalesce($name{$f} IN (" . join(', ', @sql) . '), false)' :
	    ());

	return [@any == 1 ? yaml($any[0]) : yaml_list(@any),
	    '(' . join(' OR ', @or) . ')'];
}

# Of text, which is compared by its bytes.
sub text_range {
	my $f = pick('dim_country', 'action_type', 'ds', @texts);
	my @bound = $f eq 'ds' ? ('2026-11-03', '2026-11-1') : ('B', 'p');
	my ($op, $sign) = @{pick(['min', '>='], ['above', '>'])};
	my ($op2, $sign2) = @{pick(['max', '<='], ['below', '<'])};
	my ($y, $s) = @{pick(["$op: $bound[0]", "$name{$f} $sign '$bound[0]'"],
	    ["$op2: $bound[1]", "$name{$f} $sign2 '$bound[1]'"],
	    ["$op: $bound[0], $op2: $bound[1]", "$name{$f} $sign '$bound[0]'" .
	    " AND $name{$f} $sign2 '$bound[1]'"])};

	return [yaml($f) . ": {$y}", "coalesce($s, false)"];
}

sub leaf {
	my $kind = int rand 8;

	return range(pick(@numbers)) if $kind == 0;
	if ($kind == 1) {
		my $re = pick('^/$', '^/[ab]', 'b/', "\xc3\xa9\$", '%', 'x y');
		return ["uri: {regex: '$re'}",
		    "coalesce(regexp_matches(url_decode($name{uri}), '$re'), " .
		    'false)'];
	}
	if ($kind == 2) {
		my $x = "num($name{status})";
		my ($y, $low, $high) = @{pick(['2xx', 200, 299],
		    ['300-404', 300, 404], ['4xx', 400, 499])};
		return ["status: [$y, 500]", "(coalesce($x BETWEEN $low AND " .
		    "$high, false) OR coalesce($name{status} = '500', false))"];
	}
	return text_range() if $kind == 6;
	my $f = pick(@columns, 'action_type', 'action_type', 'hour', @texts);
	my ($y, $s) = @{values_of($f)};
	if ($kind == 7) {
		my ($y2, $s2) = @{values_of($f)};
		return [yaml($f) . ": {is: $y, not: $y2}", "($s AND NOT $s2)"];
	}
	return [yaml($f) . ": $y", $s] if $kind != 3;
	return [yaml($f) . ": {not: $y}", "NOT $s"];
}

# A mapping of conditions, with no key twice.
sub conditions {
	my $depth = shift;
	my (%seen, @yaml, @sql);

	while (rand() < 0.6 && @yaml < 3) {
		my ($y, $s) = @{leaf()};
		my $key = $y =~ s/: .*//sr =~ tr/"//dr;
		next if $seen{$key}++;
		push @yaml, $y;
		push @sql, $s;
	}
	if ($depth < 2 && rand() < 0.25) {
		my @sub = map { [conditions($depth + 1)] } 0 .. rand 3;
		my $op = pick('any', 'all', 'not');
		my $sql = join $op eq 'all' ? ' AND ' : ' OR ',
		    map { $_->[1] } @sub;
		push @yaml, "$op: [" . join(', ', map { $_->[0] } @sub) . ']';
		push @sql, $op eq 'not' ? "NOT ($sql)" : "($sql)";
	}
	return ('{' . join(', ', @yaml) . '}', '(' .
	    (join(' AND ', @sql) || 'true') . ')');
}

# By: the SQL of the dimensions of a set of fields, or of their "(other)".
sub dims {
	my @pairs = sort { $a->[0] cmp $b->[0] } @_;

	return "''" unless @pairs;
	return join " || '&' || ", map { $_->[1] } @pairs;
}

sub by_pair {
	my $f = shift;

	return [map_text($f), 'dim(' . sql(map_text($f)) . ", $name{$f})"];
}

sub other_pair {
	my $f = shift;

	return [map_text($f), sql(map_text($f) . '=(other)')];
}

sub period_sql {
	my ($period, $x) = @_;

	return $period eq 'day' ? $x :
	    "CAST(CAST(date_trunc('$period', CAST($x AS DATE)) AS DATE) " .
	    'AS VARCHAR)';
}

my %last = (day => 'CAST(ds AS DATE)',
    week => 'CAST(ds AS DATE) + 6',
    month => 'last_day(CAST(ds AS DATE))');

sub nearest_rank {
	my ($x, $at) = @_;

	return "list_sort(list($x) FILTER ($x IS NOT NULL))[greatest(1, " .
	    "CAST(ceil(CAST($at AS DECIMAL(9, 3)) * count($x)) AS BIGINT))]";
}

# The yaml, an aggregate, fields that are counted; and of a quantile, whose
# aggregate is how many numbers there are, [aggregate, dimension] of each at.
sub measure {
	my $kind = shift;
	my $f = pick(@numbers, 'bytes', pick(@texts));
	my $x = "num($name{$f})";

	return ('count: events', 'count(*)') if $kind eq 'count';
	return ('sum: ' . yaml($f), "coalesce(sum($x), 0)") if $kind eq 'sum';
	return ("$kind: " . yaml($f), "$kind($x)") if $kind =~ /^m(in|ax)$/;
	if ($kind eq 'quantile') {
		my %at = map { pick(0, 0.1, 0.5, 0.95, 0.999, 1) => 1 } 0 .. rand 3;
		my @at = keys %at;
		my $one = @at == 1 && rand() < 0.8;
		return ("quantile: {of: " . yaml($f) . ', at: ' .
		    ($one ? $at[0] : '[' . join(', ', @at) . ']') . '}',
		    "count($x)", undef, map { [nearest_rank($x, $_),
		    $one ? () : ['at', "'at=$_'"]] } @at);
	}
	my @f = map { pick(@columns, @texts) } 0 .. rand 2;
	@f = ($f[0]) if @f == 2 && $f[0] eq $f[1];
	my $y = @f == 1 ? yaml($f[0]) : yaml_list(@f);
	my $s = 'count(DISTINCT coalesce(' .
	    join(', ', map { "named($name{$_})" } @f) . '))';
	return ("distinct: $y" . ($kind eq 'approx' ? ', approx: true' : ''),
	    $s, \@f);
}

my (@yaml, @queries, %about);

sub add {
	my ($metric, $yaml, $sql, $about) = @_;

	push @yaml, "  $metric: {$yaml}\n";
	$sql =~ s/\bM\b/'$metric'/g;
	push @queries, $sql;
	$about{$metric} = $about // 'exact';
}

sub random_by {
	my %by;

	$by{pick(@columns[2 .. 5], @texts, 'status', 'hour')} = 1
	    while rand() < 0.6 && keys %by < 3;
	return keys %by;
}

# One set of fields: rows of the metric with these dimensions.
sub group_sql {
	my ($period, $top, $extra, $by, $agg, $size, $from, $rate) = @_;
	my @pairs = map { by_pair($_) } @$by;
	my @other = map { other_pair($_) } @$by;
	my $d = dims(@pairs, @$extra);
	my $o = dims(@other, @$extra);
	my $fields = dims(@pairs);      # of equal ones, these come first
	my $p = period_sql($period, 'ds');

	return <<END if !@$by;
SELECT q.p AS ds, M AS metric, $d AS dimensions, $agg
FROM (SELECT DISTINCT $p AS p FROM ev) q
LEFT JOIN (SELECT *, $p AS p FROM $from) e ON e.p = q.p GROUP BY q.p
END
	return <<END if !$top;
SELECT $p AS ds, M AS metric, $d AS dimensions, $agg
FROM (SELECT *, $p AS p FROM $from) e GROUP BY ALL
END
	return <<END;
SELECT p AS ds, M AS metric, dd AS dimensions, $agg FROM (
  SELECT e.*, CASE WHEN r.k <= $top THEN $d ELSE $o END AS dd
  FROM (SELECT *, $p AS p, $fields AS d FROM $from) e LEFT JOIN (
    SELECT p, d, row_number() OVER (PARTITION BY p ORDER BY z DESC, d) AS k
    FROM (SELECT $p AS p, $fields AS d, $size AS z FROM $from GROUP BY ALL)
    WHERE z IS NOT NULL) r
  ON r.p = e.p AND r.d = e.d) e GROUP BY ALL
END
}

sub sets {
	my ($totals, @by) = @_;
	my @sets = (\@by);

	push @sets, map { my $set = $_; [map { $set >> $_ & 1 ? $by[$_] : () }
	    0 .. $#by] } 0 .. 2 ** @by - 2 if $totals;
	return @sets;
}

sub common_yaml {
	my ($period, $by, $top, $totals, $where) = @_;

	return (@$by ? 'by: ' . yaml_list(@$by) : (),
	    $top ? "top: $top" : (), $totals ? 'totals: true' : (),
	    $period ne 'day' || rand() < 0.1 ? "period: $period" : (),
	    $where ne '{}' ? "where: $where" : ());
}

sub plain_metric {
	my $m = shift;
	my $kind = pick(qw(count count distinct distinct distinct sum min max
	    mean quantile quantile approx));
	my ($y, $agg, $f, @at) = measure($kind eq 'mean' ? 'sum' : $kind);
	my $period = pick('day', 'day', 'week', 'month');
	my @by = random_by();
	my $top = @by && rand() < 0.4 ? 1 + int rand 4 : 0;
	my $totals = @by && rand() < 0.3;
	my ($wy, $ws) = conditions(0);
	my $x = $agg;
	# The zero row of a total has one row of NULLs, rid too.
	$x =~ s/count\(\*\)/count(e.rid)/;
	my $null = 'NULL AS numerator, NULL AS denominator';
	my $value = "CAST($x AS VARCHAR) AS value, $null";
	# A least or greatest of no number is 0 to be ordered by.
	my $size = "coalesce($agg, 0)";
	if ($kind eq 'mean') {
		$y =~ s/sum/mean/;
		my ($c) = $agg =~ /(num\(\w+\))/;
		$value = "CAST(CAST(sum($c) AS DOUBLE) / count($c) AS VARCHAR)" .
		    " AS value, CAST($agg AS VARCHAR) AS numerator, " .
		    "CAST(count($c) AS VARCHAR) AS denominator";
		$size = "count($c)";
	}
	# Approximate sizes would order other cells.
	$top = 0 if $kind eq 'approx';
	# Another metric's measure and conditions, and nothing else of it.
	if (rand() < 0.25) {
		my ($uy, $us) = conditions(1);
		push @yaml, "  $m.0: {" . join(', ', $y, common_yaml(
		    pick('day', 'month'), [random_by()], 0, 0, $uy)) . "}\n";
		$about{"$m.0"} = 'skip';
		$y = "use: $m.0";
		$ws = "($ws AND $us)";
	}
	my @values = @at ? map { ["CAST($_->[0] AS VARCHAR) AS value, $null",
	    @$_[1 .. $#$_]] } @at : [$value];
	add($m, join(', ', $y, common_yaml($period, \@by, $top, $totals, $wy)),
	    join("UNION ALL\n", map { my $set = $_; map { group_sql($period,
	    $top, [@$_[1 .. $#$_]], $set, $_->[0], $size,
	    "(SELECT * FROM ev WHERE $ws)") } @values } sets($totals, @by)),
	    $kind eq 'quantile' || $kind eq 'approx' ? $kind : 'exact');
}

# Two measures and a ratio; the measures are metrics of their own.
sub ratio_metric {
	my $m = shift;
	my @part = map { { kind => pick(qw(count count distinct sum)) } } 1, 2;
	my $period = pick('day', 'week', 'month');
	my @by = random_by();
	my $top = @by && rand() < 0.3 ? 1 + int rand 3 : 0;
	my $totals = @by && rand() < 0.3;
	my ($wy, $ws) = conditions(1);
	my @agg;
	for my $i (0, 1) {
		my ($y, $agg, $f) = measure($part[$i]{kind});
		my ($py, $ps) = conditions(0);
		$agg =~ s/count\(\*\)/count(e.rid)/;
		my $filter = " FILTER ($ps)";
		my $filtered = $agg =~ s/^(coalesce\()?(\w+\(.*?\))(, 0\))?$/
		    ($1 \/\/ '') . $2 . $filter . ($3 \/\/ '')/er;
		push @agg, $filtered;
		$part[$i]{of} = $f;
		$part[$i]{where} = $ps;
		push @yaml, "  $m.$i: {" . join(', ', $y,
		    common_yaml($period, [], 0, 0, $py)) . "}\n";
		$about{"$m.$i"} = 'skip';
	}
	my $of = $part[1]{of};
	my @extra = $of ? ['of', sql('of=' . map_text(join ', ', @$of))] : ();
	my $value = "CASE WHEN $agg[1] <> 0 THEN CAST(CAST($agg[0] AS DOUBLE) " .
	    "/ CAST($agg[1] AS DOUBLE) AS VARCHAR) END AS value, " .
	    "CAST($agg[0] AS VARCHAR) AS numerator, " .
	    "CAST($agg[1] AS VARCHAR) AS denominator";
	my $size = "CASE WHEN count(*) FILTER ($part[1]{where}) > 0 THEN " .
	    ($agg[1] =~ s/e\.rid/rid/gr) . ' END';
	add($m, join(', ', "ratio: [$m.0, $m.1]", common_yaml($period, \@by,
	    $top, $totals, $wy)), join "UNION ALL\n", map { group_sql($period,
	    $top, \@extra, $_, $value, $size, "(SELECT * FROM ev WHERE $ws AND" .
	    " ($part[0]{where} OR $part[1]{where}))") } sets($totals, @by));
}

# Whom: the yaml, and the SQL of the visitor.
sub visitor {
	return @{pick(['', 'logged_out_user_id'],
	    ['visitor: user_id', 'user_id'],
	    ['visitor: [user_id, logged_out_user_id]',
	    'coalesce(user_id, logged_out_user_id)'])};
}

sub of_pair {
	my $v = shift;
	my $name = $v =~ /coalesce\((.*)\)/ ? $1 : $v;

	return ['of', sql('of=' . map_text($name))];
}

my @windows = (['1s', '1 SECOND', 1], ['90s', '90 SECOND', 1],
    ['6h', '6 HOUR', 1], ['24h', '24 HOUR', 1], ['3d', '3 DAY', 3],
    ['1w', '7 DAY', 7]);

# The rates of cells p, d with numbers n and m; zero rows for totals.
sub rate_rows {
	my ($period, $by, $extra, $cells, $n, $m, $whole) = @_;
	my @pairs = map { by_pair($_) } @$by;
	my $from = @$by ? "(SELECT p AS ds, d, $n AS n, $m AS m FROM $cells)" :
	    "(SELECT q.p AS ds, '' AS d, coalesce($n, 0) AS n, " .
	    "coalesce($m, 0) AS m FROM (SELECT DISTINCT " .
	    period_sql($period, 'ds') . " AS p FROM ev) q LEFT JOIN $cells " .
	    "ON x.p = q.p)";

	return "SELECT ds, M AS metric, with_dims(d, $extra) AS dimensions, " .
	    "CAST(CASE WHEN m > 0 THEN n / m END AS VARCHAR) AS value, " .
	    "CAST(n AS VARCHAR) AS numerator, CAST(m AS VARCHAR) AS " .
	    "denominator FROM $from WHERE $whole\n";
}

sub pairs_sql { return '[' . join(', ', map { $_->[1] } @_) . ']' }

sub text_sql {
	return 'array_to_string(' .
	    pairs_sql(sort { $a->[0] cmp $b->[0] } @_) . ", '&')";
}

# What visitors do: events as v, p and d, the dimensions by these fields, of
# which a top shows the greatest by size, a column of $cells of them, and the
# rest as one; and cells of p and d that are numbered so.
sub top_cells {
	my ($v, $period, $by, $top, $ws, $size, $cells) = @_;
	my $base = "(SELECT *, $v AS v, " . period_sql($period, 'ds') .
	    ' AS p, ' . text_sql(map { by_pair($_) } @$by) . ' AS d, ' .
	    text_sql(map { other_pair($_) } @$by) . " AS o FROM ev WHERE $v " .
	    "IS NOT NULL AND $ws)";

	return $cells->($base) if !$top || !@$by;
	return $cells->("(SELECT b.* REPLACE (CASE WHEN r.n <= $top THEN b.d " .
	    'ELSE b.o END AS d) FROM ' . "$base b LEFT JOIN (SELECT p, d, " .
	    "row_number() OVER (PARTITION BY p ORDER BY $size DESC, d) AS n " .
	    'FROM ' . $cells->($base) . ') r ON r.p = b.p AND r.d = b.d)');
}

sub funnel_cells {
	my ($base, $interval, @step) = @_;
	my $s = "SELECT v, p, d, rid, ts, k FROM $base WHERE $step[0][1]";
	my $all = "(SELECT v, p, d, rid, 1 AS level FROM ($s) UNION ALL ";

	for my $i (2, 3) {
		$s = "SELECT s.v, s.p, s.d, s.rid, s.ts, min(e.k) AS k" .
		    " FROM ($s) s JOIN (SELECT * FROM $base WHERE " .
		    "$step[$i - 1][1]) e ON e.v = s.v AND e.k > s.k GROUP BY ALL";
		$all .= "SELECT v, p, d, rid, $i FROM ($s) WHERE " .
		    'CAST(left(k, 23) AS TIMESTAMP) <= ts + INTERVAL ' .
		    $interval . ($i == 2 ? ' UNION ALL ' : ')');
	}
	return '(SELECT p, d, count(*) AS l1, count(*) FILTER (level > 1) AS ' .
	    'l2, count(*) FILTER (level > 2) AS l3 FROM (SELECT p, d, v, ' .
	    "max(level) AS level FROM $all GROUP BY ALL) GROUP BY ALL) x";
}

sub cohort_cells {
	my ($base, $interval, @step) = @_;

	return '(SELECT p, d, count(*) AS m, count(*) FILTER (done) AS n FROM ' .
	    '(SELECT a.p, a.d, a.v, bool_or(EXISTS (FROM (SELECT * FROM ' .
	    "$base WHERE $step[1][1]) b WHERE b.v = a.v AND b.rid <> a.rid " .
	    "AND b.ts >= a.ts AND b.ts <= a.ts + INTERVAL $interval)) AS done" .
	    " FROM $base a WHERE $step[0][1] GROUP BY ALL) GROUP BY ALL) x";
}

sub retention_cells {
	my ($base, $from, $to, @step) = @_;

	return '(SELECT p, d, count(*) AS m, count(*) FILTER (EXISTS (FROM ' .
	    "(SELECT * FROM $base WHERE $step[1][1]) b WHERE b.v = a.v AND " .
	    "CAST(b.ds AS DATE) BETWEEN a.day + $from AND a.day + $to)) AS n" .
	    ' FROM (SELECT p, d, v, min(CAST(ds AS DATE)) AS day FROM ' .
	    "$base WHERE $step[0][1] GROUP BY ALL) a GROUP BY ALL) x";
}

sub people_metric {
	my ($m, $kind) = @_;
	my ($vy, $v) = visitor();
	my $period = pick('day', 'week', 'month');
	my @by = random_by();
	my $top = @by && rand() < 0.3 ? 1 + int rand 3 : 0;
	my $totals = @by && rand() < 0.3;
	my ($wy, $ws) = conditions(1);
	my ($window, $interval, $days) = @{pick(@windows)};
	my @step = map { [conditions(0)] } 1 .. 3;
	my $any = $kind eq 'retention' && rand() < 0.3;
	my $of = of_pair($v);
	my @yaml = ($vy ? $vy : (), common_yaml($period, \@by, $top, $totals,
	    $wy));
	my $whole = $open ? 'true' : "$last{$period} + DAYS <= " .
	    '(SELECT max(CAST(ds AS DATE)) FROM ev)';
	my ($unit, $width, $max) = @{pick(['days', 1, 4], ['weeks', 7, 2])};
	my $after = 1 + int rand $max;
	my @rows;

	$step[1] = ['{}', 'true'] if $any;      # whatever it is
	for my $by (sets($totals, @by)) {
		my $cells = sub {
			my ($size, $of_base) = @_;
			return top_cells($v, $period, $by, $top, $ws, $size,
			    $of_base);
		};
		if ($kind eq 'funnel') {
			push @rows, rate_rows($period, $by, pairs_sql($of,
			    ['step', "'step=$_'"]), $cells->('l1', sub {
			    funnel_cells($_[0], $interval, @step) }), "x.l$_",
			    'x.l' . ($_ > 1 ? $_ - 1 : 1), 'true') for 1 .. 3;
		} elsif ($kind eq 'cohort') {
			push @rows, rate_rows($period, $by, pairs_sql($of),
			    $cells->('m', sub { cohort_cells($_[0], $interval,
			    @step) }), 'x.n', 'x.m', $whole =~ s/DAYS/$days/r);
		} else {
			for my $i (1 .. $after) {
				my ($from, $to) = ($i * $width,
				    $i * $width + $width - 1);
				push @rows, rate_rows($period, $by, pairs_sql(
				    ['after', "'after=$i'"], $of),
				    $cells->('m', sub { retention_cells($_[0],
				    $from, $to, @step) }), 'x.n', 'x.m',
				    $whole =~ s/DAYS/$to/r);
			}
		}
	}
	add($m, join(', ', $kind eq 'funnel' ? ('funnel: [' . join(', ',
	    map { $_->[0] } @step) . ']', "within: $window") :
	    $kind eq 'cohort' ? ("cohort: $step[0][0]", "then: $step[1][0]",
	    "within: $window") : ("retention: $step[0][0]",
	    $any ? () : "then: $step[1][0]", "$unit: $after"), @yaml),
	    join "UNION ALL\n", @rows);
}

sub session_cells {
	my ($base, $interval) = @_;

	return '(SELECT p, d, count(*) AS n, CAST(sum(s) AS DECIMAL(18, 0)) * ' .
	    'CAST(0.001 AS DECIMAL(4, 3)) AS s, count(*) FILTER (c = 1) AS b ' .
	    'FROM (SELECT first(p ORDER BY k) AS p, first(d ORDER BY k) AS d, ' .
	    'count(*) AS c, epoch_ms(max(ts)) - epoch_ms(min(ts)) AS s FROM ' .
	    '(SELECT *, sum(fresh) OVER (PARTITION BY v ORDER BY k, rid) AS n ' .
	    'FROM (SELECT *, CASE WHEN ts - lag(ts) OVER (PARTITION BY v ORDER' .
	    " BY k, rid) <= INTERVAL $interval THEN 0 ELSE 1 END AS fresh FROM" .
	    " $base)) GROUP BY v, n) GROUP BY ALL) x";
}

sub sessions_metric {
	my $m = shift;
	my ($vy, $v) = visitor();
	my $period = pick('day', 'week', 'month');
	my @by = random_by();
	my $top = @by && rand() < 0.3 ? 1 + int rand 3 : 0;
	my $totals = @by && rand() < 0.3;
	my ($wy, $ws) = conditions(1);
	my ($gap, $interval) = @{pick(@windows[0 .. 3])};
	my @rows;

	for my $by (sets($totals, @by)) {
		my $cells = top_cells($v, $period, $by, $top, $ws, 'n',
		    sub { session_cells($_[0], $interval) });
		push @rows, map { rate_rows($period, $by, "['measure=$_->[0]']",
		    $cells, $_->[1], 'x.n', 'true') } ['bounces', 'x.b'],
		    ['seconds', 'x.s'];
		my $count = rate_rows($period, $by, "['measure=count']", $cells,
		    'x.n', 'x.n', 'true');
		$count =~ s/CAST\(CASE.*?denominator FROM/CAST(n AS VARCHAR) AS value, NULL AS numerator, NULL AS denominator FROM/s;
		push @rows, $count;
	}
	add($m, join(', ', "sessions: {gap: $gap}", $vy ? $vy : (),
	    common_yaml($period, \@by, $top, $totals, $wy)),
	    join "UNION ALL\n", @rows);
}

sub attribution_rows {
	my ($conv, $source, $top, @by) = @_;
	my @pairs = ((map { by_pair($_) } @by),
	    [map_text($source), 'dim(' . sql(map_text($source)) . ', touch)']);
	my $d = dims(@pairs);
	my $null = 'NULL AS numerator, NULL AS denominator';

	return "SELECT p AS ds, M AS metric, $d AS dimensions, " .
	    "CAST(count(*) AS VARCHAR) AS value, $null FROM $conv " .
	    "GROUP BY ALL\n" if !$top;
	return 'SELECT ds, metric, dd AS dimensions, CAST(sum(n) AS VARCHAR) ' .
	    "AS value, $null FROM (SELECT p AS ds, M AS metric, CASE WHEN " .
	    'row_number() OVER (PARTITION BY p ORDER BY n DESC, d) <= ' .
	    "$top THEN d ELSE o END AS dd, n FROM (SELECT p, $d AS d, " .
	    dims(map { other_pair($_) } @by, $source) . ' AS o, ' .
	    "count(*) AS n FROM $conv GROUP BY ALL)) GROUP BY ALL\n";
}

sub attribution_metric {
	my $m = shift;
	my ($vy, $v) = visitor();
	my $period = pick('day', 'week', 'month');
	my @by = random_by();
	my ($wy, $ws) = conditions(1);
	my ($cy, $cs) = conditions(0);
	my ($ty, $ts) = rand() < 0.5 ? conditions(0) : ('{}', 'true');
	my ($window, $interval, $days) = @{pick(@windows)};
	my $model = pick('first', 'last');
	my $source = pick('ref', 'k=k', 'dim_device_brand', 'uri');
	@by = grep { $_ ne $source } @by;
	my $top = rand() < 0.3 ? 1 + int rand 3 : 0;
	my $totals = @by && rand() < 0.3;
	my $pick = $model eq 'last' ? 'max_by' : 'min_by';
	my $p = period_sql($period, 'ds');
	my $whole = $open ? 'true' : "CAST($p AS DATE) - $days >= " .
	    '(SELECT min(CAST(ds AS DATE)) FROM ev)';
	my $conv = "(SELECT c.*, (SELECT $pick(t.$name{$source}, t.k) FROM (" .
	    "SELECT *, $v AS v FROM ev WHERE $ws AND $ts AND $name{$source} " .
	    'IS NOT NULL) t WHERE t.v = c.v AND t.k <= c.k AND t.ts >= c.ts ' .
	    "- INTERVAL $interval) AS touch FROM (SELECT *, $v AS v, $p AS p " .
	    "FROM ev WHERE $v IS NOT NULL AND $ws AND $cs AND $whole) c)";

	add($m, join(', ', "attribution: $cy", $ty ne '{}' || rand() < 0.5 ?
	    "touch: $ty" : (), 'source: ' . yaml($source), "model: $model",
	    "within: $window", $vy ? $vy : (), common_yaml($period, \@by,
	    $top, $totals, $wy)), join "UNION ALL\n", map { attribution_rows(
	    $conv, $source, $top, @$_) } sets($totals, @by));
}

my @events = map { event() } 1 .. 40 + rand 200;
for my $i (1 .. $n) {
	my $kind = rand;
	my $m = sprintf 'm%02d', $i;
	if ($kind < 0.5) {
		plain_metric($m);
	} elsif ($kind < 0.65) {
		ratio_metric($m);
	} elsif ($kind < 0.85) {
		people_metric($m, pick('funnel', 'cohort', 'retention'));
	} elsif ($kind < 0.92) {
		sessions_metric($m);
	} else {
		attribution_metric($m);
	}
}

my $columns = join ', ', map { "t[" . ($_ + 1) . "] AS c$_" } 0 .. 8;
my $props = join ', ', map { "prop(c7, " . sql(map_text($properties[$_])) .
    ") AS p$_" } 0 .. $#properties;
my $names = join ', ', map { "nullif(c$_, '\\N') AS $columns[$_]" }
    0 .. $#columns;
write_file('events.tsv', "#begin\tversion=1\n", (map { line($_) } @events),
    "#end\trows=" . @events . "\n");
write_file('metrics.yaml', "metrics:\n", @yaml);
write_file('options', "$options\n");
write_file('about', map { "$_\t$about{$_}\n" } sort keys %about);
write_file('query.sql', <<'END', <<END, map { "INSERT INTO rows $_;\n" } @queries);
CREATE MACRO prop(m, k) AS CASE WHEN contains('&' || m, '&' || k || '=')
  THEN split_part(split_part('&' || m, '&' || k || '=', 2), '&', 1) END;
CREATE MACRO named(v) AS regexp_replace(replace(replace(replace(v, '&', '%26'),
  '=', '%3D'), '+', '%2B'), '^\(', '%28');
CREATE MACRO dim(k, v) AS k || coalesce('=' || named(v), '');
CREATE MACRO num(x) AS CASE WHEN regexp_full_match(x,
  '-?[0-9]{1,18}(\.[0-9]{1,9})?') THEN CAST(x AS DECIMAL(38, 9)) END;
CREATE MACRO with_dims(d, extra) AS array_to_string(list_sort(list_concat(
  CASE WHEN d = '' THEN [] ELSE string_split(d, '&') END, extra)), '&');
END
CREATE TABLE ev AS SELECT *, $props FROM (
  SELECT *, $names, CAST(c6 AS TIMESTAMP) AS ts, c8 AS ds,
    strftime(CAST(c6 AS TIMESTAMP), '%H') AS hour,
    strftime(CAST(c6 AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%g') || ' ' ||
    array_to_string(t[1:8], chr(9)) AS k
  FROM (SELECT *, $columns FROM (SELECT row_number() OVER () AS rid,
    string_split(line, chr(9)) AS t FROM read_csv('events.tsv', sep = chr(1),
    header = false, quote = '', escape = '', comment = '',
    auto_detect = false, columns = {'line': 'VARCHAR'})
    WHERE line NOT LIKE '#%')));
CREATE TABLE rows (ds VARCHAR, metric VARCHAR, dimensions VARCHAR,
  value VARCHAR, numerator VARCHAR, denominator VARCHAR);
END
