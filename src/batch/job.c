/* What a job owns. */
#include <stdlib.h>

#include "batch/job.h"
#include "batch/words.h"
#include "value/heap.h"

void
job_free(struct job *j)
{
	size_t i;

	if (j == NULL)
		return;
	free(j->id);
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
