/* A list of findings about texts (programs, policies, manifests), so that all
 * of them can be reported at once. */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stddef.h>

#include "base/macros.h"

enum diag_level {
	DIAG_ERROR,
	DIAG_WARNING
};

struct diag {
	enum diag_level level;
	char *file;          /* as the user named it; NULL: unknown */
	unsigned int line;   /* 1-based; 0: none */
	unsigned int column; /* 1-based, code points; 0: none */
	const char *class;   /* "ParseError", "PolicyError", static */
	char *message;
};

/* Zero-initialised is empty and valid. */
struct diags {
	struct diag *item;
	size_t n;
	size_t cap;
};

void diags_add(struct diags *, enum diag_level, const char *file,
    unsigned int line, unsigned int column, const char *class, const char *fmt,
    ...) ATTR_PRINTF(7, 8);
size_t diags_errors(const struct diags *); /* warnings not counted */
void diags_free(struct diags *);

#endif
