/*
 * --pipe: a block of whole lines of standard input to each job, about --block
 * bytes or -N lines; with --header the first line before each of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "batch/intake.h"
#include "batch/source.h"

#define BLOCK (1024U * 1024)

struct blocks {
	const struct batch_options *options;
	uint64_t block;  /* bytes */
	uint64_t most;   /* lines; 0: any number */
	bool headed;     /* the header has been read, or there is none */
	struct buf head; /* --header: the first line */
	struct heap *heap;
	struct job_form *form;
	struct intake intake;
	uint64_t seq;
	uint64_t line;  /* where the next block begins */
	size_t seen;    /* of the bytes there: looked through for lines */
	uint64_t lines; /* in those */
	size_t want;    /* bytes; grows while no line ends in them */
};

/* Bytes of N lines, or 0: not there yet. */
static size_t
lines_end(struct blocks *s, uint64_t wanted)
{
	const char *bytes = intake_bytes(&s->intake);

	for (; s->seen < intake_count(&s->intake); s->seen++) {
		if (bytes[s->seen] == s->options->delimiter &&
		    ++s->lines == wanted)
			return s->seen + 1;
	}
	return 0;
}

/* Bytes up to the last line end within the block, or 0. */
static size_t
block_end(struct blocks *s)
{
	const char *bytes = intake_bytes(&s->intake), *end;

	if (intake_count(&s->intake) < s->want)
		return 0;
	end = memrchr(bytes, s->options->delimiter, s->want);
	if (end != NULL)
		return (size_t)(end - bytes) + 1;
	s->want *= 2;
	return 0;
}

/* What comes next begins n bytes further on. */
static void
use(struct blocks *s, size_t n)
{
	intake_use(&s->intake, n);
	s->seen = 0;
	s->lines = 0;
	s->want = s->block;
}

static struct job *
take_block(struct blocks *s, size_t n)
{
	struct job *j = job_new(s->heap, ++s->seq, s->line);
	const char *bytes = intake_bytes(&s->intake);
	size_t i;

	for (i = 0; i < n; i++)
		s->line += bytes[i] == '\n';
	buf_add(&j->input, s->head.data, s->head.len);
	buf_add(&j->input, bytes, n);
	j->has_input = true;
	use(s, n);
	job_form_fill(s->form, j);
	return j;
}

/* A whole line, or all that there is of it. */
static void
take_header(struct blocks *s, size_t n)
{
	buf_add(&s->head, intake_bytes(&s->intake), n);
	s->headed = true;
	s->line++;
	use(s, n);
}

static enum job_pull
blocks_next(void *state, struct job **out, struct error *e)
{
	struct blocks *s = state;
	enum job_pull pull;
	uint64_t lines;
	size_t n;

	for (;;) {
		lines = s->headed ? s->most : 1;
		n = lines > 0 ? lines_end(s, lines) : block_end(s);
		if (n > 0 && !s->headed) {
			take_header(s, n);
			continue;
		}
		if (n > 0)
			break;
		if (intake_count(&s->intake) > MAX_SOURCE) {
			error_set(e, EK_LIMIT,
			    "a block is longer than %u bytes", MAX_SOURCE);
			return PULL_ERROR;
		}
		if (intake_count(&s->intake) >= s->want && lines == 0)
			continue; /* want has grown */
		pull = intake_more(&s->intake, e);
		if (pull == PULL_END && s->headed &&
		    intake_count(&s->intake) > 0) {
			n = intake_count(&s->intake);
			break;
		}
		if (pull != PULL_JOB)
			return pull;
	}
	*out = take_block(s, n);
	return PULL_JOB;
}

static int
blocks_fd(const void *state)
{
	const struct blocks *s = state;

	return s->intake.from.fd;
}

static void
blocks_free(void *state)
{
	struct blocks *s = state;

	if (s->intake.name != NULL)
		intake_close(&s->intake);
	buf_free(&s->head);
	job_form_free(s->form);
	free(s);
}

static const struct source_kind blocks_kind = {
    blocks_next, blocks_fd, NULL, blocks_free};

int
source_blocks_new(
    const struct batch *b, struct job_source **out, struct error *e)
{
	const struct batch_options *o = b->options;
	struct blocks *s = xcalloc(1, sizeof(*s));

	s->options = o;
	s->heap = b->heap;
	s->line = 1;
	s->block = s->want = o->block > 0 ? o->block : BLOCK;
	s->most = o->exact_args > 0 ? o->exact_args :
	    o->max_args > 0         ? o->max_args :
	                              o->max_lines;
	s->headed = !o->header;
	if (o->ninputs > 1 ||
	    (o->ninputs == 1 && o->input[0].kind != INPUT_FILE)) {
		error_set(e, EK_ARGUMENT,
		    "--pipe reads standard input or one file (-a)");
		goto failed;
	}
	if (job_form_new(b, &s->form, e) == -1 ||
	    intake_open(
	        &s->intake, o->ninputs == 1 ? o->input[0].file : "-", e) == -1)
		goto failed;
	*out = source_new(&blocks_kind, s);
	return 0;
failed:
	blocks_free(s);
	return -1;
}
