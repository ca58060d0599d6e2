#!/bin/sh
# The supervisor is killed at fifty moments (SOAK=1: 300) of its start, while it
# makes its fork server, guards and tasks, and while they run: nothing is left
# of it soon after (SOAK=1: after a second), no process, file, mount or control
# group.  With binaries of this test's own, so that its processes are told from
# all others, and where that may be in a /tmp of its own.
case ${ORPHANS_OWN:-}$0:${abs_top_builddir:-/tmp/}:${TMPDIR:-} in
own* | /tmp/* | *:/tmp/*) ;;
*)
	if unshare -m true 2>/dev/null; then
		ORPHANS_OWN=own exec unshare -m sh -c '
		    mount -t tmpfs none /tmp && mount -t tmpfs none /dev/shm &&
		    exec "$0"' "$0"
	fi
	;;
esac
. "$(dirname "$0")/tap.sh"
mark=rtfs-orphan-$$

own_copy
start=$(date +%s%N)
run "$RTFS" eval '(call :text.upper "up")'
is "a copy of rtfs works" "$status$out" '0"UP"'
# The moments are spread over this long: a start and a little more.
span=$((($(date +%s%N) - start) / 1000000 + 40))
[ "$span" -lt 400 ] || span=400
moments=50 patience=3
[ -z "${SOAK:-}" ] || { moments=300 patience=1; }

# Without a right to look at a guard (it is not dumpable) its title has to do.
ours() {
	find /proc/[0-9]*/exe -lname "$tmp/bin/*" 2>/dev/null | cut -d / -f 3
	marked "$mark"
}
none_left() { [ -z "$(ours)" ]; }
# What is mounted; and where nobody else writes, every file.
litter() {
	cut -d ' ' -f 4- /proc/self/mountinfo
	[ -z "${ORPHANS_OWN:-}" ] || find /tmp /dev/shm ! -path "$tmp/.*"
}
groups() { # of those that were killed
	find /sys/fs/cgroup -type d -name 'rtfs-*' 2>/dev/null |
	    grep -E -- "/rtfs-(${killed#|})-"
}
no_groups() {
	# shellcheck disable=SC2086 # words
	run "$RTFS" eval $grouped '(call :text.upper "next")'
	[ -z "$(groups)" ]
}

ok "nothing at first" wait_for 5 none_left
cat >"$tmp/w.rtfs" <<EOF
(call :parallel [(task :t.setsid "$mark-daemon") (task :text.upper "a")
                 (task :f.sleep "$mark-1.") (task (fn [] (loop [] (recur))))
                 (task :process.exec ["sh" "-c" "sleep 60; : $mark-2."])
                 (task :f.deaf "$mark-3.")])
EOF
grouped=
if ! sanitized && can_group; then grouped="--limit memory=64M"; fi
: >"$tmp/out"
before=$(litter)
seen=0 killed='' i=0 late=0 worst=0
while [ "$i" -lt "$moments" ]; do
	# shellcheck disable=SC2086 # words
	"$RTFS" run -j 4 --capabilities "$here/faults" $grouped \
	    --capabilities "$here/limits" "$tmp/w.rtfs" \
	    >"$tmp/out" 2>&1 </dev/null &
	pid=$!
	sleep "0.$(printf '%03d' $((i * 37 % moments * span / moments)))"
	[ -n "$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)" ] &&
	    seen=$((seen + 1))
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	killed="$killed|$pid"
	from=$(date +%s%N)
	wait_for 10 none_left ||
	    note "$(ps -o pid,ppid,stat,args -p "$(ours | tr '\n' ',')1")"
	took=$((($(date +%s%N) - from) / 1000000))
	[ "$took" -le "$worst" ] || worst=$took
	[ "$took" -lt "$((patience * 1000))" ] || late=$((late + 1))
	i=$((i + 1))
done
ok "some of them had processes ($seen of $moments)" \
    [ "$seen" -gt $((moments / 4)) ]
is "nothing is left of any after $patience s (the last after $worst ms)" \
    "$late" 0
if [ -n "$grouped" ]; then
	ok "nor, after the next start, a group" wait_for 10 no_groups ||
	    note "$(groups)"
else
	skip "control groups" "none to be had"
fi
[ -n "${ORPHANS_OWN:-}" ] ||
    skip "files" "needs a mount namespace, and a build outside of /tmp"
is "no files or mounts are left" "$(litter)" "$before"
done_testing
