/*
 * The core library as a table: functions in C (core_*.c, intrinsics.c) and
 * functions in RTFS (prelude.rtfs), which are compiled when something first
 * mentions them.  Code and constants belong to the process, not to a machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lang/ast.h"
#include "lang/machine.h"
#include "value/list.h"
#include "value/name.h"
#include "value/string.h"
#include "value/vector.h"

static const struct core_def *const families[] = {
    core_numbers,
    core_compare,
    core_strings,
    core_regex,
    core_collections,
    core_sequences,
    core_predicates,
    core_data,
    core_host,
    intrinsics,
};

static const struct {
	const char *name;
	const char *source;
} prelude[] = {
    {"macroexpand",
     "(defn macroexpand \"(macroexpand form) A macro call "
        "expanded until it is none.\" [form] (loop [f form] (let "
        "[g (macroexpand-1 f)] (if (= f g) f (recur g)))))"},
#include "lang/prelude_table.h"
};

struct core_entry *core_table;
static uint32_t ncore;
static struct nametab by_name;
static struct heap *core_heap;
static struct code *core_codes;
static uint32_t *pending;
static uint32_t npending;

static void
table_add(const struct core_def *d, const char *name, const char *source)
{
	uint32_t id = name_intern(name, strlen(name));
	struct core_entry *e;

	if (nametab_get(&by_name, id) != NAMETAB_NONE)
		return; /* the first row of a name counts */
	nametab_set(&by_name, id, ncore);
	e = &core_table[ncore++];
	e->def = d;
	e->name = name;
	e->source = source;
	e->value = VAL_UNBOUND;
	e->hidden = name[0] == '%' && name[1] != '\0';
}

static void
table_make(void)
{
	const struct core_def *d;
	uint32_t n = NITEMS(prelude), i;

	for (i = 0; i < NITEMS(families); i++) {
		for (d = families[i]; d->name != NULL; d++)
			n++;
	}
	core_table = xcalloc(n, sizeof(*core_table));
	pending = xcalloc(n, sizeof(*pending));
	for (i = 0; i < NITEMS(families); i++) {
		for (d = families[i]; d->name != NULL; d++)
			table_add(d, d->name, NULL);
	}
	for (i = 0; i < NITEMS(prelude); i++)
		table_add(NULL, prelude[i].name, prelude[i].source);
	core_heap = heap_new(0);
}

uint32_t
core_count(void)
{
	if (core_table == NULL)
		table_make();
	return ncore;
}

uint32_t
core_index(uint32_t name)
{
	uint32_t i;

	if (core_table == NULL)
		table_make();
	i = nametab_get(&by_name, name);
	return i == NAMETAB_NONE ? CORE_NONE : i;
}

bool
core_hidden(uint32_t index)
{
	return core_table[index].hidden;
}

struct code *
core_code(uint32_t index)
{
	struct core_entry *e = &core_table[index];
	struct code *c;

	if (e->code != NULL)
		return e->code;
	c = e->code = code_new(&core_codes);
	c->head.name = name_intern(e->name, strlen(e->name));
	c->head.core = true;
	c->core_index = index;
	c->def = e->def;
	if (e->def == NULL) {
		c->kind = CODE_BYTE;
		pending[npending++] = index;
	} else if (intrinsic_of(e->def, &c->intrinsic)) {
		c->kind = CODE_INTRINSIC;
	} else {
		c->kind = CODE_NATIVE;
	}
	return c;
}

val
core_value(uint32_t index)
{
	struct core_entry *e = &core_table[index];

	if (e->value == VAL_UNBOUND) {
		e->value = val_from_obj(
		    function_new(core_heap, &core_code(index)->head, 0));
	}
	return e->value;
}

/* (defn NAME "doc" [PARAM...] BODY...): the doc string is not read here. */
static int
compile_one(struct core_entry *e, struct error *err)
{
	struct unit u = {.heap = core_heap,
	    .name = "core",
	    .core = true,
	    .file = NAME_NONE,
	    .owner = &core_codes,
	    .error = err,
	    .pos = POS_NONE};
	struct forms f;
	struct node *n;
	val form;
	uint32_t i;

	if (read_one(core_heap, e->source, strlen(e->source), NULL, &form,
	        err) == -1)
		return -1;
	u.keep = vec_empty(core_heap);
	forms_of(&u, form, &f);
	for (i = 2; i < f.n && !val_is_vector(f.item[i]); i++)
		;
	u.use_code = e->code;
	n = analyze_lambda(&u, e->code->head.name, &f, i, e->name);
	if (n != NULL)
		gen_func(&u, n->fn);
	arena_free(&u.arena);
	return u.failed ? -1 : 0;
}

void
core_compile_pending(void)
{
	struct error err ATTR_SCRATCH;
	struct core_entry *e;

	while (npending > 0) {
		e = &core_table[pending[--npending]];
		if (compile_one(e, &err) == -1) {
			/* A fault of the build, found by its first test. */
			fprintf(stderr, "rtfs: core function %s: %s\n", e->name,
			    err.msg);
			abort();
		}
	}
}

/* ---- names and documentation ---- */

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *
lang_core_names(size_t *n)
{
	static const char **names;
	static size_t count;
	uint32_t i;

	if (names == NULL) {
		core_count();
		names = xcalloc(ncore + form_count, sizeof(*names));
		for (i = 0; i < ncore; i++) {
			if (!core_table[i].hidden)
				names[count++] = core_table[i].name;
		}
		for (i = 0; i < form_count; i++) {
			if (form_table[i].doc[0] != '\0')
				names[count++] = form_table[i].name;
		}
		qsort(names, count, sizeof(*names), by_text);
	}
	*n = count;
	return names;
}

static const char *
doc_text(const char *usage, const char *doc)
{
	static struct buf b;

	buf_clear(&b);
	buf_adds(&b, usage);
	if (doc[0] != '\0') {
		buf_adds(&b, "\n  ");
		buf_adds(&b, doc);
	}
	return buf_str(&b);
}

/* The string after the name in the source of a prelude function: a usage form
 * and text. */
static const char *
prelude_doc(const struct core_entry *e)
{
	const char *text = "", *p;
	char usage[200];
	struct error err;
	int depth = 0;
	val form, doc;

	if (read_one(core_heap, e->source, strlen(e->source), NULL, &form,
	        &err) == -1)
		return NULL;
	doc = list_nth(form, 2);
	if (val_is_string(doc))
		text = str_bytes(doc, NULL);
	for (p = text; *p != '\0'; p++) {
		depth += (*p == '(') - (*p == ')');
		if (depth == 0)
			break;
	}
	if (*text != '(' || *p == '\0')
		return doc_text(e->name, text);
	snprintf(usage, sizeof(usage), "%.*s", (int)(p - text + 1), text);
	for (p++; *p == ' '; p++)
		;
	return doc_text(usage, p);
}

const char *
lang_doc(const char *name)
{
	uint32_t id = name_intern(name, strlen(name)), i;
	int form = form_index(id);

	if (form >= 0) {
		return doc_text(form_table[form].usage, form_table[form].doc);
	}
	if ((i = core_index(id)) == CORE_NONE || core_table[i].hidden)
		return NULL;
	if (core_table[i].def != NULL) {
		return doc_text(
		    core_table[i].def->usage, core_table[i].def->doc);
	}
	return prelude_doc(&core_table[i]);
}

static uint64_t
mix(uint64_t h, const char *s)
{
	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return (h ^ 0xff) * UINT64_C(0x100000001b3);
}

uint64_t
lang_build_id(void)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	uint32_t i;

	h = mix(h, "image 2 " VERSION);
	for (i = 0; i < OP_COUNT_ALL; i++)
		h = mix(h, op_name(i));
	for (i = 0; i < core_count(); i++) {
		h = mix(h, core_table[i].name);
		if (core_table[i].source != NULL)
			h = mix(h, core_table[i].source);
	}
	return h;
}
