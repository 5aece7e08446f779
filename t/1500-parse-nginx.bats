#!/usr/bin/env bats
# ev-parse against Debian's nginx: what was sent is what is returned.

load helper
load parse-helper

setup_file() {
	mkdir "$BATS_FILE_TMPDIR/nginx"
	PATH=$PATH:/usr/sbin
	command -v nginx >/dev/null || return 0
	perl "$BATS_TEST_DIRNAME/parse-nginx.pl" run "$BATS_FILE_TMPDIR/nginx" \
	    >"$BATS_FILE_TMPDIR/counts"
}

prepare() {
	PATH=$PATH:/usr/sbin
	need nginx
	logs=$BATS_FILE_TMPDIR/nginx
	cat >c.yaml <<-EOC
	properties:
	  args: ['*']
	  cookies: ['*']
	  deny: [nothing]
	  variables: [$(perl "$T/parse-nginx.pl" variables),arg_a,cookie_sid]
	EOC
}

@test "two thousand hostile requests reach nginx, most of them whole" {
	counts=$BATS_FILE_TMPDIR/counts
	[ "$(sed -n 's/^all //p' "$counts")" -eq 2400 ]
	[ "$(sed -n 's/^garbage //p' "$counts")" -ge 50 ]
	[ "$(sed -n 's/^huge //p' "$counts")" -ge 10 ]
	[ "$(sed -n 's/^empty //p' "$counts")" -ge 10 ]
	[ "$(sed -n 's/^refused //p' "$counts")" -le 400 ]
	[ "$(wc -l <"$logs/formats")" -ge 30 ]
}

@test "in each format each field is what was sent, byte for byte" {
	n=0
	while IFS=$'\t' read -r name format; do
		rm -f rej
		runs 0 ev-parse -q -c c.yaml --rejects rej --format "$format" \
		    "$logs/$name.log"
		conserved out
		perl "$T/parse-nginx.pl" check "$logs" "$name" out rej
		n=$((n + 1))
	done < <(cat "$logs/formats")
	[ $n -ge 30 ]
}

@test "a literal - is lost by escape=default, an empty value by the others" {
	runs 0 ev-parse --no-marks -q "$logs/combined.log"
	property http_referer <out >default
	runs 0 ev-parse --no-marks -q "$logs/j_all.log" --format \
	    "$(sed -n 's/^j_all\t//p' "$logs/formats")"
	property http_referer <out >json
	paste default json >both
	has_line both "$(printf '\\N\t-')"
	has_line both "$(printf '\t\\N')"
	not grep -P '^-\t' both
}

@test "under escape=none a line feed tears a line, and a NUL rejects it" {
	runs 0 ev-parse --rejects rej --format 'escape=none $msec $uri' \
	    "$logs/l_path.log"
	conserved out
	[ "$(counter out lines)" -gt 2400 ]
	[ "$(counter out rejected)" -gt 0 ]
	[ "$(counter out events)" -le 2400 ]
	runs 0 ev-parse -q --rejects rej --format \
	    'escape=none $msec $status $request' "$logs/n_request.log"
	[ "$(rows_of rej | cut -f 1 | sort -u)" = nul ]
}

@test "of a request line that fits no buffer nginx keeps what does" {
	printf 'properties: {variables: [request]}\n' >v.yaml
	runs 0 ev-parse --no-marks -q -c v.yaml "$logs/combined.log"
	grep 'status=414' out >huge
	property request <huge | perl -pe 'chomp; s/%(..)/./g;
		$_ = length($_) . "\n"' | sort -u >length
	[ "$(cat length)" = 8192 ]
}

@test "what was read of a line of nginx's is the line, in each format" {
	while IFS=$'\t' read -r name format; do
		runs 0 "$EV_BIN/render" "$format" "$logs/$name.log"
		case $format in
		*escape=none*) has out '2400 lines, 2' ;;
		*) has_line out '2400 lines, 2400 accepted, 0 rejected' ;;
		esac
	done < <(cat "$logs/formats")
}
