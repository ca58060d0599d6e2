/* What a task has in its environment: variables (:env) and secrets. */
#include <ctype.h>
#include <string.h>

#include "policy/rules.h"
#include "value/map.h"
#include "value/vector.h"

/* The first n bytes: letters, digits and _, no digit first. */
static bool
is_variable(const char *name, size_t n)
{
	return n > 0 && !isdigit((unsigned char)*name) &&
	    strspn(name, ALPHANUMERIC "_") >= n;
}

bool
env_add_text(struct effective *s, const char *text)
{
	size_t n = strcspn(text, "=");

	if (!is_variable(text, n))
		return false;
	entry_add(
	    &s->env, &s->nenv, text, n, text[n] == '\0' ? NULL : text + n + 1);
	return true;
}

/* ["NAME" "NAME=value"], or {"NAME" "value" "OTHER" true}. */
bool
parse_env(struct parse *p, struct spot at, val v, struct effective *s)
{
	static const char expected[] = "names ([\"HOME\"]) or a map of names "
	                               "to values or true";
	struct map_iter it;
	const char *name, *text;
	val key, value;
	size_t i;

	for (i = 0; val_is_vector(v) && i < vec_count(v); i++) {
		text = plain_text(vec_get(v, i));
		if (text == NULL || !env_add_text(s, text))
			wrong_value(p, item_spot(at, v, i), ":env", expected,
			    vec_get(v, i));
	}
	if (val_is_vector(v))
		return true;
	if (!val_is_map(v)) {
		wrong_value(p, at, ":env", expected, v);
		return false;
	}
	it = map_iter(v);
	for (i = 0; map_next(&it, &key, &value); i++) {
		name = plain_text(key);
		text = plain_text(value);
		if (name == NULL || !is_variable(name, strlen(name)) ||
		    (text == NULL && value != VAL_TRUE)) {
			wrong_value(p, (struct spot){v, (uint32_t)(2 * i)},
			    ":env", expected, v);
			continue;
		}
		entry_add(&s->env, &s->nenv, name, strlen(name), text);
	}
	return true;
}

/* {"VARIABLE" "name"}: the name is that of a file, so it holds no slash and
 * does not begin with a dot. */
bool
parse_secrets(struct parse *p, struct spot at, val v, struct effective *s)
{
	struct map_iter it;
	const char *name, *secret;
	val key, value;
	uint32_t i = 0;

	if (!val_is_map(v)) {
		wrong_value(p, at, ":secrets",
		    "a map such as {\"STRIPE_KEY\" \"stripe-key\"}", v);
		return false;
	}
	it = map_iter(v);
	for (; map_next(&it, &key, &value); i++) {
		name = plain_text(key);
		secret = plain_text(value);
		if (name == NULL || !is_variable(name, strlen(name)))
			wrong_value(p, (struct spot){v, 2 * i}, ":secrets",
			    "the name of a variable", key);
		else if (secret == NULL || *secret == '.' ||
		    strlen(secret) > 255 ||
		    !made_of(secret, ALPHANUMERIC "._-@"))
			wrong_value(p, (struct spot){v, 2 * i + 1}, ":secrets",
			    "the name of a secret (letters, digits, _ - . @)",
			    value);
		else
			entry_add(&s->secrets, &s->nsecrets, name, strlen(name),
			    secret);
	}
	return true;
}
