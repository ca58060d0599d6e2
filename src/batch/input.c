/*
 * Records to rows: columns by --csv or --colsep, names by --header, members
 * of JSON objects.  A record that cannot be split is a row that says why, so
 * that it fails alone.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "batch/columns.h"
#include "batch/input.h"
#include "batch/records.h"
#include "value/json.h"
#include "value/map.h"
#include "value/name.h"
#include "value/string.h"

struct input {
	const struct batch_options *options;
	const struct batch_input *from;
	struct heap *heap;
	struct records records; /* of a file */
	size_t word;            /* the next one */
	struct columns *columns;
	const char **name; /* of --header; interned */
	size_t nnames;
	bool headed;       /* the header has been read, or there is none */
	struct buf joined; /* -L: lines that ended with a blank */
};

void
row_clear(struct row *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->value[i].text);
	free(r->value);
	free(r->bad);
	memset(r, 0, sizeof(*r));
}

static void
row_add(struct row *r, const char *name, char *text)
{
	r->value = xreallocarray(r->value, r->n + 1, sizeof(*r->value));
	r->value[r->n].name = name;
	r->value[r->n++].text = text;
}

void
row_append(struct row *r, struct row *taken)
{
	size_t i;

	for (i = 0; i < taken->n; i++)
		row_add(r, taken->value[i].name, taken->value[i].text);
	taken->n = 0;
	if (r->line == 0)
		r->line = taken->line;
	if (r->bad == NULL) {
		r->bad = taken->bad;
		taken->bad = NULL;
	}
	row_clear(taken);
}

void
row_copy(struct row *r, const struct row *from)
{
	size_t i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < from->n; i++)
		row_add(r, from->value[i].name, xstrdup(from->value[i].text));
	r->line = from->line;
	r->bad = from->bad != NULL ? xstrdup(from->bad) : NULL;
}

static char
csv_separator(const struct batch_options *o)
{
	if (o->colsep == NULL)
		return ',';
	return strcmp(o->colsep, "\\t") == 0 ? '\t' : o->colsep[0];
}

static int
check_separator(const struct batch_options *o, struct error *e)
{
	if (o->colsep == NULL || strcmp(o->colsep, "\\t") == 0 ||
	    (o->colsep[0] != '\0' && o->colsep[1] == '\0' &&
	        strchr("\"\r\n", o->colsep[0]) == NULL))
		return 0;
	return error_set(e, EK_ARGUMENT,
	    "with --csv, --colsep is one character or \\t, not \"%s\"",
	    o->colsep);
}

int
input_new(const struct batch_options *o, const struct batch_input *from,
    struct heap *h, struct input **out, struct error *e)
{
	struct input *in = xcalloc(1, sizeof(*in));

	in->options = o;
	in->from = from;
	in->heap = h;
	in->headed = !o->header || from->kind == INPUT_JSONL;
	if (from->kind != INPUT_WORDS) {
		if (records_open(&in->records, from->file, o->delimiter, e) ==
		    -1)
			goto failed;
		in->records.csv = o->csv && from->kind == INPUT_FILE;
		in->records.separator = csv_separator(o);
		in->records.marked =
		    in->records.csv || from->kind == INPUT_JSONL;
	}
	if (o->csv) {
		if (check_separator(o, e) == -1)
			goto failed;
	} else if (o->colsep != NULL && from->kind != INPUT_JSONL) {
		if (columns_new(o->colsep, &in->columns, e) == -1) {
			error_context(e, "--colsep");
			goto failed;
		}
	}
	*out = in;
	return 0;
failed:
	input_free(in);
	return -1;
}

void
input_free(struct input *in)
{
	if (in == NULL)
		return;
	records_close(&in->records);
	columns_free(in->columns);
	buf_free(&in->joined);
	free(in->name);
	free(in);
}

int
input_fd(const struct input *in)
{
	return in->records.intake.from.fd;
}

int64_t
input_total(const struct input *in)
{
	if (in->from->kind != INPUT_WORDS)
		return -1;
	return (int64_t)(in->from->nwords -
	    (in->options->header && in->from->nwords > 0 ? 1 : 0));
}

/* The next record, from wherever they come; line 0 for a word. */
static enum job_pull
next_record(struct input *in, struct input_record *r, struct error *e)
{
	if (in->from->kind != INPUT_WORDS)
		return records_next(&in->records, r, e);
	if (in->word == in->from->nwords)
		return PULL_END;
	r->text = in->from->words[in->word++];
	r->len = strlen(r->text);
	r->line = 0;
	return PULL_JOB;
}

/* Is the line to go on with the next one? */
static bool
goes_on(struct input *in, const struct input_record *r)
{
	return in->options->max_lines > 0 && in->from->kind == INPUT_FILE &&
	    in->records.delimiter == '\n' && !in->records.csv && r->len > 0 &&
	    (r->text[r->len - 1] == ' ' || r->text[r->len - 1] == '\t');
}

static enum job_pull
next_joined(struct input *in, struct input_record *r, struct error *e)
{
	enum job_pull pull;

	for (;;) {
		pull = next_record(in, r, e);
		if (pull == PULL_END && in->joined.len > 0) {
			r->text = "";
			r->len = 0;
			break;
		}
		if (pull != PULL_JOB)
			return pull;
		if (!goes_on(in, r))
			break;
		buf_add(&in->joined, r->text, r->len);
	}
	if (in->joined.len > 0) {
		buf_add(&in->joined, r->text, r->len);
		r->text = buf_str(&in->joined);
		r->len = in->joined.len;
		buf_clear(&in->joined); /* its bytes stay for the moment */
	}
	return PULL_JOB;
}

/* Lines and CSV without anything on them are not there. */
static bool
is_nothing(const struct input *in, const struct input_record *r)
{
	if (in->from->kind == INPUT_WORDS || in->records.delimiter != '\n')
		return false;
	return r->len == 0 ||
	    (in->records.csv && r->len == 1 && r->text[0] == '\r');
}

static int
split(struct input *in, const struct input_record *r, struct words *w,
    struct error *e)
{
	if (in->options->csv)
		return csv_fields(
		    r->text, r->len, csv_separator(in->options), w, e);
	if (memchr(r->text, '\0', r->len) != NULL)
		return error_set(
		    e, EK_SYNTAX, "a NUL byte; with -0, records end with one");
	if (in->columns != NULL)
		return columns_split(in->columns, r->text, r->len, w, e);
	words_add_copy(w, r->text, r->len);
	return 0;
}

/* "line 3, column 8: ..." */
static char *
problem(const struct input_record *r, const struct error *e)
{
	struct buf b = BUF_INIT;

	if (r->line > 0)
		buf_addf(&b, "line %" PRIu64,
		    r->line + (e->line > 0 ? e->line - 1 : 0));
	if (e->column > 0)
		buf_addf(&b, "%scolumn %u", b.len > 0 ? ", " : "", e->column);
	if (b.len > 0)
		buf_adds(&b, ": ");
	buf_adds(&b, e->msg);
	return buf_take(&b, NULL);
}

/* Names are interned, so equal ones are one.  Columns without a name may be
 * several. */
static int
name_column(struct input *in, const char *text, struct error *e)
{
	size_t i, len = strlen(text);

	if (utf8_invalid_at(text, len) != UTF8_VALID)
		return error_set(e, EK_SYNTAX,
		    "the name of column %zu is not UTF-8", in->nnames + 1);
	in->name[in->nnames++] = name_text(name_intern(text, len), NULL);
	for (i = 0; len > 0 && i + 1 < in->nnames; i++) {
		if (in->name[i] == in->name[in->nnames - 1])
			return error_set(e, EK_SYNTAX,
			    "columns %zu and %zu are both named \"%s\"", i + 1,
			    in->nnames, text);
	}
	return 0;
}

static int
read_header(struct input *in, const struct input_record *r, struct error *e)
{
	struct words w = {NULL, 0, 0};
	int rc = split(in, r, &w, e);
	size_t i;
	char *why;

	in->name = xcalloc(w.n, sizeof(*in->name));
	for (i = 0; i < w.n && rc == 0; i++)
		rc = name_column(in, w.item[i], e);
	words_free(&w);
	if (rc == -1) {
		why = problem(r, e);
		error_set(e, EK_SYNTAX, "--header: %s", why);
		free(why);
	}
	in->headed = true;
	return rc;
}

/* A table of comma-separated values has as many in each row; of other text,
 * what is missing is empty, and what is more has no name. */
static int
check_width(const struct input *in, const struct words *w, struct error *e)
{
	if (!in->records.csv || in->nnames == 0 || w->n == in->nnames)
		return 0;
	return error_set(e, EK_SYNTAX, "%zu %s, but the header has %zu", w->n,
	    w->n == 1 ? "field" : "fields", in->nnames);
}

static void
row_of_record(struct input *in, const struct input_record *r, struct row *row)
{
	struct words w = {NULL, 0, 0};
	struct error e;
	size_t i;

	if (split(in, r, &w, &e) == -1 || check_width(in, &w, &e) == -1) {
		row->bad = problem(r, &e);
		words_free(&w);
		return;
	}
	for (i = 0; i < w.n; i++)
		row_add(row, i < in->nnames ? in->name[i] : NULL, w.item[i]);
	for (; i < in->nnames; i++)
		row_add(row, in->name[i], xstrdup(""));
	free(w.item); /* its texts are the row's */
}

/* A member as text: strings as they are, anything else as JSON. */
static char *
member_text(val v, struct error *e)
{
	struct buf b = BUF_INIT;
	const char *text;
	size_t len;

	if (!val_is_string(v)) {
		if (json_write(&b, v, 0, e) == -1) {
			buf_free(&b);
			return NULL;
		}
		return buf_take(&b, NULL);
	}
	text = str_bytes(v, &len);
	if (memchr(text, '\0', len) != NULL) {
		error_set(e, EK_SYNTAX, "a NUL character");
		return NULL;
	}
	return xstrndup(text, len);
}

static void
row_of_json(struct input *in, const struct input_record *r, struct row *row)
{
	val object = VAL_NIL, k, v;
	struct map_iter it;
	struct error e;
	const char *name;
	size_t len;
	char *text;

	if (json_read_strict(in->heap, r->text, r->len, &object, &e) == -1) {
		row->bad = problem(r, &e);
		return;
	}
	if (!val_is_map(object)) {
		error_set(&e, EK_SYNTAX, "a JSON object is wanted here");
		row->bad = problem(r, &e);
		goto done;
	}
	it = map_iter(object);
	while (map_next(&it, &k, &v)) {
		name = str_bytes(k, &len);
		if ((text = member_text(v, &e)) == NULL) {
			error_context(&e, "\"%s\"", name);
			row->bad = problem(r, &e);
			goto done;
		}
		row_add(row, name_text(name_intern(name, len), NULL), text);
	}
done:
	val_release(in->heap, object);
}

enum job_pull
input_next(struct input *in, struct row *row, struct error *e)
{
	struct input_record r = {0};
	enum job_pull pull;

	memset(row, 0, sizeof(*row));
	for (;;) {
		if ((pull = next_joined(in, &r, e)) != PULL_JOB)
			return pull;
		if (is_nothing(in, &r))
			continue;
		if (in->headed)
			break;
		if (read_header(in, &r, e) == -1)
			return PULL_ERROR;
	}
	row->line = r.line;
	if (in->from->kind == INPUT_JSONL)
		row_of_json(in, &r, row);
	else
		row_of_record(in, &r, row);
	return PULL_JOB;
}
