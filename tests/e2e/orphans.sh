#!/bin/sh
# The supervisor is killed at fifty moments of its start, while it makes its
# fork server, guards and tasks: nothing is left.  With binaries of this
# test's own, so that its processes are told from all others.
. "$(dirname "$0")/tap.sh"
mark=rtfs-orphan-$$

own_copy
start=$(date +%s%N)
run "$RTFS" eval '(call :text.upper "up")'
is "a copy of rtfs works" "$status$out" '0"UP"'
# The moments are spread over this long: a start and a little more.
span=$((($(date +%s%N) - start) / 1000000 + 40))
[ "$span" -lt 400 ] || span=400

# Without a right to look at a guard (it is not dumpable) its title has to do.
ours() {
	own_processes
	marked "$mark"
}
none_left() { [ -z "$(ours)" ]; }

ok "nothing at first" wait_for 5 none_left
cat >"$tmp/w.rtfs" <<EOF
(call :parallel [(task :t.setsid "$mark-daemon") (task :text.upper "a")
                 (task :f.sleep "$mark-1.") (task (fn [] (loop [] (recur))))
                 (task :process.exec ["sh" "-c" "sleep 60; : $mark-2."])
                 (task :f.deaf "$mark-3.")])
EOF
seen=0
i=0
while [ "$i" -lt 50 ]; do
	"$RTFS" run -j 4 --capabilities "$here/faults" \
	    --capabilities "$here/limits" "$tmp/w.rtfs" \
	    >"$tmp/out" 2>&1 </dev/null &
	pid=$!
	sleep "0.$(printf '%03d' $((i * 37 % 50 * span / 50)))"
	[ -n "$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)" ] &&
	    seen=$((seen + 1))
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	i=$((i + 1))
done
ok "some of them had processes ($seen)" [ "$seen" -gt 0 ]
ok "nothing is left" wait_for 3 none_left ||
    note "$(ps -o pid,ppid,stat,args -p "$(ours | tr '\n' ',')0")"
done_testing
