#!/bin/sh
# What a contained program could do to the machine through what it is given:
# each act works at :inherit and is refused at the other levels.
. "$(dirname "$0")/tap.sh"

sanitized && skip_all "AddressSanitizer needs calls that the filter refuses"
cc=$(command -v cc || command -v gcc || true)
[ -n "$cc" ] || skip_all "no C compiler"
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
"$cc" -o "$tmp/p/setid" "$tmp/p/setid.c" || skip_all "no Linux headers"
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
done_testing
