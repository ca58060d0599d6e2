/*
 * What every job of a command line is made of: its command or capability and
 * the other templates, compiled once.
 */
#ifndef BATCH_FORM_H
#define BATCH_FORM_H

#include "batch/batch.h"

/* EK_ARGUMENT: no command where one is needed, a lone one with blanks that is
 * no file, an unknown capability. */
int job_form_new(
    const struct batch *, struct job_form **, struct error *) ATTR_CHECK;
void job_form_free(struct job_form *); /* NULL is fine */
/* A capability that jobs can name, with or without colon.  EK_POLICY: unknown,
 * with near names; EK_ARGUMENT: served to programs only. */
int job_capability(struct registry *, const char *id,
    const struct capability **, struct error *) ATTR_CHECK;
/* Make everything of the job that templates say out of its values. */
void job_form_fill(struct job_form *, struct job *);
/* Is it a command line that several values share? */
bool job_form_packs(const struct job_form *);
/* Bytes of the command line without values, and those of one more. */
size_t job_form_base(const struct job_form *);
size_t job_form_cost(const struct job_form *, const char *value);
/* Make the closure of a JOB_TASK out of its capability.  Errors of
 * manifest_closure(). */
int job_finish_task(struct job *, struct error *) ATTR_CHECK;

#endif
