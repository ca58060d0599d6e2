/*
 * Who runs what, when: tasks start as their lines have their turn, as many
 * workers are busy as the limit allows, and there are processes ready before
 * they are needed.
 */
#include <errno.h>
#include <limits.h>

#include "base/log.h"
#include "pool/internal.h"

/* A second message behind the first one is sent only when tasks are this
 * short: it saves the time of a wake-up, which a longer one does not miss. */
#define SHORT_TASK NS_PER_MS
/* Processes that wait for a task, beyond those that may run one: as many as
 * run, but a spare saves only the millisecond of a fork. */
#define SPARES 8U
/* Where workers are killed, others stand by for so long. */
#define SPARE_AFTER_KILL (5 * NS_PER_SEC)
/* Guards asked for at a time: one is made after the other, and one that is
 * being made cannot be taken back when descriptors run out. */
#define MAKING 8U
/* A task is sent ahead only while at most so many for each processor run. */
#define AHEAD_WORKERS 4U
/* How long a lack of descriptors, processes or memory is minded. */
#define CRAMPED NS_PER_SEC

struct lane *
lane_get(struct pool *p, const struct plan *plan)
{
	const struct capability *c = plan->capability;
	struct profile *f = profile_get(p, plan);
	enum run_mode mode = c->kind == CAP_EXEC || c->kind == CAP_COMMAND ?
	    RUN_EXEC :
	    !c->trusted || plan->own ? RUN_ONCE :
	                               RUN_SERVE;
	struct lane *l;

	TAILQ_FOREACH(l, &p->lanes, entry) {
		if (l->profile == f && l->mode == mode)
			return l;
	}
	l = xcalloc(1, sizeof(*l));
	l->profile = f;
	l->mode = mode;
	l->once = mode != RUN_SERVE;
	TAILQ_INIT(&l->lines);
	TAILQ_INIT(&l->workers);
	TAILQ_INIT(&l->free);
	TAILQ_INIT(&l->roomy);
	TAILQ_INSERT_TAIL(&p->lanes, l, entry);
	return l;
}

void
lane_requeue(struct lane *l, struct task *t, bool lost)
{
	struct pool *p = l->profile->server->pool;

	tell_task(p, POOL_REQUEUED, t, NULL, 0, 0);
	t->life = TASK_QUEUED;
	t->worker = NULL;
	t->started = 0;
	t->id = 0; /* older than all that wait */
	t->lost_once = lost;
	line_back(t);
	line_push_front(p, t);
	pool_kick(p, 0);
}

/* One that has the plan loaded, or nothing. */
static struct worker *
lane_free_worker(struct lane *l, const struct plan *p)
{
	struct worker *w, *plain = NULL;

	TAILQ_FOREACH(w, &l->free, ready) {
		if (l->once && w->served > 0)
			continue;
		if (w->loaded == p)
			return w;
		if (w->loaded == NULL && plain == NULL)
			plain = w;
		if (plain != NULL && !l->once)
			break;
	}
	return plain;
}

/* One that waits in vain. */
static struct worker *
lane_parked_worker(struct lane *l)
{
	struct worker *w;

	TAILQ_FOREACH(w, &l->free, ready) {
		if (!l->once || w->served == 0)
			return w;
	}
	return NULL;
}

/* A spare is for a task that waits, behind those that others are for: it may
 * load the plug-in before its turn.  Which capability has the next turn is
 * known only where there is one. */
static void
lane_load(struct lane *l, struct worker *w)
{
	const struct line *q, *only = NULL;
	const struct task *t;
	unsigned int i;

	if (l->mode != RUN_ONCE || l->profile->server->image != IMAGE_PLUGIN)
		return;
	TAILQ_FOREACH(q, &l->lines, entry) {
		if (q->queued > 0 && only != NULL)
			return;
		if (q->queued > 0)
			only = q;
	}
	t = only == NULL ? NULL : TAILQ_FIRST(&only->queue);
	for (i = 1; t != NULL && i < l->nfree; i++)
		t = TAILQ_NEXT(t, entry);
	if (t != NULL)
		worker_load(w, t->plan);
}

/* Two messages keep a worker busy while we see to the first; more of them
 * only where tasks come one by one. */
bool
worker_has_room(const struct worker *w)
{
	return w->nmessages < 2 || w->nsent < w->pool->config.depth;
}

/* One with short messages in hand, to put another behind them. */
static struct worker *
lane_second(struct lane *l, const struct task *t)
{
	const struct task *head;
	struct worker *w;
	int64_t ns;

	ns = plan_estimate(t->plan, t->closure == NULL ? 0 : t->closure->id);
	if (l->once || !t->plan->batchable || t->lost_once || ns == 0 ||
	    ns > SHORT_TASK) {
		return NULL;
	}
	TAILQ_FOREACH(w, &l->roomy, ready) {
		head = TAILQ_FIRST(&w->sent);
		if (w->request_io == NULL && w->texts.io == NULL &&
		    w->ending == NULL && plan_group_same(head->plan, t->plan) &&
		    head->plan->batchable && !head->lost_once &&
		    w->pool->now - head->started <= SHORT_TASK * 10) {
			return w;
		}
	}
	return NULL;
}

/* Parts of what waits, so that the last of it is spread over all. */
static size_t
line_part(const struct line *q, const struct pool *p)
{
	size_t n;

	if (q->lane->once || q->share->most != UINT_MAX)
		return 1;
	n = q->queued / (2 * (size_t)p->limit);
	if (n > p->config.batch)
		n = p->config.batch;
	return n == 0 ? 1 : n;
}

/* What the machine refuses for good is the result of every task that waits
 * for it. */
static bool
lane_refused(struct pool *p, struct lane *l)
{
	struct profile *f = l->profile;
	struct retry *r;
	uint64_t last = p->next_task;
	struct line *q;
	struct task *t;

	if (l->queued == 0)
		return false;
	if (f->server->refused || retry_hopeless(p, &f->server->retry))
		r = &f->server->retry;
	else if (f->retry.final || retry_hopeless(p, &f->retry))
		r = &f->retry;
	else
		return false;
	log_debug("no worker process: %s", r->why);
	r->failures = RETRY_MAX - 1; /* the next one is tried, once */
	r->at = 0;
	r->final = false;
	TAILQ_FOREACH(q, &l->lines, entry) {
		while ((t = TAILQ_FIRST(&q->queue)) != NULL && t->id <= last) {
			line_remove(t);
			task_fail(p, t, ERRKEY_UNAVAILABLE, r->why);
		}
	}
	return true;
}

/* Free workers that this lane should have, beyond those with tasks. */
static unsigned int
lane_wanted(const struct pool *p, const struct lane *l, bool spare)
{
	size_t room = p->running < p->limit ? p->limit - p->running : 0;
	size_t ready = lane_ready(l);

	/* a program's process is not made before its task is there */
	if (spare &&
	    (l->mode == RUN_ONCE || l->killed + SPARE_AFTER_KILL > p->now))
		room += p->limit < SPARES ? p->limit : SPARES;
	if (l->hungry && room == 0)
		room = 1;
	return (unsigned int)(ready < room ? ready : room);
}

static struct slot *
profile_idle_slot(struct profile *f)
{
	struct slot *s, *best = NULL;

	TAILQ_FOREACH(s, &f->slots, entry) {
		if (s->state == SLOT_IDLE &&
		    (best == NULL || s->idle > best->idle)) {
			best = s;
		}
	}
	return best;
}

/* What lies idle is given back, but for one slot of needy to go on with, and
 * where nothing runs what is parked for others, too. */
static void
pool_give_back(struct pool *p, const struct profile *needy)
{
	struct profile *f;
	struct worker *w, *next;
	struct slot *s;
	struct lane *l;
	bool kept = false;

	TAILQ_FOREACH(f, &p->profiles, entry) {
		TAILQ_FOREACH(s, &f->slots, entry) {
			if (s->state != SLOT_IDLE)
				continue;
			if (f == needy && !kept)
				kept = true;
			else
				slot_close(s);
		}
	}
	TAILQ_FOREACH(l, &p->lanes, entry) {
		if (p->running > 0 || l->profile == needy || l->nfree == 0)
			continue;
		TAILQ_FOREACH_SAFE(w, &l->workers, entry, next) {
			if (w->nsent == 0)
				worker_retire(w);
		}
	}
}

/* The machine is short of something: no spares for a while. */
void
pool_cramped(
    struct pool *p, struct profile *needy, struct retry *r, const char *why)
{
	retry_failed(p, r, why);
	p->cramped = p->now + CRAMPED;
	pool_give_back(p, needy);
}

static bool
lane_start_worker(struct pool *p, struct lane *l, struct slot *s, bool unmade)
{
	struct worker *w;
	struct error e;

	w = worker_new(l, s, unmade, &e);
	if (w == NULL) {
		if (s->state == SLOT_IDLE) /* else the guard was to blame */
			pool_cramped(p, l->profile, &l->profile->retry, e.msg);
		return false;
	}
	s->worker = w;
	s->state = SLOT_RUN;
	TAILQ_INSERT_TAIL(&l->workers, w, entry);
	l->nworkers++;
	worker_recount(w);
	return true;
}

/*
 * A process that is made with its task costs less than one that waits for it,
 * but the task waits for it to be made.  So that is for where nothing waits
 * ready, or where so many tasks wait that all processors are busy with them
 * anyway.
 */
static bool
direct_pays(const struct pool *p, const struct line *q)
{
	return q->lane->nfree == 0 ||
	    (p->limit >= p->processors &&
	        q->queued > (size_t)p->limit + q->lane->nfree);
}

static struct worker *
lane_direct(struct pool *p, const struct line *q)
{
	struct lane *l = q->lane;
	struct profile *f = l->profile;
	struct slot *s;

	if (l->mode != RUN_ONCE || p->running >= p->limit ||
	    f->server->refused || f->retry.at > p->now || !direct_pays(p, q))
		return NULL;
	s = profile_idle_slot(f);
	return s != NULL && lane_start_worker(p, l, s, true) ? s->worker : NULL;
}

/*
 * One that has a short task in hand, and is to have the next one at hand when
 * that has ended: its guard goes on without waiting for us.  Where many more
 * run than there are processors one that waits is not missed.
 */
static struct slot *
slot_to_go_on(const struct lane *l)
{
	struct slot *s;

	TAILQ_FOREACH(s, &l->profile->slots, entry) {
		if (s->state == SLOT_RUN && s->ahead == NULL &&
		    s->worker != NULL && s->worker->lane == l &&
		    s->worker->state == WORKER_STARTING)
			return s;
	}
	return NULL;
}

static struct worker *
lane_ahead(struct pool *p, const struct line *q)
{
	const struct task *t = TAILQ_FIRST(&q->queue);
	struct lane *l = q->lane;
	struct worker *w;
	struct slot *s;
	struct error e;

	if (!p->config.ahead || !t->plan->as_caller || t->lost_once ||
	    p->running < p->limit || p->limit > AHEAD_WORKERS * p->processors ||
	    q->share->most != UINT_MAX || line_quiet(p, t) != QUIET ||
	    l->profile->grouped || p->cramped > p->now)
		return NULL;
	s = slot_to_go_on(l);
	if (s == NULL || (w = worker_new(l, s, true, &e)) == NULL)
		return NULL;
	w->state = WORKER_AHEAD;
	s->ahead = w;
	p->nahead++;
	TAILQ_INSERT_TAIL(&l->workers, w, entry);
	l->nworkers++;
	return w;
}

static bool
line_send_ahead(struct pool *p, struct line *q)
{
	struct worker *w = lane_ahead(p, q);
	size_t n;

	if (w == NULL)
		return false;
	n = worker_send(w, q, 1);
	if (w->nsent == 0)
		worker_gone(w);
	return n > 0;
}

/* Somebody has nothing to do while tasks wait behind others. */
static void
recall_all(struct pool *p)
{
	struct profile *f;
	struct slot *s;

	if (p->nahead == 0 || p->running >= p->limit)
		return;
	TAILQ_FOREACH(f, &p->profiles, entry) {
		TAILQ_FOREACH(s, &f->slots, entry) {
			if (s->ahead != NULL)
				worker_recall(s->ahead);
		}
	}
}

static bool
line_serve(struct pool *p, struct line *q)
{
	const struct task *t = TAILQ_FIRST(&q->queue);
	struct lane *l = q->lane;
	struct worker *w = lane_direct(p, q), *other;

	if (w == NULL && p->running < p->limit && l->nfree > 0) {
		w = lane_free_worker(l, t->plan);
		other = w != NULL ? NULL : lane_parked_worker(l);
		if (other != NULL) /* the order has changed */
			worker_retire(other);
	}
	if (w == NULL && q->share->most == UINT_MAX)
		w = lane_second(l, t);
	if (w == NULL)
		return line_send_ahead(p, q);
	return worker_send(w, q, line_part(q, p)) > 0;
}

/* Somebody's parked worker makes room for another lane's.  Returns whether
 * one does, or is about to. */
static bool
profile_make_room(
    struct pool *p, const struct profile *f, const struct lane *needy)
{
	struct worker *w;
	struct lane *l;

	TAILQ_FOREACH(l, &p->lanes, entry) {
		if (l->profile != f)
			continue;
		TAILQ_FOREACH(w, &l->workers, entry) {
			if (w->state == WORKER_ENDING ||
			    w->state == WORKER_DOOMED) {
				return true;
			}
		}
		if (l == needy || l->nfree == 0 || lane_ready(l) > 0)
			continue;
		w = lane_parked_worker(l);
		if (w != NULL) {
			worker_retire(w);
			return true;
		}
	}
	return false;
}

/* Slots are made a few more than can be busy: a spare each, and one lane must
 * not starve because another's workers are parked. */
static void
profile_grow(struct pool *p, struct lane *l, unsigned int missing)
{
	struct profile *f = l->profile;
	struct server *sv = f->server;
	unsigned int most = 4 * p->config.workers + 2;
	struct error e;

	if (sv->state == SERVER_DOWN) {
		if (sv->retry.at > p->now) {
			pool_kick(p, sv->retry.at);
			return;
		}
		if (server_start(sv, &e) == -1) {
			pool_cramped(p, f, &sv->retry, e.msg);
			if (e.os_errno == ENOENT || e.os_errno == EACCES ||
			    e.os_errno == ENOEXEC) {
				sv->retry.failures = RETRY_MAX;
			}
			return;
		}
	}
	if (sv->state == SERVER_DYING)
		return;            /* its end comes back here */
	if (p->cramped > p->now) { /* whatever there is comes back here */
		if (f->nslots > 0) {
			(void)(p->running > 0 || profile_make_room(p, f, l));
			pool_kick(p, p->cramped);
			return;
		}
		missing = 1;
	}
	if (f->nslots >= most &&
	    (p->running > 0 || profile_make_room(p, f, l))) {
		return;
	}
	while (
	    missing > f->nmaking && f->nmaking < MAKING && f->nslots < most) {
		if (slot_new(f, &e) == NULL) {
			if (e.os_errno == EPIPE || e.os_errno == ECONNRESET)
				return; /* its end will be seen, with a reason */
			pool_cramped(p, f, &f->retry, e.msg);
			return;
		}
	}
}

/* Returns whether a worker was started that dispatch can use now. */
static bool
lane_supply(struct pool *p, struct lane *l, bool spare)
{
	struct profile *f = l->profile;
	unsigned int want = lane_wanted(p, l, spare);
	struct slot *s;
	bool started = false;

	if (want <= l->nfree)
		return false;
	if (f->server->refused || (spare && p->cramped > p->now))
		return false;
	if (f->retry.at > p->now) {
		pool_kick(p, f->retry.at);
		return false;
	}
	while (l->nfree < want && (s = profile_idle_slot(f)) != NULL) {
		if (!lane_start_worker(p, l, s, l->mode == RUN_EXEC))
			return started;
		if (spare)
			lane_load(l, s->worker);
		started = true;
	}
	if (l->nfree < want)
		profile_grow(p, l, want - l->nfree);
	return started;
}

static void
dispatch_send(struct pool *p)
{
	struct lane *l;
	struct line *q;

	TAILQ_FOREACH(l, &p->lanes, entry)
		l->stalled = false;
	while ((q = line_next(p)) != NULL) {
		l = q->lane;
		if (line_serve(p, q)) {
			l->hungry = false;
			continue;
		}
		l->stalled = true;
		if (p->running < p->limit)
			l->hungry = true; /* others go first, this once */
	}
}

void
pool_dispatch(struct pool *p)
{
	struct lane *l;
	bool again;

	if (p->dispatching || p->closing)
		return;
	p->dispatching = true;
	spending_sweep(p);
	do {
		again = false;
		dispatch_send(p);
		TAILQ_FOREACH(l, &p->lanes, entry) {
			if (lane_refused(p, l) || lane_supply(p, l, false))
				again = true;
		}
	} while (again);
	TAILQ_FOREACH(l, &p->lanes, entry)
		(void)lane_supply(p, l, true);
	recall_all(p);
	p->dispatching = false;
}
