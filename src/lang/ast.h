/*
 * The tree between forms and code, and the compiler's own interfaces.  All of
 * it lives in one arena that goes when the unit is compiled.
 *
 *	analyze*.c, pattern.c, macro.c   forms -> tree
 *	live.c                           last uses, drops
 *	gen*.c                           tree -> code
 */
#ifndef LANG_AST_H
#define LANG_AST_H

#include "base/error.h"
#include "base/limits.h"
#include "lang/code.h"
#include "lang/machine.h"
#include "value/reader.h"

#define POS_NONE UINT32_MAX /* place unknown */
/* Levels of tree over one another: each costs a few hundred bytes of C stack
 * in three recursive passes.  The reader's limit times a macro's own nesting
 * stays below; what goes over is refused. */
#define MAX_TREE      6000
#define MAX_EXPANSION 1000 /* macro expansions inside one another */

#define TOO_LARGE "MemoryLimit: the program does not fit"

struct arena {
	struct heap *heap; /* is charged for the chunks; NULL: nobody is */
	struct chunk *chunks;
	size_t used, size;
	size_t total;
};
void *arena_alloc(struct arena *, size_t); /* zeroed */
void arena_free(struct arena *);

enum node_kind {
	N_CONST,  /* v */
	N_LOCAL,  /* var */
	N_UPVAL,  /* index; flags & NF_MAYBE */
	N_SELF,   /* fn: a sibling of the running function, or itself */
	N_GLOBAL, /* v: symbol */
	N_CORE,   /* index: core function, whatever the program defines */
	N_CALL,   /* kid[0] and arguments */
	N_OP,     /* op, kids, index: machine operation without a core name */
	N_IF,     /* kid[0..2]; drops[0..1] */
	N_AND,    /* kids; drops[i]: when kid i decides */
	N_OR,
	N_DO,
	N_LET,    /* vars[i] = kid[i], body kid[n-1] */
	N_LOOP,   /* loop; as N_LET */
	N_RECUR,  /* loop or (NULL) the function; kids */
	N_FN,     /* fn; kids are the captures */
	N_DEF,    /* v: symbol; kid[0] */
	N_SET,    /* var; kid[0]; gives nothing */
	N_UNBIND, /* vars */
	N_TRY,    /* try */
	N_ALT,    /* kid[0], and kid[1] where an N_FAIL of it leads */
	N_FAIL,   /* alt */
	N_VEC,
	N_MAP,
	N_CHECK, /* kid[0] fits type, name v; its value */
	N_ITER,  /* an iteration over the vector kid[0] from index kid[1] on */
	N_EACH,  /* the next item of iteration kid[0] is var: kid[1]; there is
	          * none: kid[2]; drops[0..1] */
};
#define NF_LAST     1 /* N_LOCAL: the last use */
#define NF_MAYBE    2 /* may be unbound when read */
#define NF_IMPLICIT 4

struct bits {
	uint32_t nwords;
	uint64_t w[];
};

struct var {
	uint32_t name;
	uint32_t index; /* in the function's sets */
	uint32_t reg;
	uint32_t loop_depth;
	struct func *func;
	const struct func *known; /* rtfs check: what it always holds */
	bool maybe;               /* defined under a condition */
	bool dead;                /* never read: not kept */
};

struct loop {
	struct loop *outer;
	uint32_t depth;
	uint32_t nvars;
	struct var **vars;
	struct var **used; /* from outside, read inside */
	uint32_t nused, capused;
	struct bits *live; /* at its head */
	uint32_t target;   /* pc of its head */
	uint32_t nrecur;
};

struct env { /* what a name means, innermost first */
	struct env *up;
	struct env *hidden; /* what it meant outside */
	uint32_t name;
	struct func *func;
	struct var *var;     /* a variable of func, or: */
	struct func *member; /* a function of func's group (or itself) */
};

struct names {          /* from name to its innermost env */
	uint32_t *keys; /* NAME_NONE: free */
	struct env **of;
	uint32_t n, cap;
};

struct pairs { /* from two things of a unit to a number, first 0 */
	struct pair_row {
		const void *a, *b; /* a NULL: free */
		uint32_t note;
	} * of;
	uint32_t n, cap;
};

struct captures { /* shared by the functions of a recursive group */
	struct func *outer;
	const struct env **of;
	uint32_t n, cap;
};

struct body { /* where a local def lands */
	struct body *outer;
	struct func *func;
	struct env **defs;
	uint32_t ndefs, capdefs;
	uint32_t conditional; /* depth inside if, cond, try... */
	struct var **maybes;
	uint32_t nmaybes, capmaybes;
};

struct func {
	struct func *outer;
	struct code *code;
	struct captures *caps;
	struct var **params;
	uint32_t nparams;
	struct node *body;
	uint32_t nvars; /* variables in all */
	uint32_t next_reg, floor, max_reg;
	struct loop *loop;
	struct type *ret;
	val ret_form;
	uint32_t name;
	uint32_t pos;
	bool recur_ok;  /* recur in tail position means this function */
	bool expanding; /* runs at expansion time */
	struct body *body_scope;
	uint32_t *regs; /* of each variable, by index */
	uint32_t capregs;
	uint32_t entry; /* pc after the parameters are sorted out */
};

struct clause {
	val selector; /* keyword, string (class or group), nil: all */
	struct var *var;
	struct node *body;
	struct bits *drops;
};

struct try_info {
	struct node *body;
	struct clause *clauses;
	uint32_t nclauses;
	struct node *finally;
	struct bits *normal_drops;  /* after the body */
	struct bits *handler_drops; /* when something was thrown */
	struct bits *finally_drops; /* clause or body threw */
	uint32_t var_from, var_to;  /* declared in body */
	uint32_t clause_to;         /* ... and in the clauses */
};

struct node {
	uint8_t kind;
	uint8_t flags;
	uint8_t op;
	uint32_t pos;
	uint32_t n;
	struct node **kid;
	union {
		val v;
		struct var *var;
		struct var **vars;
	};
	union {
		struct func *fn;
		struct loop *loop;
		struct try_info *try;
		struct node *alt;
		struct type *type;
		struct bits *live; /* N_ALT: at the second part */
		uint32_t index;
	};
	val form;                /* N_CHECK: the type's */
	struct jumps *alt_jumps; /* N_ALT: of its N_FAILs */
	struct bits **drops;
	uint32_t *order; /* N_RECUR: of evaluation */
};

/* ---- analysis ---- */

struct unit { /* one text being compiled */
	struct vm *vm;
	struct heap *heap;
	struct arena arena;
	const char *name;
	uint32_t file;
	const char *text;
	size_t len;
	struct srcmap *map;
	struct code **owner;
	struct module *module;
	bool core;             /* the prelude: hidden names, core functions */
	bool expanding;        /* for use at expansion time */
	bool top;              /* the next form stands at top level */
	bool form_top;         /* the form at hand does */
	struct code *use_code; /* for the next function */
	struct error *error;
	const char *class;   /* of the next error; NULL: ParseError */
	struct diags *diags; /* rtfs check: go on after errors */
	bool failed;
	uint32_t pos; /* of the form at hand */
	uint32_t depth;
	uint32_t expansion; /* depth */
	uint64_t expansions;
	struct env *env; /* changed by env_push(), env_pop() */
	struct names names;
	struct pairs pairs;
	struct func *func;
	struct body *body;
	uint32_t gensym;
	val no_items; /* an empty vector, kept */
	val keep;     /* vector of forms that expansion made, kept alive */
	/* line table for places */
	uint32_t *lines;
	uint32_t nlines;
	uint32_t last_off, last_col, last_line;
};

struct node *node_new(struct unit *, enum node_kind, uint32_t nkids);
struct node *node_const(struct unit *, val);
struct node *node_local(struct unit *, struct var *);
struct node *node_op(
    struct unit *, enum op, struct node *kid, uint32_t index, val v);
struct node *node_core(struct unit *, const char *name);
struct node *node_call(struct unit *, const char *core, uint32_t nargs);
struct node *node_call1(struct unit *, const char *core, struct node *);
struct node *node_call2(
    struct unit *, const char *core, struct node *, struct node *);
struct node *node_do2(struct unit *, struct node *, struct node *);
struct node *node_if(
    struct unit *, struct node *test, struct node *yes, struct node *no);
/* A variable read here: counts as a use in the loops around, as a name. */
struct node *node_use(struct unit *, struct var *);
/* A loop over so many variables; the caller fills in kids and variables. */
struct node *node_loop(struct unit *, uint32_t nvars);

/* Note an error at a form's place; returns NULL, so that an analyzer can end
 * with "return fail(...)". */
struct node *fail(struct unit *, const char *, ...) ATTR_PRINTF(2, 3);
/* Is the memory budget used up?  EK_LIMIT is noted then. */
bool unit_over(struct unit *);
struct node *fail_at(struct unit *, uint32_t pos, const char *, ...)
    ATTR_PRINTF(3, 4);
void unit_place(struct unit *, uint32_t pos, uint32_t *line, uint32_t *column);

/* A list form seen as a row of elements. */
struct forms {
	val *item; /* borrowed from the list; arena memory */
	uint32_t *pos;
	uint32_t n;
};
/* false: not a list or vector. */
bool forms_of(struct unit *, val coll, struct forms *);

struct node *analyze(struct unit *, val form);
struct node *analyze_at(struct unit *, val form, uint32_t pos);
/* Forms i.. as a body (at least one, the caller has checked). */
struct node *analyze_body(struct unit *, const struct forms *, uint32_t from);
/* The same in a scope of its own where a def is local. */
struct node *analyze_scope(struct unit *, const struct forms *, uint32_t from);
struct node *analyze_top(struct unit *, val form, uint32_t pos);

/* ---- modules (module.c) ---- */

/* The module that ALIAS/x means, and the index of x; NULL: no alias. */
struct module *module_alias(struct unit *, uint32_t name, uint32_t *inner);
bool module_exports(const struct module *, uint32_t name);
/* Exported, and defined there: what ALIAS/x can mean. */
bool module_offers(const struct module *, uint32_t name);
/* After the last form: is everything there that it exports? */
bool module_complete(struct unit *);

struct binds;
struct scope {
	struct env *env;
	uint32_t reg, ndefs;
	struct body *body;
};
void scope_open(struct unit *, struct scope *);
void scope_close(struct unit *, struct scope *);
/* A name means a variable of that function, or a member of its group. */
struct env *env_push(
    struct unit *, uint32_t name, struct func *, struct var *, struct func *);
void env_pop(struct unit *, struct env *to); /* names since then are gone */
const struct env *env_find(struct unit *, uint32_t name);
/* The number that belongs to two things, neither NULL; until the next call. */
uint32_t *pair_note(struct unit *, const void *, const void *);
struct var *var_new(struct unit *, uint32_t name); /* not yet visible */
void var_show(struct unit *, struct var *);
struct var *var_temp(struct unit *);
struct body *body_open(struct unit *);
struct node *body_close(struct unit *, struct body *, struct node *);
struct func *func_new(struct unit *, uint32_t name);
/* (params... body...) of fn and defn, from index i of the forms. */
struct node *analyze_fn(struct unit *, struct func *, const struct forms *,
    uint32_t i, const char *usage);
struct node *analyze_lambda(struct unit *, uint32_t name, const struct forms *,
    uint32_t i, const char *usage);
struct node *resolve(struct unit *, struct func *, uint32_t name);
/* Does e name the function f itself, or one of its group? */
static inline bool
env_is_member(const struct env *e, const struct func *f)
{
	return e->var == NULL && e->func->caps == f->caps;
}
struct node *resolve_env(struct unit *, struct func *, const struct env *);
uint32_t capture_index(struct unit *, struct func *, const struct env *);
/* Index of (fn params...) after an optional name; false: not an fn form. */
bool is_fn_form(struct unit *, val form);

/* Neighbouring local defns from f[i] on are one recursive group: its node and
 * how many forms it takes; NULL: none stand there. */
struct node *defn_neighbours(
    struct unit *, const struct forms *f, uint32_t i, uint32_t *taken);

/*
 * An annotation at f[i]: *t is its type (NULL: none there), the result how
 * many forms it took; -1 after an error.  any: a keyword there can be nothing
 * else, so an unknown type is an error.
 */
int annotation(struct unit *, const struct forms *f, uint32_t i, bool any,
    struct type **t, val *form);

/* One function of a recursive group, before it is analyzed. */
struct member {
	uint32_t name;
	uint32_t own; /* (fn OWN [...]), seen inside only; NAME_NONE: none */
	struct forms f;
	uint32_t at; /* of the parameter vector */
	uint32_t pos;
	const char *usage;
	struct var *var;
};
/* From (fn NAME? [PARAM...] BODY...) bound to name. */
void member_from(
    struct unit *, val form, uint32_t name, uint32_t pos, struct member *);
/* Analyzes the group and adds closures bound to m[i].var to the list. */
bool analyze_group(struct unit *, struct member *m, uint32_t n, struct binds *);

/* Let bindings, growing lists. */
struct binds {
	struct var **vars;
	struct node **inits;
	uint32_t n, cap;
};
void binds_add(struct unit *, struct binds *, struct var *, struct node *);
struct node *binds_let(struct unit *, struct binds *, struct node *body);
/* [PATTERN VALUE ...] in the scope at hand; false after an error. */
bool bind_vector(struct unit *, val vector, struct binds *);
/* Lenient destructuring: bind what the pattern names from the variable. */
bool pattern_bind(
    struct unit *, val pattern, uint32_t pos, struct var *, struct binds *);
/* A name binds directly, anything else through a temporary. */
bool pattern_is_name(val pattern);
/* (step-loop TEST BODY...) without the step. */
struct node *loop_while(struct unit *, const struct forms *);
/* A definition, top-level or local. */
struct node *node_define(struct unit *, uint32_t name, struct node *);

/* Type annotations. */
struct type *type_at(struct unit *, val form, uint32_t pos);
bool is_colon(val form);
struct node *node_check(
    struct unit *, struct node *, struct type *, val form, const char *what);

/* Special forms: from the table in names.c. */
typedef struct node *(*form_cb)(struct unit *, const struct forms *);
struct form_def {
	const char *name;
	form_cb fn;
	int min, max; /* forms after the word; -1 */
	const char *usage;
	const char *doc;
};
extern const struct form_def form_table[];
extern const size_t form_count;

#define FORM(name) struct node *form_##name(struct unit *, const struct forms *)
FORM(def);
FORM(defn);
FORM(fn);
FORM(let);
FORM(if);
FORM(do);
FORM(quote);
FORM(quasiquote);
FORM(loop);
FORM(recur);
FORM(try);
FORM(match);
FORM(and);
FORM(or);
FORM(cond);
FORM(case);
FORM(when);
FORM(when_not);
FORM(when_let);
FORM(unless);
FORM(if_let);
FORM(thread);
FORM(thread_last);
FORM(thread_as);
FORM(each);
FORM(for);
FORM(doseq);
FORM(dotimes);
FORM(defmacro);
FORM(defstruct);
FORM(module);
FORM(import);
FORM(step);
FORM(step_if);
FORM(step_loop);
FORM(step_parallel);
FORM(with_meta);
#undef FORM

/* usage error: "let: expected ...; usage: (let [...] ...)" */
struct node *fail_usage(struct unit *, const struct forms *, const char *);

/* ---- names (names.c): what a symbol means before any program ---- */
enum {
	NAME_PLAIN = -1
};
int form_index(uint32_t name); /* in form_table, or -1 */

/* ---- rtfs check (check.c); all do nothing without u->diags ---- */
void check_define(struct unit *, uint32_t name, const struct node *init);
void check_call(struct unit *, const struct node *);
void check_global(struct unit *, uint32_t name, uint32_t pos);
void check_value(
    struct unit *, const struct node *, const struct type *, const char *what);
void check_lost(struct unit *, val form); /* its name counts as defined */

/* ---- macros (macro.c) ---- */
val macro_find(struct unit *, uint32_t name); /* function or VAL_UNBOUND */
/* *out is owned; -1: u->error is set. */
int macro_expand(struct unit *, val macro, const struct forms *, val *out);

/* ---- liveness (live.c), code (gen.c) ---- */
void live_func(struct unit *, struct func *);
static inline bool
bits_test(const struct bits *b, uint32_t i)
{
	return (b->w[i / 64] >> (i % 64) & 1) != 0;
}
bool node_is_trivial(const struct node *);
bool node_reads(const struct node *, const struct var *);
/* Every variable that is read, into a set with room for all. */
void node_reads_all(const struct node *, struct bits *);
/* + - * and the like on locals and constants: fails with TypeError only. */
bool node_is_arithmetic(struct unit *, const struct node *);
/* Generate f->code and the functions inside; -1: u->error. */
int gen_func(struct unit *, struct func *);

#endif
