/*
 * The predicates of [:and T pred ...].  One table: name, what arguments it
 * takes, what it asks.
 */
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "value/equal.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/type_impl.h"
#include "value/vector.h"

#define SHOWN_FORM  60      /* bytes of a form in a message */
#define MATCH_LIMIT 1000000 /* steps of one match */
#define DEPTH_LIMIT 10000
#define HEAP_LIMIT  20000 /* KiB of one match */

enum pred_arg {
	ARG_NONE,
	ARG_NUMBER,
	ARG_TWO_NUMBERS,
	ARG_COUNT, /* an integer >= 0 */
	ARG_TEXT,  /* a pattern */
	ARG_ANY,
	ARG_KEYS, /* any number, or one vector of them */
};

enum pred_op {
	OP_MORE,
	OP_MORE_EQUAL,
	OP_LESS,
	OP_LESS_EQUAL,
	OP_EQUAL,
	OP_NOT_EQUAL,
	OP_IN_RANGE,
	OP_MIN_LENGTH,
	OP_MAX_LENGTH,
	OP_LENGTH,
	OP_MATCHES,
	OP_MIN_COUNT,
	OP_MAX_COUNT,
	OP_COUNT,
	OP_NON_EMPTY,
	OP_HAS_KEY,
	OP_REQUIRED_KEYS,
	OP_URL,
	OP_EMAIL,
};

static const struct row {
	const char *name;
	enum pred_arg arg;
	enum pred_op op;
} table[] = {
    {">",             ARG_NUMBER,      OP_MORE         },
    {">=",            ARG_NUMBER,      OP_MORE_EQUAL   },
    {"<",             ARG_NUMBER,      OP_LESS         },
    {"<=",            ARG_NUMBER,      OP_LESS_EQUAL   },
    {"=",             ARG_ANY,         OP_EQUAL        },
    {"!=",            ARG_ANY,         OP_NOT_EQUAL    },
    {"in-range",      ARG_TWO_NUMBERS, OP_IN_RANGE     },
    {"min-length",    ARG_COUNT,       OP_MIN_LENGTH   },
    {"max-length",    ARG_COUNT,       OP_MAX_LENGTH   },
    {"length",        ARG_COUNT,       OP_LENGTH       },
    {"matches-regex", ARG_TEXT,        OP_MATCHES      },
    {"min-count",     ARG_COUNT,       OP_MIN_COUNT    },
    {"max-count",     ARG_COUNT,       OP_MAX_COUNT    },
    {"count",         ARG_COUNT,       OP_COUNT        },
    {"non-empty",     ARG_NONE,        OP_NON_EMPTY    },
    {"has-key",       ARG_ANY,         OP_HAS_KEY      },
    {"required-keys", ARG_KEYS,        OP_REQUIRED_KEYS},
    {"is-url",        ARG_NONE,        OP_URL          },
    {"is-email",      ARG_NONE,        OP_EMAIL        },
};

struct pred {
	const struct row *row;
	size_t n;
	val *arg; /* kept by the type */
	pcre2_code *code;
	pcre2_match_context *limits;
	pcre2_match_data *match;
};

void
pred_free(struct pred *p)
{
	if (p == NULL)
		return;
	pcre2_code_free(p->code);
	pcre2_match_context_free(p->limits);
	pcre2_match_data_free(p->match);
	free(p->arg);
	free(p);
}

static void
bad(struct type_maker *m, val form, const char *why)
{
	struct buf shown = BUF_INIT;

	print_short(&shown, form, SHOWN_FORM);
	error_set(
	    m->e, EK_ARGUMENT, "bad predicate %s: %s", buf_str(&shown), why);
	buf_free(&shown);
}

static const struct row *
find_row(struct type_maker *m, val form, val head)
{
	struct buf why = BUF_INIT;
	struct nearest near;
	size_t i;

	if (!val_is_keyword(head)) {
		bad(m, form, "write [:> 0], :non-empty and so on");
		return NULL;
	}
	nearest_init(&near, val_name_text(head, NULL));
	for (i = 0; i < NITEMS(table); i++) {
		if (val_is_key(head, table[i].name))
			return &table[i];
		nearest_offer(&near, table[i].name);
	}
	buf_adds(&why, "there is no such predicate");
	if (near.best != NULL)
		buf_addf(&why, "; did you mean :%s?", near.best);
	bad(m, form, buf_str(&why));
	buf_free(&why);
	return NULL;
}

static int
compile(struct type_maker *m, struct pred *p, val form)
{
	struct buf why = BUF_INIT;
	size_t len, offset;
	const char *text = str_bytes(p->arg[0], &len);
	unsigned char msg[128];
	int code;

	p->code = pcre2_compile((PCRE2_SPTR)text, len,
	    PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &offset,
	    NULL);
	if (p->code == NULL) {
		pcre2_get_error_message(code, msg, sizeof(msg));
		buf_addf(&why, "%s at offset %zu", (const char *)msg, offset);
		bad(m, form, buf_str(&why));
		buf_free(&why);
		return -1;
	}
	p->match = pcre2_match_data_create(1, NULL);
	p->limits = pcre2_match_context_create(NULL);
	if (p->match == NULL || p->limits == NULL) {
		bad(m, form, "out of memory");
		return -1;
	}
	pcre2_set_match_limit(p->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(p->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(p->limits, HEAP_LIMIT);
	return 0;
}

static bool
is_count(val v)
{
	return val_is_fix(v) && val_unfix(v) >= 0;
}

/* NULL: the arguments are as the table says. */
static const char *
wrong_args(const struct pred *p)
{
	switch (p->row->arg) {
	case ARG_NONE:
		return p->n == 0 ? NULL : "it takes no argument";
	case ARG_NUMBER:
		return p->n == 1 && num_is(p->arg[0]) ? NULL :
		                                        "it takes one number";
	case ARG_TWO_NUMBERS:
		return p->n == 2 && num_is(p->arg[0]) && num_is(p->arg[1]) ?
		    NULL :
		    "it takes two numbers";
	case ARG_COUNT:
		return p->n == 1 && is_count(p->arg[0]) ?
		    NULL :
		    "it takes one integer, zero or more";
	case ARG_TEXT:
		return p->n == 1 && val_is_string(p->arg[0]) ?
		    NULL :
		    "it takes one string";
	case ARG_ANY:
		return p->n == 1 ? NULL : "it takes one value";
	default:
		return p->n > 0 ? NULL : "it takes keys";
	}
}

static int
take_args(struct type_maker *m, struct pred *p, val form)
{
	size_t i, from = 1;
	val args = form, x;

	if (!val_is_vector(form))
		return 0;
	if (p->row->arg == ARG_KEYS && vec_count(form) == 2 &&
	    val_is_vector(vec_get(form, 1))) {
		args = vec_get(form, 1);
		from = 0;
	}
	p->n = vec_count(args) - from;
	p->arg = xcalloc(p->n + 1, sizeof(val));
	for (i = 0; i < p->n; i++) {
		if (!type_literal(vec_get(args, from + i), &x)) {
			bad(m, form, "literal values only");
			return -1;
		}
		p->arg[i] = type_keep(m, x);
	}
	return 0;
}

struct pred *
pred_new(struct type_maker *m, val form)
{
	const struct row *row;
	struct pred *p;
	const char *why;
	val head = form;

	if (val_is_vector(form))
		head = vec_count(form) > 0 ? vec_get(form, 0) : VAL_NIL;
	if ((row = find_row(m, form, head)) == NULL)
		return NULL;
	p = xcalloc(1, sizeof(*p));
	p->row = row;
	if (take_args(m, p, form) == -1)
		goto fail;
	if ((why = wrong_args(p)) != NULL) {
		bad(m, form, why);
		goto fail;
	}
	if (row->op == OP_MATCHES && compile(m, p, form) == -1)
		goto fail;
	return p;
fail:
	pred_free(p);
	return NULL;
}

void
pred_format(const struct pred *p, struct buf *out)
{
	size_t i;

	if (p->n == 0) {
		buf_addf(out, ":%s", p->row->name);
		return;
	}
	buf_addf(out, "[:%s", p->row->name);
	for (i = 0; i < p->n; i++) {
		buf_addc(out, ' ');
		print_readable(out, p->arg[i]);
	}
	buf_addc(out, ']');
}

/* Elements or characters; false: v has no size. */
static bool
size_of(val v, int64_t *n)
{
	switch (val_type(v)) {
	case T_STRING:
		*n = (int64_t)str_count(v);
		return true;
	case T_LIST:
		*n = (int64_t)list_count(v);
		return true;
	case T_VECTOR:
		*n = (int64_t)vec_count(v);
		return true;
	case T_MAP:
		*n = (int64_t)map_count(v);
		return true;
	default:
		return false;
	}
}

static bool
matches(const struct pred *p, val v)
{
	size_t len;
	const char *text;

	if (!val_is_string(v))
		return false;
	text = str_bytes(v, &len);
	return pcre2_match(p->code, (PCRE2_SPTR)text, len, 0,
	           PCRE2_NO_UTF_CHECK, p->match, p->limits) >= 0;
}

static bool
is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

/* scheme://something without blanks. */
static bool
is_url(val v)
{
	size_t i, n, scheme = 0;
	const char *p;

	if (!val_is_string(v))
		return false;
	p = str_bytes(v, &n);
	while (scheme < n &&
	    strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	           "0123456789+.-",
	        p[scheme]) != NULL &&
	    p[scheme] != '\0')
		scheme++;
	if (scheme == 0 || strchr("0123456789+.-", p[0]) != NULL ||
	    n - scheme < 4 || memcmp(p + scheme, "://", 3) != 0 ||
	    p[scheme + 3] == '/')
		return false;
	for (i = 0; i < n; i++) {
		if (is_blank(p[i]))
			return false;
	}
	return true;
}

/* local@domain.tld, nothing cleverer. */
static bool
is_email(val v)
{
	const char *p, *at, *domain, *dot;
	size_t i, n, rest;

	if (!val_is_string(v))
		return false;
	p = str_bytes(v, &n);
	for (i = 0; i < n; i++) {
		if (is_blank(p[i]))
			return false;
	}
	if ((at = memchr(p, '@', n)) == NULL || at == p)
		return false;
	domain = at + 1;
	rest = n - (size_t)(domain - p);
	dot = memchr(domain, '.', rest);
	return memchr(domain, '@', rest) == NULL && dot != NULL &&
	    dot != domain && p[n - 1] != '.' &&
	    memmem(domain, rest, "..", 2) == NULL;
}

static bool
has_keys(const struct pred *p, val v)
{
	size_t i;

	if (!val_is_map(v))
		return false;
	for (i = 0; i < p->n; i++) {
		if (map_get(v, p->arg[i]) == VAL_UNBOUND)
			return false;
	}
	return true;
}

/* a <= b, false when one of them is NaN */
static bool
at_most(val a, val b)
{
	return num_less(a, b) || num_equal(a, b);
}

static bool
compares(const struct pred *p, val v)
{
	if (!num_is(v))
		return false;
	switch (p->row->op) {
	case OP_MORE:
		return num_less(p->arg[0], v);
	case OP_MORE_EQUAL:
		return at_most(p->arg[0], v);
	case OP_LESS:
		return num_less(v, p->arg[0]);
	case OP_LESS_EQUAL:
		return at_most(v, p->arg[0]);
	default:
		return at_most(p->arg[0], v) && at_most(v, p->arg[1]);
	}
}

bool
pred_holds(const struct pred *p, val v)
{
	int64_t n = 0, want = 0;

	switch (p->row->arg) {
	case ARG_NUMBER:
	case ARG_TWO_NUMBERS:
		return compares(p, v);
	case ARG_COUNT:
		if (!size_of(v, &n))
			return false;
		want = val_unfix(p->arg[0]);
		break;
	default:
		break;
	}
	switch (p->row->op) {
	case OP_EQUAL:
		return val_equal(v, p->arg[0]);
	case OP_NOT_EQUAL:
		return !val_equal(v, p->arg[0]);
	case OP_MIN_LENGTH:
	case OP_MIN_COUNT:
		return n >= want;
	case OP_MAX_LENGTH:
	case OP_MAX_COUNT:
		return n <= want;
	case OP_LENGTH:
	case OP_COUNT:
		return n == want;
	case OP_MATCHES:
		return matches(p, v);
	case OP_NON_EMPTY:
		return size_of(v, &n) && n > 0;
	case OP_URL:
		return is_url(v);
	case OP_EMAIL:
		return is_email(v);
	default:
		return has_keys(p, v);
	}
}
