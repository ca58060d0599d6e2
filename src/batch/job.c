/* What a job owns, and how it is shown. */
#include <stdlib.h>

#include "batch/job.h"
#include "batch/words.h"
#include "task/capability.h"
#include "value/heap.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/taskval.h"

void
job_set_id(struct job *j, char *owned)
{
	if (j->id != j->seq_text)
		free((char *)(uintptr_t)j->id);
	j->id = owned != NULL ? owned : j->seq_text;
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
