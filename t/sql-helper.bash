# sql-helper: what the engines' tests share.
#
#	facts=$(hostile)      the hand-made fact table, made once a file
#	facts=$(numbers)      one with numbers, of some weeks
#	as_stored ROOT        its events, nine columns, sorted
#	as_loaded             the same for what an engine gives back (stdin)
#	as_metrics            metric rows, sorted, numbers in one spelling (stdin)
#	metrics_of CONFIG ROOT    ev-agg's rows over each day of ROOT
#	metrics_over CONFIG ROOT  the same over all of its days at once
#	decoded ROOT [none]   of each event, sorted, the MD5 of its referrer
#	                      decoded, \N where that is absent or no UTF-8
#	                      (none: or holds a NUL)
#	functions_query       calls the functions of schema core
#	functions_expected    and what they should say

set -o pipefail

hostile() {
	local root=$BATS_FILE_TMPDIR/facts

	if [ ! -d "$root" ]; then
		perl "$T/sql-hostile.pl" "$root.new" && mv "$root.new" "$root" ||
			return
	fi
	printf '%s\n' "$root"
}

numbers() {
	local root=$BATS_FILE_TMPDIR/numbers

	if [ ! -d "$root" ]; then
		mkdir "$root.new"
		perl "$T/agg-site.pl" 5 4000 200 |
		    awk -F '\t' -v OFS='\t' -v root="$root.new" '{
			dir = root "/ds=" $9
			if (!(dir in made))
				system("mkdir " dir)
			made[dir] = 1
			NF = 8
			print >(dir "/part-0000000000000000.tsv")
		    }' && mv "$root.new" "$root" || return
	fi
	printf '%s\n' "$root"
}

# A database keeps a timestamp's value, not its trailing zeros.
as_loaded() {
	perl -pe 's/^((?:[^\t]*\t){6}[^\t.]*)(?|(\.\d*[1-9])0*|\.0*)\t/
	    $1 . (defined $2 ? $2 : "") . "\t"/ex' | sort
}

as_stored() {
	local day part

	for day in "$1"/ds=*; do
		for part in "$day"/part-*; do
			case $part in
			*.gz) gzip -dc "$part" ;;
			*.zst) zstd -dcq "$part" ;;
			*) cat "$part" ;;
			esac | sed "s/\$/	${day##*/ds=}/" || return
		done
	done | as_loaded
}

# 17 digits tell any two doubles apart.
as_metrics() {
	perl -F'\t' -lane 'for (@F[3 .. 5]) {
	    $_ = sprintf("%.17g", $_) if $_ ne "\\N" }
	    print join("\t", @F)' | sort
}

metrics_of() {
	local day

	for day in "$2"/ds=*; do
		ev-agg -c "$1" "$day" || return
	done | as_metrics
}

metrics_over() {
	ev-agg -q -c "$1" "$2" | as_metrics
}

functions_query() {
	cat <<-'EOF'
	SELECT 1 AS n, core.prop('a=1&bot=&c=2', 'bot') AS v
	UNION ALL SELECT 2, core.prop('abot=1&bot_=2', 'bot')
	UNION ALL SELECT 3, core.prop('abot=1&bot=2', 'bot')
	UNION ALL SELECT 4, core.prop('a.c=1', 'abc')
	UNION ALL SELECT 5, core.prop('abc=1', 'a.c')
	UNION ALL SELECT 6, core.prop('', 'a')
	UNION ALL SELECT 7, core.prop(NULL, 'a')
	UNION ALL SELECT 8, core.prop('a=b%3Dc', 'a')
	UNION ALL SELECT 9, core.dim('k', NULL)
	UNION ALL SELECT 10, core.dim('k', '')
	UNION ALL SELECT 11, core.dim('k', '(other)')
	UNION ALL SELECT 12, core.dim('k', '%28a(b&c=d+e')
	UNION ALL SELECT 13, core.decode('%41%c3%A9+%2B%zz%2')
	UNION ALL SELECT 14, core.decode('%ff')
	UNION ALL SELECT 15, core.decode('')
	UNION ALL SELECT 16, core.decode(NULL)
	UNION ALL SELECT 17, CAST(core.num('007.5') > 7.49 AS VARCHAR)
	UNION ALL SELECT 18, CAST(core.num('12x') AS VARCHAR)
	UNION ALL SELECT 19, CAST(core.num('1234567890123456789') AS VARCHAR)
	UNION ALL SELECT 20, CAST(core.num('') AS VARCHAR)
	ORDER BY n
	EOF
}

functions_expected() {
	cat <<-'EOF'
	1	
	2	\N
	3	2
	4	\N
	5	\N
	6	\N
	7	\N
	8	b%3Dc
	9	k
	10	k=
	11	k=%28other)
	12	k=%28a(b%26c%3Dd%2Be
	13	Aé++%zz%2
	14	\N
	15	
	16	\N
	17	true
	18	\N
	19	\N
	20	\N
	EOF
}

decoded() {
	as_stored "$1" | cut -f 8 | perl -MDigest::MD5=md5_hex -sne '
	    my ($v) = "&$_" =~ /&referrer=([^&\n]*)/;
	    if (defined $v) {
		    $v =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
		    1 while $v =~ /\G(?:[\0-\x7f]|
			[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|
			[\xe1-\xec\xee\xef][\x80-\xbf]{2}|
			\xed[\x80-\x9f][\x80-\xbf]|
			\xf0[\x90-\xbf][\x80-\xbf]{2}|
			[\xf1-\xf3][\x80-\xbf]{3}|
			\xf4[\x80-\x8f][\x80-\xbf]{2})/gcx;
		    undef $v if (pos $v || 0) < length $v ||
			$nul eq "none" && $v =~ /\0/;
	    }
	    print defined $v ? md5_hex($v) : "\\N", "\n"' -- \
	    -nul="${2-any}" | sort
}

# estimates_of ROOT: a config of estimates on stdout; ev-agg's rows of it are in
# estimated, and those of the exact counts in want
estimates_of() {
	cat >estimates.yaml <<-'END'
	metrics:
	  uris: {distinct: uri, approx: true, by: [dim_country]}
	  people: {distinct: [user_id, logged_out_user_id], approx: true, period: month}
	  weekly: {distinct: logged_out_user_id, approx: true, period: week, totals: true, by: [dim_hostname]}
	END
	sed 's/, approx: true//' estimates.yaml >exact.yaml
	metrics_over estimates.yaml "$1" >estimated
	metrics_over exact.yaml "$1" >want
	cat estimates.yaml
}

# near_estimates FILE: exact counts have the rows of estimated, whose values are
# off by five standard errors of 1.6 % at most
near_estimates() {
	cut -f 1-3 "$1" | sort >rows
	cut -f 1-3 estimated | sort >estimated.rows
	same rows estimated.rows
	awk -F '\t' '{ row = $1 FS $2 FS $3 }
	    NR == FNR { exact[row] = $4; next }
	    ($4 - exact[row]) ^ 2 > (0.08 * exact[row] + 0.5) ^ 2 { bad = 1; print }
	    exact[row] > most { most = exact[row] }
	    END { exit bad || most < 100 }' "$1" estimated
}
