#!/bin/sh
# What mounts and namespaces let through and Landlock does not, at both levels
# that promise files: as the user of the test, and as nobody where that is root.
. "$(dirname "$0")/tap.sh"
. "$here/container.sh"
command -v python3 >/dev/null || lacks_all python3
[ "$(landlock_abi)" -ge 1 ] || skip_all "no Landlock"
own_copy

users=self
[ "$(id -u)" -ne 0 ] ||
    ! su nobody -s /bin/sh -c 'unshare -U true' 2>/dev/null ||
    users="self nobody"

as() { # USER WORD..., without single quotes
	user=$1
	shift
	case $user in
	self) run "$@" ;;
	nobody) as_nobody "$@" ;;
	esac
}
rule() { # LEVEL SETTINGS: of process.exec
	printf '{:rules [{:match "process.*" :isolation :%s %s}]}\n' "$1" "$2" \
	    >"$tmp/rule.rtfs"
	chmod 644 "$tmp/rule.rtfs"
}
exit_of() { # WORD...: an expression
	printf '(:exit (call :process.exec ['
	printf '"%s" ' "$@"
	printf ']))'
}

# A pipe is no file: a mount that is read only lets it be written.
pipe() { # USER FOLDER: what is first heard from a pipe there
	mkfifo "$2/pipe"
	chmod 666 "$2/pipe"
	exec 5<>"$2/pipe"
	as "$1" "$RTFS" eval --policy "$tmp/rule.rtfs" \
	    "$(exit_of sh -c "echo written >$2/pipe")"
	echo not >&5
	read -r heard <&5
	exec 5>&-
	rm "$2/pipe"
}

# Landlock's rules for the private /tmp hold for what is granted below it.
place=
for folder in /var/lib /srv "${abs_top_builddir:-$tmp}"; do
	case $folder in
	/tmp* | /var/tmp* | /dev/shm* | /work*) continue ;;
	esac
	[ -w "$folder" ] && place=$(mktemp -d "$folder/rtfs-landlock.XXXXXX") &&
	    break
done
if [ -n "$place" ]; then
	chmod 755 "$place"
	for user in $users; do
		rule inherit ""
		pipe "$user" "$place"
		is "$user, inherit: a pipe is written" "$heard $out$err" \
		    "written 0"
		for level in isolated sandboxed; do
			rule $level ":read [\"$place\"]"
			pipe "$user" "$place"
			is "$user, $level: not where it is granted for reading" \
			    "$heard $out$err" "not 2"
			rule $level ":write [\"$place\"]"
			pipe "$user" "$place"
			is "$user, $level: but for writing" "$heard $out$err" \
			    "written 0"
		done
	done
	rmdir "$place"
else
	skip "a pipe in a folder that is granted for reading" "no folder elsewhere"
fi
mkdir "$tmp/grant"
chmod 755 "$tmp/grant"
rule sandboxed ":read [\"$tmp/grant\"]"
pipe self "$tmp/grant"
is "(below /tmp it is written: a limit that SECURITY.md states)" "$heard" \
    written

# The host's network has the host's abstract sockets.
cat >"$tmp/serve.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_UNIX); s.bind("\0" + sys.argv[1]); s.listen()
print("ready", flush=True)
while True: s.accept()
PY
name=rtfs-landlock-$$
python3 "$tmp/serve.py" "$name" >"$tmp/ready" &
server=$!
ok "outside: an abstract socket" wait_for 10 test -s "$tmp/ready"
reach="$(exit_of python3 -c "import socket
socket.socket(socket.AF_UNIX).connect(chr(0) + \\\"$name\\\")")"
for user in $users; do
	rule inherit ""
	as "$user" "$RTFS" eval --policy "$tmp/rule.rtfs" "$reach"
	is "$user, inherit: it is in reach" "$out$err" 0
	for level in isolated sandboxed; do
		rule $level ":network :host"
		as "$user" "$RTFS" eval --policy "$tmp/rule.rtfs" "$reach"
		if [ $level = isolated ] && [ "$(landlock_abi)" -lt 6 ]; then
			skip "$user, $level: not with the host's network" \
			    "Landlock without scopes"
		else
			is "$user, $level: not with the host's network" \
			    "$out$err" 1
		fi
	done
done
kill "$server"
wait "$server" 2>/dev/null
done_testing
