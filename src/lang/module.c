/*
 * Modules: (module NAME (:exports [...])) and (import NAME :as ALIAS).  A
 * module is a file of its own, with its own cells and macros, that is loaded
 * when something first imports it and runs before whoever imports it.  What
 * is wrong with it is wrong with the importing text: nothing runs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/ast.h"
#include "lang/check.h"
#include "lang/machine.h"
#include "value/list.h"
#include "value/name.h"
#include "value/string.h"

#define ANY_NAME 2 /* the entry that keeps a list of exports from being empty */

struct module *
module_alias(struct unit *u, uint32_t name, uint32_t *inner)
{
	size_t len;
	const char *text, *slash;
	uint32_t i;

	if (u->module == NULL || u->module->aliases.n == 0)
		return NULL;
	text = name_text(name, &len);
	if (len == 1)
		return NULL;
	for (slash = text + len; slash > text && slash[-1] != '/'; slash--)
		;
	if (slash <= text + 1)
		return NULL;
	i = nametab_get(
	    &u->module->aliases, name_intern(text, (size_t)(slash - text) - 1));
	if (i == NAMETAB_NONE)
		return NULL;
	*inner = name_intern(slash, len - (size_t)(slash - text));
	return u->vm->modules[i];
}

bool
module_exports(const struct module *m, uint32_t name)
{
	return m->exports.n == 0 ||
	    nametab_get(&m->exports, name) != NAMETAB_NONE;
}

bool
module_offers(const struct module *m, uint32_t name)
{
	return m->unseen ||
	    (module_exports(m, name) &&
	        nametab_get(&m->defined, name) != NAMETAB_NONE);
}

bool
module_complete(struct unit *u)
{
	const struct module *m = u->module;
	const struct nametab *t = &m->exports;
	uint32_t i;

	if (m == u->vm->module)
		return true; /* nothing imports the program itself */
	for (i = 0; i < t->cap; i++) {
		if (t->keys[i] == NAME_NONE || t->values[i] == ANY_NAME ||
		    nametab_get(&m->defined, t->keys[i]) != NAMETAB_NONE ||
		    nametab_get(&m->macros, t->keys[i]) != NAMETAB_NONE)
			continue;
		fail_at(u, m->exports_pos,
		    "module: %s is exported but not defined",
		    name_text(t->keys[i], NULL));
		return u->diags != NULL;
	}
	return true;
}

static bool
at_top(struct unit *u, const char *what)
{
	if (u->form_top && u->vm != NULL)
		return true;
	fail(u, "%s stands only at top level", what);
	return false;
}

struct node *
form_module(struct unit *u, const struct forms *f)
{
	struct forms e, names;
	uint32_t i, k;

	if (!at_top(u, "module"))
		return NULL;
	if (!val_is_symbol(f->item[1]) && !val_is_keyword(f->item[1]))
		return fail_usage(u, f, "a name is missing");
	for (i = 2; i < f->n; i++) {
		val x = f->item[i];

		if (val_is_key(x, "exports") && i + 1 < f->n) {
			x = f->item[++i];
		} else if (val_is_list(x) && forms_of(u, x, &e) && e.n == 2 &&
		    val_is_key(e.item[0], "exports")) {
			x = e.item[1];
		} else if (val_is_string(x)) {
			continue; /* documentation */
		} else {
			return fail_usage(u, f,
			    "only (:exports [NAME...]) "
			    "may follow the name");
		}
		if (!val_is_vector(x))
			return fail_usage(u, f, ":exports needs a vector");
		forms_of(u, x, &names);
		/* Never empty once written: what is not listed is private. */
		nametab_set(&u->module->exports, name_intern("", 0), ANY_NAME);
		u->module->exports_pos = u->pos;
		for (k = 0; k < names.n; k++) {
			if (!val_is_symbol(names.item[k]))
				return fail_usage(u, f, ":exports needs names");
			nametab_set(
			    &u->module->exports, val_name(names.item[k]), 1);
		}
	}
	return node_const(u, VAL_NIL);
}

/* "geometry.shapes" or "geometry/shapes" is geometry/shapes.rtfs; the path
 * without its suffix is the module's name. */
static bool
module_path(const char *name, struct buf *out)
{
	const char *p;

	if (name[0] == '.' || name[0] == '/' || strstr(name, "..") != NULL)
		return false;
	for (p = name; *p != '\0'; p++)
		buf_addc(out, *p == '.' ? '/' : *p);
	return true;
}

static void
fail_import(
    struct unit *u, const char *class, const char *what, const char *text)
{
	u->class = class;
	fail(u, "%s%s", what, text);
	u->class = NULL;
}

static struct module *
module_find(struct vm *vm, uint32_t name)
{
	uint32_t i;

	for (i = 0; i < vm->nmodules; i++) {
		if (vm->modules[i]->name == name)
			return vm->modules[i];
	}
	return NULL;
}

/* The modules that are being loaded import one another, from m on. */
static struct module *
import_cycle(struct unit *u, const struct module *m)
{
	struct buf b = BUF_INIT;
	uint32_t i;

	for (i = m->index; i < u->vm->nmodules; i++) {
		if (u->vm->modules[i]->loading) {
			buf_addf(&b, "%s -> ",
			    name_text(u->vm->modules[i]->name, NULL));
		}
	}
	buf_adds(&b, name_text(m->name, NULL));
	fail_import(
	    u, "ModuleError", "modules import one another: ", buf_str(&b));
	buf_free(&b);
	return NULL;
}

/* The error of a module is that of the importing text, too: its place stays,
 * the way to it grows. */
static void
import_failed(struct unit *u, const char *file, struct error *e)
{
	struct vm *vm = u->vm;
	uint32_t line, column;
	size_t n = strlen(e->msg);
	char way[256];
	int len;

	if (vm->place.file == NULL) {
		vm->place.file =
		    name_text(name_intern(file, strlen(file)), NULL);
		vm->place.line = e->line;
		vm->place.column = e->column;
	}
	unit_place(u, u->pos, &line, &column);
	len = snprintf(way, sizeof(way), "; imported at %s:%u", u->name, line);
	if (len > 0 && (size_t)len < sizeof(way) &&
	    n + (size_t)len < sizeof(e->msg))
		memcpy(e->msg + n, way, (size_t)len + 1);
	if (u->error != e)
		*u->error = *e;
	u->failed = true;
}

static void
module_read(
    struct unit *u, struct module *m, const char *file, const struct buf *text)
{
	struct vm *vm = u->vm;
	uint32_t depth = vm->load_depth;
	struct error e = {.kind = EK_NONE};
	int rc;

	m->loading = true;
	vm->load_depth = u->depth + 1;
	rc = load_unit(vm, m, file, text->data != NULL ? text->data : "",
	    text->len, u->diags, &e);
	vm->load_depth = depth;
	m->loading = false;
	m->end_top = vm->ntops;
	if (rc == -1 && u->diags == NULL) {
		import_failed(u, file, &e);
	} else if (rc == -1 && e.kind != EK_NONE) {
		diags_add(u->diags, DIAG_ERROR, file, e.line, e.column,
		    "ParseError", "%s", e.msg);
		m->unseen = true;
	}
}

/* NULL: noted as an error. */
static struct module *
module_load(struct unit *u, uint32_t name, const char *path)
{
	const struct vm_config *c = &u->vm->config;
	struct buf text = BUF_INIT;
	struct module *m = NULL;
	char *found = NULL, *file = xasprintf("%s.rtfs", path);
	struct error e;

	if (c->read_module == NULL) {
		fail_import(u, "ModuleNotFound",
		    "nothing can be imported here: ", path);
	} else if (c->read_module(
	               c->read_module_arg, file, &text, &found, &e) == -1) {
		fail_import(u,
		    e.os_errno == ENOENT ? "ModuleNotFound" : "ModuleError", "",
		    e.msg);
	} else {
		m = module_new(u->vm, name);
		module_read(u, m, found != NULL ? found : file, &text);
	}
	free(found);
	free(file);
	buf_free(&text);
	return u->failed && u->diags == NULL ? NULL : m;
}

/* By its name as written; NULL: noted as an error. */
static struct module *
module_of(struct unit *u, const char *text)
{
	struct buf path = BUF_INIT;
	struct module *m = NULL;
	uint32_t name;

	if (!module_path(text, &path)) {
		fail(u, "import: %s is no module's name", text);
		goto done;
	}
	name = name_intern(buf_str(&path), path.len);
	if ((m = module_find(u->vm, name)) != NULL) {
		if (m->loading)
			m = import_cycle(u, m);
	} else if (u->diags != NULL && u->vm->config.read_module == NULL) {
		m = module_new(u->vm, name);
		m->unseen = true;
	} else {
		m = module_load(u, name, buf_str(&path));
	}
done:
	buf_free(&path);
	return m;
}

/* A name of m as if it were defined here. */
static bool
import_name(struct unit *u, struct module *m, uint32_t name)
{
	struct module *own = u->module;
	uint32_t macro = nametab_get(&m->macros, name);

	if (nametab_get(&own->only, name) == NAMETAB_NONE &&
	    nametab_get(&own->defined, name) != NAMETAB_NONE) {
		fail(u, "import: %s is defined here, too",
		    name_text(name, NULL));
		return false;
	}
	if (macro != NAMETAB_NONE && module_exports(m, name)) {
		nametab_set(&own->macros, name, macro);
		return true;
	}
	if (!module_offers(m, name)) {
		fail(u, "import: %s is not %s by %s", name_text(name, NULL),
		    module_exports(m, name) ? "defined" : "exported",
		    name_text(m->name, NULL));
		return false;
	}
	nametab_set(&own->cells, name, module_cell(u->vm, m, name));
	nametab_set(&own->defined, name, 1);
	nametab_set(&own->only, name, 1);
	nametab_set(&own->arity, name, nametab_get(&m->arity, name));
	return true;
}

static bool
import_only(struct unit *u, struct module *m, val names)
{
	struct forms f;
	uint32_t i;

	if (!val_is_vector(names)) {
		fail(u, "import: :only needs a vector of names");
		return false;
	}
	forms_of(u, names, &f);
	for (i = 0; i < f.n; i++) {
		if (!val_is_symbol(f.item[i])) {
			fail(u, "import: :only needs a vector of names");
			return false;
		}
		if (!import_name(u, m, val_name(f.item[i])))
			return false;
	}
	return true;
}

struct node *
form_import(struct unit *u, const struct forms *f)
{
	uint32_t i, alias;
	const char *text;
	struct module *m;
	val only = VAL_NIL;

	if (!at_top(u, "import"))
		return NULL;
	if (!val_is_symbol(f->item[1]) && !val_is_keyword(f->item[1]))
		return fail_usage(u, f, "a module's name is missing");
	text = val_name_text(f->item[1], NULL);
	alias = strchr(text, '/') == NULL ?
	    val_name(f->item[1]) :
	    name_intern(strrchr(text, '/') + 1, strlen(strrchr(text, '/') + 1));
	for (i = 2; i < f->n; i += 2) {
		if (val_is_key(f->item[i], "as") && i + 1 < f->n &&
		    val_is_symbol(f->item[i + 1])) {
			alias = val_name(f->item[i + 1]);
		} else if (val_is_key(f->item[i], "only") && i + 1 < f->n) {
			only = f->item[i + 1];
		} else {
			return fail_usage(
			    u, f, ":as ALIAS or :only [NAME...] may follow");
		}
	}
	if ((m = module_of(u, text)) == NULL)
		return NULL;
	nametab_set(&u->module->aliases, alias, m->index);
	if (only != VAL_NIL && !import_only(u, m, only))
		return NULL;
	return node_const(u, VAL_NIL);
}
