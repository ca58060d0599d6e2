/* Special forms over collections, try, and metadata. */
#include <ctype.h>
#include <string.h>

#include "base/diag.h"
#include "lang/ast.h"
#include "lang/core_task.h"
#include "lang/machine.h"
#include "value/errval.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/vector.h"

static struct node *
call1(struct unit *u, const char *core, struct node *a)
{
	struct node *n = node_call(u, core, 1);

	if (n == NULL || a == NULL)
		return NULL;
	n->kid[1] = a;
	return n;
}

static struct node *
call2(struct unit *u, const char *core, struct node *a, struct node *b)
{
	struct node *n = node_call(u, core, 2);

	if (n == NULL || a == NULL || b == NULL)
		return NULL;
	n->kid[1] = a;
	n->kid[2] = b;
	return n;
}

static struct node *
do2(struct unit *u, struct node *a, struct node *b)
{
	struct node *n = node_new(u, N_DO, 2);

	if (a == NULL || b == NULL)
		return NULL;
	n->kid[0] = a;
	n->kid[1] = b;
	return n;
}

static struct node *
if3(struct unit *u, struct node *test, struct node *yes, struct node *no)
{
	struct node *n = node_new(u, N_IF, 3);

	if (test == NULL || yes == NULL || no == NULL)
		return NULL;
	n->kid[0] = test;
	n->kid[1] = yes;
	n->kid[2] = no;
	return n;
}

/* A loop over two variables, the second one carried along; the caller puts
 * the body. */
static struct node *
loop2(struct unit *u, struct var **i, struct var **acc, struct node *start)
{
	struct loop *l = arena_alloc(&u->arena, sizeof(*l));
	struct node *n = node_new(u, N_LOOP, 3);

	l->outer = u->func->loop;
	l->depth = l->outer == NULL ? 1 : l->outer->depth + 1;
	l->nvars = 2;
	l->vars = arena_alloc(&u->arena, 2 * sizeof(struct var *));
	l->vars[0] = *i = var_temp(u);
	l->vars[1] = *acc = var_temp(u);
	(*i)->loop_depth = (*acc)->loop_depth = l->depth;
	n->loop = l;
	n->vars = l->vars;
	n->kid[0] = node_const(u, val_fix(0));
	n->kid[1] = start;
	u->func->loop = l;
	return n;
}

static struct node *
use(struct unit *u, struct var *v)
{
	struct env e = {.func = v->func, .var = v};

	/* Counts as a use in the loops around, as a name would. */
	return resolve_env(u, u->func, &e);
}

static struct node *
again(struct unit *u, struct loop *l, struct var *i, struct node *acc)
{
	struct node *n = node_new(u, N_RECUR, 2);

	if (acc == NULL)
		return NULL;
	n->loop = l;
	l->nrecur++;
	n->kid[0] = call1(u, "inc", use(u, i));
	n->kid[1] = acc;
	return n;
}

/* ---- for and doseq ---- */

struct comp {
	const struct forms *f; /* the whole form */
	struct forms b;        /* bindings */
	bool keep;             /* for: a vector of the values */
};

static struct node *comp_level(
    struct unit *, struct comp *, uint32_t at, struct node *acc);

static struct node *
comp_body(struct unit *u, struct comp *c, struct node *acc)
{
	struct body *b;
	struct node *n;
	uint32_t floor = u->func->floor;

	b = body_open(u);
	n = analyze_body(u, c->f, 2);
	n = body_close(u, b, n);
	u->func->floor = floor;
	return c->keep ? call2(u, "conj", acc, n) : do2(u, n, acc);
}

/* What follows a binding: modifiers, then the next round. */
static struct node *
comp_rest(struct unit *u, struct comp *c, uint32_t at, struct loop *l,
    struct var *i, struct var *acc)
{
	struct node *n;
	val word = at < c->b.n ? c->b.item[at] : VAL_NIL;

	if (!val_is_keyword(word))
		return again(u, l, i, comp_level(u, c, at, use(u, acc)));
	if (at + 1 >= c->b.n)
		return fail(u, "for: %s needs a form after it",
		    val_name_text(word, NULL));
	if (val_is_key(word, "let")) {
		struct scope sc;
		struct binds b = {0};

		scope_open(u, &sc);
		n = NULL;
		if (bind_vector(u, c->b.item[at + 1], &b)) {
			n = binds_let(
			    u, &b, comp_rest(u, c, at + 2, l, i, acc));
		}
		scope_close(u, &sc);
		return n;
	}
	n = analyze_at(u, c->b.item[at + 1], c->b.pos[at + 1]);
	if (n == NULL)
		return NULL;
	if (val_is_key(word, "when")) {
		return if3(u, n, comp_rest(u, c, at + 2, l, i, acc),
		    again(u, l, i, use(u, acc)));
	}
	if (val_is_key(word, "while")) {
		return if3(
		    u, n, comp_rest(u, c, at + 2, l, i, acc), use(u, acc));
	}
	return fail(u, "for: unknown word :%s; it knows :when :let :while",
	    val_name_text(word, NULL));
}

static struct node *
comp_level(struct unit *u, struct comp *c, uint32_t at, struct node *acc)
{
	struct scope s, inner;
	struct binds outer = {0}, b = {0};
	struct var *v, *n, *i, *a, *x;
	struct node *coll, *loop, *body = NULL;
	val p;

	if (at >= c->b.n)
		return comp_body(u, c, acc);
	if (val_is_keyword(c->b.item[at]) || at + 1 >= c->b.n)
		return fail(u,
		    "%s: bindings must be pairs of a pattern and a "
		    "collection",
		    val_name_text(c->f->item[0], NULL));
	p = c->b.item[at];
	if ((coll = analyze_at(u, c->b.item[at + 1], c->b.pos[at + 1])) == NULL)
		return NULL;
	scope_open(u, &s);
	v = var_temp(u);
	binds_add(u, &outer, v, call1(u, "%vec", coll));
	n = var_temp(u);
	binds_add(u, &outer, n, call1(u, "count", use(u, v)));
	loop = loop2(u, &i, &a, acc);
	scope_open(u, &inner);
	x = pattern_is_name(p) ? var_new(u, val_name(p)) : var_temp(u);
	binds_add(u, &b, x, call2(u, "nth", use(u, v), use(u, i)));
	if (pattern_is_name(p))
		var_show(u, x);
	if (pattern_is_name(p) || pattern_bind(u, p, c->b.pos[at], x, &b)) {
		body = comp_rest(u, c, at + 2, loop->loop, i, a);
		body = binds_let(u, &b, body);
	}
	scope_close(u, &inner);
	body = if3(u, call2(u, "<", use(u, i), use(u, n)), body, use(u, a));
	u->func->loop = loop->loop->outer;
	scope_close(u, &s);
	if ((loop->kid[2] = body) == NULL)
		return NULL;
	return binds_let(u, &outer, loop);
}

static struct node *
comprehension(struct unit *u, const struct forms *f, bool keep)
{
	struct comp c = {.f = f, .keep = keep};

	if (!val_is_vector(f->item[1]))
		return fail_usage(u, f, "a binding vector is missing");
	if (keep && f->n > 3)
		return fail_usage(u, f, "one body only");
	forms_of(u, f->item[1], &c.b);
	return comp_level(
	    u, &c, 0, node_const(u, keep ? u->no_items : VAL_NIL));
}

struct node *
form_for(struct unit *u, const struct forms *f)
{
	u->no_items = vec_empty(u->heap);
	u->keep = vec_push(u->heap, u->keep, u->no_items);
	return comprehension(u, f, true);
}

struct node *
form_doseq(struct unit *u, const struct forms *f)
{
	return comprehension(u, f, false);
}

struct node *
form_dotimes(struct unit *u, const struct forms *f)
{
	struct scope s;
	struct binds b = {0}, name = {0};
	struct body *body;
	struct forms v;
	struct node *n, *loop;
	struct var *times, *i, *last, *x;
	uint32_t floor = u->func->floor;

	if (!val_is_vector(f->item[1]))
		return fail_usage(u, f, "a binding vector is missing");
	forms_of(u, f->item[1], &v);
	if (v.n != 2 || !pattern_is_name(v.item[0]))
		return fail_usage(u, f, "a name and a count are wanted");
	if ((n = analyze_at(u, v.item[1], v.pos[1])) == NULL)
		return NULL;
	scope_open(u, &s);
	times = var_temp(u);
	binds_add(u, &b, times, n);
	loop = loop2(u, &i, &last, node_const(u, VAL_NIL));
	x = var_new(u, val_name(v.item[0]));
	binds_add(u, &name, x, use(u, i));
	var_show(u, x);
	body = body_open(u);
	n = analyze_body(u, f, 2);
	n = body_close(u, body, n);
	u->func->floor = floor;
	n = binds_let(u, &name, n);
	n = if3(u, call2(u, "<", use(u, i), use(u, times)),
	    again(u, loop->loop, i, n), use(u, last));
	u->func->loop = loop->loop->outer;
	scope_close(u, &s);
	if ((loop->kid[2] = n) == NULL)
		return NULL;
	return binds_let(u, &b, loop);
}

/* (step-loop c body...): while c is true, at most 10,000 times. */
struct node *
loop_while(struct unit *u, const struct forms *f)
{
	struct scope s;
	struct body *body;
	struct node *n, *loop, *test, *over;
	struct var *i, *last;
	uint32_t floor = u->func->floor;

	scope_open(u, &s);
	loop = loop2(u, &i, &last, node_const(u, VAL_NIL));
	test = analyze_at(u, f->item[1], f->pos[1]);
	body = body_open(u);
	n = analyze_body(u, f, 2);
	n = body_close(u, body, n);
	u->func->floor = floor;
	over = node_call(u, "%loop-limit", 0);
	n = if3(u, call2(u, "<", use(u, i), node_const(u, val_fix(10000))),
	    again(u, loop->loop, i, n), over);
	n = if3(u, test, n, use(u, last));
	u->func->loop = loop->loop->outer;
	scope_close(u, &s);
	loop->kid[2] = n;
	return n == NULL ? NULL : loop;
}

/* ---- try ---- */

static bool
is_clause(val form, const char *word)
{
	return val_is_list(form) && form != VAL_NO_ITEMS &&
	    val_is_symbol(list_first(form)) &&
	    strcmp(val_name_text(list_first(form), NULL), word) == 0;
}

/* What a catch names; false: an error. */
static bool
selector(
    struct unit *u, const struct forms *f, struct clause *c, uint32_t *name)
{
	enum errkey which;
	const char *text, *near;
	val s = f->item[1];

	*name = NAME_NONE;
	if (val_is_keyword(s)) {
		c->selector = s;
		return true;
	}
	if (!val_is_symbol(s)) {
		fail(u,
		    "catch: a kind, a class or a name is wanted; usage: "
		    "(catch SELECTOR NAME? BODY...)");
		return false;
	}
	text = val_name_text(s, NULL);
	c->selector = VAL_NIL;
	if (strcmp(text, "_") == 0)
		return true;
	if (!isupper((unsigned char)text[0])) {
		*name = val_name(s);
		return true;
	}
	switch (selector_from(text, &which)) {
	case SELECT_ALL:
		return true;
	case SELECT_UNCATCHABLE:
		fail(u, "catch: %s cannot be caught", text);
		return false;
	case SELECT_UNKNOWN:
		near = selector_nearest(text);
		fail(u, "catch: unknown class %s%s%s%s", text,
		    near == NULL ? "" : "; did you mean ",
		    near == NULL ? "" : near, near == NULL ? "" : "?");
		return false;
	default:
		c->selector = s;
		return true;
	}
}

static bool
catch_clause(struct unit *u, val form, uint32_t pos, struct clause *c)
{
	struct scope s;
	struct forms f;
	struct body *b;
	uint32_t name, at = 2, floor = u->func->floor, saved = u->pos;

	forms_of(u, form, &f);
	if (pos != POS_NONE)
		u->pos = pos;
	if (f.n < 3) {
		fail(u,
		    "catch: something is missing; usage: (catch SELECTOR "
		    "NAME? BODY...)");
		return false;
	}
	if (!selector(u, &f, c, &name))
		return false;
	if (name == NAME_NONE && val_is_symbol(f.item[2]) && f.n > 3) {
		name = val_name(f.item[2]);
		at = 3;
	}
	scope_open(u, &s);
	b = body_open(u);
	if (name != NAME_NONE) {
		c->var = var_new(u, name);
		var_show(u, c->var);
	}
	c->body = analyze_body(u, &f, at);
	c->body = body_close(u, b, c->body);
	u->func->floor = floor;
	scope_close(u, &s);
	u->pos = saved;
	return c->body != NULL;
}

struct node *
form_try(struct unit *u, const struct forms *f)
{
	struct try_info *t = arena_alloc(&u->arena, sizeof(*t));
	struct node *n = node_new(u, N_TRY, 0);
	struct forms body = *f, fin;
	uint32_t i, end;
	bool ok = true;

	n->try = t;
	for (end = 1; end < f->n && !is_clause(f->item[end], "catch") &&
	     !is_clause(f->item[end], "finally");
	     end++)
		;
	if (end == f->n)
		return fail_usage(u, f,
		    "at least one catch or a finally is "
		    "wanted");
	if (u->body != NULL)
		u->body->conditional++;
	body.n = end;
	t->var_from = u->func->nvars;
	t->body = analyze_body(u, &body, 1);
	t->var_to = u->func->nvars;
	t->clauses = arena_alloc(&u->arena, f->n * sizeof(*t->clauses));
	for (i = end; ok && i < f->n && is_clause(f->item[i], "catch"); i++) {
		ok = catch_clause(
		    u, f->item[i], f->pos[i], &t->clauses[t->nclauses++]);
	}
	t->clause_to = u->func->nvars;
	if (ok && i < f->n && is_clause(f->item[i], "finally")) {
		forms_of(u, f->item[i], &fin);
		if (fin.n < 2)
			ok = fail_at(u, f->pos[i],
			         "finally: a body is "
			         "missing") != NULL;
		else
			ok = (t->finally = analyze_body(u, &fin, 1)) != NULL;
		i++;
	}
	if (u->body != NULL)
		u->body->conditional--;
	if (ok && i < f->n)
		return fail_usage(u, f,
		    "nothing but catch clauses, then one "
		    "finally, may follow the body");
	return ok && t->body != NULL ? n : NULL;
}

/* ---- metadata ---- */

/* Keys under :runtime. that nothing here knows: rtfs check warns. */
static void
unknown_options(struct unit *u, val options)
{
	struct map_iter it;
	struct error e;
	uint32_t line, column;
	val k, v, key;

	if (!val_is_map(options))
		return;
	unit_place(u, u->pos, &line, &column);
	for (it = map_iter(options); map_next(&it, &k, &v);) {
		key = k;
		if (task_option_check(&key, v, &e) == 0) {
			diags_add(u->diags, DIAG_WARNING, u->name, line, column,
			    "ParseError",
			    "unknown option :%s is "
			    "ignored",
			    val_name_text(k, NULL));
		}
	}
}

static struct node *
with_options(struct unit *u, val meta, uint32_t meta_pos, val form,
    uint32_t pos, const char *core)
{
	struct node *n, *opts;
	struct forms f;
	struct error e;
	uint32_t i, saved = u->pos;

	forms_of(u, form, &f);
	if (pos != POS_NONE)
		u->pos = pos;
	if (f.n < 2)
		return fail(u, "%s: a capability is missing",
		    val_name_text(f.item[0], NULL));
	if ((opts = analyze_at(u, meta, meta_pos)) == NULL)
		return NULL;
	if (opts->kind == N_CONST && task_options_check(opts->v, &e) == -1)
		return fail(u, "%s", e.msg);
	if (opts->kind == N_CONST && u->diags != NULL)
		unknown_options(u, opts->v);
	if ((n = node_call(u, core, f.n)) == NULL)
		return NULL;
	n->kid[1] = opts;
	for (i = 1; i < f.n; i++) {
		n->kid[i + 1] = analyze_at(u, f.item[i], f.pos[i]);
		if (n->kid[i + 1] == NULL)
			return NULL;
	}
	u->pos = saved;
	return n;
}

struct node *
form_with_meta(struct unit *u, const struct forms *f)
{
	val form = f->item[2], head;

	if (!val_is_map(f->item[1]))
		return fail(u, "metadata must be a map or a keyword");
	if (val_is_list(form) && form != VAL_NO_ITEMS &&
	    val_is_symbol(head = list_first(form)) &&
	    env_find(u, val_name(head)) == NULL) {
		if (strcmp(val_name_text(head, NULL), "task") == 0)
			return with_options(
			    u, f->item[1], f->pos[1], form, f->pos[2], "%task");
		if (strcmp(val_name_text(head, NULL), "call") == 0)
			return with_options(u, f->item[1], f->pos[1], form,
			    f->pos[2], "%call-with");
	}
	return analyze_at(u, form, f->pos[2]);
}
