/* rooms: proto value base
 * Fork server, guards and programs in task processes, seen from their control
 * sockets: this program plays the supervisor against the real rtfs-worker. */

#include <sys/prctl.h>

#include <dirent.h>

#include "tests/unit/super.h"

/* A whole run of a shell script in exec mode. */
static char *
shell(struct slot *slot, const char *script, const struct limit *l, size_t n,
    struct ended *end)
{
	struct run r;
	char *out;

	memset(end, 0, sizeof(*end));
	if (!run_shell(slot, &r, script, l, n))
		return xstrdup("no run");
	CU_ASSERT(run_ended(slot, &r, end));
	out = drain(r.result);
	run_close(&r);
	return out != NULL ? out : xstrdup("no end of file");
}

static void
exec_output(struct slot *slot)
{
	struct ended end;
	char *out =
	    shell(slot, "echo $MARK; pwd; umask; exit 7", NULL, 0, &end);

	CU_ASSERT_STRING_EQUAL(out, "yes\n/\n0027\n");
	CU_ASSERT_EQUAL(end.code, CLD_EXITED);
	CU_ASSERT_EQUAL(end.status, 7);
	CU_ASSERT_EQUAL(end.swept, 0);
	CU_ASSERT(end.rss > 100);
	CU_ASSERT(end.user + end.sys > 0);
	CU_ASSERT(end.tree_user + end.tree_sys >= end.user + end.sys);
	free(out);
}

static void
test_exec(void)
{
	in_each_slot(exec_output);
}

static void
exec_clean(struct slot *slot)
{
	struct ended end;
	char *out;

	out = shell(slot, "ls /proc/self/fd | tr '\\n' ' '", NULL, 0, &end);
	CU_ASSERT_STRING_EQUAL(out, "0 1 2 3 "); /* 3: ls itself */
	free(out);
	out =
	    shell(slot, "env | sort | grep -v -e ^PWD= -e ^_=", NULL, 0, &end);
	CU_ASSERT_STRING_EQUAL(out, "MARK=yes\nPATH=/usr/bin:/bin\n");
	free(out);
	out = shell(slot,
	    "cat /proc/self/status | tr -d '\\t' | "
	    "grep -E '^(NoNewPrivs|SigBlk|SigIgn|SigCgt):'",
	    NULL, 0, &end);
	CU_ASSERT_STRING_EQUAL(out,
	    "SigBlk:0000000000000000\n"
	    "SigIgn:0000000000000000\nSigCgt:0000000000000000\n"
	    "NoNewPrivs:1\n");
	free(out);
	out = shell(
	    slot, "tty <&2; cut -d' ' -f5- /dev/null; exit 0", NULL, 0, &end);
	CU_ASSERT_STRING_EQUAL(out, "not a tty\n");
	free(out);
}

static void
test_clean(void)
{
	in_each_slot(exec_clean);
}

/* Its own, and no other: neither the fork server's, nor those by which it got
 * its own. */
#define GUARD_FDS 8U

static void
guard_descriptors(struct slot *slot)
{
	unsigned int seen = 0;
	char path[64];
	DIR *dir;

	exec_output(slot);
	snprintf(path, sizeof(path), "/proc/%d/fd", slot->pid);
	dir = opendir(path);
	if (dir == NULL && errno == EACCES) {
		CU_PASS("not for somebody who may not look");
		return;
	}
	CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
	while (readdir(dir) != NULL)
		seen++;
	closedir(dir);
	CU_ASSERT_EQUAL(seen, 2 + GUARD_FDS); /* with . and .. */
}

static void
test_descriptors(void)
{
	in_each_slot(guard_descriptors);
}

static void
exec_limits(struct slot *slot)
{
	static const struct limit l[] = {
	    {RLIMIT_NOFILE, 40,         50        },
	    {RLIMIT_FSIZE,  1024,       2048      },
	    {RLIMIT_CORE,   0,          0         },
	    {RLIMIT_STACK,  UINT64_MAX, UINT64_MAX},
	};
	struct ended end;
	char *out = shell(slot,
	    "ulimit -Sn; ulimit -Hn; ulimit -Sf; ulimit -Hf; ulimit -c", l,
	    NITEMS(l), &end);

	CU_ASSERT_STRING_EQUAL(out, "40\n50\n2\n4\n0\n");
	free(out);
	out = shell(slot,
	    "trap '' XFSZ; exec head -c 4096 /dev/zero "
	    ">/tmp/rtfs-unit-$$",
	    l, NITEMS(l), &end);
	CU_ASSERT(end.code == CLD_EXITED && end.status != 0);
	free(out);
	out = shell(slot,
	    "rm -f /tmp/rtfs-unit-*; exec head -c 4096 /dev/zero "
	    ">/tmp/rtfs-unit-$$",
	    l, NITEMS(l), &end);
	CU_ASSERT_EQUAL(end.code, CLD_KILLED);
	CU_ASSERT_EQUAL(end.status, SIGXFSZ);
	free(out);
	out = shell(slot, "rm -f /tmp/rtfs-unit-*", NULL, 0, &end);
	free(out);
}

static void
test_limits(void)
{
	in_each_slot(exec_limits);
}

static void
exec_fails(struct slot *slot)
{
	static const struct {
		const char *program;
		const char *directory;
		uint32_t stage;
		uint32_t os_errno;
	} cases[] = {
	    {"/nonexistent", "/",            STAGE_EXECUTE,   ENOENT},
	    {"/etc/passwd",  "/",            STAGE_EXECUTE,   EACCES},
	    {"/bin/sh",      "/nonexistent", STAGE_DIRECTORY, ENOENT},
	};
	const char *const argv[] = {"x", NULL};
	struct ended end;
	struct run r;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		CU_ASSERT_FATAL(run_program(slot, &r, cases[i].program, argv,
		    cases[i].directory, NULL, 0));
		CU_ASSERT_EQUAL(r.failure.stage, cases[i].stage);
		CU_ASSERT_EQUAL(r.failure.os_errno, cases[i].os_errno);
		CU_ASSERT(run_ended(slot, &r, &end));
		CU_ASSERT(end.code == CLD_EXITED && end.status == 125);
		run_close(&r);
	}
	CU_ASSERT_FATAL(run_shell(slot, &r, "sleep 1000", NULL, 0));
	CU_ASSERT_EQUAL(r.failure.os_errno, 0);
	run_kill(slot, r.id, SIGKILL);
	CU_ASSERT(run_ended(slot, &r, &end));
	run_close(&r);
}

static void
test_exec_fails(void)
{
	in_each_slot(exec_fails);
}

static void
pid_is_ours(struct slot *slot)
{
	char path[64];
	char text[256] = "";
	struct ended end;
	struct run r;
	ssize_t n;
	int fd;

	CU_ASSERT_FATAL(run_shell(slot, &r, "sleep 1000 & wait", NULL, 0));
	CU_ASSERT(r.pid > 1);
	CU_ASSERT_EQUAL(kill(r.pid, 0), 0);
	snprintf(path, sizeof(path), "/proc/%d/comm", r.pid);
	fd = open(path, O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	CU_ASSERT(n > 0);
	CU_ASSERT_STRING_EQUAL(text, "sh\n");
	run_kill(slot, r.id, SIGTERM); /* its main process, by signal number */
	CU_ASSERT(run_ended(slot, &r, &end));
	CU_ASSERT_EQUAL(end.code, CLD_KILLED);
	CU_ASSERT_EQUAL(end.status, SIGTERM);
	run_close(&r);
}

static void
test_pid(void)
{
	in_each_slot(pid_is_ours);
}

/* Each leaves something behind or resists; after ENDED nothing is there. */
static const char *const hostile[] = {
    "setsid sleep 1000 & echo $!; exit 0",
    "(setsid sh -c 'setsid sleep 1000 & echo $!; wait' &) ; sleep 0.1",
    "trap '' TERM INT HUP; sleep 1000 & echo $!; trap '' CHLD; wait",
    "sleep 1000 & echo $!; kill -STOP $$",
    "sleep 1000 & echo $!; exec 0<&- 1>&- 2>&-; sleep 1000",
    /* never the same process for long */
    "f() { f & }; f & echo $$; exec sleep 1000",
    "sh -c 'kill -STOP $$' & echo $!; (sleep 1000 &) ; sleep 1000",
};

static pid_t
outer(struct slot *slot, int seen)
{
	/* In a namespace the number that the script prints is its own. */
	return (slot->kept & SLOT_PIDNS) != 0 ? 0 : (pid_t)seen;
}

static void
kill_hostile(struct slot *slot)
{
	struct ended end;
	struct run r;
	pid_t pid;
	size_t i;

	for (i = 0; i < NITEMS(hostile); i++) {
		CU_ASSERT_FATAL(run_shell(slot, &r, hostile[i], NULL, 0));
		pid = outer(slot, read_number(r.result));
		if (i > 1) {
			run_kill(slot, r.id + 1, SIGKILL); /* not this one */
			run_kill(slot, r.id, SIGKILL);
		}
		CU_ASSERT(run_ended(slot, &r, &end));
		if (i > 1) {
			CU_ASSERT_EQUAL(end.code, CLD_KILLED);
			CU_ASSERT_EQUAL(end.status, SIGKILL);
		} else {
			CU_ASSERT_EQUAL(end.code, CLD_EXITED);
			CU_ASSERT(end.swept >= 1);
		}
		CU_ASSERT(is_gone(r.pid));
		CU_ASSERT(pid == 0 || is_gone(pid));
		/* Nobody holds the pipe any more. */
		free(drain(r.result));
		run_close(&r);
	}
	/* The slot is as good as new. */
	exec_output(slot);
}

static void
test_kill(void)
{
	in_each_slot(kill_hostile);
}

/* A kill for another run is for nobody; the next one, for this run, is the
 * first that it sees. */
static void
kill_another(struct slot *slot)
{
	static const int other[] = {-1, 1};
	struct ended end;
	struct run r;
	size_t i;

	for (i = 0; i < NITEMS(other); i++) {
		CU_ASSERT_FATAL(
		    run_shell(slot, &r, "echo 1; exec sleep 1000", NULL, 0));
		CU_ASSERT_EQUAL(read_number(r.result), 1);
		run_kill(slot, r.id + (uint64_t)other[i], SIGKILL);
		run_kill(slot, r.id + (uint64_t)other[i], SIGTERM);
		run_kill(slot, r.id, SIGUSR1);
		CU_ASSERT(run_ended(slot, &r, &end));
		CU_ASSERT_EQUAL(end.code, CLD_KILLED);
		CU_ASSERT_EQUAL(end.status, SIGUSR1);
		run_close(&r);
	}
}

static void
test_kill_another(void)
{
	in_each_slot(kill_another);
}

/* kill -1 as an attack: only where it cannot reach this machine. */
static void
test_kill_all(void)
{
	struct server s;
	struct slot slot;
	struct ended end;
	char *out;

	CU_ASSERT_FATAL(server_start(&s));
	CU_ASSERT_FATAL(slot_start(&s, slot_kinds[1], &slot));
	if ((slot.kept & SLOT_PIDNS) != 0) {
		out = shell(&slot,
		    "kill -KILL -1; kill -STOP 1; kill -KILL 1; "
		    "echo alive",
		    NULL, 0, &end);
		CU_ASSERT_STRING_EQUAL(out, "alive\n");
		CU_ASSERT_EQUAL(end.code, CLD_EXITED);
		free(out);
		exec_output(&slot);
	}
	slot_stop(&slot);
	server_stop(&s);
}

static const char *const lasting[] = {
    "echo 1; exec sleep 1000",
    "setsid sleep 1000 & trap '' TERM HUP; echo 1; sleep 1000",
    "(setsid sh -c 'setsid sleep 1000 & wait' &); echo 1; kill -STOP $$",
};

/* The control socket closes in the middle of a run. */
static void
eof_busy(struct slot *slot)
{
	struct server s;
	struct slot other;
	struct run r;
	size_t i;

	(void)slot;
	for (i = 0; i < NITEMS(lasting); i++) {
		CU_ASSERT_FATAL(server_start(&s));
		CU_ASSERT_FATAL(slot_start(&s, slot->kept, &other));
		CU_ASSERT_FATAL(run_shell(&other, &r, lasting[i], NULL, 0));
		CU_ASSERT_EQUAL(read_number(r.result), 1);
		slot_stop(&other);
		CU_ASSERT(at_eof(r.result));
		CU_ASSERT(is_gone(r.pid));
		run_close(&r);
		server_stop(&s);
	}
}

static void
test_eof(void)
{
	in_each_slot(eof_busy);
}

/* A guard that is SIGKILLed takes its run with it; the fork server and other
 * slots go on. */
static void
guard_killed(struct slot *slot)
{
	struct server s;
	struct slot other;
	struct run r;
	int status;

	CU_ASSERT_FATAL(server_start(&s));
	CU_ASSERT_FATAL(slot_start(&s, slot->kept, &other));
	CU_ASSERT_FATAL(run_shell(&other, &r,
	    (slot->kept & SLOT_PIDNS) != 0 ? lasting[1] : lasting[0], NULL, 0));
	CU_ASSERT_EQUAL(read_number(r.result), 1);
	CU_ASSERT_EQUAL(kill(other.pid, SIGKILL), 0);
	status = wait_for(other.pid);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	if ((slot->kept & SLOT_PIDNS) != 0) {
		CU_ASSERT(at_eof(r.result));
	}
	CU_ASSERT(is_gone(r.pid));
	close(other.control);
	buf_free(&other.in);
	run_close(&r);
	exec_output(slot);
	CU_ASSERT_FATAL(slot_start(&s, slot->kept, &other));
	exec_output(&other);
	slot_stop(&other);
	server_stop(&s);
}

static void
test_guard_killed(void)
{
	in_each_slot(guard_killed);
}

/* Slots outlive the fork server, which fails nothing. */
static void
test_server_killed(void)
{
	struct server s;
	struct slot slot[MAX_KINDS];
	int status;
	size_t i;

	CU_ASSERT_FATAL(server_start(&s));
	for (i = 0; i < MAX_KINDS; i++) {
		CU_ASSERT_FATAL(slot_start(&s, slot_kinds[i], &slot[i]));
	}
	CU_ASSERT_EQUAL(kill(s.pid, SIGKILL), 0);
	status = wait_for(s.pid);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CU_ASSERT(at_eof(s.control));
	close(s.control);
	for (i = 0; i < MAX_KINDS; i++) {
		exec_output(&slot[i]);
		slot_stop(&slot[i]);
	}
}

/* A supervisor that is SIGKILLed, busy or idle, leaves nothing: a child of
 * this program plays it, and this program adopts what is orphaned. */
static void ATTR_NORETURN
doomed(int out, uint32_t wishes, bool busy)
{
	pid_t pids[3] = {0, 0, 0};
	struct server s;
	struct slot slot;
	struct run r;

	if (!server_start(&s) || !slot_start(&s, wishes, &slot))
		_exit(1);
	pids[0] = s.pid;
	pids[1] = slot.pid;
	if (busy) {
		if (!run_shell(&slot, &r, lasting[1], NULL, 0))
			_exit(1);
		if (read_number(r.result) != 1)
			_exit(1);
		pids[2] = r.pid;
		/* It cannot see the end of file: the kernel must act. */
		if ((slot.kept & SLOT_PIDNS) != 0)
			kill(slot.pid, SIGSTOP);
	}
	if (write(out, pids, sizeof(pids)) != sizeof(pids))
		_exit(1);
	for (;;)
		pause();
}

static void
kill_children(void)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int pid;

	while (f != NULL && fscanf(f, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (f != NULL)
		fclose(f);
}

/* All that this program has adopted, or was to: false, and killed, when it
 * lives on. */
static bool
none_left(void)
{
	int64_t until = clock_mono() + WAIT_MS * NS_PER_MS;
	siginfo_t si = {.si_pid = 0};
	bool good = true;

	while (waitid(P_ALL, 0, &si, WEXITED | WNOHANG) == 0) {
		if (si.si_pid != 0 || clock_mono() < until) {
			poll(NULL, 0, si.si_pid == 0);
			si.si_pid = 0;
			continue;
		}
		good = false;
		kill_children();
		until = INT64_MAX;
	}
	return good;
}

static void
test_supervisor_killed(void)
{
	pid_t pids[3];
	int pipefd[2];
	pid_t super;
	size_t i;
	size_t k;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (i = 0; i < MAX_KINDS * 2; i++) {
		CU_ASSERT_EQUAL_FATAL(pipe2(pipefd, O_CLOEXEC), 0);
		super = fork();
		if (super == 0)
			doomed(pipefd[1], slot_kinds[i / 2], i % 2 == 0);
		close(pipefd[1]);
		CU_ASSERT_FATAL(readable(pipefd[0]));
		CU_ASSERT_EQUAL_FATAL(
		    read(pipefd[0], pids, sizeof(pids)), sizeof(pids));
		close(pipefd[0]);
		kill(super, SIGKILL);
		CU_ASSERT(wait_for(super) != INT32_MIN);
		for (k = 0; k < 2; k++) {
			CU_ASSERT(wait_for(pids[k]) != INT32_MIN);
		}
		/* No child is left: not the task, nor what it started. */
		CU_ASSERT(none_left());
		CU_ASSERT(pids[2] == 0 || is_gone(pids[2]));
	}
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

static void
start_is_told(struct slot *slot)
{
	static const struct {
		uint64_t quiet_us;
		bool with_end;
	} cases[] = {
	    {0,       false},
	    {1,       false},
	    {5000000, true },
	};
	struct ended end;
	struct run r;
	size_t i;

	for (i = 0; i < NITEMS(cases); i++) {
		slot->quiet_us = cases[i].quiet_us;
		CU_ASSERT_FATAL(run_shell(slot, &r, "exec sleep 0.3", NULL, 0));
		CU_ASSERT(r.pid > 1);
		CU_ASSERT_EQUAL(slot->at < slot->in.len, cases[i].with_end);
		CU_ASSERT(run_ended(slot, &r, &end));
		CU_ASSERT_EQUAL(end.status, 0);
		run_close(&r);
	}
}

static void
test_started(void)
{
	in_each_slot(start_is_told);
}

/* Nonsense from a supervisor ends that process only. */
static void
test_nonsense(void)
{
	struct server s;
	struct slot slot;
	struct buf b = BUF_INIT;
	struct error e;
	size_t mark;
	int status;

	CU_ASSERT_FATAL(server_start(&s));
	CU_ASSERT_FATAL(slot_start(&s, slot_kinds[1], &slot));
	mark = frame_begin(&b, MSG_TASK); /* not to a guard */
	pack_array(&b, 0);
	frame_end(&b, mark);
	CU_ASSERT_EQUAL(frame_send(slot.control, &b, NULL, 0, &e), 0);
	CU_ASSERT(at_eof(slot.control));
	slot_stop(&slot);
	CU_ASSERT_FATAL(slot_start(&s, slot_kinds[1], &slot));
	CU_ASSERT_EQUAL(frame_send(s.control, &b, NULL, 0, &e), 0);
	status = wait_for(s.pid);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	close(s.control);
	exec_output(&slot);
	slot_stop(&slot);
	buf_free(&b);
}

SUPER_MAIN("forkserver", {"a program's output and end", test_exec},
    {"descriptors, environment, signals are clean", test_clean},
    {"descriptors of a guard", test_descriptors}, {"limits", test_limits},
    {"a program that cannot start", test_exec_fails},
    {"the process id is the supervisor's", test_pid},
    {"kill reaches all", test_kill},
    {"kill reaches nobody else", test_kill_another},
    {"kill -1 inside reaches nobody else", test_kill_all},
    {"end of file ends a busy slot", test_eof},
    {"a killed guard", test_guard_killed},
    {"a killed fork server", test_server_killed},
    {"a killed supervisor", test_supervisor_killed},
    {"a start is told in time, or with the end", test_started},
    {"nonsense on a control socket", test_nonsense})
