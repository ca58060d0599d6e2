/*
 * The end of a job, once: counted, weighed against --halt, written to every
 * record that was asked for, printed when it is its turn, and told to those
 * that wait for it.
 */
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "batch/after.h"
#include "batch/format.h"
#include "batch/joblog.h"
#include "batch/live.h"
#include "batch/results.h"
#include "batch/runner.h"
#include "batch/state.h"
#include "batch/words.h"
#include "host/fault.h"

const char *
entry_status(const struct entry *e)
{
	if (e->skipped)
		return "skipped";
	return e->outcome.ok ? "ok" : fault_kind(&e->outcome);
}

int
entry_exitval(const struct entry *e)
{
	const struct outcome *o = &e->outcome;

	if (o->ok)
		return 0;
	switch (fault_key(o)) {
	case ERRKEY_EXIT:
		return o->exit;
	case ERRKEY_SIGNAL:
	case ERRKEY_CPU_LIMIT:
	case ERRKEY_MEMORY_LIMIT:
	case ERRKEY_FILE_SIZE_LIMIT:
		return o->exit >= 0 ? o->exit : 0;
	case ERRKEY_UNAVAILABLE:
		return e->program == NULL ? 127 : 126;
	default:
		return -1;
	}
}

int64_t
entry_wall(const struct entry *e)
{
	if (e->begun == 0)
		return 0;
	return e->ended - e->begun;
}

bool
entry_truncated(const struct entry *e)
{
	return e->cut > 0 || e->out[0].dropped > 0 || e->out[1].dropped > 0 ||
	    (!e->outcome.ok && e->outcome.limit != NULL &&
	        strcmp(e->outcome.limit, "result") == 0);
}

/* A command, its words, its surroundings and its input. */
static void
command_digest(const struct job *j, char out[RECORD_DIGEST])
{
	char hex[SHA256_DIGEST_STRING_LENGTH];
	char *const *p;
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)"process.exec", 13);
	for (p = j->argv; p != NULL && *p != NULL; p++)
		SHA256Update(&ctx, (const uint8_t *)*p, strlen(*p) + 1);
	SHA256Update(&ctx, (const uint8_t *)"", 1);
	for (p = j->env; p != NULL && *p != NULL; p++)
		SHA256Update(&ctx, (const uint8_t *)*p, strlen(*p) + 1);
	SHA256Update(&ctx, (const uint8_t *)"", 1);
	if (j->dir != NULL)
		SHA256Update(&ctx, (const uint8_t *)j->dir, strlen(j->dir));
	SHA256Update(&ctx, (const uint8_t *)"", 1);
	if (j->input.len > 0) {
		SHA256Update(
		    &ctx, (const uint8_t *)j->input.data, j->input.len);
	}
	SHA256End(&ctx, hex);
	snprintf(out, RECORD_DIGEST, "sha256:%s", hex);
}

const char *
entry_digest(struct entry *e)
{
	struct record rec;

	if (e->digest[0] != '\0')
		return e->digest;
	if (e->job->kind == JOB_COMMAND) {
		command_digest(e->job, e->digest);
	} else {
		memset(&rec, 0, sizeof(rec));
		rec.capability =
		    e->job->capability != NULL ? e->job->capability->id : "";
		rec.args = e->job->args;
		rec.pack = &e->runner->pack;
		rec.closure = e->job->closure;
		record_digest(&e->runner->sum, &rec, e->digest);
	}
	return e->digest;
}

static void
record_of(struct entry *e, struct record *rec)
{
	const struct job *j = e->job;

	memset(rec, 0, sizeof(*rec));
	rec->id = VAL_UNBOUND;
	rec->name = j->id;
	rec->seq = j->seq;
	rec->capability = j->capability != NULL ? j->capability->id :
	    j->kind == JOB_COMMAND              ? job_command_row()->id :
	                                          "";
	rec->args = j->args;
	rec->argv = j->argv;
	rec->attempts = e->task.attempt;
	rec->outcome = &e->outcome;
	rec->effective = e->effective;
	if (!e->outcome.ok) {
		rec->kind = entry_status(e);
		rec->fault = errkey_fault(fault_key(&e->outcome));
	}
	if (e->task.plan != NULL && e->outcome.started_wall != 0) {
		rec->isolation = isolation_name(e->effective->isolation);
		rec->clamped = plan_clamped(e->task.plan);
	}
	rec->digest = entry_digest(e);
}

void
entry_record(struct entry *e, struct buf *b)
{
	struct record rec;

	record_of(e, &rec);
	record_members(b, &e->runner->sum, &rec);
}

static void
entry_report(struct entry *e)
{
	struct record rec;

	if (e->runner->batch->report == NULL)
		return;
	record_of(e, &rec);
	report_task(e->runner->batch->report, &rec);
}

void
entry_free(struct entry *e)
{
	struct runner *r = e->runner;

	spool_free(&r->spill, &e->out[0]);
	spool_free(&r->spill, &e->out[1]);
	buf_free(&e->line[0]);
	buf_free(&e->line[1]);
	outcome_clear(r->heap, &e->outcome);
	word_list_free(e->env);
	free(e->program);
	job_free(e->job);
	TAILQ_INSERT_HEAD(&r->spare, e, link);
}

struct entry *
entry_alloc(struct runner *r)
{
	struct entry *e = TAILQ_FIRST(&r->spare);

	if (e == NULL) {
		e = xcalloc(1, sizeof(*e));
	} else {
		TAILQ_REMOVE(&r->spare, e, link);
		memset(e, 0, sizeof(*e));
	}
	e->runner = r;
	return e;
}

/* As xargs says it: 123 a command failed, 124 one exited with 255, 125 was
 * killed, 126 cannot be run, 127 not found. */
static unsigned int
as_xargs(const struct entry *e)
{
	int status = entry_exitval(e);

	if (e->outcome.signal != 0 || status < 0)
		return 125;
	if (fault_key(&e->outcome) == ERRKEY_UNAVAILABLE)
		return (unsigned int)status;
	return status == 255 ? 124 : 123;
}

/* Do n jobs of this total (-1: not known yet) stop it?  A percentage does not
 * before the third job, as with GNU parallel. */
static bool
enough(const struct runner *r, uint64_t n, int64_t total)
{
	const struct batch_halt *h = &r->options->halt;

	if (h->count != 0)
		return n >= h->count;
	return total > 0 && r->done >= 3 &&
	    (double)n * 100 >= h->percent * (double)total;
}

/* Is it over with all of it now? */
static void
weigh(struct runner *r, const struct entry *e)
{
	const struct batch_halt *h = &r->options->halt;
	uint64_t n = h->why == HALT_FAIL ? r->failed :
	    h->why == HALT_SUCCESS       ? r->ok :
	                                   r->done;
	bool counts =
	    h->why == HALT_DONE || e->outcome.ok == (h->why == HALT_SUCCESS);
	int64_t total = 0;
	char why[128];

	if (h->when == HALT_NEVER || r->starve || !counts)
		return;
	if (h->count == 0)
		total = job_source_total(r->source);
	if (!enough(r, n, total))
		return;
	if (h->count == 0) { /* percent of the jobs that failed */
		r->halt_status = (int)(r->failed * 100 / (uint64_t)total);
	} else if (h->why == HALT_FAIL && h->count == 1) {
		r->halt_status = e->outcome.signal != 0 ?
		    128 + e->outcome.signal :
		    entry_exitval(e) & 255;
	} else if (h->why == HALT_SUCCESS) {
		r->halt_status = 0;
	}
	snprintf(why, sizeof(why), "halted: job %llu %s",
	    (unsigned long long)e->job->seq,
	    e->outcome.ok ? "succeeded" : "failed");
	log_notice("%s; command: %s", why, job_text(e->job));
	r->halted = true;
	runner_halt(r, h->when == HALT_NOW, why);
}

static void
count(struct runner *r, const struct entry *e)
{
	unsigned int x;

	r->done++;
	if (e->outcome.ok) {
		r->ok++;
		return;
	}
	r->failed++;
	r->skipped += e->skipped;
	x = as_xargs(e);
	if (x > r->worst)
		r->worst = x;
}

static void
show_lively(struct runner *r)
{
	struct entry *last = TAILQ_LAST(&r->lively, entry_list), *e, *next;

	/* callbacks of the loop add behind last and remove nothing */
	for (e = TAILQ_FIRST(&r->lively); e != NULL; e = next) {
		next = e == last ? NULL : TAILQ_NEXT(e, live);
		if (r->ordered && TAILQ_FIRST(&r->order) != e)
			continue;
		TAILQ_REMOVE(&r->lively, e, live);
		e->lively = false;
		live_catch_up(e);
	}
}

void
runner_show(struct runner *r)
{
	struct entry *e;

	show_lively(r);
	while (
	    (e = TAILQ_FIRST(&r->order)) != NULL && e->state == ENTRY_SETTLED) {
		if (format_entry(r, e) && !e->quiet)
			state_ended(r->state, e);
		TAILQ_REMOVE(&r->order, e, order);
		if (e->lively)
			TAILQ_REMOVE(&r->lively, e, live);
		r->nheld--;
		entry_free(e);
		show_lively(r);
	}
}

bool
runner_idle(const struct runner *r)
{
	const struct entry *e = TAILQ_FIRST(&r->order);

	if (e != NULL && (e->state == ENTRY_SETTLED || e->lively))
		return false;
	return r->ordered || TAILQ_EMPTY(&r->lively);
}

void
entry_settle(struct entry *e)
{
	struct runner *r = e->runner;

	e->state = ENTRY_SETTLED;
	e->ended = clock_mono();
	if (e->quiet) {
		r->unstarted++;
		r->hung_up = r->hung_up || r->draining;
	} else {
		log_tasks("job %s %s, %.2f ms", e->job->id, entry_status(e),
		    (double)e->outcome.usage.wall_ns / (double)NS_PER_MS);
		count(r, e);
		joblog_add(r->joblog, e);
		entry_report(e);
		results_add(r->results, e);
		weigh(r, e);
	}
	after_ended(r->after, e);
	r->nheld++;
	if (!r->ordered)
		TAILQ_INSERT_TAIL(&r->order, e, order);
}
