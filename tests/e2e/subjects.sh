# Programs that mean well and programs that do not, and those outside that they
# would reach, for the tests of isolation: sourced after tap.sh.
#
#	subjects FOLDER PREFIX	makes them there, with their capabilities
#		PREFIX.sh and so on, and says what is to come of the good ones:
#		$honest, a vector without its end, and $answer; $secret is a
#		file outside that PREFIX.spy reads
#	listen_here	a server on $port, and its process $server
#	kind CAPABILITY	an expression: the kind of its error
# shellcheck shell=sh disable=SC2154,SC2034

cc=$(command -v cc || command -v gcc || true)
[ -n "$cc" ] || lacks_all "C compiler"

subjects() {
	secret=$tmp/secret
	echo hidden >"$secret"
	cat >"$1/t.py" <<-'PY'
		#!/usr/bin/python3
		import subprocess, threading
		seen = []
		threads = [threading.Thread(target=seen.append, args=(i,)) for i in range(4)]
		[t.start() for t in threads]
		[t.join() for t in threads]
		out = subprocess.run(["/bin/echo", "sub"], capture_output=True, text=True)
		print(sum(seen), out.stdout, end="")
	PY
	cat >"$tmp/c.c" <<-'C'
		#include <stdio.h>
		int main(void) { return puts("compiled") == EOF; }
	C
	"$cc" -o "$1/c" "$tmp/c.c" || lacks_all "C compiler that works"
	printf '#!/bin/sh\ncat "%s"\n' "$secret" >"$1/spy.sh"
	chmod 755 "$1/t.py" "$1/c" "$1/spy.sh"
	cat >>"$1/capabilities.rtfs" <<-CAPABILITIES
		(capability :$2.sh :exec ["sh" "-c" "printf 'b\\\\na\\\\n' | sort | tr -d '\\\\n'"] :codec :argv)
		(capability :$2.python :exec ["./t.py"] :codec :argv)
		(capability :$2.compiled :exec ["./c"] :codec :argv)
		(capability :$2.node :exec ["node" "-e" "console.log(6*7)"] :codec :argv)
		(capability :$2.spy :exec ["./spy.sh"] :codec :argv)
		(capability :$2.net :exec ["python3" "-c" "import socket,sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5); print('in')"] :codec :argv)
		(capability :$2.mount :exec ["mount" "-t" "tmpfs" "none" "/tmp"] :codec :argv)
	CAPABILITIES
	honest="[(call :$2.sh) (call :$2.python) (call :$2.compiled)"
	answer='"ab" "6 sub" "compiled"'
	if command -v node >/dev/null; then
		honest="$honest (call :$2.node)"
		answer="$answer \"42\""
	fi
}

listen_here() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print(s.getsockname()[1], flush=True)
while True: s.accept()' >"$tmp/port" &
	server=$!
	wait_for 10 test -s "$tmp/port"
	port=$(cat "$tmp/port")
}

kind() { printf '(:kind (:x (call :parallel {:x (task %s)})))' "$1"; }
