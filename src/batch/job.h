/*
 * One job of a batch, with every template filled in, and where jobs come
 * from: a source that is pulled, so that whoever runs jobs decides how many
 * are held, and input without end needs constant memory.
 */
#ifndef BATCH_JOB_H
#define BATCH_JOB_H

#include <sys/queue.h>

#include "base/buf.h"
#include "task/task.h"
#include "value/errval.h"

struct batch_options;
struct capability;
struct job_form; /* the templates of a command: template.h */

enum job_kind {
	JOB_COMMAND, /* argv; of a shell text too: {"/bin/sh", "-c", text} */
	JOB_TASK,    /* capability and args */
	JOB_CANCEL   /* not a job: the one with this id is to be cancelled */
};

/* A value that went into the templates: one input column. */
struct job_value {
	const char *name; /* of --header, --csv or jsonl; NULL: none.  The
			   * source's, valid as long as the source */
	char *text;
};

/*
 * Plain struct; the fields of a kind that is not the job's are 0.  Owned by
 * whoever pulled it; everything in it is its own, unless it says otherwise.
 */
struct job {
	TAILQ_ENTRY(job) entry; /* the runner's */
	void *owner;            /* the runner's */

	enum job_kind kind;
	uint64_t seq;   /* 1-based, in order of the input; JOB_CANCEL: 0 */
	const char *id; /* as given, else seq as digits; never NULL */
	char seq_text[21];
	val key;       /* --rtfs: key or index in the work; else VAL_UNBOUND */
	uint64_t line; /* of the input where it began, 1-based; 0: none */
	char *text;    /* see job_text(); NULL: not made yet */
	char *tag;     /* --tag, --tagstring; NULL: none */
	bool wants_slot; /* {%} is in it: see job_set_slot() */

	/* JOB_COMMAND */
	char **argv; /* NULL at the end; at least one word */
	char **env;  /* "NAME=VALUE" beyond the caller's; NULL: none */
	char *dir;   /* NULL: the caller's */

	/* JOB_TASK */
	const struct capability *capability; /* the registry's */
	val args;                            /* vector on heap */
	const struct closure *closure; /* function tasks, the source's; NULL */

	/* both */
	val options;      /* map for policy_resolve(), or VAL_NIL: timeout,
			  * limits, isolation, retry-on ... of this job */
	int retries;      /* further attempts; -1: not said, --retries counts */
	int64_t priority; /* higher first; 0: not said */
	char **after;     /* ids of jobs that must be ok before; NULL: none */
	struct buf input; /* bytes of standard input */
	bool has_input;   /* false: /dev/null */
	struct job_value *value; /* what went into the templates */
	size_t nvalues;

	/* Not NULL: this job cannot run, why, and the kind of that failure
	 * (:invalid-arguments, :unknown-capability).  It ends with that error
	 * without having been started.  Of the other fields only seq, id and
	 * line are sure to be there. */
	char *refused;
	enum errkey refused_kind;

	struct heap *heap;           /* of key, args and options */
	const struct job_form *form; /* for job_set_slot(); the source's */
};

/* The row that policy knows commands by. */
const struct capability *job_command_row(void);

/* A job with seq and id and nothing else; key is VAL_UNBOUND, retries -1. */
struct job *job_new(struct heap *, uint64_t seq, uint64_t line);
/* The variables of --env before those that the job has itself. */
void job_take_env(struct job *, const struct batch_options *);
/* Mark the job as one that cannot run. */
void job_refuse(struct job *, enum errkey, const char *, ...) ATTR_PRINTF(3, 4);
void job_free(struct job *); /* NULL is fine */
void job_set_id(struct job *, char *owned);
bool job_has_id(const struct job *); /* one that was given */

/* The command quoted so that a paste runs it; of a task (task :api.x 1), cut
 * inside at MAX_TASK_TEXT bytes; "" when nobody knows.  What the joblog
 * has.  Owned by the job; made when first asked for. */
#define MAX_TASK_TEXT 4096U
const char *job_text(struct job *);
/* The same as one line without control characters, for bash where it needs
 * $'a\nb'.  What -t and --dry-run print. */
void job_show(struct job *, struct buf *);

/*
 * Fill {%} in: the number of the slot that the job is about to start in, from
 * 1.  Changes argv, text, tag, env and dir.  Until then they have "{%}" as it
 * stands, so what is made of them (a content key) does not depend on slots.
 * May be called again for a further attempt.
 */
void job_set_slot(struct job *, unsigned int slot);

struct job_source;

enum job_pull {
	PULL_ERROR = -1, /* *e is filled.  EK_SYSTEM: reading failed; EK_SYNTAX
			  * with line: input that no job can be made of.  The
			  * source has ended; jobs pulled before are good */
	PULL_END,        /* there is no more, and never will be */
	PULL_JOB,        /* *out is the caller's */
	PULL_WAIT        /* nothing yet: poll job_source_fd() for reading */
};

/* Never blocks on a pipe or terminal, and reads no more than it needs for one
 * job (up to a buffer).  After PULL_END and PULL_ERROR it is PULL_END. */
enum job_pull job_source_next(
    struct job_source *, struct job **out, struct error *) ATTR_CHECK;
/* What to poll after PULL_WAIT. */
int job_source_fd(const struct job_source *);
/* Jobs in all, pulled ones too, or -1 while that is not known (it is at the
 * latest at PULL_END). */
int64_t job_source_total(const struct job_source *);
/* After every job of it was freed.  NULL is fine. */
void job_source_free(struct job_source *);

#endif
