/*
 * The frame of a fuzz harness: one entry that takes bytes, called by libFuzzer
 * (contrib/dev fuzz) or by replay.c (make check).  A harness says that
 * something is wrong by FUZZ_REQUIRE; the sanitizers say the rest.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "value/equal.h"
#include "value/heap.h"
#include "value/name.h"
#include "value/printer.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define FUZZ_MEMORY ((size_t)32 << 20) /* bytes of a heap */

#define FUZZ_FAIL(text)                                                        \
	do {                                                                   \
		fprintf(                                                       \
		    stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, text);  \
		abort();                                                       \
	} while (0)
#define FUZZ_REQUIRE(what)                                                     \
	do {                                                                   \
		if (!(what))                                                   \
			FUZZ_FAIL(#what);                                      \
	} while (0)

/* The same input must do the same in every run. */
#define FUZZ_START                                                             \
	int LLVMFuzzerInitialize(                                              \
	    int *argc ATTR_UNUSED, char ***argv ATTR_UNUSED)                   \
	{                                                                      \
		hash_set_seed(1, 2);                                           \
		return 0;                                                      \
	}

/* Is nothing left on the heap but what names interned since then have been
 * charged?  Those never go. */
static inline bool
fuzz_all_given_back(const struct heap *h, uint32_t since)
{
	size_t n, sum = 0;

	for (; since < name_count(); since++) {
		name_text(since, &n);
		sum += n + 64;
	}
	return heap_used(h) <= sum;
}

/* An error value that says nothing, or no line where there must be one. */
static inline void
fuzz_error(const struct error *e, bool placed)
{
	FUZZ_REQUIRE(e->kind != EK_NONE);
	FUZZ_REQUIRE(e->msg[0] != '\0');
	FUZZ_REQUIRE(memchr(e->msg, '\0', sizeof(e->msg)) != NULL);
	FUZZ_REQUIRE(strchr(e->msg, '\n') == NULL);
	if (placed && e->kind == EK_SYNTAX)
		FUZZ_REQUIRE(e->line > 0 && e->column > 0);
}

#endif
