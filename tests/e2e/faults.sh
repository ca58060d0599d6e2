#!/bin/sh
# Failure of one is failure of one: task process, guard and fork server are
# killed in the middle of forty tasks on two workers.  Only processes of this
# test's own supervisor are ever signalled.
. "$(dirname "$0")/tap.sh"
mark=rtfs-fault-$$

cat >"$tmp/forty.rtfs" <<EOF
(def work (into {} (map (fn [i] [i (task :f.nap (str "$mark-" i "."))]) (range 40))))
(def results (call :parallel work))
(def errors (or (:error results) {}))
[(count (filter (fn [i] (= "done" (get results i))) (range 40)))
 (map :kind (vals errors)) (map (fn [e] (:signal (:data e))) (vals errors))
 (call :text.upper "usable")]
EOF

start() {
	"$RTFS" run -j 2 --capabilities "$here/faults" "$tmp/forty.rtfs" \
	    >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
}
finish() {
	status=0
	wait "$pid" || status=$?
	out=$(cat "$tmp/out")
}
# child TITLE: a child of our supervisor with that title.
child() {
	for c in $(cat "/proc/$pid/task/$pid/children" 2>/dev/null); do
		case $(tr '\0' ' ' 2>/dev/null <"/proc/$c/cmdline") in
		"$1"*) echo "$c"; return 0 ;;
		esac
	done
	return 1
}
running() { # the process of task N, a descendant of ours by its mark
	marked "$mark-$1[.]" | head -n 1
}
has_child() { child "$1" >/dev/null; }
# The one found is kept: a nap is short, and looking for it takes long on a
# busy machine.
is_running() {
	found=$(running "$1")
	[ -n "$found" ]
}

start
ok "task 10 runs" wait_for 20 is_running 10
kill -KILL "$found"
finish
is "a killed task process: 39 results, one :signal, pool usable" "$out" \
    '[39 [:signal] [9] "USABLE"]'

start
ok "task 6 runs" wait_for 20 is_running 6
guard=$(sed -n 's/^PPid:.//p' "/proc/$found/status")
like "its parent is a guard" "$(tr '\0' ' ' <"/proc/$guard/cmdline")" '^rtfs: slot'
kill -KILL "$guard"
finish
is "a killed guard: 39 results, one :signal, pool usable" "$out" \
    '[39 [:signal] [9] "USABLE"]'

start
ok "task 6 runs" wait_for 20 is_running 6
ok "there is a fork server" has_child "rtfs: fork server"
kill -KILL "$(child "rtfs: fork server" | head -n 1)"
finish
is "a killed fork server: forty results" "$out" '[40 [] [] "USABLE"]'

# The supervisor is killed: nothing is left after a second.
descendants() { # PID: all below it
	for c in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		echo "$c"
		descendants "$c"
	done
}
all_gone() {
	for p in $left; do
		case $(sed -n 's/^State:.//p' "/proc/$p/status" 2>/dev/null) in
		"" | Z*) ;;
		*) return 1 ;;
		esac
	done
}
killed() { # NAME EXPRESSION WAIT-FOR...
	name=$1 expr=$2
	shift 2
	"$RTFS" eval -j 2 --capabilities "$here/faults" \
	    --capabilities "$here/limits" "$expr" \
	    >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	ok "$name: it is up" wait_for 20 "$@" || note "$(cat "$tmp/err")"
	left=$(descendants "$pid")
	left="$left $(marked "$mark-daemon")"
	ok "$name: it has processes" [ "$(echo "$left" | wc -w)" -ge 2 ]
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	from=$(date +%s%N)
	ok "$name: nothing is left" wait_for 10 all_gone
	took=$((($(date +%s%N) - from) / 1000000))
	note "gone after $took ms"
	[ -z "${SOAK:-}" ] || # on a machine of its own
	    ok "$name: after a second" [ "$took" -lt 1000 ]
}
killed busy "(call :parallel (mapv (fn [i] (task :f.sleep (str \"$mark-\" i \".\"))) (range 4)))" \
    is_running 1
killed idle "(do (call :text.upper \"a\") (loop [i 0] (recur (inc i))))" \
    has_child "rtfs: slot"
killed "with a setsid grandchild" "(call :parallel [(task :t.setsid \"$mark-daemon\")
    (task :f.deaf \"$mark-1.\")])" is_running 1

# The supervisor is stopped for a while: what ended meanwhile has ended in time,
# what was late is late, and what waited has all of its time yet.
pause=$([ -n "${SOAK:-}" ] && echo 5 || echo 3)
cat >"$tmp/stopped.rtfs" <<EOF
(defn soon [t] (assoc t :timeout "2s"))
(def work (into {:in-time (soon (task :f.nap "$mark-1."))
                 :late (soon (task :f.sleep "$mark-2."))}
  (into (mapv (fn [i] [i (soon (task :text.upper (str "n" i)))]) (range 300))
    (mapv (fn [i] [(+ 1000 i) (soon (task :f.nap "n"))]) (range 6)))))
(def r (call :parallel work))
[(:in-time r) (:kind (:late r)) (count (:error r))
 (count (filter (fn [i] (= (str "N" i) (get r i))) (range 300)))
 (count (filter (fn [i] (= "done" (get r (+ 1000 i)))) (range 6)))]
EOF
"$RTFS" run -j 2 --capabilities "$here/faults" "$tmp/stopped.rtfs" \
    >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
ok "two run" wait_for 20 is_running 2
kill -STOP "$pid"
sleep "$pause" # the time that is to pass, not a wait for something
kill -CONT "$pid"
finish
is "stopped for $pause s and continued" "$status$out$(cat "$tmp/err")" \
    '0["done" :timeout 1 300 6]'

done_testing
