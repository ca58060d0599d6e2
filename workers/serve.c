/* One task after the other in one process: claim it, decode its arguments,
 * run its code under its plan's limits, answer.  Only code of ours runs here
 * (built-ins and closures), so the process is kept. */

#include <sys/mman.h>
#include <sys/prctl.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "proto/codec.h"
#include "value/map.h"
#include "value/name.h"
#include "value/string.h"
#include "workers/grants.h"
#include "workers/pages.h"
#include "workers/process.h"
#include "workers/serve.h"
#include "workers/texts.h"

/* Answers wait for company up to these, looked at between tasks. */
#define FLUSH_BYTES ((size_t)32 * 1024)
#define FLUSH_AGE   NS_PER_MS

/* New names after which a process is retired: their table only grows. */
#define MAX_NEW_NAMES 4096U

/* How results and errors are packed: a long text is written from where it
 * is. */
static struct pack_refs refs;
static const struct pack_options outwards = {
    .no_way = "leave a worker", .refs = &refs};

/* How arguments are unpacked: those of functions may be functions. */
static const struct unpack_options of_builtins;
static struct unpack_options of_functions = {.tasks = true};

/* A capability and what runs it. */
struct code {
	char *id;
	size_t len;
	builtin_fn run; /* NULL: nothing in this image */
	bool untrusted; /* lets foreign code run */
	bool machine;   /* works on the machine of functions */
};

static PER_PROCESS struct serve {
	struct proto_page *page;
	struct proto_page no_page; /* stands in for a missing one */
	struct heap *heap;
	struct heap *last; /* of the last task; that or the machine's */
	struct buf out;    /* answers not sent yet */
	size_t rows;       /* 1 + where its last frame begins: RESULTS; or 0 */
	uint64_t rows_end; /* the task after those that it has */
	int64_t out_since; /* clock_mono() of the oldest of them */
	uint32_t names;    /* at the beginning */
	int64_t now;       /* when the last task ended; 0: long ago */
	struct code code;  /* of the last task: the next one is often like it */
	struct buf printed;
	const struct task_plan *loaded; /* in force before its task came */
} s;

struct request {
	uint64_t id;
	bool row; /* one of TASKS */
	uint64_t plan;
	uint64_t closure;
	const struct code *code;
};

/* An allocator's free blocks lie everywhere after a while, and each page of
 * them that a task process writes to is copied for it: here are small ones side
 * by side, those that are used first in one page with what it needs besides.
 * Blocks that do not lie so are not used again. */
static void
lay_out_blocks(void)
{
	enum {
		GRAIN = 16,
		SIZES = 8,
		EACH = 6,
		TRIES = 64
	};
	static const unsigned char first[SIZES] = {6, 3, 2, 2, 1, 1, 1, 1};
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *block[SIZES][EACH], *before, *now = xmalloc(page), *high = now;
	size_t i, k, len = 0;

	for (i = 0; i < SIZES; i++) {
		len = GRAIN * (i + 1) + GRAIN / 2;
		now = xmalloc(len);
		k = 0;
		do {
			before = now;
			now = xmalloc(len);
		} while ((now < high || now != before + len + GRAIN / 2) &&
		    ++k < TRIES);
		high = now;
	}
	for (i = 0; i < SIZES; i++) {
		for (k = first[i]; k < EACH; k++)
			block[i][k] = xmalloc(GRAIN * (i + 1) + GRAIN / 2);
	}
	now = block[SIZES - 1][EACH - 1] + len + GRAIN / 2 - GRAIN;
	(void)xmalloc(2 * page - (uintptr_t)now % page - GRAIN / 2);
	for (i = 0; i < SIZES; i++) {
		for (k = 0; k < first[i]; k++)
			block[i][k] = xmalloc(GRAIN * (i + 1) + GRAIN / 2);
	}
	for (i = 0; i < SIZES; i++) { /* the last is the first to be had */
		for (k = EACH; k > 0; k--)
			free(block[i][k - 1]);
	}
}

void
serve_prepare(void)
{
	lay_out_blocks();
	task_plan_prepare();
	of_functions.function = image.closure_unpack;
	s.heap = heap_new(0);
	heap_warm(s.heap);
}

void
serve_init(struct proto_page *page)
{
	s.page = page != NULL ? page : &s.no_page;
	if (page != NULL)
		s.names = name_count();
	if (page != NULL) /* while nobody waits; one answer is short */
		buf_reserve(&s.out, FLUSH_BYTES);
}

/* Nothing comes after this task, so its code need not reach the page. */
static void
give_up_page(void)
{
	if (s.page == &s.no_page)
		return;
	munmap(s.page, sizeof(*s.page));
	s.page = &s.no_page;
}

static void
write_all(struct iovec *piece, size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = writev(RESULT_FD, piece, (int)n);
		if (done == -1 && errno != EINTR)
			_exit(0); /* nobody wants it any more */
		if (done == -1)
			continue;
		for (; n > 0 && (size_t)done >= piece->iov_len; piece++, n--)
			done -= (ssize_t)piece->iov_len;
		if (n > 0) {
			piece->iov_base = (char *)piece->iov_base + done;
			piece->iov_len -= (size_t)done;
		}
	}
}

static void
flush(void)
{
	struct iovec piece[PACK_PIECES] ATTR_SCRATCH;

	if (s.out.len > 0)
		write_all(piece, pack_pieces(&s.out, &refs, piece));
	buf_clear(&s.out);
	s.rows = 0;
	if (refs.n > 0)
		refs.n = refs.total = 0;
	s.now = 0; /* it may have taken its time */
}

/* The task is ours from here on; false: it was taken back. */
static bool
claim(uint64_t id)
{
	uint64_t seen = atomic_load(&s.page->running);

	for (;;) {
		if ((seen & PAGE_REVOKED) != 0 &&
		    id <= atomic_load(&s.page->revoked))
			return false;
		if (atomic_compare_exchange_strong(&s.page->running, &seen, id))
			return true;
	}
}

static void
answer_result(const struct work *w, int64_t wall, size_t mark)
{
	pack_str(&s.out, w->printed.data, w->printed.len);
	pack_uint(&s.out, (uint64_t)wall);
	frame_end_more(&s.out, mark, refs.total);
}

static void
answer_failed(const struct request *r, struct work *w, int64_t wall)
{
	size_t mark = frame_begin(&s.out, MSG_FAILED);
	struct error e ATTR_SCRATCH;
	val kind;

	s.rows = 0;
	pack_array(&s.out, 6);
	pack_uint(&s.out, r->id);
	/* Its data may hold what cannot travel, or too much. */
	if (pack_val(&s.out, w->error, &outwards, w->grants->result, &e) ==
	    -1) {
		kind = val_errval(w->error)->kind;
		val_release(w->heap, w->error);
		w->error = errval_new(w->heap, kind, str_from(w->heap, e.msg),
		    map_empty(w->heap));
		if (pack_val(&s.out, w->error, &outwards, MAX_FRAME, &e) == -1)
			pack_nil(&s.out);
	}
	pack_str(&s.out, w->printed.data, w->printed.len);
	pack_uint(&s.out, (uint64_t)wall);
	pack_strz(&s.out, w->limit);
	pack_uint(&s.out, w->used);
	frame_end_more(&s.out, mark, refs.total);
}

/* The value does not fit or cannot travel: that is the task's failure. */
static void
refuse_result(struct work *w, const struct error *e)
{
	if (e->kind == EK_LIMIT) {
		w->limit = "result";
		w->used = w->grants->result;
		w->error =
		    errval_make(w->heap, ERRKEY_RESULT_LIMIT, "%s", e->msg);
	} else {
		w->error =
		    errval_make(w->heap, ERRKEY_INVALID_RESULT, "%s", e->msg);
	}
}

/* One row more of RESULTS; false: it takes a frame of its own. */
static bool
answer_row(const struct request *r, const struct work *w, int64_t wall)
{
	size_t len = s.out.len, mark = s.rows - 1;

	if (w->printed.len > 0)
		return false;
	if (s.rows == 0 || s.rows_end != r->id) {
		mark = frame_begin(&s.out, MSG_RESULTS);
		pack_array(&s.out, 1);
		pack_uint(&s.out, r->id);
	}
	if (pack_val(&s.out, w->result, &outwards, w->grants->result, NULL) ==
	        -1 ||
	    refs.n > 0) {
		s.out.len = len;
		refs.n = refs.total = 0;
		return false;
	}
	pack_uint(&s.out, (uint64_t)wall);
	frame_end(&s.out, mark);
	s.rows = mark + 1;
	s.rows_end = r->id + 1;
	return true;
}

static void
answer(const struct request *r, struct work *w, int rc, int64_t wall)
{
	struct error e ATTR_SCRATCH;
	size_t mark;
	size_t len;

	if (s.out.len == 0)
		s.out_since = s.now;
	if (rc == 0 && heap_over(w->heap)) {
		w->limit = "memory";
		w->used = heap_used(w->heap);
		w->error = errval_make(w->heap, ERRKEY_MEMORY_LIMIT,
		    "the result takes %zu bytes of %zu", heap_used(w->heap),
		    heap_limit(w->heap));
		rc = -1;
	}
	if (rc == 0 && r->row && answer_row(r, w, wall))
		return;
	if (rc == 0) {
		len = s.out.len;
		s.rows = 0;
		mark = frame_begin(&s.out, MSG_RESULT);
		pack_array(&s.out, 4);
		pack_uint(&s.out, r->id);
		if (pack_val(&s.out, w->result, &outwards, w->grants->result,
		        &e) == 0) {
			answer_result(w, wall, mark);
			return;
		}
		s.out.len = len;
		refuse_result(w, &e);
	}
	answer_failed(r, w, wall);
}

/* Built-ins that let foreign code run (process.exec), and plug-ins: one task a
 * process, and the limits hold for what it starts, too. */
static const char *const untrusted[] = {
#define BUILTIN(id, sym, trusted, idempotent, params, doc)                     \
	(trusted) ? NULL : (id),
#define BUILTIN_HTTP BUILTIN
#include "task/builtin.def"
};

static bool
is_untrusted(const char *id, size_t len)
{
	size_t i;

	if (image.plugin_run != NULL)
		return true;
	for (i = 0; i < NITEMS(untrusted); i++) {
		if (untrusted[i] != NULL && strlen(untrusted[i]) == len &&
		    memcmp(untrusted[i], id, len) == 0)
			return true;
	}
	return false;
}

static const struct code *
code_of(const char *id, size_t len)
{
	struct code *c = &s.code;

	if (c->id != NULL && c->len == len && memcmp(c->id, id, len) == 0)
		return c;
	free(c->id);
	c->id = xstrndup(id, len);
	c->len = len;
	c->run = builtin_find(c->id);
	c->untrusted = is_untrusted(id, len);
	c->machine = len > 5 && memcmp(id, "text.", 5) == 0;
	return c;
}

/* The heap of the serving process, under the plan's limit. */
static struct heap *
heap_for(const struct grants *g)
{
	if (heap_limit(s.heap) != g->memory)
		heap_set_limit(s.heap, g->memory);
	return s.heap;
}

static int
run_code(const struct request *r, struct work *w)
{
	if (image.plugin_run != NULL)
		return image.plugin_run(w);
	if (r->closure != 0) {
		if (image.closure_run == NULL)
			return work_error(w, ERRKEY_PROTOCOL,
			    "this worker runs no functions");
		return image.closure_run(w);
	}
	if (r->code->run == NULL)
		return work_error(w, ERRKEY_UNKNOWN_CAPABILITY,
		    "the worker %s has no %s", image.name, w->capability);
	return r->code->run(w);
}

/* Arguments, code, answer.  -1: the arguments cannot be read. */
static int
run_task(const struct request *r, const struct task_plan *p, int64_t start,
    struct unpack *args, struct error *e)
{
	const struct unpack_options *options = &of_builtins;
	struct work w = {.grants = &p->grants, .closure = r->closure};
	const unsigned char *begin = args->at;
	int rc;

	w.capability = r->code->id;
	w.result = VAL_UNBOUND;
	w.error = VAL_UNBOUND;
	w.printed = s.printed;
	w.deadline =
	    p->grants.timeout > 0 ? start + p->grants.timeout : INT64_MAX;
	if ((r->closure != 0 || r->code->machine) && image.closure_heap != NULL)
		w.heap = image.closure_heap(&p->grants);
	if (r->closure != 0)
		options = &of_functions;
	if (w.heap == NULL)
		w.heap = heap_for(&p->grants);
	s.last = w.heap;
	args->texts = texts_waiting();
	rc = unpack_val(w.heap, args, options, &w.args, e);
	texts_close();
	if (rc == -1 && e->kind == EK_LIMIT) {
		w.args = VAL_UNBOUND;
		args->at = begin;
		w.limit = "memory";
		w.used = heap_limit(w.heap);
		w.error = errval_make(
		    w.heap, ERRKEY_MEMORY_LIMIT, "the arguments: %s", e->msg);
		if (r->row && unpack_skip(args, e) == -1)
			return -1;
	} else if (rc == -1) {
		return -1;
	} else if (!val_is_vector(w.args)) {
		rc = work_error(&w, ERRKEY_PROTOCOL, "arguments: no vector");
	} else {
		rc = run_code(r, &w);
	}
	s.now = clock_mono();
	answer(r, &w, rc, s.now - start);
	if (refs.n > 0) /* while what it refers to is there */
		flush();
	if (w.args != VAL_UNBOUND)
		val_release(w.heap, w.args);
	if (w.result != VAL_UNBOUND)
		val_release(w.heap, w.result);
	if (w.error != VAL_UNBOUND)
		val_release(w.heap, w.error);
	if (w.printed.data != NULL) {
		buf_clear(&w.printed);
		s.printed = w.printed;
	}
	return 0;
}

/* For foreign code for good. */
static int
enforce(const struct task_plan *p, bool foreign, int64_t now)
{
	if (!foreign)
		return task_plan_apply(p, now);
	task_plan_umask(p);
	return task_plan_bind(p);
}

/* For good, where foreign code follows. */
static int
take_on(const struct task_plan *p, bool foreign, int64_t now, struct error *e)
{
	if (foreign)
		give_up_page();
	if (task_plan_become(p) == -1)
		return error_sys(e, "user or niceness");
	if (p->as_user) /* lost with the ids */
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (enforce(p, foreign, now) == -1)
		return error_sys(e, "limits");
	return 0;
}

static int
find_plan(uint64_t number, const struct task_plan **p, struct error *e)
{
	*p = task_plan_find(number);
	if (*p == NULL)
		return error_set(e, EK_PROTO, "plan %llu was never sent",
		    (unsigned long long)number);
	if (s.loaded != NULL && s.loaded != *p)
		return error_set(e, EK_PROTO, "loaded for another plan");
	return 0;
}

/* What the task or tasks of a frame have in common; the cursor is behind it. */
static int
read_request(struct unpack *u, struct request *r, const struct task_plan **p,
    struct error *e)
{
	const char *capability;
	size_t len;

	if (unpack_uint(u, &r->id, e) == -1 ||
	    unpack_uint(u, &r->plan, e) == -1 ||
	    unpack_str(u, &capability, &len, e) == -1 ||
	    unpack_uint(u, &r->closure, e) == -1)
		return -1;
	if (find_plan(r->plan, p, e) == -1)
		return -1;
	if (capability == NULL)
		return error_set(e, EK_PROTO, "a task without capability");
	r->code = code_of(capability, len);
	return 0;
}

/* 1: it was taken back. */
static int
serve_one(const struct request *r, const struct task_plan *p, struct unpack *u,
    struct error *e)
{
	int64_t start;

	if (!claim(r->id))
		return 1;
	start = s.now != 0 ? s.now : clock_mono();
	if (s.loaded == NULL && take_on(p, r->code->untrusted, start, e) == -1)
		return -1;
	if (run_task(r, p, start, u, e) == -1)
		return -1;
	if (s.out.len > FLUSH_BYTES || s.now - s.out_since > FLUSH_AGE)
		flush();
	return 0;
}

int
serve_load(const struct frame *f, struct error *e)
{
	const struct task_plan *p;
	struct unpack u;
	uint64_t plan;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 1, e) == -1 || unpack_uint(&u, &plan, e) == -1 ||
	    find_plan(plan, &p, e) == -1)
		return -1;
	if (image.plugin_load == NULL || s.loaded != NULL)
		return error_set(e, EK_PROTO, "nothing to load");
	if (take_on(p, true, 0, e) == -1)
		return -1;
	s.loaded = p;
	image.plugin_load(&p->grants);
	return 0;
}

int
serve_task(const struct frame *f, struct error *e)
{
	const struct task_plan *p;
	struct request r = {.row = false};
	struct unpack u;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 5, e) == -1 ||
	    read_request(&u, &r, &p, e) == -1 || serve_one(&r, p, &u, e) == -1)
		return -1;
	return 0;
}

int
serve_tasks(const struct frame *f, struct error *e)
{
	const struct task_plan *p;
	struct request r = {.row = true};
	struct unpack u;
	size_t n;
	int rc = 0;

	unpack_init(&u, f->payload, f->len);
	if (unpack_array(&u, &n, e) == -1)
		return -1;
	if (n != 4)
		return error_set(e, EK_PROTO, "TASKS with %zu fields", n);
	if (read_request(&u, &r, &p, e) == -1)
		return -1;
	if (r.code->untrusted)
		return error_set(
		    e, EK_PROTO, "more than one task of %s", r.code->id);
	s.rows = 0; /* a limit of one plan holds for all rows */
	for (; u.at < u.end && rc == 0; r.id++)
		rc = serve_one(&r, p, &u, e);
	return rc == -1 ? -1 : 0; /* behind one taken back all are */
}

int
serve_closure(const struct frame *f, struct error *e)
{
	struct unpack u;
	uint64_t id;
	const void *bytes;
	size_t len;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 2, e) == -1 || unpack_uint(&u, &id, e) == -1 ||
	    unpack_bin(&u, &bytes, &len, e) == -1)
		return -1;
	if (image.closure_add == NULL)
		return error_set(e, EK_PROTO, "this worker runs no functions");
	image.closure_add(id, bytes, len);
	return 0;
}

void
serve_rest(void)
{
	if (s.last != NULL)
		heap_trim(s.last);
	pages_forget();
}

void
serve_message_done(void)
{
	flush();
	texts_close(); /* of a task that was taken back */
}

bool
serve_worn(void)
{
	return name_count() - s.names > MAX_NEW_NAMES;
}
