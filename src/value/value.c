/* Types of values and their names. */
#include <assert.h>
#include <stdlib.h>

#include "value/value.h"

static const char *const type_names[] = {
    [T_NIL] = "nil",
    [T_BOOL] = "bool",
    [T_INT] = "int",
    [T_FLOAT] = "float",
    [T_STRING] = "string",
    [T_KEYWORD] = "keyword",
    [T_SYMBOL] = "symbol",
    [T_LIST] = "list",
    [T_VECTOR] = "vector",
    [T_MAP] = "map",
    [T_FUNCTION] = "function",
    [T_TASK] = "task",
    [T_ERROR] = "error",
};
static_assert(NITEMS(type_names) == T_NTYPES, "name every enum val_type");

static enum val_type
type_of_obj(const struct obj *o)
{
	switch ((enum obj_kind)o->kind) {
	case O_FLOAT:
		return T_FLOAT;
	case O_BIGINT:
		return T_INT;
	case O_STRING:
		return T_STRING;
	case O_LIST:
		return T_LIST;
	case O_VECTOR:
		return T_VECTOR;
	case O_MAP:
		return T_MAP;
	case O_FUNCTION:
		return T_FUNCTION;
	case O_TASK:
		return T_TASK;
	case O_ERROR:
		return T_ERROR;
	case O_FREE:
	case O_VECTOR_NODE:
	case O_MAP_INDEX:
	case O_CELL:
	case O_NKINDS:
		break;
	}
	abort();
}

enum val_type
val_type(val v)
{
	if (val_is_fix(v))
		return T_INT;
	if (val_is_obj(v))
		return type_of_obj(val_obj(v));
	if (val_is_selfloat(v))
		return T_FLOAT;
	if (val_is_keyword(v))
		return T_KEYWORD;
	if (val_is_symbol(v))
		return T_SYMBOL;
	switch (v) {
	case VAL_NIL:
		return T_NIL;
	case VAL_FALSE:
	case VAL_TRUE:
		return T_BOOL;
	case VAL_NO_ITEMS:
		return T_LIST;
	default:
		abort();
	}
}

const char *
val_type_name(enum val_type t)
{
	return t < T_NTYPES ? type_names[t] : "unknown";
}
