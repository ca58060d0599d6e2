/* rooms: value base */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tests/unit/value_unit.h"
#include "value/equal.h"
#include "value/number.h"

#define FIX_MAX "2305843009213693951"
#define BIG     "123456789012345678901234567890"

/* "12", "-5", "1.5", "##NaN": as the reader would; x: hexadecimal. */
static val
num(struct heap *h, const char *text)
{
	val v = VAL_NIL;

	if (strcmp(text, "##NaN") == 0)
		return float_from(h, NAN);
	if (strcmp(text, "##Inf") == 0)
		return float_from(h, INFINITY);
	if (strcmp(text, "##-Inf") == 0)
		return float_from(h, -INFINITY);
	if (strpbrk(text, ".e") != NULL)
		return float_from(h, strtod(text, NULL));
	CU_ASSERT_EQUAL(int_parse(h, text, strlen(text), 10, &v), NUM_OK);
	return v;
}

static const char *
text_of(val v, struct buf *b)
{
	buf_clear(b);
	if (val_is_float(v))
		float_format(float_get(v), b);
	else
		int_format(v, 10, b);
	return buf_str(b);
}

typedef enum num_status (*binary)(struct heap *, val, val, val *);
typedef enum num_status (*unary)(struct heap *, val, val *);

static const struct {
	binary f;
	const char *a, *b;
	const char *want; /* NULL: rc is wanted */
	enum num_status rc;
} binaries[] = {
    {num_add,        "1",                    "2",                                          "3",                               NUM_OK     },
    {num_add,        FIX_MAX,                "1",                                          "2305843009213693952",             NUM_OK     },
    {num_add,        "-2305843009213693952", "-1",                                         "-2305843009213693953",            NUM_OK     },
    {num_add,        "2305843009213693952",  "-1",                                         FIX_MAX,                           NUM_OK     },
    {num_add,        "9223372036854775807",  "1",                                          "9223372036854775808",             NUM_OK     },
    {num_add,        BIG,                    "-" BIG,                                      "0",                               NUM_OK     },
    {num_add,        "1",                    "0.5",                                        "1.5",                             NUM_OK     },
    {num_add,        BIG,                    "0.5",                                        "1.2345678901234568e29",           NUM_OK     },
    {num_sub,        "5",                    "7",                                          "-2",                              NUM_OK     },
    {num_sub,        "-9223372036854775808", "1",                                          "-9223372036854775809",            NUM_OK     },
    {num_sub,        "0",                    "-2305843009213693952",                       "2305843009213693952",             NUM_OK     },
    {num_sub,        "1.5",                  "1",                                          "0.5",                             NUM_OK     },
    {num_mul,        "-3",                   "4",                                          "-12",                             NUM_OK     },
    {num_mul,        "3037000500",           "3037000500",                                 "9223372037000250000",             NUM_OK     },
    {num_mul,        "-2305843009213693952", "-1",                                         "2305843009213693952",             NUM_OK     },
    {num_mul,        BIG,                    BIG,
     "15241578753238836750495351562536198787501905199875019052100",                                                           NUM_OK     },
    {num_mul,        "2",                    "0.5",                                        "1.0",                             NUM_OK     },
    {num_div,        "6",                    "3",                                          "2",                               NUM_OK     },
    {num_div,        "1",                    "3",                                          "0.3333333333333333",              NUM_OK     },
    {num_div,        "-7",                   "2",                                          "-3.5",                            NUM_OK     },
    {num_div,        "-2305843009213693952", "-1",                                         "2305843009213693952",             NUM_OK     },
    {num_div,        "9007199254740993",     "2",                                          "4503599627370496.0",              NUM_OK     },
    {num_div,        "2305843009213693951",  "3",                                          "7.686143364045646e17",            NUM_OK     },
    {num_div,        BIG,                    "10",                                         "12345678901234567890123456789",   NUM_OK     },
    {num_div,        BIG,                    "7",                                          "17636684144620811271604938270",   NUM_OK     },
    {num_div,        BIG,                    "11",                                         "1.122334445566779e28",            NUM_OK     },
    {num_div,        "1",                    "100000000000000000000000000000000000000000", "1e-41",
     NUM_OK                                                                                                                              },
    {num_div,        "4.0",                  "2",                                          "2",                               NUM_OK     },
    {num_div,        "1.0",                  "4",                                          "0.25",                            NUM_OK     },
    {num_div,        "1e300",                "1",                                          "1e300",                           NUM_OK     },
    {num_div,        "9007199254740992.0",   "1",                                          "9007199254740992.0",              NUM_OK     },
    {num_div,        "9007199254740991.0",   "1",                                          "9007199254740991",                NUM_OK     },
    {num_div,        "##NaN",                "1",                                          "##NaN",                           NUM_OK     },
    {num_div,        "1",                    "0",                                          NULL,                              NUM_ZERO   },
    {num_div,        "1.0",                  "-0.0",                                       NULL,                              NUM_ZERO   },
    {num_quot,       "7",                    "2",                                          "3",                               NUM_OK     },
    {num_quot,       "-7",                   "2",                                          "-3",                              NUM_OK     },
    {num_quot,       "-7.5",                 "2",                                          "-3.0",                            NUM_OK     },
    {num_quot,       BIG,                    "-7",                                         "-17636684144620811271604938270",  NUM_OK     },
    {num_quot,       "-2305843009213693952", "-1",                                         "2305843009213693952",             NUM_OK     },
    {num_quot,       "7",                    "0.0",                                        NULL,                              NUM_ZERO   },
    {num_rem,        "7",                    "-2",                                         "1",                               NUM_OK     },
    {num_rem,        "-7",                   "2",                                          "-1",                              NUM_OK     },
    {num_rem,        "-7.5",                 "2",                                          "-1.5",                            NUM_OK     },
    {num_rem,        "-2305843009213693952", "-1",                                         "0",                               NUM_OK     },
    {num_rem,        BIG,                    "1000",                                       "890",                             NUM_OK     },
    {num_rem,        "7",                    "0",                                          NULL,                              NUM_ZERO   },
    {num_pow,        "2",                    "10",                                         "1024",                            NUM_OK     },
    {num_pow,        "2",                    "100",                                        "1267650600228229401496703205376", NUM_OK     },
    {num_pow,        "-3",                   "3",                                          "-27",                             NUM_OK     },
    {num_pow,        "0",                    "0",                                          "1",                               NUM_OK     },
    {num_pow,        "2",                    "-1",                                         "0.5",                             NUM_OK     },
    {num_pow,        "2.0",                  "3",                                          "8.0",                             NUM_OK     },
    {num_pow,        "-1",                   BIG,                                          "1",                               NUM_OK     },
    {num_pow,        "-1",                   "123456789012345678901234567891",             "-1",                              NUM_OK     },
    {num_pow,        "0",                    BIG,                                          "0",                               NUM_OK     },
    {num_pow,        "2",                    BIG,                                          NULL,                              NUM_TOO_BIG},
    {num_pow,        "10",                   "2000000",                                    NULL,                              NUM_TOO_BIG},
    {num_pow,        "1",                    FIX_MAX,                                      "1",                               NUM_OK     },
    {num_bit_and,    "12",                   "10",                                         "8",                               NUM_OK     },
    {num_bit_and,    "-1",                   BIG,                                          BIG,                               NUM_OK     },
    {num_bit_or,     "12",                   "-16",                                        "-4",                              NUM_OK     },
    {num_bit_xor,    BIG,                    BIG,                                          "0",                               NUM_OK     },
    {num_bit_xor,    "5",                    "-1",                                         "-6",                              NUM_OK     },
    {num_bit_and,    "1.0",                  "1",                                          NULL,                              NUM_NOT_INT},
    {num_shift_left, "1",                    "61",                                         "2305843009213693952",             NUM_OK     },
    {num_shift_left, "-1",                   "3",                                          "-8",                              NUM_OK     },
    {num_shift_left, "1",                    "64",                                         "18446744073709551616",            NUM_OK     },
    {num_shift_left, "-5",                   "-1",                                         "-3",                              NUM_OK     },
    {num_shift_left, "-5",                   "-1000",                                      "-1",                              NUM_OK     },
    {num_shift_left, "5",                    "-1000",                                      "0",                               NUM_OK     },
    {num_shift_left, "18446744073709551616", "-64",                                        "1",                               NUM_OK     },
    {num_shift_left, "-" BIG,                "-" BIG,                                      "-1",                              NUM_OK     },
    {num_shift_left, "0",                    BIG,                                          "0",                               NUM_OK     },
    {num_shift_left, "1",                    BIG,                                          NULL,                              NUM_TOO_BIG},
    {num_shift_left, "1",                    "100000000",                                  NULL,                              NUM_TOO_BIG},
    {num_shift_left, "1",                    "1.0",                                        NULL,                              NUM_NOT_INT},
};

static void
test_binary(void)
{
	struct heap *h = heap_new(1 << 20);
	struct buf b = BUF_INIT;
	enum num_status rc;
	val x, y, out;
	size_t i;

	for (i = 0; i < NITEMS(binaries); i++) {
		x = num(h, binaries[i].a);
		y = num(h, binaries[i].b);
		out = VAL_NIL;
		rc = binaries[i].f(h, x, y, &out);
		CU_ASSERT_EQUAL(rc, binaries[i].rc);
		if (rc == NUM_OK) {
			CU_ASSERT_STRING_EQUAL(
			    text_of(out, &b), binaries[i].want);
			val_release(h, out);
		}
		val_release(h, x);
		val_release(h, y);
	}
	CU_ASSERT_EQUAL(num_add(h, VAL_NIL, val_fix(1), &out), NUM_NOT_NUMBER);
	CU_ASSERT_EQUAL(
	    num_bit_or(h, VAL_NIL, val_fix(1), &out), NUM_NOT_NUMBER);
	buf_free(&b);
	heap_done(h);
}

static const struct {
	unary f;
	const char *a;
	const char *want;
	enum num_status rc;
} unaries[] = {
    {num_neg,       "5",                      "-5",                              NUM_OK     },
    {num_neg,       "-2305843009213693952",   "2305843009213693952",             NUM_OK     },
    {num_neg,       "2305843009213693952",    "-2305843009213693952",            NUM_OK     },
    {num_neg,       "0.0",                    "-0.0",                            NUM_OK     },
    {num_sqrt,      "16",                     "4.0",                             NUM_OK     },
    {num_sqrt,      "-1",                     NULL,                              NUM_DOMAIN },
    {num_floor,     "-1.5",                   "-2",                              NUM_OK     },
    {num_ceil,      "-1.5",                   "-1",                              NUM_OK     },
    {num_round,     "2.5",                    "3",                               NUM_OK     },
    {num_round,     "-2.5",                   "-3",                              NUM_OK     },
    {num_round,     "0.49999999999999994",    "0",                               NUM_OK     },
    {num_truncate,  "-1.9",                   "-1",                              NUM_OK     },
    {num_truncate,  "1e20",                   "100000000000000000000",           NUM_OK     },
    {num_truncate,  "2305843009213693952.0",  "2305843009213693952",             NUM_OK     },
    {num_truncate,  "-2305843009213693952.0", "-2305843009213693952",            NUM_OK     },
    {num_truncate,  "##NaN",                  NULL,                              NUM_DOMAIN },
    {num_floor,     "##Inf",                  NULL,                              NUM_DOMAIN },
    {num_floor,     BIG,                      BIG,                               NUM_OK     },
    {num_factorial, "0",                      "1",                               NUM_OK     },
    {num_factorial, "20",                     "2432902008176640000",             NUM_OK     },
    {num_factorial, "25",                     "15511210043330985984000000",      NUM_OK     },
    {num_factorial, "-1",                     NULL,                              NUM_DOMAIN },
    {num_factorial, "5.0",                    NULL,                              NUM_NOT_INT},
    {num_factorial, "1000000",                NULL,                              NUM_TOO_BIG},
    {num_factorial, FIX_MAX,                  NULL,                              NUM_TOO_BIG},
    {num_factorial, BIG,                      NULL,                              NUM_TOO_BIG},
    {num_bit_not,   "5",                      "-6",                              NUM_OK     },
    {num_bit_not,   BIG,                      "-123456789012345678901234567891", NUM_OK     },
};

static void
test_unary(void)
{
	struct heap *h = heap_new(1 << 20);
	struct buf b = BUF_INIT;
	enum num_status rc;
	val x, out;
	size_t i;

	for (i = 0; i < NITEMS(unaries); i++) {
		x = num(h, unaries[i].a);
		rc = unaries[i].f(h, x, &out);
		CU_ASSERT_EQUAL(rc, unaries[i].rc);
		if (rc == NUM_OK) {
			CU_ASSERT_STRING_EQUAL(
			    text_of(out, &b), unaries[i].want);
			val_release(h, out);
		}
		val_release(h, x);
		CU_ASSERT_EQUAL(unaries[i].f(h, VAL_NIL, &out), NUM_NOT_NUMBER);
	}
	buf_free(&b);
	heap_done(h);
}

/* In order; neighbours with the same rank are equal by amount. */
static const struct {
	const char *text;
	int rank;
} order[] = {
    {"##-Inf",                         0 },
    {"-1e300",                         1 },
    {"-" BIG,                          2 },
    {"-9007199254740993",              3 },
    {"-9007199254740992.0",            4 },
    {"-1.5",                           5 },
    {"-1",                             6 },
    {"-5e-324",                        7 },
    {"-0.0",                           8 },
    {"0",                              8 },
    {"0.0",                            8 },
    {"0.5",                            9 },
    {"1",                              10},
    {"1.0",                            10},
    {"9007199254740992",               11},
    {"9007199254740992.0",             11},
    {"9007199254740993",               12},
    {"9007199254740994.0",             13},
    {"2305843009213693951",            14},
    {"2305843009213693952",            15},
    {"2305843009213693952.0",          15},
    {"4611686018427387904.0",          16},
    {"4611686018427387905",            17},
    {"9223372036854775807",            18},
    {"9223372036854775808.0",          19},
    {BIG,                              20},
    {"123456789012345678901234567891", 21},
    {"1e300",                          23},
    {"##Inf",                          24},
    {"##NaN",                          25},
};

static void
test_order(void)
{
	struct heap *h = heap_new(0);
	size_t i, j;
	val a, b;
	int want, nan;

	for (i = 0; i < NITEMS(order); i++) {
		for (j = 0; j < NITEMS(order); j++) {
			if (order[i].rank < 0 || order[j].rank < 0)
				continue;
			a = num(h, order[i].text);
			b = num(h, order[j].text);
			want = (order[i].rank > order[j].rank) -
			    (order[i].rank < order[j].rank);
			nan = order[i].rank == 25 || order[j].rank == 25;
			CU_ASSERT_EQUAL(num_compare(a, b), want);
			CU_ASSERT_EQUAL(num_less(a, b), !nan && want < 0);
			CU_ASSERT_EQUAL(num_equal(a, b), !nan && want == 0);
			val_release(h, a);
			val_release(h, b);
		}
	}
	heap_done(h);
}

static const struct {
	double d;
	const char *text;
} floats[] = {
    {0.0,                     "0.0"                    },
    {-0.0,                    "-0.0"                   },
    {1,                       "1.0"                    },
    {-1.5,                    "-1.5"                   },
    {100,                     "100.0"                  },
    {0.1,                     "0.1"                    },
    {0.30000000000000004,     "0.30000000000000004"    },
    {1e-4,                    "0.0001"                 },
    {0.00012345,              "0.00012345"             },
    {9.999e-5,                "9.999e-5"               },
    {1e15,                    "1000000000000000.0"     },
    {9999999999999998.0,      "9999999999999998.0"     },
    {1e16,                    "1e16"                   },
    {1.5e16,                  "1.5e16"                 },
    {123456789012345680.0,    "1.2345678901234568e17"  },
    {1e23,                    "1e23"                   },
    {5e-324,                  "5e-324"                 },
    {1.5e-323,                "1.5e-323"               },
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {DBL_MAX,                 "1.7976931348623157e308" },
    {-2.5e-7,                 "-2.5e-7"                },
    {INFINITY,                "##Inf"                  },
    {-INFINITY,               "##-Inf"                 },
    {NAN,                     "##NaN"                  },
};

static void
test_float_text(void)
{
	struct heap *h = heap_new(0);
	struct buf b = BUF_INIT;
	size_t i;
	val v;

	for (i = 0; i < NITEMS(floats); i++) {
		v = float_from(h, floats[i].d);
		CU_ASSERT(val_is_float(v));
		CU_ASSERT_STRING_EQUAL(text_of(v, &b), floats[i].text);
		val_release(h, v);
	}
	buf_free(&b);
	heap_done(h);
}

/* The tagged window and its borders, and random bits: the same float comes
 * back, bit by bit, and its text reads back as the same. */
static void
test_float_bits(void)
{
	struct heap *h = heap_new(0);
	struct buf b = BUF_INIT;
	uint64_t seed = 3, bits, back;
	unsigned int bad = 0;
	double d, e;
	int i;
	val v;

	for (i = 0; i < 100000; i++) {
		bits = (uint64_t)dice(&seed, UINT32_MAX) << 32 |
		    dice(&seed, UINT32_MAX);
		if (i < 4096) /* every exponent, both signs */
			bits =
			    (uint64_t)i << 52 | (i % 3 == 0 ? 0 : bits >> 12);
		memcpy(&d, &bits, sizeof(d));
		v = float_from(h, d);
		e = float_get(v);
		memcpy(&back, &e, sizeof(back));
		bad += !val_is_float(v) || (back != bits && d == d);
		if (d == d && fabs(d) > 1e-76 && fabs(d) < 1e76)
			bad += !val_is_selfloat(v);
		if (i < 20000 && isfinite(d)) {
			buf_clear(&b);
			float_format(d, &b);
			bad += strtod(buf_str(&b), NULL) != d;
		}
		val_release(h, v);
	}
	CU_ASSERT_EQUAL(bad, 0);
	buf_free(&b);
	heap_done(h);
}

static void
test_one_representation(void)
{
	struct heap *h = heap_new(0);
	static const int64_t edges[] = {
	    VAL_FIX_MAX, VAL_FIX_MIN, INT64_MAX, INT64_MIN, 0, -1};
	int64_t i64;
	size_t i;
	val v, w;

	for (i = 0; i < NITEMS(edges); i++) {
		v = int_from(h, edges[i]);
		CU_ASSERT(val_is_int(v));
		CU_ASSERT(int_to_i64(v, &i64));
		CU_ASSERT_EQUAL(i64, edges[i]);
		CU_ASSERT_EQUAL(int_is_negative(v), edges[i] < 0);
		CU_ASSERT_EQUAL(int_is_even(v), edges[i] % 2 == 0);
		val_release(h, v);
	}
	CU_ASSERT(val_is_fix(int_from(h, VAL_FIX_MAX)));
	CU_ASSERT(val_is_fix(int_from(h, VAL_FIX_MIN)));
	v = num(h, "9223372036854775808");
	CU_ASSERT(!int_to_i64(v, &i64));
	CU_ASSERT_EQUAL(num_sub(h, v, val_fix(1), &w), NUM_OK);
	CU_ASSERT(int_to_i64(w, &i64));
	CU_ASSERT_EQUAL(i64, INT64_MAX);
	val_release(h, w);
	w = int_from_u64(h, UINT64_C(1) << 63);
	CU_ASSERT(val_equal(v, w));
	CU_ASSERT_EQUAL(val_hash(v), val_hash(w));
	val_release(h, v);
	val_release(h, w);
	heap_done(h);
}

static const struct {
	const char *text;
	const char *bytes;
	size_t len;
} wire[] = {
    {"9223372036854775808",   "\0\x80\0\0\0\0\0\0\0",                 9},
    {"-9223372036854775809",  "\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 9},
    {"18446744073709551615",  "\0\xff\xff\xff\xff\xff\xff\xff\xff",   9},
    {"-18446744073709551616", "\xff\0\0\0\0\0\0\0\0",                 9},
    {"-9223372036854775808",  "\x80\0\0\0\0\0\0\0",                   8},
    {"1",                     "\x01",                                 1},
    {"-1",                    "\xff",                                 1},
    {"128",                   "\0\x80",                               2},
    {"-128",                  "\x80",                                 1},
    {"0",                     "\0",                                   1},
};

static void
test_wire(void)
{
	struct heap *h = heap_new(0);
	struct buf b = BUF_INIT;
	size_t i;
	val v, w;

	for (i = 0; i < NITEMS(wire); i++) {
		v = num(h, wire[i].text);
		buf_clear(&b);
		int_to_bytes(v, &b);
		CU_ASSERT_EQUAL(b.len, wire[i].len);
		CU_ASSERT(memcmp(b.data, wire[i].bytes, wire[i].len) == 0);
		w = int_from_bytes(h, b.data, b.len);
		CU_ASSERT(val_equal(v, w));
		val_release(h, v);
		val_release(h, w);
	}
	buf_free(&b);
	heap_done(h);
}

static void
test_bases(void)
{
	struct heap *h = heap_new(4096);
	struct buf b = BUF_INIT;
	char *digits;
	val v;

	CU_ASSERT_EQUAL(int_parse(h, "-ff", 3, 16, &v), NUM_OK);
	CU_ASSERT_EQUAL(v, val_fix(-255));
	CU_ASSERT_EQUAL(int_parse(h, "+101", 4, 2, &v), NUM_OK);
	CU_ASSERT_EQUAL(v, val_fix(5));
	CU_ASSERT_EQUAL(
	    int_parse(h, "000000000000000000000017", 24, 8, &v), NUM_OK);
	CU_ASSERT_EQUAL(v, val_fix(15));
	int_format(val_fix(-255), 16, &b);
	buf_addc(&b, ' ');
	int_format(val_fix(8), 8, &b);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "-ff 10");
	digits = malloc(100000);
	memset(digits, '7', 100000);
	CU_ASSERT_EQUAL(int_parse(h, digits, 100000, 10, &v), NUM_TOO_BIG);
	free(digits);
	buf_free(&b);
	heap_done(h);
}

/* Against GMP-free arithmetic: nearest double of a quotient and of a big
 * integer, ties to even. */
static void
test_nearest(void)
{
	struct heap *h = heap_new(0);
	val a = num(h, "9007199254740993"), big;

	CU_ASSERT_EQUAL(num_to_double(a), 9007199254740992.0);
	big = num(h, "18446744073709552640"); /* 2^64 + 1024: between */
	CU_ASSERT_EQUAL(num_to_double(big), 18446744073709551616.0);
	val_release(h, big);
	big = num(h, "18446744073709553664"); /* exactly between: even */
	CU_ASSERT_EQUAL(num_to_double(big), 18446744073709551616.0);
	val_release(h, big);
	big = num(h, "18446744073709553665"); /* and a bit */
	CU_ASSERT_EQUAL(num_to_double(big), 18446744073709555712.0);
	val_release(h, big);
	big = num(h, "-18446744073709557760"); /* to even, upwards */
	CU_ASSERT_EQUAL(num_to_double(big), -18446744073709559808.0);
	val_release(h, big);
	CU_ASSERT_EQUAL(num_pow(h, val_fix(10), val_fix(400), &big), NUM_OK);
	CU_ASSERT(isinf(num_to_double(big)));
	CU_ASSERT_EQUAL(num_div(h, val_fix(3), big, &a), NUM_OK);
	CU_ASSERT_EQUAL(a, VAL_FLOAT_ZERO);
	val_release(h, big);
	CU_ASSERT_EQUAL(num_pow(h, val_fix(2), val_fix(1074), &big), NUM_OK);
	CU_ASSERT_EQUAL(num_div(h, val_fix(1), big, &a), NUM_OK);
	CU_ASSERT_EQUAL(float_get(a), 5e-324);
	val_release(h, a);
	CU_ASSERT_EQUAL(num_div(h, val_fix(3), big, &a), NUM_OK);
	CU_ASSERT_EQUAL(float_get(a), 1.5e-323);
	val_release(h, a);
	val_release(h, big);
	heap_done(h);
}

VALUE_MAIN("number", {"two operands", test_binary}, {"one operand", test_unary},
    {"order", test_order}, {"float text", test_float_text},
    {"float bits", test_float_bits},
    {"one representation", test_one_representation}, {"wire", test_wire},
    {"bases", test_bases}, {"nearest double", test_nearest})
