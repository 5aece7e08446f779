#!/usr/bin/env bats
# The daily job is incremental: what changed is done again, and nothing else.

load helper
load pipeline-helper

prepare() {
	need_filters
	need_mmdb
	mkdir site
	# Three days are enough, and mklog is asked for once.
	if [ ! -d "$BATS_FILE_TMPDIR/logs" ]; then
		perl "$G/mklog" "$BATS_FILE_TMPDIR" 3
	fi
	cp -r "$BATS_FILE_TMPDIR/logs" "$BATS_FILE_TMPDIR/truth.tsv" site
	touch site/logs/.made
	sh "$G/newsite" site "$EV_TEST_MMDB"
}

# What is there, with the time of its last change.
state() {
	find site -type f -path "site/$1/*" -printf '%p %T@\n' | sort
}

@test "a second job changes nothing" {
	job site
	state '*' >before
	[ -s before ]
	runs 0 job site
	[ -z "$output" ]
	state '*' >after
	same after before
}

@test "the job makes the page of the last day, anew when a day changed" {
	job site
	has site/report.html 'Wednesday, 28 October 2026'
	cat site/metrics/*.tsv | ev-report -c site/growth.yaml \
	    --verdicts site/verdicts.tsv --why site/why.tsv >want
	same site/report.html want
	sed -i 's/title: .*/title: Another/' site/growth.yaml
	job site
	has site/report.html '<h1>Another</h1>'
}

@test "the job judges the guardrails of every day" {
	job site
	cat site/metrics/*.tsv | ev-guard -c site/growth.yaml \
	    --facts site/facts --all -H >want ||
	    [ $? -eq 6 ]
	same site/verdicts.tsv want
	cut -f 2 site/verdicts.tsv | sort -u >got
	printf '%s\n' metric purchase_conversion_rate signup_conversion_rate >want
	same got want
}

@test "the job tells once that the data of a day are at fault" {
	log=site/logs/access-2026-10-28.log.gz
	gzip -dc "$log" | sed '1~14s/.*/this is no line of a log/' >bad
	gzip -c bad >"$log"
	printf '#!/bin/sh\n[ -e ../well ] || exit 1\ncat >>notices.txt\n' >site/notify
	runs 2 job site
	has err 'ev-guard: --notify: exit 1'
	[ ! -e site/notices.txt ]
	# Who will be told, or looks on her own, finds the page.
	has site/report.html 'The data of the day are at fault'
	touch well
	runs 0 job site
	has_line site/notices.txt 'The data of 2026-10-28 are not comparable: no guardrail was judged.'
	grep -qE '^[67]\.[0-9]% of the lines are rejects, more than 5%$' site/notices.txt
	[ "$(awk -F'\t' '$3 == "not comparable" { print $1 }' site/verdicts.tsv | sort -u)" = 2026-10-28 ]
	has site/report.html 'The data of the day are at fault'
	cp site/notices.txt once
	sed -i 's/title: .*/title: Another/' site/growth.yaml
	runs 0 job site
	same once site/notices.txt
	# The day is there; the next one is not, which is told once, too.
	runs 0 job site DAY=2026-10-28
	same once site/notices.txt
	runs 0 job site DAY=2026-10-29
	has_line site/notices.txt 'The data of 2026-10-29 are not comparable, for another reason: no guardrail was judged.'
	has site/report.html '2026-10-29: '
	cp site/notices.txt twice
	runs 0 job site DAY=2026-10-29
	same twice site/notices.txt
}

@test "jobs in parallel and one by one end the same" {
	cp -r site one
	cp -pr site/visitor.key one
	job site -j3
	job one -j1
	runs 0 diff -r site/metrics one/metrics
	(cd site/facts && find . -name 'part-*') | sort >got
	(cd one/facts && find . -name 'part-*') | sort >want
	[ -s want ]
	same got want
	while read -r part; do
		same "site/facts/$part" "one/facts/$part"
	done <want
}

@test "a late log changes its own day and the next" {
	mv site/logs/access-2026-10-26.log.gz .
	job site
	state metrics >before
	cp site/metrics/2026-10-28.tsv .
	mv access-2026-10-26.log.gz site/logs
	job site
	state metrics >after
	[ "$(comm -13 before after | cut -d / -f 3 | cut -c 1-10)" = \
	    2026-10-26$'\n'2026-10-27 ]
	perl "$T/pipeline-truth.pl" <site/truth.tsv >want
	sort site/metrics/*.tsv >got
	same got want
}

@test "a changed metric leaves the facts alone" {
	job site
	state facts >before
	sed -i 's/^  lesson_views: .*/  lesson_views: {count: events, where: {action_type: api}}/' \
	    site/growth.yaml
	job site
	state facts >after
	same after before
	want=$(awk -F '\t' '$1 == "2026-10-27" && $6 == "api" { print $7 }' site/truth.tsv)
	has_line site/metrics/2026-10-27.tsv \
	    "2026-10-27	lesson_views		$want	\\N	\\N"
}

@test "a changed action publishes all logs anew, each once" {
	job site
	sed -i 's/{action: watch_video,/{action: watch_film,/' site/growth.yaml
	job site
	want=$(awk -F '\t' '$1 == "2026-10-27" && $6 == "watch_video" { print $7 }' \
	    site/truth.tsv)
	has_line site/metrics/2026-10-27.tsv \
	    "2026-10-27	events_by_action	action_type=watch_film	$want	\\N	\\N"
	runs 1 grep watch_video site/metrics/2026-10-27.tsv
}

@test "a truncated log is not published, and make says so" {
	log=site/logs/access-2026-10-27.log.gz
	cp "$log" whole
	head -c 30000 whole >"$log"
	runs 2 job site -k
	[ ! -e site/done/access-2026-10-27.log.gz ]
	[ -e site/done/access-2026-10-26.log.gz ]
	cp whole "$log"
	runs 0 job site
	perl "$T/pipeline-truth.pl" <site/truth.tsv >want
	sort site/metrics/*.tsv >got
	same got want
}

@test "a log of another format is not published, and the job says why" {
	log=site/logs/access-2026-10-27.log.gz
	cp "$log" whole
	# Combined: no host before the address.
	gzip -dc whole | sed 's/^[^ ]* //; s/ "[^"]*" [0-9.]*$//' | gzip >"$log"
	runs 2 job site -k
	grep -q '^ev-parse: .* of [0-9]* lines.*access-2026-10-27.log.gz:1:' err
	[ ! -e site/done/access-2026-10-27.log.gz ]
	runs 1 grep -r access-2026-10-27 site/facts/_manifests
	cp whole "$log"
	runs 0 job site
	perl "$T/pipeline-truth.pl" <site/truth.tsv >want
	sort site/metrics/*.tsv >got
	same got want
}

@test "logs may have any name and either compression" {
	need zstd
	cd site/logs
	gzip -dc access-2026-10-26.log.gz | zstd -q >www1-20261026.zst
	mv access-2026-10-27.log.gz access.log-20261027.gz
	rm access-2026-10-26.log.gz
	cd ../..
	job site
	[ -e site/done/www1-20261026.zst ]
	[ -e site/done/access.log-20261027.gz ]
	perl "$T/pipeline-truth.pl" <site/truth.tsv >want
	sort site/metrics/*.tsv >got
	same got want
}

# What the truth says of all logs.
whole() {
	perl "$T/pipeline-truth.pl" <site/truth.tsv >want
	sort site/metrics/*.tsv >got
	same got want
}

@test "a log that grew, and one that the next rotation renamed, are stored once" {
	log=site/logs/access-2026-10-27.log.gz
	gzip -dc "$log" >grown
	head -n 4000 grown | gzip >"$log"
	job site
	cp -p site/rejects/access-2026-10-27.log.gz.tsv first
	gzip -c grown >"$log"
	runs 0 job site
	[ "$(ls site/facts/_manifests | wc -l)" -eq 4 ]
	whole
	# Its rejects are those of both steps, each behind the other.
	head -c "$(wc -c <first)" site/rejects/access-2026-10-27.log.gz.tsv >got
	same got first
	[ -z "$(ls site/rejects/*.new 2>/dev/null)" ]
	for i in 26 27 28; do
		mv site/logs/access-2026-10-$i.log.gz site/logs/access.log.$((29 - i)).gz
	done
	state facts >before
	runs 0 job site
	has err 'nothing that is not stored already'
	state facts >after
	same before after
	# The config changed since: each is one batch again.
	sed -i 's/{action: watch_video,/{action: watch_film,/' site/growth.yaml
	runs 0 job site
	runs 1 grep -r watch_video site/metrics
	sed -i 's/{action: watch_film,/{action: watch_video,/' site/growth.yaml
	runs 0 job site
	whole
}

@test "the rejects of a job that died are there after the next" {
	job site
	cp -r site/rejects want.rejects
	rm site/done/access-2026-10-27.log.gz
	: >site/rejects/access-2026-10-27.log.gz.new
	: >site/rejects/access-2026-10-27.log.gz.tsv
	runs 0 job site
	runs 0 diff -r want.rejects site/rejects
	[ "$(find site/rejects -type f ! -perm 600 | wc -l)" -eq 0 ]
	whole
}
