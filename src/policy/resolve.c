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

static const char *
origin_text(struct origin o, char out[128])
{
	if (o.line > 0)
		snprintf(out, 128, "%s:%u", o.file, o.line);
	else
		snprintf(out, 128, "%s", o.file);
	return out;
}

static void
env_replace(struct effective *eff, const struct settings *s)
{
	size_t i;

	for (i = 0; i < eff->nenv; i++) {
		free(eff->env[i].name);
		free(eff->env[i].value);
	}
	free(eff->env);
	eff->env = s->nenv == 0 ? NULL : xcalloc(s->nenv, sizeof(*eff->env));
	eff->nenv = s->nenv;
	for (i = 0; i < s->nenv; i++) {
		eff->env[i].name = xstrdup(s->env[i].name);
		eff->env[i].value =
		    s->env[i].value == NULL ? NULL : xstrdup(s->env[i].value);
	}
}

static void
list_replace(char ***to, char *const *from)
{
	if (from == NULL)
		return;
	list_free(*to);
	*to = list_copy(from);
}

/* The later wins key by key; :limits limit by limit; lists replace. */
static void
apply(struct effective *eff, const struct settings *s)
{
	enum limit_id id;

	if (s->has_timeout) {
		eff->timeout = s->timeout;
		eff->timeout_origin = s->timeout_origin;
	}
	for (id = 0; id < LIMIT_COUNT; id++) {
		if (s->limit[id].set)
			eff->limit[id] = s->limit[id];
	}
	if (s->has_isolation) {
		eff->isolation = s->isolation;
		eff->isolation_origin = s->isolation_origin;
	}
	if (s->has_network) {
		eff->network = s->network;
		/* A host list belongs to the grant it came with. */
		if (s->allow == NULL) {
			list_free(eff->allow);
			eff->allow = NULL;
		}
	}
	list_replace(&eff->read, s->read);
	list_replace(&eff->write, s->write);
	list_replace(&eff->allow, s->allow);
	if (s->has_env)
		env_replace(eff, s);
}

/* Does the rule grant anything that only capabilities at least as trusted as
 * the rule's own layer may have? */
static bool
applies(const struct rule *r, const struct capability *cap)
{
	const struct settings *s = &r->set;
	bool grants = s->has_network || s->write != NULL || s->has_env ||
	    s->read != NULL || s->has_isolation;
	size_t i;

	for (i = 0; r->match != NULL && r->match[i] != NULL; i++) {
		if (glob_match(r->match[i], cap->id))
			return !grants || cap->layer <= r->origin.layer;
	}
	return false;
}

static bool
match_any(char *const *globs, const char *id)
{
	for (; globs != NULL && *globs != NULL; globs++) {
		if (glob_match(*globs, id))
			return true;
	}
	return false;
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
			    origin_text(src->deny_origin, where));
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
	    origin_text(by, who), ceiling, origin_text(max, where));
}

static int
cap_timeout(struct effective *eff, const struct settings *max, struct error *e)
{
	char asked[32] = "unlimited", ceiling[32];

	if (!max->has_timeout || eff->timeout <= max->timeout)
		return 0;
	if (eff->timeout_origin.layer > max->timeout_origin.layer) {
		if (eff->timeout != INT64_MAX)
			units_format_duration(eff->timeout, asked);
		units_format_duration(max->timeout, ceiling);
		return over_ceiling(e, ":timeout", asked, ceiling,
		    eff->timeout_origin, max->timeout_origin);
	}
	eff->timeout = max->timeout;
	eff->timeout_origin = max->timeout_origin;
	return 0;
}

static int
cap_limit(struct effective *eff, enum limit_id id, const struct settings *max,
    struct error *e)
{
	const struct limit_value *m = &max->limit[id];
	struct limit_value *l = &eff->limit[id];
	char what[32], asked[32], ceiling[32];

	if (!m->set)
		return 0;
	if (!l->set) {
		*l = *m;
		return 0;
	}
	if (l->soft <= m->soft && l->hard <= m->hard)
		return 0;
	if (l->origin.layer > m->origin.layer && l->soft > m->soft) {
		snprintf(what, sizeof(what), ":%s", limit_name(id));
		limit_format(id, l->soft, asked);
		limit_format(id, m->soft, ceiling);
		return over_ceiling(
		    e, what, asked, ceiling, l->origin, m->origin);
	}
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
		const struct settings *max = &p->source[i].max;

		if (cap_timeout(eff, max, e) == -1)
			return -1;
		for (id = 0; id < LIMIT_COUNT; id++) {
			if (cap_limit(eff, id, max, e) == -1)
				return -1;
		}
	}
	return 0;
}

static int
loosens(struct error *e, const char *key, const char *what, const char *rule)
{
	return error_set(e, EK_POLICY,
	    "a task may only tighten :%s; %s is not granted (a rule could: %s)",
	    key, what, rule);
}

static int
check_paths(char *const *asked, char *const *granted, char *const *also,
    const char *key, struct error *e)
{
	char rule[256];
	size_t i;

	for (; asked != NULL && *asked != NULL; asked++) {
		for (i = 0; granted != NULL && granted[i] != NULL; i++) {
			if (path_within(*asked, granted[i]))
				break;
		}
		if (granted != NULL && granted[i] != NULL)
			continue;
		for (i = 0; also != NULL && also[i] != NULL; i++) {
			if (path_within(*asked, also[i]))
				break;
		}
		if (also != NULL && also[i] != NULL)
			continue;
		snprintf(rule, sizeof(rule), "--allow-%s %s", key, *asked);
		return loosens(e, key, *asked, rule);
	}
	return 0;
}

/* What a task asks for itself must lie within what it has anyway. */
static int
check_tighter(
    const struct effective *eff, const struct settings *s, struct error *e)
{
	size_t i, k;

	if (s->has_isolation && s->isolation < eff->isolation)
		return loosens(e, "isolation", isolation_name(s->isolation),
		    "--isolation");
	if (s->has_network && s->network > eff->network)
		return loosens(
		    e, "network", "the network", "--allow-net HOST:PORT");
	if (check_paths(s->read, eff->read, eff->write, "read", e) == -1 ||
	    check_paths(s->write, eff->write, NULL, "write", e) == -1)
		return -1;
	for (i = 0; i < s->nenv; i++) {
		for (k = 0; k < eff->nenv; k++) {
			if (strcmp(s->env[i].name, eff->env[k].name) == 0)
				break;
		}
		if (k == eff->nenv)
			return loosens(
			    e, "env", s->env[i].name, "--allow-env NAME");
	}
	return 0;
}

/* FNV-1a: the digest stands in reports, so it is the same on every run. */
static void
mix(uint64_t *h, const void *bytes, size_t len)
{
	const unsigned char *b = bytes;
	size_t i;

	for (i = 0; i < len; i++)
		*h = (*h ^ b[i]) * UINT64_C(0x100000001b3);
}

static void
mix_list(uint64_t *h, char *const *list)
{
	mix(h, list == NULL ? "-" : "+", 1);
	for (; list != NULL && *list != NULL; list++)
		mix(h, *list, strlen(*list) + 1);
}

static uint64_t
digest(const struct effective *eff)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	enum limit_id id;
	size_t i;

	mix(&h, &eff->timeout, sizeof(eff->timeout));
	for (id = 0; id < LIMIT_COUNT; id++) {
		mix(&h, &eff->limit[id].set, 1);
		mix(&h, &eff->limit[id].soft, sizeof(uint64_t));
		mix(&h, &eff->limit[id].hard, sizeof(uint64_t));
	}
	mix(&h, &eff->isolation, sizeof(eff->isolation));
	mix(&h, &eff->network, sizeof(eff->network));
	mix_list(&h, eff->read);
	mix_list(&h, eff->write);
	mix_list(&h, eff->allow);
	for (i = 0; i < eff->nenv; i++) {
		mix(&h, eff->env[i].name, strlen(eff->env[i].name) + 1);
		if (eff->env[i].value != NULL)
			mix(&h, eff->env[i].value,
			    strlen(eff->env[i].value) + 1);
	}
	return h;
}

static void
discard(struct effective *eff)
{
	struct settings s = {.read = eff->read,
	    .write = eff->write,
	    .allow = eff->allow,
	    .env = eff->env,
	    .nenv = eff->nenv};

	settings_clear(&s);
	free(eff);
}

/* Equal digests stand for equal policies: 64 bits over texts that only the
 * user's own files and programs choose. */
static const struct effective *
keep(struct policy *p, const struct capability *cap, struct effective *eff)
{
	bool own = true;
	size_t i;

	eff->digest = digest(eff);
	for (i = 0; i < p->nmade; i++) {
		if (p->made[i].eff->digest != eff->digest)
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
	struct settings s = {0};
	struct parse parse = {
	    "task", "/", LAYER_TASK, NULL, 0, NULL, NULL, e, 0};

	if (options != VAL_NIL && !val_is_map(options))
		return error_set(e, EK_ARGUMENT, "task options are no map");
	parse_task(&parse, options, &s);
	settings_clear(&s);
	return parse.problems == 0 ? 0 : -1;
}

static int
resolve(struct policy *p, const struct capability *cap, val options,
    struct effective *eff, struct error *e)
{
	struct settings task = {0};
	struct parse parse = {"task", p->folder == NULL ? "/" : p->folder,
	    LAYER_TASK, NULL, 0, NULL, NULL, e, 0};
	size_t i, k;
	int rc = -1;

	eff->timeout = INT64_MAX;
	eff->timeout_origin.file = "built in";
	list_replace(&eff->read, p->default_read);
	for (i = 0; i < p->nsources; i++) {
		/* a command has no limit that nobody asked for */
		if (cap->kind != CAP_COMMAND ||
		    p->source[i].layer != LAYER_BUILTIN)
			apply(eff, &p->source[i].defaults);
	}
	for (i = 0; i < p->nsources; i++) {
		for (k = 0; k < p->source[i].nrules; k++) {
			if (applies(&p->source[i].rule[k], cap))
				apply(eff, &p->source[i].rule[k].set);
		}
	}
	parse_task(&parse, options, &task);
	if (parse.problems > 0 || check_tighter(eff, &task, e) == -1)
		goto done;
	apply(eff, &task);
	rc = apply_ceilings(p, eff, e);
done:
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
