/* What a job owns, where that comes from, and how it is shown. */
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "batch/job.h"
#include "batch/options.h"
#include "batch/quote.h"
#include "batch/words.h"
#include "task/capability.h"
#include "value/heap.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/taskval.h"

const struct capability *
job_command_row(void)
{
	static char id[] = "process.exec";
	static const struct capability row = {.id = id, .kind = CAP_COMMAND};

	return &row;
}

/* Digits; a million jobs notice what printf costs. */
static void
write_seq(char text[21], uint64_t seq)
{
	char digits[20], *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + seq % 10);
		seq /= 10;
	} while (seq > 0);
	memcpy(text, p, (size_t)(digits + sizeof(digits) - p));
}

struct job *
job_new(struct heap *h, uint64_t seq, uint64_t line)
{
	struct job *j = xcalloc(1, sizeof(*j));

	j->seq = seq;
	write_seq(j->seq_text, seq);
	j->id = j->seq_text;
	j->line = line;
	j->key = VAL_UNBOUND;
	j->args = VAL_NIL;
	j->options = VAL_NIL;
	j->retries = -1;
	j->heap = h;
	return j;
}

void
job_take_env(struct job *j, const struct batch_options *o)
{
	struct words w = {NULL, 0, 0};
	size_t i;

	if (o->env.n == 0)
		return;
	for (i = 0; i < o->env.n; i++)
		words_add_copy(&w, o->env.item[i], strlen(o->env.item[i]));
	for (i = 0; j->env != NULL && j->env[i] != NULL; i++)
		words_add(&w, j->env[i]);
	free(j->env);
	j->env = words_take(&w);
}

void
job_refuse(struct job *j, enum errkey kind, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	free(j->refused);
	j->refused = buf_take(&b, NULL);
	j->refused_kind = kind;
}

void
job_set_id(struct job *j, char *owned)
{
	if (j->id != j->seq_text)
		free((char *)(uintptr_t)j->id);
	j->id = owned != NULL ? owned : j->seq_text;
}

bool
job_has_id(const struct job *j)
{
	return j->id != j->seq_text;
}

void
job_free(struct job *j)
{
	size_t i;

	if (j == NULL)
		return;
	job_set_id(j, NULL);
	free(j->text);
	free(j->tag);
	word_list_free(j->argv);
	word_list_free(j->env);
	free(j->dir);
	word_list_free(j->after);
	buf_free(&j->input);
	for (i = 0; i < j->nvalues; i++)
		free(j->value[i].text);
	free(j->value);
	free(j->refused);
	if (j->heap != NULL) {
		val_release(j->heap, j->key);
		val_release(j->heap, j->args);
		val_release(j->heap, j->options);
	}
	free(j);
}

static char *
task_text(const struct job *j)
{
	struct buf b = BUF_INIT;
	val t = taskval_new(j->heap, keyword_from(j->capability->id),
	    val_retain(j->args), VAL_NIL);

	print_short(&b, t, MAX_TASK_TEXT);
	val_release(j->heap, t);
	return buf_take(&b, NULL);
}

const char *
job_text(struct job *j)
{
	if (j->text != NULL)
		return j->text;
	if (j->kind == JOB_TASK && j->capability != NULL && j->args != VAL_NIL)
		j->text = task_text(j);
	else
		j->text = xstrdup("");
	return j->text;
}

void
job_show(struct job *j, struct buf *b)
{
	const char *text = job_text(j);
	char *const *w;

	if (j->kind != JOB_COMMAND || visible_text(text, strlen(text))) {
		visible_adds(b, text);
		return;
	}
	for (w = j->argv; *w != NULL; w++) {
		if (w != j->argv)
			buf_addc(b, ' ');
		quote_visible(b, *w);
	}
}
