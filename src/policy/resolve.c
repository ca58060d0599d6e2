/*
 * What holds for one task: all defaults in layer order, then all rules in
 * layer and text order, then the task's own options; then ceilings and
 * denials of every layer together.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "policy/rules.h"
#include "value/map.h"

const char *
origin_place(struct origin o, char out[128])
{
	if (o.file == NULL || o.layer == LAYER_OPTIONS)
		snprintf(out, 128, "%s",
		    o.file == NULL ? "built in" : "the command line");
	else if (o.line > 0)
		snprintf(out, 128, "%s:%u", o.file, o.line);
	else
		snprintf(out, 128, "%s", o.file);
	return out;
}

static int
check_denied(const struct policy *p, const char *id, struct error *e)
{
	const struct source *src;
	char where[128];
	size_t i;

	for (i = 0; i < p->nsources; i++) {
		src = &p->source[i];
		if (match_any(src->deny, id) && !match_any(src->allow, id))
			return error_set(e, EK_POLICY,
			    "%s is denied by :deny at %s", id,
			    origin_place(src->deny_origin, where));
	}
	return 0;
}

static int
over_ceiling(struct error *e, const char *what, const char *asked,
    const char *ceiling, struct origin by, struct origin max)
{
	char who[128], where[128];

	return error_set(e, EK_POLICY,
	    "%s %s, set by %s, is above the ceiling of %s at %s", what, asked,
	    origin_place(by, who), ceiling, origin_place(max, where));
}

static int
cap_timeout(struct effective *eff, const struct effective *max, struct error *e)
{
	char asked[32] = "unlimited", ceiling[32];

	if (!setting_said(max, SETTING_TIMEOUT) || eff->timeout <= max->timeout)
		return 0;
	if (eff->origin[SETTING_TIMEOUT].layer >
	    max->origin[SETTING_TIMEOUT].layer) {
		if (eff->timeout != INT64_MAX)
			units_format_duration(eff->timeout, asked);
		units_format_duration(max->timeout, ceiling);
		return over_ceiling(e, ":timeout", asked, ceiling,
		    eff->origin[SETTING_TIMEOUT], max->origin[SETTING_TIMEOUT]);
	}
	eff->timeout = max->timeout;
	eff->origin[SETTING_TIMEOUT] = max->origin[SETTING_TIMEOUT];
	return 0;
}

static int
cap_limit(struct effective *eff, enum limit_id id, const struct effective *max,
    struct error *e)
{
	const struct limit_value *m = &max->limit[id];
	struct limit_value *l = &eff->limit[id];
	const uint64_t *above;
	char what[32], asked[32], ceiling[32];

	if (!m->set)
		return 0;
	if (!l->set) {
		*l = *m;
		return 0;
	}
	above = limit_above(id, l, m);
	if (above != NULL && l->origin.layer > m->origin.layer) {
		snprintf(what, sizeof(what), ":%s", limit_name(id));
		limit_format(id, *above, asked);
		limit_format(
		    id, above == &l->soft ? m->soft : m->hard, ceiling);
		return over_ceiling(
		    e, what, asked, ceiling, l->origin, m->origin);
	}
	l->lowered =
	    l->lowered || (above != NULL && l->origin.layer != LAYER_BUILTIN);
	if (l->soft > m->soft) {
		l->soft = m->soft;
		l->origin = m->origin;
	}
	if (l->hard > m->hard)
		l->hard = m->hard;
	return 0;
}

static int
apply_ceilings(const struct policy *p, struct effective *eff, struct error *e)
{
	enum limit_id id;
	size_t i;

	for (i = 0; i < p->nsources; i++) {
		const struct effective *max = &p->source[i].max;

		if (cap_timeout(eff, max, e) == -1)
			return -1;
		for (id = 0; id < LIMIT_COUNT; id++) {
			if (cap_limit(eff, id, max, e) == -1)
				return -1;
		}
	}
	return 0;
}

static void
discard(struct effective *eff)
{
	settings_clear(eff);
	free(eff);
}

static bool
same_list(char *const *a, char *const *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	for (; *a != NULL && *b != NULL && strcmp(*a, *b) == 0; a++, b++)
		;
	return *a == NULL && *b == NULL;
}

static bool
same_origin(const struct origin *a, const struct origin *b)
{
	if (a->file == NULL || b->file == NULL)
		return a->file == b->file;
	return a->line == b->line && a->layer == b->layer &&
	    strcmp(a->file, b->file) == 0;
}

/* Who said it is part of what a task is told when it is refused. */
static bool
same_origins(const struct effective *a, const struct effective *b)
{
	enum setting id;
	enum limit_id l;

	for (id = 0; id < SETTING_COUNT; id++) {
		if (!same_origin(&a->origin[id], &b->origin[id]))
			return false;
	}
	for (l = 0; l < LIMIT_COUNT; l++) {
		if (!same_origin(&a->limit[l].origin, &b->limit[l].origin))
			return false;
	}
	return true;
}

/* Equal digests stand for equal policies: 64 bits over texts that only the
 * user's own files and programs choose. */
static const struct effective *
keep(struct policy *p, const struct capability *cap, struct effective *eff)
{
	bool own = true;
	size_t i;

	eff->digest = settings_digest(eff);
	for (i = 0; i < p->nmade; i++) {
		if (p->made[i].eff->digest != eff->digest ||
		    !same_origins(p->made[i].eff, eff) ||
		    !same_list(p->made[i].eff->read_bound, eff->read_bound) ||
		    !same_list(p->made[i].eff->write_bound, eff->write_bound))
			continue;
		discard(eff);
		eff = p->made[i].eff;
		own = false;
		break;
	}
	if (!own && cap == NULL)
		return eff;
	if (p->nmade == p->capmade) {
		p->capmade = p->capmade * 2 + 8;
		p->made = xreallocarray(p->made, p->capmade, sizeof(*p->made));
	}
	p->made[p->nmade++] = (struct made){cap, eff, own};
	return eff;
}

int
policy_check_options(val options, struct error *e)
{
	struct effective s = {0};
	struct parse parse = {
	    "task", "/", LAYER_TASK, NULL, 0, NULL, NULL, e, 0};

	if (options != VAL_NIL && !val_is_map(options))
		return error_set(e, EK_ARGUMENT, "task options are no map");
	parse_task(&parse, options, &s);
	settings_clear(&s);
	return parse.problems == 0 ? 0 : -1;
}

/* What holds before any layer speaks. */
static void
start(
    const struct policy *p, const struct capability *cap, struct effective *eff)
{
	static const struct origin nobody = {LAYER_BUILTIN, "built in", 0, 0};

	eff->timeout = INT64_MAX;
	eff->origin[SETTING_TIMEOUT] = nobody;
	eff->umask = UMASK_DEFAULT;
	eff->weight = 1;
	if (cap->kind == CAP_BUILTIN && strncmp(cap->id, "fs.", 3) == 0)
		eff->read = list_copy(p->default_read);
	if (eff->read != NULL)
		eff->origin[SETTING_READ] = nobody;
}

/* A command has the caller's variables, of which an option takes none away:
 * it adds to what a file has left. */
static void
apply(const struct capability *cap, struct effective *eff,
    const struct effective *set)
{
	struct effective rest = *set;
	size_t i;

	if (cap->kind != CAP_COMMAND || !setting_said(set, SETTING_ENV) ||
	    set->origin[SETTING_ENV].layer != LAYER_OPTIONS) {
		settings_apply(eff, set);
		return;
	}
	rest.origin[SETTING_ENV].file = NULL;
	settings_apply(eff, &rest);
	for (i = 0; setting_said(eff, SETTING_ENV) && i < set->nenv; i++)
		entry_add(&eff->env, &eff->nenv, set->env[i].name,
		    strlen(set->env[i].name), set->env[i].value);
}

void
policy_defaults(
    const struct policy *p, const struct capability *cap, struct effective *eff)
{
	size_t i;

	start(p, cap, eff);
	for (i = 0; i < p->nsources; i++) {
		/* a command has no limit that nobody asked for */
		if (cap->kind != CAP_COMMAND ||
		    p->source[i].layer != LAYER_BUILTIN)
			apply(cap, eff, &p->source[i].defaults);
	}
}

static void
apply_rules(
    const struct policy *p, const struct capability *cap, struct effective *eff)
{
	struct effective base = {0};
	const struct rule *r;
	size_t i, k;

	settings_apply(&base, eff);
	for (i = 0; i < p->nsources; i++) {
		for (k = 0; k < p->source[i].nrules; k++) {
			r = &p->source[i].rule[k];
			if (match_any(r->match, cap->id) &&
			    rule_trusts(r, cap, &base))
				apply(cap, eff, &r->set);
		}
	}
	settings_clear(&base);
}

static int
resolve(struct policy *p, const struct capability *cap, val options,
    struct effective *eff, struct error *e)
{
	struct effective task = {0};
	struct parse parse = {"task", p->folder == NULL ? "/" : p->folder,
	    LAYER_TASK, NULL, 0, NULL, NULL, e, 0};
	int rc = -1;

	policy_defaults(p, cap, eff);
	eff->writable = &p->writable;
	apply_rules(p, cap, eff);
	parse_task(&parse, options, &task);
	if (parse.problems == 0 && settings_check_tighter(eff, &task, e) == 0) {
		settings_set_bounds(eff, &task);
		settings_apply(eff, &task);
		rc = apply_ceilings(p, eff, e);
	}
	settings_clear(&task);
	return rc;
}

int
policy_resolve(struct policy *p, const struct capability *cap, val options,
    const struct effective **out, struct error *e)
{
	struct effective *eff;
	size_t i;

	if (check_denied(p, cap->id, e) == -1)
		return -1;
	if (options != VAL_NIL && map_count(options) == 0)
		options = VAL_NIL;
	for (i = 0; options == VAL_NIL && i < p->nmade; i++) {
		if (p->made[i].cap == cap) {
			*out = p->made[i].eff;
			return 0;
		}
	}
	eff = xcalloc(1, sizeof(*eff));
	if (resolve(p, cap, options, eff, e) == -1) {
		discard(eff);
		return -1;
	}
	*out = keep(p, options == VAL_NIL ? cap : NULL, eff);
	return 0;
}
