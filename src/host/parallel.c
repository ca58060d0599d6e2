/*
 * (call :parallel ...) and its relatives: WORK and OPTS to a set, and its
 * results back into a map of the same keys or a vector, errors in place.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "host/fault.h"
#include "host/parallel.h"
#include "host/set.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

#define RESULTS_PART 256U /* that become elements of a vector together */

static const char *const opts_keys[] = {"timeout", "on-error", "concurrency"};

static enum host_answer bad(struct heap *, val *out, const char *, ...)
    ATTR_PRINTF(3, 4);
static void bad_task(struct heap *, val *out, val key, const char *, ...)
    ATTR_PRINTF(4, 5);

/* Throw :invalid-arguments. */
static enum host_answer
bad(struct heap *h, val *out, const char *fmt, ...)
{
	struct fault_about about = {VAL_UNBOUND, VAL_UNBOUND, 0};
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	*out = fault_refuse(h, &about, ERRKEY_INVALID_ARGUMENTS, buf_str(&b));
	buf_free(&b);
	return HOST_RAISE;
}

/* The same about the member with that key. */
static void
bad_task(struct heap *h, val *out, val key, const char *fmt, ...)
{
	struct fault_about about = {key, VAL_UNBOUND, 0};
	struct buf b = BUF_INIT;
	va_list ap;

	buf_adds(&b, "task ");
	if (val_is_fix(key))
		buf_addf(&b, "[%lld]", (long long)val_unfix(key));
	else
		print_short(&b, key, 60);
	buf_adds(&b, ": ");
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	*out = fault_refuse(h, &about, ERRKEY_INVALID_ARGUMENTS, buf_str(&b));
	buf_free(&b);
}

static int
opts_timeout(val v, int64_t *ns, struct error *e)
{
	int64_t ms;

	if (val_is_string(v)) {
		if (units_duration(str_bytes(v, NULL), ns, e) == -1)
			return error_context(e, ":timeout");
	} else if (int_to_i64(v, &ms) && ms <= INT64_MAX / NS_PER_MS) {
		*ns = ms * NS_PER_MS;
	} else {
		return error_set(e, EK_ARGUMENT,
		    ":timeout is a duration (\"2s\", \"250ms\") or a number "
		    "of milliseconds");
	}
	if (*ns <= 0)
		return error_set(e, EK_ARGUMENT, ":timeout is above 0");
	return 0;
}

static int
opts_unknown(val key, struct error *e)
{
	struct nearest near;
	struct buf b = BUF_INIT;
	size_t i;

	print_short(&b, key, 40);
	if (val_is_keyword(key)) {
		nearest_init(&near, val_name_text(key, NULL));
		for (i = 0; i < NITEMS(opts_keys); i++)
			nearest_offer(&near, opts_keys[i]);
		if (near.best != NULL)
			buf_addf(&b, "; did you mean :%s?", near.best);
	}
	error_set(e, EK_ARGUMENT, "unknown option %s", buf_str(&b));
	buf_free(&b);
	return -1;
}

static int
opts_read(val opts, struct set_config *c, struct error *e)
{
	struct map_iter it;
	val k, v;

	if (opts == VAL_NIL)
		return 0;
	if (!val_is_map(opts)) {
		return error_set(e, EK_ARGUMENT, "options are a map, got %s",
		    val_type_name(val_type(opts)));
	}
	it = map_iter(opts);
	while (map_next(&it, &k, &v)) {
		if (v == VAL_NIL)
			continue;
		if (val_is_key(k, "timeout")) {
			if (opts_timeout(v, &c->timeout, e) == -1)
				return -1;
		} else if (val_is_key(k, "on-error")) {
			if (!val_is_key(v, "collect") &&
			    !val_is_key(v, "cancel")) {
				return error_set(e, EK_ARGUMENT,
				    ":on-error is :collect or :cancel");
			}
			c->cancel = val_is_key(v, "cancel");
		} else if (val_is_key(k, "concurrency")) {
			if (!val_is_fix(v) || val_unfix(v) < 1 ||
			    val_unfix(v) > INT32_MAX) {
				return error_set(e, EK_ARGUMENT,
				    ":concurrency is an integer above 0");
			}
			c->concurrency = (unsigned int)val_unfix(v);
		} else {
			return opts_unknown(k, e);
		}
	}
	return 0;
}

/* The options of a call, its last argument when there are that many. */
static int
call_opts(const struct host_call *call, size_t min, struct set_config *c,
    struct error *e)
{
	size_t n = vec_count(call->args);

	memset(c, 0, sizeof(*c));
	if (n < min || n > min + 1) {
		return error_set(e, EK_ARGUMENT,
		    "expected %zu or %zu arguments, got %zu", min, min + 1, n);
	}
	if (call->options != VAL_NIL && opts_read(call->options, c, e) == -1)
		return -1;
	return n > min ? opts_read(vec_get(call->args, min), c, e) : 0;
}

static void
add_task(struct set *s, val key, val task)
{
	const struct taskval *t = val_taskval(task);

	set_add(s, key, t->capability, t->args, t->options);
}

/* Check and run.  HOST_RESUME: results are there to be taken. */
static enum host_answer
set_go(struct set *s, val *out)
{
	if (set_check(s, out) == -1)
		return HOST_RAISE;
	return set_run(s) == -1 ? HOST_END : HOST_RESUME;
}

static val
vector_of_results(struct heap *h, struct set *s, size_t n)
{
	val part[RESULTS_PART], out = vec_empty(h);
	size_t i, k;

	for (i = 0; i < n; i += k) {
		for (k = 0; k < RESULTS_PART && i + k < n; k++)
			set_take(s, i + k, &part[k]);
		out = vec_append(h, out, part, k);
	}
	return out;
}

static enum host_answer
parallel_map_work(struct host *host, struct vm *vm, val work,
    const struct set_config *c, val *out)
{
	struct heap *h = vm_heap(vm);
	struct map_iter it = map_iter(work);
	struct set *s;
	size_t i = 0, n = map_count(work);
	enum host_answer answer = HOST_RAISE;
	struct buf b = BUF_INIT;
	val k, v, result, errors = VAL_NIL;

	s = set_new(host, vm, c, n);
	while (map_next(&it, &k, &v)) {
		if (val_is_key(k, "error")) {
			bad_task(h, out, k,
			    "the key :error is reserved for the errors of the "
			    "result");
			goto done;
		}
		if (!val_is_task(v)) {
			print_short(&b, v, 60);
			bad_task(h, out, k, "expected a task, got %s %s",
			    val_type_name(val_type(v)), buf_str(&b));
			goto done;
		}
		add_task(s, k, v);
	}
	if ((answer = set_go(s, out)) != HOST_RESUME)
		goto done;
	result = map_empty(h);
	it = map_iter(work);
	while (map_next(&it, &k, &v)) {
		if (!set_take(s, i++, &v)) {
			if (errors == VAL_NIL)
				errors = map_empty(h);
			errors =
			    map_assoc(h, errors, val_retain(k), val_retain(v));
		}
		result = map_assoc(h, result, val_retain(k), v);
	}
	if (errors != VAL_NIL) {
		result = map_assoc(h, result, keyword_from("error"), errors);
	}
	*out = result;
done:
	buf_free(&b);
	set_free(s);
	return answer;
}

/* The elements of a vector or list, one after the other. */
struct walk {
	val rest;       /* the vector, or what is left of the list */
	const val *run; /* neighbours in the vector, read up to at */
	size_t at;
	size_t nrun;
	size_t next; /* index in the vector */
};

/* Over n elements; false: coll is neither. */
static bool
walk_begin(struct walk *w, val coll, size_t *n)
{
	*w = (struct walk){.rest = coll};
	if (val_is_vector(coll))
		*n = vec_count(coll);
	else if (val_is_list(coll))
		*n = list_count(coll);
	else
		return false;
	return true;
}

static val
walk_next(struct walk *w)
{
	val v;

	if (!val_is_vector(w->rest)) {
		v = list_first(w->rest);
		w->rest = list_rest(w->rest);
		return v;
	}
	if (w->at == w->nrun) {
		w->run = vec_run(w->rest, w->next, &w->nrun);
		w->next += w->nrun;
		w->at = 0;
	}
	return w->run[w->at++];
}

/* A vector or list of tasks; functions of no parameters, too, when mixed. */
static enum host_answer
parallel_vector_work(struct host *host, struct vm *vm, val work, bool mixed,
    const struct set_config *c, val *out)
{
	struct heap *h = vm_heap(vm);
	struct set *s = NULL;
	struct buf b = BUF_INIT;
	enum host_answer answer = HOST_RAISE;
	struct walk walk;
	size_t i, n = 0;
	val none = vec_empty(h), v;

	if (!walk_begin(&walk, work, &n)) {
		bad(h, out, "work is %sa vector or list of %s, got %s",
		    mixed ? "" : "a map of tasks, or ",
		    mixed ? "tasks and functions" : "tasks",
		    val_type_name(val_type(work)));
		goto done;
	}
	s = set_new(host, vm, c, n + 1);
	for (i = 0; i < n; i++) {
		v = walk_next(&walk);
		if (val_is_task(v)) {
			add_task(s, VAL_UNBOUND, v);
		} else if (mixed && val_is_kind(v, O_FUNCTION)) {
			set_add(s, VAL_UNBOUND, v, none, VAL_NIL);
		} else {
			print_short(&b, v, 60);
			bad_task(h, out, val_fix((int64_t)i),
			    "expected a task%s, got %s %s",
			    mixed ? " or a function" : "",
			    val_type_name(val_type(v)), buf_str(&b));
			goto done;
		}
	}
	answer = set_go(s, out);
	if (answer == HOST_RESUME)
		*out = vector_of_results(h, s, n);
done:
	set_free(s);
	val_release(h, none);
	buf_free(&b);
	return answer;
}

enum host_answer
parallel_call(
    struct host *host, struct vm *vm, const struct host_call *call, val *out)
{
	struct heap *h = vm_heap(vm);
	struct set_config c;
	struct error e;
	val work;

	if (call_opts(call, 1, &c, &e) == -1)
		return bad(h, out, ":parallel: %s", e.msg);
	work = vec_get(call->args, 0);
	if (val_is_map(work))
		return parallel_map_work(host, vm, work, &c, out);
	return parallel_vector_work(host, vm, work, false, &c, out);
}

enum host_answer
parallel_mixed_call(
    struct host *host, struct vm *vm, const struct host_call *call, val *out)
{
	struct set_config c;
	struct error e;

	if (call_opts(call, 1, &c, &e) == -1) {
		return bad(
		    vm_heap(vm), out, ":ccos.concurrent/parallel: %s", e.msg);
	}
	return parallel_vector_work(
	    host, vm, vec_get(call->args, 0), true, &c, out);
}

enum host_answer
parallel_map_call(
    struct host *host, struct vm *vm, const struct host_call *call, val *out)
{
	struct heap *h = vm_heap(vm);
	enum host_answer answer = HOST_RAISE;
	struct set_config c;
	struct set *s = NULL;
	struct error e;
	struct walk walk;
	val f, one, args = VAL_NIL;
	size_t i, n = 0;

	if (call_opts(call, 2, &c, &e) == -1)
		return bad(h, out, ":parallel.map: %s", e.msg);
	f = vec_get(call->args, 0);
	if (!val_is_kind(f, O_FUNCTION)) {
		return bad(h, out, ":parallel.map: expected a function, got %s",
		    val_type_name(val_type(f)));
	}
	if (!walk_begin(&walk, vec_get(call->args, 1), &n)) {
		return bad(h, out,
		    ":parallel.map: expected a vector or list, got %s",
		    val_type_name(val_type(vec_get(call->args, 1))));
	}
	s = set_new(host, vm, &c, n + 1);
	args = vec_empty(h); /* keeps every argument vector alive */
	for (i = 0; i < n; i++) {
		one = val_retain(walk_next(&walk));
		args = vec_push(h, args, vec_new(h, &one, 1));
	}
	for (i = 0; i < n; i++) {
		set_add(s, VAL_UNBOUND, f, vec_get(args, i), VAL_NIL);
	}
	answer = set_go(s, out);
	if (answer == HOST_RESUME)
		*out = vector_of_results(h, s, n);
	set_free(s);
	val_release(h, args);
	return answer;
}
