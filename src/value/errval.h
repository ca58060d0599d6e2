/*
 * Error values, and the table of kinds, classes and groups of language.md
 * (value/errval.def), the one place where they stand.
 */
#ifndef VALUE_ERRVAL_H
#define VALUE_ERRVAL_H

#include "base/error.h"
#include "value/heap.h"

enum errkey { /* ERRKEY_TYPE_ERROR, ...: one per row of errval.def */
#define ERRVAL(sym, kind, cls, group, also) ERRKEY_##sym,
#include "value/errval.def"
#undef ERRVAL
	ERRKEY_COUNT
};

struct errval { /* O_ERROR */
	struct obj obj;
	val kind;    /* keyword */
	val message; /* string */
	val data;    /* map, may be empty */
	val stack;   /* nil, until a program may see it: see below */
};
/* The stack in one vector: so many items for each frame, innermost first, and
 * at its end how many frames are left out. */
enum errval_frame {
	FRAME_NAME, /* symbol, or nil */
	FRAME_FILE, /* symbol, or nil: a core function */
	FRAME_LINE, /* or nil */
	FRAME_COLUMN,
	FRAME_ELIDED, /* tail calls that it has made */
	ERRVAL_FRAME,
};

val errval_new(struct heap *, val kind, val message, val data); /* consumes */
/* The usual way: kind of the table, formatted message, no data. */
val errval_make(struct heap *, enum errkey, const char *, ...)
    ATTR_PRINTF(3, 4);
static inline bool
val_is_error(val v)
{
	return val_is_kind(v, O_ERROR);
}
static inline struct errval *
val_errval(val v)
{
	return (struct errval *)val_obj(v);
}
/* :kind :message :data :class :stack; VAL_UNBOUND: absent.  The class is a
 * fresh string, the stack a fresh vector of [name file line]: the result is
 * owned. */
val errval_get(struct heap *, val error, val key);

val errkey_keyword(enum errkey); /* :type-error */
/* ERRKEY_COUNT: not in the table (ApplicationError). */
enum errkey errkey_from(val kind);
const char *errval_class(val error); /* "TypeError" */
const char *errkey_class(enum errkey);

/* What a catch selector that is a symbol may name. */
enum selector {
	SELECT_UNKNOWN,
	SELECT_ALL,         /* Exception, Error */
	SELECT_CLASS,       /* a class, or an "also" name; *which is set */
	SELECT_GROUP,       /* RuntimeError ValidationError HostError */
	SELECT_APPLICATION, /* ApplicationError */
	SELECT_UNCATCHABLE, /* MemoryLimit StackOverflow StepLimit ... */
};
enum selector selector_from(const char *name, enum errkey *which);
/* Does the error fit a class or group name (one that selector_from knows)? */
bool errval_matches(val error, const char *name);
/* The nearest known selector name, or NULL. */
const char *selector_nearest(const char *name);

#endif
