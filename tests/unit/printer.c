/* rooms: value base */
/* Values to text: every kind, quoting inside forms, cutting, depth, and random
 * values that must read back equal. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "value/equal.h"
#include "value/errval.h"
#include "value/function.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/reader.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

static struct heap *heap;

static val
read_value(const char *text)
{
	struct error e;
	val v;

	if (read_one(heap, text, strlen(text), NULL, &v, &e) == -1) {
		printf("\n  %s: %s\n", text, e.msg);
		abort();
	}
	return v;
}

static void
expect(val v, const char *want) /* consumes v */
{
	struct buf out = BUF_INIT;

	print_readable(&out, v);
	if (strcmp(buf_str(&out), want) != 0)
		printf("\n  want %s\n  got  %s\n", want, buf_str(&out));
	CU_ASSERT_STRING_EQUAL(buf_str(&out), want);
	buf_free(&out);
	val_release(heap, v);
}

static void
test_literals(void)
{
	static const char *const same[] = {"nil", "true", "false", "0", "-17",
	    "123456789012345678901234567890", "1.5", "-0.0", "100.0", "1e16",
	    "1.5e-5", "##Inf", "##-Inf", "##NaN", "\"a\\n\\\"\\\\\"", ":k",
	    ":a/b", "sym", "()", "(1 (2) 3)", "[]", "[1 [2] ()]", "{}",
	    "{:a 1 :b {:c [2]}}", "{[1] (2) nil 3}"};
	size_t i;

	for (i = 0; i < NITEMS(same); i++)
		expect(read_value(same[i]), same[i]);
	expect(str_new(heap, "\0\x1f\x7f\xc2\x85\xc2\xa0\xc3\xa9\t", 10),
	    "\"\\u0000\\u001F\\u007F\\u0085\xc2\xa0\xc3\xa9\\t\"");
	expect(val_fix(VAL_FIX_MIN), "-2305843009213693952");
}

static void
test_forms(void)
{
	static const struct code_head plus = {1, NAME_NONE, false};
	struct code_head named = {2, name_intern("f", 1), false};
	val task, error;

	expect(val_from_obj(function_new(heap, &plus, 0)), "#<function>");
	expect(val_from_obj(function_new(heap, &named, 0)), "#<function f>");
	task = taskval_new(heap, keyword_from("api.f"),
	    read_value("[1 \"s\" (2 x (y)) z [a ()] {k (v)}]"), VAL_NIL);
	expect(val_retain(task),
	    "(task :api.f 1 \"s\" '(2 x (y)) 'z ['a ()] "
	    "{'k '(v)})");
	task = taskval_assoc(
	    heap, task, keyword_from("timeout"), str_from(heap, "2s"));
	error = errval_new(heap, keyword_from("timeout"),
	    str_from(heap, "too \"slow\""),
	    map_assoc(heap, map_empty(heap), keyword_from("task"), task));
	expect(error,
	    "(error :timeout \"too \\\"slow\\\"\" {:task ^{:timeout "
	    "\"2s\"} (task :api.f 1 \"s\" '(2 x (y)) 'z ['a ()] "
	    "{'k '(v)})})");
	expect(errval_new(heap, keyword_from("k"), str_from(heap, "m"),
	           map_empty(heap)),
	    "(error :k \"m\")");
	task = taskval_new(heap, str_from(heap, "c"), vec_empty(heap), VAL_NIL);
	expect(vec_push(heap, vec_empty(heap), task), "[(task \"c\")]");
}

static void
test_plain_and_short(void)
{
	static const struct {
		const char *text;
		size_t max;
		const char *want;
	} rows[] = {
	    {"[1 2 3]",                      7, "[1 2 3]"      },
	    {"[1 2 3]",                      6, "[1 2 3..."    },
	    {"[1 2 3 4 5 6]",                4, "[1 2..."      },
	    {"\"\xc3\xa9\xc3\xa9\xc3\xa9\"", 4, "\"\xc3\xa9..."},
	    {"\"abcdefghij\"",               5, "\"abcd..."    },
	    {"\"abc\"",                      5, "\"abc\""      },
	};
	struct buf out = BUF_INIT;
	size_t i;
	val v;

	for (i = 0; i < NITEMS(rows); i++) {
		v = read_value(rows[i].text);
		buf_clear(&out);
		print_short(&out, v, rows[i].max);
		CU_ASSERT_STRING_EQUAL(buf_str(&out), rows[i].want);
		val_release(heap, v);
	}
	buf_clear(&out);
	v = read_value("[\"a\" nil]");
	print_plain(&out, v);
	print_plain(&out, vec_get(v, 0));
	print_plain(&out, VAL_NIL);
	CU_ASSERT_STRING_EQUAL(buf_str(&out), "[\"a\" nil]anil");
	val_release(heap, v);
	buf_free(&out);
}

static void
test_deep(void)
{
	enum {
		DEEP = 1000000
	};
	struct reader_options o = {DEEP * 2 + 2, NULL};
	struct buf out = BUF_INIT;
	struct error e;
	val v = VAL_NIL, back;
	size_t i;

	for (i = 0; i < DEEP; i++) {
		if (i % 2 == 0)
			v = list_cons(heap, v, VAL_NO_ITEMS);
		else
			v = vec_push(heap, vec_empty(heap), v);
	}
	print_readable(&out, v);
	CU_ASSERT_EQUAL(out.len, 2 * DEEP + 3);
	CU_ASSERT_EQUAL_FATAL(
	    read_one(heap, out.data, out.len, &o, &back, &e), 0);
	CU_ASSERT(val_equal(v, back));
	val_release(heap, v);
	val_release(heap, back);
	buf_clear(&out);
	for (i = 0, v = VAL_NIL; i < DEEP; i++)
		v = map_assoc(heap, map_empty(heap), val_fix(1), v);
	print_readable(&out, v);
	CU_ASSERT_EQUAL(out.len, 4 * DEEP + 3);
	val_release(heap, v);
	buf_free(&out);
}

static double
random_double(void)
{
	union {
		uint64_t bits;
		double d;
	} u;

	switch (random() % 3) {
	case 0:
		return (double)(random() % 100000) / 100;
	case 1:
		return (double)random() * 1e-3 * (double)random();
	default:
		u.bits = (uint64_t)random() << 40 ^ (uint64_t)random() << 20 ^
		    (uint64_t)random();
		return isnan(u.d) ? NAN : u.d;
	}
}

static val
random_string(void)
{
	char text[64];
	size_t i, n = (size_t)random() % 12, len = 0;

	for (i = 0; i < n; i++) {
		switch (random() % 4) {
		case 0:
			text[len++] = (char)(random() % 128);
			break;
		case 1:
			text[len++] = '\xc2';
			text[len++] = (char)(0x80 + random() % 64);
			break;
		default:
			text[len++] = (char)('a' + random() % 26);
			break;
		}
	}
	return str_new(heap, text, len);
}

static val
random_atom(void)
{
	static const char *const words[] = {
	    "a", "b/c", "x'", "->", "k.l", "\xce\xb1", "nil?", "v1"};
	val big, out = VAL_NIL;

	switch (random() % 9) {
	case 0:
		return VAL_NIL;
	case 1:
		return val_bool(random() % 2 == 0);
	case 2:
		return int_from(heap, random() - (1L << 30));
	case 3:
		big = int_from(heap, INT64_MAX - random());
		if (num_mul(heap, big, big, &out) != NUM_OK)
			abort();
		val_release(heap, big);
		return out;
	case 4:
		return float_from(heap, random_double());
	case 5:
		return random_string();
	case 6:
		return VAL_NO_ITEMS;
	case 7:
		return keyword_from(words[random() % (long)NITEMS(words)]);
	default:
		return symbol_from(words[random() % (long)NITEMS(words)]);
	}
}

static val
random_value(int depth)
{
	size_t i, n = (size_t)random() % (random() % 20 == 0 ? 40 : 5);
	val v;

	switch (depth > 0 ? random() % 6 : 0) {
	case 1:
		for (v = VAL_NO_ITEMS, i = 0; i < n; i++)
			v = list_cons(heap, random_value(depth - 1), v);
		return v;
	case 2:
	case 3:
		for (v = vec_empty(heap), i = 0; i < n; i++)
			v = vec_push(heap, v, random_value(depth - 1));
		return v;
	case 4:
	case 5:
		for (v = map_empty(heap), i = 0; i < n; i++)
			v = map_assoc(heap, v, random_value(depth - 2),
			    random_value(depth - 1));
		return v;
	default:
		return random_atom();
	}
}

static void
test_round_trip(void)
{
	struct buf out = BUF_INIT;
	struct error e;
	val v, back;
	size_t i;

	srandom(42);
	for (i = 0; i < 20000; i++) {
		v = random_value(5);
		buf_clear(&out);
		print_readable(&out, v);
		if (read_one(heap, out.data, out.len, NULL, &back, &e) == -1) {
			printf("\n  %s\n  %s\n", buf_str(&out), e.msg);
			CU_FAIL_FATAL("does not read back");
		}
		if (!val_same_key(v, back)) {
			printf("\n  %s\n", buf_str(&out));
			CU_FAIL_FATAL("reads back as another value");
		}
		val_release(heap, v);
		val_release(heap, back);
	}
	CU_ASSERT_EQUAL(i, 20000);
	buf_free(&out);
}

static __attribute__((constructor)) void
set_up(void)
{
	heap = heap_new(0);
}

UNIT_MAIN("printer", {"literals", test_literals}, {"forms", test_forms},
    {"plain and short", test_plain_and_short}, {"deep", test_deep},
    {"round trip", test_round_trip})
