/* What an EXEC message asks of a guard. */
#ifndef WORKERS_TASKEXEC_H
#define WORKERS_TASKEXEC_H

#include "proto/frame.h"
#include "proto/proto.h"
#include "sandbox/enter.h"

struct task_plan;

struct exec_request {
	char *program;
	char **argv;
	char **env;
	char *directory; /* NULL: as it is */
	char *place;     /* it without links; NULL: the same */
	bool framed;     /* result is 3, and 1 is stray; else result is 1 */
	const struct task_plan *plan;

	/* The caller's, as its other fields: */
	int input;
	int result;
	int stray;
	const struct sandbox_entry *lock; /* what the task enters itself; NULL:
					   * its guard has done it */

	struct exec_failure failure; /* os_errno 0: none, it is the program */

	char *text; /* of all of it */
	size_t size;
	pid_t guard;
};

/* From an EXEC frame, whose plan must be here: the first group of fields.
 * -1, EK_PROTO: still to be cleared. */
int exec_request_read(
    struct exec_request *, const struct frame *, struct error *) ATTR_CHECK;
/* Nothing of it stays in memory. */
void exec_request_clear(struct exec_request *);
/* The process, which executes the program already or, with a failure, ends
 * with 125; -1 with errno: there is none. */
pid_t exec_request_start(struct exec_request *);

#endif
