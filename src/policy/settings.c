/*
 * The values of one settings map, whatever they are: laid over others,
 * digested, freed.  Driven by setting.def, so that a new key cannot be
 * forgotten in one of them.
 */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/rules.h"

#define D PLACE_DEFAULT
#define R PLACE_RULE
#define M PLACE_MAX
#define T PLACE_TASK
/* Only pairs have a count of their own. */
#define COUNT_DURATION(field) 0
#define COUNT_LIMITS(field)   0
#define COUNT_NUMBER(field)   0
#define COUNT_TEXT(field)     0
#define COUNT_TEXTS(field)    0
#define COUNT_PAIRS(field)    offsetof(struct effective, n##field)
const struct setting_row setting_rows[SETTING_COUNT] = {
#define SETTING(name, sym, shape, field, places)                               \
	[SETTING_##sym] = {name, SHAPE_##shape, places,                        \
	    offsetof(struct effective, field), COUNT_##shape(field)},
#include "policy/setting.def"
#undef SETTING
};
#undef D
#undef R
#undef M
#undef T
static_assert(sizeof(enum isolation) == sizeof(uint32_t) &&
        sizeof(enum network) == sizeof(uint32_t) &&
        sizeof(enum slot_use) == sizeof(uint32_t),
    "SHAPE_NUMBER is 32 bits");

static void *
field(struct effective *s, enum setting id)
{
	return (char *)s + setting_rows[id].offset;
}

static const void *
field_of(const struct effective *s, enum setting id)
{
	return (const char *)s + setting_rows[id].offset;
}

static size_t *
count(struct effective *s, enum setting id)
{
	return (void *)((char *)s + setting_rows[id].count_offset);
}

static size_t
count_of(const struct effective *s, enum setting id)
{
	return *(const size_t *)(const void *)((const char *)s +
	    setting_rows[id].count_offset);
}

const char *
setting_name(enum setting id)
{
	return setting_rows[id].name;
}

bool
setting_said(const struct effective *s, enum setting id)
{
	return s->origin[id].file != NULL;
}

void
entry_add(struct env_entry **pairs, size_t *n, const char *name, size_t len,
    const char *value)
{
	struct env_entry *p = xreallocarray(*pairs, *n + 1, sizeof(*p));

	p[*n].name = xstrndup(name, len);
	p[*n].value = value == NULL ? NULL : xstrdup(value);
	*pairs = p;
	++*n;
}

static void
pairs_free(struct env_entry *pairs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(pairs[i].name);
		free(pairs[i].value);
	}
	free(pairs);
}

static void
clear_one(struct effective *s, enum setting id)
{
	switch (setting_rows[id].shape) {
	case SHAPE_TEXT:
		free(*(char **)field(s, id));
		break;
	case SHAPE_TEXTS:
		list_free(*(char ***)field(s, id));
		break;
	case SHAPE_PAIRS:
		pairs_free(*(struct env_entry **)field(s, id), *count(s, id));
		break;
	default:
		break;
	}
}

void
settings_clear(struct effective *s)
{
	enum setting id;

	for (id = 0; id < SETTING_COUNT; id++)
		clear_one(s, id);
	list_free(s->read_bound);
	list_free(s->write_bound);
	memset(s, 0, sizeof(*s));
}

static void
copy_pairs(struct effective *to, const struct effective *from, enum setting id)
{
	const struct env_entry *pairs =
	    *(struct env_entry *const *)field_of(from, id);
	struct env_entry *copy = NULL;
	size_t n = 0, i;

	for (i = 0; i < count_of(from, id); i++)
		entry_add(&copy, &n, pairs[i].name, strlen(pairs[i].name),
		    pairs[i].value);
	*(struct env_entry **)field(to, id) = copy;
	*count(to, id) = n;
}

static void
copy_one(struct effective *to, const struct effective *from, enum setting id)
{
	const char *text;

	clear_one(to, id);
	to->origin[id] = from->origin[id];
	switch (setting_rows[id].shape) {
	case SHAPE_DURATION:
		memcpy(field(to, id), field_of(from, id), sizeof(int64_t));
		break;
	case SHAPE_NUMBER:
		memcpy(field(to, id), field_of(from, id), sizeof(uint32_t));
		break;
	case SHAPE_TEXT:
		text = *(char *const *)field_of(from, id);
		*(char **)field(to, id) = text == NULL ? NULL : xstrdup(text);
		break;
	case SHAPE_TEXTS:
		*(char ***)field(to, id) =
		    list_copy(*(char **const *)field_of(from, id));
		break;
	case SHAPE_PAIRS:
		copy_pairs(to, from, id);
		break;
	case SHAPE_LIMITS:
		break;
	}
}

void
settings_apply(struct effective *to, const struct effective *from)
{
	enum setting id;
	enum limit_id l;

	/* A host list belongs to the grant it came with. */
	if (setting_said(from, SETTING_NETWORK)) {
		list_free(to->allow);
		to->allow = NULL;
		to->origin[SETTING_ALLOW].file = NULL;
	}
	for (id = 0; id < SETTING_COUNT; id++) {
		if (setting_said(from, id))
			copy_one(to, from, id);
	}
	for (l = 0; l < LIMIT_COUNT; l++) {
		if (from->limit[l].set)
			to->limit[l] = from->limit[l];
	}
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
mix_text(uint64_t *h, const char *text)
{
	mix(h, text == NULL ? "-" : "+", 1);
	if (text != NULL)
		mix(h, text, strlen(text) + 1);
}

static void
mix_texts(uint64_t *h, char *const *list)
{
	mix(h, list == NULL ? "-" : "+", 1);
	for (; list != NULL && *list != NULL; list++)
		mix_text(h, *list);
}

static void
mix_limits(uint64_t *h, const struct limit_value *limits)
{
	enum limit_id id;

	for (id = 0; id < LIMIT_COUNT; id++) {
		mix(h, &limits[id].set, 1);
		mix(h, &limits[id].soft, sizeof(uint64_t));
		mix(h, &limits[id].hard, sizeof(uint64_t));
		mix(h, &limits[id].lowered, 1);
	}
}

static void
mix_one(uint64_t *h, const struct effective *s, enum setting id)
{
	const void *at = field_of(s, id);
	const struct env_entry *pairs;
	size_t i;

	switch (setting_rows[id].shape) {
	case SHAPE_DURATION:
		mix(h, at, sizeof(int64_t));
		break;
	case SHAPE_NUMBER:
		mix(h, at, sizeof(uint32_t));
		break;
	case SHAPE_TEXT:
		mix_text(h, *(char *const *)at);
		break;
	case SHAPE_TEXTS:
		mix_texts(h, *(char **const *)at);
		break;
	case SHAPE_PAIRS:
		pairs = *(struct env_entry *const *)at;
		for (i = 0; i < count_of(s, id); i++) {
			mix_text(h, pairs[i].name);
			mix_text(h, pairs[i].value);
		}
		mix(h, "", 1);
		break;
	case SHAPE_LIMITS:
		mix_limits(h, s->limit);
		break;
	}
}

uint64_t
settings_digest(const struct effective *s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	enum setting id;

	for (id = 0; id < SETTING_COUNT; id++)
		mix_one(&h, s, id);
	return h;
}
