/* --colsep: one record to columns, where a regular expression matches. */
#ifndef BATCH_COLUMNS_H
#define BATCH_COLUMNS_H

#include "base/error.h"
#include "batch/words.h"

struct columns;

/* EK_ARGUMENT: no regular expression, or one that fits the empty text. */
int columns_new(const char *, struct columns **, struct error *) ATTR_CHECK;
void columns_free(struct columns *); /* NULL is fine */
/* EK_LIMIT: the expression takes too long on that text. */
int columns_split(struct columns *, const char *, size_t len, struct words *,
    struct error *) ATTR_CHECK;

#endif
