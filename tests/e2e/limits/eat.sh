#!/bin/sh
# Doubles a string until the shell gets no more memory.
x=0123456789abcdef
while :; do x=$x$x; done
