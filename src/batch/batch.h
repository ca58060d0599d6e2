/*
 * rtfs batch: jobs out of a command line and its inputs, run on the pool.
 * The supervisor of a batch; its siblings are host's calls.
 */
#ifndef BATCH_BATCH_H
#define BATCH_BATCH_H

#include "batch/job.h"
#include "batch/options.h"
#include "host/registry.h"
#include "host/report.h"
#include "host/watch.h"
#include "lang/vm.h"
#include "policy/policy.h"

/* Everything is borrowed and outlives the batch. */
struct batch {
	const struct batch_options *options;
	struct registry *registry;
	struct policy *policy;
	const char *worker_path[IMAGE_COUNT]; /* NULL: not there */
	char *const *secret_dirs; /* of :secrets; NULL at the end, or NULL */
	char *const *argv;        /* all of the command line, for the records */
	char *const *policy_files; /* as read; NULL at the end; may be NULL */
	struct report *report;     /* NULL: none */
	struct watch_config watch; /* --trace, --metrics */
	int64_t spin;              /* as in pool.h */
	struct heap
	    *heap;     /* of every value of the batch; vm's if there is one */
	struct vm *vm; /* --rtfs: the machine that made work; else NULL */
	val work;      /* --rtfs: the value of the program */
};

/* A source for what the options ask for.  EK_ARGUMENT: options that do not go
 * together, a command that is not there; EK_SYSTEM: a file that cannot be
 * opened; EK_SYNTAX: a template or program that is wrong. */
int job_source_new(
    const struct batch *, struct job_source **, struct error *) ATTR_CHECK;

/* --retry-failed: the jobs that failed become the input, options->jsonl.  Before
 * job_source_new(), whatever the options.  EK_SYSTEM (without text: it has been
 * said), EK_ARGUMENT. */
int batch_retry_input(
    const struct batch *, struct batch_options *, struct error *) ATTR_CHECK;
/* Exit status when none could be run, and when so many failed. */
#define STATUS_SETUP 255
int batch_status(uint64_t failed);
/* Run every job of the source; returns the exit status. */
int batch_run(const struct batch *, struct job_source *);

#endif
