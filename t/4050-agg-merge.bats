#!/usr/bin/env bats
# Partial states: any split, any order, any tree of merges, spilled or not,
# gives the bytes of the one run.  EV_AGG_TREES: how many (agg-split.pl).

load helper
load agg-helper

prepare() {
	need perl
	cp "$T/agg-every.yaml" m.yaml
	perl "$T/agg-site.pl" 7 400 40 >rows
	stream rows >events.tsv
}

@test "random splits, orders and trees of merges equal the one run" {
	runs 0 ev-agg -q -c m.yaml events.tsv
	cp out want
	[ "$(cut -f2 out | sort -u | wc -l)" -ge 30 ]
	runs 0 perl "$T/agg-split.pl" "${EV_AGG_TREES:-100}" m.yaml rows want
}

@test "with spilling forced, too" {
	mkdir temp
	export TMPDIR=$PWD/temp
	runs 0 ev-agg -q -c m.yaml events.tsv
	cp out want
	runs 0 ev-agg -q --memory 64K -c m.yaml events.tsv
	same out want
	runs 0 perl "$T/agg-split.pl" "${EV_AGG_TREES:-100}" m.yaml rows want \
	    --memory 64K
	[ -z "$(ls temp)" ]
}

@test "partial states are what sort, a combiner and a reducer expect" {
	runs 0 ev-agg -q -c m.yaml --partial events.tsv
	[ "$(grep -vc '^1 [cdhsixbeof] [-0-9a-f]\{16\} [^	]*	[^	]*$' out)" -eq 0 ]
	sort -c out
	[ "$(cut -f1 out | sort | uniq -d | wc -l)" -eq 0 ]
	cp out one
	runs 0 ev-agg -q -c m.yaml --merge --partial one
	same out one
	# A combiner may merge each key's lines by themselves.
	split -n r/7 rows piece.
	for p in piece.*; do
		ev-agg -q --no-marks -c m.yaml --partial "$p"
	done | sort >all
	runs 0 ev-agg -q -c m.yaml --merge --partial <all
	same out one
}

@test "empty in, empty out" {
	: >empty
	runs 0 ev-agg -c m.yaml --partial empty
	[ ! -s out ]
	runs 0 ev-agg -c m.yaml --merge empty
	[ ! -s out ]
	runs 0 ev-agg -c m.yaml --merge --partial empty
	[ ! -s out ]
}

@test "who merges learns that a stream was cut, or not read whole" {
	metrics <<<'hits: {count: events}'
	sed '$d' events.tsv >cut
	{ cat rows; echo broken; } >bad
	runs 1 ev-agg -q -c m.yaml --partial cut
	cp out one
	runs 1 ev-agg -q -c m.yaml --partial bad /nowhere
	cp out two
	runs 0 ev-agg -q -c m.yaml --partial events.tsv
	cp out good
	runs 0 ev-agg -q -c m.yaml --merge good good
	runs 1 ev-agg -q -c m.yaml --merge good one
	has_line err 'ev-agg: one: the states are of 1 inputs that were cut'
	cut -f1,4 out | sort -c
	runs 1 ev-agg -q -c m.yaml --merge -o x good two
	has_line err 'ev-agg: two: the states are of 2 inputs that were not read to their end'
	[ ! -e x ]
	# Merged to states it is not forgotten, however often.
	runs 1 ev-agg -q -c m.yaml --merge --partial one two good
	cp out all
	runs 1 ev-agg -q -c m.yaml --merge --partial -j 2 all good
	cp out again
	runs 1 ev-agg -q -c m.yaml --merge again
	has_line err 'ev-agg: again: the states are of 1 inputs that were cut'
	has_line err 'ev-agg: again: the states are of 2 inputs that were not read to their end'
	# Who asks for no marks is not told of cuts.
	runs 0 ev-agg -q -c m.yaml --merge --no-marks good one
	runs 1 ev-agg -q -c m.yaml --merge --no-marks good two
	runs 0 ev-agg -q -c m.yaml --partial --no-marks cut
	[ "$(grep -c '^1 w' out)" -eq 0 ]
}

@test "a regex that gave up is told by who merges, too" {
	metrics <<<"a: {count: events, where: {x: {regex: '^(a+)+\$'}}}"
	ev '\N' 1 h US A x '2026-11-01 00:00:00' \
	    "x=$(printf '%0100d' 0 | tr 0 a)b" >e
	runs 0 ev-agg -q -c m.yaml --partial e
	cp out states
	runs 0 ev-agg -q -c m.yaml --merge --partial states states
	cp out twice
	runs 0 ev-agg -c m.yaml --merge twice
	has_line err 'ev-agg: a regex gave up on 2 values, which do not match'
}

@test "what is no state of these metrics is refused" {
	ev-agg -q -c m.yaml --partial events.tsv >one
	bad_state() {
		printf '%s\n' "$1" >bad
		runs 1 ev-agg -c m.yaml --merge one bad
		has_line err "ev-agg: bad:1: not a partial state of this \
config's metrics"
	}
	bad_state ''
	bad_state '1 c 0123456789abcdef 2026-11-01 	1'
	id=$(sed -n 's/^1 c \([0-9a-f]*\) .*/\1/p' one | head -n 1)
	bad_state "1 c $id 2026-11-01 	-1"
	bad_state "1 c $id 2026-11-01 	1 2"
	bad_state "1 c $id 2026-13-01 	1"
	bad_state "1 c $id 2026-11-01	1"
	bad_state "1 q $id 2026-11-01 	1"
	bad_state "1 d $id 2026-11-01 	7"
	# What no field holds is no dimension: a TAB, an escape of a terminal.
	for dims in 'x=a!!b' $'x=\033[1m' 'x=\N' $'x=\377' 'x=%1' 'a=b=c'; do
		bad_state "1 c $id 2026-11-01 $dims	1"
	done
	printf '2 c 0123456789abcdef 2026-11-01 \t1\n' >newer
	runs 1 ev-agg -c m.yaml --merge one newer
	has_line err 'ev-agg: newer:1: a partial state of version 2, and this ev-agg reads version 1'
	# Other metrics' states are left out where -m names some.
	echo '1 c 0123456789abcdef 2026-11-01 	1' >other
	runs 0 ev-agg -q -c m.yaml --merge -m hits one other
	cp out want
	runs 0 ev-agg -q -c m.yaml --merge -m hits one
	same out want
}

@test "dimensions of states that no events give are refused" {
	metrics <<'EOF'
hits: {count: events, by: [dim_country]}
all: {count: events}
last: {attribution: {action_type: x}, source: dim_country, model: last, within: 1d}
way: {funnel: [{action_type: x}, {action_type: y}], within: 1d, by: [dim_country]}
EOF
	ev '\N' 1 h US x x '2026-11-01 10:00:00' '' >one
	runs 0 ev-agg -q -c m.yaml --partial one
	cp out states
	runs 0 ev-agg -q -c m.yaml --open one
	cp out want
	runs 0 ev-agg -q -c m.yaml --open --merge states
	same out want
	for bad in dim_country=U!!S dim_country=U$'\e'S 'dim_country=(other)' \
	    dim_country=US\&a dim_country=US\& other=US '' dim_country=U!xS \
	    dim_country=$'\xff' dim_country=U=S; do
		BAD=$bad perl -pe 's/^(1 c.* )dim_country=US\t/$1$ENV{BAD}\t/' \
		    states >bad
		runs 1 ev-agg -q -c m.yaml --merge bad
		has err "not a partial state of this config's metrics"
	done
	# Those of visitors, and sources.
	perl -ne '/^1 e .* dim_country=US\t/ and $n++; print
	    s/^(1 e.* dim_country=)US\t/$1U!!S\t/r; END { $n == 1 or die }' \
	    states >bad
	runs 1 ev-agg -q -c m.yaml --merge bad
	has err "not a partial state of this config's metrics"
	perl -ne '/^1 e .* US\t/ and $n++; print
	    s/^(1 e.* )US\t/$1(x\t/r; END { $n == 1 or die }' states >bad
	runs 1 ev-agg -q -c m.yaml --merge bad
	has err "not a partial state of this config's metrics"
	# No state tells of an event that was not.
	sed '/^1 e/s/\t1$/\t0/' states >bad
	runs 1 ev-agg -q -c m.yaml --merge bad
	has err "not a partial state of this config's metrics"
}

@test "registers that no values fill are very many and not none" {
	metrics <<<'a: {distinct: uri, approx: true}'
	ev '\N' 1 h US A x '2026-11-01 10:00:00' 'uri=/' >one
	runs 0 ev-agg -q -c m.yaml --partial one
	perl -pe 's/^(1 h.*\t).*/$1 . "~" x 4096/e' out >full
	runs 0 ev-agg -q -c m.yaml --merge full
	[ "$(value out 2026-11-01 a)" = 18446744073709551615 ]
}

@test "a counter that overflows is an error and not a number" {
	metrics <<<'hits: {count: events}'
	runs 0 ev-agg -q -c m.yaml --partial events.tsv
	cp out one
	sed 's/	[0-9]*$/	18446744073709551615/' one >most
	runs 1 ev-agg -q -c m.yaml --merge most one
	has err 'a counter overflows'
	runs 0 ev-agg -q -c m.yaml --merge most
	has out '	hits		18446744073709551615	'
	metrics <<<'total: {sum: bytes}'
	big=99999999999999999999999999999
	id=$(ev-agg -c m.yaml --partial events.tsv 2>/dev/null |
	    sed -n 's/^1 s \([0-9a-f]*\) .*/\1/p' | head -n 1)
	printf "1 s $id 2026-11-01 \t1 $big.999999999\n" >a
	printf "1 s $id 2026-11-01 \t1 $big\n" >b
	runs 0 ev-agg -q -c m.yaml --merge a
	has out "	$big.999999999	"
	runs 1 ev-agg -q -c m.yaml --merge a b
	has err 'a counter overflows'
}

@test "several jobs give the same bytes, and one that fails tells" {
	runs 0 ev-agg -q -c m.yaml events.tsv
	cp out want
	split -n l/9 rows piece.
	for jobs in 2 3 20; do
		runs 0 ev-agg -q -j "$jobs" -c m.yaml piece.*
		same out want
	done
	runs 0 ev-agg -q -j 2 -c m.yaml --partial piece.*
	cp out states
	runs 0 ev-agg -q -c m.yaml --merge states
	same out want
	echo broken >>piece.aa
	runs 1 ev-agg -q -j 3 -o rows.out -c m.yaml piece.*
	has err 'piece.aa:'
	[ ! -e rows.out ]
}

@test "a session is one of however many events states tell" {
	metrics <<<'s: {sessions: {gap: 30m}}'
	ev '\N' 1 h US A x '2026-11-01 10:00:00' '' >one
	ev '\N' 1 h US A x '2026-11-01 10:01:00' '' >two
	runs 0 ev-agg -q -c m.yaml --partial one
	sed '/^1 e/s/\t1$/\t18446744073709551615/' out >many
	runs 0 ev-agg -q -c m.yaml --partial two
	cp out single
	runs 0 ev-agg -q -c m.yaml one two
	cp out want
	runs 0 ev-agg -q -c m.yaml --merge many single
	same out want
}

@test "who merges learns that states were lost with a job, or a full disk" {
	metrics <<<'paths: {distinct: uri}'
	awk 'BEGIN { for (i = 0; i < 20000; i++)
		printf "\\N\t1\th\tUS\tA\tx\t2026-11-01 00:00:00\turi=/%d\n", i
	}' >many
	# A job is killed: its file grows beyond what it may.
	(
		ulimit -f 8
		ev-agg -q -c m.yaml -j 2 --partial many events.tsv 2>err && exit 1
		exit 0
	) | cat >states
	grep -q 'unread' states
	# None begins; lines that find no room.
	for jobs in 1 2; do
		runs 1 env TMPDIR=/nowhere ev-agg -q -j "$jobs" --memory 64K \
		    -c m.yaml --partial many many
		cp out states
		runs 1 ev-agg -q -c m.yaml --merge states
		has err 'ev-agg: states: the states are of'
	done
}

@test "a full temporary directory is an error" {
	[ -w /dev/full ]
	runs 1 env TMPDIR=/nowhere ev-agg -q --memory 64K -c m.yaml -o x events.tsv
	has err '/nowhere/ev-agg.'
	[ ! -e x ]
	mkdir temp
	# A file that may not grow is as good as a disk that is full.
	(
		trap '' XFSZ
		ulimit -f 4
		TMPDIR=temp runs 1 ev-agg -q --memory 64K -c m.yaml -o x events.tsv
	)
	has_line err 'ev-agg: temporary file in temp: File too large'
	[ ! -e x ]
	[ -z "$(ls -A temp)" ]
}
