/*
 * rtfs check: the text is read, expanded and compiled with every error noted
 * and gone on after; undefined names and wrong argument counts are seen by
 * the code generator.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/ast.h"
#include "lang/check.h"
#include "lang/gen.h"
#include "value/name.h"
#include "value/nearest.h"

#define ANY_COUNT 0xffff

/* ---- argument counts of the program's own functions ---- */

void
check_define(struct unit *u, uint32_t name, const struct node *init)
{
	const struct func *fn;
	uint32_t min, max, v;

	if (u->diags == NULL || u->module == NULL)
		return;
	v = NAMETAB_NONE;
	if (init->kind == N_FN &&
	    nametab_get(&u->module->defined, name) == NAMETAB_NONE) {
		fn = init->fn;
		min = fn->nparams - fn->code->variadic;
		max = fn->code->variadic ? ANY_COUNT : fn->nparams;
		if (min < ANY_COUNT)
			v = min << 16 | max;
	}
	nametab_set(&u->arity, name, v);
}

static void
wrong_count(struct unit *u, uint32_t pos, const char *name, uint32_t argc,
    uint32_t min, uint32_t max)
{
	uint32_t line, column;
	char want[48];

	if (argc >= min && (max == ANY_COUNT || argc <= max))
		return;
	if (max == ANY_COUNT)
		snprintf(want, sizeof(want), "at least %u", min);
	else if (min == max)
		snprintf(want, sizeof(want), "%u", min);
	else
		snprintf(want, sizeof(want), "%u to %u", min, max);
	unit_place(u, pos, &line, &column);
	diags_add(u->diags, DIAG_ERROR, u->name, line, column, "ArityMismatch",
	    "%s: expected %s argument%s, got %u", name, want,
	    strcmp(want, "1") == 0 ? "" : "s", argc);
}

void
check_call(struct unit *u, const struct node *n)
{
	const struct node *h = n->kid[0];
	const struct core_def *d;
	uint32_t core, name, v;

	if (u->diags == NULL || h->kind != N_GLOBAL)
		return;
	name = val_name(h->v);
	if (global_core(u, name, &core)) {
		if ((d = core_row(core)) != NULL) {
			wrong_count(u, n->pos, d->name, n->n - 1,
			    (uint32_t)d->min,
			    d->max < 0 ? ANY_COUNT : (uint32_t)d->max);
		}
		return;
	}
	v = nametab_get(&u->arity, name);
	if (v != NAMETAB_NONE) {
		wrong_count(u, n->pos, name_text(name, NULL), n->n - 1, v >> 16,
		    v & 0xffff);
	}
}

void
check_global(struct unit *u, uint32_t name, uint32_t pos)
{
	const char *const *names, *text = name_text(name, NULL);
	struct nearest near;
	uint32_t line, column, core, i;
	size_t k, n;

	if (u->diags == NULL || u->expanding || global_defined(u, name) ||
	    global_core(u, name, &core))
		return;
	nearest_init(&near, text);
	for (i = 0; i < u->module->defined.cap; i++) {
		if (u->module->defined.keys[i] != NAME_NONE) {
			nearest_offer(
			    &near, name_text(u->module->defined.keys[i], NULL));
		}
	}
	names = lang_core_names(&n);
	for (k = 0; k < n; k++)
		nearest_offer(&near, names[k]);
	unit_place(u, pos, &line, &column);
	diags_add(u->diags, DIAG_ERROR, u->name, line, column,
	    "UndefinedSymbol", "%s is not defined%s%s%s", text,
	    near.best == NULL ? "" : "; did you mean ",
	    near.best == NULL ? "" : near.best, near.best == NULL ? "" : "?");
}

/* ---- */

static int
by_place(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return 0;
}

size_t
lang_check(const char *name, const char *text, size_t len, struct diags *diags)
{
	struct vm_config c = {.max_memory = (size_t)1 << 30};
	struct error e = {.kind = EK_NONE};
	size_t first = diags->n;
	struct vm *vm;

	if (vm_new(&c, &vm, &e) == -1)
		return 0;
	if (load_unit(vm, vm->module, name, text, len, diags, &e) == -1 &&
	    e.kind != EK_NONE) {
		diags_add(diags, DIAG_ERROR, name, e.line, e.column,
		    "ParseError", "%s", e.msg);
	}
	vm_free(vm);
	if (diags->n > first + 1) {
		qsort(diags->item + first, diags->n - first,
		    sizeof(*diags->item), by_place);
	}
	return diags_errors(diags);
}
