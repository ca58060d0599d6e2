/*
 * Calling built-in capabilities as a serving worker does: arguments as RTFS
 * text, results and errors as text.
 */
#ifndef TESTS_UNIT_BUILTIN_CALL_H
#define TESTS_UNIT_BUILTIN_CALL_H

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/reader.h"
#include "value/string.h"
#include "workers/builtin.h"

static struct grants call_grants = {
    .result = 1 << 20,
    .output = 1 << 16,
};
static struct buf call_text; /* what the last call left */
static const char *call_limit;

/* Run it; the result as pr-str, or "!kind: message {data}". */
static inline const char *
call_code(builtin_fn run, const char *id, const char *args)
{
	struct heap *h = heap_new(0), *names = heap_new(0);
	struct work w = {.heap = h,
	    .grants = &call_grants,
	    .capability = id,
	    .deadline = INT64_MAX,
	    .result = VAL_UNBOUND,
	    .error = VAL_UNBOUND};
	struct error e;
	int rc;

	buf_clear(&call_text);
	/* the first reading pays for names that are new */
	if (read_one(names, args, strlen(args), NULL, &w.args, &e) == -1 ||
	    read_one(h, args, strlen(args), NULL, &w.args, &e) == -1) {
		buf_adds(&call_text, e.msg);
		CU_FAIL("arguments of a test");
		return buf_str(&call_text);
	}
	rc = run(&w);
	call_limit = w.limit;
	CU_ASSERT_EQUAL(w.result == VAL_UNBOUND, rc == -1);
	CU_ASSERT_EQUAL(w.error == VAL_UNBOUND, rc == 0);
	if (rc == 0) {
		print_readable(&call_text, w.result);
		val_release(h, w.result);
	} else {
		struct errval *v = val_errval(w.error);

		buf_addf(&call_text, "!%s: %s", val_name_text(v->kind, NULL),
		    str_bytes(v->message, NULL));
		if (map_count(v->data) > 0) {
			buf_addc(&call_text, ' ');
			print_readable(&call_text, v->data);
		}
		val_release(h, w.error);
	}
	if (w.args != VAL_UNBOUND)
		val_release(h, w.args);
	CU_ASSERT_EQUAL(heap_used(h), 0);
	heap_free(h);
	heap_free(names);
	buf_free(&w.printed);
	return buf_str(&call_text);
}

/* want: the whole text, or with a leading "~" a part of it. */
static inline void
expect(const char *got, const char *want)
{
	bool ok = want[0] == '~' ? strstr(got, want + 1) != NULL :
	                           strcmp(got, want) == 0;

	if (!ok)
		fprintf(stderr, "  got  %s\n  want %s\n", got, want);
	CU_ASSERT(ok);
}

#endif
