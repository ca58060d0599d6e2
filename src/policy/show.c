/* Settings as a policy would say them. */
#include <stdio.h>

#include "base/units.h"
#include "policy/rules.h"

static void
add_texts(struct buf *b, char *const *list)
{
	const char *between = "";

	buf_addc(b, '[');
	for (; *list != NULL; list++) {
		/* sets of system calls are keywords */
		if (**list == ':')
			buf_addf(b, "%s%s", between, *list);
		else
			buf_addf(b, "%s\"%s\"", between, *list);
		between = " ";
	}
	buf_addc(b, ']');
}

static void
add_keywords(struct buf *b, char *const *list)
{
	const char *between = "";

	buf_addc(b, '[');
	for (; *list != NULL; list++) {
		buf_addf(b, "%s:%s", between, *list);
		between = " ";
	}
	buf_addc(b, ']');
}

static void
add_degrade(struct buf *b, uint32_t bits)
{
	size_t i;

	buf_addc(b, '[');
	for (i = 0; i < DEGRADE_NAMES; i++) {
		if ((bits & 1U << i) != 0)
			buf_addf(b, "%s:%s",
			    b->data[b->len - 1] == '[' ? "" : " ",
			    degrade_names[i]);
	}
	buf_addc(b, ']');
}

static void
add_pairs(struct buf *b, const struct env_entry *pairs, size_t n)
{
	size_t i;

	buf_addc(b, '{');
	for (i = 0; i < n; i++) {
		buf_addf(b, "%s\"%s\" ", i == 0 ? "" : " ", pairs[i].name);
		if (pairs[i].value != NULL)
			buf_addf(b, "\"%s\"", pairs[i].value);
		else
			buf_adds(b, "true");
	}
	buf_addc(b, '}');
}

static bool
is_none(const struct effective *s, enum setting id)
{
	switch (id) {
	case SETTING_TIMEOUT:
		return s->timeout == INT64_MAX || s->timeout <= 0;
	case SETTING_DEGRADE:
		return s->degrade == 0;
	case SETTING_REQUIRE:
		return s->require == NULL;
	case SETTING_READ:
		return s->read == NULL;
	case SETTING_WRITE:
		return s->write == NULL;
	case SETTING_EXECUTE:
		return s->execute == NULL;
	case SETTING_ROOTFS:
		return s->rootfs == NULL;
	case SETTING_ALLOW:
		return s->allow == NULL;
	case SETTING_SYSCALLS:
		return s->syscalls == NULL;
	case SETTING_PROGRAM:
		return s->program == NULL;
	case SETTING_ENV:
		return s->nenv == 0;
	case SETTING_SECRETS:
		return s->nsecrets == 0;
	case SETTING_DIR:
		return s->dir == NULL;
	case SETTING_USER:
		return s->user == NULL;
	case SETTING_SLOT:
		return s->slot == SLOT_REUSED;
	case SETTING_CONCURRENCY:
		return s->concurrency == 0;
	default:
		return false;
	}
}

static void
add_value(const struct effective *s, enum setting id, struct buf *b)
{
	char text[32];

	switch (id) {
	case SETTING_TIMEOUT:
		units_format_duration(s->timeout, text);
		buf_adds(b, text);
		break;
	case SETTING_ISOLATION:
		buf_addf(b, ":%s", isolation_name(s->isolation));
		break;
	case SETTING_NETWORK:
		buf_addf(b, ":%s", network_name(s->network));
		break;
	case SETTING_DEGRADE:
		add_degrade(b, s->degrade);
		break;
	case SETTING_REQUIRE:
		add_keywords(b, s->require);
		break;
	case SETTING_UMASK:
		buf_addf(b, "%03o", s->umask);
		break;
	case SETTING_NICENESS:
		buf_addf(b, "%d", s->niceness);
		break;
	case SETTING_SLOT:
		buf_adds(b, ":once");
		break;
	case SETTING_CONCURRENCY:
		buf_addf(b, "%u", s->concurrency);
		break;
	case SETTING_WEIGHT:
		buf_addf(b, "%u", s->weight);
		break;
	default:
		break;
	}
}

void
setting_format(const struct effective *s, enum setting id, struct buf *b)
{
	const void *at = (const char *)s + setting_rows[id].offset;

	if (is_none(s, id)) {
		buf_adds(b, "none");
		return;
	}
	switch (setting_rows[id].shape) {
	case SHAPE_TEXT:
		buf_addf(b, "\"%s\"", *(char *const *)at);
		break;
	case SHAPE_TEXTS:
		if (id == SETTING_REQUIRE)
			add_value(s, id, b);
		else
			add_texts(b, *(char **const *)at);
		break;
	case SHAPE_PAIRS:
		if (id == SETTING_ENV)
			add_pairs(b, s->env, s->nenv);
		else
			add_pairs(b, s->secrets, s->nsecrets);
		break;
	default:
		add_value(s, id, b);
		break;
	}
}

void
limit_value_format(enum limit_id id, const struct limit_value *l, struct buf *b)
{
	struct limit_value alone = limit_alone(id, l->soft, l->origin);
	char soft[32], hard[32];

	if (!l->set) {
		buf_adds(b, "none");
		return;
	}
	limit_format(id, l->soft, soft);
	limit_format(id, l->hard, hard);
	if (alone.hard == l->hard)
		buf_adds(b, soft);
	else
		buf_addf(b, "[%s %s]", soft, hard);
}
