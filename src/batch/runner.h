/*
 * The back half of a batch, shared by its files and by nobody else: jobs come
 * in at feed, run as attempts on the pool, and leave by way of settle.
 *
 *	run	the loop, signals, the exit status
 *	feed	what is pulled, and what may start now
 *	attempt	one run of a job: submit, streams, how it ended, again or not
 *	settle	the end of a job: counted, recorded, printed, told to others
 *
 * Everything is single-threaded and driven by the callbacks of one loop.
 */
#ifndef BATCH_RUNNER_H
#define BATCH_RUNNER_H

#include "base/clock.h"
#include "batch/batch.h"
#include "batch/print.h"
#include "batch/spool.h"
#include "host/report.h"
#include "pool/pool.h"
#include "task/command.h"

enum entry_state {
	ENTRY_BLOCKED, /* waits for others (after) */
	ENTRY_READY,   /* may start */
	ENTRY_PAUSED,  /* waits for its next attempt */
	ENTRY_POOL,    /* the pool has it */
	ENTRY_SETTLED  /* has ended; waits for its turn in the output */
};

/* One job, from the source to the last of its output. */
struct entry {
	TAILQ_ENTRY(entry) link;  /* of the list of its state */
	TAILQ_ENTRY(entry) order; /* of runner->order */
	TAILQ_ENTRY(entry) live;  /* of runner->lively */
	bool lively;              /* it has printed something to be shown */
	struct runner *runner;
	struct job *job;
	enum entry_state state;
	struct task task;
	struct command command;
	char **env;                        /* owned; NULL: the caller's */
	char *program;                     /* owned */
	const struct effective *effective; /* NULL: refused */
	unsigned int slot;                 /* {%}; 0: none */
	unsigned int retries;              /* further attempts that are left */
	bool running;                      /* its process has started */
	bool cancelled;                    /* by {"cancel":ID} */
	bool again;               /* an earlier run has recorded its failure */
	bool skipped;             /* what it waits for has failed */
	bool quiet;               /* never started and not to be spoken of */
	struct loop_timer *timer; /* next attempt, or --timeout N% */
	int64_t begun_wall;       /* first start; 0: never */
	int64_t begun;
	int64_t ended;
	int32_t pid;
	struct spool out[2]; /* stdout, stderr */
	struct buf line[2];  /* --lb: the unfinished line */
	uint64_t received;   /* bytes of standard output */
	uint64_t cut;        /* bytes that :output did not let through */
	/* of the last attempt, from its end on */
	struct outcome outcome;
	char digest[RECORD_DIGEST]; /* content key; "": not made yet */
	struct name *name;          /* after.c: its id, when that is its own */
	bool doomed;                /* after.c: it will not run */
	unsigned int unmet;         /* after.c: jobs that it still waits for */
	uint32_t stamp;             /* after.c: of the last walk that met it */
};
TAILQ_HEAD(entry_list, entry);

struct runner {
	const struct batch *batch;
	const struct batch_options *options;
	struct job_source *source;
	struct heap *heap;
	struct loop *loop;
	struct pool *pool;
	struct watch *watch;
	struct loop_io *source_io; /* of source_fd */
	int source_fd;
	bool source_waits; /* there is nothing to read */
	struct spill spill;
	struct print out;
	int out_fd;  /* standard output again, to be watched; -1: none */
	bool killed; /* the second signal */
	struct closure_sum sum;
	struct pack_options pack; /* how arguments travel */
	char *no_pool;            /* why there is none */

	struct entry_list ready;
	struct entry_list blocked;
	struct entry_list paused;
	struct entry_list inpool;
	struct entry_list order;  /* to be shown: all in order of the input
	                           * (ordered), or those that have ended */
	struct entry_list lively; /* --line-buffer, --ungroup */
	struct entry_list spare;  /* freed, to be used again */
	size_t nblocked;
	size_t nready;
	size_t npaused;
	size_t npool;
	size_t nrunning;
	size_t nheld; /* settled, not printed */
	bool ended;   /* the source has */
	bool broken;  /* it ended with an error */
	bool feeding;
	bool starve;   /* nothing is started any more */
	bool draining; /* hung up */
	bool hung_up;  /* and something was left */

	bool ordered;       /* shown in the order of the input */
	unsigned int width; /* jobs at a time */
	unsigned char *slot_used;
	int64_t next_start; /* --delay */
	struct loop_timer *wake;
	struct loop_timer *total_timer;
	struct loop_io *out_io;    /* tells when nobody reads any more */
	struct pressure *pressure; /* --load, --memfree */
	struct median *median;     /* NULL: nobody asks for it */

	uint64_t seen; /* jobs pulled */
	uint64_t done; /* ended, however */
	uint64_t ok;
	uint64_t failed;
	uint64_t skipped;   /* part of failed */
	uint64_t resumed;   /* not run: an earlier run has */
	uint64_t unstarted; /* not run: the batch was ended; not part of done */
	int64_t begun;
	int halt_status; /* exit status of the job that halted; -1: none */
	bool halted;
	bool overtime;      /* --total-timeout */
	bool closed;        /* nobody reads what we print */
	bool unwritten;     /* a record could not be written */
	int signal;         /* that ends it; 0: none */
	unsigned int worst; /* --exit-status xargs: the gravest so far */

	struct joblog *joblog; /* NULL: none; the others too */
	struct results *results;
	struct after *after;
	struct state *state;
	struct progress *progress;
	struct format *format;
};

/* feed.c */
/* Pull and start as much as may be. */
void runner_feed(struct runner *);
void runner_ready(struct entry *); /* it may start */
void runner_wake_at(struct runner *, int64_t at);

/* {%}: the lowest number that is free; none is needed without wants_slot. */
void slot_take(struct entry *);
void slot_release(struct entry *);

/* attempt.c */
/* Give it to the pool, or settle it where it stands. */
void entry_start(struct entry *);
void entry_started(struct task *, int32_t pid, void *);
void entry_stream(struct task *, int fd, const char *, size_t, void *);
void entry_done(struct task *, struct outcome *, void *);
/* It is on no list of its state any more. */
void entry_unlink(struct entry *);
/* It ends without (another) attempt. */
void entry_fail(struct entry *, enum errkey, const char *text);
void entry_cancel(struct entry *, const char *why);

/* settle.c */
struct entry *entry_alloc(struct runner *); /* zero but for runner */
/* entry->outcome holds how the last attempt ended. */
void entry_settle(struct entry *);
/* Print what has ended, and what is shown before; not from a callback. */
void runner_show(struct runner *);
bool runner_idle(const struct runner *); /* it would print nothing */
void entry_free(struct entry *);
const char *entry_status(const struct entry *);
/* Exit status and signal as GNU parallel and the shell count them. */
int entry_exitval(const struct entry *);
/* Members of its record without braces. */
void entry_record(struct entry *, struct buf *);
/* Its content key. */
const char *entry_digest(struct entry *);
int64_t entry_wall(const struct entry *);   /* ns, over all attempts */
bool entry_truncated(const struct entry *); /* not all output is there */

/* run.c */
void runner_width(struct runner *); /* -j, read again where it is a file */
/* Start nothing any more; now: end what runs, too. */
void runner_halt(struct runner *, bool now, const char *why);

#endif
