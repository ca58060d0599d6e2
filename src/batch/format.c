/* One job, one piece of text: as it printed it, or as a record. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "batch/format.h"
#include "batch/live.h"
#include "batch/results.h"
#include "batch/table.h"
#include "host/fault.h"
#include "proto/codec.h"
#include "value/json.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/vector.h"

/* Bytes of a command in a message. */
#define SHORT_TEXT 200

struct format {
	struct buf line;
	val map; /* -o rtfs: what :parallel would give */
	val errors;
	size_t indices; /* keys 0, 1, 2 ... so far; SIZE_MAX: others, too */
};

void
format_begin(struct runner *r)
{
	struct format *f = xcalloc(1, sizeof(*f));

	f->map = map_empty(r->heap);
	f->errors = map_empty(r->heap);
	r->format = f;
	if (r->options->format == BATCH_CSV || r->options->format == BATCH_TSV)
		table_head(r, &f->line);
	print_text(r, STDOUT_FILENO, f->line.data, f->line.len);
	buf_clear(&f->line);
}

void
format_free(struct runner *r)
{
	if (r->format == NULL)
		return;
	val_release(r->heap, r->format->map);
	val_release(r->heap, r->format->errors);
	buf_free(&r->format->line);
	free(r->format);
}

/* JSON text of a stream: a character may be cut between two pieces. */
struct json_stream {
	struct buf *b;
	struct runner *out;
	char cut[4];
	size_t ncut;
};

/* How many bytes at the end may begin a character that goes on: 0 to 3. */
static size_t
unfinished(const char *p, size_t n)
{
	size_t i, need;
	unsigned char c;

	for (i = 1; i <= 3 && i <= n; i++) {
		c = (unsigned char)p[n - i];
		if ((c & 0xc0) == 0x80)
			continue;
		need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
		return need > i ? i : 0;
	}
	return 0;
}

static bool
json_piece(void *arg, const char *p, size_t n)
{
	struct json_stream *s = arg;
	struct buf joined = BUF_INIT;
	size_t rest;

	if (s->ncut > 0) {
		buf_add(&joined, s->cut, s->ncut);
		buf_add(&joined, p, n);
		p = joined.data;
		n = joined.len;
	}
	rest = unfinished(p, n);
	memcpy(s->cut, p + n - rest, rest);
	s->ncut = rest;
	json_write_inside(s->b, p, n - rest);
	if (s->out != NULL) {
		print_text(s->out, STDOUT_FILENO, s->b->data, s->b->len);
		buf_clear(s->b);
	}
	buf_free(&joined);
	return s->out == NULL || s->out->out.failed == 0;
}

void
format_json_spool(
    struct runner *r, struct buf *b, const struct spool *s, struct runner *out)
{
	struct json_stream js = {.b = b, .out = out};

	buf_addc(b, '"');
	spool_each(&r->spill, s, json_piece, &js);
	json_write_inside(b, js.cut, js.ncut);
	buf_addc(b, '"');
}

/* NaN and the like are no JSON: then as RTFS text. */
static void
value_member(struct buf *b, val v)
{
	struct buf text = BUF_INIT;
	struct error e;
	size_t mark = b->len;

	buf_adds(b, ",\"value\":");
	if (json_write(b, v, 0, &e) == 0)
		return;
	b->len = mark;
	buf_adds(b, ",\"value_rtfs\":");
	print_readable(&text, v);
	json_write_bytes(b, text.data, text.len);
	buf_free(&text);
}

/* The members that batch adds to the record. */
static void
result_members(
    struct runner *r, struct entry *e, struct buf *b, struct runner *out)
{
	const struct outcome *o = &e->outcome;

	if (o->ok && e->job->kind == JOB_TASK)
		value_member(b, o->value);
	if (e->job->kind == JOB_COMMAND) {
		buf_adds(b, ",\"stdout\":");
		format_json_spool(r, b, &e->out[0], out);
		buf_adds(b, ",\"stderr\":");
		format_json_spool(r, b, &e->out[1], out);
	} else {
		if (o->output.len > 0) {
			buf_adds(b, ",\"stdout\":");
			json_write_bytes(b, o->output.data, o->output.len);
		}
		if (o->stray.len > 0) {
			buf_adds(b, ",\"stderr\":");
			json_write_bytes(b, o->stray.data, o->stray.len);
		}
	}
	if (entry_truncated(e))
		buf_adds(b, ",\"truncated\":true");
	if (!o->ok) {
		buf_adds(b, ",\"message\":");
		json_write_bytes(b, fault_message(o), strlen(fault_message(o)));
	}
}

static void
show_json(struct runner *r, struct entry *e, struct runner *out)
{
	struct buf *b = &r->format->line;

	buf_addc(b, '{');
	entry_record(e, b);
	result_members(r, e, b, out);
	buf_adds(b, "}\n");
	if (out != NULL) {
		print_text(out, STDOUT_FILENO, b->data, b->len);
		buf_clear(b);
	}
}

/* The text in the line buffer is one JSON value.  false: it is lost. */
static bool
show_packed(struct runner *r)
{
	static const struct pack_options how = {.no_way = "be packed"};
	struct buf *b = &r->format->line, packed = BUF_INIT;
	struct error e;
	val v = VAL_NIL;
	bool done = json_read(r->heap, b->data, b->len, &v, &e) == 0 &&
	    pack_val(&packed, v, &how, MAX_FRAME, &e) == 0;

	if (done)
		print_text(r, STDOUT_FILENO, packed.data, packed.len);
	else
		log_error("a record cannot be packed: %s", e.msg);
	r->unwritten = r->unwritten || !done;
	val_release(r->heap, v);
	buf_clear(b);
	buf_free(&packed);
	return done;
}

struct tagged {
	struct entry *e;
	int fd;
	bool mid;
};

static bool
text_piece(void *arg, const char *p, size_t n)
{
	struct tagged *t = arg;

	tagged_write(t->e, t->fd, p, n, &t->mid);
	return t->e->runner->out.failed == 0;
}

static void
show_value(struct entry *e)
{
	struct buf b = BUF_INIT;
	struct tagged out = {e, STDOUT_FILENO, false};
	struct tagged err = {e, STDERR_FILENO, false};

	if (e->outcome.output.len > 0) {
		text_piece(&out, e->outcome.output.data, e->outcome.output.len);
	}
	if (e->outcome.ok && e->outcome.value != VAL_NIL) {
		print_plain(&b, e->outcome.value);
		if (b.len == 0 || b.data[b.len - 1] != '\n')
			buf_addc(&b, '\n');
		text_piece(&out, b.data, b.len);
	}
	if (e->outcome.stray.len > 0)
		text_piece(&err, e->outcome.stray.data, e->outcome.stray.len);
	buf_free(&b);
}

/* A command as messages name it: not all of a very long one. */
static void
short_text(const char *text, struct buf *b)
{
	size_t len = strlen(text), cut = utf8_cut(text, len, SHORT_TEXT);

	if (len == 0)
		return;
	buf_adds(b, "; command: ");
	buf_add(b, text, cut);
	if (cut < len)
		buf_addf(b, "... (%zu bytes)", len);
}

/* Whatever was not the program's own way to end is said. */
static void
say_why(struct runner *r, const struct entry *e)
{
	const struct outcome *o = &e->outcome;
	enum errkey key = fault_key(o);
	struct buf b = BUF_INIT;

	if (o->ok || r->closed || (key == ERRKEY_EXIT && !r->options->explain))
		return;
	print_flush(r);
	short_text(job_text(e->job), &b);
	log_error("job %llu: %s: %s%s", (unsigned long long)e->job->seq,
	    entry_status(e), fault_message(o), buf_str(&b));
	buf_free(&b);
}

/* What is not there of the output, and why. */
static void
say_cut(struct runner *r, const struct entry *e)
{
	uint64_t lost = e->out[0].dropped + e->out[1].dropped;

	if (r->closed || (e->cut == 0 && lost == 0))
		return;
	print_flush(r);
	if (e->cut > 0)
		log_notice("job %llu: the last %llu bytes of its standard "
		           "error are left out, over the limit output",
		    (unsigned long long)e->job->seq,
		    (unsigned long long)e->cut);
	if (lost > 0)
		log_error("job %llu: %llu bytes of its output are lost: %s",
		    (unsigned long long)e->job->seq, (unsigned long long)lost,
		    strerror(r->spill.os_errno));
}

static void
show_text(struct runner *r, struct entry *e)
{
	struct tagged out = {e, STDOUT_FILENO, false};
	struct tagged err = {e, STDERR_FILENO, false};

	if (!results_is_table(r->results)) {
		if (e->job->kind == JOB_TASK)
			show_value(e);
		if (live_wanted(e))
			live_catch_up(e);
		live_end(e);
		spool_each(&r->spill, &e->out[0], text_piece, &out);
		spool_each(&r->spill, &e->out[1], text_piece, &err);
	}
	say_cut(r, e);
	say_why(r, e);
}

/* What process.exec gives a program. */
static val
command_value(struct runner *r, struct entry *e)
{
	static const char *const keys[] = {"stdout", "stderr"};
	const struct outcome *o = &e->outcome;
	struct heap *h = r->heap;
	struct buf text = BUF_INIT;
	val m = map_empty(h);
	int i;

	m = map_assoc(h, m, keyword_from("exit"),
	    o->ok            ? val_fix(0) :
	        o->exit >= 0 ? val_fix(o->exit) :
	                       VAL_NIL);
	m = map_assoc(h, m, keyword_from("signal"),
	    o->signal != 0 ? val_fix(o->signal) : VAL_NIL);
	for (i = 0; i < 2; i++) {
		spool_copy(&r->spill, &e->out[i], &text);
		m = map_assoc(h, m, keyword_from(keys[i]),
		    str_repaired(h, buf_str(&text), text.len));
		buf_clear(&text);
	}
	buf_free(&text);
	return m;
}

/* Keep it for the one value at the end. */
static void
keep_value(struct runner *r, struct entry *e)
{
	struct format *f = r->format;
	struct heap *h = r->heap;
	enum errkey key = fault_key(&e->outcome);
	struct fault_about about;
	val k, v;

	if (e->job->key != VAL_UNBOUND)
		k = val_retain(e->job->key);
	else if (r->options->jsonl != NULL)
		k = str_from(h, e->job->id);
	else
		k = int_from_u64(h, e->job->seq - 1);
	if (f->indices != SIZE_MAX && val_is_fix(k) &&
	    val_unfix(k) == (int64_t)f->indices)
		f->indices++;
	else
		f->indices = SIZE_MAX;
	if (e->job->kind == JOB_COMMAND &&
	    (e->outcome.ok || key == ERRKEY_EXIT || key == ERRKEY_SIGNAL)) {
		v = command_value(r, e);
	} else if (e->outcome.ok) {
		v = e->outcome.value;
		e->outcome.value = VAL_UNBOUND;
	} else {
		about.task = k;
		about.capability = keyword_from(e->job->capability != NULL ?
		        e->job->capability->id :
		        job_command_row()->id);
		about.attempts = e->begun != 0 ? e->task.attempt : 0;
		v = fault_value(h, &about, &e->outcome);
		f->errors =
		    map_assoc(h, f->errors, val_retain(k), val_retain(v));
	}
	f->map = map_assoc(h, f->map, k, v);
}

static val
as_vector(struct heap *h, val map)
{
	struct map_iter it = map_iter(map);
	val v = vec_empty(h), k, x;

	while (map_next(&it, &k, &x))
		v = vec_push(h, v, val_retain(x));
	return v;
}

static void
show_rtfs(struct runner *r)
{
	struct format *f = r->format;
	val v;

	if (f->indices != SIZE_MAX) {
		v = as_vector(r->heap, f->map);
		val_release(r->heap, f->map);
		f->map = v;
	} else if (map_count(f->errors) > 0) {
		f->map = map_assoc(r->heap, f->map, keyword_from("error"),
		    val_retain(f->errors));
	}
	print_readable(&f->line, f->map);
	buf_addc(&f->line, '\n');
	print_text(r, STDOUT_FILENO, f->line.data, f->line.len);
}

bool
format_entry(struct runner *r, struct entry *e)
{
	bool whole = e->out[0].dropped + e->out[1].dropped == 0;

	if (e->quiet)
		return true;
	switch (r->options->format) {
	case BATCH_TEXT:
		show_text(r, e);
		break;
	case BATCH_JSONL:
		show_json(r, e, r);
		break;
	case BATCH_MSGPACK:
		show_json(r, e, NULL);
		whole = show_packed(r) && whole;
		break;
	case BATCH_CSV:
	case BATCH_TSV:
		table_row(r, e, &r->format->line);
		print_text(r, STDOUT_FILENO, r->format->line.data,
		    r->format->line.len);
		buf_clear(&r->format->line);
		break;
	case BATCH_RTFS:
		keep_value(r, e);
		break;
	}
	return whole;
}

void
format_end(struct runner *r)
{
	if (r->options->format == BATCH_RTFS)
		show_rtfs(r);
}

void
format_summary(struct runner *r, int status)
{
	struct buf *b = &r->format->line;

	if (r->options->format != BATCH_JSONL &&
	    r->options->format != BATCH_MSGPACK)
		return;
	buf_addf(b,
	    "{\"summary\":true,\"jobs\":%llu,\"ok\":%llu,\"failed\":%llu,"
	    "\"skipped\":%llu,\"resumed\":%llu,\"not_started\":%llu,"
	    "\"wall_ms\":%.3f,"
	    "\"halted\":%s,\"exit\":%d}\n",
	    (unsigned long long)r->done, (unsigned long long)r->ok,
	    (unsigned long long)(r->failed - r->skipped),
	    (unsigned long long)r->skipped, (unsigned long long)r->resumed,
	    (unsigned long long)r->unstarted,
	    (double)(clock_mono() - r->begun) / 1e6,
	    r->starve ? "true" : "false", status);
	if (r->options->format == BATCH_MSGPACK) {
		(void)show_packed(r);
	} else {
		print_text(r, STDOUT_FILENO, b->data, b->len);
		buf_clear(b);
	}
}
