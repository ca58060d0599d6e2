#!/bin/sh
# signal.sh NAME: dies of it
kill -"$1" $$
sleep 5
