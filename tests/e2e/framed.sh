#!/bin/sh
# The codec :msgpack: one frame in on descriptor 0, one out on 3; everything
# else that a program may put there is told with its place, and costs nothing.
. "$(dirname "$0")/tap.sh"
cp "$here/framed/capabilities.rtfs" "$tmp" &&
    cp "${abs_top_builddir:-$here/../../build}/tests/e2e/framed/framed" "$tmp" ||
    exit 99
chmod 755 "$tmp/framed"

# The program is instrumented, too, and its search for leaks traces itself,
# which no contained program may.
no_leaks=
sanitized && no_leaks="--env ASAN_OPTIONS=detect_leaks=0"

ev() {
	# shellcheck disable=SC2086 # two words or none
	run "$RTFS" eval --capabilities "$tmp" $no_leaks "$@"
}

ev '(call :f.echo 1 -2.5 "grüße" :kw (quote sym) nil true [1 [2 (list 3)]]
    {:a {"b" 123456789012345678901234567890}})'
is "values come back as they went" "$out" \
    '[1 -2.5 "grüße" :kw sym nil true [1 [2 (3)]] {:a {"b" 123456789012345678901234567890}}]'
ev '(:id (call :f.typed))'
is "keywords are keywords" "$out" 7
ev '(:kind (:t (call :parallel {:t (task :f.untrue)})))'
is ":result is checked and converts nothing" "$out" ':invalid-result'
ev '(call :f.echo (fn [x] x))'
like "a function is refused before anything starts" "$err" 'argument 1'
ev '(count (first (call :f.echo (join "" (repeat 100000 "0123456789")))))'
is "a megabyte there and back" "$out" 1000000
ev '(let [e (:t (call :parallel {:t (task :f.status)}))]
    [(:kind e) (:exit (:data e)) (trim (:stderr (:data e)))])'
is "a frame and a bad status; standard output is stray" "$out" \
    '[:exit 3 "this is stray"]'
ev '(:kind (:t (call :parallel {:t (task :f.crash)})))'
is "a frame and a crash" "$out" ':signal'
ev '(let [e (:t (call :parallel
    {:t (assoc (task :f.flood) :limits {:result "100K"})}))]
    [(:kind e) (:message e)])'
like "a flood" "$out" ':result-limit.*descriptor 3'

bad() { # NAME CAPABILITY PATTERN
	ev "(let [r (call :parallel {:t (task $2) :u (task :f.typed)})]
	    [(:kind (:t r)) (:u r) (:message (:t r))])"
	like "$1" "$out" "^\\[:invalid-result \\{:id 7\\} \".*$3"
}
bad "nothing" :f.none 'nothing on descriptor 3'
bad "the value on standard output" :f.stdout 'nothing on descriptor 3'
bad "a frame cut short" :f.short 'after 9 bytes of 108'
bad "a length of 4 GiB" :f.length 'descriptor 3: '
bad "a second frame" :f.twice '10 bytes after the frame, which ends at byte 10'
bad "a byte after the frame" :f.behind '1 bytes after the frame.*byte 10'
bad "another message" :f.message 'a RESULT frame'
bad "two values" :f.two '2 values'
bad "bytes after the value" :f.after '1 bytes after'
bad "a hundred thousand levels" :f.deep 'deeper than'
bad "a count of 268 million" :f.billion 'byte 6.*0 bytes remain'
bad "a key twice" :f.key-twice 'twice'
bad "text that is not UTF-8" :f.text 'UTF-8'
bad "a keyword that ends the line" :f.forged 'byte 4: no keyword: a name cannot contain'
bad "the reserved byte" :f.reserved 'byte 1: byte 0xc1'
bad "a function" :f.function 'function'
bad "a task" :f.task 'task'
done_testing
