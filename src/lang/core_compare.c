/*
 * Equality, order and not.  The rules stand in value/equal.h and
 * value/number.h; this file gives them any number of arguments.
 */
#include "lang/core_util.h"
#include "value/equal.h"

static val
fn_equal(struct core_call *call ATTR_UNUSED, val *argv, unsigned int argc)
{
	unsigned int i;

	for (i = 1; i < argc; i++) {
		if (!val_equal(argv[i - 1], argv[i]))
			return VAL_FALSE;
	}
	return VAL_TRUE;
}

static val
fn_not_equal(struct core_call *call, val *argv, unsigned int argc)
{
	return val_bool(fn_equal(call, argv, argc) == VAL_FALSE);
}

/* Does test(a, b) hold for all neighbours?  Every argument is checked. */
static val
chain(struct core_call *call, val *argv, unsigned int argc,
    bool (*test)(val, val))
{
	unsigned int i;

	for (i = 0; i < argc; i++) {
		if (!core_want_number(call, argv[i]))
			return VAL_UNBOUND;
	}
	for (i = 1; i < argc; i++) {
		if (!test(argv[i - 1], argv[i]))
			return VAL_FALSE;
	}
	return VAL_TRUE;
}

static bool
greater(val a, val b)
{
	return num_less(b, a);
}

static bool
less_equal(val a, val b)
{
	return num_less(a, b) || num_equal(a, b);
}

static bool
greater_equal(val a, val b)
{
	return num_less(b, a) || num_equal(a, b);
}

static val
fn_num_equal(struct core_call *call, val *argv, unsigned int argc)
{
	return chain(call, argv, argc, num_equal);
}

static val
fn_less(struct core_call *call, val *argv, unsigned int argc)
{
	return chain(call, argv, argc, num_less);
}

static val
fn_greater(struct core_call *call, val *argv, unsigned int argc)
{
	return chain(call, argv, argc, greater);
}

static val
fn_less_equal(struct core_call *call, val *argv, unsigned int argc)
{
	return chain(call, argv, argc, less_equal);
}

static val
fn_greater_equal(struct core_call *call, val *argv, unsigned int argc)
{
	return chain(call, argv, argc, greater_equal);
}

static val
fn_compare(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	int order;
	val culprit;

	if (val_compare(argv[0], argv[1], &order, &culprit) == -1)
		return core_type_error(
		    call, "something that has an order", culprit);
	return val_fix(order < 0 ? -1 : order > 0);
}

static val
fn_not(struct core_call *call ATTR_UNUSED, val *argv,
    unsigned int argc ATTR_UNUSED)
{
	return val_bool(!val_truthy(argv[0]));
}

const struct core_def core_compare[] = {
    {"=",       fn_equal,         1, -1, "(= x & more)",
     "Are all equal in type and value? (= 1 1.0) is false."                                         },
    {"!=",      fn_not_equal,     1, -1, "(!= x & more)",   "The opposite of =."                    },
    {"not=",    fn_not_equal,     1, -1, "(not= x & more)", "The opposite of =."                    },
    {"==",      fn_num_equal,     1, -1, "(== x & more)",
     "Are the numbers equal in amount? (== 1 1.0) is true."                                         },
    {"<",       fn_less,          1, -1, "(< x & more)",
     "Does each number stand below the next?"                                                       },
    {">",       fn_greater,       1, -1, "(> x & more)",
     "Does each number stand above the next?"                                                       },
    {"<=",      fn_less_equal,    1, -1, "(<= x & more)",
     "Is no number above the next?"                                                                 },
    {">=",      fn_greater_equal, 1, -1, "(>= x & more)",
     "Is no number below the next?"                                                                 },
    {"compare", fn_compare,       2, 2,  "(compare a b)",
     "-1, 0 or 1 as a stands before, level with or after b in the order of "
        "all values; TypeError for functions, tasks and errors."                                    },
    {"not",     fn_not,           1, 1,  "(not x)",         "true if x is false or nil, else false."},
    {NULL,      NULL,             0, 0,  NULL,              NULL                                    },
};
