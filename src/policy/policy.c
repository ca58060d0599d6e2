/* The layers: texts and options that were added, in order, weakest first. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/rules.h"
#include "value/vector.h"

static const char builtin_text[] =
    "{:default {:timeout \"30s\" :isolation :sandboxed\n"
    "           :limits {:cpu \"30s\" :data \"512M\" :nofile 256\n"
    "                    :nproc 64 :fsize \"64M\" :stack \"8M\" :core 0\n"
    "                    :memlock 0 :msgqueue 0 :request \"256M\"\n"
    "                    :output \"1M\" :result \"64M\" :tmp \"64M\"}}}\n";

const char *
policy_builtin_text(void)
{
	return builtin_text;
}

static void
forget_made(struct policy *p)
{
	size_t i;

	for (i = 0; i < p->nmade; i++)
		p->made[i].cap = NULL;
}

static void
add_writable(struct writable *w, const struct effective *s)
{
	char *const *path;

	for (path = s->write; path != NULL && *path != NULL; path++) {
		w->at = xreallocarray(w->at, w->n + 1, sizeof(*w->at));
		w->at[w->n++] =
		    (struct writable_path){*path, s->origin[SETTING_WRITE]};
	}
}

static void
collect_writable(struct policy *p)
{
	size_t i, k;

	p->writable.n = 0;
	for (i = 0; i < p->nsources; i++) {
		add_writable(&p->writable, &p->source[i].defaults);
		for (k = 0; k < p->source[i].nrules; k++)
			add_writable(&p->writable, &p->source[i].rule[k].set);
	}
}

static struct source *
source_add(struct policy *p, enum layer layer, const char *file)
{
	struct source *src;
	size_t at;

	/* The options stay last: they are the strongest layer. */
	p->source =
	    xreallocarray(p->source, p->nsources + 1, sizeof(*p->source));
	at = p->nsources++;
	if (layer < LAYER_OPTIONS && p->options != NULL) {
		p->source[at] = p->source[at - 1];
		at--;
	}
	src = &p->source[at];
	*src = (struct source){.layer = layer, .file = xstrdup(file)};
	p->options = p->nsources > 0 &&
	        p->source[p->nsources - 1].layer == LAYER_OPTIONS ?
	    &p->source[p->nsources - 1] :
	    NULL;
	forget_made(p);
	return src;
}

size_t
policy_add(struct policy *p, enum layer layer, const char *file,
    const char *dir, const char *text, size_t len, struct diags *ds)
{
	struct srcmap *map = srcmap_new();
	struct reader_options ro = {0, map};
	struct heap *h = heap_new(0);
	struct source *src, draft = {.layer = layer, .file = xstrdup(file)};
	struct parse parse = {
	    draft.file, dir, layer, text, len, map, ds, NULL, 0};
	struct error e;
	val forms = VAL_NIL;

	if (read_all(h, text, len, &ro, &forms, &e) == -1) {
		diags_add(ds, DIAG_ERROR, file, e.line, e.column, "ParseError",
		    "%s", e.msg);
		parse.problems++;
	} else if (vec_count(forms) != 1) {
		diags_add(ds, DIAG_ERROR, file, 0, 0, "PolicyError",
		    "a policy is one map ({} says nothing); this text has %zu "
		    "forms",
		    vec_count(forms));
		parse.problems++;
	} else {
		parse_source(&parse, vec_get(forms, 0), &draft);
	}
	if (parse.problems == 0) {
		src = source_add(p, layer, file);
		/* Origins point at the name: keep the draft's. */
		free(src->file);
		*src = draft;
		collect_writable(p);
	} else {
		source_clear(&draft);
	}
	heap_free(h);
	srcmap_free(map);
	return parse.problems;
}

struct policy *
policy_new(void)
{
	struct policy *p = xcalloc(1, sizeof(*p));
	struct diags ds = {NULL, 0, 0};

	if (policy_add(p, LAYER_BUILTIN, "built in", "/", builtin_text,
	        sizeof(builtin_text) - 1, &ds) != 0)
		abort(); /* our own text: a test holds it */
	diags_free(&ds);
	return p;
}

void
policy_free(struct policy *p)
{
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < p->nsources; i++)
		source_clear(&p->source[i]);
	free(p->source);
	for (i = 0; i < p->nmade; i++) {
		if (p->made[i].own) {
			settings_clear(p->made[i].eff);
			free(p->made[i].eff);
		}
	}
	free(p->made);
	free(p->writable.at);
	list_free(p->default_read);
	free(p->folder);
	free(p);
}

void
policy_folder(struct policy *p, const char *dir)
{
	free(p->folder);
	p->folder = xstrdup(dir);
}

int
policy_option(
    struct policy *p, const char *key, const char *text, struct error *e)
{
	struct parse parse = {"options", p->folder == NULL ? "/" : p->folder,
	    LAYER_OPTIONS, NULL, 0, NULL, NULL, e, 0};
	struct rule r = {
	    .origin = {LAYER_OPTIONS, "options", 0, 0}
        };
	struct source *src = p->options;

	if (src == NULL) {
		src = source_add(p, LAYER_OPTIONS, "options");
		r.match = list_add(NULL, "*");
		src->rule = xcalloc(1, sizeof(r));
		src->rule[0] = r;
		src->nrules = 1;
	}
	forget_made(p);
	parse_option(&parse, key, text, &src->rule[0].set);
	collect_writable(p);
	return parse.problems == 0 ? 0 : -1;
}

void
policy_default_read(struct policy *p, const char *dir)
{
	p->default_read = list_add(p->default_read, dir);
	forget_made(p);
}

struct total
policy_total(const struct policy *p, enum total_id id)
{
	struct total least = {0};
	size_t i;

	for (i = 0; i < p->nsources; i++) {
		const struct total *t = &p->source[i].total[id];

		if (t->set && (!least.set || t->amount < least.amount))
			least = *t;
	}
	return least;
}
