#!/usr/bin/env bats
# share/ev.awk in each awk that people have.

load helper

prepare() {
	{
		printf '#begin\tversion=1\tcolumns=user_id\n'
		printf '7\t-5\txx.com\tDE\tApple\tpage_view\t2026-11-21 00:00:01\t'
		printf 'arg_q=a%%26b%%25%%zz%%&arg_utm_source=caf%%c3%%a9&arg_x=%%FFz&k=&'
		printf 'status=404&uri=/caf\303\251\t2026-11-21\n'
		printf '\\N\t\\N\txx.com\t\\N\t\\N\tother\t2026-11-21 00:00:02\t\t2026-11-21\n'
		printf '#end\trows=2\n'
	} >stream
}

# The same program by every awk, in both kinds of locale.
each_awk() {
	local awk locale

	need mawk gawk busybox
	for awk in mawk gawk 'busybox awk'; do
		for locale in C C.UTF-8; do
			echo "$awk $locale"
			# shellcheck disable=SC2086
			LC_ALL=$locale runs 0 $awk "$(cat "$SRC/share/ev.awk")$1" "${2:-stream}"
			[ ! -s err ]
			same out want
		done
	done
}

@test "columns have names, and NULL is told" {
	printf '7 -5 xx.com DE Apple page_view 0\nxx.com 1\n' >want
	each_awk '
	null($user_id) { print $dim_hostname, null($dim_country); next }
	{ print $user_id, $logged_out_user_id, $dim_hostname, $dim_country, \
	    $dim_device_brand, $action_type, null($dim_country) }'
}

@test "a property is decoded" {
	printf 'a&b%%%%zz%%|café|/café\n||\n' >want
	each_awk '{ print prop("arg_q") "|" prop("arg_utm_source") "|" prop("uri") }'
}

@test "bytes that are no UTF-8 are decoded where bytes count" {
	printf '\377z\n' >want
	need mawk gawk busybox
	for awk in mawk gawk 'busybox awk'; do
		runs 0 $awk "$(cat "$SRC/share/ev.awk")"'has("arg_x") { print prop("arg_x") }' stream
		same out want
	done
}

@test "absent and empty properties are told apart, and no name is a suffix" {
	printf '1 0 0 1\n0 0 0 0\n' >want
	each_awk '{ print has("k"), has("tatus"), has("rg_q"), has("status") }'
}

@test "the condition of the manual works" {
	printf 'xx.com\n' >want
	each_awk 'prop("status") == 404 { print $dim_hostname }'
}

@test "a part file, which has no ds, has a day" {
	sed '/^#/d; s/\t2026-11-21$//' stream >part
	printf '2026-11-21 8\n2026-11-21 8\n' >want
	each_awk '{ print day(), NF }' part
}

@test "marks and a header are skipped" {
	{
		echo 'user_id	logged_out_user_id	dim_hostname	dim_country	dim_device_brand	action_type	event_timestamp	other_properties	ds'
		cat stream stream
	} >more
	printf 'page_view\nother\npage_view\nother\n' >want
	each_awk '{ print $action_type }' more
}
