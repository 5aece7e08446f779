# partition-lib: what the tests of ev-partition share.

stream() {
	"$T/partition-stream" "$@"
}

# To where fsync costs nothing: what it promises is not asked of the disk here.
# leave_memory belongs in teardown.
in_memory() {
	[ -d /dev/shm ] && [ -w /dev/shm ] || return 0
	shm=$(mktemp -d /dev/shm/ev-test.XXXXXX)
	cd "$shm"
}

leave_memory() {
	cd /
	[ -z "${shm:-}" ] || rm -rf "$shm"
}

# The tree as text: every file below $1 and the digest of its bytes.
tree() {
	(cd "$1" && find . -type f -exec cksum {} + | LC_ALL=C sort -k 3)
}

# No writer is at work: nothing may be left in the stage.
same_tree() {
	tree "$1" >tree.1
	tree "$2" >tree.2
	same tree.1 tree.2 || return 1
	[ -z "$(ls -A "$2/_stage")" ] || {
		echo "left in the stage: $(ls -A "$2/_stage")"
		return 1
	}
}

# strace can hurt a run at a chosen system call; not where ptrace is denied.
need_strace() {
	need strace
	strace -qq -o strace.probe true 2>/dev/null ||
		skip "strace may not trace here"
}

# The leak checker wants to trace, too, and there can be but one.
traced() {
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o strace.out "$@"
}

# calls NAMES CMD...: the system calls of a run of CMD whose names match the
# pattern NAMES, as lines "NAME N", the Nth of that name (strace counts each
# name apart).  What the loader does before main is left out; main begins
# with a look at descriptor 0.  exit_group does not come back, and brk reports
# no error: what is injected there would be taken for an address.
calls() {
	local names=$1
	shift

	traced "$@" >/dev/null 2>&1 || true
	awk -F'(' -v names="^($names)$" '/^[a-z]/ {
		n[$1]++
		main = main || /^fcntl\(0, F_GETFD/
		if (main && $1 ~ names && $1 !~ /^(exit_group|brk)$/)
			print $1, n[$1]
	}' strace.out
}

# hurt NAME N HOW CMD...: runs CMD, its Nth call of NAME injected with HOW;
# the exit status is in $got.
hurt() {
	local call=$1 n=$2 how=$3
	shift 3

	got=0
	{ traced -e "inject=$call:$how:when=$n" "$@" \
		>hurt.out 2>hurt.err || got=$?; } 2>/dev/null
}
