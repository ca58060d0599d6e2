/* Reading on after syntax errors, for rtfs check. */
#ifndef LANG_CHECK_REPAIR_H
#define LANG_CHECK_REPAIR_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"

struct vm;

/* Zero-initialised is valid. */
struct repair {
	struct buf text; /* reads without an error, places as before */
	struct {
		unsigned int from, to;
	} * lines; /* whose forms are not what was written */
	size_t n;
	bool macro_lost; /* a damaged defmacro: calls cannot be judged */
};

/* Adds every syntax error that can be told from its consequences.  The names
 * that lost definitions would have made count as defined in vm's module. */
void repair_read(struct vm *, const char *name, const char *text, size_t len,
    struct diags *, struct repair *);
/* Drop the findings from the first on that a repair may have caused. */
void repair_forget(
    const struct repair *, const char *name, struct diags *, size_t first);
void repair_free(struct repair *);

#endif
