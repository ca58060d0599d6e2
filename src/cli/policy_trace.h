/* What a traced command was refused, and the rule that would grant it. */
#ifndef CLI_POLICY_TRACE_H
#define CLI_POLICY_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

/* A system call or a path that was refused, and how often. */
struct refusal {
	char *what;
	uint32_t access; /* of a path: SANDBOX_READ ...; 0: a call */
	int os_errno;    /* of a call */
	size_t times;
};

struct policy_trace {
	struct refusal *refusal;
	size_t n;
};

void policy_trace_call(struct policy_trace *, const char *call, int os_errno);
void policy_trace_path(
    struct policy_trace *, const char *path, uint32_t access);
/* On stderr: a line for each, then a rule for the capability, with what its
 * policy grants already. */
void policy_trace_show(
    const struct policy_trace *, const char *id, const struct effective *);
void policy_trace_clear(struct policy_trace *);

#endif
