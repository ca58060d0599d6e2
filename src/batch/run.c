/*
 * A batch from beginning to end: what it needs, the loop, the signals, and
 * the exit status.
 */
#include <sys/epoll.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/units.h"
#include "batch/after.h"
#include "batch/format.h"
#include "batch/joblog.h"
#include "batch/median.h"
#include "batch/pressure.h"
#include "batch/progress.h"
#include "batch/results.h"
#include "batch/runner.h"
#include "batch/state.h"
#include "host/host.h"
#include "host/interrupt.h"
#include "host/watch.h"
#include "lang/image.h"

#define GRACE (500 * NS_PER_MS)

void
runner_width(struct runner *r)
{
	const struct batch_jobs *j = &r->options->jobs;
	struct batch_jobs read;
	struct error e;

	if (j->kind != JOBS_FILE) {
		if (r->width == 0)
			r->width = batch_width(j);
		return;
	}
	if (batch_read_jobs(j->file, &read, &e) == 0)
		r->width = batch_width(&read);
	else if (r->width == 0)
		r->width = batch_width(j);
	if (r->pool != NULL)
		pool_set_concurrency(r->pool, r->width);
}

/* A command that a worker has begins at once, though its word of that may
 * still be under way. */
static bool
has_begun(const struct entry *e)
{
	return e->running ||
	    (e->job->kind == JOB_COMMAND && e->task.life == TASK_SENT);
}

void
runner_halt(struct runner *r, bool now, const char *why)
{
	struct entry_list *lists[] = {&r->ready, &r->blocked, &r->paused};
	struct entry *e, *next;
	size_t i;

	if (!r->starve) {
		r->starve = true;
		loop_io_remove(r->source_io);
		r->source_io = NULL;
		for (i = 0; i < NITEMS(lists); i++) {
			while ((e = TAILQ_FIRST(lists[i])) != NULL)
				entry_cancel(e, why);
		}
	}
	TAILQ_FOREACH_SAFE(e, &r->inpool, link, next) {
		if (now || !has_begun(e))
			entry_cancel(e, why);
		else if (!e->running)
			pool_withdraw(r->pool, &e->task);
	}
}

static void
on_signal(int signo, void *arg)
{
	struct runner *r = arg;

	if (r->signal != 0) {
		r->killed = true;
		if (r->pool != NULL)
			pool_kill_all(r->pool);
		return;
	}
	r->signal = signo;
	interrupt_raise(signo);
	runner_halt(r, true, signo == SIGINT ? "interrupted" : "terminated");
}

/* Is there a job that would start yet? */
static bool
work_left(const struct runner *r)
{
	const struct entry *e;

	TAILQ_FOREACH(e, &r->inpool, link) {
		if (!has_begun(e))
			return true;
	}
	return !r->ended || r->nready + r->npaused + r->nblocked > 0;
}

static void
on_hangup(int signo ATTR_UNUSED, void *arg)
{
	struct runner *r = arg;

	log_notice("hung up: no more jobs are started");
	r->draining = true;
	r->hung_up = r->hung_up || work_left(r);
	runner_halt(r, false, "not started: hung up");
}

/* Ctrl-Z: the jobs and their clocks stop with us. */
static void
on_stop(int signo ATTR_UNUSED, void *arg)
{
	struct runner *r = arg;
	int64_t from;

	progress_hide(r->progress);
	pool_stop(r->pool);
	from = clock_mono();
	raise(SIGSTOP);
	pool_continue(r->pool, clock_mono() - from);
	if (r->next_start != 0)
		r->next_start += clock_mono() - from;
}

static void
job_label(const struct task *t, struct buf *b, void *arg ATTR_UNUSED)
{
	const struct entry *e = t->owner;

	buf_addf(b, "%s %s", e->job->id, job_text(e->job));
}

static void
over_total(void *arg)
{
	struct runner *r = arg;
	struct entry *e, *next;
	char text[32], why[96];

	r->total_timer = NULL;
	r->overtime = true;
	units_format_duration(r->options->total_timeout, text);
	snprintf(why, sizeof(why),
	    "the whole batch ran over its --total-timeout of %s", text);
	log_error("%s", why);
	runner_halt(r, false, why);
	TAILQ_FOREACH_SAFE(e, &r->inpool, link, next) {
		pool_cancel(r->pool, &e->task, ERRKEY_TIMEOUT, why, "set",
		    (uint64_t)r->options->total_timeout);
	}
}

/* Is more of interest than how a job ends? */
static bool
wants_starts(const struct batch_options *o)
{
	return o->timeout_percent > 0 || o->group != GROUP_JOB || o->load > 0 ||
	    o->memfree > 0 || o->bar || o->eta || o->progress;
}

/* May a job begin before we have seen to the end of the one before? */
static bool
may_go_on(const struct runner *r)
{
	const struct batch_options *o = r->options;

	return o->halt.when == HALT_NEVER && o->jobs.kind != JOBS_FILE &&
	    r->state == NULL;
}

static int
pack_function(void *vm, val function, struct buf *out, struct error *e)
{
	return image_write(vm, function, out, e);
}

static int
open_pool(struct runner *r, struct error *e)
{
	static const int ends[] = {SIGINT, SIGTERM};
	const struct batch *b = r->batch;
	struct pool_config pc;
	size_t i;

	if (loop_new(&r->loop, e) == -1)
		return -1;
	for (i = 0; i < NITEMS(ends); i++) {
		if (loop_signal_add(r->loop, ends[i], on_signal, r, e) == -1)
			return -1;
	}
	if (loop_signal_add(r->loop, SIGHUP, on_hangup, r, e) == -1 ||
	    loop_signal_add(r->loop, SIGTSTP, on_stop, r, e) == -1)
		return -1;
	memset(&pc, 0, sizeof(pc));
	pc.workers =
	    r->options->jobs.kind == JOBS_FILE ? MAX_WORKERS : r->width;
	for (i = 0; i < IMAGE_COUNT; i++)
		pc.worker_path[i] = b->worker_path[i];
	pc.secret_dirs = b->secret_dirs;
	for (i = 0; i < TOTAL_COUNT; i++)
		pc.total[i] = policy_total(b->policy, (enum total_id)i);
	if (pc.worker_path[IMAGE_CORE] == NULL) {
		return error_set(e, EK_UNAVAILABLE,
		    "rtfs-worker is not installed: not beside rtfs and not "
		    "in its libexec folder (rtfs version -v)");
	}
	pc.grace = r->options->grace >= 0 ? r->options->grace : GRACE;
	pc.leave_children = r->options->leave_children;
	pc.spin = b->spin;
	pc.niceness = r->options->nice;
	pc.build_id = lang_build_id();
	pc.prompt = wants_starts(r->options);
	pc.ahead = may_go_on(r);
	pc.stream = entry_stream;
	pc.start = entry_started;
	pc.done = entry_done;
	pc.arg = r;
	r->pack.tasks = true;
	if (b->vm != NULL) {
		r->pack.function = pc.pack_function = pack_function;
		r->pack.arg = pc.pack_arg = b->vm;
	}
	if (pc.spin > 0)
		log_debug("awake for %lld us before each sleep",
		    (long long)(pc.spin / 1000));
	if (pool_new(r->loop, &pc, &r->pool, e) == -1)
		return -1;
	pool_set_concurrency(r->pool, r->width);
	return watch_attach(r->watch, r->loop, r->pool, job_label, NULL, e);
}

static int
open_files(struct runner *r, struct error *e)
{
	const struct batch_options *o = r->options;
	bool again = o->resume != RESUME_NO;

	if (o->joblog != NULL &&
	    joblog_open(o->joblog, again, &r->joblog, e) == -1)
		return -1;
	if (o->results != NULL &&
	    results_open(o->results, again, &r->results, e) == -1)
		return -1;
	return state_open(r, &r->state, e);
}

static void
runner_init(struct runner *r, const struct batch *b, struct job_source *source)
{
	memset(r, 0, sizeof(*r));
	r->batch = b;
	r->options = b->options;
	r->source = source;
	r->heap = b->heap;
	r->ordered = r->options->keep_order || r->options->format == BATCH_RTFS;
	r->begun = clock_mono();
	r->halt_status = -1;
	TAILQ_INIT(&r->ready);
	TAILQ_INIT(&r->blocked);
	TAILQ_INIT(&r->paused);
	TAILQ_INIT(&r->inpool);
	TAILQ_INIT(&r->order);
	spill_init(&r->spill);
	TAILQ_INIT(&r->lively);
	TAILQ_INIT(&r->spare);
	print_init(r);
	r->out_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	r->slot_used = xcalloc(MAX_WORKERS + 1, 1);
	if (r->options->timeout_percent > 0)
		r->median = median_new();
	r->pressure = pressure_new(r->options->load, r->options->memfree);
	if (r->options->jsonl != NULL && r->options->resume != RESUME_RETRY)
		r->after = after_new(r);
}

static int
runner_open(struct runner *r, struct error *e)
{
	runner_width(r);
	interrupt_init();
	if (watch_open(&r->batch->watch, &r->watch, e) == -1 ||
	    open_files(r, e) == -1 || open_pool(r, e) == -1)
		return -1;
	if (r->options->total_timeout > 0) {
		r->total_timer = loop_timer_add(r->loop,
		    r->begun + r->options->total_timeout, over_total, r);
	}
	r->progress = progress_new(r);
	format_begin(r);
	return 0;
}

/* Somebody who reads from us has gone: nothing that is printed matters. */
static void
output_gone(int fd ATTR_UNUSED, uint32_t events, void *arg)
{
	struct runner *r = arg;

	if ((events & (EPOLLERR | EPOLLHUP)) == 0)
		return;
	loop_io_remove(r->out_io);
	r->out_io = NULL;
	r->out.failed = EPIPE;
}

static bool
finished(const struct runner *r)
{
	return (r->ended || r->starve) && r->npool + r->nready == 0 &&
	    r->npaused + r->nblocked == 0;
}

static void
loop_until_done(struct runner *r)
{
	struct error e;

	r->out_io =
	    loop_io_add(r->loop, STDOUT_FILENO, EPOLLERR, output_gone, r, &e);
	runner_feed(r);
	for (;;) {
		runner_show(r);
		print_flush(r); /* before anybody waits for us */
		runner_feed(r); /* what was shown made room */
		report_flush(r->batch->report);
		if (r->options->format !=
		    BATCH_RTFS) /* one value, at the end */
			state_flush(r->state);
		if (r->out.failed != 0 && !r->closed) {
			r->closed = true;
			runner_halt(r, true, "standard output is closed");
		}
		if (finished(r) && TAILQ_EMPTY(&r->order))
			break;
		if (loop_once(r->loop, runner_idle(r) ? INT64_MAX : 0, &e) ==
		    -1) {
			log_error("%s", e.msg);
			abort();
		}
	}
	loop_io_remove(r->out_io);
	r->out_io = NULL;
}

int
batch_status(uint64_t failed)
{
	return failed > 100 ? 101 : (int)failed;
}

static int
exit_status(const struct runner *r)
{
	uint64_t n = r->failed;

	if (r->unwritten || r->spill.os_errno != 0)
		return STATUS_SETUP;
	if (r->signal != 0)
		return 128 + r->signal;
	if (r->broken)
		return STATUS_SETUP;
	if (r->hung_up)
		return 128 + SIGHUP;
	if (r->options->exit_status == EXIT_ANY)
		return n > 0 || r->overtime;
	if (r->options->exit_status == EXIT_XARGS)
		return n > 0 || r->overtime ? (int)r->worst : 0;
	if (r->halt_status >= 0)
		return r->halt_status;
	if (n == 0 && (r->overtime || r->closed))
		return 1;
	return batch_status(n);
}

/* What could not be written is said, and counts. */
static int
close_files(struct runner *r, int status)
{
	struct error e;

	if (joblog_close(r->joblog, &e) == -1) {
		log_error("%s", e.msg);
		status = STATUS_SETUP;
	}
	if (results_close(r->results, &e) == -1) {
		log_error("%s", e.msg);
		status = STATUS_SETUP;
	}
	if (state_close(r->state, &e) == -1) {
		if (e.msg[0] != '\0')
			log_error("%s", e.msg);
		status = STATUS_SETUP;
	}
	r->joblog = NULL;
	r->results = NULL;
	r->state = NULL;
	return status;
}

/* What is known only now, the summary being out. */
static int
close_output(struct runner *r, int status)
{
	struct error e;

	if (watch_close(r->watch, &e) == -1) {
		log_error("%s", e.msg);
		status = STATUS_SETUP;
	}
	if (r->out.failed != 0 && r->out.failed != EPIPE) {
		log_error("standard output: %s", strerror(r->out.failed));
		status = STATUS_SETUP;
	}
	if (r->spill.os_errno != 0) {
		log_error("output was lost: the temporary file: %s",
		    strerror(r->spill.os_errno));
		status = STATUS_SETUP;
	}
	return status;
}

static void
runner_close(struct runner *r)
{
	struct entry *e;

	progress_free(r->progress);
	r->progress = NULL;
	if (r->pool != NULL)
		pool_free(r->pool);
	if (r->wake != NULL)
		loop_timer_remove(r->wake);
	if (r->total_timer != NULL)
		loop_timer_remove(r->total_timer);
	loop_io_remove(r->source_io);
	if (r->loop != NULL)
		loop_free(r->loop);
	while ((e = TAILQ_FIRST(&r->spare)) != NULL) {
		TAILQ_REMOVE(&r->spare, e, link);
		free(e);
	}
	format_free(r);
	print_free(r);
	if (r->out_fd != -1)
		close(r->out_fd);
	spill_free(&r->spill);
	after_free(r->after);
	pressure_free(r->pressure);
	median_free(r->median);
	free(r->slot_used);
	free(r->no_pool);
}

int
batch_run(const struct batch *b, struct job_source *source)
{
	struct runner r;
	struct error e;
	int status = STATUS_SETUP;

	runner_init(&r, b, source);
	if (runner_open(&r, &e) == -1) {
		if (e.msg[0] != '\0')
			log_error("%s", e.msg);
	} else {
		loop_until_done(&r);
		format_end(&r);
		print_flush(&r);
		status = exit_status(&r);
	}
	status = close_files(&r, status);
	if (r.format != NULL) {
		format_summary(&r, status);
		print_flush(&r);
	}
	status = close_output(&r, status);
	runner_close(&r);
	return status;
}
