/*
 * Modules: (module NAME (:exports [...])) and (import NAME :as ALIAS).  A
 * module is a file of its own, with its own cells and macros, that is loaded
 * when something first imports it and runs before whoever imports it.
 */
#include <stdlib.h>
#include <string.h>

#include "lang/ast.h"
#include "lang/check.h"
#include "lang/machine.h"
#include "value/errval.h"
#include "value/list.h"
#include "value/name.h"
#include "value/string.h"
#include "value/vector.h"

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
		nametab_set(&u->module->exports, name_intern("", 0), 1);
		for (k = 0; k < names.n; k++) {
			if (!val_is_symbol(names.item[k]))
				return fail_usage(u, f, ":exports needs names");
			nametab_set(
			    &u->module->exports, val_name(names.item[k]), 1);
		}
	}
	return node_const(u, VAL_NIL);
}

/* "geometry.shapes" or "geometry/shapes" is geometry/shapes.rtfs. */
static bool
module_path(const char *name, struct buf *out)
{
	const char *p;

	if (name[0] == '.' || name[0] == '/' || strstr(name, "..") != NULL)
		return false;
	for (p = name; *p != '\0'; p++)
		buf_addc(out, *p == '.' ? '/' : *p);
	buf_adds(out, ".rtfs");
	return true;
}

/* A form that throws: what is wrong with a module is known to catch's table,
 * not to the reader's. */
static struct node *
node_throw(struct unit *u, enum errkey key, const char *text)
{
	struct node *n;
	val v;

	if (u->diags != NULL) {
		return fail(u, "%s: %s", errkey_class(key), text);
	}
	if ((n = node_call(u, "throw", 1)) == NULL)
		return NULL;
	v = errval_make(u->heap, key, "%s", text);
	u->keep = vec_push(u->heap, u->keep, v);
	n->kid[1] = node_const(u, v);
	return n;
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

static struct node *
module_load(struct unit *u, uint32_t name, struct module **out)
{
	struct vm *vm = u->vm;
	struct buf path = BUF_INIT, text = BUF_INIT;
	struct node *bad = NULL;
	struct module *m;
	struct error e;
	char *found = NULL, *message;
	int rc;

	if (!module_path(name_text(name, NULL), &path) ||
	    vm->config.read_module == NULL ||
	    vm->config.read_module(vm->config.read_module_arg, buf_str(&path),
	        &text, &found, &e) == -1) {
		message = xasprintf("%s: no file %s in the program's folder "
		                    "or RTFS_PATH",
		    name_text(name, NULL), buf_str(&path));
		bad = node_throw(u, ERRKEY_MODULE_NOT_FOUND, message);
		free(message);
		goto done;
	}
	*out = m = module_new(vm, name);
	m->loading = true;
	rc = load_unit(vm, m, found != NULL ? found : buf_str(&path),
	    buf_str(&text), text.len, u->diags, &e);
	m->loading = false;
	if (rc == -1) {
		m->name = NAME_NONE; /* another import tries again */
		message = xasprintf("%s: %s:%u:%u: %s", name_text(name, NULL),
		    found != NULL ? found : buf_str(&path), e.line, e.column,
		    e.msg);
		bad = node_throw(u, ERRKEY_MODULE_ERROR, message);
		free(message);
	}
done:
	free(found);
	buf_free(&path);
	buf_free(&text);
	return bad;
}

/* :only [x y]: the names themselves, as if defined here. */
static bool
import_only(struct unit *u, struct module *m, val names)
{
	struct forms f;
	uint32_t i, cell, name;

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
		name = val_name(f.item[i]);
		if (!module_exports(m, name)) {
			fail(u, "import: %s is not exported by %s",
			    name_text(name, NULL), name_text(m->name, NULL));
			return false;
		}
		if (nametab_get(&m->macros, name) != NAMETAB_NONE) {
			nametab_set(&u->module->macros, name,
			    nametab_get(&m->macros, name));
			continue;
		}
		cell = module_cell(u->vm, m, name);
		nametab_set(&u->module->cells, name, cell);
		nametab_set(&u->module->defined, name, 1);
	}
	return true;
}

struct node *
form_import(struct unit *u, const struct forms *f)
{
	uint32_t i, name, alias;
	struct module *m;
	struct node *bad;
	val only = VAL_NIL;
	char *message;

	if (!at_top(u, "import"))
		return NULL;
	if (!val_is_symbol(f->item[1]) && !val_is_keyword(f->item[1]))
		return fail_usage(u, f, "a module's name is missing");
	name = alias = val_name(f->item[1]);
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
	if ((m = module_find(u->vm, name)) == NULL) {
		if (u->diags != NULL && u->vm->config.read_module == NULL)
			m = module_new(u->vm, name); /* taken on trust */
		else if ((bad = module_load(u, name, &m)) != NULL)
			return bad;
	} else if (m->loading) {
		message = xasprintf("%s imports itself (through %s)",
		    name_text(name, NULL), u->name);
		bad = node_throw(u, ERRKEY_MODULE_ERROR, message);
		free(message);
		return bad;
	}
	nametab_set(&u->module->aliases, alias, m->index);
	if (only != VAL_NIL && !import_only(u, m, only))
		return NULL;
	return node_const(u, VAL_NIL);
}
