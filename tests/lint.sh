#!/bin/sh
# Format, static analysis, man pages, shell: prints what it finds.
# Usage: lint.sh BUILD-DIR
set -u
build=$1
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 99
failed=0
sources=$(git ls-files '*.c' '*.h' 2>/dev/null || find src proto workers tests -name '*.[ch]')

# shellcheck disable=SC2086
clang-format-14 --dry-run -Werror $sources || failed=1

checks='-*,bugprone-*,cert-*,clang-analyzer-*,misc-redundant-expression,misc-static-assert,performance-*,readability-inconsistent-declaration-parameter-name,readability-misleading-indentation,readability-non-const-parameter,-bugprone-easily-swappable-parameters,-bugprone-assignment-in-if-condition,-bugprone-reserved-identifier,-cert-err33-c,-cert-dcl37-c,-cert-dcl51-cpp,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-clang-analyzer-valist.Uninitialized'
for file in $(printf '%s\n' "$sources" | grep -E '^(src|proto|workers)/.*\.c$'); do
	clang-tidy-14 --quiet --warnings-as-errors='*' --checks="$checks" \
	    "$file" -- -std=gnu11 -D_GNU_SOURCE -DLIBBSD_OVERLAY \
	    -isystem /usr/include/bsd -Isrc -I. -I"$build/src" \
	    -DLIBEXECDIR='""' -DSYSCONFDIR='""' -DPACKAGE_VERSION='""' \
	    2>/dev/null || failed=1
done
# shellcheck disable=SC2086
cppcheck --quiet --std=c11 --enable=warning,performance,portability \
    --suppress=missingIncludeSystem --suppress=unusedStructMember \
    --suppress=uninitvar --inline-suppr --error-exitcode=1 -Isrc -I. \
    -I"$build/src" src proto workers || failed=1
for page in src/man/*.[1-9]; do
	[ ! -f "$page" ] || mandoc -T lint -W warning "$page" || failed=1
done
shellcheck contrib/dev contrib/examples/dashboard/run tests/*.sh \
    tests/e2e/*.sh tests/bench/run tests/bench/*.sh .ci/run || failed=1
[ "$failed" -eq 0 ] && echo "lint: nothing found"
exit "$failed"
