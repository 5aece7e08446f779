# pipeline-helper: what the tests of the whole pipeline share.
#
#	need_filters          skips unless all are built
#	need_mmdb             skips without $EV_TEST_MMDB, a country database
#	growth_site           prints the directory of the growth example with its
#	                      job done; made once, at $EV_GROWTH if that is set
#	job SITE [ARG...]     the daily job of the example
#	counter STREAM KEY    the counter KEY of a stream's end mark

G=$SRC/examples/growth

need_filters() {
	need ev-parse ev-enrich ev-partition ev-agg ev-report
}

need_mmdb() {
	[ -n "${EV_TEST_MMDB:-}" ] ||
	    skip "EV_TEST_MMDB names no country database"
}

job() {
	local site=$1
	shift

	make -s -C "$site" -f "$G/Makefile" -j2 "$@"
}

# Facts of filters that have been built anew since are no test of them.
growth_site() {
	local site=${EV_GROWTH:-$BATS_FILE_TMPDIR/growth}
	local built=$site/.built

	mkdir -p "$site"
	(
		flock 9
		if [ ! -f "$built" ] || [ -n "$(find -L "$EV_BIN"/ev-parse \
		    "$EV_BIN"/ev-enrich "$EV_BIN"/ev-partition \
		    "$EV_BIN"/ev-agg "$SRC"/share/*.tsv -newer "$built")" ]
		then
			rm -rf "$site"/facts "$site"/done "$site"/metrics "$built"
		fi
		sh "$G/newsite" "$site" "$EV_TEST_MMDB" >&2 || exit
		job "$site" >&2 || exit
		[ -f "$built" ] || touch "$built"
	) 9>"$site/.lock" || return
	printf '%s\n' "$site"
}

counter() {
	tail -n 1 "$1" | tr '\t' '\n' | sed -n "s/^$2=//p"
}
