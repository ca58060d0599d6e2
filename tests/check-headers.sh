#!/bin/sh
# Every header compiles alone: it includes what it uses.
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 99
failed=0
for header in src/*/*.h proto/*.h workers/*.h; do
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -DLIBBSD_OVERLAY \
	    -isystem /usr/include/bsd -Isrc -I. -fsyntax-only -Wall \
	    -x c "$header" || failed=1
done
if [ "$failed" -eq 0 ]; then
	echo "ok 1 - headers: each stands alone"
else
	echo "not ok 1 - headers: each stands alone"
fi
echo "1..1"
exit "$failed"
