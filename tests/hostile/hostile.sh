#!/bin/sh
# Attacks on what runs a program: each is first shown to work outside, then run
# as a capability at each level, all of them at once beside tasks that mean
# well.  Prints a table, attack x level x outcome, and writes it to
# hostile-USER.md in the build folder.
#
# The numbers and what contains each are those of SECURITY.md.
. "$(dirname "$0")/../e2e/tap.sh"
attack=${abs_top_builddir:-$here/../../build}/tests/hostile/attack
[ -x "$attack" ] || attack=$here/attack
[ -x "$attack" ] || exit 99
sanitized && skip_all "AddressSanitizer leaves no limit on memory"
# Where a task of another uid can read it, and no level hides it.
cp "$attack" "$tmp/attack"
chmod 755 "$tmp/attack"
attack=$tmp/attack
cat >"$tmp/capabilities.rtfs" <<-'EOF'
	(capability :a.run :exec ["./attack"] :codec :argv)
EOF
degrade=
[ "${HOSTILE_PLACE:-}" != treeless ] || degrade=':degrade [:tree]'
cat >"$tmp/policy.rtfs" <<-EOF
	{:default {:timeout "1m" $degrade
	           :limits {:cpu "10s" :data "128M" :nproc 64 :nofile 64 :fsize "2M"
	                    :stack "8M" :tmp "16M" :result "100K"
	                    :output ["1K" "100K"] :sigpending 64 :memlock 0}}}
EOF
chmod 644 "$tmp"/*.rtfs

# Somebody of the same user, to be attacked.
name=rtfs-hostile-$$
SECRET=secret ATTACK_SOCKET=$tmp/socket "$attack" victim "$name" >"$tmp/victim" &
victim=$!
tidy() {
	for folder in "/tmp/$name-shut" "/tmp/$name-deep"; do
		[ ! -d "$folder" ] || chmod -R u+rwx "$folder"
	done
	ATTACK_TIDY=1 "$attack" shm-left "77$$" >/dev/null
	ATTACK_TIDY=1 "$attack" queue-left "$name" >/dev/null
	find /tmp /var/tmp /dev/shm /usr -maxdepth 1 -user "$(id -u)" -name "$name*" \
	    -exec rm -rf {} + 2>/dev/null
}
trap 'kill -9 $victim 2>/dev/null; tidy; rm -rf "$tmp"' EXIT
ready() { [ -s "$tmp/victim" ]; }
wait_for 10 ready || exit 99
read -r _ port <"$tmp/victim"

# number|title|words|outside|inherit|isolated|sandboxed
#
# outside: "harm", "ends" (its end is what it is about), or "root": harm when
# root does it.  The others are patterns over the outcome: the word of the
# attack, or the kind of the error ("/" between two that will do); "-": the
# level promises nothing.
rows=$tmp/rows
cat >"$rows" <<EOF
1|fork bomb|forks|harm|-|refused: EAGAIN|refused: EAGAIN
2|thread bomb|threads|harm|-|refused: EAGAIN|refused: EAGAIN
3|children that wait for children|vforks|ends|:timeout|:timeout|:timeout
4|clone(CLONE_PARENT)|parent|harm|-|-|refused: E
5|user namespace of its own|user-namespace|harm|-|refused: EPERM|refused: EPERM
6|daemon that outlives its task|daemon /var/tmp/$name-daemon|harm|harm|harm|harm|
8|signals to all that there are|kill-all|harm|-|refused: ESRCH|refused: E
9|signal to a process of the user|kill $victim|harm|-|refused: E|refused: E
10|stops itself|stop|ends|:timeout|:timeout|:timeout
11|deaf to every signal|deaf|ends|:timeout|:timeout|:timeout
11|burns CPU, ignores SIGXCPU|spin|ends|:cpu-limit|:cpu-limit|:cpu-limit
12|children that burn CPU|burners|ends|:timeout|:timeout|:timeout
14|memory bomb|eat|harm|refused: ENOMEM|refused: ENOMEM|refused: ENOMEM
15|100 MB in a memfd|eat-memfd|harm|:file-size-limit|:file-size-limit|(refused: E/:file-size-limit)
16|fills /tmp|fill /tmp/$name|harm|-|refused: ENOSPC|refused: ENOSPC
17|70000 files in /tmp|inodes /tmp/$name|harm|-|(refused: ENOSPC/:cpu-limit)|(refused: ENOSPC/:cpu-limit)
18|fills /dev/shm|fill /dev/shm/$name|harm|-|refused: E|refused: E
19|64 MB of page tables|page-tables|harm|-|-|-
20|pipes of 1 MB|big-pipe|harm|-|-|refused: E
20|pages given to a pipe|vmsplice|harm|-|-|refused: E
21|800 descriptors on their way|descriptors-away|harm|-|refused: ETOOMANYREFS|refused: ETOOMANYREFS
22|locks memory|mlock|root|-|refused: E|refused: E
22|secret memory|memfd-secret|harm|-|-|refused: ENOSYS
23|recursion without end|recurse|ends|-|-|-
25|a file of 20 MB|big-file /var/tmp/$name-big|harm|:file-size-limit|:file-size-limit|:file-size-limit
26|a sparse file of 4 GB|sparse /var/tmp/$name-sparse|harm|refused: EFBIG|refused: EFBIG|refused: EFBIG
29|a core file|core|-|refused: EPERM|refused: EPERM|refused: EPERM
30|floods standard output|flood 1|ends|:result-limit|:result-limit|:result-limit
30|floods standard error|flood 2|ends|:output-limit|:output-limit|:output-limit
42|exits with 137|exit 137|ends|:exit|:exit|:exit
43|raises SIGXCPU|signal 24|ends|:signal|:signal|:signal
43|raises SIGSYS|signal 31|ends|:signal|:signal|:signal
43|raises SIGXFSZ|signal 25|ends|-|-|-
45|the main thread exits, another works on|main-exits|ends|late|late|late
46|hoards zombies|zombies|harm|-|refused: EAGAIN|refused: EAGAIN
48|descriptors left open|descriptors|-|refused|refused|refused
49|/proc/PID/environ of the user's|read-environment $victim|harm|-|refused: E|refused: E
49|/proc/PID/mem of the user's|write-memory $victim|harm|-|refused: E|refused: E
49|/proc/PID/root of the user's|walk-root $victim|harm|-|refused: E|refused: E
49|/proc/PID/mem of its guard|write-memory parent|harm|-|refused: E|refused: E
49|/proc/PID/environ of its guard|read-environment parent|harm|-|refused: E|refused: E
49|/proc/PID/fd of its guard|list-descriptors parent|harm|-|refused: E|refused: E
50|ptrace|trace $victim|harm|-|refused: E|(refused: E/:syscall-denied)
50|process_vm_readv|read-memory $victim|harm|-|refused: E|(refused: E/:syscall-denied)
50|pidfd_getfd|take-descriptor $victim|harm|-|refused: E|(refused: E/:syscall-denied)
51|the caller's environment|environment SECRET|harm|refused|refused|refused
52|raises a limit|raise-limit|harm|-|refused: EPERM|refused: E
52|limits another process|limit-other $victim|harm|-|refused: E|refused: E
53|undoes its death signal|death-signal|harm|-|-|refused: E
54|system calls of x32|x32|-|-|-|(refused: E/:signal/:syscall-denied)
54|system calls of i386|i386|-|-|-|:signal
55|a command with high bits set|big-pipe high|harm|-|-|refused: E
56|io_uring|io-uring|harm|-|-|refused: ENOSYS
57|userfaultfd|userfaultfd|harm|-|-|refused: ENOSYS
58|a key for the next task|add-key|harm|-|-|refused: ENOSYS
59|bpf|bpf|root|-|-|(refused: E/:syscall-denied)
59|perf_event_open|perf|root|-|-|(refused: E/:syscall-denied)
60|personality|personality|harm|-|-|refused: EPERM
61|types into a terminal|type-ahead|harm|-|refused: E|refused: E
62|abstract socket of the user's|abstract $name|harm|-|refused: E|refused: E
62|a datagram to a socket of the user's|datagram $tmp/socket|harm|-|refused: E|refused: E
63|netlink|netlink|harm|-|-|refused: E
63|vsock|family 40|harm|-|refused: EPERM|refused: EPERM
63|AF_ALG|family 38|-|-|-|refused: E
63|packets|family 17|root|-|refused: E|refused: E
64|connects to 127.0.0.1|inet $port|harm|-|refused: E|refused: E
65|System V shared memory|shm 77$$|harm|-|-|refused: E
66|a message queue|queue $name|harm|-|-|refused: E
67|sethostname|host-name|root|-|refused: EPERM|refused: EPERM
67|sets the clock|set-clock|root|-|refused: EPERM|refused: EPERM
68|real-time priority|priority|root|-|refused: EPERM|refused: E
68|I/O before all others|io-priority|root|-|refused: EPERM|refused: E
69|binds itself to a CPU|affinity|harm|-|-|refused: E
70|1000 signals to itself|queue-signals|harm|refused: EAGAIN|refused: EAGAIN|refused: E
71|1000 timers|timers|harm|refused: EAGAIN|refused: EAGAIN|refused: EAGAIN
72|60 watches of inotify|inotify|harm|-|-|-
72|fanotify|fanotify|harm|-|-|refused: ENOSYS
73|1000 descriptors|hoard|harm|refused: EMFILE|refused: EMFILE|refused: EMFILE
74|a lease on a file|lease /tmp/$name-lease|harm|-|-|refused: E
74|a lock on a file that others read|lock-file /etc/passwd|harm|-|-|refused: E
78|set-user-id programs count|new-privileges|harm|refused|refused|refused
79|capabilities|capabilities|root|-|refused|refused
80|mount|mount /tmp|root|-|refused: E|(refused: E/:syscall-denied)
81|chroot|chroot /tmp|root|-|refused: E|(refused: E/:syscall-denied)
82|open_by_handle_at|by-handle /usr|root|-|refused: E|(refused: E/:syscall-denied)
83|reads /sys|read /sys/kernel/mm/transparent_hugepage/enabled|harm|-|-|refused: E
83|reads /proc/sys|read /proc/sys/kernel/hostname|harm|-|-|refused: E
83|writes outside of what is granted|write /usr/$name|root|-|refused: E|refused: E
84|executes what it has written|run-written /tmp/$name-run|harm|-|refused: E|refused: E
84|executes a memfd|run-memfd|harm|-|-|refused: E
85|maps as code what it has written|map-executable /tmp/$name-map|harm|-|refused: E|refused: E
86|another victim for the OOM killer|oom-score|root|-|refused: E|refused: E
EOF

# HOSTILE_SKIP: numbers that prove nothing more in this place.
# shellcheck disable=SC2086 # numbers
sed -i "$(printf '/^%s|/d;' ${HOSTILE_SKIP:-})" "$rows"

# HOSTILE_PLACE: where other facilities keep the promises.
none="refused: by itself refused: by itself refused: by itself"
case ${HOSTILE_PLACE:-} in
container | treeless) # no mounts, so no private /tmp; nobody listens to a filter
	sed -i -e 's/^5|\(.*\)|harm|/5|\1|-|/' \
	    -e 's/:syscall-denied/&\/:signal/g' \
	    -e '/^\(16\|17\|25\|26\)|/s/|[^|]*$/|refused: EACCES/' "$rows"
	none="refused: EACCES refused: EACCES refused: EACCES"
	;;
esac
if [ "${HOSTILE_PLACE:-}" = treeless ]; then # no user of a slot's own: no :nproc
	sed -i -e '/^\(1\|2\|46\)|/s/|[^|]*$/|-/' "$rows"
fi

# Who runs the program, but for the victim.
attackers() {
	# shellcheck disable=SC2012 # names of ours, and one process for all
	ls -l /proc/[0-9]*/exe 2>/dev/null |
	    sed -n "s|.*/proc/\([0-9]*\)/exe -> $attack\$|\1|p" |
	    grep -vx "$victim"
}
"$attack" deaf &
deaf=$!
someone() { [ "$(attackers)" = "$deaf" ]; }
ok "(the check for what is left sees such a process)" wait_for 5 someone
kill -9 "$deaf"
wait "$deaf" 2>/dev/null

# Outside: with bounds of our own, and tidied up.
outside() { # WORDS: the outcome
	# shellcheck disable=SC2086
	SECRET=secret ATTACK_TIDY=1 timeout -s KILL 120 "$attack" $1 \
	    >"$tmp/said" 2>&1 </dev/null
	cat "$tmp/said"
}

program() {
	echo '(def work {'
	n=0
	while IFS='|' read -r _ _ words _; do
		n=$((n + 1))
		case $words in
		stop | deaf | vforks | burners) bound=':timeout "1s"' ;;
		spin | inodes*) bound=':limits {:cpu "1s"}' ;;
		*) bound= ;;
		esac
		printf ':t%d ^{%s} (task :a.run' "$n" "$bound"
		for word in $words; do printf ' "%s"' "$word"; done
		echo ')'
		[ $((n % 8)) -ne 0 ] ||
		    echo ":well$n (task :a.run \"environment\" \"RTFS_TASK\")"
	done <"$rows"
	cat <<-'EOF'
		})
		(def r (call :parallel work))
		(map (fn [k] (let [x (get r k)]
		  (println (subs (str k) 1) (if (error? x) (:kind x) (trim x)))))
		  (keys work))
		nil
	EOF
}

root=false
[ "$(id -u)" -ne 0 ] || root=true
n=0
while IFS='|' read -r number title words control _; do
	n=$((n + 1))
	case $control in
	harm) want='^harm' ;;
	root) if $root; then want='^harm'; else continue; fi ;;
	*) continue ;;
	esac
	got=$(outside "$words")
	# A machine may refuse it to everybody: then nothing is proved here.
	case $got in
	"refused: ENOSYS" | "refused: EPERM" | "refused: EACCES" | \
	    "refused: EOPNOTSUPP" | "refused: EAFNOSUPPORT")
		skip "$number $title: outside" "refused to everybody here: $got"
		;;
	*) like "$number $title: outside" "$got" "$want" ;;
	esac
done <"$rows"

program >"$tmp/program.rtfs"

# What one task leaves to the next in the same slot: each plants, each looks.
cat >"$tmp/legacy.rtfs" <<-EOF
	(def looks (map (fn [i]
	  (map (fn [w] (trim (call :a.run w (str "/tmp/$name-" w))))
	    ["plant" "shut" "deep"])) [1 2]))
	(println (join " " (first (rest looks))))
	nil
EOF
legacy() { # LEVEL EXPECTED
	run "$RTFS" run -j 1 --isolation "$1" --policy "$tmp/policy.rtfs" \
	    --capabilities "$tmp" "$tmp/legacy.rtfs"
	is ":$1: what a task leaves to the next in its slot" "${out%
nil}" "$2"
	tidy
}

table=$tmp/table
cut -d '|' -f 1,2 <"$rows" >"$table"

# Of the machine, by name: our segment and our queue, mounts, groups of PID.
left() { # PID
	! "$attack" shm-left "77$$" | grep -qx harm || echo segment
	! "$attack" queue-left "$name" | grep -qx harm || echo queue
	sed 's/^[0-9]* [0-9]* //' /proc/self/mountinfo | sort |
	    diff "$tmp/mounts" - >/dev/null || echo mounts
	find /sys/fs/cgroup -type d -path "*/rtfs-$1-*" 2>/dev/null
}
sed 's/^[0-9]* [0-9]* //' /proc/self/mountinfo | sort >"$tmp/mounts"
"$attack" shm "77$$" >"$tmp/said"
"$attack" queue "$name" >>"$tmp/said"
is "(the check for what is left sees a segment and a queue)" \
    "$(left none | tr '\n' ' ')" "segment queue "
tidy
is "(and that they are gone)" "$(left none)" ""

level() { # LEVEL COLUMN LEGACY LEFT
	level=$1 column=$2
	tidy
	SECRET=secret "$RTFS" run -j 4 --isolation "$level" \
	    --policy "$tmp/policy.rtfs" --capabilities "$tmp" \
	    "$tmp/program.rtfs" >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$! status=0
	wait "$pid" || status=$?
	is ":$level: the supervisor comes to its end" "$status" 0
	left=$(left "$pid" | tr '\n' ' ')
	if [ "$(grep -c '^t[0-9]* :unavailable' "$tmp/out")" -gt 40 ]; then
		paste -d '|' "$table" - <<-EOF >"$tmp/t2" && mv "$tmp/t2" "$table"
			$(sed 's/.*/not here/' "$rows")
		EOF
		unkept ":$level" "$(grep -m 1 unavailable "$tmp/out")" "$level"
		return
	fi
	# number, title, outcome, what it must be; a tab between them
	awk -F '|' -v column=$((column + 4)) '
	    NR == FNR { at = index($0, " ")
		got[substr($0, 1, at - 1)] = substr($0, at + 1); next }
	    { want = $column; gsub("/", "|", want); print $1 "\t" $2 "\t" \
		(got["t" FNR] == "" ? "nothing" : got["t" FNR]) "\t" want }
	    ' "$tmp/out" "$rows" >"$tmp/compared"
	: >"$tmp/column"
	while IFS='	' read -r number title got want; do
		if [ "$want" = - ]; then
			echo "$got (nothing promised)" >>"$tmp/column"
		else
			echo "$got" >>"$tmp/column"
			like ":$level: $number $title" "$got" "^$want"
		fi
	done <"$tmp/compared"
	n=$(wc -l <"$rows")
	paste -d '|' "$table" "$tmp/column" >"$tmp/t2" && mv "$tmp/t2" "$table"
	is ":$level: others do not feel it" \
	    "$(grep '^well' "$tmp/out" | sed 's/^well[0-9]* //' | sort | uniq -c |
	        tr -s ' ')" " $((n / 8)) harm"
	ok ":$level: the victim lives" kill -0 "$victim"
	sleep 1 # a daemon would have written by now
	ok ":$level: nothing outlives its task" \
	    test ! -e "/var/tmp/$name-daemon"
	is ":$level: no process is left" "$(attackers)" ""
	like ":$level: nothing is left in the machine" "$left" "^$4\$"
	tidy
	legacy "$level" "$3"
}
case ${HOSTILE_LEVELS:-all} in
all | *inherit*)
	# what the other levels are to stop can be seen
	level inherit 1 "harm harm harm" "(segment )?(queue )?"
	;;
esac
case ${HOSTILE_LEVELS:-all} in all | *isolated*) level isolated 2 "$none" "" ;; esac
case ${HOSTILE_LEVELS:-all} in all | *sandboxed*) level sandboxed 3 "$none" "" ;; esac

report=${abs_top_builddir:-/tmp}/hostile-${HOSTILE_PLACE:-$(id -un)}.md
{
	echo "| # | attack | :inherit | :isolated | :sandboxed |"
	echo "|---|---|---|---|---|"
	sed 's/|/ | /g; s/^/| /; s/$/ |/' "$table"
} >"$tmp/md"
sed 's/^/# /' "$tmp/md"
cp "$tmp/md" "$report" 2>/dev/null
done_testing
