/*
 * Everything stands still for a while: the trees of all tasks are stopped,
 * and no time passes for them or for anything that waits on the loop.
 */
#include <signal.h>

#include "pool/internal.h"

static void
signal_all(struct pool *p, int signo)
{
	struct worker *w;
	struct lane *l;

	TAILQ_FOREACH(l, &p->lanes, entry) {
		TAILQ_FOREACH(w, &l->workers, entry) {
			if (w->state == WORKER_AHEAD)
				worker_recall(w);
			else if (w->state != WORKER_GONE && w->nsent > 0)
				slot_send_kill(w->slot, w->run, signo);
		}
	}
}

void
pool_stop(struct pool *p)
{
	signal_all(p, SIGSTOP);
}

static void
worker_shift(struct worker *w, int64_t ns)
{
	struct task *t;

	w->timer_at += ns;
	w->sent_at += ns;
	w->idle += ns;
	if (w->closed != 0) {
		w->closed += ns;
		w->closed_look += ns;
	}
	TAILQ_FOREACH(t, &w->sent, entry) {
		if (t->started != 0)
			t->started += ns;
	}
}

void
pool_continue(struct pool *p, int64_t ns)
{
	struct worker *w;
	struct lane *l;

	loop_shift(p->loop, ns);
	TAILQ_FOREACH(l, &p->lanes, entry) {
		TAILQ_FOREACH(w, &l->workers, entry)
			worker_shift(w, ns);
	}
	signal_all(p, SIGCONT);
}
