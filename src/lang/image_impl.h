/* What writing and reading of closure images share. */
#ifndef LANG_IMAGE_IMPL_H
#define LANG_IMAGE_IMPL_H

#include "lang/code.h"

enum tag {
	TAG_WORD, /* nil false true () unbound */
	TAG_INT,
	TAG_BIG,
	TAG_FLOAT,
	TAG_STRING,
	TAG_KEYWORD,
	TAG_SYMBOL,
	TAG_LIST,
	TAG_VECTOR,
	TAG_MAP,
	TAG_FUNCTION,
	TAG_CORE,
	TAG_TASK,
	TAG_ERROR,
	TAG_COUNT
};

static inline bool
names_cell(enum op op)
{
	return op == OP_GETCELL || op == OP_SETCELL || op == OP_CALLG ||
	    op == OP_TCALLG;
}

#endif
