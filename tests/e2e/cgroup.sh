#!/bin/sh
# :memory :pids :cpus and :total of a control group: what strikes and how it is
# told, that limits are those of the task and not of the one before, and that
# no group is left.  Where none can be made: the refusal, and :degrade.
. "$(dirname "$0")/tap.sh"
cat >"$tmp/capabilities.rtfs" <<-'EOF'
	(capability :t.sh :exec ["/bin/sh" "-c"] :codec :argv)
	(capability :t.run :exec ["/bin/sh"] :codec :argv)
	(capability :t.eat :exec ["/usr/bin/tail" "/dev/zero"] :codec :argv)
EOF
# CGROUP_SHORT: only what is different from place to place (tests/vm).
#
# What a task reads of its group and of this folder is not seen from inside of
# a level above :inherit; a group limits it there all the same.
ev() {
	run "$RTFS" eval --capabilities "$tmp" --timeout 3m --isolation inherit "$@"
}
policy() {
	printf '%s\n' "$1" >"$tmp/policy.rtfs"
	chmod 644 "$tmp/policy.rtfs"
}
groups() {
	find /sys/fs/cgroup -depth -type d -name 'rtfs-*' 2>/dev/null |
	    grep -- "/rtfs-$1-"
}
free='{:default {:limits {:data :unlimited}}}'

ev --limit memory=64M '(:kind (:t (call :parallel {:t (task :t.sh "echo in")})))'
if [ "$out" = ":unavailable" ]; then
	ev --limit memory=64M '(:message (:t (call :parallel {:t (task :t.sh "")})))'
	like "without a cgroup: why, and the remedy" "$out" \
	    ':memory .*needs a cgroup: .*:degrade \[:cgroup\]'
	usable=false
	# CGROUP_MUST: who runs this has seen to it.
	if [ -n "${CGROUP_MUST:-}" ] || can_group; then
		is "groups can be made, so tasks have them" "$out" '"in"'
	fi
else
	usable=true
fi

# Stood in for by :data and :nproc, and said so.
policy '{:default {:degrade [:cgroup] :limits {:memory "32M" :data :unlimited}}}'
rm -f "$tmp/report"
ev --policy "$tmp/policy.rtfs" --report "$tmp/report" \
    '(call :t.sh "ulimit -d")'
if $usable; then
	is "degraded only where it must be" "$out" '"unlimited"'
	unlike "nothing to report" "$(cat "$tmp/report")" 'not_applied":[^]}]*memory'
else
	is "degraded: :data stands in" "$out" '"32768"'
	like "and the report says so" "$(cat "$tmp/report")" \
	    'not_applied":[^]}]*memory'
fi
if ! $usable; then
	policy '{:total {:memory "1G"}}'
	ev --policy "$tmp/policy.rtfs" \
	    '(:message (:t (call :parallel {:t (task :t.sh "")})))'
	like "a total that cannot be kept is refused" "$out" ':total needs'
	done_testing
fi
if sanitized; then
	skip "limits of memory" "AddressSanitizer needs more than any"
	done_testing
fi

policy "$free"
ev --policy "$tmp/policy.rtfs" '(let [r (call :parallel
    {:t (assoc (task :t.eat) :limits {:memory "16M"}) :u (task :t.sh "echo well")})
    e (:t r) d (:data e)]
    [(:kind e) (:limit d) (:allowed d) (<= 15000000 (:used d) 16777216) (:signal d) (:u r)])'
is "out of memory" "$out" '[:memory-limit :memory 16777216 true 9 "well"]'
ev --policy "$tmp/policy.rtfs" '(let [e (:t (call :parallel
    {:t (assoc (task :t.sh "tail /dev/zero; echo $?; exit 0") :limits {:memory "16M"})}))]
    [(:kind e) (:exit (:data e))])'
is "also of a child, whatever its parent says" "$out" '[:memory-limit 0]'
ev --policy "$tmp/policy.rtfs" '(let [e (:t (call :parallel
    {:t (assoc (task :t.sh "kill -9 $$") :limits {:memory "64M"})}))] (:kind e))'
is "a SIGKILL is no lack of memory" "$out" ':signal'
ev --limit memory=64M '(call :t.sh "cat /proc/self/oom_score_adj")'
is "the task is who is killed, before its guard" "$out" '"1000"'
forks='for i in 1 2 3 4 5 6 7 8 9; do sleep 5 >/dev/null & done; echo all'
ev "(let [e (:t (call :parallel {:t (assoc (task :t.sh \"$forks\") :limits {:pids 4})}))]
    [(:kind e) (:limit (:data e)) (:allowed (:data e)) (:message e)])"
like "out of processes" "$out" \
    '^\[:exit :pids 4 .*refused at its limit of 4 processes'
# The first process may be there before its limit.
for task in '(task :t.sh "echo in")' '(task :env.get "A")' '(task (fn [] 1))'; do
	ev --limit pids=0 "(let [e (:t (call :parallel {:t $task}))]
	    [(:kind e) (:message e)])"
	like ":pids 0: $task" "$out" \
	    '^\[:unavailable .*:pids 0 .the command line. lets no task start'
done
ev --limit nproc=0 "(let [r (call :parallel {:t (task :t.sh \"$forks\")
    :u (task :t.sh \"echo one\")})] [(:kind (:t r)) (:u r)])"
is ":nproc 0: no more than that one" "$out" '[:exit "one"]'
some_groups() { [ -n "$(groups "$pid")" ]; }
no_groups() { [ -z "$(groups "$pid")" ]; }
busy() {
	rm -f "$tmp/started"
	"$RTFS" eval --capabilities "$tmp" --isolation inherit \
	    --limit memory=64M \
	    "(call :t.sh \"echo >$tmp/started; sleep 60\")" >/dev/null 2>&1 &
	pid=$!
	ok "a supervisor is at work" wait_for 10 test -f "$tmp/started"
	ok "and has groups" some_groups
}
servers() { # of that supervisor
	for p in $(cat "/proc/$pid/task/$pid/children"); do
		tr '\0' ' ' <"/proc/$p/cmdline" | grep -q 'fork server' &&
		    echo "$p"
	done
}
killed() {
	busy
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	ok "killed: its fork server removes them" wait_for 5 no_groups ||
	    note "$(for g in $(groups "$pid"); do
	        echo "$g: $(tr '\n' ' ' <"$g/cgroup.procs")"
	    done; ps)"
}
if [ -n "${CGROUP_SHORT:-}" ]; then
	"$RTFS" eval --capabilities "$tmp" --limit memory=64M '(call :t.sh "")' \
	    >/dev/null 2>&1 &
	pid=$!
	wait "$pid"
	is "one that ends removes its groups" "$(groups "$pid")" ""
	killed
	done_testing
fi
ev -j 1 --policy "$tmp/policy.rtfs" '(map (fn [m]
    (let [x (:t (call :parallel {:t (assoc (task :t.sh
        "dd if=/dev/zero bs=12000000 count=1 2>/dev/null | wc -c") :limits {:memory m})}))]
      (if (error? x) (:kind x) x))) ["8M" "32M" "8M" :unlimited])'
is "each task has its own limit, also after another" "$out" \
    '[:memory-limit "12000000" :memory-limit "12000000"]'
for level in isolated sandboxed; do
	run "$RTFS" eval --capabilities "$tmp" --policy "$tmp/policy.rtfs" \
	    --isolation "$level" '(let [e (:t (call :parallel
	    {:t (assoc (task :t.eat) :limits {:memory "16M"})}))]
	    [(:kind e) (:limit (:data e))])'
	if [ "${out#*unavailable}" != "$out" ]; then
		unkept "out of memory at :$level" "$out" "$level"
	else
		is "out of memory at :$level" "$out" '[:memory-limit :memory]'
	fi
done
# What a process writes into a file in memory is memory, too: RLIMIT_DATA sees
# nothing of it.
cat >"$tmp/shm.sh" <<-'EOF'
	f=/dev/shm/rtfs-test-$$
	trap 'rm -f "$f"' EXIT
	head -c 20000000 /dev/zero >"$f" && stat -c %s "$f"
EOF
ev --limit data=12M --limit memory=64M "(call :t.run \"$tmp/shm.sh\")"
is "(a file in memory is none of :data's business)" "$out" '"20000000"'
ev --limit memory=12M \
    "(:kind (:t (call :parallel {:t (task :t.run \"$tmp/shm.sh\")})))"
is "but it is of :memory's" "$out" ':memory-limit'
rm -f /dev/shm/rtfs-test-*

ev --limit nproc=4 "(:kind (:t (call :parallel {:t (task :t.sh \"$forks\")})))"
is ":nproc is the same, where a group can be had" "$out" ':exit'
ev --limit pids=20 "(call :t.sh \"$forks\")"
is "(so many are fine with 20)" "$out" '"all"'

spin='timeout 1 sh -c "while :; do :; done" & timeout 1 sh -c "while :; do :; done" & wait'
cpu() { # LIMIT: CPU seconds of two loops in one second, in tenths
	run "$RTFS" eval --capabilities "$tmp" --limit "cpus=$1" \
	    --report "$tmp/report.$1" "(call :t.sh \"$(echo "$spin" |
	        sed 's/"/\\"/g')\")"
	sed -n 's/.*"user_ms":\([0-9]*\).*/\1/p' "$tmp/report.$1" | tail -n 1
}
cat >"$tmp/quota.sh" <<-'EOF'
	while IFS=: read -r n c p; do
		case $c in
		cpu | cpu,*) cat "/sys/fs/cgroup/$c$p/cpu.cfs_quota_us" ;;
		"") cat "/sys/fs/cgroup$p/cpu.max" ;;
		esac
	done 2>/dev/null </proc/self/cgroup
	exit 0
EOF
ev --limit cpus=1 "(call :t.run \"$tmp/quota.sh\")"
like "one CPU: so it stands in its group" "$out" '^"100000'
ev --limit cpus=0.25 "(call :t.run \"$tmp/quota.sh\")"
like "a quarter of one" "$out" '^"25000'
cat >"$tmp/spin.sh" <<-'EOF'
	for i in 1 2; do
		timeout 1 sh -c 'while :; do :; done' &
	done
	wait
EOF
if [ "$(nproc)" -ge 2 ]; then
	ev --limit cpus=1 --report "$tmp/spin" "(call :t.run \"$tmp/spin.sh\")"
	ms=$(sed -n 's/.*"user_ms":\([0-9]*\).*/\1/p' "$tmp/spin" | tail -n 1)
	ok "two loops get no more than 1.2 s of it in a second ($ms ms)" \
	    test "${ms:-9999}" -le 1200
fi

# The group of all tasks is above that of each.
cat >"$tmp/total.sh" <<-'EOF'
	while IFS=: read -r n c p; do
		case $c in
		cpu | cpu,*) cat "/sys/fs/cgroup/$c${p%/*}/cpu.cfs_quota_us" ;;
		"") cat "/sys/fs/cgroup${p%/*}/cpu.max" ;;
		esac
	done 2>/dev/null </proc/self/cgroup
	exit 0
EOF
policy '{:total {:cpus 0.5}}'
ev --policy "$tmp/policy.rtfs" "(call :t.run \"$tmp/total.sh\")"
like "half a CPU for all of them: so it stands in the group above" "$out" \
    '^"50000'
ev --policy "$tmp/policy.rtfs" -j 2 --report "$tmp/spin" \
    "(vals (call :parallel {:a (task :t.run \"$tmp/spin.sh\")
        :b (task :t.run \"$tmp/spin.sh\")}))"
ms=$(sed -n 's/.*"user_ms":\([0-9]*\).*/\1/p' "$tmp/spin" |
    awk '{ n += $1 } END { print NR == 2 ? n : 9999 }')
ok "four loops of two tasks get no more than 0.7 s in a second ($ms ms)" \
    test "$ms" -le 700
policy '{:total {:memory "24M"} :default {:limits {:data :unlimited}}}'
ev --policy "$tmp/policy.rtfs" '(let [e (:t (call :parallel {:t (task :t.eat)}))
    d (:data e)] [(:kind e) (:limit d) (:allowed d)])'
is "all of them together" "$out" '[:memory-limit :total 25165824]'
ev --policy "$tmp/policy.rtfs" '(let [e (:t (call :parallel
    {:t (assoc (task :t.eat) :limits {:memory "12M"})}))] (:limit (:data e)))'
is "the nearer limit is the one that is told" "$out" ':memory'
policy '{:total {:pids 1}}'
run "$RTFS" eval --policy "$tmp/policy.rtfs" '(call :env.get "A")'
like "a total without room for a worker is named with its place" "$err" \
    'cannot make a process: .*\(:total has :pids 1, .*policy.rtfs:1\)'
policy '{:total {:pids 8}}'
ev --policy "$tmp/policy.rtfs" -j 4 \
    "(filter error? (vals (call :parallel {:a (task :t.sh \"$forks\")})))"
like "processes of all of them together" "$out" \
    ':exit .*limit of 8 processes of all tasks together.*:limit :total'
policy '{:total {:memory "16K"}}'
ev --policy "$tmp/policy.rtfs" '(:kind (:t (call :parallel {:t (task :t.sh "echo")})))'
like "a total that lets nothing live: an error, no hang" "$out" \
    '^:(memory-limit|unavailable|signal|protocol)$'

# Nothing is left, also by a supervisor that is killed.
killed
busy
# shellcheck disable=SC2046 # words
ok "its fork server is killed, too" kill -9 $(servers)
kill -9 "$pid"
wait "$pid" 2>/dev/null
clean_up() {
	run "$RTFS" eval --capabilities "$tmp" --limit memory=64M '(call :t.sh "")'
	no_groups
}
ok "killed: the next one removes them" wait_for 10 clean_up
"$RTFS" eval --capabilities "$tmp" --limit memory=64M '(call :t.sh "")' \
    >/dev/null 2>&1 &
pid=$!
wait "$pid"
ok "one that ends removes its own" no_groups
done_testing
