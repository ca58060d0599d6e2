#!/bin/sh
# rtfs batch from jobs to outcomes: memory, back-pressure, failure, records,
# a co-process, and what a killed runner leaves to the next one.
. "$(dirname "$0")/tap.sh"
cd "$tmp" || exit 99

# -- output
run "$RTFS" batch -j1 --shell 'head -c 3000000 /dev/zero | tr "\0" {} | cksum' \
    ::: a b
sum_a=$(head -c 3000000 /dev/zero | tr '\0' a | cksum)
is "large output passes whole" "$(printf '%s\n' "$out" | head -1)" "$sum_a"
if sanitized; then
	skip "half a gigabyte in little memory" "no limit on address space here"
else
	# shellcheck disable=SC3045 # dash has it
	n=$(ulimit -v 400000; "$RTFS" batch -j2 -k \
	    --shell 'head -c 250000000 /dev/zero; echo {}' ::: 1 2 | wc -c)
	is "half a gigabyte in little memory" "$n" 500000004
fi
"$RTFS" batch -j2 --shell 'sleep 0.0{}; head -c 200000 /dev/zero; echo {}' \
    ::: 5 3 1 2 | tr -d '\0' >got
is "nothing of a group is lost" "$(sort got | tr '\n' ' ')" "1 2 3 5 "
run "$RTFS" batch -j1 -o csv --shell 'echo out; echo err >&2' ::: a
is "a row a job" "$(printf '%s' "$out" | sed -n 1p | tr , '\n' | wc -l)" 19
like "with both streams, once" "$out" '"out$'
is "stderr stands there once" \
    "$(printf '%s\n' "$out" | grep -c '^","err a')" 1
cat >lines <<'END'
{"id":"slow","shell":"sleep 0.3; echo slow"}
{"id":"quick","capability":"text.upper","args":["x"]}
END
run "$RTFS" batch -j2 -o rtfs --jsonl lines
is "one value, in the order of the work" "$out" \
    '{"slow" {:exit 0 :signal nil :stdout "slow\n" :stderr ""} "quick" "X"}'
# msgpack, read by its definition: the same records as in JSON
cat >packed.py <<'END'
import json, struct, sys

data, at = sys.stdin.buffer.read(), 0

def take(n):
    global at
    at += n
    assert at <= len(data), "cut off"
    return data[at - n:at]

def number(form):
    return struct.unpack(">" + form, take(struct.calcsize(form)))[0]

def value():
    c = take(1)[0]
    if c < 0x80 or c >= 0xe0:
        return c if c < 0x80 else c - 0x100
    if c < 0x90 or c in (0xde, 0xdf):
        n = c & 15 if c < 0x90 else number("HI"[c - 0xde])
        return {value(): value() for _ in range(n)}
    if c < 0xa0 or c in (0xdc, 0xdd):
        n = c & 15 if c < 0xa0 else number("HI"[c - 0xdc])
        return [value() for _ in range(n)]
    if c < 0xc0 or c in (0xd9, 0xda, 0xdb):
        n = c & 31 if c < 0xc0 else number("BHI"[c - 0xd9])
        return take(n).decode()
    plain = {0xc0: None, 0xc2: False, 0xc3: True}
    if c in plain:
        return plain[c]
    return number({0xca: "f", 0xcb: "d", 0xcc: "B", 0xcd: "H", 0xce: "I",
        0xcf: "Q", 0xd0: "b", 0xd1: "h", 0xd2: "i", 0xd3: "q"}[c])

def same(r): # what no two runs have in common
    return {k: "?" if k == "pid" or k.endswith(("_ms", "_bytes", "started"))
        else v for k, v in r.items()}

packed = []
while at < len(data):
    packed.append(value())
text = [json.loads(line) for line in open(sys.argv[1])]
assert len(text) == 6 and text[-1]["summary"], text
assert list(map(same, packed)) == list(map(same, text)), (packed, text)
for p, t in zip(packed, text): # and in the same order
    assert list(p) == list(t), (p, t)
    assert {k: type(v) for k, v in p.items()} == \
        {k: type(v) for k, v in t.items()}, (p, t)
END
cat >lines <<'END'
{"id":"value","capability":"text.upper","args":["\u00e4\"b"]}
{"id":"nested","capability":"json.parse","args":["[1.5,-70000,true,null,{\"k\":[\"v\"]}]"]}
{"id":"streams","shell":"echo out; printf 'no UTF-8: \\377'; echo err >&2"}
{"id":"failed","shell":"exit 3","retries":1}
{"id":"skipped","cmd":["true"],"after":["failed"]}
END
if command -v python3 >/dev/null; then
	"$RTFS" batch -k -j1 --jsonl lines -o jsonl >records.json 2>/dev/null
	"$RTFS" batch -k -j1 --jsonl lines -o msgpack >records.msgpack \
	    2>/dev/null
	run sh -c 'python3 packed.py records.json <records.msgpack'
	is "records as msgpack are those of jsonl" "$status$err" 0
else
	lacks "records as msgpack are those of jsonl" python3
fi

# -- results
"$RTFS" batch --results dir --shell 'echo {1} {2}; echo e >&2' \
    ::: a b/c ::: x >/dev/null 2>&1
is "a folder of results" "$(find dir -type f | sort | tr '\n' ' ')" \
    'dir/1/a/2/x/seq dir/1/a/2/x/stderr dir/1/a/2/x/stdout dir/1/b\_c/2/x/seq dir/1/b\_c/2/x/stderr dir/1/b\_c/2/x/stdout '
is "with what was printed" "$(cat dir/1/a/2/x/stdout)" "a x"
run "$RTFS" batch --results t.json echo ::: 'a"b'
is "a table instead of output" "$out" ""
like "a table of objects" "$(cat t.json)" \
    '"Command": "echo .*", "V": \[ "a\\"b" \], "Stdout": "a\\"b\\n", "Stderr": "" \}$'

# -- input without end, output without reader
n=$(yes | "$RTFS" batch -j2 --halt soon,done=50 echo 2>/dev/null | wc -l)
ok "input without end is not read to its end" test "$n" -ge 50 -a "$n" -le 70
run sh -c '"$RTFS" batch -j1 --shell "echo {}; sleep 0.05" ::: $(seq 400) \
    2>err | head -1'
is "a reader that goes ends the batch" "$out$(cat err)" 1

# -- failure
run "$RTFS" batch -j2 --halt now,fail=1 --shell 'sleep {}; exit 7' ::: 0.1 30
is "--halt now: the status of the one that failed" "$status" 7
run "$RTFS" batch -j1 --timeout 300% --shell 'sleep {}' ::: 0.1 0.1 0.1 9
like "percent of the median" "$err" 'job 4: timeout: timed out after 300 %'
run "$RTFS" batch -j1 --total-timeout 300ms --shell 'echo {}; sleep {}' \
    ::: 0.01 20 20
is "the whole batch has a limit: what ran before it" \
    "$(printf '%s\n' "$out" | tr '\n' ' ')" "0.01 20 "
is "and its status says so" "$status" 1
run "$RTFS" batch --retries 3 --joblog log --shell \
    'echo {} >>tries; test $(wc -l <tries) -ge 3' ::: x
is "--retries counts attempts" "$status $(wc -l <tries)" "0 3"
run "$RTFS" batch --retries 5 --retry-on exit:75 --shell \
    'echo {} >>other; exit 1' ::: x
is "only what is asked for is tried again" "$status $(wc -l <other)" "1 1"
cat >lines <<'END'
{"id":"a","shell":"sleep 20"}
{"id":"b","shell":"echo b","after":["a"]}
{"cancel":"a"}
END
run "$RTFS" batch --jsonl lines
like "who waits for a cancelled one is skipped" "$err" \
    'job 2: skipped: not run: job a, which it comes after'
is "and both have failed" "$status" 2
cat >lines <<'END'
{"shell":"echo low","priority":1}
{"shell":"echo high","priority":9}
{"shell":"echo mid","priority":5}
END
run "$RTFS" batch -j1 --order priority --jsonl lines
is "the highest first" "$(printf '%s\n' "$out" | tr '\n' ' ')" "high mid low "
run "$RTFS" batch -j3 --delay 200ms -o jsonl true ::: 1 2 3
like "--delay" "$out" '"wall_ms":[4-9][0-9][0-9]|"wall_ms":[0-9]{4}'
echo 1 >width
"$RTFS" batch -j width --shell 'test {} = 1 && echo 3 >width
    : >run.{}; ls run.* | wc -l; sleep 0.4; rm run.{}' ::: 1 2 3 4 >got
is "-j FILE is read again" "$(sort -n got | tail -1)" 3

run "$RTFS" batch -j1 --shell 'kill -TERM $$' ::: a
is "a command that a signal ended is told" "$status $err" \
    "1 rtfs: job 1: signal: killed by signal 15 (SIGTERM); command: kill -TERM \$\$ a"
run "$RTFS" batch -j1 --output 10 --shell 'echo 0123456789012 >&2' ::: a
is "errors of a job over its limit are cut, and that is told" "$status $err" \
    "0 0123456789rtfs: job 1: the last 6 bytes of its standard error are left out, over the limit output"

# -- signals
"$RTFS" batch -j1 --shell 'echo {}; : >began.{}; sleep 0.5' ::: 1 2 3 \
    >got 2>err &
pid=$!
n=0
while [ ! -e began.1 ] && [ $n -lt 500 ]; do n=$((n + 1)); sleep 0.01; done
kill -HUP $pid
wait $pid
is "a hang-up ends what runs first, and says that there was more" \
    "$? $(tr '\n' ' ' <got)" "129 1 "
"$RTFS" batch -j1 -o jsonl --shell ': >queued.{}; sleep 0.5' ::: 1 2 >got 2>err &
pid=$!
wait_for 5 test -e queued.1
kill -HUP $pid
wait $pid
is "also when it had been read already" "$? $(tail -n 1 got |
    sed 's/"wall_ms":[^,]*,//')" '129 {"summary":true,"jobs":1,"ok":1,"failed":0,"skipped":0,"resumed":0,"not_started":1,"halted":true,"exit":129}'
"$RTFS" batch -j1 --joblog log.term -o jsonl --grace 10s --shell \
    ': {}; trap "echo told; exit 3" TERM; : >began.t; while :; do sleep 0.05; done' \
    ::: x >got 2>err &
pid=$!
n=0
while [ ! -e began.t ] && [ $n -lt 500 ]; do n=$((n + 1)); sleep 0.01; done
kill -USR1 $pid
kill -TERM $pid
wait $pid
is "a first TERM is passed on" "$?" 143
like "what was printed then is there" "$(cat got)" '"stdout":"told\\n"'
like "and the summary" "$(cat got)" '"summary":true,"jobs":1,.*"exit":143'
is "and the joblog" "$(wc -l <log.term)" 2
like "USR1 shows who runs" "$(cat err)" '1 of 1 busy'
"$RTFS" batch -j1 --grace 60s --shell \
    ': {}; trap "" TERM; : >began.k; while :; do sleep 0.05; done' ::: x \
    >got 2>err &
pid=$!
n=0
while [ ! -e began.k ] && [ $n -lt 500 ]; do n=$((n + 1)); sleep 0.01; done
kill -TERM $pid
sleep 0.1
kill -TERM $pid
wait $pid
is "a second one kills" "$?" 143

# -- a reader that does not read
mkfifo slow
# shellcheck disable=SC2217 # it holds the pipe open
sleep 100 <slow &
reader=$!
"$RTFS" batch -j1 --timeout 500ms --joblog log.slow --shell 'yes {}' ::: 1 2 \
    >slow 2>err &
pid=$!
n=0
while [ "$(wc -l 2>/dev/null <log.slow)" != 3 ] && [ $n -lt 1000 ]; do
	n=$((n + 1))
	sleep 0.01
done
is "does not stop the clocks" "$(cut -f 7 log.slow | tr '\n' ' ')" \
    "Exitval -1 -1 "
for n in 1 2 3; do # two at once would be one
	kill -TERM $pid 2>/dev/null
	sleep 0.2
done
wait $pid
is "a second signal does not wait for it" "$?" 143
kill $reader 2>/dev/null

# -- a co-process
if command -v python3 >/dev/null; then
	cat >talk.py <<'END'
import json, os, subprocess, sys
p = subprocess.Popen([os.environ["RTFS"], "batch", "--jsonl", "-", "-o",
    "jsonl", *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
for i in range(100):
    p.stdin.write(json.dumps({"id": "u%d" % i, "capability": "text.upper",
        "args": ["x%d" % i]}).encode() + b"\n")
    p.stdin.flush()
    r = json.loads(p.stdout.readline())
    assert r["id"] == "u%d" % i and r["value"] == "X%d" % i, r
p.stdin.write(b'{"shell":"echo hi"}\n')
p.stdin.flush()
r = json.loads(p.stdout.readline())
assert r["stdout"] == "hi\n" and r["isolation"] == "inherit", r
p.stdin.close()
s = json.loads(p.stdout.readline())
assert s["summary"] and s["jobs"] == 101, s
assert p.wait() == 0
END
	ok "a program talks with a batch, line by line" python3 talk.py
	cat >talk2.py <<'END'
import json, os, subprocess, sys
gate = sys.argv[1] + ".gate"
os.mkfifo(gate)
def batch(*options):
    return subprocess.Popen([os.environ["RTFS"], "batch", "-j3", "--jsonl",
        "-", "-o", "jsonl", *options], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE)
def say(p, **line):
    p.stdin.write(json.dumps(line).encode() + b"\n")
    p.stdin.flush()
def hear(p):
    return json.loads(p.stdout.readline())
def open_gate(): # blocks until the job reads: it has started
    os.close(os.open(gate, os.O_WRONLY))
waits = {"cmd": ["cat", gate]}

def flushed(): # a later one that ends first is told first
    p = batch()
    say(p, id="slow", **waits)
    say(p, id="fast", cmd=["true"])
    assert hear(p)["id"] == "fast"
    open_gate()
    assert hear(p)["id"] == "slow"
    return p, 0

def cancelled():
    p = batch()
    say(p, id="endless", cmd=["sleep", "1000"])
    say(p, id="other", cmd=["true"])
    assert hear(p)["id"] == "other"
    say(p, cancel="endless")
    r = hear(p)
    assert r["id"] == "endless" and r["status"] == "cancelled", r
    say(p, id="after", capability="text.upper", args=["a"])
    assert hear(p)["value"] == "A"
    return p, 1

def ordered(): # nothing comes before the first one, which is still running
    p = batch("-k")
    say(p, id="slow", **waits)
    say(p, id="fast", shell="touch %s.done" % gate)
    while not os.path.exists(gate + ".done"):
        os.sched_yield()
    open_gate()
    assert [hear(p)["id"], hear(p)["id"]] == ["slow", "fast"]
    return p, 0

def again(): # an id that ended and is under way once more is waited for
    p = batch()
    say(p, id="a", cmd=["true"])
    assert hear(p)["id"] == "a"
    say(p, id="b", cmd=["true"], after="a")
    assert hear(p)["id"] == "b"
    say(p, id="a", **waits)
    say(p, id="c", cmd=["true"], after="a")
    say(p, id="d", cmd=["true"])
    assert hear(p)["id"] == "d"
    open_gate()
    assert [hear(p)["id"], hear(p)["id"]] == ["a", "c"]
    return p, 0

p, status = {"flushed": flushed, "cancelled": cancelled, "again": again,
    "ordered": ordered}[sys.argv[1]]()
p.stdin.close()
assert hear(p)["summary"]
assert p.wait() == status
END
	ok "each record comes when its job ends" python3 talk2.py flushed
	ok "a job is cancelled by its id" python3 talk2.py cancelled
	ok "an id that is used again" python3 talk2.py again
	ok "-k: in the order of the input" python3 talk2.py ordered
	ok "the same with --spin" python3 talk.py --spin 50
	# What it does between two lines shows in its CPU time: looked at once
	# the answer is there and again a while later.
	cat >awake.py <<'END'
import os, subprocess, sys, time
def used(pid):
    with open("/proc/%d/schedstat" % pid) as f:
        return int(f.read().split()[0]) / 1e6 # ms
def idle(spin): # CPU time while it waits for a second line
    p = subprocess.Popen([os.environ["RTFS"], "batch", "--jsonl", "-", "-o",
        "jsonl", "--spin", spin], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    p.stdin.write(b'{"capability":"text.upper","args":["a"]}\n')
    p.stdin.flush()
    assert b'"A"' in p.stdout.readline()
    begin = used(p.pid)
    time.sleep(0.05)
    took = used(p.pid) - begin
    p.stdin.close()
    p.wait()
    return took
# 10 ms awake; others may have the processor meanwhile, but not each time
assert any(idle("10000") > 3 for i in range(50))
assert any(idle("0") < 3 for i in range(50))
END
	if [ -r /proc/self/schedstat ]; then
		ok "--spin: awake between two lines, with 0 asleep" \
		    python3 awake.py
	else
		lacks "--spin: awake between two lines" schedstat
	fi
else
	lacks "a program talks with a batch, line by line" python3
fi

says_awake() {
	printf '' | "$RTFS" batch -vv "$@" 2>&1 >/dev/null |
	    sed -n 's/.*\(awake for .*\)/\1/p'
}
if [ "$(nproc)" -gt 1 ]; then
	is "a conversation stays awake unless it is told not to" \
	    "$(says_awake --jsonl -)" "awake for 100 us before each sleep"
else
	lacks "a conversation stays awake" "a second processor"
fi
is "with --spin 0" "$(says_awake --jsonl - --spin 0)" ""
is "and other batches do not" "$(says_awake true)" ""

# -- jobs sent ahead of their turn
# Nothing waits behind a long one while another place is free.
{
	i=0
	while [ $i -lt 100 ]; do
		i=$((i + 1))
		echo true
	done
	echo "until [ -e last ]; do sleep 0.01; done; echo long"
	echo true
	echo true
	echo "echo short"
	echo "echo last; touch last"
} >behind
run "$RTFS" batch -j2 --timeout 20s -a behind sh -c
is "a short job does not stay behind a long one" "$status $(echo "$out" |
    tr '\n' ' ')" "0 short last long "
# Each job says that the one before has not ended.
run sh -c 'seq 300 | "$RTFS" batch -j1 --shell \
    "mkdir alone || echo {} is not alone; rmdir alone #" 2>&1'
is "-j1: never two at a time" "$status $out" "0 "
run sh -c 'seq 300 | "$RTFS" batch -j1 --halt now,fail=1 --joblog halt.log \
    --shell "echo {} >>ran; test {} != 200" 2>/dev/null'
is "nothing begins behind the one that halts" \
    "$status $(wc -l <ran) $(wc -l <halt.log)" "1 200 201"
rm ran
# Hung up in the middle: what began has its record, what has one began.
seq 100000 >many
setsid "$RTFS" batch -j2 -a many --joblog hup.log --shell 'echo {} >>ran' &
pid=$!
until [ -s ran ] && [ "$(wc -l <ran)" -gt 200 ]; do
	sleep 0.01
done
kill -HUP $pid
wait $pid
is "hung up: status" "$?" 129
is "hung up: jobs that ran are those in the joblog" \
    "$(sort ran | sha256sum)" \
    "$(sed 1d hup.log | cut -f 9 | sed 's/echo \([0-9]*\).*/\1/' |
    sort | sha256sum)"
is "and all of them ended well" "$(sed 1d hup.log | awk -F'\t' '$7 || $8' |
    wc -l)" 0
rm ran many

# -- a line that is longer than a line may be
{
	echo '{"id":"a","cmd":["echo","first"]}'
	head -c 268500000 /dev/zero | tr '\0' ' '
	echo '{"id":"b","cmd":["echo","long"]}'
	echo '{"id":"c","cmd":["echo","last"]}'
} | "$RTFS" batch -k -o jsonl --jsonl - >long.json 2>long.err
is "a line that is too long fails alone" "$?" 1
is "and is named, with limit and use" \
    "$(sed -n 's/.*"message":"\(line 2[^"]*\)".*/\1/p' long.json)" \
    "line 2: it has 268500032 bytes; a line has at most 268435456"
is "those around it run" "$(grep -c '"status":"ok"' long.json)" 2

# -- niceness of jobs, and not of the batch itself
low=$(nice)
if [ "$low" -lt 17 ]; then
	mkfifo nice.in nice.out
	"$RTFS" batch --nice $((low + 2)) --jsonl - <nice.in >nice.out &
	pid=$!
	exec 7>nice.in 8<nice.out
	echo '{"cmd":["nice"]}' >&7
	read -r answer <&8
	is "--nice: niceness of a job" "$answer" "$((low + 2))"
	# field 19, of those behind the name
	is "--nice: not of the batch itself" \
	    "$(sed 's/.*) //' /proc/$pid/stat | cut -d ' ' -f 17)" "$low"
	exec 7>&- 8<&-
	wait $pid
else
	skip "--nice" "our own niceness is $low already"
fi

# -- state
moments=${MOMENTS:-15} # 200 in contrib/dev soak
if command -v sqlite3 >/dev/null && command -v flock >/dev/null; then
	recorded() {
		flock state true # whoever still writes has ended then
		sqlite3 state "SELECT json_extract(record, '\$.argv[2]')
		    FROM job ORDER BY 1" | sed 's/.*# //' | sort
	}
	pause() { # up to a third of a second
		printf '0.%03d' $(($(od -An -N2 -tu2 /dev/urandom) % 330))
	}
	resume() {
		: >ran.now
		"$RTFS" batch -j2 --state state --resume --shell \
		    'echo {} >>ran.now; sleep 0.03 # {}' ::: $(seq $jobs)
	}
	: >ran
	: >before
	again=0 wrong=0 i=0
	jobs=$((moments * 8))
	while [ $i -lt "$moments" ]; do
		i=$((i + 1))
		resume >/dev/null 2>&1 &
		sleep "$(pause)"
		# shellcheck disable=SC2046 # the function's shell has one child
		kill -9 $(cat "/proc/$!/task/$!/children") 2>/dev/null
		wait $! 2>/dev/null
		recorded >after
		sort ran.now >sorted
		wrong=$((wrong + $(comm -12 before sorted | wc -l)))
		again=$((again + $(sort -u ran | comm -12 - sorted | wc -l)))
		cat ran.now >>ran
		mv after before
	done
	note "$moments kills, $(wc -l <before) of $jobs recorded," \
	    "$again run again"
	is "nothing that was recorded runs again" "$wrong" 0
	resume >/dev/null
	is "the last one finds the rest" "$?" 0
	cat ran.now >>ran
	is "every job has run" "$(sort -nu ran | wc -l)" "$jobs"
	is "and is recorded once" "$(recorded | wc -l)" "$jobs"
	run "$RTFS" batch --state failing --shell 'echo {}; exit {}' ::: 0 1 2
	run "$RTFS" batch --state failing --retry-failed
	is "--retry-failed needs no input" \
	    "$status $(printf '%s\n' "$out" | sort | tr '\n' ' ')" "2 1 2 "
	rm -f two
	"$RTFS" batch --state two --shell 'exit 1 #' ::: a
	"$RTFS" batch --state two --shell 'exit 1 #' ::: b
	run "$RTFS" batch --state two -j2 --retry-failed
	is "numbers of two runs are in nobody's way" "$status $err" "2 "
	run "$RTFS" batch --state failing --retry-failed echo other
	like "--retry-failed says that it takes no command" "$err" \
	    'runs what is recorded; the command and the input given here'
	is "and runs what is recorded" \
	    "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" "1 2 "
	is "and replaces what was recorded" \
	    "$(sqlite3 failing 'SELECT count(*) FROM job')" 3
	"$RTFS" batch --state bytes false ::: "$(printf '\377')"
	run "$RTFS" batch --state bytes --retry-failed
	like "a failed job that no state can tell is not passed over" "$err" \
	    '1 failed jobs are not run'
	# shellcheck disable=SC2016 # job is the shell's of each job
	job='echo {}; test {} != 1 || sleep 100; : >ran.{}'
	"$RTFS" batch -j2 -k --state held --shell "$job" ::: 1 2 3 4 >got &
	pid=$!
	wait_for 10 test -e ran.4 # the end of 2 was met two rounds ago
	kill -9 $pid
	wait $pid 2>/dev/null
	run "$RTFS" batch -k --state held --resume --shell "$job" ::: 2
	is "what waited for its turn when it was killed runs again" \
	    "$(cat got)$out" 2
	if [ -w /dev/full ]; then
		"$RTFS" batch --state untaken -k echo ::: a >/dev/full 2>&1
		run "$RTFS" batch --state untaken --resume -k echo ::: a
		is "and what could not be printed" "$out" a
		run "$RTFS" batch --state /dev/full echo ::: a
		is "a state that cannot be written: status" "$status" 255
		is "said once" "$err" \
		    "rtfs: --state /dev/full: database or disk is full"
	fi
else
	lacks "killed at any moment and resumed" "sqlite3 or no flock"
fi
rm -f log
run "$RTFS" batch --joblog log --shell 'echo {}; exit {}' ::: 0 1 2
run "$RTFS" batch --joblog log --resume-failed --shell 'echo {}; exit {}' \
    ::: 2 0 1 0
is "a joblog tells what is left, too, whatever the order" \
    "$(printf '%s\n' "$out" | sort | tr '\n' ' ')" "0 1 2 "
printf 'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n' >log
printf '1\t:\t0\t0\t0\t0\tcut\t0\techo a\n2\t:\t0\t0\t0\t0\t0\t0\techo b\n' >>log
run "$RTFS" batch --joblog log --resume-failed echo ::: a b
is "a joblog whose status is no number tells of no success" "$out" a
rm -f log
run "$RTFS" batch --joblog log --shell 'echo {}; test -e good-{}' ::: 1 2 3
: >good-2
run "$RTFS" batch -k --joblog log --retry-failed
is "--retry-failed by a joblog: each once" \
    "$status $(printf '%s\n' "$out" | tr '\n' ' ')" "2 1 2 3 "
is "with the numbers they had" "$(cut -f1 log | sort | tr '\n' ' ')" \
    "1 1 2 2 3 3 Seq "
run "$RTFS" batch -k --joblog log --retry-failed
is "what has succeeded since is not among them" \
    "$status $(printf '%s\n' "$out" | tr '\n' ' ')" "2 1 3 "
if [ -w /dev/full ]; then
	"$RTFS" batch -k echo ::: a b c >/dev/full 2>err
	is "a full standard output: exit status" "$?" 255
	like "and it is said" "$(cat err)" 'standard output: No space left'
	"$RTFS" batch --dry-run echo ::: a b c >/dev/full 2>err
	is "a full standard output of --dry-run: exit status" "$?" 255
	like "said, too" "$(cat err)" 'standard output: No space left'
else
	skip "a full standard output" "no /dev/full"
fi

done_testing
