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

/* A loop over two variables, the second one carried along; the caller puts
 * the body. */
static struct node *
loop2(struct unit *u, struct var **i, struct var **acc, struct node *start)
{
	struct node *n = node_loop(u, 2);
	struct loop *l = n->loop;

	l->vars[0] = *i = var_temp(u);
	l->vars[1] = *acc = var_temp(u);
	(*i)->loop_depth = (*acc)->loop_depth = l->depth;
	n->kid[0] = node_const(u, val_fix(0));
	n->kid[1] = start;
	u->func->loop = l;
	return n;
}

static struct node *
again(struct unit *u, struct loop *l, struct var *i, struct node *acc)
{
	struct node *n = node_new(u, N_RECUR, 2);

	if (acc == NULL)
		return NULL;
	n->loop = l;
	l->nrecur++;
	n->kid[0] = node_call1(u, "inc", node_use(u, i));
	n->kid[1] = acc;
	return n;
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
	binds_add(u, &name, x, node_use(u, i));
	var_show(u, x);
	body = body_open(u);
	n = analyze_body(u, f, 2);
	n = body_close(u, body, n);
	u->func->floor = floor;
	n = binds_let(u, &name, n);
	n = node_if(u, node_call2(u, "<", node_use(u, i), node_use(u, times)),
	    again(u, loop->loop, i, n), node_use(u, last));
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
	n = node_if(u,
	    node_call2(u, "<", node_use(u, i), node_const(u, val_fix(10000))),
	    again(u, loop->loop, i, n), over);
	n = node_if(u, test, n, node_use(u, last));
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
