load helper

prepare() {
	[ -x "$EV_BIN/base-test" ] ||
	    skip "base-test is not built: make base-test"
}

@test "text is percent-encoded only where it must be, and comes back" {
	base-test text
}

@test "the map is walked and searched" {
	base-test map
}

@test "every day of the years 0000 to 9999 comes back, as libc has them" {
	base-test utc
}

@test "numbers are parsed strictly and range-checked" {
	base-test number
}

@test "lines come whole, in parts when over-long, without holes and CR" {
	base-test lines
}

@test "TABs, LFs and '&' are found alike by every kind of vectors" {
	base-test places
}

@test "the reader takes 8 and 9 columns, marks and headers anywhere" {
	base-test reader
}

@test "marks are summed, sources kept, overflow noticed" {
	base-test marks
}

@test "the table hash is keyed and sees every bit" {
	base-test hash
}

@test "globs match without backtracking for ever" {
	base-test glob
}

@test "gzip and zstd of several members read as one, and concatenate" {
	need gzip zstd
	seq 100000 >plain
	base-test cat plain >got
	same plain got
	for codec in gzip zstd; do
		base-test pack $codec <plain >packed
		base-test cat packed >got
		same plain got
	done
	base-test pack gzip <plain | gzip -dc >got
	same plain got
	base-test pack zstd <plain | zstd -dcq >got
	same plain got
	(gzip -9 <plain; gzip -1 <plain; gzip </dev/null) >two.gz
	(zstd -q <plain; zstd -q <plain; zstd -q </dev/null) >two.zst
	cat plain plain >twice
	base-test cat two.gz >got
	same twice got
	base-test cat two.zst >got
	same twice got
	for step in 1 2 7 8 9 1000; do
		base-test cat two.gz $step >got
		same twice got
		base-test cat two.zst $step >got
		same twice got
	done
}

@test "an archive that is not read is named, with what unpacks it" {
	printf 'BZh91AY&SY\001\002' >log.bz2
	printf '\3757zXZ\000\000' >log.xz
	printf 'PK\003\004\024\000' >log.zip
	printf '\004\042\115\030d' >log.lz4
	printf '\037\235\220a' >log.Z
	for f in log.*; do
		runs 1 base-test cat $f
		[ ! -s out ]
		grep -Eq "^base-test: $f: an? .*which .* unpacks$" err
	done
	for text in BZh9 'BZh91AY&SX and more' BZ PK; do
		echo "$text" >text
		runs 0 base-test cat text
		same text out
	done
}

@test "a truncated or corrupt archive gives all before it, then fails" {
	need gzip zstd
	seq 100000 >plain
	gzip <plain >x.gz
	zstd -q <plain >x.zst
	for f in x.gz x.zst; do
		head -c 60000 $f >cut
		runs 1 base-test cat cut
		has err "truncated"
		[ "$(wc -c <out)" -gt 50000 ]
		head -c "$(wc -c <out)" plain | cmp - out
	done
	(head -c 30000 x.gz; printf XXXXXXXX; tail -c +30009 x.gz) >bad
	runs 1 base-test cat bad
	(cat x.gz; echo garbage) >bad
	runs 1 base-test cat bad
	has err "garbage after the end of the gzip file"
	(cat x.gz; head -c 1000 /dev/zero) >padded
	runs 0 base-test cat padded
	same plain out
}

# policy COMMAND...: how a filter that waits at the end of a pipe is
# scheduled, as proc(5) numbers it
policy() {
	mkfifo fifo
	"$@" <fifo >/dev/null &
	exec 8>fifo
	# It has read its options once it reads.
	until grep -q 'ev-agg' "/proc/$!/comm" && grep -q '^State:.*[SD]' "/proc/$!/status"; do
		sleep 0.01
	done
	awk '{ print $41 }' "/proc/$!/stat"
	exec 8>&-
	wait $!
	rm fifo
}

@test "at the end of a pipe a filter is batch work, unless it was told otherwise" {
	need chrt
	[ -r /proc/self/stat ] || skip "needs proc(5)"
	[ "$(policy ev-agg -q --count)" = 3 ]
	[ "$(policy chrt -i 0 ev-agg -q --count)" = 5 ]
}

@test "a signal while a temporary file is made leaves none behind" {
	local call

	need strace
	strace -qq -o probe true 2>/dev/null || skip "strace may not trace here"
	mkdir here
	cd here
	: >log
	for call in umask fchmod; do
		# The leak checker wants to trace, too.
		ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 strace -qq \
		    -o ../calls -e trace=$call -e inject=$call:signal=TERM:when=1 \
		    ev-parse -q -o out log || [ $? -eq 143 ]
		ls -A | tr '\n' ' '
	done >../files
	[ "$(cat ../files)" = 'log log ' ]
}
