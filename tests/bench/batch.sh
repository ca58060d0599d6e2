#!/bin/sh
# batch.sh TMP PYTHON: rtfs batch beside the limit of the machine and the
# runners that people use; then a million small tasks, deadlines, and a
# conversation.  Ratios within one run: rounds are interleaved.  N, TASKS and
# ROUNDS make it shorter.
set -eu
tmp=$1 python=$2
here=$(cd "$(dirname "$0")" && pwd)
n=${N:-1000} tasks=${TASKS:-1000000} rounds=${ROUNDS:-5}
cc -O2 -o "$tmp/spawn" "$here/spawn.c"
cc -O2 -o "$tmp/relay" "$here/relay.c"
cat >"$tmp/took.py" <<'END'
# took.py NAME N COMMAND...: "NAME wall cpu" in microseconds a job
import os, resource, subprocess, sys, time
name, n = sys.argv[1], int(sys.argv[2])
begin = time.monotonic()
subprocess.run(sys.argv[3:], stdout=subprocess.DEVNULL, check=False)
wall = time.monotonic() - begin
u = resource.getrusage(resource.RUSAGE_CHILDREN)
print(name, wall / n * 1e6, (u.ru_utime + u.ru_stime) / n * 1e6)
END
few=$((n / 10)) some=$((n * 3 / 10))
seq "$n" >"$tmp/lines"
seq "$few" >"$tmp/few"
seq "$some" >"$tmp/some"
# As people use it, unless the peers have a way of their own.
peers=$here/../../../shared/peers/pool
if [ -f "$peers/batch.sh" ]; then
	cat >"$tmp/tsp" <<END
#!/bin/sh
TMPDIR=$tmp exec bash $peers/batch.sh tsp "\$1"
END
else
	cat >"$tmp/tsp" <<'END'
#!/bin/sh
TS_SOCKET=$(dirname "$0")/socket TMPDIR=$(dirname "$0") TS_MAXFINISHED=100000
export TS_SOCKET TMPDIR TS_MAXFINISHED
tsp -S 2
for i in $(seq "$1"); do tsp -n /bin/true >/dev/null; done
while tsp | grep -qE 'running|queued'; do sleep 0.02; done
tsp -K
END
fi
chmod +x "$tmp/tsp"

took() {
	name=$1 count=$2
	shift 2
	command -v "$1" >/dev/null || return 0
	$python "$tmp/took.py" "$name" "$count" "$@"
}

# one WAY: as many jobs for it as for those that it is compared with
one() {
	case $1 in
	rtfs) took rtfs "$n" "$RTFS" batch -j2 --joblog "$tmp/log" \
	    -a "$tmp/lines" /bin/true ;;
	spawn) took spawn "$n" "$tmp/spawn" "$n" /bin/true 1 ;;
	xargs) took xargs "$n" xargs -a "$tmp/lines" -P2 -n1 /bin/true ;;
	parallel) took parallel "$few" parallel -j2 --joblog "$tmp/log2" \
	    -a "$tmp/few" /bin/true ;;
	rtfs-some) took rtfs-some "$some" "$RTFS" batch -j2 --joblog \
	    "$tmp/log" -a "$tmp/some" /bin/true ;;
	spawn-some) took spawn-some "$some" "$tmp/spawn" "$some" /bin/true 1 ;;
	tsp) ! command -v tsp >/dev/null ||
	    took tsp "$some" "$tmp/tsp" "$some" ;;
	esac
}

echo "== /bin/true, two slots, output captured, joblog"
i=0
while [ $i -lt "$rounds" ]; do
	i=$((i + 1))
	set -- rtfs spawn xargs parallel rtfs-some tsp spawn-some
	[ $((i % 2)) -eq 0 ] ||
	    set -- spawn-some tsp rtfs-some parallel xargs spawn rtfs
	for way; do
		one "$way"
	done
done >"$tmp/took"
awk '
    { w[$1, ++c[$1]] = $2; p[$1, c[$1]] = $3; seen[$1] = 1 }
    function median(v, k,   i, j, t) {
	for (i = 1; i <= c[k]; i++)
		for (j = i + 1; j <= c[k]; j++)
			if (v[k, j] < v[k, i]) {
				t = v[k, i]; v[k, i] = v[k, j]; v[k, j] = t
			}
	return v[k, int((c[k] + 1) / 2)]
    }
    function show(us, k, target) {
	if (k in seen)
		printf "  %-10s beside %-8s %6.2fx  target %s\n", us, k,
		    median(w, k) / median(w, us), target
    }
    END {
	printf "  rtfs batch: %.0f jobs/s, %.2f ms of CPU a job: %.2fx of " \
	    "that of spawn, %.2fx of xargs\n", 1e6 / median(w, "rtfs"),
	    median(p, "rtfs") / 1000, median(p, "rtfs") / median(p, "spawn"),
	    median(p, "rtfs") / median(p, "xargs")
	show("rtfs", "spawn", "0.6x"); show("rtfs", "xargs", "1.15x")
	show("rtfs", "parallel", "6x")
	show("rtfs-some", "tsp", "3x, as many jobs for both")
	show("spawn-some", "tsp", "none: what the machine allows")
    }' "$tmp/took"

# small N FILE
small() {
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
	    printf "{\"id\":\"u%d\",\"capability\":\"text.upper\"," \
	    "\"args\":[\"abc\"]}\n", i }' >"$tmp/small"
	$python - "$RTFS" "$tmp/small" "$1" <<'END'
import resource, subprocess, sys, time
begin = time.monotonic()
p = subprocess.Popen([sys.argv[1], "batch", "-j2", "--jsonl", sys.argv[2],
    "-o", "jsonl"], stdout=subprocess.PIPE)
n = sum(chunk.count(b'"status":"ok"') for chunk in p.stdout)
peak = 0
assert p.wait() == 0 and n == int(sys.argv[3]), n
wall = time.monotonic() - begin
u = resource.getrusage(resource.RUSAGE_CHILDREN)
print("  %d tasks: %.0f/s, %.1f us of CPU each, at most %d MB" % (n, n / wall,
    (u.ru_utime + u.ru_stime) / n * 1e6, u.ru_maxrss / 1024))
END
}
echo "== JSON lines of a built-in (targets: 100,000/s, 64 MB, linear)"
small $((tasks / 10))
small "$tasks"
rm -f "$tmp/small"

echo "== 40 jobs of 10 s, limit 200 ms, two slots (target: overshoot 5 ms)"
"$RTFS" batch -j2 --timeout 200ms -o jsonl sleep 10 ::: $(seq 40) 2>/dev/null |
    $python -c '
import json, sys
ms = sorted(r["wall_ms"] - 200 for r in map(json.loads, sys.stdin)
    if r.get("status") == "timeout")
print("  overshoot of %d: median %.2f ms, worst %.2f ms" % (len(ms),
    ms[len(ms) // 2], ms[-1]))'

# The round trip of a bare C pool, if its source is here (see performance.md).
if [ -f "$peers/cpool.c" ]; then
	cp "$peers/cpool.c" "$peers/b.h" "$tmp"
	lib=$(pkg-config --libs msgpack-c 2>/dev/null ||
	    pkg-config --libs msgpack)
	# shellcheck disable=SC2086 # words
	cc -O2 -w -o "$tmp/cpool" "$tmp/cpool.c" $lib
fi
echo "== a co-process of Python, a built-in a line (target: 2x of a bare C pool)"
$python - "$tmp/cpool" "$tmp/relay" "$rounds" <<'END'
import os, re, statistics, subprocess, sys, time
cpool, relay, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
line = b'{"capability":"text.upper","args":["abc"]}\n'

rtfs = [os.environ["RTFS"], "batch", "--jsonl", "-", "-o", "jsonl"]

def talk(command, answer):
    p = subprocess.Popen(command, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, bufsize=0)
    to, back = p.stdin.fileno(), p.stdout.fileno()
    took = []
    for i in range(1200):
        begin = time.monotonic()
        os.write(to, line)
        got = os.read(back, 65536)
        took.append((time.monotonic() - begin) * 1e6)
        while not got.endswith(b"\n"):
            got += os.read(back, 65536)
        assert answer in got
    p.stdin.close()
    p.wait()
    return statistics.median(took[200:])

def bare():
    if not os.path.exists(cpool):
        return None
    text = subprocess.run([cpool, "rt", "5000", "1", "1"], check=True,
        stdout=subprocess.PIPE, text=True).stdout
    return float(re.search(r"p50=([0-9.]+)us", text)[1])

ways = {"rtfs": lambda: talk(rtfs, b'"ABC"'),
    "rtfs --spin 100": lambda: talk(rtfs + ["--spin", "100"], b'"ABC"'),
    "a bare relay": lambda: talk([relay], line), "C pool": bare}
got = {name: [] for name in ways}
for i in range(rounds):
    for name, way in ways.items():
        got[name].append(way())
if None in got["C pool"]:
    print("  skipped: no C pool to compare with")
    del got["C pool"]
for name, us in got.items():
    print("  %-16s median of medians %.0f us (%.0f to %.0f)" % (name,
        statistics.median(us), min(us), max(us)))
if "C pool" in got:
    for name in got.keys() - {"C pool"}:
        print("  %s beside the C pool: %.2fx" % (name, statistics.median(
            a / b for a, b in zip(got[name], got["C pool"]))))
END
