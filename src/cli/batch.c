/* rtfs batch: the words of its command line, and what they need to run. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "batch/batch.h"
#include "batch/conflicts.h"
#include "batch/preview.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "host/interrupt.h"

#define TALK_SPIN ((int64_t)100 * 1000) /* ns */

/* Words between CMD and its values, and between values. */
static const struct {
	const char *word;
	int kind;
	bool linked;
} separators[] = {
    {":::",   INPUT_WORDS, false},
    {":::+",  INPUT_WORDS, true },
    {"::::",  INPUT_FILE,  false},
    {"::::+", INPUT_FILE,  true },
};

/* Its number, or NITEMS(separators). */
static size_t
separator(const char *word)
{
	size_t i;

	for (i = 0; i < NITEMS(separators); i++) {
		if (strcmp(separators[i].word, word) == 0)
			break;
	}
	return i;
}

/* The words behind a separator: one source, or a file each. */
static int
add_sources(struct batch_options *b, size_t kind, char **words, size_t n,
    struct error *e)
{
	struct batch_input *in;
	bool linked = separators[kind].linked;
	size_t i;

	if (separators[kind].kind == INPUT_FILE) {
		for (i = 0; i < n; i++) {
			in = batch_add_input(b, INPUT_FILE);
			in->file = words[i];
			in->linked = linked;
		}
		if (n == 0)
			return error_set(e, EK_ARGUMENT,
			    "which file behind %s?", separators[kind].word);
		return 0;
	}
	in = batch_add_input(b, INPUT_WORDS);
	in->words = words;
	in->nwords = n;
	in->linked = linked;
	return 0;
}

static int
split_words(struct options *o, struct error *e)
{
	char **words = o->words.item;
	size_t i, from, kind, n = o->words.n;

	for (i = 0; i < n && separator(words[i]) == NITEMS(separators); i++)
		continue;
	o->batch.command.item = words;
	o->batch.command.n = i;
	while (i < n) {
		kind = separator(words[i++]);
		from = i;
		while (i < n && separator(words[i]) == NITEMS(separators))
			i++;
		if (add_sources(&o->batch, kind, words + from, i - from, e) ==
		    -1)
			return -1;
	}
	return 0;
}

/* Where jobs come from, of which there is one way. */
static int
check_work(struct batch_options *b, struct error *e)
{
	struct batch_input *in;
	bool commands = b->command.n > 0 || b->shell || b->capability != NULL;

	if (b->rtfs != NULL && (commands || b->jsonl != NULL || b->ninputs > 0))
		return error_set(e, EK_ARGUMENT,
		    "--rtfs FILE has its tasks itself: no command, no values");
	if (b->jsonl != NULL && b->ninputs > 0)
		return error_set(e, EK_ARGUMENT,
		    "--jsonl FILE has its values itself: no other source");
	if (b->capability != NULL && b->shell)
		return error_set(
		    e, EK_ARGUMENT, "--capability is no command for --shell");
	if (conflicts_check(b, e) == -1)
		return -1;
	if (b->jsonl != NULL && commands) { /* its members are columns */
		in = batch_add_input(b, INPUT_JSONL);
		in->file = b->jsonl;
	}
	return 0;
}

/* Who is isolated ends with all its processes. */
static int
check_children(const struct options *o, struct error *e)
{
	size_t i;

	for (i = 0; i < o->npolicy && o->batch.leave_children; i++) {
		if (strcmp(o->policy[i].option, "isolation") == 0 &&
		    strcmp(o->policy[i].text, "inherit") != 0)
			return error_set(e, EK_ARGUMENT,
			    "--leave-children goes with --isolation inherit");
	}
	return 0;
}

/* --rtfs: the value of the program. */
static int
evaluate_work(struct session *s, struct batch *b, const struct program *p)
{
	struct buf said = BUF_INIT;
	int status = 0;

	switch (evaluate(s->host, s->vm, p, &said)) {
	case EVAL_DONE:
		break;
	case EVAL_FAILED:
		fwrite(said.data, 1, said.len, stderr);
		status = STATUS_SETUP;
		break;
	case EVAL_INTERRUPTED:
		status = 128 + interrupt_signal;
		break;
	}
	output_flush(&s->out);
	b->vm = s->vm;
	b->work = vm_value(s->vm);
	buf_free(&said);
	return status;
}

/* --retry-failed: its jobs are those of an earlier run, whatever else is
 * said. */
static int
take_failed(const struct batch *b, struct batch_options *o, struct error *e)
{
	if (o->resume == RESUME_RETRY) {
		if (o->command.n > 0 || o->capability != NULL ||
		    o->rtfs != NULL || o->jsonl != NULL || o->ninputs > 0)
			log_notice("--retry-failed runs what is recorded; the "
			           "command and the input given here are not "
			           "used");
		o->command.n = 0;
		o->shell = false;
		o->capability = o->rtfs = NULL;
		o->ninputs = 0;
	}
	return batch_retry_input(b, o, e);
}

static int
run_jobs(struct batch *b, struct batch_options *o)
{
	struct job_source *source;
	struct buf usual = BUF_INIT;
	struct error e;
	int status = STATUS_SETUP;

	if (take_failed(b, o, &e) == -1 ||
	    job_source_new(b, &source, &e) == -1) {
		if (interrupt_signal != 0) /* waiting for who writes a FIFO */
			return 128 + interrupt_signal;
		if (e.msg[0] != '\0')
			log_error("batch: %s", e.msg);
		return status;
	}
	if (b->options->dry_run) {
		status = batch_preview(b, source);
	} else {
		batch_describe(b, &usual);
		log_tasks("%s", buf_str(&usual));
		status = batch_run(b, source);
		buf_free(&usual);
	}
	job_source_free(source);
	return status;
}

/* A conversation is a matter of short waits, unless its ends have one processor
 * between them. */
static int64_t
spin_of(const struct options *o)
{
	bool talks = o->batch.jsonl != NULL && strcmp(o->batch.jsonl, "-") == 0;

	if (o->spin != -1)
		return o->spin;
	return talks && host_cpus() > 1 ? TALK_SPIN : 0;
}

static void
fill_batch(struct batch *b, const struct options *o, const struct session *s,
    const struct watch_config *watch)
{
	size_t i;

	memset(b, 0, sizeof(*b));
	b->options = &o->batch;
	b->registry = s->setup.registry;
	b->policy = s->setup.policy;
	for (i = 0; i < IMAGE_COUNT; i++)
		b->worker_path[i] = s->setup.worker[i];
	b->secret_dirs = s->setup.secret_dir;
	b->argv = o->argv;
	b->policy_files = s->setup.policy_files.item;
	b->heap = vm_heap(s->vm);
	b->report = s->report;
	b->watch = *watch;
	b->spin = spin_of(o);
	b->work = VAL_NIL;
}

static int
run_batch(struct options *o, const struct verb *v)
{
	const char *file =
	    o->batch.resume == RESUME_RETRY ? NULL : o->batch.rtfs;
	struct watch_config watch = o->watch;
	struct program p = {"<batch>", "", 0};
	struct buf text = BUF_INIT;
	struct session s;
	struct batch b;
	struct error e;
	int status;

	o->watch =
	    (struct watch_config){0};   /* of the batch, not of the program */
	if (isatty(STDERR_FILENO) != 1) /* nor is their input read ahead */
		o->batch.bar = o->batch.eta = o->batch.progress = false;
	if (file != NULL && text_read(file, &text, &e) == -1) {
		log_error("%s", e.msg);
		return STATUS_SETUP;
	}
	if (file != NULL)
		p = (struct program){strcmp(file, "-") == 0 ? "<stdin>" : file,
		    buf_str(&text), text.len};
	status = session_open(
	    &s, o, v, file != NULL && strcmp(file, "-") != 0 ? file : NULL, &p);
	if (status == 0) {
		fill_batch(&b, o, &s, &watch);
		if (file != NULL)
			status = evaluate_work(&s, &b, &p);
		if (status == 0)
			status = run_jobs(&b, &o->batch);
	} else {
		status = STATUS_SETUP;
	}
	if (session_close(&s, o, 0) != 0)
		status = STATUS_SETUP;
	buf_free(&text);
	return status;
}

int
batch_main(const struct verb *v, int argc, char **argv)
{
	struct options o;
	struct error e;
	int status;

	if ((status = options_parse(v, &o, argc, argv)) != 0) {
		status = status == 1 ? 0 : STATUS_SETUP;
	} else if (split_words(&o, &e) == -1 ||
	    check_work(&o.batch, &e) == -1 || check_children(&o, &e) == -1) {
		options_misuse(v, "%s", e.msg);
		status = STATUS_SETUP;
	} else {
		status = run_batch(&o, v);
	}
	options_free(&o);
	return status;
}
