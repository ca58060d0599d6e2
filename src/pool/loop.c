/*
 * epoll, one timer heap, one signalfd.  A source that is removed while its
 * round is being served is only marked; its memory goes at the end of the
 * round, so a callback may remove anything.
 */
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/patience.h"
#include "pool/loop.h"
#include "pool/timer.h"

#define ROUND 64 /* events taken by one epoll_wait */

struct loop_io {
	struct loop *loop;
	int fd;
	bool removed;
	loop_io_cb call;
	void *arg;
	struct loop_io *next; /* among the removed */
};

struct loop {
	int epoll;
	bool no_pwait2; /* kernel before 5.11 */
	bool in_round;
	bool waited; /* for events, in the last round */
	struct patience patience;
	struct timer_heap *timers;
	struct loop_io *removed;
	int signal_fd;
	struct loop_io *signal_io;
	sigset_t signals;
	struct {
		loop_signal_cb call;
		void *arg;
	} on_signal[NSIG];
};

int
loop_new(struct loop **out, struct error *e)
{
	struct loop *l = xcalloc(1, sizeof(*l));

	l->signal_fd = -1;
	sigemptyset(&l->signals);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll == -1) {
		free(l);
		return error_sys(e, "epoll_create1");
	}
	l->timers = timer_heap_new();
	*out = l;
	return 0;
}

static void
loop_sweep(struct loop *l)
{
	struct loop_io *io;

	while ((io = l->removed) != NULL) {
		l->removed = io->next;
		free(io);
	}
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	loop_io_remove(l->signal_io);
	if (l->signal_fd != -1)
		close(l->signal_fd);
	loop_sweep(l);
	timer_heap_free(l->timers);
	close(l->epoll);
	free(l);
}

struct loop_io *
loop_io_add(struct loop *l, int fd, uint32_t events, loop_io_cb call, void *arg,
    struct error *e)
{
	struct loop_io *io = xcalloc(1, sizeof(*io));
	struct epoll_event ev = {.events = events, .data.ptr = io};

	io->loop = l;
	io->fd = fd;
	io->call = call;
	io->arg = arg;
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) == -1) {
		free(io);
		error_sys(e, "epoll_ctl");
		return NULL;
	}
	return io;
}

int
loop_io_change(struct loop_io *io, uint32_t events, struct error *e)
{
	struct epoll_event ev = {.events = events, .data.ptr = io};

	if (epoll_ctl(io->loop->epoll, EPOLL_CTL_MOD, io->fd, &ev) == -1)
		return error_sys(e, "epoll_ctl");
	return 0;
}

void
loop_io_remove(struct loop_io *io)
{
	if (io == NULL || io->removed)
		return;
	epoll_ctl(io->loop->epoll, EPOLL_CTL_DEL, io->fd, NULL);
	io->removed = true;
	if (io->loop->in_round) {
		io->next = io->loop->removed;
		io->loop->removed = io;
	} else {
		free(io);
	}
}

struct loop_timer *
loop_timer_add(struct loop *l, int64_t at, loop_timer_cb call, void *arg)
{
	return (struct loop_timer *)timer_add(l->timers, at, call, arg);
}

void
loop_timer_remove(struct loop_timer *t)
{
	timer_remove((struct timer *)t);
}

static void
loop_signals(int fd, uint32_t events ATTR_UNUSED, void *arg)
{
	struct signalfd_siginfo si;
	struct loop *l = arg;

	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo < NSIG &&
		    l->on_signal[si.ssi_signo].call != NULL) {
			l->on_signal[si.ssi_signo].call(
			    (int)si.ssi_signo, l->on_signal[si.ssi_signo].arg);
		}
	}
}

void
loop_shift(struct loop *l, int64_t ns)
{
	timer_shift(l->timers, ns);
}

int
loop_signal_add(
    struct loop *l, int signo, loop_signal_cb call, void *arg, struct error *e)
{
	sigset_t one;
	int fd;

	sigemptyset(&one);
	if (signo < 1 || signo >= NSIG || sigaddset(&one, signo) == -1)
		return error_set(e, EK_ARGUMENT, "no signal %d", signo);
	sigaddset(&l->signals, signo);
	if (sigprocmask(SIG_BLOCK, &one, NULL) == -1)
		return error_sys(e, "sigprocmask");
	fd = signalfd(l->signal_fd, &l->signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd == -1)
		return error_sys(e, "signalfd");
	l->signal_fd = fd;
	l->on_signal[signo].call = call;
	l->on_signal[signo].arg = arg;
	if (l->signal_io == NULL) {
		l->signal_io = loop_io_add(l, fd, EPOLLIN, loop_signals, l, e);
		if (l->signal_io == NULL)
			return -1;
	}
	return 0;
}

void
loop_signal_remove(struct loop *l, int signo)
{
	if (signo >= 1 && signo < NSIG)
		l->on_signal[signo].call = NULL;
}

/* epoll_wait with nanoseconds; glibc before 2.35 has no wrapper. */
static int
loop_wait(struct loop *l, struct epoll_event *ev, int64_t ns)
{
	struct timespec ts;
	int n;

	if (!l->no_pwait2) {
		ts.tv_sec = ns / NS_PER_SEC;
		ts.tv_nsec = ns % NS_PER_SEC;
		n = (int)syscall(SYS_epoll_pwait2, l->epoll, ev, ROUND,
		    ns == INT64_MAX ? NULL : &ts, NULL, (size_t)0);
		if (n != -1 || errno != ENOSYS)
			return n;
		l->no_pwait2 = true;
	}
	if (ns == INT64_MAX)
		return epoll_wait(l->epoll, ev, ROUND, -1);
	ns = (ns + NS_PER_MS - 1) / NS_PER_MS;
	return epoll_wait(l->epoll, ev, ROUND, (int)(ns > 60000 ? 60000 : ns));
}

/* The same, awake at first; whoever else wants the processor has it. */
static int
loop_watch(struct loop *l, struct epoll_event *ev, int64_t ns)
{
	struct patience *p = &l->patience;
	int64_t start = clock_mono(), took = 0;
	int n;

	while (took < p->most && took < ns) {
		n = loop_wait(l, ev, 0);
		if (n != 0) {
			patience_was(p, took);
			return n;
		}
		sched_yield();
		took = clock_mono() - start;
	}
	if (took >= p->most)
		patience_was(p, took);
	if (ns != INT64_MAX)
		ns = took < ns ? ns - took : 0;
	return loop_wait(l, ev, ns);
}

void
loop_spin(struct loop *l, int64_t ns)
{
	l->patience.most = ns;
}

/* A timer that is due need not wait for us to ask for events; but not twice in
 * a row, since one may always be due. */
static int
loop_events(struct loop *l, struct epoll_event *ev, int64_t timer,
    int64_t until, int64_t now)
{
	int64_t at = timer < until ? timer : until;

	if (timer <= now && until > now && l->waited) {
		l->waited = false;
		return 0;
	}
	l->waited = true;
	if (at != INT64_MAX)
		at = at <= now ? 0 : at - now;
	return at != 0 && patience_pays(&l->patience) ? loop_watch(l, ev, at) :
	                                                loop_wait(l, ev, at);
}

int
loop_once(struct loop *l, int64_t until, struct error *e)
{
	struct epoll_event ev[ROUND];
	int64_t timer = timer_next(l->timers), now;
	struct loop_io *io;
	timer_cb call;
	uint64_t mark;
	void *arg;
	int n, i;

	now = timer == INT64_MAX && until == INT64_MAX ? 0 : clock_mono();
	n = loop_events(l, ev, timer, until, now);
	if (n == -1) {
		if (errno != EINTR)
			return error_sys(e, "epoll_wait");
		n = 0;
	}
	l->in_round = true;
	for (i = 0; i < n; i++) {
		io = ev[i].data.ptr;
		if (!io->removed)
			io->call(io->fd, ev[i].events, io->arg);
	}
	mark = timer_mark(l->timers);
	now = clock_mono();
	while (timer_take(l->timers, now, mark, &call, &arg))
		call(arg);
	l->in_round = false;
	loop_sweep(l);
	return 0;
}
