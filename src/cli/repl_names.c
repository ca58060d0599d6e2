/*
 * What rtfs repl knows about names: for completion and :doc.  Which names are
 * bound the machine says; how a definition was written is remembered here.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/repl.h"
#include "value/list.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/printer.h"
#include "value/reader.h"
#include "value/string.h"
#include "value/token.h"
#include "value/vector.h"

#define SHOWN 200 /* bytes of a value or of parameters in documentation */

struct definition {
	uint32_t name;
	bool macro;
	char *usage; /* "(f x y)"; of what takes no parameters its name */
	char *doc;   /* NULL: none */
};

struct repl_names {
	struct vm *vm;
	struct registry *registry;
	const char *const *commands;
	struct definition *def;
	size_t ndef;
	uint32_t *keyword; /* each once */
	size_t nkeyword;
	bool *seen; /* by name index: is in keyword */
	size_t nseen;
};

struct repl_names *
names_new(struct vm *vm, struct registry *registry, const char *const *commands)
{
	struct repl_names *n = xcalloc(1, sizeof(*n));

	n->vm = vm;
	n->registry = registry;
	n->commands = commands;
	return n;
}

void
names_free(struct repl_names *n)
{
	size_t i;

	if (n == NULL)
		return;
	for (i = 0; i < n->ndef; i++) {
		free(n->def[i].usage);
		free(n->def[i].doc);
	}
	free(n->def);
	free(n->keyword);
	free(n->seen);
	free(n);
}

/* ---- learning ---- */

static void
learn_keyword(struct repl_names *n, const char *text, size_t len)
{
	uint32_t name = name_intern(text, len);
	size_t grown;

	if (name >= n->nseen) {
		grown = (size_t)name * 2 + 64;
		n->seen = xreallocarray(n->seen, grown, sizeof(bool));
		memset(n->seen + n->nseen, 0, grown - n->nseen);
		n->nseen = grown;
	}
	if (n->seen[name])
		return;
	n->seen[name] = true;
	n->keyword =
	    xreallocarray(n->keyword, n->nkeyword + 1, sizeof(uint32_t));
	n->keyword[n->nkeyword++] = name;
}

/* p is at a quote; after the one that closes it, or the end. */
static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
	}
	return p < end ? p + 1 : end;
}

static void
learn_keywords(struct repl_names *n, const char *p, const char *end)
{
	const char *start;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
		} else if (*p == ';') {
			while (p < end && *p != '\n')
				p++;
		} else if (TOKEN_IS(*p, TOKEN_END)) {
			p++;
		} else {
			start = p;
			while (p < end && !TOKEN_IS(*p, TOKEN_END))
				p++;
			if (*start == ':' &&
			    text_is_keyword(
			        start + 1, (size_t)(p - start - 1))) {
				learn_keyword(
				    n, start + 1, (size_t)(p - start - 1));
			}
			if (p == start)
				p++;
		}
	}
}

static struct definition *
find_definition(struct repl_names *n, uint32_t name)
{
	size_t i;

	for (i = 0; i < n->ndef; i++) {
		if (n->def[i].name == name)
			return &n->def[i];
	}
	return NULL;
}

static void
add_definition(struct repl_names *n, uint32_t name, bool macro, struct buf *b,
    const char *doc)
{
	struct definition *d = find_definition(n, name);

	if (d == NULL) {
		n->def = xreallocarray(n->def, n->ndef + 1, sizeof(*n->def));
		d = &n->def[n->ndef++];
		d->name = name;
	} else {
		free(d->usage);
		free(d->doc);
	}
	d->macro = macro;
	d->usage = buf_take(b, NULL);
	d->doc = doc != NULL ? xstrdup(doc) : NULL;
}

/* (defn NAME "doc"? [PARAM...] ...) and its relatives. */
static void
learn_form(struct repl_names *n, val form)
{
	struct buf b = BUF_INIT, params = BUF_INIT;
	size_t count, i = 2;
	const char *head, *doc = NULL;
	bool function;
	val name;

	if (!val_is_list(form) || (count = list_count(form)) < 2 ||
	    !val_is_symbol(list_first(form)) ||
	    !val_is_symbol(name = list_nth(form, 1)))
		return;
	head = val_name_text(list_first(form), NULL);
	function = strcmp(head, "defn") == 0 || strcmp(head, "defmacro") == 0;
	if (!function && strcmp(head, "def") != 0 &&
	    strcmp(head, "defstruct") != 0)
		return;
	if (count > 3 && val_is_string(list_nth(form, i)))
		doc = str_bytes(list_nth(form, i++), NULL);
	if (function && i < count && val_is_vector(list_nth(form, i))) {
		buf_addf(&b, "(%s", val_name_text(name, NULL));
		print_short(&params, list_nth(form, i), SHOWN);
		if (params.len > 2) {
			buf_addc(&b, ' ');
			buf_add(&b, params.data + 1, params.len - 2);
		}
		buf_addc(&b, ')');
	} else {
		buf_adds(&b, val_name_text(name, NULL));
	}
	add_definition(
	    n, val_name(name), strcmp(head, "defmacro") == 0, &b, doc);
	buf_free(&b);
	buf_free(&params);
}

void
names_learn(struct repl_names *n, const char *text, size_t len)
{
	struct heap *h = heap_new(0);
	struct reader_options code = {.map = srcmap_new()};
	struct error e;
	val forms;
	size_t i;

	if (read_all(h, text, len, &code, &forms, &e) == 0) {
		for (i = 0; i < vec_count(forms); i++)
			learn_form(n, vec_get(forms, i));
		learn_keywords(n, text, text + len);
	}
	srcmap_free(code.map);
	heap_free(h);
}

/* ---- completion ---- */

static void
offer(struct word_list *l, const char *text, const char *word, size_t len)
{
	if (strncmp(text, word, len) != 0)
		return;
	l->item = xreallocarray(l->item, l->n + 1, sizeof(char *));
	l->item[l->n++] = text;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
sort_unique(struct word_list *l)
{
	size_t i, n = 0;

	if (l->n == 0)
		return;
	qsort(l->item, l->n, sizeof(*l->item), by_text);
	for (i = 0; i < l->n; i++) {
		if (n == 0 || strcmp(l->item[n - 1], l->item[i]) != 0)
			l->item[n++] = l->item[i];
	}
	l->n = n;
}

static void
offer_keywords(struct repl_names *n, const char *word, size_t len, bool first,
    struct word_list *l)
{
	const struct capability **row;
	size_t i, rows;

	for (i = 0; first && n->commands[i] != NULL; i++)
		offer(l, n->commands[i] + 1, word, len);
	for (i = 0; i < n->nkeyword; i++)
		offer(l, name_text(n->keyword[i], NULL), word, len);
	row = registry_list(n->registry, &rows);
	for (i = 0; i < rows; i++)
		offer(l, row[i]->id, word, len);
	free(row);
}

static void
offer_symbols(
    struct repl_names *n, const char *word, size_t len, struct word_list *l)
{
	const char *const *core;
	const char *text;
	size_t i, count;

	core = lang_core_names(&count);
	for (i = 0; i < count; i++)
		offer(l, core[i], word, len);
	for (i = 0; i < n->ndef; i++) {
		if (n->def[i].macro)
			offer(l, name_text(n->def[i].name, NULL), word, len);
	}
	count = name_count();
	for (i = 0; i < count; i++) {
		text = name_text((uint32_t)i, NULL);
		if (strncmp(text, word, len) == 0 &&
		    vm_lookup(n->vm, text) != VAL_UNBOUND)
			offer(l, text, word, len);
	}
}

void
names_complete(struct repl_names *n, const char *word, size_t len, bool first,
    struct word_list *l)
{
	char *prefix = xstrndup(word, len);

	memset(l, 0, sizeof(*l));
	if (len > 0 && prefix[0] == ':')
		offer_keywords(n, prefix + 1, len - 1, first, l);
	else
		offer_symbols(n, prefix, len, l);
	sort_unique(l);
	free(prefix);
}

/* ---- documentation ---- */

static bool
doc_capability(struct repl_names *n, const char *id, struct buf *out)
{
	const struct capability *c = registry_find(n->registry, id);

	if (c == NULL) {
		buf_addf(out, "no capability :%s", id);
		registry_suggest(n->registry, id, out);
		return false;
	}
	buf_addf(out, "(call :%s ...)  %s%s%s\n", id, cap_kind_name(c->kind),
	    c->file != NULL ? " of " : "", c->file != NULL ? c->file : "");
	if (c->doc != NULL)
		buf_addf(out, "  %s\n", c->doc);
	return true;
}

static void
doc_unknown(struct repl_names *n, const char *name, struct buf *out)
{
	const char *const *core;
	struct nearest near;
	size_t i, count;

	nearest_init(&near, name);
	core = lang_core_names(&count);
	for (i = 0; i < count; i++)
		nearest_offer(&near, core[i]);
	for (i = 0; i < n->ndef; i++)
		nearest_offer(&near, name_text(n->def[i].name, NULL));
	buf_addf(out, "%s is not defined", name);
	if (near.best != NULL)
		buf_addf(out, "; did you mean %s?", near.best);
}

bool
names_doc(struct repl_names *n, const char *name, struct buf *out)
{
	const struct definition *d;
	const char *doc;
	val v;

	if (name[0] == ':')
		return doc_capability(n, name + 1, out);
	d = find_definition(n, name_intern(name, strlen(name)));
	v = vm_lookup(n->vm, name);
	if (d != NULL && (d->macro || v != VAL_UNBOUND)) {
		buf_addf(out, "%s\n", d->usage);
		if (d->doc != NULL)
			buf_addf(out, "  %s\n", d->doc);
		if (d->usage[0] == '(')
			return true;
	} else if ((doc = lang_doc(name)) != NULL) {
		buf_addf(out, "%s\n", doc);
		return true;
	} else if (v != VAL_UNBOUND) {
		buf_addf(out, "%s\n", name);
	} else {
		doc_unknown(n, name, out);
		return false;
	}
	buf_adds(out, "  = ");
	print_short(out, v, SHOWN);
	buf_addc(out, '\n');
	return true;
}
