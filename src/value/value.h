/*
 * A value of the language: one tagged 64-bit word.  This is the one scalar
 * typedef of the project: a word that is not a number must not look like one.
 *
 *   low bits  meaning
 *   00        integer of 62 bits, shifted left by two
 *   01        pointer (8-byte aligned) to an object in a heap, plus one
 *   10        float, self-tagged (rotated by three); floats whose exponent
 *             does not fit the scheme, and every NaN, are boxed (O_FLOAT)
 *   11        immediate: nil, false, true, (), keyword, symbol, unbound
 *
 * One value, one representation: an integer that fits 62 bits is never boxed,
 * a float that fits the tag is never boxed.  So equal words are equal values
 * (NaN, always boxed, is the exception that val_equal knows).
 */
#ifndef VALUE_VALUE_H
#define VALUE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

typedef uint64_t val;

#define VAL_NIL      UINT64_C(0x03)
#define VAL_FALSE    UINT64_C(0x07)
#define VAL_TRUE     UINT64_C(0x0b)
#define VAL_NO_ITEMS UINT64_C(0x0f) /* the empty list, () */
/* Not a value of the language: a cell or slot that holds nothing yet, or
 * "absent" from a look-up.  Never reaches a program. */
#define VAL_UNBOUND UINT64_C(0x13)

#define VAL_KEYWORD_TAG UINT64_C(0x83) /* low byte; name index << 8 */
#define VAL_SYMBOL_TAG  UINT64_C(0x43)

#define VAL_FIX_MAX ((INT64_C(1) << 61) - 1)
#define VAL_FIX_MIN (-(INT64_C(1) << 61))

/* What a program sees (type-name). */
enum val_type {
	T_NIL,
	T_BOOL,
	T_INT,
	T_FLOAT,
	T_STRING,
	T_KEYWORD,
	T_SYMBOL,
	T_LIST,
	T_VECTOR,
	T_MAP,
	T_FUNCTION,
	T_TASK,
	T_ERROR,
	T_NTYPES
};

/* Kinds of heap object.  O_*_NODE and O_*_INDEX are inner parts of vectors
 * and maps; no word that a program holds points to one. */
enum obj_kind {
	O_FREE = 0, /* poisoned in debug builds */
	O_FLOAT,
	O_BIGINT,
	O_STRING,
	O_LIST, /* a cons cell; the empty list is VAL_NO_ITEMS */
	O_VECTOR,
	O_VECTOR_NODE,
	O_MAP,
	O_MAP_INDEX,
	O_FUNCTION,
	O_TASK,
	O_ERROR,
	O_CELL, /* lang: anything its VM keeps on the heap that is no value */
	O_NKINDS
};

/* First in every heap object. */
struct obj {
	uint32_t refs; /* OBJ_IMMORTAL: static data, never freed or counted */
	uint8_t kind;  /* enum obj_kind */
	uint8_t size_class; /* heap.c's own */
	uint16_t aux;       /* the kind's own: flags, small counts */
};
#define OBJ_IMMORTAL UINT32_MAX

static inline bool
val_is_fix(val v)
{
	return (v & 3) == 0;
}

static inline bool
val_is_obj(val v)
{
	return (v & 3) == 1;
}

static inline bool
val_is_selfloat(val v)
{
	return (v & 3) == 2;
}

static inline bool
val_is_keyword(val v)
{
	return (v & 0xff) == VAL_KEYWORD_TAG;
}

static inline bool
val_is_symbol(val v)
{
	return (v & 0xff) == VAL_SYMBOL_TAG;
}

static inline val
val_fix(int64_t i) /* VAL_FIX_MIN <= i <= VAL_FIX_MAX */
{
	return (uint64_t)i << 2;
}

static inline int64_t
val_unfix(val v)
{
	return (int64_t)v >> 2;
}

static inline val
val_bool(bool b)
{
	return b ? VAL_TRUE : VAL_FALSE;
}

static inline bool
val_truthy(val v) /* only nil and false are false */
{
	return (v & ~UINT64_C(4)) != VAL_NIL;
}

static inline struct obj *
val_obj(val v)
{
	return (struct obj *)(uintptr_t)(v - 1);
}

static inline val
val_from_obj(const void *o)
{
	return (val)(uintptr_t)o + 1;
}

static inline bool
val_is_kind(val v, enum obj_kind kind)
{
	return val_is_obj(v) && val_obj(v)->kind == kind;
}

static inline val
val_keyword(uint32_t name) /* index of value/name.h */
{
	return (uint64_t)name << 8 | VAL_KEYWORD_TAG;
}

static inline val
val_symbol(uint32_t name)
{
	return (uint64_t)name << 8 | VAL_SYMBOL_TAG;
}

static inline uint32_t
val_name(val v) /* of a keyword or symbol */
{
	return (uint32_t)(v >> 8);
}

enum val_type val_type(val);              /* VAL_UNBOUND is a bug: aborts */
const char *val_type_name(enum val_type); /* "int", "list", ... */

static inline bool
val_is_string(val v)
{
	return val_is_kind(v, O_STRING);
}

static inline bool
val_is_list(val v)
{
	return v == VAL_NO_ITEMS || val_is_kind(v, O_LIST);
}

static inline bool
val_is_vector(val v)
{
	return val_is_kind(v, O_VECTOR);
}

static inline bool
val_is_map(val v)
{
	return val_is_kind(v, O_MAP);
}

static inline bool
val_is_int(val v)
{
	return val_is_fix(v) || val_is_kind(v, O_BIGINT);
}

static inline bool
val_is_float(val v)
{
	return val_is_selfloat(v) || val_is_kind(v, O_FLOAT);
}

#endif
