/*
 * The pool against peers that the input plays: a fork server, its guards and
 * their task processes, each over the real sockets and pipes, none of them a
 * process.  The linker puts the functions of pool_kernel.h between the pool and
 * the kernel's processes and clock.  The input says, a step at a time, what comes
 * next: a right message, a wrong one, bytes, an end, a death, time, a new
 * task, a cancel.  Whatever it is, every task comes back exactly once.
 */
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "pool/pool.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "proto/proto.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pool_kernel.h"
#include "value/string.h"
#include "value/vector.h"

FUZZ_START

/* What the pool has asked of a fork server: more guards. */
static void
read_server(struct peer *p)
{
	struct buf in = BUF_INIT;
	struct error e;
	struct frame f;
	struct unpack u;
	struct peer *guard;
	size_t at, used, need, nfds;
	int fd;

	for (;;) {
		nfds = 1;
		if (p->fd == -1 ||
		    frame_recv_now(p->fd, &in, &fd, &nfds, &e) != 1)
			break;
		for (at = 0; at < in.len; at += used) {
			if (frame_next(in.data + at, in.len - at, MAX_FRAME, &f,
			        &used, &need, &e) != FRAME_OK)
				break;
			if (f.msg != MSG_SLOT_MAKE || nfds == 0)
				continue;
			guard = peer_new(false, fd);
			if (guard == NULL)
				break;
			nfds = 0;
			unpack_init(&u, f.payload, f.len);
			if (unpack_fields(&u, 2, &e) == 0)
				(void)!unpack_uint(&u, &guard->slot, &e);
		}
		if (nfds == 1)
			close(fd);
	}
	buf_free(&in);
}

static void
begin_run(struct peer *p, const struct frame *f, const int *fds, size_t nfds)
{
	struct unpack u;
	struct error e;
	uint64_t mode = RUN_SERVE;

	run_over(p);
	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 2, &e) == 0 && unpack_uint(&u, &p->run, &e) == 0)
		(void)!unpack_uint(&u, &mode, &e);
	p->pid = (int32_t)(FIRST_PID / 2 + (int32_t)p->run);
	if (mode == RUN_EXEC || mode == RUN_TASK) { /* with its request */
		p->result = fds[0];
		p->stray = fds[1];
		p->extra = nfds > 2 ? fds[2] : -1;
		fcntl(p->result, F_SETFL, O_NONBLOCK);
		fcntl(p->stray, F_SETFL, O_NONBLOCK);
		return;
	}
	p->request = fds[0];
	p->result = fds[1];
	p->stray = fds[2];
	p->extra = nfds == 4 ? fds[3] : -1;
	fcntl(p->request, F_SETFL, O_NONBLOCK);
	fcntl(p->result, F_SETFL, O_NONBLOCK);
	fcntl(p->stray, F_SETFL, O_NONBLOCK);
	if (p->extra == -1)
		return;
	p->page = mmap(NULL, sizeof(*p->page), PROT_READ | PROT_WRITE,
	    MAP_SHARED, p->extra, 0);
	if (p->page == MAP_FAILED)
		p->page = NULL;
}

/* Its id was read; of rows the other three fields come before the first. */
static void
take_tasks(struct peer *p, struct unpack *u, uint64_t id, bool rows)
{
	struct error e;
	int i;

	for (i = 0; rows && i < 3; i++) {
		if (unpack_skip(u, &e) == -1)
			FUZZ_FAIL(e.msg);
	}
	do {
		if (p->ntasks < TASKS)
			p->task[p->ntasks++] = id++;
		if (rows && unpack_skip(u, &e) == -1)
			FUZZ_FAIL(e.msg);
	} while (rows && u->at < u->end);
}

/* Also those that come with the process. */
static void
take_requests(struct peer *p, const char *bytes, size_t len)
{
	struct error e;
	struct frame f;
	struct unpack u;
	size_t at, used, need;
	uint64_t id;

	for (at = 0; at < len; at += used) {
		if (frame_next(bytes + at, len - at, MAX_FRAME, &f, &used,
		        &need, &e) != FRAME_OK)
			break;
		unpack_init(&u, f.payload, f.len);
		if ((f.msg == MSG_TASK || f.msg == MSG_TASKS ||
		        f.msg == MSG_EXEC) &&
		    unpack_fields(&u, 2, &e) == 0 &&
		    unpack_uint(&u, &id, &e) == 0)
			take_tasks(p, &u, id, f.msg == MSG_TASKS);
	}
}

static void
read_guard(struct peer *p)
{
	struct buf in = BUF_INIT;
	struct error e;
	struct frame f;
	size_t used, need, nfds, i;
	int fds[FRAME_MAX_FDS];

	for (;;) {
		nfds = FRAME_MAX_FDS;
		if (p->fd == -1 ||
		    frame_recv_now(p->fd, &in, fds, &nfds, &e) != 1)
			break;
		if (nfds >= 2 && nfds <= 4 &&
		    frame_next(in.data, in.len, MAX_FRAME, &f, &used, &need,
		        &e) == FRAME_OK &&
		    f.msg == MSG_RUN) {
			begin_run(p, &f, fds, nfds);
			take_requests(p, in.data + used, in.len - used);
			continue;
		}
		for (i = 0; i < nfds; i++)
			close(fds[i]);
	}
	buf_free(&in);
}

static void
read_requests(struct peer *p)
{
	struct buf in = BUF_INIT;
	struct error e;
	size_t nfds, i;
	int fds[FRAME_MAX_FDS];

	for (;;) {
		nfds = FRAME_MAX_FDS;
		if (p->request == -1 ||
		    frame_recv_now(p->request, &in, fds, &nfds, &e) != 1)
			break;
		for (i = 0; i < nfds; i++)
			close(fds[i]);
		take_requests(p, in.data, in.len);
	}
	buf_free(&in);
}

/* Everybody looks at what has come. */
static void
look(void)
{
	size_t i;

	for (i = 0; i < w.n; i++) {
		if (w.peer[i].server)
			read_server(&w.peer[i]);
		else
			read_guard(&w.peer[i]);
		read_requests(&w.peer[i]);
	}
}

static void
turn(unsigned int n)
{
	struct error e;

	while (n-- > 0) {
		if (loop_once(w.loop, w.now, &e) == -1)
			FUZZ_FAIL(e.msg);
		look();
	}
}

/* The nth that is alive, of guards or fork servers. */
static struct peer *
choose(bool server, unsigned int n)
{
	unsigned int i, alive = 0;

	for (i = 0; i < w.n; i++)
		alive += !w.peer[i].dead && w.peer[i].server == server;
	if (alive == 0)
		return NULL;
	for (n %= alive, i = 0;; i++) {
		if (!w.peer[i].dead && w.peer[i].server == server && n-- == 0)
			return &w.peer[i];
	}
}

static void
send_numbers(int fd, unsigned int msg, const uint64_t *n, size_t count)
{
	struct buf b = BUF_INIT;
	struct error e;
	size_t mark = frame_begin(&b, msg), i;

	pack_array(&b, count);
	for (i = 0; i < count; i++)
		pack_uint(&b, n[i]);
	frame_end(&b, mark);
	if (fd != -1)
		(void)!frame_send(fd, &b, NULL, 0, &e);
	buf_free(&b);
}

static void
say_hello(struct peer *p)
{
	struct buf b = BUF_INIT;
	struct error e;
	size_t mark = frame_begin(&b, MSG_HELLO);

	pack_array(&b, 4);
	pack_uint(&b, PROTO_VERSION);
	pack_uint(&b, 0);
	pack_strz(&b, "core");
	pack_int(&b, pid_of(p));
	frame_end(&b, mark);
	if (p->fd != -1)
		(void)!frame_send(p->fd, &b, NULL, 0, &e);
	buf_free(&b);
}

/* The oldest guard that was asked for is there, or is not. */
static void
say_made(struct peer *server, bool well, unsigned int how)
{
	size_t i;

	for (i = 0; i < w.n; i++) {
		struct peer *g = &w.peer[i];
		uint64_t n[] = {g->slot, (uint64_t)pid_of(g), how};

		if (g->server || g->made || g->dead)
			continue;
		g->made = true;
		if (!well) {
			n[1] = 1;
			n[2] = how % 140;
		}
		send_numbers(
		    server->fd, well ? MSG_SLOT_MADE : MSG_SLOT_FAILED, n, 3);
		if (!well)
			die(g, SIGKILL);
		return;
	}
}

static void
claim(struct peer *p, unsigned int i)
{
	if (p->page != NULL && p->ntasks > 0)
		atomic_store(&p->page->running, p->task[i % p->ntasks]);
}

/* The first n of its tasks, as rows. */
static void
answer_rows(struct peer *p, size_t n)
{
	struct buf b = BUF_INIT;
	size_t mark = frame_begin(&b, MSG_RESULTS), i;

	if (n > p->ntasks)
		n = p->ntasks;
	pack_array(&b, 1);
	pack_uint(&b, n == 0 ? 0 : p->task[0]);
	for (i = 0; i < n; i++) {
		pack_strz(&b, "right");
		pack_int(&b, 1000);
	}
	frame_end(&b, mark);
	p->ntasks -= n;
	memmove(&p->task[0], &p->task[n], p->ntasks * sizeof(p->task[0]));
	if (p->result != -1)
		(void)!write(p->result, b.data, b.len);
	buf_free(&b);
}

/* RESULT or FAILED for one of its tasks, most often the first. */
static void
answer(struct peer *p, bool well, unsigned int how)
{
	struct heap *h = w.heap;
	struct buf b = BUF_INIT;
	struct error e;
	uint64_t id = how;
	size_t mark, i = 0;
	val v;

	if (p->ntasks > 0) {
		i = how < 200 ? 0 : how % p->ntasks;
		id = p->task[i];
		memmove(&p->task[i], &p->task[i + 1],
		    (--p->ntasks - i) * sizeof(p->task[0]));
	}
	mark = frame_begin(&b, well ? MSG_RESULT : MSG_FAILED);
	pack_array(&b, well ? 4 : 6);
	pack_uint(&b, id);
	v = well ? str_from(h, "right") :
	           errval_make(h, ERRKEY_CAPABILITY, "wrong");
	if (pack_val(&b, v, &(struct pack_options){0}, MAX_FRAME, &e) == -1)
		FUZZ_FAIL(e.msg);
	val_release(h, v);
	pack_str(&b, "", 0);
	pack_int(&b, 1000);
	if (!well) {
		pack_str(&b, "cpu", how % 2 == 0 ? 3 : 0);
		pack_uint(&b, how);
	}
	frame_end(&b, mark);
	if (p->result != -1)
		(void)!write(p->result, b.data, b.len);
	buf_free(&b);
}

/* A frame of any kind with bytes of the input, or with nothing but them. */
static void
say_bytes(int fd, bool framed)
{
	struct buf b = BUF_INIT;
	size_t n = (size_t)take_byte(), mark = 0;

	if (n > (size_t)(w.end - w.at))
		n = (size_t)(w.end - w.at);
	if (framed)
		mark = frame_begin(&b, (unsigned int)take_byte() % 23);
	if (n > (size_t)(w.end - w.at))
		n = (size_t)(w.end - w.at);
	buf_add(&b, w.at, n);
	w.at += n;
	if (framed)
		frame_end(&b, mark);
	if (fd != -1 && b.len > 0)
		(void)!write(fd, b.data, b.len);
	buf_free(&b);
}

static struct capability serving = {.id = (char[]){"time.sleep"},
    .kind = CAP_BUILTIN,
    .trusted = true,
    .idempotent = true};
static struct capability alone = {
    .id = (char[]){"process.exec"}, .kind = CAP_BUILTIN};
static char *program_argv[] = {(char[]){"true"}, NULL};
static struct capability program = {.id = (char[]){"fuzz.program"},
    .kind = CAP_EXEC,
    .codec = CODEC_ARGV,
    .argv = program_argv,
    .program = (char[]){"/bin/true"}};
static struct effective policy = {.timeout = 50 * NS_PER_MS};

static void
submit(unsigned int kind)
{
	static struct capability *const caps[] = {
	    &serving, &serving, &alone, &program};
	const struct plan *plan;
	struct task *t = &w.task[w.ntasks];
	struct error e;

	if (w.ntasks == TASKS)
		return;
	if (pool_plan(w.pool, caps[kind % NITEMS(caps)], &policy, &plan, &e) ==
	    -1)
		FUZZ_FAIL(e.msg);
	t->plan = plan;
	t->heap = w.heap;
	t->args = vec_empty(w.heap);
	t->seq = w.ntasks++;
	pool_submit(w.pool, t);
}

static void
task_back(struct task *t, struct outcome *o, void *arg ATTR_UNUSED)
{
	FUZZ_REQUIRE(w.back[t->seq]++ == 0);
	FUZZ_REQUIRE(o->ok || val_is_error(o->error) ||
	    (o->message != NULL && o->message[0] != '\0'));
	val_release(w.heap, t->args);
}

static void
step(void)
{
	unsigned int op = (unsigned int)take_byte();
	unsigned int how = (unsigned int)take_byte();
	struct peer *s = choose(true, 0), *g = choose(false, how >> 4);
	uint64_t n[8] = {0};

	switch (op % 20) {
	case 0:
		submit(how);
		break;
	case 1:
		w.now += INT64_C(1) << how % 32;
		break;
	case 2:
		if (w.ntasks > 0 && w.back[how % w.ntasks] == 0)
			pool_cancel(w.pool, &w.task[how % w.ntasks],
			    ERRKEY_CANCELLED, "fuzz", NULL, 0);
		break;
	case 3:
		if (s != NULL)
			say_hello(s);
		break;
	case 4:
	case 5:
		if (s != NULL)
			say_made(s, how != 255, how);
		break;
	case 6:
	case 7:
		if (g == NULL)
			break;
		n[0] = g->run;
		n[1] = (uint64_t)g->pid;
		n[2] = how % 16 >= 14 ? EAGAIN : 0;
		n[3] = how % 16 == 14 ? STAGE_EXECUTE : 0;
		n[4] = how;
		send_numbers(g->fd, MSG_STARTED, n, 5);
		break;
	case 8:
		if (g == NULL)
			break;
		n[0] = g->run;
		n[1] = how % 4 == 0 ? CLD_EXITED : CLD_KILLED;
		n[2] = how % 8;
		send_numbers(g->fd, MSG_ENDED, n, 8);
		run_over(g);
		break;
	case 9:
		if (g != NULL)
			answer(g, true, how);
		break;
	case 10:
		if (g != NULL)
			answer_rows(g, how % 8 + how / 250);
		break;
	case 11:
		if (g != NULL)
			answer(g, false, how);
		break;
	case 12:
		if (g != NULL)
			claim(g, how);
		break;
	case 13:
		if (g != NULL)
			say_bytes(g->result, how % 2 == 0);
		break;
	case 14:
		if (g != NULL)
			say_bytes(g->fd, how % 2 == 0);
		break;
	case 15:
		if (s != NULL)
			say_bytes(s->fd, how % 2 == 0);
		break;
	case 16:
		if (g != NULL)
			forget(how % 2 == 0 ? &g->result : &g->stray);
		break;
	case 17:
		if (g != NULL)
			say_bytes(g->stray, false);
		break;
	case 18:
		if (g != NULL)
			die(g, (int)(how % 70) + 1);
		break;
	default:
		if (s != NULL && how % 4 == 0)
			die(s, 9);
		else
			pool_cancel_all(w.pool, ERRKEY_CANCELLED, "fuzz");
		break;
	}
	turn(2);
}

/* All peers are gone and no new ones can be made: whatever is left ends. */
static void
drain(void)
{
	unsigned int rounds = 0;
	size_t i;

	w.closing = true;
	for (i = 0; i < w.n; i++)
		die(&w.peer[i], SIGKILL);
	while (pool_count(w.pool) > 0) {
		FUZZ_REQUIRE(rounds++ < 2000);
		w.now += 20 * NS_PER_MS;
		turn(1);
	}
	for (i = 0; i < w.ntasks; i++)
		FUZZ_REQUIRE(w.back[i] == 1);
}

static void
tidy(void)
{
	size_t i;

	for (i = 0; i < w.n; i++) {
		run_over(&w.peer[i]);
		forget(&w.peer[i].fd);
		forget(&w.peer[i].death);
	}
	forget(&w.offered);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pool_config c = {.workers = 2, .done = task_back};
	struct error e;
	int first = dup(0);

	close(first);
	signal(SIGPIPE, SIG_IGN);
	memset(&w, 0, sizeof(w));
	w.offered = -1;
	w.now = NS_PER_SEC;
	w.at = data;
	w.end = data + len;
	w.heap = heap_new(FUZZ_MEMORY);
	c.worker_path[IMAGE_CORE] = "/the/worker";
	if (loop_new(&w.loop, &e) == -1 ||
	    pool_new(w.loop, &c, &w.pool, &e) == -1)
		FUZZ_FAIL(e.msg);
	while (w.at < w.end)
		step();
	drain();
	pool_free(w.pool);
	loop_free(w.loop);
	tidy();
	heap_free(w.heap);
	len = (size_t)dup(0);
	close((int)len);
	FUZZ_REQUIRE((int)len == first); /* no descriptor is left open */
	return 0;
}
