/*
 * What the command line says about a batch: plain data for both halves, the
 * one that makes jobs (sources and templates) and the one that runs them.
 * Filled by the option table of src/cli.  Texts are borrowed from argv.
 */
#ifndef BATCH_OPTIONS_H
#define BATCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* -j N, N%, +N, -N, FILE: jobs at a time. */
struct batch_jobs {
	enum {
		JOBS_DEFAULT, /* CPUs */
		JOBS_COUNT,   /* n; 0: as many as possible */
		JOBS_PERCENT, /* of CPUs */
		JOBS_MORE,    /* CPUs + n */
		JOBS_LESS,    /* CPUs - n */
		JOBS_FILE     /* read again whenever a job ends */
	} kind;
	unsigned int n;
	const char *file;
};

/* --halt WHEN,WHY=N|N% */
struct batch_halt {
	enum {
		HALT_NEVER,
		HALT_SOON, /* start no more */
		HALT_NOW   /* and end those that run */
	} when;
	enum {
		HALT_FAIL,
		HALT_SUCCESS,
		HALT_DONE
	} why;
	uint64_t count; /* 0: percent counts */
	double percent; /* of all jobs */
};

/* --retry-on timeout,signal,exit:75: none is the default set of :retries and
 * :exit. */
struct batch_retry {
	const char *kind; /* static: "timeout" */
	int exit;         /* that status only; -1: any */
};

enum batch_format {
	BATCH_TEXT,
	BATCH_JSONL,
	BATCH_CSV,
	BATCH_TSV,
	BATCH_MSGPACK,
	BATCH_RTFS
};

enum batch_group {
	GROUP_JOB,  /* a job's output in one piece */
	GROUP_LINE, /* --lb */
	GROUP_NONE  /* -u */
};

enum batch_resume {
	RESUME_NO,
	RESUME_NEW,    /* --resume: what has no recorded end */
	RESUME_FAILED, /* --resume-failed: and what failed */
	RESUME_RETRY   /* --retry-failed: only what failed, no input is read */
};

enum batch_exit {
	EXIT_PARALLEL, /* 0, 1-100 failed jobs, 101 more */
	EXIT_ANY,      /* 0, 1 */
	EXIT_XARGS     /* 0, 123 124 125 126 127 */
};

struct batch_words { /* NULL at the end */
	char **item;
	size_t n;
};

struct batch_options {
	/* What to run: exactly one of command, capability, jsonl, rtfs. */
	struct batch_words command; /* CMD ARG..., also of --shell */
	bool shell;
	const char *capability; /* id without colon; its ARGs in command */
	bool args_json;         /* --args json */
	const char *jsonl;      /* file, or "-" */
	const char *rtfs;       /* file, or "-" */

	/* Where values come from. */
	struct batch_input *input; /* sources in order: ::: :::: -a */
	size_t ninputs;
	int delimiter;      /* byte: '\n', '\0' (-0), or -d */
	const char *colsep; /* regular expression; NULL: no columns */
	bool csv;
	bool header; /* --header : */
	bool link;
	bool shuf;
	uint64_t max_args;   /* -n: at most so many values a job; 0: 1, or all
			     * that fit with -X and -m */
	bool no_args;        /* -n 0, -N 0: a value starts a job, unused */
	uint64_t exact_args; /* -N: {1} ... {N}; 0: not said */
	uint64_t max_lines;  /* -L; 0: not said */
	uint64_t max_chars;  /* -s: of one command line; 0: what execve takes */
	bool replace_words;  /* -X: a word with {} once a value */
	bool replace_all;    /* -m: {} becomes all values */
	bool no_spread;      /* --xargs: as -m, not spread over the slots */
	bool exact_or_exit;  /* -x */
	bool skip_empty;     /* -r */
	const char *replace; /* -I; NULL: {} */
	bool pipe;           /* --pipe */
	uint64_t block;      /* bytes; 0: not said, 1M */

	/* What a job is, besides its command. */
	struct batch_words env; /* --env NAME=VALUE, for commands */
	const char *tagstring;  /* template; NULL: none */
	bool tag;               /* --tag: the values */
	const char *dir;        /* --wd, template; NULL: the caller's */
	bool dry_run;
	bool explain;
	bool trace; /* -t: print each command on stderr when it starts */

	/* How jobs are run. */
	struct batch_jobs jobs;
	int64_t delay;    /* ns between starts; 0: none */
	double load;      /* no start above this load; 0: any */
	uint64_t memfree; /* no start below so many free bytes; 0: any */
	int nice;
	bool by_priority;       /* --order priority */
	double timeout_percent; /* of the running median; 0: not said.  A
				 * --timeout TIME is policy's */
	int64_t total_timeout;  /* ns, of the whole batch; 0: none */
	unsigned int retries;   /* attempts in all; 0: not said, 1 */
	int64_t retry_delay;    /* ns, doubled each time; 0: none */
	struct batch_retry *retry_on;
	size_t nretry_on;
	struct batch_halt halt;
	int64_t grace; /* ns between TERM and KILL; -1: not said */
	bool leave_children;

	/* What becomes of the results. */
	enum batch_format format;
	enum batch_group group;
	bool keep_order;
	const char *results; /* folder, or file in .csv .tsv .json */
	const char *joblog;
	bool bar; /* these only where stderr is a terminal */
	bool eta;
	bool progress;
	enum batch_resume resume;
	const char *state;   /* SQLite file; NULL: none */
	uint64_t *retry_seq; /* numbers of the jobs of --retry-failed, in the
			      * order of jsonl; NULL: 1, 2, ...  Owned */
	enum batch_exit exit_status;
};

/* One source of values. */
struct batch_input {
	enum {
		INPUT_WORDS, /* ::: */
		INPUT_FILE,  /* :::: or -a; "-" is standard input */
		INPUT_JSONL  /* --jsonl with CMD: members are columns */
	} kind;
	bool linked;  /* :::+ ::::+: goes along with the source before */
	char **words; /* INPUT_WORDS; not NULL-terminated */
	size_t nwords;
	const char *file;
};

void batch_options_init(struct batch_options *); /* the defaults */
void batch_options_free(struct batch_options *);
void batch_words_add(struct batch_words *, char *); /* borrowed */
/* One more source, to be filled in; valid until the next. */
struct batch_input *batch_add_input(struct batch_options *, int kind);

/* Texts of options.  EK_ARGUMENT with what is accepted. */
int batch_parse_jobs(
    const char *, struct batch_jobs *, struct error *) ATTR_CHECK;
/* A file of -j: its first line.  EK_SYSTEM: it cannot be read; EK_ARGUMENT. */
int batch_read_jobs(
    const char *path, struct batch_jobs *, struct error *) ATTR_CHECK;
/* Jobs at a time, 1 to MAX_WORKERS; of a file as many as there are CPUs, until
 * it is read. */
unsigned int batch_width(const struct batch_jobs *);
int batch_parse_halt(
    const char *, struct batch_halt *, struct error *) ATTR_CHECK;
int batch_parse_retry_on(
    const char *, struct batch_options *, struct error *) ATTR_CHECK;
/* As units_duration(), and a bare number is seconds, as GNU parallel has it. */
int batch_parse_duration(const char *, int64_t *ns, struct error *) ATTR_CHECK;

#endif
