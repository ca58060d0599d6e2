/* What "policy explain" and "policy test" show of one capability under one
 * effective policy: a row for each limit and setting. */
#ifndef CLI_POLICY_ROWS_H
#define CLI_POLICY_ROWS_H

#include "policy/policy.h"
#include "sandbox/plan.h"

struct policy_row {
	const char *name;
	bool limit;
	struct limit_value amount; /* limit */
	enum limit_id id;          /* limit */
	char *value;               /* as a policy would say it */
	struct origin origin;
	char *ceiling; /* NULL: none */
	struct origin ceiling_origin;
	bool kept;
	char *keeper; /* what keeps it here, or why nothing does */
};

struct policy_rows {
	struct policy_row *row;
	size_t n;
};

/* plan: NULL when the machine refuses the whole. */
void policy_rows_make(struct policy_rows *, const struct policy *,
    const struct capability *, const struct effective *,
    const struct sandbox_plan *plan);
void policy_rows_free(struct policy_rows *);

#endif
