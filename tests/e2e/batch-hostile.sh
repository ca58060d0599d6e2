#!/bin/sh
# Values that mean harm: none becomes a line, a field or a command of its own.
. "$(dirname "$0")/tap.sh"
cd "$tmp" || exit 99

# -- the joblog
forger=$(printf "x'\n9\t:\t0\t0\t0\t0\t1\t0\techo >forged #")
run "$RTFS" batch --joblog log -0 test 1 = ::: "$forger"
is "a newline in a command makes no second line of the joblog" \
    "$(wc -l <log) $(tail -1 log | cut -f 9- | tr '\0' '\n')" \
    "2 test 1 = 'x'\"'\"'
9	:	0	0	0	0	1	0	echo >forged #'"
"$RTFS" batch --joblog log --retry-failed 2>/dev/null
is "nor a second job" "$? $(cut -f 1,7 log | tail -2 | tr '\n\t' '  ')" \
    "1 1 1 1 1 "
ok "and nothing of it is run" test ! -e forged
rm -f log
two=$(printf 'a\nb')
run "$RTFS" batch --joblog log echo ::: "$two"
run "$RTFS" batch --joblog log --resume echo ::: "$two" c
is "a command of two lines is known again" "$out" c
rm -f log
run "$RTFS" batch --joblog log --shell 'echo {}; false' ::: "$two"
run "$RTFS" batch --joblog log --retry-failed
is "and run again as it was" "$out" "$two"
if command -v parallel >/dev/null; then
	rm -f log theirs
	"$RTFS" batch --joblog log -0 echo ::: "$two" >/dev/null
	parallel --will-cite --joblog theirs -0 echo ::: "$two" >/dev/null
	is "as GNU parallel writes it" "$(cut -f 9- log | tr '\0' @)" \
	    "$(cut -f 9- theirs | tr '\0' @)"
else
	lacks "as GNU parallel writes it" "GNU parallel"
fi
rm -f log
# shellcheck disable=SC2016 # it is not to be expanded
run "$RTFS" batch --joblog log --capability json.parse ::: '$(echo >forged)'
run "$RTFS" batch --joblog log --retry-failed
is "the text of a task is nothing for sh" "$status $err" "255 rtfs: \
batch: --retry-failed: job 1 of the joblog is a task; --resume-failed with the input runs it"
rm -f log
run "$RTFS" batch --joblog log false ::: "$(printf '\377')"
run "$RTFS" batch --joblog log --retry-failed
is "nor is another text run than the one that failed" "$status $err" "255 rtfs: \
batch: --retry-failed: job 1 of the joblog is no UTF-8; --resume-failed with the input runs it"

done_testing
