/*
 * Special forms that take one item of a vector after the other: for, doseq,
 * and %each, which is the prelude's own.
 */
#include "lang/ast.h"
#include "lang/machine.h"
#include "value/name.h"
#include "value/vector.h"

/* ---- iterations ---- */

/* The variable of an iteration over the vector that coll gives. */
static struct var *
iter_new(struct unit *u, struct node *coll, struct node *from, struct binds *b)
{
	struct node *n = node_new(u, N_ITER, 2);
	struct var *v = var_temp(u);
	uint32_t i;

	for (i = 1; i < ITER_REGS; i++)
		var_temp(u); /* their registers follow */
	n->kid[0] = coll;
	n->kid[1] = from;
	binds_add(u, b, v, coll == NULL || from == NULL ? NULL : n);
	return v;
}

static struct node *
node_each(struct unit *u, struct var *iter, struct var *item, struct node *some,
    struct node *none)
{
	struct node *n = node_new(u, N_EACH, 3);

	if (some == NULL || none == NULL)
		return NULL;
	n->var = item;
	n->kid[0] = node_use(u, iter);
	n->kid[1] = some;
	n->kid[2] = none;
	return n;
}

/*
 * (%each [ITEM VECTOR FROM NAME START ...] THEN ELSE): a loop over the
 * variables NAME.  THEN sees the next item of the vector, beginning with that
 * at index FROM, and recurs for one more; ELSE is for when there is none.
 */
struct node *
form_each(struct unit *u, const struct forms *f)
{
	struct binds outer = {0};
	struct node *loop = NULL, *some, *none, *coll, *from;
	struct var *iter, *item;
	struct scope s, inner;
	struct forms b;
	struct loop *l;
	uint32_t i;

	forms_of(u, f->item[1], &b);
	scope_open(u, &s);
	coll = analyze(u, b.item[1]);
	from = analyze(u, b.item[2]);
	iter = iter_new(u, coll, from, &outer);
	loop = node_loop(u, (b.n - 3) / 2);
	l = loop->loop;
	for (i = 0; i < l->nvars; i++) {
		loop->kid[i] = analyze(u, b.item[2 * i + 4]);
		l->vars[i] = var_new(u, val_name(b.item[2 * i + 3]));
		l->vars[i]->loop_depth = l->depth;
		var_show(u, l->vars[i]);
	}
	u->func->loop = l;
	scope_open(u, &inner);
	item = var_new(u, val_name(b.item[0]));
	var_show(u, item);
	some = analyze(u, f->item[2]);
	scope_close(u, &inner);
	none = analyze(u, f->item[3]);
	loop->kid[i] = node_each(u, iter, item, some, none);
	u->func->loop = l->outer;
	scope_close(u, &s);
	return loop->kid[i] == NULL ? NULL : binds_let(u, &outer, loop);
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
	return c->keep ? node_call2(u, "conj", acc, n) : node_do2(u, n, acc);
}

/* The next round, with another value carried along. */
static struct node *
comp_again(struct unit *u, struct loop *l, struct node *acc)
{
	struct node *n = node_new(u, N_RECUR, 1);

	if (acc == NULL)
		return NULL;
	n->loop = l;
	l->nrecur++;
	n->kid[0] = acc;
	return n;
}

/* What follows a binding: modifiers, then the next round. */
static struct node *
comp_rest(struct unit *u, struct comp *c, uint32_t at, struct loop *l)
{
	struct var *acc = l->vars[0];
	struct node *n;
	val word = at < c->b.n ? c->b.item[at] : VAL_NIL;

	if (!val_is_keyword(word)) {
		return comp_again(u, l, comp_level(u, c, at, node_use(u, acc)));
	}
	if (at + 1 >= c->b.n)
		return fail(u, "for: %s needs a form after it",
		    val_name_text(word, NULL));
	if (val_is_key(word, "let")) {
		struct scope sc;
		struct binds b = {0};

		scope_open(u, &sc);
		n = NULL;
		if (bind_vector(u, c->b.item[at + 1], &b))
			n = binds_let(u, &b, comp_rest(u, c, at + 2, l));
		scope_close(u, &sc);
		return n;
	}
	n = analyze_at(u, c->b.item[at + 1], c->b.pos[at + 1]);
	if (n == NULL)
		return NULL;
	if (val_is_key(word, "when")) {
		return node_if(u, n, comp_rest(u, c, at + 2, l),
		    comp_again(u, l, node_use(u, acc)));
	}
	if (val_is_key(word, "while")) {
		return node_if(
		    u, n, comp_rest(u, c, at + 2, l), node_use(u, acc));
	}
	return fail(u, "for: unknown word :%s; it knows :when :let :while",
	    val_name_text(word, NULL));
}

/* A binding of the level, once its collection is a vector: the loop with the
 * value carried along, or NULL. */
static struct node *
comp_loop(struct unit *u, struct comp *c, uint32_t at, struct var *iter,
    struct node *acc)
{
	struct node *loop = node_loop(u, 1), *body = NULL;
	struct loop *l = loop->loop;
	struct scope s;
	struct binds b = {0};
	struct var *x;
	val p = c->b.item[at];

	loop->kid[0] = acc;
	l->vars[0] = var_temp(u);
	l->vars[0]->loop_depth = l->depth;
	u->func->loop = l;
	scope_open(u, &s);
	x = pattern_is_name(p) ? var_new(u, val_name(p)) : var_temp(u);
	if (pattern_is_name(p))
		var_show(u, x);
	if (pattern_is_name(p) || pattern_bind(u, p, c->b.pos[at], x, &b))
		body = binds_let(u, &b, comp_rest(u, c, at + 2, l));
	scope_close(u, &s);
	loop->kid[1] = node_each(u, iter, x, body, node_use(u, l->vars[0]));
	u->func->loop = l->outer;
	return loop->kid[1] == NULL ? NULL : loop;
}

static struct node *
comp_level(struct unit *u, struct comp *c, uint32_t at, struct node *acc)
{
	struct binds outer = {0};
	struct node *coll, *loop;
	struct var *iter;
	struct scope s;

	if (at >= c->b.n)
		return comp_body(u, c, acc);
	if (val_is_keyword(c->b.item[at]) || at + 1 >= c->b.n)
		return fail(u,
		    "%s: bindings must be pairs of a pattern and a "
		    "collection",
		    val_name_text(c->f->item[0], NULL));
	if ((coll = analyze_at(u, c->b.item[at + 1], c->b.pos[at + 1])) == NULL)
		return NULL;
	scope_open(u, &s);
	iter = iter_new(
	    u, node_call1(u, "%vec", coll), node_const(u, val_fix(0)), &outer);
	loop = comp_loop(u, c, at, iter, acc);
	scope_close(u, &s);
	return loop == NULL ? NULL : binds_let(u, &outer, loop);
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
