/*
 * A worker that breaks the protocol on purpose.  Run in the place of
 * rtfs-worker; its first argument says how its fork server or guard behaves
 * ("good" as the protocol says), and the capability of a task says what the
 * task process does: hostile.good answers with the arguments.
 *
 * No namespaces, no limits, no care: tests/unit/hostile.c plays against it.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "proto/proto.h"

#define BUILD 42

static const char *mode;
static int texts = -1; /* the pipe of the last TEXTS */

static bool
is(const char *name)
{
	return strcmp(mode, name) == 0;
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
	if (frame_send(fd, &b, NULL, 0, &e) == -1)
		_exit(1);
	buf_free(&b);
}

static void
send_garbage(int fd)
{
	static const char bytes[] = "this is not a frame, and never was one";

	if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) == -1)
		_exit(1);
}

/* The rest of a process that does nothing. */
static _Noreturn void
hang(void)
{
	for (;;)
		pause();
}

static void
put(const struct buf *b)
{
	size_t at;
	ssize_t n;

	for (at = 0; at < b->len; at += (size_t)n) {
		n = write(RESULT_FD, b->data + at, b->len - at);
		if (n == -1)
			_exit(1);
	}
}

static void
put_result(uint64_t id, const char *value, size_t len)
{
	struct buf b = BUF_INIT;
	size_t mark = frame_begin(&b, MSG_RESULT);

	pack_array(&b, 4);
	pack_uint(&b, id);
	buf_add(&b, value, len);
	pack_str(&b, "", 0);
	pack_int(&b, 1000);
	frame_end(&b, mark);
	put(&b);
	buf_free(&b);
}

/* RESULTS with those fields instead of one, and bytes for its rows. */
static void
put_rows(uint64_t id, size_t fields, const char *rows, size_t len)
{
	struct buf b = BUF_INIT;
	size_t mark = frame_begin(&b, MSG_RESULTS);

	pack_array(&b, fields);
	while (fields-- > 0)
		pack_uint(&b, id);
	buf_add(&b, rows, len);
	frame_end(&b, mark);
	put(&b);
	buf_free(&b);
}

/* One row with that value. */
static void
put_row(uint64_t id, const char *value, size_t len)
{
	struct buf b = BUF_INIT;

	buf_add(&b, value, len);
	pack_int(&b, 1000);
	put_rows(id, 1, b.data, b.len);
	buf_free(&b);
}

static void
put_header(uint32_t len, unsigned int msg, unsigned int reserved)
{
	unsigned char h[8] = {(unsigned char)len, (unsigned char)(len >> 8),
	    (unsigned char)(len >> 16), (unsigned char)(len >> 24),
	    (unsigned char)msg, (unsigned char)(msg >> 8),
	    (unsigned char)reserved, 0};
	struct buf b = BUF_INIT;

	buf_add(&b, h, sizeof(h));
	put(&b);
	buf_free(&b);
}

/* A byte now and then: always soon something new. */
static _Noreturn void
trickle(void)
{
	const struct timespec pause = {0, 20000000};
	struct buf b = BUF_INIT;

	buf_addc(&b, '\xc0');
	for (;;) {
		put(&b);
		(void)nanosleep(&pause, NULL);
	}
}

static void
put_deep(uint64_t id)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < 100000; i++)
		buf_addc(&b, (char)0x91);
	buf_addc(&b, (char)0xc0);
	put_result(id, b.data, b.len);
	buf_free(&b);
}

static void
put_flood(int fd)
{
	static char noise[65536];

	memset(noise, 'n', sizeof(noise));
	while (write(fd, noise, sizeof(noise)) > 0)
		continue;
}

#define TEXT ((size_t)4 << 20)

/* A RESULT with a text of len bytes, that at bad not UTF-8; its payload is said
 * to have size bytes (0: what it has), and so many bytes of it all are sent. */
static void
put_text(uint64_t id, size_t len, size_t bad, size_t size, size_t sent)
{
	struct buf b = BUF_INIT;
	size_t mark = frame_begin(&b, MSG_RESULT);
	char *text = xmalloc(len);

	memset(text, 't', len);
	if (bad < len)
		text[bad] = (char)0xff;
	pack_array(&b, 4);
	pack_uint(&b, id);
	pack_str(&b, text, len);
	free(text);
	if (size != SIZE_MAX) {
		pack_str(&b, "", 0);
		pack_int(&b, 1000);
	}
	frame_end(&b, mark);
	if (size != 0 && size != SIZE_MAX)
		memcpy(b.data + mark, &(uint32_t){(uint32_t)size}, 4);
	if (sent < b.len)
		b.len = sent;
	put(&b);
	buf_free(&b);
}

/* What it does with a long text, its own or the one that comes on fd. */
static bool
misbehave_at_length(const char *how, uint64_t id, int fd)
{
	char part[1000];

	if (strcmp(how, "text-good") == 0) {
		put_text(id, TEXT, SIZE_MAX, 0, SIZE_MAX);
	} else if (strcmp(how, "text-bad") == 0) {
		put_text(id, TEXT, TEXT - 3, 0, SIZE_MAX);
	} else if (strcmp(how, "text-last") == 0) {
		put_text(id, TEXT, SIZE_MAX, SIZE_MAX, SIZE_MAX);
	} else if (strcmp(how, "text-forged") == 0) {
		put_text(id, TEXT, SIZE_MAX, TEXT / 2, SIZE_MAX);
		hang();
	} else if (strcmp(how, "text-over") == 0) {
		put_text(id, 2 * TEXT + 1, SIZE_MAX, 0, SIZE_MAX);
	} else if (strcmp(how, "text-stalls") == 0) {
		put_text(id, TEXT, SIZE_MAX, 0, TEXT / 2);
		hang();
	} else if (strcmp(how, "text-killed") == 0) {
		put_text(id, TEXT, SIZE_MAX, 0, TEXT / 2);
		raise(SIGKILL);
	} else if (strcmp(how, "ignores") == 0) {
		put_result(id, "\xc0", 1);
	} else if (strcmp(how, "shuts") == 0) {
		close(fd);
		hang();
	} else if (strcmp(how, "leaves") == 0) {
		_exit(read(fd, part, sizeof(part)) > 0 ? 9 : 8);
	} else {
		return false;
	}
	return true;
}

/* Rows of results that are none. */
static bool
misbehave_in_rows(const char *how, uint64_t id)
{
	if (strcmp(how, "rows-none") == 0)
		put_rows(id, 1, "", 0);
	else if (strcmp(how, "rows-forged") == 0)
		put_row(id + 1, "\xc0", 1);
	else if (strcmp(how, "rows-fields") == 0)
		put_rows(id, 2, "\xc0\x01", 2);
	else if (strcmp(how, "rows-cut") == 0)
		put_rows(id, 1, "\xc0", 1);
	else if (strcmp(how, "rows-text") == 0)
		put_row(id, "\xa2\xc3\x28", 3);
	else if (strcmp(how, "rows-billion") == 0)
		put_row(id, "\xdd\x3b\x9a\xca\x00", 5);
	else if (strcmp(how, "rows-wall") == 0)
		put_rows(id, 1, "\xc0\xc0", 2);
	else if (strcmp(how, "rows-twice") == 0)
		put_rows(id, 1, "\xc0\x01\xc0\x01", 4);
	else
		return false;
	return true;
}

/* What a task process does with task id of that capability, whose arguments
 * are the bytes; row: it came in TASKS. */
static void
misbehave(const char *how, uint64_t id, const char *args, size_t len, bool row)
{
	static const char nil[] = "\xc0";

	if (strcmp(how, "good") == 0 && row) {
		put_row(id, args, len);
	} else if (strcmp(how, "good") == 0) {
		put_result(id, args, len);
	} else if (strcmp(how, "garbage") == 0) {
		put_header(0x20737567, 0x6f6e, 0x69);
		hang();
	} else if (strcmp(how, "length") == 0) {
		put_header(0xffffffff, MSG_RESULT, 0);
		hang();
	} else if (strcmp(how, "long") == 0) {
		put_header(100 * 1024 * 1024, MSG_RESULT, 0);
		hang();
	} else if (strcmp(how, "reserved") == 0) {
		put_header(1, MSG_RESULT, 1);
		hang();
	} else if (strcmp(how, "unknown") == 0) {
		put_header(1, 999, 0);
		hang();
	} else if (strcmp(how, "direction") == 0) {
		put_header(1, MSG_TASK, 0);
		put_flood(RESULT_FD);
	} else if (strcmp(how, "closes") == 0) {
		close(RESULT_FD);
		hang();
	} else if (strcmp(how, "exits") == 0) {
		_exit(0);
	} else if (strcmp(how, "status") == 0) {
		_exit(9);
	} else if (strcmp(how, "crashes") == 0) {
		put_header(50, MSG_RESULT, 0);
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
	} else if (strcmp(how, "drips") == 0) {
		put_header(50, MSG_RESULT, 0);
		hang();
	} else if (strcmp(how, "trickles") == 0) {
		put_header(50, MSG_RESULT, 0);
		trickle();
	} else if (strcmp(how, "forged") == 0) {
		put_result(id + 1, nil, 1);
	} else if (strcmp(how, "twice") == 0) {
		put_result(id, nil, 1);
		put_result(id, nil, 1);
	} else if (strcmp(how, "deep") == 0) {
		put_deep(id);
	} else if (strcmp(how, "billion") == 0) {
		put_result(id, "\xdd\x3b\x9a\xca\x00", 5);
	} else if (strcmp(how, "billion-pairs") == 0) {
		put_result(id, "\xdf\x3b\x9a\xca\x00", 5);
	} else if (strcmp(how, "billion-text") == 0) {
		put_result(id, "\xdb\x3b\x9a\xca\x00", 5);
	} else if (strcmp(how, "billion-list") == 0) { /* ext 3 of an array */
		put_result(id, "\xc7\x05\x03\xdd\x3b\x9a\xca\x00", 8);
	} else if (strcmp(how, "billion-ext") == 0) {
		put_result(id, "\xc9\x3b\x9a\xca\x00\x03", 6);
	} else if (strcmp(how, "billion-deep") == 0) {
		put_result(id, "\x91\x91\x91\xdd\x3b\x9a\xca\x00", 8);
	} else if (strcmp(how, "function") == 0) {
		put_result(id, "\xd4\x07x", 3);
	} else if (strcmp(how, "task") == 0) {
		put_result(id, "\xd4\x06x", 3);
	} else if (strcmp(how, "text") == 0) {
		put_result(id, "\xa2\xc3\x28", 3);
	} else if (strcmp(how, "short") == 0) {
		put_header(2, MSG_RESULT, 0);
		put_header(0x91919191, 0x9191, 0x91);
	} else if (strcmp(how, "noise") == 0) {
		put_flood(STRAY_FD);
	} else if (!misbehave_in_rows(how, id) &&
	    !misbehave_at_length(how, id, texts)) {
		hang();
	}
}

/* False: it was taken back. */
static bool
claim(struct proto_page *page, uint64_t id)
{
	uint64_t cur = atomic_load(&page->running);

	do {
		if ((cur & PAGE_REVOKED) != 0 &&
		    id <= atomic_load(&page->revoked)) {
			return false;
		}
	} while (!atomic_compare_exchange_weak(&page->running, &cur, id));
	return true;
}

/* False: it was taken back. */
static bool
serve_task(const char *how, uint64_t id, const char *args, size_t len, bool row,
    struct proto_page *page)
{
	if (strcmp(how, "page") == 0) {
		atomic_store(&page->running, UINT64_MAX);
		hang();
	}
	if (strcmp(how, "text-early") ==
	    0) { /* answers what it has not begun */
		put_text(id, TEXT, SIZE_MAX, 0, TEXT / 2);
		hang();
	}
	if (strcmp(how, "text-denies") == 0) {
		claim(page, id);
		put_text(id, TEXT, SIZE_MAX, 0, TEXT / 2);
		atomic_store(&page->running, 0);
		hang();
	}
	if (strcmp(how, "unclaimed") == 0)
		hang();
	if (!claim(page, id))
		return false;
	misbehave(how, id, args, len, row);
	return true;
}

static void
serve_frame(const struct frame *f, struct proto_page *page)
{
	bool more = f->msg == MSG_TASKS;
	struct unpack u;
	struct error e;
	uint64_t id, plan, closure;
	const char *name, *args;
	char how[64];
	size_t len;

	if (f->msg != MSG_TASK && !more)
		return;
	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, more ? 4 : 5, &e) == -1 ||
	    unpack_uint(&u, &id, &e) == -1 ||
	    unpack_uint(&u, &plan, &e) == -1 ||
	    unpack_str(&u, &name, &len, &e) == -1 ||
	    unpack_uint(&u, &closure, &e) == -1 || len < 8 ||
	    len - 8 >= sizeof(how)) {
		_exit(2);
	}
	memcpy(how, name + 8, len - 8);
	how[len - 8] = '\0';
	if (!more) {
		serve_task(how, id, (const char *)u.at, (size_t)(u.end - u.at),
		    false, page);
		return;
	}
	for (; more && u.at < u.end; id++) {
		args = (const char *)u.at;
		if (unpack_skip(&u, &e) == -1)
			_exit(2);
		more = serve_task(how, id, args,
		    (size_t)((const char *)u.at - args), true, page);
	}
}

static _Noreturn void
serve(void)
{
	struct proto_page *page;
	struct buf in = BUF_INIT;
	struct error e;
	struct frame f;
	size_t at, used, need, nfds;
	int fds[FRAME_MAX_FDS], rc;

	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED,
	    PAGE_FD, 0);
	if (page == MAP_FAILED)
		_exit(1);
	if (is("deaf"))
		hang();
	if (is("stillborn"))
		_exit(7);
	if (is("crash-born"))
		raise(SIGTERM);
	for (;;) {
		nfds = FRAME_MAX_FDS;
		rc = frame_recv(REQUEST_FD, &in, fds, &nfds, &e);
		if (rc == -1 && e.os_errno == EAGAIN)
			continue;
		if (rc <= 0)
			_exit(0);
		close(texts);
		texts = nfds > 0 ? fds[0] : -1;
		for (at = 0; at < in.len; at += used) {
			if (frame_next(in.data + at, in.len - at, MAX_FRAME, &f,
			        &used, &need, &e) != FRAME_OK) {
				_exit(1);
			}
			serve_frame(&f, page);
		}
	}
}

static pid_t
start_task(const int *fds)
{
	static const int place[] = {REQUEST_FD, RESULT_FD, STRAY_FD, PAGE_FD};
	pid_t pid = fork();
	int i, high[4];

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < 4; i++)
		high[i] = fcntl(fds[i], F_DUPFD, 20);
	for (i = 0; i < 4; i++)
		dup2(high[i], place[i]);
	close_range(PAGE_FD + 1, ~0U, 0);
	serve();
}

static void
report_end(uint64_t run, pid_t pid)
{
	siginfo_t si;

	if (waitid(P_PID, (id_t)pid, &si, WEXITED) == -1)
		_exit(1);
	send_numbers(CONTROL_FD, MSG_ENDED,
	    (uint64_t[]){run, (uint64_t)si.si_code, (uint64_t)si.si_status, 0,
	        0, 1000, 0, 0, 0},
	    9);
}

/* One run: wait for its end, or for KILL. */
static void
guard_run(uint64_t run, const int *fds)
{
	struct buf in = BUF_INIT;
	struct error e;
	size_t nfds;
	pid_t pid;
	int i;

	pid = start_task(fds);
	for (i = 0; i < 4; i++)
		close(fds[i]);
	send_numbers(
	    CONTROL_FD, MSG_STARTED, (uint64_t[]){run, (uint64_t)pid, 0}, 3);
	for (;;) {
		siginfo_t si = {.si_pid = 0};

		if (waitid(P_PID, (id_t)pid, &si,
		        WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    si.si_pid == pid) {
			break;
		}
		nfds = 0;
		i = (int)recv(
		    CONTROL_FD, (char[1]){0}, 1, MSG_PEEK | MSG_DONTWAIT);
		if (i == 0)
			_exit(0);
		if (i > 0 && frame_recv(CONTROL_FD, &in, NULL, &nfds, &e) == 1)
			kill(pid, SIGKILL);
		usleep(500);
	}
	buf_free(&in);
	report_end(run, pid);
}

static _Noreturn void
guard(int fd)
{
	struct buf in = BUF_INIT;
	struct unpack u;
	struct error e;
	struct frame f;
	size_t used, need, nfds;
	uint64_t run, kind;
	int fds[FRAME_MAX_FDS];

	dup2(fd, CONTROL_FD);
	close_range(CONTROL_FD + 1, ~0U, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		nfds = FRAME_MAX_FDS;
		if (frame_recv(CONTROL_FD, &in, fds, &nfds, &e) <= 0 ||
		    frame_next(in.data, in.len, MAX_FRAME, &f, &used, &need,
		        &e) != FRAME_OK) {
			_exit(0);
		}
		unpack_init(&u, f.payload, f.len);
		if (f.msg != MSG_RUN || unpack_fields(&u, 3, &e) == -1 ||
		    unpack_uint(&u, &run, &e) == -1 ||
		    unpack_uint(&u, &kind, &e) == -1) {
			continue;
		}
		/* one without a task fails while those with one are awaited */
		if (is("no-processes") && kind == RUN_TASK)
			usleep(50000);
		if (is("guard-garbage"))
			send_garbage(CONTROL_FD);
		else if (is("guard-exits"))
			_exit(3);
		else if (is("guard-killed"))
			raise(SIGKILL);
		else if (is("guard-early"))
			send_numbers(CONTROL_FD, MSG_ENDED,
			    (uint64_t[]){run, CLD_EXITED, 0, 0, 0, 0, 0, 0, 0},
			    9);
		else if (is("guard-forged"))
			send_numbers(CONTROL_FD, MSG_STARTED,
			    (uint64_t[]){run + 1, 5, 0}, 3);
		else if (is("guard-nonsense"))
			send_numbers(CONTROL_FD, MSG_STARTED,
			    (uint64_t[]){run, UINT64_MAX, 0}, 3);
		else if (is("guard-direction"))
			send_numbers(CONTROL_FD, MSG_HELLO,
			    (uint64_t[]){run, 5, 0, 0}, 4);
		else if (is("no-processes"))
			send_numbers(CONTROL_FD, MSG_STARTED,
			    (uint64_t[]){run, 0, EAGAIN}, 3);
		else if (is("guard-returns")) /* as if it had been asked to */
			send_numbers(CONTROL_FD, MSG_STARTED,
			    (uint64_t[]){run, 0, ECANCELED}, 3);
		else {
			guard_run(run, fds);
			continue;
		}
		while (nfds > 0)
			close(fds[--nfds]);
	}
}

static void
make_slot(uint64_t slot, int fd)
{
	pid_t pid;

	if (is("slot-fails")) {
		send_numbers(CONTROL_FD, MSG_SLOT_FAILED,
		    (uint64_t[]){slot, 0, EAGAIN}, 3);
		close(fd);
		return;
	}
	/* a child of the supervisor */
	pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		guard(fd);
	close(fd);
	if (is("slot-forged"))
		slot += 1000;
	send_numbers(CONTROL_FD, MSG_SLOT_MADE,
	    (uint64_t[]){slot, is("slot-lies") ? 1 : (uint64_t)pid, 0}, 3);
}

static void
hello(void)
{
	struct buf b = BUF_INIT;
	struct error e;
	size_t mark = frame_begin(&b, MSG_HELLO);

	pack_array(&b, 4);
	pack_uint(&b, is("version") ? 99 : PROTO_VERSION);
	pack_uint(&b, BUILD);
	pack_strz(&b, is("image") ? "http" : "core");
	pack_int(&b, getpid());
	frame_end(&b, mark);
	if (frame_send(CONTROL_FD, &b, NULL, 0, &e) == -1)
		_exit(1);
	buf_free(&b);
}

int
main(int argc, char **argv)
{
	struct buf in = BUF_INIT;
	struct unpack u;
	struct error e;
	struct frame f;
	size_t at, used, need, nfds, taken;
	uint64_t slot;
	int fds[FRAME_MAX_FDS];

	mode = argc > 1 ? argv[1] : "good";
	if (is("exits"))
		return 0;
	if (is("garbage"))
		send_garbage(CONTROL_FD);
	else if (is("closes"))
		close(CONTROL_FD);
	else
		hello();
	if (is("twice"))
		hello();
	for (;;) {
		nfds = FRAME_MAX_FDS;
		if (frame_recv(CONTROL_FD, &in, fds, &nfds, &e) <= 0)
			break;
		taken = 0;
		for (at = 0; at < in.len; at += used) {
			if (frame_next(in.data + at, in.len - at, MAX_FRAME, &f,
			        &used, &need, &e) != FRAME_OK) {
				return 1;
			}
			unpack_init(&u, f.payload, f.len);
			if (f.msg == MSG_SLOT_MAKE && taken < nfds &&
			    unpack_fields(&u, 2, &e) == 0 &&
			    unpack_uint(&u, &slot, &e) == 0) {
				make_slot(slot, fds[taken++]);
			}
		}
	}
	buf_free(&in);
	return 0;
}
