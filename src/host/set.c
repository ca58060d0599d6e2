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
/* Workers begin with the first of a long set while the rest is submitted. */
#define SUBMIT_TURN 4096

struct set *
set_new(
    struct host *host, struct vm *vm, const struct set_config *config, size_t n)
{
	struct set *s = xcalloc(1, sizeof(*s));

	s->host = host;
	s->vm = vm;
	s->heap = vm_heap(vm);
	s->config = *config;
	s->item = xcalloc(n, sizeof(*s->item));
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
		val_release(s->heap, s->item[i].result);
		if (s->printed != NULL)
			buf_free(&s->printed[i]);
		if (s->stray != NULL)
			buf_free(&s->stray[i]);
	}
	free(s->printed);
	free(s->stray);
	image_set_free(s->images);
	free(s->item);
	free(s);
}

void
set_add(struct set *s, val key, val capability, val args, val options)
{
	struct item *it = &s->item[s->n];

	it->key = key;
	it->wanted = capability;
	it->options = options;
	it->result = VAL_UNBOUND;
	it->task.args = args;
	it->task.heap = s->heap;
	it->task.owner = s;
	it->task.seq = s->n++;
	it->task.attempt = 1;
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
	struct item *before = NULL;
	size_t i, bad = 0;
	val one;

	for (i = 0; i < s->n && bad <= REFUSALS_MAX; i++) {
		if (item_prepare(s, &s->item[i], before, &one) == 0) {
			before = &s->item[i];
			continue;
		}
		before = NULL;
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
	struct item *it = &s->item[i];

	*out = it->result;
	it->result = VAL_UNBOUND;
	return !it->failed;
}

static struct item *
item_of(struct task *t)
{
	struct set *s = t->owner;

	return &s->item[t->seq];
}

static void
item_record(struct set *s, struct item *it, const struct outcome *o)
{
	struct record r ATTR_SCRATCH;

	if (s->host->config.report == NULL)
		return;
	memset(&r, 0, sizeof(r));
	r.id = s->config.single ? VAL_UNBOUND : it->key;
	r.seq = it->task.seq;
	r.capability = it->capability->id;
	r.args = it->task.args;
	r.closure = it->task.closure;
	r.attempts = it->task.attempt;
	r.outcome = o;
	r.effective = it->effective;
	if (!o->ok) {
		r.kind = fault_kind(o);
		r.fault = errkey_fault(fault_key(o));
	}
	if (it->task.plan != NULL && o->started_wall != 0) {
		r.isolation = isolation_name(it->effective->isolation);
		r.clamped = plan_clamped(it->task.plan);
	}
	report_task(s->host->config.report, &r);
}

/* ":user :api.get-user" */
void
set_task_label(const struct task *t, struct buf *b, void *arg ATTR_UNUSED)
{
	const struct set *s = t->owner;
	const struct item *it = &s->item[t->seq];

	if (!s->config.single) {
		item_label(s, it, b);
		buf_addc(b, ' ');
	}
	buf_addf(b, ":%s", it->capability->id);
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

/* The task has ended for good. */
static void
item_end(struct set *s, struct item *it, struct outcome *o)
{
	struct fault_about about;

	it->submitted = false;
	item_record(s, it, o);
	item_log(s, it, o);
	stray_end(s, it);
	if (o->output.len > 0) {
		if (s->printed == NULL)
			s->printed = xcalloc(s->n, sizeof(*s->printed));
		s->printed[it->task.seq] = o->output;
		o->output = (struct buf)BUF_INIT;
	}
	if (o->ok) {
		it->result = o->value;
		o->value = VAL_UNBOUND;
	} else {
		about.task = s->config.single ? VAL_UNBOUND : it->key;
		about.capability = val_type(it->wanted) == T_FUNCTION ?
		    keyword_from(it->capability->id) :
		    it->wanted;
		about.attempts = o->started_wall != 0 ? it->task.attempt : 0;
		it->result = fault_value(s->heap, &about, o);
		it->failed = true;
	}
	s->open--;
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
	for (i = 0; i < s->n; i++) {
		it = &s->item[i];
		if (it->submitted) {
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
set_failed_one(struct set *s, const struct item *it)
{
	struct buf b = BUF_INIT;

	if (!s->config.cancel || s->stopping)
		return;
	buf_adds(&b, "cancelled because task ");
	item_label(s, it, &b);
	buf_adds(&b, " failed");
	set_cancel(s, buf_str(&b));
	buf_free(&b);
}

void
set_task_started(struct task *t, int32_t pid, void *arg ATTR_UNUSED)
{
	struct item *it = item_of(t);
	struct buf b = BUF_INIT;

	if (log_level() < LOG_TASKS)
		return;
	item_name(t->owner, it, &b);
	log_tasks("%s started, pid %d, isolation %s%s", buf_str(&b), (int)pid,
	    isolation_name(it->effective->isolation),
	    t->attempt > 1 ? ", again" : "");
	buf_free(&b);
}

void
set_task_stray(
    struct task *t, const char *text, size_t len, void *arg ATTR_UNUSED)
{
	stray_add(t->owner, item_of(t), text, len);
}

void
set_task_done(struct task *t, struct outcome *o, void *arg ATTR_UNUSED)
{
	struct set *s = t->owner;
	struct item *it = item_of(t);

	if (!o->ok && !s->stopping && it->retries > 0 &&
	    item_wants_retry(it, fault_key(o), fault_kind(o))) {
		it->retries--;
		t->attempt++;
		pool_submit(s->host->pool, t);
		return;
	}
	item_end(s, it, o);
	if (it->failed)
		set_failed_one(s, it);
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
	for (i = 0; i < s->n; i++) {
		it = &s->item[i];
		if (!it->submitted)
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
	o.ok = host_serve(s->host, it->capability, it->task.args, s->heap, &v);
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
		o.message = xstrdup(interrupt_signal != 0 ?
		        "not started: interrupted" :
		        "not started: an earlier task failed");
	}
	item_end(s, it, &o);
	outcome_clear(s->heap, &o);
}

/* Start one task, or end it where it stands. */
static void
item_start(struct set *s, struct item *it)
{
	struct host *host = s->host;
	struct pool *pool;
	struct error e ATTR_SCRATCH;

	if (s->stopping) {
		item_too_late(s, it);
		return;
	}
	if (it->effective == NULL && item_resolve(s, it, &e) == -1) {
		item_fail(s, it,
		    e.kind == EK_UNAVAILABLE ? ERRKEY_UNAVAILABLE :
		                               ERRKEY_DENIED,
		    e.msg);
	} else if (it->capability->broken != NULL) {
		item_fail(s, it, ERRKEY_UNAVAILABLE, it->capability->broken);
	} else if (it->capability->kind == CAP_HOST) {
		item_serve(s, it);
	} else if ((pool = host_pool(host)) == NULL) {
		item_fail(s, it, ERRKEY_UNAVAILABLE, host->no_pool);
	} else if (pool_plan(pool, it->capability, it->effective,
	               &it->task.plan, &e) == -1) {
		item_fail(s, it, ERRKEY_UNAVAILABLE, e.msg);
	} else {
		it->submitted = true;
		pool_submit(pool, &it->task);
		return;
	}
	if (it->failed)
		set_failed_one(s, it);
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

static void
set_start(struct set *s)
{
	int64_t deadline = clock_mono() + s->config.timeout;
	size_t i, submitted = 0;

	for (i = 0; i < s->n; i++) {
		item_start(s, &s->item[i]);
		if (!s->item[i].submitted)
			continue;
		if (s->config.timeout > 0 && s->timer == NULL && !s->stopping) {
			s->timer = loop_timer_add(
			    s->host->loop, deadline, set_timed_out, s);
		}
		if (++submitted % SUBMIT_TURN == 0)
			set_turn(s, 0);
	}
}

int
set_run(struct set *s)
{
	struct host *host = s->host;
	unsigned int limit = s->config.concurrency;
	int64_t from = clock_mono();

	output_flush(host->config.output);
	interrupt_hold();
	host->active = s;
	host->vm = s->vm;
	s->open = s->n;
	if (limit > 0 && host_pool(host) != NULL) {
		pool_set_concurrency(
		    host->pool, limit < host->workers ? limit : host->workers);
	}
	set_start(s);
	while (s->open > 0)
		set_turn(s, INT64_MAX);
	loop_timer_remove(s->timer);
	s->timer = NULL;
	if (limit > 0 && host->pool != NULL)
		pool_set_concurrency(host->pool, host->workers);
	host->active = NULL;
	interrupt_release();
	watch_call(
	    host->config.watch, from, clock_mono(), s->n, vm_steps(s->vm));
	set_print(s);
	return interrupt_signal == 0 ? 0 : -1;
}
