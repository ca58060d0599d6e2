/*
 * A set in motion: submitting, the callbacks of the pool, retries, the
 * deadline of the whole set, cancelling, and what the tasks printed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "host/fault.h"
#include "host/interrupt.h"
#include "host/set_impl.h"
#include "host/stray.h"
#include "value/errval.h"
#include "value/name.h"
#include "value/string.h"

#define REFUSALS_MAX 5 /* wrong tasks that one refusal names */
/* Workers begin with the first of a long set while more is submitted. */
#define SUBMIT_TURN 2048U
/* Of tasks that are all wanted in the same way the pool has so many at a time,
 * and so many more for each worker: enough for all of them to be busy. */
#define WINDOW        4096U
#define WINDOW_WORKER 2048U

struct set *
set_new(
    struct host *host, struct vm *vm, const struct set_config *config, size_t n)
{
	struct set *s = xcalloc(1, sizeof(*s));

	s->host = host;
	s->vm = vm;
	s->heap = vm_heap(vm);
	s->config = *config;
	s->entry = xcalloc(n, sizeof(*s->entry));
	s->room = n;
	TAILQ_INIT(&s->idle);
	s->images = image_set_new(host->images, vm);
	return s;
}

void
set_free(struct set *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++) {
		if (s->entry[i].ended)
			val_release(s->heap, s->entry[i].value);
		if (s->printed != NULL)
			buf_free(&s->printed[i]);
		if (s->stray != NULL)
			buf_free(&s->stray[i]);
	}
	for (i = 0; i < s->nblocks; i++)
		free(s->block[i]);
	free(s->block);
	free(s->printed);
	free(s->stray);
	free(s->why);
	image_set_free(s->images);
	free(s->kind);
	free(s->entry);
	free(s->key);
	free(s);
}

void
set_add(struct set *s, val key, val capability, val args, val options)
{
	struct entry *en = &s->entry[s->n];

	if (key != VAL_UNBOUND && s->key == NULL)
		s->key = xcalloc(s->room, sizeof(*s->key));
	if (key != VAL_UNBOUND)
		s->key[s->n] = key;
	en->value = args;
	en->kind = set_kind(s, capability, options);
	s->n++;
}

val
set_key(const struct set *s, size_t i)
{
	return s->key != NULL ? s->key[i] : val_fix((int64_t)i);
}

/* Put what is wrong with a further task into the error to be thrown. */
static void
add_refusal(struct set *s, val *thrown, const char *text)
{
	const struct errval *first = val_errval(*thrown);
	struct buf b = BUF_INIT;
	val both;

	buf_addf(&b, "%s; %s", str_bytes(first->message, NULL), text);
	both = errval_new(s->heap, val_retain(first->kind),
	    str_new(s->heap, b.data, b.len), val_retain(first->data));
	buf_free(&b);
	val_release(s->heap, *thrown);
	*thrown = both;
}

int
set_check(struct set *s, val *thrown)
{
	size_t i, bad = 0;
	val one;

	for (i = 0; i < s->n && bad <= REFUSALS_MAX; i++) {
		if (item_prepare(s, i, &one) == 0)
			continue;
		if (++bad == 1) {
			*thrown = one;
			continue;
		}
		add_refusal(s, thrown,
		    bad > REFUSALS_MAX ?
		        "and more" :
		        str_bytes(val_errval(one)->message, NULL));
		val_release(s->heap, one);
	}
	return bad == 0 ? 0 : -1;
}

bool
set_take(struct set *s, size_t i, val *out)
{
	struct entry *en = &s->entry[i];

	*out = en->value;
	en->ended = false;
	return !en->failed;
}

static void
item_record(struct set *s, struct item *it, const struct outcome *o)
{
	struct record r ATTR_SCRATCH;

	if (s->host->config.report == NULL)
		return;
	memset(&r, 0, sizeof(r));
	r.id = s->config.single ? VAL_UNBOUND : set_key(s, it->task.seq);
	r.seq = it->task.seq;
	r.capability = it->kind->capability->id;
	r.args = it->task.args;
	r.pack = &s->host->pack;
	r.closure = it->task.closure;
	r.attempts = it->task.attempt;
	r.outcome = o;
	r.effective = it->kind->effective;
	if (!o->ok) {
		r.kind = fault_kind(o);
		r.fault = errkey_fault(fault_key(o));
	}
	if (it->task.plan != NULL && o->started_wall != 0) {
		r.isolation = isolation_name(it->kind->effective->isolation);
		r.clamped = plan_clamped(it->task.plan);
	}
	report_task(s->host->config.report, &r);
}

/* ":user :api.get-user" */
void
set_task_label(const struct task *t, struct buf *b, void *arg ATTR_UNUSED)
{
	const struct set *s = t->owner;
	const struct entry *en = &s->entry[t->seq];

	if (!s->config.single) {
		item_label(s, t->seq, b);
		buf_addc(b, ' ');
	}
	buf_addf(b, ":%s", s->kind[en->kind].capability->id);
}

/* "task :user :api.get-user" for the log. */
static void
item_name(const struct set *s, const struct item *it, struct buf *b)
{
	buf_adds(b, "task ");
	set_task_label(&it->task, b, s->host);
}

static void
item_log(const struct set *s, const struct item *it, const struct outcome *o)
{
	struct buf b = BUF_INIT;

	if (log_level() < LOG_TASKS)
		return;
	item_name(s, it, &b);
	if (o->ok) {
		log_tasks("%s done, %.2f ms", buf_str(&b),
		    (double)o->usage.wall_ns / (double)NS_PER_MS);
	} else {
		log_tasks("%s failed, :%s: %s", buf_str(&b), fault_kind(o),
		    fault_message(o));
	}
	buf_free(&b);
}

/* The task has ended for good, and the item goes. */
static void
item_end(struct set *s, struct item *it, struct outcome *o)
{
	size_t i = it->task.seq;
	struct entry *en = &s->entry[i];
	struct fault_about about;

	item_record(s, it, o);
	item_log(s, it, o);
	stray_end(s, i);
	if (o->output.len > 0) {
		if (s->printed == NULL)
			s->printed = xcalloc(s->n, sizeof(*s->printed));
		s->printed[i] = o->output;
		o->output = (struct buf)BUF_INIT;
	}
	if (o->ok) {
		en->value = o->value;
		o->value = VAL_UNBOUND;
	} else {
		about.task = s->config.single ? VAL_UNBOUND : set_key(s, i);
		about.capability = val_type(it->kind->wanted) == T_FUNCTION ?
		    keyword_from(it->kind->capability->id) :
		    it->kind->wanted;
		about.attempts = o->started_wall != 0 ? it->task.attempt : 0;
		en->value = fault_value(s->heap, &about, o);
		en->failed = true;
	}
	en->ended = true;
	s->open--;
	item_free(s, it);
}

static void
item_fail(struct set *s, struct item *it, enum errkey kind, const char *text)
{
	struct outcome o;

	outcome_init(&o);
	o.kind = kind;
	o.message = xstrdup(text);
	item_end(s, it, &o);
	outcome_clear(s->heap, &o);
}

/* Nothing starts or is retried any more. */
static void
set_cancel(struct set *s, const char *why)
{
	struct item *it;
	size_t i;

	if (s->stopping)
		return;
	s->stopping = true;
	s->why = xstrdup(why);
	for (i = 0; i < s->next; i++) {
		it = item_of(s, i);
		if (it != NULL && it->submitted) {
			pool_cancel(s->host->pool, &it->task, ERRKEY_CANCELLED,
			    why, NULL, 0);
		}
	}
}

void
set_stop(struct set *s)
{
	s->stopping = true;
}

static void
set_failed_one(struct set *s, size_t i)
{
	struct buf b = BUF_INIT;

	if (!s->config.cancel || s->stopping)
		return;
	buf_adds(&b, "cancelled because task ");
	item_label(s, i, &b);
	buf_adds(&b, " failed");
	set_cancel(s, buf_str(&b));
	buf_free(&b);
}

void
set_task_started(struct task *t, int32_t pid, void *arg ATTR_UNUSED)
{
	struct item *it = (struct item *)t;
	struct buf b = BUF_INIT;

	item_name(t->owner, it, &b);
	log_tasks("%s started, pid %d, isolation %s%s", buf_str(&b), (int)pid,
	    isolation_name(it->kind->effective->isolation),
	    t->attempt > 1 ? ", again" : "");
	buf_free(&b);
}

void
set_task_stray(
    struct task *t, const char *text, size_t len, void *arg ATTR_UNUSED)
{
	stray_add(t->owner, t->seq, text, len);
}

void
set_task_done(struct task *t, struct outcome *o, void *arg ATTR_UNUSED)
{
	struct set *s = t->owner;
	struct item *it = (struct item *)t;
	size_t i = t->seq;

	if (!o->ok && !s->stopping && it->retries > 0 &&
	    item_wants_retry(it, fault_key(o), fault_kind(o))) {
		it->retries--;
		t->attempt++;
		pool_submit(s->host->pool, t);
		return;
	}
	item_end(s, it, o);
	if (s->entry[i].failed)
		set_failed_one(s, i);
}

#define WHY_BYTES 96

static void
not_in_time(const struct set *s, char why[WHY_BYTES])
{
	char text[32];

	units_format_duration(s->config.timeout, text);
	snprintf(why, WHY_BYTES,
	    "not started: the whole set ran over its :timeout of %s", text);
}

/* The deadline of the whole set. */
static void
set_timed_out(void *arg)
{
	struct set *s = arg;
	struct item *it;
	char text[32], why[WHY_BYTES];
	size_t i;

	s->timer = NULL;
	if (s->stopping)
		return;
	s->stopping = s->timed_out = true;
	units_format_duration(s->config.timeout, text);
	for (i = 0; i < s->next; i++) {
		it = item_of(s, i);
		if (it == NULL || !it->submitted)
			continue;
		if (it->task.life == TASK_RUNNING ||
		    it->task.life == TASK_ENDING) {
			snprintf(why, sizeof(why),
			    "the whole set ran over its :timeout of %s", text);
			pool_cancel(s->host->pool, &it->task, ERRKEY_TIMEOUT,
			    why, "set", (uint64_t)s->config.timeout);
		} else {
			not_in_time(s, why);
			pool_cancel(s->host->pool, &it->task, ERRKEY_CANCELLED,
			    why, "set", (uint64_t)s->config.timeout);
		}
	}
}

/* io.*: done here and now, in the order of the work. */
static void
item_serve(struct set *s, struct item *it)
{
	struct outcome o;
	val v;

	outcome_init(&o);
	o.ok = host_serve(
	    s->host, it->kind->capability, it->task.args, s->heap, &v);
	*(o.ok ? &o.value : &o.error) = v;
	item_end(s, it, &o);
	outcome_clear(s->heap, &o);
}

/* Its turn comes when nothing starts any more. */
static void
item_too_late(struct set *s, struct item *it)
{
	struct outcome o;
	char why[WHY_BYTES];

	outcome_init(&o);
	o.kind = ERRKEY_CANCELLED;
	if (s->timed_out) {
		not_in_time(s, why);
		o.message = xstrdup(why);
		o.limit = "set";
		o.allowed = (uint64_t)s->config.timeout;
	} else {
		o.message = xstrdup(
		    s->why != NULL ? s->why : "not started: interrupted");
	}
	item_end(s, it, &o);
	outcome_clear(s->heap, &o);
}

static int
item_plan(struct pool *pool, struct kind *k, struct item *it, struct error *e)
{
	if (k->plan == NULL &&
	    pool_plan(pool, k->capability, k->effective, &k->plan, e) == -1)
		return -1;
	it->task.plan = k->plan;
	return 0;
}

/* Start the next task, or end it where it stands; was it started? */
static bool
item_start(struct set *s)
{
	size_t i = s->next++;
	struct item *it = item_new(s, i);
	struct kind *k = it->kind;
	struct host *host = s->host;
	struct pool *pool;
	struct error e ATTR_SCRATCH;

	if (s->stopping) {
		item_too_late(s, it);
		return false;
	}
	if (k->effective == NULL && item_resolve(s, k, &e) == -1) {
		item_fail(s, it,
		    e.kind == EK_UNAVAILABLE ? ERRKEY_UNAVAILABLE :
		                               ERRKEY_DENIED,
		    e.msg);
	} else if (k->capability->broken != NULL) {
		item_fail(s, it, ERRKEY_UNAVAILABLE, k->capability->broken);
	} else if (k->capability->kind == CAP_HOST) {
		item_serve(s, it);
	} else if ((pool = host_pool(host)) == NULL) {
		item_fail(s, it, ERRKEY_UNAVAILABLE, host->no_pool);
	} else if (item_plan(pool, k, it, &e) == -1) {
		item_fail(s, it,
		    e.kind == EK_POLICY ? ERRKEY_DENIED : ERRKEY_UNAVAILABLE,
		    e.msg);
	} else {
		it->submitted = true;
		pool_submit_since(pool, &it->task, s->begun);
		return true;
	}
	if (s->entry[i].failed)
		set_failed_one(s, i);
	return false;
}

static void
set_print(struct set *s)
{
	size_t i;

	if (s->printed == NULL)
		return;
	for (i = 0; i < s->n; i++) {
		output_write(s->host->config.output, s->printed[i].data,
		    s->printed[i].len);
	}
}

/* One turn of the loop; it waits for something until then. */
static void
set_turn(struct set *s, int64_t until)
{
	struct host *host = s->host;
	struct error e;

	if (loop_once(host->loop, until, &e) == -1) {
		log_error("%s", e.msg);
		abort();
	}
	report_flush(host->config.report);
}

/* Whatever is wanted differently is with the pool all at once, which sees to
 * it that each gets its share. */
static size_t
set_window(const struct set *s)
{
	size_t i;

	for (i = 1; i < s->nkinds; i++) {
		if (s->kind[i].capability != s->kind[0].capability ||
		    s->kind[i].options != s->kind[0].options)
			return s->n;
	}
	return WINDOW + (size_t)WINDOW_WORKER * s->host->workers;
}

static void
set_start(struct set *s)
{
	size_t submitted = 0;

	while (
	    s->next < s->n && s->live < s->window && submitted < SUBMIT_TURN) {
		submitted += item_start(s);
		if (submitted > 0 && s->config.timeout > 0 &&
		    s->timer == NULL && !s->stopping) {
			s->timer = loop_timer_add(s->host->loop,
			    s->begun + s->config.timeout, set_timed_out, s);
		}
	}
	if (s->host->pool != NULL)
		pool_expect(s->host->pool, s->n - s->next);
}

int
set_run(struct set *s)
{
	struct host *host = s->host;
	unsigned int limit = s->config.concurrency;

	output_flush(host->config.output);
	interrupt_hold();
	host->active = s;
	host->vm = s->vm;
	s->open = s->n;
	s->begun = clock_mono();
	s->window = set_window(s);
	if (limit > 0 && host_pool(host) != NULL) {
		pool_set_concurrency(
		    host->pool, limit < host->workers ? limit : host->workers);
	}
	do {
		set_start(s);
		if (s->open > 0)
			set_turn(s,
			    s->next < s->n && s->live < s->window ? 0 :
			                                            INT64_MAX);
	} while (s->open > 0);
	loop_timer_remove(s->timer);
	s->timer = NULL;
	if (limit > 0 && host->pool != NULL)
		pool_set_concurrency(host->pool, host->workers);
	host->active = NULL;
	interrupt_release();
	watch_call(
	    host->config.watch, s->begun, clock_mono(), s->n, vm_steps(s->vm));
	set_print(s);
	return interrupt_signal == 0 ? 0 : -1;
}
