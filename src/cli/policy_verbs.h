/* The verbs under "rtfs policy", one a file.  Each gets the words after its
 * own name and returns the exit status. */
#ifndef CLI_POLICY_VERBS_H
#define CLI_POLICY_VERBS_H

#include "cli/setup.h"

struct policy_words {
	char **item; /* NULL at the end */
	size_t n;
};

int policy_check(
    const struct verb *, const struct options *, const struct policy_words *);
int policy_explain(
    const struct verb *, const struct options *, const struct policy_words *);
int policy_diff(
    const struct verb *, const struct options *, const struct policy_words *);

int policy_test(
    const struct verb *, const struct options *, const struct policy_words *);

/* policy_names.c: warn of what a policy names and this machine has not. */
void policy_check_names(const struct policy *, struct diags *);

/* "built in", "FILE:LINE", "options", "task"; overwritten by the next but
 * three. */
const char *policy_origin(const struct origin *);

#endif
