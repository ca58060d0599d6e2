/*
 * The life of a task process as the supervisor sees it: started, given tasks,
 * timed, stopped.  How it ends is in ending.c.
 *
 * One timer a worker, set lazily: it may fire early and then is set anew, so
 * that a stream of short tasks costs no timer each.
 */
#include <sys/syscall.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/units.h"
#include "pool/internal.h"

/* A batch is looked at this often: its page says which task runs, and that a
 * task started between two looks is known to no better. */
#define SAMPLE_FIRST NS_PER_MS
#define SAMPLE_LAST  (8 * NS_PER_MS)
/* A task that takes longer than this does not keep others waiting. */
#define LONG_TASK (2 * NS_PER_MS)

static void worker_arm(struct worker *);

/* Keep the counts that dispatch goes by in step with state and nsent. */
static void
worker_count(struct worker *w, bool sent)
{
	bool busy, is_free, roomy;

	is_free = w->nsent == 0 &&
	    (w->state == WORKER_STARTING || w->state == WORKER_READY);
	busy = w->state != WORKER_GONE && w->state != WORKER_AHEAD &&
	    (w->nsent > 0 || w->ending != NULL);
	if (busy != w->counted)
		w->pool->running += busy ? 1U : -1U;
	if (is_free != w->counted_free)
		w->lane->nfree += is_free ? 1U : -1U;
	if (is_free && !w->counted_free) {
		w->idle = w->pool->now;
		pool_watch_idle(w->pool);
	}
	roomy = w->state == WORKER_BUSY && w->nsent > 0 && worker_has_room(w);
	if (roomy && w->counted_roomy && !sent &&
	    w == TAILQ_FIRST(&w->lane->roomy))
		return; /* as it was: nothing else can have changed */
	if (w->counted_free)
		TAILQ_REMOVE(&w->lane->free, w, ready);
	else if (w->counted_roomy)
		TAILQ_REMOVE(&w->lane->roomy, w, ready);
	/* The one that was used last first: its memory is warm.  One that runs
	 * already rather than one that is being started. */
	if (is_free && w->state == WORKER_READY)
		TAILQ_INSERT_HEAD(&w->lane->free, w, ready);
	else if (is_free)
		TAILQ_INSERT_TAIL(&w->lane->free, w, ready);
	else if (roomy && sent)
		TAILQ_INSERT_TAIL(&w->lane->roomy, w, ready);
	else if (roomy) /* it gets on */
		TAILQ_INSERT_HEAD(&w->lane->roomy, w, ready);
	w->counted = busy;
	w->counted_free = is_free;
	w->counted_roomy = roomy;
}

void
worker_recount(struct worker *w)
{
	worker_count(w, false);
}

static void
worker_set(struct worker *w, enum worker_state state)
{
	w->state = state;
	worker_recount(w);
}

static void
worker_timeout(struct worker *w, struct task *t)
{
	int64_t limit = t->plan->timeout;
	char amount[32];

	units_format_duration(limit, amount);
	worker_condemn(w, t, ERRKEY_TIMEOUT,
	    xasprintf("timed out after %s", amount), "timeout", (uint64_t)limit,
	    (uint64_t)(w->pool->now - t->started));
}

static int64_t
task_deadline(const struct task *t)
{
	int64_t limit = t->plan->timeout;

	if (limit == INT64_MAX || t->started == 0)
		return INT64_MAX;
	return t->started > INT64_MAX - limit ? INT64_MAX : t->started + limit;
}

/* Somebody has nothing to do while tasks wait behind a long one. */
static void
worker_share(struct worker *w, struct task *t)
{
	struct pool *p = w->pool;

	if (w->nsent > 1 && p->running < p->limit && lane_ready(w->lane) == 0 &&
	    p->now - t->started >= LONG_TASK && worker_revoke(w, t, false)) {
		pool_kick(p, 0);
	}
}

/* Its result pipe has no writer: has it ended, and its guard is only slow to
 * say so?  One that has answered may take its time. */
static bool
worker_over(const struct worker *w)
{
	struct pollfd pfd = {.events = POLLIN};
	bool over;

	if (w->held != NULL || w->pid <= 0)
		return true;
	pfd.fd = (int)syscall(SYS_pidfd_open, w->pid, 0);
	if (pfd.fd == -1)
		return true; /* reaped, or no descriptor to know it by */
	over = poll(&pfd, 1, 0) == 1 || process_exiting(w->pid);
	close(pfd.fd);
	return over;
}

/* It did not end at once.  What lacks for a watch may come back; what it
 * writes is read at its end in any case. */
static void
worker_look(struct worker *w)
{
	struct error e;

	if (w->watch_at == 0 || w->watch_at > w->pool->now)
		return;
	w->watch_at = 0;
	if (worker_watch(w, &e) == -1)
		w->watch_at = w->pool->now + RETRY_FIRST;
}

/* Time to look: is its task over the deadline? */
static void
worker_check(struct worker *w)
{
	struct task *c, *t = worker_current(w);
	bool claimed = t != NULL;

	worker_look(w);
	if (w->closed != 0 && w->closed_look <= w->pool->now) {
		if (w->closed + CLOSE_LAST <= w->pool->now && !worker_over(w)) {
			worker_violated(w, "it closed its result channel");
			return;
		}
		if (w->closed + START_WAIT <= w->pool->now) {
			slot_kill(w->slot, "did not report an end");
			return;
		}
		w->closed_look = w->pool->now + CLOSE_WAIT;
	}
	if (!claimed)
		t = TAILQ_FIRST(&w->sent);
	if (t->started == 0)
		task_started(w, t, w->pool->now);
	if (t->life == TASK_RUNNING && task_deadline(t) <= w->pool->now) {
		/* what has happened already decides before the clock does */
		slot_drain(w->slot);
		if (w->state == WORKER_BUSY)
			worker_drain(w);
		c = worker_current(w);
		if (c == NULL)
			c = TAILQ_FIRST(&w->sent);
		if (w->state == WORKER_BUSY && c == t)
			worker_timeout(w, t);
	} else if (claimed) {
		worker_share(w, t);
	}
	if (w->state == WORKER_BUSY)
		worker_arm(w);
}

/* A program of a slow file system has its guard wait, and may have its time. */
static int64_t
start_wait(const struct worker *w)
{
	int64_t timeout;

	if (w->lane->mode != RUN_EXEC)
		return START_WAIT;
	timeout = TAILQ_FIRST(&w->sent)->plan->timeout;
	return timeout < INT64_MAX / 2 ? timeout + KILL_WAIT : INT64_MAX / 2;
}

static void
worker_not_started(struct worker *w)
{
	struct task *t = TAILQ_FIRST(&w->sent);

	if (w->lane->mode == RUN_EXEC && t != NULL) {
		task_started(w, t, w->sent_at);
		worker_timeout(w, t);
		return;
	}
	if (t != NULL)
		worker_condemn(w, t, ERRKEY_UNAVAILABLE,
		    xstrdup("no process was started for it"), NULL, 0, 0);
	slot_kill(w->slot, "did not start a process");
}

static void
worker_timer(void *arg)
{
	struct worker *w = arg;

	pool_enter(w->pool);
	w->timer = NULL;
	switch (w->state) {
	case WORKER_STARTING:
		worker_not_started(w);
		break;
	case WORKER_BUSY:
		w->sample *= 2;
		if (w->sample > SAMPLE_LAST)
			w->sample = SAMPLE_LAST;
		worker_check(w);
		break;
	case WORKER_DOOMED:
	case WORKER_ENDING:
		if (w->kill_sent)
			slot_kill(w->slot, "did not end its process");
		else
			worker_kill(w, SIGKILL);
		break;
	default:
		break;
	}
	pool_leave(w->pool);
}

static void
worker_wake_at(struct worker *w, int64_t at)
{
	if (w->timer != NULL && w->timer_at <= at)
		return;
	loop_timer_remove(w->timer);
	w->timer = NULL;
	if (at == INT64_MAX)
		return;
	w->timer_at = at;
	w->timer = loop_timer_add(w->pool->loop, at, worker_timer, w);
}

/* Not lazily: the old time meant something else. */
static void
worker_wake_in(struct worker *w, int64_t wait)
{
	loop_timer_remove(w->timer);
	w->timer = NULL;
	worker_wake_at(w, clock_mono() + wait);
}

static void
worker_arm(struct worker *w)
{
	struct task *c, *t = TAILQ_FIRST(&w->sent);
	int64_t at;

	if (t == NULL || w->ending != NULL)
		return;
	if (w->nsent > 1 && w->timer != NULL && w->closed == 0 &&
	    w->timer_at <= w->pool->now + w->sample) {
		return; /* soon enough, without a look at the page */
	}
	c = w->nsent > 1 ? worker_current(w) : t;
	at = task_deadline(c != NULL ? c : t);
	if (w->nsent > 1 && at > w->pool->now + w->sample)
		at = w->pool->now + w->sample;
	if (w->closed != 0 && at > w->closed_look)
		at = w->closed_look;
	if (w->watch_at != 0 && at > w->watch_at)
		at = w->watch_at;
	worker_wake_at(w, at);
}

/* The process has had the task since then. */
static void
worker_begin(struct worker *w, struct task *t, int64_t since)
{
	if (since < w->sent_at)
		since = w->sent_at;
	task_started(w, t, since);
	if (w->lane->once)
		w->watch_at = since + WATCH_AFTER;
	worker_arm(w);
}

/* A group that is full refuses the first process with EAGAIN.  t: NULL for a
 * process that waits for one. */
static void
no_process(
    const struct worker *w, const struct task *t, int os_errno, char why[256])
{
	const struct total *total = &w->pool->config.total[TOTAL_PIDS];
	uint64_t pids =
	    t == NULL ? CGROUP_UNLIMITED : t->plan->sandbox.group.pids;
	int n = snprintf(
	    why, 256, "cannot make a process: %s", error_errno(os_errno));
	char place[128];

	if (os_errno != EAGAIN || n < 0)
		return;
	if (total->set && total->amount <= pids)
		snprintf(why + n, 256 - (size_t)n,
		    " (:total has :pids %llu, %s)",
		    (unsigned long long)total->amount,
		    origin_place(total->origin, place));
	else if (pids != CGROUP_UNLIMITED)
		snprintf(why + n, 256 - (size_t)n, " (its :pids is %llu)",
		    (unsigned long long)pids);
}

void
worker_started(struct worker *w, const struct started *x)
{
	struct task *t = TAILQ_FIRST(&w->sent);
	struct error e;

	if (x->failure.os_errno == ECANCELED && x->failure.stage == 0 &&
	    worker_given_up(w)) {
		worker_recalled(w);
		return;
	}
	if (x->failure.os_errno != 0 && x->failure.stage == 0) {
		char why[256];

		no_process(w, t, (int)x->failure.os_errno, why);
		retry_failed(w->pool, &w->lane->profile->retry, why);
		w->undelivered = true;
		worker_ended(w, NULL);
		return;
	}
	w->pid = x->pid;
	w->failure = x->failure;
	tell_process(w, 0, 0, false);
	if ((!w->lane->once && worker_watch(w, &e) == -1) ||
	    w->state == WORKER_DOOMED) {
		worker_set(w, WORKER_ENDING);
		if (w->kill_sent || w->ending != NULL)
			return;
		w->undelivered = true; /* nobody would hear it */
		worker_kill(w, SIGKILL);
		return;
	}
	loop_timer_remove(w->timer);
	w->timer = NULL;
	worker_set(w, t == NULL ? WORKER_READY : WORKER_BUSY);
	if (t != NULL)
		worker_begin(w, t, w->pool->now - x->ago);
}

void
worker_sent(struct worker *w, size_t n)
{
	struct task *t = TAILQ_FIRST(&w->sent);
	w->nsent += (unsigned int)n;
	w->sent_at = w->pool->now;
	w->sample = SAMPLE_FIRST;
	if (w->state == WORKER_READY)
		w->state = WORKER_BUSY;
	worker_count(w, true);
	if (w->state == WORKER_BUSY) {
		if (t->started == 0)
			worker_begin(w, t, w->pool->now);
		else
			worker_arm(w);
	} else if (w->timer == NULL && w->state != WORKER_AHEAD) {
		worker_wake_in(w, start_wait(w));
	}
}

void
worker_its_turn(struct worker *w)
{
	if (w->ending == NULL && !w->kill_sent) {
		worker_set(w, WORKER_STARTING);
		worker_wake_in(w, start_wait(w));
	} else { /* KILL has found it begun, or does now */
		worker_set(w, WORKER_DOOMED);
		worker_wake_in(
		    w, w->kill_sent ? KILL_WAIT : w->pool->config.grace);
	}
}

bool
worker_given_up(const struct worker *w)
{
	return w->recalled || w->ending != NULL || w->kill_sent;
}

void
worker_recall(struct worker *w)
{
	if (w->recalled)
		return;
	w->recalled = true;
	slot_send_kill(w->slot, w->run, 0);
}

void
worker_recalled(struct worker *w)
{
	w->slot->kept_plan = NULL; /* it may have been the first of its plan */
	w->undelivered = true;
	worker_ended(w, NULL);
}

/* It has other tasks and had one more: does it count as it did? */
static bool
counts_stay(const struct worker *w)
{
	return w->state == WORKER_BUSY && w->counted &&
	    worker_has_room(w) == w->counted_roomy &&
	    (!w->counted_roomy || w == TAILQ_FIRST(&w->lane->roomy));
}

/* The next one is thought to begin now. */
void
worker_next(struct worker *w)
{
	struct task *t = TAILQ_FIRST(&w->sent);
	if (t == NULL && w->state == WORKER_BUSY)
		w->state = WORKER_READY;
	if (t == NULL || !counts_stay(w))
		worker_recount(w);
	if (t != NULL && w->state == WORKER_BUSY && t->started == 0) {
		task_started(w, t, w->pool->now);
		worker_arm(w);
	}
	if (w->nmessages < 2 || w->nsent == w->pool->config.depth / 2)
		pool_kick(w->pool, 0);
}

void
worker_let_go(struct worker *w, const struct task *t)
{
	if (w->texts.task == t)
		texts_end(w);
	if (w->landing.task == t) {
		landing_end(w);
		w->broken_stream = true; /* the rest of it is nobody's */
	}
}

void
worker_answered(struct worker *w, struct task *t)
{
	worker_let_go(w, t);
	TAILQ_REMOVE(&w->sent, t, entry);
	w->nsent--;
	w->served++;
	t->worker = NULL;
	if (t->closes)
		w->nmessages--;
	worker_next(w);
}

static void
worker_decide(struct worker *w, struct task *t, enum errkey kind, char *text,
    const char *limit, uint64_t allowed, uint64_t used)
{
	w->ending = t;
	t->life = TASK_ENDING;
	w->end_kind = kind;
	w->end_text = text;
	w->end_limit = limit;
	w->end_allowed = allowed;
	w->end_used = used;
}

void
worker_condemn(struct worker *w, struct task *t, enum errkey kind, char *text,
    const char *limit, uint64_t allowed, uint64_t used)
{
	/* false: it was quicker, its answer is on its way */
	if (w->ending != NULL || w->state == WORKER_GONE ||
	    !worker_revoke(w, t, false)) {
		free(text);
		return;
	}
	worker_decide(w, t, kind, text, limit, allowed, used);
	if (kind != ERRKEY_CANCELLED)
		worker_kill(w, SIGKILL);
}

/* What breaks the protocol stands where the answer to the first task on the
 * list should be.  When it has not begun with any, none pays, but not twice
 * in a row. */
void
worker_violated(struct worker *w, const char *why)
{
	struct task *t = TAILQ_FIRST(&w->sent);

	log_debug("task process %d broke the protocol: %s", w->pid, why);
	w->broken_stream = true;
	landing_end(w);
	buf_free(&w->in);
	if (t != NULL && w->ending == NULL &&
	    (t->lost_once || worker_current(w) != NULL ||
	        !worker_revoke(w, NULL, true))) {
		worker_decide(w, t, ERRKEY_PROTOCOL,
		    xasprintf("its worker broke the protocol: %s", why), NULL,
		    0, 0);
	}
	worker_kill(w, SIGKILL);
}

void
worker_closed(struct worker *w)
{
	w->closed = w->pool->now;
	w->closed_look = w->closed + CLOSE_WAIT;
	worker_wake_at(w, w->closed_look);
}

void
worker_kill(struct worker *w, int signo)
{
	if (w->state == WORKER_GONE || w->kill_sent)
		return;
	if (w->state == WORKER_STARTING)
		worker_set(w, WORKER_DOOMED);
	else if (w->state != WORKER_DOOMED && w->state != WORKER_AHEAD)
		worker_set(w, WORKER_ENDING);
	w->kill_sent = signo == SIGKILL;
	w->lane->killed = w->pool->now;
	tell_kill(w, signo);
	slot_send_kill(w->slot, w->run, signo);
	if (w->state == WORKER_AHEAD) /* nobody is late before its turn */
		return;
	worker_wake_in(w, w->kill_sent ? KILL_WAIT : w->pool->config.grace);
}

void
worker_retire(struct worker *w)
{
	if (w->nsent > 0 || w->state == WORKER_GONE)
		return;
	if (w->state == WORKER_STARTING)
		worker_kill(w, SIGKILL);
	if (w->state != WORKER_READY)
		return;
	if (w->unmade) { /* there is no process yet */
		worker_gone(w);
		return;
	}
	worker_set(w, WORKER_ENDING);
	worker_hang_up(w);
	worker_wake_in(w, NS_PER_SEC);
}

void
worker_gone(struct worker *w)
{
	struct slot *s = w->slot;

	if (w->state == WORKER_GONE)
		return;
	worker_set(w, WORKER_GONE);
	loop_timer_remove(w->timer);
	w->timer = NULL;
	worker_close(w);
	TAILQ_REMOVE(&w->lane->workers, w, entry);
	w->lane->nworkers--;
	TAILQ_INSERT_TAIL(&w->pool->gone, w, entry);
	w->slot = NULL;
	slot_left(s, w);
}

void
worker_cancel(struct worker *w, struct task *t, enum errkey kind,
    const char *text, const char *limit, uint64_t allowed)
{
	struct pool *p = w->pool;
	struct task *c;
	int64_t used = t->started == 0 ? 0 : clock_mono() - t->started;

	while ((c = worker_current(w)) != t) {
		if (c != NULL && c->id > t->id)
			return; /* it is over: the answer is on its way */
		if (worker_revoke(w, c, false) || w->ending != NULL)
			return;
	}
	worker_condemn(
	    w, t, kind, xstrdup(text), limit, allowed, (uint64_t)used);
	if (w->ending != t || w->kill_sent)
		return;
	/* our own code has nothing to tidy up */
	worker_kill(w,
	    w->lane->mode == RUN_EXEC && p->config.grace > 0 && !p->no_grace ?
	        SIGTERM :
	        SIGKILL);
}
