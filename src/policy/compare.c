/*
 * What a change means: does it let a task do more, less, or something else?
 * In doubt a change is no tightening: who reviews a policy looks at what is
 * looser first.
 */
#include <stdint.h>
#include <string.h>

#include "policy/rules.h"

/* More is looser. */
static enum change
by_amount(uint64_t from, uint64_t to)
{
	if (from == to)
		return CHANGE_NONE;
	return to > from ? CHANGE_LOOSER : CHANGE_TIGHTER;
}

static enum change
reversed(enum change c)
{
	if (c == CHANGE_LOOSER)
		return CHANGE_TIGHTER;
	return c == CHANGE_TIGHTER ? CHANGE_LOOSER : c;
}

enum change
limit_compare(const struct limit_value *from, const struct limit_value *to)
{
	enum change soft, hard;

	soft = by_amount(from->set ? from->soft : UINT64_MAX,
	    to->set ? to->soft : UINT64_MAX);
	hard = by_amount(from->set ? from->hard : UINT64_MAX,
	    to->set ? to->hard : UINT64_MAX);
	if (soft == CHANGE_LOOSER || hard == CHANGE_LOOSER)
		return CHANGE_LOOSER;
	return soft != CHANGE_NONE ? soft : hard;
}

static bool
text_covers(const char *entry, const char *item)
{
	return glob_match(entry, item);
}

/* Is all of one covered by the other? */
static bool
covered(char *const *list, char *const *by,
    bool (*covers)(const char *entry, const char *item))
{
	char *const *entry;

	for (; list != NULL && *list != NULL; list++) {
		for (entry = by; entry != NULL && *entry != NULL; entry++) {
			if (covers(*entry, *list))
				break;
		}
		if (entry == NULL || *entry == NULL)
			return false;
	}
	return true;
}

static bool
path_covers(const char *entry, const char *item)
{
	return path_within(item, entry);
}

static enum change
by_coverage(bool from_in_to, bool to_in_from)
{
	if (from_in_to && to_in_from)
		return CHANGE_NONE;
	return to_in_from ? CHANGE_TIGHTER : CHANGE_LOOSER;
}

static enum change
by_grants(char *const *from, char *const *to,
    bool (*covers)(const char *entry, const char *item))
{
	return by_coverage(
	    covered(from, to, covers), covered(to, from, covers));
}

/* Lists whose absence means anything. */
static enum change
by_narrowing(char *const *from, char *const *to)
{
	if (from == NULL || to == NULL)
		return by_amount(from == NULL, to == NULL);
	return by_grants(from, to, text_covers);
}

static bool
pairs_hold(const struct env_entry *pairs, size_t n, const struct env_entry *one)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(pairs[i].name, one->name) == 0)
			return true;
	}
	return false;
}

static bool
pairs_within(
    const struct env_entry *a, size_t na, const struct env_entry *b, size_t nb)
{
	size_t i;

	for (i = 0; i < na; i++) {
		if (!pairs_hold(b, nb, &a[i]))
			return false;
	}
	return true;
}

static bool
same_value(const struct env_entry *a, const struct env_entry *b)
{
	if (a->value == NULL || b->value == NULL)
		return a->value == b->value;
	return strcmp(a->value, b->value) == 0;
}

/* By names; a value that changes is neither more nor less. */
static enum change
by_pairs(
    const struct env_entry *a, size_t na, const struct env_entry *b, size_t nb)
{
	enum change c =
	    by_coverage(pairs_within(a, na, b, nb), pairs_within(b, nb, a, na));
	size_t i, k;

	for (i = 0; c == CHANGE_NONE && i < na; i++) {
		for (k = 0; k < nb; k++) {
			if (strcmp(a[i].name, b[k].name) == 0 &&
			    !same_value(&a[i], &b[k]))
				return CHANGE_OTHER;
		}
	}
	return c;
}

static enum change
by_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b ? CHANGE_NONE : CHANGE_OTHER;
	return strcmp(a, b) == 0 ? CHANGE_NONE : CHANGE_OTHER;
}

/* More bits let more through. */
static enum change
by_bits(uint32_t from, uint32_t to)
{
	return by_coverage((from & ~to) == 0, (to & ~from) == 0);
}

/* The network and its hosts together: a list that is absent means every one. */
static enum change
by_hosts(const struct effective *a, const struct effective *b)
{
	if (a->network != NETWORK_HOST || b->network != NETWORK_HOST)
		return by_grants(a->allow, b->allow, text_covers);
	return by_narrowing(a->allow, b->allow);
}

/* Without sets they add to the default of the level, which is not known
 * here. */
static enum change
by_syscalls(char *const *a, char *const *b)
{
	if (a == NULL && b == NULL)
		return CHANGE_NONE;
	if (a == NULL || b == NULL ||
	    syscalls_name_sets(a) != syscalls_name_sets(b))
		return CHANGE_OTHER;
	return by_grants(a, b, text_covers);
}

enum change
setting_compare(
    const struct effective *from, const struct effective *to, enum setting id)
{
	switch (id) {
	case SETTING_TIMEOUT:
		return by_amount(
		    (uint64_t)from->timeout, (uint64_t)to->timeout);
	case SETTING_ISOLATION:
		return reversed(by_amount(from->isolation, to->isolation));
	case SETTING_DEGRADE:
		return by_bits(from->degrade, to->degrade);
	case SETTING_REQUIRE:
		/* what is no longer required is what counts */
		return by_grants(to->require, from->require, text_covers);
	case SETTING_READ:
		return by_grants(from->read, to->read, path_covers);
	case SETTING_WRITE:
		return by_grants(from->write, to->write, path_covers);
	case SETTING_EXECUTE:
		return by_grants(from->execute, to->execute, path_covers);
	case SETTING_ROOTFS:
		return by_text(from->rootfs, to->rootfs);
	case SETTING_NETWORK:
		return by_amount(from->network, to->network);
	case SETTING_ALLOW:
		return by_hosts(from, to);
	case SETTING_SYSCALLS:
		return by_syscalls(from->syscalls, to->syscalls);
	case SETTING_PROGRAM:
		return by_narrowing(from->program, to->program);
	case SETTING_ENV:
		return by_pairs(from->env, from->nenv, to->env, to->nenv);
	case SETTING_SECRETS:
		return by_pairs(
		    from->secrets, from->nsecrets, to->secrets, to->nsecrets);
	case SETTING_DIR:
		return by_text(from->dir, to->dir);
	case SETTING_USER:
		return by_text(from->user, to->user);
	case SETTING_UMASK:
		return by_bits(to->umask, from->umask);
	case SETTING_NICENESS:
		return reversed(by_amount((unsigned int)(from->niceness + 64),
		    (unsigned int)(to->niceness + 64)));
	case SETTING_SLOT:
		return reversed(by_amount(from->slot, to->slot));
	case SETTING_CONCURRENCY: /* 0: any number */
		return by_amount(from->concurrency - 1U, to->concurrency - 1U);
	case SETTING_WEIGHT:
		return by_amount(from->weight, to->weight);
	case SETTING_LIMITS:
	case SETTING_COUNT:
		break;
	}
	return CHANGE_NONE;
}
