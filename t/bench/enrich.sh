#!/bin/sh
# enrich.sh [LINES]: what ev-enrich costs against mawk on the same bytes, for the
# log of mkbench, 2.5 million lines unless told.  EV_BIN as in the tests;
# EV_TEST_MMDB is the database of countries, without one there are none.
#
# Five rounds, in each of which every command runs once: the wall of each is
# the median, and a ratio is the median of the five rounds' ratios, so that what
# else the machine does meets both sides.  Each number to reach is printed
# with its limit, and ok or MISSED.  Threads need idle processors: where there
# are none, EV_BENCH_RUN='chrt -f 10' before all commands takes them.
#
# "unique" is a log of which each line has its own address and agent.
#
# The start is one line, 41 times in turn with true: what starting any program
# takes is in it, and is printed beside it.
#
# Devices: uap-core's device rules for 50 thousand agents, all different and none
# from a cache, made of uap-core's own tests; by these rules alone, and by all
# that there are, of browsers, systems and bots, which share the prefilter.
#
# Crafted: 20 thousand agents of 8 KiB, all different, of what makes regexes go
# back and forth, the worst that enrich-worst found among them: the whole run,
# by agent.
set -eu
. "$(dirname "$0")/lib"
n=${1:-2500000}
uap=/usr/share/uap-core

echo "enrich: {}" >"$dir/c.yaml"
if [ -n "${EV_TEST_MMDB-}" ]; then
	echo "enrich: {country: {database: $EV_TEST_MMDB}}" >"$dir/c.yaml"
fi
"$t/mkbench" "$n" >"$dir/time.log"
"$t/mkbench" "$n" unique | ev-parse -q >"$dir/unique"
ev-parse -q "$dir/time.log" >"$dir/time"
ev-parse -q "$dir/time.log" 2>/dev/null | sed -n 1,2p | sed 1d >"$dir/one"
perl -e 'for my $i (0 .. 19999) {
	my $s = ("phpcrawl", "Mozilla Mobile Android 1.", "phpcrawlbot",
	    "Version/1.1 Safari/", "; xx-yy;")[$i % 5];
	$s = substr($s x 1500, $i % 977, 8180 - length $i) . $i;
	print join("\t", "\\N", "\\N", "x", "\\N", "\\N", "o",
	    "2026-11-21 10:00:00", "http_user_agent=$s", "2026-11-21"), "\n";
}' >"$dir/hostile"

export dir
cat >"$dir/piped" <<'EOF'
ev-parse -q "$dir/time.log" | ev-enrich -q -c "$dir/c.yaml" >/dev/null
EOF
cat >"$dir/enrich" <<'EOF'
exec ev-enrich -q --no-marks -c "$dir/c.yaml" "$@" >/dev/null
EOF

for _ in 1 2 3 4 5; do
	run mawk-events mawk '{ n += NF }' "$dir/time"
	run enrich-time sh "$dir/enrich" "$dir/time"
	run enrich-unique sh "$dir/enrich" "$dir/unique"
	run mawk-log mawk '{ n += NF }' "$dir/time.log"
	run parse-enrich sh "$dir/piped"
done
run crafted sh "$dir/enrich" "$dir/hostile"
# Without a shell and a clock that is a program, which would be half of it.
$EV_BENCH_RUN perl -MTime::HiRes=time -e '
	open STDOUT, ">", "/dev/null";
	for my $round (1 .. 41) {
		for my $c (["true", "true"], ["start", "ev-enrich", "-q",
		    "--no-marks", "-c", "$ENV{dir}/c.yaml", "$ENV{dir}/one"]) {
			my ($label, @run) = @$c;
			my $start = time;
			system { $run[0] } @run;
			my $ns = (time - $start) * 1e9;
			open my $f, ">>", "$ENV{dir}/$label";
			printf $f "%.0f\n", $ns;
		}
	}
'

# ms LABEL [COUNT]: the median, of one of so many
ms() {
	median <"$dir/$1" | awk -v n="${2:-1}" '{ printf "%.3f\n", $1 / 1e6 / n }'
}

# devices REGEXES DATADIR: microseconds an agent
devices() {
	EV_DATADIR=$2 $EV_BENCH_RUN enrich-uap "$1" time \
	    $uap/tests/test_device.yaml | awk '{ print $1 / 1000 }'
}

# The device rules, and none of the others that could match.
device_rules() {
	printf "user_agent_parsers:\n  - regex: '%s'\n" '^no agent$'
	printf "os_parsers:\n  - regex: '%s'\n" '^no agent$'
	sed -n '/^device_parsers:/,$p' $uap/regexes.yaml
}

peak() {
	/usr/bin/time -f %M ev-enrich -q -c "$dir/c.yaml" "$1" 2>&1 >/dev/null |
		awk '{ printf "%.1f\n", $1 / 1024 }'
}

for label in mawk-events mawk-log enrich-time enrich-unique parse-enrich; do
	median <"$dir/$label" | awk -v l="$label" -v n="$n" '{
		printf "%-15s %7.3f s  %5.0f ns a line\n", l, $1 / 1e9, $1 / n
	}'
done
printf '%-15s %7.3f ms\n' 'true' "$(ms true)" 'start' "$(ms start)"
gate "$(ratio enrich-time mawk-events)" '<= 0.35' "of mawk '{n+=NF}' on its input"
gate "$(ratio parse-enrich mawk-log)" '<= 0.7' 'parse | enrich, of mawk on the log'
gate "$(ratio enrich-unique enrich-time)" '<= 10' \
    'of the normal log, where each line has its own address and agent'
gate "$(ms start)" '<= 15' 'ms for one line'
if command -v enrich-uap >/dev/null && [ -r $uap/tests/test_device.yaml ]; then
	mkdir "$dir/none"
	printf 'crawler\tnone\t\t^no agent$\n' >"$dir/none/bots.tsv"
	cp "$dir/none/bots.tsv" "$dir/none/bots-imported.tsv"
	device_rules >"$dir/devices.yaml"
	gate "$(devices "$dir/devices.yaml" "$dir/none")" '<= 1.5' \
	    'us for the device of an agent, by the device rules alone'
	printf '%-15s %7.3f us\n' 'beside others' \
	    "$(devices $uap/regexes.yaml "${EV_DATADIR:-$t/../../share}")"
fi
gate "$(ms crafted 20000)" '<= 1' 'ms for a crafted agent of 8 KiB'
if [ -x /usr/bin/time ]; then
	for kind in time unique hostile; do
		gate "$(peak "$dir/$kind")" '<= 64' "MiB of memory: $kind"
	done
fi
