/* The way back from source_jsonl.c. */
#include <string.h>

#include "base/utf8.h"
#include "batch/jobline.h"
#include "task/capability.h"
#include "value/json.h"
#include "value/map.h"
#include "value/name.h"

/* "name":"text"; false: it is no UTF-8, so no JSON either. */
static bool
text_member(
    struct buf *b, const char *name, size_t nname, const char *p, size_t n)
{
	if (utf8_invalid_at(p, n) != UTF8_VALID ||
	    utf8_invalid_at(name, nname) != UTF8_VALID)
		return false;
	if (b->data[b->len - 1] != '{')
		buf_addc(b, ',');
	json_write_string(b, name, nname);
	buf_addc(b, ':');
	json_write_string(b, p, n);
	return true;
}

static bool
member(struct buf *b, const char *name, const char *text)
{
	return text == NULL ||
	    text_member(b, name, strlen(name), text, strlen(text));
}

static bool
env_member(struct buf *b, char *const *env)
{
	const char *eq;

	if (env == NULL)
		return true;
	buf_adds(b, ",\"env\":{");
	for (; *env != NULL; env++) {
		eq = strchrnul(*env, '=');
		if (!text_member(b, *env, (size_t)(eq - *env),
		        *eq == '=' ? eq + 1 : "",
		        *eq == '=' ? strlen(eq + 1) : 0))
			return false;
	}
	buf_addc(b, '}');
	return true;
}

static bool
command_members(struct buf *b, const struct job *j)
{
	char *const *w;

	buf_adds(b, ",\"cmd\":[");
	for (w = j->argv; *w != NULL; w++) {
		if (utf8_invalid_at(*w, strlen(*w)) != UTF8_VALID)
			return false;
		if (w != j->argv)
			buf_addc(b, ',');
		json_write_string(b, *w, strlen(*w));
	}
	buf_addc(b, ']');
	return member(b, "dir", j->dir) &&
	    (!j->has_input ||
	        text_member(b, "stdin", 5,
	            j->input.len == 0 ? "" : j->input.data, j->input.len)) &&
	    env_member(b, j->env);
}

void
job_line(const struct job *j, struct buf *b)
{
	struct map_iter it;
	struct error e;
	bool ok = true;
	val k, v;

	buf_addc(b, '{');
	ok = member(b, "id", j->id);
	if (j->kind == JOB_COMMAND) {
		ok = ok && command_members(b, j);
	} else {
		ok = ok && j->closure == NULL && j->capability != NULL &&
		    member(b, "capability", j->capability->id);
		buf_adds(b, ",\"args\":");
		ok = ok && json_write(b, j->args, 0, &e) == 0;
	}
	if (ok && j->options != VAL_NIL) {
		it = map_iter(j->options);
		while (ok && map_next(&it, &k, &v)) {
			buf_addf(b, ",\"%s\":", val_name_text(k, NULL));
			ok = json_write(b, v, 0, &e) == 0;
		}
	}
	buf_addc(b, '}');
	if (!ok)
		buf_clear(b);
}
