/* rooms: batch */
#include <sys/mman.h>

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/backoff.h"
#include "batch/batch.h"
#include "batch/records.h"
#include "tests/unit/unit.h"
#include "value/map.h"
#include "value/printer.h"

/* A batch over one text as standard input. */
struct rig {
	struct batch_options o;
	struct batch b;
	struct job_source *source;
	int saved;
	int feed; /* what is written here is read */
};

static void
rig_open(struct rig *r)
{
	int p[2];

	memset(r, 0, sizeof(*r));
	batch_options_init(&r->o);
	r->b.options = &r->o;
	r->b.registry = registry_new();
	r->b.policy = policy_new();
	r->b.heap = heap_new(0);
	r->b.work = VAL_NIL;
	CU_ASSERT_EQUAL_FATAL(pipe2(p, O_CLOEXEC), 0);
	r->saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
	dup2(p[0], STDIN_FILENO);
	close(p[0]);
	r->feed = p[1];
}

static void
rig_write(struct rig *r, const char *text)
{
	CU_ASSERT_EQUAL(
	    write(r->feed, text, strlen(text)), (ssize_t)strlen(text));
}

static void
rig_end(struct rig *r)
{
	close(r->feed);
	r->feed = -1;
}

static void
rig_close(struct rig *r)
{
	job_source_free(r->source);
	dup2(r->saved, STDIN_FILENO);
	close(r->saved);
	if (r->feed != -1)
		close(r->feed);
	CU_ASSERT_EQUAL(heap_used(r->b.heap), 0);
	heap_free(r->b.heap);
	policy_free(r->b.policy);
	registry_free(r->b.registry);
	batch_options_free(&r->o);
}

/* The texts of all jobs that are there, a line each; those that cannot run
 * have "! " and why. */
static enum job_pull
pull_all(struct rig *r, struct buf *b)
{
	struct pollfd p = {.events = POLLIN};
	enum job_pull pull;
	struct error e;
	struct job *j;

	buf_clear(b);
	for (;;) {
		pull = job_source_next(r->source, &j, &e);
		p.fd = pull == PULL_WAIT ? job_source_fd(r->source) : -1;
		if (pull == PULL_WAIT && poll(&p, 1, 0) == 1)
			continue;
		if (pull != PULL_JOB)
			break;
		if (j->refused != NULL)
			buf_addf(b, "! %s\n", j->refused);
		else if (j->kind == JOB_CANCEL)
			buf_addf(b, "cancel %s\n", j->id);
		else
			buf_addf(b, "%s\n", job_text(j));
		job_free(j);
	}
	if (pull == PULL_ERROR)
		buf_addf(b, "error: %s\n", e.msg);
	return pull;
}

static void
set_command(struct rig *r, char **words, size_t n)
{
	r->o.command.item = words;
	r->o.command.n = n;
}

/* Lines are jobs as soon as they are there, and nobody waits. */
static void
test_stream(void)
{
	static char echo[] = "echo";
	char *words[] = {echo, NULL};
	struct rig r;
	struct buf b = BUF_INIT;
	struct error e;

	rig_open(&r);
	set_command(&r, words, 1);
	CU_ASSERT_EQUAL_FATAL(job_source_new(&r.b, &r.source, &e), 0);
	CU_ASSERT_EQUAL(pull_all(&r, &b), PULL_WAIT);
	CU_ASSERT_EQUAL(job_source_fd(r.source), STDIN_FILENO);
	rig_write(&r, "a\n\nb\nha");
	CU_ASSERT_EQUAL(pull_all(&r, &b), PULL_WAIT);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "echo a\necho b\n");
	CU_ASSERT_EQUAL(job_source_total(r.source), -1);
	rig_write(&r, "lf");
	CU_ASSERT_EQUAL(pull_all(&r, &b), PULL_WAIT);
	rig_end(&r);
	CU_ASSERT_EQUAL(pull_all(&r, &b), PULL_END);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), "echo half\n");
	CU_ASSERT_EQUAL(job_source_total(r.source), 3);
	CU_ASSERT_EQUAL(pull_all(&r, &b), PULL_END);
	rig_close(&r);
	buf_free(&b);
}

/* {%} stays until the slot is known, and can change. */
static void
test_slot(void)
{
	static char echo[] = "echo", slot[] = "s{%}";
	char *words[] = {echo, slot, NULL};
	struct rig r;
	struct error e;
	struct job *j;

	rig_open(&r);
	set_command(&r, words, 2);
	CU_ASSERT_EQUAL_FATAL(job_source_new(&r.b, &r.source, &e), 0);
	rig_write(&r, "a\n");
	CU_ASSERT_EQUAL_FATAL(job_source_next(r.source, &j, &e), PULL_JOB);
	CU_ASSERT(j->wants_slot);
	CU_ASSERT_STRING_EQUAL(j->argv[1], "s{%}");
	job_set_slot(j, 3);
	CU_ASSERT_STRING_EQUAL(j->argv[1], "s3");
	CU_ASSERT_STRING_EQUAL(job_text(j), "echo s3");
	job_set_slot(j, 12);
	CU_ASSERT_STRING_EQUAL(j->argv[1], "s12");
	job_free(j);
	rig_close(&r);
}

static const struct {
	const char *line;
	const char *job;
} lines[] = {
    {"{\"cmd\":[\"echo\",\"a b\",1]}",                    "echo 'a b' 1"                                                    },
    {"{\"shell\":\"echo $HOME | wc\"}",                   "echo $HOME | wc"                                                 },
    {"{\"capability\":\"text.length\",\"args\":[\"x\"]}",
     "(task :text.length \"x\")"                                                                                            },
    {"{\"capability\":\":time.now\"}",                    "(task :time.now)"                                                },
    {"{\"cancel\":\"u1\"}",                               "cancel u1"                                                       },
    {"{\"cancel\":7}",                                    "cancel 7"                                                        },
    {"{\"cmd\":[\"x\"],\"tmeout\":1}",
     "! line 7: unknown member \"tmeout\"; did you mean \"timeout\"?"                                                       },
    {"[1]",                                               "! line 8: a JSON object is wanted"                               },
    {"{}",                                                "! line 9: one of \"capability\", \"cmd\" and \"shell\" is wanted"},
    {"{\"cmd\":[\"x\"],\"shell\":\"y\"}",
     "! line 10: only one of \"capability\", \"cmd\" and \"shell\" is "
        "wanted"                                                                                                            },
    {"{\"cmd\":[]}",                                      "! line 11: \"cmd\" is an array of texts"                         },
    {"{\"cmd\":[\"a\",null]}",
     "! line 12: \"cmd\": item 2 is no text without NUL"                                                                    },
    {"{\"cmd\":[\"a\"],\"args\":[]}",
     "! line 13: \"args\" is for \"capability\""                                                                            },
    {"{\"cmd\":[\"a\"],\"retries\":-1}",
     "! line 14: \"retries\" is an integer from 0 to 100"                                                                   },
    {"{\"cmd\":[\"a\"],\"env\":{\"A=B\":\"x\"}}",
     "! line 15: \"env\" is an object of names and texts without NUL"                                                       },
    {"{\"cancel\":\"a\",\"id\":\"b\"}",
     "! line 16: \"cancel\" is an id, and stands alone"                                                                     },
    {"{\"shell\":\"a\\u0000b\"}",                         "! line 17: \"shell\" is a text without NUL"                      },
 /* policy's keywords in the words of JSON, what is quoted as it is */
    {"{\"shell\":\"a\",\"timeout\":\"a :b\"}",
     "! line 18: \"timeout\": bad duration \"a :b\": say a number and ms, "
        "s, m or h, as in \"250ms\" or \"1.5s\""                                                                            },
    {"{\"shell\":\"a\",\"limits\":{\"memroy\":1}}",
     "! line 19: unknown key \"memroy\"; did you mean \"memory\"?"                                                          },
    {"{\"shell\":\"a\",\"isolation\":\"x\"}",
     "! line 20: \"isolation\": expected \"inherit\", \"isolated\" or "
        "\"sandboxed\", got \"x\""                                                                                          },
    {"{\"shell\":\"a\",\"dir\":\"\"}",
     "! line 21: \"dir\" is the path of a folder"                                                                           },
    {"{\"shell\":\"a\",\"timeout\":null}",
     "! line 22: \"timeout\": expected a duration such as \"250ms\", "
        "\"2s\", "
        "\"5m\", got null"                                                                                                  },
};

static void
test_lines(void)
{
	struct rig r;
	struct buf b = BUF_INIT, want = BUF_INIT;
	struct error e;
	size_t i;

	rig_open(&r);
	r.o.jsonl = "-";
	CU_ASSERT_EQUAL_FATAL(job_source_new(&r.b, &r.source, &e), 0);
	for (i = 0; i < NITEMS(lines); i++) {
		rig_write(&r, lines[i].line);
		rig_write(&r, "\n");
		buf_addf(&want, "%s\n", lines[i].job);
	}
	rig_end(&r);
	CU_ASSERT_EQUAL(pull_all(&r, &b), PULL_END);
	CU_ASSERT_STRING_EQUAL(buf_str(&b), buf_str(&want));
	rig_close(&r);
	buf_free(&b);
	buf_free(&want);
}

/* Everything that a line may say about a job. */
static void
test_members(void)
{
	struct rig r;
	struct buf b = BUF_INIT;
	struct error e;
	struct job *j;

	rig_open(&r);
	r.o.jsonl = "-";
	CU_ASSERT_EQUAL_FATAL(job_source_new(&r.b, &r.source, &e), 0);
	rig_write(&r,
	    "{\"cmd\":[\"cat\"],\"id\":5,\"stdin\":\"in\",\"env\":{\"A\":"
	    "\"b\"},\"dir\":\"/\",\"timeout\":\"2s\",\"limits\":{\"nofile\":"
	    "9},\"isolation\":\"inherit\",\"retries\":2,\"priority\":-3,"
	    "\"after\":[\"x\",4]}\n");
	CU_ASSERT_EQUAL_FATAL(job_source_next(r.source, &j, &e), PULL_JOB);
	CU_ASSERT_PTR_NULL(j->refused);
	CU_ASSERT_STRING_EQUAL(j->id, "5");
	CU_ASSERT(j->has_input);
	CU_ASSERT_STRING_EQUAL(buf_str(&j->input), "in");
	CU_ASSERT_STRING_EQUAL(j->env[0], "A=b");
	CU_ASSERT_PTR_NULL(j->env[1]);
	CU_ASSERT_STRING_EQUAL(j->dir, "/");
	CU_ASSERT_EQUAL(j->retries, 2);
	CU_ASSERT_EQUAL(j->priority, -3);
	CU_ASSERT_STRING_EQUAL(j->after[0], "x");
	CU_ASSERT_STRING_EQUAL(j->after[1], "4");
	CU_ASSERT_PTR_NULL(j->after[2]);
	print_readable(&b, j->options);
	CU_ASSERT_STRING_EQUAL(buf_str(&b),
	    "{:timeout \"2s\" :limits {:nofile 9} :isolation :inherit}");
	job_free(j);
	rig_close(&r);
	buf_free(&b);
}

/* --jsonl with a command: members are columns. */
static void
test_columns_of_json(void)
{
	static char echo[] = "echo", place[] = "{b}/{a}";
	char *words[] = {echo, place, NULL};
	struct rig r;
	struct buf b = BUF_INIT;
	struct error e;

	rig_open(&r);
	set_command(&r, words, 2);
	batch_add_input(&r.o, INPUT_JSONL)->file = "-";
	r.o.jsonl = "-";
	CU_ASSERT_EQUAL_FATAL(job_source_new(&r.b, &r.source, &e), 0);
	rig_write(&r, "{\"a\":1,\"b\":\"x\"}\n{\"a\":[true],\"b\":null}\nno\n");
	rig_end(&r);
	CU_ASSERT_EQUAL(pull_all(&r, &b), PULL_END);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(buf_str(&b), "echo x/1\necho null/'[true]'\n! line 3"));
	rig_close(&r);
	buf_free(&b);
}

static bool
next_is(struct records *r, const char *text, uint64_t line, uint64_t over)
{
	struct input_record got;
	struct error e;

	return records_next(r, &got, &e) == PULL_JOB && got.over == over &&
	    got.line == line && got.len == strlen(text) &&
	    memcmp(got.text, text, got.len) == 0;
}

/* Records of a file with that text, at most 1,000 bytes each. */
static void
open_text(struct records *r, const struct buf *text, bool lenient)
{
	char path[64];
	struct error e;
	int fd = memfd_create("text", MFD_CLOEXEC);

	CU_ASSERT_EQUAL_FATAL(
	    write(fd, text->data, text->len), (ssize_t)text->len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CU_ASSERT_EQUAL_FATAL(records_open(r, path, '\n', &e), 0);
	close(fd);
	r->longest = 1000;
	r->lenient = lenient;
}

/* Longer than a record may be, and than what is read at a time. */
static void
test_long(void)
{
	static const size_t sizes[] = {1000, 100000, 500000};
	struct buf text = BUF_INIT;
	struct records r;
	struct input_record got;
	struct error e;
	size_t i, k;

	buf_adds(&text, "first\n");
	for (i = 0; i < NITEMS(sizes); i++) {
		for (k = 0; k < sizes[i]; k++)
			buf_addc(&text, 'x');
		buf_adds(&text, "\nbetween\n");
	}
	for (k = 0; k < 200000; k++)
		buf_addc(&text, 'y'); /* and no newline */
	open_text(&r, &text, true);
	CU_ASSERT(next_is(&r, "first", 1, 0));
	CU_ASSERT_EQUAL(records_next(&r, &got, &e), PULL_JOB);
	CU_ASSERT(got.len == 1000 && got.over == 0);
	CU_ASSERT(next_is(&r, "between", 3, 0));
	CU_ASSERT(next_is(&r, "", 4, 100000));
	CU_ASSERT(next_is(&r, "between", 5, 0));
	CU_ASSERT(next_is(&r, "", 6, 500000));
	CU_ASSERT(next_is(&r, "between", 7, 0));
	CU_ASSERT(next_is(&r, "", 8, 200000));
	CU_ASSERT_EQUAL(records_next(&r, &got, &e), PULL_END);
	records_close(&r);
	open_text(&r, &text, false);
	while (records_next(&r, &got, &e) == PULL_JOB)
		continue;
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(e.msg, "the record of line 4 is longer than 1000 bytes"));
	records_close(&r);
	buf_free(&text);
}

/* The nth wait lies between three and five quarters of its mean, all of the
 * range is used, and the longest is bounded. */
static void
test_backoff(void)
{
	const int64_t second = NS_PER_SEC;
	int64_t mean = second, least, most;
	unsigned int attempt;
	uint32_t i;

	for (attempt = 1; attempt <= 40; attempt++) {
		least = backoff(second, attempt, 0);
		most = backoff(second, attempt, UINT32_MAX);
		CU_ASSERT(llabs(least - mean * 3 / 4) <= 1);
		CU_ASSERT(llabs(most - mean * 5 / 4) <= 1);
		for (i = 1; i < 1000; i++)
			CU_ASSERT(backoff(second, attempt, i * 4294967) >
			    backoff(second, attempt, (i - 1) * 4294967));
		mean = mean * 2 < BACKOFF_LONGEST ? mean * 2 : BACKOFF_LONGEST;
	}
	CU_ASSERT_EQUAL(mean, BACKOFF_LONGEST);
	CU_ASSERT_EQUAL(backoff(0, 3, 7), 0);
}

UNIT_MAIN("batch_source", {"a pipe", test_stream}, {"{%}", test_slot},
    {"JSON lines", test_lines}, {"members", test_members},
    {"columns of JSON", test_columns_of_json},
    {"records that are too long", test_long},
    {"the wait before another attempt", test_backoff})
