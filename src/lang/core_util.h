/*
 * What the families of core functions share: argument checks, a view of any
 * collection as a sequence, and a text builder that watches the budget.
 */
#ifndef LANG_CORE_UTIL_H
#define LANG_CORE_UTIL_H

#include "base/buf.h"
#include "lang/core.h"
#include "value/number.h"

/* Take argv[i] out of its slot: the caller owns it now. */
static inline val
core_own(val *slot)
{
	val v = *slot;

	*slot = VAL_NIL;
	return v;
}

/*
 * Elements of nil, a vector, a list, a map (entries as fresh [k v] vectors) or
 * a string (one-character strings).  The collection is borrowed and must stay
 * as it is meanwhile.
 */
struct seq {
	struct core_call *call;
	val coll;
	val rest; /* list: what is left */
	size_t count;
	size_t pos;    /* elements given so far */
	size_t offset; /* string: bytes; map: iterator position */
	const val *run;
	size_t nrun;
};

/* false: no collection; core_type_error() has been called. */
bool seq_open(struct core_call *, val coll, struct seq *);
/* The next element, owned; false at the end. */
bool seq_next(struct seq *, val *out);
/* Is v something seq_open takes? */
bool core_is_seqable(val v);
/* Number of elements of a seqable value. */
size_t core_seq_count(val v);
/* The value as a vector; consumes it.  VAL_UNBOUND: type error. */
val core_to_vector(struct core_call *, val v);

/* nil when absent; argument errors as (get coll key).  Borrows all; the result
 * is owned; missing is retained when it is the answer. */
val core_get(struct core_call *, val coll, val key, val missing);
/*
 * (get coll key nil) of a map or vector in *slot that is about to get another
 * value there.  A unique one keeps nil in that place meanwhile, so that the
 * value, now owned by the caller alone, can be changed in place.
 */
val core_take(struct core_call *, val *slot, val key);

/* (assoc coll key value).  Consumes all three, also when it fails. */
val core_assoc(struct core_call *, val coll, val key, val value);

/* Check kinds of arguments; false after core_type_error(). */
bool core_want_string(struct core_call *, val);
bool core_want_number(struct core_call *, val);
bool core_want_int(struct core_call *, val);
/* An integer argument used as a count or place, cut to int64 (big integers
 * become INT64_MIN or INT64_MAX). */
bool core_want_i64(struct core_call *, val, int64_t *);

/* The result of a num_*() call, or the error that its status means. */
val core_num(struct core_call *, enum num_status, val result, val a, val b);

/* A string of what is in the buffer, which is freed; checks the budget. */
val core_string(struct core_call *, struct buf *);
/* Bytes of text that may still be added to so many: for a moment the text is
 * there twice, in the buffer and as a string. */
size_t core_text_room(struct core_call *, size_t built);
/* Append the str / pr-str text of v; false: does not fit the budget. */
bool core_print(struct core_call *, struct buf *, val v, bool readable);

/* code points of Unicode white space (also used by trim, blank?, parse). */
bool core_is_space(uint32_t cp);
/* Bytes of text without white space at both ends. */
const char *core_trim(const char *, size_t *len);

#endif
