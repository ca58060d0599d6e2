# Situations that rtfs can find itself in, made for a test by its root: sourced
# after tap.sh.
#
#	in_container COMMAND...	root of a container that may make no namespace
#	in_off COMMAND...	root where user namespaces are off
#	has_container, has_off	can they be made here?
#	as_nobody COMMAND...	a user without rights
#
# The first two and as_nobody set $out $err $status; $situation_seconds is
# their time.
# shellcheck shell=sh disable=SC2154,SC2034

: "${situation_seconds:=60}"

# A user namespace with every id mapped, no namespace inside, and without the
# privilege to make one: what a container is by default.
cat >"$tmp/in" <<'IN'
for n in user pid mnt net ipc uts cgroup; do
	echo 0 >/proc/sys/user/max_${n}_namespaces || exit 77
done
exec setpriv --bounding-set=-sys_admin,-net_admin,-sys_ptrace,-mknod "$@"
IN
# The same, but it may make all others: root where user namespaces are off.
cat >"$tmp/off" <<'OFF'
echo 0 >/proc/sys/user/max_user_namespaces || exit 77
exec "$@"
OFF
mkfifo "$tmp/go"

other_namespace() {
	[ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}

child_there() {
	inner=$(cat "/proc/$outer/task/$outer/children")
	inner=${inner%% *}
	[ -n "$inner" ] && other_namespace "$inner"
}

within() { # SCRIPT COMMAND...
	status=0
	script=$1
	shift
	# executed again once it is root: an unmapped user has no privileges
	# shellcheck disable=SC2016
	timeout "$situation_seconds" unshare -U \
	    sh -c 'read -r _ <"$0"; exec sh "$@"' \
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
in_container() { within "$tmp/in" "$@"; }
in_off() { within "$tmp/off" "$@"; }

has_container() {
	in_container true && [ "$status" -eq 0 ] &&
	    in_container unshare -n true && [ "$status" -ne 0 ]
}

has_off() {
	in_off unshare -mpn -f true && [ "$status" -eq 0 ] &&
	    in_off unshare -U true && [ "$status" -ne 0 ]
}

as_nobody() { # words without single quotes
	line="cd / && exec"
	for arg; do
		line="$line '$arg'"
	done
	run timeout "$situation_seconds" su nobody -s /bin/sh -c "$line"
}
