#!/usr/bin/env bats
# ev-guard says why: what a drop is made of, by referrer, country, brand, host.

load helper

# What guard-causes writes the rows of.
config() {
	cat >c.yaml <<-END
	guard: {weeks: ${1:-26}}
	metrics:
	  hits: {count: events, where: {action_type: page_view}, guardrail: down}
	  signups: {count: events, where: {action_type: signup}, guardrail: down}
	  purchases: {count: events, where: {action_type: purchase}}
	  signup_rate: {ratio: [signups, hits], guardrail: down}
	  purchase_rate: {ratio: [purchases, signups], guardrail: down}
	END
	for m in hits signups purchases; do
		cat >>c.yaml <<-END
		  ${m}_by_referrer: {use: $m, by: [referrer]}
		  ${m}_by_country: {use: $m, by: [dim_country]}
		  ${m}_by_device: {use: $m, by: [dim_device_brand]}
		  ${m}_by_host: {use: $m, by: [dim_hostname]}
		END
	done
}

# Seeds 1 to 200 of a cause; the row that must come first, of each guardrail
# that is down: METRIC CAUSE...  The guardrail named first must be down in
# nearly all of them.
causes() {
	local cause=$1 seed down=0 must=${2%% *}
	config
	perl "$T/guard-facts.pl" facts 80
	for ((seed = 1; seed <= 200; seed++)); do
		guard-causes $seed "$cause" 80 >h 2>truth
		ev-guard -c c.yaml --facts facts --why why h >v || [ $? -eq 3 ]
		! grep 'not comparable' v || return 1
		perl "$T/guard-sums.pl" v why >/dev/null
		awk -F'\t' -v want="$2" -v seed=$seed '
		    FILENAME == "truth" { dim = $1; value = $2; next }
		    FILENAME == "v" { down[$2] = $3 == "down"; reason[$2] = $11; next }
		    !($2 in seen) {
			seen[$2] = $3 == dim && $4 == value && index(want, $2 " " $5) &&
			    index(reason[$2], dim ": ") == 1 && index(reason[$2], $10)
		    }
		    END {
			for (m in down)
				if (down[m] && !seen[m] && index(want, m " ")) {
					print "seed " seed ", " m ": not " dim " " value ": " reason[m]
					bad = 1
				}
			exit bad
		    }' truth v why
		down=$((down + $(grep -c "	$must	down	" v || :)))
	done
	[ "$down" -ge 190 ]
}

@test "a checkout that is broken on one brand is that brand's rate, for 200 seeds" {
	causes checkout 'purchase_rate rate'
}

@test "a referrer's traffic that is gone is that referrer's, for 200 seeds" {
	causes referrer 'signups amount hits amount signup_rate mix'
}

# A wave of bots that nobody knows, fewer or more, with a value of their own in
# some dimensions and signing up or not: where the rates that they make fall are
# an alarm, they come first and are the reason, or the data are at fault.
@test "a wave of unknown bots of any size is named, or a fault of the data, for 200 seeds" {
	config
	for ((seed = 1; seed <= 200; seed++)); do
		guard-causes $seed wave 80 >h 2>truth
		ev-guard -c c.yaml --why why h >v || case $? in 3 | 6) ;; *) return 1 ;; esac
		perl "$T/guard-sums.pl" v why >/dev/null
		# Few of them on a small site may be no more than chance in any value.
		awk -F'\t' -v seed=$seed '
		    FILENAME == "truth" { dim[$1] = $2; next }
		    FILENAME == "v" {
			if ($3 == "down" && $2 ~ /_rate$/) reason[$2] = $11
			all[$3]++
			next
		    }
		    ($2 in reason) && !($2 in seen) {
			d = $3
			named = d in dim && (dim[d] "") == ($4 "")
			v = dim[d] == "\\N" ? "NULL of " d : dim[d]
			seen[$2] = named &&
			    (index(reason[$2], d ": rate among " v " fell ") == 1 ||
			    index(reason[$2], d ": share of " v " rose ") == 1 ||
			    index(reason[$2], "much the same for all values of " d) == 1)
			print index(reason[$2], "much") == 1 ? "same" : "named"
		    }
		    END {
			for (m in reason)
				if (!seen[m]) {
					print "seed " seed ", " m ": " reason[m]
					bad = 1
				}
			if (all["not comparable"]) print "fault"
			exit bad
		    }' truth v why >>told || { tail -n 3 told; return 1; }
	done
	sort told | uniq -c
	[ "$(grep -cx named told)" -ge 100 ]
	[ "$(grep -cx fault told)" -ge 15 ]
	[ "$(grep -cx same told || :)" -le 5 ]
}

@test "a rate that falls as there are more visits says so" {
	hand_config
	# As many sign-ups as ever; twice the hits on A.
	printf '2025-03-01\trate\t\t0.0625\t100\t1600\n2025-03-01\trate_by\tdim_country=A\t0.05\t60\t1200\n2025-03-01\trate_by\tdim_country=B\t0.1\t40\t400\n' >last
	by_hand last >h
	runs 3 ev-guard -c c.yaml h
	cut -f 11 out | grep -qF 'dim_country: rate among A fell 10 % -> 5 %, with 2 times the usual denominator; '
	printf '2025-03-01\thits\t\t1600\t\\N\t\\N\n' >hits
	cat h hits | runs 3 ev-guard -c c.yaml
	cut -f 11 out | grep -qF 'fell 10 % -> 5 %, with 2 times the usual hits; '
	# And of all of them, where no value stands out.
	printf '2025-03-01\trate\t\t0.05\t100\t2000\n2025-03-01\trate_by\tdim_country=A\t0.05\t60\t1200\n2025-03-01\trate_by\tdim_country=B\t0.05\t40\t800\n' >last
	by_hand last >h
	runs 3 ev-guard -c c.yaml h
	[ "$(cut -f 11 out)" = 'much the same for all values of dim_country, with 2 times the usual denominator' ]
}

# Seeds 1 to 200 of a fault of the data: no guardrail is judged, each row says
# that very fault, and there is no cause of what the site is not to blame for.
faults() {
	local cause=$1 seed
	config
	perl "$T/guard-facts.pl" facts 80
	perl "$T/guard-facts.pl" rejects 80 rejects=12
	for ((seed = 1; seed <= 200; seed++)); do
		facts=facts
		if [ "$cause" = format ] && [ $((seed % 3)) -eq 2 ]; then
			facts=rejects
		fi
		guard-causes $seed "$cause" 80 >h 2>reason
		runs 6 ev-guard -c c.yaml --facts $facts --why why h
		awk -F'\t' -v seed=$seed '
		    FILENAME == "reason" { want = $0; next }
		    $3 != "not comparable" || !index($11, want) { print "seed " seed ": " $0; bad = 1 }
		    { n++ }
		    END { exit bad || n != 4 }' reason out
		[ ! -s why ]
	done
}

@test "a gap in the log is a fault of the data and no cause, for 200 seeds" {
	faults gap
}

@test "a wave of bots is a fault of the data and no cause, for 200 seeds" {
	faults bots
}

@test "another format is a fault of the data and no cause, for 200 seeds" {
	faults format
}

@test "with nothing wrong, the data of 200 seeds are well" {
	config
	for ((seed = 1; seed <= 200; seed++)); do
		guard-causes $seed none 80 >h 2>/dev/null
		ev-guard -c c.yaml h >v || [ $? -eq 3 ]
		! grep 'not comparable' v || return 1
	done
}

# by_hand FILE: 40 days of 1000 hits and 100 sign-ups, 60 of 600 hits on a, 40
# of 400 on b, then the rows of the file, day 2025-03-01.
by_hand() {
	perl -e '
	use POSIX;
	for my $i (1 .. 40) {
		my $d = strftime("%Y-%m-%d", gmtime(86400 * (20148 - $i)));
		print "$d\trate\t\t0.1\t100\t1000\n";
		print "$d\trate_by\tdim_country=A\t0.1\t60\t600\n";
		print "$d\trate_by\tdim_country=B\t0.1\t40\t400\n";
	}'
	cat "$1"
}

hand_config() {
	cat >c.yaml <<-END
	metrics:
	  hits: {count: events, where: {action_type: page_view}}
	  signups: {count: events, where: {action_type: signup}}
	  rate: {ratio: [signups, hits], guardrail: ${1:-down}}
	  rate_by: {ratio: [signups, hits], by: [dim_country]}
	END
}

@test "a drop is divided as Kitagawa's formula says, by hand" {
	hand_config
	# Shares 0.6 and 0.4 become 0.5 and 0.5, rates 0.1 become 0.02 and 0.1:
	# rate_A = (0.6 + 0.5) / 2 * 0.08, mix_A = 0.1 * (0.06 - 0.08),
	# rate_B = 0, mix_B = -0.1 * (0.1 - 0.08); in all 0.1 - 0.06.
	printf '2025-03-01\trate\t\t0.06\t60\t1000\n2025-03-01\trate_by\tdim_country=A\t0.02\t10\t500\n2025-03-01\trate_by\tdim_country=B\t0.1\t50\t500\n' >last
	by_hand last >h
	runs 3 ev-guard -c c.yaml --why why h
	awk -F'\t' '
	    function near(a, b) { return a - b < 1e-8 && b - a < 1e-8 }
	    $4 == "A" && $5 == "rate" && near($6, 0.044) && near($8, 0.1) && near($9, 0.02) { n++ }
	    $4 == "A" && $5 == "mix" && near($6, -0.002) && near($8, 0.6) && near($9, 0.5) { n++ }
	    $4 == "B" && $5 == "rate" && near($6, 0) { n++ }
	    $4 == "B" && $5 == "mix" && near($6, -0.002) { n++ }
	    END { exit !(n == 4 && NR == 4) }' why
	[ "$(head -n 1 why | cut -f 10)" = "rate among A fell 10 % -> 2 %; 110 % of the drop" ]
	[ "$(cut -f 11 out)" = "dim_country: rate among A fell 10 % -> 2 %; 110 % of the drop" ]
	[ "$(perl "$T/guard-sums.pl" out why)" = 1 ]
}

@test "what no row tells apart is the rest, and a value that hides there is, too" {
	hand_config
	# A third of A is not told apart, and B may be in the day's (other).
	printf '2025-03-01\trate\t\t0.05\t50\t1000\n2025-03-01\trate_by\tdim_country=A\t0.05\t20\t400\n2025-03-01\trate_by\tdim_country=(other)\t0.05\t20\t400\n' >last
	by_hand last >h
	runs 3 ev-guard -c c.yaml --why why h
	! cut -f 4 why | grep -qx B || false
	cut -f 4 why | grep -qxF '(other)'
	[ "$(perl "$T/guard-sums.pl" out why)" = 1 ]
}

@test "a value that comes, goes, or is NULL is one like another" {
	hand_config
	printf '2025-03-01\trate\t\t0.042\t42\t1000\n2025-03-01\trate_by\tdim_country\t0.005\t3\t600\n2025-03-01\trate_by\tdim_country=B\t0.0975\t39\t400\n' >last
	by_hand last >h
	runs 3 ev-guard -c c.yaml --why why h
	has why '	dim_country	\N	mix	'
	has why 'share of NULL of dim_country rose 0 % -> 60 %'
	has why 'share of A fell 60 % -> 0 %'
	[ "$(perl "$T/guard-sums.pl" out why)" = 1 ]
}

@test "a rise that hurts is divided likewise" {
	hand_config up
	printf '2025-03-01\trate\t\t0.2\t200\t1000\n2025-03-01\trate_by\tdim_country=A\t0.25\t150\t600\n2025-03-01\trate_by\tdim_country=B\t0.125\t50\t400\n' >last
	by_hand last >h
	runs 3 ev-guard -c c.yaml --why why h
	has out 'dim_country: rate among A rose 10 % -> 25 %; 90 % of the rise'
	[ "$(perl "$T/guard-sums.pl" out why)" = 1 ]
}

@test "a count is divided into amounts; people who are in two values are not" {
	cat >c.yaml <<-END
	metrics:
	  people: {distinct: logged_out_user_id, guardrail: down}
	  people_by: {use: people, by: [referrer]}
	END
	perl -e '
	use POSIX;
	for my $i (0 .. 40) {
		my $d = strftime("%Y-%m-%d", gmtime(86400 * (20148 - $i)));
		my $n = $i ? 600 : 200;
		printf "$d\tpeople\t\t%d\t\\N\t\\N\n", 400 + $n;
		printf "$d\tpeople_by\treferrer=a\t%d\t\\N\t\\N\n", $n + $ARGV[0];
		print "$d\tpeople_by\treferrer=b\t400\t\\N\t\\N\n";
	}' 0 >h
	runs 3 ev-guard -c c.yaml --why why h
	has why '	referrer	a	amount	400.000	1	600	200	a fell 600 -> 200; 100 % of the drop'
	perl -pe 's/a\t(\d+)/"a\t" . ($1 + 300)/e if /people_by/' h >twice
	runs 3 ev-guard -c c.yaml --why why twice
	[ ! -s why ]
}

@test "the greatest parts have rows, all others are one, and no value breaks a line" {
	hand_config
	perl -e '
	use POSIX;
	for my $i (0 .. 40) {
		my $d = strftime("%Y-%m-%d", gmtime(86400 * (20148 - $i)));
		my $f = $i ? 1 : 0.5;
		printf "$d\trate\t\t%.17g\t%d\t3000\n", $f / 10, 300 * $f;
		for my $k (1 .. 30) {
			my $v = $k == 7 ? "\e[31m" . "\xc3\xa4" x 5000 : "v$k";
			printf "$d\trate_by\tdim_country=$v\t%.17g\t%d\t100\n", $f / 10, 10 * $f;
		}
	}' >h
	runs 3 ev-guard -c c.yaml --why why h
	[ "$(wc -l <why)" -le 10 ]
	cut -f 4 why | grep -qxF '(other)'
	[ "$(perl "$T/guard-sums.pl" out why)" = 1 ]
	! cut -f 10 why | LC_ALL=C grep -q '.\{300\}' || false
	! cut -f 10 why | grep -q "$(printf '\033')" || false
	has out 'much the same for all values of dim_country'
}

@test "--why has a header with -H, no rows of a day that is ok, and goes one way" {
	config
	guard-causes 1 none 60 >h 2>/dev/null
	runs 0 ev-guard -c c.yaml -H --why why h
	[ "$(cat why)" = 'ds	metric	dimension	value	cause	drop	part	expected	now	reason' ]
	runs 2 ev-guard -c c.yaml --why - h
	runs 0 ev-guard -c c.yaml --why - -o v h
	runs 1 ev-guard -c c.yaml --why no-such-dir/why h
	[ ! -e no-such-dir ]
}
