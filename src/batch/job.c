/* What a job owns. */
#include <stdlib.h>

#include "batch/job.h"
#include "value/heap.h"

static void
words_free(char **w)
{
	size_t i;

	for (i = 0; w != NULL && w[i] != NULL; i++)
		free(w[i]);
	free(w);
}

void
job_free(struct job *j)
{
	size_t i;

	if (j == NULL)
		return;
	free(j->id);
	free(j->text);
	free(j->tag);
	words_free(j->argv);
	words_free(j->env);
	free(j->dir);
	words_free(j->after);
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
