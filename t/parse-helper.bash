# parse-helper: lines of a combined log, and what becomes of them.

# line [REQUEST [STATUS [REFERER [AGENT]]]]: one line of a combined log
line() {
	printf '192.0.2.7 - - [22/Nov/2026:23:28:52 +0000] "%s" %s 153 "%s" "%s"\n' \
	    "${1-GET / HTTP/1.1}" "${2-200}" "${3--}" "${4--}"
}

# column N: that column of the events on stdin, marks left out
column() {
	grep -v '^#' | cut -f "$1"
}

# property NAME: its written value in each event, \N where it is absent
property() {
	column 8 | awk -v RS='\n' -v k="$1" '{
		v = "\\N"
		n = split($0, pair, "&")
		for (i = 1; i <= n; i++)
			if (index(pair[i], k "=") == 1)
				v = substr(pair[i], length(k) + 2)
		print v
	}'
}

# counter FILE KEY: of the end mark
counter() {
	sed -n '/^#end/p' "$1" | tr '\t' '\n' | sed -n "s/^$2=//p"
}

# conserved FILE: lines = events + rejected + dropped + skipped
conserved() {
	local sum=$(($(counter "$1" events) + $(counter "$1" rejected) +
	    $(counter "$1" dropped) + $(counter "$1" skipped)))

	[ "$(counter "$1" lines)" -eq $sum ] &&
	    [ "$(counter "$1" rows)" -eq "$(grep -vc '^#' "$1")" ]
}

# Only the rows of a rejects file, without the lines that name their sources.
rows_of() {
	sed '/^#source\t/d' "$1"
}

# rejected REASON LINE...: that, and nothing else, happens to each line
rejected() {
	local reason=$1
	shift

	for text; do
		printf '%b\n' "$text" >bad
		runs 0 ev-parse -q --rejects rej bad
		if [ "$(rows_of rej | cut -f 1)" != "$reason" ]; then
			echo "expected $reason: $text"
			cat rej out
			return 1
		fi
		conserved out
	done
}
