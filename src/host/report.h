/*
 * The record of a task: one JSON object a line, the same names everywhere
 * (design.md, "The record of a task").  The first line is the run.
 */
#ifndef HOST_REPORT_H
#define HOST_REPORT_H

#include "base/diag.h"
#include "policy/policy.h"
#include "proto/codec.h"
#include "task/task.h"

struct report;

/* What the first line says. */
struct report_run {
	char *const *argv;
	const char *program; /* text of the program, for its digest */
	size_t program_len;
	char *const *policy_files; /* NULL at the end; may be NULL */
	const char *isolation;     /* effective level of the defaults */
};
/* EK_SYSTEM when path cannot be made; "-" is stderr. */
int report_open(const char *path, const struct report_run *, struct report **,
    struct error *) ATTR_CHECK;

/* The code of a function, hashed once for all its tasks.  Zero-initialised is
 * empty. */
struct closure_sum {
	uint64_t closure; /* whose sum this is; 0: none yet */
	unsigned char sum[32];
};

struct record {
	val id;           /* map key or index; VAL_UNBOUND: a single call */
	const char *name; /* instead of id, when not NULL */
	uint64_t seq;
	const char *capability;
	val args;
	const struct pack_options *pack; /* how they travel, for the digest */
	const struct closure *closure;   /* function tasks; else NULL */
	char *const *argv;               /* commands; else NULL */
	unsigned int attempts;
	const struct outcome *outcome; /* of the last attempt */
	const char *kind;              /* status when not ok */
	const char *fault;
	const char *isolation; /* NULL: never started */
	const char *clamped;
	const struct effective *effective; /* NULL: refused before */
	const char *digest; /* content key; NULL: that of capability, args and
			     * closure */
};
/* "sha256:" and 64 digits. */
#define RECORD_DIGEST 72
void record_digest(
    struct closure_sum *, const struct record *, char out[RECORD_DIGEST]);
/* Append the members of the record, without braces. */
void record_members(struct buf *, struct closure_sum *, const struct record *);
void report_task(struct report *, const struct record *); /* NULL is fine */
/* Let readers see what was written; costs nothing when there is nothing new. */
void report_flush(struct report *); /* NULL is fine */
/* EK_SYSTEM when not all of it could be written. */
int report_close(struct report *, struct error *);

#endif
