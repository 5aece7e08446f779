# helper: what every bats file loads first.
#
#	load helper
#
# The filters come from $EV_BIN (a build directory), else the source root.
# Each test starts in an empty directory of its own.  $SRC is the project's
# root, $T its t/.
#
#	runs STATUS CMD [ARG...]   asserts the exit status; stdout is in the
#	                           file out and in $output, stderr in err and
#	                           $stderr
#	has_line FILE TEXT         FILE has a line that is TEXT
#	has FILE TEXT              FILE holds TEXT somewhere
#	same FILE1 FILE2           the same bytes
#	not CMD [ARG...]           fails when CMD succeeds; a plain `! CMD' fails
#	                           no test that goes on behind it
#	need CMD                   skips the test when CMD is missing

T=${BATS_TEST_DIRNAME:?}
SRC=$(cd "$T/.." && pwd)
EV_BIN=$(cd "${EV_BIN:-$SRC}" && pwd)
PATH=$EV_BIN:$PATH
EV_DATADIR=$SRC/share
LC_ALL=C
TZ=UTC
# Settings live as long as the process, by contract.
ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
export ASAN_OPTIONS
export PATH EV_BIN EV_DATADIR LC_ALL TZ SRC T
unset EV_CONFIG

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	if declare -F prepare >/dev/null; then
		prepare
	fi
}

runs() {
	local want=$1 got=0
	shift

	"$@" >out 2>err || got=$?
	output=$(tr -d '\0' <out)
	stderr=$(tr -d '\0' <err)
	if [ "$got" -ne "$want" ]; then
		echo "exit $got, expected $want: $*"
		echo "--- stdout"
		head -c 2000 out
		echo "--- stderr"
		head -c 2000 err
		return 1
	fi
}

has_line() {
	if ! grep -qxF -- "$2" "$1"; then
		echo "no such line in $1: $2"
		echo "--- $1"
		head -c 4000 "$1"
		return 1
	fi
}

has() {
	if ! grep -qF -- "$2" "$1"; then
		echo "not in $1: $2"
		echo "--- $1"
		head -c 4000 "$1"
		return 1
	fi
}

same() {
	cmp -- "$1" "$2" || {
		diff -a -- "$1" "$2" | head -n 40
		return 1
	}
}

not() {
	if "$@"; then
		echo "succeeded: $*"
		return 1
	fi
}

need() {
	local cmd

	for cmd; do
		command -v "$cmd" >/dev/null || skip "$cmd is not installed"
	done
}
