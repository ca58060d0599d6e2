/*
 * Arithmetic.  Everything about integers of any size and exactness is
 * value/number.c's; here are arities, argument checks and the functions of
 * real numbers, which work on doubles.
 */
#include <math.h>

#include "lang/core_util.h"
#include "value/numtext.h"
#include "value/string.h"

typedef enum num_status (*num_binary)(struct heap *, val, val, val *);
typedef enum num_status (*num_unary)(struct heap *, val, val *);

static ATTR_NOINLINE val
binary(struct core_call *call, num_binary op, val a, val b)
{
	val out = VAL_NIL;
	enum num_status st = op(call->heap, a, b, &out);

	return LIKELY(st == NUM_OK) ? out : core_num(call, st, out, a, b);
}

static ATTR_NOINLINE val
unary(struct core_call *call, num_unary op, val a)
{
	val out = VAL_NIL;
	enum num_status st = op(call->heap, a, &out);

	return LIKELY(st == NUM_OK) ? out : core_num(call, st, out, a, a);
}

/* Fold from the left; charges for big integers, whose work grows. */
static ATTR_NOINLINE val
fold(struct core_call *call, num_binary op, val *argv, unsigned int argc)
{
	struct heap *h = call->heap;
	unsigned int i;
	val acc, next;

	if (!core_want_number(call, argv[0]))
		return VAL_UNBOUND;
	acc = val_retain(argv[0]);
	for (i = 1; i < argc; i++) {
		next = binary(call, op, acc, argv[i]);
		val_release(h, acc);
		if (next == VAL_UNBOUND)
			return VAL_UNBOUND;
		acc = next;
	}
	return acc;
}

static val
fn_add(struct core_call *call, val *argv, unsigned int argc)
{
	int64_t sum; /* of tagged words: the tag of a fixnum is zero */

	if (argc == 2 && val_is_fix(argv[0]) && val_is_fix(argv[1]) &&
	    !__builtin_add_overflow((int64_t)argv[0], (int64_t)argv[1], &sum))
		return (val)sum;
	return fold(call, num_add, argv, argc);
}

static val
fn_sub(struct core_call *call, val *argv, unsigned int argc)
{
	int64_t difference;

	if (argc == 2 && val_is_fix(argv[0]) && val_is_fix(argv[1]) &&
	    !__builtin_sub_overflow(
	        (int64_t)argv[0], (int64_t)argv[1], &difference))
		return (val)difference;
	if (argc == 1)
		return unary(call, num_neg, argv[0]);
	return fold(call, num_sub, argv, argc);
}

static val
fn_mul(struct core_call *call, val *argv, unsigned int argc)
{
	return fold(call, num_mul, argv, argc);
}

static val
fn_div(struct core_call *call, val *argv, unsigned int argc)
{
	if (argc == 1)
		return binary(call, num_div, val_fix(1), argv[0]);
	return fold(call, num_div, argv, argc);
}

static val
fn_quot(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return binary(call, num_quot, argv[0], argv[1]);
}

static val
fn_rem(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return binary(call, num_rem, argv[0], argv[1]);
}

static val
fn_inc(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (val_is_fix(argv[0]) && argv[0] != val_fix(VAL_FIX_MAX))
		return argv[0] + val_fix(1);
	return binary(call, num_add, argv[0], val_fix(1));
}

static val
fn_dec(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (val_is_fix(argv[0]) && argv[0] != val_fix(VAL_FIX_MIN))
		return argv[0] - val_fix(1);
	return binary(call, num_sub, argv[0], val_fix(1));
}

static bool
is_nan(val v)
{
	return val_is_float(v) && isnan(float_get(v));
}

/* The greatest (sign 1) or least (-1); the first of equals; NaN wins. */
static val
extreme(struct core_call *call, val *argv, unsigned int argc, int sign)
{
	unsigned int i, best = 0;

	for (i = 0; i < argc; i++) {
		if (!core_want_number(call, argv[i]))
			return VAL_UNBOUND;
		if (is_nan(argv[best]))
			continue;
		if (is_nan(argv[i]) ||
		    num_compare(argv[i], argv[best]) * sign > 0)
			best = i;
	}
	return core_own(&argv[best]);
}

static val
fn_max(struct core_call *call, val *argv, unsigned int argc)
{
	return extreme(call, argv, argc, 1);
}

static val
fn_min(struct core_call *call, val *argv, unsigned int argc)
{
	return extreme(call, argv, argc, -1);
}

static val
fn_abs(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!core_want_number(call, argv[0]))
		return VAL_UNBOUND;
	if (val_is_float(argv[0]))
		return float_from(call->heap, fabs(float_get(argv[0])));
	if (int_is_negative(argv[0]))
		return unary(call, num_neg, argv[0]);
	return core_own(&argv[0]);
}

static val
fn_sqrt(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return unary(call, num_sqrt, argv[0]);
}

static val
fn_pow(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return binary(call, num_pow, argv[0], argv[1]);
}

static val
real(struct core_call *call, double (*f)(double), val a)
{
	if (!core_want_number(call, a))
		return VAL_UNBOUND;
	return float_from(call->heap, f(num_to_double(a)));
}

static val
fn_exp(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return real(call, exp, argv[0]);
}

static val
fn_log(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return real(call, log, argv[0]);
}

static val
fn_sin(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return real(call, sin, argv[0]);
}

static val
fn_cos(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return real(call, cos, argv[0]);
}

static val
fn_tan(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return real(call, tan, argv[0]);
}

static val
fn_floor(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return unary(call, num_floor, argv[0]);
}

static val
fn_ceil(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return unary(call, num_ceil, argv[0]);
}

static val
fn_round(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return unary(call, num_round, argv[0]);
}

static val
fn_factorial(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	int64_t n;

	if (!core_want_int(call, argv[0]))
		return VAL_UNBOUND;
	if (int_to_i64(argv[0], &n) && n > 0)
		call->cost += (uint64_t)n;
	return unary(call, num_factorial, argv[0]);
}

static val
fn_even(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (LIKELY(val_is_fix(argv[0])))
		return val_bool((argv[0] & val_fix(1)) == 0);
	if (!core_want_int(call, argv[0]))
		return VAL_UNBOUND;
	return val_bool(int_is_even(argv[0]));
}

static val
fn_odd(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (LIKELY(val_is_fix(argv[0])))
		return val_bool((argv[0] & val_fix(1)) != 0);
	if (!core_want_int(call, argv[0]))
		return VAL_UNBOUND;
	return val_bool(!int_is_even(argv[0]));
}

static val
fn_zero(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!core_want_number(call, argv[0]))
		return VAL_UNBOUND;
	return val_bool(num_equal(argv[0], val_fix(0)));
}

static val
fn_pos(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!core_want_number(call, argv[0]))
		return VAL_UNBOUND;
	return val_bool(num_less(val_fix(0), argv[0]));
}

static val
fn_neg(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!core_want_number(call, argv[0]))
		return VAL_UNBOUND;
	return val_bool(num_less(argv[0], val_fix(0)));
}

/*
 * A number written as in a program; white space around it is left out.
 * VAL_UNBOUND: no number (*none) or no room.
 */
static val
parse_number(struct core_call *call, val text, bool floats, bool *none)
{
	struct numtext t;
	enum num_status st;
	size_t len;
	const char *p = str_bytes(text, &len);
	val out;

	call->cost += len / 16;
	p = core_trim(p, &len);
	numtext_scan(&t, p, p + len);
	*none =
	    t.whole_digits == 0 || t.stop != p + len || (t.is_float && !floats);
	if (*none)
		return VAL_UNBOUND;
	st = numtext_value(call->heap, &t, &out);
	*none = st == NUM_DOMAIN;
	if (*none)
		return VAL_UNBOUND;
	return core_num(call, st, out, text, text);
}

static val
fn_int(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	val v = argv[0], n, out;
	bool none;

	if (v == VAL_NIL || v == VAL_FALSE)
		return val_fix(0);
	if (v == VAL_TRUE)
		return val_fix(1);
	if (!val_is_string(v)) {
		if (!num_is(v))
			return core_type_error(
			    call, "a number, string, boolean or nil", v);
		return unary(call, num_truncate, v);
	}
	n = parse_number(call, v, true, &none);
	if (n == VAL_UNBOUND)
		return none ? val_fix(0) : VAL_UNBOUND;
	out = unary(call, num_truncate, n);
	val_release(call->heap, n);
	return out;
}

static val
to_float(struct core_call *call, val n)
{
	double d = num_to_double(n);

	return float_from(call->heap, d);
}

static val
fn_float(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	val v = argv[0], n, out;
	bool none;

	if (v == VAL_NIL || v == VAL_FALSE)
		return float_from(call->heap, 0.0);
	if (v == VAL_TRUE)
		return float_from(call->heap, 1.0);
	if (num_is(v))
		return to_float(call, v);
	if (!val_is_string(v))
		return core_type_error(
		    call, "a number, string, boolean or nil", v);
	n = parse_number(call, v, true, &none);
	if (n == VAL_UNBOUND) {
		return none ? float_from(call->heap, 0.0) : VAL_UNBOUND;
	}
	out = to_float(call, n);
	val_release(call->heap, n);
	return out;
}

static val
fn_parse_int(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	val n;
	bool none;

	if (num_is(argv[0]))
		return unary(call, num_truncate, argv[0]);
	if (!val_is_string(argv[0]))
		return core_type_error(call, "a string or number", argv[0]);
	n = parse_number(call, argv[0], false, &none);
	return n == VAL_UNBOUND && none ? VAL_NIL : n;
}

static val
fn_parse_float(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	val n, out;
	bool none;

	if (num_is(argv[0]))
		return to_float(call, argv[0]);
	if (!val_is_string(argv[0]))
		return core_type_error(call, "a string or number", argv[0]);
	n = parse_number(call, argv[0], true, &none);
	if (n == VAL_UNBOUND)
		return none ? VAL_NIL : VAL_UNBOUND;
	out = to_float(call, n);
	val_release(call->heap, n);
	return out;
}

static val
fold_int(struct core_call *call, num_binary op, val *argv, unsigned int argc)
{
	unsigned int i;

	for (i = 0; i < argc; i++) {
		if (!core_want_int(call, argv[i]))
			return VAL_UNBOUND;
	}
	return fold(call, op, argv, argc);
}

static val
fn_bit_and(struct core_call *call, val *argv, unsigned int argc)
{
	if (argc == 2 && val_is_fix(argv[0]) && val_is_fix(argv[1]))
		return argv[0] & argv[1]; /* the tag of a fixnum is zero */
	return fold_int(call, num_bit_and, argv, argc);
}

static val
fn_bit_or(struct core_call *call, val *argv, unsigned int argc)
{
	if (argc == 2 && val_is_fix(argv[0]) && val_is_fix(argv[1]))
		return argv[0] | argv[1]; /* the tag of a fixnum is zero */
	return fold_int(call, num_bit_or, argv, argc);
}

static val
fn_bit_xor(struct core_call *call, val *argv, unsigned int argc)
{
	if (argc == 2 && val_is_fix(argv[0]) && val_is_fix(argv[1]))
		return argv[0] ^ argv[1]; /* the tag of a fixnum is zero */
	return fold_int(call, num_bit_xor, argv, argc);
}

static val
fn_bit_not(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return unary(call, num_bit_not, argv[0]);
}

static val
fn_shift_left(struct core_call *call, val *argv, unsigned int argc)
{
	return fold_int(call, num_shift_left, argv, argc);
}

static val
fn_shift_right(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	val bits, out;

	if (!core_want_int(call, argv[0]) || !core_want_int(call, argv[1]))
		return VAL_UNBOUND;
	bits = unary(call, num_neg, argv[1]);
	out = binary(call, num_shift_left, argv[0], bits);
	val_release(call->heap, bits);
	return out;
}

const struct core_def core_numbers[] = {
    {"+",               fn_add,         1, -1, "(+ x & more)",             "The sum of numbers."            },
    {"-",               fn_sub,         1, -1, "(- x & more)",
     "The first number less the others; of one number its negative."                                        },
    {"*",               fn_mul,         1, -1, "(* x & more)",             "The product of numbers."        },
    {"/",               fn_div,         1, -1, "(/ x & more)",
     "Divides from the left; of one number its reciprocal. An integer where "
        "the quotient is exact, else a float."                                                              },
    {"quot",            fn_quot,        2, 2,  "(quot a b)",               "The quotient, truncated."       },
    {"rem",             fn_rem,         2, 2,  "(rem a b)",
     "The remainder of quot; it has the sign of a."                                                         },
    {"mod",             fn_rem,         2, 2,  "(mod a b)",
     "The same as rem: the remainder has the sign of a."                                                    },
    {"inc",             fn_inc,         1, 1,  "(inc x)",                  "One more than x."               },
    {"dec",             fn_dec,         1, 1,  "(dec x)",                  "One less than x."               },
    {"max",             fn_max,         1, -1, "(max x & more)",           "The greatest of the numbers."   },
    {"min",             fn_min,         1, -1, "(min x & more)",           "The least of the numbers."      },
    {"abs",             fn_abs,         1, 1,  "(abs x)",                  "The absolute value."            },
    {"sqrt",            fn_sqrt,        1, 1,  "(sqrt x)",
     "The square root; of a negative number InvalidArgument."                                               },
    {"pow",             fn_pow,         2, 2,  "(pow base exponent)",
     "base to the power of exponent; exact for integers with an exponent of "
        "0 or more."                                                                                        },
    {"exp",             fn_exp,         1, 1,  "(exp x)",                  "e to the power of x, a float."  },
    {"log",             fn_log,         1, 1,  "(log x)",                  "The natural logarithm, a float."},
    {"sin",             fn_sin,         1, 1,  "(sin x)",                  "The sine of x radians."         },
    {"cos",             fn_cos,         1, 1,  "(cos x)",                  "The cosine of x radians."       },
    {"tan",             fn_tan,         1, 1,  "(tan x)",                  "The tangent of x radians."      },
    {"floor",           fn_floor,       1, 1,  "(floor x)",
     "The greatest integer that is not above x."                                                            },
    {"ceil",            fn_ceil,        1, 1,  "(ceil x)",
     "The least integer that is not below x."                                                               },
    {"round",           fn_round,       1, 1,  "(round x)",
     "The nearest integer; halves go away from zero."                                                       },
    {"factorial",       fn_factorial,   1, 1,  "(factorial n)",
     "1 * 2 * ... * n, exact; of a negative number InvalidArgument."                                        },
    {"even?",           fn_even,        1, 1,  "(even? n)",                "Is the integer even?"           },
    {"odd?",            fn_odd,         1, 1,  "(odd? n)",                 "Is the integer odd?"            },
    {"zero?",           fn_zero,        1, 1,  "(zero? x)",                "Is the number 0 or 0.0?"        },
    {"pos?",            fn_pos,         1, 1,  "(pos? x)",                 "Is the number above zero?"      },
    {"neg?",            fn_neg,         1, 1,  "(neg? x)",                 "Is the number below zero?"      },
    {"int",             fn_int,         1, 1,  "(int x)",
     "x as an integer: numbers are truncated, text is read (0 if it is no "
        "number), true is 1, false and nil are 0."                                                          },
    {"float",           fn_float,       1, 1,  "(float x)",
     "x as a float: text is read (0.0 if it is no number), true is 1.0, "
        "false and nil are 0.0."                                                                            },
    {"parse-int",       fn_parse_int,   1, 1,  "(parse-int text)",
     "The integer that the text is, white space around it allowed, or nil. "
        "A "
        "number is truncated."                                                                              },
    {"parse-float",     fn_parse_float, 1, 1,  "(parse-float text)",
     "The float that the text is, white space around it allowed, or nil."                                   },
    {"bit-and",         fn_bit_and,     2, -1, "(bit-and a b & more)",
     "Bitwise and of integers (two's complement of any width)."                                             },
    {"bit-or",          fn_bit_or,      2, -1, "(bit-or a b & more)",
     "Bitwise or of integers."                                                                              },
    {"bit-xor",         fn_bit_xor,     2, -1, "(bit-xor a b & more)",
     "Bitwise exclusive or of integers."                                                                    },
    {"bit-not",         fn_bit_not,     1, 1,  "(bit-not n)",              "All bits inverted."             },
    {"bit-shift-left",  fn_shift_left,  2, 2,  "(bit-shift-left n bits)",
     "n shifted left; the result grows as it must."                                                         },
    {"bit-shift-right", fn_shift_right, 2, 2,  "(bit-shift-right n bits)",
     "n shifted right, the sign kept."                                                                      },
    {NULL,              NULL,           0, 0,  NULL,                       NULL                             },
};
