#!/usr/bin/env bats
# ev-agg against an independent computation (agg-random.pl), over random
# metrics and random events with hostile values.  EV_AGG_SEEDS: how many.

load helper
load agg-helper

@test "random metrics over random events equal another program's" {
	need perl
	for seed in $(seq "${EV_AGG_SEEDS:-60}"); do
		perl "$T/agg-random.pl" "$seed"
		runs 0 ev-agg -q -c metrics.yaml events.tsv
		same out expected.tsv || {
			echo "seed $seed"
			return 1
		}
	done
}

@test "any order and any split of the input gives the same bytes" {
	need perl
	for seed in 1001 1002 1003 1004 1005; do
		perl "$T/agg-random.pl" "$seed"
		rm -f piece.*
		perl -MList::Util=shuffle -e 'srand shift; print shuffle(<STDIN>)' \
		    "$seed" <events.tsv >shuffled
		runs 0 ev-agg -q -c metrics.yaml shuffled
		same out expected.tsv
		grep -v '^#' shuffled >rows
		split -n "l/$((seed % 5 + 2))" rows piece.
		runs 0 ev-agg -q -c metrics.yaml piece.*
		same out expected.tsv
	done
}
