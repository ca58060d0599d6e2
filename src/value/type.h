/*
 * Types as checked casts (language.md, "Types"): one checker for annotations,
 * defstruct, manifests and results from capabilities.
 */
#ifndef VALUE_TYPE_H
#define VALUE_TYPE_H

#include "base/buf.h"
#include "base/error.h"
#include "value/heap.h"

struct type; /* immutable, malloc'ed, own copies of all it needs */

/* From the form of an annotation: :int, the symbols Int and int, [:vector
 * :int] ...  EK_SYNTAX-less EK_ARGUMENT with "unknown type :foo; did you mean
 * :float?" */
int type_new(val form, struct type **, struct error *) ATTR_CHECK;
void type_free(struct type *);
bool type_is_name(val keyword_or_symbol); /* :int, :int?, :Int, Int ... */
void type_format(const struct type *, struct buf *);

/* 0: fits.  -1: *e says "path: expected T, got V" (EK_TYPE); path like
 * "[2].name", empty for the value itself. */
int type_check(const struct type *, val, struct error *) ATTR_CHECK;
/* Guided decoding of JSON data (design.md, "Codecs"): keys and strings that
 * the type names become keywords and so on; then checks.  Consumes v; *out is
 * owned.  -1: v is released, *e as above. */
int type_guide(struct heap *, const struct type *, val v, val *out,
    struct error *) ATTR_CHECK;
/* :keys :keyword: every string key that is a valid keyword text becomes that
 * keyword, at every depth.  Consumes v. */
val keys_to_keywords(struct heap *, val v);
/* [:tuple ...]: member count, or -1 when it is no tuple. */
int type_tuple_count(const struct type *);
/* The type of the i-th member of a vector that fits; NULL: anything. */
const struct type *type_member(const struct type *, size_t i);
/* The i-th alternative of a [:union ...]; of any other type, itself for 0.
 * NULL: there are no more. */
const struct type *type_alternative(const struct type *, size_t i);

#endif
