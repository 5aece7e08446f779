#!/usr/bin/env bats
# What keeps a table: listed, verified, compacted, dropped, rebuilt.

load helper
load partition-lib

prepare() {
	stream -d 3 -n 300 a1 | ev-partition -q facts
	stream -d 3 -n 200 -x 2 b2 | ev-partition -q facts
	stream -d 2 -n 100 -x 3 c3 | ev-partition -q facts
}

# All rows of the table with their day, in any order.
rows() {
	(cd "$1" && for d in ds=*; do
		cat "$d"/* 2>/dev/null | sed "s/\$/\t$d/"
	done) | sort
}

@test "--list prints a line for each part that is there" {
	runs 0 ev-partition -H --list facts
	[ "$(head -n 1 out | tr '\t' ' ')" = \
		'sequence batch revision partition rows bytes path sources' ]
	[ "$(wc -l <out)" -eq 9 ]
	[ "$(tail -n +2 out | awk -F'\t' '{ n += $5 } END { print n }')" -eq 600 ]
	tail -n +2 out | awk -F'\t' '{ print $7, $6 }' | sort >want
	(cd facts && find ds=* -type f -printf '%p %s\n') | sort >got
	same want got
	has out a1.log
	# Neither a lock nor a stage is needed, and none is made.
	chmod a-w facts/_stage
	runs 0 ev-partition --list facts
	runs 1 ev-partition --list nothing
	has err 'no table'
	[ ! -e nothing ]
}

@test "--dirty prints the days that were changed since a manifest" {
	runs 0 ev-partition --dirty 2 facts
	printf 'ds=2026-11-%d\t3\n' 20 21 >want
	same want out
	runs 0 ev-partition --dirty 3 facts
	[ ! -s out ]
	runs 0 ev-partition --dirty 0 facts
	[ "$(wc -l <out)" -eq 3 ]
	# A rebuild changes the days that it leaves, too, and so does a drop.
	stream -d 1 -n 50 -s parse:zz a1 >in
	runs 0 ev-partition --rebuild facts <in
	runs 0 ev-partition --dirty 3 facts
	printf 'ds=2026-11-%d\t4\n' 20 21 22 >want
	same want out
	runs 0 ev-partition --drop 2026-11-21 facts
	runs 0 ev-partition --dirty 4 facts
	printf 'ds=2026-11-21\t5\n' >want
	same want out
	runs 2 ev-partition --dirty x facts
}

@test "a day's directory has the time of its last change, for make" {
	find facts -name 'ds=*' -exec touch -d '2026-01-01' {} +
	touch -d '2026-01-02' mark
	# Nothing new, and a log of other days.
	stream -d 3 -n 300 a1 | ev-partition -q facts
	stream -d 1 -n 10 -x 9 d4 | ev-partition -q facts
	[ "$(find facts -name 'ds=*' -newer mark)" = facts/ds=2026-11-20 ]
}

@test "--verify finds a changed, a missing and a foreign file, and names it" {
	local p

	runs 0 ev-partition --verify facts
	has err '8 parts with 600 rows'
	p=$(ls facts/ds=2026-11-20/* | head -n 1)
	cp "$p" saved
	sed -i '1s/page_view/page_vieW/' "$p"
	cmp -s saved "$p" && printf x >>"$p"
	runs 1 ev-partition --verify facts
	has err "$p: not the part that its manifest names"
	rm "$p"
	runs 1 ev-partition --verify facts
	has err "$p: No such file"
	cp saved "$p"
	runs 0 ev-partition -q --verify facts
	cp saved facts/ds=2026-11-20/part-foreign.tsv
	mkdir -p facts/other/deep && : >facts/other/deep/file
	ln -s /etc facts/ds=2026-11-30
	runs 1 ev-partition --verify facts
	has err 'facts/ds=2026-11-20/part-foreign.tsv: no manifest names it'
	has err 'facts/other/deep/file: no manifest names it'
	has err 'facts/ds=2026-11-30: no manifest names it'
	[ "$(wc -l <err)" -eq 3 ]
}

@test "--compact makes a day one part with the same rows in the same order" {
	local codec

	rows facts >before
	cat $(ev-partition --list facts | awk -F'\t' '$4 == "ds=2026-11-20" {
		print $1, "facts/" $7 }' | sort -n | cut -d' ' -f2) >want
	runs 0 ev-partition --compact 2026-11-20 facts
	has err '3 parts with'
	[ "$(ls facts/ds=2026-11-20 | wc -l)" -eq 1 ]
	same want facts/ds=2026-11-20/part-*.tsv
	rows facts >after
	same before after
	runs 0 ev-partition --verify facts
	[ -z "$(ls -A facts/_stage)" ]
	# Again: nothing to do; the logs are stored as before.
	tree facts >before
	runs 0 ev-partition --compact 2026-11-20 facts
	stream -d 3 -n 300 a1 >in
	runs 0 ev-partition facts <in
	has err 'is stored already'
	tree facts >after
	same before after
	# The manifest says of which parts it was made.
	need jq
	[ "$(jq '.removes | length' facts/_manifests/0000000004.json)" -eq 3 ]
	[ "$(jq -r .identity facts/_manifests/0000000004.json)" = parts ]
	# Other compression makes it anew.
	printf 'partition: {compress: zstd}\n' >c.yaml
	runs 0 ev-partition -c c.yaml --compact 2026-11-20 facts
	zstd -qdc facts/ds=2026-11-20/part-*.zst | cmp - want
	runs 0 ev-partition --verify facts
}

@test "--compact of a damaged part changes nothing" {
	local p

	p=$(ls facts/ds=2026-11-20/* | head -n 1)
	printf x >>"$p"
	tree facts >before
	runs 1 ev-partition --compact 2026-11-20 facts
	has err "$p"
	tree facts >after
	same before after
}

@test "--drop takes a day's rows for good, also when its logs come again" {
	rows facts | grep -v 'ds=2026-11-21$' >want
	runs 0 ev-partition --drop 2026-11-21 facts
	has err 'dropped, as manifest 4'
	[ -z "$(ls facts/ds=2026-11-21)" ]
	rows facts >got
	same want got
	runs 0 ev-partition --verify facts
	stream -d 3 -n 300 a1 >in
	runs 0 ev-partition facts <in
	# Rebuilt, a log does not bring the day back.
	stream -d 3 -n 300 -s parse:zz a1 >in
	runs 0 ev-partition --rebuild facts <in
	rows facts >got
	same want got
	runs 0 ev-partition --verify facts
	# With other logs it does not take their new rows of that day along.
	stream -d 3 -n 300 -s parse:yy a1 >in
	stream -d 3 -n 200 -x 2 -s parse:yy b2 >>in
	runs 5 ev-partition --rebuild facts <in
	has err 'dropped by manifest 4'
	runs 0 ev-partition --drop 2026-11-21 facts
	has err 'nothing to do'
	runs 2 ev-partition --drop 2026-02-30 facts
	runs 2 ev-partition --drop ../x facts
}

@test "--rebuild with all logs of a day in one stream replaces their batches at once" {
	stream -d 3 -n 300 -s parse:zz a1 >in
	stream -d 3 -n 200 -x 2 -s parse:zz b2 >>in
	runs 5 ev-partition facts <in
	runs 0 ev-partition --rebuild facts <in
	runs 0 ev-partition --verify facts
	has err '5 parts with 600 rows'
	runs 0 ev-partition --rebuild facts <in
	has err 'is stored already'
	# The whole does not give way to a part of it.
	stream -d 3 -n 300 -s parse:yy a1 >in
	runs 5 ev-partition --rebuild facts <in
}

@test "one keeper's command at a time, and no input" {
	runs 2 ev-partition --list --verify facts
	runs 2 ev-partition --verify facts extra
	runs 2 ev-partition --verify
	runs 2 ev-partition -H --verify facts
	runs 1 ev-partition --verify nothing
	[ ! -e nothing ]
	flock facts/_lock sleep 3 &
	sleep 0.3
	runs 4 ev-partition --wait 0 --verify facts
	runs 4 ev-partition --wait 0 --drop 2026-11-20 facts
	runs 0 ev-partition --list facts
	wait
}

# Killed at each call that changes something, and run again.
kills() {
	local name n

	cp -a facts base
	ev-partition -q "$@" facts
	mv facts want
	cp -a base all
	calls 'mkdirat|openat|write|fsync|linkat|renameat2?|unlinkat' \
		ev-partition -q "$@" all >list
	[ "$(wc -l <list)" -gt 15 ]
	while read -r name n <&3; do
		rm -rf facts && cp -a base facts
		hurt "$name" "$n" signal=KILL ev-partition -q "$@" facts
		[ "$got" -eq 137 ] && runs 0 ev-partition -q "$@" facts &&
			same_tree want facts || {
			echo "exit $got, killed at $name $n"
			return 1
		}
	done 3<list
}

@test "--compact killed at any call and run again ends in the undisturbed tree" {
	need_strace
	kills --compact 2026-11-20
}

@test "--drop killed at any call and run again ends in the undisturbed tree" {
	need_strace
	kills --drop 2026-11-20
}
