#!/bin/sh
# In the virtual machine, whose clock is its own: the wall clock is set while
# tasks wait and run.  Deadlines and naps and what is reported of them go by
# another clock; only the times of day go with it.
. "$(dirname "$0")/../e2e/tap.sh"

set_clock() { date -s "@$(($(date +%s) + $1))" >/dev/null; }
seconds() { cut -d . -f 1 /proc/uptime; }
both_run() {
	grep -q ':in-time .*started' "$tmp/err" &&
	    grep -q ':late .*started' "$tmp/err"
}
# measured FIELD: how many there are in the report, and how many are nonsense.
measured() {
	sed -n "s/.*\"$1\":\([-0-9.e+]*\).*/\1/p" "$tmp/report" |
	    awk '$1 < 0 || $1 > 60000 { bad++ } END { print NR, bad + 0 }'
}

cat >"$tmp/clock.rtfs" <<'EOF'
(def r (call :parallel
  {:in-time (assoc (task :time.sleep 3000) :timeout "60s")
   :late (assoc (task :time.sleep 600000) :timeout "4s")
   :waits (assoc (task :time.sleep 100) :timeout "60s")}
  {:timeout "120s"}))
[(:in-time r) (:kind (:late r)) (:waits r)]
EOF

set_while_running() { # NAME SECONDS
	begin=$(seconds)
	: >"$tmp/err"
	"$RTFS" run -j 2 -v --report "$tmp/report" "$tmp/clock.rtfs" \
	    >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	ok "$1: two run" wait_for 60 both_run
	before=$(date +%s)
	ok "$1: the clock is set" set_clock "$2"
	jump=$(($(date +%s) - before))
	ok "$1: and goes from there" \
	    [ "$((jump > $2 - 60 && jump < $2 + 60))" = 1 ]
	wait "$pid"
	took=$(($(seconds) - begin))
	is "$1: one late, the others in time" "$(cat "$tmp/out")" \
	    '[nil :timeout nil]'
	ok "$1: as soon as that" [ "$took" -ge 3 ]
	ok "$1: and no later" [ "$took" -lt 60 ]
	note "$took s"
	is "$1: times of running" "$(measured wall_ms)" '3 0'
	is "$1: times of waiting" "$(measured queued_ms)" '3 0'
}
set_while_running "a day forward" 86400
set_while_running "two days back" -172800
set_clock 86400
done_testing
