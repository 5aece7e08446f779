#!/usr/bin/env bats
# SIGKILL anywhere in the pipe publishes nothing by halves.

load helper
load pipeline-helper

prepare() {
	need_filters
	need_mmdb
	perl "$G/mklog" site 1
	touch site/logs/.made
	sh "$G/newsite" site "$EV_TEST_MMDB"
	export EV_CONFIG=$PWD/site/growth.yaml
	log=$PWD/site/logs/access-2026-10-26.log.gz
}

pipeline() {
	ev-parse -q "$log" | ev-enrich -q | ev-partition -q "$1"
}

published() {
	[ ! -d "$1" ] || find "$1" '(' -path "$1/ds=*" -o \
	    -path "$1/_manifests/*" ')' -type f
}

# The tree as it lies, locks and empty stages aside.
tree() {
	(cd "$1" && find . -type f ! -name '*lock*' | LC_ALL=C sort |
	    xargs sha256sum)
}

@test "50 killed pipes publish nothing, and the next run does all" {
	ms=
	for _ in 1 2 3; do
		rm -rf reference
		start=$(date +%s%N)
		pipeline reference
		took=$((($(date +%s%N) - start) / 1000000))
		[ -n "$ms" ] && [ "$ms" -le "$took" ] || ms=$took
	done
	tree reference >want
	[ -s want ]

	killed=0 tries=0 cut=0
	while [ "$killed" -lt 50 ]; do
		tries=$((tries + 1))
		[ "$tries" -le 400 ]
		rm -rf facts
		what=$(perl "$T/pipeline-kill.pl" "$log" facts "$ms")
		[ "$what" != finished ] || continue
		killed=$((killed + 1))
		published facts >now
		# All or nothing: after the commit the kill comes too late.
		if ! grep -q _manifests now; then
			cut=$((cut + 1))
			[ ! -s now ]
		fi
		runs 0 pipeline facts
		tree facts >got
		same got want
	done
	echo "# $killed killed in $tries runs, $cut before the commit" >&3
	[ "$cut" -ge 25 ]
}

@test "pipes killed one after the other in one table leave no trace" {
	pipeline reference
	tree reference >want
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		perl "$T/pipeline-kill.pl" "$log" facts 30 >/dev/null
	done
	runs 0 pipeline facts
	tree facts >got
	same got want
}
