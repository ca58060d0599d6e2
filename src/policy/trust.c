/*
 * Who may be given what: rules that grant reach only capabilities that are
 * defined as high as they are, and tasks only tighten what they have.
 */
#include <stdio.h>
#include <string.h>

#include "policy/rules.h"

/* A value above what holds without the rule. */
static bool
raises(const struct effective *base, const struct effective *s)
{
	enum limit_id id;

	if (setting_said(s, SETTING_TIMEOUT) && s->timeout > base->timeout)
		return true;
	for (id = 0; id < LIMIT_COUNT; id++) {
		if (s->limit[id].set && base->limit[id].set &&
		    (s->limit[id].soft > base->limit[id].soft ||
		        s->limit[id].hard > base->limit[id].hard))
			return true;
	}
	return false;
}

static bool
some(char *const *list)
{
	return list != NULL && *list != NULL;
}

bool
words_have(char *const *list, const char *word)
{
	for (; list != NULL && *list != NULL; list++) {
		if (strcmp(*list, word) == 0)
			return true;
	}
	return false;
}

/* Does it insist on fewer facilities? */
static bool
requires_less(const struct effective *base, const struct effective *s)
{
	char *const *at;

	if (!setting_said(s, SETTING_REQUIRE))
		return false;
	for (at = base->require; at != NULL && *at != NULL; at++) {
		if (!words_have(s->require, *at))
			return true;
	}
	return false;
}

/*
 * Does it give more than the defaults of all layers do?  Such a rule applies
 * only to capabilities that are defined at least as high as the rule itself.
 */
bool
settings_grant(const struct effective *base, const struct effective *s)
{
	return raises(base, s) || some(s->read) || some(s->write) ||
	    some(s->execute) || some(s->allow) ||
	    syscalls_grant(base->syscalls, s->syscalls) || s->nenv > 0 ||
	    s->nsecrets > 0 || s->rootfs != NULL || s->user != NULL ||
	    s->degrade != 0 || s->niceness < 0 || requires_less(base, s) ||
	    s->network > base->network ||
	    (setting_said(s, SETTING_ISOLATION) &&
	        s->isolation < base->isolation);
}

bool
rule_trusts(const struct rule *r, const struct capability *cap,
    const struct effective *base)
{
	return r->any || cap->layer <= r->origin.layer ||
	    !settings_grant(base, &r->set);
}

static int
loosens(struct error *e, const char *key, const char *what, const char *rule)
{
	return error_set(e, EK_POLICY,
	    "a task may only tighten :%s; %s is not granted (a rule could: %s)",
	    key, what, rule);
}

static bool
within_any(const char *path, char *const *list)
{
	for (; list != NULL && *list != NULL; list++) {
		if (path_within(path, *list))
			return true;
	}
	return false;
}

static int
check_paths(char *const *asked, char *const *granted, char *const *also,
    const char *key, struct error *e)
{
	char rule[256];

	for (; asked != NULL && *asked != NULL; asked++) {
		if (within_any(*asked, granted) || within_any(*asked, also))
			continue;
		snprintf(rule, sizeof(rule), "--allow-%s %s", key, *asked);
		return loosens(e, key, *asked, rule);
	}
	return 0;
}

int
settings_check_tighter(
    const struct effective *eff, const struct effective *s, struct error *e)
{
	size_t i, k;

	if (setting_said(s, SETTING_ISOLATION) && s->isolation < eff->isolation)
		return loosens(e, "isolation", isolation_name(s->isolation),
		    "--isolation");
	if (setting_said(s, SETTING_NETWORK) && s->network > eff->network)
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

void
settings_set_bounds(struct effective *eff, const struct effective *task)
{
	char *const *w;

	if (setting_said(task, SETTING_WRITE))
		eff->write_bound = list_copy(eff->write);
	if (!setting_said(task, SETTING_READ))
		return;
	eff->read_bound = list_copy(eff->read);
	for (w = eff->write; w != NULL && *w != NULL; w++)
		eff->read_bound = list_add(eff->read_bound, *w);
}
