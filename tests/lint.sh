#!/bin/sh
# Format, static analysis, man pages, shell: prints what it finds.
# Usage: lint.sh BUILD-DIR
set -u
build=$(cd "$1" && pwd) || exit 99
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 99
failed=0
sources=$(git ls-files '*.c' '*.h' 2>/dev/null ||
    find src proto workers tests -name '*.[ch]')
code=$(printf '%s\n' "$sources" | grep -E '^(src|proto|workers)/.*\.c$')

# shellcheck disable=SC2086 # a list of names
clang-format-14 --dry-run -Werror $sources || failed=1

# Without readability-non-const-parameter: a function that stands in a table
# has the parameters of the table's type.
checks='-*,bugprone-*,cert-*,clang-analyzer-*
misc-redundant-expression,misc-static-assert,performance-*
readability-inconsistent-declaration-parameter-name
readability-misleading-indentation'
# Habits of the house, which these take for mistakes.
checks="$checks
-bugprone-easily-swappable-parameters,-bugprone-assignment-in-if-condition
-bugprone-reserved-identifier,-cert-err33-c,-cert-dcl37-c,-cert-dcl51-cpp
-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling"
# False alarms of version 14: every plain va_start.
checks="$checks,-clang-analyzer-valist.Uninitialized"
# Every sizeof(*p) of an array of pointers to structs.
checks="$checks,-bugprone-sizeof-expression"
# Products of constants, such as 16 * 1024 * 1024, once they are a size_t.
checks="$checks,-bugprone-implicit-widening-of-multiplication-result"
# A uint64_t built by shifts (INSN in lang/code.h), once the value is known.
checks="$checks,-clang-analyzer-core.UndefinedBinaryOperatorResult"
# Tables of pointers to data keep the order their rows are written in.
checks="$checks,-clang-analyzer-optin.performance.Padding"
# A char that ?: has chosen; gcc's -Wconversion, which is on, knows better.
checks="$checks,-bugprone-narrowing-conversions"
# free() of what is const to everyone else; -Wcast-qual wants this form.
checks="$checks,-performance-no-int-to-ptr"
# Bytes into a text that ends later.
checks="$checks,-bugprone-not-null-terminated-result"
checks=$(printf '%s' "$checks" | tr '\n' ',')

# One process for a few files: none of both CPUs stands still at the end.
# shellcheck disable=SC2016 # the inner shell expands
printf '%s\n' "$code" | CHECKS=$checks BUILD=$build xargs -P 2 -n 6 sh -c '
	exec clang-tidy-14 --quiet --warnings-as-errors="*" \
	    --checks="$CHECKS" "$@" -- -std=gnu11 -D_GNU_SOURCE \
	    -DLIBBSD_OVERLAY -isystem /usr/include/bsd -Isrc -I. \
	    -I"$BUILD/src" -DLIBEXECDIR="\"\"" -DSYSCONFDIR="\"\"" \
	    -DPACKAGE_VERSION="\"\"" -DVERSION="\"\"" 2>/dev/null' sh || failed=1

# What version 2.10 cannot read: queue.h unless it is told, addresses of labels
# (op.def in vm.c), hexadecimal floats, an argument that is used and not kept.
queue=$(echo '#include <sys/queue.h>' | cc -E -M -xc - | grep -o '/[^ ]*queue\.h')
# shellcheck disable=SC2086 # a list of names
cppcheck --quiet -j 2 --std=c11 --enable=warning,performance,portability \
    --include="$queue" --suppress=syntaxError:src/lang/op.def \
    --suppress=incorrectLogicOperator:src/value/number.c \
    --suppress=returnDanglingLifetime:src/lang/analyze.c \
    --suppress=missingIncludeSystem --suppress=unusedStructMember \
    --suppress=uninitvar --inline-suppr --error-exitcode=1 -Isrc -I. \
    -I"$build/src" $code || failed=1
for page in src/man/*.[1-9]; do
	[ ! -f "$page" ] || mandoc -T lint -W warning "$page" || failed=1
done
# SC2034, SC2154: $out, $err, $status, $tmp are tap.sh's.  SC3013: -nt is no
# POSIX, but every /bin/sh of a Debian has it.  Information is not for a gate:
# a list of words is meant to be one.
shellcheck -S warning -e SC2034,SC2154,SC3013 contrib/dev contrib/examples/dashboard/run tests/*.sh \
    tests/lang/*.sh tests/e2e/*.sh tests/bench/run tests/bench/*.sh \
    autogen.sh .ci/run || failed=1
[ "$failed" -eq 0 ] && echo "lint: nothing found"
exit "$failed"
