# ev-enrich: streams, marks, options and errors.

load helper
load enrich-helper

@test "an unmarked stream stays unmarked, with nine columns" {
	row 'remote_addr=192.0.2.1' >in
	runs 0 ev-enrich -q in
	[ "$(awk -F'\t' '{print NF}' out)" = 9 ]
	not grep -q '^#' out
}

@test "a marked stream keeps its counters and gains its own" {
	stream 3 >in
	runs 0 ev-enrich in
	begin >want
	head -n 1 out >got
	same want got
	tail -n 1 out | tr '\t' '\n' >end
	has_line end '#end'
	has_line end rows=3
	has_line end lines=3
	has_line end enriched=3
	has_line end source=aa,9,0,9,x.log
	has_line end key=random
	grep -qE '^settings=enrich:[0-9a-f]{32}$' end
	has err 'no enrich.visitor.key_file'
	has err 'no enrich.country.database'
}

@test "rows come out in their order, one for one" {
	for i in 3 1 2 5 4; do row "arg_n=$i"; done >in
	runs 0 ev-enrich -q in
	[ "$(grep -o 'arg_n=.' out | tr -d '\n')" = arg_n=3arg_n=1arg_n=2arg_n=5arg_n=4 ]
}

@test "a cut stream is passed on as cut, with exit 1" {
	stream 3 | head -n 3 >in
	runs 1 ev-enrich -q in
	[ "$(grep -c '^#begin' out)" = 1 ]
	[ "$(grep -vc '^#' out)" = 2 ]
	not grep -q '^#end' out
	has err 'the input is cut'
}

@test "a stream whose end mark disagrees has no end mark behind" {
	stream 3 | sed 2d >in
	runs 1 ev-enrich -q in
	not grep -q '^#end' out
}

@test "an end mark without its begin is a cut stream, and stays one" {
	stream 2 | sed 1d >in
	runs 1 ev-enrich -q in
	[ "$(grep -c '^#begin' out)" = 1 ]
	not grep -q '^#end' out
}

@test "with -o a cut stream leaves no file" {
	stream 3 | head -n 3 >in
	runs 1 ev-enrich -q -o new in
	[ ! -e new ]
	[ -z "$(ls -A | grep tmp)" ]
}

@test "--no-marks takes what is there, and writes none" {
	stream 3 | head -n 3 >in
	runs 0 ev-enrich -q --no-marks in
	not grep -q '^#' out
	[ "$(wc -l <out)" = 2 ]
}

@test "sorted and concatenated streams keep their marks in agreement" {
	{ stream 2; stream 3; } | sort >in
	runs 0 ev-enrich -q in
	has out 'rows=5'
	stream 2 >a
	stream 3 >b
	runs 0 ev-enrich -q a b
	[ "$(grep -c '^#begin' out)" = 1 ]
	tail -n 1 out | grep -q 'rows=5.*enriched=5'
}

@test "what was enriched before goes on as it is" {
	stream 4 >in
	runs 0 ev-enrich -q in
	cp out once
	runs 0 ev-enrich -q once
	grep -v '^#' once >rows1
	grep -v '^#' out >rows2
	same rows1 rows2
	tail -n 1 out | grep -q 'enriched=4'
}

@test "empty input gives empty output; no rows between marks stay none" {
	: >in
	runs 0 ev-enrich -q in
	[ ! -s out ]
	stream 0 >in
	runs 0 ev-enrich -q in
	[ "$(wc -l <out)" = 2 ]
	has out rows=0
}

@test "-H begins with the names of the columns, behind the mark" {
	stream 1 >in
	runs 0 ev-enrich -q -H in
	sed -n 2p out | grep -q '^user_id.*ds$'
	: >in
	runs 0 ev-enrich -q -H in
	[ "$(wc -l <out)" = 1 ]
}

@test "eight columns are read, and a missing last line feed" {
	row 'arg_n=1' | cut -f1-8 | tr -d '\n' >in
	runs 0 ev-enrich -q in
	[ "$(cut -f9 out)" = 2026-11-21 ]
}

@test "compressed input is read" {
	need gzip
	stream 2 | gzip >in.gz
	runs 0 ev-enrich -q in.gz
	has out rows=2
}

@test "a line that is no record is an error with its place" {
	{ row 'a=1'; echo nonsense; row 'b=2'; } >in
	runs 1 ev-enrich -q in
	has err 'ev-enrich: in:2: '
	row 'a=1' | sed 's/$/\r/' >in
	runs 1 ev-enrich -q in
	has err 'CR'
}

@test "malformed maps go through without a crash" {
	for m in '&' '&&&' '=' '=&=' 'a' 'a&b' '==&==' '%' '%zz=%' 'b=1&a=2' \
		'a=1&a=2' 'remote_addr' 'remote_addr=%' 'http_user_agent' \
		'http_referer=%' 'http_referer=http://' 'http_referer=https://%00' \
		'bot=1&browser=2&referrer=3&zzz=4'; do
		row "$m"
	done >in
	runs 0 ev-enrich -q in
	[ "$(wc -l <out)" = 18 ]
	awk -F'\t' 'NF != 9 {exit 1}' out
}

@test "a map of a hundred thousand properties is an error, not a crash" {
	row "$(seq -f 'arg_%06.0f=1' 1 100000 | tr '\n' '&' | sed 's/&$//')" >in
	runs 1 ev-enrich -q in
	has err 'more than 65536 properties'
	row "$(seq -f 'arg_%06.0f=1' 1 5000 | tr '\n' '&' | sed 's/&$//')" >in
	runs 0 ev-enrich -q in
}

@test "no record needs more than 64 MiB" {
	need perl
	need /usr/bin/time
	grep -q __asan_init "$(command -v ev-enrich)" && skip "the sanitizers need more"
	for map in '"http_user_agent=" . "z" x 16_700_000' \
	    '"http_referer=https://a.example/?token%3Dx%26" . "%01" x 5_500_000' \
	    '"arg_utm_source=" . "x" x 16_700_000' \
	    '"uri=/?token%3Dx%26" . "\x01" x 16_000_000'; do
		row @ | perl -pe 'BEGIN { $m = eval shift or die } s/@/$m/' \
		    "$map" >in
		runs 0 /usr/bin/time -o peak -f %M ev-enrich -q --no-marks in
		[ "$(wc -l <out)" = 1 ]
		[ "$(cat peak)" -le 65536 ]
	done
}

@test "two threads that see nobody twice need no more than 64 MiB" {
	need perl
	need /usr/bin/time
	grep -q __asan_init "$(command -v ev-enrich)" && skip "the sanitizers need more"
	row @ | perl -ne 'for $i (1 .. 100_000) { ($r = $_) =~
	    s{@}{"http_referer=https://h$i.example/&http_user_agent=Mozilla/" .
	    "5.0 (X11; Linux x86_64) Chrome/$i.0 Safari/537.36&remote_addr=" .
	    join ".", 1 + $i % 220, ($i >> 16) + 1, $i >> 8 & 255, $i & 255}e;
	    print $r }' >in
	runs 0 /usr/bin/time -o peak -f %M ev-enrich -j 2 -q --no-marks in
	[ "$(wc -l <out)" = 100000 ]
	[ "$(cat peak)" -le 65536 ]
}

@test "a missing regexes.yaml names the path, the package and the option" {
	echo 'enrich: {regexes: none.yaml}' >c
	runs 2 ev-enrich -c c
	has err 'none.yaml: cannot open: No such file or directory'
	has err 'uap-core'
	has err 'enrich.regexes'
}

@test "a file that is no regexes.yaml is refused before input is read" {
	echo 'a: b' >r
	echo 'enrich: {regexes: r}' >c
	runs 2 ev-enrich -c c
	has err "no list 'user_agent_parsers'"
	printf 'user_agent_parsers: []\nos_parsers: []\ndevice_parsers:\n- regex_flag: i\n' >r
	runs 2 ev-enrich -q -c c
	has err "r:4:3: a rule needs a 'regex'"
}

@test "--check finds a regex that does not compile" {
	printf 'user_agent_parsers: [{regex: "(a"}]\nos_parsers: []\ndevice_parsers: []\n' >r
	echo 'enrich: {regexes: r}' >c
	runs 2 ev-enrich --check -c c
	has err "regex '(a'"
	runs 0 ev-enrich -q --check
}

@test "a config error has its place, and stops before input" {
	printf 'enrich:\n  visitor: {rotate: daily, ipv6_prefix: 129}\n  kep: []\n' >c
	runs 2 ev-enrich -c c /nonexistent
	has err 'c:2:21: '
	has err 'c:2:41: '
	has err "c:3:3: "
	not grep -q nonexistent err
}

@test "a missing input and a missing table are errors" {
	runs 1 ev-enrich -q nowhere
	has err 'nowhere: No such file'
	EV_DATADIR=$PWD runs 2 ev-enrich -q
	has err 'bots.tsv: No such file'
	mkdir d
	cp "$SRC"/share/*.tsv d/
	echo 'crawler	x' >>d/bots.tsv
	EV_DATADIR=$PWD/d runs 2 ev-enrich -q
	has err '2 fields, not 4'
}

@test "a full disk is exit 1" {
	stream 3 >in
	runs 1 sh -c 'ev-enrich -q in >/dev/full'
	has err 'No space left'
	runs 1 ev-enrich -q -o /nonexistent/x in
}

@test "a closed pipe kills as usual" {
	stream 20 >in
	for i in 1 2 3 4 5 6 7 8 9 10 11; do cat in in >in2; mv in2 in; done
	run bash -c 'ev-enrich -q in | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}'
	[ "$output" = 141 ]
}

@test "usage errors are exit 2, help and version are not" {
	runs 2 ev-enrich --nonsense
	runs 2 ev-enrich --new-key k file
	[ ! -e k ]
	runs 0 ev-enrich --help
	has out 'usage: ev-enrich'
	runs 0 ev-enrich --version
}

@test "the settings follow the config and the tables, not the paths" {
	settings() { ev-enrich -q -c "$1" in | grep -o 'settings=[^	]*'; }
	stream 1 >in
	cp /usr/share/uap-core/regexes.yaml r1 || skip 'uap-core is not installed'
	cp r1 r2
	echo 'enrich: {regexes: r1}' >c1
	echo 'enrich: {regexes: r2}' >c2
	echo 'enrich: {regexes: r1, keep: [remote_addr]}' >c3
	[ "$(settings c1)" = "$(settings c2)" ]
	[ "$(settings c1)" != "$(settings c3)" ]
	echo '# more' >>r2
	[ "$(settings c1)" != "$(settings c2)" ]
}

@test "a row becomes the same whatever rows came before, and however it is read" {
	ev-enrich -q --new-key key
	mkdir -m 700 keys
	{
		echo 'enrich:'
		echo '  visitor: {key_file: key}'
		echo '  anonymize: {ipv4: 24, ipv6: 48}'
	} >a.yaml
	{
		echo 'properties: {args: ["*"], cookies: [sid]}'
		echo 'enrich:'
		echo '  keep: [remote_addr, http_user_agent]'
		echo '  visitor: {key_dir: keys, rotate: daily}'
	} >b.yaml
	perl "$BATS_TEST_DIRNAME/enrich-hostile.pl" 20000 >in
	shuf --random-source=in in >shuffled
	for c in a.yaml b.yaml; do
		runs 0 ev-enrich -q --no-marks -c "$c" -o whole in
		[ "$(wc -l <whole)" = 20000 ]
		# In reads that end anywhere: each line is one that is not plain.
		perl -pe 'BEGIN { $| = 1; $/ = \61 }' in |
		    ev-enrich -q --no-marks -c "$c" >pieces
		same whole pieces
		ev-enrich -q --no-marks -c "$c" shuffled | LC_ALL=C sort >got
		LC_ALL=C sort whole >want
		same want got
		# What was enriched loses nothing more.
		runs 0 ev-enrich -q --no-marks -c "$c" -o again whole
		[ "$(wc -l <again)" = 20000 ]
	done
}
