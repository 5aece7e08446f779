load helper
load enrich-helper

# What one thread and several make of a stream: enrich-small is ev-enrich whose
# threads have blocks of 700 bytes, so that all borders are met.

prepare() {
	ev-enrich -q --new-key key
	{
		echo 'enrich:'
		echo '  visitor: {key_file: key}'
		[ -z "${EV_TEST_MMDB:-}" ] ||
		    echo "  country: {database: $EV_TEST_MMDB}"
	} >c.yaml
	EV_CONFIG=$PWD/c.yaml
	export EV_CONFIG
}

# alike STATUS FILE [OPTION...]: the same rows, marks, exit and last message
alike() {
	local status=$1 file=$2 jobs
	shift 2

	runs "$status" ev-enrich -j 1 -q "$@" "$file"
	mv out one
	tail -n 1 err >one.err
	for jobs in 2 3 8; do
		runs "$status" enrich-small -j $jobs -q "$@" "$file"
		same one out
		tail -n 1 err | sed 's/^enrich-small/ev-enrich/' >last.err
		same one.err last.err
	done
	# The one that is installed, from a pipe.
	cat "$file" | ev-enrich -j 4 -q "$@" >out || [ "$status" -ne 0 ]
	same one out
}

@test "threads do read these, in small blocks" {
	perl "$T/bench/mkbench" 300 >log
	ev-parse -q log >events
	runs 0 enrich-small -v -j 3 events
	grep -q ': 3 threads read ahead' err
}

@test "in the middle of a pipe there are two, where there are processors" {
	need taskset
	perl "$T/bench/mkbench" 9000 | ev-parse -q >events
	for n in 1 2; do
		cpus=$(taskset -pc $$ | sed 's/.*: //; s/-/ /; s/,/ /g' |
		    cut -d' ' -f "1-$n" | tr ' ' ,)
		[ "$n" -le "$(nproc)" ] || skip "needs two processors"
		cat events | taskset -c "$cpus" ev-enrich -v 2>err | cat >out
		grep -o '[0-9] threads' err || echo none
	done >threads
	printf 'none\n2 threads\n' | cmp - threads
}

@test "events of a log: rows, counters and marks are one thread's" {
	perl "$T/bench/mkbench" 9000 | ev-parse -q >events
	alike 0 events
	[ "$(grep -vc '^#' one)" -gt 8900 ]
	grep '^#end' one | grep -qP "\tenriched=$(grep -vc '^#' one)\t"
}

@test "hostile rows, with rotating keys, and again when they are enriched" {
	{
		echo 'enrich:'
		echo '  anonymize: {ipv4: 24, ipv6: 48}'
		echo '  keep: [remote_addr, http_user_agent]'
		echo '  visitor: {key_dir: keys, rotate: daily}'
	} >b.yaml
	mkdir -m 700 keys
	perl "$T/enrich-hostile.pl" 8000 >in
	perl -ne '$d = 10 + $. % 19; s/2026-11-21/2026-11-$d/g; print' in >rows
	for c in c.yaml b.yaml; do
		alike 0 rows -c $c --no-marks
		[ "$(wc -l <one)" -eq 8000 ]
		mv one enriched
		alike 0 enriched -c $c --no-marks
	done
	[ "$(ls keys/*.day | wc -l)" -eq 19 ]
}

@test "rows of all lengths" {
	begin >in
	for n in 0 1 100 299 300 301 500 699 700 701 1399 1400 5000 16384 \
	    70000 300000; do
		row "uri=$(head -c "$n" /dev/zero | tr '\0' a)&zz=1"
		row "remote_addr=192.0.2.7&uri=/$n"
	done >>in
	printf '#end\trows=32\tlines=32\tsource=aa,9,0,9,x.log\n' >>in
	alike 0 in
	[ "$(grep -vc '^#' one)" -eq 32 ]
}

@test "several streams in one, with a header in between" {
	for n in 3 250 1 100; do
		stream "$n"
	done >in
	alike 0 in
	[ "$(grep -vc '^#' one)" -eq 354 ]
	ev-parse -qH --no-marks /dev/null >header
	{
		for n in 100 100; do
			cat header
			stream "$n" | grep -v '^#'
		done
	} >in
	alike 0 in --no-marks -H
	[ "$(wc -l <one)" -eq 201 ]
}

@test "a row that is none ends the run where it stands" {
	stream 200 | sed '150s/.*/not a row/' >in
	alike 1 in
	grep -q '^ev-enrich: in:150: not a record' one.err
	[ "$(grep -vc '^#' one)" -eq 148 ]
	stream 200 | sed '150s/2026-11-21 10:00:00/yesterday/' >in
	alike 1 in
	grep -q '^ev-enrich: in:150: event_timestamp' one.err
}

@test "a stream that is cut, or does not agree with its mark, stays one" {
	stream 200 | head -n 180 >in
	alike 1 in
	stream 200 | sed 150d >in
	alike 1 in
	not grep -q '^#end' one
}

@test "more properties than the database of countries has" {
	dbs=${EV_MMDB_TESTS:-}/test-data
	[ -f "$dbs/GeoIP2-City-Test.mmdb" ] || skip "needs EV_MMDB_TESTS"
	echo "enrich: {visitor: {key_file: key}, country: {database: $dbs/GeoIP2-City-Test.mmdb, add: [city, subdivision]}}" >g.yaml
	begin >in
	for i in $(seq 300); do
		row "remote_addr=81.2.69.$((i % 256))&uri=/$i"
	done >>in
	printf '#end\trows=300\tlines=300\tsource=aa,9,0,9,x.log\n' >>in
	alike 0 in -c g.yaml
	grep -q city=London one
}

@test "a table that changes in the middle changes nothing" {
	cp -r "$SRC/share" share
	stream 250 >in
	EV_DATADIR=$SRC/share ev-enrich -q -j 1 in >want
	mkfifo pipe
	EV_DATADIR=$PWD/share enrich-small -j 2 -v <pipe >out 2>err 3>&- &
	exec 8>pipe
	# It has read its tables once it waits for its input.
	until grep -q 'rules:' err; do sleep 0.01; done
	sed 's/curl/CURL/' share/bots.tsv >new
	mv new share/bots.tsv
	cat in >&8
	exec 8>&-
	wait $!
	grep -q '2 threads read ahead' err
	grep -v '^#' want >want.rows
	grep -v '^#' out >rows
	same want.rows rows
}
