#!/usr/bin/env bats
# ev-guard: is it the site or the data?  EV_GUARD_SEEDS: how many sites, of 20.

load helper

seeds=${EV_GUARD_SEEDS:-20}

config() {
	cat >c.yaml <<-END
	metrics:
	  website_hits: {count: events}
	  signups: {count: events, where: {action_type: signup}}
	  signup_conversion_rate: {ratio: [signups, website_hits], guardrail: down}
	$1
	END
}

site() {
	perl "$T/guard-health.pl" "$@"
}

# fault SIGN CAUSE...: it is the data, each time, and that is the reason.
fault() {
	local sign=$1 seed
	shift
	config
	for seed in $(seq "$seeds"); do
		site "$seed" 70 "$@" | runs 6 ev-guard -c c.yaml
		[ "$(cut -f3 out)" = 'not comparable' ]
		cut -f11 out | grep -qE "$sign" || { cat out; return 1; }
		[ "$(awk -F'\t' '{ print NF }' out)" -eq 11 ]
	done
}

# trouble CAUSE...: whatever it is, it is not the data.
trouble() {
	local seed
	config
	for seed in $(seq "$seeds"); do
		site "$seed" 70 "$@" | ev-guard -c c.yaml >out || [ $? -eq 3 ]
		cut -f3 out | grep -qxE 'ok|down' || { echo "seed $seed"; cat out; return 1; }
	done
}

@test "a gap in the hours is a fault of the data" {
	fault '^[0-3] events from 03:00 to 05:00 UTC, where [0-9]+ are usual$' gap=3-5
	fault '^0 events from 12:00 to 24:00 UTC' gap=12-24
}

@test "a wave of bots is one, be they known as such or not" {
	fault '^bot_share is [45]' bots
	fault '^no_referrer_share is [56]' hidden
}

@test "a surge of NULL referrers or countries is one" {
	fault '^no_referrer_share is 100.0%, 3[0-9.]*% expected$' referrer=0
	fault '^no_country_share is 100.0%' country=0
}

@test "far too few or too many events are one" {
	fault '^[0-9]+ events, [0-9]+ expected' few
	fault '^[0-9]+ events, [0-9]+ expected' many
}

@test "a broken checkout, a lost referrer and a holiday are none" {
	trouble
	trouble checkout
	trouble google
	trouble holiday
	trouble noon
}

@test "a lost referrer of any size is none" {
	config
	# Of five visits four had it: what is left is NULL, as it was.
	for seed in $(seq "$seeds"); do
		site "$seed" 70 google | awk -F'\t' -v OFS='\t' '
		$2 == "no_referrer_share" { $6 = $5 + ($1 == "2024-12-12" ? 10 : 4 * $5); $4 = $5 / $6 }
		1' OFMT=%.17g CONVFMT=%.17g >h
		ev-guard -c c.yaml h >out || [ $? -eq 3 ]
		cut -f3 out | grep -qxE 'ok|down'
	done
}

@test "a day whose data are at fault is no baseline, and its neighbours are judged" {
	config
	site 1 100 gap=3-5@30 bots@20 hidden@10..8 >h
	runs 0 ev-guard -c c.yaml --all h
	awk -F'\t' '$3 == "not comparable" { print $1 }' out >days
	printf '2024-12-%s\n' 12 22 >want
	printf '2025-01-0%s\n' 1 2 3 >>want
	same want days
	awk -F'\t' '$3 == "ok" { ok++ } END { exit !(ok > 65) }' out
}

@test "what lasts for more than a week is how it is now" {
	config
	site 1 100 bots@29..0 >h
	runs 0 ev-guard -c c.yaml --all h
	awk -F'\t' '$3 == "not comparable" { print $1 }' out >days
	[ "$(wc -l <days)" -eq 7 ]
	[ "$(head -n 1 days)" = 2024-12-13 ]
	# And then more than that is a wave again.
	site 1 100 bots@60..1 few@0 | runs 6 ev-guard -c c.yaml
}

@test "a day that has only begun is not judged, and the one before it is" {
	config
	site 1 70 begun >h
	runs 0 ev-guard -c c.yaml h
	[ "$(cut -f1,3 out)" = '2024-12-11	ok' ]
	site 1 70 begun gap=3-5@1 | runs 6 ev-guard -c c.yaml
	runs 0 ev-guard -c c.yaml --all h
	has out '2024-12-12	signup_conversion_rate	no data	'
	has out 'the day has only begun'
	# A later day is there: it had an hour of events, and no more.
	site 1 70 begun@1 | runs 0 ev-guard -c c.yaml --since 2024-12-11
	[ "$(cut -f3 out)" = "$(printf 'not comparable\nok')" ]
	head -n 1 out | grep -qE '	[0-9]+ events, [0-9]+ expected$'
}

@test "a day that is asked for and did not come is a fault; one that began is over" {
	config
	site 1 70 >h
	runs 6 ev-guard -c c.yaml --day 2024-12-13 h
	printf '2024-12-13\tsignup_conversion_rate\tnot comparable\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tno metrics of this day\n' >want
	same want out
	# One in the middle is a day like others.
	grep -v '^2024-12-11' h >holed
	runs 6 ev-guard -c c.yaml --day 2024-12-11 holed
	runs 0 ev-guard -c c.yaml --day 2024-12-12 holed
	runs 0 ev-guard -c c.yaml --day 2024-12-10 --all holed
	[ "$(wc -l <out)" -eq 68 ]
	[ "$(tail -n 1 out | cut -f1)" = 2024-12-10 ]
	# Days after it make no difference to it.
	grep -v '^2024-12-1[12]' h >less
	runs 0 ev-guard -c c.yaml less
	cp out want
	runs 0 ev-guard -c c.yaml --day 2024-12-10 h
	same want out
	site 1 70 begun >h
	runs 6 ev-guard -c c.yaml --day 2024-12-12 h
	cut -f11 out | grep -qE '^[0-9]+ events, [0-9]+ expected$'
	runs 2 ev-guard -c c.yaml --day today h
	runs 1 ev-guard -c c.yaml --day 2024-12-12 /dev/null
}

@test "metrics of other names and other limits are those of the config" {
	config 'guard: {health: {hours: h, shares: [s, t], surge: 0.5, most: 9, least: 0.1}}'
	site 1 70 bots many >h
	runs 0 ev-guard -c c.yaml h
	has_line err 'ev-guard: h: guard.health.hours: no row'
	has_line err 'ev-guard: s: guard.health.shares: no row'
	sed 's/	events_by_hour	/	h	/; s/	bot_share	/	s	/; s/	no_country_share	/	t	/' h >named
	runs 0 ev-guard -c c.yaml named
	[ ! -s err ]
	config 'guard: {health: {hours: h, shares: [s, t], surge: 0.3}}'
	runs 6 ev-guard -c c.yaml named
	cut -f11 out | grep -qE '^[0-9]+ events, [0-9]+ expected; s is 5'
	config 'guard: {health: {hours: h, shares: [signup_conversion_rate], most: 9, least: 0.1}}'
	runs 0 ev-guard -c c.yaml named
	config 'guard: {health: {shares: []}}'
	site 1 70 bots | runs 0 ev-guard -c c.yaml
	[ ! -s err ]
}

@test "limits that are none are refused, by their place" {
	config 'guard: {health: {surge: 2, rejects: -1, least: 0, most: 1, max_age: x, hours: [a], what: 1}}'
	runs 2 ev-guard -c c.yaml --check
	[ "$(wc -l <err)" -eq 7 ]
	has err 'c.yaml:5:57: most: a decimal above 1 and up to 1000'
	has err "health: unknown key 'what'"
}

@test "rejects, settings, logs and databases are asked of the fact table" {
	config
	site 1 70 >h
	table() {
		rm -rf facts
		perl "$T/guard-facts.pl" facts 70 "$@"
	}
	reason() {
		[ "$(cut -f3,11 out)" = "not comparable	$1" ] || { cat out; return 1; }
	}
	table
	runs 0 ev-guard -c c.yaml --facts facts h
	runs 0 ev-guard -c c.yaml --facts facts --all h
	not grep -q 'not comparable' out
	table rejects=20
	runs 6 ev-guard -c c.yaml --facts facts h
	reason '20.0% of the lines are rejects, 0.2% expected'
	table rejects=2
	runs 6 ev-guard -c c.yaml --facts facts h
	reason '2.0% of the lines are rejects, 0.2% expected'
	table parse@3
	runs 0 ev-guard -c c.yaml --facts facts --since 2024-12-08 h
	grep 'not comparable' out | cut -f1,11 >of
	echo '2024-12-09	the settings of ev-parse are not those of 2024-12-08' >want
	same want of
	table enrich
	runs 6 ev-guard -c c.yaml --facts facts h
	reason 'the settings of ev-enrich are not those of 2024-12-11'
	# The name of a log has its date in other ways, and another suffix.
	table web2
	runs 6 ev-guard -c c.yaml --facts facts h
	reason 'nothing came from web2/access-*.log'
	table web2@15..0
	runs 0 ev-guard -c c.yaml --facts facts --all h
	[ "$(grep -c 'nothing came from web2' out)" -eq 14 ]
	config 'guard: {health: {max_age: 68}}'
	table
	runs 6 ev-guard -c c.yaml --facts facts h
	reason 'the country database was 69 days old'
	config 'enrich: {country: {database: x.mmdb, max_age: 69}}'
	runs 0 ev-guard -c c.yaml --facts facts h
}

@test "without a past, too many rejects are too many by the limit" {
	config
	site 1 10 >h
	perl "$T/guard-facts.pl" facts 10 rejects=6
	runs 6 ev-guard -c c.yaml --facts facts h
	[ "$(cut -f11 out)" = '6.0% of the lines are rejects, more than 5%' ]
	config 'guard: {health: {rejects: 0.1}}'
	runs 6 ev-guard -c c.yaml --facts facts h
	has out 'too little history'
}

@test "a table that is none, or broken, is an error" {
	config
	site 1 30 >h
	runs 1 ev-guard -c c.yaml --facts nowhere h
	has err 'nowhere: no table of ev-partition'
	mkdir -p facts/_manifests
	runs 0 ev-guard -c c.yaml --facts facts h
	echo '{"version": 1}' >facts/_manifests/0000000001.json
	runs 1 ev-guard -c c.yaml --facts facts h
	has err 'facts/_manifests/0000000001.json'
	[ ! -s out ]
}

@test "what a manifest says of a name reaches no terminal" {
	config
	site 1 70 >h
	perl "$T/guard-facts.pl" facts 70 web2
	sed -i 's/"name": "web2/"name": "web2\\u001b[31m\\t\\n\\\\/' facts/_manifests/*
	runs 6 ev-guard -c c.yaml --facts facts h
	[ "$(cut -f11 out)" = 'nothing came from web2%1B[31m%09%0A%5C/access-*.log' ]
}
