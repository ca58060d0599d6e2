/*
 * Rows of values to jobs: one each, or, when command lines take several, as
 * many as are wanted and fit.
 */
#include <stdlib.h>
#include <string.h>

#include "batch/combine.h"
#include "batch/source.h"

/* Bytes of a command line unless -s says otherwise: xargs' own. */
#define LINE_BYTES (128U * 1024)

struct values {
	const struct batch_options *options;
	struct heap *heap;
	struct combine *combine;
	struct job_form *form;
	uint64_t seq;
	size_t most;  /* rows a job; SIZE_MAX: as many as fit */
	size_t bytes; /* of a command line */
	size_t base;
	/* The command line in the making. */
	struct row *row;
	size_t n, cap, size;
	struct row next; /* did not fit any more */
	bool has_next;
	bool ended;
	size_t share; /* of the last rows for each slot; 0: not the last yet */
};

static size_t
most_rows(const struct batch_options *o)
{
	if (o->max_lines > 0)
		return o->max_lines;
	if (o->exact_args > 0)
		return o->exact_args;
	return o->max_args > 0 ? o->max_args : SIZE_MAX;
}

static size_t
row_cost(const struct values *s, const struct row *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++)
		n += job_form_cost(s->form, r->value[i].text);
	return n;
}

static struct job *
job_of_row(struct values *s, struct row *r)
{
	struct job *j = job_new(s->heap, ++s->seq, r->line);

	j->value = r->value;
	j->nvalues = r->n;
	r->value = NULL;
	r->n = 0;
	if (r->bad != NULL)
		job_refuse(j, ERRKEY_INVALID_ARGUMENTS, "%s", r->bad);
	else
		job_form_fill(s->form, j);
	row_clear(r);
	return j;
}

/* A job of the first n rows that were collected. */
static struct job *
job_of_rows(struct values *s, size_t n)
{
	struct row all = {NULL, 0, 0, NULL};
	size_t i;

	for (i = 0; i < n; i++)
		row_append(&all, &s->row[i]);
	s->n -= n;
	memmove(s->row, s->row + n, s->n * sizeof(*s->row));
	s->size = s->base;
	return job_of_row(s, &all);
}

static void
collect(struct values *s, struct row *r, size_t cost)
{
	if (s->n == s->cap) {
		s->cap = s->cap * 2 + 16;
		s->row = xreallocarray(s->row, s->cap, sizeof(*s->row));
	}
	s->row[s->n++] = *r;
	s->size += cost;
	memset(r, 0, sizeof(*r));
}

static enum job_pull
too_long(const struct values *s, uint64_t line, size_t n, struct error *e)
{
	error_set(e, EK_LIMIT,
	    "a command line with that value alone would be %zu bytes long, "
	    "over %zu",
	    n, s->bytes);
	if (line > 0)
		error_context(e, "line %llu", (unsigned long long)line);
	return PULL_ERROR;
}

/* As -s counts them: each word with its end, of a shell's its text. */
static size_t
command_bytes(const struct values *s, const struct job *j)
{
	char **word = j->argv;
	size_t n = 0;

	if (word != NULL && s->options->shell)
		word += 2;
	for (; word != NULL && *word != NULL; word++)
		n += strlen(*word) + 1;
	return n;
}

/* The end of the input: what is left is spread over the slots when nobody
 * said how many each line should have. */
static bool
give_rest(struct values *s, struct job **out)
{
	size_t n = batch_width(&s->options->jobs);

	if (s->n == 0)
		return false;
	if (s->share == 0) {
		s->share = s->n;
		if ((s->options->replace_words || s->options->replace_all) &&
		    !s->options->no_spread)
			s->share = s->n / n + (s->n % n != 0);
	}
	*out = job_of_rows(s, s->share < s->n ? s->share : s->n);
	return true;
}

/* Add a row to the command line, or give that one and keep the row. */
static enum job_pull
add_row(struct values *s, struct row *r, struct job **out, struct error *e)
{
	size_t cost = row_cost(s, r);

	if (r->bad != NULL && s->n == 0) {
		*out = job_of_row(s, r);
		return PULL_JOB;
	}
	if (s->base + cost > s->bytes && s->n == 0)
		return too_long(s, r->line, s->base + cost, e);
	if (r->bad != NULL || s->size + cost > s->bytes) {
		s->next = *r;
		memset(r, 0, sizeof(*r));
		s->has_next = true;
		*out = job_of_rows(s, s->n);
		return PULL_JOB;
	}
	collect(s, r, cost);
	if (s->n < s->most)
		return PULL_WAIT;
	*out = job_of_rows(s, s->n);
	return PULL_JOB;
}

static enum job_pull
next_packed(struct values *s, struct job **out, struct error *e)
{
	struct row r;
	enum job_pull pull;

	for (;;) {
		if (s->has_next) {
			r = s->next;
			s->has_next = false;
		} else if (!s->ended) {
			pull = combine_next(s->combine, &r, e);
			if (pull == PULL_WAIT || pull == PULL_ERROR)
				return pull;
			s->ended = pull == PULL_END;
			if (s->ended)
				continue;
		} else {
			return give_rest(s, out) ? PULL_JOB : PULL_END;
		}
		pull = add_row(s, &r, out, e);
		if (pull != PULL_WAIT) {
			row_clear(&r);
			return pull;
		}
	}
}

static enum job_pull
values_next(void *state, struct job **out, struct error *e)
{
	struct values *s = state;
	struct row r;
	enum job_pull pull;
	size_t n;

	if (job_form_packs(s->form))
		return next_packed(s, out, e);
	pull = combine_next(s->combine, &r, e);
	if (pull != PULL_JOB)
		return pull;
	*out = job_of_row(s, &r);
	if (s->options->max_chars > 0 &&
	    (n = command_bytes(s, *out)) > s->bytes) {
		pull = too_long(s, (*out)->line, n, e);
		job_free(*out);
		*out = NULL;
	}
	return pull;
}

static int
values_fd(const void *state)
{
	const struct values *s = state;

	return combine_fd(s->combine);
}

static int64_t
values_total(const void *state)
{
	const struct values *s = state;

	return job_form_packs(s->form) ? -1 : combine_total(s->combine);
}

static void
values_free(void *state)
{
	struct values *s = state;
	size_t i;

	for (i = 0; i < s->n; i++)
		row_clear(&s->row[i]);
	free(s->row);
	if (s->has_next)
		row_clear(&s->next);
	combine_free(s->combine);
	job_form_free(s->form);
	free(s);
}

static const struct source_kind values_kind = {
    values_next, values_fd, values_total, values_free};

int
source_values_new(
    const struct batch *b, struct job_source **out, struct error *e)
{
	struct values *s = xcalloc(1, sizeof(*s));

	s->options = b->options;
	s->heap = b->heap;
	if (job_form_new(b, &s->form, e) == -1 ||
	    combine_new(b->options, b->heap, &s->combine, e) == -1) {
		values_free(s);
		return -1;
	}
	s->most = most_rows(b->options);
	s->bytes =
	    b->options->max_chars > 0 ? b->options->max_chars : LINE_BYTES;
	s->base = s->size = job_form_base(s->form);
	*out = source_new(&values_kind, s);
	return 0;
}
