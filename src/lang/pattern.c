/*
 * Patterns: lenient ones (let, fn, loop, for, doseq), which bind what they
 * find and nil for the rest, and those of match, which test.
 */
#include <string.h>

#include "lang/ast.h"
#include "lang/machine.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/string.h"
#include "value/vector.h"

static bool
is_symbol_text(val v, const char *text)
{
	return val_is_symbol(v) && strcmp(val_name_text(v, NULL), text) == 0;
}

bool
pattern_is_name(val p)
{
	return val_is_symbol(p) && !is_symbol_text(p, "&") && !is_colon(p);
}

static bool
is_literal_key(val v)
{
	return val_is_keyword(v) || val_is_string(v) || val_is_int(v) ||
	    v == VAL_TRUE || v == VAL_FALSE || v == VAL_NIL;
}

/* What a pattern leads to: bindings, and (match only) tests. */
struct steps {
	struct unit *u;
	struct binds b; /* vars[i] NULL and is_test: a test */
	bool *is_test;
	uint32_t cap;
	bool testing;
	bool lenient_inside;
};

static void
step_add(struct steps *s, struct var *v, struct node *n, bool test)
{
	bool *grown;

	if (s->b.n == s->cap) {
		s->cap = s->cap == 0 ? 8 : s->cap * 2;
		grown = arena_alloc(&s->u->arena, s->cap);
		if (s->b.n > 0)
			memcpy(grown, s->is_test, s->b.n);
		s->is_test = grown;
	}
	s->is_test[s->b.n] = test;
	binds_add(s->u, &s->b, v, n);
}

static bool pattern_steps(struct steps *, val p, uint32_t pos, struct var *);

/* Bind the value that init gives to a sub-pattern. */
static bool
sub_pattern(struct steps *s, val p, uint32_t pos, struct node *init)
{
	struct unit *u = s->u;
	struct var *v;

	if (init == NULL)
		return false;
	if (is_symbol_text(p, "_"))
		return true;
	v = pattern_is_name(p) ? var_new(u, val_name(p)) : var_temp(u);
	step_add(s, v, init, false);
	return pattern_steps(s, p, pos, v);
}

static bool
vector_steps(struct steps *s, val p, uint32_t pos, struct var *v)
{
	struct unit *u = s->u;
	struct forms f;
	uint32_t i, fixed, end, rest_at = 0, as_at = 0;

	forms_of(u, p, &f);
	for (fixed = 0; fixed < f.n && !is_symbol_text(f.item[fixed], "&") &&
	     !val_is_key(f.item[fixed], "as");
	     fixed++)
		;
	end = fixed;
	if (end < f.n && is_symbol_text(f.item[end], "&")) {
		if (end + 1 >= f.n) {
			fail_at(u, pos, "& needs one pattern after it");
			return false;
		}
		rest_at = end + 1;
		end += 2;
	}
	if (end < f.n && val_is_key(f.item[end], "as")) {
		if (end + 1 >= f.n || !pattern_is_name(f.item[end + 1])) {
			fail_at(u, pos, ":as needs a name");
			return false;
		}
		as_at = end + 1;
		end += 2;
	}
	if (end < f.n) {
		fail_at(u, pos,
		    "a vector pattern ends with & REST and :as "
		    "NAME; something follows");
		return false;
	}
	if (s->testing) {
		step_add(s, NULL,
		    node_op(u, rest_at ? OP_ISVECN : OP_ISVEC, node_local(u, v),
		        fixed, VAL_NIL),
		    true);
	} else {
		step_add(s, NULL, node_op(u, OP_CHKVEC, node_local(u, v), 0, p),
		    false);
	}
	if (as_at != 0 && !sub_pattern(s, f.item[as_at], pos, node_local(u, v)))
		return false;
	for (i = 0; i < fixed; i++) {
		if (!sub_pattern(s, f.item[i],
		        f.pos[i] == POS_NONE ? pos : f.pos[i],
		        node_op(u, OP_NTHX, node_local(u, v), i, VAL_NIL)))
			return false;
	}
	return rest_at == 0 ||
	    sub_pattern(s, f.item[rest_at], pos,
	        node_op(u, OP_RESTX, node_local(u, v), fixed, VAL_NIL));
}

/* ---- maps ---- */

struct keys { /* keys that the pattern names */
	val *item;
	uint32_t n;
};

/* The default of :or for a name, or VAL_UNBOUND. */
static val
default_of(val defaults, val name)
{
	struct map_iter it;
	val k, v;

	if (defaults == VAL_NIL)
		return VAL_UNBOUND;
	it = map_iter(defaults);
	while (map_next(&it, &k, &v)) {
		if (k == name ||
		    (val_is_keyword(k) && val_name(k) == val_name(name)))
			return v;
	}
	return VAL_UNBOUND;
}

static bool
bind_key(struct steps *s, val pat, uint32_t pos, struct var *m, val key,
    val defaults)
{
	struct unit *u = s->u;
	struct node *n, *c;
	struct var *t;
	val d = VAL_UNBOUND;

	if (val_is_symbol(pat))
		d = default_of(defaults, pat);
	if (d == VAL_UNBOUND) {
		if (s->testing) {
			step_add(s, NULL,
			    node_op(u, OP_HASKEY, node_local(u, m), 0, key),
			    true);
		}
		return sub_pattern(
		    s, pat, pos, node_op(u, OP_GETX, node_local(u, m), 0, key));
	}
	t = var_temp(u);
	step_add(s, t, node_op(u, OP_FINDX, node_local(u, m), 0, key), false);
	n = node_new(u, N_IF, 3);
	c = node_local(u, t);
	n->kid[0] = node_op(u, OP_ISBOUND, c, 0, VAL_NIL);
	n->kid[1] = node_local(u, t);
	if ((n->kid[2] = analyze_at(u, d, pos)) == NULL)
		return false;
	return sub_pattern(s, pat, pos, n);
}

static bool
bind_keys(struct steps *s, val names, uint32_t pos, struct var *m, bool strings,
    val defaults, struct keys *seen)
{
	struct unit *u = s->u;
	struct forms f;
	uint32_t i;
	val key, name;
	size_t len;
	const char *text;

	if (!val_is_vector(names)) {
		fail_at(u, pos, "%s needs a vector of names",
		    strings ? ":strs" : ":keys");
		return false;
	}
	forms_of(u, names, &f);
	for (i = 0; i < f.n; i++) {
		name = f.item[i];
		if (val_is_keyword(name))
			name = val_symbol(val_name(name));
		if (!pattern_is_name(name)) {
			fail_at(u, f.pos[i], "%s needs a vector of names",
			    strings ? ":strs" : ":keys");
			return false;
		}
		if (strings) {
			text = val_name_text(name, &len);
			key = str_new(u->heap, text, len);
			u->keep = vec_push(u->heap, u->keep, key);
		} else {
			key = val_keyword(val_name(name));
		}
		seen->item[seen->n++] = key;
		if (!bind_key(s, name, f.pos[i] == POS_NONE ? pos : f.pos[i], m,
		        key, defaults))
			return false;
	}
	return true;
}

static size_t
keys_bound(val p)
{
	struct map_iter it = map_iter(p);
	size_t n = map_count(p);
	val k, v;

	while (map_next(&it, &k, &v)) {
		if (val_is_vector(v))
			n += vec_count(v);
	}
	return n;
}

static bool
map_entry(struct steps *s, val k, val v, uint32_t pos, struct var *m,
    val defaults, struct keys *seen)
{
	struct unit *u = s->u;
	val key, pat;

	if (is_literal_key(k)) {
		key = k;
		pat = v;
		if (!s->testing && is_literal_key(pat)) {
			fail_at(u, pos,
			    "a map pattern needs a name for "
			    "each key");
			return false;
		}
	} else if (is_literal_key(v)) {
		key = v;
		pat = k;
	} else {
		fail_at(u, pos, "a map pattern needs a literal key");
		return false;
	}
	seen->item[seen->n++] = key;
	return bind_key(s, pat, pos, m, key, defaults);
}

static bool
map_rest(struct steps *s, val pat, uint32_t pos, struct var *m,
    const struct keys *seen)
{
	struct unit *u = s->u;
	struct node *n = node_call(u, "dissoc", seen->n + 1);
	uint32_t i;

	if (n == NULL)
		return false;
	n->kid[1] = node_local(u, m);
	for (i = 0; i < seen->n; i++)
		n->kid[i + 2] = node_const(u, seen->item[i]);
	return sub_pattern(s, pat, pos, n);
}

static bool
map_steps(struct steps *s, val p, uint32_t pos, struct var *m)
{
	struct unit *u = s->u;
	struct map_iter it;
	struct keys seen;
	val k, v, as = VAL_UNBOUND, rest = VAL_UNBOUND, defaults = VAL_NIL;

	seen.item = arena_alloc(&u->arena, (keys_bound(p) + 1) * sizeof(val));
	seen.n = 0;
	if (s->testing) {
		step_add(s, NULL,
		    node_op(u, OP_ISMAP, node_local(u, m), 0, VAL_NIL), true);
	} else {
		step_add(s, NULL, node_op(u, OP_CHKMAP, node_local(u, m), 0, p),
		    false);
	}
	for (it = map_iter(p); map_next(&it, &k, &v);) {
		if (val_is_key(k, "or"))
			defaults = v;
		else if (val_is_key(k, "as"))
			as = v;
		else if (is_symbol_text(k, "&"))
			rest = v;
	}
	if ((defaults != VAL_NIL && !val_is_map(defaults)) ||
	    (as != VAL_UNBOUND && !pattern_is_name(as))) {
		fail_at(u, pos, ":or needs a map of defaults, :as a name");
		return false;
	}
	if (as != VAL_UNBOUND && !sub_pattern(s, as, pos, node_local(u, m)))
		return false;
	for (it = map_iter(p); map_next(&it, &k, &v);) {
		if (val_is_key(k, "keys") || val_is_key(k, "strs")) {
			if (!bind_keys(s, v, pos, m, val_is_key(k, "strs"),
			        defaults, &seen))
				return false;
		}
	}
	for (it = map_iter(p); map_next(&it, &k, &v);) {
		if (val_is_key(k, "keys") || val_is_key(k, "strs") ||
		    val_is_key(k, "or") || val_is_key(k, "as") ||
		    is_symbol_text(k, "&"))
			continue;
		if (!map_entry(s, k, v, pos, m, defaults, &seen))
			return false;
	}
	return rest == VAL_UNBOUND || map_rest(s, rest, pos, m, &seen);
}

/* ---- literals and types, in match ---- */

static bool
test_literal(struct steps *s, val literal, struct var *v)
{
	struct unit *u = s->u;
	struct node *n = node_call(u, "=", 2);

	if (n == NULL)
		return false;
	n->kid[1] = node_local(u, v);
	n->kid[2] = node_const(u, literal);
	step_add(s, NULL, n, true);
	return true;
}

static bool
list_steps(struct steps *s, val p, uint32_t pos, struct var *v)
{
	struct unit *u = s->u;
	struct node *n;
	struct type *t;

	if (p == VAL_NO_ITEMS)
		return test_literal(s, p, v);
	if (list_count(p) == 2 && is_symbol_text(list_first(p), "quote"))
		return test_literal(s, list_nth(p, 1), v);
	if (list_count(p) != 2) {
		fail_at(u, pos, "a list pattern is (TYPE PATTERN) or 'form");
		return false;
	}
	if ((t = type_at(u, list_first(p), pos)) == NULL)
		return false;
	n = node_op(u, OP_ISTYPE, node_local(u, v), 0, VAL_NIL);
	n->type = t;
	n->form = list_first(p);
	step_add(s, NULL, n, true);
	return pattern_steps(s, list_nth(p, 1), pos, v);
}

static bool
pattern_steps(struct steps *s, val p, uint32_t pos, struct var *v)
{
	struct unit *u = s->u;
	bool ok;

	if (u->depth >= MAX_TREE) {
		fail_at(u, pos, "nested deeper than %d levels", MAX_TREE);
		return false;
	}
	if (is_symbol_text(p, "&") || is_colon(p)) {
		fail_at(u, pos, "%s stands only inside a pattern",
		    val_name_text(p, NULL));
		return false;
	}
	if (val_is_symbol(p)) {
		if (v->name != val_name(p)) {
			struct var *w = var_new(u, val_name(p));

			step_add(s, w, node_local(u, v), false);
			v = w;
		}
		var_show(u, v);
		return true;
	}
	u->depth++;
	if (val_is_vector(p)) {
		ok = vector_steps(s, p, pos, v);
	} else if (val_is_map(p)) {
		ok = map_steps(s, p, pos, v);
	} else if (!s->testing) {
		fail_at(u, pos,
		    "not a pattern: a name, a vector or a map is "
		    "wanted");
		ok = false;
	} else if (val_is_list(p)) {
		ok = list_steps(s, p, pos, v);
	} else {
		ok = test_literal(s, p, v);
	}
	u->depth--;
	return ok;
}

bool
pattern_bind(
    struct unit *u, val p, uint32_t pos, struct var *v, struct binds *b)
{
	struct steps s = {.u = u};
	uint32_t i;

	if (!pattern_steps(&s, p, pos, v))
		return false;
	for (i = 0; i < s.b.n; i++)
		binds_add(u, b, s.b.vars[i], s.b.inits[i]);
	return true;
}

/* Steps from i on, then the body: bindings nest as let, tests as if. */
static struct node *
steps_fold(struct steps *s, struct node *body, struct node *alt)
{
	struct unit *u = s->u;
	struct binds b;
	struct node *n;
	uint32_t i, j;

	for (i = s->b.n; body != NULL && i > 0; i = j) {
		if (s->is_test[i - 1]) {
			j = i - 1;
			n = node_new(u, N_IF, 3);
			n->kid[0] = s->b.inits[j];
			n->kid[1] = body;
			n->kid[2] = node_new(u, N_FAIL, 0);
			n->kid[2]->alt = alt;
			body = n;
			continue;
		}
		for (j = i; j > 0 && !s->is_test[j - 1]; j--)
			;
		memset(&b, 0, sizeof(b));
		b.vars = s->b.vars + j;
		b.inits = s->b.inits + j;
		b.n = i - j;
		body = binds_let(u, &b, body);
	}
	return body;
}

/* One clause; alt gets the rest of the clauses as its second part. */
static struct node *
clause(struct unit *u, const struct forms *f, uint32_t *i, struct var *v,
    struct node *alt, bool *tests)
{
	struct steps s = {.u = u, .testing = true};
	struct scope scope;
	struct body *b;
	struct node *guard, *body = NULL;
	uint32_t floor = u->func->floor, at = *i, k;

	scope_open(u, &scope);
	b = body_open(u);
	if (!pattern_steps(&s, f->item[at],
	        f->pos[at] == POS_NONE ? u->pos : f->pos[at], v))
		goto done;
	at++;
	if (at + 2 < f->n && is_symbol_text(f->item[at], "when")) {
		guard = analyze_at(u, f->item[at + 1], f->pos[at + 1]);
		if (guard == NULL)
			goto done;
		step_add(&s, NULL, guard, true);
		at += 2;
	}
	if (at >= f->n) {
		fail(u,
		    "match: a pattern has no body; usage: (match E PATTERN "
		    "BODY ...)");
		goto done;
	}
	body = analyze_at(u, f->item[at], f->pos[at]);
	*i = at + 1;
	for (k = 0; k < s.b.n; k++)
		*tests |= s.is_test[k];
	body = steps_fold(&s, body, alt);
done:
	body = body_close(u, b, body);
	u->func->floor = floor;
	scope_close(u, &scope);
	return body;
}

struct node *
form_match(struct unit *u, const struct forms *f)
{
	struct scope s;
	struct binds b = {0};
	struct node *e, *out = NULL, **link = &out, *alt, *first;
	struct var *t;
	uint32_t i, n = 0;
	bool tests = true;

	if ((e = analyze_at(u, f->item[1], f->pos[1])) == NULL)
		return NULL;
	scope_open(u, &s);
	t = var_temp(u);
	binds_add(u, &b, t, e);
	for (i = 2; i < f->n && tests; n++) {
		if (n >= MAX_TREE / 2) {
			fail(u, "match: more than %d clauses", MAX_TREE / 2);
			break;
		}
		tests = false;
		alt = node_new(u, N_ALT, 2);
		if ((first = clause(u, f, &i, t, alt, &tests)) == NULL)
			break;
		if (!tests) {
			*link = first; /* takes everything */
			link = NULL;
			break;
		}
		alt->kid[0] = first;
		*link = alt;
		link = &alt->kid[1];
	}
	/* Clauses after one that takes everything are still checked. */
	for (; !u->failed && i < f->n && link == NULL;) {
		alt = node_new(u, N_ALT, 2);
		if (clause(u, f, &i, t, alt, &tests) == NULL)
			break;
	}
	if (link != NULL)
		*link = node_op(
		    u, OP_NOMATCH, node_local(u, t), 0, symbol_from("match"));
	scope_close(u, &s);
	return u->failed ? NULL : binds_let(u, &b, out);
}
