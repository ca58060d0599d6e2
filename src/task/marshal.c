/*
 * The codecs of :exec capabilities and the :params and :result checks.  Pure:
 * arguments become bytes, bytes become a value.  Standard output is hostile
 * input: it is checked as text before anything is built from it, and every
 * message shows at most the first 80 bytes.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "task/marshal.h"
#include "value/json.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/type.h"
#include "value/vector.h"

#define SHOWN_BYTES 80

/* The text of a scalar as a word: strings and keywords as they are, numbers
 * and booleans as they print.  false: no such text; *why says so. */
static bool
word_text(val v, struct buf *out, const char **why)
{
	const char *text;
	size_t len;

	*why = NULL;
	switch (val_type(v)) {
	case T_STRING:
		text = str_bytes(v, &len);
		buf_add(out, text, len);
		return true;
	case T_KEYWORD:
		text = val_name_text(v, &len);
		buf_add(out, text, len);
		return true;
	case T_FLOAT:
		if (!isfinite(float_get(v))) {
			*why = "a float that is not finite has no such form";
			return false;
		}
		print_plain(out, v);
		return true;
	case T_INT:
	case T_BOOL:
		print_plain(out, v);
		return true;
	default:
		return false;
	}
}

static int
bad_word(struct error *e, size_t i, val v, const char *why, const char *form)
{
	if (why != NULL)
		return error_set(
		    e, EK_ARGUMENT, "argument %zu: %s", i + 1, why);
	return error_set(e, EK_ARGUMENT,
	    "argument %zu: %s cannot be %s (string, number, boolean or "
	    "keyword)",
	    i + 1, val_type_name(val_type(v)), form);
}

static int
args_to_words(val args, struct buf *words, struct error *e)
{
	const char *why;
	size_t i, n = vec_count(args), start, len;
	val v;

	for (i = 0; i < n; i++) {
		v = vec_get(args, i);
		start = words->len;
		if (!word_text(v, words, &why))
			return bad_word(
			    e, i, v, why, "a word of a command line");
		len = words->len - start;
		if (len > 0 && memchr(words->data + start, '\0', len) != NULL) {
			return error_set(e, EK_ARGUMENT,
			    "argument %zu: a word of a command line cannot "
			    "hold a NUL character",
			    i + 1);
		}
		if (len >= MAX_ARG_BYTES) {
			return error_set(e, EK_LIMIT,
			    "argument %zu: %zu bytes, a word of a command "
			    "line holds at most %u",
			    i + 1, len, MAX_ARG_BYTES - 1);
		}
		buf_addc(words, '\0');
	}
	return 0;
}

static int
args_to_lines(val args, struct buf *input, struct error *e)
{
	const char *why;
	size_t i, n = vec_count(args), start, len;
	val v;

	for (i = 0; i < n; i++) {
		v = vec_get(args, i);
		start = input->len;
		if (!word_text(v, input, &why))
			return bad_word(e, i, v, why, "a line");
		len = input->len - start;
		if (len > 0 && memchr(input->data + start, '\n', len) != NULL) {
			return error_set(e, EK_ARGUMENT,
			    "argument %zu: a line cannot hold a line break",
			    i + 1);
		}
		buf_addc(input, '\n');
	}
	return 0;
}

static int
args_to_json(val args, struct buf *input, struct error *e)
{
	size_t i, n = vec_count(args);

	buf_addc(input, '[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(input, ',');
		if (json_write(input, vec_get(args, i), 0, e) == -1)
			return error_context(e, "argument %zu", i + 1);
	}
	buf_adds(input, "]\n");
	return 0;
}

static int
args_to_raw(val args, struct buf *input, struct error *e)
{
	const char *text;
	size_t len, n = vec_count(args);
	val v;

	if (n > 1) {
		return error_set(e, EK_ARGUMENT,
		    "the :raw codec takes one string, got %zu arguments", n);
	}
	if (n == 0)
		return 0;
	v = vec_get(args, 0);
	if (!val_is_string(v)) {
		return error_set(e, EK_ARGUMENT,
		    "argument 1: the :raw codec takes a string, got %s",
		    val_type_name(val_type(v)));
	}
	text = str_bytes(v, &len);
	buf_add(input, text, len);
	return 0;
}

int
marshal_args(const struct capability *c, val args, struct buf *input,
    struct buf *words, struct error *e)
{
	switch (c->codec) {
	case CODEC_ARGV:
		return args_to_words(args, words, e);
	case CODEC_LINES:
		return args_to_lines(args, input, e);
	case CODEC_RAW:
		return args_to_raw(args, input, e);
	case CODEC_JSON:
	case CODEC_MSGPACK:
	case CODEC_NCODECS:
		break;
	}
	return args_to_json(args, input, e);
}

/* Add what the output begins with to the message, as one quoted line. */
static int
show_output(struct error *e, const char *bytes, size_t len)
{
	struct buf b = BUF_INIT;
	size_t n = len > SHOWN_BYTES ? SHOWN_BYTES : len;
	size_t i, used = strlen(e->msg);
	unsigned char c;

	buf_adds(&b, "; it begins \"");
	for (i = 0; i < n; i++) {
		c = (unsigned char)bytes[i];
		if (c == '\n')
			buf_adds(&b, "\\n");
		else if (c < 0x20 || c >= 0x7f)
			buf_addf(&b, "\\x%02x", c);
		else
			buf_addc(&b, (char)c);
	}
	buf_adds(&b, len > n ? "\"..." : "\"");
	snprintf(e->msg + used, sizeof(e->msg) - used, "%s", buf_str(&b));
	buf_free(&b);
	return -1;
}

static int
check_text(struct heap *h, const char *bytes, size_t len, struct error *e)
{
	size_t bad = utf8_invalid_at(bytes, len);

	if (bad != UTF8_VALID) {
		error_set(e, EK_ARGUMENT,
		    "standard output is not UTF-8 at byte offset %zu", bad);
		return show_output(e, bytes, len);
	}
	if (!heap_room(h, len)) {
		return error_set(e, EK_LIMIT,
		    "standard output of %zu bytes does not fit the memory "
		    "left to the program",
		    len);
	}
	return 0;
}

static int
result_from_json(struct heap *h, const struct capability *c, const char *bytes,
    size_t len, val *out, struct error *e)
{
	val v;

	if (len == 0) {
		return error_set(e, EK_ARGUMENT,
		    "standard output is empty, expected one JSON value");
	}
	if (check_text(h, bytes, len, e) == -1)
		return -1;
	if (json_read(h, bytes, len, &v, e) == -1) {
		if (e->kind == EK_LIMIT)
			return -1;
		e->kind = EK_ARGUMENT;
		error_context(e, "standard output is not one JSON value");
		return show_output(e, bytes, len);
	}
	if (c->result != NULL) {
		if (type_guide(h, c->result, v, out, e) == -1) {
			e->kind = EK_ARGUMENT;
			return error_context(e, "result");
		}
		return 0;
	}
	*out = c->keywords ? keys_to_keywords(h, v) : v;
	return 0;
}

static val
base64_string(struct heap *h, const unsigned char *in, size_t len)
{
	struct buf b = BUF_INIT;
	val s;

	base64_encode(&b, in, len);
	s = str_new(h, b.data, b.len);
	buf_free(&b);
	return s;
}

static int
result_from_raw(struct heap *h, const struct capability *c, const char *bytes,
    size_t len, val *out, struct error *e)
{
	if (c->base64) {
		if (!heap_room(h, len / 3 * 4 + 8)) {
			return error_set(e, EK_LIMIT,
			    "standard output of %zu bytes does not fit the "
			    "memory left to the program",
			    len);
		}
		*out = base64_string(h, (const unsigned char *)bytes, len);
		return 0;
	}
	if (check_text(h, bytes, len, e) == -1)
		return -1;
	*out = str_new(h, bytes, len);
	return 0;
}

static int
result_from_lines(
    struct heap *h, const char *bytes, size_t len, val *out, struct error *e)
{
	const char *p = bytes, *end = bytes + len, *nl;
	val v;

	if (check_text(h, bytes, len, e) == -1)
		return -1;
	v = vec_empty(h);
	while (p < end) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		v = vec_push(h, v, str_new(h, p, (size_t)(nl - p)));
		p = nl + 1;
		if (heap_over(h)) {
			val_release(h, v);
			return error_set(e, EK_LIMIT,
			    "standard output of %zu bytes, in lines, does not "
			    "fit the memory left to the program",
			    len);
		}
	}
	*out = v;
	return 0;
}

int
marshal_result(struct heap *h, const struct capability *c, const char *bytes,
    size_t len, val *out, struct error *e)
{
	int rc = -1;

	switch (c->codec) {
	case CODEC_ARGV:
		if (len > 0 && bytes[len - 1] == '\n')
			len--;
		rc = check_text(h, bytes, len, e);
		if (rc == 0)
			*out = str_new(h, bytes, len);
		break;
	case CODEC_LINES:
		rc = result_from_lines(h, bytes, len, out, e);
		break;
	case CODEC_RAW:
		rc = result_from_raw(h, c, bytes, len, out, e);
		break;
	case CODEC_JSON:
	case CODEC_MSGPACK:
	case CODEC_NCODECS:
		return result_from_json(h, c, bytes, len, out, e);
	}
	if (rc == 0 && marshal_check_result(c, *out, e) == -1) {
		val_release(h, *out);
		rc = -1;
	}
	return rc;
}

/* "[0].name: expected ..." of the type checker, as people count. */
static void
name_argument(struct error *e)
{
	char rest[sizeof(e->msg)];
	char *end;
	unsigned long i;

	if (e->msg[0] != '[' || !isdigit((unsigned char)e->msg[1])) {
		error_context(e, "arguments");
		return;
	}
	i = strtoul(e->msg + 1, &end, 10);
	if (*end != ']') {
		error_context(e, "arguments");
		return;
	}
	end++;
	snprintf(rest, sizeof(rest), "%s%s", *end == '.' ? ", " : "",
	    end + (*end == '.'));
	snprintf(e->msg, sizeof(e->msg), "argument %lu%.480s", i + 1, rest);
}

/* The alternative of a type of arguments that takes n of them, the type itself
 * when several do or one takes any number; NULL: none, with *e. */
static const struct type *
choose_params(const struct type *params, size_t n, struct error *e)
{
	const struct type *t, *found = NULL;
	struct buf counts = BUF_INIT;
	size_t i;
	int want, last = -1;

	for (i = 0; (t = type_alternative(params, i)) != NULL; i++) {
		want = type_tuple_count(t);
		if (want < 0 || ((size_t)want == n && found != NULL)) {
			buf_free(&counts);
			return params;
		}
		if ((size_t)want == n)
			found = t;
		if (want != last)
			buf_addf(
			    &counts, "%s%d", last == -1 ? "" : " or ", want);
		last = want;
	}
	if (found == NULL) {
		error_set(e, EK_ARGUMENT, "expected %s argument%s, got %zu",
		    buf_str(&counts), last == 1 ? "" : "s", n);
	}
	buf_free(&counts);
	return found;
}

int
marshal_check_args(const struct capability *c, val args, struct error *e)
{
	const struct type *params;

	if (c->params == NULL || type_check(c->params, args, NULL) == 0)
		return 0;
	params = choose_params(c->params, vec_count(args), e);
	if (params == NULL)
		return -1;
	if (type_check(params, args, e) == 0)
		return 0;
	name_argument(e);
	e->kind = EK_ARGUMENT;
	return -1;
}

int
marshal_check_result(const struct capability *c, val v, struct error *e)
{
	if (c->result == NULL || type_check(c->result, v, e) == 0)
		return 0;
	e->kind = EK_ARGUMENT;
	return error_context(e, "result");
}
