#!/bin/sh
# :sandboxed where it rests on something else each time: as a user with user
# namespaces, as root where there are none, and as root of a container that may
# make no namespace at all.
# Each refusal has the same act at :inherit beside it.
. "$(dirname "$0")/tap.sh"

[ "$(id -u)" -eq 0 ] || skip_all "only root can make the situations"
sanitized && skip_all "AddressSanitizer needs calls that the filter refuses"
mark=rtfs-situations-$$
mkdir "$tmp/bin" "$tmp/p"
for f in rtfs rtfs-worker; do
	for d in "${RTFS%/*}" "${RTFS%/*}/../libexec/rtfs"; do
		[ -x "$d/$f" ] && cp "$d/$f" "$tmp/bin/" && break
	done
done
[ -x "$tmp/bin/rtfs-worker" ] || skip_all "no rtfs-worker beside rtfs"
chmod 755 "$tmp/bin" "$tmp"/bin/* "$tmp/p"
echo hidden >"$tmp/secret"
cat >"$tmp/p/t.py" <<'PY'
#!/usr/bin/python3
import subprocess, threading
seen = []
threads = [threading.Thread(target=seen.append, args=(i,)) for i in range(3)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sum(seen), subprocess.run(["/bin/echo", "sub"], capture_output=True, text=True).stdout, end="")
PY
printf '#!/bin/sh\ncat "%s"\n' "$tmp/secret" >"$tmp/p/spy.sh"
chmod 755 "$tmp/p/t.py" "$tmp/p/spy.sh"
cat >"$tmp/p/c.c" <<'C'
#include <stdio.h>
int main(void) { return puts("compiled") == EOF; }
C
cc=$(command -v cc || command -v gcc || true)
[ -n "$cc" ] || skip_all "no C compiler"
"$cc" -o "$tmp/p/c" "$tmp/p/c.c"
chmod 755 "$tmp/p/c"
chmod 644 "$tmp/secret"
sleep 600 &
victim=$!
python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print(s.getsockname()[1], flush=True)
while True: s.accept()' >"$tmp/port" &
server=$!
wait_for 10 test -s "$tmp/port"
port=$(cat "$tmp/port")
cat >"$tmp/p/capabilities.rtfs" <<CAPABILITIES
(capability :s.sh :exec ["sh" "-c" "printf 'b\\\\na\\\\n' | sort | tr -d '\\\\n'"] :codec :argv)
(capability :s.python :exec ["./t.py"] :codec :argv)
(capability :s.compiled :exec ["./c"] :codec :argv)
(capability :s.node :exec ["node" "-e" "console.log(6*7)"] :codec :argv)
(capability :s.spy :exec ["./spy.sh"] :codec :argv)
(capability :s.net :exec ["python3" "-c" "import socket; socket.create_connection(('127.0.0.1', $port), 5); print('in')"] :codec :argv)
(capability :s.kill :exec ["sh" "-c" "kill -0 \$0" "$victim"] :codec :argv)
(capability :s.daemon :exec ["sh" "-c" "setsid sh -c 'sleep 60; : $mark' >/dev/null 2>&1 & echo left"] :codec :argv)
(capability :s.mount :exec ["mount" "-t" "tmpfs" "none" "/mnt"] :codec :argv)
CAPABILITIES

as_nobody() {
	line="cd / && exec"
	for arg; do
		line="$line '$arg'"
	done
	run timeout 60 su nobody -s /bin/sh -c "$line"
}

# A user namespace with every id mapped, no namespace inside, and without the
# privilege to make one: what a container is by default.
cat >"$tmp/in" <<'EOF'
for n in user pid mnt net ipc uts cgroup; do
	echo 0 >/proc/sys/user/max_${n}_namespaces || exit 77
done
exec setpriv --bounding-set=-sys_admin,-net_admin,-sys_ptrace,-mknod "$@"
EOF
# The same, but it may make all others: root where user namespaces are off.
cat >"$tmp/off" <<'EOF'
echo 0 >/proc/sys/user/max_user_namespaces || exit 77
exec "$@"
EOF
mkfifo "$tmp/go"
other_namespace() {
	[ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}
child_there() {
	inner=$(cat "/proc/$outer/task/$outer/children")
	inner=${inner%% *}
	[ -n "$inner" ] && other_namespace "$inner"
}
in_container() { within "$tmp/in" "$@"; }
in_off() { within "$tmp/off" "$@"; }
within() { # SCRIPT COMMAND...
	status=0
	script=$1
	shift
	# executed again once it is root: an unmapped user has no privileges
	# shellcheck disable=SC2016
	timeout 60 unshare -U sh -c 'read -r _ <"$0"; exec sh "$@"' \
	    "$tmp/go" "$script" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
	outer=$!
	wait_for 10 child_there || return 1
	echo "0 0 4294967294" >"/proc/$inner/uid_map"
	echo "0 0 4294967294" >"/proc/$inner/gid_map"
	echo go >"$tmp/go"
	wait "$outer" || status=$?
	out=$(cat "$tmp/out")
	err=$(cat "$tmp/err")
}

kind() { printf '(:kind (:x (call :parallel {:x (task %s)})))' "$1"; }
honest='[(call :s.sh) (call :s.python) (call :s.compiled)'
answer='"ab" "3 sub" "compiled"'
if command -v node >/dev/null; then
	honest="$honest (call :s.node)"
	answer="$answer \"42\""
fi

# situation NAME RUN: the same questions, in that situation
situation() {
	name=$1 in=$2
	set -- "$tmp/bin/rtfs" eval --capabilities "$tmp/p"
	$in "$@" "$honest (call :text.upper \"a\") (call (fn [x] (* x x)) 3)]"
	is "$name: honest programs and our own code" "$out$err" \
	    "[$answer \"A\" 9]"
	$in "$@" --isolation inherit '[(call :s.spy) (call :s.net)]'
	is "$name: inherit: files and network" "$out$err" '["hidden" "in"]'
	$in "$@" "[$(kind :s.spy) $(kind :s.net) $(kind :s.kill)]"
	is "$name: neither, and nobody to signal" "$out$err" \
	    '[:exit :exit :exit]'
	$in "$@" '(call :s.daemon)'
	is "$name: a task leaves a daemon" "$out$err" '"left"'
	ok "$name: nothing survives it" wait_for 5 none_marked "$mark"
	$in "$@" "$(kind :s.mount)"
	like "$name: a forbidden call" "$out$err" '^:(syscall-denied|signal)$'
	$in "$tmp/bin/rtfs" doctor
	like "$name: doctor" "$out" '^ [+] +:sandboxed'
}

if su nobody -s /bin/sh -c 'unshare -U true' 2>/dev/null; then
	situation "a user" as_nobody
else
	skip "a user with user namespaces" "nobody cannot make one"
fi
if in_container true && [ "$status" -eq 0 ] &&
    in_container unshare -n true && [ "$status" -ne 0 ]; then
	situation "a container" in_container
	in_container "$tmp/bin/rtfs" eval --capabilities "$tmp/p" \
	    --report "$tmp/report" '(call :s.sh)'
	like "a container: no private /tmp, and it is said" \
	    "$(cat "$tmp/report")" '"not_applied":"tmp"'
else
	skip "a container's root" "no user namespace of its own for the test"
fi
if in_off unshare -mpn -f true && [ "$status" -eq 0 ] &&
    in_off unshare -U true && [ "$status" -ne 0 ]; then
	situation "user namespaces off" in_off
	# Nothing stands for the owner of a granted folder there.
	mkdir "$tmp/grant"
	echo content >"$tmp/grant/in"
	chmod 755 "$tmp/grant"
	chmod 644 "$tmp/grant/in"
	in_off "$tmp/bin/rtfs" eval --allow-read "$tmp/grant" \
	    "(:stdout (call :process.exec [\"cat\" \"$tmp/grant/in\"]))"
	is "user namespaces off: what all may read is granted" "$out$err" \
	    '"content\n"'
	in_off "$tmp/bin/rtfs" eval --allow-write "$tmp/grant" \
	    "(call :process.exec [\"touch\" \"$tmp/grant/out\"])"
	like "user namespaces off: what only its owner may write is not" \
	    "$err" "grant \(owner 0, mode 0755\) cannot be given to uid.*:unavailable"
	ok "and nothing is written" test ! -e "$tmp/grant/out"
else
	skip "root where user namespaces are off" \
	    "no user namespace of its own for the test"
fi
kill "$victim" "$server"

# No uid can be claimed where /run cannot be written.
echo '(capability :s.id :exec ["id" "-u"] :codec :argv)' >>"$tmp/p/capabilities.rtfs"
# shellcheck disable=SC2016
run timeout 60 unshare -m sh -c 'mount -t tmpfs -o ro none /run && exec "$@"' \
    sh "$tmp/bin/rtfs" eval --capabilities "$tmp/p" --report "$tmp/report" \
    '(call :s.id)'
is "no uid of its own: nobody, never root" "$out$err" '"65534"'
like "and it is said" "$(cat "$tmp/report")" '"not_applied":"nproc"'
done_testing
