/* Handing the events of a pool to those who watch, and the table. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "host/metrics.h"
#include "host/trace.h"
#include "host/watch.h"

/* The file of metrics is replaced this often. */
#define METRICS_PAUSE NS_PER_SEC

struct watch {
	struct watch_config config;
	struct trace *trace;
	struct metrics *metrics;
	struct loop *loop; /* NULL: not attached */
	struct pool *pool;
	watch_label_cb label;
	void *arg;
	struct loop_timer *timer;
	int64_t resumed; /* the program computes since then */
	uint64_t steps;
	int64_t shown; /* the last table, and what had ended then */
	uint64_t ended;
};

int
watch_open(const struct watch_config *c, struct watch **out, struct error *e)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	struct error late;

	w->config = *c;
	w->resumed = clock_mono();
	if (c->trace != NULL && trace_open(c->trace, &w->trace, e) == -1) {
		error_context(e, "--trace");
	} else if (c->metrics != NULL &&
	    metrics_open(c->metrics, &w->metrics, e) == -1) {
		error_context(e, "--metrics");
	} else {
		*out = w;
		return 0;
	}
	(void)watch_close(w, &late);
	return -1;
}

static void
watch_event(const struct pool_event *ev, void *arg)
{
	struct watch *w = arg;
	struct buf b = BUF_INIT;

	if (w->metrics != NULL)
		metrics_event(w->metrics, ev);
	if (w->trace == NULL)
		return;
	if (ev->task != NULL &&
	    (ev->kind == POOL_ENDED || ev->kind == POOL_KILLED)) {
		w->label(ev->task, &b, w->arg);
	}
	trace_event(w->trace, ev, b.len > 0 ? buf_str(&b) : NULL);
	buf_free(&b);
}

static double
rate(uint64_t n, int64_t ns)
{
	return ns <= 0 ? 0 : (double)n * (double)NS_PER_SEC / (double)ns;
}

static void
watch_show(int signo ATTR_UNUSED, void *arg)
{
	struct watch *w = arg;
	const struct pool_totals *t = pool_totals(w->pool);
	int64_t now = clock_mono(), since = t->since;
	uint64_t ended = t->ok + t->failed;
	struct buf b = BUF_INIT;
	struct pool_load load;

	pool_load(w->pool, &load);
	buf_addf(&b,
	    "rtfs: %u of %u busy, %zu queued, %llu ok, %llu failed, "
	    "%llu kills; %.1f/s in %.1f s",
	    load.busy, load.most, load.queued, (unsigned long long)t->ok,
	    (unsigned long long)t->failed, (unsigned long long)t->kills,
	    rate(ended, now - since),
	    (double)(now - since) / (double)NS_PER_SEC);
	if (w->shown != 0) {
		buf_addf(&b, ", %.1f/s in the last %.1f s",
		    rate(ended - w->ended, now - w->shown),
		    (double)(now - w->shown) / (double)NS_PER_SEC);
	}
	buf_addc(&b, '\n');
	pool_show(w->pool, &b, w->label, w->arg);
	w->shown = now;
	w->ended = ended;
	fwrite(b.data, 1, b.len, stderr);
	fflush(stderr);
	buf_free(&b);
}

static void
watch_tick(void *arg)
{
	struct watch *w = arg;
	struct error e;

	w->timer = loop_timer_add(
	    w->loop, clock_mono() + METRICS_PAUSE, watch_tick, w);
	(void)!metrics_write(w->metrics, w->pool, &e); /* the end says it */
}

int
watch_attach(struct watch *w, struct loop *loop, struct pool *pool,
    watch_label_cb label, void *arg, struct error *e)
{
	if (loop_signal_add(loop, SIGUSR1, watch_show, w, e) == -1)
		return -1;
	w->loop = loop;
	w->pool = pool;
	w->label = label;
	w->arg = arg;
	if (w->trace != NULL || w->metrics != NULL)
		pool_observe(pool, watch_event, w);
	if (w->metrics != NULL) {
		w->timer = loop_timer_add(
		    loop, clock_mono() + METRICS_PAUSE, watch_tick, w);
	}
	return 0;
}

void
watch_detach(struct watch *w)
{
	struct error e;

	if (w == NULL || w->loop == NULL)
		return;
	if (w->metrics != NULL)
		(void)!metrics_write(w->metrics, w->pool, &e);
	loop_timer_remove(w->timer);
	loop_signal_remove(w->loop, SIGUSR1);
	pool_observe(w->pool, NULL, NULL);
	w->timer = NULL;
	w->loop = NULL;
	w->pool = NULL;
}

void
watch_call(struct watch *w, int64_t from, int64_t to, size_t n, uint64_t steps)
{
	if (w == NULL || w->trace == NULL)
		return;
	trace_program(
	    w->trace, "compute", w->resumed, from, "steps", steps - w->steps);
	trace_program(w->trace, "call", from, to, "tasks", n);
	w->resumed = to;
	w->steps = steps;
}

int
watch_close(struct watch *w, struct error *e)
{
	int rc = 0;

	if (w == NULL)
		return 0;
	watch_detach(w);
	if (trace_close(w->trace, e) == -1)
		rc = error_context(e, "--trace %s", w->config.trace);
	if (w->metrics != NULL && rc == 0 &&
	    metrics_write(w->metrics, NULL, e) == -1) {
		rc = error_context(e, "--metrics");
	}
	metrics_free(w->metrics);
	free(w);
	return rc;
}
