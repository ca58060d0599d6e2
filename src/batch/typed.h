/* Arguments of a capability out of words of a command line. */
#ifndef BATCH_TYPED_H
#define BATCH_TYPED_H

#include "base/error.h"
#include "task/capability.h"
#include "value/heap.h"

struct typed_word {
	const char *text;
	bool value; /* nothing but a value: it takes the type of :params */
};

/*
 * *args is a vector on the heap, owned.  A word that is a value becomes what
 * :params asks for in that place: a string as it is, else a keyword, else
 * what its text is as JSON.  Every other word is a string; json: every word
 * is read as JSON.  EK_ARGUMENT with "argument 1: ...".
 */
int typed_args(struct heap *, const struct capability *,
    const struct typed_word *, size_t n, bool json, val *args,
    struct error *) ATTR_CHECK;
/* Arguments that came as JSON (consumed), guided by :params, then checked. */
int typed_guide(struct heap *, const struct capability *, val json_args,
    val *args, struct error *) ATTR_CHECK;

#endif
