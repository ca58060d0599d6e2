#!/bin/sh
# bigfile.sh PATH: writes until something stops it
exec head -c 100000000 /dev/zero >"$1"
