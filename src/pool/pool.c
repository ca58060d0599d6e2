/*
 * The front of the pool: submit, cancel, plans; its turn of the event loop;
 * the children of this process; and the end of everything.
 */
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "pool/internal.h"

/* Tasks that are submitted in one go read the clock this often only. */
#define CLOCK_TASKS 64

static void pool_idle(void *);
static void pool_child(int, void *);

void
pool_enter(struct pool *p)
{
	if (p->depth++ == 0) {
		p->now = clock_mono();
		p->wall = clock_wall() - p->now;
	}
}

void
pool_dispatch_due(struct pool *p)
{
	if (p->kick == NULL || p->kick_at > p->now)
		return;
	loop_timer_remove(p->kick);
	p->kick = NULL;
	pool_dispatch(p);
}

/* Callbacks are over: dispatch what they have made possible, and free what
 * they may have held in their hands. */
void
pool_leave(struct pool *p)
{
	struct worker *w;

	if (--p->depth > 0)
		return;
	p->depth++;
	pool_dispatch_due(p);
	p->depth--;
	while ((w = TAILQ_FIRST(&p->gone)) != NULL) {
		TAILQ_REMOVE(&p->gone, w, entry);
		worker_free(w);
	}
}

static void
pool_kicked(void *arg)
{
	struct pool *p = arg;

	p->kick = NULL;
	pool_enter(p);
	pool_dispatch(p);
	pool_leave(p);
}

void
pool_kick(struct pool *p, int64_t at)
{
	if (p->kick != NULL && p->kick_at <= at)
		return;
	loop_timer_remove(p->kick);
	p->kick_at = at;
	p->kick = loop_timer_add(p->loop, at, pool_kicked, p);
}

void
retry_failed(struct pool *p, struct retry *r, const char *why)
{
	int64_t wait = RETRY_FIRST;
	unsigned int i;

	snprintf(r->why, sizeof(r->why), "%s", why);
	if (r->at <= p->now) { /* many at once are one failure */
		for (i = 0; i < r->failures && wait < RETRY_LAST; i++)
			wait *= 2;
		r->failures++;
		r->at = p->now + (wait < RETRY_LAST ? wait : RETRY_LAST);
		log_debug("%s; trying again in %lld ms", why,
		    (long long)((r->at - p->now) / NS_PER_MS));
	}
	pool_kick(p, r->at);
}

bool
retry_hopeless(const struct pool *p, const struct retry *r)
{
	return r->failures >= RETRY_MAX && p->running == 0;
}

static void
raise_nofile(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
		r.rlim_cur = r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
}

static unsigned int
processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ?
	    (unsigned int)CPU_COUNT(&set) :
	    1;
}

int
pool_new(struct loop *loop, const struct pool_config *config, struct pool **out,
    struct error *e)
{
	struct pool *p;
	size_t i;

	if (config->workers < 1 || config->workers > MAX_WORKERS) {
		return error_set(e, EK_LIMIT,
		    "%u workers: 1 to %d are possible", config->workers,
		    MAX_WORKERS);
	}
	signal(SIGPIPE, SIG_IGN); /* a worker may go while texts come */
	p = xcalloc(1, sizeof(*p));
	p->loop = loop;
	p->config = *config;
	p->config.workers = spending_workers(config->total, config->workers);
	p->limit = p->config.workers;
	p->processors = processors();
	spending_init(&p->spending);
	p->secrets.dir = config->secret_dirs;
	if (config->batch == 0 || config->batch > BATCH_TASKS)
		p->config.batch = BATCH_TASKS;
	if (config->depth == 0)
		p->config.depth = DEPTH;
	loop_spin(loop, config->spin);
	TAILQ_INIT(&p->profiles);
	TAILQ_INIT(&p->lanes);
	TAILQ_INIT(&p->shares);
	TAILQ_INIT(&p->gone);
	p->now = p->totals.since = clock_mono();
	p->chunk = xmalloc(CHUNK);
	for (i = 0; i < IMAGE_COUNT; i++) {
		p->server[i].pool = p;
		p->server[i].image = (enum cap_image)i;
		p->server[i].fd = p->server[i].pidfd = -1;
	}
	facts_now(&p->facts);
	raise_nofile();
	p->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (p->null_fd == -1) {
		error_sys(e, "/dev/null");
		pool_free(p);
		return -1;
	}
	p->directory = getcwd(NULL, 0);
	if (p->directory == NULL)
		p->directory = xstrdup("/");
	if (loop_signal_add(loop, SIGCHLD, pool_child, p, e) == -1) {
		pool_free(p);
		return -1;
	}
	*out = p;
	return 0;
}

int
pool_plan(struct pool *p, const struct capability *c, const struct effective *f,
    const struct plan **out, struct error *e)
{
	uintptr_t h = ((uintptr_t)c >> 4) * 31 + ((uintptr_t)f >> 4);
	struct plan **chain = &p->plan[(h ^ h >> 8) % NITEMS(p->plan)];
	struct plan *plan;

	for (plan = *chain; plan != NULL; plan = plan->next) {
		if (plan->capability == c && plan->effective == f) {
			*out = plan;
			return 0;
		}
	}
	if (p->config.worker_path[c->image] == NULL) {
		return error_set(e, EK_UNAVAILABLE,
		    "%s: this rtfs was built without the worker for it", c->id);
	}
	if (pool_group_open(p, f, e) == -1)
		return -1;
	if (plan_new(c, f, &p->facts, &plan, e) == -1)
		return -1;
	if (plan_secrets(plan, &p->secrets, e) == -1) {
		plan_free(plan);
		return -1;
	}
	if (p->config.leave_children && plan->command &&
	    plan->sandbox.profile.wishes == 0)
		plan->sandbox.profile.wishes = SANDBOX_LEAVE;
	plan->id = ++p->nplans;
	plan->line = line_get(p, lane_get(p, plan), plan);
	plan->next = *chain;
	*chain = plan;
	*out = plan;
	return 0;
}

void
pool_submit(struct pool *p, struct task *t)
{
	/* anything that happened since the last one took some time */
	if (p->submitted <= p->now || p->next_task % CLOCK_TASKS == 0)
		p->submitted = clock_mono();
	pool_submit_since(p, t, p->submitted);
}

void
pool_submit_since(struct pool *p, struct task *t, int64_t queued)
{
	t->id = ++p->next_task;
	t->life = TASK_QUEUED;
	t->worker = NULL;
	t->lost_once = false;
	t->started = 0;
	t->queued = queued;
	if (spending_admit(p, t))
		line_push(p, t);
	p->count++;
	tell_task(p, POOL_QUEUED, t, NULL, 0, 0);
	pool_kick(p, 0);
}

void
pool_expect(struct pool *p, size_t n)
{
	p->expected = n;
}

void
pool_drop(struct pool *p, struct task *t, enum errkey kind, const char *text,
    const char *limit, uint64_t allowed)
{
	struct outcome o;

	if (t->over)
		TAILQ_REMOVE(&p->spending.over, t, entry);
	else
		line_remove(t);
	outcome_init(&o);
	o.kind = kind;
	o.message = xstrdup(text);
	o.limit = limit;
	o.allowed = allowed;
	o.queued_ns = p->now - t->queued;
	task_finish(p, t, &o);
}

void
pool_cancel(struct pool *p, struct task *t, enum errkey kind, const char *text,
    const char *limit, uint64_t allowed)
{
	pool_enter(p);
	if ((t->life == TASK_SENT || t->life == TASK_RUNNING) &&
	    t->worker->state != WORKER_GONE) {
		worker_cancel(t->worker, t, kind, text, limit, allowed);
	}
	if (t->life == TASK_QUEUED)
		pool_drop(p, t, kind, text, limit, allowed);
	pool_leave(p);
}

void
pool_withdraw(struct pool *p, struct task *t)
{
	pool_enter(p);
	if (t->life == TASK_SENT && t->worker->state == WORKER_AHEAD) {
		t->worker->cancel_rest = true;
		worker_recall(t->worker);
	}
	if (t->life == TASK_QUEUED)
		pool_drop(p, t, ERRKEY_CANCELLED, "cancelled", NULL, 0);
	pool_leave(p);
}

void
pool_cancel_all(struct pool *p, enum errkey kind, const char *text)
{
	uint64_t last = p->next_task;
	struct worker *w;
	struct lane *l;
	struct line *q;
	struct task *t;

	pool_enter(p);
	while ((t = TAILQ_FIRST(&p->spending.over)) != NULL)
		pool_drop(p, t, kind, text, NULL, 0);
	TAILQ_FOREACH(l, &p->lanes, entry) {
		TAILQ_FOREACH(w, &l->workers, entry) {
			if (w->nsent == 0)
				continue;
			w->cancel_rest = true;
			t = worker_current(w);
			if (!worker_revoke(w, t, false))
				t = worker_current(w);
			if (t != NULL && w->ending == NULL)
				worker_cancel(w, t, kind, text, NULL, 0);
		}
		TAILQ_FOREACH(q, &l->lines, entry) {
			while ((t = TAILQ_FIRST(&q->queue)) != NULL &&
			    t->id <= last) {
				pool_drop(p, t, kind, text, NULL, 0);
			}
		}
	}
	pool_leave(p);
}

void
pool_kill_all(struct pool *p)
{
	struct worker *w;
	struct lane *l;

	pool_enter(p);
	p->no_grace = true;
	TAILQ_FOREACH(l, &p->lanes, entry) {
		TAILQ_FOREACH(w, &l->workers, entry) {
			if (w->ending != NULL)
				worker_kill(w, SIGKILL);
		}
	}
	pool_leave(p);
}

void
pool_set_concurrency(struct pool *p, unsigned int n)
{
	if (n < 1)
		n = 1;
	p->limit = n < p->config.workers ? n : p->config.workers;
	pool_kick(p, 0);
}

size_t
pool_count(const struct pool *p)
{
	return p->count;
}

static struct slot *
pool_slot_of(struct pool *p, pid_t pid)
{
	struct profile *f;
	struct slot *s;

	TAILQ_FOREACH(f, &p->profiles, entry) {
		TAILQ_FOREACH(s, &f->slots, entry) {
			if (s->pid == pid)
				return s;
		}
	}
	return NULL;
}

bool
pool_knows(struct pool *p, pid_t pid)
{
	size_t i;

	for (i = 0; i < IMAGE_COUNT; i++) {
		if (p->server[i].pid == pid)
			return true;
	}
	return pool_slot_of(p, pid) != NULL;
}

static void
pool_reap(struct pool *p, pid_t pid)
{
	struct slot *s;
	siginfo_t si;
	size_t i;

	if (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG) == -1)
		return;
	for (i = 0; i < IMAGE_COUNT; i++) {
		if (p->server[i].pid == pid) {
			server_reaped(&p->server[i]);
			return;
		}
	}
	s = pool_slot_of(p, pid);
	if (s != NULL) {
		slot_reaped(s, si.si_code, si.si_status);
	} else {
		log_debug("reaped process %d, nobody's", pid);
		adopted_reaped(p, pid);
	}
}

/* Also children that nobody here knows: a guard whose fork server died before
 * it could name it, orphans of a container whose first process this is. */
static void
pool_child(int signo ATTR_UNUSED, void *arg)
{
	struct pool *p = arg;
	siginfo_t si;

	pool_enter(p);
	for (;;) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == -1 ||
		    si.si_pid == 0) {
			break;
		}
		pool_reap(p, si.si_pid);
	}
	pool_leave(p);
}

void
pool_watch_idle(struct pool *p)
{
	if (p->idle_timer == NULL) {
		p->idle_timer =
		    loop_timer_add(p->loop, p->now + IDLE_SLOT, pool_idle, p);
	}
}

/* What has had nothing to do for long is given back to the machine. */
static void
pool_idle(void *arg)
{
	struct pool *p = arg;
	struct worker *w, *next;
	struct profile *f;
	struct slot *s;
	struct lane *l;
	bool more = false;
	size_t i;

	p->idle_timer = NULL;
	pool_enter(p);
	TAILQ_FOREACH(l, &p->lanes, entry) {
		TAILQ_FOREACH_SAFE(w, &l->workers, entry, next) {
			more = true;
			if (w->state == WORKER_READY && w->nsent == 0 &&
			    w->idle + IDLE_SLOT <= p->now) {
				worker_retire(w);
			}
		}
	}
	TAILQ_FOREACH(f, &p->profiles, entry) {
		TAILQ_FOREACH(s, &f->slots, entry) {
			more = true;
			if (s->state == SLOT_IDLE &&
			    s->idle + IDLE_SLOT <= p->now) {
				slot_close(s);
			}
		}
	}
	for (i = 0; i < IMAGE_COUNT; i++) {
		if (p->server[i].state != SERVER_UP)
			continue;
		more = true;
		if (p->server[i].slots == 0 &&
		    p->server[i].used + IDLE_SERVER <= p->now) {
			server_stop(&p->server[i]);
		}
	}
	if (more)
		pool_watch_idle(p);
	pool_leave(p);
}
