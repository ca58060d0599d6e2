/*
 * The listener of a slot: tells that its task asked for something that a
 * contained program has no honest use for.  Such a call is never let through
 * and never answered: the task ends with it.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "pool/internal.h"
#include "sandbox/filter.h"
#include "sandbox/notify.h"
#include "sandbox/trace.h"

static void
call_denied(struct slot *s, const struct sandbox_call *c)
{
	struct worker *w = s->worker;
	char *call = sandbox_call_text(c);
	struct task *t = w == NULL ? NULL : TAILQ_FIRST(&w->sent);

	if (t == NULL) {
		slot_kill(s, call);
	} else if (w->ending == NULL) {
		worker_condemn(w, t, ERRKEY_SYSCALL_DENIED,
		    xasprintf(
		        "the system call %s is not for a contained task", call),
		    NULL, 0, 0);
	}
	free(call);
}

/* One that the filter allows, and is asked about for its paths: it is heard
 * while its caller waits, then goes on. */
static bool
call_traced(struct slot *s, const struct sandbox_call *c)
{
	const struct sandbox_plan *plan = s->profile->sandbox;
	struct pool *p = s->profile->server->pool;
	struct sandbox_ask ask[SANDBOX_MAX_ASKS];
	char *name = filter_call_name(c->arch, c->nr);
	bool traced = plan->filter.trace && name != NULL &&
	    trace_names_path(name) && filter_allows(&plan->filter, name);
	size_t i, n;

	free(name);
	if (!traced)
		return false;
	n = sandbox_asked(c, ask);
	for (i = 0; i < n; i++) {
		if (sandbox_ask_refused(&plan->profile, s->kept, c, &ask[i]))
			p->config.path_denied(
			    ask[i].path, ask[i].access, p->config.arg);
	}
	(void)!sandbox_call_continue(s->listener, c);
	return true;
}

/* Calls that merely fail, in a slot that is traced. */
static bool
call_refused(struct slot *s, const struct sandbox_call *c)
{
	struct pool *p = s->profile->server->pool;
	int os_errno = filter_errno(c->arch, c->nr);
	char *call;

	if (p->config.denied == NULL || os_errno == 0)
		return false;
	if (sandbox_call_refuse(s->listener, c, os_errno) == -1)
		return true; /* nobody is left who could be told */
	call = sandbox_call_text(c);
	p->config.denied(call, os_errno, p->config.arg);
	free(call);
	return true;
}

static void
listener_readable(int fd, uint32_t events, void *arg)
{
	struct slot *s = arg;
	struct pool *p = s->profile->server->pool;
	struct sandbox_call c;
	int rc = 0;

	pool_enter(p);
	if ((events & EPOLLIN) != 0)
		rc = sandbox_notified(fd, &c);
	if (rc == 1 && !call_traced(s, &c) && !call_refused(s, &c))
		call_denied(s, &c);
	/* nobody is left who could ask */
	if (rc == -1 || ((events & EPOLLHUP) != 0 && rc == 0))
		listener_remove(s);
	pool_leave(p);
}

void
listener_add(struct slot *s, int fd)
{
	struct error e;

	s->listener = fd;
	s->listener_io = loop_io_add(s->profile->server->pool->loop, fd,
	    EPOLLIN, listener_readable, s, &e);
	/* Unwatched, a caller waits for its deadline: it is refused all the
	 * same. */
}

void
listener_remove(struct slot *s)
{
	loop_io_remove(s->listener_io);
	s->listener_io = NULL;
	if (s->listener != -1)
		close(s->listener);
	s->listener = -1;
}

int
listener_reserve(struct slot *s, struct error *e)
{
	s->reserve = eventfd(0, EFD_CLOEXEC);
	return s->reserve == -1 ? error_sys(e, "eventfd") : 0;
}

void
listener_unreserve(struct slot *s)
{
	if (s->reserve != -1)
		close(s->reserve);
	s->reserve = -1;
}
