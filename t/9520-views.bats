load helper

sql=$SRC/share/sql

# refused LINE WHY CONFIG: mkviews says so, and prints nothing.
refused() {
	printf "$3" >bad.yaml
	runs 2 "$sql/mkviews" bad.yaml
	has_line err "mkviews: bad.yaml:$1: $2"
	[ ! -s out ]
}

@test "the views at hand are those of the growth config" {
	"$sql/mkviews" "$SRC/examples/growth/growth.yaml" >views.sql
	same "$sql/views.sql" views.sql
	"$sql/mkviews" -d hive "$SRC/examples/growth/growth.yaml" >hive.sql
	same "$sql/views-hive.sql" hive.sql
}

@test "DuckDB and PostgreSQL get the same views" {
	for file in "$SRC/examples/growth/growth.yaml" "$T/sql-visits.yaml" \
	    "$T/sql-metrics.yaml" "$T/sql-measures.yaml"; do
		"$sql/mkviews" -d duckdb "$file" >duckdb
		"$sql/mkviews" -d postgresql <"$file" >postgresql
		same duckdb postgresql
	done
}

@test "each engine's table has the columns of the record, in order" {
	cat >want <<-EOF
	user_id
	logged_out_user_id
	dim_hostname
	dim_country
	dim_device_brand
	action_type
	event_timestamp
	other_properties
	ds
	EOF
	sed -n '/^CREATE EXTERNAL/,/^ROW/s/^\(PARTITIONED BY (\|	\)\([a-z_]*\) .*/\2/p' \
	    "$sql/hive.sql" >hive
	same want hive
	sed -n "/^CREATE TABLE/,/^)/s/^	\([a-z_]*\) .*/\1/p" \
	    "$sql/postgresql.sql" >postgresql
	same want postgresql
	{
		sed -n "/columns = {/,/}/s/^		'\([a-z_]*\)'.*/\1/p" \
		    "$sql/duckdb.sql"
		sed -n "s/.*hive_types = {'\([a-z]*\)'.*/\1/p" "$sql/duckdb.sql"
	} >duckdb
	same want duckdb
}

@test "views for Hive call no function that Hive lacks" {
	for file in "$SRC/examples/growth/growth.yaml" "$T/sql-metrics.yaml"; do
		"$sql/mkviews" -d hive "$file" >views
		grep -q "other_properties\['" views
		if grep -n 'core\.[a-z]*(\|||\|VARCHAR\|PRECISION' views; then
			return 1
		fi
	done
}

@test "mkviews refuses what ev-agg refuses, by file and line" {
	refused 2 "no metric is named 'b'" 'metrics:\n  a: {use: b}\n'
	refused 2 'b: built on itself' \
	    'metrics:\n  b: {use: a}\n  a: {use: b}\n'
	one='a: wants one of count, distinct, sum, min, max, mean, funnel, cohort, retention, sessions, attribution, ratio and use'
	refused 2 "$one" 'metrics:\n  a: {where: {bot: null}}\n'
	refused 2 "$one" 'metrics:\n  a: {count: events, distinct: ds}\n'
	refused 2 'a: count: can count events' 'metrics:\n  a: {count: hits}\n'
	refused 3 'b: ratio: wants two metrics' \
	    'metrics:\n  a: {count: events}\n  b: {ratio: [a]}\n'
	refused 4 'c: ratio: of a ratio' \
	    'metrics:\n  a: {count: events}\n  b: {ratio: [a, a]}\n  c: {ratio: [a, b]}\n'
	refused 4 "c: ratio: 'by' differs" \
	    'metrics:\n  a: {count: events, by: [ds]}\n  b: {count: events}\n  c: {ratio: [a, b]}\n'
	refused 2 "a: 'within' is not read here" \
	    'metrics:\n  a: {count: events, within: 1d}\n'
	refused 3 'b: ratio: of what is no count or sum' \
	    'metrics:\n  a: {mean: bytes}\n  b: {ratio: [a, a]}\n'
	refused 4 "c: ratio: 'period' differs" \
	    'metrics:\n  a: {count: events, period: week}\n  b: {count: events}\n  c: {ratio: [a, b]}\n'
	refused 2 "a: period: 'day', 'week' or 'month'" \
	    'metrics:\n  a: {count: events, period: year}\n'
	refused 2 "uri: 'like' is no operator" \
	    'metrics:\n  a: {count: events, where: {uri: {like: x}}}\n'
	refused 2 'any: expected mappings of conditions' \
	    'metrics:\n  a: {count: events, where: {any: []}}\n'
	refused 3 'a: given twice' \
	    'metrics:\n  a: {count: events}\n  a: {count: events}\n'
	refused 2 'other_properties: not here' \
	    'metrics:\n  a: {distinct: other_properties}\n'
	refused 2 'daily_metrics: no name for a view' \
	    'metrics:\n  daily_metrics: {count: events}\n'
	refused 2 'a bracket is not closed' 'metrics:\n  a: {count: events\n'
	refused 2 \
	    'anchors, aliases, tags and block scalars are not read here' \
	    'metrics:\n  a: {count: *x}\n'
	refused 2 'this escape is not read here' \
	    'metrics:\n  a: {count: "\\u0041"}\n'
	refused 1 'metrics: expected an indented block' 'metrics: {}\n'
	refused 1 'no metrics' 'site: {}\n'
	runs 2 "$sql/mkviews" none.yaml
	has_line err 'mkviews: none.yaml: No such file or directory'
	runs 2 "$sql/mkviews" -d oracle none.yaml
	has err 'usage: mkviews'
}

@test "an estimate of distinct values is counted exactly in SQL" {
	for dialect in duckdb postgresql hive; do
		printf 'metrics:\n  a: {distinct: uri, by: dim_country%s}\n' '' |
		    "$sql/mkviews" -d $dialect >exact
		for approx in true false; do
			printf 'metrics:\n  a: {distinct: uri, by: dim_country%s}\n' \
			    ", approx: $approx" | "$sql/mkviews" -d $dialect >views
			same exact views
		done
	done
	refused 2 "a: approx: 'true' or 'false'" \
	    'metrics:\n  a: {distinct: uri, approx: 4096}\n'
	refused 2 "a: 'approx' is not read here" \
	    'metrics:\n  a: {count: events, approx: true}\n'
}

@test "what SQL has no words for is refused by its name" {
	refused 2 "a: quantile: a sketch of ev-agg's own; ev-agg computes it" \
	    'metrics:\n  a: {quantile: {of: bytes, at: 0.5}}\n'
	refused 2 'a: top: it makes (other) of the rest; ev-agg computes it' \
	    'metrics:\n  a: {count: events, by: uri, top: 3}\n'
	refused 2 "uri: regex: PCRE2 is not SQL's; ev-agg computes it" \
	    'metrics:\n  a: {count: events, where: {uri: {regex: ^/}}}\n'
	for form in 'period: {count: events, period: week}' \
	    'funnel: {funnel: [{bot: null}, {bot: x}], within: 1d}' \
	    'cohort: {cohort: {bot: null}, then: {bot: x}, within: 1d}' \
	    'retention: {retention: {bot: null}, days: 1}' \
	    'sessions: {sessions: {gap: 30m}}' \
	    'attribution: {attribution: {bot: null}, source: referrer, model: last, within: 1d}'
	do
		printf 'metrics:\n  a: %s\n' "${form#*: }" >bad.yaml
		runs 2 "$sql/mkviews" -d hive bad.yaml
		has_line err "mkviews: bad.yaml:2: a: ${form%%:*}: not for Hive; ev-agg computes it"
	done
}

@test "mkviews checks what a visitor's metric needs" {
	refused 2 'a: funnel: wants two steps or more' \
	    'metrics:\n  a: {funnel: [{bot: null}], within: 1d}\n'
	refused 2 'a: funnel: expected a mapping of conditions' \
	    'metrics:\n  a: {funnel: [bot, bot], within: 1d}\n'
	refused 2 'a: within: expected a time such as 30m or 7d' \
	    'metrics:\n  a: {funnel: [{bot: null}, {bot: x}]}\n'
	refused 2 'a: cohort: wants then' \
	    'metrics:\n  a: {cohort: {bot: null}, within: 1d}\n'
	refused 2 'a: retention: wants days or weeks' \
	    'metrics:\n  a: {retention: {bot: null}}\n'
	refused 2 'a: days: expected a number' \
	    'metrics:\n  a: {retention: {bot: null}, days: x}\n'
	refused 2 'a: sessions: wants gap' 'metrics:\n  a: {sessions: {}}\n'
	refused 2 'a: gap: expected a time such as 30m or 7d' \
	    'metrics:\n  a: {sessions: {gap: 30}}\n'
	refused 2 "a: model: 'first' or 'last'" \
	    'metrics:\n  a: {attribution: {bot: null}, source: ref, within: 1d}\n'
	refused 2 'expected the name of a column or property' \
	    'metrics:\n  a: {attribution: {bot: null}, model: last, within: 1d}\n'
	refused 2 "a: 'touch' is not read here" \
	    'metrics:\n  a: {sessions: {gap: 1h}, touch: {bot: null}}\n'
	refused 3 'b: ratio: of what is no count or sum' \
	    'metrics:\n  a: {sessions: {gap: 1h}}\n  b: {ratio: [a, a]}\n'
}

@test "a layout of the config makes no difference to its views" {
	cat >flow.yaml <<-'EOF'
	site: {hosts: [a]}
	metrics:
	  hits: {count: events, where: {action_type: [a, b], bot: null}}
	  # a comment
	  rate: {ratio: [hits, hits], guardrail: down}
	enrich: {keep: []}
	EOF
	cat >block.yaml <<-'EOF'
	metrics:   # what counts
	    "hits":
	        count: events
	        where:
	            action_type:
	            - a
	            - "b"   # the other
	            bot: ~

	    rate: { ratio: [
	        hits, 'hits' ],
	      guardrail: down }
	EOF
	"$sql/mkviews" flow.yaml >flow
	"$sql/mkviews" block.yaml >block
	same flow block
	sed 's/$/\r/' flow.yaml | "$sql/mkviews" >crlf
	same flow crlf
}
