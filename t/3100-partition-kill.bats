#!/usr/bin/env bats
# What a run leaves behind that dies, or whose disk fails, at any point.

load helper
load partition-lib

# The calls by which a run changes what another can see.
CHANGES='mkdirat|openat|write|fsync|linkat|renameat2?|unlinkat'

# A table with one batch of 5 days; another comes on top of it.
prepare() {
	in_memory
	stream -d 5 -n 200 a1 >first
	stream -d 5 -n 300 -x 2 b1 >second
	stream -d 5 -n 250 -x 3 -s parse:cc,enrich:bb a1 >changed
	ev-partition -q base <first
	cp -a base want
	ev-partition -q want <second
}

teardown() {
	! mountpoint -q small || umount small
	leave_memory
}

# kills INPUT OPTIONS: SIGKILL at each system call in turn, then a whole run;
# at those that change nothing only with EV_SOAK set.
kills() {
	local input=$1 name n
	shift

	cp -a base all
	calls "${EV_SOAK:+.*|}$CHANGES" ev-partition -q "$@" all <"$input" >list
	while read -r name n <&3; do
		rm -rf facts && cp -a base facts
		hurt "$name" "$n" signal=KILL \
			ev-partition -q "$@" facts <"$input"
		[ "$got" -eq 137 ] && runs 0 ev-partition -q "$@" facts \
			<"$input" && same_tree want facts || {
			echo "exit $got, killed at $name $n"
			return 1
		}
	done 3<list
	[ "$(wc -l <list)" -gt 50 ]
	grep -q linkat list
}

# The calls of a run that make its steps durable, by name: descriptors,
# the stage's random name and the batch's are taken out.
steps() {
	traced -y -e trace=fsync,linkat,renameat,renameat2,unlinkat "$@"
	sed -E -e "s,<$PWD>,<.>,;s,$PWD/,,g" -e 's/\([0-9]+</(</;s/, [0-9]+</, </' \
		-e 's/ += 0$//;s/[<>"]//g;s/renameat2/renameat/' \
		-e 's/, (0|AT_REMOVEDIR|RENAME_NOREPLACE)\)/)/' \
		-e 's,_stage/[0-9a-f]{16},_stage/R,g;s/, [0-9a-f]{16},/, R,/' \
		-e 's/part-[0-9a-f]{16}/part-B/' strace.out
}

@test "each step is on the disk before the next one, in the order of publish.h" {
	need_strace
	stream -d 2 -n 100 a1 >in
	rm -rf facts && mkdir facts
	steps ev-partition -q facts <in >got
	cat >want.steps <<-END
		fsync(facts)
		fsync(.)
		fsync(facts/_stage/R/0)
		fsync(facts/_stage/R/1)
		fsync(facts/_stage/R/_columns.tsv)
		linkat(facts/_stage/R, _columns.tsv, facts, _columns.tsv)
		fsync(facts)
		fsync(facts/_stage/R/manifest)
		fsync(facts/_stage/R)
		renameat(facts/_stage, R, facts/_stage, 0000000001)
		fsync(facts/_stage)
		linkat(facts/_stage/0000000001, manifest, facts/_manifests, 0000000001.json)
		fsync(facts/_manifests)
		linkat(facts/_stage/0000000001, 1, facts/ds=2026-11-20, part-B.tsv)
		fsync(facts/ds=2026-11-20)
		linkat(facts/_stage/0000000001, 0, facts/ds=2026-11-21, part-B.tsv)
		fsync(facts/ds=2026-11-21)
		fsync(facts)
	END
	sed '/^unlinkat/,$d' got >until
	same want.steps until
	# The stage goes last, and its directory when it is empty.
	[ "$(tail -n 1 got)" = 'unlinkat(facts/_stage, 0000000001)' ]
	# What a rebuild replaces goes when what replaces it is there for good.
	stream -d 1 -n 100 -s parse:zz a1 >in
	steps ev-partition -q --rebuild facts <in | sed -n '/^linkat.*json/,$p' |
		sed '/^unlinkat.*_stage/,$d' >got
	cat >want.steps <<-END
		linkat(facts/_stage/0000000002, manifest, facts/_manifests, 0000000002.json)
		fsync(facts/_manifests)
		linkat(facts/_stage/0000000002, 0, facts/ds=2026-11-20, part-B-r1.tsv)
		fsync(facts/ds=2026-11-20)
		fsync(facts)
		unlinkat(facts/ds=2026-11-20, part-B.tsv)
		fsync(facts/ds=2026-11-20)
		unlinkat(facts/ds=2026-11-21, part-B.tsv)
		fsync(facts/ds=2026-11-21)
	END
	same want.steps got
}

@test "killed at any system call and run again, the tree is the undisturbed one" {
	need_strace
	kills second
}

@test "killed at any system call, a rebuild run again ends in the undisturbed tree" {
	need_strace
	rm -rf want && cp -a base want
	ev-partition -q --rebuild want <changed
	kills changed --rebuild
}

@test "killed at any system call of its recovery, a committed batch still comes into place" {
	need_strace
	# The first part's link is the second of the run: the batch is committed.
	cp -a base facts
	hurt linkat 2 signal=KILL ev-partition -q facts <second
	[ "$got" -eq 137 ]
	mv facts half
	mv base saved
	cp -a half base
	kills second
}

@test "killed at random moments, a table of 20 batches misses and doubles nothing" {
	local i tag

	for i in $(seq 1 "${EV_KILLS:-60}"); do
		tag=$(printf '%02x' $((i % 20)))
		stream -d 4 -n 3000 -x $((i % 20 + 1)) "$tag" >in.$tag
		(
			ev-partition -q facts <"in.$tag" 2>/dev/null &
			sleep "0.00$((RANDOM % 10))$((RANDOM % 10))"
			kill -9 $!
			wait $!
		) 2>/dev/null || true
	done
	rm -rf want
	for i in in.*; do
		runs 0 ev-partition -q facts <"$i"
		runs 0 ev-partition -q want <"$i"
	done
	[ -z "$(ls -A facts/_stage)" ]
	[ "$(ls facts/_manifests | wc -l)" -eq 20 ]
	# The order of the commits, and so the manifests, is that of the kills.
	rm -rf facts/_manifests/* want/_manifests/*
	same_tree want facts
}

# intact: all that base has is there, byte for byte, and of the second batch
# nothing where it is not committed.
intact() {
	tree facts >tree.facts
	if [ -e facts/_manifests/0000000002.json ]; then
		grep -v '/_stage/' tree.facts | grep -F -x -f tree.base >tree.kept
	else
		grep '/ds=\|/_manifests/' tree.facts >tree.kept
		grep '/ds=\|/_manifests/' tree.base >tree.want
		same tree.want tree.kept
		return
	fi
	same tree.base tree.kept
}

# fails ERROR NAMES [+ [STEP]]: each call of those names fails once, or from
# then on with +, every STEPth of them (all with EV_SOAK); then a whole run.
fails() {
	local name n i=0 step=${4:-1}

	[ -z "${EV_SOAK:-}" ] || step=1
	tree base >tree.base
	rm -rf all && cp -a base all
	calls "$2" ev-partition -q all <second >list
	while read -r name n <&3; do
		[ $((i++ % step)) -eq 0 ] || continue
		rm -rf facts && cp -a base facts
		hurt "$name" "$n${3:-}" "error=$1" ev-partition -q facts <second
		case $got:$name in
		# Messages are written, too.
		1:*) [ -s hurt.err ] || [ "$name${3:-}" = write+ ] ;;
		0:fsync | 0:write | 0:mkdirat | 0:linkat | 0:renameat*) false ;;
		0:*) same_tree want facts ;;
		*) false ;;
		esac && intact && runs 0 ev-partition -q facts <second &&
			same_tree want facts || {
			echo "exit $got, $1 at $name $n${3:-}"
			cat hurt.err
			return 1
		}
	done 3<list
	[ "$i" -ge 10 ]
}

# Those that change something, and those by which a run learns what is there;
# with EV_SOAK every call.
fallible() {
	echo "${EV_SOAK:+[a-z0-9_]*|}$CHANGES|read|close|flock|getdents64|fcntl|newfstatat|faccessat2?|getrandom"
}

@test "an I/O error at any call is exit 1 and the next run completes the table" {
	need_strace
	fails EIO "$(fallible)"
}

@test "so is one at any call and all later ones of its kind" {
	need_strace
	fails EIO "$(fallible)" + 3
}

@test "a full disk at any call is exit 1 and the next run completes the table" {
	need_strace
	fails ENOSPC "${EV_SOAK:+.*|}mkdirat|write|fsync|linkat|renameat2?|openat"
}

@test "so is a disk that stays full from any call on" {
	need_strace
	fails ENOSPC "${EV_SOAK:+.*|}write|fsync|linkat|renameat2?|mkdirat|openat" + 3
}

@test "so is a quota that is reached at any call, and stays so" {
	need_strace
	fails EDQUOT "${EV_SOAK:+.*|}mkdirat|linkat|write|openat|fsync|close" '' 3
	fails EDQUOT "${EV_SOAK:+.*|}mkdirat|linkat|write|openat|fsync|close" + 5
}

@test "so are descriptors that run out at any call, once and for good" {
	need_strace
	fails EMFILE "${EV_SOAK:+.*|}openat|fcntl" '' 2
	fails EMFILE "${EV_SOAK:+.*|}openat|fcntl" + 2
}

@test "a small file system that fills up for real keeps what was stored" {
	[ "$(id -u)" -eq 0 ] || skip "needs root for a tmpfs"
	mkdir small
	mount -t tmpfs -o size=256k ev-test small 2>/dev/null ||
		skip "cannot mount a tmpfs"
	runs 0 ev-partition -q small/facts <first
	stream -d 5 -n 20000 c1 >large
	got=0
	ev-partition -q small/facts <large 2>err || got=$?
	cp -a small/facts copy
	# Room again: the same table takes the next batch.
	ev-partition -q small/facts <second 2>err2 || got=7
	cp -a small/facts copy2
	umount small
	[ "$got" -eq 1 ]
	has err 'No space left on device'
	same_tree base copy
	same_tree want copy2
}
