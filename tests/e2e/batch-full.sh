#!/bin/sh
# rtfs batch where no room is left: on a small file system in a mount
# namespace of its own.  What could not be written is said and counts, and
# ends nothing that need not end.
. "$(dirname "$0")/tap.sh"
if [ -z "${FULL_INSIDE:-}" ]; then
	unshare -rm true 2>/dev/null ||
		skip_all "no mount namespace for us here"
	FULL_INSIDE=yes unshare -rm sh "$0"
	exit
fi
mkdir "$tmp/small"
seq 300 >"$tmp/many"
mount -t tmpfs -o size=1M none "$tmp/small" || skip_all "no tmpfs here"
trap 'cd /; umount "$tmp/small"; rm -rf "$tmp"' EXIT
cd "$tmp/small" || exit 99
head -c 800000 /dev/zero >ballast
reason='No space left on device'
large='head -c 300000 /dev/zero #'

# full NAME MESSAGE ARG...: what is said, and that it counts.
full() {
	name=$1 message=$2
	shift 2
	"$RTFS" batch "$@" >"$tmp/out" 2>"$tmp/err"
	is "$name: status" "$?" 255
	is "$name: said" "$(cat "$tmp/err")" "rtfs: $message"
}
full "a folder of results" "--results dir/1/a/stdout: $reason" \
    -j1 --results dir --shell "$large" ::: a
rm -r dir
full "a table of results" "--results t.csv: $reason" \
    -j1 --results t.csv --shell "$large" ::: a
rm t.csv
run sh -c '"$RTFS" batch -j1 --shell "$1" ::: a b >out' sh "$large"
is "standard output: status and message" "$status $err" \
    "255 rtfs: standard output: $reason"
rm out
# the output of one job waits for that of the other, which is longer
TMPDIR=$PWD
export TMPDIR
run "$RTFS" batch -k -j2 --shell \
    'head -c {} /dev/zero; test {} = 4000000 || sleep 0.3 #' ::: 10 4000000
is "the temporary file: status" "$status" 255
like "the temporary file: whose output, and why" "$(echo "$err" | tr '\n' ' ')" \
    "^rtfs: job 2: 3[0-9]{6} bytes of its output are lost: $reason \
rtfs: output was lost: the temporary file: $reason "
run "$RTFS" batch -k -j2 -o jsonl --shell \
    'head -c {} /dev/zero; test {} = 4000000 || sleep 0.3 #' ::: 10 4000000
is "its summary has the status, too" \
    "$status $(echo "$out" | tail -n 1 | sed 's/.*"exit"/"exit"/')" \
    '255 "exit":255}'
unset TMPDIR
head -c 300000 /dev/zero >"$PWD/more" 2>/dev/null
full "a joblog" "--joblog: $reason" --joblog log echo :::: "$tmp/many"
is "every job has run for all that" "$(wc -l <"$tmp/out")" 300
rm log
run "$RTFS" batch --joblog log -o jsonl echo :::: "$tmp/many"
like "and the summary says it" "$(echo "$out" | tail -n 1)" '"exit":255\}$'
rm log
full "a report" "--report rep: not all of it was written" \
    --report rep true ::: a b
rm rep
run "$RTFS" batch --trace tr true ::: a b
like "a trace" "$status $err" '^255 rtfs: --trace tr: '
rm tr
full "metrics" "--metrics: me: $reason" --metrics me true ::: a
full "a state" "--state s.db: database or disk is full" --state s.db true ::: a
done_testing
