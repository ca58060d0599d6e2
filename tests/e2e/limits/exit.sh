#!/bin/sh
# exit.sh STATUS TEXT
echo "$2" >&2
exit "$1"
