/*
 * Events of the pool on their way to who watches; the totals are kept for
 * everybody.
 */
#include "pool/observe.h"
#include "pool/internal.h"

static void
tell(struct pool *p, struct pool_event *e)
{
	e->at = e->kind == POOL_QUEUED ? e->task->queued : p->now;
	p->observe(e, p->observe_arg);
}

static void
tell_event(struct pool *p, enum pool_event_kind kind, const struct task *t,
    const struct outcome *o, uint32_t slot, int32_t pid)
{
	struct pool_event e = {
	    .kind = kind, .task = t, .outcome = o, .slot = slot, .pid = pid};

	tell(p, &e);
}

void
tell_task(struct pool *p, enum pool_event_kind kind, const struct task *t,
    const struct outcome *o, uint32_t slot, int32_t pid)
{
	if (kind == POOL_QUEUED)
		p->totals.submitted++;
	else if (kind == POOL_REQUEUED)
		p->totals.requeued++;
	else if (kind == POOL_STARTED)
		p->totals.started++;
	else if (o != NULL && o->ok)
		p->totals.ok++;
	else
		p->totals.failed++;
	if (UNLIKELY(p->observe != NULL))
		tell_event(p, kind, t, o, slot, pid);
}

void
tell_kill(const struct worker *w, int signo)
{
	struct pool_event e = {.kind = POOL_KILLED,
	    .task = w->ending,
	    .slot = w->slot->id,
	    .pid = w->pid,
	    .signo = signo};

	w->pool->totals.kills++;
	if (w->pool->observe != NULL)
		tell(w->pool, &e);
}

void
tell_process(const struct worker *w, int code, int status, bool ended)
{
	struct pool_event e = {
	    .kind = ended ? POOL_PROCESS_ENDED : POOL_PROCESS,
	    .slot = w->slot->id,
	    .pid = w->pid,
	    .code = code,
	    .status = status};

	w->pool->totals.processes += !ended;
	if (w->pool->observe != NULL)
		tell(w->pool, &e);
}

void
tell_slot(const struct slot *s, bool ended)
{
	struct pool *p = s->profile->server->pool;
	struct pool_event e = {.kind = ended ? POOL_SLOT_ENDED : POOL_SLOT,
	    .slot = s->id,
	    .pid = s->pid,
	    .code = s->code,
	    .status = s->status};

	p->totals.slots += !ended;
	if (p->observe != NULL)
		tell(p, &e);
}

void
tell_server(const struct server *sv, bool ended)
{
	struct pool_event e = {
	    .kind = ended ? POOL_SERVER_ENDED : POOL_SERVER, .pid = sv->pid};

	sv->pool->totals.servers += !ended;
	if (sv->pool->observe != NULL)
		tell(sv->pool, &e);
}
