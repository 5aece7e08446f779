#!/usr/bin/env bats
# Pieces of ev-agg against what their headers promise (agg.c).

load helper

@test "decimals are read and printed exactly, in their one shortest form" {
	"$EV_BIN/agg-test" decimal
}

@test "the parts of a key come back, whatever their bytes" {
	"$EV_BIN/agg-test" key
}

@test "a value has one number, however it is found again" {
	"$EV_BIN/agg-test" dict
}

@test "fields are what the columns and the map say, whatever the map" {
	"$EV_BIN/agg-test" fields
}

@test "keys are sorted bytewise, whatever they share" {
	"$EV_BIN/agg-test" keysort
}

@test "a set knows what was added" {
	"$EV_BIN/agg-test" set
}

@test "conditions are the same when each has the other's values, once for once" {
	"$EV_BIN/agg-test" where
}
