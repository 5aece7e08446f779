#!/usr/bin/env bats
# Batches that are rebuilt after their log grew, or after their rows were
# joined with others.

load helper
load partition-lib

lines() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		for (i = from; i <= to; i++)
			printf "10.%d.%d.%d - - [%02d/Nov/2026:%02d:%02d:%02d" \
			    " +0000] \"GET /p/%d HTTP/1.1\" 200 %d" \
			    " \"https://example.org/%d\" \"Test/%d\"\n",
			    i % 7, i % 251, i % 241, 20 + i / 86400,
			    i / 3600 % 24, i / 60 % 60, i % 60, i,
			    i * 37 % 50000, i % 97, i % 13 }'
}

# stored TEXT NUMBERS: the table has the events of these lines, each once,
# and TEXT stands in as many of them.
stored() {
	local marked=$1
	shift

	cat facts/ds=*/part-* | grep -o 'uri=/p/[0-9]*' | cut -c 8- |
		sort -n >got
	printf '%s\n' "$@" >want
	same want got
	[ "$(cat facts/ds=*/part-* | grep -c mended)" -eq "$marked" ]
}

# Rules by which events have another action: other settings.
mend() {
	printf 'actions:\n  - {action: mended, uri: "^/"}\n' >c.yaml
	export EV_CONFIG=$PWD/c.yaml
}

rows() {
	(cd "$1" && for d in ds=*; do
		cat "$d"/* 2>/dev/null | sed "s/\$/\t$d/"
	done) | sort
}

# grow N...: the log grows to so many lines, and is stored, step by step.
grow() {
	local n

	for n in "$@"; do
		lines 1 "$n" >a.log
		ev-parse -q --resume facts a.log | ev-partition -q --raw facts
	done
}

@test "ev-parse --rebuild tells the steps in which a log was stored" {
	grow 100 250 9000
	runs 0 ev-parse -q --rebuild facts a.log
	[ "$(grep -vc '^#' out)" -eq 9000 ]
	tail -n 1 out | tr '\t' '\n' | grep '^source=' | sort >got
	cat facts/_manifests/*.json |
		sed -n 's/.*"hash": "\(.*\)", "length": \(.*\), "from": \(.*\), "to": \(.*\), "name": "\([^"]*\)".*/source=\1,\2,\3,\4,\5/p' |
		sort >want
	[ "$(wc -l <want)" -eq 3 ]
	same want got
	# The same chunks, too.
	tail -n 1 out | tr '\t' '\n' | sed -n 's/^chunks=[^,]*,[^,]*,[^,]*,[^,]*,//p' |
		tr -d ',' | sort >got
	cat facts/_manifests/*.json | grep '"length"' |
		sed 's/.*"name": "[^"]*"//;s/"[a-z]*": //g;s/[^0-9a-f]//g' | sort >want
	same want got
	# What no table has is one source.
	runs 0 ev-parse -q --rebuild nothing a.log
	ev-parse -q a.log >want
	same want out
}

@test "a log that was stored as it grew is rebuilt at once, with what has come since" {
	grow 100 250 400
	mend
	lines 1 410 >a.log
	ev-parse -q a.log >in
	runs 5 ev-partition --raw --rebuild facts <in
	has err "'ev-parse --rebuild facts ...'"
	stored 0 $(seq 400)
	ev-parse -q --rebuild facts a.log >in
	runs 0 ev-partition --raw --rebuild facts <in
	stored 410 $(seq 410)
	runs 0 ev-partition --verify facts
	runs 0 ev-partition --raw --rebuild facts <in
	has err 'is stored already'
	# And on it goes.
	unset EV_CONFIG
	grow 500
	stored 410 $(seq 500)
	ev-parse -q --rebuild facts a.log >in
	runs 0 ev-partition --raw --rebuild facts <in
	stored 0 $(seq 500)
	# From a pipe and compressed, for it is read once.
	mend
	gzip -c a.log | ev-parse -q --rebuild facts >in
	runs 0 ev-partition --raw --rebuild facts <in
	stored 500 $(seq 500)
}

@test "several logs, one whose first step ended in the middle of a line" {
	lines 1 50 | head -c -20 >a.log
	ev-parse -q a.log | ev-partition -q --raw facts
	grow 80 120
	lines 201 240 >b.log
	ev-parse -q b.log | ev-partition -q --raw facts
	stored 0 $(seq 49) $(seq 51 120) $(seq 201 240)
	mend
	ev-parse -q --rebuild facts a.log b.log >in
	runs 0 ev-partition --raw --rebuild facts <in
	stored 160 $(seq 120) $(seq 201 240)
	runs 0 ev-partition --verify facts
}

@test "rejects of a log that grew are replaced with it, and replayed again" {
	grow 100
	{ lines 101 150 && lines 151 160 | sed 's/^/xx.com /'; } >>a.log
	ev-parse -q --resume facts --rejects rej a.log | ev-partition -q --raw facts
	ev-parse -q --format vhost --replay rej | ev-partition -q --raw facts
	stored 0 $(seq 160)
	mend
	ev-parse -q --rejects rej --rebuild facts a.log >in
	runs 0 ev-partition --raw --rebuild facts <in
	stored 150 $(seq 150)
	ev-parse -q --format vhost --replay rej >in
	runs 0 ev-partition --raw facts <in
	stored 160 $(seq 160)
}

@test "--resume, --rebuild and --replay exclude each other" {
	runs 2 ev-parse --resume facts --rebuild facts a.log
	runs 2 ev-parse --rebuild facts --replay a.log
	runs 2 ev-parse --rebuild facts --rebuild facts a.log
}

# Three batches of two and three days; a day of all.
joined() {
	stream -d 3 -n 300 a1 >a
	stream -d 3 -n 200 -x 2 b2 >b
	stream -d 2 -n 100 -x 3 c3 >c
	for i in a b c; do
		ev-partition -q "$@" facts <$i
	done
	stream -d 3 -n 270 -x 5 -s parse:zz a1 >a.new
	stream -d 3 -n 210 -x 6 -s parse:zz b2 >b.new
}

# undisturbed FILE...: the table that had these batches and was never compacted.
undisturbed() {
	rm -rf plain
	for i in "$@"; do
		ev-partition -q plain <"$i"
	done
	rows plain >want
	rows facts >got
	same want got
	runs 0 ev-partition --verify facts
}

@test "a part remembers of which manifests its rows are, also joined again" {
	need jq
	joined
	ev-partition -q --compact 2026-11-20 facts
	jq -c '.parts[].origins | map(.[0])' facts/_manifests/0000000004.json >got
	echo '[1,2,3]' >want
	same want got
	stream -d 1 -n 10 -x 9 d4 | ev-partition -q facts
	ev-partition -q --compact 2026-11-20 facts
	jq -c '.parts[].origins | map(.[0])' facts/_manifests/0000000006.json >got
	echo '[1,2,3,5]' >want
	same want got
	[ "$(jq '.parts[] | (.origins | map(.[1]) | add) == .rows' \
		facts/_manifests/0000000006.json)" = true ]
}

@test "a batch is rebuilt after its rows were joined with others, and they stay" {
	joined
	ev-partition -q --compact 2026-11-20 facts
	ev-partition -q --compact 2026-11-21 facts
	runs 0 ev-partition --rebuild facts <a.new
	undisturbed a.new b c
	runs 0 ev-partition --rebuild facts <a.new
	has err 'is stored already'
	# Those that were carried along can be rebuilt, too, and joined anew.
	runs 0 ev-partition --rebuild facts <b.new
	undisturbed a.new b.new c
	ev-partition -q --compact 2026-11-20 facts
	undisturbed a.new b.new c
	runs 0 ev-partition --rebuild facts <a
	undisturbed a b.new c
	cat a.new b.new >in
	runs 0 ev-partition --rebuild facts <in
	undisturbed a.new b.new c
	stream -d 2 -n 90 -x 7 -s parse:zz c3 >c.new
	runs 0 ev-partition --rebuild facts <c.new
	undisturbed a.new b.new c.new
	# No rows of others are left: nothing is carried.
	[ "$(find facts -name 'part-*' | wc -l)" -eq "$(ev-partition --list facts | wc -l)" ]
}

@test "so it is with directories below the day's, and other compression" {
	printf 'partition: {by: [ds, action_type], compress: zstd, rows_per_part: 70}\n' >c.yaml
	export EV_CONFIG=$PWD/c.yaml
	joined
	ev-partition -q --compact 2026-11-20 facts
	printf 'partition: {by: [ds, action_type], compress: gzip}\n' >c.yaml
	runs 0 ev-partition --rebuild facts <a.new
	(cd facts && for d in ds=*; do
		{ find $d -name '*.zst' -exec zstd -qdc {} + 
		find $d -name '*.gz' -exec zcat {} +; } | sed "s/\$/\t$d/"
	done) | sort >got
	unset EV_CONFIG
	for i in a.new b c; do
		ev-partition -q plain <$i
	done
	rows plain >want
	same want got
	runs 0 ev-partition --verify facts
}

@test "a joined day that was dropped stays so when its batches are rebuilt" {
	joined
	ev-partition -q --compact 2026-11-20 facts
	ev-partition -q --drop 2026-11-20 facts
	runs 0 ev-partition --rebuild facts <a.new
	[ -z "$(ls facts/ds=2026-11-20)" ]
	# Run again it is the same batch, without that day.
	tree facts >before
	runs 0 ev-partition --rebuild facts <a.new
	has err 'is stored already'
	tree facts >after
	same before after
	# What comes for the day later does, and is joined, and stays.
	stream -d 1 -n 10 -x 9 d4 | ev-partition -q facts
	ev-partition -q --compact 2026-11-20 facts
	stream -d 3 -n 250 -x 8 -s parse:yy a1 >a.third
	runs 0 ev-partition --rebuild facts <a.third
	[ "$(cat facts/ds=2026-11-20/* | wc -l)" -eq 10 ]
	runs 0 ev-partition --verify facts
}

@test "a part that was joined by what did not write origins is refused with the reason" {
	joined
	ev-partition -q --compact 2026-11-20 facts
	sed -i 's/, "origins": \[\[.*\]\]//' facts/_manifests/0000000004.json
	runs 5 ev-partition --rebuild facts <a.new
	has err 'joined with others by an older ev-partition, in manifest 4'
	sed -i 's/"rows": /"origins": [[1, 1]], &/' facts/_manifests/0000000004.json
	runs 1 ev-partition --rebuild facts <a.new
	has err 'not a manifest'
}

@test "a rebuild that carries others' rows is killed at any call and ends the same" {
	local name n

	need_strace
	in_memory
	joined
	ev-partition -q --compact 2026-11-20 facts
	mv facts base
	cp -a base want
	ev-partition -q --rebuild want <a.new
	cp -a base all
	calls 'mkdirat|openat|write|fsync|linkat|renameat2?|unlinkat' \
		ev-partition -q --rebuild all <a.new >list
	while read -r name n <&3; do
		rm -rf facts && cp -a base facts
		hurt "$name" "$n" signal=KILL ev-partition -q --rebuild facts <a.new
		[ "$got" -eq 137 ] && runs 0 ev-partition -q --rebuild facts <a.new &&
			same_tree want facts || {
			echo "exit $got, killed at $name $n"
			return 1
		}
	done 3<list
}

teardown() {
	leave_memory
}
