/* Everything wrong with a program that can be known before it runs. */
#ifndef LANG_CHECK_H
#define LANG_CHECK_H

#include "base/buf.h"
#include "base/error.h"

enum diag_level { DIAG_ERROR, DIAG_WARNING };

struct diag {
	enum diag_level level;
	unsigned int line;
	unsigned int column;
	const char *class; /* "ParseError", "UndefinedSymbol", static */
	char *message;
};

struct diags {
	struct diag *item;
	size_t n;
	size_t cap;
};

/* Reads and compiles; adds what it finds, in order of place.  Returns the
 * number of errors (warnings not counted). */
size_t lang_check(const char *name, const char *text, size_t len,
    struct diags *);
void diags_add(struct diags *, enum diag_level, unsigned int line,
    unsigned int column, const char *class, const char *fmt, ...)
    ATTR_PRINTF(6, 7);
void diags_free(struct diags *);

#endif
