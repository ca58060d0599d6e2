#!/bin/sh
# A machine without pid namespaces: the guard is a child subreaper and sweeps.
# Made here by a user namespace of the test's own that may have no others in
# it.  Nothing in this test may signal "all processes": there it would.
. "$(dirname "$0")/tap.sh"
mark=rtfs-degraded-$$

cat >"$tmp/in" <<'EOF'
echo 0 >/proc/sys/user/max_user_namespaces &&
echo 0 >/proc/sys/user/max_pid_namespaces || exit 77
exec "$@"
EOF
within() { unshare -U -r sh "$tmp/in" "$@"; }
within true 2>/dev/null || skip_all "no user namespace of its own for the test"
within unshare -p -f true 2>/dev/null && skip_all "a pid namespace all the same"

echo '{:default {:degrade [:tree]}}' >"$tmp/degrade.rtfs"
start() {
	unshare -U -r sh "$tmp/in" "$RTFS" eval -j 2 \
	    --policy "$tmp/degrade.rtfs" --capabilities "$here/faults" --capabilities "$here/limits" "$@" \
	    >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
}
finish() {
	status=0
	wait "$pid" || status=$?
	out=$(cat "$tmp/out")
}
here_run() {
	start "$@"
	finish
}
tasks_run() { some_marked "$mark-1[.]"; }
daemon_runs() { some_marked "$mark-daemon"; }

run unshare -U -r sh "$tmp/in" "$RTFS" eval --capabilities "$here/limits" \
    '(let [r (call :parallel {:x (task :t.echo "c") :y (task :text.upper "a")})]
      [(:kind (:x r)) (:message (:x r)) (:y r)])'
like "fails closed: promise, what was tried, remedy; our own code runs" "$out" \
    '^\[:unavailable ".*"tree.*pid namespace: No space left.*:degrade \[:tree\]" "A"\]'

run unshare -U -r sh "$tmp/in" "$RTFS" doctor
is "doctor: exit status" "$status" 1
like "doctor: the level" "$out" '^ - +:sandboxed'
like "doctor: the promise and the remedy" "$out" \
    '"tree".*pid namespace: No space left.*start rtfs as root'
run unshare -U -r sh "$tmp/in" "$RTFS" doctor --json
like "doctor --json" "$out" '^\{"sandboxed":false,.*"reached":false,"name":"sandboxed","why":'

here_run --report "$tmp/report" '(call :parallel [(task :text.upper "a")
    (task (fn [x] (* x x)) 3) (task :t.echo "c")])'
is "tasks run" "$out" '["A" 9 "c"]'
like "and say what is missing" "$(cat "$tmp/report")" \
    '"not_applied":"[^"]*tree'

here_run "(call :parallel [(task :t.setsid \"$mark-daemon\") (task :t.echo \"b\")])"
like "a task with a setsid grandchild ends" "$out" '"b"'
ok "the grandchild has ended with it" wait_for 2 none_marked "$mark"

here_run '[(:kind (:t (call :parallel {:t (assoc (task :t.sleep 10) :timeout "200ms")})))
    (:kind (:t (call :parallel {:t (assoc (task :t.deaf) :timeout "200ms")})))
    (:signal (:data (:t (call :parallel {:t (task :t.signal "KILL")}))))
    (call :text.upper "usable")]'
is "deadlines and signals" "$out" '[:timeout :timeout 9 "USABLE"]'

start "(call :parallel [(task :f.sleep \"$mark-1.\")
    (task :process.exec [\"sh\" \"-c\" \"setsid sleep 60 $mark-daemon & sleep 60\"])])"
ok "tasks run" wait_for 20 tasks_run
kill -TERM "$pid"
finish
is "TERM: exit status" "$status" 143
ok "TERM: nothing is left" wait_for 2 none_marked "$mark"

start "(call :parallel [(task :t.setsid \"$mark-daemon\") (task :f.sleep \"$mark-1.\")
    (task :f.deaf \"$mark-2.\")])"
ok "tasks run" wait_for 20 tasks_run
kill -KILL "$pid"
finish
ok "a killed supervisor: nothing is left" wait_for 3 none_marked "$mark"

# Guards are killed: the supervisor adopts what was below them.
cat >"$tmp/nest.sh" <<EOF
#!/bin/sh
setsid sh -c 'sleep 60; : $mark-daemon' &
setsid sh -c '(setsid sh -c "sleep 61; : $mark-deeper" &) ; sleep 60; : $mark-daemon' &
sleep 60
: "$mark-1."
EOF
chmod 755 "$tmp/nest.sh"
start --allow-read "$tmp" "[(:signal (:data (first (call :parallel [(task :process.exec
    [\"sh\" \"-c\" \"sh $tmp/nest.sh $mark-1.\"])]))))
    (call :text.upper \"usable\")]"
ok "a task and its daemons run" wait_for 20 daemon_runs
for c in $(cat "/proc/$pid/task/$pid/children"); do
	case $(tr '\0' ' ' <"/proc/$c/cmdline") in
	"rtfs: slot"*) kill -KILL "$c" ;;
	esac
done
ok "a killed guard: nothing is left" wait_for 3 none_marked "$mark"
finish
is "its task has failed, the pool is usable" "$out" '[9 "USABLE"]'
done_testing
