/*
 * Whose turn it is.  The tasks of a capability wait in a line of each lane
 * that can run them; a lane serves its lines, and the pool its lanes, so that
 * every capability gets its share of the workers' time, in proportion to its
 * weight, whatever the others have queued.
 *
 * A share's time is what its tasks took, divided by its weight, with what
 * those that run now will take by their average.  The one with the least is
 * next; of equals, the one whose first task has waited longest.  Who had
 * nothing to do for a while starts where the others are: unused time is not
 * saved up.
 */
#include <limits.h>
#include <stdlib.h>

#include "pool/internal.h"

/* Time is counted in this part of a nanosecond and divided by the weight. */
#define WEIGHT_UNIT 1000U

static uint64_t
weighted(const struct share *s, uint64_t ns)
{
	ns *= WEIGHT_UNIT;
	return s->weight == 1 ? ns : ns / s->weight;
}

static struct share *
share_get(struct pool *p, const struct plan *plan)
{
	const struct effective *eff = plan->effective;
	struct share *s;

	TAILQ_FOREACH(s, &p->shares, entry) {
		if (s->capability == plan->capability)
			return s;
	}
	s = xcalloc(1, sizeof(*s));
	s->capability = plan->capability;
	s->most = eff->concurrency == 0 ? UINT_MAX : eff->concurrency;
	s->weight = eff->weight == 0 ? 1 : eff->weight;
	TAILQ_INSERT_TAIL(&p->shares, s, entry);
	return s;
}

struct line *
line_get(struct pool *p, struct lane *l, const struct plan *plan)
{
	struct share *s = share_get(p, plan);
	struct line *q;

	TAILQ_FOREACH(q, &l->lines, entry) {
		if (q->share == s)
			return q;
	}
	q = xcalloc(1, sizeof(*q));
	q->lane = l;
	q->share = s;
	TAILQ_INIT(&q->queue);
	TAILQ_INSERT_TAIL(&l->lines, q, entry);
	if (s->most != UINT_MAX)
		l->capped = true;
	return q;
}

static void
line_add(struct pool *p, struct line *q)
{
	struct share *s = q->share;

	if (s->queued + s->out == 0 && s->time < p->time)
		s->time = p->time;
	q->queued++;
	q->lane->queued++;
	s->queued++;
}

void
line_push(struct pool *p, struct task *t)
{
	struct line *q = t->plan->line;

	line_add(p, q);
	TAILQ_INSERT_TAIL(&q->queue, t, entry);
}

void
line_push_front(struct pool *p, struct task *t)
{
	struct line *q = t->plan->line;

	line_add(p, q);
	TAILQ_INSERT_HEAD(&q->queue, t, entry);
}

void
line_remove(struct task *t)
{
	struct line *q = t->plan->line;

	TAILQ_REMOVE(&q->queue, t, entry);
	q->queued--;
	q->lane->queued--;
	q->share->queued--;
}

void
line_out(struct task *t)
{
	t->plan->line->share->out++;
}

void
line_back(struct task *t)
{
	t->plan->line->share->out--;
}

void
line_ended(struct task *t, int64_t ns)
{
	struct share *s = t->plan->line->share;

	line_back(t);
	if (ns <= 0)
		return;
	s->time += weighted(s, (uint64_t)ns);
	s->average = s->average == 0 ? ns : s->average + (ns - s->average) / 8;
}

int64_t
line_quiet(const struct pool *p, const struct task *t)
{
	const struct share *s = t->plan->line->share;
	bool is_short = s->average != 0 && s->average <= QUIET_SHORT;

	return is_short && !s->floods && t->plan->timeout >= 2 * QUIET &&
	        !p->config.prompt && p->observe == NULL ?
	    QUIET :
	    WATCH_AFTER;
}

int64_t
lane_quiet(const struct lane *l)
{
	const struct task *t;
	const struct line *q;
	int64_t ns, quiet = 0;

	TAILQ_FOREACH(q, &l->lines, entry) {
		t = TAILQ_FIRST(&q->queue);
		ns = t == NULL ? 0 : line_quiet(l->profile->server->pool, t);
		if (ns != 0 && (quiet == 0 || ns < quiet))
			quiet = ns;
	}
	return quiet == 0 ? WATCH_AFTER : quiet;
}

size_t
line_ready(const struct line *q)
{
	const struct share *s = q->share;
	size_t room = s->most > s->out ? s->most - s->out : 0;

	return q->queued < room ? q->queued : room;
}

size_t
lane_ready(const struct lane *l)
{
	const struct line *q;
	size_t n = 0;

	if (!l->capped)
		return l->queued;
	TAILQ_FOREACH(q, &l->lines, entry)
		n += line_ready(q);
	return n;
}

static uint64_t
share_time(const struct share *s)
{
	return s->time + weighted(s, (uint64_t)s->average * s->out);
}

/* Has a its turn before b? */
static bool
line_before(const struct line *a, const struct line *b)
{
	uint64_t ta = share_time(a->share), tb = share_time(b->share);

	if (ta != tb)
		return ta < tb;
	return TAILQ_FIRST(&a->queue)->id < TAILQ_FIRST(&b->queue)->id;
}

struct line *
line_next(struct pool *p)
{
	struct line *q, *best = NULL;
	struct lane *l;

	TAILQ_FOREACH(l, &p->lanes, entry) {
		if (l->queued == 0 || l->stalled)
			continue;
		TAILQ_FOREACH(q, &l->lines, entry) {
			if (line_ready(q) > 0 &&
			    (best == NULL || line_before(q, best))) {
				best = q;
			}
		}
	}
	if (best != NULL && p->time < best->share->time)
		p->time = best->share->time;
	return best;
}

void
lines_free(struct lane *l)
{
	struct line *q;

	while ((q = TAILQ_FIRST(&l->lines)) != NULL) {
		TAILQ_REMOVE(&l->lines, q, entry);
		free(q);
	}
}

void
shares_free(struct pool *p)
{
	struct share *s;

	while ((s = TAILQ_FIRST(&p->shares)) != NULL) {
		TAILQ_REMOVE(&p->shares, s, entry);
		free(s);
	}
}
