/*
 * Slips: what a policy surely does not mean to say, or means and should think
 * about again.  Warnings, like those of lint.c, which is about amounts and
 * grants that are weak.
 */
#include <string.h>

#include "policy/rules.h"
#include "task/builtin.h"
#include "value/nearest.h"

#define PROMISES                                                               \
	(DEGRADE_FILES | DEGRADE_NETWORK | DEGRADE_OTHERS | DEGRADE_TREE)

/* Names below a prefix of built-in capabilities are nobody else's. */
static void
slip_id(struct diags *ds, const struct origin *at, const char *glob)
{
	size_t n, i, family = strcspn(glob, ".*");
	const struct builtin *builtins = builtin_table(&n);
	struct nearest near;
	bool ours = false;

	if (glob[family] != '.')
		return;
	nearest_init(&near, glob);
	for (i = 0; i < n; i++) {
		if (glob_match(glob, builtins[i].id))
			return;
		if (strncmp(glob, builtins[i].id, family + 1) != 0)
			continue;
		ours = true;
		nearest_offer(&near, builtins[i].id);
	}
	if (ours && near.best != NULL)
		policy_warn(ds, at,
		    "\"%s\" matches no built-in capability; did you mean "
		    "\"%s\"?",
		    glob, near.best);
	else if (ours)
		policy_warn(
		    ds, at, "\"%s\" matches no built-in capability", glob);
}

static void
slip_ids(struct diags *ds, const struct origin *at, char *const *globs)
{
	for (; globs != NULL && *globs != NULL; globs++)
		slip_id(ds, at, *globs);
}

static void
slip_paths(struct diags *ds, const struct effective *said)
{
	static const char *const below[] = {"/etc", "/proc", "/sys", "/boot"};
	static const char *const whole[] = {"/root", "/dev", "/run"};
	const char *hit;
	char *const *w;
	size_t i;

	for (w = said->write; w != NULL && *w != NULL; w++) {
		hit = NULL;
		for (i = 0; i < NITEMS(below) && hit == NULL; i++)
			hit = path_within(*w, below[i]) ? below[i] : NULL;
		for (i = 0; i < NITEMS(whole) && hit == NULL; i++)
			hit = strcmp(*w, whole[i]) == 0 ? whole[i] : NULL;
		if (hit != NULL)
			policy_warn(ds, &said->origin[SETTING_WRITE],
			    ":write %s: who may write in %s has the machine",
			    *w, hit);
	}
	for (w = said->read; w != NULL && *w != NULL; w++) {
		if (path_within("/etc/shadow", *w) ||
		    path_within("/etc/gshadow", *w))
			policy_warn(ds, &said->origin[SETTING_READ],
			    ":read %s has the passwords of /etc/shadow", *w);
	}
}

static void
slip_variables(struct diags *ds, const struct effective *said)
{
	size_t i;

	for (i = 0; i < said->nenv; i++) {
		if (strncmp(said->env[i].name, "LD_", 3) == 0 &&
		    said->env[i].value == NULL)
			policy_warn(ds, &said->origin[SETTING_ENV],
			    ":env %s as the caller has it loads the caller's "
			    "code into every program; give it a value",
			    said->env[i].name);
	}
}

/* match: NULL for :default. */
static void
slip_settings(
    struct diags *ds, const struct effective *said, char *const *match)
{
	char *const *p;

	slip_paths(ds, said);
	slip_variables(ds, said);
	for (p = said->program; p != NULL && *p != NULL; p++) {
		if (strcmp(*p, "*") == 0)
			policy_warn(ds, &said->origin[SETTING_PROGRAM],
			    ":program \"*\" is every program, as without it");
	}
	if (match == NULL && (said->degrade & PROMISES) == PROMISES)
		policy_warn(ds, &said->origin[SETTING_DEGRADE],
		    ":degrade of every promise in :default: no task is sure of "
		    "any isolation");
}

static bool
same_globs(char *const *a, char *const *b)
{
	for (; *a != NULL && *b != NULL && strcmp(*a, *b) == 0; a++, b++)
		;
	return *a == NULL && *b == NULL;
}

/* Does the later say all that the other does, to all that have it? */
static bool
overrides(const struct rule *later, const struct rule *r,
    const struct effective *defaults)
{
	enum setting id;
	enum limit_id l;

	if (!same_globs(later->match, r->match) ||
	    (!later->any && settings_grant(defaults, &later->set) &&
	        (r->any || !settings_grant(defaults, &r->set))))
		return false;
	for (id = 0; id < SETTING_COUNT; id++) {
		if (id != SETTING_LIMITS && setting_said(&r->set, id) &&
		    !setting_said(&later->set, id))
			return false;
	}
	for (l = 0; l < LIMIT_COUNT; l++) {
		if (r->set.limit[l].set && !later->set.limit[l].set)
			return false;
	}
	return true;
}

static void
slip_overridden(struct diags *ds, const struct source *src, size_t at,
    const struct effective *defaults)
{
	const struct rule *r = &src->rule[at];
	size_t k;

	for (k = at + 1; k < src->nrules; k++) {
		if (!overrides(&src->rule[k], r, defaults))
			continue;
		policy_warn(ds, &r->origin,
		    "this rule says nothing: the one of line %u has the same "
		    ":match and all its keys",
		    src->rule[k].origin.line);
		return;
	}
}

void
policy_slips(const struct source *src, const struct effective *defaults,
    struct diags *ds)
{
	size_t k;

	slip_settings(ds, &src->defaults, NULL);
	for (k = 0; k < src->nrules; k++) {
		slip_ids(ds, &src->rule[k].origin, src->rule[k].match);
		slip_settings(ds, &src->rule[k].set, src->rule[k].match);
		slip_overridden(ds, src, k, defaults);
	}
	slip_ids(ds, &src->deny_origin, src->deny);
	slip_ids(ds, &src->allow_origin, src->allow);
}
