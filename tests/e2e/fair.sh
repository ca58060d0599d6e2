#!/bin/sh
# :concurrency and :weight of a policy file, seen in the trace of the run.
. "$(dirname "$0")/tap.sh"

cat >"$tmp/capabilities.rtfs" <<'EOF'
(capability :a.nap :exec ["sleep" "0.02"] :codec :argv)
(capability :b.nap :exec ["sleep" "0.02"] :codec :argv)
(capability :c.nap :exec ["sleep" "0.02"] :codec :argv)
EOF
cat >"$tmp/policy.rtfs" <<'EOF'
{:rules [{:match "a.*" :concurrency 1}
         {:match "b.*" :weight 5}]}
EOF
cat >"$tmp/work.rtfs" <<'EOF'
(defn some-of [c n] (mapv (fn [i] (task c)) (range n)))
(let [r (call :parallel (into (some-of :a.nap 8) (into (some-of :c.nap 40) (some-of :b.nap 40))))] [(count r) (filter error? r)])
EOF
run "$RTFS" run -j 4 --policy "$tmp/policy.rtfs" --trace "$tmp/t.json" "$tmp/work.rtfs"
is "they all run" "$status$out$err" "0[88 []]"

cat >"$tmp/ask.rtfs" <<'EOF'
(def runs (sort-by (fn [e] (get e "ts"))
  (filter (fn [e] (and (= "X" (get e "ph")) (not= "program" (get e "cat"))))
          (parse-json (call :fs.read (first args))))))
(defn of [c] (filter (fn [e] (= c (get (get e "args") "capability"))) runs))
(defn ends [e] (+ (get e "ts") (get e "dur")))
(defn overlapping [es]
  (count (filter (fn [i] (> (- (ends (nth es (dec i))) (get (nth es i) "ts")) 0.01)) (range 1 (count es)))))
(defn seqs [es] (map (fn [e] (get (get e "args") "seq")) es))
(def half (take 44 runs))
(defn among [c] (count (filter (fn [e] (= c (get (get e "args") "capability"))) half)))
[(overlapping (vec (of "a.nap"))) (> (overlapping (vec (of "b.nap"))) 0)
 (= (seqs (of "a.nap")) (sort (seqs (of "a.nap"))))
 (> (among "b.nap") (* 2 (among "c.nap"))) (> (among "c.nap") 2)]
EOF
run "$RTFS" run --allow-read "$tmp" "$tmp/ask.rtfs" -- "$tmp/t.json"
is "one at a time, five times the share, nobody starves" "$out$err" \
    '[0 true true true true]'
done_testing
