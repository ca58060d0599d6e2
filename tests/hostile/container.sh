#!/bin/sh
# The same attacks where the kernel keeps less: as root of a container that may
# make no namespace, where uids, Landlock and the filter have to do.
. "$(dirname "$0")/../e2e/tap.sh"
[ "$(id -u)" -eq 0 ] || skip_all "only root can make the situation"
sanitized && skip_all "AddressSanitizer leaves no limit on memory"
situation_seconds=400
. "$here/../e2e/container.sh"
has_container || skip_all "no user namespace of its own for the test"
# What :inherit lacks is seen in hostile.sh: HOSTILE_LEVELS=all for it here, too.
HOSTILE_PLACE=container
: "${HOSTILE_LEVELS:=isolated sandboxed}"
export HOSTILE_PLACE HOSTILE_LEVELS
in_container sh "$here/hostile.sh"
printf '%s\n' "$out"
printf '%s\n' "$err" >&2
exit "$status"
