/* The layer of the command line: one option a call, its text as typed. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "policy/rules.h"

static const struct spot nowhere = {VAL_NIL, 0};

static bool
option_amount(
    struct parse *p, enum limit_unit unit, const char *text, uint64_t *amount)
{
	struct error e;
	int64_t ns;

	if (strcmp(text, "unlimited") == 0) {
		*amount = LIMIT_UNLIMITED;
		return true;
	}
	if (unit == UNIT_CPUS) {
		if (cpus_from_text(text, amount))
			return true;
		WRONG(p, nowhere,
		    "\"%s\" is no number of processors, such as 2 or 0.5, "
		    "0.01 at least",
		    text);
		return false;
	}
	if (unit == UNIT_COUNT && strspn(text, "0123456789") != strlen(text)) {
		WRONG(p, nowhere, "\"%s\" is not a whole number", text);
		return false;
	}
	if (unit == UNIT_BYTES || unit == UNIT_COUNT) {
		if (units_bytes(text, amount, &e) == 0)
			return true;
	} else if (units_duration(text, &ns, &e) == 0) {
		*amount = (uint64_t)(unit == UNIT_SECONDS ?
		        (ns + NS_PER_SEC - 1) / NS_PER_SEC :
		        (ns + 999) / 1000);
		return true;
	}
	WRONG(p, nowhere, "%s", e.msg);
	return false;
}

static void
option_limit(
    struct parse *p, const char *name, const char *text, struct effective *s)
{
	enum limit_id id = limit_from(name);
	uint64_t amount;

	if (id == LIMIT_COUNT)
		WRONG(p, nowhere, "no limit is named \"%s\"", name);
	else if (option_amount(p, limit_unit(id), text, &amount))
		s->limit[id] = limit_alone(id, amount, origin_at(p, nowhere));
}

static void
option_path(struct parse *p, const char *text, char ***list)
{
	char *whole = path_whole(p->dir, text);

	*list = list_add(*list, whole);
	free(whole);
}

static bool
option_timeout(struct parse *p, const char *text, struct effective *s)
{
	struct error e;
	int64_t ns = INT64_MAX;

	if (strcmp(text, "unlimited") != 0 &&
	    units_duration(text, &ns, &e) == -1) {
		WRONG(p, nowhere, "%s", e.msg);
		return false;
	}
	return timeout_set(p, nowhere, ns, s);
}

void
parse_option(
    struct parse *p, const char *key, const char *text, struct effective *s)
{
	struct origin here = origin_at(p, nowhere);

	if (strncmp(key, "limits.", 7) == 0) {
		option_limit(p, key + 7, text, s);
	} else if (strcmp(key, "timeout") == 0) {
		if (option_timeout(p, text, s))
			s->origin[SETTING_TIMEOUT] = here;
	} else if (strcmp(key, "isolation") == 0) {
		if (!parse_isolation_name(p, nowhere, text, s))
			WRONG(p, nowhere,
			    "\"%s\" is not inherit, isolated or sandboxed",
			    text);
	} else if (strcmp(key, "allow-net") == 0) {
		if (!parse_host(p, nowhere, text))
			return;
		s->network = NETWORK_HOST;
		s->allow = list_add(s->allow, text);
		s->origin[SETTING_NETWORK] = s->origin[SETTING_ALLOW] = here;
	} else if (strcmp(key, "read") == 0) {
		option_path(p, text, &s->read);
		s->origin[SETTING_READ] = here;
	} else if (strcmp(key, "write") == 0) {
		option_path(p, text, &s->write);
		s->origin[SETTING_WRITE] = here;
	} else if (strcmp(key, "env") == 0) {
		s->origin[SETTING_ENV] = here;
		if (!env_add_text(s, text))
			WRONG(p, nowhere, "\"%s\" is no NAME or NAME=VALUE",
			    text);
	} else {
		WRONG(p, nowhere, "no such option: %s", key);
	}
}
