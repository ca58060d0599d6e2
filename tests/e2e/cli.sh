#!/bin/sh
# The command line: exit codes, streams, formats, reports, and what is said
# about mistakes.
. "$(dirname "$0")/tap.sh"

code() { # NAME STATUS ARG...
	name=$1 want=$2
	shift 2
	run "$RTFS" "$@"
	is "$name" "$status" "$want"
}

# Formats.
run "$RTFS" eval '{:a [1 2.5 "x" nil]}'
is "readable" "$out" '{:a [1 2.5 "x" nil]}'
run "$RTFS" eval -o text '"a b"'
is "text" "$out" 'a b'
run "$RTFS" eval -o json '{:a [1 2.5 "x" nil]}'
is "json" "$out" '{"a":[1,2.5,"x",null]}'
is "msgpack" "$("$RTFS" eval -o msgpack '[1 :a]' | od -An -tx1 | tr -d ' ')" \
    "9201d40161"
run "$RTFS" eval -onone '5'
is "none" "$out" ''
code "a function is no JSON" 1 eval -o json 'inc'
like "and it is said" "$err" '^rtfs: .*JSON'

# Programs.
printf '(println args)\n(count args)\n' >"$tmp/p.rtfs"
run "$RTFS" run "$tmp/p.rtfs" -- a -b
is "arguments of the program" "$out" '["a" "-b"]
2'
is "from standard input" "$(echo '(+ 1 2)' | "$RTFS" run -)" 3
is "an empty program" "$("$RTFS" eval '')" nil

# Exit codes.
code "done" 0 eval 1
code "uncaught" 1 eval '(/ 1 0)'
like "place, class, message" "$err" '^<eval>:1:[0-9]+: DivisionByZero: '
code "syntax" 1 eval '(foo'
like "place of a syntax error" "$err" '^<eval>:1:[0-9]+: ParseError: '
code "no such file" 2 run "$tmp/none.rtfs"
like "it is named" "$err" 'none.rtfs: No such file'
code "no file" 2 run
like "synopsis" "$err" '^Usage: rtfs run'
code "unknown command" 2 evla 1
like "the nearest one" "$err" 'did you mean "eval"'
code "unknown option" 2 eval --polcy x 1
like "the nearest one" "$err" 'did you mean --policy'
code "a bad amount" 2 eval --limit nofile=-1 1
like "names the option" "$err" '^rtfs: eval: --limit: '
code "--env without a value" 2 eval --env NAME 1
like "points to the other one" "$err" '--allow-env NAME'
code "--allow-env with a value" 2 eval --allow-env NAME=1 1
for host in '' :80 host:0 host:99999 host:x http://host/ 'a b' ::: :a a:b:1 '[::1]:0' \
    '127*' 'host:*' 'fd00::*' 'a.*.b' '**'; do
	code "--allow-net \"$host\"" 2 eval --allow-net "$host" 1
done
for host in host host:80 '*.host:443' ::1 '[::1]:80' '*' '*:443'; do
	code "--allow-net $host" 0 eval --allow-net "$host" 1
done
for cpus in 1. 1.5x 1.5.5 .5 x -1 0; do
	code "--limit cpus=$cpus" 2 eval --limit "cpus=$cpus" 1
done
code "--limit cpus=1.25" 0 eval --limit cpus=1.25 1
code "a capability" 0 capabilities show process.exec
like "limits with who set them" "$out" '^nofile +256 +\(built in\)$'
unlike "not those that nobody set" "$out" '^as '
code "help" 0 run --help
like "on stdout" "$out" '^  -o, --output FORMAT'
is "nothing on stderr" "$err" ''
code "version" 0 --version
like "its number" "$out" '^rtfs [0-9]'
code "all of it" 0 version -v
like "the workers' places" "$out" '^rtfs-worker-http +/.*/rtfs-worker-http'
like "that of --state" "$out" '^rtfs-state +/.*/rtfs-state$'
like "the protocol" "$out" '^protocol +[0-9]+$'
like "the build" "$out" '^build +[0-9a-f]{16}$'
code "-e and an error map" 1 eval -e '{:error {:a 1}}'
code "-e and an empty one" 0 eval -e '{:error {}}'
code "-e and an error" 1 eval -e '(error :x "y")'
code "steps" 1 eval --max-steps 1000 '(loop [] (recur))'
like "which budget" "$err" 'StepLimit'
code "memory" 1 eval --max-memory 8M '(vec (range 10000000))'
like "which budget, what was asked for" "$err" \
    'MemoryLimit: needs 78125K more, used [0-9]+K? of 8M'

# Policy and manifests: all problems at once.
printf '{:defualt {}\n :rules [{:match 5}]}\n' >"$tmp/bad.rtfs"
printf '(capability :a.b :exce ["x"])\n(capability :fs.x :exec ["x"])\n' \
    >"$tmp/capabilities.rtfs"
code "bad policy and manifest" 3 run --policy "$tmp/bad.rtfs" "$tmp/p.rtfs"
like "policy, place" "$err" 'bad.rtfs:1:2: PolicyError: .*:default'
like "manifest, place" "$err" 'capabilities.rtfs:1:18: .*:exec'
like "manifest, second place" "$err" 'capabilities.rtfs:2:1: '
is "nothing ran" "$out" ''
rm "$tmp/capabilities.rtfs"
printf '{}' >"$tmp/open.rtfs"
chmod 666 "$tmp/open.rtfs"
code "a file that others may write" 3 eval --policy "$tmp/open.rtfs" 1
code "a policy that is not there" 3 eval --policy "$tmp/none" 1
is "is named once" "$err" "$tmp/none: FileError: No such file or directory"
code "a folder for a policy" 3 eval --policy "$tmp" 1
is "is named once" "$err" "$tmp: FileError: Is a directory"
code "capabilities that are not there" 3 eval --capabilities "$tmp/none" 1
is "are named" "$err" "$tmp/none: FileError: No such file or directory"
code "a level that is none" 2 eval --isolation foo 1
like "is named once" "$err" \
    'eval: --isolation: "foo" is not inherit, isolated or sandboxed$'
code "an expression with -" 2 eval -1
like "how to give it" "$err" 'unknown option -1; to give .* put -- before it'
run "$RTFS" eval -- -1
is "it is one after --" "$out" -1

# Functions of a manifest, with their neighbours, and an id twice.
mkdir "$tmp/m" "$tmp/n"
cat >"$tmp/m/capabilities.rtfs" <<'END'
; a comment with ) and "
(defn square [x] (* x x))
(capability :m.norm :doc "length" :params [:tuple :int :int]
  :rtfs (fn [x y] (println "in" x) (sqrt (+ (square x) (square y)))))
(capability :m.bad :rtfs (fn []
                           (/ 1 0)))
END
run "$RTFS" eval --capabilities "$tmp/m" '(call :m.norm 3 4)'
is "an :rtfs capability" "$out" 'in 3
5.0'
run "$RTFS" eval --capabilities "$tmp/m" '(call :m.norm 3)'
like "its parameters" "$err" 'expected 2 arguments, got 1'
run "$RTFS" eval --capabilities "$tmp/m" \
    '(try (call :m.bad) (catch DivisionByZero e (:capability (:data e))))'
is "its error keeps its class" "$out" ':m.bad'
cp "$tmp/m/capabilities.rtfs" "$tmp/n/"
code "an id twice" 3 eval --capabilities "$tmp/m" --capabilities "$tmp/n" 1
like "both places" "$err" 'n/capabilities.rtfs:3.*m/capabilities.rtfs:3'
code "a manifest is checked as one" 0 check "$tmp/m/capabilities.rtfs"

# The record of each task.
run "$RTFS" eval --report "$tmp/report" --timeout 300ms -o none \
    '(call :parallel {:a (task :text.upper "x") :b (task :time.sleep 5000)})'
is "the run and two tasks" "$(wc -l <"$tmp/report" | tr -d ' ')" 3
like "the run" "$(head -1 "$tmp/report")" '"argv":\["eval".*"version":"'
like "success" "$(grep '"id":"a"' "$tmp/report")" '"status":"ok","fault":null'
run "$RTFS" eval --report "$tmp/same" -o none '(call :parallel [
    (task (fn [x] (+ x 1)) 1) (task (fn [x] (+ x 2)) 1) (task (fn [x] x) 2)
    (task :text.upper "a") (task :text.upper "b") (task :text.upper "a")])'
digests() {
	sed -n 's/.*"seq":\([0-9]\).*"digest":"\([^"]*\)".*/\1 \2/p' "$tmp/same" |
	    sort | sed 's/^..//'
}
is "another function, another argument: another content" \
    "$(digests | sort -u | wc -l | tr -d ' ')" 5
first=$(digests)
run "$RTFS" eval --report "$tmp/same" -o none '(call :parallel [
    (task (fn [x] (+ x 1)) 1) (task (fn [x] (+ x 2)) 1) (task (fn [x] x) 2)
    (task :text.upper "a") (task :text.upper "b") (task :text.upper "a")])'
is "the same content, the same digest" "$(digests)" "$first"
like "failure" "$(grep '"id":"b"' "$tmp/report")" \
    '"status":"timeout","fault":"limit","attempts":1.*"limit":"timeout"'

# Standard error of tasks.
printf '(capability :s.say :exec ["sh" "-c" "echo \\"$1\\" >&2; exit 3" "x"] :codec :argv)\n' \
    >"$tmp/say.rtfs"
say='(do (call :parallel {:a (task :s.say "one") "b/.." (task :s.say "two")}) nil)'
run "$RTFS" eval --capabilities "$tmp/say.rtfs" "$say"
is "kept, not shown" "$err" ''
run "$RTFS" eval --capabilities "$tmp/say.rtfs" --stderr live "$say"
is "live, each line after its key" "$(echo "$err" | sort)" '"b/..": two
:a: one'
run "$RTFS" eval --capabilities "$tmp/say.rtfs" --stderr "$tmp/said" "$say"
is "a folder that is made, a file a task" \
    "$(cd "$tmp/said" && head -n 1 -- * | grep .)" '==> 0-a.stderr <==
one
==> 1-b...stderr <==
two'
code "no folder" 2 eval --stderr "$tmp/p.rtfs" 1
like "is named" "$err" 'stderr: .*p.rtfs: Not a directory'
code "a folder nowhere" 2 eval --stderr "$tmp/no/where" 1

# Failures of the whole set.
run "$RTFS" eval '(let [r (call :parallel [(task :time.sleep 5000)
    (task :time.sleep 5000)] {:timeout "200ms" :concurrency 1})]
    (map (fn [e] [(:kind e) (:limit (:data e))]) r))'
is "the deadline of the set" "$out" '[[:timeout :set] [:cancelled :set]]'
run "$RTFS" eval '(map :kind (call :parallel [(task :fs.read "/no")
    (task :time.sleep 9000)] {:on-error :cancel}))'
is "the first failure cancels" "$out" '[:denied :cancelled]'
# The same when the set is so long that its first tasks run, and end it, while
# the others are still being submitted.
run "$RTFS" eval '(call :time.sleep 1) (let [r (call :parallel
    (mapv (fn [i] (task :time.sleep 1)) (range 50000)) {:timeout "1ms"})
    late (filter error? r)]
    [(count r) (> (count late) 0) (distinct (map (fn [e] (:limit (:data e))) late))
     (some (fn [e] (= (:kind e) :cancelled)) late)])'
is "the deadline of a long set" "$out" '[50000 true [:set] true]'
run "$RTFS" eval '(call :time.sleep 1) (let [r (call :parallel (into [(task :fs.read "/no")]
    (mapv (fn [i] (task :time.sleep 1)) (range 50000))) {:on-error :cancel})]
    [(count r) (:kind (first r))
     (distinct (map :kind (filter error? (rest r))))])'
is "the first failure cancels a long set" "$out" '[50001 :denied [:cancelled]]'

# Function tasks.
run "$RTFS" eval '(let [k 10] (call :parallel
    (mapv (fn [i] (task (fn [x] (println "task" x) (+ x k)) i)) (range 3))))'
is "printing in the order of the work" "$out" 'task 0
task 1
task 2
[10 11 12]'
run "$RTFS" eval '(map (fn [r] (if (error? r) (:class r) r))
    (call :parallel.map (fn [x] (/ 6 x)) [1 0 3]))'
is "parallel.map, errors in place" "$out" '[6 "DivisionByZero" 2]'
run "$RTFS" eval '(call :ccos.concurrent/parallel [(fn [] 1) (task :text.upper "a")])'
is "tasks and functions" "$out" '[1 "A"]'
run "$RTFS" eval '(try (call (fn [] (call :time.now))) (catch :denied e "no"))'
is "no call in a function task" "$out" '"no"'

# Standard output that takes no text: said, and no success.
for words in "eval 1" "eval -onone (println~1)" version "version --json" \
    --help "eval --help" doctor "capabilities list" \
    "capabilities show fs.read" "policy explain fs.read" \
    "batch -o jsonl echo ::: 1" "batch --dry-run echo ::: 1" "batch -k echo ::: 1" "batch --help"; do
	want=1
	[ "${words%% *}" != batch ] || want=255
	# shellcheck disable=SC2086
	set -- $words
	for word; do
		shift
		set -- "$@" "$(echo "$word" | tr '~' ' ')"
	done
	"$RTFS" "$@" >&- 2>"$tmp/err"
	is "closed output: $words" "$? $(cat "$tmp/err")" \
	    "$want rtfs: standard output: Bad file descriptor"
	[ -w /dev/full ] || continue
	"$RTFS" "$@" >/dev/full 2>"$tmp/err"
	is "full output: $words" "$? $(cat "$tmp/err")" \
	    "$want rtfs: standard output: No space left on device"
done
is "nothing was to be printed" "$("$RTFS" eval -onone 1 2>&1 >&-)$?" 0
"$RTFS" batch -k echo ::: 1 <&- >"$tmp/out" 2>&-
is "closed input and errors" "$?$(cat "$tmp/out")" 01
"$RTFS" eval '(:stderr (call :process.exec ["sh" "-c" "echo x >&2; cat"]))' \
    <&- >"$tmp/out" 2>&-
is "a task's streams are its own" "$?$(cat "$tmp/out")" '0"x\n"'

# What is there.
run "$RTFS" capabilities list
like "a list" "$out" '^:fs.read +builtin'
code "show" 0 capabilities show :http.get
like "policy of it" "$out" '^timeout +30s +\(built in\)'
code "show what is not there" 1 capabilities show fs.raed
like "the nearest one" "$err" 'did you mean :fs.read'
code "doctor" 0 doctor
like "and each level is reached" "$out" '^ [+] +:sandboxed'
done_testing
