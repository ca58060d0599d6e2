/*
 * The text of a long RESULT on its way in: once enough of it has come to
 * believe how long it is, the rest is read to where it stays.
 *
 * What the worker says is checked as always when the frame is whole; until
 * then nobody sees the string, and whoever takes the task off the worker's
 * list drops it (worker_let_go).
 */
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "pool/internal.h"
#include "value/string.h"

/* A shorter one is copied as soon. */
#define LANDING_MIN ((size_t)256 * 1024)
/* What comes is checked while more is written: in parts that are still near
 * the processor then. */
#define LANDING_READ ((size_t)256 * 1024)
/* Memory is made ready for so much at a time. */
#define LANDING_STEP ((size_t)4 << 20)

/* Where the text begins in the payload of that task's RESULT; 0: it is
 * something else. */
static size_t
text_begins(const struct task *t, const char *payload, size_t n, size_t *len)
{
	struct error e ATTR_SCRATCH;
	struct unpack u;
	uint64_t id;

	unpack_init(&u, payload, n);
	if (unpack_fields(&u, 4, &e) == -1 || unpack_uint(&u, &id, &e) == -1 ||
	    id != t->id || !unpack_long_text(&u, len))
		return 0;
	return (size_t)(u.at - u.start);
}

void
landing_begin(struct worker *w, size_t need)
{
	struct landing *l = &w->landing;
	struct task *t = worker_current(w);
	struct buf *in = &w->in;
	size_t at, len, here;

	if (need < LANDING_MIN || in->data[4] != MSG_RESULT ||
	    in->data[5] != 0 || l->task != NULL || w->held != NULL ||
	    t == NULL || t != TAILQ_FIRST(&w->sent) ||
	    task_action(w->state, MSG_RESULT) != ACT_ANSWER)
		return;
	at = text_begins(
	    t, in->data + FRAME_HEADER, in->len - FRAME_HEADER, &len);
	if (at == 0 || len < LANDING_MIN || len > need - FRAME_HEADER - at ||
	    len > t->plan->result || !heap_room(t->heap, len + 64))
		return;
	here = in->len - FRAME_HEADER - at;
	if (here > len)
		here = len;
	l->task = t;
	l->text = str_blank_unready(t->heap, len, &l->bytes);
	l->at = at;
	l->len = len;
	l->have = here;
	l->checked = (struct str_progress){0};
	l->frame = need - len;
	str_ready(l->text, here);
	memcpy(l->bytes, in->data + FRAME_HEADER + at, here);
	at += FRAME_HEADER;
	memmove(in->data + at, in->data + at + here, in->len - at - here);
	in->len -= here;
}

bool
landing_open(const struct worker *w)
{
	return w->landing.task != NULL && w->landing.have < w->landing.len;
}

ssize_t
landing_read(struct worker *w)
{
	struct landing *l = &w->landing;
	size_t room = l->len - l->have;
	ssize_t n;

	if (room > LANDING_READ)
		room = LANDING_READ;
	str_ready(l->text,
	    (l->have + room) / LANDING_STEP * LANDING_STEP + LANDING_STEP);
	n = pipe_read(w->result_fd, l->bytes + l->have, room);
	if (n > 0) {
		l->have += (size_t)n;
		(void)str_check_more(l->text, &l->checked, l->have);
	}
	return n;
}

static int
landing_take(void *arg, struct heap *h, size_t len ATTR_UNUSED, val *out,
    struct error *e)
{
	struct landing *l = arg;
	val v = l->text;
	size_t bad = str_check_more(v, &l->checked, l->have);

	l->text = VAL_UNBOUND;
	if (bad == UTF8_VALID) {
		*out = v;
		return 0;
	}
	val_release(h, v);
	return error_set(
	    e, EK_PROTO, "at byte %zu: text is not UTF-8", l->at + bad);
}

enum frame_status
landing_frame(struct worker *w, const char *bytes, size_t len, struct frame *f,
    size_t *used)
{
	struct landing *l = &w->landing;

	if (l->have < l->len || len < l->frame)
		return FRAME_SHORT;
	f->msg = MSG_RESULT;
	f->payload = bytes + FRAME_HEADER;
	f->len = l->frame - FRAME_HEADER;
	*used = l->frame;
	return FRAME_OK;
}

void
landing_texts(struct worker *w, struct unpack_texts *x)
{
	x->n = 1;
	x->next = 0;
	x->text[0].at = w->landing.at;
	x->text[0].len = w->landing.len;
	x->take = landing_take;
	x->arg = &w->landing;
}

void
landing_end(struct worker *w)
{
	struct landing *l = &w->landing;

	if (l->task == NULL)
		return;
	if (l->text != VAL_UNBOUND)
		val_release(l->task->heap, l->text);
	l->task = NULL;
}
