/*
 * Policy data to settings and rules.  What is wrong is reported and left out
 * and the rest still read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/rules.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/vector.h"

/* What is legal in that place, and more; for "did you mean". */
static void
unknown_setting(struct parse *p, struct spot at, val key, unsigned int place,
    const char *const *more)
{
	const char *names[SETTING_COUNT + 8];
	enum setting id;
	size_t n = 0;

	for (id = 0; id < SETTING_COUNT; id++) {
		if ((setting_rows[id].places & place) != 0)
			names[n++] = setting_rows[id].name;
	}
	for (; *more != NULL; more++)
		names[n++] = *more;
	names[n] = NULL;
	unknown_key(p, at, key, names);
}

/* The settings of a map; keys of more are the caller's to take apart. */
static void
parse_settings(struct parse *p, val v, unsigned int place,
    const char *const *more, struct effective *s)
{
	struct map_iter it = map_iter(v);
	enum setting id;
	const char *text;
	val key, value;
	uint32_t i = 0;
	size_t k;

	for (; map_next(&it, &key, &value); i++) {
		text = val_is_keyword(key) ? val_name_text(key, NULL) : "";
		for (k = 0; more[k] != NULL; k++) {
			if (strcmp(more[k], text) == 0)
				break;
		}
		if (more[k] != NULL)
			continue;
		id = setting_from(text, place);
		if (id == SETTING_COUNT)
			unknown_setting(
			    p, (struct spot){v, 2 * i}, key, place, more);
		else
			parse_setting(
			    p, (struct spot){v, 2 * i + 1}, id, value, s);
	}
}

static void
parse_block(struct parse *p, struct spot at, const char *what, val v,
    unsigned int place, struct effective *s)
{
	static const char *const none[] = {NULL};

	if (val_is_map(v))
		parse_settings(p, v, place, none, s);
	else
		wrong_value(p, at, what, "a map", v);
}

static void
parse_rule(struct parse *p, struct spot at, val v, struct source *src)
{
	static const char *const more[] = {"match", "from", NULL};
	struct rule r = {NULL, false, {0}, origin_at(p, at)};
	val key, value;
	struct map_iter it;
	uint32_t i = 0;

	if (!val_is_map(v)) {
		wrong_value(p, at, ":rules", "a map for each rule", v);
		return;
	}
	parse_settings(p, v, PLACE_RULE, more, &r.set);
	it = map_iter(v);
	for (; map_next(&it, &key, &value); i++) {
		struct spot here = {v, 2 * i + 1};

		if (val_is_key(key, "match"))
			parse_patterns(p, here, ":match", value, &r.match);
		else if (val_is_key(key, "from") && val_is_key(value, "any"))
			r.any = true;
		else if (val_is_key(key, "from"))
			wrong_value(p, here, ":from", ":any", value);
	}
	if (map_get_keyword(v, "match") == VAL_UNBOUND)
		WRONG(p, at, "a rule without :match; say :match \"*\" for all");
	src->rule = xreallocarray(src->rule, src->nrules + 1, sizeof(r));
	src->rule[src->nrules++] = r;
}

static void
parse_rules(struct parse *p, struct spot at, val v, struct source *src)
{
	size_t i;

	if (!val_is_vector(v)) {
		wrong_value(p, at, ":rules", "a vector of maps", v);
		return;
	}
	for (i = 0; i < vec_count(v); i++)
		parse_rule(
		    p, (struct spot){v, (uint32_t)i}, vec_get(v, i), src);
}

static void
parse_total(struct parse *p, struct spot at, val v, struct source *src)
{
	const char *names[TOTAL_COUNT + 1];
	enum total_id id;
	struct map_iter it;
	uint32_t i = 0;
	val key, value;

	if (!val_is_map(v)) {
		wrong_value(p, at, ":total", "a map", v);
		return;
	}
	for (id = 0; id < TOTAL_COUNT; id++)
		names[id] = total_name(id);
	names[TOTAL_COUNT] = NULL;
	it = map_iter(v);
	for (; map_next(&it, &key, &value); i++) {
		struct spot here = {v, 2 * i + 1};
		uint64_t amount;

		for (id = 0; id < TOTAL_COUNT; id++) {
			if (val_is_key(key, names[id]))
				break;
		}
		if (id == TOTAL_COUNT)
			unknown_key(p, (struct spot){v, 2 * i}, key, names);
		else if (!parse_amount(p, here, names[id], total_unit(id),
		             value, &amount))
			continue;
		else if (amount == 0 && id == TOTAL_CONCURRENCY)
			WRONG(p, here, ":concurrency is above 0");
		else
			src->total[id] =
			    (struct total){true, amount, origin_at(p, here)};
	}
}

/* One key of a policy; false: there is none of that name. */
static bool
parse_member(
    struct parse *p, struct spot at, val key, val value, struct source *src)
{
	if (val_is_key(key, "default")) {
		parse_block(
		    p, at, ":default", value, PLACE_DEFAULT, &src->defaults);
	} else if (val_is_key(key, "max")) {
		parse_block(p, at, ":max", value, PLACE_MAX, &src->max);
	} else if (val_is_key(key, "rules")) {
		parse_rules(p, at, value, src);
	} else if (val_is_key(key, "total")) {
		parse_total(p, at, value, src);
	} else if (val_is_key(key, "deny")) {
		parse_patterns(p, at, ":deny", value, &src->deny);
		src->deny_origin = origin_at(p, at);
	} else if (val_is_key(key, "allow")) {
		parse_patterns(p, at, ":allow", value, &src->allow);
		src->allow_origin = origin_at(p, at);
	} else {
		return false;
	}
	return true;
}

void
parse_source(struct parse *p, val form, struct source *src)
{
	static const char *const keys[] = {
	    "default", "rules", "max", "deny", "allow", "total", NULL};
	struct map_iter it;
	val key, value;
	uint32_t i = 0;

	if (!val_is_map(form)) {
		wrong_value(p, (struct spot){form, SRCMAP_SELF}, "policy",
		    "one map", form);
		return;
	}
	it = map_iter(form);
	for (; map_next(&it, &key, &value); i++) {
		if (!parse_member(
		        p, (struct spot){form, 2 * i + 1}, key, value, src))
			unknown_key(p, (struct spot){form, 2 * i}, key, keys);
	}
}

static void
check_retries(struct parse *p, struct spot at, val v)
{
	int64_t n;

	if (!int_to_i64(v, &n) || n < 0 || n > 100)
		wrong_value(p, at, ":retries", "an integer from 0 to 100", v);
}

static void
check_retry_on(struct parse *p, struct spot at, val v)
{
	size_t i;
	val kind;

	if (!val_is_vector(v)) {
		wrong_value(p, at, ":retry-on", "a vector of error kinds", v);
		return;
	}
	for (i = 0; i < vec_count(v); i++) {
		kind = vec_get(v, i);
		if (!val_is_keyword(kind))
			wrong_value(p, at, ":retry-on", "error kinds", kind);
	}
}

void
parse_task(struct parse *p, val options, struct effective *s)
{
	static const char *const host[] = {
	    "retries", "retry-on", "priority", NULL};
	struct map_iter it;
	val key, value;
	uint32_t i = 0;
	int64_t n;

	if (options == VAL_NIL)
		return;
	parse_settings(p, options, PLACE_TASK, host, s);
	it = map_iter(options);
	for (; map_next(&it, &key, &value); i++) {
		struct spot at = {options, 2 * i + 1};

		if (val_is_key(key, "retries"))
			check_retries(p, at, value);
		else if (val_is_key(key, "retry-on"))
			check_retry_on(p, at, value);
		else if (val_is_key(key, "priority") && !int_to_i64(value, &n))
			wrong_value(p, at, ":priority", "an integer", value);
	}
}

void
source_clear(struct source *src)
{
	size_t i;

	settings_clear(&src->defaults);
	settings_clear(&src->max);
	for (i = 0; i < src->nrules; i++) {
		list_free(src->rule[i].match);
		settings_clear(&src->rule[i].set);
	}
	free(src->rule);
	list_free(src->deny);
	list_free(src->allow);
	free(src->file);
}
