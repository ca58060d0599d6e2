/* A type's inside, shared by type.c (forms), type_pred.c (predicates),
 * type_check.c and type_guide.c.  Nobody else includes this. */
#ifndef VALUE_TYPE_IMPL_H
#define VALUE_TYPE_IMPL_H

#include "value/type.h"

enum type_kind {
	TYPE_ANY,
	TYPE_NEVER,
	TYPE_PLAIN,  /* exactly one val_type */
	TYPE_FLOAT,  /* a float or an integer */
	TYPE_NUMBER, /* the same; JSON integers stay integers */
	TYPE_VECTOR, /* sub[0] */
	TYPE_LIST,   /* sub[0] */
	TYPE_TUPLE,
	TYPE_MAP,    /* field[i] is of type sub[i] */
	TYPE_MAP_OF, /* sub[0] to sub[1] */
	TYPE_UNION,
	TYPE_ENUM,
	TYPE_AND, /* sub[0] and all of pred */
	TYPE_FN,  /* sub: parameters, then the result; not checked */
};

struct field {
	val key;
	bool optional;
};

struct type {
	enum type_kind kind;
	enum val_type plain;
	bool nullable; /* T? */
	bool single;   /* an enum written [:val x]; the & of a :fn */
	bool guides;   /* guided decoding may change a value */
	size_t n;
	struct type **sub;
	struct field *field;
	size_t nvalues;
	val *value; /* of an enum */
	size_t npred;
	struct pred **pred;
	/* What the values above live on, if any is on a heap; only in the
	 * outermost type. */
	struct heap *own;
};

/* One compilation of a type form. */
struct type_maker {
	struct heap *own; /* NULL until needed */
	struct error *e;
	unsigned int depth;
};
/* A copy of v that lives as long as the type. */
val type_keep(struct type_maker *, val v);
/* x of a literal form: (quote x) is x; false for any other list. */
bool type_literal(val form, val *out);

/* NULL: *m->e is set. */
struct pred *pred_new(struct type_maker *, val form);
void pred_free(struct pred *);
bool pred_holds(const struct pred *, val v);
void pred_format(const struct pred *, struct buf *);

/* Does it fit?  Without a message. */
bool type_fits(const struct type *, val v);

#endif
