/* What built-in capabilities need of a struct work: arguments in, a result or
 * an error out. */
#include <sys/resource.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/vector.h"
#include "workers/builtin.h"

int
work_done(struct work *w, val v)
{
	w->result = v;
	return 0;
}

static int
work_verror(
    struct work *w, enum errkey key, val data, const char *fmt, va_list ap)
{
	struct buf b = BUF_INIT;
	val message;

	buf_vaddf(&b, fmt, ap);
	message = str_repaired(w->heap, buf_str(&b), b.len);
	buf_free(&b);
	w->error = errval_new(w->heap, errkey_keyword(key), message, data);
	return -1;
}

int
work_error_data(struct work *w, enum errkey key, val data, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	work_verror(w, key, data, fmt, ap);
	va_end(ap);
	return -1;
}

int
work_error(struct work *w, enum errkey key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	work_verror(w, key, map_empty(w->heap), fmt, ap);
	va_end(ap);
	return -1;
}

/* Which limit it was, behind what failed. */
static val
nofile_data(struct work *w, val data, uint64_t nofile)
{
	data = map_assoc(
	    w->heap, data, keyword_from("limit"), keyword_from("nofile"));
	return map_assoc(w->heap, data, keyword_from("allowed"),
	    int_from_u64(w->heap, nofile));
}

int
work_fail(struct work *w, int code, const char *fmt, ...)
{
	const char *name = code == 0 ? NULL : strerrorname_np(code);
	val data = map_empty(w->heap);
	struct buf b = BUF_INIT;
	struct rlimit l;
	va_list ap;

	if (name != NULL) {
		data = map_assoc(w->heap, data, keyword_from("code"),
		    str_from(w->heap, name));
	}
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (code == EMFILE && getrlimit(RLIMIT_NOFILE, &l) == 0) {
		data = nofile_data(w, data, l.rlim_cur);
		buf_addf(&b, " (its :nofile is %ju, and all are in use)",
		    (uintmax_t)l.rlim_cur);
	}
	work_error_data(w, ERRKEY_CAPABILITY, data, "%s", buf_str(&b));
	buf_free(&b);
	return -1;
}

int
work_denied(struct work *w, const char *flag, const char *what)
{
	val data = map_empty(w->heap);

	data = map_assoc(w->heap, data,
	    keyword_from(strcmp(flag, "net") == 0 ? "host" : "path"),
	    str_repaired(w->heap, what, strlen(what)));
	if (strcmp(flag, "net") == 0) {
		return work_error_data(w, ERRKEY_DENIED, data,
		    "%s: no rule allows it; allow it with --allow-net %s or "
		    "the rule {:match \"%s\" :network :host :allow [\"%s\"]}",
		    what, what, w->capability, what);
	}
	return work_error_data(w, ERRKEY_DENIED, data,
	    "%s: no rule allows to %s it; allow it with --allow-%s %s or the "
	    "rule {:match \"%s\" :%s [\"%s\"]}",
	    what, flag, flag, what, w->capability, flag, what);
}

int
work_too_long(struct work *w, uint64_t used, const char *what)
{
	char limit[32];

	w->limit = "result";
	w->used = used;
	limit_format(LIMIT_RESULT, w->grants->result, limit);
	return work_error(w, ERRKEY_RESULT_LIMIT,
	    "%s: longer than the result limit of %s", what, limit);
}

int
work_string(
    struct work *w, const char *bytes, size_t len, const char *what, val *out)
{
	size_t bad = utf8_invalid_at(bytes, len);
	val data;

	if (bad == UTF8_VALID) {
		*out = str_new(w->heap, bytes, len);
		return 0;
	}
	data = map_assoc(w->heap, map_empty(w->heap), keyword_from("offset"),
	    int_from(w->heap, (int64_t)bad));
	return work_error_data(w, ERRKEY_INVALID_RESULT, data,
	    "%s: not UTF-8 at byte %zu", what, bad);
}

size_t
work_argc(const struct work *w)
{
	return vec_count(w->args);
}

val
work_arg(const struct work *w, size_t i)
{
	return i < vec_count(w->args) ? vec_get(w->args, i) : VAL_UNBOUND;
}

int
work_wrong_argument(struct work *w, size_t i, const char *expected)
{
	struct buf b = BUF_INIT;
	val v = work_arg(w, i);

	if (v == VAL_UNBOUND)
		buf_adds(&b, "none");
	else
		print_short(&b, v, 60);
	work_error(w, ERRKEY_INVALID_ARGUMENTS,
	    "argument %zu: expected %s, got %s", i + 1, expected, buf_str(&b));
	buf_free(&b);
	return -1;
}

const char *
work_text(struct work *w, size_t i, size_t *len)
{
	val v = work_arg(w, i);
	const char *s;
	size_t n;

	if (v == VAL_UNBOUND || !val_is_string(v)) {
		work_wrong_argument(w, i, "a string");
		return NULL;
	}
	s = str_bytes(v, &n);
	if (memchr(s, '\0', n) != NULL) {
		work_wrong_argument(w, i, "a string without U+0000");
		return NULL;
	}
	if (len != NULL)
		*len = n;
	return s;
}

int
work_int(struct work *w, size_t i, int64_t *out)
{
	val v = work_arg(w, i);

	if (v != VAL_UNBOUND && val_is_int(v) && int_to_i64(v, out))
		return 0;
	return work_wrong_argument(w, i, "an integer of 64 bits");
}

val
work_option(val opts, const char *name)
{
	return opts == VAL_UNBOUND ? VAL_UNBOUND : map_get_keyword(opts, name);
}

int
work_check_options(struct work *w, val opts, const char *const *names)
{
	struct buf b = BUF_INIT;
	struct map_iter it;
	size_t i;
	val k, v;

	if (opts == VAL_UNBOUND)
		return 0;
	if (!val_is_map(opts)) {
		return work_error(
		    w, ERRKEY_INVALID_ARGUMENTS, "the options are not a map");
	}
	it = map_iter(opts);
	while (map_next(&it, &k, &v)) {
		for (i = 0; names[i] != NULL; i++) {
			if (val_is_key(k, names[i]))
				break;
		}
		if (names[i] != NULL)
			continue;
		print_short(&b, k, 60);
		buf_adds(&b, " is no option; there are");
		for (i = 0; names[i] != NULL; i++)
			buf_addf(&b, " :%s", names[i]);
		work_error(w, ERRKEY_INVALID_ARGUMENTS, "%s", buf_str(&b));
		buf_free(&b);
		return -1;
	}
	return 0;
}
