#!/usr/bin/env bats
# The metrics section of the config: every error, with its place.

load helper
load agg-helper

ONE='wants one of count, distinct, sum, min, max, mean, quantile, funnel, cohort, retention, sessions, attribution, ratio and use'

# bad LINE:COLUMN MESSAGE, with the metrics on stdin
bad() {
	metrics
	runs 2 ev-agg -c m.yaml nosuch
	if ! has_line err "ev-agg: m.yaml:$1: $2"; then
		return 1
	fi
	[ "$(wc -l <err)" -eq 1 ]
}

@test "a definition is one of the kinds that there are" {
	bad 2:6 "metrics.a: $ONE" \
	    <<<'a: {where: {bot: null}}'
	bad 2:6 "metrics.a: $ONE" \
	    <<<'a: {count: events, distinct: user_id}'
	bad 2:6 "metrics.a: expected a mapping" <<<'a: 5'
	bad 2:22 "metrics.a: unknown key 'were'" \
	    <<<'a: {count: events, were: {bot: null}}'
	bad 2:14 "count: only events are counted; 'distinct: users' counts the different values of a field" \
	    <<<'a: {count: users}'
	bad 2:17 "distinct: names no field" <<<'a: {distinct: []}'
	bad 2:33 "guardrail: 'down' or 'up', not 'left'" \
	    <<<'a: {count: events, guardrail: left}'
}

@test "a config of more than a person writes is refused, and at once" {
	{
		printf 'a: {count: events, by: ['
		printf 'p%d, ' $(seq 65)
		printf ']}\n'
	} >by
	bad 2:26 "by: more than 64" <by
	{
		printf 'a: {count: events, where: {'
		printf 'p%d: 1, ' $(seq 65)
		printf '}}\n'
	} >where
	bad 2:29 "where: more than 64" <where
	printf 'm%d: {count: events}\n' $(seq 4097) >many
	bad 2:3 "metrics: more than 4096" <many
	head -n 4096 many | metrics
	runs 0 ev-agg --check -c m.yaml
	sed 's/p65, //' by | metrics
	runs 0 ev-agg --check -c m.yaml
}

@test "metrics have plain names and are a mapping" {
	bad 2:3 "metrics: the name 'a b' may hold letters, digits, '_', '-' and \
'.'" <<<'"a b": {count: events}'
	bad 2:3 "metrics: the name '' is empty" <<<'"": {count: events}'
	echo 'metrics: [a]' >m.yaml
	runs 2 ev-agg -c m.yaml
	has_line err "ev-agg: m.yaml:1:10: metrics: expected a mapping"
}

@test "fields are columns or properties, and not misspelt columns" {
	bad 2:27 "by: 'dim_contry' is no column" \
	    <<<'a: {count: events, by: [dim_contry]}'
	bad 2:31 "by: 'bot' twice" <<<'a: {count: events, by: [bot,bot]}'
	bad 2:17 "distinct: 'other_properties' is the map itself; name one of \
its properties" <<<'a: {distinct: other_properties}'
	bad 2:30 "where: 'a b' is no name of a column or a property" \
	    <<<'a: {count: events, where: {a b: c}}'
}

@test "a where has values" {
	bad 2:35 "where: 'bot' has no value" \
	    <<<'a: {count: events, where: {bot: []}}'
	bad 2:36 "where: 'x' is no operator: is, not, regex, min, max, above \
or below" <<<'a: {count: events, where: {bot: {x: y}}}'
	bad 2:36 "where: expected a single value" \
	    <<<'a: {count: events, where: {bot: [[x]]}}'
	bad 2:29 "where: expected a mapping" \
	    <<<'a: {count: events, where: [bot]}'
}

@test "use and ratio name metrics that are there" {
	bad 2:12 "metrics.a.use: no metric is named 'b'" <<<'a: {use: b}'
	bad 2:12 "metrics.a.use: 'a' is built on this metric itself" \
	    <<<'a: {use: a}'
	bad 4:12 "metrics.c.use: 'a' is built on this metric itself" <<-'EOF'
	a: {use: b}
	b: {use: c}
	c: {use: a}
	EOF
	bad 2:14 "ratio: wants two metrics, numerator and denominator" \
	    <<<'a: {ratio: [b]}'
	bad 3:18 "metrics.b.ratio: no metric is named 'c'" <<-'EOF'
	a: {count: events}
	b: {ratio: [a, c]}
	EOF
	bad 4:15 "metrics.c.ratio: 'b' is itself a ratio" <<-'EOF'
	a: {count: events}
	b: {ratio: [a, a]}
	c: {ratio: [b, a]}
	EOF
}

@test "the parts of a ratio and the ratio have one by" {
	bad 4:15 "metrics.c.ratio: 'a', 'b' and the ratio have different 'by'" \
	    <<-'EOF'
	a: {count: events}
	b: {count: events, by: bot}
	c: {ratio: [a, b]}
	EOF
	bad 3:15 "metrics.c.ratio: 'b', 'b' and the ratio have different 'by'" \
	    <<-'EOF'
	b: {count: events, by: bot}
	c: {ratio: [b, b], by: os}
	EOF
}

@test "use may be as deep as the limit and no deeper" {
	chain() {
		echo 'a0: {count: events}'
		for i in $(seq "$1"); do
			echo "a$i: {use: a$((i - 1))}"
		done | tac
	}
	chain 32 | metrics
	runs 0 ev-agg -c m.yaml --check
	chain 33 | metrics
	runs 2 ev-agg -c m.yaml --check
	has err "ev-agg: m.yaml:35:13: metrics.a1.use: more than 32 levels"
	chain 20000 | metrics
	runs 2 ev-agg -c m.yaml --check
}

@test "all errors are told at once, in the order of the file" {
	metrics <<-'EOF'
	a: {count: event}
	b: {distinct: dim_}
	c: {use: d}
	EOF
	runs 2 ev-agg -c m.yaml --check
	[ "$(wc -l <err)" -eq 3 ]
	cut -d: -f3 err | sort -nc
}

@test "a mistake is not told twice by who uses the metric" {
	bad 2:14 "count: only events are counted; 'distinct: x' counts the different values of a field" <<-'EOF'
	a: {count: x}
	b: {use: a}
	c: {ratio: [a, b]}
	EOF
}

@test "each definition that ev.yaml(5) shows is one" {
	sed -n '/^\.Ss metrics/,/^\.Sh EXAMPLES/p' "$SRC/man/ev.yaml.5" |
	    sed -n 's/^\.Dl //p' | sed 's/^"\(.*\)"$/\1/; s/\\e/\\/g' >shown
	{
		echo 'metrics:'
		# Conditions alone are those of a metric.
		sed 's/^ \{9\}/    /; s/^\([a-z]\)/  \1/
		    s/^{\(.*\)}$/  cNR: {count: events, where: {\1}}/' shown |
		    awk '{ sub(/cNR/, "c" NR); print }'
		printf '  visitors: {distinct: logged_out_user_id}\n'
		printf '  signups: {count: events, where: {action_type: signup}}\n'
	} >m.yaml
	[ "$(wc -l <m.yaml)" -gt 25 ]
	runs 0 ev-agg -c m.yaml --check
}

@test "each key goes with its definition" {
	bad 2:24 "metrics.a: 'within' does not go with 'count'" \
	    <<<'a: {count: events,   within: 1d}'
	bad 2:22 "metrics.a: 'approx' does not go with 'sum'" \
	    <<<'a: {sum: bytes,    approx: true}'
	bad 2:6 "metrics.a: cohort wants 'within'" \
	    <<<'a: {cohort: {bot: null}, then: {bot: x}}'
	bad 2:6 "metrics.a: retention wants 'days' or 'weeks'" \
	    <<<'a: {retention: {bot: null}, days: 1, weeks: 1}'
	bad 2:15 "funnel: wants two steps or more" \
	    <<<'a: {funnel: [{bot: null}], within: 1d}'
	bad 2:23 "gap: '5' is no time such as 30m, 24h, 7d or 2w, of 366d at \
most" <<<'a: {sessions: {gap: 5}}'
	bad 2:66 "model: 'first' or 'last', not 'best'" \
	    <<<'a: {attribution: {action_type: x}, source: referrer, model:    best, within: 1d}'
	bad 2:37 "at: '0.50' is no fraction such as 0.5" \
	    <<<'a: {quantile: {of: bytes, at: [1, 0.50]}}'
	bad 2:28 "top: from 1 to 1000" <<<'a: {count: events,  top: 0, by: bot}'
	bad 2:6 "metrics.a: top wants a 'by'" <<<'a: {count: events, top: 5}'
	bad 2:3 "metrics.a: share wants a 'ratio'" \
	    <<<'a: {count: events, share: true}'
	bad 2:6 "metrics.a: totals of more than 4 fields" \
	    <<<'a: {count: events, totals: true, by: [a, b, c, d, e]}'
	bad 2:30 "by: 'step' is a dimension of ev-agg's own" \
	    <<<'a: {count: events, by: [   step]}'
	bad 2:30 "period: 'day', 'week' or 'month', not 'year'" \
	    <<<'a: {count: events, period: year}'
	bad 3:15 "metrics.b.ratio: 'a' is no count or sum" <<-'EOF'
	a: {mean: bytes}
	b: {ratio: [a, a]}
	EOF
	bad 4:15 "metrics.c.ratio: 'a', 'b' and the ratio have different \
'period'" <<-'EOF'
	a: {count: events, period: week}
	b: {count: events}
	c: {ratio: [a, b]}
	EOF
}

@test "a where says what it does not understand" {
	bad 2:46 "regex: bad regex at offset 1: missing closing parenthesis" \
	    <<<'a: {count: events, where: {uri: {regex:    "("}}}'
	bad 2:49 "max: a second bound on this side" \
	    <<<'a: {count: events, where: {x: {below: 1, max: 2}}}'
	bad 2:35 "any: has no value" <<<'a: {count: events, where: {any: []}}'
	bad 2:35 "not: expected a mapping" \
	    <<<'a: {count: events, where: {not: x}}'
}

@test "a window longer than the visitor's key lasts is an error" {
	rotating() {
		{
			printf 'enrich: {visitor: {key_dir: keys, rotate: %s}}\n' "$1"
			echo 'metrics:'
			echo "  a: $2"
		} >m.yaml
	}
	refused() {
		rotating "$@"
		runs 2 ev-agg -c m.yaml --check
		has_line err "ev-agg: m.yaml:3:3: metrics.a: looks further than \
the visitor's key lasts (enrich.visitor.rotate); visitor: user_id may do"
	}
	taken() {
		rotating "$@"
		runs 0 ev-agg -c m.yaml --check
	}
	cohort='cohort: {x: a}, then: {x: b}'
	refused weekly "{$cohort, within: 8d}"
	refused daily "{$cohort, within: 25h}"
	refused monthly "{$cohort, within: 32d}"
	taken weekly "{$cohort, within: 7d}"
	taken daily "{$cohort, within: 8d, visitor: user_id}"
	refused daily "{$cohort, within: 8d, visitor: [user_id, logged_out_user_id]}"
	rotating never "{$cohort, within: 300d}"
	sed -i 's/key_dir: keys, //' m.yaml
	runs 0 ev-agg -c m.yaml --check
	refused daily '{distinct: logged_out_user_id, period: week}'
	taken weekly '{distinct: logged_out_user_id, period: week}'
	taken daily '{distinct: user_id, period: month}'
	# A key of a week does not know who comes back after seven days.
	refused weekly '{retention: {x: a}, days: 7}'
	taken weekly '{retention: {x: a}, days: 6}'
	refused daily '{retention: {x: a}, days: 1}'
	refused weekly '{retention: {x: a}, weeks: 1}'
	taken monthly '{retention: {x: a}, weeks: 3}'
	refused monthly '{retention: {x: a}, weeks: 4}'
	# One visitor of a week would be seven.
	refused daily "{$cohort, within: 1h, period: week}"
	refused weekly '{funnel: [{x: a}, {x: b}], within: 1h, period: month}'
	taken monthly '{funnel: [{x: a}, {x: b}], within: 1h, period: month}'
	taken daily '{sessions: {gap: 30m}, period: week}'
	taken daily '{attribution: {x: a}, source: y, model: last, within: 1d, period: month}'
	refused weekly '{attribution: {x: a}, source: y, model: last, within: 2w}'
	# Without a metric of the config, too.
	rotating daily '{count: events}'
	runs 2 ev-agg -c m.yaml --distinct logged_out_user_id --period week
	has_line err "ev-agg: --period: is longer than the visitor's key lasts (enrich.visitor.rotate)"
	runs 0 ev-agg -c m.yaml --distinct logged_out_user_id </dev/null
	runs 0 ev-agg -c m.yaml --distinct user_id --period week </dev/null
	taken daily '{sessions: {gap: 30m}}'
}

@test "a condition on an action that no rule gives is warned about, once" {
	cat >m.yaml <<-'EOF'
	actions:
	  - {action: signup, uri: ^/s}
	  - {action: page, uri: ^/p}
	  - {action: static, uri: ^/x, drop: true}
	metrics:
	  hits: {count: events, where: {action_type: [page, pgae, other]}}
	  more: {use: hits, by: ds}
	  dropped: {count: events, where: {any: [{action_type: static}, {bot: x}]}}
	  rate: {ratio: [hits, hits], where: {action_type: {not: sigup}}}
	  way: {funnel: [{action_type: page}, {action_type: signpu}], within: 1d}
	EOF
	runs 0 ev-agg -c m.yaml --check
	cat >want <<-'EOF'
	ev-agg: m.yaml:6:53: metrics.hits: no rule of the actions gives 'pgae'
	ev-agg: m.yaml:8:56: metrics.dropped: no rule of the actions gives 'static'
	ev-agg: m.yaml:9:58: metrics.rate: no rule of the actions gives 'sigup'
	ev-agg: m.yaml:10:53: metrics.way: no rule of the actions gives 'signpu'
	EOF
	same err want
	# Who has no rules does not know what the events were parsed with.
	sed -i '1,4d' m.yaml
	runs 0 ev-agg -c m.yaml --check
	[ ! -s err ]
	runs 0 ev-agg -c "$SRC/examples/growth/growth.yaml" --check
	[ ! -s err ]
}
