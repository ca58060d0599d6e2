/* Jobs on paper: each command could be pasted, and what holds for it is a
 * comment of the shell. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "base/visible.h"
#include "batch/environ.h"
#include "batch/preview.h"
#include "sandbox/program.h"

/* ", programs of /etc/rtfs/policy.rtfs:3" */
static void
describe_list(
    struct buf *b, const char *what, enum setting id, const struct effective *f)
{
	char place[128];

	buf_addf(b, ", %s %s", what, origin_place(f->origin[id], place));
}

static void
describe(const struct effective *f, struct buf *b)
{
	char text[32];
	size_t from;
	int i;

	buf_addf(b, "isolation %s", isolation_name(f->isolation));
	from = b->len;
	if (f->timeout != INT64_MAX) {
		units_format_duration(f->timeout, text);
		buf_addf(b, ", timeout %s", text);
	}
	for (i = 0; i < LIMIT_COUNT; i++) {
		if (!f->limit[i].set)
			continue;
		limit_format((enum limit_id)i, f->limit[i].soft, text);
		buf_addf(b, ", %s %s", limit_name((enum limit_id)i), text);
	}
	if (b->len == from)
		buf_adds(b, ", no limits");
	if (environ_narrowed(f))
		describe_list(b, "variables of", SETTING_ENV, f);
	if (f->program != NULL)
		describe_list(b, "programs of", SETTING_PROGRAM, f);
}

/* Why the command of the job does not run; NULL: it does. */
static char *
program_problem(const struct effective *f, const struct job *j)
{
	char *program = environ_program(j->argv[0], j->env), *whole;
	char *why = NULL;

	if (program == NULL)
		return xasprintf("%s: no such command", j->argv[0]);
	whole = program[0] == '/' || j->dir == NULL ?
	    xstrdup(program) :
	    xasprintf("%s/%s", j->dir, program);
	if (!program_allowed(f->program, whole))
		why = xasprintf("denied: %s is not among the programs", whole);
	free(program);
	free(whole);
	return why;
}

/* What holds, or why nothing does.  NULL job: for whichever comes. */
static void
describe_job(const struct batch *b, const struct capability *c,
    const struct job *j, struct buf *out)
{
	const struct effective *f;
	struct error e;
	char *why;

	if (policy_resolve(
	        b->policy, c, j == NULL ? VAL_NIL : j->options, &f, &e) == -1) {
		buf_addf(out, "%s: %s",
		    e.kind == EK_UNAVAILABLE ? "unavailable" : "denied", e.msg);
	} else {
		describe(f, out);
		why = j == NULL || j->kind != JOB_COMMAND ?
		    NULL :
		    program_problem(f, j);
		if (why != NULL)
			buf_addf(out, "; %s", why);
		free(why);
	}
}

static const struct capability *
usual_capability(const struct batch *b)
{
	const char *id = b->options->capability;

	if (id == NULL)
		return job_command_row();
	return registry_find(b->registry, id[0] == ':' ? id + 1 : id);
}

void
batch_describe(const struct batch *b, struct buf *out)
{
	const struct capability *c = usual_capability(b);

	if (c->kind == CAP_COMMAND)
		buf_adds(out, "commands: ");
	else
		buf_addf(out, ":%s: ", c->id);
	describe_job(b, c, NULL, out);
}

static void
show_job(const struct batch *b, struct job *j, const char *usual)
{
	struct buf line = BUF_INIT, holds = BUF_INIT;
	size_t from;
	const struct capability *c =
	    j->kind == JOB_TASK ? j->capability : job_command_row();

	if (j->tag != NULL) {
		visible_adds(&line, j->tag);
		buf_addc(&line, '\t');
	}
	from = line.len;
	if (j->kind == JOB_CANCEL) {
		buf_adds(&line, "# cancel ");
		visible_adds(&line, j->id);
	} else if (j->refused != NULL) {
		visible_adds(&line, job_text(j));
		buf_adds(
		    &line, line.len > from ? " # invalid: " : "# invalid: ");
		visible_adds(&line, j->refused);
	} else {
		job_show(j, &line);
		if (j->kind == JOB_TASK)
			buf_addf(&holds, ":%s: ", c->id);
		else
			buf_adds(&holds, "commands: ");
		describe_job(b, c, j, &holds);
		if (strcmp(buf_str(&holds), usual) != 0) {
			buf_adds(&line, " # ");
			visible_adds(&line, buf_str(&holds));
		}
	}
	puts(buf_str(&line));
	buf_free(&line);
	buf_free(&holds);
}

int
batch_preview(const struct batch *b, struct job_source *source)
{
	struct buf usual = BUF_INIT;
	uint64_t refused = 0;
	enum job_pull pull = PULL_END;
	struct pollfd p;
	struct error e;
	struct job *j;

	batch_describe(b, &usual);
	printf("# %s\n", buf_str(&usual));
	while (!ferror(stdout) &&
	    (pull = job_source_next(source, &j, &e)) != PULL_END &&
	    pull != PULL_ERROR) {
		if (pull == PULL_WAIT) {
			fflush(stdout);
			p = (struct pollfd){job_source_fd(source), POLLIN, 0};
			(void)poll(&p, 1, -1);
			continue;
		}
		refused += j->refused != NULL;
		show_job(b, j, buf_str(&usual));
		job_free(j);
	}
	buf_free(&usual);
	if (pull == PULL_ERROR) {
		log_error("%s", e.msg);
		return STATUS_SETUP;
	}
	return batch_status(refused);
}
