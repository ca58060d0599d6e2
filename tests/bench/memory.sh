#!/bin/sh
# Peak memory of the supervisor with 100,000 tasks in its queue, beside the
# same program with none: two workers sleep meanwhile.
set -eu
program='(do (def ts (mapv (fn [i] (task :time.sleep 0)) (range N)))
    (count (call :parallel (cons (task :time.sleep 500) ts))))'
peak() {
	"$RTFS" eval -j 2 "$(printf '%s' "$program" | sed "s/N/$1/")" \
	    >/dev/null &
	pid=$!
	top=0
	while [ -r /proc/$pid/status ]; do
		now=$(awk '/^VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null)
		[ -z "$now" ] || [ "$now" -le "$top" ] || top=$now
		sleep 0.02
	done
	wait $pid
	echo "$top"
}
idle=$(peak 1)
full=$(peak 100000)
echo "1 task: $idle kB; 100,000 tasks: $full kB;" \
    "over idle: $(((full - idle) / 1024)) MB"
