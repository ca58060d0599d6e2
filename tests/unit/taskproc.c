/* rooms: proto value base
 * Serving task processes of the real rtfs-worker: batches, limits that change
 * from task to task, work that is taken back, large requests, hostile ends. */

#include "tests/unit/super.h"
#include "value/errval.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/string.h"
#include "value/vector.h"

struct answer {
	unsigned int msg;
	int64_t id;
	val value;      /* result or error */
	char limit[16]; /* FAILED */
	int64_t used;
	int64_t wall;
};

struct stream {
	int fd;
	struct buf in;
	size_t at;
	size_t row; /* to be read next of a RESULTS that begins there */
};

static struct heap *heap;

static void
plan(struct buf *b, uint64_t id, const struct limit *l, size_t n,
    const char *key, uint64_t number)
{
	size_t mark = frame_begin(b, MSG_PLAN);

	pack_array(b, 3);
	pack_uint(b, id);
	pack_limits(b, l, n);
	pack_map(b, key != NULL ? 4 : 3);
	pack_strz(b, "env");
	pack_array(b, 1);
	pack_array(b, 2);
	pack_strz(b, "COLOUR");
	pack_strz(b, "red");
	pack_strz(b, "write");
	pack_array(b, 1);
	pack_strz(b, "/tmp");
	pack_strz(b, "of a later version");
	pack_map(b, 0);
	if (key != NULL) {
		pack_strz(b, key);
		pack_uint(b, number);
	}
	frame_end(b, mark);
}

/* Arguments: strings, NULL at the end. */
static void
task(struct buf *b, uint64_t id, uint64_t plan_id, const char *capability,
    const char *const *args)
{
	size_t mark = frame_begin(b, MSG_TASK);
	size_t n = 0;
	size_t i;

	while (args[n] != NULL)
		n++;
	pack_array(b, 5);
	pack_uint(b, id);
	pack_uint(b, plan_id);
	pack_strz(b, capability);
	pack_uint(b, 0);
	pack_array(b, n);
	for (i = 0; i < n; i++)
		pack_strz(b, args[i]);
	frame_end(b, mark);
}

/* Rows of (CAPABILITY text), one for each. */
static void
tasks(struct buf *b, uint64_t id, uint64_t plan_id, const char *capability,
    const char *const *text)
{
	size_t mark = frame_begin(b, MSG_TASKS);

	pack_array(b, 4);
	pack_uint(b, id);
	pack_uint(b, plan_id);
	pack_strz(b, capability);
	pack_uint(b, 0);
	for (; *text != NULL; text++) {
		pack_array(b, 1);
		pack_strz(b, *text);
	}
	frame_end(b, mark);
}

static void
post(struct run *r, struct buf *b)
{
	struct error e;

	CU_ASSERT_EQUAL(frame_send(r->request, b, NULL, 0, &e), 0);
	buf_clear(b);
}

/* The row whose turn it is; after the last one the frame is over. */
static bool
next_row(struct stream *s, struct answer *a, struct unpack *u, size_t used)
{
	struct error e;
	size_t i;

	if (unpack_fields(u, 1, &e) == -1 || unpack_int(u, &a->id, &e) == -1)
		return false;
	for (i = 0; i < 2 * s->row; i++) {
		if (unpack_skip(u, &e) == -1)
			return false;
	}
	a->id += (int64_t)s->row++;
	if (unpack_val(heap, u, NULL, &a->value, &e) == -1 ||
	    unpack_int(u, &a->wall, &e) == -1)
		return false;
	if (u->at == u->end) {
		s->at += used;
		s->row = 0;
	}
	return true;
}

static bool
next_answer(struct stream *s, struct answer *a)
{
	const char *text;
	struct unpack u;
	struct frame f;
	struct error e;
	size_t used;
	size_t need;
	size_t len;
	int64_t n;
	enum frame_status st;

	memset(a, 0, sizeof(*a));
	a->value = VAL_NIL;
	for (;;) {
		st = frame_next(s->in.data + s->at, s->in.len - s->at,
		    MAX_FRAME, &f, &used, &need, &e);
		if (st == FRAME_OK)
			break;
		if (st == FRAME_BAD || !readable(s->fd))
			return false;
		n = read(s->fd, buf_reserve(&s->in, 65536), 65536);
		if (n <= 0)
			return false;
		s->in.len += (size_t)n;
	}
	a->msg = f.msg;
	unpack_init(&u, f.payload, f.len);
	if (f.msg == MSG_RESULTS)
		return next_row(s, a, &u, used);
	s->at += used;
	if (unpack_fields(&u, f.msg == MSG_RESULT ? 4 : 6, &e) == -1 ||
	    unpack_int(&u, &a->id, &e) == -1 ||
	    unpack_val(heap, &u, &(struct unpack_options){0}, &a->value, &e) ==
	        -1 ||
	    unpack_str(&u, &text, &len, &e) == -1 ||
	    unpack_int(&u, &a->wall, &e) == -1)
		return false;
	if (f.msg == MSG_RESULT)
		return true;
	if (unpack_str(&u, &text, &len, &e) == -1 ||
	    unpack_int(&u, &a->used, &e) == -1)
		return false;
	snprintf(a->limit, sizeof(a->limit), "%.*s", (int)len,
	    text != NULL ? text : "");
	return true;
}

static bool
is_text(val v, const char *text)
{
	return val_is_string(v) && str_equal_text(v, text);
}

static bool
failed(const struct answer *a, enum errkey kind)
{
	return a->msg == MSG_FAILED && val_is_error(a->value) &&
	    val_errval(a->value)->kind == errkey_keyword(kind);
}

struct stage {
	struct run r;
	struct stream s;
	struct buf b;
	struct answer a;
};

static void
open_stage(struct slot *slot, struct stage *st)
{
	memset(st, 0, sizeof(*st));
	CU_ASSERT_FATAL(run_start(slot, &st->r));
	st->s.fd = st->r.result;
	heap = heap_new(0);
}

/* End it as a supervisor does; it must end well. */
static void
close_stage(struct slot *slot, struct stage *st, int code, int status)
{
	struct ended end;

	close(st->r.request);
	CU_ASSERT(run_ended(slot, &st->r, &end));
	CU_ASSERT_EQUAL(end.code, code);
	CU_ASSERT_EQUAL(end.status, status);
	st->r.request = dup(st->r.result);
	run_close(&st->r);
	buf_free(&st->s.in);
	buf_free(&st->b);
	heap_free(heap);
	heap = NULL;
}

static const char *const colour[] = {"COLOUR", NULL};
static const char *const unset[] = {"PATH", "none", NULL};

static void
batch(struct slot *slot)
{
	struct stage st;
	uint64_t id;

	open_stage(slot, &st);
	plan(&st.b, 1, NULL, 0, NULL, 0);
	for (id = 1; id <= 50; id++)
		task(&st.b, id, 1, id % 2 ? "env.get" : "no.such", colour);
	task(&st.b, id, 1, "env.get", unset);
	post(&st.r, &st.b);
	for (id = 1; id <= 50; id++) {
		CU_ASSERT(next_answer(&st.s, &st.a));
		CU_ASSERT_EQUAL(st.a.id, (int64_t)id);
		CU_ASSERT(st.a.wall > 0);
		if (id % 2) {
			CU_ASSERT_EQUAL(st.a.msg, MSG_RESULT);
			CU_ASSERT(is_text(st.a.value, "red"));
		} else {
			CU_ASSERT(failed(&st.a, ERRKEY_UNKNOWN_CAPABILITY));
			CU_ASSERT_STRING_EQUAL(st.a.limit, "");
		}
	}
	CU_ASSERT(next_answer(&st.s, &st.a));
	CU_ASSERT(is_text(st.a.value, "none"));
	CU_ASSERT_EQUAL(atomic_load(&st.r.page->running), 51);
	/* A second message, the plan still known. */
	task(&st.b, 60, 1, "env.get", colour);
	post(&st.r, &st.b);
	CU_ASSERT(next_answer(&st.s, &st.a));
	CU_ASSERT_EQUAL(st.a.id, 60);
	close_stage(slot, &st, CLD_EXITED, 0);
}

static void
test_batch(void)
{
	in_each_slot(batch);
}

/* One that fails among them, and one whose arguments do not fit. */
static void
rows(struct slot *slot)
{
	static const char *const text[] = {"1", "[2]", "{bad", "4", NULL};
	static const char *const one[] = {"7", NULL};
	struct stage st;
	char *longer;
	const char *large[4] = {"5", NULL, "6", NULL};
	int i;

	open_stage(slot, &st);
	plan(&st.b, 1, NULL, 0, "memory", 40000);
	tasks(&st.b, 1, 1, "json.parse", text);
	longer = xmalloc(50001);
	memset(longer, ' ', 50000);
	longer[50000] = '\0';
	large[1] = longer;
	tasks(&st.b, 5, 1, "json.parse", large);
	task(&st.b, 8, 1, "json.parse", one);
	post(&st.r, &st.b);
	free(longer);
	for (i = 1; i <= 8; i++) {
		CU_ASSERT_FATAL(next_answer(&st.s, &st.a));
		CU_ASSERT_EQUAL(st.a.id, i);
		CU_ASSERT(st.a.wall > 0);
		if (i == 3 || i == 6) {
			CU_ASSERT_EQUAL(st.a.msg, MSG_FAILED);
		} else if (i == 8) {
			CU_ASSERT_EQUAL(st.a.msg, MSG_RESULT);
		} else {
			CU_ASSERT_EQUAL(st.a.msg, MSG_RESULTS);
		}
		if (i == 6) {
			CU_ASSERT(failed(&st.a, ERRKEY_MEMORY_LIMIT));
		} else if (i == 4) {
			CU_ASSERT_EQUAL(st.a.value, val_fix(4));
		} else if (i == 7) {
			CU_ASSERT_EQUAL(st.a.value, val_fix(6));
		}
	}
	CU_ASSERT_EQUAL(atomic_load(&st.r.page->running), 8);
	close_stage(slot, &st, CLD_EXITED, 0);
}

static void
test_rows(void)
{
	in_each_slot(rows);
}

/* What was taken back before it began is never answered. */
static void
revoked(struct slot *slot)
{
	struct stage st;

	open_stage(slot, &st);
	atomic_store(&st.r.page->revoked, 3);
	atomic_store(&st.r.page->running, 1 | PAGE_REVOKED);
	plan(&st.b, 1, NULL, 0, NULL, 0);
	task(&st.b, 2, 1, "env.get", colour);
	tasks(&st.b, 3, 1, "env.get", colour);
	task(&st.b, 4, 1, "env.get", colour);
	post(&st.r, &st.b);
	CU_ASSERT(next_answer(&st.s, &st.a));
	CU_ASSERT_EQUAL(st.a.id, 4);
	CU_ASSERT_EQUAL(atomic_load(&st.r.page->running), 4);
	close_stage(slot, &st, CLD_EXITED, 0);
}

static void
test_revoked(void)
{
	in_each_slot(revoked);
}

static uint64_t
soft_limit(pid_t pid, int resource)
{
	struct rlimit l = {0, 0};

	CU_ASSERT_EQUAL(
	    prlimit(pid, (__rlimit_resource_t)resource, NULL, &l), 0);
	return l.rlim_cur;
}

/* Limits are those of the task in hand, also upwards again. */
static void
limits(struct slot *slot)
{
	static const struct limit low[] = {
	    {RLIMIT_NOFILE, 40,   40  },
	    {RLIMIT_FSIZE,  4096, 4096},
	    {RLIMIT_CPU,    3,    4   },
	};
	struct stage st;
	struct rlimit own;
	uint64_t cpu;

	getrlimit(RLIMIT_NOFILE, &own);
	open_stage(slot, &st);
	plan(&st.b, 1, low, NITEMS(low), NULL, 0);
	plan(&st.b, 2, NULL, 0, NULL, 0);
	task(&st.b, 1, 1, "env.get", colour);
	post(&st.r, &st.b);
	CU_ASSERT(next_answer(&st.s, &st.a));
	CU_ASSERT_EQUAL(soft_limit(st.r.pid, RLIMIT_FSIZE), 4096);
	cpu = soft_limit(st.r.pid, RLIMIT_CPU);
	CU_ASSERT(cpu == 3 || cpu == 4); /* what it used counts */
	task(&st.b, 2, 2, "env.get", colour);
	post(&st.r, &st.b);
	CU_ASSERT(next_answer(&st.s, &st.a));
	CU_ASSERT_EQUAL(soft_limit(st.r.pid, RLIMIT_FSIZE), RLIM_INFINITY);
	CU_ASSERT_EQUAL(soft_limit(st.r.pid, RLIMIT_CPU), RLIM_INFINITY);
	CU_ASSERT_EQUAL(soft_limit(st.r.pid, RLIMIT_NOFILE), own.rlim_cur);
	close_stage(slot, &st, CLD_EXITED, 0);
}

static void
test_limits(void)
{
	in_each_slot(limits);
}

/* The end of the process tells which limit struck, the page which task. */
static void
file_size(struct slot *slot)
{
	static const struct limit low[] = {
	    {RLIMIT_FSIZE, 4096, 4096}
        };
	char path[] = "/tmp/rtfs-unit-XXXXXX";
	const char *args[] = {path, NULL, NULL};
	char *text = xmalloc(8193);
	struct stage st;
	int fd = mkstemp(path);

	CU_ASSERT_FATAL(fd != -1);
	memset(text, 'x', 8192);
	text[8192] = '\0';
	args[1] = text;
	open_stage(slot, &st);
	plan(&st.b, 1, NULL, 0, NULL, 0);
	plan(&st.b, 2, low, NITEMS(low), NULL, 0);
	task(&st.b, 1, 1, "fs.write", args);
	post(&st.r, &st.b);
	CU_ASSERT(next_answer(&st.s, &st.a));
	CU_ASSERT_EQUAL(st.a.msg, MSG_RESULT);
	task(&st.b, 2, 2, "fs.write", args);
	task(&st.b, 3, 2, "env.get", colour);
	post(&st.r, &st.b);
	CU_ASSERT(!next_answer(&st.s, &st.a));
	CU_ASSERT_EQUAL(atomic_load(&st.r.page->running), 2);
	close_stage(slot, &st, CLD_KILLED, SIGXFSZ);
	unlink(path);
	close(fd);
	free(text);
}

static void
test_file_size(void)
{
	in_each_slot(file_size);
}

/* A request in a sealed memfd, its answers longer than a pipe holds. */
static void
large(struct slot *slot)
{
	size_t len = 300000;
	char *text = xmalloc(len + 3);
	const char *args[] = {text, NULL};
	struct buf inner = BUF_INIT;
	struct stage st;
	struct error e;
	size_t mark;
	size_t got;
	uint64_t id;
	int fd;

	memset(text, 'x', len + 2);
	text[0] = text[len + 1] = '"';
	text[len + 2] = '\0';
	open_stage(slot, &st);
	plan(&inner, 1, NULL, 0, NULL, 0);
	plan(&inner, 2, NULL, 0, "result", 1000);
	plan(&inner, 3, NULL, 0, "memory", 65536);
	for (id = 1; id <= 3; id++)
		task(&inner, id, id, "json.parse", args);
	task(&inner, 4, 1, "json.parse", args);
	fd = frame_memfd("test", inner.data, inner.len, &e);
	CU_ASSERT_FATAL(fd != -1);
	mark = frame_begin(&st.b, MSG_LARGE);
	pack_array(&st.b, 1);
	pack_uint(&st.b, inner.len);
	frame_end(&st.b, mark);
	CU_ASSERT_EQUAL(frame_send(st.r.request, &st.b, &fd, 1, &e), 0);
	close(fd);
	for (id = 1; id <= 4; id++) {
		CU_ASSERT(next_answer(&st.s, &st.a));
		CU_ASSERT_EQUAL(st.a.id, (int64_t)id);
		if (id == 2) {
			CU_ASSERT(failed(&st.a, ERRKEY_RESULT_LIMIT));
			CU_ASSERT_STRING_EQUAL(st.a.limit, "result");
		} else if (id == 3) {
			CU_ASSERT(failed(&st.a, ERRKEY_MEMORY_LIMIT));
			CU_ASSERT_STRING_EQUAL(st.a.limit, "memory");
		} else {
			CU_ASSERT_EQUAL(st.a.msg, MSG_RESULT);
			CU_ASSERT_FATAL(val_is_string(st.a.value));
			str_bytes(st.a.value, &got);
			CU_ASSERT_EQUAL(got, len);
		}
	}
	close_stage(slot, &st, CLD_EXITED, 0);
	buf_free(&inner);
	free(text);
}

static void
test_large(void)
{
	in_each_slot(large);
}

/* A request that is not sealed could change while it is read. */
static void
unsealed(struct slot *slot)
{
	struct stage st;
	struct error e;
	char *said;
	size_t mark;
	int fd;

	open_stage(slot, &st);
	fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CU_ASSERT_FATAL(fd != -1 && ftruncate(fd, 100) == 0);
	mark = frame_begin(&st.b, MSG_LARGE);
	pack_array(&st.b, 1);
	pack_uint(&st.b, 100);
	frame_end(&st.b, mark);
	CU_ASSERT_EQUAL(frame_send(st.r.request, &st.b, &fd, 1, &e), 0);
	close(fd);
	said = drain(st.r.stray);
	CU_ASSERT(said != NULL && strstr(said, "sealed") != NULL);
	free(said);
	close_stage(slot, &st, CLD_EXITED, 125);
}

static void
test_unsealed(void)
{
	in_each_slot(unsealed);
}

/* SIGKILL from outside: by its number, which is the one we were told. */
static void
killed(struct slot *slot)
{
	struct stage st;

	open_stage(slot, &st);
	CU_ASSERT_FATAL(st.r.pid > 1);
	CU_ASSERT_EQUAL(kill(st.r.pid, SIGKILL), 0);
	close_stage(slot, &st, CLD_KILLED, SIGKILL);
}

static void
test_killed(void)
{
	in_each_slot(killed);
}

/* A process that has learnt too many names retires after its message. */
static void
retires(struct slot *slot)
{
	struct stage st;
	size_t mark;
	size_t i;
	char name[32];

	open_stage(slot, &st);
	plan(&st.b, 1, NULL, 0, NULL, 0);
	mark = frame_begin(&st.b, MSG_TASK);
	pack_array(&st.b, 5);
	pack_uint(&st.b, 1);
	pack_uint(&st.b, 1);
	pack_strz(&st.b, "json.stringify");
	pack_uint(&st.b, 0);
	pack_array(&st.b, 1);
	pack_array(&st.b, 5000);
	for (i = 0; i < 5000; i++) {
		char head[3] = {(char)0xc7, 0, EXT_KEYWORD};

		snprintf(name, sizeof(name), "new-name-%zu", i);
		head[1] = (char)strlen(name);
		buf_add(&st.b, head, sizeof(head)); /* ext 8 */
		buf_adds(&st.b, name);
	}
	frame_end(&st.b, mark);
	post(&st.r, &st.b);
	CU_ASSERT(next_answer(&st.s, &st.a));
	CU_ASSERT_EQUAL(st.a.msg, MSG_RESULT);
	CU_ASSERT(!next_answer(&st.s, &st.a)); /* its end */
	close_stage(slot, &st, CLD_EXITED, 0);
}

static void
test_retires(void)
{
	in_each_slot(retires);
}

/* A process that is made with its task: more comes behind RUN. */
static bool
run_task(struct slot *slot, struct stage *st, int extra)
{
	int result[2], stray[2], fds[3];
	bool ok;

	if (pipe2(result, O_CLOEXEC) == -1 || pipe2(stray, O_CLOEXEC) == -1)
		return false;
	memset(&st->r, 0, sizeof(st->r));
	st->r.id = ++last_run;
	st->r.request = dup(result[0]);
	st->r.result = result[0];
	st->r.stray = stray[0];
	memset(&st->s, 0, sizeof(st->s));
	st->s.fd = result[0];
	fds[0] = result[1];
	fds[1] = stray[1];
	fds[2] = extra;
	ok =
	    run_begin(slot, &st->r, RUN_TASK, &st->b, fds, extra == -1 ? 2 : 3);
	buf_clear(&st->b);
	heap = heap_new(0);
	return ok;
}

/* What is larger is the shadow of a sanitizer. */
#define MOST_MAPPED (1UL << 30)

/* Are those bytes in what a process has written to?  -1: that cannot be seen. */
static int
has_bytes(pid_t pid, const char *bytes)
{
	char path[64], line[512], rights[8], *at;
	unsigned long from, to;
	size_t len = strlen(bytes);
	FILE *maps;
	int mem, found = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "r");
	if (mem == -1 || maps == NULL)
		found = -1;
	while (found == 0 && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 ||
		    rights[1] != 'w' || to - from > MOST_MAPPED)
			continue;
		at = xmalloc(to - from);
		n = pread(mem, at, to - from, (off_t)from);
		if (n > 0 && memmem(at, (size_t)n, bytes, len) != NULL)
			found = 1;
		free(at);
	}
	if (maps != NULL)
		fclose(maps);
	if (mem != -1)
		close(mem);
	return found;
}

static const char secret[] = "said-to-one-task-alone";

/* The guard has read the task, and keeps nothing of it for the next. */
static void
with_task(struct slot *slot)
{
	const char *args[] = {"PATH", secret, NULL};
	struct stage st = {.b = BUF_INIT};

	plan(&st.b, 1, NULL, 0, NULL, 0);
	task(&st.b, 7, 1, "env.get", args);
	CU_ASSERT_FATAL(run_task(slot, &st, -1));
	CU_ASSERT(next_answer(&st.s, &st.a));
	CU_ASSERT_EQUAL(st.a.id, 7);
	CU_ASSERT(is_text(st.a.value, secret));
	close_stage(slot, &st, CLD_EXITED, 0);
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(has_bytes(slot->pid, "rtfs: slot "), 1);
		CU_ASSERT_EQUAL(has_bytes(slot->pid, secret), 0);
	}
}

/* Its long text comes by a pipe, or all of it in a sealed memfd. */
static void
with_much(struct slot *slot)
{
	struct buf inner = BUF_INIT;
	struct stage st = {.b = BUF_INIT};
	struct error e;
	char *text = xmalloc(100001);
	const char *args[] = {text, NULL};
	int fd[2], k;
	size_t mark, at;

	memset(text, '7', 100000);
	text[100000] = '\0';
	for (k = 0; k < 2; k++) {
		buf_clear(&inner);
		plan(&inner, 1, NULL, 0, NULL, 0);
		mark = inner.len;
		task(&inner, 8, 1, "text.upper", args);
		if (k == 0) {
			inner.len -= 100000; /* behind the text's header */
			frame_end(&inner, mark);
			at = inner.len - mark - FRAME_HEADER;
			CU_ASSERT_FATAL(pipe2(fd, O_CLOEXEC) == 0);
			CU_ASSERT(fcntl(fd[1], F_SETPIPE_SZ, 131072) > 0);
			CU_ASSERT_EQUAL(write(fd[1], text, 100000), 100000);
			close(fd[1]);
			mark = frame_begin(&st.b, MSG_TEXTS);
			pack_array(&st.b, 3);
			pack_uint(&st.b, 0);
			pack_uint(&st.b, at);
			pack_uint(&st.b, 100000);
			frame_end(&st.b, mark);
			buf_add(&st.b, inner.data, inner.len);
		} else {
			fd[0] = frame_memfd("test", inner.data, inner.len, &e);
			CU_ASSERT_FATAL(fd[0] != -1);
			mark = frame_begin(&st.b, MSG_LARGE);
			pack_array(&st.b, 1);
			pack_uint(&st.b, inner.len);
			frame_end(&st.b, mark);
		}
		CU_ASSERT_FATAL(run_task(slot, &st, fd[0]));
		CU_ASSERT(next_answer(&st.s, &st.a));
		CU_ASSERT_EQUAL(st.a.id, 8);
		CU_ASSERT(is_text(st.a.value, text));
		close_stage(slot, &st, CLD_EXITED, 0);
	}
	buf_free(&inner);
	free(text);
}

/* Neither a process without a task nor one with too much costs the guard. */
static void
with_nonsense(struct slot *slot)
{
	struct stage st = {.b = BUF_INIT};
	char *said;

	plan(&st.b, 1, NULL, 0, NULL, 0);
	CU_ASSERT_FATAL(run_task(slot, &st, -1));
	said = drain(st.r.stray);
	CU_ASSERT(said != NULL && strstr(said, "without a task") != NULL);
	free(said);
	close_stage(slot, &st, CLD_EXITED, 125);
	task(&st.b, 9, 5, "env.get", colour);
	CU_ASSERT_FATAL(run_task(slot, &st, -1));
	said = drain(st.r.stray);
	CU_ASSERT(said != NULL && strstr(said, "never sent") != NULL);
	free(said);
	close_stage(slot, &st, CLD_EXITED, 125);
	with_task(slot);
}

static void
test_with_task(void)
{
	in_each_slot(with_task);
	in_each_slot(with_much);
	in_each_slot(with_nonsense);
}

SUPER_MAIN("taskproc", {"a batch is answered in order", test_batch},
    {"rows are answered by rows", test_rows},
    {"what is taken back does not run", test_revoked},
    {"limits change from task to task", test_limits},
    {"a limit that strikes ends the process", test_file_size},
    {"large requests and answers", test_large},
    {"an unsealed request is refused", test_unsealed},
    {"a killed task process", test_killed}, {"too many names", test_retires},
    {"a process that comes with its task", test_with_task})
