#!/usr/bin/env bats
# Funnels, cohorts, retention, sessions and attribution, by hand.

load helper
load agg-helper

# at DAY HH:MM VISITOR ACTION [MAP]
at() {
	ev '\N' "$3" xx.com US Apple "$4" "2026-11-$1 $2:00" "${5-}"
}

rows_of() {
	runs 0 ev-agg -q -c m.yaml "$@" e
	cut -f1,3- out | sed 's/of=logged_out_user_id&//; s/of=logged_out_user_id//'
}

@test "a funnel's steps come in order, within a time of the first" {
	{
		at 01 10:00 1 a; at 01 10:01 1 b; at 01 11:00 1 c
		at 01 10:00 2 b; at 01 10:01 2 a; at 01 10:30 2 c
		at 01 10:00 3 a; at 01 10:30 3 b; at 01 11:00 3 a
		at 01 11:20 3 b; at 01 12:00 3 c
		at 01 10:00 4 a; at 01 11:01 4 b
		at 01 23:59 5 a; at 02 00:10 5 b; at 02 00:20 5 c
		at 01 10:00 '\N' a; at 01 10:01 '\N' b
	} >e
	metrics <<<'f: {funnel: [{action_type: a}, {action_type: b}, {action_type: c}], within: 1h}'
	rows_of >got
	cat >want <<-'EOF'
	2026-11-01	step=1	1	5	5
	2026-11-01	step=2	0.6	3	5
	2026-11-01	step=3	1	3	3
	2026-11-02	step=1	\N	0	0
	2026-11-02	step=2	\N	0	0
	2026-11-02	step=3	\N	0	0
	EOF
	same got want
}

@test "events of one time are in the order of their records" {
	{
		at 01 10:00 1 a; at 01 10:00 1 b
		at 01 10:00 2 c; at 01 10:00 2 b
	} | shuf >e
	metrics <<-'EOF'
	ab: {funnel: [{action_type: a}, {action_type: b}], within: 1h}
	cb: {funnel: [{action_type: c}, {action_type: b}], within: 1h}
	EOF
	rows_of >got
	cat >want <<-'EOF'
	2026-11-01	step=1	1	1	1
	2026-11-01	step=2	1	1	1
	2026-11-01	step=1	1	1	1
	2026-11-01	step=2	0	0	1
	EOF
	same got want
}

@test "one event is not two steps, nor its own follow-up" {
	{ at 01 10:00 1 a; at 01 10:00 2 a; at 01 10:05 2 a; } >e
	metrics <<-'EOF'
	f: {funnel: [{action_type: a}, {action_type: a}], within: 1h}
	c: {cohort: {action_type: a}, then: {action_type: a}, within: 1h}
	EOF
	rows_of --open >got
	cat >want <<-'EOF'
	2026-11-01		0.5	1	2
	2026-11-01	step=1	1	2	2
	2026-11-01	step=2	0.5	1	2
	EOF
	same got want
}

@test "a cohort is told when its window is over" {
	{
		at 01 10:00 1 a; at 03 10:00 1 b
		at 01 10:00 2 a; at 03 10:01 2 b
		at 02 10:00 3 a; at 02 10:00 3 b
		at 04 00:00 4 x
	} >e
	metrics <<<'c: {cohort: {action_type: a}, then: {action_type: b}, within: 2d}'
	rows_of >got
	cat >want <<-'EOF'
	2026-11-01		0.5	1	2
	2026-11-02		1	1	1
	EOF
	same got want
	rows_of --open >got
	cat >>want <<-'EOF'
	2026-11-03		\N	0	0
	2026-11-04		\N	0	0
	EOF
	same got want
}

@test "retention counts days and weeks from the first day" {
	{
		at 02 10:00 1 a; at 03 01:00 1 x; at 09 10:00 1 x
		at 02 10:00 2 a; at 02 12:00 2 x; at 04 01:00 2 y
		at 03 10:00 2 a; at 15 10:00 2 x
		at 17 10:00 3 x
	} >e
	metrics <<-'EOF'
	d: {retention: {action_type: a}, then: {action_type: [x, a]}, days: 2, period: week}
	w: {retention: {action_type: a}, weeks: 3, period: week}
	EOF
	rows_of | grep -v '	0	0$' >got
	cat >want <<-'EOF'
	2026-11-02	after=1&	1	2	2
	2026-11-02	after=2&	0	0	2
	2026-11-02	after=1&	1	2	2
	EOF
	sed -i '3s/1	2	2/1	2	2/' want
	sort got >got.sorted
	rows_of | cat >all
	# Week 1 of visitor 1 has the 9th, that of visitor 2 the 15th: 13 days.
	has_line all '2026-11-02	after=1&	1	2	2'
	has_line all '2026-11-02	after=2&	0	0	2'
	[ "$(grep -c '^2026-11-02' all)" -eq 2 ]
	rows_of --open >all
	[ "$(grep -c '^2026-11-02' all)" -eq 5 ]
	has_line all '2026-11-02	after=3&	0	0	2'
}

@test "a session ends when its gap is passed" {
	{
		at 01 10:00 1 a; at 01 10:30 1 a; at 01 11:01 1 a
		at 01 23:50 2 a; at 02 00:10 2 a
	} >e
	metrics <<<'s: {sessions: {gap: 30m}}'
	rows_of >got
	cat >want <<-'EOF'
	2026-11-01	measure=bounces	0.3333333333333333	1	3
	2026-11-01	measure=count	3	\N	\N
	2026-11-01	measure=seconds	1000	3000	3
	2026-11-02	measure=bounces	\N	0	0
	2026-11-02	measure=count	0	\N	\N
	2026-11-02	measure=seconds	\N	0	0
	EOF
	same got want
}

@test "an attribution finds the first or the last touch of its window" {
	{
		at 01 10:00 1 v s=A; at 02 10:00 1 v s=B; at 03 10:00 1 v s=C
		at 04 09:00 1 v; at 04 10:00 1 buy; at 04 11:00 1 v s=D
		at 04 10:00 2 buy s=self
		at 04 10:00 3 buy; at 04 10:00 3 buy
	} >e
	metrics <<-'EOF'
	first: {attribution: {action_type: buy}, source: s, model: first, within: 2d}
	last: {attribution: {action_type: buy}, source: s, model: last, within: 2d}
	no: {attribution: {action_type: buy}, source: s, touch: {s: {not: [B, C]}}, model: first, within: 4d}
	EOF
	rows_of >got
	cat >want <<-'EOF'
	2026-11-04	s	2	\N	\N
	2026-11-04	s=B	1	\N	\N
	2026-11-04	s=self	1	\N	\N
	2026-11-04	s	2	\N	\N
	2026-11-04	s=C	1	\N	\N
	2026-11-04	s=self	1	\N	\N
	EOF
	same got want
	# Four days before the 4th were not read.
	runs 0 ev-agg -q -c m.yaml -m no --open e
	has_line out '2026-11-04	no	s=A	1	\N	\N'
}

@test "whom a rate is over stands in its rows" {
	{ at 01 10:00 1 a; at 01 10:01 1 b; } >e
	metrics <<-'EOF'
	events: {ratio: [b, a]}
	people: {ratio: [bp, ap]}
	both: {cohort: {action_type: a}, then: {action_type: b}, within: 1h, visitor: [user_id, logged_out_user_id]}
	a: {count: events, where: {action_type: a}}
	b: {count: events, where: {action_type: b}}
	ap: {distinct: logged_out_user_id, where: {action_type: a}}
	bp: {distinct: logged_out_user_id, where: {action_type: b}}
	EOF
	runs 0 ev-agg -q --open -c m.yaml e
	has_line out '2026-11-01	events		1	1	1'
	has_line out '2026-11-01	people	of=logged_out_user_id	1	1	1'
	has_line out '2026-11-01	both	of=user_id, logged_out_user_id	1	1	1'
}
