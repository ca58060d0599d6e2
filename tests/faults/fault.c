/* The wrappers.  Each asks whether it is its turn to fail, and else does what
 * it is there for. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/macros.h"
#include "tests/faults/fault.h"

static struct fault_page nothing;
struct fault_page *fault_page = &nothing;
static enum fault_side here;

/* true: it is to fail, errno is set; FAULT_SHORT: errno is 0. */
static bool
fault_now(const char *call)
{
	struct fault_page *f = fault_page;
	unsigned int count;

	if (here == FAULT_NOWHERE || atomic_load(&f->side) != (int)here ||
	    strcmp(f->call, call) != 0) {
		return false;
	}
	count = atomic_fetch_add(&f->count, 1) + 1;
	if (atomic_load(&f->lasting) ? count < f->nth : count != f->nth)
		return false;
	errno = f->os_errno;
	return true;
}

/* RET __wrap_NAME(PARAMETERS): all that fail with -1 and nothing else. */
#define WRAP(ret, name, params, args)                                          \
	ret __real_##name params;                                              \
	ret __wrap_##name params;                                              \
	ret __wrap_##name params                                               \
	{                                                                      \
		return fault_now(#name) ? -1 : __real_##name args;             \
	}

/* The same, and may do a part only: N is its third parameter. */
#define WRAP_BYTES(name, params, args, shortened)                              \
	ssize_t __real_##name params;                                          \
	ssize_t __wrap_##name params;                                          \
	ssize_t __wrap_##name params                                           \
	{                                                                      \
		if (!fault_now(#name))                                         \
			return __real_##name args;                             \
		return errno != 0 ? -1 : __real_##name shortened;              \
	}

WRAP(int, socketpair, (int d, int t, int p, int sv[2]), (d, t, p, sv))
WRAP(int, pipe2, (int fd[2], int flags), (fd, flags))
WRAP(int, memfd_create, (const char *s, unsigned int flags), (s, flags))
WRAP(int, ftruncate, (int fd, off_t n), (fd, n))
WRAP(int, madvise, (void *p, size_t n, int how), (p, n, how))
WRAP(int, epoll_create1, (int flags), (flags))
WRAP(int, signalfd, (int fd, const sigset_t *s, int flags), (fd, s, flags))
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags),
    (fd, m, flags))
WRAP(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), (fd, m, flags))
WRAP(int, poll, (struct pollfd * p, nfds_t n, int ms), (p, n, ms))
WRAP(int, ppoll,
    (struct pollfd * p, nfds_t n, const struct timespec *t, const sigset_t *s),
    (p, n, t, s))
WRAP(int, waitid, (idtype_t type, id_t id, siginfo_t *si, int options),
    (type, id, si, options))
WRAP(pid_t, wait4, (pid_t pid, int *status, int options, struct rusage *u),
    (pid, status, options, u))
WRAP(pid_t, fork, (void), ())
WRAP(int, execve, (const char *path, char *const *argv, char *const *envp),
    (path, argv, envp))
WRAP(int, prlimit,
    (pid_t pid, int what, const struct rlimit *in, struct rlimit *out),
    (pid, what, in, out))
WRAP(int, eventfd, (unsigned int n, int flags), (n, flags))
WRAP(int, dup2, (int from, int to), (from, to))
WRAP(int, dup3, (int from, int to, int flags), (from, to, flags))
WRAP(int, unshare, (int flags), (flags))
WRAP(int, setns, (int fd, int type), (fd, type))
WRAP(int, mount,
    (const char *from, const char *to, const char *type, unsigned long flags,
        const void *data),
    (from, to, type, flags, data))
WRAP(int, umount2, (const char *path, int flags), (path, flags))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(int, mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode))
WRAP(int, mknodat, (int fd, const char *path, mode_t mode, dev_t dev),
    (fd, path, mode, dev))
WRAP(int, symlinkat, (const char *to, int fd, const char *path), (to, fd, path))
WRAP(int, fchmodat, (int fd, const char *path, mode_t mode, int flags),
    (fd, path, mode, flags))
WRAP(int, chdir, (const char *path), (path))
WRAP(int, fchdir, (int fd), (fd))
WRAP(int, sethostname, (const char *name, size_t n), (name, n))
WRAP(int, setgroups, (size_t n, const gid_t *list), (n, list))
WRAP(int, setresuid, (uid_t r, uid_t e, uid_t s), (r, e, s))
WRAP(int, setresgid, (gid_t r, gid_t e, gid_t s), (r, e, s))
WRAP(int, flock, (int fd, int how), (fd, how))
WRAP_BYTES(pread, (int fd, void *b, size_t n, off_t at), (fd, b, n, at),
    (fd, b, n > 0, at))
WRAP_BYTES(read, (int fd, void *b, size_t n), (fd, b, n), (fd, b, n > 0))
WRAP_BYTES(write, (int fd, const void *b, size_t n), (fd, b, n), (fd, b, n > 0))
WRAP_BYTES(pwrite, (int fd, const void *b, size_t n, off_t at), (fd, b, n, at),
    (fd, b, n > 0, at))

ssize_t __real_writev(int, const struct iovec *, int);
ssize_t __wrap_writev(int, const struct iovec *, int);
ssize_t
__wrap_writev(int fd, const struct iovec *v, int n)
{
	struct iovec one = v[0];

	if (!fault_now("writev"))
		return __real_writev(fd, v, n);
	one.iov_len = one.iov_len > 0;
	return errno != 0 ? -1 : __real_writev(fd, &one, 1);
}

/* Taking a descriptor out needs nothing, and cannot fail. */
int __real_epoll_ctl(int, int, int, struct epoll_event *);
int __wrap_epoll_ctl(int, int, int, struct epoll_event *);
int
__wrap_epoll_ctl(int e, int op, int fd, struct epoll_event *ev)
{
	return op != EPOLL_CTL_DEL && fault_now("epoll_ctl") ?
	    -1 :
	    __real_epoll_ctl(e, op, fd, ev);
}

void *__real_mmap(void *, size_t, int, int, int, off_t);
void *__wrap_mmap(void *, size_t, int, int, int, off_t);
void *
__wrap_mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	return fault_now("mmap") ? MAP_FAILED :
	                           __real_mmap(p, n, prot, flags, fd, at);
}

int __real_posix_spawn(pid_t *, const char *,
    const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
    char *const *, char *const *);
int __wrap_posix_spawn(pid_t *, const char *,
    const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
    char *const *, char *const *);
int
__wrap_posix_spawn(pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *fa, const posix_spawnattr_t *at,
    char *const *argv, char *const *envp)
{
	return fault_now("posix_spawn") ?
	    errno :
	    __real_posix_spawn(pid, path, fa, at, argv, envp);
}

/* Those with arguments that may be missing: they are read all the same, as libc
 * does. */
int __real_open(const char *, int, ...);
int __wrap_open(const char *, int, mode_t);
int
__wrap_open(const char *path, int flags, mode_t mode)
{
	return fault_now("open") ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int, const char *, int, ...);
int __wrap_openat(int, const char *, int, mode_t);
int
__wrap_openat(int fd, const char *path, int flags, mode_t mode)
{
	return fault_now("openat") ? -1 : __real_openat(fd, path, flags, mode);
}

int __real_prctl(int, ...);
int __wrap_prctl(int, long, long, long, long);
int
__wrap_prctl(int what, long a, long b, long c, long d)
{
	return fault_now("prctl") ? -1 : __real_prctl(what, a, b, c, d);
}

int __real_fcntl(int, int, ...);
int __wrap_fcntl(int, int, long);
int
__wrap_fcntl(int fd, int cmd, long arg)
{
	return fault_now("fcntl") ? -1 : __real_fcntl(fd, cmd, arg);
}

static const struct {
	long number;
	const char *name;
} by_number[] = {
    {SYS_pidfd_open,              "pidfd_open"             },
    {SYS_pidfd_send_signal,       "pidfd_send_signal"      },
    {SYS_epoll_pwait2,            "epoll_pwait2"           },
    {SYS_clone3,                  "clone3"                 },
    {SYS_clone,                   "clone"                  },
    {SYS_open_tree,               "open_tree"              },
    {SYS_move_mount,              "move_mount"             },
    {SYS_mount_setattr,           "mount_setattr"          },
    {SYS_openat2,                 "openat2"                },
    {SYS_pivot_root,              "pivot_root"             },
    {SYS_landlock_create_ruleset, "landlock_create_ruleset"},
    {SYS_landlock_add_rule,       "landlock_add_rule"      },
    {SYS_landlock_restrict_self,  "landlock_restrict_self" },
    {SYS_seccomp,                 "seccomp"                },
    {SYS_capset,                  "capset"                 },
    {SYS_keyctl,                  "keyctl"                 },
};

long __real_syscall(long, ...);
long __wrap_syscall(long, long, long, long, long, long, long);
long
__wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	size_t i;

	for (i = 0; i < NITEMS(by_number); i++) {
		if (by_number[i].number == number &&
		    fault_now(by_number[i].name)) {
			return -1;
		}
	}
	return __real_syscall(number, a, b, c, d, e, f);
}

bool
fault_open(const char *folder, enum fault_side side)
{
	char path[4096];
	void *p;
	int fd;

	snprintf(path, sizeof(path), "%s/fault", folder);
	fd = __real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1 || ftruncate(fd, sizeof(*fault_page)) == -1)
		return false;
	p = __real_mmap(NULL, sizeof(*fault_page), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return false;
	fault_page = p;
	here = side;
	return true;
}

void
fault_arm(enum fault_side side, const char *call, int os_errno,
    unsigned int nth, bool lasting)
{
	struct fault_page *f = fault_page;

	atomic_store(&f->side, FAULT_NOWHERE);
	snprintf(f->call, sizeof(f->call), "%s", call);
	f->os_errno = os_errno;
	f->nth = nth;
	atomic_store(&f->lasting, lasting);
	atomic_store(&f->count, 0);
	atomic_store(&f->side, (int)side);
}

bool
fault_disarm(void)
{
	atomic_store(&fault_page->side, FAULT_NOWHERE);
	return atomic_load(&fault_page->count) >= fault_page->nth;
}
