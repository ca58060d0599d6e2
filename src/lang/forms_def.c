/* def and defn: top-level cells, or locals of the innermost body. */
#include <string.h>

#include "lang/ast.h"
#include "lang/machine.h"
#include "value/list.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/vector.h"

/* A name, perhaps under metadata. */
static val
strip_meta(val form)
{
	while (val_is_list(form) && form != VAL_NO_ITEMS &&
	    list_count(form) == 3 && val_is_symbol(list_first(form)) &&
	    strcmp(val_name_text(list_first(form), NULL), "with-meta*") == 0)
		form = list_nth(form, 2);
	return form;
}

static bool
name_ok(struct unit *u, const struct forms *f, val *name)
{
	const char *text;
	size_t len;

	*name = strip_meta(f->item[1]);
	if (!val_is_symbol(*name)) {
		fail_usage(u, f, "a name is missing");
		return false;
	}
	text = val_name_text(*name, &len);
	if (len > 1 && memchr(text, '/', len) != NULL) {
		fail(u, "%s: %s is a name of a module; define a plain one",
		    val_name_text(f->item[0], NULL), text);
		return false;
	}
	if (form_index(val_name(*name)) >= 0) {
		fail(u, "%s: %s is a special form and cannot be defined",
		    val_name_text(f->item[0], NULL),
		    val_name_text(*name, NULL));
		return false;
	}
	return true;
}

static void
body_def(struct unit *u, struct var *v)
{
	struct body *b = u->body;
	struct env **grown;
	struct var **vars;

	var_show(u, v);
	if (u->func->next_reg > u->func->floor)
		u->func->floor = u->func->next_reg;
	if (b->ndefs == b->capdefs) {
		b->capdefs = b->capdefs == 0 ? 8 : b->capdefs * 2;
		grown = arena_alloc(&u->arena, b->capdefs * sizeof(*grown));
		if (b->ndefs > 0)
			memcpy(grown, b->defs, b->ndefs * sizeof(*grown));
		b->defs = grown;
	}
	b->defs[b->ndefs++] = u->env;
	if (b->conditional == 0)
		return;
	v->maybe = true;
	if (b->nmaybes == b->capmaybes) {
		b->capmaybes = b->capmaybes == 0 ? 8 : b->capmaybes * 2;
		vars = arena_alloc(&u->arena, b->capmaybes * sizeof(*vars));
		if (b->nmaybes > 0)
			memcpy(vars, b->maybes, b->nmaybes * sizeof(*vars));
		b->maybes = vars;
	}
	b->maybes[b->nmaybes++] = v;
}

/* Set the variable, then give its value. */
struct node *
node_define(struct unit *u, uint32_t name, struct node *init)
{
	struct node *d, *set;
	struct var *v;

	if (init == NULL)
		return NULL;
	if (u->body == NULL) {
		if (!u->expanding && u->module != NULL) {
			if (nametab_get(&u->module->only, name) != NAMETAB_NONE)
				return fail(u,
				    "%s is imported with :only and cannot be "
				    "defined",
				    name_text(name, NULL));
			check_define(u, name, init);
			nametab_set(&u->module->defined, name, 1);
			if (macro_find(u, name) != VAL_UNBOUND)
				nametab_set(
				    &u->module->macros, name, NAMETAB_NONE);
		}
		d = node_new(u, N_DEF, 1);
		d->v = val_symbol(name);
		d->kid[0] = init;
		return d;
	}
	v = var_new(u, name);
	body_def(u, v);
	d = node_new(u, N_DO, 2);
	set = node_new(u, N_SET, 1);
	set->kid[0] = init;
	set->var = v;
	d->kid[0] = set;
	d->kid[1] = node_new(u, N_LOCAL, 0);
	d->kid[1]->var = v;
	return d;
}

struct node *
form_def(struct unit *u, const struct forms *f)
{
	struct type *t;
	struct node *n;
	val name, form;
	uint32_t i = 2;
	int k;

	if (!name_ok(u, f, &name))
		return NULL;
	if (f->n > 3) {
		if (f->n == 4 && val_is_string(f->item[2])) {
			i = 3; /* documentation */
			t = NULL;
		} else {
			k = annotation(u, f, 2, true, &t, &form);
			if (k == -1)
				return NULL;
			i += (uint32_t)k;
		}
	} else {
		t = NULL;
	}
	if (i + 1 != f->n) {
		return fail_usage(u, f,
		    i >= f->n ? "a value is missing" : "more than one value");
	}
	n = analyze_at(u, f->item[i], f->pos[i]);
	if (n != NULL && t != NULL)
		n = node_check(u, n, t, form, val_name_text(name, NULL));
	if (n != NULL && n->kind == N_FN && n->fn->code->head.name == NAME_NONE)
		n->fn->code->head.name = val_name(name);
	return node_define(u, val_name(name), n);
}

static const char defn_usage[] = "(defn NAME \"doc\"? [PARAM...] BODY...)";

static bool
defn_member(struct unit *u, const struct forms *f, struct member *m)
{
	val name;

	if (!name_ok(u, f, &name))
		return false;
	m->name = val_name(name);
	m->own = NAME_NONE;
	m->f = *f;
	m->at = 2;
	m->pos = u->pos;
	m->usage = defn_usage;
	m->var = NULL;
	if (f->n > 3 && val_is_string(f->item[2]))
		m->at = 3;
	if (m->at < f->n && val_is_map(f->item[m->at]))
		m->at++;
	return true;
}

static bool
is_local_defn(struct unit *u, val form)
{
	val head;

	if (!val_is_list(form) || form == VAL_NO_ITEMS || list_count(form) < 3)
		return false;
	head = list_first(form);
	return val_is_symbol(head) &&
	    strcmp(val_name_text(head, NULL), "defn") == 0 &&
	    env_find(u, val_name(head)) == NULL;
}

/* Neighbouring defns from f[i] on: how many have names of their own. */
static uint32_t
defn_run(struct unit *u, const struct forms *f, uint32_t i)
{
	uint32_t j, *seen;
	void *run = NULL;
	val name;

	for (j = i; j < f->n && is_local_defn(u, f->item[j]); j++) {
		name = strip_meta(list_nth(f->item[j], 1));
		if (run == NULL)
			run = arena_alloc(&u->arena, 1);
		seen = pair_note(u, run, (const void *)(uintptr_t)name);
		if (*seen != 0)
			break;
		*seen = 1;
	}
	return j - i;
}

/* A recursive group of local functions; the value is the last one. */
static struct node *
defn_group(struct unit *u, struct member *m, uint32_t n)
{
	struct binds b = {0};
	struct node *d, *set;
	uint32_t i;

	if (!analyze_group(u, m, n, &b))
		return NULL;
	d = node_new(u, N_DO, n + 1);
	for (i = 0; i < n; i++) {
		m[i].var = var_new(u, m[i].name);
		m[i].var->known = b.inits[i]->fn;
		set = node_new(u, N_SET, 1);
		set->kid[0] = b.inits[i];
		set->var = m[i].var;
		d->kid[i] = set;
	}
	for (i = 0; i < n; i++)
		body_def(u, m[i].var);
	d->kid[n] = node_new(u, N_LOCAL, 0);
	d->kid[n]->var = m[n - 1].var;
	return d;
}

struct node *
defn_neighbours(
    struct unit *u, const struct forms *f, uint32_t i, uint32_t *taken)
{
	struct member *m;
	struct forms one;
	uint32_t n, k, saved = u->pos;

	*taken = 0;
	if (u->body == NULL || (n = defn_run(u, f, i)) < 2)
		return NULL;
	m = arena_alloc(&u->arena, n * sizeof(*m));
	for (k = 0; k < n; k++) {
		forms_of(u, f->item[i + k], &one);
		if (f->pos[i + k] != POS_NONE)
			u->pos = f->pos[i + k];
		if (!defn_member(u, &one, &m[k]))
			return NULL;
	}
	u->pos = saved;
	*taken = n;
	return defn_group(u, m, n);
}

struct node *
form_defn(struct unit *u, const struct forms *f)
{
	struct member m;
	struct node *n;

	if (!defn_member(u, f, &m))
		return NULL;
	if (u->body != NULL)
		return defn_group(u, &m, 1);
	n = analyze_lambda(u, m.name, f, m.at, defn_usage);
	return node_define(u, m.name, n);
}
