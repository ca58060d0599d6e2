#!/bin/sh
# Ctrl-C once and twice, TERM, a closed stdout: nothing is left behind.
. "$(dirname "$0")/tap.sh"
mark=rtfs-interrupt-$$

start() { # CAPABILITY
	# A background job of a script ignores INT; env puts it back.
	env --default-signal=INT "$RTFS" eval -j 2 \
	    --capabilities "$here/faults" \
	    "(call :parallel (mapv (fn [i] (task :f.$1 (str \"$mark-\" i))) (range 5)))" \
	    >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	ok "$1: tasks run" wait_for 20 some_marked "$mark-1"
}
finish() {
	status=0
	wait "$pid" || status=$?
}

start sleep
kill -INT "$pid"
finish
is "INT: exit status" "$status" 130
ok "INT: nothing is left" wait_for 2 none_marked "$mark"

start sleep
kill -TERM "$pid"
finish
is "TERM: exit status" "$status" 143
ok "TERM: nothing is left" wait_for 2 none_marked "$mark"

start deaf
kill -INT "$pid"
finish
is "INT, tasks that ignore TERM: exit status" "$status" 130
ok "killed after the grace" wait_for 2 none_marked "$mark"

start deaf
kill -INT "$pid"
kill -INT "$pid" 2>/dev/null
finish
is "INT twice: exit status" "$status" 130
ok "INT twice: nothing is left" wait_for 2 none_marked "$mark"

# A FIFO is read, once somebody writes it; meanwhile the signals end the wait.
mkfifo "$tmp/fifo"
for words in "run $tmp/fifo" "check $tmp/fifo" "batch -a $tmp/fifo echo" \
    "batch --jsonl $tmp/fifo echo" "batch --rtfs $tmp/fifo"; do
	for end in INT:130 TERM:143; do
		# shellcheck disable=SC2086 # words
		env --default-signal=INT "$RTFS" $words >"$tmp/out" \
		    2>"$tmp/err" </dev/null &
		pid=$!
		sleep 0.2
		kill "-${end%:*}" "$pid"
		finish
		is "${end%:*} while it waits: ${words%% $tmp*}" \
		    "$status $(cat "$tmp/err")" "${end#*:} "
	done
done
echo '(+ 1 2)' >"$tmp/fifo" &
run "$RTFS" run "$tmp/fifo"
is "run: a program from a FIFO" "$out$err" 3
printf '1\n2\n' >"$tmp/fifo" &
run "$RTFS" batch -k -a "$tmp/fifo" echo
is "batch: values from a FIFO" "$out$err" '1
2'

# While no task runs, too.
env --default-signal=INT "$RTFS" eval '(loop [i 0] (recur (inc i)))' \
    >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
sleep 0.3
kill -INT "$pid"
finish
is "INT in a computation" "$status" 130

"$RTFS" eval '(dotimes [i 100000] (println i))' 2>"$tmp/err" | head -n 1 >"$tmp/out"
is "closed stdout: what was read" "$(cat "$tmp/out")" 0
is "closed stdout: quiet" "$(cat "$tmp/err")" ""
run sh -c "\"$RTFS\" eval '(+ 1 2)' >/dev/full"
like "full disk: says so" "$err" 'No space left'
unlike "full disk: not a success" "$status" '^0$'
done_testing
