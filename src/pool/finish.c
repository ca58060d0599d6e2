/*
 * Giving a task back, exactly once, with what is known about its attempt.
 */
#include <stdlib.h>
#include <string.h>

#include "pool/internal.h"
#include "sandbox/plan.h"
#include "value/string.h"

void
task_started(struct worker *w, struct task *t, int64_t at)
{
	struct pool *p = w->pool;

	t->started = at;
	t->life = TASK_RUNNING;
	tell_task(p, POOL_STARTED, t, NULL, w->slot->id, w->pid);
	if (p->config.start != NULL)
		p->config.start(t, w->pid, p->config.arg);
}

/* NULL: nothing. */
static char *
not_applied(const struct sandbox_plan *s, uint32_t kept)
{
	struct buf missing = BUF_INIT;
	char *text = NULL;

	sandbox_plan_missing(s, kept, &missing);
	if (missing.len > 0)
		text = buf_take(&missing, NULL);
	buf_free(&missing);
	return text;
}

void
outcome_fill(struct worker *w, struct task *t, struct outcome *o)
{
	struct pool *p = w->pool;
	const struct sandbox_plan *s = &t->plan->sandbox;
	o->pid = w->pid;
	o->slot = w->slot->id;
	if (t->started != 0) {
		o->queued_ns = t->started - t->queued;
		o->started_wall = t->started + p->wall;
		if (o->usage.wall_ns == 0)
			o->usage.wall_ns = p->now - t->started;
	} else {
		o->queued_ns = p->now - t->queued;
	}
	if (s->not_applied != NULL || (w->slot->kept ^ s->profile.wishes) != 0)
		o->not_applied = not_applied(s, w->slot->kept);
	worker_stray_end(w, t);
	if (w->stray.total > 0) {
		o->stray_total = w->stray.total;
		capture_take(&w->stray, &o->stray);
	}
}

void
task_finish(struct pool *p, struct task *t, struct outcome *o)
{
	struct heap *heap = t->heap;

	if (t->life != TASK_QUEUED)
		line_ended(t, t->started == 0 ? 0 : o->usage.wall_ns);
	outcome_hide(&p->secrets.redactor, heap, o);
	t->life = TASK_DONE;
	t->worker = NULL;
	p->count--;
	tell_task(p, POOL_ENDED, t, o, o->slot, o->pid);
	p->config.done(t, o, p->config.arg);
	outcome_clear(heap, o);
}

void
task_fail(struct pool *p, struct task *t, enum errkey kind, const char *text)
{
	struct outcome o;

	outcome_init(&o);
	o.kind = kind;
	o.message = xstrdup(text);
	o.queued_ns = p->now - t->queued;
	task_finish(p, t, &o);
}
