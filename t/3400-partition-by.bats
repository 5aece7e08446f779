#!/usr/bin/env bats
# Partitioning by further columns: what strangers send as Host is a directory
# below the day, or _other, and nothing else.

load helper
load partition-lib

prepare() {
	printf 'partition: {by: [ds, dim_hostname]}\n' >c.yaml
	export EV_CONFIG=$PWD/c.yaml
}

# hosts FILE: a stream with a row for each line of the file as dim_hostname.
hosts() {
	awk '{ print } END { print NR > "count" }' "$1" | awk -v OFS='\t' \
		'BEGIN { print "#begin\tversion=1" }
		{ print "\\N", NR, $0, "DE", "\\N", "page_view",
		    "2026-11-20 00:00:00", "n=" NR, "2026-11-20" }
		END { printf "#end\trows=%d\tenriched=%d\tsource=%032d,%d,0,%d,h\n",
		    NR, NR, NR, NR, NR }'
}

@test "each value is a directory below the day, and the rows keep the column" {
	printf '%s\n' xx.com www.xx.com xx.com '\N' '' >in
	hosts in | ev-partition -q facts
	(cd facts && find ds=* -type d | sort) >got
	printf '%s\n' ds=2026-11-20 \
		ds=2026-11-20/dim_hostname=__HIVE_DEFAULT_PARTITION__ \
		ds=2026-11-20/dim_hostname=www.xx.com \
		ds=2026-11-20/dim_hostname=xx.com | sort >want
	same want got
	cut -f 2,3 facts/ds=2026-11-20/dim_hostname=xx.com/part-* >got
	printf '1\txx.com\n3\txx.com\n' >want
	same want got
	runs 0 ev-partition --verify facts
	hosts in >again
	runs 0 ev-partition facts <again
	has err 'is stored already'
}

@test "hostile values are names below the day, and the tree has no other" {
	local long

	long=$(printf 'a%.0s' {1..300})
	mkdir outside
	printf '%s\n' ../../etc/x . .. "$long" a=b a/b 'a%0Ab' \
		__HIVE_DEFAULT_PARTITION__ _other '*' '~' '$(id)' '-rf' ' ' \
		'%2e%2e' >in
	hosts in | ev-partition -q facts
	(cd facts && find ds=* -mindepth 1 -type d | sort) >got
	sed 's,^,ds=2026-11-20/dim_hostname=,' <<-'END' | sort >want
		..%2F..%2Fetc%2Fx
		.
		..
		_other
		a%3Db
		a%2Fb
		a%250Ab
		%5F_HIVE_DEFAULT_PARTITION__
		%5Fother
		%2A
		~
		$(id)
		-rf
		%20
		%252e%252e
	END
	same want got
	cut -f 3 facts/ds=*/dim_hostname=_other/part-* >got
	echo "$long" >want
	same want got
	[ "$(ls | tr "\n" " ")" = "c.yaml count facts got in outside want " ]
	[ -z "$(ls outside)" ]
	[ "$(cat facts/ds=*/*/part-* | wc -l)" -eq 15 ]
	runs 0 ev-partition --verify facts
}

@test "a flood of values is bounded: most of them are _other, no row is lost" {
	seq 1 "${EV_HOSTS:-20000}" | sed 's/$/.example/' >in
	hosts in | ev-partition -q facts
	[ "$(ls facts/ds=2026-11-20 | wc -l)" -eq 101 ]
	cat facts/ds=*/*/part-* | cut -f 3 | sort >got
	sort in >want
	same want got
	printf 'partition: {by: [ds, dim_hostname], most: 3}\n' >c.yaml
	hosts in | ev-partition -q three
	[ "$(ls three/ds=2026-11-20 | tr '\n' ' ')" = 'dim_hostname=1.example dim_hostname=2.example dim_hostname=3.example dim_hostname=_other ' ]
}

@test "allow names the values that have a directory" {
	printf 'partition: {by: [ds, dim_hostname], allow: [xx.com]}\n' >c.yaml
	printf '%s\n' evil.example xx.com other.example >in
	hosts in | ev-partition -q facts
	[ "$(ls facts/ds=2026-11-20 | tr '\n' ' ')" = \
		'dim_hostname=_other dim_hostname=xx.com ' ]
	[ "$(cat facts/ds=*/dim_hostname=_other/part-* | wc -l)" -eq 2 ]
}

@test "a property partitions, too, and several columns nest" {
	printf 'partition: {by: [ds, dim_country, n]}\n' >c.yaml
	printf '%s\n' a b >in
	hosts in | ev-partition -q facts
	(cd facts && find ds=* -type f | sed 's,/part.*,,' | sort) >got
	printf 'ds=2026-11-20/dim_country=DE/n=%d\n' 1 2 >want
	same want got
}

@test "a symbolic link in a partition's place is refused before the commit" {
	mkdir -p facts/ds=2026-11-20 outside
	ln -s "$PWD/outside" facts/ds=2026-11-20/dim_hostname=xx.com
	echo xx.com >in
	hosts in >stream.tsv
	runs 1 ev-partition facts <stream.tsv
	[ -z "$(ls facts/_manifests)$(ls outside)" ]
}

@test "rows_per_part splits a partition, and the rows stay in their order" {
	printf 'partition: {rows_per_part: 30, compress: gzip}\n' >c.yaml
	stream -d 2 -n 100 a1 >in
	ev-partition -q facts <in
	[ "$(ls facts/ds=2026-11-20 | wc -l)" -eq 2 ]
	[ "$(ev-partition --list facts | cut -f 5 | sort -n | tail -n 1)" -eq 30 ]
	for d in 20 21; do
		zcat facts/ds=2026-11-$d/part-????????????????.tsv.gz \
			$(ls facts/ds=2026-11-$d/part-*.1.tsv.gz) >got
		grep -v '^#' in | awk -F'\t' -v OFS='\t' -v d="2026-11-$d" \
			'$9 == d { NF = 8; print }' >want
		same want got
	done
	runs 0 ev-partition --verify facts
	runs 0 ev-partition --compact 2026-11-20 facts
	has err 'nothing to do'
}

@test "a config that cannot be partitioned by is exit 2" {
	local bad

	for bad in '[]' '[dim_hostname]' '[ds, ds]' '[ds, "a/b"]' \
		'[ds, event_timestamp]' '[ds, a, b, c, d, e]'; do
		printf 'partition: {by: %s}\n' "$bad" >c.yaml
		runs 2 ev-partition --check
		has err 'by: '
	done
	printf 'partition: {by: [ds], most: 0}\n' >c.yaml
	runs 2 ev-partition --check
}

@test "killed at any call, a run with nested directories ends in the undisturbed tree" {
	local name n

	need_strace
	printf '%s\n' a b >in
	hosts in >stream.tsv
	ev-partition -q want <stream.tsv
	mkdir all && calls 'mkdirat|fsync|linkat|renameat2?|unlinkat' \
		ev-partition -q all <stream.tsv >list
	while read -r name n <&3; do
		rm -rf facts && mkdir facts
		hurt "$name" "$n" signal=KILL ev-partition -q facts <stream.tsv
		[ "$got" -eq 137 ] && runs 0 ev-partition -q facts <stream.tsv &&
			same_tree want facts || {
			echo "exit $got, killed at $name $n"
			return 1
		}
	done 3<list
}
