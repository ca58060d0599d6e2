/* See spending.h. */
#include <stdio.h>
#include <time.h>

#include "pool/internal.h"

/* How often CPU time of what runs is added up. */
#define LOOK (100 * NS_PER_MS)

static void spending_look(void *arg);

void
spending_init(struct spending *t)
{
	TAILQ_INIT(&t->over);
	t->spent = TOTAL_COUNT;
}

unsigned int
spending_workers(const struct total *total, unsigned int workers)
{
	const struct total *t = &total[TOTAL_CONCURRENCY];

	if (t->set && t->amount < workers)
		return t->amount == 0 ? 1 : (unsigned int)t->amount;
	return workers;
}

static int64_t
nanoseconds(const struct total *t)
{
	return t->amount < (uint64_t)(INT64_MAX / NS_PER_SEC) ?
	    (int64_t)t->amount * NS_PER_SEC :
	    INT64_MAX;
}

/* By now, of a process that still runs; its children that have not ended are
 * not in it. */
static int64_t
cpu_of(const struct worker *w)
{
	struct timespec ts;
	clockid_t clock;

	if (w->pid <= 0 || clock_getcpuclockid(w->pid, &clock) != 0 ||
	    clock_gettime(clock, &ts) == -1)
		return 0;
	return (int64_t)ts.tv_sec * NS_PER_SEC + ts.tv_nsec;
}

static int64_t
cpu_total(struct pool *p)
{
	int64_t sum = p->spending.cpu;
	struct worker *w;
	struct lane *l;

	TAILQ_FOREACH(l, &p->lanes, entry) {
		TAILQ_FOREACH(w, &l->workers, entry) {
			w->cpu_seen = cpu_of(w);
			sum += w->cpu_seen;
		}
	}
	return sum;
}

static void
arm(struct pool *p)
{
	const struct total *total = p->config.total;
	int64_t at = INT64_MAX;

	if (p->spending.timer != NULL || p->spending.spent != TOTAL_COUNT)
		return;
	if (total[TOTAL_CPU].set)
		at = p->now + LOOK;
	if (total[TOTAL_WALL].set &&
	    nanoseconds(&total[TOTAL_WALL]) < at - p->spending.begun)
		at = p->spending.begun + nanoseconds(&total[TOTAL_WALL]);
	if (at != INT64_MAX)
		p->spending.timer =
		    loop_timer_add(p->loop, at, spending_look, p);
}

static enum errkey
spent_kind(enum total_id id)
{
	switch (id) {
	case TOTAL_CPU:
		return ERRKEY_CPU_LIMIT;
	case TOTAL_WALL:
		return ERRKEY_TIMEOUT;
	default:
		return ERRKEY_DENIED;
	}
}

static void
spent_text(const struct pool *p, enum total_id id, char out[256])
{
	const struct total *t = &p->config.total[id];
	char amount[32], place[128];

	amount_format(total_unit(id), t->amount, amount);
	snprintf(out, 256, "this run has used up its :total :%s %s (%s)",
	    total_name(id), amount, origin_place(t->origin, place));
}

/* A total is used up: what runs ends now, what waits never starts. */
static void
spend(struct pool *p, enum total_id id)
{
	uint64_t allowed = p->config.total[id].amount;
	struct worker *w, *next;
	struct lane *l;
	struct task *t;
	char text[256];

	p->spending.spent = id;
	spent_text(p, id, text);
	TAILQ_FOREACH(l, &p->lanes, entry) {
		TAILQ_FOREACH_SAFE(w, &l->workers, entry, next) {
			if (w->nsent == 0 || w->ending != NULL)
				continue;
			t = worker_current(w);
			if (!worker_revoke(w, t, false))
				t = worker_current(w);
			if (t != NULL)
				worker_condemn(w, t, spent_kind(id),
				    xstrdup(text), "total", allowed, 0);
		}
	}
	pool_kick(p, 0);
}

static void
spending_look(void *arg)
{
	struct pool *p = arg;
	const struct total *total = p->config.total;

	p->spending.timer = NULL;
	pool_enter(p);
	if (total[TOTAL_WALL].set &&
	    p->now - p->spending.begun >= nanoseconds(&total[TOTAL_WALL]))
		spend(p, TOTAL_WALL);
	else if (total[TOTAL_CPU].set &&
	    cpu_total(p) >= nanoseconds(&total[TOTAL_CPU]))
		spend(p, TOTAL_CPU);
	else if (p->count > 0)
		arm(p);
	pool_leave(p);
}

bool
spending_admit(struct pool *p, struct task *t)
{
	const struct total *tasks = &p->config.total[TOTAL_TASKS];

	if (p->spending.begun == 0)
		p->spending.begun = clock_mono();
	arm(p);
	p->spending.tasks++;
	t->over = p->spending.spent != TOTAL_COUNT ||
	    (tasks->set && p->spending.tasks > tasks->amount);
	if (t->over)
		TAILQ_INSERT_TAIL(&p->spending.over, t, entry);
	return !t->over;
}

void
spending_sweep(struct pool *p)
{
	enum total_id id = p->spending.spent;
	struct task *t;
	struct lane *l;
	struct line *q;
	char text[256];

	if (id == TOTAL_COUNT) {
		if (TAILQ_EMPTY(&p->spending.over))
			return;
		id = TOTAL_TASKS;
	}
	spent_text(p, id, text);
	while ((t = TAILQ_FIRST(&p->spending.over)) != NULL)
		pool_drop(p, t, spent_kind(id), text, "total",
		    p->config.total[id].amount);
	if (p->spending.spent == TOTAL_COUNT)
		return;
	TAILQ_FOREACH(l, &p->lanes, entry) {
		TAILQ_FOREACH(q, &l->lines, entry) {
			while ((t = TAILQ_FIRST(&q->queue)) != NULL)
				pool_drop(p, t, spent_kind(id), text, "total",
				    p->config.total[id].amount);
		}
	}
}

void
spending_ended(struct worker *w, int64_t cpu_ns)
{
	w->pool->spending.cpu += cpu_ns >= 0 ? cpu_ns : w->cpu_seen;
}

void
spending_close(struct pool *p)
{
	loop_timer_remove(p->spending.timer);
	p->spending.timer = NULL;
}
