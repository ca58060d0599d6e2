/* Why a capability has what it has: ceilings, and rules that were passed
 * over. */
#include "policy/rules.h"

bool
policy_ceiling(
    const struct policy *p, enum limit_id id, struct limit_value *out)
{
	const struct limit_value *m;
	bool found = false;
	size_t i;

	for (i = 0; i < p->nsources; i++) {
		m = &p->source[i].max.limit[id];
		if (m->set && (!found || m->soft < out->soft)) {
			*out = *m;
			found = true;
		}
	}
	return found;
}

bool
policy_timeout_ceiling(
    const struct policy *p, int64_t *ns, struct origin *origin)
{
	const struct effective *max;
	bool found = false;
	size_t i;

	for (i = 0; i < p->nsources; i++) {
		max = &p->source[i].max;
		if (setting_said(max, SETTING_TIMEOUT) &&
		    (!found || max->timeout < *ns)) {
			*ns = max->timeout;
			*origin = max->origin[SETTING_TIMEOUT];
			found = true;
		}
	}
	return found;
}

void
policy_passed_over(const struct policy *p, const struct capability *cap,
    policy_rule_cb cb, void *arg)
{
	struct effective base = {0};
	const struct rule *r;
	size_t i, k;

	policy_defaults(p, cap, &base);
	for (i = 0; i < p->nsources; i++) {
		for (k = 0; k < p->source[i].nrules; k++) {
			r = &p->source[i].rule[k];
			if (match_any(r->match, cap->id) &&
			    !rule_trusts(r, cap, &base))
				cb(&r->origin, arg);
		}
	}
	settings_clear(&base);
}

static void
each_pattern(char *const *list, policy_pattern_cb cb, void *arg)
{
	for (; list != NULL && *list != NULL; list++)
		cb(*list, arg);
}

void
policy_patterns(const struct policy *p, policy_pattern_cb cb, void *arg)
{
	const struct source *src;
	size_t i, k;

	for (i = 0; i < p->nsources; i++) {
		src = &p->source[i];
		for (k = 0; k < src->nrules; k++)
			each_pattern(src->rule[k].match, cb, arg);
		each_pattern(src->deny, cb, arg);
		each_pattern(src->allow, cb, arg);
	}
}
