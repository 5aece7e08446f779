# enrich-helper: rows and streams for ev-enrich.
#
#	row MAP        one event with that map
#	stream N       a marked stream of N rows
#	props MAP [CONFIG]   the map that ev-enrich makes of it

row() {
	printf '\\N\t\\N\txx.com\t\\N\t\\N\tpage_view\t2026-11-21 10:00:00\t%s\t2026-11-21\n' "$1"
}

begin() {
	printf '#begin\tversion=1\tcolumns=user_id,logged_out_user_id,dim_hostname,dim_country,dim_device_brand,action_type,event_timestamp,other_properties,ds\n'
}

stream() {
	local i

	begin
	for ((i = 0; i < $1; i++)); do
		row "http_user_agent=curl/7.88&remote_addr=192.0.2.$i"
	done
	printf '#end\trows=%d\tlines=%d\tsource=aa,9,0,9,x.log\n' "$1" "$1"
}

props() {
	row "$1" >in
	ev-enrich -q ${2:+-c "$2"} in | cut -f8
}
