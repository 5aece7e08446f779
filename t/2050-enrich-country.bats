# ev-enrich's country against libmaxminddb, and databases that are broken.
#
# libmaxminddb's test data is looked for in $EV_MMDB_TESTS, the databases of
# the other tests are EV_TEST_MMDB and what lies beside it.

load helper
load enrich-helper

# as_known DATABASE N [PATH]
as_known() {
	[ -x "$EV_BIN/enrich-country" ] || skip 'enrich-country is not built: make check'
	runs 0 enrich-country "$@"
	grep -E '^0 of [0-9]+, .* [1-9][0-9]* values$' out
}

countries() {
	echo "enrich: {country: {database: $1}}" >c
	ev-enrich --no-marks -q -c c rows
}

addresses() {
	local i

	for ((i = 1; i < 200; i++)); do
		row "remote_addr=$((i * 37 % 223 + 1)).$((i * 11 % 256)).$((i * 91 % 256)).$i"
		row "remote_addr=2$(printf '%03x:%x' $((i * 29 % 4096)) $((i * 331)))::$i"
	done >rows
}

@test "every network's edges and ten million addresses have libmaxminddb's country" {
	[ -r "${EV_TEST_MMDB-}" ] || skip 'no database: set EV_TEST_MMDB'
	n=10000000
	[ -z "${EV_SOAK-}" ] || n=100000000
	as_known "$EV_TEST_MMDB" $n
	dir=$(dirname "$EV_TEST_MMDB")
	for f in "$dir"/*-ipv4.mmdb "$dir"/*-ipv6.mmdb; do
		[ ! -e "$f" ] || as_known "$f" 100000
	done
}

@test "each value of each of its test databases is libmaxminddb's" {
	[ -d "${EV_MMDB_TESTS-}" ] || skip 'no test data of libmaxminddb: set EV_MMDB_TESTS'
	for f in "$EV_MMDB_TESTS"/test-data/*.mmdb; do
		case $f in
		*[Bb]roken*|*Invalid*) continue ;;
		esac
		as_known "$f" 10000 country.iso_code
	done
}

@test "libmaxminddb's broken databases are refused before input" {
	[ -d "${EV_MMDB_TESTS-}" ] || skip 'no test data of libmaxminddb: set EV_MMDB_TESTS'
	n=0
	for f in "$EV_MMDB_TESTS"/bad-data/*/*.mmdb; do
		echo "enrich: {country: {database: $f}}" >c
		runs 2 ev-enrich -q -c c /nonexistent
		has err "$f: "
		n=$((n + 1))
	done
	[ "$n" -ge 8 ]
	for f in GeoIP2-City-Test-Broken-Double-Format GeoIP2-City-Test-Invalid-Node-Count \
		MaxMind-DB-test-broken-pointers-24 MaxMind-DB-test-broken-search-tree-24; do
		echo "enrich: {country: {database: $EV_MMDB_TESTS/test-data/$f.mmdb}}" >c
		runs 2 ev-enrich -q -c c /nonexistent
	done
}

@test "each other database of libmaxminddb gives rows, whatever it is about" {
	[ -d "${EV_MMDB_TESTS-}" ] || skip 'no test data of libmaxminddb: set EV_MMDB_TESTS'
	addresses
	for f in "$EV_MMDB_TESTS"/test-data/*.mmdb; do
		got=0
		countries "$f" >out 2>err || got=$?
		echo "$f: $got"
		[ "$got" = 2 ] || [ "$got:$(wc -l <out)" = 0:398 ]
	done
}

@test "a database with damaged bytes is refused or read, and harms nothing" {
	need perl
	db=${EV_MMDB_TESTS-}/test-data/GeoIP2-Country-Test.mmdb
	[ -r "$db" ] || db=${EV_TEST_MMDB-}
	[ -r "$db" ] || skip 'no database: set EV_MMDB_TESTS or EV_TEST_MMDB'
	addresses
	n=60
	[ -z "${EV_SOAK-}" ] || n=5000
	for i in $(seq $n); do
		# Half of them in the metadata, which the file ends in.
		perl -e 'my ($file, $seed) = @ARGV;
			open my $in, "<:raw", $file or die;
			local $/; my $s = <$in>;
			srand $seed;
			my $from = $seed % 2 ? 0 : rindex $s, "\xab\xcd\xefMaxMind.com";
			for (1 .. 1 + $seed % 7) {
				substr($s, $from + rand(length($s) - $from), 1) =
				    chr rand 256;
			}
			print $s' "$db" "$i" >bad.mmdb
		got=0
		countries bad.mmdb >out 2>err || got=$?
		[ "$got" = 2 ] || [ "$got:$(wc -l <out)" = 0:398 ] || {
			echo "seed $i: exit $got"
			cat err
			return 1
		}
	done
}

@test "a database that is cut or replaced while it is in use harms nothing" {
	[ -r "${EV_TEST_MMDB-}" ] || skip 'no database: set EV_TEST_MMDB'
	cp "$EV_TEST_MMDB" db.mmdb
	echo 'enrich: {country: {database: db.mmdb}}' >c
	addresses
	countries db.mmdb | cut -f4 >want
	mkfifo in
	ev-enrich --no-marks -q -c c in >out &
	pid=$!
	# It opens its input when it has read the database.
	{
		head -n 100 rows
		: >db.mmdb
		tail -n +101 rows
	} >in
	wait $pid
	cut -f4 out >got
	same want got
}

@test "a database that keeps us busy is refused" {
	need perl
	# 8000 entries, each an array of a string that hides the others and of
	# a million numbers that they share.
	perl -e 'my ($n, $numbers, $data) = (8000, 1_000_000, "");
		for my $i (1 .. $n) {
			my $hide = 8 * ($n - $i);
			my $more = $numbers + 1 - 65821;
			$data .= "\x1f\x04" . substr(pack("N", $more), 1) .
			    ($hide < 285 ? "\x5d" . pack("C", 0) . "\0" :
			    "\x5e" . pack("n", $hide - 285));
			print pack("N2", $i < $n ? $i : $n, $n + 16 + 8 * ($i - 1));
		}
		$data .= "\xa0" x $numbers;
		print "\0" x 16, $data, "\xab\xcd\xefMaxMind.com";
		sub s_ { my $s = shift; length $s < 29 ? chr(0x40 | length $s) . $s : die }
		print "\xe6", s_("binary_format_major_version"), "\xa1\x02",
		    s_("node_count"), "\xc2", pack("n", $n),
		    s_("record_size"), "\xa1\x20", s_("ip_version"), "\xa1\x04",
		    s_("build_epoch"), "\x01\x02\x01", s_("database_type"), s_("x")' >busy.mmdb
	echo 'enrich: {country: {database: busy.mmdb}}' >c
	runs 2 timeout 20 ev-enrich -q -c c /nonexistent
	has err 'the country database is corrupt'
}

# geo ADDRESS MAP: the properties that geo.h has, of an event with that map
geo() {
	row "$2" | sed "s/@/$1/" >in
	ev-enrich -q -c c in | cut -f8 | tr '&' '\n' |
		grep -E '^(autonomous|city|subdivision)' | paste -sd '&'
}

@test "city, subdivision and autonomous system are added where the config asks" {
	[ -d "${EV_MMDB_TESTS-}" ] || skip 'no test data of libmaxminddb: set EV_MMDB_TESTS'
	dbs=$EV_MMDB_TESTS/test-data
	map='http_user_agent=curl/7&remote_addr=@&status=200&uri=/'
	echo "enrich: {country: {database: $dbs/GeoIP2-City-Test.mmdb}}" >c
	[ "$(geo 81.2.69.160 "$map")" = '' ]
	echo "enrich: {country: {database: $dbs/GeoIP2-City-Test.mmdb, add: [city, subdivision, asn]}}" >c
	[ "$(geo 81.2.69.160 "$map")" = 'city=London&subdivision=ENG' ]
	[ "$(geo 89.160.20.112 "$map")" = 'city=Linköping&subdivision=E' ]
	[ "$(geo ::ffff:81.2.69.160 "$map")" = 'city=London&subdivision=ENG' ]
	[ "$(geo 2001:218::1 "$map")" = '' ]
	[ "$(geo 10.0.0.1 "$map")" = '' ]
	[ "$(geo 203.0.113.300 "$map")" = '' ]
	echo "enrich: {country: {database: $dbs/GeoIP2-City-Test.mmdb, add: [city]}}" >c
	[ "$(geo 81.2.69.160 "$map")" = 'city=London' ]
	# of a database of its own, without one of countries too
	echo "enrich: {asn: {database: $dbs/GeoLite2-ASN-Test.mmdb}}" >c
	[ "$(geo 1.128.0.5 "$map")" = 'autonomous_system_number=1221&autonomous_system_organization=Telstra Pty Ltd' ]
	# of the traits of Enterprise
	echo "enrich: {country: {database: $dbs/GeoIP2-Enterprise-Test.mmdb, add: [asn, city]}}" >c
	[ "$(geo 74.209.24.0 "$map")" = "$(mmdblookup -f "$dbs/GeoIP2-Enterprise-Test.mmdb" -i 74.209.24.0 |
		perl -0ne '/autonomous_system_number": \s+(\d+)/ and print "autonomous_system_number=$1&";
			/autonomous_system_organization": \s+"(.*?)"/ and print "autonomous_system_organization=$1&";
			/"city".*?"en": \s+"(.*?)"/s and print "city=$1"')" ]
}

@test "what is added is sorted into the map, and nobody else says it" {
	[ -d "${EV_MMDB_TESTS-}" ] || skip 'no test data of libmaxminddb: set EV_MMDB_TESTS'
	dbs=$EV_MMDB_TESTS/test-data
	echo "enrich: {asn: {database: $dbs/GeoLite2-ASN-Test.mmdb}, country: {database: $dbs/GeoIP2-City-Test.mmdb, add: [city, subdivision]}}" >c
	cp c both
	{
		begin
		row 'arg_a=1&autonomous_system_number=7&city=Rome&http_referer=https://t.co/&http_user_agent=Googlebot/2.1&remote_addr=81.2.69.160&status=200&sys=1&uri=/'
		row 'remote_addr=1.128.0.5'
		row ''
		row 'city=Rome&referrer_medium=social'
		printf '#end\trows=4\n'
	} >in
	runs 0 ev-enrich -q -c c in
	grep -v '^#' out | cut -f8 >maps
	while read -r map; do
		tr '&' '\n' <<<"$map" | cut -d= -f1 >keys
		LC_ALL=C sort -u keys >want
		same keys want
	done <maps
	[ "$(grep -o 'city=[^&]*' maps | tr '\n' ' ')" = 'city=London city=Rome ' ]
	[ "$(grep -o 'autonomous_system_number=[^&]*' maps)" = autonomous_system_number=1221 ]
	tail -n 1 out | tr '\t' '\n' >end
	has_line end rows=4
	grep -qx 'database=country:GeoIP2-City:....-..-..' end
	grep -qx 'database=asn:GeoLite2-ASN:....-..-..' end
	# settings follow what is asked for
	sed 's/add: \[city, subdivision\]/add: [city]/' both >c
	runs 0 ev-enrich -q -c c in
	[ "$(tail -n 1 out | grep -o 'settings=[^	]*')" != "$(grep settings end)" ]
	# once more keeps it
	cp both c
	runs 0 ev-enrich -q -c c in
	cp out once
	runs 0 ev-enrich -q -c c once
	same once out
	# and --explain tells where it is from
	row 'remote_addr=81.2.69.160' >in
	runs 0 ev-enrich -q -c c --explain in
	grep -qx '1	city	London	enrich.country.database' out
	grep -qx '1	autonomous_system_number	\\N	enrich.asn.database' out
}

@test "rows of any length and lines that are none pass through what adds" {
	[ -d "${EV_MMDB_TESTS-}" ] || skip 'no test data of libmaxminddb: set EV_MMDB_TESTS'
	need perl
	echo "enrich: {country: {database: $EV_MMDB_TESTS/test-data/GeoIP2-City-Test.mmdb, add: [city]}}" >c
	perl -e 'for my $n (1, 100, 5000, 1 << 20, 3 << 20, 17, 70000) {
		for (1 .. 1 + 20000 / $n) {
			print "\\N\t\\N\tx\t\\N\t\\N\to\t2026-11-21 10:00:00\t",
			    "http_x=", "y" x $n, "&remote_addr=81.2.69.160",
			    "\t2026-11-21\n" } }' >in
	runs 0 ev-enrich -q --no-marks -c c in
	[ "$(wc -l <out)" = "$(wc -l <in)" ]
	[ "$(cut -f8 out | grep -o 'http_x=y*' | wc -c)" = "$(cut -f8 in | grep -o 'http_x=y*' | wc -c)" ]
	[ "$(awk -F'\t' 'length($0) < 1000000' out | grep -vc 'city=London&')" = 0 ]
	{ row 'remote_addr=81.2.69.160'; echo nonsense; } >in
	runs 1 ev-enrich -q --no-marks -c c in
	has err 'in:2: '
	row 'remote_addr=81.2.69.160' | tr -d '\n' >in
	runs 0 ev-enrich -q --no-marks -c c in
	has out 'city=London'
}

@test "what cannot be added is an error of the config" {
	echo 'enrich: {country: {add: [city]}}' >c
	runs 2 ev-enrich -q -c c
	has err 'c:1:'
	has err 'set one'
	echo 'enrich: {country: {database: x, add: [town]}}' >c
	runs 2 ev-enrich -q -c c
	has err "'town' is none of subdivision, city, asn"
	echo 'enrich: {asn: {database: none.mmdb}}' >c
	runs 2 ev-enrich -q -c c
	has err 'none.mmdb: cannot open the asn database: No such file'
}
