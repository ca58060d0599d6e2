#!/bin/sh
# ulimit.sh FLAG...: soft limits, one a word
for flag; do printf '%s ' "$(ulimit -S "$flag")"; done
