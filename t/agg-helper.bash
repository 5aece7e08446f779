# agg-helper: events and configs for the tests of ev-agg.
#
#	ev USER VISITOR HOST COUNTRY BRAND ACTION TIMESTAMP MAP   one event
#	stream FILE                                  FILE between its marks
#	metrics <<'EOF' ... EOF                      writes m.yaml
#	value ROWS DS METRIC [DIMENSIONS]            one value

ev() {
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.10s\n' "$@" "$7"
}

stream() {
	printf '#begin\tversion=1\n'
	cat "$1"
	printf '#end\trows=%d\n' "$(grep -c '' "$1")"
}

metrics() {
	{
		echo 'metrics:'
		sed 's/^/  /'
	} >m.yaml
}

value() {
	awk -F'\t' -v ds="$2" -v m="$3" -v d="${4-}" \
	    '$1 == ds && $2 == m && $3 == d { print $4 }' "$1"
}

# Two days of a small site: events.tsv.
small_site() {
	local n='\N' a=2026-11-01 b=2026-11-02
	{
		ev $n 11 xx.com US Apple landing_page "$a 08:00:00" referrer=Google
		ev $n 11 xx.com US Apple page_view "$a 08:01:00" ''
		ev $n -12 xx.com $n Apple page_view "$a 09:00:00" referrer=Google
		ev $n 13 xxx.com DE $n page_view "$a 09:30:00.250" referrer=
		ev $n 13 xxx.com DE $n signup "$a 09:40:00" ''
		ev 7 13 xxx.com DE $n purchase "$a 09:50:00" ''
		ev $n 99 xx.com US $n page_view "$a 10:00:00" \
		    'bot=ua&bot_class=declared&referrer=Google'
		ev $n 99 xx.com US $n signup "$a 10:00:01" 'bot=ua'
		ev $n $n xx.com US Apple page_view "$b 00:00:00" 'referrer=(x)'
		ev $n 11 xx.com FR Apple watch_video "$b 01:00:00" ''
	} >events.tsv
}
