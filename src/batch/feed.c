/*
 * From the source to the pool, no more than may run soon: the pool gets a few
 * jobs more than run, so that their processes can be made beforehand, small
 * tasks come by the thousand, since they travel together, and nothing is
 * pulled that would only be held.
 */
#include <sys/epoll.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "batch/after.h"
#include "batch/pressure.h"
#include "batch/runner.h"
#include "batch/state.h"

#define AHEAD       8U     /* programs that wait behind those that run */
#define SMALL_AHEAD 1024U  /* tasks of our own code: no more than caches hold */
#define HELD_TURN   10000U /* ended, and not their turn yet (-k) */
#define HELD_MAX    1024U  /* ended, and nobody takes them */
#define READY_MAX   10000U /* pulled and not started: --order, retries */

void
slot_take(struct entry *e)
{
	struct runner *r = e->runner;
	unsigned int i;

	for (i = 1; i < MAX_WORKERS && r->slot_used[i] != 0; i++)
		continue;
	r->slot_used[i] = 1;
	e->slot = i;
}

void
slot_release(struct entry *e)
{
	if (e->slot != 0)
		e->runner->slot_used[e->slot] = 0;
	e->slot = 0;
}

static void
wake(void *arg)
{
	struct runner *r = arg;

	r->wake = NULL;
	runner_feed(r);
}

void
runner_wake_at(struct runner *r, int64_t at)
{
	if (r->wake == NULL)
		r->wake = loop_timer_add(r->loop, at, wake, r);
}

static void
source_readable(int fd ATTR_UNUSED, uint32_t events ATTR_UNUSED, void *arg)
{
	struct runner *r = arg;

	r->source_waits = false;
	runner_feed(r);
	if (!r->source_waits) { /* it has its fill, or no end */
		loop_io_remove(r->source_io);
		r->source_io = NULL;
	}
}

static void
wait_for_source(struct runner *r)
{
	int fd = job_source_fd(r->source);
	struct error e;

	r->source_waits = true;
	if (r->source_io != NULL && r->source_fd == fd)
		return; /* still watched: a conversation */
	loop_io_remove(r->source_io);
	r->source_fd = fd;
	r->source_io =
	    loop_io_add(r->loop, fd, EPOLLIN, source_readable, r, &e);
	if (r->source_io == NULL) { /* a file is always readable */
		log_error("the input cannot be watched: %s", e.msg);
		r->ended = r->broken = true;
	}
}

static void
entry_new(struct runner *r, struct job *j)
{
	struct entry *e = entry_alloc(r);

	e->job = j;
	e->state = ENTRY_READY;
	outcome_init(&e->outcome);
	if (j->retries >= 0)
		e->retries = (unsigned int)j->retries;
	else if (r->options->retries > 1)
		e->retries = r->options->retries - 1;
	r->seen++;
	if (state_has(r->state, e)) { /* an earlier run did it */
		r->resumed++;
		after_recorded(r->after, e);
		entry_free(e);
		return;
	}
	if (r->ordered)
		TAILQ_INSERT_TAIL(&r->order, e, order);
	if (after_blocks(r->after, e)) {
		e->state = ENTRY_BLOCKED;
		r->nblocked++;
		TAILQ_INSERT_TAIL(&r->blocked, e, link);
		return;
	}
	runner_ready(e);
}

/* By --order priority the highest first, else as they came. */
void
runner_ready(struct entry *e)
{
	struct runner *r = e->runner;
	struct entry *x;

	e->state = ENTRY_READY;
	r->nready++;
	if (r->options->by_priority) {
		TAILQ_FOREACH_REVERSE(x, &r->ready, entry_list, link)
		{
			if (x->job->priority >= e->job->priority) {
				TAILQ_INSERT_AFTER(&r->ready, x, e, link);
				return;
			}
		}
		TAILQ_INSERT_HEAD(&r->ready, e, link);
		return;
	}
	TAILQ_INSERT_TAIL(&r->ready, e, link);
}

/* One more job, if there is one now. */
static bool
pull(struct runner *r)
{
	struct job *j = NULL;
	struct error e;

	if (r->ended || r->source_waits ||
	    r->nheld >= (r->ordered ? HELD_TURN : HELD_MAX) ||
	    r->nready + r->npaused >= READY_MAX)
		return false;
	switch (job_source_next(r->source, &j, &e)) {
	case PULL_JOB:
		if (j->kind == JOB_CANCEL) {
			after_cancel(r->after, j);
			job_free(j);
		} else {
			entry_new(r, j);
		}
		return true;
	case PULL_WAIT:
		wait_for_source(r);
		return false;
	case PULL_END:
		r->ended = true;
		return false;
	case PULL_ERROR:
	default:
		r->ended = r->broken = true;
		log_error("%s", e.msg);
		return false;
	}
}

/* Is there room for it in the pool? */
static bool
room(const struct runner *r, const struct entry *e)
{
	const struct batch_options *o = r->options;
	const struct job *j = e->job;
	size_t ahead = r->width < AHEAD ? r->width : AHEAD;

	if (j->kind == JOB_TASK && j->capability != NULL &&
	    j->capability->trusted && !o->by_priority)
		return r->npool < SMALL_AHEAD;
	if (j->wants_slot || o->by_priority || o->delay > 0 || o->load > 0 ||
	    o->memfree > 0)
		ahead = 0;
	return r->npool < r->width + ahead;
}

/* On a terminal, or where jobs are told about. */
static void
tell_pressure(struct runner *r)
{
	const char *why = pressure_news(r->pressure);

	if (why == NULL)
		return;
	if (isatty(STDERR_FILENO) == 1)
		log_notice("waiting: %s", why);
	else
		log_tasks("waiting: %s", why);
}

/* May the next one start at this moment? */
static bool
timely(struct runner *r)
{
	int64_t now, at;

	if (r->options->delay > 0) {
		now = clock_mono();
		if (now < r->next_start) {
			runner_wake_at(r, r->next_start);
			return false;
		}
	}
	at = pressure_wait(r->pressure, r->nrunning);
	if (at != 0) {
		tell_pressure(r);
		runner_wake_at(r, at);
		return false;
	}
	return true;
}

static void
start_first(struct runner *r)
{
	struct entry *e = TAILQ_FIRST(&r->ready);

	entry_unlink(e);
	if (r->options->delay > 0)
		r->next_start = clock_mono() + r->options->delay;
	if (e->job->wants_slot)
		slot_take(e);
	entry_start(e);
}

void
runner_feed(struct runner *r)
{
	struct entry *e;

	if (r->feeding)
		return;
	r->feeding = true;
	while (!r->starve && r->out.failed == 0) {
		after_flush(r->after);
		if (r->options->by_priority) {
			while (pull(r))
				continue;
		}
		e = TAILQ_FIRST(&r->ready);
		if (e == NULL) {
			if (pull(r))
				continue;
			if (r->ended && r->npool + r->npaused == 0 &&
			    r->nblocked > 0 && after_give_up(r->after))
				continue;
			break;
		}
		if (!room(r, e) || !timely(r))
			break;
		start_first(r);
	}
	after_flush(r->after);
	r->feeding = false;
}
