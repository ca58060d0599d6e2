#!/bin/sh
# One program, a hundred runs: every one with hash seeds and address layouts of
# its own, all with the same bytes.
. "$(dirname "$0")/tap.sh"
cd "$tmp" || exit 99

cat >p.rtfs <<'RTFS'
(def words (split "the quick brown fox jumps over the lazy dog the end" " "))
(def json (parse-json "{\"z\":1,\"a\":{\"y\":[2,3],\"b\":null},\"m\":1e3}"))
(println (frequencies words) (group-by count words))
(println (sort words) (sort-by count > words) (distinct words))
(println (sort [:b "a" 2 nil 1.5 true 'x [1] {:k 1} {"k" 1}]))
(println (serialize-json json) (keys json) (merge json {"a" 1 :new 2}))
(println (into {} (map (fn [i] [(str "k" i) (* i i)]) (range 60))))
(println (dissoc (zipmap (range 40) (map str (range 40))) 3 17 39))
(println (= {:a 1 :b {:c [1 2]}} {:b {:c [1 2]} :a 1})
         (get {{:a 1 :b 2} :found} {:b 2 :a 1})
         {[1 2] 1 '(1 2) 2 "1" 3 1.0 4 1 5 :one 6 nil 7})
(println map (fn [x] x) (comp inc dec) (error :e "m" {:d 1 :c 2}))
(try (undefined-thing 1) (catch e (println e)))
(def results
  (call :parallel
    (into {} (map (fn [i] [(keyword (str "t" i))
                           (task (fn [n]
                                   (println "task" n)
                                   (if (= n 5) (throw (error :five "5" {:n n}))
                                       {:n n :sq (* n n) :w (take n words)}))
                                 i)])
                  (range 8)))))
(println (keys results))
(println (map (fn [[k e]] [k (:kind e) (:message e) (:n (:data e))])
              (:error results)))
(dissoc results :t5 :error)
RTFS
run "$RTFS" run -j 2 p.rtfs
cp .out want
is "the program runs" "$status$err" 0
like "keywords of a function task keep their names" "$out" \
    '^\{:t0 \{:n 0 :sq 0 :w \[\]\} :t1 \{:n 1 :sq 1 :w \["the"\]\}'

differ=0 n=0
while [ "$n" -lt 100 ]; do
	n=$((n + 1))
	"$RTFS" run -j 2 p.rtfs >got 2>&1
	cmp -s want got || {
		differ=$((differ + 1))
		diff want got | head -n 4 | cut -c 1-200 | sed 's/^/# /'
	}
done
is "a hundred runs: how many differ" "$differ" 0
done_testing
