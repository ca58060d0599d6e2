/*
 * Where an object keeps the values it points to.  Every kind keeps them side
 * by side, so release and copy need one loop for all of them.  For this room
 * only.
 */
#ifndef VALUE_SLOTS_H
#define VALUE_SLOTS_H

#include "value/errval.h"
#include "value/function.h"
#include "value/list.h"
#include "value/map.h"
#include "value/taskval.h"
#include "value/vector.h"

/* Objects that point to nothing.  O_CELL is its owner's business. */
static inline bool
kind_is_leaf(uint8_t kind)
{
	return kind == O_STRING || kind == O_FLOAT || kind == O_BIGINT ||
	    kind == O_CELL;
}

static inline val *
obj_slots(struct obj *o, size_t *n)
{
	switch ((enum obj_kind)o->kind) {
	case O_LIST:
		*n = 2;
		return &((struct list *)o)->first;
	case O_VECTOR:
		if (o->aux & VECTOR_BIG) {
			*n = 2;
			return &((struct vector_big *)o)->root;
		}
		*n = ((struct vector *)o)->count;
		return ((struct vector *)o)->items + (o->aux >> 8);
	case O_VECTOR_NODE:
		*n = o->aux;
		return ((struct vector_node *)o)->items;
	case O_MAP:
		if (o->aux & MAP_BIG) {
			*n = 2;
			return &((struct map_big *)o)->entries;
		}
		*n = ((struct map *)o)->count * 2;
		return ((struct map *)o)->pairs;
	case O_MAP_INDEX:
		*n = map_index_count((struct map_index *)o);
		return ((struct map_index *)o)->slots;
	case O_FUNCTION:
		*n = ((struct function *)o)->ncaptured;
		return ((struct function *)o)->captured;
	case O_TASK:
		*n = 3;
		return &((struct taskval *)o)->capability;
	case O_ERROR:
		*n = 4;
		return &((struct errval *)o)->kind;
	case O_FREE:
	case O_FLOAT:
	case O_BIGINT:
	case O_STRING:
	case O_CELL:
	case O_NKINDS:
		break;
	}
	*n = 0;
	return NULL;
}

#endif
