#!/bin/sh
# A program whose file takes for ever to be opened for execution: its guard
# waits with it.  Deadlines, cancelling and the end of the supervisor reach it
# all the same.  The file is held by fanotify(7), which asks a process of ours
# and never gets an answer.
. "$(dirname "$0")/tap.sh"
python=/usr/bin/python3
[ "$(id -u)" -eq 0 ] || skip_all "only root may hold a file"
[ -x "$python" ] || lacks_all "$python"

cp /bin/sleep "$tmp/held"
cat >"$tmp/hold.py" <<'END2'
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
FAN_CLASS_CONTENT, FAN_MARK_ADD, FAN_OPEN_EXEC_PERM = 4, 1, 0x40000
fd = libc.fanotify_init(FAN_CLASS_CONTENT, os.O_RDONLY)
if fd < 0 or libc.fanotify_mark(fd, FAN_MARK_ADD,
        ctypes.c_uint64(FAN_OPEN_EXEC_PERM), -100, sys.argv[1].encode()) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
print("held", flush=True)
while os.read(fd, 4096):
    print("asked", flush=True)
END2
"$python" "$tmp/hold.py" "$tmp/held" >"$tmp/state" 2>"$tmp/why" &
holder=$!
trap 'kill "$holder" 2>/dev/null; rm -rf "$tmp"' EXIT
settled() { [ -s "$tmp/state" ] || [ -s "$tmp/why" ]; }
wait_for 10 settled
[ -s "$tmp/state" ] || skip_all "fanotify: $(cat "$tmp/why")"

own_copy
none_left() { [ -z "$(own_processes)" ]; }
asked() { grep -c asked "$tmp/state"; }
asked_more() { [ "$(asked)" -gt "$before" ]; }

cat >"$tmp/capabilities.rtfs" <<'END2'
(capability :t.held :exec ["./held"] :codec :argv)
END2
for level in inherit isolated; do
	set -- --isolation $level --capabilities "$tmp"
	run timeout 20 "$RTFS" eval "$@" --timeout 200ms '(call :t.held 60)'
	like "$level: its deadline" "$err" "timed out after 200 ?ms"
	run timeout 20 "$RTFS" eval "$@" -o json '(call :parallel
	    [(task :t.held 61)] {:timeout "200ms"})'
	like "$level: the deadline of all: it has not begun" "$out" \
	    '"kind": ?"cancelled".*"limit": ?"set"'
	before=$(asked)
	"$RTFS" eval "$@" '(call :t.held 62)' >/dev/null 2>&1 &
	pid=$!
	ok "$level: it is on its way" wait_for 5 asked_more
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	ok "$level: nothing outlives the supervisor" wait_for 3 none_left
done
kill "$holder"
run timeout 20 "$RTFS" eval --capabilities "$tmp" '(call :t.held 0)'
is "nobody holds it: it runs" "$status" 0
done_testing
