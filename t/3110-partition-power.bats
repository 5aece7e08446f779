#!/usr/bin/env bats
# What a loss of power leaves behind: partition-crash.pl replays the calls of a
# run with what was not fsynced dropped and reordered.  EV_SOAK looks at every
# tree, and at recoveries that lose power, too.

load helper
load partition-lib

prepare() {
	need_strace
	calls=$(perl "$T/partition-crash.pl" --calls)
	stream -d 5 -n 200 a1 >first
	stream -d 5 -n 300 -x 2 b1 >second
	stream -d 4 -n 250 -x 3 -s parse:cc,enrich:bb a1 >changed
	stream -n 0 c1 >norows
	in=$PWD
	in_memory
	mkdir base
	most=50
	[ -z "${EV_SOAK:-}" ] || most=0
}

teardown() {
	leave_memory
}

# loses COMMAND: the power, at each of its calls, on top of ./base.
loses() {
	rm -rf all want && cp -a base all && cp -a base want
	(cd want && sh -c "$1")
	(cd all && ASAN_OPTIONS=detect_leaks=0 strace -qq -o ../trace \
		-s 100000000 -xx -e trace="$calls" sh -c "exec $1")
	perl "$T/partition-crash.pl" "$most" 1 trace base want "$1" >looked || {
		cat looked
		return 1
	}
	cat looked
	[ -n "${EV_SOAK:-}" ] || return 0
	loses_again "$1"
}

# The same for runs that find what a loss of power has left.
loses_again() {
	local i

	rm -rf undisturbed && cp -a want undisturbed
	mv base saved && mv trace trace.first
	for i in $(seq 1 "${EV_CRASHES:-20}"); do
		perl "$T/partition-crash.pl" -1 "$i" trace.first saved \
			undisturbed "$1"
		rm -rf base all && mv crash base && cp -a base all
		(cd all && ASAN_OPTIONS=detect_leaks=0 strace -qq -o ../trace \
			-s 100000000 -xx -e trace="$calls" sh -c "exec $1")
		perl "$T/partition-crash.pl" 0 "$i" trace base undisturbed \
			"$1" >looked || {
			cat looked
			return 1
		}
		cat looked
	done
	rm -rf base && mv saved base && mv trace.first trace
}

@test "a batch that the power is lost over is stored or not, and stored when run again" {
	ev-partition -q base/facts <"$in/first"
	loses "ev-partition -q facts <$in/second"
}

@test "so is a table's first batch, and what it kept outside" {
	loses "ev-partition -q --since 2026-11-21 --outside out.tsv facts <$in/first"
}

@test "a first batch without rows has its columns, too" {
	loses "ev-partition -q facts <$in/norows"
}

@test "a rebuild has the old rows or the new ones" {
	ev-partition -q base/facts <"$in/first"
	loses "ev-partition -q --rebuild facts <$in/changed"
}

@test "a day that is compacted or dropped has all of its rows, or is" {
	ev-partition -q base/facts <"$in/first"
	ev-partition -q base/facts <"$in/second"
	loses "ev-partition -q --compact 2026-11-21 facts"
	loses "ev-partition -q --drop 2026-11-21 facts"
}

@test "directories below the day's, in compressed parts of so many rows, are there with the batch" {
	printf 'partition: {by: [ds, dim_hostname], compress: zstd, rows_per_part: 40}\n' >c.yaml
	export EV_CONFIG=$PWD/c.yaml
	loses "ev-partition -q facts <$in/first"
}

@test "the power that is lost again over the recovery loses nothing" {
	ev-partition -q base/facts <"$in/first"
	# The first part's link is the second of the run: it is committed.
	(cd base && hurt linkat 2 signal=KILL ev-partition -q facts <"$in/second"
		rm -f strace.out hurt.*)
	[ -f base/facts/_manifests/0000000002.json ]
	loses "ev-partition -q facts <$in/second"
}

@test "a model that is right finds a step that is not fsynced" {
	ev-partition -q base/facts <"$in/first"
	loses "ev-partition -q facts <$in/second"
	local i
	# The parts', the manifest's, the stage's, _stage's, _manifests', the days'
	# and the root's; the sixth is for a table whose columns are new.
	[ "$(grep -c '^fsync' trace)" -eq 16 ]
	for i in 1 7 8 9 10 11; do
		awk -v i="$i" '!/^fsync/ || ++n != i' trace >less
		! perl "$T/partition-crash.pl" 0 1 less base want \
			"ev-partition -q facts <$in/second" || {
			echo "the fsync number $i is not missed"
			return 1
		}
	done
}
