#!/usr/bin/env bats
# ev-guard --notify: told once, again when it is worse, and once when it ends.

load helper

prepare() {
	cat >c.yaml <<-'END'
	metrics:
	  website_hits: {count: events}
	  signups: {count: events, where: {action_type: signup}}
	  signup_conversion_rate: {ratio: [signups, website_hits], guardrail: down}
	END
	cat >tell <<-'END'
	#!/bin/sh
	{ printf '%s|' "$@"; echo; } >>args
	cat >>text
	END
	chmod +x tell
	: >args
	: >text
}

# days RATE...: 100 days of 2.2 %, then one of each of these rates.
days() {
	perl -e '
	use POSIX;
	my @last = @ARGV;
	for my $i (0 .. 99 + @last) {
		my $ds = strftime("%Y-%m-%d", gmtime(86400 * (20000 + $i)));
		my $hits = 10000 + 500 * ($i % 7);
		my $r = $i < 100 ? 0.022 : $last[$i - 100];
		my $s = int($hits * $r) + $i * 7 % 5;
		printf "$ds\tsignup_conversion_rate\t\t%.17g\t$s\t$hits\n", $s / $hits;
		printf "$ds\tbot_share\t\t%.17g\t%d\t10000\n", $_ / 10000, $_
		    for $r == 0.0221 ? 9000 : 2000 + $i % 9;
	}' "$@"
}

# guard STATUS RATE...
guard() {
	local status=$1
	shift
	days "$@" | runs "$status" ev-guard -c c.yaml --notify ./tell --state state
}

# told WORDS...: the first words of all that was told so far.
told() {
	cut -d'|' -f1-3 args | tr '|' ' ' >got
	printf '%s\n' "$@" >want
	if [ $# -eq 0 ]; then : >want; fi
	same want got
}

@test "an incident is told when it begins, when it is worse, and when it ends" {
	guard 0 0.022
	told
	guard 3 0.022 0.015
	told 'began signup_conversion_rate 2025-01-13'
	# Down as before is no news, nor is a little less.
	guard 3 0.022 0.015 0.015
	guard 3 0.022 0.015 0.015 0.014
	told 'began signup_conversion_rate 2025-01-13'
	guard 3 0.022 0.015 0.015 0.014 0.009
	guard 3 0.022 0.015 0.015 0.014 0.009 0.009
	guard 3 0.022 0.015 0.015 0.014 0.009 0.009 0.015
	# From the worst that was told: a third of it is half as bad again.
	guard 3 0.022 0.015 0.015 0.014 0.009 0.009 0.015 0.002
	guard 0 0.022 0.015 0.015 0.014 0.009 0.009 0.015 0.002 0.022
	guard 0 0.022 0.015 0.015 0.014 0.009 0.009 0.015 0.002 0.022 0.022
	told 'began signup_conversion_rate 2025-01-13' \
	    'worse signup_conversion_rate 2025-01-16' \
	    'worse signup_conversion_rate 2025-01-19' \
	    'ended signup_conversion_rate 2025-01-20'
	# And another one is another.
	guard 3 0.022 0.015 0.015 0.014 0.009 0.009 0.015 0.002 0.022 0.022 0.015
	[ "$(wc -l <args)" -eq 5 ]
}

@test "the same day again is told no second time, whatever ran in between" {
	guard 3 0.015
	guard 3 0.015
	cp state before
	guard 3 0.015
	same before state
	told 'began signup_conversion_rate 2025-01-12'
	guard 3 0.015 0.008
	guard 3 0.015 0.008
	[ "$(wc -l <args)" -eq 2 ]
	# An older day says nothing: neither that it ended nor that it began.
	days 0.022 >h
	runs 0 ev-guard -c c.yaml --notify ./tell --state state h
	guard 0
	has err 'the state has seen 2025-01-13'
	guard 3 0.015
	[ "$(wc -l <args)" -eq 2 ]
	guard 0 0.015 0.008 0.022
	guard 0 0.015 0.008 0.022
	[ "$(wc -l <args)" -eq 3 ]
}

@test "a day that turns out well after all ends what was told of it" {
	guard 3 0.015
	guard 0 0.022
	told 'began signup_conversion_rate 2025-01-12' \
	    'ended signup_conversion_rate 2025-01-12'
}

@test "the command gets the verdict as arguments and text on its input" {
	guard 3 0.022 0.011
	awk -F'|' '{ exit !(NF == 9 && $4 == "down" && $5 > 0.01 && $5 < 0.012 &&
	    $6 > 0.021 && $6 < 0.024 && $7 > 0.45 && $7 < 0.55) }' args
	head -n 1 text | grep -qx 'signup_conversion_rate went down on 2025-01-13\.'
	grep -qE '^value +1\.1[0-9]%$' text
	grep -qE '^expected +2\.2[0-9]%, at least 1\.[0-9]+%$' text
	grep -qE '^drop +(49|50)\.[0-9]%$' text
	grep -qE '^since +2025-01-13$' text
	: >text
	guard 0 0.022 0.011 0.022
	head -n 1 text | grep -qx 'signup_conversion_rate is as expected again on 2025-01-14\.'
	grep -qE '^since +2025-01-13$' text
}

@test "the first day of an incident is the first that was down, not the first that was told" {
	guard 3 0.022 0.011 0.011 0.011
	told 'began signup_conversion_rate 2025-01-15'
	grep -qE '^since +2025-01-13$' text
}

@test "data at fault are told once, and again by another sign, and are no verdict" {
	guard 3 0.011
	guard 6 0.011 0.0221
	guard 6 0.011 0.0221
	guard 6 0.011 0.0221 0.0221
	told 'began signup_conversion_rate 2025-01-12' \
	    'began (data) 2025-01-13'
	grep -q '^The data of 2025-01-13 are not comparable: no guardrail was judged\.$' text
	grep -qE '^bot_share is 90\.0%, 20\.[0-9]% expected$' text
	tail -n 1 args | grep -qE '^began\|\(data\)\|2025-01-13\|not comparable\|\\N\|\\N\|\\N\|bot_share is 90'
	# The drop goes on behind it: that is no news.
	guard 3 0.011 0.0221 0.0221 0.011
	guard 0 0.011 0.0221 0.0221 0.011 0.022
	told 'began signup_conversion_rate 2025-01-12' \
	    'began (data) 2025-01-13' 'ended (data) 2025-01-15' \
	    'ended signup_conversion_rate 2025-01-16'
	grep -q '^They were not comparable since 2025-01-13\.$' text
}

@test "another sign of the same fault is worse" {
	printf '#ev-guard-state\t1\n(data)\tfault\t2025-01-01\t2025-01-01\t0\thours,rejects\n' >state
	guard 6 0.0221
	told 'worse (data) 2025-01-12'
	has state '(data)	fault	2025-01-01	2025-01-12	0	hours,shares,rejects'
}

@test "what could not be told is told by the next run, and the exit says so" {
	printf '#!/bin/sh\n[ -e works ] || exit 7\nexec ./tell "$@"\n' >fails
	chmod +x fails
	days 0.011 >h
	run_it() { runs "$1" ev-guard -c c.yaml --notify ./fails --state state h; }
	run_it 1
	has_line err 'ev-guard: --notify: exit 7'
	# The verdict is there all the same.
	[ "$(cut -f3 out)" = down ]
	run_it 1
	[ ! -s args ]
	touch works
	run_it 3
	run_it 3
	told 'began signup_conversion_rate 2025-01-12'
	runs 1 ev-guard -c c.yaml --notify ./nowhere --state other h
	has err 'ev-guard: --notify: ./nowhere: No such file or directory'
	has err 'ev-guard: --notify: exit 127'
	runs 1 ev-guard -c c.yaml --notify 'kill -9 $$' --state other h
	has_line err 'ev-guard: --notify: died of signal 9'
	[ ! -e other ] || ! grep -q down other
}

@test "one that cannot be told keeps no other from being told" {
	cat >>c.yaml <<-'END'
	  other: {ratio: [signups, website_hits], guardrail: down}
	END
	days 0.011 >one
	sed '/bot_share/d; s/signup_conversion_rate/other/' one >two
	printf '#!/bin/sh\n[ "$2" != signup_conversion_rate ] || [ -e works ] || exit 1\nexec ./tell "$@"\n' >fails
	chmod +x fails
	runs 1 ev-guard -c c.yaml --notify ./fails --state state one two
	told 'began other 2025-01-12'
	touch works
	runs 3 ev-guard -c c.yaml --notify ./fails --state state one two
	told 'began other 2025-01-12' 'began signup_conversion_rate 2025-01-12'
}

@test "killed at any moment, a run tells everything that another did not finish" {
	# The command itself kills who runs it: before, while and after it tells.
	for when in before after; do
		rm -f state args
		: >args
		cat >kills <<-END
		#!/bin/sh
		[ $when = after ] || [ -e killed.$when ] || { : >killed.$when; kill -9 \$PPID; exit 0; }
		./tell "\$@"
		[ $when = before ] || [ -e killed.$when ] || { : >killed.$when; kill -9 \$PPID; }
		END
		chmod +x kills
		days 0.011 >h
		runs 137 ev-guard -c c.yaml --notify ./kills --state state h
		runs 3 ev-guard -c c.yaml --notify ./kills --state state h
		runs 3 ev-guard -c c.yaml --notify ./kills --state state h
		sort -u args >distinct
		[ "$(wc -l <distinct)" -eq 1 ]
	done
	# At least once, and not again once it is saved.
	[ "$(wc -l <args)" -eq 2 ]
	ls -A | grep -c 'tmp$' | grep -qx 0
}

@test "a command that hangs is killed with all that it began, and told again" {
	days 0.011 >h
	# The one that hangs is a child of the shell's, deaf to all but KILL; it
	# holds stderr, so who reads that would wait for it.
	cat >hangs <<-'END'
	#!/bin/sh
	trap '' TERM INT HUP
	[ ! -e works ] || exec ./tell "$@"
	sh -c 'trap "" TERM; while :; do sleep 0.05; : >>alive; done' &
	wait
	END
	chmod +x hangs
	runs 1 ev-guard -c c.yaml --notify ./hangs --timeout 1 --state state h 2>&1
	has_line err 'ev-guard: --notify: killed, as it took more than 1 s'
	[ "$(cut -f3 out)" = down ]
	sleep 0.2
	cp alive was
	sleep 0.3
	same was alive
	# What was not told is told by the next run, which waits for no lock.
	touch works
	runs 3 ev-guard -c c.yaml --notify ./hangs --timeout 1 --wait 0 --state state h
	told 'began signup_conversion_rate 2025-01-12'
}

@test "a command that hangs keeps no other incident from being told" {
	cat >>c.yaml <<-'END'
	  other: {ratio: [signups, website_hits], guardrail: down}
	END
	days 0.011 >one
	sed '/bot_share/d; s/signup_conversion_rate/other/' one >two
	printf '#!/bin/sh\n[ "$2" = other ] || exec sleep 60\nexec ./tell "$@"\n' >hangs
	chmod +x hangs
	runs 1 ev-guard -c c.yaml --notify ./hangs --timeout 1 --state state one two
	told 'began other 2025-01-12'
}

@test "a signal that ends a run ends its command, too, and is told by the next" {
	days 0.011 >h
	cat >hangs <<-'END'
	#!/usr/bin/perl
	$| = 1;
	open my $f, '>', fork ? 'child' : 'grandchild';
	print $f "$$\n";
	close $f;
	sleep 20;
	print STDERR "survived\n";
	END
	chmod +x hangs
	mkfifo fifo
	for sig in INT TERM HUP; do
		rm -f child grandchild
		cat fifo >first &
		reader=$!
		# A shell lets what it puts into the background ignore INT.
		perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' \
		    ev-guard -c c.yaml --notify ./hangs --state state h >fifo 2>&1 &
		pid=$!
		while [ ! -s child ] || [ ! -s grandchild ]; do sleep 0.05; done
		kill -$sig $pid
		got=0
		wait $pid || got=$?
		[ "$got" -eq $((128 + $(kill -l $sig))) ]
		# The end of the file comes when nobody has it open.
		wait $reader
		! grep survived first || false
	done
	runs 3 ev-guard -c c.yaml --notify ./tell --state state --wait 0 h
	told 'began signup_conversion_rate 2025-01-12'
}

@test "a command may write megabytes, and close its input at once" {
	days 0.011 >h
	runs 3 ev-guard -c c.yaml --notify 'exec <&-; head -c 5000000 /dev/zero | tr "\0" x; echo; :' \
	    --state state h
	[ "$(wc -c <err)" -ge 5000000 ]
	[ "$(wc -l <out)" -eq 1 ]
	has state 'signup_conversion_rate	down'
	# Whoever starts the job may ignore what else tells of children.
	rm state
	runs 3 perl -e '$SIG{CHLD} = $SIG{PIPE} = "IGNORE"; exec @ARGV' \
	    ev-guard -c c.yaml --notify 'exec <&-; sleep 0.1' --state state h
	[ ! -s err ]
}

@test "runs at the same time tell it once" {
	printf '#!/bin/sh\nsleep 0.2\nexec ./tell "$@"\n' >slow
	chmod +x slow
	days 0.011 >h
	for i in 1 2 3 4; do
		ev-guard -c c.yaml --notify ./slow --state state h >out.$i 2>err.$i &
	done
	wait
	told 'began signup_conversion_rate 2025-01-12'
	for i in 2 3 4; do same out.1 out.$i; done
}

@test "a run that waits for another says so, and is 4" {
	days 0.011 >h
	printf '#!/bin/sh\n: >begun\nwhile [ ! -e go ]; do sleep 0.05; done\nexec ./tell "$@"\n' >waits
	chmod +x waits
	ev-guard -c c.yaml --notify ./waits --state state h >first 2>&1 &
	pid=$!
	while [ ! -e begun ]; do sleep 0.05; done
	runs 4 ev-guard -c c.yaml --notify ./tell --state state --wait 0 h
	has_line err 'ev-guard: state: another ev-guard has it'
	touch go
	wait $pid || [ $? -eq 3 ]
	runs 3 ev-guard -c c.yaml --notify ./tell --state state --wait 0 h
	told 'began signup_conversion_rate 2025-01-12'
}

@test "what strangers wrote is an argument, and no part of a command" {
	days 0.011 >h
	evil='$(touch pwned);`touch pwned`;"; touch pwned; '"'"'touch pwned'"'"' | touch pwned &'
	# A manifest's name is as near as a log's bytes come to the reason.
	perl "$T/guard-facts.pl" facts 101 web2
	E=$evil perl -pi -e 's{web2}{my $e = $ENV{E}; $e =~ s/(["\\])/\\$1/g; "web2$e"}e if /^"name"/' facts/_manifests/*
	runs 6 ev-guard -c c.yaml --facts facts --notify './tell "$@"' --state state h
	[ ! -e pwned ]
	grep -qF "nothing came from web2$evil/access" args
	grep -qF "nothing came from web2$evil/access" text
	rm state
	runs 6 ev-guard -c c.yaml --facts facts --notify 'echo "$1 $8" >seen; cat >/dev/null' --state state h
	[ ! -e pwned ]
	grep -qF "began nothing came from web2$evil" seen
}

@test "a command may be a shell's, read nothing, and print something" {
	days 0.011 >h
	runs 3 ev-guard -c c.yaml --notify 'echo told $1 of "$2"' --state state h
	[ "$(cut -f3 out)" = down ]
	has_line err 'told began of signup_conversion_rate'
	rm state
	# More than a pipe takes, if it is not read.
	runs 3 ev-guard -c c.yaml --notify true --state state h
	runs 3 ev-guard -c c.yaml -q --notify 'exec <&-; sleep 0.1' --state state h
}

@test "a state that is none is an error, and is kept" {
	days 0.011 >h
	for text in '' 'nonsense\n' '#ev-guard-state\t2\n' \
	    '#ev-guard-state\t1\nm\tdown\n' '#ev-guard-state\t1\nm\tup\t\\N\t\\N\t0\t\\N\n' \
	    '#ev-guard-state\t1\nm\tok\tx\t\\N\t0\t\\N\n' \
	    '#ev-guard-state\t1\nm\tok\t\\N\t\\N\tnan\t\\N\n' \
	    '#ev-guard-state\t1\nm\tok\t\\N\t\\N\t0\thours,,x\n' \
	    '#ev-guard-state\t1\nm\tok\t\\N\t\\N\t0\t\\N\nm\tok\t\\N\t\\N\t0\t\\N\n'; do
		printf "$text" >state
		cp state before
		runs 1 ev-guard -c c.yaml --notify ./tell --state state h
		has err 'this is no state of ev-guard'
		same before state
	done
	[ ! -s args ]
	# Guardrails that are no longer one are kept.
	printf '#ev-guard-state\t1\ngone\tdown\t2024-01-01\t2024-02-01\t0.25\t\\N\n' >state
	runs 3 ev-guard -c c.yaml --notify ./tell --state state h
	has state 'gone	down	2024-01-01	2024-02-01	0.25	\N'
	[ "$(wc -l <args)" -eq 1 ]
}

@test "a state that cannot be written is told, and exit 1" {
	days 0.011 >h
	# A device was read to its end, which it does not have.
	mkdir dir
	ln -s /dev/zero zero
	for state in dir zero; do
		runs 1 ev-guard -c c.yaml --notify ./tell --state $state h
		has_line err "ev-guard: $state: no regular file"
	done
	ln -s loop loop
	runs 1 ev-guard -c c.yaml --notify ./tell --state loop h
	runs 1 ev-guard -c c.yaml --notify ./tell --state no/such/state h
	[ ! -s args ]
	printf '#ev-guard-state\t1\n' >elsewhere
	ln -s elsewhere state
	runs 3 ev-guard -c c.yaml --notify ./tell --state state h
	[ -L state ]
	has elsewhere 'signup_conversion_rate	down'
}

@test "the options want each other, and a command" {
	runs 2 ev-guard -c c.yaml --notify ./tell
	has err '--notify and --state want each other'
	runs 2 ev-guard -c c.yaml --state state
	runs 2 ev-guard -c c.yaml --notify '' --state state
	runs 2 ev-guard -c c.yaml --notify x --state -
	runs 2 ev-guard -c c.yaml --notify x --state s --wait -1
	runs 2 ev-guard -c c.yaml --notify x --state s --wait 86401
	runs 2 ev-guard -c c.yaml --notify x --state s --timeout 0
	has err "--timeout: '0' is not 1 to 86400 seconds"
}
