load helper

prepare() {
	[ -x "$EV_BIN/base-test" ] ||
	    skip "base-test is not built: make base-test"
}

# bad CONFIG MESSAGE...: each message is one line of stderr, and no other.
bad() {
	printf '%s\n' "$1" >c.yaml
	shift
	runs 2 base-test conf c.yaml
	for message; do
		has_line err "base-test: c.yaml:$message"
	done
	[ "$(wc -l <err)" -eq $# ]
}

good() {
	printf '%s\n' "$1" >c.yaml
	runs 0 base-test conf c.yaml
	[ ! -s err ]
}

@test "the config of the example is right" {
	runs 0 base-test conf "$SRC/examples/growth/growth.yaml"
	[ ! -s err ]
}

@test "the examples of ev.yaml(5) are right" {
	local f

	# Each display is a config, but for those that are commands.
	awk '/^\.Sh EXAMPLES/ { on = 1 }
		/^\.Ed/ { shown = 0 }
		shown { gsub(/\\e/, "\\"); print >("example." n ".yaml") }
		on && /^\.Bd/ { shown = 1; n++ }' "$SRC/man/ev.yaml.5"
	grep -q traffic_breakdown example.1.yaml
	for f in example.*.yaml; do
		if grep -q '^\$ ' "$f"; then
			continue
		fi
		runs 0 base-test conf "$f"
		[ ! -s err ]
	done
}

@test "a missing, unreadable or empty config says so" {
	runs 2 base-test conf none.yaml
	has_line err "base-test: none.yaml: No such file or directory"
	runs 2 base-test conf .
	has_line err "base-test: .: Is a directory"
	: >c.yaml
	runs 0 base-test conf c.yaml
	has_line err "base-test: c.yaml: the config is empty"
}

@test "all errors are shown at once, each with its place" {
	bad 'site:
  hosts: [xx.com, "bad host"]
  prt: 80
log: {user: x}
enrich:
  visitor: {rotate: hourly}
partition: {compress: lzma}' \
	    "2:19: hosts: 'bad host' is no host name" \
	    "3:3: site: unknown key 'prt'" \
	    "4:7: log: unknown key 'user'" \
	    "6:21: rotate: 'hourly' is none of never, daily, weekly, monthly" \
	    "7:23: compress: 'lzma' is none of none, gzip, zstd"
}

@test "a duplicate key, at any depth, is an error" {
	bad 'site:
  default_host: xx.com
  default_host: xxx.com' "3:3: duplicate key 'default_host'"
	bad 'site: {}
log: {}
site: {}' "3:1: duplicate key 'site'"
}

@test "aliases, anchors and tags are errors" {
	bad 'site: &a {}' "1:7: anchors are not supported"
	bad 'site: {default_host: !!str xx.com}' "1:22: tags are not supported"
	bad 'site: {default_host: *a}' "1:22: aliases are not supported"
}

@test "a second document is an error" {
	bad '--- {}
--- {}' "2:1: more than one document"
}

@test "nesting past 32 levels is an error, and does not overflow the stack" {
	printf 'a: ' >c.yaml
	head -c 200000 /dev/zero | tr '\0' '[' >>c.yaml
	runs 2 base-test conf c.yaml
	has err ": nested past 32 levels"
}

@test "broken YAML is an error with its place" {
	printf 'site: {hosts: [a\nlog: x\n' >c.yaml
	runs 2 base-test conf c.yaml
	grep -q '^base-test: c.yaml:[0-9]*:[0-9]*: ' err
	printf 'site: \377\n' >c.yaml
	runs 2 base-test conf c.yaml
	grep -q '^base-test: c.yaml: byte [0-9]*: ' err
	printf 'site: "a\\0b"\n' >c.yaml
	runs 2 base-test conf c.yaml
	has err "c.yaml:1:7: a NUL byte in a scalar"
}

@test "a tab that indents is called a tab" {
	printf 'site:\n\thosts: [a.test]\n' >tab.yaml
	runs 2 ev-parse -c tab.yaml --check
	has_line err 'ev-parse: tab.yaml:2:1: a TAB: YAML is indented by blanks'
}

@test "a wrong type is an error that says what was expected" {
	bad 'site: [a]' "1:7: site: expected a mapping"
	bad 'actions: {}' "1:10: actions: expected a list"
	bad 'site: {default_host: [a]}' \
	    "1:22: default_host: expected a single value"
	bad 'site: {default_host: }' "1:22: default_host: has no value"
	bad 'site: {default_host: null}' "1:22: default_host: has no value"
	bad 'a' "1:1: config: expected a mapping"
}

@test "NO is Norway: scalars are strings, only plain null and ~ are null" {
	good 'metrics: {m: {count: events, where: {dim_country: [NO, null, ~]}}}'
}

@test "a network of trusted proxies is checked" {
	good 'log: {trusted_proxies: [10.0.0.0/8, "::1", "fc00::/7", 192.0.2.1]}'
	bad 'log: {trusted_proxies: [10.0.0.0/33, 1.2.3, "::1/129"]}' \
	    "1:25: trusted_proxies: '10.0.0.0/33' is no network" \
	    "1:38: trusted_proxies: '1.2.3' is no network" \
	    "1:45: trusted_proxies: '::1/129' is no network"
}

@test "a number out of its range is one error, and so is what is no number" {
	bad 'partition: {most: 0}' "1:19: most: from 1 to 10000"
	bad 'partition: {most: many}' "1:19: most: 'many' is no whole number"
	bad 'guard: {weeks: 3}' "1:16: weeks: from 4 to 104"
	bad 'report: {rows: 1001}' "1:16: rows: from 1 to 1000"
	bad 'enrich: {visitor: {ipv6_prefix: 129}}' \
	    "1:33: ipv6_prefix: from 1 to 128 bits"
	bad 'enrich: {anonymize: {ipv4: 33}}' "1:28: ipv4: from 1 to 32 bits"
}

@test "a bad regex is an error with its offset" {
	bad "actions: [{action: a, uri: '^/(x'}]" \
	    "1:28: uri: bad regex at offset 4: missing closing parenthesis"
}

@test "a rule needs an action and a status that exists" {
	bad 'actions: [{method: GET}]' "1:11: actions: a rule without 'action'"
	good 'actions: [{action: a, status: [200, 3xx, 400-404]}]'
	bad 'actions: [{action: a, status: [20x]}]' \
	    "1:32: status: '20x' is no status, class (2xx) or range (200-299)"
}

@test "control bytes of a config do not reach the terminal" {
	bad 'site: {"a\eb": 1}' "1:8: site: unknown key 'a\\x1Bb'"
}
