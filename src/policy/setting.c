/* The values of the keys of a settings map, one function a kind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/rules.h"
#include "value/name.h"
#include "value/number.h"
#include "value/vector.h"

bool
made_of(const char *text, const char *letters)
{
	return *text != '\0' && text[strspn(text, letters)] == '\0';
}

struct spot
item_spot(struct spot at, val v, size_t i)
{
	return val_is_vector(v) ? (struct spot){v, (uint32_t)i} : at;
}

/* One of the keywords of a table, by its index; -1: none of them. */
static int
keyword_among(val v, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (val_is_key(v, names[i]))
			return (int)i;
	}
	return -1;
}

/* A vector of strings (or one string); paths are made absolute. */
bool
parse_texts(struct parse *p, struct spot at, const char *key, val v, bool paths,
    char ***out)
{
	char **list = NULL, *whole;
	const char *text;
	size_t i, n;
	val item;

	if (!val_is_vector(v) && !val_is_string(v)) {
		wrong_value(p, at, key, "a vector of strings", v);
		return false;
	}
	list = xcalloc(1, sizeof(*list));
	n = val_is_vector(v) ? vec_count(v) : 1;
	for (i = 0; i < n; i++) {
		item = val_is_vector(v) ? vec_get(v, i) : v;
		text = plain_text(item);
		if (text == NULL || *text == '\0') {
			wrong_value(p, item_spot(at, v, i), key,
			    "a string that is not empty", item);
			list_free(list);
			return false;
		}
		if (paths) {
			whole = path_whole(p->dir, text);
			list = list_add(list, whole);
			free(whole);
		} else {
			list = list_add(list, text);
		}
	}
	list_free(*out);
	*out = list;
	return true;
}

bool
parse_patterns(
    struct parse *p, struct spot at, const char *key, val v, char ***out)
{
	const char *text;
	size_t i;

	if (!parse_texts(p, at, key, v, false, out))
		return false;
	for (i = 0; (text = (*out)[i]) != NULL; i++) {
		if (*text == ':')
			WRONG(p, item_spot(at, v, i),
			    "%s: \"%s\" matches no id; write it without its "
			    "colon",
			    key, text);
		else if (!text_is_keyword(text, strlen(text)))
			WRONG(p, item_spot(at, v, i),
			    "%s: \"%s\" matches no id: those are names such "
			    "as http.get, and only * is special",
			    key, text);
	}
	return true;
}

/* One path, or any other one text. */
static bool
parse_text(struct parse *p, struct spot at, const char *key, val v, char **out)
{
	const char *text = plain_text(v);

	if (text == NULL || *text == '\0') {
		wrong_value(p, at, key, "a string that is not empty", v);
		return false;
	}
	free(*out);
	*out = xstrdup(text);
	return true;
}

static bool
parse_path(struct parse *p, struct spot at, const char *key, val v, char **out)
{
	char *text = NULL;

	if (!parse_text(p, at, key, v, &text))
		return false;
	free(*out);
	*out = path_whole(p->dir, text);
	free(text);
	return true;
}

static bool
parse_int(struct parse *p, struct spot at, const char *key, val v, int64_t min,
    int64_t max, int64_t *n)
{
	char expected[64];

	if (int_to_i64(v, n) && *n >= min && *n <= max)
		return true;
	snprintf(expected, sizeof(expected), "a whole number from %lld to %lld",
	    (long long)min, (long long)max);
	wrong_value(p, at, key, expected, v);
	return false;
}

bool
parse_isolation_name(
    struct parse *p, struct spot at, const char *name, struct effective *s)
{
	enum isolation level;

	for (level = 0; level <= ISOLATION_SANDBOXED; level++) {
		if (strcmp(name, isolation_name(level)) == 0) {
			s->isolation = level;
			s->origin[SETTING_ISOLATION] = origin_at(p, at);
			return true;
		}
	}
	return false;
}

static bool
parse_isolation(struct parse *p, struct spot at, val v, struct effective *s)
{
	if (val_is_keyword(v) &&
	    parse_isolation_name(p, at, val_name_text(v, NULL), s))
		return true;
	wrong_value(
	    p, at, ":isolation", ":inherit, :isolated or :sandboxed", v);
	return false;
}

static bool
parse_network(struct parse *p, struct spot at, val v, struct effective *s)
{
	static const char *const names[] = {"none", "loopback", "host"};
	int i = keyword_among(v, names, NITEMS(names));

	if (i == -1) {
		wrong_value(p, at, ":network", ":none, :loopback or :host", v);
		return false;
	}
	s->network = (enum network)i;
	return true;
}

static bool
parse_degrade(struct parse *p, struct spot at, val v, struct effective *s)
{
	size_t i, n = val_is_vector(v) ? vec_count(v) : 1;
	int bit;
	val item;

	for (i = 0; i < n; i++) {
		item = val_is_vector(v) ? vec_get(v, i) : v;
		bit = keyword_among(item, degrade_names, DEGRADE_NAMES);
		if (bit >= 0) {
			s->degrade |= 1U << bit;
		} else if (val_is_key(item, "kernel-surface")) {
			WRONG(p, item_spot(at, v, i),
			    ":degrade: nothing replaces the filter of system "
			    "calls; say :isolation :isolated for a level "
			    "without one");
		} else {
			wrong_value(p, item_spot(at, v, i), ":degrade",
			    ":files, :network, :others, :tree or :cgroup",
			    item);
		}
	}
	return true;
}

static const char *const facilities[] = {
#define FACILITY(key, sym, name) key,
#include "policy/facility.def"
#undef FACILITY
    NULL};

static bool
is_facility(const char *name)
{
	size_t i;

	for (i = 0; facilities[i] != NULL; i++) {
		if (strcmp(facilities[i], name) == 0)
			return true;
	}
	return false;
}

/* Facilities by keyword; which can be had is the machine's to say. */
static bool
parse_require(struct parse *p, struct spot at, val v, struct effective *s)
{
	char **list = xcalloc(1, sizeof(*list));
	size_t i, n = val_is_vector(v) ? vec_count(v) : 1;
	val item;

	for (i = 0; i < n; i++) {
		item = val_is_vector(v) ? vec_get(v, i) : v;
		if (!val_is_keyword(item))
			wrong_value(p, item_spot(at, v, i), ":require",
			    "a facility such as :landlock", item);
		else if (!is_facility(val_name_text(item, NULL)))
			unknown_word(p, item_spot(at, v, i), "facility", item,
			    facilities);
		else
			list = list_add(list, val_name_text(item, NULL));
	}
	list_free(s->require);
	s->require = list;
	return true;
}

/* Programs with a slash are paths, from the file's folder; others are names
 * on the fixed PATH. */
static bool
parse_program(struct parse *p, struct spot at, val v, struct effective *s)
{
	char *whole;
	size_t i;

	if (!parse_texts(p, at, ":program", v, false, &s->program))
		return false;
	for (i = 0; s->program[i] != NULL; i++) {
		if (strchr(s->program[i], '/') == NULL)
			continue;
		whole = path_whole(p->dir, s->program[i]);
		free(s->program[i]);
		s->program[i] = whole;
	}
	return true;
}

/* "077", or 0o077 as it is written; a decimal would be read in the wrong
 * base by whoever comes next. */
static bool
parse_umask(struct parse *p, struct spot at, val v, struct effective *s)
{
	const char *text = plain_text(v), *written = spot_text(p, at);
	int64_t n;

	if (text != NULL && made_of(text, "01234567") && strlen(text) <= 4) {
		n = strtol(text, NULL, 8);
	} else if (!val_is_int(v) || written == NULL ||
	    strncmp(written, "0o", 2) != 0 || !int_to_i64(v, &n)) {
		wrong_value(
		    p, at, ":umask", "octal digits as \"077\" or 0o077", v);
		return false;
	}
	if (n > 0777) {
		wrong_value(p, at, ":umask", "at most \"777\"", v);
		return false;
	}
	s->umask = (uint32_t)n;
	return true;
}

/* "NAME", "UID", "NAME:GROUP"; the machine says later whether they exist. */
static bool
parse_user(struct parse *p, struct spot at, val v, struct effective *s)
{
	static const char letters[] = ALPHANUMERIC "._-$";
	const char *text = plain_text(v), *group;
	size_t n;

	if (text != NULL) {
		n = strspn(text, letters);
		group = text[n] == ':' ? text + n + 1 : "x";
		if (n > 0 && (text[n] == ':' || text[n] == '\0') &&
		    made_of(group, letters))
			return parse_text(p, at, ":user", v, &s->user);
	}
	wrong_value(
	    p, at, ":user", "a user as \"NAME\", \"UID\" or \"NAME:GROUP\"", v);
	return false;
}

static bool
parse_slot(struct parse *p, struct spot at, val v, struct effective *s)
{
	if (!val_is_key(v, "once")) {
		wrong_value(p, at, ":slot", ":once", v);
		return false;
	}
	s->slot = SLOT_ONCE;
	return true;
}

bool
timeout_set(struct parse *p, struct spot at, int64_t ns, struct effective *s)
{
	if (ns == 0) {
		WRONG(p, at,
		    ":timeout is above 0; :unlimited is the only spelling of "
		    "no limit");
		return false;
	}
	s->timeout = ns;
	return true;
}

static bool
parse_timeout(struct parse *p, struct spot at, val v, struct effective *s)
{
	int64_t ns = INT64_MAX;

	return (is_unlimited(v) ||
	           parse_duration(p, at, ":timeout", v, true, &ns)) &&
	    timeout_set(p, at, ns, s);
}

static bool
parse_niceness(struct parse *p, struct spot at, val v, struct effective *s)
{
	int64_t n;

	if (!parse_int(p, at, ":niceness", v, -20, 19, &n))
		return false;
	s->niceness = (int32_t)n;
	return true;
}

static bool
parse_concurrency(struct parse *p, struct spot at, val v, struct effective *s)
{
	int64_t n;

	if (!parse_int(p, at, ":concurrency", v, 1, UINT32_MAX, &n))
		return false;
	s->concurrency = (uint32_t)n;
	return true;
}

static bool
parse_weight(struct parse *p, struct spot at, val v, struct effective *s)
{
	int64_t n;

	if (!parse_int(p, at, ":weight", v, 1, 1000, &n))
		return false;
	s->weight = (uint32_t)n;
	return true;
}

static bool
parse_value(struct parse *p, struct spot at, enum setting id, val v,
    struct effective *s)
{
	switch (id) {
	case SETTING_TIMEOUT:
		return parse_timeout(p, at, v, s);
	case SETTING_LIMITS:
		parse_limits(p, at, v, s);
		return true;
	case SETTING_ISOLATION:
		return parse_isolation(p, at, v, s);
	case SETTING_DEGRADE:
		return parse_degrade(p, at, v, s);
	case SETTING_REQUIRE:
		return parse_require(p, at, v, s);
	case SETTING_READ:
		return parse_texts(p, at, ":read", v, true, &s->read);
	case SETTING_WRITE:
		return parse_texts(p, at, ":write", v, true, &s->write);
	case SETTING_EXECUTE:
		return parse_texts(p, at, ":execute", v, true, &s->execute);
	case SETTING_ROOTFS:
		return parse_path(p, at, ":rootfs", v, &s->rootfs);
	case SETTING_NETWORK:
		return parse_network(p, at, v, s);
	case SETTING_ALLOW:
		return parse_allow(p, at, v, s);
	case SETTING_SYSCALLS:
		return parse_syscalls(p, at, v, s);
	case SETTING_PROGRAM:
		return parse_program(p, at, v, s);
	case SETTING_ENV:
		return parse_env(p, at, v, s);
	case SETTING_SECRETS:
		return parse_secrets(p, at, v, s);
	case SETTING_DIR:
		return parse_path(p, at, ":dir", v, &s->dir);
	case SETTING_USER:
		return parse_user(p, at, v, s);
	case SETTING_UMASK:
		return parse_umask(p, at, v, s);
	case SETTING_NICENESS:
		return parse_niceness(p, at, v, s);
	case SETTING_SLOT:
		return parse_slot(p, at, v, s);
	case SETTING_CONCURRENCY:
		return parse_concurrency(p, at, v, s);
	case SETTING_WEIGHT:
		return parse_weight(p, at, v, s);
	case SETTING_COUNT:
		break;
	}
	return false;
}

void
parse_setting(struct parse *p, struct spot at, enum setting id, val v,
    struct effective *s)
{
	if (parse_value(p, at, id, v, s))
		s->origin[id] = origin_at(p, at);
}

enum setting
setting_from(const char *name, unsigned int place)
{
	enum setting id;

	for (id = 0; id < SETTING_COUNT; id++) {
		if ((setting_rows[id].places & place) != 0 &&
		    strcmp(setting_rows[id].name, name) == 0)
			return id;
	}
	return SETTING_COUNT;
}
