#!/bin/sh
# What a contained program could do to the machine through what it is given:
# each act works at :inherit and is refused at the other levels.
. "$(dirname "$0")/tap.sh"

cc=$(command -v cc || command -v gcc || true)
[ -n "$cc" ] || lacks_all "C compiler"
umask 022
mkdir "$tmp/p" "$tmp/grant"

# A set-user-id or set-group-id file, by each way to make one.
cat >"$tmp/p/setid.c" <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
static void tell(const char *way, long rc, const char *file)
{
	struct stat st = {0};
	int error = errno;
	if (file != NULL && rc != -1 && stat(file, &st) == 0 &&
	    (st.st_mode & (S_ISUID | S_ISGID)) == 0)
		rc = -1, error = 0;
	printf("%s %s\n", way, rc != -1 ? "made" : strerror(error));
	if (file != NULL)
		unlink(file);
}
static int plain(void)
{
	return open("f", O_CREAT | O_RDWR, 0644);
}
int main(int argc, char **argv)
{
	struct open_how how = {.flags = O_CREAT | O_RDWR, .mode = 04755};
	int fd;
	if (argc != 2 || chdir(argv[1]) == -1)
		return 1;
	umask(0);
	close(plain());
	tell("chmod", syscall(SYS_fchmodat, AT_FDCWD, "f", 04755), "f");
	fd = plain();
	tell("fchmod", syscall(SYS_fchmod, fd, 02755), "f");
	close(fd);
	close(plain());
	tell("fchmodat2", syscall(SYS_fchmodat2, AT_FDCWD, "f", 06755, 0), "f");
	tell("open", openat(AT_FDCWD, "f", O_CREAT | O_RDWR, 04755), "f");
	tell("openat2",
	    syscall(SYS_openat2, AT_FDCWD, "f", &how, sizeof(how)), "f");
	tell("tmpfile", openat(AT_FDCWD, ".", O_TMPFILE | O_RDWR, 04755), NULL);
	return 0;
}
C
"$cc" -o "$tmp/p/setid" "$tmp/p/setid.c" || lacks_all "Linux headers"
cat >"$tmp/p/capabilities.rtfs" <<CAPABILITIES
(capability :h.setid :exec ["./setid" "$tmp/grant"] :codec :argv)
(capability :h.copy :exec ["sh" "-c" "cd '$tmp/grant' && mkdir -m 1777 d && cp /usr/bin/env d && chmod 750 d/env && cp -p d/env d/same && tar cf t.tar d && rm -r d && tar xpf t.tar && stat -c %a d d/env d/same | tr '\\\\n' ' ' && rm -r d t.tar"] :codec :argv)
CAPABILITIES

# at LEVEL EXPRESSION...
at() {
	level=$1
	shift
	run "$RTFS" eval --isolation "$level" --capabilities "$tmp/p" \
	    --allow-write "$tmp/grant" "$@"
}

at inherit '(call :h.setid)'
like "inherit: set-user-id files, by each way" "$out$err" \
    '"chmod made.nfchmod made.nfchmodat2 (made|Function not implemented).nopen made.nopenat2 made.ntmpfile made"'
for level in isolated sandboxed; do
	at $level '(call :h.setid)'
	like "$level: none, in a folder that is granted for writing" "$out$err" \
	    '"chmod Operation not permitted.nfchmod Operation not permitted.nfchmodat2 Operation not permitted.nopen Operation not permitted.nopenat2 Function not implemented.ntmpfile Operation not permitted"'
	at $level '(call :h.copy)'
	is "$level: other modes are kept by chmod, cp and tar" "$out$err" \
	    '"1777 750 750 "'
done

# others' niceness, locks on files that are only read, sockets of the machine
cat >"$tmp/p/reach.py" <<'PY'
#!/usr/bin/python3
import fcntl, os, socket
def lock(): fcntl.flock(open("/etc/passwd"), fcntl.LOCK_SH | fcntl.LOCK_NB)
def unix(): socket.socket(socket.AF_UNIX)
def inet(): socket.socket(socket.AF_INET)
def nice(): os.setpriority(os.PRIO_PROCESS, os.getppid(), 13)
for act in lock, unix, inet, nice:
    try: act(); print(act.__name__, "done", end=" ")
    except OSError: print(act.__name__, "refused", end=" ")
PY
chmod 755 "$tmp/p/reach.py"
echo '(capability :h.reach :exec ["./reach.py"] :codec :argv)' \
    >>"$tmp/p/capabilities.rtfs"
echo '{:rules [{:match "h.*" :network :host}]}' >"$tmp/net.rtfs"
at inherit '(call :h.reach)'
like "inherit: all is in reach" "$out$err" 'lock done unix done inet done nice done'
at sandboxed --policy "$tmp/net.rtfs" '(call :h.reach)'
is "sandboxed, :network :host: the internet is" "$out$err" \
    '"lock refused unix refused inet done nice refused "'

# What is granted for reading is not granted for execution, wherever it lies.
sandbox() { # RULE EXPRESSION
	printf '{:rules [%s]}\n' "$1" >"$tmp/rule.rtfs"
	run "$RTFS" eval --policy "$tmp/rule.rtfs" --capabilities "$tmp/p" "$2"
}
cp /bin/true "$tmp/grant/prog"
prog="[(:exit (call :process.exec [\"sh\" \"-c\" \"$tmp/grant/prog\"]))]"
at inherit "$prog"
is "inherit: a program in a folder below /tmp runs" "$out" "[0]"
sandbox "{:match \"process.*\" :read [\"$tmp/grant\"]}" "$prog"
is "sandboxed, :read: it does not" "$out$err" "[126]"
sandbox "{:match \"process.*\" :execute [\"$tmp/grant\"]}" "$prog"
is "sandboxed, :execute: it does" "$out$err" "[0]"

# What a task leaves in a folder that it may write: the next to read there is
# our own code, for another capability.
cat >"$tmp/p/leave.py" <<'PY'
#!/usr/bin/python3
import os, socket, sys
os.chdir(sys.argv[1])
def link(): os.symlink(sys.argv[2], "link")
def hard(): os.link(sys.argv[2], "hard")
def pipe(): os.mkfifo("pipe")
def device(): os.mknod("device", 0o20666, os.makedev(1, 3))
def folder(): os.symlink(os.path.dirname(sys.argv[2]), "folder")
for act in link, hard, pipe, device, folder:
    try: act(); print(act.__name__, "made", end=" ")
    except OSError: print(act.__name__, "refused", end=" ")
PY
chmod 755 "$tmp/p/leave.py"
mkdir "$tmp/away"
echo SECRET600 >"$tmp/away/secret"
echo "(capability :h.leave :exec [\"./leave.py\" \"$tmp/grant\" \"$tmp/away/secret\"] :codec :argv)" \
    >>"$tmp/p/capabilities.rtfs"
at sandboxed '(call :h.leave)'
like "a link, a pipe, no hard link and no device" "$out$err" \
    'link made hard refused pipe (made|refused) device refused folder made'
for name in link pipe folder/secret; do
	run timeout 20 "$RTFS" eval --allow-read "$tmp/grant" --timeout 5s \
	    "(:kind (:x (call :parallel {:x (task :fs.read \"$tmp/grant/$name\")})))"
	like "fs.read of it: $name" "$out$err" '^:(denied|capability|unavailable)'
done
rm -rf "$tmp/grant" && mkdir "$tmp/grant"

# While it is looked at: links and folders that change places all the time.
mkdir -p "$tmp/grant/x" "$tmp/grant/y"
echo mine >"$tmp/grant/x/secret"
ln -s "$tmp/away" "$tmp/grant/y/x"
cat >"$tmp/p/race.py" <<'PY'
#!/usr/bin/python3
import ctypes, os, sys, time
os.chdir(sys.argv[1])
libc = ctypes.CDLL(None)
end = time.time() + 2
n = 0
while time.time() < end: # RENAME_EXCHANGE
    n += libc.renameat2(-100, b"x", -100, b"y/x", 2) == 0
print(n > 100)
PY
chmod 755 "$tmp/p/race.py"
echo "(capability :h.race :exec [\"./race.py\" \"$tmp/grant\"] :codec :argv)" \
    >>"$tmp/p/capabilities.rtfs"
at sandboxed --allow-read "$tmp/grant" -j 2 "(let [r (call :parallel
    (concat [(task :h.race)] (map (fn [i] (task :fs.read \"$tmp/grant/x/secret\"))
	(range 200))))] [(first r) (frequencies (map (fn [x] (if (error? x) (:kind x) x))
	(rest r)))])"
like "(places are changed, and both are met)" "$out$err" '\["True" .*mine'
unlike "a race is not won" "$out$err" SECRET600

# The root of a capability that another may have changed for one of its own.
mkdir -p "$tmp/grant/root" "$tmp/tree"
for d in bin dev proc run tmp work var/tmp etc; do
	mkdir -p "$tmp/grant/root/$d" "$tmp/tree/$d"
done
echo SECRET600 >"$tmp/tree/etc/secret"
printf '{:rules [{:match "h.*" :write ["%s"]} {:match "process.*" :rootfs "%s"}]}\n' \
    "$tmp/grant" "$tmp/grant/root" >"$tmp/rule.rtfs"
cat >>"$tmp/p/capabilities.rtfs" <<CAPABILITIES
(capability :h.swap :exec ["sh" "-c" "cd '$tmp/grant' && mv root old && ln -s '$tmp/tree' root && echo swapped"] :codec :argv)
CAPABILITIES
run "$RTFS" eval --policy "$tmp/rule.rtfs" --capabilities "$tmp/p" '(call :h.swap)'
is "a rootfs is changed for a link" "$out$err" '"swapped"'
run "$RTFS" eval --policy "$tmp/rule.rtfs" --capabilities "$tmp/p" \
    '(call :process.exec ["cat" "/etc/secret"])'
like "it is refused, with the remedy" "$out$err" \
    "root: a link in $tmp/grant, which tasks may write"

# What rtfs writes itself, as its caller, where tasks may write: no link is
# followed, nobody is waited for.
plain=$tmp/plain
write_here() { # COMMAND [LEVEL]: the first job; the second writes
	rm -rf "$tmp/grant/out"
	echo precious >"$plain"
	mkdir "$tmp/elsewhere"
	run timeout 60 "$RTFS" batch -j1 -k --isolation "${2:-sandboxed}" \
	    --allow-write "$tmp/grant" --results "$tmp/grant/out" --shell 'eval {} #' \
	    ::: "$1" "echo planted"
	left=$(cat "$plain"; ls -A "$tmp/elsewhere")
	rm -rf "$tmp/elsewhere"
}
second='1/echo planted'
write_here "cd $tmp/grant/out && mkdir -p '$second' && ln -s $plain '$second/stdout'"
is "results: a link for a file" "$status $left" "255 precious"
like "is an error that names it" "$err" '1/echo planted/stdout: Too many levels'
is "and the others are written" \
    "$(cat "$tmp/grant/out/$second/seq")" 2
write_here "cd $tmp/grant/out && mkdir -p '$second' && mkfifo '$second/stderr'" isolated
like "results: a pipe for a file" "$err" 'stderr: No such device or address'
write_here "mkdir $tmp/grant/out/1; ln -s $tmp/elsewhere '$tmp/grant/out/$second'"
is "results: a link for a folder" "$left" precious
write_here "mv $tmp/grant/out $tmp/grant/kept; ln -s $tmp/elsewhere $tmp/grant/out"
is "results: a link for all of it" "$left" precious
is "they are where they were to be" "$(cat "$tmp/grant/kept/$second/stdout")" planted
rm -rf "$tmp/grant/kept" "$tmp/grant/out"
printf '..\n..\n' >"$tmp/up.csv"
run "$RTFS" batch --results "$tmp/grant/out" --header : --csv --shell 'echo up #' \
    :::: "$tmp/up.csv"
is "results: values and columns lead nowhere else" \
    "$(cd "$tmp/grant" && find . -name stdout)" './out/\../\../stdout'
rm -rf "$tmp/grant/out"

stray() { # COMMAND: the first task
	rm -rf "$tmp/grant/err"
	echo precious >"$plain"
	run timeout 60 "$RTFS" eval -j1 --isolation sandboxed \
	    --allow-write "$tmp/grant" --stderr "$tmp/grant/err" \
	    "(call :parallel {:a (task :process.exec [\"sh\" \"-c\" \"$1\"]) :b (task :p.cry)})" \
	    --capabilities "$tmp/cry"
}
mkdir "$tmp/cry"
echo '(capability :p.cry :exec ["sh" "-c" "echo planted >&2"] :codec :argv)' \
    >"$tmp/cry/capabilities.rtfs"
stray "ln -s $plain $tmp/grant/err/1-b.stderr"
is "stderr: a link for a file" "$(cat "$plain")" precious
like "is said" "$err" '1-b.stderr: Too many levels'
stray "mv $tmp/grant/err $tmp/grant/kept; mkdir $tmp/elsewhere; ln -s $tmp/elsewhere $tmp/grant/err"
is "stderr: a link for all of it" "$(cat "$tmp/grant/kept/1-b.stderr")" planted

# The metrics are made anew each second where a task may write: a pipe under a
# name that it can foresee, waited for, would stop everything for good.
plant='for n in $(seq 0 2) $(cat "$0/pid"); do mkfifo "$0/met.$n"; done; ls "$0"; sleep 2.5'
run timeout -s KILL 60 sh -c 'echo $$ >"$1/pid"; exec "$2" eval --isolation isolated \
    --allow-write "$1" --metrics "$1/met" \
    "(:stdout (call :process.exec [\"sh\" \"-c\" $3 \"$1\"]))"' sh \
    "$tmp/grant" "$RTFS" "\"$(printf '%s' "$plant" | sed 's/"/\\"/g')\""
like "metrics: a pipe in their way is there" "$out" "met\.$(cat "$tmp/grant/pid")"
is "and nobody waits for it" "$status" 0
ok "they are whole" grep -qx '# EOF' "$tmp/grant/met"
is "nothing else is left of them" \
    "$(find "$tmp/grant" -name 'met.*' ! -type p)" ''
done_testing
