/*
 * Tasks become messages: encoded only now, sent together while they are short,
 * with long texts beside or behind them (texts.c), by a sealed memfd when they are large
 * in another way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "pool/internal.h"
#include "proto/program.h"
#include "sandbox/program.h"
#include "task/command.h"
#include "task/marshal.h"

/* A message holds at most this much expected work, so that nothing waits long
 * behind something else. */
#define BATCH_WORK  (5 * NS_PER_MS)
#define FRESH_PLANS 8U
/* A buffer that was larger once is given back. */
#define MAX_LARGE_KEPT (1024U * 1024)

/* What one message is made of, until it is sent. */
struct request {
	struct worker *w;
	struct buf *out;
	struct pack_refs refs;   /* what is not copied to it: of the one task */
	size_t mark;             /* where the last TASK or TASKS begins */
	bool rows;               /* it is TASKS */
	struct pack_options how; /* of its arguments, and of the next like it */
	const struct task *last;
	int stdin_fd; /* -1: none */
	bool own_stdin;
	const struct plan *fresh[FRESH_PLANS]; /* not known to it before */
	unsigned int nfresh;
	bool keep; /* the guard is to keep what EXEC says of surroundings */
};

static bool
plan_known(const struct worker *w, const struct plan *p)
{
	return p->id / 8 < w->nplans &&
	    (w->plans[p->id / 8] & (1U << p->id % 8)) != 0;
}

static void
plan_mark(struct worker *w, const struct plan *p, bool known)
{
	size_t n = p->id / 8 + 1;

	if (n > w->nplans) {
		w->plans = xrealloc(w->plans, n);
		memset(w->plans + w->nplans, 0, n - w->nplans);
		w->nplans = n;
	}
	if (known)
		w->plans[p->id / 8] |= (unsigned char)(1U << p->id % 8);
	else
		w->plans[p->id / 8] &= (unsigned char)~(1U << p->id % 8);
}

static bool
closure_known(const struct worker *w, uint64_t id)
{
	unsigned int i;

	for (i = w->nclosures; i-- > 0;) {
		if (w->closure[i] == id)
			return true;
	}
	return false;
}

static size_t
request_max(const struct plan *p)
{
	return p->request > MAX_FRAME ? MAX_FRAME : (size_t)p->request;
}

static int
over_request(const struct plan *p, size_t n, struct error *e)
{
	char amount[32];

	if (n <= request_max(p))
		return 0;
	units_format_bytes(request_max(p), amount);
	return error_set(e, EK_LIMIT,
	    "a request of %zu bytes is over the limit :request %s", n, amount);
}

static void
encode_prelude(
    struct request *r, const struct task *t, const struct start *start)
{
	struct worker *w = r->w;
	size_t mark;

	if (!plan_known(w, t->plan)) {
		plan_pack(t->plan, w->slot->kept, start, r->out);
		plan_mark(w, t->plan, true);
		r->fresh[r->nfresh++] = t->plan;
	}
	if (t->closure != NULL && !closure_known(w, t->closure->id)) {
		mark = frame_begin(r->out, MSG_CLOSURE);
		pack_array(r->out, 2);
		pack_uint(r->out, t->closure->id);
		pack_bin(r->out, t->closure->bytes, t->closure->len);
		frame_end(r->out, mark);
		w->closure[w->nclosures++] = t->closure->id;
	}
}

/* Is t, the next one, a row more of what the last one of the message began? */
static bool
is_like(const struct task *t, const struct task *last)
{
	return last != NULL && last->plan == t->plan &&
	    last->closure == t->closure;
}

/* What comes before the arguments. */
static void
encode_head(struct request *r, const struct task *t, bool like)
{
	struct buf *b = r->out;

	if (like && r->rows)
		return;
	r->mark = frame_begin(b, like ? MSG_TASKS : MSG_TASK);
	r->rows = like;
	pack_array(b, like ? 4 : 5);
	pack_uint(b, t->id);
	pack_uint(b, t->plan->id);
	pack_strz(b, t->plan->capability->id);
	pack_uint(b, t->closure == NULL ? 0 : t->closure->id);
}

static struct pack_options
pack_how(struct request *r, const struct capability *c)
{
	bool ours = c->kind == CAP_CLOSURE || c->kind == CAP_RTFS;

	return (struct pack_options){
	    .function = ours ? r->w->pool->config.pack_function : NULL,
	    .arg = r->w->pool->config.pack_arg,
	    .tasks = ours,
	    .arguments = true,
	    .refs = &r->refs,
	};
}

/* start: NULL for one that is like the last. */
static int
encode_serving(struct request *r, const struct task *t,
    const struct start *start, struct error *e)
{
	if (start != NULL) {
		encode_prelude(r, t, start);
		r->how = pack_how(r, t->plan->capability);
	}
	encode_head(r, t, start == NULL);
	if (pack_val(r->out, t->args, &r->how, request_max(t->plan), e) == -1)
		return -1;
	frame_end(r->out, r->mark);
	r->last = t;
	return 0;
}

static void
pack_words(struct buf *b, const struct capability *c, const struct buf *words)
{
	size_t n = 0, m = 0, at, len;

	while (c->argv[n] != NULL)
		n++;
	for (at = 0; at < words->len; at += strlen(words->data + at) + 1)
		m++;
	pack_array(b, n + m);
	for (n = 0; c->argv[n] != NULL; n++)
		pack_strz(b, c->argv[n]);
	for (at = 0; at < words->len; at += len + 1) {
		len = strlen(words->data + at);
		pack_str(b, words->data + at, len);
	}
}

/* What a program gets on standard input, and as words. */
static int
program_input(
    const struct task *t, struct buf *input, struct buf *words, struct error *e)
{
	const struct capability *c = t->plan->capability;
	int rc;

	rc = c->codec == CODEC_MSGPACK ?
	    program_pack(t->args, request_max(t->plan), input, e) :
	    marshal_args(c, t->args, input, words, e);
	if (rc == 0)
		rc = over_request(t->plan, input->len + words->len, e);
	return rc;
}

/* The end of an EXEC: where, and which descriptor is the result.  A folder that
 * a guard has from us need not be reached by its name. */
static void
pack_start(struct buf *b, const struct start *start, int channel)
{
	pack_strz(b, start->inherited ? NULL : start->directory);
	pack_uint(b, (uint64_t)channel);
	pack_strz(b, start->place);
}

static int
encode_program(struct request *r, const struct task *t,
    const struct start *start, struct error *e)
{
	const struct capability *c = t->plan->capability;
	struct buf input = BUF_INIT, words = BUF_INIT, *b = r->out;
	size_t mark;
	int rc = -1;

	if (program_input(t, &input, &words, e) == -1)
		goto done;
	if (input.len > 0) {
		r->stdin_fd = frame_memfd("stdin", input.data, input.len, e);
		if (r->stdin_fd == -1)
			goto done;
		r->own_stdin = true;
	} else {
		r->stdin_fd = r->w->pool->null_fd;
	}
	encode_prelude(r, t, start);
	mark = frame_begin(b, MSG_EXEC);
	pack_array(b, 8);
	pack_uint(b, t->id);
	pack_uint(b, t->plan->id);
	pack_strz(b, c->program);
	pack_words(b, c, &words);
	plan_pack_env(t->plan, r->w->slot->kept, t, b);
	pack_start(
	    b, start, c->codec == CODEC_MSGPACK ? FRAMED_FD : STDOUT_FILENO);
	frame_end(b, mark);
	rc = 0;
done:
	buf_free(&input);
	buf_free(&words);
	return rc;
}

/* Does :program of its policy name it? */
static int
check_program(const struct task *t, const struct start *start, struct error *e)
{
	const struct effective *f = t->plan->effective;
	const char *program = t->command->program;
	char *whole;
	int rc = 0;

	whole = program[0] == '/' ?
	    xstrdup(program) :
	    xasprintf("%s/%s",
	        start->place != NULL ? start->place : start->directory,
	        program);
	if (!program_allowed(f->program, whole))
		rc = error_set(e, EK_POLICY,
		    "%s: not among the programs of :program (%s:%u)", program,
		    f->origin[SETTING_PROGRAM].file,
		    f->origin[SETTING_PROGRAM].line);
	free(whole);
	return rc;
}

/* What descriptor 0 of a command is. */
static int
command_input(struct request *r, const struct task *t, struct error *e)
{
	const struct command *c = t->command;

	r->stdin_fd = r->w->pool->null_fd;
	if (c->input == NULL)
		return 0;
	if (over_request(t->plan, c->ninput, e) == -1)
		return -1;
	r->stdin_fd = frame_memfd("stdin", c->input, c->ninput, e);
	r->own_stdin = r->stdin_fd != -1;
	return r->own_stdin ? 0 : -1;
}

static void
pack_command(struct buf *b, const struct command *c)
{
	size_t n = 0, i;

	while (c->argv[n] != NULL)
		n++;
	pack_strz(b, c->program);
	pack_array(b, n);
	for (i = 0; i < n; i++)
		pack_strz(b, c->argv[i]);
}

/* Are its surroundings the caller's own, and nothing of its own? */
static bool
is_plain(const struct task *t, const struct start *start)
{
	return t->plan->as_caller && t->plan->effective->nsecrets == 0 &&
	    t->command->env == NULL && start->inherited && start->place == NULL;
}

static int
encode_command(struct request *r, const struct task *t,
    const struct start *start, struct error *e)
{
	const struct slot *s = r->w->slot;
	struct buf *b = r->out;
	size_t mark;

	if (check_program(t, start, e) == -1 || command_input(r, t, e) == -1)
		return -1;
	r->keep = is_plain(t, start);
	if (r->keep && s->kept_plan == t->plan) {
		mark = frame_begin(b, MSG_AGAIN);
		pack_array(b, 3);
		pack_uint(b, t->id);
		pack_command(b, t->command);
		frame_end(b, mark);
		return 0;
	}
	encode_prelude(r, t, start);
	mark = frame_begin(b, MSG_EXEC);
	pack_array(b, 9);
	pack_uint(b, t->id);
	pack_uint(b, t->plan->id);
	pack_command(b, t->command);
	plan_pack_env(t->plan, s->kept, t, b);
	pack_start(b, start, STDOUT_FILENO);
	pack_uint(b, r->keep);
	frame_end(b, mark);
	return 0;
}

static int
encode_started(struct request *r, struct task *t, struct error *e)
{
	struct worker *w = r->w;
	struct start start;
	int rc;

	if (plan_start(t->plan, w->slot->kept,
	        t->plan->command ? t->command->dir : NULL, w->pool->directory,
	        &start, e) == -1)
		return -1;
	t->id = ++w->pool->next_task;
	if (t->plan->command)
		rc = encode_command(r, t, &start, e);
	else if (w->lane->mode == RUN_EXEC)
		rc = encode_program(r, t, &start, e);
	else
		rc = encode_serving(r, t, &start, e);
	start_clear(&start);
	return rc;
}

/* Append t to the message; on failure the message is as before. */
static int
request_add(struct request *r, struct task *t, struct error *e)
{
	size_t before = r->out->len;
	int rc;

	if (is_like(t, r->last)) {
		t->id = ++r->w->pool->next_task;
		rc = encode_serving(r, t, NULL, e);
	} else {
		rc = encode_started(r, t, e);
	}
	if (rc == -1)
		r->out->len = before;
	return rc;
}

/* Where a message was before its last task. */
struct request_point {
	size_t len;
	size_t mark;
	bool rows;
	unsigned int nfresh;
	unsigned int nclosures;
};

static struct request_point
request_point(const struct request *r)
{
	return (struct request_point){
	    r->out->len, r->mark, r->rows, r->nfresh, r->w->nclosures};
}

static void
request_undo(struct request *r, const struct request_point *to)
{
	while (r->nfresh > to->nfresh)
		plan_mark(r->w, r->fresh[--r->nfresh], false);
	while (r->refs.n > 0 && r->refs.ref[r->refs.n - 1].at > to->len)
		r->refs.total -= r->refs.ref[--r->refs.n].len;
	r->w->nclosures = to->nclosures;
	r->out->len = to->len;
	r->mark = to->mark;
	r->rows = to->rows;
	if (r->rows) /* without the row that was to be its last */
		frame_end(r->out, r->mark);
}

static int
deliver(struct worker *w, const struct buf *b, const int *fds, size_t nfds,
    struct error *e)
{
	return w->unmade ? worker_launch(w, b, fds, nfds, e) :
	                   worker_write(w, b, fds, nfds, e);
}

/* Too much for a message: all of it in a sealed memfd. */
static int
send_large(struct request *r, struct error *e)
{
	struct buf large = BUF_INIT;
	struct iovec piece[PACK_PIECES] ATTR_SCRATCH;
	size_t mark, n;
	int fds[2], rc;

	if (r->refs.n > 0)
		frame_end_more(r->out, r->mark, r->refs.total);
	n = pack_pieces(r->out, &r->refs, piece);
	fds[0] = frame_memfd_pieces("request", piece, n, e);
	if (fds[0] == -1)
		return -1;
	fds[1] = r->stdin_fd;
	mark = frame_begin(&large, MSG_LARGE);
	pack_array(&large, 1);
	pack_uint(&large, r->out->len + r->refs.total);
	frame_end(&large, mark);
	rc = deliver(r->w, &large, fds, fds[1] == -1 ? 1 : 2, e);
	close(fds[0]);
	buf_free(&large);
	return rc;
}

/* Long texts are shown to the worker, or come behind the message, from where
 * they lie. */
static int
send_texts(struct request *r, struct error *e)
{
	int fd[1 + PACK_REFS];
	struct buf b = BUF_INIT;
	size_t mark, i, nfiles;
	uint64_t lent = texts_lend(r->w, &r->refs, fd + 1, &nfiles);
	bool piped = nfiles < r->refs.n;
	int rc;

	if (piped && texts_open(r->w, &fd[0], e) == -1)
		return -1;
	mark = frame_begin(&b, MSG_TEXTS);
	pack_array(&b, 1 + 2 * r->refs.n);
	pack_uint(&b, lent);
	for (i = 0; i < r->refs.n; i++) {
		pack_uint(&b, r->refs.ref[i].at - r->mark - FRAME_HEADER);
		pack_uint(&b, r->refs.ref[i].len);
	}
	frame_end(&b, mark);
	buf_add(&b, r->out->data, r->out->len);
	rc = piped ? deliver(r->w, &b, fd, 1 + nfiles, e) :
	             deliver(r->w, &b, fd + 1, nfiles, e);
	buf_free(&b);
	if (!piped)
		return rc;
	close(fd[0]);
	if (rc == 0)
		texts_begin(
		    r->w, TAILQ_LAST(&r->w->sent, task_queue), &r->refs, lent);
	else
		texts_end(r->w);
	return rc;
}

static int
request_send(struct request *r, struct error *e)
{
	if (r->out->len > MAX_INLINE)
		return send_large(r, e);
	if (r->refs.n > 0)
		return send_texts(r, e);
	return deliver(
	    r->w, r->out, &r->stdin_fd, r->stdin_fd == -1 ? 0 : 1, e);
}

/* May t, which will take so long, join a message with that much work? */
static bool
batch_fits(
    const struct task *t, const struct task *first, int64_t ns, int64_t work)
{
	return t->plan->batchable && !t->lost_once &&
	    plan_group_same(t->plan, first->plan) && ns > 0 &&
	    work + ns <= BATCH_WORK;
}

static void
take_back(struct worker *w, size_t n)
{
	struct task *t;

	for (; n > 0; n--) {
		t = TAILQ_LAST(&w->sent, task_queue);
		TAILQ_REMOVE(&w->sent, t, entry);
		lane_requeue(w->lane, t, t->lost_once);
	}
}

/* Move tasks from the queue into the message; returns how many. */
static size_t
request_build(struct request *r, struct line *q, size_t max,
    struct task **failed, struct error *e)
{
	struct worker *w = r->w;
	struct task *t;
	struct request_point before;
	int64_t ns, work = 0;
	size_t n = 0;

	while (n < max && (t = TAILQ_FIRST(&q->queue)) != NULL) {
		ns = plan_estimate(
		    t->plan, t->closure == NULL ? 0 : t->closure->id);
		if ((n > 0 &&
		        !batch_fits(t, TAILQ_FIRST(&w->sent), ns, work)) ||
		    r->nfresh == FRESH_PLANS ||
		    w->nclosures == NITEMS(w->closure)) {
			break;
		}
		before = request_point(r);
		if (request_add(r, t, e) == -1) {
			request_undo(r, &before);
			*failed = t;
			break;
		}
		if (n > 0 && r->out->len + r->refs.total > MAX_INLINE) {
			request_undo(r, &before);
			break;
		}
		work += ns;
		line_remove(t);
		line_out(t);
		TAILQ_INSERT_TAIL(&w->sent, t, entry);
		t->life = TASK_SENT;
		t->closes = false;
		t->worker = w;
		w->last_sent = t->id;
		n++;
		if (!t->plan->batchable || t->lost_once)
			break;
	}
	return n;
}

void
worker_load(struct worker *w, const struct plan *p)
{
	struct buf *b = &w->pool->out;
	struct error e ATTR_SCRATCH;
	struct start start;
	size_t mark;

	if (w->unmade || slot_group_limit(w->slot, p, &e) == -1 ||
	    plan_start(
	        p, w->slot->kept, NULL, w->pool->directory, &start, &e) == -1)
		return; /* its task will do */
	buf_clear(b);
	plan_pack(p, w->slot->kept, &start, b);
	start_clear(&start);
	mark = frame_begin(b, MSG_LOAD);
	pack_array(b, 1);
	pack_uint(b, p->id);
	frame_end(b, mark);
	if (b->len > MAX_INLINE || worker_write(w, b, NULL, 0, &e) == -1)
		return;
	plan_mark(w, p, true);
	w->loaded = p;
}

static enum errkey
refusal(enum errkind kind)
{
	switch (kind) {
	case EK_POLICY:
		return ERRKEY_DENIED;
	case EK_UNAVAILABLE:
		return ERRKEY_UNAVAILABLE;
	default:
		return ERRKEY_INVALID_ARGUMENTS;
	}
}

size_t
worker_send(struct worker *w, struct line *q, size_t max)
{
	struct lane *l = w->lane;
	struct request r = {.w = w, .out = &w->pool->out, .stdin_fd = -1};
	struct task *t, *failed = NULL;
	struct error e ATTR_SCRATCH, why ATTR_SCRATCH;
	struct request_point empty;
	size_t n;

	if (w->nclosures == NITEMS(w->closure)) {
		worker_retire(w); /* it has seen enough */
		return 0;
	}
	buf_clear(r.out);
	empty = request_point(&r);
	n = request_build(&r, q, max, &failed, &why);
	if (n > 0 &&
	    (slot_group_limit(
	         w->slot, TAILQ_LAST(&w->sent, task_queue)->plan, &e) == -1 ||
	        request_send(&r, &e) == -1)) {
		request_undo(&r, &empty);
		take_back(w, n);
		pool_cramped(w->pool, l->profile, &l->profile->retry, e.msg);
		n = 0;
	} else if (n > 0) {
		t = TAILQ_LAST(&w->sent, task_queue);
		t->closes = true;
		if (l->mode == RUN_EXEC)
			w->slot->kept_plan = r.keep ? t->plan : NULL;
		w->nmessages++;
		worker_sent(w, n);
	}
	if (r.own_stdin)
		close(r.stdin_fd);
	if (r.out->cap > MAX_LARGE_KEPT)
		buf_free(r.out);
	if (failed == NULL)
		return n;
	if (why.kind == EK_SYSTEM) { /* no descriptor or memory just now */
		pool_cramped(w->pool, l->profile, &l->profile->retry, why.msg);
		return n;
	}
	line_remove(failed);
	task_fail(w->pool, failed, refusal(why.kind), why.msg);
	return n + 1;
}
