/*
 * rtfs policy diff A B: what changes for which capability when the second
 * policy stands in the place of the first; what is looser comes first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/paths.h"
#include "cli/policy_verbs.h"
#include "cli/text.h"
#include "value/json.h"

struct change_row {
	enum change change;
	char *key;
	char *from;
	char *to;
	char *by; /* who says the new value */
};

/* The changes of one capability, or of several that have the same. */
struct changes {
	char **id;
	struct change_row *row;
	size_t n;
	bool looser;
};

struct diff {
	struct policy *from;
	struct policy *to;
	struct changes *item;
	size_t n;
};

static const char *const change_names[] = {
    [CHANGE_NONE] = "same",
    [CHANGE_LOOSER] = "looser",
    [CHANGE_TIGHTER] = "tighter",
    [CHANGE_OTHER] = "changed",
};

static void
change_add(struct changes *c, enum change change, const char *key, char *from,
    char *to, const struct origin *by)
{
	if (change == CHANGE_NONE) {
		free(from);
		free(to);
		return;
	}
	c->row = xreallocarray(c->row, c->n + 1, sizeof(*c->row));
	c->row[c->n++] = (struct change_row){change, xstrdup(key), from, to,
	    xstrdup(by == NULL ? "" : policy_origin(by))};
	c->looser = c->looser || change == CHANGE_LOOSER;
}

static void
changes_free(struct changes *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->row[i].key);
		free(c->row[i].from);
		free(c->row[i].to);
		free(c->row[i].by);
	}
	free(c->row);
	for (i = 0; c->id != NULL && c->id[i] != NULL; i++)
		free(c->id[i]);
	free(c->id);
}

/* Looser, then what nobody can say, then tighter; else as it was. */
static int
rank(enum change c)
{
	return c == CHANGE_LOOSER ? 0 : c == CHANGE_OTHER ? 1 : 2;
}

static void
sort_rows(struct changes *c)
{
	struct change_row row;
	size_t i, k;

	for (i = 1; i < c->n; i++) {
		row = c->row[i];
		for (k = i;
		     k > 0 && rank(c->row[k - 1].change) > rank(row.change);
		     k--)
			c->row[k] = c->row[k - 1];
		c->row[k] = row;
	}
}

static char *
limit_text(enum limit_id id, const struct limit_value *l)
{
	struct buf b = BUF_INIT;

	limit_value_format(id, l, &b);
	return buf_take(&b, NULL);
}

static char *
setting_text(const struct effective *s, enum setting id)
{
	struct buf b = BUF_INIT;

	setting_format(s, id, &b);
	return buf_take(&b, NULL);
}

static void
compare_effective(
    struct changes *c, const struct effective *a, const struct effective *b)
{
	enum setting id;
	enum limit_id l;
	char key[48];

	for (id = 0; id < SETTING_COUNT; id++) {
		if (id != SETTING_LIMITS)
			change_add(c, setting_compare(a, b, id),
			    setting_name(id), setting_text(a, id),
			    setting_text(b, id), &b->origin[id]);
	}
	for (l = 0; l < LIMIT_COUNT; l++) {
		snprintf(key, sizeof(key), "limits.%s", limit_name(l));
		change_add(c, limit_compare(&a->limit[l], &b->limit[l]), key,
		    limit_text(l, &a->limit[l]), limit_text(l, &b->limit[l]),
		    &b->limit[l].origin);
	}
}

static bool
same_rows(const struct changes *a, const struct changes *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		if (a->row[i].change != b->row[i].change ||
		    strcmp(a->row[i].key, b->row[i].key) != 0 ||
		    strcmp(a->row[i].from, b->row[i].from) != 0 ||
		    strcmp(a->row[i].to, b->row[i].to) != 0 ||
		    strcmp(a->row[i].by, b->row[i].by) != 0)
			return false;
	}
	return true;
}

static void
id_add(struct changes *c, const char *id)
{
	size_t n = 0;

	while (c->id != NULL && c->id[n] != NULL)
		n++;
	c->id = xreallocarray(c->id, n + 2, sizeof(char *));
	c->id[n] = xstrdup(id);
	c->id[n + 1] = NULL;
}

/* To those that have the same, or as one of its own; takes c over. */
static void
diff_keep(struct diff *d, struct changes *c, const char *id)
{
	size_t i;

	if (c->n == 0)
		return;
	sort_rows(c);
	for (i = 0; i < d->n; i++) {
		if (same_rows(&d->item[i], c)) {
			id_add(&d->item[i], id);
			changes_free(c);
			return;
		}
	}
	id_add(c, id);
	d->item = xreallocarray(d->item, d->n + 1, sizeof(*d->item));
	d->item[d->n++] = *c;
}

static void
diff_capability(struct diff *d, const struct capability *cap)
{
	const struct effective *a, *b;
	struct changes c = {0};
	struct error ea, eb;
	int ra = policy_resolve(d->from, cap, VAL_NIL, &a, &ea);
	int rb = policy_resolve(d->to, cap, VAL_NIL, &b, &eb);

	if (ra == 0 && rb == 0)
		compare_effective(&c, a, b);
	else if (ra == 0)
		change_add(&c, CHANGE_TIGHTER, "deny", xstrdup("allowed"),
		    xasprintf("denied (%s)", eb.msg), NULL);
	else if (rb == 0)
		change_add(&c, CHANGE_LOOSER, "deny",
		    xasprintf("denied (%s)", ea.msg), xstrdup("allowed"), NULL);
	diff_keep(d, &c, cap->id);
}

static char *
total_text(enum total_id id, const struct total *t)
{
	char text[32];

	if (!t->set)
		return xstrdup("none");
	amount_format(total_unit(id), t->amount, text);
	return xstrdup(text);
}

/* Ceilings and totals, which hold for all. */
static void
diff_bounds(struct diff *d)
{
	struct changes c = {0};
	struct limit_value la, lb;
	struct total ta, tb;
	enum total_id t;
	enum limit_id l;
	char key[48];

	for (l = 0; l < LIMIT_COUNT; l++) {
		la = lb = (struct limit_value){0};
		policy_ceiling(d->from, l, &la);
		policy_ceiling(d->to, l, &lb);
		snprintf(key, sizeof(key), "max.limits.%s", limit_name(l));
		change_add(&c, limit_compare(&la, &lb), key, limit_text(l, &la),
		    limit_text(l, &lb), &lb.origin);
	}
	for (t = 0; t < TOTAL_COUNT; t++) {
		ta = policy_total(d->from, t);
		tb = policy_total(d->to, t);
		la = (struct limit_value){
		    ta.set, ta.amount, ta.amount, {0}, false};
		lb = (struct limit_value){
		    tb.set, tb.amount, tb.amount, {0}, false};
		snprintf(key, sizeof(key), "total.%s", total_name(t));
		change_add(&c, limit_compare(&la, &lb), key, total_text(t, &ta),
		    total_text(t, &tb), &tb.origin);
	}
	diff_keep(d, &c, "*");
}

static void
diff_timeout_ceiling(struct diff *d)
{
	struct effective a = {.timeout = INT64_MAX}, b = {.timeout = INT64_MAX};
	struct origin at = {0};
	struct changes c = {0};

	policy_timeout_ceiling(d->from, &a.timeout, &at);
	policy_timeout_ceiling(d->to, &b.timeout, &at);
	change_add(&c, setting_compare(&a, &b, SETTING_TIMEOUT), "max.timeout",
	    setting_text(&a, SETTING_TIMEOUT),
	    setting_text(&b, SETTING_TIMEOUT), &at);
	diff_keep(d, &c, "*");
}

/* Patterns that stand for capabilities which are not known here. */
struct seen {
	struct diff *diff;
	struct registry *registry;
	struct capability **stand_in; /* resolving knows them by address */
	size_t n;
};

static void
diff_pattern(const char *pattern, void *arg)
{
	struct seen *seen = arg;
	struct capability *c;
	size_t i;

	for (i = 0; i < seen->n; i++) {
		if (strcmp(seen->stand_in[i]->id, pattern) == 0)
			return;
	}
	if (strcmp(pattern, "*") == 0 ||
	    registry_find(seen->registry, pattern) != NULL)
		return;
	c = xcalloc(1, sizeof(*c));
	c->id = xstrdup(pattern);
	c->kind = CAP_EXEC;
	c->layer = LAYER_COMMAND;
	seen->stand_in = xreallocarray(
	    seen->stand_in, seen->n + 1, sizeof(struct capability *));
	seen->stand_in[seen->n++] = c;
	diff_capability(seen->diff, c);
}

static void
diff_all(struct diff *d, struct registry *r)
{
	struct seen seen = {d, r, NULL, 0};
	const struct capability **list;
	size_t i, n;

	list = registry_list(r, &n);
	for (i = 0; i < n; i++) {
		if (list[i]->kind != CAP_HOST)
			diff_capability(d, list[i]);
	}
	free(list);
	policy_patterns(d->from, diff_pattern, &seen);
	policy_patterns(d->to, diff_pattern, &seen);
	for (i = 0; i < seen.n; i++) {
		free(seen.stand_in[i]->id);
		free(seen.stand_in[i]);
	}
	free(seen.stand_in);
	diff_timeout_ceiling(d);
	diff_bounds(d);
}

/* Their names, in lines of reasonable length. */
static void
show_names(char *const *id)
{
	const size_t line = 76;
	size_t column = 0;

	for (; *id != NULL; id++) {
		if (column > 0 && column + strlen(*id) + 2 > line) {
			puts("");
			column = 0;
		}
		column += (size_t)printf("%s%s%s", column > 0 ? " " : "",
		    strcmp(*id, "*") == 0 ? "" : ":", *id);
	}
	puts("");
}

static void
show_text(const struct changes *c)
{
	size_t i, width = 0;

	show_names(c->id);
	for (i = 0; i < c->n; i++) {
		if (strlen(c->row[i].key) > width)
			width = strlen(c->row[i].key);
	}
	for (i = 0; i < c->n; i++) {
		printf("  %-7s  %-*s  %s -> %s", change_names[c->row[i].change],
		    (int)width, c->row[i].key, c->row[i].from, c->row[i].to);
		if (*c->row[i].by != '\0' && strcmp(c->row[i].by, "-") != 0)
			printf("  (%s)", c->row[i].by);
		puts("");
	}
}

static void
json_text(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, ",\"%s\":", name);
	json_write_bytes(b, text, strlen(text));
}

static void
show_json(const struct changes *c)
{
	struct buf b = BUF_INIT;
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		buf_clear(&b);
		buf_addf(
		    &b, "{\"change\":\"%s\"", change_names[c->row[i].change]);
		json_text(&b, "key", c->row[i].key);
		json_text(&b, "from", c->row[i].from);
		json_text(&b, "to", c->row[i].to);
		json_text(&b, "set_by", c->row[i].by);
		buf_adds(&b, ",\"capabilities\":[");
		for (k = 0; c->id[k] != NULL; k++) {
			if (k > 0)
				buf_addc(&b, ',');
			json_write_bytes(&b, c->id[k], strlen(c->id[k]));
		}
		buf_adds(&b, "]}");
		puts(buf_str(&b));
	}
	buf_free(&b);
}

static void
diff_show(const struct diff *d, bool json)
{
	int looser;
	size_t i;

	for (looser = 1; looser >= 0; looser--) {
		for (i = 0; i < d->n; i++) {
			if (d->item[i].looser != (looser == 1))
				continue;
			if (json)
				show_json(&d->item[i]);
			else
				show_text(&d->item[i]);
		}
	}
}

static void
add_file(struct policy *p, const char *path, struct diags *ds)
{
	struct buf text = BUF_INIT;
	struct error e;
	char *dir = path_folder(path);

	if (text_read_file(path, &text, &e) == -1)
		diags_add(ds, DIAG_ERROR, path, 0, 0, "FileError", "%s",
		    text_why(&e));
	else
		policy_add(p, LAYER_COMMAND, path, dir != NULL ? dir : "/",
		    buf_str(&text), text.len, ds);
	free(dir);
	buf_free(&text);
}

/* The built-in layer, what --policy names, and the file itself. */
static struct policy *
policy_with(const struct options *o, const char *path, struct diags *ds)
{
	struct policy *p = policy_new();
	size_t i;

	for (i = 0; i < o->policies.n; i++)
		add_file(p, o->policies.item[i], ds);
	add_file(p, path, ds);
	return p;
}

int
policy_diff(const struct verb *v, const struct options *o,
    const struct policy_words *files)
{
	struct diags ds = {NULL, 0, 0};
	struct diff d = {NULL, NULL, NULL, 0};
	struct setup s;
	size_t i;
	int status;

	if (files->n != 2)
		return options_misuse(v, "diff two policies");
	d.from = policy_with(o, files->item[0], &ds);
	d.to = policy_with(o, files->item[1], &ds);
	status = setup_open(&s, v, o, NULL);
	text_show(&ds);
	if (diags_errors(&ds) > 0)
		status = 3;
	if (status == 0) {
		diff_all(&d, s.registry);
		diff_show(&d, o->json);
		status = d.n > 0;
	}
	for (i = 0; i < d.n; i++)
		changes_free(&d.item[i]);
	free(d.item);
	policy_free(d.from);
	policy_free(d.to);
	setup_close(&s);
	diags_free(&ds);
	return status;
}
