#!/bin/sh
# Work that is wrong is refused before anything starts, naming key and path.
. "$(dirname "$0")/tap.sh"

refused() { # NAME EXPRESSION PATTERN
	run "$RTFS" eval --capabilities "$here/limits" --report "$tmp/report" \
	    "(try $2 (catch :invalid-arguments e (:message e))
	        (catch :unknown-capability e (:message e)))"
	like "$1" "$out" "$3"
	is "$1: nothing started" "$(grep -c '"seq"' "$tmp/report")" 0
}

refused "a value that is no task" \
    '(call :parallel {:a (task :t.echo 1) :b 42})' ':b.*(42|int)'
refused "no map at all" '(call :parallel 42)' 'map|vector'
refused "the key :error" \
    '(call :parallel {:a (task :t.echo) :error (task :t.echo)})' \
    ':error.*reserved'
refused "a function for a program" \
    '(call :parallel {:a (task :t.json [1 {:f inc}])})' \
    ':a.*argument 1.*f: a function'
refused "NaN in JSON" '(call :parallel {:a (task :t.json ##NaN)})' \
    ':a.*argument 1.*NaN'
refused "two keys of one text" \
    '(call :parallel {:a (task :t.json {:x 1 "x" 2})})' ':a.*x'
refused "a list for argv" '(call :parallel {:a (task :t.echo [1])})' \
    ':a.*argument 1'
refused "a NUL for argv" \
    '(call :parallel {:a (task :t.echo "a\u0000b")})' ':a.*argument 1.*NUL'
refused "an unknown capability" \
    '(call :parallel {:a (task :t.ecko 1)})' ':a.*t\.ecko.*t\.echo'
refused "wrong types" '(call :parallel {:a (task :t.typed {:id "one" :name "x"})})' \
    ':a.*(argument 1|\[0\]).*id.*int'
refused "wrong number of arguments" '(call :parallel {:a (task :t.typed)})' ':a'
refused "what a closure captured" \
    '(let [db [1 {:x (task :t.echo)}] f (fn [t] db)]
       (call :parallel {:a (task :t.json f)}))' ':a.*argument 1'
refused "too deep in what a closure captured" \
    '(let [db (reduce (fn [a _] [a]) 1 (range 1500))]
       (call :parallel {:a (task (fn [x] db) 1)}))' ':a.*captured.*deeper than'
refused "a large capture" \
    '(let [s (apply str (repeat 5000 "x"))]
       (call :parallel {:a (assoc (task (fn [] (count s)))
                                  :limits {:request "1K"})}))' \
    ':a.*over :request 1K; .*captured take 5[0-9]+ bytes'
refused "an unknown option" \
    '(call :parallel {:a (task :t.echo)} {:tiemout 5})' 'tiemout'
refused "a vector with no task" '(call :parallel [(task :t.echo) nil])' '1'

refused "a local name that a closure captured, and the way in it" \
    '(let [db {:x [1 2 3 (reduce (fn [a _] [a]) 1 (range 1500))]}]
       (call :parallel {:a (task (fn [x y] x) 1 (fn [] db))}))' \
    ':a, argument 2, captured name db, \[:x 3 0 0 0 0 0 0 \.\.\.\]: nested deeper'
refused "a top-level name" \
    '(do (def db {:x (reduce (fn [a _] [a]) 1 (range 1500))})
       (defn f [] (fn [] db)) (call :parallel {:a (task f)}))' \
    ':a: captured name db, \[:x 0 .*\.\.\.\]: nested deeper'
refused "every wrong task" \
    '(call :parallel {:a (task :text.upper 1) :b (task :time.now)
                      :c (task :t.ecko) :d (task :json.parse "1" 2)})' \
    ':a, argument 1: expected :string, got 1; task :c: unknown.*; task :d: expected 1 argument, got 2"$'
refused "no more than five of them" \
    '(call :parallel (map (fn [i] (task :text.upper i)) (range 9)))' \
    'task \[4\], [^;]*; and more"$'

# Built-in capabilities refuse wrong types before they start.
while read -r name args; do
	refused ":$name $args" "(call :parallel {:a (task :$name $args)})" ':a'
done <<'END'
text.blank? 1
text.contains? "a" nil
text.ends-with? "a"
text.index-of "a" "b" "c"
text.join "," 5
text.length :a
text.lower 1
text.re-find "a" 1
text.re-matches 1 "a"
text.re-seq "a"
text.replace "a" "b"
text.reverse 5
text.split "a" 1
text.split-lines
text.starts-with? [] "a"
text.substring "a" "b"
text.trim nil
text.upper 1
json.parse 1
json.stringify
json.stringify 1 2
crypto.hash 1 "a"
crypto.hmac "sha256" "k"
env.get :HOME
fs.read 1
fs.write "a" 1
http.get 1
http.request {:url 1}
process.exec "sh"
process.exec ["sh" 1]
process.exec ["sh"] {:stdin 1}
process.exec ["sh"] {:env "A=1"}
random.bytes "1"
random.int 1
random.uuid 1
system.memory 1
time.now 1
time.sleep "1"
END
run "$RTFS" eval '(call :process.exec ["true" inc])'
like "the alternative that fits the count" "$err" \
    'argument 1, \[1\]: expected :string|argument 1\[1\]: expected :string'
run "$RTFS" eval '(call :text.substring "a")'
like "the counts there are" "$err" 'expected 2 or 3 arguments, got 1'
run "$RTFS" eval '(call (fn [] [1 {:x (task :time.now)}]))'
like "a task does not come back" "$err" '\[1 :x\]: a task cannot leave a worker'
run "$RTFS" eval '(call (fn [] {:f (fn [x] x)}))'
like "nor a function" "$err" '\[:f\]: a function cannot leave a worker'
run "$RTFS" eval '(let [t (task :time.now)] (call (fn [] (:capability t))))'
is "but a task may be captured" "$out" ':time.now'

run "$RTFS" eval '(call :parallel {})'
is "empty map" "$out" '{}'
run "$RTFS" eval '(call :parallel [])'
is "empty vector" "$out" '[]'
done_testing
