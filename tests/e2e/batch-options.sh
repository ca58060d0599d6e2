#!/bin/sh
# Every option of rtfs batch does what --help says: long names as the short
# ones, limits as the kernel has them, what fails and what is left behind.
# What has an example in the manual or a test of its own is there.
. "$(dirname "$0")/tap.sh"
batch() { run "$RTFS" batch "$@"; }
cd "$tmp" || exit 99
seq 5 >nums
printf 'a\0b\0' >nul
printf 'a,b,c' >commas
seq 2000 >many
here_tests=$here

# -- two names of one option
both() { # SHORT LONG
	# shellcheck disable=SC2086 # words
	eval "\"$RTFS\" batch $1" >one.out 2>one.err <nums
	one=$?
	eval "\"$RTFS\" batch $2" >two.out 2>two.err <nums
	two=$?
	ok "$1 is $2" [ "$one" = "$two" -a -s one.out -a \
	    "$(cat one.out one.err)" = "$(cat two.out two.err)" ]
}
both '-k -a nums echo' '-k --arg-file nums echo'
both '-k -0 echo :::: nul' '-k --null echo :::: nul'
both '-k -d , echo :::: commas' '-k --delimiter , echo :::: commas'
both '-k -n2 echo' '-k --max-args 2 echo'
both '-k -N2 echo {2}{1}' '-k --max-replace-args=2 echo {2}{1}'
both '-k -L2 echo' '-k --max-lines 2 echo'
both '-k -j1 -X -s 12 echo x{}' '-k -j1 --context --max-chars 12 echo x{}'
both '-j1 -m echo x{}' '-j1 --multiple echo x{}'
both '-k -r echo' '-k --no-run-if-empty echo'
both '-k -I ,, echo ,,' '-k --replace ,, echo ,,'
both '-j1 -t echo' '-j1 --print echo'
both '-j1 echo' '--jobs 1 echo'
both '-P1 echo' '--max-procs 1 echo'
both '-k echo' '--keep-order echo'
both '-j1 -u echo' '-j1 --ungroup echo'
both '-j1 --lb echo' '-j1 --line-buffer echo'
both '-qk -o tsv true | cut -f 1' '--quiet -k --format tsv true | cut -f 1'
both '-j1 -v echo 2>/dev/null' '-j1 --verbose echo 2>/dev/null'
both '-x -n2 -j1 echo' '--exit -n2 -j1 echo'
both '-h' '--help'
both '-k --pipe --block 2000 wc -c <many' '-k --pipe --block 2k wc -c <many'
batch -v true ::: a
like "-v: a line per start and end" "$(echo "$err" | tr '\n' ' ')" \
    'job 1 started, pid [0-9]+, isolation inherit: true a .*job 1 ok, '
batch --help
is "every line of --help fits" "$(echo "$out" | awk 'length > 99')" ""
batch -k echo -- x ::: a
is "words behind the command are its own" "$out" "-- x a"
batch -k -- echo -n ::: a
is "-- ends options" "$out" "a"

# -- limits: each under its name, and as the job sees them
batch --dry-run --timeout 9s --cpu 5s --data 64M --memory 96M --as 1G \
    --nofile 99 --nproc 98 --fsize 1M --stack 4M --output 10K \
    --limit result=1K true ::: a
for word in 'timeout 9s' 'cpu 5s' 'data 64M' 'memory 96M' 'as 1G' 'nofile 99' \
    'nproc 98' 'fsize 1M' 'stack 4M' 'output 10K' 'result 1K'; do
	like "--dry-run shows $word" "$out" "[ ,]$word"
done
if sanitized; then
	skip "the job sees its limits" "no limit on address space here"
else
	batch --cpu 5s --data 64M --as 1G --nofile 99 --stack 4M --fsize 1M \
	    sh -c 'cat /proc/self/limits' ::: a
	is "the job sees its limits" "$(echo "$out" | awk '
	    /cpu time|data size|address|open files|stack|Max file size/ {
		print $(NF - 2) }' | sort -n | tr '\n' ' ')" \
	    "5 99 1048576 4194304 67108864 1073741824 "
fi
batch true ::: a
before=$(grep -v 'Max pending' /proc/self/limits)
batch sh -c 'grep -v "Max pending" /proc/self/limits' ::: a
is "no limit that nobody asked for" "$out" "$before"
namespaces() { for ns in cgroup ipc mnt net pid user uts; do
	readlink "/proc/self/ns/$ns"
done; }
# shellcheck disable=SC2016 # for the shell of the job
batch --shell 'for ns in cgroup ipc mnt net pid user uts; do
	readlink "/proc/self/ns/$ns"; done #' ::: a
is "a command is in the caller's namespaces" "$out" "$(namespaces)"
batch grep -h NoNewPrivs ::: /proc/self/status
is "and may gain privileges, as under a shell" "$out" \
    "$(grep NoNewPrivs /proc/self/status)"

run "$RTFS" doctor
if [ "$status" -eq 0 ]; then
	mkdir shown
	chmod 777 shown
	echo secret >shown/file
	batch --isolation sandboxed cat ::: "$PWD/shown/file"
	is "--isolation sandboxed hides what is not granted" "$out$status" 1
	batch --isolation sandboxed --allow-read "$PWD/shown" \
	    cat ::: "$PWD/shown/file"
	is "--allow-read grants it" "$out$status" secret0
	batch --isolation sandboxed --allow-read "$PWD/shown" \
	    touch ::: "$PWD/shown/new"
	ok "for reading only" [ "$status" = 1 -a ! -e shown/new ]
	batch --isolation sandboxed --allow-write "$PWD/shown" \
	    touch ::: "$PWD/shown/new"
	ok "--allow-write grants that, too" [ "$status" = 0 -a -e shown/new ]
	batch --isolation sandboxed --allow-net 127.0.0.1:9 --dry-run true ::: a
	like "--allow-net is a grant, too" "$status$out" '^0.*sandboxed'
else
	unkept "--isolation" "doctor does not reach :sandboxed: $status $err"
fi

# -- what tells about jobs
echo '(capability :my.echo :exec ["/bin/echo"] :codec :argv)' >mine.rtfs
batch -k --capabilities mine.rtfs --capability my.echo ::: a b
is "--capabilities" "$out" "a
b"
batch --report report --trace trace --metrics metrics false ::: a b
is "--report: the run, and a line a job" "$(wc -l <report)" 3
like "with how it ended" "$(cat report)" '"capability":"process.exec",.*"exit":1'
if command -v python3 >/dev/null; then
	ok "--trace is one JSON value, with both" test 2 = "$(python3 -c '
import json, sys
print(sum(e["ph"] == "X" for e in json.load(sys.stdin)))' <trace)"
fi
like "--metrics: in the end all of them" "$(cat metrics)" \
    'rtfs_tasks_ended_total.capability="process.exec",status="exit". 2'

# -- programs
echo '(loop [i 0] (recur (inc i)))' >endless.rtfs
batch --max-steps 1000 --rtfs endless.rtfs
like "--max-steps" "$status $err" '^255 .*StepLimit'
echo '(defn deep [n] (inc (deep n))) (deep 1)' >deep.rtfs
batch --max-depth 50 --rtfs deep.rtfs
like "--max-depth" "$status $err" '^255 .*StackOverflow'
echo '(count (vec (range 10000000)))' >large.rtfs
batch --max-memory 8M --rtfs large.rtfs
like "--max-memory" "$status $err" '^255 .*MemoryLimit'

# -- failures
printf '%s\n' '{"id":"a","cmd":["false"]}' \
    '{"id":"b","cmd":["true"],"after":"a"}' >chain
batch -j1 --jsonl chain
unlike "a status alone is not told" "$err" 'job 1: '
batch -j1 --explain --jsonl chain
like "--explain: why it failed" "$err" 'job 1: exit: exited with status 1'
like "--explain: why it was skipped" "$err" \
    'job 2: skipped: not run: job a, which it comes after, ended with exit'
printf '%s\n' '{"id":"a","cmd":["true"],"after":"b"}' \
    '{"id":"b","cmd":["true"],"after":"a"}' >circle
batch --jsonl circle
like "a circle is told, and runs nothing" "$status $err" \
    '^2 .*goes round in a circle: job b would wait for itself'
from=$(date +%s%N)
batch --retries 3 --retry-delay 200ms -o jsonl false ::: a
took=$((($(date +%s%N) - from) / 1000000))
# 200 and 400 ms, a quarter less or more
ok "--retry-delay doubles ($took ms)" [ "$took" -ge 450 ]
like "--retries: attempts are counted" "$out" '"attempts":3,'
batch --timeout 300ms --joblog log sh -c 'echo before; echo err >&2; sleep 9' \
    ::: a
is "what a killed job had printed is kept" "$status $out" "1 before"
like "on both streams, and why it ended" "$(echo "$err" | tr '\n' ' ')" \
    '^err rtfs: job 1: timeout: timed out after 300ms'
batch --timeout 300ms -o jsonl sh -c 'echo before; sleep 9' ::: a
like "and marked in its record" "$out" \
    '"status":"timeout",.*"limit":"timeout",.*"stdout":"before\\n"'
"$RTFS" batch -j1 --shell 'echo {}; : >began; sleep 30' ::: a b >got 2>err &
pid=$!
wait_for 20 test -e began
kill -INT $pid
wait $pid
is "an interrupt: status, and what was printed" "$? $(cat got)" "130 a"
mark=rtfs-reader-$$
from=$(date +%s)
run sh -c '"$RTFS" batch -j2 --lb --shell "echo {}; exec sleep 60 # '$mark'" \
    ::: 1 2 | head -n 1'
ok "a reader that goes ends what runs" [ $(($(date +%s) - from)) -lt 30 ]
ok "all of it" none_marked "$mark"

mkfifo ready
"$RTFS" batch --grace 200ms --shell \
    'trap "" TERM; echo >ready; while :; do sleep 0.1; done #' ::: a &
pid=$!
read -r _ <ready
from=$(date +%s)
kill $pid
wait $pid
ok "--grace: then it is killed" [ $? = 143 -a $(($(date +%s) - from)) -lt 20 ]
batch --exit-status any false ::: a b c
is "--exit-status any" "$status" 1
batch --exit-status any true ::: a
is "--exit-status any: none failed" "$status" 0

# -- what a line of JSON can say
mkdir sub
cat >members <<'END'
{"id":"in","cmd":["cat"],"stdin":"given\n"}
{"id":"env","shell":"echo $A $B","env":{"A":"x y","B":3}}
{"id":"dir","cmd":["ls"],"dir":"sub"}
{"id":"fine","shell":"ulimit -n","limits":{"nofile":77}}
{"id":"late","cmd":["sleep","9"],"timeout":"100ms"}
{"id":"again","shell":"echo run >>sub/runs; exit 1","retries":2}
{"id":"last","shell":"wc -l <sub/runs","after":["again","in"]}
END
: >sub/inside
batch -j1 --jsonl members
is "stdin, env, dir, limits" "$out" "given
x y 3
inside
77"
is "retries are further attempts" "$(wc -l <sub/runs)" 3
like "timeout" "$err" 'job 5: timeout: timed out after 100ms'
like "after: its failure skips what follows" "$err" 'job 7: skipped: .* again'
echo '{"cancel":"nobody"}' >nobody
batch --jsonl nobody
like "who cancels nobody is told" "$status $err" '^0 .*no job nobody is under way'

# -- what is left behind
mark=rtfs-left-$$
batch --shell "sh -c 'sleep 30; : $mark' & :" ::: x
ok "a job's background children die with it" none_marked "$mark"
batch --shell "setsid sh -c 'sleep 30; : $mark' & :" ::: x
ok "in a session of their own, too" none_marked "$mark"
batch --leave-children --shell "sh -c 'sleep 30; : $mark' & :" ::: x
ok "--leave-children leaves them" some_marked "$mark"
# shellcheck disable=SC2046 # numbers
kill $(marked "$mark")

# -- results
for kind in csv tsv json; do
	batch --results "table.$kind" --shell 'echo {}; echo e >&2' ::: a b
	ok "--results table.$kind has both jobs" [ "$status" = 0 -a \
	    "$(grep -c "echo [ab]" "table.$kind")" = 2 ]
done
echo '{:a (task :text.upper "x") :b (task (fn [x] (/ x 0)) 7)}' >work.rtfs
echo "(call :parallel $(cat work.rtfs))" >program.rtfs
volatile='s/:pid [0-9]*//g; s/:usage {[^}]*}//g; s/:at "[^"]*"//g'
batch -o rtfs --rtfs work.rtfs
is "-o rtfs is the very map of :parallel" "$(echo "$out" | sed "$volatile")" \
    "$("$RTFS" run program.rtfs | sed "$volatile")"

mkdir home
run env HOME="$PWD/home" "$RTFS" batch --state s.db --joblog l echo ::: a b
is "no file is written that was not asked for, and no nag" \
    "$(ls -A home) $err" " "

# -- what a record tells
batch --output 4 -o jsonl --shell 'echo out; echo 0123456789 >&2 #' ::: a
like "truncated: of what was over :output" "$out" \
    '"status":"ok",.*"stdout":"out\\n","stderr":"0123","truncated":true'
batch -o jsonl echo ::: a
unlike "and of nothing else" "$out" truncated
for member in '"id":"1"' '"seq":1' '"argv":\["echo","a"\]' '"fault":null' \
    '"attempts":1' '"pid":[0-9]+' '"exit":0' '"queued_ms":[0-9.]+' \
    '"started":"[-0-9]+T[0-9:.]+Z"' '"wall_ms":[0-9.]+' '"user_ms":[0-9.]+' \
    '"system_ms":[0-9.]+' '"max_rss_bytes":[1-9][0-9]+' \
    '"isolation":"inherit"' '"not_applied":null' '"clamped":null' \
    '"digest":"sha256:[0-9a-f]{64}"' '"policy":"[0-9a-f]+"'; do
	like "a record has $member" "$(echo "$out" | head -n 1)" "$member"
done
batch --limit result=4 -o jsonl --shell 'echo 0123456789 #' ::: a
like "over its limit: which, and how much" "$out" \
    '"status":"result-limit","fault":"limit",.*"limit":"result","used":1[01],.*"stdout":"0123"'
run sh -c 'ulimit -n 64 && "$RTFS" batch --nofile 100 -o jsonl true ::: a'
like "clamped: to what rtfs has itself" "$out" '"clamped":"nofile"'
cat >max.rtfs <<'X'
{:max {:limits {:nofile 40}}
 :rules [{:match "process.exec" :limits {:nofile [30 50] :data "1G"}}]}
X
chmod 644 max.rtfs
batch --policy max.rtfs -o jsonl --shell 'ulimit -Hn #' ::: a
like "clamped: to a ceiling" "$out" '"clamped":"nofile",.*"stdout":"40\\n"'
for asked in 99 '[10,99]'; do
	echo "{\"cmd\":[\"true\"],\"limits\":{\"nofile\":$asked}}" >asked.jsonl
	batch --policy max.rtfs -o jsonl --jsonl asked.jsonl
	like "denied: a job that asks for more: $asked" "$out" \
	    '"status":"denied".*:nofile 99, set by .*, is above the ceiling of 40 at .*max\.rtfs:1'
done
batch -j1 --halt soon,fail=1 -o jsonl false ::: a b
like "the summary of what was halted" "$(echo "$out" | tail -n 1)" \
    '^\{"summary":true,"jobs":1,"ok":0,"failed":1,"skipped":0,"resumed":0,.*"halted":true,"exit":1\}$'

# -- by what a job is known: its words, input, folder and variables
job() { # MEMBER...: is it one that has been done?
	run sh -c 'echo "$1" | "$RTFS" batch --state known --resume -o jsonl \
	    --jsonl -' sh "{\"cmd\":[\"cat\"],$1}"
	echo "$out" | sed -n 's/.*"resumed":\([01]\).*/\1/p'
}
is "a job for the first time" "$(job '"stdin":"1"')" 0
is "the same" "$(job '"stdin":"1"')" 1
is "under another name and limit" \
    "$(job '"id":"x","stdin":"1","timeout":"9s","priority":3')" 1
is "other input" "$(job '"stdin":"2"')" 0
is "another folder" "$(job '"stdin":"1","dir":"/"')" 0
is "other variables" "$(job '"stdin":"1","env":{"A":"1"}')" 0
is "a word more" "$(job '"cmd":["cat","-"],"stdin":"1"')" 0

# -- no end of input, and constant memory
line='{"capability":"text.upper","args":["a line of some length"]}'
peak() { # PID: the most that it ever held, in KB
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}
if sanitized; then
	skip "input without end, constant memory" "not under sanitizers"
else
	mkfifo records
	grows() { # NAME COMMAND...: over 80,000 jobs of input without end
		name=$1
		shift
		"$@" >records 2>/dev/null &
		pid=$!
		{
			head -n 20000 >/dev/null
			early=$(peak $pid)
			head -n 80000 >/dev/null
			late=$(peak $pid)
		} <records
		wait $pid
		note "$name: $early KB after 20,000, $late KB after 100,000"
	}
	mkfifo words
	yes "a value of some length" >words &
	grows values "$RTFS" batch --capability text.upper :::: words
	# a thousand results wait while nobody takes them
	ok "input without end, constant memory" \
	    [ "$late" -gt 0 -a "$late" -le $((early + 2048)) ]
	yes "$line" >words &
	grows lines "$RTFS" batch --jsonl words -o jsonl
	# with ids, how half a million jobs ended is remembered
	ok "and of JSON lines, within 16 MB" \
	    [ "$late" -gt 0 -a "$late" -lt 16384 ]
	yes "$line" | "$RTFS" batch --jsonl - -o jsonl >records 2>/dev/null &
	pid=$!
	spent() { cut -d ' ' -f 14,15 "/proc/$pid/stat"; }
	rests() { was=$(spent); sleep 0.3; [ "$was" = "$(spent)" ]; }
	{
		read -r record
		ok "a reader that stops stops the batch" wait_for 40 rests
		ok "in constant memory ($(peak $pid) KB)" \
		    [ "$(peak $pid)" -lt 16384 ]
	} <records
	wait $pid
fi

# -- tables of results, by the end of their name
"$RTFS" batch -j1 --results r.tsv echo ::: a 'b	"c"' >got
is "--results FILE.tsv: instead of output" "$(wc -c <got)" 0
is "a row a job, behind a head" "$(wc -l <r.tsv | tr -d ' ') $(head -n 1 r.tsv |
    tr '\t' ' ')" "5 Seq Host Starttime JobRuntime Send Receive Exitval \
Signal Command V1 Stdout Stderr"
is "a tab and a quote are quoted" "$(sed -n 4p r.tsv | cut -f 9-)" \
    '"echo '"'b	\"\"c\"\"'"'"	"b	""c"""	"b	""c""'

# -- never a word too much, never a file that nobody asked for
mkdir home
for jobs in 'true ::: a b' '-k --shell "exit 0; #" ::: a b' \
    '--capability text.upper ::: a' '--retries 2 --tag -j2 true ::: a b'; do
	eval "HOME=$tmp/home XDG_CONFIG_HOME= \"$RTFS\" batch $jobs" >got 2>err
	is "$jobs: nothing but what was printed" "$(cat err)" ""
done
is "and no file is left at home" "$(find home ! -name home)" ""

# -- nothing is forgotten here
for option in $("$RTFS" batch --help | grep -o -- '^ *-.*' |
    grep -o -- '--[a-z][a-z-]*' | sort -u); do
	cat "$here_tests"/batch-*.sh "$here_tests/../../src/man/rtfs-batch.1" |
	    grep -v '^\.' | grep -q -e "$option\b" || echo "$option"
done >untested
is "every option stands in a test or an example" "$(cat untested)" ""
done_testing
