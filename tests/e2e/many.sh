#!/bin/sh
# More tasks in one call than the pool is given at a time (they are all wanted
# in the same way): each ends once, in its place, however the call ends.
. "$(dirname "$0")/tap.sh"
cd "$tmp" || exit 99

n=20000

program() { # reads the program, runs it
	cat >p.rtfs
	run "$RTFS" run -j 2 --report r.jsonl p.rtfs
	records=$(grep -c '"seq":' r.jsonl)
	numbers=$(sed -n 's/.*"seq":\([0-9]*\).*/\1/p' r.jsonl | sort -nu | wc -l)
	rm -f r.jsonl
}

program <<RTFS
(def f (fn [x] (println x) (* 3 x)))
(def rs (call :parallel (mapv (fn [i] (task f i)) (range $n))))
(= rs (mapv (fn [i] (* 3 i)) (range $n)))
RTFS
is "each result is in its place" "$(printf '%s\n' "$out" | tail -1)" true
is "each has one record" "$records $numbers" "$n $n"
seq 0 $((n - 1)) >want
printf '%s\n' "$out" | head -$n >got
ok "and what they print is in the order of the work" cmp want got

program <<RTFS
(def f (fn [x] (* 3 x)))
(def work (into {} (mapv (fn [i] [i (task f i)]) (range $n))))
(def rs (call :parallel work))
[(count rs) (every? (fn [i] (= (get rs i) (* 3 i))) (range $n))]
RTFS
is "the same in a map" "$out" "[$n true]"

# Messages that are full, results of every length, output and failures between.
program <<'RTFS'
(def text (fn [n] (join (repeat n "0123456789"))))
(def f (fn [i s]
  (when (= 0 (mod i 7)) (println i))
  (cond (= 0 (mod i 11)) (/ 1 0)
        (= 0 (mod i 13)) (text 8000)
        :else s)))
(def n 3000)
(def arg (mapv (fn [k] (text (* 10 k))) (range 600)))
(def arg-of (fn [i] (get arg (mod (* i 37) 600))))
(def rs (call :parallel (mapv (fn [i] (task f i (arg-of i))) (range n))))
(def right (fn [i]
  (let [r (get rs i)]
    (cond (= 0 (mod i 11)) (= (:kind r) :division-by-zero)
          (= 0 (mod i 13)) (= (count r) 80000)
          :else (= r (arg-of i))))))
[(count rs) (filterv (fn [i] (not (right i))) (range n))]
RTFS
is "long and short, well and badly: each in its place" \
    "$(printf '%s\n' "$out" | tail -1)" "[3000 []]"
seq 0 7 2999 >want
printf '%s\n' "$out" | head -n -1 >got
ok "and what they print, too" cmp want got

program <<RTFS
(def f (fn [x] (/ 1 (- 5 x))))
(def rs (call :parallel (mapv (fn [i] (task f i)) (range $n))
              {:on-error :cancel}))
(def failed (filterv error? rs))
(def cancelled (filterv (fn [e] (= (:kind e) :cancelled)) failed))
[(count rs) (- (count failed) (count cancelled)) (> (count cancelled) 1000)
 (every? (fn [e] (= (:message e) "cancelled because task [5] failed"))
         cancelled)]
RTFS
is "the first failure cancels all that have not started" \
    "$out" "[$n 1 true true]"
is "and each has one record" "$records $numbers" "$n $n"

program <<RTFS
(def rs (call :parallel (mapv (fn [i] (task :time.sleep 10000)) (range $n))
              {:timeout "300ms"}))
[(count rs) (every? error? rs)
 (count (filterv (fn [e] (= (:kind e) :timeout)) rs))
 (count (filterv (fn [e] (= (:kind e) :cancelled)) rs))
 (every? (fn [e] (= (:limit (:data e)) :set)) rs)]
RTFS
is "the time of the call ends all of them" "$out" \
    "[$n true 2 $((n - 2)) true]"
is "and each of them has one record" "$records $numbers" "$n $n"

cat >p.rtfs <<RTFS
(call :parallel (mapv (fn [i] (task :time.sleep 10000)) (range $n)))
RTFS
env --default-signal=INT "$RTFS" run -j 2 -v --report r.jsonl p.rtfs 2>log &
pid=$!
ok "tasks run" wait_for 20 grep -q started log
kill -INT $pid
status=0; wait "$pid" || status=$?
is "an interrupt ends it" "$status" 130
is "each has one record then, too" "$(grep -c '"seq":' r.jsonl)" $n

done_testing
