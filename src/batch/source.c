/* What all sources of jobs share. */
#include <stdlib.h>

#include "batch/source.h"

struct job_source {
	const struct source_kind *kind;
	void *state;
	bool ended;
	int64_t pulled;
};

struct job_source *
source_new(const struct source_kind *kind, void *state)
{
	struct job_source *s = xcalloc(1, sizeof(*s));

	s->kind = kind;
	s->state = state;
	return s;
}

int
job_source_new(const struct batch *b, struct job_source **out, struct error *e)
{
	const struct batch_options *o = b->options;

	if (o->rtfs != NULL)
		return source_tasks_new(b, out, e);
	if (o->jsonl != NULL && o->command.n == 0 && o->capability == NULL)
		return source_jsonl_new(b, out, e);
	if (o->pipe)
		return source_blocks_new(b, out, e);
	return source_values_new(b, out, e);
}

enum job_pull
job_source_next(struct job_source *s, struct job **out, struct error *e)
{
	enum job_pull pull = PULL_END;

	if (!s->ended)
		pull = s->kind->next(s->state, out, e);
	if (pull == PULL_JOB)
		s->pulled += (*out)->kind != JOB_CANCEL;
	else if (pull != PULL_WAIT)
		s->ended = true;
	return pull;
}

int
job_source_fd(const struct job_source *s)
{
	return s->kind->fd(s->state);
}

int64_t
job_source_total(const struct job_source *s)
{
	if (s->ended)
		return s->pulled;
	return s->kind->total != NULL ? s->kind->total(s->state) : -1;
}

void
job_source_free(struct job_source *s)
{
	if (s == NULL)
		return;
	s->kind->free(s->state);
	free(s);
}
