#!/usr/bin/env bats
# What ev-agg reads: streams, part files, directories, and broken ones.

load helper
load agg-helper

prepare() {
	small_site
	ev-agg events.tsv >want
}

@test "streams, part files, headers, gzip, zstd and stdin give the same" {
	need gzip zstd
	stream events.tsv >s.tsv
	cut -f1-8 events.tsv >part.tsv
	{
		printf 'user_id\tlogged_out_user_id\tdim_hostname\tdim_country'
		printf '\tdim_device_brand\taction_type\tevent_timestamp'
		printf '\tother_properties\tds\n'
		cat events.tsv
	} >header.tsv
	gzip -c s.tsv >s.gz
	zstd -q s.tsv -o s.zst
	for f in s.tsv part.tsv header.tsv s.gz s.zst; do
		runs 0 ev-agg $f
		same out want
	done
	runs 0 ev-agg <s.zst
	same out want
	runs 0 ev-agg - <part.tsv
	same out want
}

@test "several files of any kind are one input" {
	sed -n 1,4p events.tsv >a
	sed -n 5,7p events.tsv | cut -f1-8 | gzip >b.gz
	sed -n '8,$p' events.tsv >c
	stream a >a.stream
	stream c >c.stream
	runs 0 ev-agg b.gz a.stream - <c.stream
	same out want
	cat a.stream c.stream >two
	runs 0 ev-agg two b.gz
	same out want
	grep -h '' a.stream c.stream | sort >mixed
	runs 0 ev-agg mixed b.gz
	same out want
}

@test "directories are their part files, and those of their partitions" {
	mkdir -p f/ds=2026-11-01 f/ds=2026-11-02 f/_stage/x f/_other
	sed -n 1,4p events.tsv | cut -f1-8 >f/ds=2026-11-01/part-b.tsv
	sed -n 5,8p events.tsv | cut -f1-8 | gzip >f/ds=2026-11-01/part-a.tsv.gz
	sed -n '9,$p' events.tsv | cut -f1-8 >f/ds=2026-11-02/part-b-r1.tsv
	for bad in f/_stage/x/part-z.tsv f/ds=2026-11-01/.part-y.tsv \
	    f/ds=2026-11-01/part-x.tsv.tmp f/ds=2026-11-01/_part-w.tsv \
	    f/ds=2026-11-01/notes.txt f/_other/part-1.tsv; do
		echo "not an event" >$bad
	done
	runs 0 ev-agg f
	same out want
	runs 0 ev-agg f/ds=2026-11-02/ f/ds=2026-11-01
	same out want
	runs 0 ev-agg f/ds=2026-11-02
	grep '^2026-11-02' want >day
	same out day
}

@test "a table is what its manifests say, also while it is being published" {
	need ev-partition jq
	small_site
	stream events.tsv >stream
	runs 0 ev-partition -q --raw facts <stream
	runs 0 ev-agg -q stream
	cp out want
	for root in facts facts/ "$PWD/facts" "facts/ds=2026-11-01 facts/ds=2026-11-02//"; do
		runs 0 ev-agg -q $root
		same out want
	done
	(cd facts && runs 0 ev-agg -q ds=2026-11-01 ./ds=2026-11-02 && same out ../want)
	(cd facts/ds=2026-11-01 && runs 0 ev-agg -q . && head -n 1 out >../../day)
	# What was not committed is not there, what is on its way is.
	cp events.tsv facts/ds=2026-11-01/part-stray.tsv
	runs 0 ev-agg -q facts
	same out want
	jq -r '.parts[] | [.path, .staged] | @tsv' facts/_manifests/*.json >parts
	[ "$(wc -l <parts)" -eq 2 ]
	while read -r path staged; do
		mkdir -p "facts/$(dirname "$staged")"
		mv "facts/$path" "facts/$staged"
	done <parts
	runs 0 ev-agg -q facts/ds=*
	same out want
	rm -r facts/_stage
	runs 1 ev-agg -q facts
	has err "ev-agg: facts/$(head -n 1 parts | cut -f1): No such file"
}

@test "a directory without part files is warned about" {
	mkdir empty
	runs 0 ev-agg empty
	[ ! -s out ]
	has_line err "ev-agg: empty: no part files (part-*.tsv) in this directory"
}

@test "empty input gives no rows" {
	runs 0 ev-agg -q </dev/null
	[ ! -s out ]
	: >none
	stream none >s
	runs 0 ev-agg s
	[ ! -s out ]
	[ ! -s err ]
	runs 0 ev-agg -H s
	[ "$(wc -l <out)" -eq 1 ]
}

@test "the last line may lack its newline" {
	printf %s "$(cat events.tsv)" >e
	runs 0 ev-agg e
	same out want
}

@test "a cut stream gives its result, a message and exit 1" {
	stream events.tsv >s
	sed '$d' s >cut
	runs 1 ev-agg cut
	same out want
	has_line err "ev-agg: cut: the stream was cut: 1 begin and 0 end marks, \
0 rows promised, 10 read"
	sed 2d s >short
	runs 1 ev-agg short
	has_line err "ev-agg: short: the stream was cut: 1 begin and 1 end \
marks, 10 rows promised, 9 read"
	runs 0 ev-agg --no-marks cut
	same out want
	[ ! -s err ]
}

@test "one cut file does not hide the others, nor they it" {
	stream events.tsv | sed '$d' >cut
	ev 1 1 h DE x x '2026-11-09 00:00:00' '' >other
	runs 1 ev-agg --count cut other
	[ "$(value out 2026-11-01 count)" = 8 ]
	[ "$(value out 2026-11-09 count)" = 1 ]
	runs 1 ev-agg --count nosuch other
	has_line err "ev-agg: nosuch: No such file or directory"
	[ "$(value out 2026-11-09 count)" = 1 ]
}

@test "with -o a failure leaves what was there, and no temporary" {
	stream events.tsv >s
	sed '$d' s >cut
	echo before >m.tsv
	runs 1 ev-agg -o m.tsv cut
	[ "$(cat m.tsv)" = before ]
	has_line err "ev-agg: m.tsv: not written, the input was not read whole"
	runs 0 ev-agg -o m.tsv s
	same m.tsv want
	[ "$(ls -A | grep -c tmp)" -eq 0 ]
	runs 1 ev-agg -o no/such/m.tsv s
}

@test "-o follows a link and leaves it, /dev/stdout is stdout" {
	echo before >real
	mkdir links
	ln -s ../real links/m.tsv
	runs 0 ev-agg -o links/m.tsv events.tsv
	same real want
	[ "$(readlink links/m.tsv)" = ../real ]
	[ "$(ls -A links)" = m.tsv ]
	ln -s nowhere links/dangling
	runs 1 ev-agg -o links/dangling events.tsv
	has_line err "ev-agg: links/dangling: No such file or directory"
	# As /dev/stdout is, which must not be at stake here.
	ln -s /proc/self/fd/1 links/stdout
	echo first >log
	ev-agg -o links/stdout events.tsv >>log
	{
		echo first
		cat want
	} >both
	same log both
	ev-agg -o links/stdout events.tsv | cat >log
	same log want
	[ -L links/stdout ]
}

need_strace() {
	need strace
	strace -qq -o strace.probe true 2>/dev/null ||
	    skip "strace may not trace here"
}

@test "-o is on the disk before it has its name, and then its directory is" {
	need_strace
	strace -qq -y -o calls -e trace=fsync,rename,close ev-agg -o m.tsv events.tsv
	sed -E -e "s,<$PWD>,<.>,;s,$PWD/,,g" -e 's/\.m\.tsv\.[^.]*\.tmp/TEMP/g' \
	    -e 's/ += 0$//;s/\([0-9]+</(</;s/[<>"]//g' calls |
	    sed -n '/fsync/,$p' >got
	printf '%s\n' 'fsync(TEMP)' 'close(TEMP)' 'rename(TEMP, m.tsv)' \
	    'fsync(.)' 'close(.)' >calls.want
	same got calls.want
}

# hurt CALL=ERROR PATH ARG...: ev-agg ARG..., and of its system calls CALL the
# first on PATH fails with ERROR.
hurt() {
	local call=${1%=*} error=${1#*=} path=$2 n
	shift 2

	strace -qq -y -o calls -e trace="$call" ev-agg "$@" >/dev/null
	n=$(grep -nm 1 "^$call([0-9]*<[^>]*$path[^>]*>" calls | cut -d: -f1)
	strace -qq -o /dev/null -e inject="$call:error=$error:when=$n" \
	    ev-agg "$@"
}

@test "an interrupted call is taken up again, a failed close or sync is exit 1" {
	need_strace
	runs 0 hurt read=EINTR events.tsv events.tsv
	same out want
	runs 0 hurt write=EINTR '/\.events\.rows\.' -o events.rows events.tsv
	same events.rows want
	for call in fsync=EIO close=EIO; do
		echo before >m.tsv
		runs 1 hurt $call '/\.m\.tsv\.' -o m.tsv events.tsv
		has_line err "ev-agg: m.tsv: Input/output error"
		[ ! -s out ]
		[ -z "$(find . -name '.*.tmp')" ]
	done
	runs 1 hurt close=EIO /dev/null -o /dev/null events.tsv
	has_line err "ev-agg: /dev/null: Input/output error"
}

@test "a temporary goes when a resource limit kills the run" {
	(
		ulimit -f 0
		exec ev-agg -o m.tsv events.tsv
	) 2>err || got=$?
	[ "$got" -ne 0 ]
	[ -z "$(find . -name '.*.tmp')" ]
	[ ! -e m.tsv ]
}

@test "what is no event is named with file and line, and exit is 1" {
	{
		cat events.tsv
		printf 'a\tb\n'
	} >columns
	runs 1 ev-agg --count columns
	has err "ev-agg: columns:11: not a record"
	[ "$(value out 2026-11-01 count)" = 8 ]
	sed 's/$/\r/' events.tsv >crlf
	runs 1 ev-agg crlf
	has err "ev-agg: crlf:1: the line ends in CR LF"
	for ds in 2026-13-01 2026-1x-01 '2026-&1-01'; do
		ev 1 1 h DE x x "$ds 00:00:00" '' >ds
		runs 1 ev-agg ds
		has_line err "ev-agg: ds:1: ds is no date"
		[ ! -s out ]
	done
	printf '\n' >blank
	runs 1 ev-agg blank
	has err "ev-agg: blank:1: "
}

# hundred K TIME WHO: events, of which the Kth is as told.
hundred() {
	local i

	for i in $(seq 100); do
		if [ "$i" = "$1" ]; then
			ev '\N' "$3" h DE x x "$2" "uri=/$((i % 3))"
		else
			ev '\N' 1 h DE x x "2026-11-01 10:00:00" "uri=/$((i % 3))"
		fi
	done
}

@test "what stands before an event that is none is counted, and no more" {
	cat >m.yaml <<-'END'
	metrics:
	  events: {count: events}
	  uris: {count: events, by: uri}
	  sessions: {sessions: {gap: 30m}}
	END
	for k in 2 32 33 64 65 100; do
		hundred $k '2026-11-00 10:00:00' 1 >day
		hundred $k '2026-11-01 24:00:00' 1 >time
		hundred $k '2026-11-01 24:00:00' '\N' >nobody
		head -n $((k - 1)) day | ev-agg -c m.yaml >want
		runs 1 ev-agg -c m.yaml day
		has_line err "ev-agg: day:$k: ds is no date"
		same out want
		# Only what visitors did needs the time.
		runs 1 ev-agg -c m.yaml time
		has_line err "ev-agg: time:$k: event_timestamp is no time"
		grep sessions want >want.sessions || :
		grep sessions out >out.sessions || :
		same out.sessions want.sessions
		runs 0 ev-agg -c m.yaml nobody
		[ "$(value out 2026-11-01 events)" = 100 ]
	done
}

@test "a value of 15 MiB is counted, a longer line refused in flat memory" {
	head -c 15M /dev/zero | tr '\0' x >long
	ev 1 1 h DE x x '2026-11-01 00:00:00' q=@ |
	    perl -pe 'BEGIN { local $/; open F, "long"; $x = <F> } s/@/$x/' >e
	runs 0 ev-agg --distinct q e
	[ "$(value out 2026-11-01 distinct)" = 1 ]
	head -c 200M /dev/zero | tr '\0' x >long
	runs 1 ev-agg --count long
	has_line err "ev-agg: long:1: the record is longer than 16 MiB"
	rm long
}

@test "a broken archive gives what could be read, and exit 1" {
	need gzip
	gzip -c events.tsv | head -c -12 >broken.gz
	runs 1 ev-agg broken.gz
	has err "ev-agg: broken.gz: "
}

@test "an archive cut before its first bytes is not an empty file" {
	need gzip zstd
	: >empty.gz
	: >empty.zst
	printf '\037' >one.gz
	zstd -qc events.tsv | head -c 3 >three.zst
	for f in empty.gz empty.zst one.gz three.zst; do
		runs 1 ev-agg $f
		has_line err "ev-agg: $f: the archive is truncated"
	done
	: >empty
	runs 0 ev-agg empty
	: | gzip >nothing.gz
	: | zstd -q >nothing.zst
	runs 0 ev-agg nothing.gz nothing.zst
	head -n 1 events.tsv >plain.gz
	runs 0 ev-agg --count plain.gz
	[ "$(wc -l <out)" -eq 1 ]
}

@test "frames that pzstd begins with one to be skipped are read" {
	need zstd
	{
		printf '\x50\x2a\x4d\x18\x04\0\0\0four'
		head -n 4 events.tsv | zstd -q
		printf '\x5f\x2a\x4d\x18\0\0\0\0'
		tail -n +5 events.tsv | zstd -q
	} >p.zst
	runs 0 ev-agg p.zst
	same out want
}

@test "a message that escapes made too long is cut and says so" {
	runs 1 ev-agg "$(printf '\001%.0s' {1..3000})"
	has err 'ev-agg: \x01\x01'
	[ "$(tail -c 4 err)" = ... ]
	[ "$(wc -c <err)" -le 4100 ]
	runs 1 ev-agg "$(printf '\001%.0s' {1..300})"
	has err '\x01: File name too long'
}

@test "columns that nobody filled are warned about, with their metrics" {
	awk -F'\t' -v OFS='\t' '{ $2 = $4 = "\\N"; $8 = ""; print }' \
	    events.tsv >raw
	runs 0 ev-agg raw
	has_line err "ev-agg: logged_out_user_id is NULL in all 10 events; \
ev-enrich fills it; needed by: visitors, visitors_by_country, \
visitors_by_device, visitors_by_host"
	has_line err "ev-agg: dim_country is NULL in all 10 events; ev-enrich \
fills it; needed by: visitors_by_country"
	has_line err "ev-agg: referrer is NULL in all 10 events; needed by: \
traffic_breakdown"
	[ "$(wc -l <err)" -eq 3 ]
	runs 0 ev-agg -q raw
	[ ! -s err ]
	runs 0 ev-agg --where user_id=8 raw
	[ ! -s err ]
	runs 0 ev-agg --where dim_country=DE raw
	has err "ev-agg: dim_country is NULL in all 10 events"
	runs 0 ev-agg --where 'bot=\N' raw
	[ ! -s err ]
}

# of_key KEY FILE: a stream with that key in its end mark.
of_key() {
	stream "$2" | sed "s/^#end.*/&\tkey=$1/"
}

@test "visitors of several streams with random keys are warned about" {
	of_key random events.tsv >a
	cp a b
	cat a b >both
	of_key 0123456789abcdef events.tsv >keyed
	cp keyed again
	line="ev-agg: 2 streams were enriched with random keys: a visitor who \
is in several is counted in each; give ev-enrich a key_file"
	for files in 'a b' both 'a keyed b' '-j 2 a b'; do
		runs 0 ev-agg $files
		has_line err "$line"
	done
	for files in a 'a keyed' 'keyed again' '--count a b' '-q a b' \
	    '--by logged_out_user_id a b'; do
		runs 0 ev-agg $files
		[ ! -s err ]
	done
	# Who merges learns it, too, and nobody before.
	runs 0 ev-agg --partial a
	[ ! -s err ]
	cp out one
	cp out more
	runs 0 ev-agg --merge one
	[ ! -s err ]
	runs 0 ev-agg --merge --partial one more
	[ ! -s err ]
	cp out two
	runs 0 ev-agg --merge two
	has_line err "$line"
	runs 0 ev-agg --merge -j 2 one one
	has_line err "$line"
}

@test "a full disk is an error, a closed pipe is silent" {
	runs 1 sh -c 'ev-agg events.tsv >/dev/full'
	has err "ev-agg: stdout: No space left on device"
	awk 'BEGIN { for (i = 0; i < 50000; i++) print "1\t1\th\t\\N\t\\N\tx\t" \
	    "2026-11-01 00:00:00\tq=" i }' >many
	runs 0 bash -c 'ev-agg --by q many | head -n 1; [ ${PIPESTATUS[0]} = 141 ]'
	[ ! -s err ]
}

@test "a directory, a device and a file without permission do not stop it" {
	mkdir ds=1
	mkdir ds=1/part-a.tsv
	runs 0 ev-agg ds=1
	runs 0 ev-agg /dev/null
	runs 1 ev-agg nosuch/part.tsv
	ln -s nowhere ds=1/part-b.tsv
	runs 1 ev-agg ds=1
	has_line err "ev-agg: ds=1/part-b.tsv: No such file or directory"
}

@test "who gives a log, an archive of another kind or no table's root is told what to do" {
	echo '192.0.2.7 - - [22/Nov/2026:23:28:52 +0000] "GET / HTTP/1.1" 200 1 "-" "x"' >log
	for filter in ev-agg ev-enrich 'ev-partition facts'; do
		runs 1 $filter log
		has_line err "${filter% facts}: log:1: not a record: no TAB in it; ev-parse makes records of a log"
	done
	printf 'BZh91AY&SY\001\002' >log.bz2
	for filter in ev-parse ev-agg 'ev-agg -j 2'; do
		runs 1 $filter log.bz2
		has_line err "${filter% -j 2}: log.bz2: a bzip2 archive, which bzip2 -dc unpacks"
	done
	runs 1 ev-partition log facts
	has_line err 'ev-partition: log: Not a directory, as the root of a table must be'
}

@test "a file that comes by two operands is warned about" {
	mkdir -p d/ds=2026-11-21 d/ds=2026-11-22
	for day in 21 22; do
		printf '\\N\t\\N\t\\N\t\\N\t\\N\tx\t2026-11-%s 10:00:00\t\n' $day \
			>d/ds=2026-11-$day/part-a.tsv
	done
	runs 0 ev-agg --count d
	[ ! -s err ]
	runs 0 ev-agg --count d ./d/ds=2026-11-21
	grep -qP '^2026-11-21\tcount\t\t2\t' out
	has err 'ds=2026-11-21/part-a.tsv: given twice, and counted twice'
	runs 0 ev-agg --count d d
	has err '/part-a.tsv and others: given twice, and counted twice'
	runs 0 ev-agg -q --count d d
	[ ! -s err ]
	runs 0 sh -c 'ev-agg --count - d </dev/null'
	[ ! -s err ]
}
