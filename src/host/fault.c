/*
 * Outcomes to error values: kind, one line, and :data with everything known
 * about who died how.  An error that travelled keeps its kind, class and
 * data; what the supervisor knows is added beside it.
 */
#include <string.h>

#include "base/clock.h"
#include "host/fault.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/string.h"

static const char *const time_limits[] = {"timeout", "set", "cpu"};

bool
fault_limit_is_time(const char *limit)
{
	size_t i;

	for (i = 0; i < NITEMS(time_limits); i++) {
		if (strcmp(limit, time_limits[i]) == 0)
			return true;
	}
	return false;
}

static val
put(struct heap *h, val map, const char *key, val v)
{
	val k = keyword_from(key);

	if (map_get(map, k) != VAL_UNBOUND) { /* the error's own stays */
		val_release(h, v);
		return map;
	}
	return map_assoc(h, map, k, v);
}

static val
put_ms(struct heap *h, val map, const char *key, int64_t ns)
{
	return put(h, map, key, float_from(h, (double)ns / (double)NS_PER_MS));
}

static val
amount(struct heap *h, const char *limit, uint64_t n)
{
	if (fault_limit_is_time(limit))
		return float_from(h, (double)n / (double)NS_PER_MS);
	return int_from_u64(h, n);
}

static val
usage_map(struct heap *h, const struct usage *u)
{
	val m = put_ms(h, map_empty(h), "wall-ms", u->wall_ns);

	if (!u->known)
		return m;
	m = put_ms(h, m, "user-ms", u->user_ns);
	m = put_ms(h, m, "system-ms", u->system_ns);
	if (u->max_rss != 0)
		m = put(h, m, "max-rss-bytes", int_from_u64(h, u->max_rss));
	return m;
}

static val
about_map(struct heap *h, val m, const struct fault_about *a)
{
	if (a->task != VAL_UNBOUND)
		m = put(h, m, "task", val_retain(a->task));
	if (a->capability != VAL_UNBOUND)
		m = put(h, m, "capability", val_retain(a->capability));
	return m;
}

static val
outcome_map(
    struct heap *h, val m, const struct fault_about *a, const struct outcome *o)
{
	m = about_map(h, m, a);
	if (o->pid != 0)
		m = put(h, m, "pid", val_fix(o->pid));
	if (o->signal != 0)
		m = put(h, m, "signal", val_fix(o->signal));
	if (o->exit >= 0)
		m = put(h, m, "exit", val_fix(o->exit));
	if (o->limit != NULL) {
		m = put(h, m, "limit", keyword_from(o->limit));
		m = put(h, m, "allowed", amount(h, o->limit, o->allowed));
		if (o->used != 0)
			m = put(h, m, "used", amount(h, o->limit, o->used));
	}
	if (a->attempts != 0)
		m = put(h, m, "attempts", val_fix(a->attempts));
	if (o->started_wall != 0)
		m = put(h, m, "usage", usage_map(h, &o->usage));
	if (o->stray.len != 0) {
		m = put(h, m, "stderr",
		    str_repaired(h, o->stray.data, o->stray.len));
	}
	return m;
}

val
fault_value(struct heap *h, const struct fault_about *a, struct outcome *o)
{
	struct errval *old;
	val kind, message, data;

	if (o->error != VAL_UNBOUND && val_is_error(o->error)) {
		old = val_errval(o->error);
		kind = val_retain(old->kind);
		message = val_retain(old->message);
		data = val_is_map(old->data) ? val_retain(old->data) :
		                               map_empty(h);
		val_release(h, o->error);
		o->error = VAL_UNBOUND;
	} else {
		kind = errkey_keyword(o->kind);
		message = str_repaired(h, o->message != NULL ? o->message : "",
		    o->message != NULL ? strlen(o->message) : 0);
		data = map_empty(h);
	}
	if (o->data != VAL_UNBOUND && val_is_map(o->data)) {
		struct map_iter it = map_iter(o->data);
		val k, v;

		while (map_next(&it, &k, &v)) {
			data = map_assoc(h, data, val_retain(k), val_retain(v));
		}
	}
	return errval_new(h, kind, message, outcome_map(h, data, a, o));
}

val
fault_refuse(struct heap *h, const struct fault_about *a, enum errkey key,
    const char *message)
{
	return errval_new(h, errkey_keyword(key),
	    str_repaired(h, message, strlen(message)),
	    about_map(h, map_empty(h), a));
}

const char *
fault_kind(const struct outcome *o)
{
	val kind;

	if (o->error != VAL_UNBOUND && val_is_error(o->error)) {
		kind = val_errval(o->error)->kind;
		return val_name_text(kind, NULL);
	}
	return val_name_text(errkey_keyword(o->kind), NULL);
}

enum errkey
fault_key(const struct outcome *o)
{
	if (o->error != VAL_UNBOUND && val_is_error(o->error))
		return errkey_from(val_errval(o->error)->kind);
	return o->kind;
}

const char *
fault_message(const struct outcome *o)
{
	val message = VAL_NIL;

	if (o->error != VAL_UNBOUND && val_is_error(o->error))
		message = val_errval(o->error)->message;
	if (val_is_string(message))
		return str_bytes(message, NULL);
	return o->message != NULL ? o->message : "";
}
