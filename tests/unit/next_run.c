/* rooms: proto value base
 * A program after another one in the same guard: what is kept for it, and what
 * is sent before the first has ended. */

#include <poll.h>

#include "tests/unit/super.h"

/* The output of one run of sh, said by what is in b. */
static char *
frames_output(struct slot *slot, const struct buf *b)
{
	struct ended end;
	struct run r;
	char *out;

	if (!run_frames(slot, &r, b))
		return xstrdup("no run");
	CU_ASSERT(run_ended(slot, &r, &end));
	out = drain(r.result);
	run_close(&r);
	return out != NULL ? out : xstrdup("no end of file");
}

static const char *const first_words[] = {
    "sh", "-c", "echo first $MARK; pwd; umask; ulimit -Sn", NULL};
static const char *const second_words[] = {
    "other", "-c", "echo $0 $MARK; pwd; umask; ulimit -Sn", "second", NULL};

static void
kept_twice(struct slot *slot)
{
	static const struct limit l[] = {
	    {RLIMIT_NOFILE, 40, 50}
        };
	struct buf first = BUF_INIT, again = BUF_INIT;
	char *out;
	int i;

	add_plan(&first, 1, l, NITEMS(l));
	add_exec(&first, "/bin/sh", first_words, "/usr", true);
	add_again(&again, "/bin/sh", second_words);
	out = frames_output(slot, &first);
	CU_ASSERT_STRING_EQUAL(out, "first yes\n/usr\n0027\n40\n");
	free(out);
	for (i = 0; i < 3; i++) {
		out = frames_output(slot, &again);
		CU_ASSERT_STRING_EQUAL(out, "second yes\n/usr\n0027\n40\n");
		free(out);
	}
	out = frames_output(slot, &first); /* in place of itself */
	CU_ASSERT_STRING_EQUAL(out, "first yes\n/usr\n0027\n40\n");
	free(out);
	buf_free(&first);
	buf_free(&again);
}

static void
test_again(void)
{
	in_each_slot(kept_twice);
}

/* Nothing is kept without having been asked for, nor beyond the next PLAN. */
static void
test_forgotten(void)
{
	struct buf frames[2] = {BUF_INIT, BUF_INIT}, again = BUF_INIT;
	struct server s;
	struct slot slot;
	struct run r;
	size_t i;

	add_plan(&frames[0], 1, NULL, 0);
	add_exec(&frames[0], "/bin/sh", first_words, "/", false);
	add_plan(&frames[1], 1, NULL, 0);
	add_exec(&frames[1], "/bin/sh", first_words, "/", true);
	CU_ASSERT_FATAL(server_start(&s));
	for (i = 0; i < NITEMS(frames); i++) {
		CU_ASSERT_FATAL(slot_start(&s, slot_kinds[1], &slot));
		free(frames_output(&slot, &frames[i]));
		buf_clear(&again);
		if (i == 1)
			add_plan(&again, 1, NULL, 0);
		add_again(&again, "/bin/sh", second_words);
		CU_ASSERT_FALSE(run_frames(&slot, &r, &again));
		CU_ASSERT(at_eof(slot.control));
		run_close(&r);
		slot_stop(&slot);
		buf_free(&frames[i]);
	}
	server_stop(&s);
	buf_free(&again);
}

/* A program that waits until somebody writes to its gate. */
static void
gate_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	CU_ASSERT(fd != -1);
	close(fd);
}

static void
send_gated(struct slot *slot, struct run *r, const char *gate)
{
	const char *const argv[] = {
	    "sh", "-c", "echo one; cat \"$0\"", gate, NULL};
	struct buf b = BUF_INIT;

	add_plan(&b, 1, NULL, 0);
	add_exec(&b, "/bin/sh", argv, "/", true);
	CU_ASSERT_FATAL(run_frames(slot, r, &b));
	buf_free(&b);
}

static void
send_behind(struct slot *slot, struct run *r)
{
	const char *const argv[] = {"sh", "-c", "echo two; echo $MARK", NULL};
	struct buf b = BUF_INIT;

	add_again(&b, "/bin/sh", argv);
	CU_ASSERT_FATAL(run_frames_sent(slot, r, &b));
	buf_free(&b);
}

static void
output_is(struct run *r, const char *want)
{
	char *out = drain(r->result);

	CU_ASSERT_FATAL(out != NULL);
	CU_ASSERT_STRING_EQUAL(out, want);
	free(out);
	run_close(r);
}

static void
make_gate(char path[64])
{
	snprintf(path, 64, "/tmp/rtfs-gate-%d", (int)getpid());
	(void)unlink(path);
	CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0666), 0);
}

/* What is sent ahead begins when the one before has ended, and not before. */
static void
ahead_begins(struct slot *slot)
{
	struct run one, two;
	struct ended end;
	char gate[64];

	make_gate(gate);
	send_gated(slot, &one, gate);
	send_behind(slot, &two);
	CU_ASSERT_EQUAL(
	    poll(&(struct pollfd){.fd = two.result, .events = POLLIN}, 1, 50),
	    0);
	gate_open(gate);
	CU_ASSERT(run_ended(slot, &one, &end));
	CU_ASSERT(run_started(slot, &two));
	CU_ASSERT(run_ended(slot, &two, &end));
	CU_ASSERT(end.code == CLD_EXITED && end.status == 0);
	output_is(&one, "one\n");
	output_is(&two, "two\nyes\n");
	(void)unlink(gate);
}

static void
test_ahead(void)
{
	in_each_slot(ahead_begins);
}

/* Any KILL takes it back, and touches nothing else; its channels close. */
static void
ahead_recalled(struct slot *slot)
{
	static const int signals[] = {0, SIGTERM, SIGKILL};
	struct run one, two;
	struct ended end;
	char gate[64];
	size_t i;

	make_gate(gate);
	for (i = 0; i < NITEMS(signals); i++) {
		send_gated(slot, &one, gate);
		send_behind(slot, &two);
		run_kill(slot, two.id, signals[i]);
		CU_ASSERT_FALSE(run_started(slot, &two));
		CU_ASSERT_EQUAL(two.failure.os_errno, ECANCELED);
		output_is(&two, "");
		run_kill(slot, two.id, SIGKILL); /* nobody's any more */
		run_kill(slot, one.id, 0);
		gate_open(gate);
		CU_ASSERT(run_ended(slot, &one, &end));
		CU_ASSERT(end.code == CLD_EXITED && end.status == 0);
		output_is(&one, "one\n");
		send_behind(slot, &two); /* behind nothing, and kept */
		CU_ASSERT(run_started(slot, &two));
		CU_ASSERT(run_ended(slot, &two, &end));
		output_is(&two, "two\nyes\n");
	}
	(void)unlink(gate);
}

static void
test_recalled(void)
{
	in_each_slot(ahead_recalled);
}

/* A second one is nonsense; and with its guard goes what waits there. */
static void
test_ahead_twice(void)
{
	struct server s;
	struct slot slot;
	struct run one, two, three;
	char gate[64];

	make_gate(gate);
	CU_ASSERT_FATAL(server_start(&s));
	CU_ASSERT_FATAL(slot_start(&s, slot_kinds[1], &slot));
	send_gated(&slot, &one, gate);
	send_behind(&slot, &two);
	send_behind(&slot, &three);
	CU_ASSERT(at_eof(slot.control));
	output_is(&one, "one\n");
	output_is(&two, "");
	output_is(&three, "");
	slot_stop(&slot);
	server_stop(&s);
	(void)unlink(gate);
}

SUPER_MAIN("next_run", {"a program like the one before", test_again},
    {"not like one that is forgotten", test_forgotten},
    {"one that is sent ahead", test_ahead}, {"and taken back", test_recalled},
    {"and another one behind it", test_ahead_twice})
