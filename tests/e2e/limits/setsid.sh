#!/bin/sh
# setsid.sh MARK: leaves a daemon behind that ignores what it can
setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 0.05; done' "$1" \
    </dev/null >/dev/null 2>&1 &
echo started
