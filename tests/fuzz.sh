#!/bin/sh
# The kept inputs of every fuzz harness, replayed; FUZZ_ONLY names one, and
# FUZZ_RUN stands before the command (valgrind).
dir=$(cd "$(dirname "$0")" && pwd)
bin=${abs_top_builddir:-.}/tests/fuzz
n=0 failed=0

for corpus in "$dir"/fuzz/corpus/*/; do
	name=$(basename "$corpus")
	[ "${FUZZ_ONLY:-$name}" = "$name" ] || continue
	n=$((n + 1))
	# shellcheck disable=SC2086 # words
	if out=$(${FUZZ_RUN:-} "$bin/replay-$name" "$corpus"* 2>&1); then
		echo "ok $n - $name: $(printf '%s\n' "$out" | tail -n 1)"
	else
		failed=1
		echo "not ok $n - $name"
		printf '%s\n' "$out" | tail -n 40 | sed 's/^/# /'
	fi
done
echo "1..$n"
exit "$failed"
