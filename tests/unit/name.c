/* rooms: value base */
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "value/equal.h"
#include "value/name.h"

static void
test_intern(void)
{
	uint32_t a = name_intern("alpha", 5);
	uint32_t count = name_count();
	size_t len;

	CU_ASSERT_EQUAL(name_intern("alphabet", 5), a);
	CU_ASSERT_EQUAL(name_count(), count);
	CU_ASSERT_NOT_EQUAL(name_intern("alphabet", 8), a);
	CU_ASSERT_EQUAL(name_count(), count + 1);
	CU_ASSERT_STRING_EQUAL(name_text(a, &len), "alpha");
	CU_ASSERT_EQUAL(len, 5);
	CU_ASSERT_EQUAL(name_hash(a), hash_bytes("alpha", 5));
}

/* Texts stay where they are while the table grows. */
static void
test_many(void)
{
	static uint32_t index[20000];
	const char *first = name_text(name_intern("n0", 2), NULL);
	char text[32];
	unsigned int bad = 0;
	size_t i;

	for (i = 0; i < NITEMS(index); i++) {
		snprintf(text, sizeof(text), "n%zu", i);
		index[i] = name_intern(text, strlen(text));
	}
	for (i = 0; i < NITEMS(index); i++) {
		snprintf(text, sizeof(text), "n%zu", i);
		if (name_intern(text, strlen(text)) != index[i] ||
		    strcmp(name_text(index[i], NULL), text) != 0) {
			bad++;
		}
	}
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT_PTR_EQUAL(name_text(index[0], NULL), first);
}

static void
test_odd_texts(void)
{
	static char longest[70000];
	uint32_t zero = name_intern("a\0b", 3);
	uint32_t big;
	size_t len;

	CU_ASSERT_NOT_EQUAL(zero, name_intern("a", 1));
	name_text(zero, &len);
	CU_ASSERT_EQUAL(len, 3);
	memset(longest, 'x', sizeof(longest));
	big = name_intern(longest, sizeof(longest));
	CU_ASSERT_EQUAL(name_intern(longest, sizeof(longest)), big);
	CU_ASSERT_EQUAL(strlen(name_text(big, NULL)), sizeof(longest));
	CU_ASSERT_EQUAL(name_intern("", 0), name_intern("", 0));
}

static void
test_words(void)
{
	val k = keyword_from("user"), s = symbol_from("user");

	CU_ASSERT(val_is_keyword(k));
	CU_ASSERT(val_is_symbol(s));
	CU_ASSERT_NOT_EQUAL(k, s);
	CU_ASSERT_EQUAL(val_name(k), val_name(s));
	CU_ASSERT_STRING_EQUAL(val_name_text(k, NULL), "user");
	CU_ASSERT(val_is_key(k, "user"));
	CU_ASSERT(!val_is_key(k, "use"));
	CU_ASSERT(!val_is_key(s, "user"));
	CU_ASSERT(!val_is_key(VAL_NIL, "nil"));
	CU_ASSERT_EQUAL(val_type(k), T_KEYWORD);
	CU_ASSERT_EQUAL(val_type(s), T_SYMBOL);
}

UNIT_MAIN("name", {"one index a text", test_intern},
    {"texts do not move", test_many}, {"odd texts", test_odd_texts},
    {"keywords and symbols", test_words})
