/* Special forms that bind names to values: let, loop, recur. */
#include <string.h>

#include "lang/ast.h"
#include "lang/machine.h"
#include "value/list.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/vector.h"

struct pair {
	val pat;
	uint32_t pos;
	val value;
	uint32_t value_pos;
	struct type *type;
	val type_form;
};

/*
 * Split a binding vector into pairs, from the right end: a type keyword is
 * the value whenever the rest can be read as bindings after it.
 */
static bool
pairs_of(struct unit *u, const struct forms *b, struct pair **out, uint32_t *n)
{
	bool *ok = arena_alloc(&u->arena, b->n + 5);
	struct pair *p;
	uint32_t i, step;

	ok[b->n] = true;
	for (i = b->n; i-- > 0;) {
		if (!val_is_symbol(b->item[i]) && !val_is_vector(b->item[i]) &&
		    !val_is_map(b->item[i]))
			continue;
		if (i + 1 < b->n && is_colon(b->item[i + 1])) {
			ok[i] = i + 4 <= b->n && ok[i + 4];
			continue;
		}
		ok[i] = i + 2 <= b->n && ok[i + 2];
		if (!ok[i] && i + 3 <= b->n && val_is_keyword(b->item[i + 1]))
			ok[i] = ok[i + 3];
	}
	if (!ok[0]) {
		fail(u, "bindings must be pairs of a pattern and a value");
		return false;
	}
	*out = p = arena_alloc(&u->arena, (b->n + 1) * sizeof(*p));
	*n = 0;
	for (i = 0; i < b->n; i += step, p++, (*n)++) {
		p->pat = b->item[i];
		p->pos = b->pos[i];
		if (is_colon(b->item[i + 1])) {
			step = 4;
			p->type_form = b->item[i + 2];
		} else if (i + 2 <= b->n && ok[i + 2]) {
			step = 2;
		} else {
			step = 3;
			p->type_form = b->item[i + 1];
		}
		if (step != 2) {
			p->type =
			    type_at(u, p->type_form, b->pos[i + step - 2]);
			if (p->type == NULL)
				return false;
		}
		p->value = b->item[i + step - 1];
		p->value_pos = b->pos[i + step - 1];
	}
	return true;
}

static struct node *
pair_value(struct unit *u, const struct pair *p)
{
	struct node *n = analyze_at(u, p->value, p->value_pos);

	if (n == NULL || p->type == NULL)
		return n;
	return node_check(u, n, p->type, p->type_form,
	    val_is_symbol(p->pat) ? val_name_text(p->pat, NULL) : "pattern");
}

static bool
is_group_pair(struct unit *u, const struct pair *p)
{
	return p->type == NULL && pattern_is_name(p->pat) &&
	    is_fn_form(u, p->value);
}

/* A run of neighbouring (name (fn ...)) pairs from i on; its length. */
static uint32_t
group_length(struct unit *u, const struct pair *p, uint32_t i, uint32_t n)
{
	uint32_t j, *seen;
	void *run = NULL;

	for (j = i; j < n && is_group_pair(u, &p[j]); j++) {
		if (run == NULL)
			run = arena_alloc(&u->arena, 1);
		seen = pair_note(u, run, (const void *)(uintptr_t)p[j].pat);
		if (*seen != 0)
			break;
		*seen = 1;
	}
	return j - i;
}

static bool
bind_pairs(struct unit *u, struct pair *p, uint32_t n, struct binds *b)
{
	struct member *m;
	struct node *init;
	struct var *v;
	uint32_t i, j, run;

	for (i = 0; i < n; i += run) {
		run = group_length(u, p, i, n);
		if (run > 0) {
			m = arena_alloc(&u->arena, run * sizeof(*m));
			for (j = 0; j < run; j++) {
				member_from(u, p[i + j].value,
				    val_name(p[i + j].pat), p[i + j].value_pos,
				    &m[j]);
				m[j].var = var_new(u, m[j].name);
			}
			if (!analyze_group(u, m, run, b))
				return false;
			for (j = 0; j < run; j++)
				var_show(u, m[j].var);
			continue;
		}
		run = 1;
		if ((init = pair_value(u, &p[i])) == NULL)
			return false;
		v = pattern_is_name(p[i].pat) ? var_new(u, val_name(p[i].pat)) :
		                                var_temp(u);
		binds_add(u, b, v, init);
		if (pattern_is_name(p[i].pat)) {
			var_show(u, v);
		} else if (!pattern_bind(u, p[i].pat, p[i].pos, v, b)) {
			return false;
		}
	}
	return true;
}

bool
bind_vector(struct unit *u, val vector, struct binds *b)
{
	struct forms v;
	struct pair *p;
	uint32_t np;

	if (!val_is_vector(vector)) {
		fail(u, "a binding vector is missing");
		return false;
	}
	forms_of(u, vector, &v);
	return pairs_of(u, &v, &p, &np) && bind_pairs(u, p, np, b);
}

struct node *
form_let(struct unit *u, const struct forms *f)
{
	struct forms v;
	struct scope s;
	struct pair *p;
	struct binds b = {0};
	struct body *body;
	struct node *n = NULL;
	uint32_t np;

	if (!val_is_vector(f->item[1]))
		return fail_usage(u, f, "a binding vector is missing");
	forms_of(u, f->item[1], &v);
	if (!pairs_of(u, &v, &p, &np))
		return NULL;
	scope_open(u, &s);
	if (bind_pairs(u, p, np, &b)) {
		uint32_t floor = u->func->floor;

		body = body_open(u);
		n = analyze_body(u, f, 2);
		n = body_close(u, body, n);
		u->func->floor = floor;
		n = binds_let(u, &b, n);
	}
	scope_close(u, &s);
	return n;
}

/* Starting values see the names before them, those in patterns too.  With
 * patterns everything is bound once outside, for that, and the loop's own
 * variables start from there; patterns are taken apart again every round. */
static bool
loop_starts(struct unit *u, struct node *loop, const struct pair *p, uint32_t n,
    struct binds *first)
{
	struct loop *l = loop->loop;
	bool patterns = false, name;
	struct node *init;
	struct var *t;
	uint32_t i;

	for (i = 0; i < n; i++)
		patterns = patterns || !pattern_is_name(p[i].pat);
	for (i = 0; i < n; i++) {
		if ((init = pair_value(u, &p[i])) == NULL)
			return false;
		name = pattern_is_name(p[i].pat);
		t = var_new(u, name ? val_name(p[i].pat) : NAME_NONE);
		if (patterns) {
			binds_add(u, first, t, init);
			init = node_local(u, t);
		} else {
			l->vars[i] = t;
		}
		loop->kid[i] = init;
		if (name)
			var_show(u, t);
		else if (!pattern_bind(u, p[i].pat, p[i].pos, t, first))
			return false;
	}
	for (i = 0; patterns && i < n; i++) {
		l->vars[i] = var_new(u,
		    pattern_is_name(p[i].pat) ? val_name(p[i].pat) : NAME_NONE);
	}
	return true;
}

struct node *
form_loop(struct unit *u, const struct forms *f)
{
	struct forms v;
	struct scope s;
	struct pair *p;
	struct binds first = {0}, b = {0};
	struct body *body;
	struct loop *l;
	struct node *n = NULL, *loop;
	uint32_t np, i, floor;

	if (!val_is_vector(f->item[1]))
		return fail_usage(u, f, "a binding vector is missing");
	forms_of(u, f->item[1], &v);
	if (!pairs_of(u, &v, &p, &np))
		return NULL;
	scope_open(u, &s);
	loop = node_loop(u, np);
	l = loop->loop;
	if (!loop_starts(u, loop, p, np, &first))
		goto done;
	for (i = 0; i < np; i++) {
		l->vars[i]->loop_depth = l->depth;
		if (pattern_is_name(p[i].pat))
			var_show(u, l->vars[i]);
	}
	u->func->loop = l;
	for (i = 0; i < np; i++) {
		if (p[i].type != NULL) {
			binds_add(u, &b, NULL,
			    node_check(u, node_local(u, l->vars[i]), p[i].type,
			        p[i].type_form,
			        val_is_symbol(p[i].pat) ?
			            val_name_text(p[i].pat, NULL) :
			            "pattern"));
		}
		if (!pattern_is_name(p[i].pat) &&
		    !pattern_bind(u, p[i].pat, p[i].pos, l->vars[i], &b))
			goto out;
	}
	floor = u->func->floor;
	body = body_open(u);
	n = analyze_body(u, f, 2);
	n = body_close(u, body, n);
	u->func->floor = floor;
	n = binds_let(u, &b, n);
	if ((loop->kid[np] = n) != NULL)
		n = binds_let(u, &first, loop);
out:
	u->func->loop = l->outer;
done:
	scope_close(u, &s);
	return n;
}

struct node *
form_recur(struct unit *u, const struct forms *f)
{
	struct node *n = node_new(u, N_RECUR, f->n - 1);
	uint32_t i, want;

	n->loop = u->func->loop;
	if (n->loop == NULL && !u->func->recur_ok)
		return fail(u, "recur stands outside of loop and function");
	want = n->loop != NULL ? n->loop->nvars : u->func->nparams;
	if (f->n - 1 != want) {
		return fail(u, "recur: expected %u value%s, got %u", want,
		    want == 1 ? "" : "s", f->n - 1);
	}
	for (i = 1; i < f->n; i++) {
		n->kid[i - 1] = analyze_at(u, f->item[i], f->pos[i]);
		if (n->kid[i - 1] == NULL)
			return NULL;
	}
	if (n->loop != NULL)
		n->loop->nrecur++;
	return n;
}
