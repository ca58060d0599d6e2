#!/bin/sh
# The pool's tests in valgrind, with real workers (those run without): the
# quick ones, and all of them with SOAK=1.
bin=${abs_top_builddir:-.}/tests
skip_all() {
	echo "1..0 # SKIP skipped: $*"
	exit 0
}

grep -q __asan_init "${RTFS:-$bin/../rtfs}" &&
    skip_all "AddressSanitizer and valgrind do not go together"
if ! command -v valgrind >/dev/null; then
	[ -n "${TESTS_EQUIPPED:-}" ] || skip_all "no valgrind"
	printf 'not ok 1 - there is no valgrind\n1..1\n'
	exit 1
fi
names="pool pool_order"
slow="pool_faults fairness hostile forkserver next_run faults promises"
[ -z "${SOAK:-}" ] || names="$names $slow"
unset SOAK
n=0 failed=0
for name in $names; do
	n=$((n + 1))
	if out=$(env TEST_PATIENCE=10 LD_PRELOAD="$bin/valgrind/kernel.so" \
	    valgrind -q --error-exitcode=9 --leak-check=full \
	    --errors-for-leak-kinds=definite --show-leak-kinds=definite \
	    "$bin/unit/$name" 2>&1); then
		echo "ok $n - $name"
		printf '%s\n' "$out" | tail -n 1 | sed 's/^/# /'
	else
		failed=1
		echo "not ok $n - $name"
		printf '%s\n' "$out" | tail -n 60 | sed 's/^/# /'
	fi
done
echo "1..$n"
exit "$failed"
