/* json.*: the text forms of src/value, in a worker.  text.* mirrors core
 * functions and is in closure.c, where the language is. */
#include "value/json.h"
#include "value/string.h"
#include "workers/builtin.h"

int
builtin_json_parse(struct work *w)
{
	val v = work_arg(w, 0), out;
	struct error e;
	const char *s;
	size_t n;

	if (v == VAL_UNBOUND || !val_is_string(v)) {
		return work_error(w, ERRKEY_INVALID_ARGUMENTS,
		    "argument 1: expected a string");
	}
	s = str_bytes(v, &n);
	if (json_read(w->heap, s, n, &out, &e) == -1) {
		return work_error(w,
		    e.kind == EK_LIMIT ? ERRKEY_MEMORY_LIMIT :
		                         ERRKEY_JSON_ERROR,
		    "%s", e.msg);
	}
	return work_done(w, out);
}

int
builtin_json_stringify(struct work *w)
{
	static const char *const options[] = {"pretty", NULL};
	struct buf b = BUF_INIT;
	val v = work_arg(w, 0), opts = work_arg(w, 1), pretty;
	struct error e;
	int rc;

	if (v == VAL_UNBOUND) {
		return work_error(w, ERRKEY_INVALID_ARGUMENTS,
		    "argument 1: expected a value");
	}
	if (work_check_options(w, opts, options) == -1)
		return -1;
	pretty = work_option(opts, "pretty");
	rc = json_write(
	    &b, v, pretty != VAL_UNBOUND && val_truthy(pretty) ? 2 : 0, &e);
	if (rc == -1)
		work_error(w, ERRKEY_INVALID_ARGUMENT, "%s", e.msg);
	else
		w->result = str_new(w->heap, b.data, b.len);
	buf_free(&b);
	return rc;
}
