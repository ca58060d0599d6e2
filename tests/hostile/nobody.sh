#!/bin/sh
# The same attacks under a supervisor that an ordinary user has started.
# shellcheck source=/dev/null
. "$(dirname "$0")/../e2e/tap.sh"
[ "$(id -u)" -eq 0 ] || skip_all "hostile.sh has been run by such a user"
command -v su >/dev/null || lacks_all su
su nobody -s /bin/sh -c "test -x '$RTFS'" 2>/dev/null ||
    skip_all "nobody cannot reach the binary"
# The table, in a folder where nobody can make a file.
if [ -n "${abs_top_builddir:-}" ]; then
	: >"$abs_top_builddir/hostile-nobody.md"
	chown nobody "$abs_top_builddir/hostile-nobody.md"
fi
su nobody -s /bin/sh -c "RTFS='$RTFS' abs_top_builddir='${abs_top_builddir:-}' \
    exec sh '$here/hostile.sh'"
