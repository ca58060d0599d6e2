/*
 * Reading a manifest: its (capability ...) forms are data, looked at form by
 * form with positions, so that every problem of a file is reported at once.
 */
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/manifest_impl.h"
#include "policy/policy.h"
#include "sandbox/resolve.h"
#include "value/list.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/type.h"
#include "value/vector.h"

#define PROGRAM_PATH "/usr/local/bin:/usr/bin:/bin"

struct reading {
	struct registry *registry;
	struct diags *ds;
	const char *file;
	const char *text;
	size_t len;
	char *dir;
	enum layer layer;
	struct srcmap *map;
	struct heap *heap;
	struct manifest_code *code;
	unsigned int functions;
};

/* One capability form while it is taken apart. */
struct form {
	struct capability cap;
	size_t at;          /* of the form */
	size_t function_at; /* of the value of :rtfs; SRCMAP_NONE: none */
	bool has_codec;
	bool bad;
};

static void complain(struct reading *, size_t at, const char *, ...)
    ATTR_PRINTF(3, 4);

static void
complain(struct reading *r, size_t at, const char *fmt, ...)
{
	unsigned int line = 0, column = 0;
	va_list ap;
	char *text;
	struct buf b = BUF_INIT;

	if (at != SRCMAP_NONE)
		text_place(r->text, r->len, at, &line, &column);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	text = buf_take(&b, NULL);
	diags_add(r->ds, DIAG_ERROR, r->file, line, column, "PolicyError", "%s",
	    text);
	free(text);
}

static bool
is_word(val v)
{
	size_t len;

	if (!val_is_string(v))
		return false;
	return strlen(str_bytes(v, &len)) == len;
}

static void
key_doc(struct reading *r, struct form *f, val v, size_t at)
{
	if (!is_word(v)) {
		complain(r, at, ":doc is a string");
		f->bad = true;
	} else if (f->cap.doc == NULL) {
		f->cap.doc = xstrdup(str_bytes(v, NULL));
	}
}

/* ./x and ../x belong to the manifest's folder; the first word too when it
 * has a slash. */
static char *
exec_word(const struct reading *r, const char *word, bool first)
{
	if (word[0] == '/')
		return xstrdup(word);
	if (strncmp(word, "./", 2) == 0)
		return xasprintf("%s/%s", r->dir, word + 2);
	if (strncmp(word, "../", 3) == 0 ||
	    (first && strchr(word, '/') != NULL))
		return xasprintf("%s/%s", r->dir, word);
	return xstrdup(word);
}

static void
add_file(struct capability *c, const char *path)
{
	size_t n = 0;

	while (c->files != NULL && c->files[n] != NULL)
		n++;
	c->files = xreallocarray(c->files, n + 2, sizeof(char *));
	c->files[n] = xstrdup(path);
	c->files[n + 1] = NULL;
}

/* May a manifest of that layer let its program see the path?  One that comes
 * with a program speaks for its own folder only. */
static bool
may_show(const struct reading *r, const char *path)
{
	char *home = NULL, *place = NULL;
	size_t there;
	bool in;

	if (r->layer < LAYER_COMMAND)
		return true;
	in = sandbox_resolve(r->dir, NULL, &home, &there, NULL) == 0 &&
	    sandbox_resolve(path, NULL, &place, &there, NULL) == 0 &&
	    path_within(place, home) && strstr(place + there, "..") == NULL;
	free(home);
	free(place);
	return in;
}

static void
key_exec(struct reading *r, struct form *f, val v, size_t at)
{
	const char *word;
	size_t i, n;

	if (!val_is_vector(v) || vec_count(v) == 0 || f->cap.argv != NULL) {
		complain(r, at, ":exec is a vector of one or more strings");
		f->bad = true;
		return;
	}
	n = vec_count(v);
	for (i = 0; i < n; i++) {
		if (!is_word(vec_get(v, i)) ||
		    (i == 0 && str_count(vec_get(v, i)) == 0)) {
			complain(r, at,
			    ":exec is a vector of strings without NUL, word "
			    "%zu is not one",
			    i + 1);
			f->bad = true;
			return;
		}
	}
	f->cap.kind = CAP_EXEC;
	f->cap.argv = xcalloc(n + 1, sizeof(char *));
	for (i = 0; i < n; i++) {
		word = str_bytes(vec_get(v, i), NULL);
		f->cap.argv[i] = exec_word(r, word, i == 0);
		if (i > 0 && word[0] != '/' && f->cap.argv[i][0] == '/' &&
		    may_show(r, f->cap.argv[i]))
			add_file(&f->cap, f->cap.argv[i]);
	}
}

/* Paths that the program sees, relative to the manifest. */
static void
key_files(struct reading *r, struct form *f, val v, size_t at)
{
	const char *word;
	char *path;
	size_t i;

	if (!val_is_vector(v)) {
		complain(r, at, ":files is a vector of paths");
		f->bad = true;
		return;
	}
	for (i = 0; i < vec_count(v); i++) {
		if (!is_word(vec_get(v, i)) || str_count(vec_get(v, i)) == 0) {
			complain(r, at, ":files is a vector of paths");
			f->bad = true;
			return;
		}
		word = str_bytes(vec_get(v, i), NULL);
		path = word[0] == '/' ?
		    xstrdup(word) :
		    xasprintf("%s/%s", r->dir,
		        strncmp(word, "./", 2) == 0 ? word + 2 : word);
		if (may_show(r, path)) {
			add_file(&f->cap, path);
		} else {
			complain(r, at,
			    ":files: %s is outside of the manifest's folder; "
			    "a rule of a policy with :read may grant it",
			    word);
			f->bad = true;
		}
		free(path);
	}
}

static const char *
plain_path(const char *path)
{
	return strncmp(path, "./", 2) == 0 ? path + 2 : path;
}

static void
key_plugin(struct reading *r, struct form *f, val v, size_t at)
{
	if (!is_word(v) || str_count(v) == 0 || f->cap.program != NULL) {
		complain(r, at, ":plugin is the path of one shared object");
		f->bad = true;
		return;
	}
	f->cap.kind = CAP_PLUGIN;
	f->cap.image = IMAGE_PLUGIN;
	f->cap.program = str_bytes(v, NULL)[0] == '/' ?
	    xstrdup(str_bytes(v, NULL)) :
	    xasprintf("%s/%s", r->dir, plain_path(str_bytes(v, NULL)));
}

static void
key_codec(struct reading *r, struct form *f, val v, size_t at)
{
	int codec = -1;

	if (val_is_keyword(v))
		codec = cap_codec_from(val_name_text(v, NULL));
	if (codec == -1) {
		complain(
		    r, at, ":codec is :json, :argv, :lines, :raw or :msgpack");
		f->bad = true;
		return;
	}
	f->cap.codec = (enum cap_codec)codec;
	f->has_codec = true;
}

static void
key_type(struct reading *r, struct form *f, const char *key, struct type **out,
    val v, size_t at)
{
	struct error e;

	if (*out != NULL)
		return;
	if (type_new(v, out, &e) == -1) {
		complain(r, at, ":%s: %s", key, e.msg);
		f->bad = true;
	}
}

static void
key_params(struct reading *r, struct form *f, val v, size_t at)
{
	key_type(r, f, "params", &f->cap.params, v, at);
}

static void
key_result(struct reading *r, struct form *f, val v, size_t at)
{
	key_type(r, f, "result", &f->cap.result, v, at);
}

static void
key_keys(struct reading *r, struct form *f, val v, size_t at)
{
	if (!val_is_key(v, "keyword")) {
		complain(r, at, ":keys is :keyword, or left out");
		f->bad = true;
	}
	f->cap.keywords = true;
}

static void
key_encoding(struct reading *r, struct form *f, val v, size_t at)
{
	if (!val_is_key(v, "base64")) {
		complain(r, at, ":encoding is :base64, or left out");
		f->bad = true;
	}
	f->cap.base64 = true;
}

static void
key_idempotent(struct reading *r, struct form *f, val v, size_t at)
{
	if (v != VAL_TRUE && v != VAL_FALSE) {
		complain(r, at, ":idempotent is true or false");
		f->bad = true;
	}
	f->cap.idempotent = v == VAL_TRUE;
}

static void
key_rtfs(
    struct reading *r ATTR_UNUSED, struct form *f, val v ATTR_UNUSED, size_t at)
{
	f->cap.kind = CAP_RTFS;
	f->cap.trusted = true;
	f->function_at = at;
}

typedef void (*key_fn)(struct reading *, struct form *, val, size_t at);

static const struct {
	const char *name;
	key_fn fn;
} keys[] = {
    {"doc",        key_doc       },
    {"exec",       key_exec      },
    {"rtfs",       key_rtfs      },
    {"codec",      key_codec     },
    {"params",     key_params    },
    {"result",     key_result    },
    {"keys",       key_keys      },
    {"encoding",   key_encoding  },
    {"idempotent", key_idempotent},
    {"plugin",     key_plugin    },
    {"files",      key_files     },
};

static void
take_key(
    struct reading *r, struct form *f, val k, size_t key_at, val v, size_t at)
{
	struct nearest near;
	struct buf b = BUF_INIT;
	size_t i;

	f->bad = true;
	print_short(&b, k, 60);
	if (!val_is_keyword(k)) {
		complain(r, key_at, "expected a key such as :exec, got %s",
		    buf_str(&b));
		buf_free(&b);
		return;
	}
	nearest_init(&near, val_name_text(k, NULL));
	for (i = 0; i < NITEMS(keys); i++) {
		nearest_offer(&near, keys[i].name);
		if (val_is_key(k, keys[i].name))
			break;
	}
	if (i == NITEMS(keys)) {
		if (near.best != NULL)
			buf_addf(&b, "; did you mean :%s?", near.best);
		complain(r, key_at, "unknown key %s", buf_str(&b));
	} else {
		f->bad = false;
	}
	buf_free(&b);
	if (!f->bad)
		keys[i].fn(r, f, v, at);
}

/* A word without a slash on the fixed path, a path as it is: what will be
 * executed. */
static void
find_program(struct capability *c)
{
	const char *word = c->argv[0], *dir = PROGRAM_PATH;
	size_t n;

	if (strchr(word, '/') != NULL) {
		c->program = xstrdup(word);
	} else {
		for (; *dir != '\0'; dir += n + (dir[n] == ':')) {
			n = strcspn(dir, ":");
			free(c->program);
			c->program = xasprintf("%.*s/%s", (int)n, dir, word);
			if (access(c->program, X_OK) == 0)
				break;
		}
	}
}

/* Why the program or plug-in cannot be run, if so. */
static void
check_program(struct capability *c)
{
	bool searched = c->argv != NULL && strchr(c->argv[0], '/') == NULL;
	const char *word = searched ? c->argv[0] : c->program;
	size_t n = strlen(c->dir);
	struct stat st;

	if (strncmp(word, c->dir, n) == 0 && word[n] == '/')
		word += n + 1; /* as its folder's reader knows it */
	if (stat(c->program, &st) == -1) {
		c->broken = xasprintf("%s: %s%s (%s:%u)", word, strerror(errno),
		    searched ? " on " PROGRAM_PATH : "", c->file, c->line);
	} else if (!S_ISREG(st.st_mode)) {
		c->broken =
		    xasprintf("%s: not a file (%s:%u)", word, c->file, c->line);
	} else if (c->kind == CAP_EXEC && (st.st_mode & 0111) == 0) {
		c->broken = xasprintf(
		    "%s: cannot execute: Permission denied (mode %04o; chmod "
		    "+x) (%s:%u)",
		    word, (unsigned int)st.st_mode & 07777, c->file, c->line);
	}
}

static void
finish_form(struct reading *r, struct form *f)
{
	struct capability *c = &f->cap;
	struct error e;

	if (f->bad)
		return;
	if ((c->argv != NULL) + (c->program != NULL) +
	        (f->function_at != SRCMAP_NONE) !=
	    1) {
		complain(r, f->at,
		    ":%s needs exactly one of :exec, :plugin and :rtfs", c->id);
		return;
	}
	if (c->kind != CAP_EXEC && (f->has_codec || c->keywords || c->base64)) {
		complain(r, f->at,
		    ":%s: :codec, :keys and :encoding belong to :exec", c->id);
		return;
	}
	if (c->keywords && c->codec == CODEC_MSGPACK) {
		complain(r, f->at,
		    ":%s: :keys is for :codec :json; msgpack carries keywords "
		    "as such",
		    c->id);
		return;
	}
	if (c->base64 && c->codec != CODEC_RAW) {
		complain(
		    r, f->at, ":%s: :encoding belongs to :codec :raw", c->id);
		return;
	}
	if (c->argv != NULL)
		find_program(c);
	if (c->program != NULL)
		check_program(c);
	if (c->kind == CAP_RTFS) {
		c->function = manifest_code_function(
		    r->code, manifest_code_add(r->code, f->at, f->function_at));
		r->functions++;
	}
	if (registry_add(r->registry, c, &e) == -1)
		complain(r, f->at, "%s", e.msg);
}

static size_t
item_at(const struct reading *r, val cell)
{
	return srcmap_find(r->map, val_obj(cell), 0);
}

static void
read_capability(struct reading *r, val form)
{
	struct form f;
	size_t len;
	val l = list_rest(form), k, id;

	memset(&f, 0, sizeof(f));
	f.at = srcmap_find(r->map, val_obj(form), SRCMAP_SELF);
	f.function_at = SRCMAP_NONE;
	id = l == VAL_NO_ITEMS ? VAL_NIL : list_first(l);
	if (!val_is_keyword(id)) {
		complain(r, f.at,
		    "a capability begins with its id: (capability :name.verb "
		    "...)");
		manifest_code_blank(r->code, f.at);
		return;
	}
	f.cap.id = xstrdup(val_name_text(id, &len));
	f.cap.file = xstrdup(r->file);
	f.cap.dir = xstrdup(r->dir);
	f.cap.layer = r->layer;
	f.cap.image = IMAGE_CORE;
	text_place(r->text, r->len, f.at, &f.cap.line, &(unsigned int){0});
	for (l = list_rest(l); l != VAL_NO_ITEMS; l = list_rest(l)) {
		k = l;
		l = list_rest(l);
		if (l == VAL_NO_ITEMS) {
			complain(r, item_at(r, k), "a value is missing here");
			f.bad = true;
			break;
		}
		take_key(r, &f, list_first(k), item_at(r, k), list_first(l),
		    item_at(r, l));
	}
	finish_form(r, &f);
	if (f.function_at == SRCMAP_NONE || f.cap.id != NULL)
		manifest_code_blank(r->code, f.at);
	capability_clear(&f.cap);
}

static bool
is_definition(val head)
{
	static const char *const words[] = {
	    "def", "defn", "defmacro", "defstruct"};
	size_t i;

	for (i = 0; i < NITEMS(words); i++) {
		if (strcmp(val_name_text(head, NULL), words[i]) == 0)
			return true;
	}
	return false;
}

static void
read_form(struct reading *r, val forms, size_t i)
{
	val form = vec_get(forms, i), head = VAL_NIL;

	if (val_is_list(form) && form != VAL_NO_ITEMS)
		head = list_first(form);
	if (val_is_symbol(head) &&
	    strcmp(val_name_text(head, NULL), "capability") == 0)
		read_capability(r, form);
	else if (!val_is_symbol(head) || !is_definition(head))
		complain(r, srcmap_find(r->map, val_obj(forms), (uint32_t)i),
		    "expected (capability ...) or a definition");
}

size_t
manifest_add(struct registry *registry, enum layer layer, const char *file,
    const char *text, size_t len, struct diags *ds)
{
	struct reading r = {
	    registry, ds, file, text, len, NULL, layer, NULL, NULL, NULL, 0};
	struct reader_options options = {0, NULL};
	size_t i, before = diags_errors(ds);
	const char *slash = strrchr(file, '/');
	struct error e;
	val forms;

	r.dir = slash == NULL || slash == file ?
	    xstrdup(slash == NULL ? "." : "/") :
	    xstrndup(file, (size_t)(slash - file));
	r.heap = heap_new(0);
	r.map = options.map = srcmap_new();
	r.code = manifest_code_new(file, text, len);
	if (read_all(r.heap, text, len, &options, &forms, &e) == -1) {
		diags_add(ds, DIAG_ERROR, file, e.line, e.column, "ParseError",
		    "%s", e.msg);
	} else {
		for (i = 0; i < vec_count(forms); i++)
			read_form(&r, forms, i);
	}
	if (r.functions > 0 && diags_errors(ds) == before) {
		manifest_code_run(r.code, ds);
	}
	registry_keep(registry, r.code, manifest_code_free);
	srcmap_free(r.map);
	heap_free(r.heap);
	free(r.dir);
	return diags_errors(ds) - before;
}
