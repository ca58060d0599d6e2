/*
 * Regular expressions by PCRE2, which backtracks: every match runs under
 * limits of steps, depth and memory, and going over one is an error that a
 * program can catch.  Compiled patterns are kept in a small cache, since
 * programs have them as text.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <stdlib.h>
#include <string.h>

#include <pcre2.h>

#include "base/utf8.h"
#include "lang/core_util.h"
#include "value/string.h"
#include "value/vector.h"
#include "value/work.h"

#define CACHE_SIZE        16
#define MAX_PATTERN       65536   /* bytes of a pattern's text */
#define MATCH_LIMIT       5000000 /* backtracking steps of one match */
#define MATCH_LIMIT_FIRST 20000
#define DEPTH_LIMIT       250000
#define HEAP_LIMIT        65536 /* KiB of backtracking frames */

struct pattern {
	char *text;
	size_t len;
	pcre2_code *code;
	uint64_t used; /* when, for replacement */
};

/* One process runs one program at a time on one thread; patterns are the same
 * for every machine. */
static struct pattern cache[CACHE_SIZE];
static uint64_t cache_clock;
static pcre2_match_context *limits;

struct callout {
	struct core_call *call;
	const char *text; /* of the pattern, NUL-terminated */
};

struct matcher {
	struct core_call *call;
	const pcre2_code *code;
	pcre2_match_data *data;
	const size_t *at; /* PCRE2's offsets of the last match */
	uint32_t groups;  /* those of the pattern, 0: the whole only */
	const char *text;
	size_t len;
	size_t pos;      /* where the next search begins */
	uint32_t option; /* how: not the same empty match again */
};

/* A callout, (?C1) or (?C"text"), asks for a function of the host's: there is
 * none.  PCRE2 says where it ends. */
static int
callout_refuse(pcre2_callout_enumerate_block *at, void *arg)
{
	struct callout *c = arg;
	size_t from = at->pattern_position;

	while (from > 0 && strncmp(c->text + from, "(?C", 3) != 0)
		from--;
	core_fail(c->call, ERRKEY_INVALID_ARGUMENT,
	    "bad pattern at offset %zu: callouts are not supported",
	    utf8_count(c->text, from));
	return 1;
}

static const pcre2_code *
pattern_compile(struct core_call *call, val v)
{
	struct pattern *slot = &cache[0];
	struct callout callout = {call, NULL};
	pcre2_code *code;
	PCRE2_SIZE offset;
	PCRE2_UCHAR why[128];
	const char *text;
	size_t len;
	int i, err;

	callout.text = text = str_bytes(v, &len);
	call->cost += len; /* found or not: steps must not tell */
	for (i = 0; i < CACHE_SIZE; i++) {
		if (cache[i].code != NULL && cache[i].len == len &&
		    memcmp(cache[i].text, text, len) == 0) {
			cache[i].used = ++cache_clock;
			return cache[i].code;
		}
		if (cache[i].used < slot->used)
			slot = &cache[i];
	}
	if (len > MAX_PATTERN) {
		core_fail(call, ERRKEY_INVALID_ARGUMENT,
		    "the pattern has %zu bytes, more than %d", len,
		    MAX_PATTERN);
		return NULL;
	}
	code = pcre2_compile((PCRE2_SPTR)text, len,
	    PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK |
	        PCRE2_NEVER_BACKSLASH_C,
	    &err, &offset, NULL);
	if (code == NULL) {
		pcre2_get_error_message(err, why, sizeof(why));
		if (offset > len)
			offset = len;
		core_fail(call, ERRKEY_INVALID_ARGUMENT,
		    "bad pattern at offset %zu: %s", utf8_count(text, offset),
		    (const char *)why);
		return NULL;
	}
	if (pcre2_callout_enumerate(code, callout_refuse, &callout) != 0) {
		pcre2_code_free(code);
		return NULL;
	}
	pcre2_code_free(slot->code);
	free(slot->text);
	slot->text = xmalloc(len + 1);
	memcpy(slot->text, text, len);
	slot->len = len;
	slot->code = code;
	slot->used = ++cache_clock;
	return code;
}

/* argv: pattern, text.  false: the error is set. */
static bool
matcher_open(struct core_call *call, const val *argv, struct matcher *m)
{
	memset(m, 0, sizeof(*m));
	if (call->name[0] == '%') /* a part of the prelude's */
		call->name = "re-replace";
	if (!core_want_string(call, argv[0]) ||
	    !core_want_string(call, argv[1]) ||
	    (m->code = pattern_compile(call, argv[0])) == NULL)
		return false;
	if (limits == NULL) {
		if ((limits = pcre2_match_context_create(NULL)) == NULL)
			xmalloc(SIZE_MAX / 2); /* ends the process */
		pcre2_set_depth_limit(limits, DEPTH_LIMIT);
		pcre2_set_heap_limit(limits, HEAP_LIMIT);
	}
	m->call = call;
	m->text = str_bytes(argv[1], &m->len);
	m->data = pcre2_match_data_create_from_pattern(m->code, NULL);
	m->at = pcre2_get_ovector_pointer(m->data);
	pcre2_pattern_info(m->code, PCRE2_INFO_CAPTURECOUNT, &m->groups);
	call->cost += m->len / 16;
	return true;
}

static void
matcher_close(struct matcher *m)
{
	pcre2_match_data_free(m->data);
}

/* The library does not say how many steps a match took, so it is tried with a
 * small limit first and with ever larger ones, each of which is charged. */
static int
match_charged(struct matcher *m, uint32_t options)
{
	uint32_t limit = MATCH_LIMIT_FIRST;
	int rc;

	for (;; limit *= 8) {
		if (limit > MATCH_LIMIT)
			limit = MATCH_LIMIT;
		pcre2_set_match_limit(limits, limit);
		rc = pcre2_match(m->code, (PCRE2_SPTR)m->text, m->len, m->pos,
		    options, m->data, limits);
		if (limit > MATCH_LIMIT_FIRST && !work_on(limit))
			return PCRE2_ERROR_MATCHLIMIT;
		if (rc != PCRE2_ERROR_MATCHLIMIT || limit == MATCH_LIMIT)
			return rc;
	}
}

/* 1: m->at is a match; 0: none; -1: the error is set. */
static int
matcher_run(struct matcher *m, uint32_t options)
{
	PCRE2_UCHAR why[128];
	int rc;

	rc = match_charged(m, options | PCRE2_NO_UTF_CHECK);
	if (val_work.over) {
		m->call->error = VAL_UNBOUND;
		return -1;
	}
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc > 0 && m->at[0] <= m->at[1])
		return 1;
	switch (rc) {
	case PCRE2_ERROR_MATCHLIMIT:
	case PCRE2_ERROR_DEPTHLIMIT:
	case PCRE2_ERROR_HEAPLIMIT:
	case PCRE2_ERROR_NOMEMORY:
		core_fail(m->call, ERRKEY_REGEX_LIMIT,
		    "the match was given up: over the limit of %s",
		    rc == PCRE2_ERROR_MATCHLIMIT     ? "5000000 steps" :
		        rc == PCRE2_ERROR_DEPTHLIMIT ? "250000 levels" :
		                                       "64 MiB of memory");
		return -1;
	default:
		if (rc > 0)
			snprintf((char *)why, sizeof(why),
			    "a match that ends before it begins");
		else
			pcre2_get_error_message(rc, why, sizeof(why));
		core_fail(
		    m->call, ERRKEY_INVALID_ARGUMENT, "%s", (const char *)why);
		return -1;
	}
}

/* The next match from left to right, also empty ones; as matcher_run. */
static int
matcher_next(struct matcher *m)
{
	size_t n;
	int rc;

	while (m->pos <= m->len) {
		rc = matcher_run(m, m->option);
		if (rc == -1)
			return -1;
		if (rc == 1) {
			m->pos = m->at[1];
			m->option = m->at[0] == m->at[1] ?
			    PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED :
			    0;
			return 1;
		}
		if (m->option == 0)
			return 0;
		m->option = 0; /* after an empty match: one character on */
		if (m->pos == m->len)
			return 0;
		utf8_decode(m->text + m->pos, m->text + m->len, &n);
		m->pos += n;
	}
	return 0;
}

static val
group_value(const struct matcher *m, uint32_t i)
{
	const size_t *at = m->at + (size_t)i * 2;
	size_t from = at[0], to = at[1];

	if (from == PCRE2_UNSET || from > to)
		return VAL_NIL;
	return str_new(m->call->heap, m->text + from, to - from);
}

/* The text, or [whole group...] when the pattern has groups. */
static val
match_value(const struct matcher *m)
{
	uint32_t i;
	val out;

	if (m->groups == 0)
		return group_value(m, 0);
	out = vec_empty(m->call->heap);
	for (i = 0; i <= m->groups; i++)
		out = vec_push(m->call->heap, out, group_value(m, i));
	return out;
}

static val
match_once(struct core_call *call, const val *argv, uint32_t options)
{
	struct matcher m;
	val out = VAL_UNBOUND;
	int rc;

	if (!matcher_open(call, argv, &m))
		return VAL_UNBOUND;
	rc = matcher_run(&m, options);
	if (rc >= 0)
		out = rc == 1 ? match_value(&m) : VAL_NIL;
	matcher_close(&m);
	return out;
}

static val
fn_re_matches(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return match_once(call, argv, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
}

static val
fn_re_find(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return match_once(call, argv, 0);
}

/* All matches; with the texts between them (and before and after) as well:
 * text, match, text, ..., text. */
static val
all_matches(struct core_call *call, const val *argv, bool between)
{
	struct heap *h = call->heap;
	struct matcher m;
	size_t done = 0;
	val out;
	int rc;

	if (!matcher_open(call, argv, &m))
		return VAL_UNBOUND;
	out = vec_empty(h);
	while ((rc = matcher_next(&m)) == 1) {
		if (between)
			out = vec_push(
			    h, out, str_new(h, m.text + done, m.at[0] - done));
		done = m.at[1];
		out = vec_push(h, out, match_value(&m));
		call->cost++;
		if (!core_room(call, 0)) {
			rc = -1;
			break;
		}
	}
	if (rc == -1) {
		val_release(h, out);
		out = VAL_UNBOUND;
	} else if (between) {
		out = vec_push(h, out, str_new(h, m.text + done, m.len - done));
	}
	matcher_close(&m);
	return out;
}

static val
fn_re_seq(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return all_matches(call, argv, false);
}

static val
fn_re_parts(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return all_matches(call, argv, true);
}

/*
 * A group mentioned in a replacement: $1, ${1} or ${name}.  *p stands after
 * the dollar sign and moves on.  -1: no such group (the error is set); -2: not
 * a group at all, the dollar sign stands for itself.
 */
static int
parse_group(const struct matcher *m, const char **p, const char *end)
{
	char name[64];
	const char *q = *p, *stop = end;
	bool brace = q < end && *q == '{', digits = true;
	size_t len, i;
	int n = 0;

	if (brace) {
		q++;
		if ((stop = memchr(q, '}', (size_t)(end - q))) == NULL)
			return -2;
	}
	if (!brace) {
		for (stop = q; stop < end && *stop >= '0' && *stop <= '9';)
			stop++;
	}
	len = (size_t)(stop - q);
	if (len == 0 || len >= sizeof(name))
		return -2;
	memcpy(name, q, len);
	name[len] = '\0';
	for (i = 0; i < len; i++) {
		digits = digits && name[i] >= '0' && name[i] <= '9';
		if (digits && n <= 65535)
			n = n * 10 + (name[i] - '0');
	}
	*p = stop + brace;
	if (!digits)
		n = pcre2_substring_number_from_name(m->code, (PCRE2_SPTR)name);
	if (n >= 0 && (uint32_t)n <= m->groups)
		return n;
	core_fail(m->call, ERRKEY_INVALID_ARGUMENT,
	    "the pattern has no group \"%s\"", name);
	return -1;
}

static bool
add_replacement(
    const struct matcher *m, struct buf *b, const char *p, size_t len)
{
	const char *end = p + len, *dollar;
	const size_t *at;
	int group;

	while (p < end) {
		if ((dollar = memchr(p, '$', (size_t)(end - p))) == NULL)
			dollar = end;
		buf_add(b, p, (size_t)(dollar - p));
		if (dollar == end)
			break;
		p = dollar + 1;
		if (p < end && *p == '$') {
			buf_addc(b, '$');
			p++;
			continue;
		}
		group = parse_group(m, &p, end);
		if (group == -1)
			return false;
		if (group == -2) {
			buf_addc(b, '$');
			continue;
		}
		at = m->at + (size_t)group * 2;
		if (at[0] != PCRE2_UNSET && at[0] <= at[1])
			buf_add(b, m->text + at[0], at[1] - at[0]);
	}
	return true;
}

/* (%re-replace pattern text replacement), all strings. */
static val
fn_re_replace(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct matcher m;
	struct buf b = BUF_INIT;
	const char *with;
	size_t with_len, done = 0;
	int rc;

	if (!core_want_string(call, argv[2]) || !matcher_open(call, argv, &m))
		return VAL_UNBOUND;
	with = str_bytes(argv[2], &with_len);
	while ((rc = matcher_next(&m)) == 1) {
		buf_add(&b, m.text + done, m.at[0] - done);
		done = m.at[1];
		if (!add_replacement(&m, &b, with, with_len) ||
		    !core_room(call, b.len)) {
			rc = -1;
			break;
		}
		call->cost++;
	}
	buf_add(&b, m.text + done, m.len - done);
	matcher_close(&m);
	if (rc == -1) {
		buf_free(&b);
		return VAL_UNBOUND;
	}
	return core_string(call, &b);
}

const struct core_def core_regex[] = {
    {"re-matches",  fn_re_matches, 2, 2, "(re-matches pattern s)",
     "The match if the whole of s fits the pattern, else nil: the text, or "
        "[whole group ...] if the pattern has groups."                 },
    {"re-find",     fn_re_find,    2, 2, "(re-find pattern s)",
     "The first match in s, as re-matches gives it, or nil."           },
    {"re-seq",      fn_re_seq,     2, 2, "(re-seq pattern s)",
     "A vector of all matches in s, from left to right."               },
    {"%re-parts",   fn_re_parts,   2, 2, "",                       ""  },
    {"%re-replace", fn_re_replace, 3, 3, "",                       ""  },
    {NULL,          NULL,          0, 0, NULL,                     NULL},
};
