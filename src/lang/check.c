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
#include "lang/check_repair.h"
#include "lang/gen.h"
#include "value/list.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/type.h"

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
	nametab_set(&u->module->arity, name, v);
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

/* Functions of the prelude: "(reduce f init? coll)", "(juxt & fs)". */
static void
usage_counts(const char *usage, uint32_t *min, uint32_t *max)
{
	const char *p = usage + strcspn(usage, " )");
	size_t n;

	*min = *max = 0;
	while (*p == ' ') {
		p++;
		n = strcspn(p, " )");
		if (*p == '&') {
			*max = ANY_COUNT;
			return;
		}
		*min += p[n - 1] != '?';
		++*max;
		p += n;
	}
}

static void
core_counts(struct unit *u, const struct node *call, uint32_t core)
{
	const struct core_def *d = core_row(core);
	const char *name = core_table[core].name, *usage;
	uint32_t min, max;

	if (d != NULL) {
		min = (uint32_t)d->min;
		max = d->max < 0 ? ANY_COUNT : (uint32_t)d->max;
	} else if ((usage = lang_doc(name)) != NULL) {
		usage_counts(usage, &min, &max);
	} else {
		return;
	}
	wrong_count(u, call->pos, name, call->n - 1, min, max);
}

static void
func_counts(struct unit *u, const struct node *call, const struct func *fn)
{
	uint32_t min = fn->nparams - fn->code->variadic;
	uint32_t name = fn->code->head.name;

	wrong_count(u, call->pos,
	    name == NAME_NONE ? "fn" : name_text(name, NULL), call->n - 1, min,
	    fn->code->variadic ? ANY_COUNT : min);
}

void
check_call(struct unit *u, const struct node *n)
{
	const struct node *h = n->kid[0];
	uint32_t core, name, inner, v;
	struct module *m;

	if (u->diags == NULL || u->module == NULL)
		return;
	if (h->kind == N_FN || h->kind == N_SELF)
		func_counts(u, n, h->fn);
	else if (h->kind == N_LOCAL && h->var->known != NULL)
		func_counts(u, n, h->var->known);
	if (h->kind != N_GLOBAL)
		return;
	name = val_name(h->v);
	if (global_core(u, name, &core)) {
		core_counts(u, n, core);
		return;
	}
	if ((m = module_alias(u, name, &inner)) != NULL)
		v = nametab_get(&m->arity, inner);
	else
		v = nametab_get(&u->module->arity, name);
	if (v != NAMETAB_NONE) {
		wrong_count(u, n->pos, name_text(name, NULL), n->n - 1, v >> 16,
		    v & 0xffff);
	}
}

/* Of thousands of findings, only the first are worth looking through all the
 * names that the program defines. */
static bool
few(const struct unit *u)
{
	return u->diags->n < 1000 || u->module->defined.n < 1000;
}

void
check_global(struct unit *u, uint32_t name, uint32_t pos)
{
	const char *const *names, *text = name_text(name, NULL);
	struct nearest near;
	struct module *m;
	uint32_t line, column, core, i, inner;
	size_t k, n;

	if (u->diags == NULL || u->expanding || global_defined(u, name) ||
	    global_core(u, name, &core))
		return;
	unit_place(u, pos, &line, &column);
	if ((m = module_alias(u, name, &inner)) != NULL) {
		diags_add(u->diags, DIAG_ERROR, u->name, line, column,
		    "UndefinedSymbol", "%s is not %s by module %s", text,
		    module_exports(m, inner) ? "defined" : "exported",
		    name_text(m->name, NULL));
		return;
	}
	nearest_init(&near, text);
	for (i = 0; i < u->module->defined.cap && few(u); i++) {
		if (u->module->defined.keys[i] != NAME_NONE) {
			nearest_offer(
			    &near, name_text(u->module->defined.keys[i], NULL));
		}
	}
	names = lang_core_names(&n);
	for (k = 0; k < n; k++)
		nearest_offer(&near, names[k]);
	diags_add(u->diags, DIAG_ERROR, u->name, line, column,
	    "UndefinedSymbol", "%s is not defined%s%s%s", text,
	    near.best == NULL ? "" : "; did you mean ",
	    near.best == NULL ? "" : near.best, near.best == NULL ? "" : "?");
}

/* ---- what is known of values and names ---- */

void
check_value(struct unit *u, const struct node *n, const struct type *t,
    const char *what)
{
	uint32_t line, column;
	struct error e;

	if (u->diags == NULL || n == NULL || n->kind != N_CONST ||
	    type_check(t, n->v, &e) == 0)
		return;
	unit_place(u, n->pos, &line, &column);
	diags_add(u->diags, DIAG_ERROR, u->name, line, column,
	    "TypeValidationError", "%s%s%s", what, e.msg[0] == '[' ? "" : ": ",
	    e.msg);
}

void
check_lost(struct unit *u, val form)
{
	val name;

	if (u->diags == NULL || !val_is_list(form) || form == VAL_NO_ITEMS ||
	    list_count(form) < 2 || !val_is_symbol(list_first(form)) ||
	    strncmp(val_name_text(list_first(form), NULL), "def", 3) != 0)
		return;
	name = list_nth(form, 1);
	if (val_is_symbol(name) && form_index(val_name(name)) < 0)
		nametab_set(&u->module->defined, val_name(name), 1);
}

/* ---- */

static int
by_place(const void *a, const void *b)
{
	const struct diag *x = a, *y = b;

	if (x->file != NULL && y->file != NULL && strcmp(x->file, y->file) != 0)
		return strcmp(x->file, y->file);
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return 0;
}

size_t
lang_check(const char *name, const char *text, size_t len,
    const struct vm_config *files, struct diags *diags)
{
	struct vm_config c = {.max_memory = (size_t)1 << 30};
	struct error e = {.kind = EK_NONE};
	struct repair r = {.n = 0};
	size_t first = diags->n, found;
	struct vm *vm;

	if (files != NULL) {
		c.read_module = files->read_module;
		c.read_module_arg = files->read_module_arg;
	}
	if (vm_new(&c, &vm, &e) == -1)
		return 0;
	vm_define(vm, "args", VAL_NIL); /* rtfs run does, too */
	repair_read(vm, name, text, len, diags, &r);
	found = diags->n;
	if (r.text.len == len && !r.macro_lost) {
		if (load_unit(vm, vm->module, name, buf_str(&r.text), len,
		        diags, &e) == -1 &&
		    e.kind != EK_NONE) {
			diags_add(diags, DIAG_ERROR, name, e.line, e.column,
			    e.kind == EK_LIMIT ? "MemoryLimit" : "ParseError",
			    "%s", e.msg);
		}
		repair_forget(&r, name, diags, found);
	}
	repair_free(&r);
	vm_free(vm);
	if (diags->n > first + 1) {
		qsort(diags->item + first, diags->n - first,
		    sizeof(*diags->item), by_place);
	}
	return diags_errors(diags);
}
