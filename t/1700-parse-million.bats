load helper
load parse-helper

# A million hostile lines among a million good ones; EV_SOAK=1: ten millions.
LINES_EACH=$((${EV_SOAK:-0} == 1 ? 10000000 : 1000000))

# peak_below KIB CMD...: its peak memory, with which it ends well
peak_below() {
	local limit=$1
	shift

	/usr/bin/time -f %M -o peak "$@"
	# The sanitizers' own memory is none of the filter's.
	grep -qa __asan_init "$EV_BIN/ev-parse" && return
	if [ "$(tail -n 1 peak)" -ge "$limit" ]; then
		echo "peak: $(cat peak) KiB, limit $limit"
		return 1
	fi
}

@test "hostile lines among good ones change no good event, and are all counted" {
	need /usr/bin/time
	# Under the sanitizers a tenth does.
	if grep -qa __asan_init "$EV_BIN/ev-parse"; then
		LINES_EACH=$((LINES_EACH / 10))
	fi
	perl "$T/bench/mkbench" 3000 >seed
	perl "$T/parse-mix.pl" make "$LINES_EACH" seed .
	ev-parse -q good >good.tsv
	ev-parse -q --rejects hostile.rej hostile >hostile.tsv
	peak_below 65536 ev-parse -q --rejects mixed.rej -o mixed.tsv mixed

	perl "$T/parse-mix.pl" check .
	conserved mixed.tsv
	[ "$(counter mixed.tsv lines)" -eq $((2 * LINES_EACH)) ]
	[ "$(counter good.tsv events)" -eq "$LINES_EACH" ]
	# The same rejects, but for their places.
	cut -f 1,5 hostile.rej >want
	cut -f 1,5 mixed.rej >got
	same want got
	[ "$(wc -l <got)" -gt $((LINES_EACH / 10)) ]
}

@test "a line of a GiB is one reject in less than 64 MiB, and its neighbours stay" {
	need /usr/bin/time
	big() {
		line 'GET /before HTTP/1.1'
		head -c 1073741824 /dev/zero | tr '\0' x
		echo
		line 'GET /behind HTTP/1.1'
		head -c 1073741824 /dev/zero | tr '\0' y
	}
	big | peak_below 65536 ev-parse -q --rejects /dev/null -o out
	[ "$(counter out lines)" -eq 4 ]
	[ "$(counter out rejected)" -eq 2 ]
	[ "$(property uri <out)" = "$(printf '/before\n/behind')" ]
}
