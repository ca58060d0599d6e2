#!/bin/sh
# Plug-ins: the C interface from both sides, and what a shared object that
# crashes, lies or never returns costs: its own task.
. "$(dirname "$0")/tap.sh"
: "${CC:=cc}"
header=$here/../../workers

build() { # SOURCE NAME [OPTION...]
	src=$1 name=$2
	shift 2
	# shellcheck disable=SC2086 # CC may have options
	$CC -O1 -Wall -Wextra -Werror -shared -fPIC -I "$header" "$@" \
	    -o "$tmp/$name" "$src" || exit 99
}
build "$here/plugin/good.c" good.so
build "$here/plugin/bad.c" bad.so
build "$here/plugin/early.c" early.so
build "$here/plugin/bad.c" ctor-crash.so -DCTOR_CRASH
build "$here/plugin/bad.c" ctor-hang.so -DCTOR_HANG
build "$here/plugin/bad.c" ctor-exit.so -DCTOR_EXIT
build "$here/plugin/bad.c" wrong-abi.so -DWRONG_ABI
build "$here/plugin/bad.c" no-table.so -DNO_TABLE -Wno-unused
echo "not an object" >"$tmp/text.so"
for f in echo about sum fail env; do
	echo "(capability :g.$f :plugin \"./good.so\")"
done >"$tmp/capabilities.rtfs"
for f in limits state shared loud crash hang spin leave leave7 nothing minus \
    torn mind null deep garbage forge hush flood big orphan absent; do
	echo "(capability :p.$f :plugin \"./bad.so\")"
done >>"$tmp/capabilities.rtfs"
cat >>"$tmp/capabilities.rtfs" <<-EOF
	(capability :g.typed :plugin "./good.so" :result :string)
	(capability :early.births :plugin "./early.so")
	(capability :early.cry :plugin "./early.so")
	(capability :x.crash :plugin "./ctor-crash.so")
	(capability :x.hang :plugin "./ctor-hang.so")
	(capability :x.exit :plugin "./ctor-exit.so")
	(capability :x.abi :plugin "./wrong-abi.so")
	(capability :x.table :plugin "./no-table.so")
	(capability :x.text :plugin "./text.so")
	(capability :x.missing :plugin "./missing.so")
EOF

ev() {
	run "$RTFS" eval --capabilities "$tmp" "$@"
}
# fails NAME KIND TASK [PATTERN-OF-MESSAGE]: and its neighbour does not.
fails() {
	ev "(let [r (call :parallel {:t $3 :u (task :g.sum 1 2)})]
	    [(:kind (:t r)) (:u r) (:message (:t r))])"
	like "$1" "$out" "^\\[:$2 3.0 .*${4:-}"
}

ev '(call :g.echo nil true 7 -1.5 "grüße" :kw [1 [2]] {:a 1 "b" [2]} (list 1 2)
    123456789012345678901234567890)'
is "values there and back" "$out" \
    '[nil true 7 -1.5 "grüße" :kw [1 [2]] {:a 1 "b" [2]} [1 2] 123456789012345678901234567890]'
ev '(call :g.about {:kw 1 "text" 2 :list (list 3 4)})'
is "looking at values" "$out" \
    '["g.about" "{:kw 1 \"text\" 2 :list (3 4)}" 1 2 4 true true true true]'
ev '(let [e (:t (call :parallel {:t (task :g.fail)}))]
    [(:kind e) (:message e) (:code (:data e))])'
is "an error with data" "$out" '[:capability "failed with 7" 7]'
fails "an argument that is none" invalid-arguments '(task :g.sum "1" 2)' \
    'argument 1: expected an integer of 64 bits, got .*1'
fails "an argument that it refuses" invalid-arguments '(task :g.sum 1 -2)' \
    'argument 2: -2 is negative'
ev --allow-env SHOWN '[(call :g.env "HIDDEN") (call :g.env "RTFS_CAPABILITY")
    (call :g.env "LANG")]'
HIDDEN=x ev '[(call :g.env "HIDDEN") (call :g.env "RTFS_CAPABILITY")]'
is "the environment of a program" "$out" '[nil "g.env"]'
SHOWN=x ev --allow-env SHOWN '(call :g.env "SHOWN")'
is "and what policy passes" "$out" '"x"'

ev --limit nofile=33 '(call :p.limits)'
is "limits hold while it is loaded" "$out" 33
ev '[(call :p.state) (call :p.state) (call :p.state)]'
is "nothing is kept from task to task" "$out" '[1 1 1]'
ev '(call :p.shared)'
is "no memory is shared with it" "$out" 0
ev '(let [e (:t (call :parallel {:t (task :p.loud)}))]
    [(:kind e) (split-lines (:stderr (:data e)))])'
is "standard output and error are kept" "$out" \
    '[:capability ["to standard output" "to standard error"]]'
ev '(call :p.mind)'
is "the last word counts" "$out" 1

if sanitized; then
	skip "crashes" "AddressSanitizer handles the signal"
else
	fails "crash" signal '(task :p.crash)' SIGSEGV
	fails "crash while loading" signal '(task :x.crash)' SIGABRT
fi
fails "never returns, deaf to signals" timeout \
    '(assoc (task :p.hang) :timeout "200ms")'
fails "never loaded" timeout '(assoc (task :x.hang) :timeout "200ms")'
fails "burns time" cpu-limit '(assoc (task :p.spin) :limits {:cpu "1s"})'
if sanitized; then
	skip "exits with 0" "at exit LeakSanitizer traces itself: syscall-denied"
else
	fails "exits with 0" invalid-result '(task :p.leave)' 'without a result'
fi
fails "exits with 0 while loading" invalid-result '(task :x.exit)'
fails "exits with 7" exit '(task :p.leave7)' 'status 7'
fails "returns 0 and no value" invalid-result '(task :p.nothing)' 'no value'
fails "returns -5 and no reason" capability '(task :p.minus)' 'returned -5'
fails "a result and a failure" capability '(task :p.torn)' 'returned -1'
fails "a result of NULL" invalid-result '(task :p.null)' 'no value'
fails "a hundred thousand levels" invalid-result '(task :p.deep)'
fails "garbage on the result channel" protocol '(task :p.garbage)'
fails "a forged result before its own" protocol '(task :p.forge)'
fails "closes the result channel" '(protocol|invalid-result)' '(task :p.hush)'
fails "a flood" output-limit \
    '(assoc (task :p.flood) :limits {:output ["1K" "1M"]})'
fails "a result that is too long" result-limit \
    '(assoc (task :p.big) :limits {:result "1M"})'
fails "not what :result promises" invalid-result '(task :g.typed)' \
    'expected .*got'
fails "no such function" unavailable '(task :p.absent)' \
    'no function for :p.absent; it has :p.limits'
fails "another version" unavailable '(task :x.abi)' 'version 99'
fails "no plug-in" unavailable '(task :x.table)' 'rtfs_plugin'
fails "no object" unavailable '(task :x.text)' 'text.so'
fails "no file" unavailable '(task :x.missing)' 'No such file.*capabilities.rtfs:'
# A process that waits for its turn loads the object meanwhile, for a task that
# waits, and what that costs is the task's.
births() { # N MS TASKS
	rm -f "$tmp/births"
	BIRTHS=$tmp/births ev -j 1 --isolation inherit --allow-env BIRTHS \
	    "(call :parallel (mapv (fn [_] (task :early.births $1 $2)) (range $3)))"
}
births 2 10000 2
is "loaded while another task runs" "$out" '[2 2]'
births 2 100 1
is "but not for nobody" "$out" '[1]'
is "nor afterwards" "$(wc -l <"$tmp/births")" 1
BIRTHS=$tmp/births ev -j 2 --isolation inherit --allow-env BIRTHS \
    '(frequencies (map (fn [e] [(:kind e) (:stderr (:data e))])
        (call :parallel (mapv (fn [_] (task :early.cry)) (range 9)))))'
is "what it wrote then is its task's" "$out" '{[:capability "born\n"] 9}'
kinds() { # OPTIONS TASK
	# shellcheck disable=SC2086 # words
	ev $1 "(frequencies (map :kind
	    (call :parallel (mapv (fn [_] $2) (range 9)))))"
}
for j in 1 3; do
	kinds "-j $j" '(task :x.exit)'
	is "ends while it is loaded, nine times, -j $j" "$out" '{:invalid-result 9}'
	sanitized || {
		kinds "-j $j" '(task :x.crash)'
		is "crashes then" "$out" '{:signal 9}'
	}
	kinds "-j $j" '(assoc (task :x.hang) :timeout "50ms")'
	is "never comes back" "$out" '{:timeout 9}'
	kinds "-j $j" '(task :x.missing)'
	is "is not there" "$out" '{:unavailable 9}'
	ev -j $j '(call :parallel (mapv (fn [i]
	    (assoc (task :p.limits) :limits {:nofile (+ 30 (mod (* i i) 3))})) (range 12)))'
	is "each has its own limits" "$out" \
	    '[30 31 31 30 31 31 30 31 31 30 31 31]'
	ev -j $j '(frequencies (call :parallel (mapv (fn [i]
	    (if (= 0 (mod i 2)) (task :p.state) (task :g.sum i (- 50 i)))) (range 12))))'
	is "two capabilities in turn" "$out" '{1 6 50.0 6}'
done

mark="rtfs-mark-$$-p"
ev "(call :p.orphan \"$mark\")"
is "a daemon was started" "$out" 1
ok "and is gone with its task" wait_for 2 none_marked "$mark"

# sets of system calls: it is loaded from a file, and no program
for sets in :files :exec; do
	echo "{:default {:isolation :sandboxed :syscalls [$sets]}}" >"$tmp/sets.rtfs"
	run "$RTFS" eval --policy "$tmp/sets.rtfs" --capabilities "$tmp" \
	    '(call :g.echo 1)'
	case $sets in
	:files) is ":syscalls [:files] is enough" "$out$err" '[1]' ;;
	*) like ":syscalls [:exec] is not" "$err" \
	    'good\.so: cannot open .*: Function not implemented .:unavailable' ;;
	esac
done
run "$RTFS" capabilities --capabilities "$tmp" show g.echo
like "capabilities show" "$out" 'plugin +.*/good.so'

# The example.
cp -r "$here/../../contrib/examples/plugin" "$tmp/example" || exit 99
# shellcheck disable=SC2086
$CC -O2 -Wall -Wextra -Werror -shared -fPIC -I "$header" \
    -o "$tmp/example/libwords.so" "$tmp/example/words.c" || exit 99
chmod -R u+rwX,a+rX "$tmp/example"
run "$tmp/example/run" paralel
is "the example" "$out" '"parallel"'
run "$RTFS" eval --capabilities "$tmp/example" \
    '(call :words.count "to be or not to be")'
is "and its other half" "$out" '{"to" 2 "be" 2 "or" 1 "not" 1}'
done_testing
