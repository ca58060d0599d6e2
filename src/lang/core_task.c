/*
 * The options of tasks as far as they can be judged without a policy: known
 * keys, units, kinds of value.  What they mean, and whether they are allowed,
 * is src/policy's.
 */
#include <string.h>

#include "base/units.h"
#include "lang/core_task.h"
#include "lang/core_util.h"
#include "value/map.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

enum option_value {
	OV_DURATION, /* "2s", milliseconds, :unlimited */
	OV_COUNT,    /* 0 to 100 */
	OV_KINDS,    /* vector of keywords */
	OV_INT,
	OV_ISOLATION,
	OV_NETWORK,
	OV_MAP,
	OV_ANY, /* checked by the policy */
};

static const struct {
	const char *name;
	enum option_value value;
	const char *expected;
} options_table[] = {
    {"timeout",   OV_DURATION,  "a duration such as \"250ms\", \"2s\", \"5m\""},
    {"limits",    OV_MAP,       "a map"                                       },
    {"retries",   OV_COUNT,     "an integer from 0 to 100"                    },
    {"retry-on",  OV_KINDS,     "a vector of keywords"                        },
    {"priority",  OV_INT,       "an integer"                                  },
    {"isolation", OV_ISOLATION, ":inherit, :isolated or :sandboxed"           },
    {"network",   OV_NETWORK,   ":none, :loopback or :host"                   },
    {"read",      OV_ANY,       ""                                            },
    {"write",     OV_ANY,       ""                                            },
    {"env",       OV_ANY,       ""                                            },
};

static bool
is_one_of(val v, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (val_is_key(v, names[i]))
			return true;
	}
	return false;
}

static bool
all_keywords(val v)
{
	size_t i;

	if (!val_is_vector(v))
		return false;
	for (i = 0; i < vec_count(v); i++) {
		if (!val_is_keyword(vec_get(v, i)))
			return false;
	}
	return true;
}

static bool
value_fits(enum option_value want, val v)
{
	static const char *const levels[] = {
	    "inherit", "isolated", "sandboxed"};
	static const char *const networks[] = {"none", "loopback", "host"};
	int64_t n;

	switch (want) {
	case OV_DURATION:
		if (val_is_string(v))
			return units_duration(str_bytes(v, NULL), &n, NULL) ==
			    0;
		return val_is_key(v, "unlimited") ||
		    (int_to_i64(v, &n) && n >= 0);
	case OV_COUNT:
		return int_to_i64(v, &n) && n >= 0 && n <= 100;
	case OV_KINDS:
		return all_keywords(v);
	case OV_INT:
		return int_to_i64(v, &n);
	case OV_ISOLATION:
		return is_one_of(v, levels, NITEMS(levels));
	case OV_NETWORK:
		return is_one_of(v, networks, NITEMS(networks));
	case OV_MAP:
		return val_is_map(v);
	case OV_ANY:
		break;
	}
	return true;
}

static int
unknown_key(val key, const char *text, struct error *e)
{
	struct buf b = BUF_INIT;
	struct nearest near;
	size_t i;

	print_short(&b, key, 60);
	nearest_init(&near, text);
	for (i = 0; i < NITEMS(options_table); i++)
		nearest_offer(&near, options_table[i].name);
	if (near.best != NULL)
		error_set(e, EK_ARGUMENT,
		    "unknown task option %s; did you mean :%s?", buf_str(&b),
		    near.best);
	else
		error_set(
		    e, EK_ARGUMENT, "unknown task option %s", buf_str(&b));
	buf_free(&b);
	return -1;
}

int
task_option_check(val *key, val value, struct error *e)
{
	static const char runtime[] = "runtime.";
	struct buf b = BUF_INIT;
	const char *text = "";
	bool prefixed;
	size_t i;

	if (val_is_keyword(*key))
		text = val_name_text(*key, NULL);
	prefixed = strncmp(text, runtime, sizeof(runtime) - 1) == 0;
	if (prefixed)
		text += sizeof(runtime) - 1;
	for (i = 0; i < NITEMS(options_table); i++) {
		if (strcmp(text, options_table[i].name) == 0)
			break;
	}
	if (i == NITEMS(options_table))
		return prefixed ? 0 : unknown_key(*key, text, e);
	if (!value_fits(options_table[i].value, value)) {
		print_short(&b, value, 60);
		error_set(e, EK_ARGUMENT,
		    "task option :%s: expected %s, got %s", text,
		    options_table[i].expected, buf_str(&b));
		buf_free(&b);
		return -1;
	}
	*key = keyword_from(text);
	return 1;
}

int
task_options_check(val options, struct error *e)
{
	struct map_iter it;
	val key, value;

	if (options == VAL_NIL)
		return 0;
	if (!val_is_map(options))
		return error_set(
		    e, EK_ARGUMENT, "the options of a task are a map");
	it = map_iter(options);
	while (map_next(&it, &key, &value)) {
		if (task_option_check(&key, value, e) == -1)
			return -1;
	}
	return 0;
}

/* :capability and :args are set like options; the rest is checked as one. */
val
core_task_assoc(struct core_call *call, val task, val key, val value)
{
	struct heap *h = call->heap;
	struct error e;
	val option = key;

	if (val_is_key(key, "capability")) {
		if (val_is_keyword(value) || val_is_string(value) ||
		    val_is_kind(value, O_FUNCTION))
			return taskval_assoc(h, task, key, value);
		core_type_error(call,
		    "a capability (keyword or string) or a function", value);
	} else if (val_is_key(key, "args")) {
		if (val_is_vector(value))
			return taskval_assoc(h, task, key, value);
		core_type_error(call, "a vector of arguments", value);
	} else {
		switch (task_option_check(&option, value, &e)) {
		case 1:
			return taskval_assoc(h, task, option, value);
		case 0:
			val_release(h, value);
			val_release(h, key);
			return task;
		default:
			core_fail(call, ERRKEY_INVALID_ARGUMENTS, "%s", e.msg);
			break;
		}
	}
	val_release(h, task);
	val_release(h, key);
	val_release(h, value);
	return VAL_UNBOUND;
}
