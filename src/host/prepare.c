/*
 * Everything about a task that can be wrong before anything starts: unknown
 * capability, bad options, arguments of the wrong type or that cannot travel.
 * The first finding is thrown, with key and path.  What policy refuses is not
 * wrong work: it becomes the result of that task.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/units.h"
#include "host/fault.h"
#include "host/manifest.h"
#include "host/set_impl.h"
#include "proto/codec.h"
#include "proto/program.h"
#include "task/marshal.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/type.h"
#include "value/vector.h"

#define RETRIES_MAX 100
/* Arguments that need not be packed to know that they can travel. */
#define PLAIN_ARGS  16
#define PLAIN_BYTES 16 /* of one beside its text */
#define LABEL_BYTES 60

void
item_label(const struct set *s, size_t i, struct buf *b)
{
	val key = set_key(s, i);

	if (s->config.single)
		print_short(b, s->kind[s->entry[i].kind].wanted, LABEL_BYTES);
	else if (val_is_fix(key))
		buf_addf(b, "[%lld]", (long long)val_unfix(key));
	else
		print_short(b, key, LABEL_BYTES);
}

/* "task :a, argument 2, ..." as an error value; returns -1. */
static int
refuse(struct set *s, size_t i, enum errkey key, const char *why, val *thrown)
{
	const struct kind *k = &s->kind[s->entry[i].kind];
	struct fault_about about = {
	    s->config.single ? VAL_UNBOUND : set_key(s, i), k->wanted, 0};
	struct buf b = BUF_INIT;

	if (val_type(k->wanted) == T_FUNCTION && k->capability != NULL)
		about.capability = keyword_from(k->capability->id);
	buf_adds(&b, s->config.single ? "" : "task ");
	item_label(s, i, &b);
	buf_adds(&b, strncmp(why, "argument ", 9) == 0 ? ", " : ": ");
	buf_adds(&b, why);
	*thrown = fault_refuse(s->heap, &about, key, buf_str(&b));
	buf_free(&b);
	return -1;
}

static int
find_capability(struct set *s, size_t i, struct kind *k, val *thrown)
{
	struct registry *r = s->host->config.registry;
	struct buf b = BUF_INIT;
	const char *id;
	size_t len;

	switch (val_type(k->wanted)) {
	case T_FUNCTION:
		k->capability = registry_find(r, "rtfs.fn");
		return 0;
	case T_KEYWORD:
		k->capability = registry_find_name(r, val_name(k->wanted));
		id = val_name_text(k->wanted, NULL);
		break;
	case T_STRING:
		id = str_bytes(k->wanted, &len);
		if (len > 0 && id[0] == ':')
			id++;
		k->capability = registry_find(r, id);
		break;
	default:
		return refuse(s, i, ERRKEY_INVALID_ARGUMENTS,
		    "a capability is a keyword, a string or a function",
		    thrown);
	}
	/* a function task has its function, so its capability has no name */
	if (k->capability != NULL && k->capability->kind != CAP_CLOSURE)
		return 0;
	k->capability = NULL;
	buf_addf(&b, "unknown capability :%s", id);
	registry_suggest(r, id, &b);
	refuse(s, i, ERRKEY_UNKNOWN_CAPABILITY, buf_str(&b), thrown);
	buf_free(&b);
	return -1;
}

static int
check_options(struct set *s, size_t i, struct kind *k, val *thrown)
{
	struct error e;
	val n;

	if (k->options == VAL_NIL)
		return 0;
	if (policy_check_options(k->options, &e) == -1) {
		return refuse(s, i, ERRKEY_INVALID_ARGUMENTS, e.msg, thrown);
	}
	n = map_get_keyword(k->options, "retries");
	if (n == VAL_UNBOUND || n == VAL_NIL)
		return 0;
	if (!val_is_fix(n) || val_unfix(n) < 0 || val_unfix(n) > RETRIES_MAX) {
		return refuse(s, i, ERRKEY_INVALID_ARGUMENTS,
		    ":retries is an integer from 0 to 100", thrown);
	}
	k->retries = (uint8_t)val_unfix(n);
	return 0;
}

int
item_resolve(struct set *s, struct kind *k, struct error *e)
{
	return policy_resolve(s->host->config.policy, k->capability, k->options,
	    &k->effective, e);
}

/* -vv: what policy decided, and who said so. */
static void
log_policy(const struct kind *k)
{
	const struct effective *eff = k->effective;
	const struct limit_value *l;
	struct buf b = BUF_INIT;
	char text[32];
	int i;

	if (log_level() < LOG_DEBUG)
		return;
	if (eff->timeout == INT64_MAX)
		snprintf(text, sizeof(text), "none");
	else
		units_format_duration(eff->timeout, text);
	buf_addf(&b, "timeout %s, isolation %s", text,
	    isolation_name(eff->isolation));
	for (i = 0; i < LIMIT_COUNT; i++) {
		l = &eff->limit[i];
		if (!l->set)
			continue;
		limit_format((enum limit_id)i, l->soft, text);
		buf_addf(&b, ", %s %s", limit_name((enum limit_id)i), text);
		if (l->origin.layer != LAYER_BUILTIN) {
			buf_addf(&b, " (%s", l->origin.file);
			if (l->origin.line != 0)
				buf_addf(&b, ":%u", l->origin.line);
			buf_addc(&b, ')');
		}
	}
	log_debug("policy for :%s: %s", k->capability->id, buf_str(&b));
	buf_free(&b);
}

/* Numbers, truth values and text always travel, and their size is known: at
 * most *size bytes. */
static bool
args_are_plain(val args, uint64_t *size)
{
	size_t i, n = vec_count(args), len;
	val v;

	*size = (n + 1) * PLAIN_BYTES;
	if (n > PLAIN_ARGS)
		return false;
	for (i = 0; i < n; i++) {
		v = vec_get(args, i);
		if (val_is_fix(v) || val_is_float(v) || v == VAL_NIL ||
		    v == VAL_TRUE || v == VAL_FALSE)
			continue;
		if (!val_is_string(v))
			return false;
		str_bytes(v, &len);
		*size += len;
	}
	return true;
}

/* Pack the arguments once and forget them: their size, and whether they can
 * travel.  max: bytes of the request. */
static int
try_pack(struct set *s, const struct kind *k, val args, uint64_t max,
    struct error *e)
{
	struct pack_options how = {.arguments = true};
	struct buf b = BUF_INIT;
	uint64_t code = 0;
	int rc;

	if (k->closure != NULL) {
		how = s->host->pack;
		code = k->closure->len;
	}
	rc = pack_val(&b, args, &how, code < max ? (size_t)(max - code) : 0, e);
	buf_free(&b);
	return rc;
}

static int
try_marshal(const struct kind *k, val args, uint64_t max, struct error *e)
{
	struct buf input = BUF_INIT, words = BUF_INIT;
	int rc;

	rc = k->capability->codec == CODEC_MSGPACK ?
	    program_pack(args, (size_t)max, &input, e) :
	    marshal_args(k->capability, args, &input, &words, e);
	if (rc == 0 && input.len + words.len > max) {
		rc = error_set(e, EK_LIMIT, "%zu bytes", input.len + words.len);
	}
	buf_free(&input);
	buf_free(&words);
	return rc;
}

/* Bytes of a request of that kind. */
static uint64_t
request_max(const struct kind *k)
{
	const struct limit_value *limit;

	if (k->effective == NULL)
		return MAX_FRAME;
	limit = &k->effective->limit[LIMIT_REQUEST];
	return limit->set && limit->hard < MAX_FRAME ? limit->hard : MAX_FRAME;
}

/* Plain arguments up to that many bytes travel for sure. */
static uint64_t
plain_max(const struct kind *k)
{
	uint64_t max = request_max(k), code;

	if (k->capability->kind == CAP_HOST)
		return UINT64_MAX;
	if (k->capability->kind == CAP_EXEC)
		return 0;
	code = k->closure == NULL ? 0 : k->closure->len;
	return code < max ? max - code : 0;
}

static int
check_travel(struct set *s, size_t i, const struct kind *k, val *thrown)
{
	val args = s->entry[i].value;
	uint64_t max = request_max(k);
	struct error e ATTR_SCRATCH;
	char text[32], why[sizeof(e.msg) + 64] ATTR_SCRATCH;
	int rc, n;

	if (k->capability->kind == CAP_HOST)
		return 0;
	if (k->capability->kind == CAP_EXEC)
		rc = try_marshal(k, args, max, &e);
	else
		rc = try_pack(s, k, args, max, &e);
	if (rc == 0)
		return 0;
	if (e.kind != EK_LIMIT || strncmp(e.msg, "argument ", 9) == 0) {
		return refuse(s, i, ERRKEY_INVALID_ARGUMENTS, e.msg, thrown);
	}
	limit_format(LIMIT_REQUEST, max, text);
	n = snprintf(why, sizeof(why), "its request is over :request %s", text);
	if (k->capability->kind == CAP_EXEC)
		snprintf(why + n, sizeof(why) - (size_t)n, ": %s", e.msg);
	else if (k->closure != NULL)
		snprintf(why + n, sizeof(why) - (size_t)n,
		    "; the function and what it captured take %zu bytes",
		    k->closure->len);
	return refuse(s, i, ERRKEY_INVALID_ARGUMENTS, why, thrown);
}

static int
find_closure(struct set *s, size_t i, struct kind *k, val *thrown)
{
	struct error e;
	int rc = 0;

	if (k->capability->kind == CAP_RTFS)
		rc = manifest_closure(k->capability, &k->closure, &e);
	else if (k->capability->kind == CAP_CLOSURE)
		rc = image_set_get(s->images, k->wanted, &k->closure, &e);
	if (rc == -1)
		return refuse(s, i, ERRKEY_INVALID_ARGUMENTS, e.msg, thrown);
	return 0;
}

static int
kind_prepare(struct set *s, size_t i, struct kind *k, val *thrown)
{
	struct error e ATTR_SCRATCH;

	if (find_capability(s, i, k, thrown) == -1 ||
	    check_options(s, i, k, thrown) == -1)
		return -1;
	if (item_resolve(s, k, &e) == 0) {
		log_policy(k);
	} else {
		k->effective = NULL;
		if (e.kind == EK_ARGUMENT) {
			return refuse(
			    s, i, ERRKEY_INVALID_ARGUMENTS, e.msg, thrown);
		}
	}
	if (find_closure(s, i, k, thrown) == -1)
		return -1;
	k->plain = plain_max(k);
	k->prepared = true;
	return 0;
}

static int
refuse_args(struct set *s, size_t i, const struct kind *k, val *thrown)
{
	struct error e;

	if (marshal_check_args(k->capability, s->entry[i].value, &e) == 0)
		return 0;
	return refuse(s, i, ERRKEY_INVALID_ARGUMENTS, e.msg, thrown);
}

int
item_prepare(struct set *s, size_t i, val *thrown)
{
	struct kind *k = &s->kind[s->entry[i].kind];
	val args = s->entry[i].value;
	uint64_t size;

	if (!k->prepared && kind_prepare(s, i, k, thrown) == -1)
		return -1;
	if (k->capability->params != NULL &&
	    type_check(k->capability->params, args, NULL) == -1 &&
	    refuse_args(s, i, k, thrown) == -1)
		return -1;
	if (args_are_plain(args, &size) && size <= k->plain)
		return 0;
	return check_travel(s, i, k, thrown);
}

bool
item_wants_retry(const struct item *it, enum errkey key, const char *kind)
{
	size_t i, n;
	val on = VAL_UNBOUND;

	if (it->kind->options != VAL_NIL)
		on = map_get_keyword(it->kind->options, "retry-on");
	if (on == VAL_UNBOUND || on == VAL_NIL) {
		return key == ERRKEY_TIMEOUT || key == ERRKEY_SIGNAL ||
		    key == ERRKEY_EXIT || key == ERRKEY_CAPABILITY ||
		    key == ERRKEY_UNAVAILABLE;
	}
	if (val_is_keyword(on))
		return val_is_key(on, kind);
	if (!val_is_vector(on))
		return false;
	for (i = 0, n = vec_count(on); i < n; i++) {
		if (val_is_key(vec_get(on, i), kind))
			return true;
	}
	return false;
}
