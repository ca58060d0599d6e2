#!/bin/sh
# The same command line under GNU parallel or xargs and under rtfs batch: same
# output, same standard error where it is compared, same exit status, same
# joblog but for times.
. "$(dirname "$0")/tap.sh"
mkdir "$tmp/work" "$tmp/peer" "$tmp/own"
cd "$tmp/work" || exit 99
seq 5 >nums
seq 1 12 >dozen
printf 'a\nb\nc\n' >words
# shellcheck disable=SC2016 # words as they are
printf 'a b\n c  d\n$HOME\n*\nit%ss\n"q"\n' "'" >odd
printf 'x,y\n1,2\n3,4\n' >xy.csv
printf 'a\0b c\0d' >nul
printf 'a,b,c' >commas
echo TERM >sigs
mkdir -p d/e
touch d/e/f.tar.gz d/g.txt h.c
cat >exit.sh <<'END'
#!/bin/sh
echo "out $1"
echo "err $1" >&2
exit "$1"
END
cat >kill.sh <<'END'
#!/bin/sh
kill -s "$1" $$
END
chmod +x exit.sh kill.sh
: >barred # a command by PATH that may not be executed
# Of a command that is nowhere xargs says "not permitted" where a folder of
# PATH may not be searched; rtfs says "no such command", as the shell does.
searched=
IFS=:
for d in $PATH; do
	[ ! -x "$d" ] || searched=$searched$d:
done
unset IFS
PATH=$searched$PWD
export PARALLEL_HOME="$tmp/parallel" # no file of the user's counts
mkdir "$PARALLEL_HOME"

# one SIDE COMMAND: output, error and status of one of the two.
one() {
	rm -f "$tmp/$1/log"
	eval "$2" >"$tmp/$1/out" 2>"$tmp/$1/err"
	echo $? >"$tmp/$1/status"
	touch "$tmp/$1/log"
	# sequence, host, bytes sent and received, exit, signal, command
	cut -f 1,2,5- "$tmp/$1/log" | tr -s ' ' | sed 's/ $//' | sort -n \
	    >"$tmp/$1/log.cut"
}

# compare WHAT...: of the files of both.
compare() {
	for what; do
		cmp -s "$tmp/peer/$what" "$tmp/own/$what" || {
			diff "$tmp/peer/$what" "$tmp/own/$what" | sed 's/^/# /'
			return 1
		}
	done
}

# parallel LINE [WHAT...]: besides output, status and joblog.
parallel_line() {
	line=$1
	shift
	if [ -z "$parallel" ]; then
		lacks "parallel $line" "GNU parallel"
		return
	fi
	one peer "parallel --will-cite --joblog $tmp/peer/log $line"
	one own "\$RTFS batch --joblog $tmp/own/log $line"
	ok "parallel $line" compare status out log.cut "$@"
	lines=$((lines + 1))
}

# xargs LINE [WHAT...]: besides output and status.
xargs_line() {
	line=$1
	shift
	if ! command -v xargs >/dev/null; then
		lacks "xargs $line" xargs
		return
	fi
	one peer "xargs $line"
	one own "\$RTFS batch --exit-status xargs $line"
	ok "xargs $line" compare status out "$@"
	lines=$((lines + 1))
}

parallel=
lines=0
if parallel --version 2>/dev/null | grep -q 'GNU parallel'; then
	parallel=yes
fi

while read -r line; do
	case $line in
	'' | '#'*) ;;
	*) parallel_line "$line" ;;
	esac
done <<'END'
# templates
-k echo ::: a b c
-k echo {} ::: a b c
-k echo x{}y ::: a b
-k echo {}{} ::: a b
-k echo {.} {/} {//} {/.} ::: d/e/f.tar.gz d/g.txt h.c .x / x/ a//b
-k echo {#} {} ::: a b
-j1 echo {%} {} ::: a b c
-k echo {id} {} ::: a
-k echo {3} {1} ::: a b ::: c
-k echo {-1} {1} ::: a b ::: c
-k echo {1.} {2/} ::: a.b ::: c/d
-k echo {2}-{1} ::: a b ::: c d
-I ,, -k echo ,, {} ::: a
-I XX -k echo aXXb XX ::: 1 2
# sources
-k echo < nums
-k echo {} < odd
-k -a nums echo
-k echo :::: nums
-k echo :::: nums ::: a b
-k echo {1} {2} :::: nums ::::+ dozen
-k -a nums -a words echo
-k echo ::: a b ::: c d
-k echo ::: a b ::: c d ::: e f
-k echo ::: a b c :::+ d e f
-k echo ::: a b c :::+ d e
-k echo ::: a b :::+ c d ::: e f
-k --link echo ::: a b c ::: d e
-k --link echo ::: a b ::: c d e ::: f
-0 -k echo < nul
-d , -k echo < commas
-k -r echo < /dev/null
-k echo < /dev/null
-k --shuf -n5 expr 1 + 1 + 1 + ::: 1
# columns
-k --colsep , echo {2} {1} ::: a,b c,d
-k --colsep '[,;]' echo {3}{1} ::: 'a,b;c'
-k --colsep ' ' echo {2} {3} ::: 'a b' 'c'
-k --header : echo {x} ::: x a b
-k --header : echo {x} {y} ::: x a b ::: y c d
-k --header : --colsep , echo {y}/{x} {1} < xy.csv
-k --header : --colsep , echo {x.} < xy.csv
# several values a job
-k -n2 echo ::: 1 2 3 4 5
-k -n2 echo p-{} {} ::: 1 2 3
-k -N2 echo {1}:{2} ::: 1 2 3
-k -N2 --colsep , echo {1}:{2}:{3}:{4} ::: a,b c,d
-k -N0 echo hi ::: a b
-k -L2 echo < nums
-j1 -X echo p-{}.x ::: a b c
-j1 -m echo p-{}.x ::: a b c
-j1 -X echo {#}-{} x{}y{.} z ::: 1 2.3
-j1 -m echo {} {.}x{} ::: a.b c.d
-j2 -k -X echo < dozen
-j3 -k -m echo < dozen
-j1 -X -s 12 echo ::: 1 2 3 4 5 6 7
-j2 -k --xargs echo < dozen
# output
-k --tag echo ::: a b
-k --tag cat ::: nums words
-k --tagstring {#}:{} echo ::: a b
--line-buffer -j1 cat ::: nums words
-k -q printf '%s|%s;' ::: 'a b' '' "it's" '*'
-k -q sh -c 'echo "$0"' ::: 'a  b' '$x'
-j1 -k cat {} nums ::: words
# blocks
-k --pipe -N2 cat < nums
-k --pipe -N3 wc -l < dozen
-k --pipe --block 10 cat < dozen
-k --pipe --block 5 wc -c < dozen
-k --pipe -n 2 wc -l < nums
-k --pipe --header : -N2 cat < nums
-k --pipe --header : --block 6 cat < dozen
-s 9 echo ::: 12345
-s 12 -k echo ::: 12345 1
# how many at once
-j0 -k echo ::: a b c
-j 200% -k echo ::: a b c
-j +1 -k echo ::: a b c
-P2 -k echo ::: a b c
--delay 0.01 -k echo ::: a b c
-k --wd d ls ::: e
# ends
true ::: 1 2 3
-k test {} = 1 ::: 1 2 3
-k ./exit.sh ::: 0 3 7
-k no-such-command ::: a b
-j4 false ::: 1 2 3 4 5 6 7 8 9 10 11
-j1 --halt soon,fail=1 test 1 = ::: 1 2 3
-j1 --halt now,fail=1 ./exit.sh ::: 0 4 0 5
-j1 --halt soon,fail=2 ./exit.sh ::: 0 4 0 5 0
-j1 --halt soon,success=1 test 2 = ::: 1 2 3
-j1 --halt soon,done=2 ./exit.sh ::: 4 0 5
-j1 --halt soon,fail=50% ./exit.sh ::: 4 0 5 0 6 0
-j1 --halt soon,success=2 ./exit.sh ::: 4 0 5 0 6 0
-j1 --halt never false ::: 1 2
-j1 --retries 3 ./exit.sh ::: 0 2
-j2 --timeout 1 sleep ::: 0 3
END

# a job that is not seen by the peer (-u), a shell that stands between
parallel_line "-u -j1 echo ::: a b | tee $tmp/work/u | wc -l; rm $tmp/*/log"
parallel_line "-k ./kill.sh ::: TERM KILL; rm $tmp/*/log"
parallel_line "-k ./exit.sh ::: 0 1" err
parallel_line "-j1 false ::: $(seq -s ' ' 105)"
parallel_line "-k --dry-run echo {} :::: odd | grep -v '^#'"
parallel_line "-j1 -t echo ::: a 'b c'" err

while read -r line; do
	case $line in
	'' | '#'*) ;;
	*) xargs_line "-P1 $line" ;;
	esac
done <<'END'
-n1 echo < nums
-n2 echo < nums
-n1 echo x < words
-n1 ls < words
-I{} echo x{}y{} < nums
-I % echo a%b < words
-0 -n1 echo < nul
-d , -n1 echo < commas
-a nums -n1 echo
-r -n1 echo < /dev/null
-L1 echo < nums
-L2 echo < nums
-n9 -s 12 echo < dozen
-d '\054' -n1 -P1 echo < commas
-d '\x2c' -n1 -P1 echo < commas
-n1 test 1 = < nums
-n1 ./exit.sh < words
-n1 no-such-command < nums
-n1 ./kill.sh < sigs
-n1 ./nums < words
-n1 barred < words
END
xargs_line "-t -n1 -P1 echo < words" err

if [ -n "$parallel" ]; then
	ok "at least 60 command lines were compared ($lines)" \
	    [ "$lines" -ge 60 ]
fi
done_testing
