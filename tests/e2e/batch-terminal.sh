#!/bin/sh
# rtfs batch on a terminal: how far it is, what it waits for, Ctrl-Z; and
# nothing of it where standard error is none.
. "$(dirname "$0")/tap.sh"
: "${PTY:=${abs_top_builddir:+$abs_top_builddir/tests/e2e/pty}}"
[ -x "$PTY" ] || lacks_all "helper for pseudo-terminals ($PTY)"
cd "$tmp" || exit 99

# talk NAME COMMAND...: the script on stdin, see pty.c.
talk() {
	talk_name=$1
	shift
	cat >script
	talk_status=0
	"$PTY" script "$@" 2>said || talk_status=$?
	tap_result "$talk_status" "$talk_name"
	[ "$talk_status" -eq 0 ] || note "$(cat said)"
}

# -- how far it is; a job ends when its gate is opened, a gate each
mkfifo gate.1 gate.2
# shellcheck disable=SC2016 # for the shell of the job
gated='read -r word <gate.{#}; echo $word'
talk "--bar: from the beginning, and the output over it" \
    "$RTFS" batch -j1 --bar --shell "$gated #" ::: a b <<'END'
expect \r[....................] 0% 0 of 2 done, 1 running\e[K
run echo one >gate.1
expect \r\e[Kone\r\n
expect \r[##########..........] 50% 1 of 2 done, 1 running, 
expect left\e[K
run echo two >gate.2
expect \r\e[Ktwo\r\n
expect \r[####################] 100% 2 of 2 done, 0 running, 0s left\e[K\r\n
exit 0
END
talk "--progress: numbers only; a failure is on a line of its own" \
    "$RTFS" batch -j1 --progress --shell "$gated; kill -9 \$\$ #" ::: a <<'END'
expect \r0 of 1 done, 1 running\e[K
run echo one >gate.1
expect \r\e[Kone\r\nrtfs: job 1: signal: killed by signal 9
expect \r1 of 1 done, 1 failed, 0 running\e[K\r\n
absent left
exit 1
END
talk "--eta: what the rest will take" \
    "$RTFS" batch -j1 --eta --shell "$gated #" ::: a b <<'END'
expect \r0 of 2 done, 1 running\e[K
run echo one >gate.1
expect \r1 of 2 done, 1 running, 
expect left\e[K
run echo two >gate.2
exit 0
END
talk "--progress: of input whose end is not known yet" \
    "$RTFS" batch -j1 --progress --shell "$gated #" <<'END'
send a\r
expect \r0 done, 1 running\e[K
run echo one >gate.1
expect \r1 done, 0 running\e[K
send \x04
expect \r1 of 1 done, 0 running\e[K\r\n
exit 0
END
talk "--eta: reads the input to its end first" \
    "$RTFS" batch -j1 --eta --shell "$gated #" <<'END'
send a\rb\r
expect \r0 done, 0 running\e[K
send \x04
expect \r0 of 2 done, 1 running\e[K
run echo one >gate.1
expect \r1 of 2 done, 1 running, 
run echo two >gate.2
exit 0
END
talk "a narrow terminal: no line is longer" /bin/sh -c \
    'stty cols 30; exec "$@"' sh "$RTFS" batch -j1 --bar --eta true ::: a <<'END'
expect \r[####################] 100% 1\e[K\r\n
exit 0
END
run "$RTFS" batch -k --bar --eta --progress echo ::: a b
is "nothing of it where stderr is no terminal" "$status $err$out" "0 a
b"
n=$(yes | "$RTFS" batch -q -j1 --bar --eta --halt soon,done=3 echo | wc -l)
is "and the input may be without end there" "$n" 3

# -- Ctrl-Z: jobs stop, and so do their clocks
talk "a stopped batch stops its jobs and their clocks" \
    "$RTFS" batch -j2 --timeout 700ms --joblog log --shell \
    ': {}; : >ticks.{}; while sleep 0.05; do echo >>ticks.{}; done' ::: a <<'END'
run until [ -s ticks.a ]; do sleep 0.02; done
signal 20
run sleep 0.3; wc -l <ticks.a >then; sleep 1; wc -l <ticks.a | cmp - then
signal 18
run until [ $(wc -l <ticks.a) -gt $(cat then) ]; do sleep 0.02; done
expect job 1: timeout: timed out after 700ms
exit 1
END

# -- --load, --memfree: figures of our own over those of the kernel
own() { # COMMAND...: with load and meminfo of this folder
	# shellcheck disable=SC2016
	unshare -rm sh -c 'mount --bind load /proc/loadavg &&
	    mount --bind memory /proc/meminfo && exec "$@"' sh "$@"
}
high() { echo "9.00 5.00 1.00 1/100 1" >load; }
low() { echo "0.50 5.00 1.00 1/100 1" >load; }
low
cat /proc/meminfo >memory
if own true 2>/dev/null; then
	high
	talk "--load: nothing starts, and why" "$(command -v unshare)" -rm \
	    sh -c 'mount --bind load /proc/loadavg && exec "$@"' sh \
	    "$RTFS" batch --load 2 --shell 'echo ran {}' ::: a <<'END'
expect rtfs: waiting: load 9.00 is not below 2\r\n
sleep 700
absent ran
run echo "0.50 5.00 1.00 1/100 1" >load
expect ran a
exit 0
END
	echo "0.50 5.00 1.00 4/100 1" >load
	own "$RTFS" batch -v --load 2 echo ::: a >got 2>err &
	pid=$!
	ok "--load: those that want to run now count, too" \
	    wait_for 20 grep -q 'waiting: load 3.00 is not below 2' err
	is "nothing has started" "$(cat got)" ""
	low
	wait $pid
	is "it goes on by itself" "$? $(cat got)" "0 a"
	echo "MemAvailable: 1000 kB" >memory
	own "$RTFS" batch -v --memfree 1G echo ::: a >got 2>err &
	pid=$!
	ok "--memfree: nothing starts, and why" wait_for 20 \
	    grep -q 'waiting: 1000K of memory are free, under 1G' err
	is "nothing has started, either" "$(cat got)" ""
	echo "MemAvailable: 2000000 kB" >memory
	wait $pid
	is "it goes on when there is memory" "$? $(cat got)" "0 a"
	echo "MemAvailable: 1000 kB" >memory
	high
	own "$RTFS" batch --load 50% --memfree 1G echo ::: a >got 2>err &
	pid=$!
	kill -0 $pid
	low
	echo "MemAvailable: 2000000 kB" >memory
	wait $pid
	is "without -v and a terminal not a word" "$? $(cat got err)" "0 a"
else
	skip "--load, --memfree" "no mount namespace for us here"
fi
run "$RTFS" batch --load 1000000 --memfree 1K echo ::: a
is "a machine at ease waits for nothing" "$status$out$err" 0a
done_testing
