load helper

prepare() {
	need autoreconf make gcc
	[ -x "$SRC/configure" ] || skip "no configure: run ./bootstrap"
	[ ! -f "$SRC/config.status" ] ||
	    skip "the source tree is configured in place: make distclean"
}

@test "clang builds everything without a warning, out of the tree" {
	need clang
	mkdir b
	cd b
	"$SRC/configure" -q --enable-werror CC=clang CFLAGS=-O1
	make -s -j2 all test-programs >make.out 2>&1 || {
		cat make.out
		return 1
	}
	not grep -i warning make.out
}

@test "a tarball builds, installs and uninstalls by itself, without ISA-L" {
	mkdir b
	cd b
	"$SRC/configure" -q
	# The suite is running already: make check is not run again inside.
	make -s -j2 distcheck \
	    DISTCHECK_CONFIGURE_FLAGS='--without-isal --enable-werror' \
	    EV_NO_CHECK=1 >make.out 2>&1 || {
		tail -n 40 make.out
		return 1
	}
	grep -q 'archives ready for distribution' make.out
}

@test "make install puts programs, manuals and data where they belong" {
	# The build of this run, installed elsewhere.
	[ -f "$EV_BIN/Makefile" ] || skip "EV_BIN is no build directory"
	make -s -C "$EV_BIN" install DESTDIR="$PWD/root" >make.out 2>&1
	for p in ev-parse ev-enrich ev-partition ev-agg ev-guard ev-report; do
		[ -x root/usr/local/bin/$p ]
		[ -f root/usr/local/share/man/man1/$p.1 ]
	done
	[ -f root/usr/local/share/man/man5/ev.yaml.5 ]
	[ -f root/usr/local/share/man/man5/ev-events.5 ]
	[ -f root/usr/local/share/man/man7/ev.7 ]
	[ -f root/usr/local/share/ev/ev.awk ]
	[ -f root/usr/local/share/ev/referrers.tsv ]
}

@test "the manuals are free of lint and agree with the usage" {
	need mandoc
	mandoc -Tlint -W warning "$SRC"/man/*.[1-9]
	for p in ev-parse ev-enrich ev-partition ev-agg ev-guard ev-report; do
		$p -h >usage
		mandoc -Tascii "$SRC/man/$p.1" | sed 's/.\x08//g' >page
		for o in $(grep -o -- '--[a-z][a-z-]*' usage | sort -u); do
			grep -qF -- "$o" page || {
				echo "$p: $o is in the usage, not in the manual"
				return 1
			}
		done
	done
}

@test "every program names itself, its version and its usage" {
	for p in ev-parse ev-enrich ev-partition ev-agg ev-guard ev-report; do
		runs 0 $p --version
		[[ $output =~ ^$p\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
		runs 0 $p --help
		[[ $output == "usage: $p "* ]]
		runs 2 $p --no-such-option
		has err "usage: $p "
		runs 1 sh -c "$p -h >/dev/full"
	done
}

@test "the example's config passes --check of every program" {
	mkdir c
	cp "$SRC/examples/growth/growth.yaml" c/
	for p in ev-parse ev-agg ev-guard ev-report; do
		runs 0 $p -c c/growth.yaml --check
	done
}

@test "no test goes on behind a negation that failed" {
	# bats(7): set -e does not end at one; `not' of t/helper.bash does.
	not grep -nE '^[[:space:]]*! [^|]*[^|\\]$' "$T"/*.bats
}
