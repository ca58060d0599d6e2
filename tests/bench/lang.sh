#!/bin/sh
# lang.sh STOPWATCH [PROGRAM...]: the interpreter suite beside its peers.
#
# Whole processes, interleaved, so that ratios hold on a noisy machine: ours
# (RTFS), Lua 5.4 and LuaJIT's interpreter on lang/suite.lua, and with the
# programs of ../shared/peers/lang also Guile 3, python3, node, Clojure and
# Janet; PEERS names fewer.  RUNS (5) is how often each runs.  Below each
# program stand the bounds of lang/targets and whether this run met them.  Then what is no
# program of the suite: start-up, the cost of budgets, yields, idle machines.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
peers=$here/../../../shared/peers/lang
stopwatch=$1
shift
: "${RUNS:=5}"
: "${PEERS:=lua luajit guile python3 node clojure janet}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

present() { # NAME COMMAND: is the peer wanted and there?  Say so if not.
	case " $PEERS " in *" $1 "*) ;; *) return 1 ;; esac
	command -v "$2" >/dev/null && return
	echo "skipped: $1, no $2"
	return 1
}

list="ours"
if present lua lua5.4; then list="$list lua"; fi
if present luajit luajit; then list="$list luajit"; fi
if [ -d "$peers" ]; then
	cp -R "$peers" "$tmp/peers"
	/usr/bin/python3 "$tmp/peers/gen_data.py" >/dev/null
	if present guile guile; then list="$list guile"; fi
	if present python3 /usr/bin/python3; then list="$list python3"; fi
	if present node node; then list="$list node"; fi
	if present clojure clojure; then list="$list clojure"; fi
	if present janet janet; then list="$list janet"; fi
else
	echo "skipped: guile python3 node clojure janet, ../shared is not there"
fi
command -v lua5.4 >/dev/null && lua5.4 "$here/lang/suite.lua" data "$tmp"
BENCH_DATA=$tmp/peers/data
XDG_CACHE_HOME=$tmp/cache # Guile's compiled files
export BENCH_DATA XDG_CACHE_HOME

# command_of PEER PROGRAM: its words in $words, none of which has a blank.
command_of() {
	p=$tmp/peers
	source=$here/lang/$2.rtfs
	[ "$2" != parse ] || source=$tmp/d.rtfs
	case $1 in
	ours) words="$RTFS run $source" ;;
	lua) words="lua5.4 $here/lang/suite.lua $2 $tmp/d.lua" ;;
	luajit) words="luajit -joff $here/lang/suite.lua $2 $tmp/d.lua" ;;
	guile) words="guile $p/guile/bench.scm $2 1" ;;
	python3) words="/usr/bin/python3 $p/python/bench.py $2 1" ;;
	node) words="node --stack-size=400000 $p/js/bench.js $2 1" ;;
	clojure) words="clojure $p/clojure/bench.clj $2 1" ;;
	janet) words="janet $p/janet/bench.janet $2 1" ;;
	esac
}

# Each peer that can run the program: a first run fills its caches, too.
measure() {
	names=
	all=
	for peer in $list; do
		case "$1 $peer" in
		"exc-error ours" | "exc-error lua"*) ;;
		exc-error*) continue ;; # the other programs have none
		esac
		command_of "$peer" "$1"
		if ! $words >"$tmp/out" 2>&1; then
			echo "  skipped: $peer fails: $(head -c 70 "$tmp/out" |
			    head -n 1)"
			continue
		fi
		names="$names $peer"
		all="$all${all:+ -- }$words"
	done
	# shellcheck disable=SC2086 # lists of words
	"$stopwatch" -t "$RUNS" $all >"$tmp/rows"
	awk -v program="$1" -v names="${names# }" -f "$here/lang/report.awk" \
	    "$here/lang/targets" "$tmp/rows"
}

# What a budget that is never reached costs.
budget() {
	"$stopwatch" -t 9 "$RTFS" run --max-steps 1000000000000 \
	    "$here/lang/$1.rtfs" -- "$RTFS" run "$here/lang/$1.rtfs" |
	    awk -v name="$1" '{ cpu[NR] = $2 }
		END {
			printf "  %s with --max-steps: %.2f of without " \
			    "(must <= 1.05, aim <= 1.02)\n",
			    name, cpu[1] / cpu[2]
		}'
}

some=$#
[ "$some" -gt 0 ] || set -- fib tak loop deep hof exc exc-error mfr sort map \
    nested str parse
for name; do
	echo "-- $name"
	measure "$name"
done
[ "$some" -eq 0 ] || exit 0
echo "-- start to exit (must <= 1.0 x lua5.4, aim <= 1.2 x /bin/true)"
"$stopwatch" 31 "$RTFS" eval 1 -- lua5.4 -e 'print(1)' -- /bin/true
echo "-- budgets, CPU time"
budget fib
budget loop
echo "-- the machine by itself"
if [ -n "${VM_BENCH:-}" ]; then
	echo "  a yield and its answer:" \
	    "$("$VM_BENCH" yield 1000000) ns (must <= 50, aim <= 20)"
	echo "  an idle machine:" \
	    "$("$VM_BENCH" idle 200) KiB (must <= 4096)"
else
	echo "skipped: VM_BENCH says where tests/bench/vm-bench is"
fi
