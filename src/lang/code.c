/* Code objects: making, freeing, and finding the place of an instruction. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lang/code.h"

static const char *const op_names[] = {
#define OP(name) #name,
#include "lang/op.def"
#undef OP
};

const char *
op_name(enum op op)
{
	return op < OP_COUNT_ALL ? op_names[op] : "?";
}

struct code *
code_new(struct code **owner)
{
	static uint64_t identity;
	struct code *c;

	c = xcalloc(1, sizeof(*c));
	c->head.identity = ++identity;
	c->head.name = NAME_NONE;
	c->file = NAME_NONE;
	c->core_index = CORE_NONE;
	c->direct = NOT_DIRECT;
	c->next = *owner;
	*owner = c;
	return c;
}

void
code_seal(struct code *c)
{
	c->direct =
	    c->kind == CODE_BYTE && !c->variadic ? c->nparams : NOT_DIRECT;
}

static void
drop(const void *p)
{
	free((void *)(uintptr_t)p);
}

void
code_free_all(struct code *c)
{
	struct code *next;
	uint32_t i;

	for (; c != NULL; c = next) {
		next = c->next;
		for (i = 0; c->own_types && i < c->ntypes; i++)
			type_free(c->types[i]);
		drop(c->types);
		drop(c->type_forms);
		drop(c->insns);
		drop(c->consts);
		drop(c->protos);
		drop(c->places);
		drop(c->capture_names);
		free(c);
	}
}

size_t
code_size(const struct code *c)
{
	return sizeof(*c) + c->ninsns * sizeof(insn) +
	    c->nconsts * sizeof(val) + c->nprotos * sizeof(void *) +
	    c->nplaces * sizeof(struct place_row) + c->ntypes * (size_t)64 +
	    (c->capture_names == NULL ? 0 : c->ncaptured * sizeof(uint32_t));
}

const struct place_row *
code_place(const struct code *c, uint32_t pc)
{
	uint32_t lo = 0, hi = c->nplaces, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (c->places[mid].pc <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == 0 ? NULL : &c->places[lo - 1];
}
