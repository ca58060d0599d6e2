/* How a string lies in memory.  For this room only. */
#ifndef VALUE_STRINGREP_H
#define VALUE_STRINGREP_H

#include <string.h>

#include "value/string.h"

struct string { /* O_STRING */
	struct obj obj;
	uint64_t len;   /* bytes */
	uint32_t hash;  /* 0: not computed yet */
	uint32_t tails; /* bytes - code points, or STRING_MANY */
	char text[];    /* and a NUL */
};
#define STRING_MANY UINT32_MAX /* does not fit: counted every time */

static inline struct string *
val_string(val v)
{
	return (struct string *)val_obj(v);
}

static inline bool
string_equal(const struct string *a, const struct string *b)
{
	if (a->len != b->len)
		return false;
	if (a->hash != b->hash && a->hash != 0 && b->hash != 0)
		return false;
	return memcmp(a->text, b->text, a->len) == 0;
}

#endif
