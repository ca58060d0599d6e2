#!/bin/sh
# lang.sh STOPWATCH: the interpreter suite beside Lua, whole processes.
# The peer's programs are those of ../shared/peers/lang.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
peers=$here/../../../shared/peers/lang
[ -d "$peers" ] || { echo "skipped: ../shared is not there"; exit 77; }
for name in fib tak loop deep hof exc mfr sort map nested str; do
	echo "-- $name"
	"$1" 5 "$RTFS" run "$here/lang/$name.rtfs" -- \
	    lua5.4 "$peers/lua/bench.lua" "$name" 1
done
