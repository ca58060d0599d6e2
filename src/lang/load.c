/*
 * A text to code: read to its end, expanded and analyzed to its end, then
 * generated.  Which core names the program defines itself is known by then.
 */
#include <stdlib.h>
#include <string.h>

#include "lang/ast.h"
#include "lang/check.h"
#include "lang/gen.h"
#include "lang/machine.h"
#include "value/list.h"
#include "value/name.h"
#include "value/vector.h"

/* ---- global names ---- */

bool
global_core(struct unit *u, uint32_t name, uint32_t *core)
{
	if ((*core = core_index(name)) == CORE_NONE)
		return false;
	if (u->core)
		return true;
	if (core_hidden(*core))
		return false;
	if (u->expanding) {
		static const char *const absent[] = {
		    "call", "println", "print"};
		uint32_t i;

		for (i = 0; i < NITEMS(absent); i++) {
			if (strcmp(name_text(name, NULL), absent[i]) == 0)
				return false;
		}
		return nametab_get(&u->module->xforms, name) == NAMETAB_NONE;
	}
	return nametab_get(&u->module->defined, name) == NAMETAB_NONE;
}

static uint32_t
xcell(struct unit *u, uint32_t name)
{
	struct vm *vm = u->vm;
	struct module *m = u->module;
	uint32_t i = nametab_get(&m->xcells, name);

	if (i != NAMETAB_NONE)
		return i;
	i = cell_new(vm, name);
	nametab_set(&m->xcells, name, i);
	if (nametab_get(&m->xforms, name) == NAMETAB_NONE)
		return i; /* stays unbound */
	if (vm->nxqueue == vm->capxqueue) {
		vm->capxqueue = vm->capxqueue == 0 ? 8 : vm->capxqueue * 2;
		vm->xqueue =
		    xreallocarray(vm->xqueue, vm->capxqueue, sizeof(uint32_t));
	}
	vm->xqueue[vm->nxqueue++] = name;
	return i;
}

uint32_t
global_cell(struct unit *u, uint32_t name)
{
	struct module *m;
	uint32_t inner;

	if (u->core) {
		fail(u, "%s is not defined", name_text(name, NULL));
		return 0;
	}
	if (u->expanding)
		return xcell(u, name);
	if ((m = module_alias(u, name, &inner)) != NULL) {
		/* What is not there reads an unbound cell of ours. */
		if (module_offers(m, inner))
			return module_cell(u->vm, m, inner);
	}
	return module_cell(u->vm, u->module, name);
}

bool
global_defined(struct unit *u, uint32_t name)
{
	struct module *m;
	uint32_t inner;

	if (u->core)
		return false;
	if (u->expanding) {
		return nametab_get(&u->module->xforms, name) != NAMETAB_NONE;
	}
	if ((m = module_alias(u, name, &inner)) != NULL)
		return module_offers(m, inner);
	return nametab_get(&u->module->defined, name) != NAMETAB_NONE;
}

/* ---- top-level forms ---- */

struct tops {
	struct func **fn;
	uint32_t n, cap;
};

static bool
head_is(struct unit *u, val form, const char *word)
{
	val head;

	(void)u;
	if (!val_is_list(form) || form == VAL_NO_ITEMS)
		return false;
	head = list_first(form);
	return val_is_symbol(head) &&
	    strcmp(val_name_text(head, NULL), word) == 0;
}

static void
top_add(struct unit *u, struct tops *t, struct func *f)
{
	struct func **grown;

	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 16 : t->cap * 2;
		grown = arena_alloc(&u->arena, t->cap * sizeof(*grown));
		if (t->n > 0)
			memcpy(grown, t->fn, t->n * sizeof(*grown));
		t->fn = grown;
	}
	t->fn[t->n++] = f;
}

/* Later macros may call what a top-level defn makes. */
static void
remember_defn(struct unit *u, val form)
{
	struct vm *vm = u->vm;
	val name = list_count(form) > 1 ? list_nth(form, 1) : VAL_NIL;

	if (!val_is_symbol(name))
		return;
	nametab_set(&u->module->xforms, val_name(name),
	    (uint32_t)vec_count(vm->xforms));
	vm->xforms = vec_push(vm->heap, vm->xforms, val_retain(form));
}

static void
top_form(struct unit *u, val form, uint32_t pos, struct tops *t)
{
	struct forms f;
	struct func *fn;
	val macro, out;
	uint32_t i;

	if (u->depth >= MAX_DEPTH || (u->failed && u->diags == NULL)) {
		if (!u->failed)
			fail_at(
			    u, pos, "nested deeper than %d levels", MAX_DEPTH);
		return;
	}
	u->failed = false;
	if (pos != POS_NONE)
		u->pos = pos;
	u->depth++;
	if (head_is(u, form, "do")) {
		forms_of(u, form, &f);
		for (i = 1; i < f.n; i++)
			top_form(u, f.item[i], f.pos[i], t);
		if (f.n > 1)
			goto done;
		form = VAL_NIL;
	}
	if (val_is_list(form) && form != VAL_NO_ITEMS &&
	    val_is_symbol(list_first(form)) &&
	    (macro = macro_find(u, val_name(list_first(form)))) !=
	        VAL_UNBOUND) {
		forms_of(u, form, &f);
		if (u->expansion >= MAX_EXPANSION) {
			fail(u, "more than %d expansions inside one another",
			    MAX_EXPANSION);
		} else if (macro_expand(u, macro, &f, &out) == 0) {
			u->keep = vec_push(u->heap, u->keep, out);
			u->expansion++;
			top_form(u, out, POS_NONE, t);
			u->expansion--;
		}
		goto done;
	}
	fn = func_new(u, NAME_NONE);
	u->func = fn;
	env_pop(u, NULL);
	u->body = NULL;
	u->top = true;
	fn->body = analyze(u, form);
	u->func = NULL;
	if (fn->body == NULL)
		goto done;
	if (head_is(u, form, "defn"))
		remember_defn(u, form);
	top_add(u, t, fn);
done:
	u->depth--;
}

static void
vm_add_top(struct vm *vm, const struct code *c)
{
	if (vm->ntops == vm->captops) {
		vm->captops = vm->captops == 0 ? 16 : vm->captops * 2;
		vm->tops =
		    xreallocarray(vm->tops, vm->captops, sizeof(*vm->tops));
	}
	vm->tops[vm->ntops++] = c;
}

static int
unit_compile(struct unit *u, val forms)
{
	struct tops t = {0};
	size_t i, n = vec_count(forms);
	uint32_t k;

	for (i = 0; i < n; i++) {
		size_t off = srcmap_find(u->map, val_obj(forms), (uint32_t)i);

		top_form(u, vec_get(forms, i),
		    off >= POS_NONE ? POS_NONE : (uint32_t)off, &t);
		if (u->failed && u->diags == NULL)
			return -1;
		if (unit_over(u))
			return -1;
	}
	u->failed = false;
	if (!module_complete(u))
		return -1;
	for (k = 0; k < t.n; k++) {
		u->failed = false;
		if (gen_func(u, t.fn[k]) == -1 && u->diags == NULL)
			return -1;
	}
	for (k = 0; k < t.n; k++)
		vm_add_top(u->vm, t.fn[k]->code);
	return 0;
}

int
load_unit(struct vm *vm, struct module *m, const char *name, const char *text,
    size_t len, struct diags *diags, struct error *e)
{
	struct unit u = {.vm = vm,
	    .heap = vm->heap,
	    .arena.heap = vm->heap,
	    .name = name,
	    .text = text,
	    .len = len,
	    .owner = &vm->codes,
	    .module = m,
	    .error = e,
	    .diags = diags,
	    .depth = vm->load_depth,
	    .pos = POS_NONE};
	struct reader_options ro = {0};
	val forms;
	int rc = -1;

	if (len >= POS_NONE)
		return error_set(e, EK_LIMIT, "%s: more than 4 GiB", name);
	u.file = name_intern(name, strlen(name));
	u.map = ro.map = srcmap_new();
	u.keep = vec_empty(vm->heap);
	if (read_all(vm->heap, text, len, &ro, &forms, e) == 0) {
		rc = unit_compile(&u, forms);
		val_release(vm->heap, forms);
		core_compile_pending();
	}
	val_release(vm->heap, u.keep);
	srcmap_free(u.map);
	free(u.lines);
	arena_free(&u.arena);
	return rc;
}

int
load_text(struct vm *vm, struct module *m, const char *name, const char *text,
    size_t len, struct error *e)
{
	return load_unit(vm, m, name, text, len, NULL, e);
}
