/* Special forms that choose: if do and or cond when case and their kin. */
#include <string.h>

#include "lang/ast.h"
#include "lang/machine.h"
#include "value/list.h"
#include "value/name.h"
#include "value/vector.h"

static void
conditional(struct unit *u, int by)
{
	if (u->body != NULL)
		u->body->conditional += (uint32_t)by;
}

struct node *
form_if(struct unit *u, const struct forms *f)
{
	struct node *test, *yes, *no;

	if ((test = analyze_at(u, f->item[1], f->pos[1])) == NULL)
		return NULL;
	conditional(u, 1);
	yes = analyze_at(u, f->item[2], f->pos[2]);
	no = f->n > 3 ? analyze_at(u, f->item[3], f->pos[3]) :
	                node_const(u, VAL_NIL);
	conditional(u, -1);
	return node_if(u, test, yes, no);
}

struct node *
form_do(struct unit *u, const struct forms *f)
{
	return analyze_body(u, f, 1);
}

struct node *
form_quote(struct unit *u, const struct forms *f)
{
	return node_const(u, f->item[1]);
}

static struct node *
and_or(struct unit *u, const struct forms *f, enum node_kind kind, val none)
{
	struct node *n;
	uint32_t i;

	if (f->n == 1)
		return node_const(u, none);
	n = node_new(u, kind, f->n - 1);
	for (i = 1; i < f->n; i++) {
		if (i == 2)
			conditional(u, 1);
		n->kid[i - 1] = analyze_at(u, f->item[i], f->pos[i]);
		if (n->kid[i - 1] == NULL)
			break;
	}
	if (i >= 2 && f->n > 2)
		conditional(u, -1);
	if (i < f->n)
		return NULL;
	return n->n == 1 ? n->kid[0] : n;
}

struct node *
form_and(struct unit *u, const struct forms *f)
{
	return and_or(u, f, N_AND, VAL_TRUE);
}

struct node *
form_or(struct unit *u, const struct forms *f)
{
	return and_or(u, f, N_OR, VAL_FALSE);
}

struct node *
form_cond(struct unit *u, const struct forms *f)
{
	struct node *n, *test, *yes, **link, *out;
	uint32_t i;

	if (f->n % 2 == 0)
		return fail_usage(u, f, "a test has no value");
	conditional(u, 1);
	link = &out;
	for (i = 1; i < f->n; i += 2) {
		if (val_is_key(f->item[i], "else"))
			test = node_const(u, VAL_TRUE);
		else
			test = analyze_at(u, f->item[i], f->pos[i]);
		yes = analyze_at(u, f->item[i + 1], f->pos[i + 1]);
		if (test == NULL || yes == NULL)
			break;
		if (i / 2 >= MAX_TREE / 2) {
			fail(u, "cond: more than %d clauses", MAX_TREE / 2);
			break;
		}
		n = node_new(u, N_IF, 3);
		n->kid[0] = test;
		n->kid[1] = yes;
		*link = n;
		link = &n->kid[2];
	}
	conditional(u, -1);
	if (i < f->n)
		return NULL;
	*link = node_const(u, VAL_NIL);
	return out;
}

static struct node *
when(struct unit *u, const struct forms *f, bool yes)
{
	struct node *test, *body, *nil;

	if ((test = analyze_at(u, f->item[1], f->pos[1])) == NULL)
		return NULL;
	conditional(u, 1);
	body = analyze_body(u, f, 2);
	conditional(u, -1);
	nil = node_const(u, VAL_NIL);
	return yes ? node_if(u, test, body, nil) : node_if(u, test, nil, body);
}

struct node *
form_when(struct unit *u, const struct forms *f)
{
	return when(u, f, true);
}

struct node *
form_when_not(struct unit *u, const struct forms *f)
{
	return when(u, f, false);
}

struct node *
form_unless(struct unit *u, const struct forms *f)
{
	return when(u, f, false);
}

/* (if-let [PATTERN e] yes no): the value is tested, then taken apart. */
static struct node *
if_let(struct unit *u, const struct forms *f, bool has_no)
{
	struct forms v;
	struct scope s;
	struct binds outer = {0}, b = {0};
	struct node *init, *yes = NULL, *no;
	struct body *body;
	struct var *t;
	uint32_t floor = u->func->floor;

	if (!val_is_vector(f->item[1]))
		return fail_usage(u, f, "a binding vector is missing");
	forms_of(u, f->item[1], &v);
	if (v.n != 2)
		return fail_usage(u, f, "exactly one binding is wanted");
	if ((init = analyze_at(u, v.item[1], v.pos[1])) == NULL)
		return NULL;
	scope_open(u, &s);
	t = pattern_is_name(v.item[0]) ? var_new(u, val_name(v.item[0])) :
	                                 var_temp(u);
	binds_add(u, &outer, t, init);
	{
		struct scope inner;

		scope_open(u, &inner);
		body = body_open(u);
		if (pattern_is_name(v.item[0]))
			var_show(u, t);
		if (pattern_is_name(v.item[0]) ||
		    pattern_bind(u, v.item[0], v.pos[0], t, &b)) {
			yes = has_no ? analyze_at(u, f->item[2], f->pos[2]) :
			               analyze_body(u, f, 2);
		}
		yes = body_close(u, body, yes);
		yes = binds_let(u, &b, yes);
		u->func->floor = floor;
		scope_close(u, &inner);
	}
	no = node_const(u, VAL_NIL);
	if (yes != NULL && has_no && f->n > 3) {
		body = body_open(u);
		no = analyze_at(u, f->item[3], f->pos[3]);
		no = body_close(u, body, no);
		u->func->floor = floor;
	}
	scope_close(u, &s);
	if (yes == NULL || no == NULL)
		return NULL;
	return binds_let(u, &outer, node_if(u, node_local(u, t), yes, no));
}

struct node *
form_if_let(struct unit *u, const struct forms *f)
{
	return if_let(u, f, true);
}

struct node *
form_when_let(struct unit *u, const struct forms *f)
{
	return if_let(u, f, false);
}

/* (case e k v ... default?): constants, compared with =. */
struct node *
form_case(struct unit *u, const struct forms *f)
{
	struct scope s;
	struct binds b = {0};
	struct node *e, *n, *test, *yes, *out = NULL, **link = &out;
	struct var *t;
	uint32_t i;

	if ((e = analyze_at(u, f->item[1], f->pos[1])) == NULL)
		return NULL;
	scope_open(u, &s);
	t = var_temp(u);
	binds_add(u, &b, t, e);
	conditional(u, 1);
	for (i = 2; i + 1 < f->n; i += 2) {
		val k = f->item[i];

		if (val_is_list(k) && k != VAL_NO_ITEMS &&
		    val_is_symbol(list_first(k)) && list_count(k) == 2 &&
		    strcmp(val_name_text(list_first(k), NULL), "quote") == 0)
			k = list_nth(k, 1);
		test = node_call(u, "=", 2);
		if (test == NULL)
			break;
		test->kid[1] = node_local(u, t);
		test->kid[2] = node_const(u, k);
		yes = analyze_at(u, f->item[i + 1], f->pos[i + 1]);
		if (yes == NULL)
			break;
		if (i / 2 >= MAX_TREE / 2) {
			fail(u, "case: more than %d clauses", MAX_TREE / 2);
			break;
		}
		n = node_new(u, N_IF, 3);
		n->kid[0] = test;
		n->kid[1] = yes;
		*link = n;
		link = &n->kid[2];
	}
	if (i + 1 >= f->n) {
		*link = i < f->n ? analyze_at(u, f->item[i], f->pos[i]) :
		                   node_op(u, OP_NOMATCH, node_local(u, t), 0,
		                       symbol_from("case"));
		if (*link == NULL)
			out = NULL;
	} else {
		out = NULL;
	}
	conditional(u, -1);
	scope_close(u, &s);
	return binds_let(u, &b, out);
}

/* (-> x (f a) g): forms are built and then analyzed as written there. */
static val
thread_step(struct unit *u, val x, val step, bool last)
{
	struct forms f;
	val *item, l;
	uint32_t i, n = 0;

	if (!val_is_list(step) || step == VAL_NO_ITEMS) {
		l = list_cons(u->heap, val_retain(x), VAL_NO_ITEMS);
		return list_cons(u->heap, val_retain(step), l);
	}
	forms_of(u, step, &f);
	item = arena_alloc(&u->arena, (f.n + 1) * sizeof(val));
	item[n++] = f.item[0];
	if (!last)
		item[n++] = x;
	for (i = 1; i < f.n; i++)
		item[n++] = f.item[i];
	if (last)
		item[n++] = x;
	for (i = 0; i < n; i++)
		val_retain(item[i]);
	return list_new(u->heap, item, n);
}

static struct node *
thread(struct unit *u, const struct forms *f, bool last)
{
	val x = f->item[1];
	uint32_t i;

	for (i = 2; i < f->n; i++) {
		x = thread_step(u, x, f->item[i], last);
		u->keep = vec_push(u->heap, u->keep, x);
	}
	return analyze_at(u, x, f->pos[f->n - 1]);
}

struct node *
form_thread(struct unit *u, const struct forms *f)
{
	return thread(u, f, false);
}

struct node *
form_thread_last(struct unit *u, const struct forms *f)
{
	return thread(u, f, true);
}

/* (as-> e NAME form...): let, one name again and again. */
struct node *
form_thread_as(struct unit *u, const struct forms *f)
{
	struct scope s;
	struct binds b = {0};
	struct node *n;
	struct var *v;
	uint32_t i;

	if (!pattern_is_name(f->item[2]))
		return fail_usage(u, f, "a name is missing");
	scope_open(u, &s);
	n = analyze_at(u, f->item[1], f->pos[1]);
	for (i = 3; n != NULL && i <= f->n; i++) {
		v = var_new(u, val_name(f->item[2]));
		binds_add(u, &b, v, n);
		var_show(u, v);
		n = i < f->n ? analyze_at(u, f->item[i], f->pos[i]) :
		               node_local(u, v);
	}
	scope_close(u, &s);
	return binds_let(u, &b, n);
}
