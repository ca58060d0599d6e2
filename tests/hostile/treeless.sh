#!/bin/sh
# The same attacks of an ordinary user where no pid namespace can be made: the
# promise "tree" is degraded by policy, the others hold.
. "$(dirname "$0")/../e2e/tap.sh"
sanitized && skip_all "AddressSanitizer leaves no limit on memory"
cat >"$tmp/in" <<'IN'
echo 0 >/proc/sys/user/max_user_namespaces &&
echo 0 >/proc/sys/user/max_pid_namespaces || exit 77
exec "$@"
IN
within() { unshare -U -r sh "$tmp/in" "$@"; }
within true 2>/dev/null || skip_all "no user namespace of its own for the test"
within unshare -p -f true 2>/dev/null && skip_all "a pid namespace all the same"
HOSTILE_PLACE=treeless
: "${HOSTILE_LEVELS:=isolated sandboxed}"
export HOSTILE_PLACE HOSTILE_LEVELS
within sh "$here/hostile.sh"
