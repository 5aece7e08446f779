#!/usr/bin/env bats
# ev-partition: what is stored, what is refused, and what it says.

load helper
load partition-lib

# Nothing has been committed and nothing is left of the attempt.
untouched() {
	[ -z "$(ls -A "$1/_manifests")" ] && [ -z "$(ls -A "$1/_stage")" ] &&
		[ -z "$(find "$1" -name 'ds=*')" ]
}

# The rows of a stream without ds, as the parts of one day hold them.
day_of() {
	grep -v '^#' "$1" | awk -F'\t' -v OFS='\t' -v d="$2" \
		'$9 == d { print $1, $2, $3, $4, $5, $6, $7, $8 }'
}

@test "a stream becomes one part a day, columns 1-8 in the order of the stream" {
	stream -d 3 -n 1000 a1 >in
	runs 0 ev-partition facts <in
	has err 'stored as manifest 1: 1000 rows in 3 parts'
	[ ! -s out ]
	for d in 20 21 22; do
		day_of in "2026-11-$d" >want
		[ -s want ]
		same want facts/ds=2026-11-"$d"/part-*.tsv
	done
	[ "$(ls facts | tr '\n' ' ')" = \
		'_columns.tsv _lock _manifests _stage ds=2026-11-20 ds=2026-11-21 ds=2026-11-22 ' ]
}

@test "the manifest names sources, parts, counters, settings, key and databases" {
	need jq
	stream -d 2 -n 10 'a1,0,500,dir/a=1' b2 |
		sed 's/\tkey=/\tdatabase=country:2026-11-01&/' >in
	runs 0 ev-partition facts <in
	jq -r '.version, .sequence, .revision, .identity, (.replaces | length),
		(.sources[] | "\(.hash) \(.length) \(.from) \(.to) \(.name)"),
		(.parts[] | "\(.path) \(.staged) \(.rows)"),
		.counters.rows, .counters.lines, .settings[], .key[],
		.database[]' facts/_manifests/0000000001.json >got
	batch=$(jq -r '.batch' facts/_manifests/*)
	[ "${#batch}" -eq 32 ]
	cat >want <<-END
		1
		1
		0
		sources
		0
		000000000000000000000000000000a1 1000 0 500 dir/a=1
		000000000000000000000000000000b2 1000 0 1000 b2.log
		ds=2026-11-20/part-${batch:0:16}.tsv _stage/0000000001/1 5
		ds=2026-11-21/part-${batch:0:16}.tsv _stage/0000000001/0 5
		10
		12
		enrich:bb
		parse:aa
		k:00c0ffee
		country:2026-11-01
	END
	same want got
}

@test "a part's size in the manifest is the file's, and its hash is what xxhsum says" {
	need jq
	printf 'partition: {compress: zstd}\n' >c.yaml
	stream -n 500 a1 | ev-partition -q -c c.yaml facts
	jq -r '.parts[] | "\(.bytes) \(.path)"' facts/_manifests/* >want
	(cd facts && stat -c '%s %n' ds=*/*) >got
	same want got
	need xxhsum
	jq -r '.parts[] | "\(.hash)  \(.path)"' facts/_manifests/* >sums
	[ -s sums ]
	(cd facts && xxhsum -q -c ../sums)
}

@test "the same content is a no-op, renamed, reordered or with a newer database too" {
	stream a1,0,1000,one b2,0,1000,two | ev-partition -q facts
	tree facts >before
	stream b2,0,1000,TWO a1,0,1000,ONE |
		sed 's/\tkey=/\tdatabase=country:new&/' >again
	runs 0 ev-partition facts <again
	has err 'is stored already, as manifest 1: nothing to do'
	tree facts >after
	same before after
}

@test "the same input gives the same tree, byte for byte" {
	local i

	for i in 1 2; do
		stream -n 500 a1 | ev-partition -q "facts$i"
		stream -n 500 -x 3 b2 | ev-partition -q "facts$i"
	done
	same_tree facts1 facts2
}

@test "changed settings are exit 5 and name --rebuild, and so is a changed key" {
	stream a1 | ev-partition -q facts
	tree facts >before
	stream -s parse:zz a1 >in
	runs 5 ev-partition facts <in
	has err 'manifest 1'
	has err 'settings parse:zz'
	has err '--rebuild'
	stream -k k:other a1 >in
	runs 5 ev-partition facts <in
	has err 'key k:other'
	tree facts >after
	same before after
	[ -z "$(ls -A facts/_stage)" ]
}

@test "--rebuild replaces the batch's parts and leaves the others" {
	stream -d 3 a1 | ev-partition -q facts
	stream -d 2 -x 2 b2 | ev-partition -q facts
	cp facts/ds=2026-11-20/part-*.tsv .
	# One day less than before.
	stream -d 2 -s parse:zz -x 9 a1 >in
	runs 0 ev-partition --rebuild facts <in
	[ "$(find facts/ds=* -name '*-r1.tsv' | wc -l)" -eq 2 ]
	[ "$(find facts/ds=* -type f | wc -l)" -eq 4 ]
	[ -z "$(ls facts/ds=2026-11-22)" ]
	day_of in 2026-11-20 >want
	same want facts/ds=2026-11-20/part-*-r1.tsv
	runs 0 ev-partition facts <in
	has err 'stored already, as manifest 3'
	# Again, with other rows: another revision; with the same: none.
	stream -d 2 -s parse:zz -x 5 a1 >in
	runs 0 ev-partition --rebuild facts <in
	runs 0 ev-partition --rebuild facts <in
	has err 'stored already, as manifest 4'
	[ "$(find facts/ds=* -name '*-r2.tsv' | wc -l)" -eq 2 ]
	[ "$(find facts/ds=* -type f | wc -l)" -eq 4 ]
}

@test "--rebuild of what is not stored stores it" {
	stream a1 >in
	runs 0 ev-partition --rebuild facts <in
	has err 'stored as manifest 1'
}

@test "a source in another batch is exit 5, and both are named" {
	stream a1,0,1000,monday | ev-partition -q facts
	stream a1,0,1000,both.1 b2,0,1000,both.2 >in
	runs 5 ev-partition facts <in
	has err both.1
	has err monday
	has err 'manifest 1'
	# Unless all that the other batch was made of is here to replace it.
	stream a1,0,999,most b2 >in
	runs 5 ev-partition --rebuild facts <in
	# Part of its bytes is enough; the bytes behind them are new.
	stream a1,200,300,part >in
	runs 5 ev-partition facts <in
	stream c3,0,400,head | ev-partition -q facts
	stream c3,400,1000,tail >in
	runs 0 ev-partition facts <in
	stream c3,399,400,byte >in
	runs 5 ev-partition facts <in
}

@test "a log delivered twice in one stream is exit 5" {
	stream a1,0,1000,x.log a1,0,1000,y.log >in
	runs 5 ev-partition facts <in
	has err x.log
	has err y.log
	untouched facts
}

@test "an empty source beside another one changes nothing" {
	stream a1 | ev-partition -q facts
	stream a1 e0,0,0,empty.log >in
	runs 0 ev-partition facts <in
	has err 'stored already'
}

@test "a stream without rows is remembered, and a no-op the second time" {
	stream -n 0 a1 >in
	runs 0 ev-partition facts <in
	has err '0 rows in 0 parts'
	runs 0 ev-partition facts <in
	has err 'stored already'
	[ "$(ls facts/_manifests)" = 0000000001.json ]
}

@test "no input at all is exit 1, for a filter that was killed looks like that" {
	runs 1 ev-partition facts </dev/null
	has err 'no marks'
	untouched facts
}

@test "a stream cut at any line is exit 1 and publishes nothing" {
	local n

	stream -n 20 a1 >in
	for n in {1..21}; do
		head -n "$n" in >cut
		runs 1 ev-partition facts <cut
	done
	has err 'was cut'
	untouched facts
	runs 0 ev-partition facts <in
}

@test "a stream cut at any of 200 bytes is exit 1 and publishes nothing" {
	local n size got

	stream -n 20 a1 >in
	size=$(wc -c <in)
	for ((n = 1; n < size; n += size / 200 + 1)); do
		head -c "$n" in >cut
		runs 1 ev-partition facts <cut
	done
	untouched facts
}

@test "an end mark cut at any byte, its newline too, is exit 1" {
	local n

	stream -n 20 a1 >in
	for ((n = 1; n <= $(tail -n 1 in | wc -c); n++)); do
		head -c -"$n" in >cut
		runs 1 ev-partition facts <cut
	done
	untouched facts
	runs 0 ev-partition facts <in
}

@test "rows that are missing or too many are exit 1" {
	stream -n 20 a1 >in
	sed 5d in >fewer
	runs 1 ev-partition facts <fewer
	has err 'they promise 20 rows, 19 came'
	sed 5p in >more
	runs 1 ev-partition facts <more
	has err 'they promise 20 rows, 21 came'
	untouched facts
}

@test "two streams in one, sorted streams and several files publish as one batch" {
	stream -n 50 a1 >a
	stream -n 50 -x 2 b2 >b
	cat a b | ev-partition -q cat
	ev-partition -q files a b
	same_tree cat files
	cat a b | LC_ALL=C sort >sorted
	runs 0 ev-partition cat <sorted
	has err 'stored already'
	gzip -k a
	runs 0 ev-partition files a.gz - <b
	has err 'stored already'
}

@test "an unenriched stream is refused, and stored with --raw" {
	stream -n 10 -e 9 a1 >in
	runs 2 ev-partition facts <in
	has err 'only 9 of 10 rows have passed ev-enrich'
	untouched facts
	runs 0 ev-partition --raw facts <in
}

@test "a random visitor key is refused, and stored with --raw" {
	stream -k random a1 >in
	runs 2 ev-partition facts <in
	has err 'the visitor key was random'
	untouched facts
	runs 0 ev-partition --raw facts <in
	runs 2 ev-partition --no-marks facts <in
}

@test "--no-marks takes what a grep left, known by its rows" {
	stream a1 >in
	grep -v DE.Apple.page_view.2026-11-21 in >less
	runs 1 ev-partition facts <less
	runs 0 ev-partition --no-marks facts <less
	runs 0 ev-partition --no-marks facts <less
	has err 'stored already'
	sed 2d less >other
	runs 0 ev-partition --no-marks facts <other
	has err 'stored as manifest 2'
}

@test "--no-marks without marks stores no addresses unless --raw is given" {
	stream a1 | grep -v '^#' >in
	runs 2 ev-partition --no-marks facts <in
	has err 'only 0 of 100 rows have passed ev-enrich, as far as marks tell'
	untouched facts
	# A stream whose end, and with it the word of ev-enrich, is missing.
	stream -n 200 a1 | head -n 101 >cut
	runs 2 ev-partition --no-marks facts <cut
	untouched facts
	# One that came with marks does not vouch for one that did not.
	stream -n 50 b2 | cat - in >two
	runs 2 ev-partition --no-marks facts <two
	has err 'only 50 of 150 rows'
	untouched facts
	runs 0 ev-partition --no-marks --raw facts <in
	runs 0 ev-partition --no-marks --raw facts <cut
	has err 'stored already'
}

@test "a timestamp that no engine would load is exit 1 with its line" {
	local ts

	for ts in 2026-11-20 '2026-11-20 ' '2026-11-20garbage' \
		'2026-11-20T00:00:00' '2026-11-20 00:00:00Z' \
		'2026-11-20 00:00:00,123' '2026-11-20 00:00:00.1234'; do
		stream -d 1 -n 3 a1 | awk -F'\t' -v OFS='\t' -v ts="$ts" \
			'NR == 3 { $7 = ts } 1' >in
		runs 1 ev-partition facts <in
		has_line err 'ev-partition: stdin:3: event_timestamp is no timestamp'
		untouched facts
	done
	stream -d 1 -n 3 a1 | sed '3s/:\(..\)\tbrowser/:\1.123\tbrowser/' >in
	runs 0 ev-partition facts <in
	has facts/ds=2026-11-20/part-* '.123'
}

@test "eight columns are read, the day from the timestamp, and header lines skipped" {
	stream -n 100 a1 >in
	awk -F'\t' -v OFS='\t' '/^#/ { print; if (NR == 1) print \
		"user_id\tlogged_out_user_id\tdim_hostname\tdim_country\tdim_device_brand\taction_type\tevent_timestamp\tother_properties"
		next } { print $1, $2, $3, $4, $5, $6, $7, $8 }' in >eight
	ev-partition -q nine <in
	ev-partition -q eight.t <eight
	same_tree nine eight.t
}

@test "a ds that is no day is exit 1 with its line, and makes no directory" {
	local ds

	for ds in ../../../x 2026-02-30 2026-13-01 .. 2026-1-1 '2026-11-20/..' \
		'2026-11-2 ' 'abcd-ef-gh' ''; do
		stream -n 3 a1 | awk -F'\t' -v OFS='\t' -v ds="$ds" \
			'NR == 3 { $9 = ds; $7 = substr(ds " 00:00:00", 1, 19) } 1' >in
		runs 1 ev-partition facts <in
		has err 'stdin:3: '
		untouched facts
	done
	[ ! -e x ]
	stream -n 3 a1 | sed '3s/\(\t2026-11-2\)[0-9]$/\19/' >in
	runs 1 ev-partition facts <in
	has err 'stdin:3: ds: 2026-11-29 is not the day of event_timestamp'
	untouched facts
}

@test "a symbolic link in a day's place is refused before anything is committed" {
	mkdir -p facts/_manifests elsewhere
	ln -s ../elsewhere facts/ds=2026-11-21
	stream -d 3 a1 >in
	runs 1 ev-partition facts <in
	has err 'facts/ds=2026-11-21/part-'
	[ -z "$(ls -A elsewhere)" ]
	[ -z "$(ls -A facts/_manifests)" ]
	[ -z "$(ls -A facts/_stage)" ]
	rm facts/ds=2026-11-21
	runs 0 ev-partition facts <in
}

@test "a link in place of a directory of the table's own is refused" {
	mkdir facts elsewhere
	ln -s ../elsewhere facts/_stage
	stream a1 >in
	runs 1 ev-partition facts <in
	has err 'facts/_stage: '
	rm facts/_stage
	ln -s ../elsewhere facts/_manifests
	runs 1 ev-partition facts <in
	has err 'facts/_manifests: '
	rm facts/_manifests
	ln -s ../elsewhere/lock facts/_lock
	runs 1 ev-partition facts <in
	[ -z "$(ls -A elsewhere)" ]
}

@test "a foreign file in a part's place is refused before anything is committed" {
	stream a1 >in
	ev-partition -q other <in
	mkdir -p "facts/ds=2026-11-20"
	echo mine >"facts/ds=2026-11-20/$(basename other/ds=2026-11-20/*)"
	runs 1 ev-partition facts <in
	has err 'in the way'
	[ -z "$(ls -A facts/_manifests)" ]
	[ "$(cat facts/ds=2026-11-20/*)" = mine ]
}

@test "parts are gzip or zstd when the config says so, and read the same" {
	local c

	need zstd gzip
	stream -d 2 -n 3000 a1 >in
	ev-partition -q none <in
	for c in gzip zstd; do
		printf 'partition: {compress: %s}\n' "$c" >c.yaml
		runs 0 ev-partition -q -c c.yaml "$c" <in
		EV_CONFIG=c.yaml runs 0 ev-partition -q "$c.2" <in
		same_tree "$c" "$c.2"
	done
	cat none/ds=*/*.tsv >want
	zcat gzip/ds=*/*.tsv.gz >got
	same want got
	zstdcat -q zstd/ds=*/*.tsv.zst >got
	same want got
	# What the parts say of their rows is the same in all three.
	grep -o '"text_.*' none/_manifests/* >want
	grep -o '"text_.*' gzip/_manifests/* >got
	same want got
}

@test "another compression alone is a no-op, and --rebuild applies it" {
	stream a1 >in
	ev-partition -q facts <in
	printf 'partition: {compress: gzip}\n' >c.yaml
	runs 0 ev-partition -c c.yaml facts <in
	has err 'stored already'
	runs 0 ev-partition -c c.yaml --rebuild facts <in
	[ "$(find facts/ds=* -name '*-r1.tsv.gz' | wc -l)" -eq 3 ]
	[ "$(find facts/ds=* -type f | wc -l)" -eq 3 ]
}

@test "400 interleaved days keep every row, with few descriptors too" {
	local n

	# 400 days, each in its own file, at most a dozen of them open.
	awk 'BEGIN { print "#begin\tversion=1"
		for (i = 0; i < 20000; i++) {
			k = i * 7 % 400
			d = sprintf("20%02d-%02d-%02d", 10 + int(k / 336), int(k / 28) % 12 + 1, k % 28 + 1)
			print "\\N\t1\tx\tDE\t\\N\ta\t" d " 00:00:00\tn=" i "\t" d
		}
		print "#end\trows=20000\tenriched=20000\tsource=0123456789abcdef0123456789abcdef,9,0,9,x" }' >in
	runs 0 ev-partition -q facts <in
	(ulimit -n 45 && ev-partition -q few <in)
	same_tree facts few
	[ "$(ls -d facts/ds=* | wc -l)" -eq 400 ]
	grep -v '^#' in | cut -f8 | sort >want
	cat facts/ds=*/* | cut -f8 | sort >got
	same want got
}

@test "more days than any log has are refused" {
	awk 'BEGIN { print "#begin\tversion=1"
		for (i = 0; i < 17000; i++) {
			d = sprintf("%04d-%02d-%02d", 1000 + int(i / 336), int(i / 28) % 12 + 1, i % 28 + 1)
			print "\\N\t1\tx\tDE\t\\N\ta\t" d " 00:00:00\tn=1\t" d
		} }' >in
	runs 1 ev-partition facts <in
	has err 'more than 16384 parts'
	untouched facts
}

@test "rows larger than a buffer are kept, and one over 16 MiB is exit 1" {
	stream -d 2 -n 6 a1 | awk -F'\t' -v OFS='\t' '
		BEGIN { x = "x"; while (length(x) < 3000000) x = x x }
		!/^#/ && NR % 2 { $8 = "k=" x } 1' >in
	runs 0 ev-partition -q facts <in
	cat facts/ds=*/* | sort >got
	grep -v '^#' in | cut -f1-8 | sort >want
	same want got
	{
		head -n 1 in
		head -c 17000000 /dev/zero | tr '\0' x
		tail -n 1 in
	} >long
	runs 1 ev-partition other <long
	has err 'stdin:2: the record is longer than 16 MiB'
	untouched other
}

@test "a stream with CRLF is exit 1" {
	stream -n 5 a1 | sed 's/$/\r/' >in
	runs 1 ev-partition facts <in
	untouched facts
	stream -n 5 a1 | sed '/^#/!s/\t[^\t]*$/\r/' >in
	runs 1 ev-partition facts <in
	has err 'stdin:2: the line ends in CR LF'
	untouched facts
}

@test "a line that is no record is exit 1 with its number" {
	stream -n 5 a1 | sed '4s/\t/ /g' >in
	runs 1 ev-partition facts <in
	has err 'stdin:4: '
	stream -n 5 a1 | sed '4s/.*//' >in
	runs 1 ev-partition facts <in
	has err 'stdin:4: '
	untouched facts
}

@test "a source entry that is none is exit 1" {
	local bad

	for bad in x 'zz,1,0,1,n' '000000000000000000000000000000a1,5,0,6,n' \
		'000000000000000000000000000000a1,5,3,2,n' \
		'000000000000000000000000000000a1,5,0,5'; do
		stream -n 5 a1 | sed "s/source=.*/source=$bad/" >in
		runs 1 ev-partition facts <in
		has err 'is not HASH,LENGTH,FROM,TO,NAME'
		untouched facts
	done
}

@test "a name full of quotes and controls comes into the manifest as valid JSON" {
	need jq
	stream -n 5 a1 | sed 's/a1\.log/a"b%0Ac%5Cd%1B[31m%FFé,x/' >in
	runs 0 ev-partition facts <in
	[ "$(jq -r '.sources[0].name' facts/_manifests/*)" = 'a"b%0Ac%5Cd%1B[31m%FFé,x' ]
	runs 0 ev-partition facts <in
	has err 'stored already'
	not grep -q "$(printf '\033')" err
}

@test "a held table is exit 4 after --wait, and is waited for" {
	stream a1 >in
	mkdir facts
	exec 9>facts/_lock
	flock 9
	runs 4 ev-partition --wait 0 facts <in
	has err 'another writer holds the table; waited 0 s'
	untouched facts
	(
		sleep 0.3
		flock -u 9
	) &
	runs 0 ev-partition --wait 20 facts <in
	exec 9>&-
	wait
}

@test "50 writers at once lose no event and store none twice" {
	local i

	for i in {0..24}; do
		stream -d 3 -n 100 -x $((i + 1)) "$(printf 'a%02x' "$i")" >"in.$i"
	done
	# Each batch twice, at the same time.
	for i in {0..24} {0..24}; do
		ev-partition facts <"in.$i" 2>"err.$i.$RANDOM$RANDOM" &
	done
	for i in {1..50}; do
		wait -n
	done
	[ "$(cat err.* | grep -c 'stored as manifest')" -eq 25 ]
	[ "$(cat err.* | grep -c 'stored already')" -eq 25 ]
	[ "$(ls facts/_manifests | wc -l)" -eq 25 ]
	[ -z "$(ls -A facts/_stage)" ]
	grep -hv '^#' in.* | cut -f1-8 | sort >want
	cat facts/ds=*/* | sort >got
	same want got
}

@test "a writer at work keeps its stage while others recover" {
	mkfifo pipe
	ev-partition -q facts <pipe &
	exec 8>pipe
	stream -n 5 a1 | head -n 3 >&8
	until [ -n "$(ls -A facts/_stage 2>/dev/null)" ]; do sleep 0.01; done
	stream b2 | ev-partition -q facts
	mkdir facts/_stage/0123456789abcdef
	stream c3 | ev-partition -q facts
	[ "$(ls facts/_stage | wc -l)" -eq 1 ]
	stream -n 5 a1 | tail -n +4 >&8
	exec 8>&-
	wait $!
	[ "$(ls facts/_manifests | wc -l)" -eq 3 ]
	[ -z "$(ls -A facts/_stage)" ]
}

@test "a stage that a writer takes while it is removed is his, and no error" {
	local stage=facts/_stage/0123456789abcdef i

	need_strace
	stream a1 >in
	ev-partition -q facts <in
	# Made a moment ago, and taken for an orphan: its lock goes first.
	mkdir $stage
	traced -e inject=unlinkat:delay_enter=300000:delay_exit=700000:when=1 \
		ev-partition -q facts <in 2>err &
	for i in {1..200}; do
		[ -e $stage/lock ] && break
		sleep 0.01
	done
	while [ -e $stage/lock ]; do sleep 0.01; done
	exec 9>$stage/lock
	flock 9
	wait $!
	[ ! -s err ]
	[ -e $stage/lock ]
	exec 9>&-
	runs 0 ev-partition -q facts <in
	[ -z "$(ls -A facts/_stage)" ]
}

@test "a file system without locks is named, and no stage stays" {
	need_strace
	stream a1 >in
	traced -e inject=flock:error=ENOLCK ev-partition -q facts <in 2>err && false
	grep -q '^ev-partition: facts/_stage/[0-9a-f]*/lock: No locks available$' err
	[ "$(wc -l <err)" = 1 ]
	[ -z "$(ls -A facts/_stage)" ]
	runs 0 ev-partition -q facts <in
}

@test "a committed batch whose stage was copied comes into place, a wrong file does not" {
	stream -d 3 a1 >in
	ev-partition -q want <in
	# As a death between commit and publication leaves it, but copied: the
	# links to the parts are files of their own now.
	half() {
		local n

		rm -rf facts
		cp -r want facts
		mkdir facts/_stage/0000000001
		for n in 0 1 2; do
			cp "facts/$(sed -n 's,.*"path": "\([^"]*\)".*1/'$n'".*,\1,p' \
				facts/_manifests/*)" "facts/_stage/0000000001/$n"
		done
	}
	half
	rm -r facts/ds=2026-11-22
	runs 0 ev-partition facts <in
	has err 'finishing manifest 1'
	same_tree want facts
	half
	echo no >>facts/ds=2026-11-21/part-*
	runs 1 ev-partition facts <in
	has err 'not the part that its manifest names'
	# In place already, and gone from the stage: fine.
	half
	rm facts/_stage/0000000001/1
	runs 0 ev-partition facts <in
	same_tree want facts
	# Gone from both: nothing to believe in.
	half
	rm facts/_stage/0000000001/? facts/ds=2026-11-21/*
	runs 1 ev-partition facts <in
	has err 'facts/ds=2026-11-21/part-'
}

@test "a manifest that is damaged stops the run and is named" {
	local bad

	stream a1 | ev-partition -q facts
	cp facts/_manifests/* saved
	stream b2 >in
	damage() {
		sed "$1" saved >facts/_manifests/0000000001.json
		runs 1 ev-partition facts <in
		has err 'facts/_manifests/0000000001.json: '
		[ -z "$(ls -A facts/_stage)" ]
	}
	damage '3,$d'
	damage '1s/{/[/'
	damage 's/"version": 1/"version": 2/'
	has err 'another version'
	damage 's/"sequence": 1/"sequence": 2/'
	damage 's/"batch": ./&Z/'
	damage 's,"path": "ds=,"path": "../,'
	damage 's,"path": "ds=2026-11-20/,"path": "ds=,'
	damage 's,\(-11-20/\)part-[^"]*,\1,'
	damage 's/"enriched": /"a\\u0000b": /'
	damage 's,_stage/0000000001,_stage/../x,'
	damage 's/"rows": [0-9]*,/"rows": 99999999999999999999,/'
	damage 's/"key": .*/"key": null,/'
	damage '$s/$/{}/'
	damage 's/a1.log/a\\ud800b/'
	damage 's/a1.log/a\xffb/'
	damage "s/.*/$(printf '[%.0s' {1..40})/"
	: >facts/_manifests/0000000001.json
	runs 1 ev-partition facts <in
	cp saved facts/_manifests/0000000001.json
	runs 0 ev-partition facts <in
}

@test "the root is made, but not its parents" {
	stream a1 >in
	runs 1 ev-partition none/facts <in
	has err 'none/facts: No such file or directory'
	[ ! -e none ]
	echo >file
	runs 1 ev-partition file <in
	has err 'file: Not a directory'
	ln -s elsewhere link
	mkdir elsewhere
	runs 0 ev-partition link <in
	[ -d elsewhere/ds=2026-11-20 ]
}

@test "a missing file is exit 1 and nothing is published" {
	stream a1 >in
	runs 1 ev-partition facts in missing
	has err 'missing: No such file or directory'
	untouched facts
}

@test "usage errors are exit 2 and touch nothing" {
	runs 2 ev-partition
	has err 'root is missing'
	runs 2 ev-partition --nonsense facts
	runs 2 ev-partition --wait x facts
	has err "--wait: 'x' is not 0 to 86400 seconds"
	runs 2 ev-partition --wait -1 facts
	runs 2 ev-partition -o out.tsv facts
	has err '-o and -H'
	runs 2 ev-partition -H facts
	[ ! -e facts ]
}

@test "a config error is exit 2 before anything is read or made" {
	printf 'partition: {by: [ds], compress: lzma}\n' >c.yaml
	runs 2 ev-partition -c c.yaml facts </dev/null
	has err 'c.yaml:1:'
	[ ! -e facts ]
	runs 2 ev-partition --check -c c.yaml
	printf 'partition: {by: [ds], compress: gzip}\n' >c.yaml
	runs 0 ev-partition --check -c c.yaml
	[ ! -s out ]
	[ ! -s err ]
}

@test "--help and --version are exit 0, and 1 when they cannot be written" {
	runs 0 ev-partition --help
	has out 'usage: ev-partition'
	runs 0 ev-partition --version
	[ -e /dev/full ] || skip 'no /dev/full'
	local got=0
	ev-partition --help >/dev/full 2>err || got=$?
	[ "$got" -eq 1 ]
}

@test "-q says nothing, closed descriptors do no harm" {
	stream a1 >in
	runs 0 ev-partition -q facts <in
	[ ! -s err ]
	ev-partition facts 0<in 1>&- 2>&-
	local got=0
	ev-partition facts 0<&- 2>err || got=$?
	[ "$got" -eq 1 ]
	same_tree facts facts
}

@test "a pipe that breaks in the middle publishes nothing" {
	stream -n 5000 a1 >in
	(head -c 100000 in) | (runs 1 ev-partition facts)
	untouched facts
}

@test "the manual's checks by jq and xxhsum find every part, and a changed one" {
	need mandoc jq xxhsum
	stream a1 | ev-partition -q facts
	stream -x 2 b2 | ev-partition -q facts
	stream -s parse:zz -x 3 a1 | ev-partition -q --rebuild facts
	mandoc -Tascii "$SRC/man/ev-partition.1" | sed 's/.\x08//g' >page
	sed -n '/\$ jq -r .\[.seq/,/^$/s/^ *\$*//p' page >list
	sed -n '/\$ cd facts/,/^$/s/^ *\$*//p' page >verify
	runs 0 sh list
	printf '1\t100\ta1.log\n2\t100\tb2.log\n3\t100\ta1.log\n' >want
	same want out
	runs 0 sh -e verify
	printf x >>facts/ds=2026-11-21/part-*-r1.tsv
	runs 1 sh -e verify
	has out 'ds=2026-11-21/part-'
}

@test "_columns.tsv says what the columns are, and another layout is refused" {
	stream a1 | ev-partition -q facts
	[ "$(wc -l <facts/_columns.tsv)" -eq 9 ]
	has_line facts/_columns.tsv "$(printf 'event_timestamp\tTIMESTAMP\trow')"
	has_line facts/_columns.tsv "$(printf 'ds\tSTRING\tdirectory')"
	tree facts >before
	printf 'partition: {by: [ds, dim_country]}\n' >c.yaml
	stream -x 2 b2 >in
	runs 1 ev-partition -c c.yaml facts <in
	has err '_columns.tsv: the table has other columns or partitions'
	tree facts >after
	same before after
}

@test "rows outside of --since and --until go to --outside, whole, and are counted" {
	stream -d 5 -n 500 a1 >in
	runs 0 ev-partition --since 2026-11-21 --until 2026-11-23 \
		--outside late.tsv facts <in
	has err '200 rows are outside of --since and --until: they are in late.tsv'
	[ "$(ls -d facts/ds=* | tr '\n' ' ')" = \
		'facts/ds=2026-11-21 facts/ds=2026-11-22 facts/ds=2026-11-23 ' ]
	grep -v '^#' in | awk -F'\t' '$9 < "2026-11-21" || $9 > "2026-11-23"' >want
	same want late.tsv
	# Again, and with other bounds, which are other rows.
	runs 0 ev-partition --since 2026-11-21 --until 2026-11-23 \
		--outside late.tsv facts <in
	has err 'is stored already'
	runs 5 ev-partition facts <in
	has err '--rebuild'
	# A person has looked: they are stored, too.
	runs 0 ev-partition --no-marks --raw facts late.tsv
	[ "$(cat facts/ds=*/part-* | wc -l)" -eq 500 ]
	# Nothing is published when they cannot be kept.
	runs 1 ev-partition --since 2026-11-21 --outside none/late.tsv other <in
	[ ! -d other/ds=2026-11-21 ]
	runs 2 ev-partition --since 2026-11-21 facts <in
	has err '--since and --until want an --outside FILE'
	runs 2 ev-partition --since 2026-11-22 --until 2026-11-21 --outside x facts <in
	has err 'no day is from --since to --until'
	runs 2 ev-partition --outside x facts <in
	runs 2 ev-partition --since yesterday --outside x facts <in
}

@test "a stream cut at any of 1000 offsets is exit 1, and the whole one is published once" {
	local cuts=1000 i n total

	# The soak cuts 1 MiB at each byte.
	stream -d 2 -n $((EV_SOAK ? 10000 : 400)) a1 >in
	total=$(wc -c <in)
	[ -z "${EV_SOAK:-}" ] || cuts=$((total - 1))
	for i in $(seq 1 "$cuts"); do
		n=$(((total - 1) * i / cuts))
		got=0
		head -c "$n" in | ev-partition -q facts 2>/dev/null || got=$?
		[ "$got" -eq 1 ] || { echo "exit $got at $n"; return 1; }
	done
	untouched facts
	runs 0 ev-partition facts <in
	has err 'stored as manifest 1: '
}

@test "a reader through the manifests, polling while writers race, sees whole batches" {
	local i

	need jq
	mkdir in
	for i in {10..59}; do
		stream -d 3 -n 60 -x "$i" "$i" >in/"$i"
	done
	mkdir -p facts/_manifests
	(
		while [ ! -e done ]; do
			for m in facts/_manifests/*.json; do
				[ -e "$m" ] || continue
				n=0
				while read -r path staged; do
					k=$(wc -l <"facts/$path" || wc -l <"facts/$staged" ||
						wc -l <"facts/$path") && [ -n "$k" ] ||
						echo "lost $m $path" >>wrong
					n=$((n + k))
				done < <(jq -r '.parts[] | "\(.path) \(.staged)"' "$m")
				[ "$n" -eq 60 ] || echo "$m: $n rows" >>wrong
				echo "$m" >>seen
			done
		done 2>/dev/null
	) &
	for i in {10..59}; do
		ev-partition -q facts <in/"$i" &
		[ $((i % 10)) -ne 0 ] || sleep 0.1
	done
	while [ "$(ls facts/_manifests | wc -l)" -lt 50 ]; do
		sleep 0.1
	done
	touch done
	wait
	[ ! -e wrong ] || { cat wrong; return 1; }
	[ -s seen ]
	[ "$(cat facts/ds=*/part-* | wc -l)" -eq 3000 ]
	runs 0 ev-partition --verify facts
}
