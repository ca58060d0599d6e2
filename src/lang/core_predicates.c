/* What kind of value is it?  One argument, true or false, no error. */
#include "lang/core_util.h"
#include "value/taskval.h"

#define PREDICATE(fn, test)                                                    \
	static val fn(struct core_call *call ATTR_UNUSED, val *argv,           \
	    unsigned int argc ATTR_UNUSED)                                     \
	{                                                                      \
		val v = argv[0];                                               \
                                                                               \
		return val_bool(test);                                         \
	}

PREDICATE(fn_nil, v == VAL_NIL)
PREDICATE(fn_bool, v == VAL_TRUE || v == VAL_FALSE)
PREDICATE(fn_int, val_is_int(v))
PREDICATE(fn_float, val_is_float(v))
PREDICATE(fn_number, num_is(v))
PREDICATE(fn_string, val_is_string(v))
PREDICATE(fn_keyword, val_is_keyword(v))
PREDICATE(fn_symbol, val_is_symbol(v))
PREDICATE(fn_list, val_is_list(v))
PREDICATE(fn_vector, val_is_vector(v))
PREDICATE(fn_map, val_is_map(v))
PREDICATE(fn_coll, val_is_vector(v) || val_is_list(v) || val_is_map(v))
PREDICATE(fn_sequential, val_is_vector(v) || val_is_list(v))
PREDICATE(fn_fn, val_is_kind(v, O_FUNCTION))
PREDICATE(fn_ifn,
    val_is_kind(v, O_FUNCTION) || val_is_keyword(v) || val_is_map(v) ||
        val_is_vector(v))
PREDICATE(fn_task, val_is_task(v))
PREDICATE(fn_error, val_is_error(v))

static val
fn_type_name(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, val_type_name(val_type(argv[0])));
	return core_string(call, &b);
}

static val
fn_identity(struct core_call *call ATTR_UNUSED, val *argv,
    unsigned int argc ATTR_UNUSED)
{
	return core_own(&argv[0]);
}

const struct core_def core_predicates[] = {
    {"nil?",        fn_nil,        1, 1, "(nil? x)",        "Is x nil?"                  },
    {"bool?",       fn_bool,       1, 1, "(bool? x)",       "Is x true or false?"        },
    {"boolean?",    fn_bool,       1, 1, "(boolean? x)",    "Is x true or false?"        },
    {"int?",        fn_int,        1, 1, "(int? x)",        "Is x an integer?"           },
    {"integer?",    fn_int,        1, 1, "(integer? x)",    "Is x an integer?"           },
    {"float?",      fn_float,      1, 1, "(float? x)",      "Is x a float?"              },
    {"number?",     fn_number,     1, 1, "(number? x)",     "Is x an integer or float?"  },
    {"string?",     fn_string,     1, 1, "(string? x)",     "Is x a string?"             },
    {"string-p",    fn_string,     1, 1, "(string-p x)",    "The same as string?."       },
    {"keyword?",    fn_keyword,    1, 1, "(keyword? x)",    "Is x a keyword?"            },
    {"symbol?",     fn_symbol,     1, 1, "(symbol? x)",     "Is x a symbol?"             },
    {"list?",       fn_list,       1, 1, "(list? x)",       "Is x a list?"               },
    {"vector?",     fn_vector,     1, 1, "(vector? x)",     "Is x a vector?"             },
    {"map?",        fn_map,        1, 1, "(map? x)",        "Is x a map?"                },
    {"coll?",       fn_coll,       1, 1, "(coll? x)",       "Is x a vector, list or map?"},
    {"sequential?", fn_sequential, 1, 1, "(sequential? x)",
     "Is x a vector or list?"                                                            },
    {"fn?",         fn_fn,         1, 1, "(fn? x)",         "Is x a function?"           },
    {"ifn?",        fn_ifn,        1, 1, "(ifn? x)",
     "Can x be called: a function, keyword, map or vector?"                              },
    {"task?",       fn_task,       1, 1, "(task? x)",       "Is x a task?"               },
    {"error?",      fn_error,      1, 1, "(error? x)",      "Is x an error value?"       },
    {"type-name",   fn_type_name,  1, 1, "(type-name x)",
     "The type of x as a string: nil bool int float string keyword symbol "
        "list vector map function task error."                                           },
    {"identity",    fn_identity,   1, 1, "(identity x)",    "x itself."                  },
    {NULL,          NULL,          0, 0, NULL,              NULL                         },
};
