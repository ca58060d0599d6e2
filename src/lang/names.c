/* Names: the special forms' table, and small maps from name to number. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lang/ast.h"
#include "lang/machine.h"
#include "value/name.h"

uint32_t
nametab_get(const struct nametab *t, uint32_t name)
{
	uint32_t i;

	if (t->cap == 0)
		return NAMETAB_NONE;
	for (i = name * 2654435761U & (t->cap - 1); t->keys[i] != NAME_NONE;
	     i = (i + 1) & (t->cap - 1)) {
		if (t->keys[i] == name)
			return t->values[i];
	}
	return NAMETAB_NONE;
}

void
nametab_set(struct nametab *t, uint32_t name, uint32_t value)
{
	struct nametab old = *t;
	uint32_t i;

	if (t->n * 2 >= t->cap) {
		t->cap = old.cap == 0 ? 16 : old.cap * 2;
		t->n = 0;
		t->keys = xreallocarray(NULL, t->cap, sizeof(uint32_t));
		t->values = xreallocarray(NULL, t->cap, sizeof(uint32_t));
		memset(t->keys, 0xff, t->cap * sizeof(uint32_t));
		for (i = 0; i < old.cap; i++) {
			if (old.keys[i] != NAME_NONE)
				nametab_set(t, old.keys[i], old.values[i]);
		}
		free(old.keys);
		free(old.values);
	}
	for (i = name * 2654435761U & (t->cap - 1);
	     t->keys[i] != NAME_NONE && t->keys[i] != name;
	     i = (i + 1) & (t->cap - 1))
		;
	if (t->keys[i] == NAME_NONE)
		t->n++;
	t->keys[i] = name;
	t->values[i] = value;
}

void
nametab_free(struct nametab *t)
{
	free(t->keys);
	free(t->values);
	memset(t, 0, sizeof(*t));
}

#define LET_USAGE "(let [PATTERN VALUE ...] BODY...)"

/* clang-format off */
const struct form_def form_table[] = {
	{"def", form_def, 1, 4,
	    "(def NAME VALUE)",
	    "Defines a name at top level, or a local one inside a body."},
	{"defn", form_defn, 2, -1,
	    "(defn NAME \"doc\"? [PARAM...] BODY...)",
	    "Defines a function."},
	{"fn", form_fn, 1, -1,
	    "(fn [PARAM...] BODY...)",
	    "A function value."},
	{"lambda", form_fn, 1, -1,
	    "(lambda [PARAM...] BODY...)",
	    "The same as fn."},
	{"let", form_let, 2, -1,
	    LET_USAGE,
	    "Binds names in order and evaluates the body."},
	{"if", form_if, 2, 3,
	    "(if TEST THEN ELSE?)",
	    "One of two values; only nil and false are false."},
	{"do", form_do, 0, -1,
	    "(do FORM...)",
	    "Evaluates in order; the last value."},
	{"quote", form_quote, 1, 1,
	    "(quote FORM)",
	    "The form as data."},
	{"quasiquote", form_quasiquote, 1, 1,
	    "(quasiquote FORM)",
	    "The form as data, with ~ and ~@ filled in; those of a "
	    "quasiquote inside stay for it."},
	{"loop", form_loop, 2, -1,
	    "(loop [PATTERN VALUE ...] BODY...)",
	    "A let that recur starts again with other values."},
	{"recur", form_recur, 0, -1,
	    "(recur VALUE...)",
	    "Goes back to the innermost loop or function."},
	{"try", form_try, 0, -1,
	    "(try BODY... (catch SELECTOR NAME? BODY...)... "
	    "(finally FORM...)?)",
	    "Evaluates the body; catches what it throws."},
	{"match", form_match, 2, -1,
	    "(match E PATTERN BODY ...)",
	    "The body of the first pattern that fits."},
	{"and", form_and, 0, -1,
	    "(and FORM...)",
	    "The first false value, or the last one."},
	{"or", form_or, 0, -1,
	    "(or FORM...)",
	    "The first true value, or the last one."},
	{"cond", form_cond, 0, -1,
	    "(cond TEST VALUE ...)",
	    "The value of the first test that is true."},
	{"case", form_case, 2, -1,
	    "(case E CONSTANT VALUE ... DEFAULT?)",
	    "The value beside the constant that equals E."},
	{"when", form_when, 2, -1,
	    "(when TEST BODY...)",
	    "The body if the test is true."},
	{"when-not", form_when_not, 2, -1,
	    "(when-not TEST BODY...)",
	    "The body if the test is false."},
	{"when-let", form_when_let, 2, -1,
	    "(when-let [PATTERN E] BODY...)",
	    "The body with the pattern bound, if E is true."},
	{"unless", form_unless, 2, -1,
	    "(unless TEST BODY...)",
	    "The same as when-not."},
	{"if-let", form_if_let, 2, 3,
	    "(if-let [PATTERN E] THEN ELSE?)",
	    "THEN with the pattern bound if E is true, else ELSE."},
	{"->", form_thread, 1, -1,
	    "(-> E FORM...)",
	    "Puts E first into FORM, that into the next, and so on."},
	{"->>", form_thread_last, 1, -1,
	    "(->> E FORM...)",
	    "The same, last instead of first."},
	{"as->", form_thread_as, 2, -1,
	    "(as-> E NAME FORM...)",
	    "The same, wherever NAME stands."},
	{"for", form_for, 2, -1,
	    "(for [PATTERN COLL ...] BODY)",
	    "A vector of the body for every combination; :when :let :while."},
	{"doseq", form_doseq, 2, -1,
	    "(doseq [PATTERN COLL ...] BODY...)",
	    "The body for every combination, for its effect; nil."},
	{"dotimes", form_dotimes, 2, -1,
	    "(dotimes [NAME N] BODY...)",
	    "The body N times with NAME from 0 on; the last value."},
	{"defmacro", form_defmacro, 3, -1,
	    "(defmacro NAME \"doc\"? [PARAM...] BODY...)",
	    "Defines a macro, at top level only."},
	{"defstruct", form_defstruct, 1, -1,
	    "(defstruct NAME :FIELD TYPE ...)",
	    "Defines a function that checks a map and returns it."},
	{"module", form_module, 1, -1,
	    "(module NAME (:exports [NAME...])?)",
	    "Names the module of this file."},
	{"import", form_import, 1, -1,
	    "(import MODULE :as ALIAS)",
	    "Loads a module, once; its names are ALIAS/NAME."},
	{"step", form_step, 1, -1,
	    "(step \"NAME\" OPT... BODY...)",
	    "Evaluates the body and reports begin and end to the host."},
	{"step-if", form_step_if, 2, 3,
	    "(step-if TEST THEN ELSE?)",
	    "if inside a step."},
	{"step-loop", form_step_loop, 2, -1,
	    "(step-loop TEST BODY...)",
	    "Repeats while the test is true, at most 10,000 times."},
	{"step-parallel", form_step_parallel, 0, -1,
	    "(step-parallel OPT... E...)",
	    "Evaluates the E in workers, each as a task of its own, and gives "
	    "the vector of their values, with errors in place."},
	{"with-meta*", form_with_meta, 2, 2,
	    "^{...} FORM",
	    ""},
};
/* clang-format on */
const size_t form_count = NITEMS(form_table);

/* Other words that are no values anywhere. */
int
form_index(uint32_t name)
{
	static struct nametab tab;
	uint32_t i;

	if (tab.cap == 0) {
		for (i = 0; i < form_count; i++) {
			nametab_set(&tab,
			    name_intern(
			        form_table[i].name, strlen(form_table[i].name)),
			    i);
		}
	}
	i = nametab_get(&tab, name);
	return i == NAMETAB_NONE ? -1 : (int)i;
}
