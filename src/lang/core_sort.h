/* Stable sorting by language.md's order of values, without a comparator. */
#ifndef LANG_CORE_SORT_H
#define LANG_CORE_SORT_H

#include "lang/core.h"

/* The items (a vector) in the order of their keys (a vector of as many); both
 * may be one vector and are borrowed.  VAL_UNBOUND: a key has no order
 * (TypeError), or no room. */
val sort_by_keys(struct core_call *, val keys, val items);

#endif
