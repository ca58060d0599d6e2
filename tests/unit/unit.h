/*
 * The frame of a unit test program:
 *
 *	UNIT_MAIN("map", {"assoc keeps order", test_assoc_order}, ...)
 *
 * Prints CUnit's summary and returns 0 or 1 (CUnit itself always says 0).
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

#include "base/macros.h"

struct unit_case {
	const char *name;
	CU_TestFunc run;
};

/* An upper bound on time, wider where the program runs slower than it should:
 * under sanitizers, and TEST_PATIENCE times (valgrind, a busy machine). */
static inline int64_t
unit_soon(int64_t ns)
{
	const char *times = getenv("TEST_PATIENCE");

#ifdef WITH_SANITIZERS
	ns *= 10;
#endif
	return times != NULL && atoi(times) > 1 ? ns * atoi(times) : ns;
}

static inline bool
unit_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

/* Memory that was freed is kept for a while, to find who still uses it. */
static inline bool
unit_instrumented(void)
{
#ifdef WITH_SANITIZERS
	return true;
#else
	return unit_valgrind();
#endif
}

/* What make check builds and is not there: skipped, but by contrib/dev. */
static inline int
unit_lacks(const char *what)
{
	bool equipped = getenv("TESTS_EQUIPPED") != NULL;

	printf("%s: there is no %s\n", equipped ? "failed" : "skipped", what);
	return equipped ? 1 : 77;
}

static inline int
unit_run(const char *suite, const struct unit_case *cases, size_t n)
{
	CU_pSuite s;
	size_t i;
	unsigned int failed;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return 99;
	s = CU_add_suite(suite, NULL, NULL);
	for (i = 0; i < n; i++) {
		if (s == NULL ||
		    CU_add_test(s, cases[i].name, cases[i].run) == NULL) {
			return 99;
		}
	}
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failed = CU_get_number_of_failures();
	printf("%s: %u passed, %u failed\n", suite,
	    CU_get_number_of_successes(), failed);
	if (CU_get_number_of_asserts() == 0)
		failed++; /* a test that asserts nothing is no test */
	CU_cleanup_registry();
	return failed == 0 ? 0 : 1;
}

#define UNIT_MAIN(suite, ...)                                                  \
	int main(void)                                                         \
	{                                                                      \
		static const struct unit_case cases[] = {__VA_ARGS__};         \
                                                                               \
		return unit_run(suite, cases, NITEMS(cases));                  \
	}

#endif
