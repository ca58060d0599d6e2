#!/bin/sh
# What stops a task and how it is told: each failure its own error kind, with
# the limit, what was used, the signal or exit, and the process.
. "$(dirname "$0")/tap.sh"
caps="--capabilities $here/limits"

# one EXPR: the error of one task, as [kind wanted-keys...]
one() {
	# shellcheck disable=SC2086 # options
	run "$RTFS" eval $caps "$@"
}
kind() { # NAME KIND TASK [OPTION...]
	name=$1 kind=$2 task=$3
	shift 3
	one "$@" "(let [r (call :parallel {:t $task})] [(:kind (:t r)) (keys r)])"
	is "$name" "$out" "[:$kind [:t :error]]"
}

kind "wall deadline" timeout '(assoc (task :t.sleep 10) :timeout "200ms")'
kind "cpu limit" cpu-limit '(assoc (task :t.spin) :limits {:cpu "1s"})'
kind "exit status" exit '(task :t.exit 3 "no luck")'
kind "signal" signal '(task :t.signal "SEGV")'
kind "kill by itself" signal '(task :t.signal "KILL")'
kind "file size" file-size-limit \
    "(assoc (task :t.file \"$tmp/big\") :limits {:fsize \"1M\"})" \
    --allow-write "$tmp"
kind "result too large" result-limit \
    '(assoc (task :t.flood) :limits {:result "1M"})'
kind "stderr too large" output-limit \
    '(assoc (task :t.stderr 1000000) :limits {:output ["1K" "64K"]})'
kind "stops itself" timeout '(assoc (task :t.stop) :timeout "300ms")'
kind "deaf to TERM" timeout '(assoc (task :t.deaf) :timeout "300ms")'
kind "not executable" unavailable '(task :t.noexec)'
kind "interpreter missing" unavailable '(task :t.nointerp)'
kind "program missing" unavailable '(task :t.missing)'
kind "command missing" unavailable '(task :t.nopath)'
ok "and the file was cut" test "$(stat -c %s "$tmp/big")" -le 1048576

one '(let [e (:t (call :parallel {:t (task :t.exit 3 "no luck")}))]
    [(:exit (:data e)) (:signal (:data e)) (trim (:stderr (:data e)))
     (:capability (:data e)) (:task (:data e)) (int? (:pid (:data e)))
     (:class e)])'
is "exit: data" "$out" '[3 nil "no luck" :t.exit :t true "HostError"]'

one '(let [e (:t (call :parallel {:t (assoc (task :t.sleep 10) :timeout "200ms")}))]
    [(:limit (:data e)) (:message e)])'
like "timeout: names limit and amount" "$out" '^\[:timeout ".*200ms'

one '(let [e (:t (call :parallel {:t (task :t.signal "SEGV")}))]
    [(:signal (:data e)) (:message e)])'
like "signal: names it" "$out" 'SIGSEGV'

one '(let [e (:t (call :parallel {:t (assoc (task :t.spin) :limits {:cpu "1s"})}))
      u (:usage (:data e))] [(:limit (:data e)) (> (:user-ms u) 500) (> (:wall-ms u) 500) (> (:max-rss-bytes u) 1000)])'
is "cpu: usage is there" "$out" '[:cpu true true true]'

# Without a memory cgroup the eater's own end is told, with limit and peak.
if sanitized; then
	skip "memory eater" "AddressSanitizer leaves no limit on memory"
else
	one '(let [e (:t (call :parallel {:t (assoc (task :t.eat) :limits {:data "16M"})}))]
    [(some? (:kind e)) (> (:max-rss-bytes (:usage (:data e))) 1000000)])'
	is "memory eater: ends by itself, peak known" "$out" '[true true]'
	one '(:kind (:t (call :parallel {:t (assoc (task :t.eat) :limits {:data "16M"})})))'
	like "as exit or signal" "$out" '^:(exit|signal)$'
fi

# What a task sees.
one '(sort (map (fn [l] (first (split l "="))) (call :t.env)))'
is "a clean environment" "$out" \
    '["HOME" "LANG" "PATH" "RTFS_CAPABILITY" "RTFS_TASK" "TMPDIR"]'
SECRET=hidden one '(call :t.env)'
unlike "nothing of the caller's" "$out" 'hidden'
SECRET=shown one --allow-env SECRET '(filter (fn [l] (starts-with? l "SECRET")) (call :t.env))'
is "but what policy passes" "$out" '["SECRET=shown"]'
one '(count (filter (fn [l] (string-contains? l "->")) (call :t.fds)))'
is "0, 1, 2 and the folder that ls reads" "$out" 4
one '(call :t.ulimit "-n" "-c" "-s")'
is "rlimits of the built-in layer" "$out" '"256 0 8192 "'
one --limit nofile=33 '(call :t.ulimit "-n")'
is "rlimits of the command line" "$out" '"33 "'
one --limit nofile=10 '(let [e (:t (call :parallel {:t (task :process.exec ["true"])}))
    d (:data e)] [(:message e) (:limit d) (:allowed d)])'
like "a limit that a built-in runs into itself" "$out" \
    'Too many open files \(its :nofile is 10, and all are in use\)" :nofile 10\]'

# Nothing outlives its task, setsid or not.
mark="rtfs-mark-$$-a"
one "(call :t.setsid \"$mark\")"
is "a daemon was started" "$out" '"started"'
ok "and is gone with its task" wait_for 2 none_marked "$mark"
setsid sh -c 'sleep 0.5; :' "$mark-control" &
ok "(the check sees such a process)" wait_for 2 some_marked "$mark-control"
wait

# kill(-1) reaches nothing but the task's own tree.  Only where a task has a
# process-id namespace of its own: elsewhere it would reach this very test.
one '(call :t.pidns)'
if [ "$out" != "\"$(readlink /proc/self/ns/pid)\"" ]; then
	one -j 2 '(call :parallel [(task :t.nap) (task :t.killall) (task :t.nap)])'
	is "kill(-1): the others do not feel it" "$out" '["" "still here" ""]'
elif can_unshare; then
	is "kill(-1): a namespace for a task" "$out" "one of its own"
else
	skip "kill(-1)" "no pid namespaces here"
fi

# No group counts processes there; those that are left tell.
cat >"$tmp/forks.rtfs" <<'EOF'
(capability :f.sh :exec ["/bin/sh" "-c"] :codec :argv)
EOF
chmod 644 "$tmp/forks.rtfs"
forks() { # LIMIT
	run "$RTFS" eval --capabilities "$tmp/forks.rtfs" --limit "nproc=$1" \
	    '(let [e (:t (call :parallel {:t (task :f.sh
	        "for i in 1 2 3 4 5; do sleep 60 >/dev/null 2>&1 & done; exit 3")}))]
	      [(:exit (:data e)) (:limit (:data e)) (:allowed (:data e))])'
}
if can_contain; then
	forks 6
	is "as many processes as :nproc allows" "$out" '[2 :nproc 6]'
	forks 8
	is "and fewer, with another failure" "$out" '[3 nil nil]'
else
	skip "as many processes as :nproc allows" "no users of a slot's own"
fi

# Codecs.
one '(call :t.echo 1 2.5 "a b" :kw true)'
is "argv" "$out" '"1 2.5 a b kw true"'
one '(call :t.cat "grüße\n")'
is "raw" "$out" '"grüße\n"'
one '(call :t.base64 "")'
is "raw, base64" "$out" '"AAAA"'
one '(call :t.lines "b" "a")'
is "lines" "$out" '["a" "b"]'
one '(call :t.json {:a [1 nil true 2.5 "x"]} 12345678901234567890)'
is "json" "$out" '[{"a" [1 nil true 2.5 "x"]} 12345678901234567890]'
one '(call :t.typed {:id 1 :name "x" :more [1]})'
is "json guided by types" "$out" '[{:id 1 :name "x" "more" [1]}]'
one '(count (call :t.cat (join "" (repeat 300000 "0123456789"))))'
is "three megabytes there and back" "$out" 3000000
one '(call :t.deafin (join "" (repeat 300000 "0123456789")))'
is "a program that never reads its input" "$out" '""'

# Hostile output.
kind "no JSON at all" invalid-result '(task :t.say "")'
kind "garbage" invalid-result '(task :t.say "{oops")'
kind "text after the value" invalid-result '(task :t.say "1 2")'
one '(:message (:t (call :parallel {:t (task :t.say "[1, 2, oops]")})))'
like "names the place and shows the text" "$out" 'byte 7.*oops'
kind "not what :result says" invalid-result '(task :t.liar)'
one '(:message (:t (call :parallel {:t (task :t.liar)})))'
like "names path, expected and got" "$out" 'id.*expected.*int.*got'

# Tasks that end just when their deadline strikes: each is one or the other.
run "$RTFS" eval -j 8 --capabilities "$here/limits" '(let [r (call :parallel
    (concat [(task :t.sleep 0) (assoc (task :t.sleep 60) :timeout "100ms")]
      (map (fn [i] (assoc (task :t.sleep (+ 0.08 (* 0.001 (mod i 41)))) :timeout "100ms"))
        (range 164))))
    ends (map (fn [x] (if (error? x) (:kind x) x)) r)]
  [(first ends) (first (rest ends)) (count ends)
   (empty? (filter (fn [x] (not (or (= x "") (= x :timeout)))) ends))
   (call :text.upper "usable")])'
is "164 tasks that end at their deadline" "$out$err" \
    '["" :timeout 166 true "USABLE"]'
done_testing
