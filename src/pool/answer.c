/*
 * RESULT and FAILED frames of a serving worker become outcomes.  Everything
 * here is hostile: an answer counts only for the first task not yet answered,
 * and whatever does not fit costs the worker.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "pool/internal.h"
#include "task/marshal.h"

/* What a frame may have above the result itself: what the task printed is
 * bounded by the same limit as its stray output. */
#define FRAME_SLACK (64U * 1024)

/* Names that one result may add to the table of this process. */
#define NAMES_MAX 100000U

static const struct unpack_options from_worker = {.max_names = NAMES_MAX};

static size_t
frame_bound(const struct worker *w)
{
	const struct task *t = TAILQ_FIRST(&w->sent);
	uint64_t n;

	if (t == NULL)
		return MAX_INLINE;
	n = t->plan->result;
	if (n >= MAX_FRAME || t->plan->output_keep >= MAX_FRAME)
		return MAX_FRAME;
	n += t->plan->output_keep + FRAME_SLACK;
	return n < MAX_FRAME ? (size_t)n : MAX_FRAME;
}

/* A well-formed header of a result that is merely too long is a limit, and
 * not a violation. */
static void
answer_bad(struct worker *w, const char *bytes, size_t len, size_t max,
    const struct error *e)
{
	struct task *t = TAILQ_FIRST(&w->sent);
	const unsigned char *h = (const unsigned char *)bytes;
	char amount[32];
	uint32_t n;

	if (t != NULL && len >= FRAME_HEADER) {
		n = (uint32_t)h[0] | (uint32_t)h[1] << 8 |
		    (uint32_t)h[2] << 16 | (uint32_t)h[3] << 24;
		if (n > max && n <= MAX_FRAME && h[4] == MSG_RESULT &&
		    h[5] == 0 && h[6] == 0 && h[7] == 0) {
			units_format_bytes(t->plan->result, amount);
			worker_condemn(w, t, ERRKEY_RESULT_LIMIT,
			    xasprintf("its result of %" PRIu32
			              " bytes is over the limit of %s",
			        n, amount),
			    "result", t->plan->result, n);
			w->broken_stream = true;
			return;
		}
	}
	worker_violated(w, e->msg);
}

static const char *
known_limit(const char *name, size_t len)
{
	char text[32];
	enum limit_id id;

	if (name == NULL || len >= sizeof(text))
		return NULL;
	memcpy(text, name, len);
	text[len] = '\0';
	id = limit_from(text);
	if (id != LIMIT_COUNT)
		return limit_name(id);
	return strcmp(text, "timeout") == 0 ? "timeout" : NULL;
}

/* The limit's amount, in the unit of outcomes. */
static uint64_t
limit_amount(const struct plan *p, const char *name)
{
	enum limit_id id = limit_from(name);
	const struct limit_value *v;

	if (id == LIMIT_COUNT)
		return p->timeout == INT64_MAX ? 0 : (uint64_t)p->timeout;
	v = &p->effective->limit[id];
	if (!v->set)
		return 0;
	return limit_unit(id) == UNIT_SECONDS ? v->soft * (uint64_t)NS_PER_SEC :
	                                        v->soft;
}

static void
take_printed(
    struct outcome *o, const struct plan *p, const char *text, size_t len)
{
	if (len > p->output_keep)
		len = (size_t)p->output_keep;
	if (len > 0)
		buf_add(&o->output, text, len);
}

/* The worker's clock is only believed within the time that has passed here. */
static int
take_wall(struct worker *w, struct task *t, struct unpack *u, struct outcome *o,
    struct error *e)
{
	int64_t wall, passed;

	if (unpack_int(u, &wall, e) == -1)
		return -1;
	/* In a batch it may have run at any time since it was queued. */
	passed = w->pool->now - (w->lane->once ? t->started : t->queued);
	o->usage.wall_ns = wall < 0 ? 0 : wall < passed ? wall : passed;
	plan_learn(
	    t->plan, t->closure == NULL ? 0 : t->closure->id, o->usage.wall_ns);
	return 0;
}

/* The members that RESULT and FAILED have. */
static int
take_rest(struct worker *w, struct task *t, struct unpack *u, struct outcome *o,
    struct error *e)
{
	const char *printed;
	size_t len;

	if (unpack_str(u, &printed, &len, e) == -1)
		return -1;
	take_printed(o, t->plan, printed, len);
	return take_wall(w, t, u, o, e);
}

static void
result_refused(
    struct outcome *o, struct heap *h, enum errkey kind, const char *text)
{
	if (o->value != VAL_UNBOUND)
		val_release(h, o->value);
	o->value = VAL_UNBOUND;
	o->ok = false;
	o->kind = kind;
	o->message = xstrdup(text);
}

static void
result_too_long(struct outcome *o, const struct task *t, uint64_t n)
{
	char amount[32], text[128];

	units_format_bytes(t->plan->result, amount);
	snprintf(text, sizeof(text),
	    "its result of %" PRIu64 " bytes is over the limit of %s", n,
	    amount);
	result_refused(o, t->heap, ERRKEY_RESULT_LIMIT, text);
	o->limit = "result";
	o->allowed = t->plan->result;
	o->used = n;
}

/* row: one of RESULTS. */
static int
take_result(struct worker *w, struct task *t, struct unpack *u, bool row,
    struct outcome *o, struct error *e)
{
	const unsigned char *start = u->at;
	size_t len;
	int rc = unpack_val(t->heap, u, &from_worker, &o->value, e);

	if (rc == -1) {
		o->value = VAL_UNBOUND;
		if (e->kind != EK_LIMIT)
			return -1;
		/* no fault of the worker: there is no room for it here */
		result_refused(o, t->heap, ERRKEY_RESULT_LIMIT, e->msg);
		o->usage.wall_ns = w->pool->now - t->started;
		if (!row)
			return 0;
		u->at = start; /* on to the next row: value and time */
		if (unpack_skip(u, e) == -1)
			return -1;
		return unpack_skip(u, e);
	}
	len = (size_t)(u->at - start);
	if (u->texts != NULL)
		len += w->landing.len;
	if ((row ? take_wall(w, t, u, o, e) : take_rest(w, t, u, o, e)) == -1)
		return -1;
	o->ok = true;
	if (len > t->plan->result) {
		result_too_long(o, t, len);
	} else if (t->plan->capability->result != NULL &&
	    marshal_check_result(t->plan->capability, o->value, e) == -1) {
		result_refused(o, t->heap, ERRKEY_INVALID_RESULT, e->msg);
	}
	return 0;
}

static int
take_failed(struct worker *w, struct task *t, struct unpack *u,
    struct outcome *o, struct error *e)
{
	const char *limit;
	size_t len;

	if (unpack_val(t->heap, u, &from_worker, &o->error, e) == -1) {
		o->error = VAL_UNBOUND;
		return -1;
	}
	if (!val_is_error(o->error))
		return error_set(e, EK_PROTO, "FAILED holds no error");
	if (take_rest(w, t, u, o, e) == -1 ||
	    unpack_str(u, &limit, &len, e) == -1) {
		return -1;
	}
	o->kind = errkey_from(val_errval(o->error)->kind);
	o->limit = known_limit(limit, len);
	if (o->limit != NULL) {
		if (unpack_uint(u, &o->used, e) == -1)
			return -1;
		o->allowed = limit_amount(t->plan, o->limit);
	}
	return 0;
}

/* The task that an answer with that id is for; NULL: a violation. */
static struct task *
answer_task(struct worker *w, uint64_t id, struct error *e)
{
	struct task *t = TAILQ_FIRST(&w->sent);

	if (t == NULL || w->held != NULL) {
		error_set(e, EK_PROTO, "an answer too many");
		return NULL;
	}
	if (id != t->id) {
		error_set(e, EK_PROTO,
		    "answer to task %" PRIu64 ", expected %" PRIu64, id, t->id);
		return NULL;
	}
	return t;
}

static void
answer_done(struct worker *w, struct task *t, struct outcome *o)
{
	w->lane->profile->retry.failures = 0;
	if (w->lane->once) { /* its process must end well, too */
		w->held = xmalloc(sizeof(*w->held));
		*w->held = *o;
		worker_hang_up(w);
		return;
	}
	outcome_fill(w, t, o);
	worker_answered(w, t);
	task_finish(w->pool, t, o);
}

/* -1: a violation. */
static int
answer_one(struct worker *w, struct unpack *u, unsigned int msg, uint64_t id,
    struct outcome *o, struct error *e)
{
	struct unpack_texts texts ATTR_SCRATCH;
	enum action act = task_action(w->state, msg);
	struct task *t;
	int rc;

	if (act == ACT_LOST) /* a row before it changed that */
		return error_set(e, EK_PROTO, "%s is not legal while %s",
		    proto_msg_name(msg), worker_state_name(w->state));
	if ((t = answer_task(w, id, e)) == NULL)
		return -1;
	if (act == ACT_LATE_ANSWER && t == w->ending) {
		w->broken_stream = true; /* decided; nothing may follow */
		return 0;
	}
	if (t->started == 0) /* it ran before we heard that it could */
		task_started(w, t, w->sent_at);
	if (w->landing.task == t) {
		landing_texts(w, &texts);
		u->texts = &texts;
	}
	rc = msg == MSG_FAILED ? take_failed(w, t, u, o, e) :
	                         take_result(w, t, u, msg == MSG_RESULTS, o, e);
	landing_end(w);
	u->texts = NULL;
	if (rc == -1) {
		outcome_clear(t->heap, o);
		return -1;
	}
	answer_done(w, t, o);
	return 0;
}

/* As new, after it was cleared; most have said little. */
static void
outcome_again(struct outcome *o)
{
	if (!o->ok || o->stray_total > 0) {
		outcome_init(o);
		return;
	}
	o->ok = false;
	o->usage.wall_ns = 0;
	o->started_wall = 0;
}

/* -1: a violation. */
static int
answer_rows(struct worker *w, struct unpack *u, struct error *e)
{
	struct outcome o ATTR_SCRATCH;
	uint64_t id;
	size_t n;

	if (unpack_array(u, &n, e) == -1)
		return -1;
	if (n != 1)
		return error_set(e, EK_PROTO, "RESULTS with %zu fields", n);
	if (unpack_uint(u, &id, e) == -1)
		return -1;
	outcome_init(&o);
	do { /* one at least, or it could go on for ever */
		if (answer_one(w, u, MSG_RESULTS, id++, &o, e) == -1)
			return -1;
		outcome_again(&o);
	} while (u->at < u->end && !w->broken_stream);
	return 0;
}

/* -1: a violation. */
static int
answer_frame(struct worker *w, const struct frame *f, struct error *e)
{
	struct outcome o ATTR_SCRATCH;
	struct unpack u;
	uint64_t id;

	unpack_init(&u, f->payload, f->len);
	if (f->msg == MSG_RESULTS)
		return answer_rows(w, &u, e);
	if (unpack_fields(&u, f->msg == MSG_RESULT ? 4 : 6, e) == -1 ||
	    unpack_uint(&u, &id, e) == -1)
		return -1;
	outcome_init(&o);
	return answer_one(w, &u, f->msg, id, &o, e);
}

size_t
answer_need(const struct worker *w, const char *bytes, size_t len)
{
	struct frame f;
	struct error e ATTR_SCRATCH;
	size_t used, need;

	return frame_next(bytes, len, frame_bound(w), &f, &used, &need, &e) ==
	        FRAME_SHORT ?
	    need :
	    0;
}

size_t
answer_take(struct worker *w, const char *bytes, size_t len)
{
	struct frame f;
	struct error e ATTR_SCRATCH;
	size_t at = 0, used, need, max;

	while (!w->broken_stream && at < len) {
		max = frame_bound(w);
		switch (w->landing.task != NULL ?
		        landing_frame(w, bytes + at, len - at, &f, &used) :
		        frame_next(
		            bytes + at, len - at, max, &f, &used, &need, &e)) {
		case FRAME_SHORT:
			return at;
		case FRAME_BAD:
			answer_bad(w, bytes + at, len - at, max, &e);
			return len;
		case FRAME_OK:
			break;
		}
		if (task_action(w->state, f.msg) == ACT_LOST) {
			error_set(&e, EK_PROTO, "%s is not legal while %s",
			    proto_msg_name(f.msg), worker_state_name(w->state));
			worker_violated(w, e.msg);
			return len;
		}
		if (answer_frame(w, &f, &e) == -1) {
			worker_violated(w, e.msg);
			return len;
		}
		at += used;
		/* More is answered already, so it may have nothing left. */
		if (f.msg == MSG_RESULTS && w->nmessages < 2 && at < len)
			pool_dispatch_due(w->pool);
	}
	return w->broken_stream ? len : at;
}
