/*
 * What is legal but weak or odd.  Warnings, each where it was said; what is
 * wrong is problem.c's.
 */
#include <stdarg.h>
#include <string.h>

#include "base/units.h"
#include "policy/rules.h"
#include "task/builtin.h"

/* A shell with one pipeline, or a program with a few threads. */
#define FEW_PROCESSES 8U

/* A worker and one task. */
#define FIRST_PIDS 2U

struct lint {
	const struct policy *policy;
	struct diags *ds;
};

void
policy_warn(struct diags *ds, const struct origin *at, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	diags_add(ds, DIAG_WARNING, at->file, at->line, at->column,
	    "PolicyWarning", "%s", buf_str(&text));
	buf_free(&text);
}

/* Only built-in capabilities that start no program? */
static bool
starts_no_program(const char *pattern)
{
	size_t stem = strcspn(pattern, "*"), n, i, family;
	const struct builtin *builtins = builtin_table(&n);
	const char *id;

	for (i = 0; i < n; i++) {
		id = builtins[i].id;
		family = strcspn(id, ".") + 1;
		if (stem >= family && strncmp(pattern, id, family) == 0)
			return strncmp(id, "process.", 8) != 0;
	}
	return false;
}

static bool
may_start_programs(char *const *match)
{
	if (match == NULL)
		return true; /* :default */
	for (; *match != NULL; match++) {
		if (!starts_no_program(*match))
			return true;
	}
	return false;
}

static void
lint_processes(struct lint *l, const struct effective *said, char *const *match)
{
	const struct limit_value *v = &said->limit[LIMIT_NPROC];

	if (v->set && v->soft < FEW_PROCESSES && may_start_programs(match))
		policy_warn(l->ds, &v->origin,
		    ":nproc %llu is few for a program: a shell with one "
		    "pipeline or a runtime with threads needs %u",
		    (unsigned long long)v->soft, FEW_PROCESSES);
}

/* The process that becomes the task is one. */
static void
lint_pids(struct lint *l, const struct effective *said)
{
	const struct limit_value *v = &said->limit[LIMIT_PIDS];

	if (v->set && v->soft == 0)
		policy_warn(l->ds, &v->origin,
		    ":pids 0 lets no task start: its first process is one");
}

static void
lint_memory(
    struct lint *l, const struct effective *said, const struct effective *whole)
{
	const struct limit_value *as = &said->limit[LIMIT_AS];

	if (as->set && as->soft != LIMIT_UNLIMITED &&
	    !whole->limit[LIMIT_MEMORY].set)
		policy_warn(l->ds, &as->origin,
		    ":as bounds address space of each process, not memory of "
		    "the task, and breaks runtimes that reserve much; say "
		    ":memory, or :data");
}

static bool
overlap(const char *a, const char *b)
{
	return path_within(a, b) || path_within(b, a);
}

static void
lint_write(
    struct lint *l, const struct effective *said, const struct effective *whole)
{
	static const char *const system_programs[] = {
	    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt"};
	const struct origin *at = &said->origin[SETTING_WRITE];
	char *const *w, *const *x;
	size_t i;

	for (w = said->write; w != NULL && *w != NULL; w++) {
		for (i = 0; i < NITEMS(system_programs); i++) {
			if (overlap(*w, system_programs[i]))
				break;
		}
		for (x = whole->execute; x != NULL && *x != NULL; x++) {
			if (overlap(*w, *x))
				break;
		}
		if (i < NITEMS(system_programs))
			policy_warn(l->ds, at,
			    ":write %s reaches programs in %s: who may write a "
			    "program decides what runs",
			    *w, system_programs[i]);
		else if (x != NULL && *x != NULL)
			policy_warn(l->ds, at,
			    ":write %s reaches programs in :execute %s: who "
			    "may write a program decides what runs",
			    *w, *x);
	}
}

/* Does anything that is read give a network? */
static bool
network_somewhere(const struct policy *p)
{
	const struct source *src;
	size_t i, k;

	for (i = 0; i < p->nsources; i++) {
		src = &p->source[i];
		if (src->defaults.network == NETWORK_HOST)
			return true;
		for (k = 0; k < src->nrules; k++) {
			if (src->rule[k].set.network == NETWORK_HOST)
				return true;
		}
	}
	return false;
}

static void
lint_network(struct lint *l, const struct effective *said,
    const struct effective *whole, char *const *match)
{
	bool http = match == NULL || match_any(match, "http.get");
	bool allow = setting_said(said, SETTING_ALLOW);

	if (allow && !network_somewhere(l->policy) &&
	    (whole->network != NETWORK_LOOPBACK ||
	        whole->isolation != ISOLATION_INHERIT))
		policy_warn(l->ds, &said->origin[SETTING_ALLOW],
		    ":allow without :network :host allows nothing");
	if (whole->network != NETWORK_HOST ||
	    (!allow && !setting_said(said, SETTING_NETWORK)))
		return;
	if (whole->allow == NULL)
		policy_warn(l->ds, &said->origin[SETTING_NETWORK],
		    ":network :host%s: every host and port, those of this "
		    "machine and its networks too",
		    http ? " without :allow" : "");
	else if (may_start_programs(match))
		policy_warn(l->ds,
		    &said->origin[allow ? SETTING_ALLOW : SETTING_NETWORK],
		    ":allow binds http.* only: a program with :network :host "
		    "reaches every host and port, those of this machine and "
		    "its networks too");
}

static void
lint_isolation(struct lint *l, const struct effective *said)
{
	const struct source *builtin = &l->policy->source[0];

	if (setting_said(said, SETTING_ISOLATION) &&
	    said->isolation < builtin->defaults.isolation)
		policy_warn(l->ds, &said->origin[SETTING_ISOLATION],
		    ":isolation :%s is weaker than the built-in :%s",
		    isolation_name(said->isolation),
		    isolation_name(builtin->defaults.isolation));
}

static void
over(struct lint *l, const struct origin *at, const char *key,
    const char *value, const struct origin *max, const char *ceiling)
{
	policy_warn(l->ds, at, ":%s %s is above the ceiling of %s at %s:%u; %s",
	    key, value, ceiling, max->file, max->line,
	    at->layer > max->layer ? "tasks that get it are denied" :
	                             "it is lowered to it");
}

static void
lint_ceilings(struct lint *l, const struct effective *said)
{
	struct limit_value max;
	struct origin max_at;
	char value[32], ceiling[32];
	const uint64_t *above;
	enum limit_id id;
	int64_t ns;
	bool soft;

	if (setting_said(said, SETTING_TIMEOUT) &&
	    policy_timeout_ceiling(l->policy, &ns, &max_at) &&
	    said->timeout > ns) {
		units_format_duration(ns, ceiling);
		if (said->timeout == INT64_MAX)
			strcpy(value, ":unlimited");
		else
			units_format_duration(said->timeout, value);
		over(l, &said->origin[SETTING_TIMEOUT], "timeout", value,
		    &max_at, ceiling);
	}
	for (id = 0; id < LIMIT_COUNT; id++) {
		if (!said->limit[id].set ||
		    !policy_ceiling(l->policy, id, &max) ||
		    (above = limit_above(id, &said->limit[id], &max)) == NULL)
			continue;
		soft = above == &said->limit[id].soft;
		limit_format(id, *above, value);
		limit_format(id, soft ? max.soft : max.hard, ceiling);
		over(l, &said->limit[id].origin, limit_name(id), value,
		    &max.origin, ceiling);
	}
}

/* match: NULL for :default. */
static void
lint_settings(struct lint *l, const struct effective *defaults,
    const struct effective *said, char *const *match)
{
	struct effective whole = {0};

	settings_apply(&whole, defaults);
	settings_apply(&whole, said);
	lint_processes(l, said, match);
	lint_pids(l, said);
	lint_memory(l, said, &whole);
	lint_write(l, said, &whole);
	lint_network(l, said, &whole, match);
	lint_isolation(l, said);
	lint_ceilings(l, said);
	settings_clear(&whole);
}

static bool
is_file(const struct source *s)
{
	return s->layer != LAYER_BUILTIN && s->layer != LAYER_OPTIONS;
}

void
policy_each_said(const struct policy *p, policy_said_cb each, void *arg)
{
	size_t i, k;

	for (i = 0; i < p->nsources; i++) {
		if (!is_file(&p->source[i]))
			continue;
		each(&p->source[i].defaults, arg);
		for (k = 0; k < p->source[i].nrules; k++)
			each(&p->source[i].rule[k].set, arg);
	}
}

/* Of a worker, its guard and the task. */
static void
lint_total(struct lint *l, const struct total *pids)
{
	if (pids->set && pids->amount < FIRST_PIDS)
		policy_warn(l->ds, &pids->origin,
		    ":pids %llu lets no task start: a worker and its task need "
		    "%u",
		    (unsigned long long)pids->amount, FIRST_PIDS);
}

void
policy_lint(const struct policy *p, struct diags *ds)
{
	static const struct capability any = {.kind = CAP_EXEC};
	struct lint l = {p, ds};
	struct effective defaults = {0};
	const struct source *src;
	size_t i, k;

	policy_defaults(p, &any, &defaults);
	for (i = 0; i < p->nsources; i++) {
		src = &p->source[i];
		if (!is_file(src))
			continue;
		lint_settings(&l, &defaults, &src->defaults, NULL);
		for (k = 0; k < src->nrules; k++)
			lint_settings(&l, &defaults, &src->rule[k].set,
			    src->rule[k].match);
		policy_slips(src, &defaults, ds);
		lint_total(&l, &src->total[TOTAL_PIDS]);
		if (src->allow != NULL && src->deny == NULL)
			policy_warn(ds, &src->allow_origin,
			    ":allow without :deny says nothing: it only makes "
			    "exceptions to the :deny of its own file");
	}
	settings_clear(&defaults);
}
