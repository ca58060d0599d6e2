#!/bin/sh
# stderr.sh BYTES: says that much on stderr, then fails
echo begin >&2
head -c "$1" /dev/zero | tr '\0' x >&2
echo end >&2
exit 9
