#!/bin/sh
# Descriptors, processes and room in /tmp run out: fewer tasks at a time or a
# clean :unavailable, never a lost task, a wrong kind, or a wait without end.
. "$(dirname "$0")/tap.sh"

program='(frequencies (map (fn [x] (if (error? x) (:kind x) :ok))
    (call :parallel (mapv (fn [i] (task :process.exec ["true"])) (range 60)))))'
run sh -c 'ulimit -n 30; exec timeout 60 "$0" eval -j 64 "$1"' "$RTFS" "$program"
is "30 descriptors for 64 workers: fewer at a time" "$out" '{:ok 60}'
run sh -c 'ulimit -n 30; exec timeout 60 "$0" eval -j 64 "$1"' "$RTFS" \
    '[(reduce + (call :parallel (mapv (fn [i] (task (fn [x] x) i)) (range 1000))))
      (call :process.exec ["true"]) (call :text.upper "a")]'
like "and from one kind to the other" "$out" '^\[499500 .*"A"\]$'
run sh -c 'ulimit -n 12; exec timeout 60 "$0" eval -j 4 "$1"' "$RTFS" "$program"
is "12 descriptors: said so" "$out" '{:unavailable 60}'
for level in inherit isolated sandboxed; do
	for n in 6 8 10 12 16 20 24; do
		run sh -c 'ulimit -n $1; exec timeout 60 "$0" eval --isolation $2 "$3"' \
		    "$RTFS" $n $level '(call :process.exec ["true"])'
		case $status$out in
		"0{:exit 0 "*) continue ;;
		esac
		like "$n descriptors are too few for $level: which limit it is" \
		    "$status$err" "^[12].*open files \\(RLIMIT_NOFILE is $n; ulimit -n"
	done
done

# Processes, as somebody whom RLIMIT_NPROC binds.
nobody() { # COMMAND...
	(cd / && HOME=/nonexistent exec timeout 60 \
	    setpriv --reuid=65534 --regid=65534 --clear-groups "$@")
}
if [ "$(id -u)" -eq 0 ] && nobody "$RTFS" eval 1 >/dev/null 2>&1; then
	n=$(($(ps -o pid= -L -U 65534 | wc -l) + 8))
	run nobody prlimit --nproc="$n" "$RTFS" eval -j 8 "$program"
	is "few processes: status" "$status" 0
	unlike "few processes: nothing but want of them" "$out" \
	    ':(protocol|signal|exit|invalid-result|timeout)'
	like "few processes: all are accounted for" \
	    "$(echo "$out" | tr -cd '0-9 \n' | awk '{for (i = 1; i <= NF; i++) n += $i} END {print n}')" '^60$'
else
	skip "few processes" "needs root, and a tree that nobody may read"
fi

# Memory, from just enough for the kernel to load the program (with less it
# kills it before its first instruction) to plenty: the right answer or a line
# that says what was missing, and no process is left.
if sanitized; then
	skip "memory is short" "AddressSanitizer needs terabytes"
else
	mark=rtfs-short-$$
	good=0 short=0
	step=$([ -n "${SOAK:-}" ] && echo 1 || echo 4)
	mb=$(size "$RTFS" | awk 'NR == 2 { print int($4 / 1048576 + 1.25) }')
	tried=0
	while [ "$mb" -lt 61 ]; do
		tried=$((tried + 1))
		run sh -c 'ulimit -v "$1"; exec timeout 60 "$0" eval -j 2 "$2"' \
		    "$RTFS" $((mb * 1024)) "(let [s (join \"\" (map (fn [i] \"x\") (range 300000)))
		    r (call :parallel {:a (task :text.upper s) :b (task :process.exec [\"sh\" \"-c\" \"echo $mark\"])})]
		    (if (:error r) (vals (map-vals :kind (:error r))) (count (:a r))))"
		case $status$out in
		0300000) good=$((good + 1)) ;;
		*) if [ -n "$out$err" ] && [ "$status" -ne 124 ] && [ "$status" -ne 139 ] &&
		    ! echo "$out" | grep -q protocol; then
			short=$((short + 1))
		else
			note "$mb MB: status $status: $out $err"
		fi ;;
		esac
		mb=$((mb + step))
	done
	note "$good right, $short said what was missing"
	is "memory is short: right or said so" $((good + short)) "$tried"
	ok "with some there was too little" [ "$short" -gt 0 ]
	ok "and with some enough" [ "$good" -gt 0 ]
	ok "no process is left" wait_for 5 none_marked "$mark"
fi

# No file may grow: an error that names it, not an end by SIGXFSZ.
out=$( (ulimit -f 0 && "$RTFS" eval --report "$tmp/report" '(+ 1 2)' 2>&1
    echo "status $?") | cat)
like "no file may grow" "$out" 'report: cannot be written: File too large'
like "and the program runs" "$out" '^3$'
like "with its own status" "$out" '^status 1$'
out=$( (ulimit -f 0 && "$RTFS" batch --shell "echo x >$tmp/x #" ::: a 2>&1) | cat)
like "a job has the signal as ever" "$out" 'killed by signal 25 .SIGXFSZ'

# Nothing that a run needs lies in /tmp.
if unshare -m true 2>/dev/null; then
	mkdir "$tmp/full"
	run unshare -m sh -c 'mount -t tmpfs -o size=4k full "$2" || exit 77
	    head -c 100000 /dev/zero >"$2/x" 2>/dev/null
	    TMPDIR=$2 exec "$0" eval "$1"' "$RTFS" \
	    '[(call :parallel [(task (fn [] 1)) (task :text.upper "a")])
	        (count (call :text.upper (join "" (map (fn [i] "x") (range 300000)))))]' \
	    "$tmp/full"
	if [ "$status" -eq 77 ]; then
		skip "a full disk" "may not mount"
	else
		is "a full disk" "$out$err" '[[1 "A"] 300000]'
	fi
fi
done_testing
