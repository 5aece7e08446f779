#!/usr/bin/env bats
# What is delivered more than once, whole or in part, in every way that logs
# come: renamed, compressed, grown, rotated, cut, joined, shifted.

load helper
load partition-lib

# lines FROM TO: those of one log of combined format, each different.
lines() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		for (i = from; i <= to; i++)
			printf "10.%d.%d.%d - - [%02d/Nov/2026:%02d:%02d:%02d" \
			    " +0000] \"GET /p/%d?utm_source=s%d HTTP/1.1\"" \
			    " 200 %d \"https://example.org/%d\" \"Mozilla/5.0" \
			    " (X11; Linux x86_64) Test/%d\"\n", i % 7, i % 251,
			    i % 241, 20 + i / 86400, i / 3600 % 24,
			    i / 60 % 60, i % 60, i, i % 9, i * 37 % 50000,
			    i % 97, i % 13 }'
}

# deliver FILE...: parsed and stored; deliver -r FILE... with --resume.
deliver() {
	local resume=

	[ "$1" != -r ] || { resume='--resume facts' && shift; }
	ev-parse -q $resume "$@" >stream.tsv || return
	ev-partition --raw facts <stream.tsv
}

# stored N: the table has the events of the lines 1 to N, each once.
stored() {
	cat facts/ds=*/part-* | grep -o 'uri=/p/[0-9]*' | cut -c 8- |
		sort -n >got
	seq "$1" >want
	same want got
}

# The sizes at which each level of chunks tells: lines, fine, coarse.
sizes='8 400 9000'

@test "the same log again is a no-op: renamed, gzip'd, zstd'd, from a pipe" {
	need zstd
	local n

	for n in $sizes; do
		rm -rf facts
		lines 1 "$n" >a.log
		runs 0 deliver a.log
		tree facts >before
		cp a.log b.log
		gzip -kf a.log
		zstd -qf a.log
		runs 0 deliver b.log
		has err 'is stored already'
		runs 0 deliver a.log.gz
		runs 0 deliver a.log.zst
		ev-parse -q <a.log | runs 0 ev-partition --raw facts
		tree facts >after
		same before after
	done
}

@test "a grown log is exit 5 and the message's command stores the new lines" {
	local n command

	for n in $sizes; do
		rm -rf facts
		lines 1 "$n" >a.log
		runs 0 deliver a.log
		tree facts >before
		lines 1 $((n + 3)) >a.log
		runs 5 deliver a.log
		has err 'a.log (bytes 0-'
		has err 'is a longer copy of'
		tree facts >after
		same before after
		command=$(sed -n "s/.*'\(ev-parse --resume .*\)'.*/\1/p" err)
		[ "$command" = 'ev-parse --resume facts a.log' ]
		$command 2>err >stream.tsv
		runs 0 ev-partition -q --raw facts <stream.tsv
		stored $((n + 3))
		runs 0 deliver -r a.log
		has err 'nothing that is not stored already'
		[ "$(ls facts/_manifests | wc -l)" -eq 2 ]
	done
}

@test "--resume counts what it skips, and lines keep their numbers and offsets" {
	lines 1 10 >a.log
	runs 0 deliver a.log
	{ lines 11 12 && echo broken && lines 13 13; } >>a.log
	runs 0 ev-parse -q --resume facts --rejects rejects.tsv a.log
	tail -n 1 out | tr '\t' '\n' >end
	has_line end lines=14
	has_line end skipped=10
	has_line end events=3
	has_line end rejected=1
	sed '/^#source/d' rejects.tsv >rows
	[ "$(cut -f 3 rows)" = 13 ]
	[ "$(tail -c +$(($(cut -f 4 rows) + 1)) a.log | head -n 1)" = broken ]
}

@test "a last line without its newline is left for the next run" {
	local all n

	lines 1 5 >whole
	all=$(wc -c <whole)
	# Cut at every byte of the last line, and read on.
	for n in $(seq $(($(lines 1 4 | wc -c) + 1)) "$all"); do
		rm -rf facts
		head -c "$n" whole >a.log
		deliver -r a.log 2>err
		[ "$n" -eq "$all" ] || stored 4
		cp whole a.log
		deliver -r a.log 2>err
		stored 5
	done
}

@test "each cut of a log that is read as it grows gives each event once" {
	local at=0 total

	lines 1 300 >whole
	total=$(wc -c <whole)
	while [ "$at" -lt "$total" ]; do
		at=$((at + RANDOM % 7000))
		head -c "$at" whole >a.log
		deliver -r a.log 2>err
	done
	stored 300
}

@test "a line that was stored without its newline is not read on in its middle" {
	lines 1 5 >whole
	head -c -20 whole >a.log
	deliver a.log 2>err
	lines 1 8 >a.log
	runs 0 deliver -r a.log
	cat facts/ds=*/part-* | grep -o 'uri=/p/[0-9]*' | cut -c 8- | sort -n >got
	# Its begin was a line that did not fit, and its end is none.
	printf '%s\n' 1 2 3 4 6 7 8 >want
	same want got
	# And on it goes, for the line's end counts as read.
	lines 1 9 >a.log
	runs 0 deliver -r a.log
	echo 9 >>want
	cat facts/ds=*/part-* | grep -o 'uri=/p/[0-9]*' | cut -c 8- | sort -n >got
	same want got
}

@test "--resume over a rotated set goes on in the rotated log and begins the new one" {
	lines 1 500 >access.log
	runs 0 deliver -r access.log
	# It grows, is rotated, and the new log begins.
	lines 501 700 >>access.log
	mv access.log access.log.1
	lines 701 900 >access.log
	runs 0 deliver -r access.log*
	stored 900
	# Rotated once more, compressed; the table does not mind the names.
	gzip access.log.1
	mv access.log.1.gz access.log.2.gz
	lines 901 950 >>access.log
	mv access.log access.log.1
	lines 951 1000 >access.log
	runs 0 deliver -r access.log*
	stored 1000
	runs 0 deliver -r access.log*
	has err 'nothing that is not stored already'
	[ "$(ls facts/_manifests | wc -l)" -eq 3 ]
}

@test "a log that copytruncate emptied begins anew, with the hole it leaves too" {
	lines 1 300 >access.log
	runs 0 deliver -r access.log
	lines 301 400 >>access.log
	cp access.log access.log.1
	: >access.log
	lines 401 600 >>access.log
	runs 0 deliver -r access.log access.log.1
	stored 600
	# The writer kept its offset: NUL bytes up to it.
	cp access.log access.log.2
	truncate -s 0 access.log
	truncate -s 50000 access.log
	lines 601 700 >>access.log
	runs 0 deliver -r access.log*
	stored 700
}

@test "parts, joins and shifts of a stored log are exit 5 and both are named" {
	local n way

	for n in $sizes; do
		lines 1 "$n" >whole
		lines 1 $((n / 2)) >half1
		lines $((n / 2 + 1)) "$n" >half2
		lines 2 "$n" >shifted
		cat <(lines 20001 20020) whole >behind
		rm -rf facts
		runs 0 deliver whole
		tree facts >before
		for way in half1 half2 shifted; do
			runs 5 deliver "$way" || { echo "$n $way"; return 1; }
			has err "source $way"
			has err 'whole (bytes 0-'
		done
		# A log with as many other lines before it is known by its chunks.
		[ "$n" -lt 9000 ] || runs 5 deliver behind
		tree facts >after
		same before after
		rm -rf facts
		runs 0 deliver half2
		runs 5 deliver whole
		rm -rf facts
		runs 0 deliver half1 half2
		stored "$n"
		runs 5 deliver whole
	done
}

@test "logs of two servers that share a few lines of a probe are two logs" {
	local probe

	probe='10.0.0.9 - - [20/Nov/2026:00:00:00 +0000] "GET /health HTTP/1.1" 200 2 "-" "probe"'
	{ echo "$probe" && echo "$probe" && lines 1 300; } >a.log
	{ echo "$probe" && echo "$probe" && lines 301 600; } >b.log
	runs 0 deliver a.log
	runs 0 deliver b.log
	[ "$(ls facts/_manifests | wc -l)" -eq 2 ]
	runs 0 ev-parse -q a.log b.log
	mv out in
	rm -rf facts
	runs 0 ev-partition --raw facts <in
}

@test "--overlap stores what a person has decided is no double" {
	lines 1 50 >a.log
	lines 1 40 >b.log
	runs 0 deliver a.log
	runs 5 deliver b.log
	has err '--overlap'
	ev-parse -q b.log >in
	runs 0 ev-partition --raw --overlap facts <in
	[ "$(cat facts/ds=*/part-* | wc -l)" -eq 90 ]
}

@test "two runs that resume the same log at once store its lines once" {
	local i

	lines 1 200 >a.log
	runs 0 deliver a.log
	lines 201 260 >>a.log
	ev-parse -q --resume facts a.log >one
	lines 261 300 >>a.log
	ev-parse -q --resume facts a.log >two
	cp one again
	runs 0 ev-partition -q --raw facts <one
	# The range is looked at again under the lock.
	runs 0 ev-partition --raw facts <again
	has err 'is stored already'
	runs 5 ev-partition -q --raw facts <two
	runs 0 deliver -r a.log
	stored 300
}

@test "a log that only begins like a stored one is read from its first line" {
	lines 1 500 >a.log
	runs 0 deliver a.log
	sed -i 's/GET .p.3?/GET \/p\/4?/' a.log
	# Another log of the same length is no continuation.
	runs 0 ev-parse -q --resume facts a.log
	tail -n 1 out | tr '\t' '\n' >end
	has_line end skipped=0
}

@test "--resume of a table that is not there reads all; of what cannot be read twice, nothing" {
	lines 1 3 >a.log
	runs 0 ev-parse -q --resume none a.log
	[ "$(grep -vc '^#' out)" -eq 3 ]
	[ ! -e none ]
	runs 2 ev-parse --resume none
	runs 2 ev-parse --resume none -
	runs 2 ev-parse --resume none --replay a.log
	mkfifo pipe
	runs 1 ev-parse -q --resume none pipe
	runs 1 ev-parse -q --resume a.log a.log
}

@test "chunks that are none are exit 1" {
	local bad

	lines 1 50 >a.log
	ev-parse -q a.log >in
	for bad in 's/\tchunks=[^\t]*,/&xyz/' 's/\tchunks=[0-9a-f]*/\tchunks=1/' \
		's/\tchunks=\([^\t]*\),[^\t]*/\tchunks=\1/'; do
		sed "\$$bad" in >damaged
		cmp -s in damaged && return 1
		runs 1 ev-partition --raw facts <damaged
		has err 'end mark: chunks'
	done
	[ -z "$(ls facts/_manifests)" ]
}
