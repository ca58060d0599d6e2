/*
 * The kernel that the pool under fuzzing sees (pool.c, its only includer):
 * peers that are no processes, and the functions that the linker puts in
 * place of those that make processes, wait, signal and tell the time.
 */
#ifndef TESTS_FUZZ_POOL_KERNEL_H
#define TESTS_FUZZ_POOL_KERNEL_H

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "pool/pool.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "proto/proto.h"
#include "tests/fuzz/fuzz.h"
#include "value/string.h"
#include "value/vector.h"

#define PEERS     64 /* fork servers and guards in one run */
#define TASKS     24
#define FIRST_PID 2000000000 /* above every real one */

/* A fork server or a guard. */
struct peer {
	int fd;    /* its end of the control socket; -1: closed */
	int death; /* our copy of its pidfd; -1: nobody has asked for one */
	int their; /* the number that the pool has for it */
	bool server;
	bool dead;
	bool reaped;
	int status;
	uint64_t slot; /* guards: what the pool calls it */
	bool made;
	/* the run, when it is on */
	uint64_t run;
	int32_t pid;
	int request, result, stray, extra;
	struct proto_page *page;
	uint64_t task[TASKS]; /* sent, not answered */
	size_t ntasks;
};

static struct {
	struct peer peer[PEERS];
	size_t n;
	int64_t now;
	int offered; /* the end of the last socket pair that is not the pool's */
	bool closing; /* no mercy any more: who is asked about is dead */
	struct task task[TASKS];
	unsigned int back[TASKS];
	size_t ntasks;
	struct pool *pool;
	struct loop *loop;
	struct heap *heap;
	const uint8_t *at, *end;
} w;

int __real_socketpair(int, int, int, int[2]);
int __wrap_socketpair(int, int, int, int[2]);
int64_t __wrap_clock_mono(void);
int __wrap_posix_spawn(pid_t *, const char *,
    const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
    char *const *, char *const *);
int __wrap_waitid(idtype_t, id_t, siginfo_t *, int);
pid_t __wrap_waitpid(pid_t, int *, int);
int __wrap_kill(pid_t, int);
int __real_poll(struct pollfd *, nfds_t, int);
int __wrap_poll(struct pollfd *, nfds_t, int);
long __real_syscall(long, ...);
long __wrap_syscall(long, long, long, long, long, long, long);

int64_t
__wrap_clock_mono(void)
{
	return w.now += 1000;
}

int
__wrap_poll(struct pollfd *p, nfds_t n, int ms)
{
	if (ms > 0)
		w.now += ms * NS_PER_MS;
	return __real_poll(p, n, 0);
}

static int
take_byte(void)
{
	return w.at < w.end ? *w.at++ : 0;
}

static void
forget(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void
run_over(struct peer *p)
{
	forget(&p->request);
	forget(&p->result);
	forget(&p->stray);
	forget(&p->extra);
	if (p->page != NULL)
		munmap(p->page, sizeof(*p->page));
	p->page = NULL;
	p->ntasks = 0;
	p->run = 0;
}

static void
die(struct peer *p, int status)
{
	if (p->dead)
		return;
	p->dead = true;
	p->status = status;
	run_over(p);
	forget(&p->fd);
	if (p->death != -1)
		eventfd_write(p->death, 1);
}

static struct peer *
peer_new(bool server, int fd)
{
	struct peer *p;

	if (w.n == PEERS)
		return NULL;
	p = &w.peer[w.n++];
	memset(p, 0, sizeof(*p));
	p->server = server;
	p->fd = fd;
	p->death = p->their = -1;
	p->request = p->result = p->stray = p->extra = -1;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return p;
}

static pid_t
pid_of(const struct peer *p)
{
	return (pid_t)(FIRST_PID + (p - w.peer));
}

static struct peer *
by_pid(long pid)
{
	long i = pid - FIRST_PID;

	return i >= 0 && (size_t)i < w.n ? &w.peer[i] : NULL;
}

static struct peer *
by_pidfd(int fd)
{
	size_t i;

	for (i = w.n; i-- > 0;) {
		if (w.peer[i].their == fd)
			return &w.peer[i];
	}
	return NULL;
}

/* The end that a fork server will get: the pool closes its own copy. */
int
__wrap_socketpair(int d, int t, int proto, int sv[2])
{
	int rc = __real_socketpair(d, t, proto, sv);

	forget(&w.offered);
	if (rc == 0)
		w.offered = fcntl(sv[1], F_DUPFD_CLOEXEC, 3);
	return rc;
}

int
__wrap_posix_spawn(pid_t *pid, const char *path ATTR_UNUSED,
    const posix_spawn_file_actions_t *fa ATTR_UNUSED,
    const posix_spawnattr_t *at ATTR_UNUSED, char *const *argv ATTR_UNUSED,
    char *const *envp ATTR_UNUSED)
{
	struct peer *p = NULL;

	if (!w.closing)
		p = peer_new(true, w.offered);
	if (p == NULL)
		return EAGAIN;
	w.offered = -1;
	*pid = pid_of(p);
	return 0;
}

int
__wrap_waitid(idtype_t type, id_t id, siginfo_t *si, int options)
{
	struct peer *p = type == P_PIDFD ? by_pidfd((int)id) : NULL;

	if (p == NULL || p->reaped) {
		errno = ECHILD;
		return -1;
	}
	if (!p->dead && (w.closing || (options & WNOHANG) == 0))
		die(p, SIGKILL);
	if (si != NULL)
		memset(si, 0, sizeof(*si));
	if (!p->dead)
		return 0;
	if (si != NULL) {
		si->si_pid = pid_of(p);
		si->si_code = p->status > 64 ? CLD_EXITED : CLD_KILLED;
		si->si_status = p->status > 64 ? p->status - 65 : p->status;
	}
	if ((options & WNOWAIT) == 0)
		p->reaped = true;
	return 0;
}

pid_t
__wrap_waitpid(pid_t pid, int *status, int options ATTR_UNUSED)
{
	if (status != NULL)
		*status = 0;
	return pid;
}

/* No real process is ever meant. */
int
__wrap_kill(pid_t pid ATTR_UNUSED, int signo ATTR_UNUSED)
{
	return 0;
}

static long
open_pidfd(long pid)
{
	struct peer *p = by_pid(pid);
	int fd;

	if (p == NULL || p->death != -1) {
		errno = ESRCH;
		return -1;
	}
	fd = eventfd(p->dead ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK);
	p->death = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	p->their = fd;
	return fd;
}

/* Those that are not given are read all the same, as libc does. */
long
__wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	struct peer *p;

	switch (number) {
	case SYS_pidfd_open:
		return open_pidfd(a);
	case SYS_pidfd_send_signal:
		p = by_pidfd((int)a);
		if (p != NULL)
			die(p, SIGKILL);
		return 0;
	case SYS_epoll_pwait2: /* time passes only when the input says so */
		return __real_syscall(
		    SYS_epoll_pwait, a, b, c, 0L, 0L, (long)sizeof(uint64_t));
	default:
		return __real_syscall(number, a, b, c, d, e, f);
	}
}

#endif
