/*
 * Policy data to settings and rules.  Every problem is reported with its
 * place; what is wrong is left out and the rest still read, so that one run
 * shows all problems of a file.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "policy/rules.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/vector.h"

/* Where a form stands: member index of a container. */
struct spot {
	val container;
	uint32_t index;
};

static struct origin
origin_at(const struct parse *p, struct spot at)
{
	struct origin o = {p->layer, p->file, 0};
	unsigned int column;
	size_t offset;

	if (p->map == NULL || !val_is_obj(at.container))
		return o;
	offset = srcmap_find(p->map, val_obj(at.container), at.index);
	if (offset != SRCMAP_NONE)
		text_place(p->text, p->len, offset, &o.line, &column);
	return o;
}

static void ATTR_PRINTF(4, 5) problem(struct parse *p, enum diag_level level,
    struct spot at, const char *fmt, ...)
{
	unsigned int line = 0, column = 0;
	struct buf text = BUF_INIT;
	size_t offset;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	if (p->map != NULL && val_is_obj(at.container)) {
		offset = srcmap_find(p->map, val_obj(at.container), at.index);
		if (offset != SRCMAP_NONE)
			text_place(p->text, p->len, offset, &line, &column);
	}
	if (p->ds != NULL) {
		diags_add(p->ds, level, p->file, line, column,
		    level == DIAG_ERROR ? "PolicyError" : "PolicyWarning", "%s",
		    buf_str(&text));
	} else if (p->problems == 0 && level == DIAG_ERROR) {
		error_set(p->e, EK_ARGUMENT, "%s", buf_str(&text));
	}
	p->problems += level == DIAG_ERROR;
	buf_free(&text);
}

#define WRONG(p, at, ...) problem(p, DIAG_ERROR, at, __VA_ARGS__)

static const char *
shown(struct buf *b, val v)
{
	buf_clear(b);
	print_short(b, v, 60);
	return buf_str(b);
}

static void
wrong_value(struct parse *p, struct spot at, const char *key,
    const char *expected, val got)
{
	struct buf b = BUF_INIT;

	WRONG(p, at, "%s: expected %s, got %s", key, expected, shown(&b, got));
	buf_free(&b);
}

/* Text of a string value that is safe as a C string, or NULL. */
static const char *
plain_text(val v)
{
	const char *s;
	size_t n;

	if (!val_is_string(v))
		return NULL;
	s = str_bytes(v, &n);
	return strlen(s) == n ? s : NULL;
}

static void
unknown_key(struct parse *p, struct spot at, val key, const char *const *known)
{
	static const char *const later[] = {"total", "degrade", "require",
	    "execute", "files", "dir", "user", "umask", "niceness",
	    "concurrency", "secrets", "rootfs", "from", "slot", "syscalls",
	    "program", "tmp", NULL};
	struct nearest near;
	struct buf b = BUF_INIT;
	const char *text;
	size_t i;

	shown(&b, key);
	if (!val_is_keyword(key)) {
		WRONG(p, at, "expected a keyword as key, got %s", buf_str(&b));
		buf_free(&b);
		return;
	}
	text = val_name_text(key, NULL);
	for (i = 0; later[i] != NULL; i++) {
		if (strcmp(text, later[i]) == 0) {
			WRONG(p, at, "%s is not supported yet", buf_str(&b));
			buf_free(&b);
			return;
		}
	}
	nearest_init(&near, text);
	for (i = 0; known[i] != NULL; i++)
		nearest_offer(&near, known[i]);
	if (near.best != NULL)
		WRONG(p, at, "unknown key %s; did you mean :%s?", buf_str(&b),
		    near.best);
	else
		WRONG(p, at, "unknown key %s", buf_str(&b));
	buf_free(&b);
}

/* A duration: "250ms" text, or whole milliseconds where bare is true. */
static bool
parse_duration(struct parse *p, struct spot at, const char *key, val v,
    bool bare, int64_t *ns)
{
	struct error e;
	int64_t ms;
	const char *text = plain_text(v);

	if (text != NULL) {
		if (units_duration(text, ns, &e) == -1) {
			WRONG(p, at, "%s: %s", key, e.msg);
			return false;
		}
		return true;
	}
	if (val_is_int(v) && !bare) {
		struct buf b = BUF_INIT;

		WRONG(p, at, "%s: a number without a unit; say \"%ss\"", key,
		    shown(&b, v));
		buf_free(&b);
		return false;
	}
	if (!int_to_i64(v, &ms) || ms < 0 || ms > INT64_MAX / NS_PER_MS) {
		wrong_value(p, at, key,
		    "a duration such as \"250ms\", \"2s\", \"5m\"", v);
		return false;
	}
	*ns = ms * NS_PER_MS;
	return true;
}

static bool
is_unlimited(val v)
{
	return val_is_key(v, "unlimited");
}

/* One amount of a limit, in its unit. */
static bool
parse_amount(
    struct parse *p, struct spot at, enum limit_id id, val v, uint64_t *amount)
{
	const char *text = plain_text(v);
	struct buf key = BUF_INIT;
	struct error e;
	int64_t n;
	bool ok = false;

	buf_addf(&key, ":%s", limit_name(id));
	if (is_unlimited(v)) {
		*amount = LIMIT_UNLIMITED;
		ok = true;
	} else if (val_is_int(v) && int_is_negative(v)) {
		WRONG(p, at,
		    "%s: a limit is never negative; "
		    ":unlimited is the only spelling of no limit",
		    buf_str(&key));
	} else if (limit_unit(id) == UNIT_SECONDS ||
	    limit_unit(id) == UNIT_MICROSECONDS) {
		ok = parse_duration(p, at, buf_str(&key), v, false, &n);
		if (ok && limit_unit(id) == UNIT_SECONDS)
			*amount = (uint64_t)((n + NS_PER_SEC - 1) / NS_PER_SEC);
		else if (ok)
			*amount = (uint64_t)((n + 999) / 1000);
	} else if (text != NULL && limit_unit(id) == UNIT_BYTES) {
		ok = units_bytes(text, amount, &e) == 0;
		if (!ok)
			WRONG(p, at, "%s: %s", buf_str(&key), e.msg);
	} else if (int_to_i64(v, &n)) {
		*amount = (uint64_t)n;
		ok = true;
	} else {
		wrong_value(p, at, buf_str(&key),
		    limit_unit(id) == UNIT_BYTES ? "bytes such as \"64M\"" :
		                                   "a whole number",
		    v);
	}
	buf_free(&key);
	return ok;
}

static void
parse_limit(struct parse *p, struct spot at, enum limit_id id, val v,
    struct limit_value *out)
{
	uint64_t soft = 0, hard = 0;
	struct spot member = {v, 0};

	if (val_is_vector(v)) {
		if (vec_count(v) != 2) {
			wrong_value(p, at, limit_name(id), "[SOFT HARD]", v);
			return;
		}
		if (!parse_amount(p, member, id, vec_get(v, 0), &soft))
			return;
		member.index = 1;
		if (!parse_amount(p, member, id, vec_get(v, 1), &hard))
			return;
		if (soft > hard) {
			WRONG(p, at,
			    ":%s: the soft limit is above the hard one",
			    limit_name(id));
			return;
		}
	} else {
		if (!parse_amount(p, at, id, v, &soft))
			return;
		hard = soft;
		if (id == LIMIT_CPU && soft != LIMIT_UNLIMITED)
			hard = soft + 1;
		if (id == LIMIT_OUTPUT)
			hard = LIMIT_UNLIMITED;
	}
	out->set = true;
	out->soft = soft;
	out->hard = hard;
	out->origin = origin_at(p, at);
}

static void
parse_limits(struct parse *p, struct spot at, val v, struct settings *s)
{
	static const char *names[LIMIT_COUNT + 1];
	enum limit_id id;
	struct map_iter it;
	uint32_t i = 0;
	val key, value;

	if (!val_is_map(v)) {
		wrong_value(p, at, ":limits", "a map", v);
		return;
	}
	for (id = 0; id < LIMIT_COUNT; id++)
		names[id] = limit_name(id);
	it = map_iter(v);
	for (; map_next(&it, &key, &value); i++) {
		id = val_is_keyword(key) ?
		    limit_from(val_name_text(key, NULL)) :
		    LIMIT_COUNT;
		if (id == LIMIT_COUNT) {
			unknown_key(p, (struct spot){v, 2 * i}, key, names);
			continue;
		}
		parse_limit(
		    p, (struct spot){v, 2 * i + 1}, id, value, &s->limit[id]);
	}
}

/* Absolute, without empty, "." and ".." parts: text only, links are followed
 * by those who open the path. */
static char *
absolute(const char *dir, const char *path)
{
	char *whole =
	    path[0] == '/' ? xstrdup(path) : xasprintf("%s/%s", dir, path);
	char *from = whole, *to = whole;
	size_t n;

	while (*from != '\0') {
		n = strcspn(from, "/");
		if (n == 2 && memcmp(from, "..", 2) == 0) {
			while (to > whole && *--to != '/')
				;
		} else if (n > 0 && !(n == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, n);
			to += n;
		}
		from += n;
		from += strspn(from, "/");
	}
	if (to == whole)
		*to++ = '/';
	*to = '\0';
	return whole;
}

/* "host", "host:port" or "[address]:port" with globs in it; says what is
 * wrong. */
static bool
parse_host(struct parse *p, struct spot at, const char *text)
{
	const char *port = strrchr(text, ':'), *bracket = strchr(text, ']');
	unsigned long n;
	char *end;

	if (text[strcspn(text, "/ \t\n@")] != '\0' || *text == '\0' ||
	    (text[0] == ':' && text[1] != ':')) {
		WRONG(p, at, "\"%s\" is no HOST or HOST:PORT", text);
		return false;
	}
	if (port == NULL || (bracket != NULL && port < bracket) ||
	    (bracket == NULL && strchr(text, ':') != port) ||
	    strchr(port, '*') != NULL)
		return true; /* no port, or an IPv6 address as it is */
	n = strtoul(port + 1, &end, 10);
	if (port[1] < '0' || port[1] > '9' || *end != '\0' || n == 0 ||
	    n > 65535) {
		WRONG(
		    p, at, "\"%s\": a port is a number from 1 to 65535", text);
		return false;
	}
	return true;
}

/* A vector of strings (or one string); paths are made absolute. */
static bool
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
			wrong_value(p, (struct spot){v, (uint32_t)i}, key,
			    "a string that is not empty", item);
			list_free(list);
			return false;
		}
		if (paths) {
			whole = absolute(p->dir, text);
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

static void
env_add(struct settings *s, const char *name, size_t len, const char *value)
{
	s->env = xreallocarray(s->env, s->nenv + 1, sizeof(*s->env));
	s->env[s->nenv].name = xstrndup(name, len);
	s->env[s->nenv].value = value == NULL ? NULL : xstrdup(value);
	s->nenv++;
}

static bool
env_add_text(struct settings *s, const char *text)
{
	const char *eq = strchr(text, '=');

	if (*text == '\0' || eq == text)
		return false;
	env_add(s, text, eq == NULL ? strlen(text) : (size_t)(eq - text),
	    eq == NULL ? NULL : eq + 1);
	return true;
}

/* ["NAME" "NAME=value"], or {"NAME" "value" "OTHER" true}. */
static void
parse_env(struct parse *p, struct spot at, val v, struct settings *s)
{
	static const char expected[] = "names ([\"HOME\"]) or a map of names "
	                               "to values or true";
	struct map_iter it;
	const char *name, *text;
	val key, value;
	size_t i;

	s->has_env = true;
	if (val_is_vector(v)) {
		for (i = 0; i < vec_count(v); i++) {
			text = plain_text(vec_get(v, i));
			if (text == NULL || !env_add_text(s, text))
				wrong_value(p, (struct spot){v, (uint32_t)i},
				    ":env", expected, vec_get(v, i));
		}
		return;
	}
	if (!val_is_map(v)) {
		wrong_value(p, at, ":env", expected, v);
		return;
	}
	it = map_iter(v);
	for (i = 0; map_next(&it, &key, &value); i++) {
		name = plain_text(key);
		text = plain_text(value);
		if (name == NULL || *name == '\0' ||
		    strchr(name, '=') != NULL ||
		    (text == NULL && value != VAL_TRUE)) {
			wrong_value(p, (struct spot){v, (uint32_t)(2 * i)},
			    ":env", expected, v);
			continue;
		}
		env_add(s, name, strlen(name), text);
	}
}

static bool
set_isolation(
    struct parse *p, struct spot at, const char *name, struct settings *s)
{
	enum isolation level;

	for (level = 0; level <= ISOLATION_SANDBOXED; level++) {
		if (strcmp(name, isolation_name(level)) == 0) {
			s->has_isolation = true;
			s->isolation = level;
			s->isolation_origin = origin_at(p, at);
			return true;
		}
	}
	return false;
}

static void
parse_isolation(struct parse *p, struct spot at, val v, struct settings *s)
{
	if (!val_is_keyword(v) ||
	    !set_isolation(p, at, val_name_text(v, NULL), s)) {
		wrong_value(p, at, ":isolation",
		    ":inherit, :isolated or :sandboxed", v);
	}
}

static void
parse_network(struct parse *p, struct spot at, val v, struct settings *s)
{
	static const char *const names[] = {"none", "loopback", "host"};
	size_t i;

	for (i = 0; i < NITEMS(names); i++) {
		if (val_is_key(v, names[i])) {
			s->has_network = true;
			s->network = (enum network)i;
			return;
		}
	}
	wrong_value(p, at, ":network", ":none, :loopback or :host", v);
}

static void
parse_allow(struct parse *p, struct spot at, val v, struct settings *s)
{
	size_t i;

	if (!parse_texts(p, at, ":allow", v, false, &s->allow))
		return;
	for (i = 0; s->allow[i] != NULL; i++) {
		parse_host(p,
		    val_is_vector(v) ? (struct spot){v, (uint32_t)i} : at,
		    s->allow[i]);
	}
}

static const char *const setting_keys[] = {"timeout", "limits", "isolation",
    "read", "write", "network", "allow", "env", NULL};

/* One key of a settings map; false: not one of ours. */
static bool
parse_setting(
    struct parse *p, struct spot at, const char *key, val v, struct settings *s)
{
	if (strcmp(key, "timeout") == 0) {
		s->has_timeout = is_unlimited(v) ||
		    parse_duration(p, at, ":timeout", v, true, &s->timeout);
		if (is_unlimited(v))
			s->timeout = INT64_MAX;
		s->timeout_origin = origin_at(p, at);
	} else if (strcmp(key, "limits") == 0) {
		parse_limits(p, at, v, s);
	} else if (strcmp(key, "isolation") == 0) {
		parse_isolation(p, at, v, s);
	} else if (strcmp(key, "read") == 0) {
		parse_texts(p, at, ":read", v, true, &s->read);
	} else if (strcmp(key, "write") == 0) {
		parse_texts(p, at, ":write", v, true, &s->write);
	} else if (strcmp(key, "network") == 0) {
		parse_network(p, at, v, s);
	} else if (strcmp(key, "allow") == 0) {
		parse_allow(p, at, v, s);
	} else if (strcmp(key, "env") == 0) {
		parse_env(p, at, v, s);
	} else {
		return false;
	}
	return true;
}

/* only: keys that are legal here, NULL-terminated; match: taken apart by the
 * caller. */
static void
parse_settings(struct parse *p, struct spot at, const char *what, val v,
    const char *const *only, struct settings *s)
{
	struct map_iter it;
	const char *text;
	val key, value;
	uint32_t i = 0;
	size_t k;

	if (!val_is_map(v)) {
		wrong_value(p, at, what, "a map", v);
		return;
	}
	it = map_iter(v);
	for (; map_next(&it, &key, &value); i++) {
		text = val_is_keyword(key) ? val_name_text(key, NULL) : "";
		for (k = 0; only[k] != NULL; k++) {
			if (strcmp(only[k], text) == 0)
				break;
		}
		if (only[k] == NULL)
			unknown_key(p, (struct spot){v, 2 * i}, key, only);
		else
			parse_setting(
			    p, (struct spot){v, 2 * i + 1}, text, value, s);
	}
}

static void
parse_rule(struct parse *p, struct spot at, val v, struct source *src)
{
	static const char *const keys[] = {"match", "timeout", "limits",
	    "isolation", "read", "write", "network", "allow", "env", NULL};
	struct rule r = {NULL, {0}, {0}};
	val key, value;
	struct map_iter it;
	uint32_t i = 0;

	if (!val_is_map(v)) {
		wrong_value(p, at, ":rules", "a map for each rule", v);
		return;
	}
	parse_settings(p, at, ":rules", v, keys, &r.set);
	r.origin = origin_at(p, at);
	it = map_iter(v);
	for (; map_next(&it, &key, &value); i++) {
		if (val_is_key(key, "match"))
			parse_texts(p, (struct spot){v, 2 * i + 1}, ":match",
			    value, false, &r.match);
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

void
parse_source(struct parse *p, val form, struct source *src)
{
	static const char *const keys[] = {
	    "default", "rules", "max", "deny", "allow", NULL};
	static const char *const max_keys[] = {"timeout", "limits", NULL};
	struct spot whole = {form, SRCMAP_SELF}, at;
	struct map_iter it;
	val key, value;
	uint32_t i = 0;

	if (!val_is_map(form)) {
		wrong_value(p, whole, "policy", "one map", form);
		return;
	}
	it = map_iter(form);
	for (; map_next(&it, &key, &value); i++) {
		at = (struct spot){form, 2 * i + 1};
		if (val_is_key(key, "default")) {
			parse_settings(p, at, ":default", value, setting_keys,
			    &src->defaults);
		} else if (val_is_key(key, "max")) {
			parse_settings(
			    p, at, ":max", value, max_keys, &src->max);
		} else if (val_is_key(key, "rules")) {
			parse_rules(p, at, value, src);
		} else if (val_is_key(key, "deny")) {
			parse_texts(p, at, ":deny", value, false, &src->deny);
			src->deny_origin = origin_at(p, at);
		} else if (val_is_key(key, "allow")) {
			parse_texts(p, at, ":allow", value, false, &src->allow);
		} else {
			unknown_key(p, (struct spot){form, 2 * i}, key, keys);
		}
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
parse_task(struct parse *p, val options, struct settings *s)
{
	static const char *const keys[] = {"timeout", "limits", "retries",
	    "retry-on", "priority", "isolation", "network", "read", "write",
	    "env", NULL};
	struct map_iter it;
	struct spot at;
	const char *text;
	val key, value;
	uint32_t i = 0;
	int64_t n;

	if (options == VAL_NIL)
		return;
	it = map_iter(options);
	for (; map_next(&it, &key, &value); i++) {
		at = (struct spot){options, 2 * i + 1};
		text = val_is_keyword(key) ? val_name_text(key, NULL) : "";
		if (strcmp(text, "retries") == 0)
			check_retries(p, at, value);
		else if (strcmp(text, "retry-on") == 0)
			check_retry_on(p, at, value);
		else if (strcmp(text, "priority") == 0) {
			if (!int_to_i64(value, &n))
				wrong_value(
				    p, at, ":priority", "an integer", value);
		} else if (strcmp(text, "allow") == 0 ||
		    !parse_setting(p, at, text, value, s))
			unknown_key(p, at, key, keys);
	}
}

static void
option_limit(
    struct parse *p, const char *name, const char *text, struct settings *s)
{
	struct limit_value *l;
	enum limit_id id = limit_from(name);
	struct spot nowhere = {VAL_NIL, 0};
	struct error e;
	int64_t ns;
	uint64_t n;

	if (id == LIMIT_COUNT) {
		WRONG(p, nowhere, "no limit is named \"%s\"", name);
		return;
	}
	l = &s->limit[id];
	if (strcmp(text, "unlimited") == 0) {
		n = LIMIT_UNLIMITED;
	} else if (limit_unit(id) == UNIT_BYTES ||
	    limit_unit(id) == UNIT_COUNT) {
		if (limit_unit(id) == UNIT_COUNT &&
		    strspn(text, "0123456789") != strlen(text)) {
			WRONG(p, nowhere, "\"%s\" is not a whole number", text);
			return;
		}
		if (units_bytes(text, &n, &e) == -1) {
			WRONG(p, nowhere, "%s", e.msg);
			return;
		}
	} else {
		if (units_duration(text, &ns, &e) == -1) {
			WRONG(p, nowhere, "%s", e.msg);
			return;
		}
		n = (uint64_t)(limit_unit(id) == UNIT_SECONDS ?
		        (ns + NS_PER_SEC - 1) / NS_PER_SEC :
		        (ns + 999) / 1000);
	}
	*l = (struct limit_value){true, n, n, origin_at(p, nowhere)};
	if (id == LIMIT_CPU && n != LIMIT_UNLIMITED)
		l->hard = n + 1;
	if (id == LIMIT_OUTPUT)
		l->hard = LIMIT_UNLIMITED;
}

static void
option_path(struct parse *p, const char *text, char ***list)
{
	char *whole = absolute(p->dir, text);

	*list = list_add(*list, whole);
	free(whole);
}

void
parse_option(
    struct parse *p, const char *key, const char *text, struct settings *s)
{
	struct spot nowhere = {VAL_NIL, 0};
	struct error e;

	if (strncmp(key, "limits.", 7) == 0) {
		option_limit(p, key + 7, text, s);
	} else if (strcmp(key, "timeout") == 0) {
		s->has_timeout = true;
		s->timeout_origin = origin_at(p, nowhere);
		if (strcmp(text, "unlimited") == 0)
			s->timeout = INT64_MAX;
		else if (units_duration(text, &s->timeout, &e) == -1)
			WRONG(p, nowhere, "%s", e.msg);
	} else if (strcmp(key, "isolation") == 0) {
		if (!set_isolation(p, nowhere, text, s))
			WRONG(p, nowhere,
			    "\"%s\" is not inherit, isolated or sandboxed",
			    text);
	} else if (strcmp(key, "allow-net") == 0) {
		if (!parse_host(p, nowhere, text))
			return;
		s->has_network = true;
		s->network = NETWORK_HOST;
		s->allow = list_add(s->allow, text);
	} else if (strcmp(key, "read") == 0) {
		option_path(p, text, &s->read);
	} else if (strcmp(key, "write") == 0) {
		option_path(p, text, &s->write);
	} else if (strcmp(key, "env") == 0) {
		s->has_env = true;
		if (!env_add_text(s, text))
			WRONG(p, nowhere, "\"%s\" is no NAME or NAME=VALUE",
			    text);
	} else {
		WRONG(p, nowhere, "no such option: %s", key);
	}
}

void
settings_clear(struct settings *s)
{
	size_t i;

	list_free(s->read);
	list_free(s->write);
	list_free(s->allow);
	for (i = 0; i < s->nenv; i++) {
		free(s->env[i].name);
		free(s->env[i].value);
	}
	free(s->env);
	*s = (struct settings){0};
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
