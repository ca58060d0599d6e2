#!/bin/sh
# The archive of make dist holds what is kept in git, and nothing else but what
# the autotools make.
top=$(cd "$(dirname "$0")/.." && pwd -P)
build=${abs_top_builddir:-$top/build}
[ -f "$build/Makefile" ] || exit 99
tmp=$(mktemp -d "${TMPDIR:-/tmp}/rtfs-dist.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL

if ! command -v git >/dev/null; then
	echo "1..0 # SKIP skipped: no git"
	exit 0
fi
# $top may belong to somebody else.
kept() { git -C "$top" -c safe.directory="$top" "$@"; }
if [ "$(kept rev-parse --show-toplevel 2>/dev/null)" != "$top" ]; then
	echo "1..0 # SKIP skipped: no checkout"
	exit 0
fi
kept ls-files | grep -vx '\.gitignore' | sort >"$tmp/kept"

cat >"$tmp/list.mk" <<'MAKE'
include Makefile
list-of-archive:
	@cd $(srcdir) && find $(DISTFILES:$(srcdir)/%=%) -type f
MAKE
make -s -C "$build" -f "$tmp/list.mk" list-of-archive >"$tmp/all" || exit 99
grep -vx -e 'build-aux/.*' -e 'aclocal\.m4' -e configure \
    -e 'Makefile\.in' "$tmp/all" | sort -u >"$tmp/archive"
[ -s "$tmp/kept" ] && [ -s "$tmp/archive" ] || exit 99

n=0 failed=0
none() { # WHAT COLUMN
	n=$((n + 1))
	comm "$2" "$tmp/kept" "$tmp/archive" >"$tmp/odd"
	if [ ! -s "$tmp/odd" ]; then
		echo "ok $n - $1"
		return
	fi
	failed=1
	echo "not ok $n - $1"
	sed 's/^/# /' "$tmp/odd"
}
none "all that git has is in the archive" -23
none "all in the archive is in git" -13
echo "1..$n"
exit $failed
