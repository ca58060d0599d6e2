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
#include "value/vector.h"

#define RETRIES_MAX 100
/* Arguments that need not be packed to know that they can travel. */
#define PLAIN_ARGS  16
#define PLAIN_BYTES 16 /* of one beside its text */
#define LABEL_BYTES 60

void
item_label(const struct set *s, const struct item *it, struct buf *b)
{
	if (s->config.single)
		print_short(b, it->wanted, LABEL_BYTES);
	else if (val_is_fix(it->key))
		buf_addf(b, "[%lld]", (long long)val_unfix(it->key));
	else
		print_short(b, it->key, LABEL_BYTES);
}

/* "task :a, argument 2, ..." as an error value; returns -1. */
static int
refuse(struct set *s, struct item *it, enum errkey kind, const char *why,
    val *thrown)
{
	struct fault_about about = {
	    s->config.single ? VAL_UNBOUND : it->key, it->wanted, 0};
	struct buf b = BUF_INIT;

	if (val_type(it->wanted) == T_FUNCTION && it->capability != NULL)
		about.capability = keyword_from(it->capability->id);
	buf_adds(&b, s->config.single ? "" : "task ");
	item_label(s, it, &b);
	buf_adds(&b, strncmp(why, "argument ", 9) == 0 ? ", " : ": ");
	buf_adds(&b, why);
	*thrown = fault_refuse(s->heap, &about, kind, buf_str(&b));
	buf_free(&b);
	return -1;
}

static int
find_capability(struct set *s, struct item *it, val *thrown)
{
	struct registry *r = s->host->config.registry;
	struct buf b = BUF_INIT;
	const char *id;
	size_t len;

	switch (val_type(it->wanted)) {
	case T_FUNCTION:
		it->capability = registry_find(r, "rtfs.fn");
		return 0;
	case T_KEYWORD:
		it->capability = registry_find_name(r, val_name(it->wanted));
		id = val_name_text(it->wanted, NULL);
		break;
	case T_STRING:
		id = str_bytes(it->wanted, &len);
		if (len > 0 && id[0] == ':')
			id++;
		it->capability = registry_find(r, id);
		break;
	default:
		return refuse(s, it, ERRKEY_INVALID_ARGUMENTS,
		    "a capability is a keyword, a string or a function",
		    thrown);
	}
	/* a function task has its function, so its capability has no name */
	if (it->capability != NULL && it->capability->kind != CAP_CLOSURE)
		return 0;
	it->capability = NULL;
	buf_addf(&b, "unknown capability :%s", id);
	registry_suggest(r, id, &b);
	refuse(s, it, ERRKEY_UNKNOWN_CAPABILITY, buf_str(&b), thrown);
	buf_free(&b);
	return -1;
}

static int
check_options(struct set *s, struct item *it, val *thrown)
{
	struct error e;
	val n;

	if (it->options == VAL_NIL)
		return 0;
	if (policy_check_options(it->options, &e) == -1) {
		return refuse(s, it, ERRKEY_INVALID_ARGUMENTS, e.msg, thrown);
	}
	n = map_get_keyword(it->options, "retries");
	if (n == VAL_UNBOUND || n == VAL_NIL)
		return 0;
	if (!val_is_fix(n) || val_unfix(n) < 0 || val_unfix(n) > RETRIES_MAX) {
		return refuse(s, it, ERRKEY_INVALID_ARGUMENTS,
		    ":retries is an integer from 0 to 100", thrown);
	}
	it->retries = (uint8_t)val_unfix(n);
	return 0;
}

int
item_resolve(struct set *s, struct item *it, struct error *e)
{
	return policy_resolve(s->host->config.policy, it->capability,
	    it->options, &it->effective, e);
}

/* -vv: what policy decided, and who said so. */
static void
log_policy(const struct item *it)
{
	const struct effective *eff = it->effective;
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
	log_debug("policy for :%s: %s", it->capability->id, buf_str(&b));
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
try_pack(struct set *s, const struct item *it, uint64_t max, struct error *e)
{
	struct pack_options how = {.arguments = true};
	struct buf b = BUF_INIT;
	uint64_t code = 0;
	int rc;

	if (it->task.closure != NULL) {
		how = s->host->pack;
		code = it->task.closure->len;
	}
	rc = pack_val(
	    &b, it->task.args, &how, code < max ? (size_t)(max - code) : 0, e);
	buf_free(&b);
	return rc;
}

static int
try_marshal(const struct item *it, uint64_t max, struct error *e)
{
	struct buf input = BUF_INIT, words = BUF_INIT;
	int rc;

	rc = it->capability->codec == CODEC_MSGPACK ?
	    program_pack(it->task.args, (size_t)max, &input, e) :
	    marshal_args(it->capability, it->task.args, &input, &words, e);
	if (rc == 0 && input.len + words.len > max) {
		rc = error_set(e, EK_LIMIT, "%zu bytes", input.len + words.len);
	}
	buf_free(&input);
	buf_free(&words);
	return rc;
}

static int
check_travel(struct set *s, struct item *it, val *thrown)
{
	const struct limit_value *limit;
	struct error e ATTR_SCRATCH;
	char text[32], why[sizeof(e.msg) + 64] ATTR_SCRATCH;
	uint64_t max = MAX_FRAME, size;
	int rc, n;

	if (it->effective != NULL) {
		limit = &it->effective->limit[LIMIT_REQUEST];
		if (limit->set && limit->hard < max)
			max = limit->hard;
	}
	if (it->capability->kind == CAP_HOST)
		return 0;
	if (it->capability->kind == CAP_EXEC)
		rc = try_marshal(it, max, &e);
	else if (args_are_plain(it->task.args, &size) && size <= max &&
	    (it->task.closure == NULL || it->task.closure->len <= max - size))
		return 0;
	else
		rc = try_pack(s, it, max, &e);
	if (rc == 0)
		return 0;
	if (e.kind != EK_LIMIT || strncmp(e.msg, "argument ", 9) == 0) {
		return refuse(s, it, ERRKEY_INVALID_ARGUMENTS, e.msg, thrown);
	}
	limit_format(LIMIT_REQUEST, max, text);
	n = snprintf(why, sizeof(why), "its request is over :request %s", text);
	if (it->capability->kind == CAP_EXEC)
		snprintf(why + n, sizeof(why) - (size_t)n, ": %s", e.msg);
	else if (it->task.closure != NULL)
		snprintf(why + n, sizeof(why) - (size_t)n,
		    "; the function and what it captured take %zu bytes",
		    it->task.closure->len);
	return refuse(s, it, ERRKEY_INVALID_ARGUMENTS, why, thrown);
}

static int
find_closure(struct set *s, struct item *it, val *thrown)
{
	struct error e;
	int rc = 0;

	if (it->capability->kind == CAP_RTFS)
		rc = manifest_closure(it->capability, &it->task.closure, &e);
	else if (it->capability->kind == CAP_CLOSURE)
		rc =
		    image_set_get(s->images, it->wanted, &it->task.closure, &e);
	if (rc == -1)
		return refuse(s, it, ERRKEY_INVALID_ARGUMENTS, e.msg, thrown);
	return 0;
}

int
item_prepare(
    struct set *s, struct item *it, const struct item *before, val *thrown)
{
	struct error e ATTR_SCRATCH;

	if (before != NULL && before->wanted == it->wanted &&
	    before->options == it->options) {
		it->capability = before->capability;
		it->effective = before->effective;
		it->retries = before->retries;
		it->task.closure = before->task.closure;
	} else {
		if (find_capability(s, it, thrown) == -1 ||
		    check_options(s, it, thrown) == -1)
			return -1;
		if (item_resolve(s, it, &e) == 0) {
			log_policy(it);
		} else {
			it->effective = NULL;
			if (e.kind == EK_ARGUMENT) {
				return refuse(s, it, ERRKEY_INVALID_ARGUMENTS,
				    e.msg, thrown);
			}
		}
		if (find_closure(s, it, thrown) == -1)
			return -1;
	}
	if (marshal_check_args(it->capability, it->task.args, &e) == -1)
		return refuse(s, it, ERRKEY_INVALID_ARGUMENTS, e.msg, thrown);
	return check_travel(s, it, thrown);
}

bool
item_wants_retry(const struct item *it, enum errkey key, const char *kind)
{
	size_t i, n;
	val on = VAL_UNBOUND;

	if (it->options != VAL_NIL)
		on = map_get_keyword(it->options, "retry-on");
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
