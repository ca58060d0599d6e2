/* rooms: batch host lang pool proto sandbox policy task value base
 * The back half of a batch over the real rtfs-worker, fed by a source of its
 * own: every run is a child process, whose streams and exit status are looked
 * at. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "batch/batch.h"
#include "tests/unit/unit.h"
#include "value/map.h"
#include "value/name.h"
#include "value/string.h"
#include "value/vector.h"

/* One job as a test says it. */
struct line {
	const char *shell; /* sh -c */
	const char *capability;
	int64_t arg;
	const char *id;
	const char *after; /* one id */
	const char *tag;
	const char *option; /* "timeout" */
	const char *text;
	int retries; /* 0: not said */
	int64_t priority;
};

struct job_source {
	const struct line *line;
	size_t n;
	size_t at;
	struct heap *heap;
	struct registry *registry;
};

static char **
words(const char *a, const char *b, const char *c)
{
	char **w = xcalloc(4, sizeof(*w));

	w[0] = xstrdup(a);
	w[1] = b == NULL ? NULL : xstrdup(b);
	w[2] = c == NULL ? NULL : xstrdup(c);
	return w;
}

enum job_pull
job_source_next(
    struct job_source *s, struct job **out, struct error *e ATTR_UNUSED)
{
	const struct line *l = &s->line[s->at];
	struct job *j;
	val v;

	if (s->at == s->n)
		return PULL_END;
	j = xcalloc(1, sizeof(*j));
	j->seq = ++s->at;
	j->heap = s->heap;
	j->key = VAL_UNBOUND;
	j->args = j->options = VAL_NIL;
	j->retries = l->retries == 0 ? -1 : l->retries;
	j->priority = l->priority;
	j->id = l->id != NULL ? xstrdup(l->id) :
	                        xasprintf("%llu", (unsigned long long)j->seq);
	j->tag = l->tag == NULL ? NULL : xstrdup(l->tag);
	if (l->after != NULL)
		j->after = words(l->after, NULL, NULL);
	if (l->option != NULL) {
		j->options = map_assoc(s->heap, map_empty(s->heap),
		    keyword_from(l->option), str_from(s->heap, l->text));
	}
	if (l->shell != NULL) {
		j->kind = JOB_COMMAND;
		j->argv = words("/bin/sh", "-c", l->shell);
		j->text = xstrdup(l->shell);
	} else {
		j->kind = JOB_TASK;
		j->capability = registry_find(s->registry, l->capability);
		v = val_fix(l->arg);
		j->args = vec_new(s->heap, &v, 1);
		j->text = xasprintf("(task :%s)", l->capability);
	}
	*out = j;
	return PULL_JOB;
}

void
job_set_slot(struct job *j, unsigned int slot)
{
	char *at = strstr(j->argv[2], "{%}");

	if (at != NULL)
		at[0] = at[1] = at[2] = (char)('0' + slot);
}

int
job_source_fd(const struct job_source *s ATTR_UNUSED)
{
	return -1;
}

int64_t
job_source_total(const struct job_source *s)
{
	return (int64_t)s->n;
}

/* What a run left. */
struct ran {
	int status; /* 128+N: killed by a signal */
	char *out;
	char *err;
	char *joblog;
	int64_t ns;
};

static char folder[64];
static const char *worker;

static char *
slurp(const char *name)
{
	char path[128], *text = xcalloc(1, 1024 * 1024);
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || read(fd, text, 1024 * 1024 - 1) == -1)
		text[0] = '\0';
	if (fd != -1)
		close(fd);
	return text;
}

static void
child(struct batch_options *o, const struct line *line, size_t n)
{
	struct batch b = {.options = o, .heap = heap_new(0)};
	struct job_source s = {line, n, 0, b.heap, NULL};
	char path[128], log[128];
	int fd, i;

	for (i = 1; i <= 2; i++) {
		snprintf(path, sizeof(path), "%s/%d", folder, i);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, i);
	}
	snprintf(log, sizeof(log), "%s/joblog", folder);
	o->joblog = log;
	b.registry = s.registry = registry_new();
	b.policy = policy_new();
	b.worker_path[IMAGE_CORE] = worker;
	_exit(batch_run(&b, &s));
}

static pid_t
begin(struct batch_options *o, const struct line *line, size_t n)
{
	pid_t pid = fork();

	if (pid == 0)
		child(o, line, n);
	return pid;
}

static void
end(pid_t pid, struct ran *r)
{
	int status;

	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	r->status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	r->out = slurp("1");
	r->err = slurp("2");
	r->joblog = slurp("joblog");
}

static void
run(struct batch_options *o, const struct line *line, size_t n, struct ran *r)
{
	int64_t start = clock_mono();

	end(begin(o, line, n), r);
	r->ns = clock_mono() - start;
}

static void
done(struct ran *r)
{
	free(r->out);
	free(r->err);
	free(r->joblog);
}

static void
options(struct batch_options *o, unsigned int jobs)
{
	batch_options_init(o);
	o->jobs.kind = JOBS_COUNT;
	o->jobs.n = jobs;
}

/* Field of a line of the joblog, both from 0. */
static char *
field(const char *log, int line, int column, char out[64])
{
	size_t n;

	for (; line > 0 && log != NULL; line--) {
		log = strchr(log, '\n');
		log = log == NULL ? NULL : log + 1;
	}
	for (; column > 0 && log != NULL; column--) {
		log = strchr(log, '\t');
		log = log == NULL ? NULL : log + 1;
	}
	n = log == NULL ? 0 : strcspn(log, "\t\n");
	if (n > 63)
		n = 63;
	memcpy(out, log == NULL ? "" : log, n);
	out[n] = '\0';
	return out;
}

static void
test_grouped(void)
{
	static const struct line lines[] = {
	    {.shell = "echo a; sleep 0.4; echo b; echo e >&2"},
	    { .shell = "echo c; exit 3",                                 .tag = "tagged"},
	};
	struct batch_options o;
	struct ran r;
	char f[64];

	options(&o, 2);
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT_EQUAL(r.status, 1);
	CU_ASSERT_STRING_EQUAL(r.out, "tagged\tc\na\nb\n");
	CU_ASSERT_STRING_EQUAL(r.err, "e\n");
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 0, 6, f), "Exitval");
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 1, 0, f), "2");
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 1, 5, f), "2");
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 1, 6, f), "3");
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 1, 8, f), "echo c; exit 3");
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 2, 6, f), "0");
	done(&r);
	o.keep_order = true;
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT_STRING_EQUAL(r.out, "a\nb\ntagged\tc\n");
	done(&r);
}

static void
test_lines(void)
{
	static const struct line lines[] = {
	    {.shell = "echo a; sleep 0.5; printf b",                    .tag = "1"},
	    {.shell = "sleep 0.2; echo c; printf x; sleep 0.6; echo y",
             .tag = "2"	                                                   },
	};
	struct batch_options o;
	struct ran r;

	options(&o, 2);
	o.group = GROUP_LINE;
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT_STRING_EQUAL(r.out, "1\ta\n2\tc\n1\tb2\txy\n");
	done(&r);
	o.keep_order = true;
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT_STRING_EQUAL(r.out, "1\ta\n1\tb2\tc\n2\txy\n");
	done(&r);
}

/* The status counts failed jobs. */
static void
test_status(void)
{
	static struct line lines[150];
	struct batch_options o;
	struct ran r;
	size_t i;

	options(&o, 4);
	for (i = 0; i < NITEMS(lines); i++)
		lines[i].shell = i % 10 == 0 ? "exit 0" : "exit 7";
	run(&o, lines, 41, &r);
	CU_ASSERT_EQUAL(r.status, 36);
	done(&r);
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT_EQUAL(r.status, 101);
	done(&r);
	o.exit_status = EXIT_ANY;
	run(&o, lines, 41, &r);
	CU_ASSERT_EQUAL(r.status, 1);
	done(&r);
	o.exit_status = EXIT_XARGS;
	run(&o, lines, 41, &r);
	CU_ASSERT_EQUAL(r.status, 123);
	done(&r);
}

/* Killed ones keep their output and say why; the log has parallel's figures. */
static void
test_killed(void)
{
	static const struct line lines[] = {
	    {.shell = "echo begun; exec sleep 60",
             .option = "timeout",
             .text = "300ms"},
	    {.shell = "echo dying; kill -9 $$"                     },
	};
	struct batch_options o;
	struct ran r;
	char f[64];

	options(&o, 1);
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT_EQUAL(r.status, 2);
	CU_ASSERT_STRING_EQUAL(r.out, "begun\ndying\n");
	CU_ASSERT(
	    strstr(r.err, "job 1: timeout: timed out after 300ms") != NULL);
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 1, 6, f), "-1");
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 1, 7, f), "15");
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 2, 6, f), "0");
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 2, 7, f), "9");
	done(&r);
}

static void
test_retries(void)
{
	char path[128], text[320];
	struct line lines[] = {{.shell = text}, {.shell = "exit 4"}};
	struct batch_options o;
	struct ran r;
	struct stat st;

	snprintf(path, sizeof(path), "%s/tries", folder);
	snprintf(text, sizeof(text), "echo x >>%s; test $(wc -l <%s) -ge 3",
	    path, path);
	options(&o, 2);
	o.retries = 3;
	run(&o, lines, 1, &r);
	CU_ASSERT_EQUAL(r.status, 0);
	CU_ASSERT(stat(path, &st) == 0 && st.st_size == 6);
	done(&r);
	unlink(path);
	o.retries = 2;
	o.retry_delay = 200 * NS_PER_MS;
	run(&o, lines, 1, &r);
	CU_ASSERT_EQUAL(r.status, 1);
	CU_ASSERT(r.ns >= 150 * NS_PER_MS);
	CU_ASSERT(stat(path, &st) == 0 && st.st_size == 4);
	done(&r);
	unlink(path);
}

static void
test_halt(void)
{
	static const struct line lines[] = {
	    {.shell = "sleep 0.2; exit 5"},
	    {.shell = "echo long; exec sleep 60"},
	    {.shell = "echo never"},
	};
	struct batch_options o;
	struct ran r;
	char f[64];

	options(&o, 2);
	o.halt.when = HALT_NOW;
	o.halt.why = HALT_FAIL;
	o.halt.count = 1;
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT_EQUAL(r.status, 5);
	CU_ASSERT_STRING_EQUAL(r.out, "long\n");
	CU_ASSERT(r.ns < unit_soon(10 * NS_PER_SEC));
	CU_ASSERT_STRING_EQUAL(field(r.joblog, 3, 0, f), "");
	done(&r);
	o.halt.when = HALT_SOON;
	run(&o, lines, 1, &r);
	CU_ASSERT_EQUAL(r.status, 5);
	done(&r);
}

static void
test_after(void)
{
	static const struct line lines[] = {
	    {.shell = "echo three",          .id = "c",         .after = "b"},
	    {.shell = "sleep 0.1; echo one", .id = "a"        },
	    {.shell = "echo two; exit 1",                     .id = "b",      .after = "a"            },
	    {.shell = "echo x",                     .id = "x",      .after = "y"},
	    {.shell = "echo y",                     .id = "y",      .after = "x"            },
	    {.shell = "echo z",                     .id = "z", .after = "nobody"},
	};
	struct batch_options o;
	struct ran r;

	options(&o, 2);
	o.jsonl = "-";
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT_EQUAL(r.status, 5);
	CU_ASSERT_STRING_EQUAL(r.out, "one\ntwo\n");
	CU_ASSERT(strstr(r.err,
	              "skipped: not run: job b, which it comes "
	              "after, ended with exit") != NULL);
	CU_ASSERT(strstr(r.err, "goes round in a circle") != NULL);
	CU_ASSERT(strstr(r.err, "there is no job nobody") != NULL);
	done(&r);
}

/* A million tasks would do the same. */
static void
test_tasks(void)
{
	static struct line lines[5000];
	struct batch_options o;
	struct ran r;
	const char *at;
	size_t i, n = 0;

	options(&o, 2);
	o.keep_order = true;
	for (i = 0; i < NITEMS(lines); i++) {
		lines[i].capability = "random.bytes";
		lines[i].arg = 3;
	}
	lines[7].arg = -1;
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT_EQUAL(r.status, 1);
	for (at = r.out; (at = strchr(at, '\n')) != NULL; at++)
		n++;
	CU_ASSERT_EQUAL(n, NITEMS(lines) - 1);
	CU_ASSERT(strstr(r.err, "job 8: ") != NULL);
	done(&r);
}

static void
test_records(void)
{
	static const struct line lines[] = {
	    {.shell = "printf 'a\\377b'; echo '\"' >&2", .id = "one"},
	    {.shell = "exit 9"	                                 },
	};
	struct batch_options o;
	struct ran r;

	options(&o, 1);
	o.format = BATCH_JSONL;
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT(strncmp(r.out,
	              "{\"id\":\"one\",\"seq\":1,\"capability\":"
	              "\"process.exec\",\"argv\":[\"/bin/sh\",",
	              60) == 0);
	CU_ASSERT(strstr(r.out,
	              "\"stdout\":\"a\xef\xbf\xbd"
	              "b\",\"stderr\":\"\\\"\\n\"}") != NULL);
	CU_ASSERT(
	    strstr(r.out, "\"status\":\"exit\",\"fault\":\"task\"") != NULL);
	CU_ASSERT(strstr(r.out,
	              "{\"summary\":true,\"jobs\":2,\"ok\":1,"
	              "\"failed\":1,") != NULL);
	done(&r);
	o.format = BATCH_RTFS;
	run(&o, lines, NITEMS(lines), &r);
	CU_ASSERT_STRING_EQUAL(r.out,
	    "[{:exit 0 :signal nil :stdout \"a\xef\xbf\xbd"
	    "b\" :stderr \"\\\"\\n\"} "
	    "{:exit 9 :signal nil :stdout \"\" :stderr \"\"}]\n");
	done(&r);
}

/* By content and by count, whatever the order; an end that failed is not
 * taken for a good one. */
static void
test_resume(void)
{
	static const struct line first[] = {
	    {.shell = "echo a"},
	    {.shell = "echo b; exit 1"},
	    {.shell = "echo a"},
	};
	static const struct line second[] = {
	    {.shell = "echo c"},
	    {.shell = "echo a"},
	    {.shell = "echo b; exit 1"},
	    {.shell = "echo a"},
	    {.shell = "echo a"},
	};
	struct batch_options o;
	char path[128];
	struct ran r;

	snprintf(path, sizeof(path), "%s/state", folder);
	options(&o, 1);
	o.state = path;
	run(&o, first, NITEMS(first), &r);
	CU_ASSERT_EQUAL(r.status, 1);
	CU_ASSERT_STRING_EQUAL(r.out, "a\nb\na\n");
	done(&r);
	o.resume = RESUME_NEW;
	run(&o, second, NITEMS(second), &r);
	CU_ASSERT_EQUAL(r.status, 0);
	CU_ASSERT_STRING_EQUAL(r.out, "c\na\n");
	done(&r);
	o.resume = RESUME_FAILED;
	run(&o, second, NITEMS(second), &r);
	CU_ASSERT_EQUAL(r.status, 1);
	CU_ASSERT_STRING_EQUAL(r.out, "b\n");
	done(&r);
	unlink(path);
	snprintf(path, sizeof(path), "%s/no/state", folder);
	run(&o, first, NITEMS(first), &r);
	CU_ASSERT_EQUAL(r.status, 255);
	CU_ASSERT(strstr(r.err, "No such file or directory") != NULL);
	CU_ASSERT_STRING_EQUAL(r.out, "");
	done(&r);
}

/* The first signal ends what runs, tells it first, and keeps its output. */
static void
test_interrupt(void)
{
	char path[128], text[256];
	struct line lines[] = {{.shell = text}, {.shell = "echo never"}};
	struct batch_options o;
	int64_t until = clock_mono() + 10 * NS_PER_SEC;
	struct ran r;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/up", folder);
	snprintf(text, sizeof(text),
	    "trap 'echo told; exit 0' TERM; echo up; : >%s; "
	    "while :; do sleep 0.05; done",
	    path);
	options(&o, 1);
	pid = begin(&o, lines, 2);
	while (access(path, F_OK) == -1 && clock_mono() < until)
		usleep(1000);
	kill(pid, SIGTERM);
	end(pid, &r);
	unlink(path);
	CU_ASSERT_EQUAL(r.status, 143);
	CU_ASSERT_STRING_EQUAL(r.out, "up\ntold\n");
	done(&r);
}

/* The letter of its state, as /proc has it; 0: it is not there. */
static char
state_of(pid_t pid)
{
	char path[64], text[512], *at;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	at = strrchr(text, ')');
	return at == NULL ? 0 : at[2];
}

static bool
comes_to(pid_t pid, char state)
{
	int64_t until = clock_mono() + unit_soon(5 * NS_PER_SEC);

	while (state_of(pid) != state && clock_mono() < until)
		usleep(1000);
	return state_of(pid) == state;
}

/* What a job leaves behind ends with it, or lives on when that is asked for. */
static void
test_leave(void)
{
	char path[128], text[320], *pid_text;
	struct line lines[] = {{.shell = text}};
	struct batch_options o;
	struct ran r;
	pid_t left;
	int i;

	snprintf(path, sizeof(path), "%s/pid", folder);
	snprintf(text, sizeof(text),
	    "setsid sleep 600 >/dev/null 2>&1 & echo $! >%s", path);
	options(&o, 1);
	for (i = 0; i < 2; i++) {
		o.leave_children = i == 1;
		run(&o, lines, 1, &r);
		CU_ASSERT_EQUAL(r.status, 0);
		pid_text = slurp("pid");
		left = (pid_t)atoi(pid_text);
		free(pid_text);
		CU_ASSERT_FATAL(left > 1);
		if (i == 0) {
			CU_ASSERT_EQUAL(state_of(left), 0);
		} else {
			CU_ASSERT(state_of(left) != 0 && state_of(left) != 'Z');
			kill(left, SIGKILL);
		}
		done(&r);
	}
	unlink(path);
}

/* Stopped with the runner, longer than its timeout, a job is none the worse. */
static void
test_stop(void)
{
	char path[128], text[320], *pid_text;
	struct line lines[] = {
	    {.shell = text, .option = "timeout", .text = "2s"}
        };
	int64_t until = clock_mono() + unit_soon(5 * NS_PER_SEC);
	struct batch_options o;
	struct stat st;
	struct ran r;
	pid_t pid, job;

	snprintf(path, sizeof(path), "%s/pid", folder);
	snprintf(text, sizeof(text),
	    "echo $$ >%s; while test -e %s; do :; done; echo on", path, path);
	options(&o, 1);
	pid = begin(&o, lines, 1);
	while (
	    (stat(path, &st) == -1 || st.st_size == 0) && clock_mono() < until)
		usleep(1000);
	pid_text = slurp("pid");
	job = (pid_t)atoi(pid_text);
	free(pid_text);
	CU_ASSERT(job > 1);
	kill(pid, SIGTSTP);
	CU_ASSERT(comes_to(pid, 'T'));
	CU_ASSERT(comes_to(job, 'T'));
	usleep(2100 * 1000); /* this is what it is about */
	unlink(path);
	kill(pid, SIGCONT);
	end(pid, &r);
	CU_ASSERT_EQUAL(r.status, 0);
	CU_ASSERT_STRING_EQUAL(r.out, "on\n");
	done(&r);
}

static const struct unit_case cases[] = {
    {"grouped and in order",  test_grouped  },
    {"line by line",          test_lines    },
    {"exit status",           test_status   },
    {"killed jobs",           test_killed   },
    {"retries",               test_retries  },
    {"halt",                  test_halt     },
    {"one after the other",   test_after    },
    {"small tasks",           test_tasks    },
    {"records",               test_records  },
    {"resume",                test_resume   },
    {"stopped and continued", test_stop     },
    {"what is left behind",   test_leave    },
    {"interrupted",           test_interrupt},
};

int
main(void)
{
	static const char *const files[] = {"1", "2", "joblog"};
	char path[PATH_MAX];
	size_t i;
	int rc;

	worker = getenv("RTFS_WORKER");
	if (worker == NULL || access(worker, X_OK) == -1)
		return unit_lacks("rtfs-worker; set RTFS_WORKER");
	snprintf(folder, sizeof(folder), "/tmp/rtfs-batch-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 99;
	rc = unit_run("batch_run", cases, NITEMS(cases));
	for (i = 0; i < NITEMS(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
	return rc;
}
