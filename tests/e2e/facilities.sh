#!/bin/sh
# Most promises are kept twice, so that no attack shows when one of the two is
# gone: here each facility is looked at by itself, in what the kernel tells a
# task.  As the user of the test, and as nobody where that is root.
. "$(dirname "$0")/tap.sh"
. "$here/container.sh"
can_unshare || skip_all "no namespaces"
own_copy
mkdir "$tmp/read" "$tmp/write"
chmod 755 "$tmp/read"
chmod 777 "$tmp/write"
users=self
[ "$(id -u)" -ne 0 ] ||
    ! su nobody -s /bin/sh -c 'unshare -U true' 2>/dev/null ||
    users="self nobody"

# shellcheck disable=SC2016 # for the task
look='(:stdout (call :process.exec ["sh" "-c" "
    cat /proc/self/mountinfo /proc/self/status
    for n in mnt pid net ipc uts cgroup; do readlink /proc/self/ns/$n; done"]))'
seen() { # USER LEVEL: sets $out
	user=$1
	level=$2
	set -- "$RTFS" eval -o text --isolation "$level" \
	    --allow-read "$tmp/read" --allow-write "$tmp/write" "$look"
	case $user in
	self) run "$@" ;;
	nobody) as_nobody "$@" ;;
	esac
}

shared() { # those of the six that are ours, too
	for n in mnt pid net ipc uts cgroup; do
		printf '%s\n' "$out" | grep "^$n:\[" >"$tmp/ns" ||
		    echo "$n is not seen"
		! grep -qxF "$(readlink "/proc/self/ns/$n")" "$tmp/ns" ||
		    echo "$n"
	done
}

loose() { # mounts with less than they should have
	printf '%s\n' "$out" | awk -v granted="$tmp/write" '
	function lacks(option) {
		if (index("," $6 ",", "," option ",") == 0)
			print $5, "without", option
	}
	/ - / && $6 ~ /^r[ow],/ {
		n++
		if ($5 ~ "^/dev/(null|zero|full|random|urandom)$")
			next
		lacks("nosuid")
		if ($5 != "/") # has our device nodes
			lacks("nodev")
		private = $5 ~ "^/(tmp|work|var/tmp|dev/shm)$"
		if (private || $5 == "/proc")
			lacks("noexec")
		if (!private && $5 != granted)
			lacks("ro")
		if ($5 == "/proc" && $NF !~ /subset=pid/)
			print "/proc with more than processes"
	}
	END { if (n < 8) print "only", n + 0, "mounts" }'
}

left() { # privileges, and what would let them be gained
	printf '%s\n' "$out" |
	    grep -E '^(Cap...|NoNewPrivs|Seccomp):' |
	    grep -Evx -e 'Cap...:.0+' -e 'NoNewPrivs:.1' -e 'Seccomp:.2'
	printf '%s\n' "$out" | grep -Ec '^(Cap...|NoNewPrivs|Seccomp):'
}

for user in $users; do
	seen "$user" inherit
	like "$user, inherit: namespaces are shared" "$(shared)" '^mnt$'
	like "$user, inherit: mounts are what they are" "$(loose)" without
	! grep -q '^Seccomp:.0' /proc/self/status ||
		like "$user, inherit: no filter" "$(left)" '^Seccomp:.0$'
	for level in isolated sandboxed; do
		seen "$user" $level
		is "$user, $level: no namespace is shared" "$(shared)" ""
		is "$user, $level: every mount is restricted" "$(loose)" ""
		is "$user, $level: no privileges, none to be had" "$(left)" 7
	done
done
done_testing
