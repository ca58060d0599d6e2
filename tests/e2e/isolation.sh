#!/bin/sh
# :isolated and :sandboxed, each promise with the act that it stops shown to
# work at :inherit first.
. "$(dirname "$0")/tap.sh"

umask 077
mkdir "$tmp/p" # 0700: nobody but its owner can enter it
mark=rtfs-isolation-$$
. "$here/subjects.sh"
subjects "$tmp/p" i
# A user namespace, by each way to ask for one.
cat >"$tmp/p/userns.c" <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
static long by_unshare(void) { return syscall(SYS_unshare, CLONE_NEWUSER); }
static long cloned(long pid)
{
	if (pid == 0)
		_exit(0);
	return pid == -1 ? -1 : 0;
}
static long by_clone(void)
{
	return cloned(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}
static long by_clone3(void)
{
	struct clone_args a = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	return cloned(syscall(SYS_clone3, &a, sizeof(a)));
}
static long by_i386(void)
{
#ifdef __x86_64__
	long rc = 310; /* unshare of that ABI */
	__asm__ volatile("int $0x80" : "+a"(rc) : "b"(CLONE_NEWUSER) :
	    "memory", "r8", "r9", "r10", "r11");
	errno = (int)-rc;
	return rc == 0 ? 0 : -1;
#else
	return by_unshare();
#endif
}
static void attempt(const char *name, long (*way)(void))
{
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(way() == 0 ? 0 : errno);
	waitpid(pid, &status, 0);
	printf("%s %s\n", name, WIFSIGNALED(status) ? "killed" :
	    status == 0 ? "made" : strerror(WEXITSTATUS(status)));
}
int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	attempt("unshare", by_unshare);
	attempt("clone", by_clone);
	attempt("clone3", by_clone3);
	attempt("i386", by_i386);
	return 0;
}
C
printf '#!/bin/sh\necho pwned >"%s"\n' "$tmp/made" >"$tmp/p/make.sh"
printf '#!/bin/sh\ncat "${0%%/*}/data"\n' >"$tmp/p/data.sh"
echo given >"$tmp/p/data"
chmod 700 "$tmp"/p/*.sh "$tmp/p/t.py" "$tmp/p/c"
cat >>"$tmp/p/capabilities.rtfs" <<CAPABILITIES
(capability :i.here :exec ["sh" "-c" "pwd; echo x >note && rm note"] :codec :argv)
(capability :i.id :exec ["id" "-u"] :codec :argv)
(capability :i.caps :exec ["grep" "-E" "^(CapEff|NoNewPrivs|Seccomp):" "/proc/self/status"] :codec :argv)
(capability :i.make :exec ["./make.sh"] :codec :argv)
(capability :i.data :exec ["./data.sh"] :codec :argv :files ["data"])
(capability :i.nodata :exec ["./data.sh"] :codec :argv)
(capability :i.folder :exec ["ls" "$tmp/p"] :codec :argv)
(capability :i.tmp :exec ["sh" "-c" "ls /tmp /work /var/tmp /dev/shm | grep -c $mark; : >/tmp/$mark; : >/work/$mark"] :codec :argv)
(capability :i.usr :exec ["sh" "-c" "echo x >/usr/$mark"] :codec :argv)
(capability :i.run :exec ["sh" "-c" "cp /bin/true /tmp/t; /tmp/t"] :codec :argv)
(capability :i.full :exec ["sh" "-c" "head -c 3000000 /dev/zero >/tmp/f"] :codec :argv)
(capability :i.kill :exec ["kill" "-0"] :codec :argv)
(capability :i.userns :exec ["./userns"] :codec :argv)
(capability :i.lo :exec ["python3" "-c" "import socket
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()
c = socket.create_connection(s.getsockname()); print('met')"] :codec :argv)
(capability :i.grant :exec ["sh" "-c" "cat \$0/in; echo made >\$0/out" "$tmp/grant"] :codec :argv)
(capability :i.both :exec ["sh" "-c" "id -u; sleep 0.3"] :codec :argv)
(capability :i.ps :exec ["sh" "-c" "ls /proc | grep -c '^[0-9]'"] :codec :argv)
(capability :i.shm :exec ["ipcmk" "-M" "4096"] :codec :argv)
CAPABILITIES
"$cc" -o "$tmp/p/userns" "$tmp/p/userns.c"

# at LEVEL EXPRESSION...: evaluated in the folder, which is closed to others.
at() {
	level=$1
	shift
	run "$RTFS" eval --isolation "$level" --capabilities "$tmp/p" "$@"
}
value() { printf '(:x (call :parallel {:x %s}))' "$1"; }

for level in isolated sandboxed; do
	at $level "$honest (call :i.here)]"
	is "$level: honest programs" "$out$err" "[$answer \"/work\"]"
	at $level '[(call :text.upper "a") (call (fn [x] (* x x)) 3)
	    (call :crypto.hash "md5" "") (> (:total (call :system.memory)) 0)
	    (:stdout (call :process.exec ["pwd"]))]'
	is "$level: built-ins and functions" "$out$err" \
	    '["A" 9 "d41d8cd98f00b204e9800998ecf8427e" true "/work\n"]'
done

# files
at inherit '(call :i.spy)'
is "inherit: a file of the caller's is read" "$out" '"hidden"'
at inherit '(call :i.make)'
is "inherit: and one is made" "$(cat "$tmp/made")" pwned
rm "$tmp/made"
at inherit '(do (call :i.folder) (call :i.usr) 1)'
[ "$(id -u)" -ne 0 ] || is "inherit: root writes in /usr" "$out" 1
rm -f "/usr/$mark"
for level in isolated sandboxed; do
	at $level "[$(kind ":i.spy") $(kind ":i.make")
	    $(kind ":i.folder") $(kind ":i.nodata")]"
	is "$level: no file that is not granted" "$out" \
	    '[:exit :exit :exit :exit]'
	ok "$level: nothing was made" test ! -e "$tmp/made"
	at $level '[(call :i.data)]'
	is "$level: :files are there" "$out" '["given"]'
	at $level "$(kind ":i.usr")"
	is "$level: /usr is read only" "$out" :exit
	ok "$level: nothing in /usr" test ! -e "/usr/$mark"
	at $level -j 1 '[(call :i.tmp) (call :i.tmp) (call :i.tmp)]'
	is "$level: private folders, new ones for each task" "$out$err" \
	    '["0" "0" "0"]'
	at $level "$(kind ":i.run")"
	is "$level: what a task writes cannot be executed" "$out" :exit
	for size in 1M 0; do
		at $level --limit "tmp=$size" "$(value '(task :i.full)')"
		like "$level: :tmp $size bounds what it writes" "$out" \
		    'No space left'
	done
done
ok "nothing in the machine's /tmp" test ! -e "/tmp/$mark"

# granted folders
mkdir "$tmp/grant"
echo content >"$tmp/grant/in"
at sandboxed --allow-write "$tmp/grant" '(call :i.grant)'
is "a granted folder is read" "$out$err" '"content"'
is "and written" "$(cat "$tmp/grant/out")" made
is "by its owner" "$(stat -c %u "$tmp/grant/out")" "$(id -u)"
at sandboxed --allow-read "$tmp/grant" "$(value '(task :i.grant)')"
like "for reading only" "$out" 'out: (Read-only|Permission)'

# a link that leads out of a granted folder, planted or not
mkdir "$tmp/outside"
echo beyond >"$tmp/outside/file"
ln -s "$tmp/outside" "$tmp/grant/link"
at sandboxed --allow-write "$tmp/grant" \
    "(:exit (call :process.exec [\"cat\" \"$tmp/grant/link/file\"]))"
is "a link leads nowhere by itself" "$out" 1
at sandboxed --allow-write "$tmp/grant" --allow-read "$tmp/grant/link/file" \
    "(:stdout (call :process.exec [\"cat\" \"$tmp/grant/link/file\"]))"
like "nor by a grant of what tasks may have put there" "$err" \
    'link/file: a link in .*/grant, which tasks may write \(options\)'
at sandboxed --allow-write "$tmp/grant" --allow-read "$tmp/outside/file" \
    "(:stdout (call :process.exec [\"cat\" \"$tmp/grant/link/file\"]))"
is "but where its end is granted" "$out$err" '"beyond\n"'
is "nothing is made at its end" "$(ls "$tmp/outside")" file

# What SECURITY.md does not promise at :isolated: two tasks that may write in
# one folder hand each other what is private.
cat >"$tmp/grant/take.py" <<'PY'
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1] + "/socket")
s.listen()
c, _ = s.accept()
print(os.read(socket.recv_fds(c, 1, 1)[1][0], 99).decode())
PY
cat >"$tmp/grant/give.py" <<'PY'
import socket, sys, time
with open("/work/private", "w") as f:
    f.write("private")
s = socket.socket(socket.AF_UNIX)
for i in range(1000):
    try:
        s.connect(sys.argv[1] + "/socket")
        break
    except OSError:
        time.sleep(0.01)
f = open("/work/private")
socket.send_fds(s, [b"x"], [f.fileno()])
PY
for level in isolated sandboxed; do
	rm -f "$tmp/grant/socket"
	at $level --allow-write "$tmp/grant" --timeout 20s "(mapv (fn [x]
	    (str (:stdout x) (last (split-lines (:stderr x))))) (vals (dissoc
	    (call :parallel {
		:take (task :process.exec [\"python3\" \"$tmp/grant/take.py\" \"$tmp/grant\"])
		:give (task :process.exec [\"python3\" \"$tmp/grant/give.py\" \"$tmp/grant\"])})
	    :error)))"
	case $level in
	isolated) want='["private\nnil" "nil"]' ;;
	*) want='["PermissionError: [Errno 1] Operation not permitted" "PermissionError: [Errno 1] Operation not permitted"]' ;;
	esac
	is "$level: descriptors through a folder that two may write" \
	    "$out$err" "$want"
done

# others
sleep 600 &
victim=$!
ok "outside: another process is in reach" kill -0 "$victim"
for level in isolated sandboxed; do
	at $level "$(kind ":i.kill $victim")"
	is "$level: it is not" "$out" :exit
	at $level '(> 6 (parse-int (call :i.ps)))'
	is "$level: no other process is seen" "$out" true
	shm=$(ipcs -m | wc -l)
	at $level "$(kind ":i.shm")"
	is "$level: no shared memory is left" "$(ipcs -m | wc -l)" "$shm"
done
kill "$victim"
# A command and the process that waits for it are one task: it ends itself.
for level in isolated sandboxed; do
	at $level '(let [r (call :parallel
	    {:a (task :process.exec ["sh" "-c" "kill -9 $PPID; sleep 600"])
	     :b (task :process.exec ["echo" "b"])})]
	    [(:kind (:a (:error r))) (:stdout (:b r))])'
	is "$level: who kills its own waiting process fails alone" "$out" \
	    '[:signal "b\n"]'
done
segment() { # a task that makes one, then one that looks for it
	printf '%s' '(do (call :process.exec ["python3" "-c" "import ctypes; ctypes.CDLL(None).shmget(4242, 4096, 0o1600)"])
	    (:stdout (call :process.exec ["python3" "-c" "import ctypes; print(ctypes.CDLL(None).shmget(4242, 0, 0) >= 0)"])))'
}
run "$RTFS" eval -j1 -o text --isolation inherit "$(segment)"
is "inherit: a slot keeps a segment" "$out" True
for level in isolated sandboxed; do
	run "$RTFS" eval -j1 -o text --isolation $level "$(segment)"
	is "$level: none is there for the next task" "$out" False
done

# network
listen_here
at inherit "(call :i.net $port)"
is "inherit: a server is in reach" "$out" '"in"'
for level in isolated sandboxed; do
	at $level "$(kind ":i.net $port")"
	is "$level: no network" "$out" :exit
	cat >"$tmp/lo.rtfs" <<-POLICY
	{:default {:isolation :$level}
	 :rules [{:match "i.*" :network :loopback}]}
	POLICY
	run "$RTFS" eval --policy "$tmp/lo.rtfs" --capabilities "$tmp/p" \
	    "[(call :i.lo) $(kind ":i.net $port")]"
	is "$level: a loopback of its own" "$out" '["met" :exit]'
	sed 's/:loopback/:host/' "$tmp/lo.rtfs" >"$tmp/host.rtfs"
	run "$RTFS" eval --policy "$tmp/host.rtfs" --capabilities "$tmp/p" \
	    "(call :i.net $port)"
	is "$level: the host's, where granted" "$out" '"in"'
done
kill "$server"

# Tasks of two capabilities that would meet, to give each other descriptors.
cat >"$tmp/p/meet.py" <<'PY'
#!/usr/bin/python3
import os, socket, sys, time
end = time.time() + 5
while time.time() < end:
    try:
        s = socket.socket(socket.AF_UNIX)
        if sys.argv[1] == "give":
            s.bind("\0" + sys.argv[2]); s.listen(); s.settimeout(5)
            socket.send_fds(s.accept()[0], [b"x"], [0])
            print("given")
        else:
            s.connect("\0" + sys.argv[2])
            print(len(socket.recv_fds(s, 1, 1)[1]))
        sys.exit()
    except ConnectionRefusedError: time.sleep(0.05)
PY
chmod 700 "$tmp/p/meet.py"
for id in i.give i.take; do
	echo "(capability :$id :exec [\"./meet.py\" \"${id#i.}\" \"$mark\"] :codec :argv)"
done >>"$tmp/p/capabilities.rtfs"
meet='(map (fn [x] (if (error? x) :no x)) (call :parallel [(task :i.give) (task :i.take)]))'
at inherit -j 2 "$meet"
is "inherit: tasks meet by an abstract name" "$out$err" '["given" "1"]'
for level in isolated sandboxed; do
	at $level -j 2 "$meet"
	unlike "$level: they do not" "$out$err" 'given|1'
done

# privileges and system calls
at isolated '(call :i.caps)'
is "isolated: no privileges, and a filter" "$out" \
    '"CapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2"'
at sandboxed '(call :i.caps)'
is "sandboxed: the same" "$out" \
    '"CapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2"'
at inherit '(call :i.userns)'
like "inherit: a user namespace, by each way to ask for one" "$out$err" \
    '"unshare made.nclone made.nclone3 made.ni386 (made|killed)"'
at isolated '(call :i.userns)'
is "isolated: by none" "$out$err" \
    '"unshare Operation not permitted\nclone Operation not permitted\nclone3 Function not implemented\ni386 Operation not permitted"'
at sandboxed '(call :i.userns)'
is "sandboxed: nor here" "$out$err" \
    '"unshare Operation not permitted\nclone Operation not permitted\nclone3 Function not implemented\ni386 killed"'
at sandboxed --report "$tmp/report" "$(value '(task :i.mount)')"
like "a forbidden call is told with its name" "$out" \
    ':syscall-denied "[^"]*mount\(2\) with arguments 0x'
like "and in the report" "$(cat "$tmp/report")" '"status":"syscall-denied"'
at isolated "$(kind ":i.mount")"
is "isolated: it fails" "$out" :exit
echo '{:default {:isolation :isolated :require [:seccomp :no-user-namespaces]}}' \
    >"$tmp/more.rtfs"
run "$RTFS" eval --policy "$tmp/more.rtfs" --capabilities "$tmp/p" \
    '(call :i.userns)'
like "isolated, :require [:seccomp]: the whole filter" "$out$err" 'i386 killed'
sed 's/:isolated/:inherit/' "$tmp/more.rtfs" >"$tmp/less.rtfs"
run "$RTFS" eval --policy "$tmp/less.rtfs" --capabilities "$tmp/p" \
    "$(value '(task :i.userns)')"
like "inherit: has none to require" "$out$err" \
    ':unavailable.*seccomp.*not part of this level'
# rtfs-policy(5): how a file holds against the command line.
echo '{:default {:require [:seccomp]}}' >"$tmp/held.rtfs"
for level in inherit sandboxed; do
	run "$RTFS" eval --policy "$tmp/held.rtfs" --isolation $level \
	    '(:stdout (call :process.exec ["echo" "ran"]))'
	case $level in
	inherit) like ":require holds against --isolation inherit" "$out$err" \
	    'HostError: :require wants seccomp.*:unavailable' ;;
	*) is "but not against what has it" "$out$err" '"ran\n"' ;;
	esac
done

if [ "$(id -u)" -eq 0 ]; then
	at isolated '[(call :i.id)]'
	like "a uid that is nobody's" "$out" '20000[0-9]*'
	at sandboxed -j 2 '(call :parallel [(task :i.both 1) (task :i.both 2)])'
	like "of each slot's own" "$out" '(20000[0-9]*).*20000'
	unlike "and not the same" "$out" '(20000[0-9]*)\b.*\b\1\b'
fi

# a slot that is used once
cat >"$tmp/once.rtfs" <<'POLICY'
{:default {:isolation :sandboxed :slot :once}}
POLICY
run "$RTFS" eval --policy "$tmp/once.rtfs" --capabilities "$tmp/p" -j 1 \
    '[(call :i.compiled) (call :i.compiled)]'
is ":slot :once" "$out$err" '["compiled" "compiled"]'

cat >"$tmp/grant.rtfs" <<POLICY
{:rules [{:match "i.*" :write ["$tmp/grant"]}]}
POLICY
run "$RTFS" capabilities show --capabilities "$tmp/p" \
    --policy "$tmp/grant.rtfs" i.data
like "what it sees: its own file" "$out" "r-x $tmp/p/data.sh\$"
like "its :files" "$out" "r-- $tmp/p/data\$"
like "what is granted" "$out" "rw- $tmp/grant\$"
unlike "not its folder" "$out" "$tmp/p\$"
ln -s "$tmp/grant" "$tmp/by-link"
ln -s "$tmp/outside" "$tmp/grant/planted"
cat >"$tmp/shown.rtfs" <<POLICY
{:rules [{:match "i.*" :read ["$tmp/by-link" "$tmp/absent"]}
         {:match "i.sh" :write ["$tmp/grant"]}
         {:match "i.both" :read ["$tmp/grant/planted"]}]}
POLICY
run "$RTFS" capabilities show --capabilities "$tmp/p" \
    --policy "$tmp/shown.rtfs" i.data
like "where a link leads" "$out" "r-- $tmp/by-link -> $tmp/grant\$"
unlike "nothing that is not there" "$out" "r-- .*absent"
run "$RTFS" capabilities show --capabilities "$tmp/p" \
    --policy "$tmp/shown.rtfs" i.both
like "and what a task is refused" "$out" \
    "unavailable +.*planted: a link in $tmp/grant, which tasks may write"
run "$RTFS" policy explain --capabilities "$tmp/p" \
    --policy "$tmp/shown.rtfs" i.both
like "explain says the same" "$out$err" "planted: a link in $tmp/grant, which"
rm "$tmp/grant/planted"

# a prepared tree
if command -v busybox >/dev/null &&
    ! ldd "$(command -v busybox)" >/dev/null 2>&1; then
	for d in bin dev proc run tmp work var/tmp etc; do
		mkdir -p "$tmp/root/$d"
	done
	cp "$(command -v busybox)" "$tmp/root/bin/sh"
	chmod -R a+rX "$tmp/root"
	cat >"$tmp/rootfs.rtfs" <<-POLICY
	{:default {:isolation :sandboxed :rootfs "$tmp/root"}}
	POLICY
	run "$RTFS" eval --policy "$tmp/rootfs.rtfs" '[(:stdout (call
	    :process.exec ["/bin/sh" "-c" "echo *; echo /bin/* /etc/* /usr/*
	    echo x >/tmp/x && echo written; echo x >/bin/x || echo closed
	    echo x >/dev/null && echo nothing; echo x >/dev/x || echo neither"]))]'
	is ":rootfs: a prepared tree takes the place of the machine's" \
	    "$out$err" '["*\n/bin/sh /etc/* /usr/*\nwritten\nclosed\nnothing\nneither\n"]'
	mkdir "$tmp/root/app"
	echo '{:default {:isolation :sandboxed :rootfs "root" :dir "/app"}}' \
	    >"$tmp/dir.rtfs"
	run "$RTFS" eval --policy "$tmp/dir.rtfs" '(call :process.exec ["/bin/sh"])'
	like ":rootfs: a folder of it that is closed" "$err" \
	    ':cwd /app: Permission denied'
	chmod 755 "$tmp/root/app"
	ln -s app "$tmp/root/link"
	for dir in app link; do
		cat >"$tmp/dir.rtfs" <<-POLICY
		{:default {:isolation :sandboxed :rootfs "$tmp/root" :dir "/$dir"}}
		POLICY
		chmod 644 "$tmp/dir.rtfs"
		run "$RTFS" eval --policy "$tmp/dir.rtfs" \
		    '(:stdout (call :process.exec ["/bin/sh" "-c" "pwd"]))'
		case $dir in
		app) is ":rootfs: a folder of it to start in" "$out$err" '"/app\n"' ;;
		*) like ":rootfs: no link" "$err" '/link: Too many levels of symbolic' ;;
		esac
	done
	rmdir "$tmp/root/run"
	run "$RTFS" eval --policy "$tmp/rootfs.rtfs" '(call :process.exec ["/bin/sh"])'
	like ":rootfs: what it lacks is named" "$err" \
	    'the :rootfs has no folder /run: Read-only file system .:unavailable'
else
	lacks ":rootfs" "static busybox"
fi

# policies that name what there is not
echo '{:default {:isolation :sandboxed :syscalls [":fields"]}}' >"$tmp/bad.rtfs"
run "$RTFS" eval --policy "$tmp/bad.rtfs" --capabilities "$tmp/p" '(call :i.id)'
like "an unknown set of system calls" "$out$err" ':fields'

# sets of system calls, and calls by name
cat >"$tmp/p/calls.c" <<'C'
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>
static void said(const char *what, int rc)
{
	printf("%s:%s ", what, rc != -1 ? "done" : errno == ENOSYS ? "ENOSYS" :
	    errno == EPERM ? "EPERM" : strerror(errno));
}
int main(int argc, char **argv)
{
	char *again[] = {argv[0], "again", NULL};

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 1 && strcmp(argv[1], "again") == 0) {
		said("program", 0);
		return 0;
	}
	if (argc > 1)
		mount("none", "/tmp", "tmpfs", 0, NULL);
	said("compute", dup(1));
	said("file", open("/", O_RDONLY));
	said("socket", socket(AF_INET, SOCK_STREAM, 0));
	said("flock", flock(1, LOCK_UN));
	execve(argv[0], again, NULL);
	said("program", -1);
	return 0;
}
C
"$cc" -static -o "$tmp/p/calls" "$tmp/p/calls.c"
chmod 755 "$tmp/p/calls"
# calls NAME LIST WHAT: the capability, under that list.
calls() {
	echo "(capability :$1 :exec [\"./calls\"] :codec :argv)" \
	    >>"$tmp/p/capabilities.rtfs"
	echo "{:rules [{:match \"$1\" :syscalls $2}]}" >"$tmp/calls.rtfs"
	run "$RTFS" eval --policy "$tmp/calls.rtfs" --capabilities "$tmp/p" \
	    "(call :$1)"
	is ":syscalls $2" "$out$err" "\"$3 \""
	run "$RTFS" eval --policy "$tmp/calls.rtfs" --capabilities "$tmp/p" \
	    "$(kind ":$1 \"mount\"")"
	is ":syscalls $2: and mount(2)" "$out" ":syscall-denied"
}
usual="compute:done file:done socket:EPERM flock"
few="compute:done file:ENOSYS socket:EPERM flock"
calls s.usual '[:compute :files :exec]' "$usual:EPERM program:done"
calls s.none '[]' "$usual:EPERM program:done"
calls s.flock '["flock"]' "$usual:done program:done"
calls s.exec '[:exec]' "$few:EPERM program:done"
calls s.both '[:exec "flock"]' "$few:done program:done"
calls s.net '[:exec :network]' \
    "compute:done file:ENOSYS socket:done flock:EPERM program:done"
run "$RTFS" eval --isolation inherit --capabilities "$tmp/p" '(call :s.usual)'
is ":syscalls: outside all of it works" "$out$err" \
    '"compute:done file:done socket:done flock:done program:done "'
for sets in ':compute' ':files' ':network' ':files :network "flock"'; do
	printf '\n{:default {:syscalls [%s]}}' "$sets" >"$tmp/few.rtfs"
	run "$RTFS" eval --policy "$tmp/few.rtfs" --capabilities "$tmp/p" \
	    '(call :i.compiled)'
	like ":syscalls [$sets] starts no program" "$err" \
	    'the :syscalls of .*/few.rtfs:2 are without :exec, so no program can be started .:denied'
done
echo '{:default {:syscalls [:exec]}}' >"$tmp/few.rtfs"
run "$RTFS" eval --policy "$tmp/few.rtfs" '(call :process.exec ["/bin/true"])'
like "and one without :files none by process.exec" "$err" \
    'few.rtfs:1 are without :files, so process.exec cannot look for programs .:denied'

# the example of rtfs-policy(5)
sed -n '/^{:rules \[{:match "judge/,/^\.Ed/p' \
    "$here/../../src/man/rtfs-policy.5" | grep -v '^\.Ed' >"$tmp/example.rtfs"
cat >>"$tmp/p/capabilities.rtfs" <<'CAPABILITIES'
(capability :judge.calls :exec ["./calls"] :codec :argv)
(capability :store.calls :exec ["./calls"] :codec :argv)
CAPABILITIES
run "$RTFS" eval --policy "$tmp/example.rtfs" --capabilities "$tmp/p" \
    '[(call :judge.calls) (call :store.calls)]'
is "rtfs-policy(5): its :syscalls" "$out$err" \
    "[\"$few:EPERM program:done \" \"$usual:done program:done \"]"
ok "nothing is left" wait_for 5 none_marked "$mark"
done_testing
