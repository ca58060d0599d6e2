/* Errors as values, assertions, and tasks as data. */
#include <string.h>

#include "lang/core_task.h"
#include "lang/core_util.h"
#include "value/map.h"
#include "value/name.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

static val
fn_error(struct core_call *call, val *argv, unsigned int argc)
{
	if (!val_is_keyword(argv[0]))
		return core_type_error(call, "a keyword as kind", argv[0]);
	if (!val_is_string(argv[1]))
		return core_type_error(call, "a string as message", argv[1]);
	if (argc == 3 && argv[2] != VAL_NIL && !val_is_map(argv[2]))
		return core_type_error(call, "a map as data", argv[2]);
	return errval_new(call->heap, core_own(&argv[0]), core_own(&argv[1]),
	    argc == 3 && argv[2] != VAL_NIL ? core_own(&argv[2]) :
	                                      map_empty(call->heap));
}

static val
fn_exception(struct core_call *call, val *argv, unsigned int argc)
{
	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	if (argc == 2 && argv[1] != VAL_NIL && !val_is_map(argv[1]))
		return core_type_error(call, "a map as data", argv[1]);
	return errval_new(call->heap, keyword_from("exception"),
	    core_own(&argv[0]),
	    argc == 2 && argv[1] != VAL_NIL ? core_own(&argv[1]) :
	                                      map_empty(call->heap));
}

static val
fn_get_message(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!val_is_error(argv[0]))
		return core_type_error(call, "an error", argv[0]);
	return val_retain(val_errval(argv[0])->message);
}

static val
fn_assert(struct core_call *call, val *argv, unsigned int argc)
{
	struct buf b = BUF_INIT;
	val message;

	if (val_truthy(argv[0]))
		return VAL_NIL;
	if (argc == 2) {
		if (!core_print(call, &b, argv[1], false)) {
			buf_free(&b);
			return VAL_UNBOUND;
		}
	} else {
		buf_adds(&b, "assertion failed");
	}
	message = core_string(call, &b);
	if (message != VAL_UNBOUND)
		call->error =
		    errval_new(call->heap, errkey_keyword(ERRKEY_ASSERTION),
		        message, map_empty(call->heap));
	return VAL_UNBOUND;
}

static bool
want_capability(struct core_call *call, val cap)
{
	if (val_is_keyword(cap) || val_is_string(cap) ||
	    val_is_kind(cap, O_FUNCTION))
		return true;
	core_type_error(
	    call, "a capability (keyword or string) or a function", cap);
	return false;
}

/* argv: capability and arguments; options is consumed. */
static val
make_task(struct core_call *call, val *argv, unsigned int argc, val options)
{
	val args = vec_new(call->heap, argv + 1, argc - 1);
	unsigned int i;

	for (i = 1; i < argc; i++)
		argv[i] = VAL_NIL;
	return taskval_new(call->heap, core_own(&argv[0]), args, options);
}

static val
fn_task(struct core_call *call, val *argv, unsigned int argc)
{
	if (!want_capability(call, argv[0]))
		return VAL_UNBOUND;
	return make_task(call, argv, argc, VAL_NIL);
}

/* An options map with its keys in their usual form and its values checked;
 * consumes it.  nil when nothing is left. */
static val
checked_options(struct core_call *call, val options)
{
	struct heap *h = call->heap;
	struct map_iter it;
	struct error e;
	int rc = 0;
	val out, key, value;

	if (options == VAL_NIL)
		return VAL_NIL;
	if (!val_is_map(options)) {
		core_type_error(call, "a map of options", options);
		val_release(h, options);
		return VAL_UNBOUND;
	}
	out = map_empty(h);
	it = map_iter(options);
	while (rc != -1 && map_next(&it, &key, &value)) {
		rc = task_option_check(&key, value, &e);
		if (rc == 1)
			out = map_assoc(
			    h, out, val_retain(key), val_retain(value));
	}
	val_release(h, options);
	if (rc != -1 && map_count(out) > 0)
		return out;
	val_release(h, out);
	if (rc != -1)
		return VAL_NIL;
	return core_fail(call, ERRKEY_INVALID_ARGUMENTS, "%s", e.msg);
}

/* (%task options capability args...): what ^{...} (task ...) becomes. */
static val
fn_task_with(struct core_call *call, val *argv, unsigned int argc)
{
	val options;

	call->name = "task";
	if (!want_capability(call, argv[1]))
		return VAL_UNBOUND;
	options = checked_options(call, core_own(&argv[0]));
	if (options == VAL_UNBOUND)
		return VAL_UNBOUND;
	return make_task(call, argv + 1, argc - 1, options);
}

/* (%options map): the same check for ^{...} (call ...). */
static val
fn_options(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	call->name = "call";
	return checked_options(call, core_own(&argv[0]));
}

/* (%arity name min max got): fails when got is not within; max -1: none. */
static val
fn_arity(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	long long min = val_unfix(argv[1]), max = val_unfix(argv[2]);
	long long got = val_unfix(argv[3]);

	if (got >= min && (max == -1 || got <= max))
		return VAL_NIL;
	call->name = str_bytes(argv[0], NULL);
	if (min == max)
		return core_fail(call, ERRKEY_ARITY_MISMATCH,
		    "expected %lld argument%s, got %lld", min,
		    min == 1 ? "" : "s", got);
	if (max == -1)
		return core_fail(call, ERRKEY_ARITY_MISMATCH,
		    "expected at least %lld argument%s, got %lld", min,
		    min == 1 ? "" : "s", got);
	return core_fail(call, ERRKEY_ARITY_MISMATCH,
	    "expected %lld to %lld arguments, got %lld", min, max, got);
}

/* (%count name n): n counts elements that are about to be built. */
static val
fn_check_count(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	int64_t n;

	call->name = str_bytes(argv[0], NULL);
	if (!core_want_i64(call, argv[1], &n))
		return VAL_UNBOUND;
	if (n > 0 &&
	    (n > INT64_MAX / 16 || !core_room(call, (size_t)n * sizeof(val)))) {
		call->error = VAL_UNBOUND;
		return VAL_UNBOUND;
	}
	return VAL_NIL;
}

/* (%fail name kind text): an error of the prelude's functions. */
static val
fn_fail(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	enum errkey key = errkey_from(argv[1]);

	call->name = str_bytes(argv[0], NULL);
	return core_fail(call,
	    key == ERRKEY_COUNT ? ERRKEY_INVALID_ARGUMENT : key, "%s",
	    str_bytes(argv[2], NULL));
}

/* (%wrong name expected got): its type errors. */
static val
fn_wrong(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	call->name = str_bytes(argv[0], NULL);
	return core_type_error(call, str_bytes(argv[1], NULL), argv[2]);
}

const struct core_def core_host[] = {
    {"error",      fn_error,       2, 3,  "(error kind message data?)",
     "An error value: kind is a keyword, message a string, data a map."     },
    {"Exception.", fn_exception,   1, 2,  "(Exception. message data?)",
     "The same as (error :exception message data)."                         },
    {"getMessage", fn_get_message, 1, 1,  "(getMessage e)",
     "The message of an error."                                             },
    {"assert",     fn_assert,      1, 2,  "(assert x message?)",
     "Throws an :assertion error if x is false or nil."                     },
    {"task",       fn_task,        1, -1, "(task capability & args)",
     "A task: a capability (keyword or string) or a function, with the "
        "arguments it is to be called with. Data until it is given to call."},
    {"%task",      fn_task_with,   2, -1, "",                           ""  },
    {"%options",   fn_options,     1, 1,  "",                           ""  },
    {"%arity",     fn_arity,       4, 4,  "",                           ""  },
    {"%count",     fn_check_count, 2, 2,  "",                           ""  },
    {"%fail",      fn_fail,        3, 3,  "",                           ""  },
    {"%wrong",     fn_wrong,       3, 3,  "",                           ""  },
    {NULL,         NULL,           0, 0,  NULL,                         NULL},
};
