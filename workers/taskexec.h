/* What EXEC and AGAIN ask of a guard. */
#ifndef WORKERS_TASKEXEC_H
#define WORKERS_TASKEXEC_H

#include "proto/frame.h"
#include "proto/proto.h"
#include "sandbox/enter.h"

struct task_plan;

/* What the words of a request are in. */
struct exec_text {
	char *bytes;
	size_t size;
};

struct exec_request {
	char *program;
	char **argv;

	/* What the next one may have, too: */
	char **env;
	char *directory; /* NULL: as it is */
	char *place;     /* it without links; NULL: the same */
	bool framed;     /* result is 3, and 1 is stray; else result is 1 */
	const struct task_plan *plan;
	bool kept; /* it may */

	/* The caller's, as its other fields: */
	int input;
	int result;
	int stray;
	const struct sandbox_entry *lock; /* what the task enters itself; NULL:
					   * its guard has done it */

	struct exec_failure failure; /* os_errno 0: none, it is the program */

	struct exec_text own;    /* of program and argv */
	struct exec_text around; /* of the rest */
	pid_t guard;
};

/* From an EXEC frame, whose plan must be here and becomes part of it: the
 * first two groups of fields.  -1, EK_PROTO: it is not to be used again. */
int exec_request_read(
    struct exec_request *, const struct frame *, struct error *) ATTR_CHECK;
/* From an AGAIN frame: the first, what is kept being there still.  -1 as
 * above. */
int exec_request_again(
    struct exec_request *, const struct frame *, struct error *) ATTR_CHECK;
/* It has been started: nothing of it stays in memory but what is kept. */
void exec_request_done(struct exec_request *);
/* Nor that. */
void exec_request_forget(struct exec_request *);
/* The process, which executes the program already or, with a failure, ends
 * with 125; -1 with errno: there is none. */
pid_t exec_request_start(struct exec_request *);

#endif
