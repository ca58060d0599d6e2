/*
 * One attempt at a job: what it needs before it can run, its streams while it
 * does, and whether it is tried again.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "batch/backoff.h"
#include "batch/environ.h"
#include "batch/live.h"
#include "batch/median.h"
#include "batch/progress.h"
#include "batch/runner.h"
#include "batch/words.h"
#include "host/fault.h"
#include "host/manifest.h"
#include "task/marshal.h"
#include "value/map.h"
#include "value/name.h"
#include "value/vector.h"

static int
prepare_command(struct entry *e, struct error *err)
{
	struct job *j = e->job;

	if (j->wants_slot)
		job_set_slot(j, e->slot);
	word_list_free(e->env);
	e->env = environ_make(j, e->effective);
	free(e->program);
	e->program = environ_program(j->argv[0], j->env);
	if (e->program == NULL) {
		return error_set(
		    err, EK_UNAVAILABLE, "%s: no such command", j->argv[0]);
	}
	e->command = (struct command){.program = e->program,
	    .argv = j->argv,
	    .env = e->env,
	    .dir = j->dir,
	    .input = j->has_input ? buf_str(&j->input) : NULL,
	    .ninput = j->input.len};
	e->task.command = &e->command;
	e->task.args = VAL_NIL;
	return 0;
}

static int
prepare_task(struct entry *e, struct error *err)
{
	struct job *j = e->job;
	const struct capability *c = j->capability;

	if (c->broken != NULL)
		return error_set(err, EK_UNAVAILABLE, "%s", c->broken);
	if (c->kind == CAP_HOST) {
		return error_set(err, EK_UNAVAILABLE,
		    ":%s belongs to a program; a batch has none", c->id);
	}
	if (marshal_check_args(c, j->args, err) == -1)
		return -1;
	e->task.args = j->args;
	e->task.closure = j->closure;
	if (c->kind == CAP_RTFS && j->closure == NULL)
		return manifest_closure(c, &e->task.closure, err);
	return 0;
}

/* Everything that an attempt needs. */
static int
prepare(struct entry *e, struct error *err)
{
	struct runner *r = e->runner;
	struct job *j = e->job;
	const struct capability *c =
	    j->kind == JOB_COMMAND ? job_command_row() : j->capability;
	int rc;

	if (policy_resolve(
	        r->batch->policy, c, j->options, &e->effective, err) == -1) {
		e->effective = NULL;
		return -1;
	}
	rc = j->kind == JOB_COMMAND ? prepare_command(e, err) :
	                              prepare_task(e, err);
	if (rc == -1)
		return -1;
	if (r->pool == NULL)
		return error_set(err, EK_UNAVAILABLE, "%s", r->no_pool);
	return pool_plan(r->pool, c, e->effective, &e->task.plan, err);
}

static enum errkey
kind_of(const struct error *err)
{
	switch (err->kind) {
	case EK_POLICY:
		return ERRKEY_DENIED;
	case EK_UNAVAILABLE:
	case EK_SYSTEM:
		return ERRKEY_UNAVAILABLE;
	default:
		return ERRKEY_INVALID_ARGUMENTS;
	}
}

void
entry_fail(struct entry *e, enum errkey kind, const char *text)
{
	outcome_init(&e->outcome);
	e->outcome.kind = kind;
	e->outcome.message = xstrdup(text);
	entry_settle(e);
}

void
entry_start(struct entry *e)
{
	struct runner *r = e->runner;
	struct error err;

	if (e->job->refused != NULL) {
		entry_fail(e, e->job->refused_kind, e->job->refused);
		return;
	}
	if (prepare(e, &err) == -1) {
		entry_fail(e, kind_of(&err), err.msg);
		return;
	}
	e->task.heap = r->heap;
	e->task.owner = e;
	e->task.seq = e->job->seq;
	e->task.attempt++;
	e->state = ENTRY_POOL;
	r->npool++;
	TAILQ_INSERT_TAIL(&r->inpool, e, link);
	pool_submit(r->pool, &e->task);
}

static void
over_median(void *arg)
{
	struct entry *e = arg;
	char text[96];

	e->timer = NULL;
	snprintf(text, sizeof(text),
	    "timed out after %g %% of the running median",
	    e->runner->options->timeout_percent);
	pool_cancel(e->runner->pool, &e->task, ERRKEY_TIMEOUT, text, "timeout",
	    (uint64_t)median_percent(
	        e->runner->median, e->runner->options->timeout_percent));
}

void
entry_started(struct task *t, int32_t pid, void *arg ATTR_UNUSED)
{
	struct entry *e = t->owner;
	struct runner *r = e->runner;
	struct buf text = BUF_INIT;
	int64_t limit;

	if (e->running)
		return;
	e->running = true;
	e->pid = pid;
	r->nrunning++;
	if (e->begun == 0) {
		e->begun = t->started;
		e->begun_wall = clock_wall();
	}
	if (log_level() >= LOG_TASKS) {
		log_tasks("job %s started, pid %d, isolation %s%s: %s",
		    e->job->id, (int)pid,
		    isolation_name(e->effective->isolation),
		    t->attempt > 1 ? ", again" : "", job_text(e->job));
	}
	if (r->options->trace) {
		progress_hide(r->progress);
		job_show(e->job, &text);
		fprintf(stderr, "%s\n", buf_str(&text));
		buf_free(&text);
	}
	if (r->options->timeout_percent > 0 &&
	    (limit = median_percent(r->median, r->options->timeout_percent)) >
	        0) {
		e->timer =
		    loop_timer_add(r->loop, t->started + limit, over_median, e);
	}
}

void
entry_stream(
    struct task *t, int fd, const char *bytes, size_t n, void *arg ATTR_UNUSED)
{
	struct entry *e = t->owner;
	const struct limit_value *keep = &e->effective->limit[LIMIT_OUTPUT];
	struct spool *s = &e->out[fd - 1];
	uint64_t room;

	if (fd == STDERR_FILENO && keep->set) { /* :output */
		room = s->total < keep->soft ? keep->soft - s->total : 0;
		if (n > room) {
			e->cut += n - room;
			n = (size_t)room;
		}
	}
	if (n == 0)
		return;
	spool_add(&e->runner->spill, s, bytes, n);
	if (!e->lively && live_wanted(e)) {
		e->lively = true;
		TAILQ_INSERT_TAIL(&e->runner->lively, e, live);
	}
	if (fd == STDOUT_FILENO)
		e->received += n;
}

/* Is this failure one that is tried again? */
static bool
wanted_again(const struct entry *e)
{
	const struct batch_options *o = e->runner->options;
	const struct outcome *out = &e->outcome;
	enum errkey key = fault_key(out);
	const char *kind = fault_kind(out);
	val on = VAL_UNBOUND;
	size_t i;

	if (e->job->options != VAL_NIL)
		on = map_get_keyword(e->job->options, "retry-on");
	if (on != VAL_UNBOUND && on != VAL_NIL) {
		if (val_is_keyword(on))
			return val_is_key(on, kind);
		for (i = 0; val_is_vector(on) && i < vec_count(on); i++) {
			if (val_is_key(vec_get(on, i), kind))
				return true;
		}
		return false;
	}
	for (i = 0; i < o->nretry_on; i++) {
		if (strcmp(o->retry_on[i].kind, kind) == 0 &&
		    (o->retry_on[i].exit == -1 ||
		        o->retry_on[i].exit == out->exit))
			return true;
	}
	return o->nretry_on == 0 &&
	    (key == ERRKEY_TIMEOUT || key == ERRKEY_SIGNAL ||
	        key == ERRKEY_EXIT || key == ERRKEY_CAPABILITY ||
	        key == ERRKEY_UNAVAILABLE);
}

static void
again(void *arg)
{
	struct entry *e = arg;
	struct runner *r = e->runner;

	e->timer = NULL;
	entry_unlink(e);
	e->state = ENTRY_READY;
	r->nready++;
	TAILQ_INSERT_HEAD(&r->ready, e, link);
	runner_feed(r);
}

static void
retry(struct entry *e)
{
	struct runner *r = e->runner;
	int i;

	e->retries--;
	outcome_clear(r->heap, &e->outcome);
	for (i = 0; i < 2; i++) {
		spool_free(&r->spill, &e->out[i]);
		buf_clear(&e->line[i]);
	}
	e->received = e->cut = 0;
	e->state = ENTRY_PAUSED;
	r->npaused++;
	TAILQ_INSERT_TAIL(&r->paused, e, link);
	e->timer = loop_timer_add(r->loop,
	    r->options->retry_delay > 0 ? clock_mono() +
	            backoff(r->options->retry_delay, e->task.attempt,
	                arc4random()) :
	                                  0,
	    again, e);
}

void
entry_done(struct task *t, struct outcome *o, void *arg ATTR_UNUSED)
{
	struct entry *e = t->owner;
	struct runner *r = e->runner;

	e->outcome = *o;
	outcome_init(o);
	entry_unlink(e);
	if (e->job->kind == JOB_COMMAND) /* its last words; all are spooled */
		buf_free(&e->outcome.stray);
	if (e->running) {
		r->nrunning--;
		e->running = false;
	}
	slot_release(e);
	if (r->options->jobs.kind == JOBS_FILE)
		runner_width(r);
	if (e->outcome.ok && r->median != NULL)
		median_add(r->median, e->outcome.usage.wall_ns);
	if (!e->outcome.ok && !r->starve && !e->cancelled && e->retries > 0 &&
	    wanted_again(e)) {
		retry(e);
	} else {
		/* halted before it began: not a word about it; that it did
		 * may not have been told yet when it was ended */
		e->quiet = r->starve && e->begun == 0 && e->outcome.pid == 0 &&
		    e->out[0].total == 0 && e->out[1].total == 0 &&
		    fault_key(&e->outcome) == ERRKEY_CANCELLED;
		entry_settle(e);
	}
	runner_feed(r);
}

void
entry_unlink(struct entry *e)
{
	struct runner *r = e->runner;

	switch (e->state) {
	case ENTRY_BLOCKED:
		TAILQ_REMOVE(&r->blocked, e, link);
		r->nblocked--;
		break;
	case ENTRY_READY:
		TAILQ_REMOVE(&r->ready, e, link);
		r->nready--;
		break;
	case ENTRY_PAUSED:
		TAILQ_REMOVE(&r->paused, e, link);
		r->npaused--;
		break;
	case ENTRY_POOL:
		TAILQ_REMOVE(&r->inpool, e, link);
		r->npool--;
		break;
	case ENTRY_SETTLED:
		break;
	}
	if (e->timer != NULL)
		loop_timer_remove(e->timer);
	e->timer = NULL;
}

void
entry_cancel(struct entry *e, const char *why)
{
	struct runner *r = e->runner;

	e->cancelled = true;
	switch (e->state) {
	case ENTRY_POOL:
		pool_cancel(r->pool, &e->task, ERRKEY_CANCELLED, why, NULL, 0);
		break;
	case ENTRY_BLOCKED:
	case ENTRY_READY:
	case ENTRY_PAUSED:
		entry_unlink(e);
		e->quiet = r->starve && e->begun == 0;
		entry_fail(e, ERRKEY_CANCELLED, why);
		break;
	case ENTRY_SETTLED:
		break;
	}
}
