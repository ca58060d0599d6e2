/*
 * --jsonl: each line is a job, with members for what the command line has
 * options for.  A line that is wrong is a job that cannot run and says why,
 * so that it costs no other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/quote.h"
#include "batch/records.h"
#include "batch/source.h"
#include "batch/typed.h"
#include "value/json.h"
#include "value/map.h"
#include "value/name.h"
#include "value/nearest.h"
#include "value/numtext.h"
#include "value/string.h"
#include "value/vector.h"

#define RETRIES_MAX 100

struct jsonl {
	const struct batch *batch;
	struct records records;
	uint64_t seq;
};

/* One line while it is read. */
struct line {
	const struct batch *batch;
	struct job *job;
	val capability; /* of those that name work, borrowed or VAL_UNBOUND */
	val args;
	val cmd;
	val shell;
	val cancel;
};

struct member {
	const char *name;
	int (*set)(struct line *, const struct member *, val, struct error *);
};

static int
wrong_type(const struct member *m, const char *expected, struct error *e)
{
	return error_set(e, EK_ARGUMENT, "\"%s\" is %s", m->name, expected);
}

/* The text of a string without NUL, or of an integer where ids may be one. */
static char *
text_of(val v, bool integer)
{
	struct buf b = BUF_INIT;
	const char *text;
	size_t len;

	if (val_is_fix(v) && integer) {
		buf_addf(&b, "%lld", (long long)val_unfix(v));
		return buf_take(&b, NULL);
	}
	if (!val_is_string(v))
		return NULL;
	text = str_bytes(v, &len);
	return memchr(text, '\0', len) == NULL ? xstrndup(text, len) : NULL;
}

static int
set_id(struct line *l, const struct member *m, val v, struct error *e)
{
	char *id = text_of(v, true);

	if (id == NULL || id[0] == '\0') {
		free(id);
		return wrong_type(m, "a text without NUL, or an integer", e);
	}
	job_set_id(l->job, id);
	return 0;
}

static int
set_work(
    struct line *l, const struct member *m, val v, struct error *e ATTR_UNUSED)
{
	if (strcmp(m->name, "capability") == 0)
		l->capability = v;
	else if (strcmp(m->name, "cmd") == 0)
		l->cmd = v;
	else if (strcmp(m->name, "shell") == 0)
		l->shell = v;
	else if (strcmp(m->name, "cancel") == 0)
		l->cancel = v;
	else
		l->args = v;
	return 0;
}

static int
set_stdin(struct line *l, const struct member *m, val v, struct error *e)
{
	const char *text;
	size_t len;

	if (!val_is_string(v))
		return wrong_type(m, "a text", e);
	text = str_bytes(v, &len);
	buf_add(&l->job->input, text, len);
	l->job->has_input = true;
	return 0;
}

static int
set_env(struct line *l, const struct member *m, val v, struct error *e)
{
	struct words w = {NULL, 0, 0};
	struct map_iter it;
	char *name, *text;
	val k, x;

	if (!val_is_map(v))
		return wrong_type(m, "an object of texts", e);
	it = map_iter(v);
	while (map_next(&it, &k, &x)) {
		name = text_of(k, false);
		text = text_of(x, true);
		if (name == NULL || name[0] == '\0' ||
		    strchr(name, '=') != NULL || text == NULL) {
			free(name);
			free(text);
			words_free(&w);
			return wrong_type(
			    m, "an object of names and texts without NUL", e);
		}
		words_add(&w, xasprintf("%s=%s", name, text));
		free(name);
		free(text);
	}
	l->job->env = words_take(&w);
	return 0;
}

static int
set_dir(struct line *l, const struct member *m, val v, struct error *e)
{
	l->job->dir = text_of(v, false);
	if (l->job->dir == NULL || l->job->dir[0] == '\0')
		return wrong_type(m, "the path of a folder", e);
	return 0;
}

static int
set_priority(struct line *l, const struct member *m, val v, struct error *e)
{
	if (!val_is_fix(v))
		return wrong_type(m, "an integer", e);
	l->job->priority = val_unfix(v);
	return 0;
}

static int
set_after(struct line *l, const struct member *m, val v, struct error *e)
{
	struct words w = {NULL, 0, 0};
	size_t i, n = val_is_vector(v) ? vec_count(v) : 1;
	char *id;

	for (i = 0; i < n; i++) {
		id = text_of(val_is_vector(v) ? vec_get(v, i) : v, true);
		if (id == NULL) {
			words_free(&w);
			return wrong_type(m, "an id or an array of ids", e);
		}
		words_add(&w, id);
	}
	l->job->after = words_take(&w);
	return 0;
}

static void
add_option(struct line *l, const char *key, val v)
{
	struct heap *h = l->job->heap;

	if (l->job->options == VAL_NIL)
		l->job->options = map_empty(h);
	l->job->options =
	    map_assoc(h, l->job->options, keyword_from(key), val_retain(v));
}

/* What is policy's as it is: "timeout". */
static int
set_timeout(
    struct line *l, const struct member *m, val v, struct error *e ATTR_UNUSED)
{
	add_option(l, m->name, v);
	return 0;
}

static int
set_isolation(struct line *l, const struct member *m, val v, struct error *e)
{
	char *text = text_of(v, false);

	if (text == NULL)
		return wrong_type(m, "inherit, isolated or sandboxed", e);
	add_option(l, m->name, keyword_from(text));
	free(text);
	return 0;
}

static int
set_limits(struct line *l, const struct member *m, val v, struct error *e)
{
	struct heap *h = l->job->heap;
	struct map_iter it;
	val k, x, limits;
	char *text;

	if (!val_is_map(v))
		return wrong_type(m, "an object of amounts", e);
	limits = map_empty(h);
	it = map_iter(v);
	while (map_next(&it, &k, &x)) {
		text = text_of(k, false);
		limits =
		    map_assoc(h, limits, keyword_from(text != NULL ? text : ""),
		        val_is_string(x) && str_equal_text(x, "unlimited") ?
		            keyword_from("unlimited") :
		            val_retain(x));
		free(text);
	}
	add_option(l, m->name, limits);
	val_release(h, limits);
	return 0;
}

static int
set_retries(struct line *l, const struct member *m, val v, struct error *e)
{
	if (!val_is_fix(v) || val_unfix(v) < 0 || val_unfix(v) > RETRIES_MAX)
		return wrong_type(m, "an integer from 0 to 100", e);
	l->job->retries = (int)val_unfix(v);
	return 0;
}

static const struct member members[] = {
    {"id",         set_id       }, /* first, see read_members() */
    {"capability", set_work     },
    {"args",       set_work     },
    {"cmd",        set_work     },
    {"shell",      set_work     },
    {"cancel",     set_work     },
    {"stdin",      set_stdin    },
    {"env",        set_env      },
    {"dir",        set_dir      },
    {"timeout",    set_timeout  },
    {"limits",     set_limits   },
    {"isolation",  set_isolation},
    {"retries",    set_retries  },
    {"priority",   set_priority },
    {"after",      set_after    },
};

static int
unknown_member(val k, struct error *e)
{
	struct nearest near;
	const char *name = str_bytes(k, NULL);
	size_t i;

	nearest_init(&near, name);
	for (i = 0; i < NITEMS(members); i++)
		nearest_offer(&near, members[i].name);
	return error_set(e, EK_ARGUMENT, "unknown member \"%s\"%s%s%s", name,
	    near.best != NULL ? "; did you mean \"" : "",
	    near.best != NULL ? near.best : "", near.best != NULL ? "\"?" : "");
}

static int
read_member(struct line *l, val k, val v, struct error *e)
{
	size_t i;

	for (i = 0; i < NITEMS(members); i++) {
		if (str_equal_text(k, members[i].name))
			return members[i].set(l, &members[i], v, e);
	}
	return unknown_member(k, e);
}

static int
read_members(struct line *l, val object, struct error *e)
{
	struct map_iter it;
	struct error other;
	val k, v;

	if (!val_is_map(object))
		return error_set(e, EK_ARGUMENT, "a JSON object is wanted");
	it = map_iter(object);
	while (map_next(&it, &k, &v)) {
		if (read_member(l, k, v, e) == 0)
			continue;
		while (map_next(&it, &k, &v)) { /* the error can name it */
			if (str_equal_text(k, "id"))
				(void)!set_id(l, &members[0], v, &other);
		}
		return -1;
	}
	return 0;
}

static int
make_command(struct line *l, struct error *e)
{
	struct words w = {NULL, 0, 0};
	struct buf text = BUF_INIT;
	size_t i, n = val_is_vector(l->cmd) ? vec_count(l->cmd) : 0;
	char *word;

	if (n == 0)
		return error_set(
		    e, EK_ARGUMENT, "\"cmd\" is an array of texts");
	for (i = 0; i < n; i++) {
		if ((word = text_of(vec_get(l->cmd, i), true)) == NULL) {
			words_free(&w);
			return error_set(e, EK_ARGUMENT,
			    "\"cmd\": item %zu is no text without NUL", i + 1);
		}
		words_add(&w, word);
	}
	l->job->argv = words_take(&w);
	quote_words(&text, l->job->argv);
	l->job->text = buf_take(&text, NULL);
	return 0;
}

static int
make_shell(struct line *l, struct error *e)
{
	struct words w = {NULL, 0, 0};
	char *text = text_of(l->shell, false);

	if (text == NULL)
		return error_set(
		    e, EK_ARGUMENT, "\"shell\" is a text without NUL");
	words_add_copy(&w, "/bin/sh", 7);
	words_add_copy(&w, "-c", 2);
	words_add(&w, xstrdup(text));
	l->job->argv = words_take(&w);
	l->job->text = text;
	return 0;
}

static int
make_task(struct line *l, struct error *e)
{
	struct job *j = l->job;
	const char *id;
	size_t len = 0;

	id = val_is_string(l->capability) ? str_bytes(l->capability, &len) : "";
	if (len == 0 || memchr(id, '\0', len) != NULL)
		return error_set(
		    e, EK_ARGUMENT, "\"capability\" is a text without NUL");
	j->kind = JOB_TASK;
	if (job_capability(l->batch->registry, id, &j->capability, e) == -1)
		return -1;
	if (l->args != VAL_UNBOUND && !val_is_vector(l->args))
		return error_set(e, EK_ARGUMENT, "\"args\" is an array");
	if (j->has_input || j->env != NULL || j->dir != NULL)
		return error_set(e, EK_ARGUMENT,
		    "\"stdin\", \"env\" and \"dir\" are for \"cmd\" and "
		    "\"shell\"");
	if (typed_guide(j->heap, j->capability,
	        l->args == VAL_UNBOUND ? vec_empty(j->heap) :
	                                 val_retain(l->args),
	        &j->args, e) == -1)
		return -1;
	return job_finish_task(j, e);
}

/* What policy says of options, in the words of the line: its keywords, which
 * stand outside quotes behind a blank or nothing, are texts here, and a nil
 * that it got at the end is null. */
static void
in_json_words(struct error *e)
{
	struct buf b = BUF_INIT;
	const char *at = e->msg;
	bool quoted = false, begins;
	size_t n;

	for (; *at != '\0'; at += n) {
		n = 1;
		quoted ^= *at == '"';
		begins = !quoted && (at == e->msg || at[-1] == ' ');
		if (*at == ':' && begins)
			n += strspn(at + 1, "abcdefghijklmnopqrstuvwxyz-");
		if (n > 1) {
			buf_addf(&b, "\"%.*s\"", (int)n - 1, at + 1);
		} else if (begins && strcmp(at, "nil") == 0) {
			buf_adds(&b, "null");
			break;
		} else {
			buf_addc(&b, *at);
		}
	}
	snprintf(e->msg, sizeof(e->msg), "%s", buf_str(&b));
	buf_free(&b);
}

/* The kind of work, of which there is one. */
static int
make_work(struct line *l, struct error *e)
{
	unsigned int kinds = (l->capability != VAL_UNBOUND) +
	    (l->cmd != VAL_UNBOUND) + (l->shell != VAL_UNBOUND);

	if (kinds != 1)
		return error_set(e, EK_ARGUMENT,
		    "%s of \"capability\", \"cmd\" and \"shell\" is wanted",
		    kinds == 0 ? "one" : "only one");
	if (l->args != VAL_UNBOUND && l->capability == VAL_UNBOUND)
		return error_set(
		    e, EK_ARGUMENT, "\"args\" is for \"capability\"");
	if (l->job->options != VAL_NIL &&
	    policy_check_options(l->job->options, e) == -1) {
		in_json_words(e);
		return -1;
	}
	if (l->capability != VAL_UNBOUND)
		return make_task(l, e);
	l->job->kind = JOB_COMMAND;
	job_take_env(l->job, l->batch->options);
	return l->cmd != VAL_UNBOUND ? make_command(l, e) : make_shell(l, e);
}

static int
make_cancel(struct line *l, val object, struct error *e)
{
	char *id = text_of(l->cancel, true);

	if (id == NULL || map_count(object) != 1) {
		free(id);
		return error_set(
		    e, EK_ARGUMENT, "\"cancel\" is an id, and stands alone");
	}
	job_set_id(l->job, id);
	l->job->kind = JOB_CANCEL;
	return 0;
}

static void
refuse_line(struct job *j, const struct error *e)
{
	job_refuse(j,
	    e->kind == EK_POLICY ? ERRKEY_UNKNOWN_CAPABILITY :
	                           ERRKEY_INVALID_ARGUMENTS,
	    "line %llu: %s", (unsigned long long)j->line, e->msg);
}

static struct job *
job_of_line(struct jsonl *s, const struct input_record *r)
{
	struct heap *h = s->batch->heap;
	const uint64_t *past = s->batch->options->retry_seq;
	struct job *j =
	    job_new(h, past != NULL ? past[s->seq] : s->seq + 1, r->line);
	struct line l = {s->batch, j, VAL_UNBOUND, VAL_UNBOUND, VAL_UNBOUND,
	    VAL_UNBOUND, VAL_UNBOUND};
	struct error e;
	val object = VAL_NIL;
	int rc;

	if (r->over > 0)
		rc = error_set(&e, EK_LIMIT,
		    "it has %llu bytes; a line has at most %zu",
		    (unsigned long long)r->over, s->records.longest);
	else
		rc = json_read_strict(h, r->text, r->len, &object, &e);
	if (rc == 0)
		rc = read_members(&l, object, &e);
	if (rc == 0)
		rc = l.cancel != VAL_UNBOUND ? make_cancel(&l, object, &e) :
		                               make_work(&l, &e);
	if (rc == -1)
		refuse_line(j, &e);
	val_release(h, object);
	if (j->kind == JOB_CANCEL)
		j->seq = 0;
	else
		s->seq++;
	return j;
}

static bool
is_blank(const struct input_record *r)
{
	size_t i;

	for (i = 0; i < r->len; i++) {
		if (r->text[i] != ' ' && r->text[i] != '\t' &&
		    r->text[i] != '\r')
			return false;
	}
	return true;
}

static enum job_pull
jsonl_next(void *state, struct job **out, struct error *e)
{
	struct jsonl *s = state;
	struct input_record r;
	enum job_pull pull;

	do {
		pull = records_next(&s->records, &r, e);
	} while (pull == PULL_JOB && r.over == 0 && is_blank(&r));
	if (pull == PULL_JOB)
		*out = job_of_line(s, &r);
	return pull;
}

static int
jsonl_fd(const void *state)
{
	const struct jsonl *s = state;

	return s->records.intake.from.fd;
}

static void
jsonl_free(void *state)
{
	struct jsonl *s = state;

	records_close(&s->records);
	free(s);
}

static const struct source_kind jsonl_kind = {
    jsonl_next, jsonl_fd, NULL, jsonl_free};

int
source_jsonl_new(
    const struct batch *b, struct job_source **out, struct error *e)
{
	struct jsonl *s = xcalloc(1, sizeof(*s));

	s->batch = b;
	if (records_open(&s->records, b->options->jsonl, '\n', e) == -1) {
		free(s);
		return -1;
	}
	s->records.marked = true;
	s->records.lenient = true;
	*out = source_new(&jsonl_kind, s);
	return 0;
}
