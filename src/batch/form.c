/* The templates of a batch, and a job out of them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "batch/environ.h"
#include "batch/form.h"
#include "batch/quote.h"
#include "batch/template.h"
#include "batch/typed.h"
#include "host/manifest.h"

struct piece { /* a word, or a part of a shell text between blanks */
	struct template *template;
	char *blanks; /* before it, of a shell text */
};

struct job_form {
	const struct batch_options *options;
	struct heap *heap;
	const struct capability *capability; /* NULL: a command */
	struct piece *piece;
	size_t n;
	bool repeat; /* a piece with {} is there once a value */
	struct template *tag;
	struct template *dir;
	bool proofread; /* the names in braces, with the first job */
};

static void
add_piece(struct job_form *f, const char *blanks, size_t nblanks,
    const char *text, size_t len)
{
	char *piece = xstrndup(text, len);

	f->piece = xreallocarray(f->piece, f->n + 1, sizeof(*f->piece));
	f->piece[f->n].blanks = xstrndup(blanks, nblanks);
	f->piece[f->n++].template = template_new(piece, f->options->replace);
	free(piece);
}

static void
shell_text(const struct batch_options *o, struct buf *b)
{
	size_t i;

	for (i = 0; i < o->command.n; i++) {
		if (i > 0)
			buf_addc(b, ' ');
		buf_adds(b, o->command.item[i]);
	}
}

/* A shell text is one piece, or, when pieces are repeated, what stands
 * between blanks. */
static void
add_shell(struct job_form *f)
{
	struct buf b = BUF_INIT;
	const char *p;
	size_t blanks, len;

	shell_text(f->options, &b);
	p = buf_str(&b);
	while (f->repeat && *p != '\0') {
		blanks = strspn(p, " \t\n");
		len = strcspn(p + blanks, " \t\n");
		add_piece(f, p, blanks, p + blanks, len);
		p += blanks + len;
	}
	if (!f->repeat && f->options->command.n > 0)
		add_piece(f, "", 0, p, strlen(p));
	buf_free(&b);
}

/* Is there an executable file of that name? */
static bool
command_exists(const char *name)
{
	char *file = environ_program(name, NULL);
	bool found = file != NULL && access(file, X_OK) == 0;

	free(file);
	return found;
}

static int
check_command(const struct batch_options *o, struct error *e)
{
	if (o->shell)
		return 0;
	if (o->command.n == 0)
		return error_set(e, EK_ARGUMENT,
		    "which command? (with --shell, each value is one)");
	if (o->command.n == 1 && strpbrk(o->command.item[0], " \t\n") != NULL &&
	    !command_exists(o->command.item[0]))
		return error_set(e, EK_ARGUMENT,
		    "\"%s\": no such command; did you mean --shell?",
		    o->command.item[0]);
	return 0;
}

int
job_capability(struct registry *r, const char *id, const struct capability **c,
    struct error *e)
{
	struct buf b = BUF_INIT;

	if (id[0] == ':')
		id++;
	*c = registry_find(r, id);
	if (*c != NULL && (*c)->kind == CAP_HOST)
		return error_set(
		    e, EK_ARGUMENT, ":%s is served to programs only", id);
	if (*c != NULL && (*c)->kind != CAP_CLOSURE)
		return 0;
	buf_addf(&b, "unknown capability :%s", id);
	registry_suggest(r, id, &b);
	error_set(e, EK_POLICY, "%s", buf_str(&b));
	buf_free(&b);
	return -1;
}

int
job_form_new(const struct batch *b, struct job_form **out, struct error *e)
{
	const struct batch_options *o = b->options;
	struct job_form *f = xcalloc(1, sizeof(*f));
	size_t i;

	f->options = o;
	f->heap = b->heap;
	f->repeat = o->replace_words && !o->replace_all;
	if (o->tagstring != NULL)
		f->tag = template_new(o->tagstring, o->replace);
	if (o->dir != NULL)
		f->dir = template_new(o->dir, o->replace);
	if (o->capability != NULL) {
		if (job_capability(
		        b->registry, o->capability, &f->capability, e) == -1)
			goto failed;
	} else if (check_command(o, e) == -1) {
		goto failed;
	}
	if (o->shell) {
		add_shell(f);
	} else {
		for (i = 0; i < o->command.n; i++)
			add_piece(f, "", 0, o->command.item[i],
			    strlen(o->command.item[i]));
	}
	*out = f;
	return 0;
failed:
	job_form_free(f);
	return -1;
}

void
job_form_free(struct job_form *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->n; i++) {
		template_free(f->piece[i].template);
		free(f->piece[i].blanks);
	}
	free(f->piece);
	template_free(f->tag);
	template_free(f->dir);
	free(f);
}

bool
job_form_packs(const struct job_form *f)
{
	const struct batch_options *o = f->options;

	return o->replace_words || o->replace_all || o->no_spread ||
	    o->max_args > 0 || o->exact_args > 0 || o->max_lines > 0;
}

static bool
wants_values(const struct job_form *f, const struct fill *fill)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (template_fills(f->piece[i].template, fill))
			return true;
	}
	return false;
}

static bool
wants_slot(const struct job_form *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (template_wants_slot(f->piece[i].template))
			return true;
	}
	return (f->tag != NULL && template_wants_slot(f->tag)) ||
	    (f->dir != NULL && template_wants_slot(f->dir));
}

size_t
job_form_base(const struct job_form *f)
{
	struct fill none = {NULL, 0, 999999999, 0};
	struct buf b = BUF_INIT;
	size_t i, n = 0;

	for (i = 0; i < f->n; i++) {
		buf_clear(&b);
		template_text(f->piece[i].template, &none, QUOTE_NOTHING, &b);
		n += b.len + 1;
	}
	buf_free(&b);
	return n;
}

size_t
job_form_cost(const struct job_form *f, const char *value)
{
	struct fill none = {NULL, 0, 0, 0};
	struct buf b = BUF_INIT;
	size_t i, n = 0;

	if (f->options->shell) {
		quote_word(&b, value);
		value = buf_str(&b);
	}
	for (i = 0; i < f->n; i++)
		n += template_cost(f->piece[i].template, value, f->repeat);
	if (!wants_values(f, &none))
		n += strlen(value) + 1;
	buf_free(&b);
	return n;
}

static void
piece_text(const struct job_form *f, size_t i, const struct fill *fill,
    enum template_quote how, struct buf *b)
{
	if (f->repeat)
		template_repeat_text(f->piece[i].template, fill, how, b);
	else
		template_text(f->piece[i].template, fill, how, b);
}

static void
piece_words(const struct job_form *f, size_t i, const struct fill *fill,
    struct words *w)
{
	if (f->repeat)
		template_repeat(f->piece[i].template, fill, w);
	else
		template_words(f->piece[i].template, fill, w);
}

static void
fill_shell(const struct job_form *f, const struct fill *fill, struct buf *b)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		buf_adds(b, f->piece[i].blanks);
		piece_text(f, i, fill, QUOTE_VALUES, b);
	}
	if (f->n > 0 && wants_values(f, fill))
		return;
	for (i = 0; i < fill->nvalues; i++) {
		if (b->len > 0)
			buf_addc(b, ' ');
		if (f->n == 0) /* the values are the command */
			buf_adds(b, fill->value[i].text);
		else
			quote_word(b, fill->value[i].text);
	}
}

static void
fill_words(const struct job_form *f, const struct fill *fill, struct words *w)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		piece_words(f, i, fill, w);
	if (wants_values(f, fill))
		return;
	for (i = 0; i < fill->nvalues; i++)
		words_add_copy(
		    w, fill->value[i].text, strlen(fill->value[i].text));
}

/* What fill_words() makes, so that a shell reads it back. */
static void
print_words(const struct job_form *f, const struct fill *fill, struct buf *b)
{
	size_t i, before;

	for (i = 0; i < f->n; i++) {
		before = b->len;
		piece_text(f, i, fill, QUOTE_WORD, b);
		if (b->len > before)
			buf_addc(b, ' ');
	}
	for (i = 0; !wants_values(f, fill) && i < fill->nvalues; i++) {
		quote_word(b, fill->value[i].text);
		buf_addc(b, ' ');
	}
	if (b->len > 0)
		b->len--;
}

static void
check_words(struct job *j)
{
	size_t i;

	for (i = 0; j->argv[i] != NULL; i++) {
		if (strlen(j->argv[i]) < MAX_ARG_BYTES)
			continue;
		job_refuse(j, ERRKEY_INVALID_ARGUMENTS,
		    "word %zu of the command is %zu bytes long; the kernel "
		    "takes %u",
		    i + 1, strlen(j->argv[i]), MAX_ARG_BYTES - 1);
		return;
	}
}

static void
fill_command(const struct job_form *f, const struct fill *fill, struct job *j)
{
	struct words w = {NULL, 0, 0};
	struct buf text = BUF_INIT;

	word_list_free(j->argv);
	if (f->options->shell) {
		fill_shell(f, fill, &text);
		words_add_copy(&w, "/bin/sh", 7);
		words_add_copy(&w, "-c", 2);
		words_add_copy(&w, buf_str(&text), text.len);
		j->argv = words_take(&w);
	} else {
		fill_words(f, fill, &w);
		j->argv = words_take(&w);
		print_words(f, fill, &text);
	}
	j->kind = JOB_COMMAND;
	j->text = buf_take(&text, NULL);
	check_words(j);
}

/* The arguments of a capability: every piece, then the values if no piece
 * wanted any. */
static void
fill_args(const struct job_form *f, const struct fill *fill, struct job *j)
{
	struct words w = {NULL, 0, 0};
	struct typed_word *typed;
	struct error e;
	size_t i, k, appended;
	bool *value = NULL;

	for (i = 0; i < f->n; i++) {
		k = w.n;
		piece_words(f, i, fill, &w);
		value = xreallocarray(value, w.n + 1, sizeof(*value));
		for (; k < w.n; k++)
			value[k] =
			    template_is_place(f->piece[i].template, fill);
	}
	appended = w.n;
	for (i = 0; !wants_values(f, fill) && i < fill->nvalues; i++)
		words_add_copy(
		    &w, fill->value[i].text, strlen(fill->value[i].text));
	typed = xcalloc(w.n + 1, sizeof(*typed));
	for (i = 0; i < w.n; i++) {
		typed[i].text = w.item[i];
		typed[i].value = i >= appended || value[i];
	}
	val_release(j->heap, j->args);
	j->args = VAL_NIL;
	if (typed_args(j->heap, f->capability, typed, w.n,
	        f->options->args_json, &j->args, &e) == -1 ||
	    job_finish_task(j, &e) == -1)
		job_refuse(j, ERRKEY_INVALID_ARGUMENTS, "%s", e.msg);
	free(typed);
	free(value);
	words_free(&w);
}

int
job_finish_task(struct job *j, struct error *e)
{
	if (j->capability->kind != CAP_RTFS)
		return 0;
	return manifest_closure(j->capability, &j->closure, e);
}

/* {1} of a tag as of a command, {} all values with a blank between. */
static char *
fill_text(const struct template *t, const struct fill *fill)
{
	struct buf b = BUF_INIT;

	template_text(t, fill, QUOTE_NOTHING, &b);
	return buf_take(&b, NULL);
}

static char *
values_text(const struct fill *fill)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < fill->nvalues; i++) {
		if (i > 0)
			buf_addc(&b, ' ');
		buf_adds(&b, fill->value[i].text);
	}
	return buf_take(&b, NULL);
}

/* A tag begins a line and no other.  Consumes the text. */
static char *
one_line(char *text)
{
	struct buf b = BUF_INIT;
	const char *p = text, *end;

	for (; (end = strchr(p, '\n')) != NULL; p = end + 1) {
		buf_add(&b, p, (size_t)(end - p));
		buf_adds(&b, "\\n");
	}
	buf_adds(&b, p);
	free(text);
	return buf_take(&b, NULL);
}

static void
fill_all(const struct job_form *f, struct job *j, unsigned int slot)
{
	struct fill fill = {j->value, j->nvalues, j->seq, slot};

	if (f->options->no_args)
		fill.nvalues = 0;
	free(j->text);
	free(j->tag);
	free(j->dir);
	j->text = j->tag = j->dir = NULL;
	if (f->tag != NULL)
		j->tag = one_line(fill_text(f->tag, &fill));
	else if (f->options->tag)
		j->tag = one_line(values_text(&fill));
	if (f->dir != NULL)
		j->dir = fill_text(f->dir, &fill);
	if (f->capability == NULL) {
		fill_command(f, &fill, j);
		return;
	}
	j->kind = JOB_TASK;
	j->capability = f->capability;
	fill_args(f, &fill, j);
}

static void
proofread_one(const struct template *t, const struct fill *fill)
{
	const char *column, *word;

	if (t != NULL && (word = template_misspelt(t, fill, &column)) != NULL)
		log_notice("%s is no column and stays as it is; did you mean "
		           "{%s}?",
		    word, column);
}

/* How many bytes of text in braces are a place for values; 0: none, or one for
 * a number. */
static size_t
place_length(const char *p, const char *replace, const struct fill *fill)
{
	const char *end = strchr(p, '}');
	struct template *t;
	char *place;
	bool fills;

	if (end == NULL || p[1] == '#' || p[1] == '%')
		return 0;
	place = xstrndup(p, (size_t)(end + 1 - p));
	t = template_new(place, replace);
	fills = template_fills(t, fill);
	template_free(t);
	free(place);
	return fills ? (size_t)(end + 1 - p) : 0;
}

/* Quotes of the caller's would end where those of a value begin. */
static void
proofread_quotes(const struct job_form *f, const struct fill *fill)
{
	struct buf b = BUF_INIT;
	char quote = '\0';
	const char *p;
	size_t len = 0;

	shell_text(f->options, &b);
	for (p = buf_str(&b); *p != '\0'; p++) {
		if (*p == '\\' && quote != '\'' && p[1] != '\0')
			p++;
		else if (*p == quote)
			quote = '\0';
		else if (quote == '\0' && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (*p == '{' && quote != '\0' &&
		    (len = place_length(p, f->options->replace, fill)) > 0)
			break;
	}
	if (len > 0)
		log_notice("--shell: %.*s stands in quotes; values have their "
		           "own, and with both a value can run as a command",
		    (int)len, p);
	buf_free(&b);
}

/* Columns are known with the first job. */
static void
proofread(struct job_form *f, const struct job *j)
{
	struct fill fill = {j->value, j->nvalues, j->seq, 0};
	size_t i;

	f->proofread = true;
	for (i = 0; i < f->n; i++)
		proofread_one(f->piece[i].template, &fill);
	proofread_one(f->tag, &fill);
	proofread_one(f->dir, &fill);
	if (f->options->shell)
		proofread_quotes(f, &fill);
}

void
job_form_fill(struct job_form *f, struct job *j)
{
	if (!f->proofread)
		proofread(f, j);
	j->form = f;
	if (f->capability == NULL)
		job_take_env(j, f->options);
	j->wants_slot = wants_slot(f);
	fill_all(f, j, 0);
}

void
job_set_slot(struct job *j, unsigned int slot)
{
	if (j->form != NULL && j->wants_slot)
		fill_all(j->form, j, slot);
}
