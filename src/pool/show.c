/*
 * A look into a pool: totals, load, and the table that a signal asks for.
 */
#include <string.h>

#include "base/visible.h"
#include "pool/internal.h"
#include "pool/observe.h"

#define TABLE_SLOTS 40U /* further ones are counted only */

void
pool_observe(struct pool *p, pool_observe_cb call, void *arg)
{
	p->observe = call;
	p->observe_arg = arg;
}

const struct pool_totals *
pool_totals(const struct pool *p)
{
	return &p->totals;
}

void
pool_load(const struct pool *p, struct pool_load *out)
{
	const struct profile *f;
	const struct lane *l;

	memset(out, 0, sizeof(*out));
	out->queued = p->expected;
	out->busy = p->running;
	out->most = p->limit;
	TAILQ_FOREACH(l, &p->lanes, entry) {
		out->queued += l->queued;
		out->processes += l->nworkers;
	}
	TAILQ_FOREACH(f, &p->profiles, entry)
		out->slots += f->nslots;
}

static const char *
slot_word(const struct slot *s)
{
	static const char *const words[] = {
	    [SLOT_MAKING] = "making",
	    [SLOT_IDLE] = "idle",
	    [SLOT_DYING] = "ending",
	};
	const struct worker *w = s->worker;

	if (s->state == SLOT_RUN && w != NULL)
		return w->state == WORKER_READY ? "ready" :
		                                  worker_state_name(w->state);
	return s->state == SLOT_RUN ? "idle" : words[s->state];
}

static void
add_number(struct buf *b, int width, uint64_t n)
{
	if (n == 0)
		buf_addf(b, " %*s", width, "-");
	else
		buf_addf(b, " %*llu", width, (unsigned long long)n);
}

static void
show_slot(const struct slot *s, int64_t now, struct buf *b,
    void (*label)(const struct task *, struct buf *, void *), void *arg)
{
	const struct worker *w = s->worker;
	const struct task *t = w == NULL ? NULL : TAILQ_FIRST(&w->sent);
	struct buf text = BUF_INIT;

	add_number(b, 5, s->id);
	add_number(b, 8, s->pid > 0 ? (uint64_t)s->pid : 0);
	add_number(b, 8, w != NULL && w->pid > 0 ? (uint64_t)w->pid : 0);
	buf_addf(b, "  %-8s", slot_word(s));
	add_number(b, 6, w == NULL ? 0 : w->nsent);
	add_number(b, 8, w == NULL ? 0 : w->served);
	if (t == NULL) {
		buf_addf(b, " %8s\n", "-");
		return;
	}
	if (t->started == 0)
		buf_addf(b, " %8s  ", "-");
	else
		buf_addf(b, " %6.2f s  ",
		    (double)(now - t->started) / (double)NS_PER_SEC);
	if (label != NULL)
		label(t, &text, arg);
	else
		buf_addf(&text, ":%s", t->plan->capability->id);
	visible_add(b, buf_str(&text), text.len);
	buf_addc(b, '\n');
	buf_free(&text);
}

static void
show_slots(const struct pool *p, int64_t now, struct buf *b,
    void (*label)(const struct task *, struct buf *, void *), void *arg)
{
	const struct profile *f;
	const struct slot *s;
	unsigned int n = 0;

	TAILQ_FOREACH(f, &p->profiles, entry) {
		TAILQ_FOREACH(s, &f->slots, entry) {
			if (n++ == 0)
				buf_adds(b,
				    "   slot    guard  process  state     "
				    "tasks   served  running  task\n");
			if (n <= TABLE_SLOTS)
				show_slot(s, now, b, label, arg);
		}
	}
	if (n > TABLE_SLOTS)
		buf_addf(b, "  and %u slots more\n", n - TABLE_SLOTS);
}

/* Since when the first task of a share waits. */
static int64_t
share_waits(const struct pool *p, const struct share *s, int64_t now)
{
	const struct lane *l;
	const struct line *q;
	int64_t first = now;

	TAILQ_FOREACH(l, &p->lanes, entry) {
		TAILQ_FOREACH(q, &l->lines, entry) {
			if (q->share == s && q->queued > 0 &&
			    TAILQ_FIRST(&q->queue)->queued < first) {
				first = TAILQ_FIRST(&q->queue)->queued;
			}
		}
	}
	return first;
}

static void
show_queue(const struct pool *p, int64_t now, struct buf *b)
{
	const struct share *s;
	bool any = false;

	TAILQ_FOREACH(s, &p->shares, entry) {
		if (s->queued == 0)
			continue;
		if (!any)
			buf_adds(b, "   queued   oldest  capability\n");
		any = true;
		buf_addf(b, " %8zu %6.2f s  :%s\n", s->queued,
		    (double)(now - share_waits(p, s, now)) / (double)NS_PER_SEC,
		    s->capability->id);
	}
}

void
pool_show(const struct pool *p, struct buf *b,
    void (*label)(const struct task *, struct buf *, void *), void *arg)
{
	int64_t now = clock_mono();

	show_slots(p, now, b, label, arg);
	show_queue(p, now, b);
}
