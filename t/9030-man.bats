#!/usr/bin/env bats
# Every command that the manuals and README show works as shown, in a site
# with access.log, access.log.gz, growth.yaml, ev.yaml, visitor.key, facts/
# and metrics/.  What counts as a command: see pipeline-examples.pl.

load helper
load pipeline-helper

prepare() {
	need_filters
	need_mmdb
	site=$(growth_site)
	cp -r "$site/metrics" "$site/growth.yaml" .
	cp growth.yaml ev.yaml
	ln -s "$EV_TEST_MMDB" country.mmdb
	ln -s "$SRC/share" share
	ln -s "$SRC/examples" examples
	export EDITOR=true
	# No log that is stored already; in the config's format and, for commands
	# without one, in nginx's combined format.
	mkdir config combined
	gzip -dc "$site/logs/access-2026-11-21.log.gz" | sed 's,/Nov/2026,/Dec/2026,' |
	    gzip >config/access.log.gz
	gzip -dc config/access.log.gz |
	    sed 's/^[^ ]* //; s/ "[^"]*" [0-9.]*$//' >combined/access.log
	# Two logs of a rotated set: one delivered twice is an error.
	sed 's,/Dec/2026,/Jan/2027,' combined/access.log >access.log
	gzip combined/access.log
	mkdir bin
	for filter in ev-parse ev-enrich ev-partition ev-agg ev-guard ev-report; do
		printf '#!/bin/sh\n"%s/%s" "$@"\ns=$?\necho "%s $s" >>"%s/status"\nexit $s\n' \
		    "$EV_BIN" "$filter" "$filter" "$PWD" >bin/$filter
		chmod +x bin/$filter
	done
	PATH=$PWD/bin:$PATH
}

# Does the command print what it finds?
prints() {
	not grep -qE 'ev-partition|--check|--new-key|--rejects|grep -w down|>|-o |xxhsum -q|^export' "$1"
}

# Each command meets the same site.  A filter may end by SIGPIPE, behind head,
# and ev-guard with a verdict.
passes() {
	local script

	[ -f "$1" ] || skip "no $1"
	mkdir commands
	(cd commands && perl "$T/pipeline-examples.pl" "$1")
	if grep -qw jq commands/*; then
		need jq
	fi
	for script in commands/*; do
		[ -f "$script" ] || continue
		echo "--- $script"
		cat "$script"
		case $script in
		*.yaml)
			runs 0 ev-parse -c "$script" --check
			continue ;;
		esac
		: >status
		rm -rf facts visitor.key
		cp -r "$site/facts" .
		grep -q new-key "$script" || cp -p "$site/visitor.key" .
		if grep -qE 'ev-parse[^|]* -c|site/logs' "$script"; then
			cp config/access.log.gz .
		else
			cp combined/access.log.gz .
		fi
		runs 0 bash "$script"
		if prints "$script"; then
			[ -s out ]
		fi
		# A log of another format gives an empty stream, and no error;
		# who keeps the rejects may want to show just that.
		if ! grep -q -e --rejects "$script" &&
		    grep -E 'rejected ([0-9]+) of \1 lines|: 0 rows' err; then
			return 1
		fi
		if grep -E 'No such file|not found|syntax error' err ||
		    grep -vE ' (0|141)$|^ev-guard [36]$' status; then
			return 1
		fi
	done
	[ -e commands/01.sh ] || [ -e commands/01.yaml ] || skip "no commands"
}

@test "the commands of README work" {
	passes "$SRC/README.md"
}

@test "the commands of ev-parse(1) work" {
	passes "$SRC/man/ev-parse.1"
}

@test "the commands of ev-enrich(1) work" {
	passes "$SRC/man/ev-enrich.1"
}

@test "the commands of ev-partition(1) work" {
	passes "$SRC/man/ev-partition.1"
}

@test "the commands of ev-agg(1) work" {
	passes "$SRC/man/ev-agg.1"
}

@test "the commands of ev-guard(1) work" {
	passes "$SRC/man/ev-guard.1"
}

@test "the commands of ev-report(1) work" {
	passes "$SRC/man/ev-report.1"
}

@test "the commands of ev(7) and the config of ev.yaml(5) work" {
	for page in ev.7 ev.yaml.5; do
		rm -rf commands
		passes "$SRC/man/$page"
	done
}

# grep's [\t] is a backslash and a t: "uri=[^&\t]*" made /static of /s.
@test "no command has a \\t where grep takes it for a t" {
	run grep -nE 'grep.*\[[^]]*\\e?t' "$SRC/README.md" "$SRC"/man/*.[157]
	[ "$status" -eq 1 ]
}
