# ev.awk: the columns of an event stream by name, for any awk.
#
#	ev-parse access.log |
#	    awk "$(cat ev.awk)"'prop("status") == 404 { print $dim_hostname }'
#
# (Not -f: awk would take the program for a file.)  $dim_country is a column,
# prop("arg_utm_source") a property with its percent-encoding undone, "" when
# it is absent, has(...) tells the two apart.  day() is ds, in part files too,
# which have no such column.  null($user_id) is true for NULL.  Marks and a
# header line are skipped, so what is printed has none: --no-marks.
#
# Where awk counts characters, not bytes (gawk in a UTF-8 locale), a byte that
# is no UTF-8 stays encoded; LC_ALL=C decodes all.

function null(s) { return s == "\\N" }

function day() { return NF > 8 ? $ds : substr($event_timestamp, 1, 10) }

function has(name) {
	return index("&" $other_properties, "&" name "=") > 0
}

function prop(name,    map, i) {
	map = "&" $other_properties "&"
	i = index(map, "&" name "=")
	if (i == 0)
		return ""
	map = substr(map, i + length(name) + 2)
	return ev_decode(substr(map, 1, index(map, "&") - 1))
}

function ev_decode(s,    out, i, n) {
	while ((i = index(s, "%")) > 0) {
		out = out substr(s, 1, i - 1)
		s = substr(s, i)
		n = ev_sequence(s)
		out = out (n > 0 ? ev_char(s, n) : substr(s, 1, 1))
		s = substr(s, n > 0 ? 3 * n + 1 : 2)
	}
	return out s
}

# How many of the %XX that s begins with are one character; 0 for none.
function ev_sequence(s,    b, n, i, c) {
	b = ev_byte(s, 1)
	if (b < 0 || b < 128 || !ev_wide)
		return b >= 0
	n = b < 194 ? 0 : b < 224 ? 2 : b < 240 ? 3 : b < 245 ? 4 : 0
	for (i = 2; i <= n; i++) {
		c = ev_byte(s, 3 * i - 2)
		if (c < 128 || c > 191)
			return 0
	}
	return n
}

# The character of these n encoded bytes.
function ev_char(s, n,    code, i) {
	code = ev_byte(s, 1)
	if (n > 1)
		code %= n == 2 ? 32 : n == 3 ? 16 : 8
	for (i = 2; i <= n; i++)
		code = code * 64 + ev_byte(s, 3 * i - 2) - 128
	return sprintf("%c", code)
}

# The byte that the %XX at i stands for, -1 if there is none.
function ev_byte(s, i,    hex, hi, lo) {
	if (substr(s, i, 1) != "%")
		return -1
	hex = "0123456789ABCDEF"
	hi = index(hex, toupper(substr(s, i + 1, 1)))
	lo = index(hex, toupper(substr(s, i + 2, 1)))
	return hi == 0 || lo == 0 || length(s) < i + 2 ? -1 : \
	    16 * hi + lo - 17
}

BEGIN {
	FS = "\t"
	user_id = 1
	logged_out_user_id = 2
	dim_hostname = 3
	dim_country = 4
	dim_device_brand = 5
	action_type = 6
	event_timestamp = 7
	other_properties = 8
	ds = 9
	ev_wide = length("\303\251") == 1
}

/^#(begin|end)(\t|$)/ { next }
$1 == "user_id" && $2 == "logged_out_user_id" { next }

