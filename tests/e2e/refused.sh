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

run "$RTFS" eval '(call :parallel {})'
is "empty map" "$out" '{}'
run "$RTFS" eval '(call :parallel [])'
is "empty vector" "$out" '[]'
done_testing
