#!/usr/bin/env bats
# Rejects that are read again join the log that they are lines of.

load helper
load partition-lib

# lines FROM TO [PREFIX]: of combined format behind PREFIX, each different.
lines() {
	awk -v from="$1" -v to="$2" -v pre="${3:-}" 'BEGIN {
		for (i = from; i <= to; i++)
			printf "%s10.%d.%d.%d - - [%02d/Nov/2026:%02d:%02d:%02d" \
			    " +0000] \"GET /p/%d HTTP/1.1\" 200 %d" \
			    " \"https://example.org/%d\" \"Test/%d\"\n", pre,
			    i % 7, i % 251, i % 241, 20 + i / 86400,
			    i / 3600 % 24, i / 60 % 60, i % 60, i,
			    i * 37 % 50000, i % 97, i % 13 }'
}

# A log whose middle has another format, and a line that has none.
prepare() {
	lines 1 20 >a.log
	lines 21 30 'xx.com ' >>a.log
	lines 31 40 >>a.log
	echo junk >>a.log
	ev-parse -q --rejects rej a.log >stream
	ev-partition -q --raw facts <stream
}

# replay FILE [FORMAT]: into the file stream; what is left into left.
replay() {
	ev-parse -q --format "${2:-vhost}" --rejects left --replay "$1" >stream
}

# stored NUMBERS: the table has the events of these lines, each once.
stored() {
	cat facts/ds=*/part-* | grep -o 'uri=/p/[0-9]*' | cut -c 8- |
		sort -n >got
	printf '%s\n' "$@" >want
	same want got
}

publish() {
	ev-partition --raw "$@" facts <stream
}

@test "a rejects file says behind a source's rows which one it was" {
	[ "$(cut -f 1 rej | uniq -c | tr -s ' \n' ' ')" = \
		' 11 format 1 #source ' ]
	range=$(sed -n 's/.*\tsource=\([^\t]*\),a.log.*/\1/p' stream)
	settings=$(tail -n 1 stream | tr '\t' '\n' | sed -n 's/settings=//p')
	printf '#source\t%s\t%s\ta.log\n' "$range" "$settings" >want
	tail -n 1 rej >got
	same want got
	# None where nothing was rejected.
	lines 1 3 >b.log
	ev-parse -q --rejects none b.log >stream
	[ ! -s none ]
	ev-parse -q --rejects both b.log a.log b.log >stream
	same rej both
}

@test "replayed rows are a batch of their source's, and a no-op the second time" {
	need jq
	replay rej
	not grep -q $'\tsource=' stream
	runs 0 publish
	has err 'rejects of a.log'
	stored $(seq 40)
	jq -c '.sources, (.replays[] | [.name, .from, .to])' \
		facts/_manifests/0000000002.json >got
	printf '[]\n["a.log",0,%d]\n' "$(wc -c <a.log)" >want
	same want got
	jq -r '.replays[].hash' facts/_manifests/0000000002.json >got
	jq -r '.sources[].hash' facts/_manifests/0000000001.json >want
	same want got
	runs 0 publish
	has err 'is stored already'
	ev-partition --list facts | cut -f 8 | sort >got
	printf '%s\n' a.log 'rejects of a.log' >want
	same want got
	stored $(seq 40)
	runs 0 ev-partition --verify facts
}

@test "what a replay rejects again can be replayed, and nothing twice" {
	lines 41 45 'yy.com zz.com ' >>a.log
	rm -rf facts
	ev-parse -q --rejects rej a.log | ev-partition -q --raw facts
	replay rej
	cp left left1
	[ "$(grep -vc "^#" left1)" -eq 6 ]
	[ "$(tail -n 1 left1)" = "$(tail -n 1 rej)" ]
	runs 0 publish
	# All of them by another format: that is the same rejects by other settings.
	replay rej '$a $host $remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
	runs 5 publish
	has err 'with settings'
	# Some of them, in a file that somebody has made.
	{ head -n 3 rej && tail -n 1 rej; } >some
	replay some
	runs 5 publish
	has err 'rejects of a.log'
	has err 'what may follow'
	replay left1 '$a $host $remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
	cp stream third
	runs 0 publish
	stored $(seq 45)
	[ "$(grep -vc "^#" left)" -eq 1 ]
	runs 0 publish
	has err 'is stored already'
	# Nothing is left but the junk: the second replay again, as if it were new.
	replay left1
	runs 5 publish
	stored $(seq 45)
}

@test "--rebuild of the source replaces the replayed rows, too" {
	replay rej
	cp stream replayed
	publish -q
	ev-parse -q --format '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"' \
		--rejects rej2 a.log >stream
	runs 5 publish
	runs 0 publish --rebuild
	stored $(seq 20) $(seq 31 40)
	# Their rejects were of other settings: they might be events by now.
	cp replayed stream
	runs 5 publish
	has err 'rejected by settings'
	has err 'manifest 3 stores the log'
	replay rej2
	runs 0 publish
	stored $(seq 40)
	runs 0 ev-partition --verify facts
	# Back again: what was replayed before can be, under another name.
	ev-parse -q a.log >stream
	runs 0 publish --rebuild
	stored $(seq 20) $(seq 31 40)
	cp replayed stream
	runs 0 publish
	stored $(seq 40)
	runs 0 ev-partition --verify facts
}

@test "--rebuild of a replay replaces those that followed it" {
	lines 41 45 'yy.com zz.com ' >>a.log
	rm -rf facts
	ev-parse -q --rejects rej a.log | ev-partition -q --raw facts
	replay rej
	publish -q
	replay left '$a $host $remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
	publish -q
	stored $(seq 45)
	replay rej '$a $host $remote_addr - - [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
	runs 0 publish --rebuild
	stored $(seq 20) $(seq 31 45)
	replay left
	runs 0 publish
	stored $(seq 45)
}

@test "rejects whose log is not stored, or that come twice, are exit 5" {
	replay rej
	rm -rf facts
	runs 5 publish
	has err 'the log is not stored'
	# In one stream with their log they are.
	ev-parse -q a.log >log.tsv
	cat log.tsv stream >both
	cp both stream
	runs 0 publish
	stored $(seq 40)
	rm -rf facts
	cat log.tsv both >stream
	runs 5 publish
	replay rej
	cat log.tsv stream stream >twice
	cp twice stream
	runs 5 publish
	has err 'delivered twice'
}

@test "a run over several logs has their rejects apart" {
	lines 101 110 >b.log
	lines 111 115 'xx.com ' >>b.log
	rm -rf facts
	ev-parse -q --rejects rej a.log b.log >stream
	publish -q
	[ "$(grep -c '^#source' rej)" -eq 2 ]
	replay rej
	[ "$(tail -n 1 stream | grep -o 'replay=' | wc -l)" -eq 2 ]
	runs 0 publish
	stored $(seq 40) $(seq 101 115)
	[ "$(grep -c '^#source' left)" -eq 1 ]
	has left a.log
	# One of the two logs alone cannot take half of a batch of both.
	ev-parse -q --format vhost b.log >stream
	runs 5 publish --rebuild
	stored $(seq 40) $(seq 101 115)
	ev-parse -q --format vhost a.log b.log >stream
	runs 0 publish --rebuild
	stored $(seq 21 30) $(seq 111 115)
}

@test "rejects of a log that grew belong to the step that read them" {
	lines 46 50 'xx.com ' >>a.log
	lines 51 60 >>a.log
	ev-parse -q --resume facts --rejects rej2 a.log >stream
	publish -q
	replay rej2
	runs 0 publish
	replay rej
	runs 0 publish
	stored $(seq 40) $(seq 46 60)
}

@test "a rejects file that was cut or does not fit its source is exit 1" {
	sed '$d' rej >cut
	cat rej cut >twice
	runs 1 ev-parse -q --replay twice
	has err 'no #source line behind them'
	not grep '^#end' out
	for bad in 's/,[0-9]*\tparse/,100\tparse/' 's/\tparse:/\t/' \
	    's/^#source\t[0-9a-f]*/#source\tx/' 's/\ta.log$/&\tx/'; do
		sed "\$$bad" rej >bad
		runs 1 ev-parse -q --replay bad
		has err 'bad:12: not the line of the source'
	done
	# One of before there were such lines is known by itself.
	replay cut
	grep -q $'\tsource=' stream
	runs 0 publish
	stored $(seq 40)
}

@test "a replay that is none is exit 1" {
	replay rej
	for bad in 's/\treplay=[0-9a-f]*/\treplay=1/' 's/\treplay=\([^,]*\),/\treplay=\1,x/' \
		's/\treplay=\([^\t]*\),[^,]*,[^,]*,[^,]*/\treplay=\1/'; do
		sed "\$$bad" stream >damaged
		cmp -s stream damaged && return 1
		runs 1 ev-partition --raw facts <damaged
		has err 'end mark: replay'
	done
}
