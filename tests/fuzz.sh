#!/bin/sh
# The kept inputs of every fuzz harness, replayed.
dir=$(cd "$(dirname "$0")" && pwd)
bin=${abs_top_builddir:-.}/tests/fuzz
n=0 failed=0

for corpus in "$dir"/fuzz/corpus/*/; do
	name=$(basename "$corpus")
	n=$((n + 1))
	if out=$("$bin/replay-$name" "$corpus"* 2>&1); then
		echo "ok $n - $name: $(printf '%s\n' "$out" | tail -n 1)"
	else
		failed=1
		echo "not ok $n - $name"
		printf '%s\n' "$out" | tail -n 40 | sed 's/^/# /'
	fi
done
echo "1..$n"
exit "$failed"
