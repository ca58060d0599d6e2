/*
 * Liveness, backwards over the tree: which use of a variable is its last (the
 * register then gives its reference away, so that assoc and conj find a count
 * of one), and where a variable that one branch does not use must be dropped.
 * Also checks that recur stands in tail position.
 */
#include <string.h>

#include "lang/ast.h"

struct live {
	struct unit *u;
	struct func *f;
	uint32_t nwords;
};

static struct bits *
bits_new(struct live *c)
{
	struct bits *b;

	b = arena_alloc(
	    &c->u->arena, sizeof(*b) + c->nwords * sizeof(uint64_t));
	b->nwords = c->nwords;
	return b;
}

static struct bits *
bits_copy(struct live *c, const struct bits *s)
{
	struct bits *b = bits_new(c);

	memcpy(b->w, s->w, c->nwords * sizeof(uint64_t));
	return b;
}

static void
bits_assign(struct bits *to, const struct bits *from)
{
	memcpy(to->w, from->w, to->nwords * sizeof(uint64_t));
}

static void
bits_or(struct bits *to, const struct bits *from)
{
	uint32_t i;

	for (i = 0; i < to->nwords; i++)
		to->w[i] |= from->w[i];
}

/* a without b; NULL when empty. */
static struct bits *
bits_minus(struct live *c, const struct bits *a, const struct bits *b)
{
	struct bits *d = NULL;
	uint32_t i;

	for (i = 0; i < c->nwords; i++) {
		if ((a->w[i] & ~b->w[i]) == 0)
			continue;
		if (d == NULL)
			d = bits_new(c);
		d->w[i] = a->w[i] & ~b->w[i];
	}
	return d;
}

static void
bits_set(struct bits *b, uint32_t i)
{
	b->w[i / 64] |= UINT64_C(1) << (i % 64);
}

static void
bits_clear(struct bits *b, uint32_t i)
{
	b->w[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

/* Operands that the code generator reads when everything else is there. */
bool
node_is_trivial(const struct node *n)
{
	switch (n->kind) {
	case N_LOCAL:
		return (n->flags & NF_MAYBE) == 0;
	case N_CONST:
	case N_CORE:
		return true;
	default:
		return false;
	}
}

bool
node_reads(const struct node *n, const struct var *v)
{
	uint32_t i;

	if (n == NULL)
		return false;
	if (n->kind == N_LOCAL)
		return n->var == v;
	if (n->kind == N_TRY) {
		if (node_reads(n->try->body, v) ||
		    node_reads(n->try->finally, v))
			return true;
		for (i = 0; i < n->try->nclauses; i++) {
			if (node_reads(n->try->clauses[i].body, v))
				return true;
		}
		return false;
	}
	for (i = 0; i < n->n; i++) {
		if (node_reads(n->kid[i], v))
			return true;
	}
	return false;
}

void
node_reads_all(const struct node *n, struct bits *read)
{
	const struct try_info *t;
	uint32_t i;

	if (n == NULL)
		return;
	if (n->kind == N_LOCAL) {
		bits_set(read, n->var->index);
	} else if (n->kind == N_TRY) {
		t = n->try;
		node_reads_all(t->body, read);
		node_reads_all(t->finally, read);
		for (i = 0; i < t->nclauses; i++)
			node_reads_all(t->clauses[i].body, read);
	} else {
		for (i = 0; i < n->n; i++)
			node_reads_all(n->kid[i], read);
	}
}

static void live(struct live *, struct node *, struct bits *);

/* Kids in the order of the generated code: the plain ones come last. */
static void
live_kids(struct live *c, struct node *n, struct bits *s)
{
	uint32_t i;

	for (i = n->n; i-- > 0;) {
		if (node_is_trivial(n->kid[i]))
			live(c, n->kid[i], s);
	}
	for (i = n->n; i-- > 0;) {
		if (!node_is_trivial(n->kid[i]))
			live(c, n->kid[i], s);
	}
}

/*
 * The order in which recur's arguments are evaluated: as written, plain ones
 * last.  When all that is to be computed is arithmetic, which can only fail in
 * one way, an order in which each result can go straight to its variable.
 */
static void
recur_order(struct live *c, struct node *n)
{
	struct var *const *vars =
	    n->loop != NULL ? n->loop->vars : c->f->params;
	uint32_t i, j, k, m = 0, picked;
	bool arithmetic = n->n <= 16, *taken;

	n->order = arena_alloc(&c->u->arena, (n->n + 1) * sizeof(uint32_t));
	taken = arena_alloc(&c->u->arena, n->n + 1);
	for (i = 0; i < n->n; i++) {
		if (!node_is_trivial(n->kid[i])) {
			n->order[m++] = i;
			arithmetic =
			    arithmetic && node_is_arithmetic(c->u, n->kid[i]);
		}
	}
	for (i = 0, k = m; i < n->n; i++) {
		if (node_is_trivial(n->kid[i]))
			n->order[k++] = i;
	}
	for (k = 0; arithmetic && k < m; k++) {
		picked = n->n;
		for (i = 0; i < n->n && picked == n->n; i++) {
			if (taken[i] || node_is_trivial(n->kid[i]))
				continue;
			for (j = 0; j < n->n; j++) {
				if (j != i && !taken[j] &&
				    node_reads(n->kid[j], vars[i]))
					break;
			}
			if (j == n->n)
				picked = i;
		}
		for (i = 0; picked == n->n; i++) {
			if (!taken[i] && !node_is_trivial(n->kid[i]))
				picked = i;
		}
		taken[picked] = true;
		n->order[k] = picked;
	}
}

/* A variable gets its value here: unused ones are marked. */
static void
live_bind(struct var *v, struct bits *s)
{
	if (!bits_test(s, v->index)) {
		v->dead = true;
		return;
	}
	bits_clear(s, v->index);
}

static void
live_if(struct live *c, struct node *n, struct bits *s)
{
	struct bits *no = bits_copy(c, s);

	n->drops = arena_alloc(&c->u->arena, 2 * sizeof(struct bits *));
	live(c, n->kid[1], s);
	live(c, n->kid[2], no);
	n->drops[0] = bits_minus(c, no, s);
	n->drops[1] = bits_minus(c, s, no);
	bits_or(s, no);
	live(c, n->kid[0], s);
}

/* The iteration itself is used by every round, by nobody else. */
static void
live_each(struct live *c, struct node *n, struct bits *s)
{
	struct bits *none = bits_copy(c, s), *all;

	n->drops = arena_alloc(&c->u->arena, 2 * sizeof(struct bits *));
	live(c, n->kid[1], s);
	live_bind(n->var, s);
	live(c, n->kid[2], none);
	all = bits_copy(c, s);
	bits_or(all, none);
	bits_set(all, n->kid[0]->var->index);
	n->drops[0] = bits_minus(c, all, s);
	n->drops[1] = bits_minus(c, all, none);
	bits_assign(s, all);
}

static void
live_and_or(struct live *c, struct node *n, struct bits *s)
{
	struct bits *out = bits_copy(c, s);
	uint32_t i;

	n->drops = arena_alloc(&c->u->arena, n->n * sizeof(struct bits *));
	for (i = n->n; i-- > 0;) {
		if (i + 1 < n->n) {
			n->drops[i] = bits_minus(c, s, out);
			bits_or(s, out);
		}
		live(c, n->kid[i], s);
	}
}

static void
live_loop(struct live *c, struct node *n, struct bits *s)
{
	struct loop *l = n->loop;
	uint32_t i;

	l->live = bits_copy(c, s);
	for (i = 0; i < l->nused; i++)
		bits_set(l->live, l->used[i]->index);
	live(c, n->kid[n->n - 1], s);
	if (l->nrecur > 0)
		bits_or(s, l->live);
	for (i = n->n - 1; i-- > 0;) {
		live_bind(l->vars[i], s);
		live(c, n->kid[i], s);
	}
}

static void
live_try(struct live *c, struct node *n, struct bits *s)
{
	struct try_info *t = n->try;
	struct bits *after, *handlers, *one, *all;
	uint32_t i;

	if (t->finally != NULL)
		live(c, t->finally, s);
	after = bits_copy(c, s);
	handlers = t->finally != NULL ? bits_copy(c, after) : bits_new(c);
	for (i = 0; i < t->nclauses; i++) {
		one = bits_copy(c, after);
		live(c, t->clauses[i].body, one);
		if (t->clauses[i].var != NULL)
			live_bind(t->clauses[i].var, one);
		t->clauses[i].drops = one;
		bits_or(handlers, one);
	}
	for (i = 0; i < t->nclauses; i++) {
		t->clauses[i].drops =
		    bits_minus(c, handlers, t->clauses[i].drops);
	}
	bits_or(s, handlers);
	t->normal_drops = bits_minus(c, handlers, after);
	live(c, t->body, s);
	/* When something is thrown: whatever may still be held and no handler
	 * wants. */
	all = bits_copy(c, s);
	for (i = t->var_from; i < t->var_to; i++)
		bits_set(all, i);
	t->handler_drops = bits_minus(c, all, handlers);
	for (i = t->var_to; i < t->clause_to; i++)
		bits_set(all, i);
	t->finally_drops = bits_minus(c, all, after);
}

static void
live(struct live *c, struct node *n, struct bits *s)
{
	uint32_t i;

	switch (n->kind) {
	case N_LOCAL:
		if (!bits_test(s, n->var->index)) {
			n->flags |= NF_LAST;
			bits_set(s, n->var->index);
		}
		break;
	case N_IF:
		live_if(c, n, s);
		break;
	case N_EACH:
		live_each(c, n, s);
		break;
	case N_AND:
	case N_OR:
		live_and_or(c, n, s);
		break;
	case N_DO:
		for (i = n->n; i-- > 0;)
			live(c, n->kid[i], s);
		break;
	case N_LET:
		live(c, n->kid[n->n - 1], s);
		for (i = n->n - 1; i-- > 0;) {
			if (n->vars[i] != NULL)
				live_bind(n->vars[i], s);
			live(c, n->kid[i], s);
		}
		break;
	case N_SET:
		live_bind(n->var, s);
		live(c, n->kid[0], s);
		break;
	case N_UNBIND:
		for (i = 0; i < n->index; i++)
			bits_clear(s, n->vars[i]->index);
		break;
	case N_LOOP:
		live_loop(c, n, s);
		break;
	case N_RECUR:
		if (n->loop != NULL)
			bits_assign(s, n->loop->live);
		else
			memset(s->w, 0, s->nwords * sizeof(uint64_t));
		recur_order(c, n);
		for (i = n->n; i-- > 0;)
			live(c, n->kid[n->order[i]], s);
		break;
	case N_TRY:
		live_try(c, n, s);
		break;
	case N_ALT:
		n->live = bits_copy(c, s);
		live(c, n->kid[1], n->live);
		live(c, n->kid[0], s);
		break;
	case N_FAIL:
		bits_assign(s, n->alt->live);
		break;
	default:
		live_kids(c, n, s);
		break;
	}
}

/* ---- recur ---- */

static void tails(struct unit *, struct node *, bool tail);

static void
tails_kids(struct unit *u, struct node *n, uint32_t from, uint32_t to)
{
	for (; from < to; from++)
		tails(u, n->kid[from], false);
}

static void
tails(struct unit *u, struct node *n, bool tail)
{
	struct try_info *t;
	uint32_t i;

	switch (n->kind) {
	case N_RECUR:
		if (!tail) {
			fail_at(u, n->pos,
			    "recur must be the last thing that "
			    "its loop or function does, and not across a "
			    "try");
		}
		tails_kids(u, n, 0, n->n);
		break;
	case N_IF:
	case N_EACH:
		tails(u, n->kid[0], false);
		tails(u, n->kid[1], tail);
		tails(u, n->kid[2], tail);
		break;
	case N_ALT:
		tails(u, n->kid[0], tail);
		tails(u, n->kid[1], tail);
		break;
	case N_AND:
	case N_OR:
	case N_DO:
	case N_LET:
		tails_kids(u, n, 0, n->n - 1);
		tails(u, n->kid[n->n - 1], tail);
		break;
	case N_LOOP:
		tails_kids(u, n, 0, n->n - 1);
		tails(u, n->kid[n->n - 1], true);
		break;
	case N_TRY:
		t = n->try;
		tails(u, t->body, false);
		for (i = 0; i < t->nclauses; i++)
			tails(u, t->clauses[i].body, false);
		if (t->finally != NULL)
			tails(u, t->finally, false);
		break;
	default:
		tails_kids(u, n, 0, n->n);
		break;
	}
}

void
live_func(struct unit *u, struct func *f)
{
	struct live c = {u, f, (f->nvars + 63) / 64 + 1};
	struct bits *s;
	uint32_t i;

	tails(u, f->body, true);
	if (u->failed)
		return;
	s = bits_new(&c);
	live(&c, f->body, s);
	for (i = 0; i < f->nparams; i++)
		live_bind(f->params[i], s);
}
