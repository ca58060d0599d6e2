#!/bin/sh
# Looking into a run: the trace, the metrics, the report while it grows, and
# the table of SIGUSR1.
. "$(dirname "$0")/tap.sh"
mark=rtfs-watch-$$
examples=$here/../../contrib/examples/trace

cat >"$tmp/work.rtfs" <<'EOP'
(def r (call :parallel {:ok (task :text.upper "a") :late (assoc (task :time.sleep 60000) :timeout "200ms")
                        :sh (task :process.exec ["true"]) :fn (task (fn [] 1))}))
(call :parallel.map (fn [x] (* x x)) (range 3000))
(keys (:error r))
EOP
run "$RTFS" run -j 2 --trace "$tmp/trace.json" --metrics "$tmp/m.prom" \
    --report "$tmp/report" "$tmp/work.rtfs"
is "a run with everything written" "$status$out$err" "0[:late]"

# The trace, read by our own parser: a program that asks about it.
cat >"$tmp/ask.rtfs" <<'EOP'
(def events (parse-json (call :fs.read (first args))))
(defn of [k v] (filter (fn [e] (= v (get e k))) events))
(def runs (filter (fn [e] (and (= "X" (get e "ph")) (= 1 (get e "pid")) (not= "program" (get e "cat")))) events))
(defn overlaps? [track]
  (let [spans (sort-by first (map (fn [e] [(get e "ts") (+ (get e "ts") (get e "dur"))])
                                  (filter (fn [e] (= track (get e "tid"))) runs)))]
    (some (fn [i] (> (- (second (nth spans (dec i))) (first (nth spans i))) 0.01))
          (range 1 (count spans)))))
(def named (into {} (map (fn [e] [(get e "name") e]) runs)))
(def late (get named ":late :time.sleep"))
{:runs (count runs)
 :begun (count (of "ph" "b")) :over (count (of "ph" "e"))
 :late (get (get late "args") "status")
 :late-ms (<= 190 (/ (get late "dur") 1000.0) 5000)
 :kills (map (fn [e] [(get e "name") (get (get e "args") "task")]) (of "cat" "kill"))
 :on-its-track (= (get late "tid") (get (first (of "cat" "kill")) "tid"))
 :calls (map (fn [e] (get (get e "args") "tasks")) (filter (fn [e] (= "call" (get e "name"))) (of "cat" "program")))
 :steps (every? (fn [e] (> (get (get e "args") "steps") 0)) (filter (fn [e] (= "compute" (get e "name"))) (of "cat" "program")))
 :overlap (filter overlaps? (distinct (map (fn [e] (get e "tid")) runs)))
 :drained (get (last (of "ph" "C")) "args")}
EOP
run "$RTFS" run --allow-read "$tmp" "$tmp/ask.rtfs" -- "$tmp/trace.json"
is "the trace" "$out$err" '{:runs 3004 :begun 3004 :over 3004 :late "timeout" :late-ms true :kills [["SIGKILL sent" ":late :time.sleep"]] :on-its-track true :calls [4 3000] :steps true :overlap [] :drained {"queued" 0 "running" 0}}'
if command -v python3 >/dev/null; then
	run python3 -c 'import json, sys
for e in json.load(open(sys.argv[1])):
    assert e["ph"] in "MXbeiC" and "pid" in e and "name" in e, e
    assert e["ph"] == "M" or e["ts"] >= 0, e' "$tmp/trace.json"
	is "is JSON for others, too" "$status$err" 0
else
	lacks "is JSON for others, too" python3
fi
run "$RTFS" eval --trace "$tmp/short.json" '(+ 1 2)'
is "a run without tasks has a trace" "$status$out" 03
run "$RTFS" eval --allow-read "$tmp" \
    "(map (fn [e] (get e \"ph\")) (parse-json (call :fs.read \"$tmp/short.json\")))"
is "which is JSON" "$out$err" '["M" "M" "M"]'

# OpenMetrics: a family is described before its samples, a counter ends in
# _total, buckets add up, the end is marked.
sound() {
	awk '
	    function bad(why) { print FILENAME ":" NR ": " why ": " $0; failed = 1 }
	    done { bad("text after the end") }
	    /^# EOF$/ { done = 1; next }
	    /^# TYPE / { if ($3 in type) bad("twice"); type[$3] = $4; last = $3; next }
	    /^# (UNIT|HELP) / { if ($3 != last) bad("of another family")
		if ($2 == "UNIT" && $3 !~ ("_" $4 "$")) bad("unit"); next }
	    /^#/ || !NF { bad("no such line"); next }
	    {
		name = $1; sub(/\{.*/, "", name); base = name
		sub(/_(total|bucket|count|sum)$/, "", base)
		if (!(base in type)) base = name
		if (!(base in type)) { bad("no type"); next }
		if (base != last) bad("out of its family")
		if (type[base] == "counter" && name != base "_total") bad("counter")
		if ($NF !~ /^[0-9.]+$/) bad("no number")
		series = $1; sub(/,le="[^"]*"/, "", series); sub(/_(bucket|count)/, "", series)
		if (name == base "_bucket") {
			if (series in sofar && $NF < sofar[series]) bad("bucket")
			sofar[series] = $NF
		}
		if (name == base "_count" && $NF != sofar[series]) bad("count")
	    }
	    END { if (!done) { print "no end"; failed = 1 }; exit failed }' "$1"
}
run sound "$tmp/m.prom"
is "the metrics are OpenMetrics text" "$status$out" 0
sample() { sed -n "s/^$1 //p" "$tmp/m.prom"; }
is "what ended how" "$(sample 'rtfs_tasks_ended_total{capability="time.sleep",status="timeout"}')$(sample \
    'rtfs_tasks_ended_total{capability="rtfs.fn",status="ok"}')" 13001
is "all that were submitted have ended" "$(sample rtfs_tasks_submitted_total)" \
    "$(awk '/^rtfs_tasks_ended_total/ { n += $2 } END { print n }' "$tmp/m.prom")"
is "one kill" "$(sample rtfs_kills_total)" 1
is "no file of the writing is left" "$(find "$tmp" -name 'm.prom*' | wc -l)" 1
ln -s here.prom "$tmp/link.prom"
run "$RTFS" eval --metrics "$tmp/link.prom" '(call :text.upper "a")'
ok "a link stays one" [ -L "$tmp/link.prom" ]
run sound "$tmp/here.prom"
is "and what it leads to is written" "$status$out" 0
for option in trace metrics; do
	run "$RTFS" eval --$option "$tmp/none/x" 1
	is "--$option where nothing can be made" "$status$out$err" \
	    "2rtfs: --$option: $tmp/none/x: No such file or directory"
	[ -c /dev/full ] || continue
	run "$RTFS" eval --$option /dev/full '(call :text.upper "a")'
	like "--$option on a full disk" "$status$err" '^[12].*No space left'
done

# While it runs: a table, a report that grows, metrics that are replaced.
cat >"$tmp/long.rtfs" <<EOP
(defn nap [] (task :process.exec ["sh" "-c" "sleep 100; : $mark"]))
(call :text.upper "a")
(call :parallel {:quick (task :process.exec ["true"]) :one (nap) :two (nap) :three (nap)})
EOP
"$RTFS" run -j 2 --timeout 100s --report "$tmp/live" --metrics "$tmp/live.prom" \
    "$tmp/long.rtfs" >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
ok "it runs" wait_for 20 some_marked "$mark"
ok "the report has what has ended" wait_for 20 grep -q '"id":"quick"' "$tmp/live"
ok "the metrics say what runs" wait_for 20 grep -qx 'rtfs_workers_busy 2' "$tmp/live.prom"
run sound "$tmp/live.prom"
is "and are whole" "$status$out" 0
table() { kill -USR1 "$pid" && sleep 0.1 && grep -q ':two :process.exec$' "$tmp/err"; }
ok "SIGUSR1 prints a table" wait_for 20 table
like "of the whole" "$(head -n 1 "$tmp/err")" \
    '^rtfs: [0-2] of 2 busy, [0-9]+ queued, 2 ok, 0 failed, 0 kills; [0-9.]+/s in '
like "of slots" "$(cat "$tmp/err")" '[0-9]+ +[0-9]+ +[0-9]+ +busy +1 +[-0-9]+ +[0-9.]+ s +:one :process.exec'
like "of the queue" "$(cat "$tmp/err")" '^ +1 +[0-9.]+ s  :process.exec$'
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
is "and it goes on until it is ended" "$status" 143
run sound "$tmp/live.prom"
is "the metrics of an interrupted run are whole" "$status$out" 0

"$RTFS" eval '(loop [i 0] (recur (inc i)))' >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
says() { kill -USR1 "$pid" 2>/dev/null && sleep 0.1 && grep -q 'the program computes' "$tmp/err"; }
# Before that it would kill: is it blocked, or caught?
minds_usr1() {
	[ $((0x$(sed -n 's/^SigBlk:.//p' "/proc/$pid/status") & 512 |
	    0x$(sed -n 's/^SigCgt:.//p' "/proc/$pid/status") & 512)) -ne 0 ]
}
ok "(there is a handler)" wait_for 20 minds_usr1
ok "SIGUSR1 while it computes" wait_for 20 says
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
is "does no harm" "$status" 143

# The picture of the manual is made by a program of our own.
if [ -f "$examples/picture.rtfs" ]; then
	cp "$examples"/*.rtfs "$tmp/"
	run sh -c 'cd "$1" && "$0" run -j 3 --trace t.json demo.rtfs >/dev/null &&
	    "$0" run -o text picture.rtfs -- t.json' "$RTFS" "$tmp"
	like "a picture of a trace" "$status$(printf '%s' "$out" | tr '\n' ' ')" \
	    '^0<svg .*>:stuck</text>.*SIGKILL sent.*</svg>'
else
	lacks "a picture of a trace" "folder of examples"
fi
done_testing
