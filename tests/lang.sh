#!/bin/sh
# The language: every .test file, the names without tests, the conformance
# cases when they are there.
dir=$(cd "$(dirname "$0")" && pwd)
bin=${abs_top_builddir:-.}/tests
: "${LANGTEST:=$bin/unit/langtest}" # a command; check-valgrind has a longer one
n=0 failed=0

result() { # STATUS NAME OUTPUT
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
		printf '%s\n' "$3" | sed 's/^/# /'
	fi
}

for file in "$dir"/lang/*.test; do
	# shellcheck disable=SC2086 # words of a command
	out=$($LANGTEST "$file" 2>&1)
	result $? "$(basename "$file"): $(printf '%s' "$out" | tail -n 1)" \
	    "$out"
done
out=$("$dir/lang/coverage.sh" "$bin/unit/langtest" \
    "$dir/../src/man/rtfs-language.7" 2>&1)
result $? "every core name has three cases and stands in the manual" "$out"

cases=$dir/../../shared/conformance/visible.jsonl
if [ -f "$cases" ]; then
	out=$("$dir/conformance" "$cases" 2>&1)
	result $? "conformance: $(printf '%s' "$out" | tail -n 1)" "$out"
else
	n=$((n + 1))
	echo "ok $n - conformance # SKIP skipped: ../shared is not there"
fi
echo "1..$n"
exit "$failed"
