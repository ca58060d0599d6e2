/*
 * The page shared with a serving worker: which task it is at, and taking back
 * what it has not begun.  What the page says is a hint from outside: an id
 * counts only when it is one of those sent.
 */
#include <signal.h>

#include "pool/internal.h"

/* Changes each time that work is taken back, so that a worker's claim which
 * began before cannot succeed after. */
#define PAGE_EPOCH (UINT64_C(1) << 62)
#define PAGE_ID    (PAGE_EPOCH - 1)

static struct task *
worker_find(struct worker *w, uint64_t id)
{
	struct task *t;

	TAILQ_FOREACH(t, &w->sent, entry) {
		if (t->id >= id)
			return t->id == id ? t : NULL;
	}
	return NULL;
}

struct task *
worker_current(struct worker *w)
{
	if (w->ending != NULL) /* decided, whatever the page says now */
		return w->ending;
	if (w->page == NULL)
		return TAILQ_FIRST(&w->sent);
	return worker_find(w, atomic_load(&w->page->running) & PAGE_ID);
}

bool
worker_revoke(struct worker *w, struct task *t, bool lost)
{
	struct task *last;
	uint64_t word, next, id;

	if (w->page == NULL || (t != NULL && TAILQ_NEXT(t, entry) == NULL))
		return w->page != NULL || t != NULL;
	atomic_store(&w->page->revoked, w->last_sent);
	word = atomic_load(&w->page->running);
	do {
		id = word & PAGE_ID;
		if ((t == NULL || id > t->id) && worker_find(w, id) != NULL)
			return false;
		next = id | PAGE_REVOKED | ((word ^ PAGE_EPOCH) & PAGE_EPOCH);
	} while (!atomic_compare_exchange_weak(&w->page->running, &word, next));
	while ((last = TAILQ_LAST(&w->sent, task_queue)) != t) {
		worker_let_go(w, last);
		TAILQ_REMOVE(&w->sent, last, entry);
		w->nsent--;
		lane_requeue(w->lane, last, lost || last->lost_once);
	}
	TAILQ_FOREACH(last, &w->sent, entry)
		last->closes = last == t;
	w->nmessages = t == NULL ? 0 : 1;
	worker_recount(w);
	if (t == NULL) /* it has nothing any more */
		worker_next(w);
	/* it was answering what it had not begun */
	if (w->broken_stream || (t == NULL && w->in.len > 0))
		worker_kill(w, SIGKILL);
	return true;
}
