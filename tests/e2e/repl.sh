#!/bin/sh
# rtfs repl, on a pseudo-terminal and on a pipe.
. "$(dirname "$0")/tap.sh"
"$RTFS" repl --help >/dev/null 2>&1 || lacks_all "repl: built without libedit"
: "${PTY:=${abs_top_builddir:+$abs_top_builddir/tests/e2e/pty}}"
[ -x "$PTY" ] || lacks_all "helper for pseudo-terminals ($PTY)"
mark=rtfs-repl-$$
TERM=xterm
export TERM
unset XDG_STATE_HOME
if sanitized; then # el_end() of libedit keeps the names of EL_ADDFN
	echo leak:libedit >"$tmp/leaks"
	LSAN_OPTIONS=suppressions=$tmp/leaks:print_suppressions=0
	ASAN_OPTIONS=fast_unwind_on_malloc=0
	export LSAN_OPTIONS ASAN_OPTIONS
fi

# talk NAME [OPTION...]: the script on stdin, see pty.c.
talk() {
	talk_name=$1
	shift
	cat >"$tmp/script"
	talk_status=0
	"$PTY" "$tmp/script" "$RTFS" repl "$@" 2>"$tmp/said" || talk_status=$?
	tap_result "$talk_status" "$talk_name"
	[ "$talk_status" -eq 0 ] || note "$(cat "$tmp/said")"
}

talk "nothing entered" <<'EOF'
expect :help lists the commands
expect rtfs:1> 
send \x04
exit 0
EOF
ok "nothing entered: no history file" test ! -e "$HOME/.local"

talk "values, definitions" <<'EOF'
expect rtfs:1> 
send (def base 40)\r
expect \n40\r\n
expect rtfs:2> 
send (defn add [x] (+ x base))\r
expect #<function add>
send (add 2)\r
expect \n42\r\n
send "a \\"quoted\\" text"\r
expect \n"a \\"quoted\\" text"\r\n
send {:a [1 nil]} :last\r
expect \n:last\r\n
send (println "said")\r
expect \nsaid\r\nnil\r\n
send (print "said")\r
expect \nsaid\r\nnil\r\n
send "\xc3\xa9\xe2\x82\xac"\r
expect \n"\xc3\xa9\xe2\x82\xac"\r\n
send \r
expect rtfs:9> 
send :quit\r
exit 0
EOF

talk "entries of several lines" <<'EOF'
expect rtfs:1> 
send (defn f [x]\r
expect   ...> 
absent rtfs:2> 
send   (str x\r
expect   ...> 
send   "one\r
expect   ...> 
send two"))\r
expect #<function f>
expect rtfs:2> 
send (f 0)\r
expect \n"0one\\ntwo"\r\n
send [1 #| a\r
expect   ...> 
send |# 2] '\r
expect   ...> 
send x\r
expect \nx\r\n
expect rtfs:4> 
send (+ 1 [2\r
expect   ...> 
send \x04
expect ParseError: this "[" is never closed with "]"
expect (+ 1 [2
expect rtfs:5> 
send (+ 1\r
expect   ...> 
send 2 3\x03
expect ^C
expect rtfs:5> 
send 7)\r
expect ParseError: ")" closes nothing
expect rtfs:6> 
send \x04
exit 0
EOF

talk "errors do not end it" <<'EOF'
expect rtfs:1> 
send (+ 1 "a")\r
expect <repl:1>:1:1: TypeError: +: expected a number, got string "a"
expect 1 | (+ 1 "a")
expect in top level
expect rtfs:2> 
send (defn f [x] (throw x)) (f :odd)\r
expect Thrown: :odd
send (f :odd)\r
expect Thrown: :odd
send (call :no.such 1)\r
expect unknown-capability
send (let [x] x)\r
expect ParseError
send undefined-thing\r
expect UndefinedSymbol: undefined-thing
send (try (f 1) (catch e 5))\r
expect \n5\r\n
send \x04
exit 0
EOF

talk "budgets are those of an entry" --max-steps 20000000 --max-memory 50M <<'EOF'
expect rtfs:1> 
send (defn deep [n] (+ 1 (deep n)))\r
expect rtfs:2> 
send (loop [] (recur))\r
expect StepLimit
send (loop [] (recur))\r
expect StepLimit
send (deep 0)\r
expect MemoryLimit: used
send (count (range 100000))\r
expect \n100000\r\n
send \x04
exit 0
EOF

talk "a redefined core name counts from the next entry on" <<'EOF'
expect rtfs:1> 
send (defn twice [x] (inc (inc x)))\r
expect rtfs:2> 
send (defn inc [x] (* x 10))\r
expect rtfs:3> 
send [(inc 1) (twice 1)]\r
expect \n[10 3]\r\n
send (defn f [] (g))\r
expect rtfs:5> 
send (defn g [] :late)\r
expect rtfs:6> 
send (f)\r
expect \n:late\r\n
send \x04
exit 0
EOF

cat >"$tmp/file.rtfs" <<'EOF'
(defn from-file
  "Comes from a file."
  [x] (* x 2))
(from-file 21)
EOF
printf '(+ 1\n   (nope))\n' >"$tmp/bad.rtfs"
talk "commands" <<EOF
expect rtfs:1> 
send :help\r
expect :help
expect :doc NAME
expect :time EXPR
expect :load FILE
expect :quit
expect rtfs:1> 
send :doc reduce\r
expect (reduce f 
send :doc let\r
expect (let [PATTERN VALUE ...] BODY...)
send :load $tmp/file.rtfs\r
expect \n42\r\n
expect rtfs:1> 
send (from-file 4)\r
expect \n8\r\n
send :doc from-file\r
expect (from-file x)\r\n  Comes from a file.
send (def limit "Most of it." 10)\r
expect \n10\r\n
send :doc limit\r
expect limit\r\n  Most of it.\r\n  = 10
send (defmacro twice "Two times." [x] \`(do ~x ~x))\r
expect rtfs:4> 
send :doc twice\r
expect (twice x)\r\n  Two times.
send :doc :fs.read\r
expect (call :fs.read ...)
send :doc reduec\r
expect reduec is not defined; did you mean reduce?
send :doc\r
expect :doc of which name?
send :load $tmp/bad.rtfs\r
expect bad.rtfs:2:5: UndefinedSymbol: nope
expect 2 |    (nope))
send :load $tmp/none.rtfs\r
expect No such file
send :load\r
expect :load which file?
send :time (+ 40\r
expect   ...> 
send 2)\r
expect \n42\r\n
expect ; 
expect  ms, 
expect  yields\r\n
send :nothing\r
expect \n:nothing\r\n
send (:a {:a 6})\r
expect \n6\r\n
send   :quit\r
expect \n:quit\r\n
send :quit\r
exit 0
EOF

talk "Ctrl-C in a computation" <<'EOF'
expect rtfs:1> 
send (def kept 5)\r
expect rtfs:2> 
send (defn spin [] (loop [] (recur)))\r
expect rtfs:3> 
send (do (spin) 1)\r
sleep 300
send \x03
expect <repl:2>:1:
expect Interrupted
expect in spin
expect rtfs:4> 
send (+ kept 1)\r
expect \n6\r\n
send (defmacro forever [] (loop [] (recur)))\r
expect rtfs:6> 
send (forever)\r
sleep 300
send \x03
expect Interrupted
expect rtfs:7> 
send (do (print "mid") (spin))\r
expect mid
sleep 200
send \x03
expect Interrupted
send kept\r
expect \n5\r\n
send \x04
exit 0
EOF

talk "Ctrl-C while a task runs" --capabilities "$here/faults" <<EOF
expect rtfs:1> 
send (def kept 5)\r
expect rtfs:2> 
send (call :f.sleep "$mark-0")\r
sleep 700
send \x03
expect <repl:2>: Interrupted
expect rtfs:3> 
send (call :parallel (mapv (fn [i] (task :f.sleep (str "$mark-" i))) (range 9)))\r
sleep 700
send \x03
expect Interrupted
expect rtfs:4> 
send (call :parallel {:a (task :f.deaf "$mark-a") :b (task :f.sleep "$mark-b")})\r
sleep 700
send \x03
sleep 50
send \x03
expect Interrupted
expect rtfs:5> 
send (call :parallel (mapv (fn [i] (task (fn [x] (* x kept)) i)) (range 4)))\r
expect \n[0 5 10 15]\r\n
send (call :f.nap "$mark-n")\r
expect \n"done"\r\n
send \x04
exit 0
EOF
ok "nothing is left" wait_for 2 none_marked "$mark"

talk "completion" <<'EOF'
expect rtfs:1> 
send (defn quite-own-name [x] {:remembered-key x})\r
expect rtfs:2> 
send (quite-o\t 4)\r
expect \n{:remembered-key 4}\r\n
expect rtfs:3> 
send (:rememb\t (quite-own-name 7))\r
expect \n7\r\n
send (string-len\t "four")\r
expect \n4\r\n
send (string-u\t "a")\r
expect \n"A"\r\n
send (part\t\t
expect partition
expect partition-by
expect (part
send \x03
expect rtfs:6> 
send (call :fs.exi\t ".")\r
expect \ntrue\r\n
send :qui\t\r
exit 0
EOF

talk "signals at the prompt" <<'EOF'
expect rtfs:1> 
send (def a 1)\r
expect rtfs:2> 
send (+ a
expect (+ a
signal 2
expect \nrtfs:2> 
size 30 40
sleep 100
send (+ a 2)\r
expect \n3\r\n
expect rtfs:3> 
signal 15
exit 143
EOF

talk "suspended and continued" <<'EOF'
expect rtfs:1> 
send (+ 1 
sleep 100
signal 19
sleep 100
signal 18
sleep 100
send 2)\r
expect \n3\r\n
send \x04
exit 0
EOF

# History: one file, private, of all sessions.
XDG_STATE_HOME=$tmp/state
export XDG_STATE_HOME
talk "history is written" -q <<'EOF'
expect rtfs:1> 
send (+ 20\r
expect   ...> 
send 3)\r
expect \n23\r\n
send  (str "not" "kept")\r
expect "notkept"
send (str "la" "st")\r
expect "last"
send \x10\r
expect \n"last"\r\n
send \x04
exit 0
EOF
is "history: who may read it" "$(stat -c %a "$XDG_STATE_HOME/rtfs/history")" 600
is "history: its folder" "$(stat -c %a "$XDG_STATE_HOME/rtfs")" 700
is "history: entries" "$(grep -c . "$XDG_STATE_HOME/rtfs/history")" 3
unlike "history: not what begins with a blank" \
    "$(cat "$XDG_STATE_HOME/rtfs/history")" not
talk "history is read" -q <<'EOF'
expect rtfs:1> 
send \x10\x10\r
expect \n23\r\n
send \e[A\r
expect \n23\r\n
expect rtfs:3> 
send \x12la\r\r
expect \n"last"\r\n
send \x04
exit 0
EOF
{
	echo _HiStOrY_V2_
	i=0
	while [ "$i" -lt 2500 ]; do
		i=$((i + 1))
		echo "old-$i"
	done
} >"$XDG_STATE_HOME/rtfs/history"
talk "a long history" -q <<'EOF'
expect rtfs:1> 
send (+ 1 1)\r
expect \n2\r\n
send \x04
exit 0
EOF
is "a long history is cut" "$(grep -c . "$XDG_STATE_HOME/rtfs/history")" 1002
is "its newest stay" "$(sed -n 2p "$XDG_STATE_HOME/rtfs/history")" old-1501
XDG_STATE_HOME=/proc/none
talk "no place for a history" <<'EOF'
expect rtfs:1> 
send (+ 1 1)\r
expect history is not kept
expect \n2\r\n
expect rtfs:2> 
send (+ 2 2)\r
expect \n4\r\n
absent not kept
send \x04
exit 0
EOF
unset XDG_STATE_HOME

TERM=dumb
talk "a dumb terminal" <<'EOF'
expect rtfs:1> 
send (+ 1 1)\r
expect \n2\r\n
send (str-jo\x03
expect rtfs:2> 
send \x04
exit 0
EOF

# Without a terminal.
cat >"$tmp/entries" <<'EOF'
(def a 1)
(defn f [x]
  (+ x a))

(f 2)
(f nil)
(println "out")
:doc f
"two
lines"
:time (f 3)
EOF
status=0
"$RTFS" repl <"$tmp/entries" >"$tmp/out" 2>"$tmp/err" || status=$?
is "a pipe: exit status" "$status" 0
is "a pipe: values, no prompts" "$(sed 's/^; .*/; time/' "$tmp/out")" \
    '1
#<function f>
3
out
nil
(f x)
"two\nlines"
4
; time'
like "a pipe: errors" "$(cat "$tmp/err")" '<repl:4>.* TypeError|<repl:2>.* TypeError'
ok "a pipe: no history file" test ! -e "$HOME/.local/state/rtfs/nothing"
status=0
printf '(+ 1\n' | "$RTFS" repl >"$tmp/out" 2>"$tmp/err" || status=$?
is "a pipe that ends early: exit status" "$status" 0
like "a pipe that ends early: says so" "$(cat "$tmp/err")" 'never closed'
status=0
printf ':quit\n(println "no")' | "$RTFS" repl >"$tmp/out" 2>&1 || status=$?
is "a pipe: :quit" "$status$(cat "$tmp/out")" 0
printf ':hlep\n:quti\n:bogus\n:helpful-word\n[:hlep]\n:a\n' |
    "$RTFS" repl >"$tmp/out" 2>"$tmp/err" || status=$?
is "keywords are values" "$(tr '\n' ' ' <"$tmp/out")" \
    ':hlep :quti :bogus :helpful-word [:hlep] :a '
is "what is near a command has a hint" "$(cat "$tmp/err")" \
    'rtfs: :hlep is a keyword; did you mean the command :help?
rtfs: :quti is a keyword; did you mean the command :quit?'
run "$RTFS" repl file.rtfs
is "no arguments are taken" "$status" 2
run sh -c "echo '(+ 1 1)' | \"$RTFS\" repl >/dev/full"
is "full disk: exit status" "$status" 1
like "full disk: says so" "$err" 'No space left'
env --default-signal=INT sh -c 'echo "(loop [] (recur))"; sleep 2' |
    env --default-signal=INT timeout -s INT 0.5 "$RTFS" repl >"$tmp/out" 2>&1
is "a pipe: INT ends it" "$(cat "$tmp/out")" ""
done_testing
