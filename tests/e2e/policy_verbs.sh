#!/bin/sh
# rtfs policy check, explain, diff: what an admin sees before anything runs.
. "$(dirname "$0")/tap.sh"
cd "$tmp" || exit 99

# check
cat >bad.rtfs <<'X'
{:default {:limits {:cpu 60} :tiemout "5s"}
 :rules [{:match "x" :umask 77}]
 :total {:tasks -1}}
X
run "$RTFS" policy check bad.rtfs
is "check: errors exit 3" "$status" 3
like "every problem: unit" "$err" '^bad\.rtfs:1:26: PolicyError: :cpu: .*60s'
like "every problem: key" "$err" '^bad\.rtfs:1:30: .*did you mean :timeout'
like "every problem: umask" "$err" '^bad\.rtfs:2:29: .*0o077'
like "every problem: total" "$err" '^bad\.rtfs:3:17: .*never negative'
like "with an excerpt and a caret" "$err" '^ +\| +\^$'
run "$RTFS" policy check --json bad.rtfs
is "as JSON, one a line" "$(printf '%s\n' "$out" | grep -c '"level":"error"')" 4

cat >facility.rtfs <<'X'
{:default {:require [:seccomp :landlok]}
 :rules [{:match "x" :require [:apparmor]}]}
X
run "$RTFS" policy check facility.rtfs
is "check: facilities that there are not" "$status" 3
like "a word that is near one" "$err" \
    '^facility\.rtfs:1:31: PolicyError: unknown facility :landlok; did you mean :landlock'
like "one that is near none" "$err" \
    '^facility\.rtfs:2:32: PolicyError: unknown facility :apparmor$'

cat >calls.rtfs <<'X'
{:default {:syscalls [:files :exec "flock"]}
 :rules [{:match "x" :syscalls ["flock" "mount"]}
         {:match "y" :syscalls ["ptrace"]}
         {:match "z" :syscalls [:exec "nosuch"]}]}
X
run "$RTFS" policy check --strict calls.rtfs
is "check: system calls that no policy may allow" "$status" 1
is "each where it is named" "$(printf '%s\n' "$err" |
    sed -n 's/^\(calls.*\) is no system call that a policy .*unavailable$/\1/p')" \
    'calls.rtfs:2:32: warning: PolicyWarning: :syscalls: mount
calls.rtfs:3:32: warning: PolicyWarning: :syscalls: ptrace
calls.rtfs:4:32: warning: PolicyWarning: :syscalls: nosuch'

cat >weak.rtfs <<'X'
{:default {:timeout "2m" :limits {:nproc 4}}
 :rules [{:match "http.*" :network :host}]
 :max {:timeout "1m"}}
X
chmod 644 weak.rtfs
run "$RTFS" policy check weak.rtfs
is "check: warnings exit 0" "$status" 0
is "three of them" "$(printf '%s\n' "$err" | grep -c PolicyWarning)" 3
run "$RTFS" policy check --strict weak.rtfs
is "and 1 with --strict" "$status" 1
chmod g+w weak.rtfs
run "$RTFS" policy check weak.rtfs
like "a file that would be refused" "$err" 'weak\.rtfs: warning: .*group'
run "$RTFS" policy check weak.rtfs bad.rtfs nowhere.rtfs
is "of several files all is said" \
    "$(printf '%s\n' "$err" | grep -c '^[a-z]*\.rtfs')" 9
like "also what is not there" "$err" '^nowhere\.rtfs: FileError'
printf '{}\n' >good.rtfs
chmod 644 good.rtfs
run "$RTFS" policy check --strict good.rtfs
is "a clean one" "$status$out$err" 0
run "$RTFS" policy check
is "no file is misuse" "$status" 2

# What it names and this machine has not, each at its place.
mkdir -p here/tree .config/rtfs/secrets
echo content >here/file
chmod 644 here/file
echo key >.config/rtfs/secrets/good
echo key >.config/rtfs/secrets/open
chmod 600 .config/rtfs/secrets/good
chmod 644 .config/rtfs/secrets/open
cat >names.rtfs <<'X'
{:default {:read ["here" "none/x"]
           :write ["/nowhere/w"]}
 :rules [{:match "a"
          :execute ["here/file" "/bin/sh" "none/y"]
          :dir "here/file"}
         {:match "b"
          :dir "none/z"
          :program ["sh" "no-such-program" "/none/p" "here/file" "/opt/*"]}
         {:match "c"
          :secrets {"GOOD" "good" "OPEN" "open" "GONE" "gone"}
          :user "no-such-user"}]}
X
chmod 644 names.rtfs
run "$RTFS" policy check names.rtfs
is "what is not here is no error" "$status" 0
while IFS='|' read -r place text; do
	like "names: $text" "$err" \
	    "^names\.rtfs:$place:[0-9]+: warning: PolicyWarning: $text"
done <<'X'
1|:read /.*/none/x: No such file or directory
2|:write /nowhere/w: No such file
4|:execute /.*/here/file: no program .mode 0644
4|:execute /.*/none/y: No such
5|:dir /.*/here/file is no folder
7|:dir /.*/none/z: No such
8|:program no-such-program: not found in /usr
8|:program /none/p: No such
8|:program /.*/here/file: no program
10|.*/secrets/open has mode 0644
10|the secret gone is not in .*/secrets, nor in .*/\.config/rtfs/secrets
11|:user: .*no-such-user
X
is "and nothing of what is" "$(printf '%s\n' "$err" | grep -c Warning)" 12
mkdir -m 700 credentials
echo key >credentials/good
chmod 444 credentials/good
run env CREDENTIALS_DIRECTORY="$tmp/credentials" "$RTFS" policy check names.rtfs
like "a credential that everybody may read" "$err" \
    '/credentials/good has mode 0444: others could read it.*:unavailable'
run "$RTFS" policy check --strict names.rtfs
is "names: 1 with --strict" "$status" 1
run "$RTFS" policy check --strict --elsewhere names.rtfs
is "but not of a policy for elsewhere" "$status$err" 0
cat >tree.rtfs <<'X'
{:default {:rootfs "here/tree"}
 :rules [{:match "a" :dir "/in/the/tree"} {:match "b" :rootfs "here/none"}]}
X
chmod 644 tree.rtfs
run "$RTFS" policy check tree.rtfs
is "a prepared tree: what is in it is its own" \
    "$(printf '%s\n' "$err" | sed -n 's/:[0-9]*: warning.*\(:rootfs\|:dir\) .*/ \1/p')" \
    'tree.rtfs:1 :rootfs
tree.rtfs:2 :rootfs'
like "but for folders that it needs" "$err" \
    'tree\.rtfs:1:.* lacks folders .*: dev proc run tmp var/tmp work$'
mkdir -p here/tree/dev here/tree/proc here/tree/run here/tree/tmp \
    here/tree/var/tmp here/tree/work
run "$RTFS" policy check tree.rtfs
unlike "which it has now" "$err" 'lacks'

# explain
cat >p.rtfs <<'X'
{:rules [{:match "p.*" :timeout "5s"
          :limits {:nofile 64}}]
 :max {:limits {:nofile 128}}}
X
chmod 644 p.rtfs
explain() {
	run "$RTFS" policy explain --policy p.rtfs \
	    --capabilities "$here/policy" "$@"
}
explain p.pwd
is "explain" "$status" 0
like "where it is defined" "$out" \
    '^:p\.pwd  exec, .*capabilities\.rtfs:3 \(command line\)'
like "a setting and who set it" "$out" '^ +timeout +5s +.*p\.rtfs:1 '
like "a limit: soft, hard, by whom, ceiling, kept by what" "$out" \
    '^ +nofile +64 +64 +.*p\.rtfs:2 +128 .*p\.rtfs:3 +RLIMIT_NOFILE'
like "soft and hard" "$out" '^ +cpu +30s +31s +built in +- +RLIMIT_CPU'
like "what the level asks for" "$out" '^ +isolation +:sandboxed .*seccomp'
explain --isolation inherit p.pwd
like "what nothing keeps" "$out" '^ +write .*not kept: under :inherit'
explain p.pwd --task '(assoc (task :p.pwd) :timeout "1s" :limits {:nofile 9})'
like "of a task: its timeout" "$out" '^ +timeout +1s +task '
like "and its limits" "$out" '^ +nofile +9 +9 +task '
explain p.pwd --task '{:limits {:nofile 999}}'
like "what would be denied" "$out" 'denied: :nofile 999.*p\.rtfs:3'
explain p.pwd --cpu 2s
like "options of the command line are a layer" "$out" '^ +cpu +2s +3s +options'
explain p.pwd --task '(+ 1'
is "a task that cannot be read" "$status" 2
explain p.pvd
is "an unknown capability" "$status" 1
like "has near names" "$err" ':p\.pwd'
cat >talks.rtfs <<'X'
{:rules [{:match ["p.*" "http.*"] :network :host :allow ["127.0.0.1:1"]}]}
X
chmod 644 talks.rtfs
run "$RTFS" policy explain --policy talks.rtfs --capabilities "$here/policy" p.pwd
like "hosts of a program are not kept" "$out" \
    '^ +allow .*talks.rtfs:1 .*not kept: only http'
run "$RTFS" policy explain --policy talks.rtfs http.get
like "those of http.* are" "$out" "^ +allow .*talks.rtfs:1 .*own checks"
run "$RTFS" capabilities show --policy talks.rtfs --capabilities "$here/policy" p.pwd
like "show: network" "$out" '^network +host$'
like "show: hosts" "$out" '^allow +127.0.0.1:1$'
unlike "show: not what only fs.* may read" "$out" '^read'
explain io.print
is "one that has no task" "$status" 1
like "and so no limits" "$err" 'io.print is served by rtfs itself'
explain --all
is "every capability is there" \
    "$(printf '%s\n' "$out" | grep -c '^:p\.')" 8
explain --json p.pwd
ok "JSON" python3 -c 'import json,sys; d=json.loads(sys.argv[1])
rows={r["name"]:r for r in d["rows"]}
assert rows["nofile"]["soft"]==64 and rows["nofile"]["ceiling"]=="128"
assert rows["cpu"]["hard"]==31 and rows["cpu"]["kept"] is True
assert rows["write"]["kept"] is True and d["denied"] is None' "$out"
"$RTFS" policy explain --defaults >defaults.rtfs
chmod 644 defaults.rtfs
run "$RTFS" policy check defaults.rtfs
is "the defaults are a policy" "$status" 0
run "$RTFS" policy diff good.rtfs defaults.rtfs
is "that changes nothing" "$status$out" 0

# the layer of the system and trust, where this user can mount
etc=$("$RTFS" version -v | sed -n 's/^[^/]*\(\/.*\/rtfs\)$/\1/p' | grep etc)
in_system() { # DIR COMMAND...: $etc is a copy of DIR
	dir=$1
	shift
	unshare -mr sh -c 'mount -t tmpfs none "${1%/*}" && cp -r "$2" "$1" &&
	    chmod -R go-w "$1" && shift 2 && exec "$@"' sh "$etc" "$dir" "$@"
}
mkdir -p sys/policy.d sys/secrets
echo '{:default {:timeout "9s"} :max {:limits {:nofile 32}}}' >sys/policy.rtfs
echo '{:rules [{:match "p.*" :env ["FIRST"]}]}' >sys/policy.d/10-a.rtfs
echo '{:rules [{:match "p.*" :umask "022" :from :any :env ["LAST"]}]}' \
    >sys/policy.d/20-b.rtfs
echo 'not a policy' >sys/policy.d/readme
if [ -d "${etc%/*}" ] && in_system sys true 2>"$tmp/why"; then
	run in_system sys "$RTFS" policy explain \
	    --capabilities "$here/policy" p.env
	like "system layer" "$out" "^ +timeout +9s +$etc/policy\.rtfs:1"
	like "its folder, in C order" "$out" \
	    '^ +env +.*LAST.*policy\.d/20-b\.rtfs:1'
	like "a grant does not reach a manifest of the command line" "$out" \
	    'Passed over.*:p\.env'
	like "by its place" "$out" "the rule at $etc/policy\.d/10-a\.rtfs:1"
	run in_system sys "$RTFS" eval --capabilities "$here/policy" \
	    --limit nofile=64 '(call :p.pwd)'
	like "an option above its ceiling is denied" "$err" \
	    "set by the command line, is above the ceiling of 32 at $etc/policy\.rtfs:1"
	run in_system sys sh -c 'chmod g+w "$1/policy.d/10-a.rtfs"; shift
	    "$@"' sh "$etc" "$RTFS" eval 1
	is "a file that its group may write is refused" "$status" 3
	like "by its name" "$err" '10-a\.rtfs: PolicyError: .*chmod go-w'
	if [ "$(id -u)" -eq 0 ]; then
		run unshare -m sh -c 'mount -t tmpfs none "${1%/*}" &&
		    cp -r "$2" "$1" && chown 65534 "$1/policy.rtfs" &&
		    shift 2 && "$@"' sh "$etc" sys "$RTFS" eval 1
		is "a file that is not root's is refused" "$status" 3
		like "with the reason" "$err" 'policy\.rtfs: .*belongs to root'
	fi
else
	skip "system layer" "cannot mount over $etc: $(cat "$tmp/why")"
fi

# diff
cat >a.rtfs <<'X'
{:rules [{:match "p.*" :limits {:data "256M"} :timeout "10s"}]
 :deny ["env.*"]}
X
cat >b.rtfs <<'X'
{:rules [{:match "p.*" :limits {:data "1G"} :timeout "5s"
          :write ["/srv"]}]
 :deny ["process.*"]
 :max {:timeout "60s"}}
X
run "$RTFS" policy diff --capabilities "$here/policy" a.rtfs b.rtfs
is "diff: they differ" "$status" 1
like "what is looser, with its place" "$out" \
    '^  looser +limits\.data +256M -> 1G +\(b\.rtfs:1\)'
like "also a grant" "$out" '^  looser +write +none -> \["/srv"\]'
like "what is tighter" "$out" '^  tighter +timeout +10s -> 5s'
like "a denial that is gone" "$out" '^  looser +deny +denied .* -> allowed'
like "a ceiling" "$out" '^  tighter +max\.timeout +none -> 1m'
is "looser ones come first" "$(printf '%s\n' "$out" | sed -n 's/^  \([a-z]*\) .*/\1/p' |
    uniq | head -3 | tr '\n' ' ')" "looser tighter looser "
is "in each group" "$(printf '%s\n' "$out" | awk '/^:p[.]/ {on = 1; next}
    /^[:*]/ {on = 0} on {printf "%s ", $1}')" "looser looser tighter "
run "$RTFS" policy diff a.rtfs a.rtfs
is "a policy and itself" "$status$out" 0
run "$RTFS" policy diff --json a.rtfs b.rtfs
ok "diff as JSON" python3 -c 'import json,sys
rows=[json.loads(l) for l in sys.argv[1].splitlines()]
assert any(r["key"]=="write" and r["change"]=="looser" for r in rows)' "$out"
run "$RTFS" policy diff a.rtfs bad.rtfs
is "one that is wrong" "$status" 3
run "$RTFS" policy diff a.rtfs
is "one is misuse" "$status" 2
# test
try() { # OPTIONS... CAPABILITY -- COMMAND...
	run "$RTFS" policy test --capabilities "$here/policy" "$@"
}
exits() { # NAME STATUS ARGUMENTS...
	name=$1 want=$2
	shift 2
	try --isolation inherit "$@"
	is "test: $name" "$status" "$want"
}
exits "a command that ends well" 0 p.pwd -- echo hi
is "its output" "$out" hi
like "its verdict and usage" "$err" \
    '^rtfs: p\.pwd: ok, wall .*, user .*, peak .*; isolation :inherit'
exits "its status" 3 p.pwd -- sh -c 'echo out; echo err >&2; exit 3'
like "its output also then" "$out" '^out$'
like "and its errors" "$err" '^err$'
exits "a signal" 143 p.pwd -- sh -c 'kill -TERM $$'
exits "its timeout" 124 --timeout 100ms p.pwd -- sleep 60
exits "not found" 127 p.pwd -- no-such-command
exits "not executable" 126 p.pwd -- /etc/passwd
exits "code of ours" 125 fs.read -- id
exits "unknown" 125 p.pvd -- id
exits "the capability's own program" 0 p.pwd
is "in its folder" "$out" "$PWD"
mkdir own
cat >own/capabilities.rtfs <<'X'
(capability :o.json :exec ["./words" "a" "b"])
(capability :o.frames :exec ["./words"] :codec :msgpack)
(capability :o.missing :exec ["./none"])
X
printf '#!/bin/sh\necho "$# $1 $2 $(cat)"\n' >own/words
chmod -R go-w own && chmod 755 own own/words
for level in inherit sandboxed; do
	run "$RTFS" policy test --isolation $level --capabilities own o.json
	[ "$status" -ne 125 ] || unkept "policy test of a file" "$err"
	[ "$status" -ne 125 ] || continue
	is "its words and no arguments: $level" "$status$out" "02 a b []"
	cd own || exit 99
	run "$RTFS" policy test --isolation $level --capabilities . o.json \
	    -- ./words ok
	is "a command of the current folder: $level" "$status$out" "01 ok  "
	cd ..
done
run "$RTFS" policy test --capabilities own o.frames
like "no frames" "$status$err" '^125.*:o\.frames: name a command to try.*frames'
run "$RTFS" policy test --capabilities own o.missing
like "a program that is not there" "$status$err" '^125.*none'
run "$RTFS" policy test process.exec
like "no program of its own" "$status$err" '^125.*process\.exec'
run "$RTFS" policy test
is "misuse" "$status" 2
cat >denies.rtfs <<'X'
{:deny ["p.*"]}
X
chmod 644 denies.rtfs
exits "denied" 125 --policy denies.rtfs p.pwd -- id
like "with the place" "$err" 'denied by :deny at .*denies\.rtfs:1'
exits "its limits" 0 --policy p.rtfs p.pwd -- sh -c 'ulimit -n'
is "are the capability's" "$out" 64
exits "its umask and environment" 0 p.pwd -- sh -c 'umask; env'
like "are a capability's" "$out" '^0077$'
like "with its name" "$out" '^RTFS_CAPABILITY=p\.pwd$'
try p.pwd -- sh -c 'cat /etc/shadow'
if [ "$status" -eq 125 ]; then
	unkept "under :sandboxed" "$(printf '%s' "$err" | head -1)"
else
	like "under :sandboxed it sees what a capability sees" "$err" \
	    'shadow: (No such file|Permission denied)'
	try p.pwd -- python3 -c \
	    'import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0)'
	like "and is told what is forbidden" "$err" 'syscall-denied.*ptrace'
	try --trace-denied p.pwd -- python3 -c 'import socket
for i in 1, 2:
    try: socket.socket()
    except PermissionError as e: print(e)'
	is "what is traced is refused all the same" "$out" \
	    "[Errno 1] Operation not permitted
[Errno 1] Operation not permitted"
	like "refused calls are listed" "$err" \
	    'refused 2x: socket\(2\) with arguments 0x2.*: Operation not perm'
	try p.pwd -- python3 -c 'import socket; socket.socket()'
	unlike "but not unasked" "$err" 'refused [0-9]'
fi

mkfifo -m 600 fifo
for words in "eval --policy fifo 1" "eval --capabilities fifo 1" \
    "policy check fifo" "policy diff fifo fifo"; do
	# shellcheck disable=SC2086
	run timeout 20 "$RTFS" $words
	like "nobody waits for a FIFO: $words" "$status $err" \
	    '^3 .*fifo: .*not a regular file'
done
# shellcheck disable=SC2016
run sh -c 'echo "{}" | "$0" eval --policy /dev/stdin 1' "$RTFS"
like "a pipe is no policy file either" "$status $err" \
    '^3 .*/dev/stdin: .*not a regular file'

run "$RTFS" policy frobnicate
is "an unknown verb is misuse" "$status" 2

done_testing
