# Helpers for the end-to-end tests: sourced, prints TAP.
#
#	. "$(dirname "$0")/tap.sh"
#	is "name" "$got" "$expected"
#	like "name" "$got" REGEX		(extended, over the whole text)
#	ok "name" COMMAND...			(its exit status decides)
#	run COMMAND...				sets $out $err $status
#	sanitized && skip "name" REASON
#	lacks "name" TOOL			(one that contrib/dev installs)
#	unkept "name" REASON [LEVEL]		(one that is not to be had)
#	done_testing
#
# $RTFS is the binary under test; $tmp a folder that goes away; a test that
# cannot run here calls "skip_all REASON", or "lacks_all TOOL".
# shellcheck shell=sh disable=SC2034

tap_n=0
tap_failed=0
: "${RTFS:=${abs_top_builddir:+$abs_top_builddir/rtfs}}"
: "${RTFS:?say where the rtfs binary is}"
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/rtfs-test.XXXXXX") || exit 99
chmod 755 "$tmp"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
unset RTFS_PATH XDG_CONFIG_HOME NO_COLOR
HOME=$tmp
export RTFS HOME LC_ALL=C.UTF-8

skip_all() {
	echo "1..0 # SKIP skipped: $*"
	exit 0
}

tap_result() { # STATUS NAME
	tap_n=$((tap_n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_n - $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_n - $2"
	fi
}

note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

is() {
	if [ "$2" = "$3" ]; then
		tap_result 0 "$1"
	else
		tap_result 1 "$1"
		note "got:      $2"
		note "expected: $3"
	fi
}

matches() { # TEXT REGEX
	grep -Eq -- "$2" <<-EOF
		$1
	EOF
}

like() {
	if matches "$2" "$3"; then
		tap_result 0 "$1"
	else
		tap_result 1 "$1"
		note "got:      $2"
		note "pattern:  $3"
	fi
}

unlike() {
	if matches "$2" "$3"; then
		tap_result 1 "$1"
		note "got:      $2"
		note "not:      $3"
	else
		tap_result 0 "$1"
	fi
}

ok() {
	tap_name=$1
	shift
	if "$@"; then tap_result 0 "$tap_name"; else
		tap_result 1 "$tap_name"
		note "failed: $*"
	fi
}

skip() { # NAME REASON
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP skipped: $2"
}

# What contrib/dev check installs or builds can only be missing where somebody
# else runs the tests: $TESTS_EQUIPPED, which it sets, makes that a failure.
lacks() { # NAME TOOL
	if [ -n "${TESTS_EQUIPPED:-}" ]; then
		tap_result 1 "$1"
		note "there is no $2, and contrib/dev check provides it"
	else
		skip "$1" "no $2"
	fi
}

lacks_all() { # TOOL
	[ -n "${TESTS_EQUIPPED:-}" ] || skip_all "no $1"
	lacks "all of it" "$1"
	done_testing
}

# What the kernel lets us have, asked without rtfs: what then fails is a
# failure, and no machine that cannot.
can_unshare() {
	if [ "$(id -u)" -eq 0 ]; then
		unshare -m -n -p -f true
	else
		unshare -U -r -m -n -p -f true
	fi 2>/dev/null
}

landlock_abi() { # no python3: as if it were there
	python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(444, 0, 0, 1))' \
	    2>/dev/null || echo 99
}

# Whatever a level rests on: namespaces, or for root at :sandboxed Landlock.
can_contain() { # [LEVEL]
	grep -q '^Seccomp:' /proc/self/status || return 1
	can_unshare || {
		[ "${1:-sandboxed}" = sandboxed ] && [ "$(id -u)" -eq 0 ] &&
		    [ "$(landlock_abi)" -ge 3 ]
	}
}

# Of which the memory of tasks can be limited by a group: where groups of
# version 1 can be made, or we are in the root of version 2.  (In others it
# depends on who else is there.)
can_group() {
	tap_group=$(sed -n 's/^[0-9]*:memory:/memory/p' /proc/self/cgroup)
	if [ -z "$tap_group" ]; then
		tap_group=$(sed -n 's/^0:://p' /proc/self/cgroup)
		[ ! -e "/sys/fs/cgroup/$tap_group/cgroup.type" ] &&
		    grep -qsw memory \
		        "/sys/fs/cgroup/$tap_group/cgroup.controllers" ||
		    return 1
	fi
	tap_group=/sys/fs/cgroup/$tap_group/test-$$
	mkdir "$tap_group" 2>/dev/null && rmdir "$tap_group"
}

unkept() { # NAME REASON [LEVEL]
	if can_contain "${3:-sandboxed}"; then
		tap_result 1 "$1"
		note "the kernel has what it takes, and yet: $2"
	else
		skip "$1" "$2"
	fi
}

# Built with AddressSanitizer, which maps terabytes: no limit on memory holds.
sanitized() {
	grep -q __asan_init "$RTFS"
}

run() {
	status=0
	"$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null || status=$?
	out=$(cat "$tmp/.out")
	err=$(cat "$tmp/.err")
}

# Binaries of this test's own in $tmp/bin, which other users can reach where the
# build folder is closed to them, and whose processes are told from all others.
own_copy() { # sets RTFS
	mkdir "$tmp/bin"
	for tap_file in "$RTFS" "${RTFS%/*}"/rtfs-worker* \
	    "${RTFS%/*}"/../libexec/rtfs/rtfs-worker*; do
		[ ! -x "$tap_file" ] || cp "$tap_file" "$tmp/bin/"
	done
	[ -x "$tmp/bin/rtfs-worker" ] || lacks_all "rtfs-worker beside rtfs"
	chmod 755 "$tmp/bin" "$tmp"/bin/*
	RTFS=$tmp/bin/rtfs
}

own_processes() { # prints pids
	for tap_file in /proc/[0-9]*/exe; do
		case $(readlink "$tap_file" 2>/dev/null) in
		"$tmp/bin/"*)
			tap_pid=${tap_file#/proc/}
			echo "${tap_pid%/exe}"
			;;
		esac
	done
}

# wait_for SECONDS COMMAND...: poll until it succeeds; 1 when it never does.
wait_for() {
	tap_left=$(($1 * 50))
	shift
	until "$@"; do
		tap_left=$((tap_left - 1))
		[ "$tap_left" -gt 0 ] || return 1
		sleep 0.02
	done
}

# Processes that carry a word of this test in their arguments, but for the
# supervisor, whose program names it too.  The pattern does not match itself.
marked() { # MARK: prints pids
	tap_pattern="[$(printf '%.1s' "$1")]${1#?}"
	for tap_file in $(grep -las -- "$tap_pattern" /proc/[0-9]*/cmdline); do
		tap_exe=$(readlink "${tap_file%cmdline}exe" 2>/dev/null)
		tap_pid=${tap_file#/proc/}
		case $tap_exe in
		"$RTFS" | "") ;;
		*) echo "${tap_pid%/cmdline}" ;;
		esac
	done
}

none_marked() {
	[ -z "$(marked "$1")" ]
}

some_marked() {
	[ -n "$(marked "$1")" ]
}

done_testing() {
	echo "1..$tap_n"
	[ "$tap_failed" -eq 0 ]
	exit
}
