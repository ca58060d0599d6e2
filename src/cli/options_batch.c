/* The options that only rtfs batch has. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/options_impl.h"

/* Where the plain ones go. */
static const struct {
	const char *name;
	size_t offset;
} places[] = {
#define PLACE(name, field)                                                     \
	{                                                                      \
		name, offsetof(struct batch_options, field)                    \
	}
    PLACE("shell", shell),
    PLACE("csv", csv),
    PLACE("link", link),
    PLACE("shuf", shuf),
    PLACE("context", replace_words),
    PLACE("multiple", replace_all),
    PLACE("xargs", no_spread),
    PLACE("exit", exact_or_exit),
    PLACE("no-run-if-empty", skip_empty),
    PLACE("pipe", pipe),
    PLACE("tag", tag),
    PLACE("dry-run", dry_run),
    PLACE("explain", explain),
    PLACE("print", trace),
    PLACE("keep-order", keep_order),
    PLACE("leave-children", leave_children),
    PLACE("bar", bar),
    PLACE("eta", eta),
    PLACE("progress", progress),
    PLACE("capability", capability),
    PLACE("jsonl", jsonl),
    PLACE("rtfs", rtfs),
    PLACE("colsep", colsep),
    PLACE("tagstring", tagstring),
    PLACE("wd", dir),
    PLACE("results", results),
    PLACE("joblog", joblog),
    PLACE("state", state),
    PLACE("max-lines", max_lines),
    PLACE("max-chars", max_chars),
    PLACE("delay", delay),
    PLACE("total-timeout", total_timeout),
    PLACE("retry-delay", retry_delay),
    PLACE("grace", grace),
#undef PLACE
};

static void *
place_of(struct options *o, const struct row *r)
{
	size_t i;

	for (i = 0; i < NITEMS(places); i++) {
		if (strcmp(places[i].name, r->name) == 0)
			return (char *)&o->batch + places[i].offset;
	}
	abort(); /* a row without its place */
}

int
batch_set_flag(struct options *o, const struct row *r, char *text ATTR_UNUSED,
    struct error *e ATTR_UNUSED)
{
	*(bool *)place_of(o, r) = true;
	return 0;
}

int
batch_set_text(struct options *o, const struct row *r, char *text,
    struct error *e ATTR_UNUSED)
{
	*(const char **)place_of(o, r) = text;
	return 0;
}

int
batch_set_replace(struct options *o, const struct row *r ATTR_UNUSED,
    char *text, struct error *e)
{
	o->batch.replace = text;
	return text[0] != '\0' ? 0 : error_set(e, EK_ARGUMENT, "which text?");
}

int
batch_set_count(
    struct options *o, const struct row *r, char *text, struct error *e)
{
	return option_number(text, 1, INT64_MAX, place_of(o, r), e);
}

int
batch_set_time(
    struct options *o, const struct row *r, char *text, struct error *e)
{
	return batch_parse_duration(text, place_of(o, r), e);
}

int
batch_set_file(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e ATTR_UNUSED)
{
	batch_add_input(&o->batch, INPUT_FILE)->file = text;
	return 0;
}

int
batch_set_null(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->batch.delimiter = '\0';
	return 0;
}

/* The byte that stands behind a backslash: n t r \, 0 to 377, x0 to xff; -1:
 * none. */
static int
escaped_byte(const char *text)
{
	static const char letters[] = "ntr\\", bytes[] = "\n\t\r\\";
	bool hex = text[0] == 'x';
	const char *p;
	long n;

	if (text[0] == '\0')
		return -1;
	if (text[1] == '\0' && (p = strchr(letters, text[0])) != NULL)
		return bytes[p - letters];
	text += hex;
	if (*text == '\0' || strlen(text) > (hex ? 2 : 3) ||
	    text[strspn(text, hex ? "0123456789abcdefABCDEF" : "01234567")] !=
	        '\0')
		return -1;
	n = strtol(text, NULL, hex ? 16 : 8);
	return n <= 255 ? (int)n : -1;
}

/* One byte, or one behind a backslash as xargs has them. */
int
batch_set_delimiter(struct options *o, const struct row *r ATTR_UNUSED,
    char *text, struct error *e)
{
	int byte = -1;

	if (text[0] != '\0' && text[1] == '\0')
		byte = (unsigned char)text[0];
	else if (text[0] == '\\')
		byte = escaped_byte(text + 1);
	if (byte == -1)
		return error_set(e, EK_ARGUMENT,
		    "\"%s\" is neither one byte nor one of \\n \\t \\r \\0 "
		    "\\054 \\x2c",
		    text);
	o->batch.delimiter = byte;
	return 0;
}

int
batch_set_header(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	if (strcmp(text, ":") != 0)
		return error_set(e, EK_ARGUMENT,
		    "\"%s\" is not \":\", the first record", text);
	o->batch.header = true;
	return 0;
}

int
batch_set_args(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	if (strcmp(text, "json") != 0 && strcmp(text, "text") != 0)
		return error_set(
		    e, EK_ARGUMENT, "\"%s\" is neither json nor text", text);
	o->batch.args_json = strcmp(text, "json") == 0;
	return 0;
}

/* -n and -N; 0: a value starts a job and is not used in it. */
int
batch_set_max_args(
    struct options *o, const struct row *r, char *text, struct error *e)
{
	struct batch_options *b = &o->batch;
	uint64_t n = 0;

	if (option_number(text, 0, INT32_MAX, &n, e) == -1)
		return -1;
	b->no_args = n == 0;
	if (r->letter == 'N')
		b->exact_args = n;
	else
		b->max_args = n;
	return 0;
}

/* GNU parallel's small letters are powers of 1000. */
static int
parse_bytes(const char *text, uint64_t *bytes, struct error *e)
{
	static const char letters[] = "kmgt";
	size_t n = strlen(text);
	const char *unit = n > 1 ? strchr(letters, text[n - 1]) : NULL;
	uint64_t power = 1000;
	char *digits;
	int rc;

	if (unit == NULL)
		return units_bytes(text, bytes, e);
	for (; unit > letters; unit--)
		power *= 1000;
	digits = xstrndup(text, n - 1);
	rc = option_number(digits, 0, INT64_MAX / power, bytes, e);
	free(digits);
	if (rc == 0)
		*bytes *= power;
	return rc;
}

int
batch_set_block(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	if (parse_bytes(text, &o->batch.block, e) == -1)
		return -1;
	return o->batch.block > 0 ?
	    0 :
	    error_set(e, EK_ARGUMENT, "a block has at least one byte");
}

/* NAME passes the caller's on, NAME=VALUE sets one; commands have the
 * caller's environment anyway. */
int
batch_set_env(struct options *o, const struct row *r, char *text,
    struct error *e ATTR_UNUSED)
{
	if (strchr(text, '=') != NULL)
		batch_words_add(&o->batch.env, text);
	return option_policy(o, r, "env", text);
}

int
batch_set_jobs(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	struct batch_jobs first;

	if (batch_parse_jobs(text, &o->batch.jobs, e) == -1)
		return -1;
	return o->batch.jobs.kind == JOBS_FILE ?
	    batch_read_jobs(text, &first, e) :
	    0;
}

int
batch_set_load(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	char *end;

	o->batch.load = strtod(text, &end);
	if (*end == '%')
		o->batch.load *= (double)host_cpus() / 100;
	if (end == text || end[*end == '%' ? 1 : 0] != '\0' ||
	    !(o->batch.load > 0))
		return error_set(e, EK_ARGUMENT,
		    "\"%s\" is not a load such as 1.5, or N%% of the CPUs",
		    text);
	return 0;
}

int
batch_set_memfree(struct options *o, const struct row *r ATTR_UNUSED,
    char *text, struct error *e)
{
	return parse_bytes(text, &o->batch.memfree, e);
}

int
batch_set_nice(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	uint64_t n = 0;

	if (option_number(text, 0, 19, &n, e) == -1)
		return -1;
	o->batch.nice = (int)n;
	return 0;
}

int
batch_set_order(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	o->batch.by_priority = strcmp(text, "priority") == 0;
	if (!o->batch.by_priority && strcmp(text, "fifo") != 0)
		return error_set(e, EK_ARGUMENT,
		    "\"%s\" is neither fifo nor priority", text);
	return 0;
}

/* "200%" is of the running median; a bare number is seconds. */
int
batch_set_timeout(
    struct options *o, const struct row *r, char *text, struct error *e)
{
	size_t n = strlen(text);
	int64_t ns;
	char *end, *ms;

	if (n > 0 && text[n - 1] == '%') {
		o->batch.timeout_percent = strtod(text, &end);
		if (end != text + n - 1 || !(o->batch.timeout_percent > 0))
			return error_set(e, EK_ARGUMENT,
			    "\"%s\" is no percentage above 0", text);
		return 0;
	}
	if (batch_parse_duration(text, &ns, e) == -1)
		return -1;
	if (strspn(text, "0123456789.") != n)
		return option_policy(o, r, r->key, text);
	ms = xasprintf("%s%ss", text[0] == '.' ? "0" : "", text);
	return option_policy(o, r, r->key, option_keep(o, ms));
}

int
batch_set_retries(struct options *o, const struct row *r ATTR_UNUSED,
    char *text, struct error *e)
{
	uint64_t n = 0;

	if (option_number(text, 0, 101, &n, e) == -1)
		return -1;
	o->batch.retries = (unsigned int)n;
	return 0;
}

int
batch_set_retry_on(struct options *o, const struct row *r ATTR_UNUSED,
    char *text, struct error *e)
{
	return batch_parse_retry_on(text, &o->batch, e);
}

int
batch_set_halt(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	return batch_parse_halt(text, &o->batch.halt, e);
}

int
batch_set_group(struct options *o, const struct row *r, char *text ATTR_UNUSED,
    struct error *e ATTR_UNUSED)
{
	o->batch.group =
	    strcmp(r->name, "ungroup") == 0 ? GROUP_NONE : GROUP_LINE;
	return 0;
}

/* The number of a word in a list; -1: *e lists them. */
static int
choice(const char *text, const char *const *names, size_t n, struct error *e)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(names[i], text) == 0)
			return (int)i;
	}
	for (i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", names[i]);
	error_set(e, EK_ARGUMENT, "\"%s\" is not one of %s", text, buf_str(&b));
	buf_free(&b);
	return -1;
}

int
batch_set_format(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	static const char *const names[] = {[BATCH_TEXT] = "text",
	    [BATCH_JSONL] = "jsonl",
	    [BATCH_CSV] = "csv",
	    [BATCH_TSV] = "tsv",
	    [BATCH_MSGPACK] = "msgpack",
	    [BATCH_RTFS] = "rtfs"};
	int i = choice(text, names, NITEMS(names), e);

	if (i == -1)
		return -1;
	o->batch.format = (enum batch_format)i;
	return 0;
}

int
batch_set_resume(struct options *o, const struct row *r, char *text ATTR_UNUSED,
    struct error *e ATTR_UNUSED)
{
	o->batch.resume = strcmp(r->name, "resume") == 0 ? RESUME_NEW :
	    strcmp(r->name, "resume-failed") == 0        ? RESUME_FAILED :
	                                                   RESUME_RETRY;
	return 0;
}

int
batch_set_exit(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	static const char *const names[] = {[EXIT_PARALLEL] = "parallel",
	    [EXIT_ANY] = "any",
	    [EXIT_XARGS] = "xargs"};
	int i = choice(text, names, NITEMS(names), e);

	if (i == -1)
		return -1;
	o->batch.exit_status = (enum batch_exit)i;
	return 0;
}

const char *
batch_remedy(const char *name, size_t len)
{
	static const struct {
		const char *name;
		const char *remedy;
	} table[] = {
	    {"will-cite",        "there is nothing to cite"                   },
	    {"group",            "output is grouped without it"               },
	    {"quote",            "words are passed as they are"               },
	    {"dryrun",           "say --dry-run"                              },
	    {"linebuffer",       "say --line-buffer"                          },
	    {"workdir",          "say --wd"	                           },
	    {"files",            "say --results DIR"                          },
	    {"pipepart",         "say --pipe -a FILE"                         },
	    {"round-robin",      "each block of --pipe is a job of its own"   },
	    {"recend",           "records of --pipe end with a newline, or -d"},
	    {"recstart",         "records of --pipe end with a newline, or -d"},
	    {"sshlogin",         "jobs run on this machine"                   },
	    {"S",                "jobs run on this machine"                   },
	    {"xapply",           "say --link"                                 },
	    {"interactive",      "--dry-run shows what would be run"          },
	    {"p",                "--dry-run shows what would be run"          },
	    {"i",                "say -I {}"	                          },
	    {"l",                "say -L 1"	                           },
	    {"E",                "input is read to its end"                   },
	    {"version",          "say rtfs version"                           },
	    {"citation",         "there is nothing to cite"                   },
	    {"gnu",              "it is so without it"                        },
	    {"tmpdir",           "set TMPDIR"                                 },
	    {"trim",             "values are taken as they are"               },
	    {"sem",              "flock(1) is one"                            },
	    {"semaphore",        "flock(1) is one"                            },
	    {"cat",              "with --pipe a block is standard input"      },
	    {"fifo",             "with --pipe a block is standard input"      },
	    {"eof",              "input is read to its end"                   },
	    {"halt-on-error",    "say --halt"                                 },
	    {"open-tty",         "jobs have no terminal as input"             },
	    {"tty",              "jobs have no terminal as input"             },
	    {"process-slot-var", "say {%} in a word of the command"           },
	    {"onall",            "jobs run on this machine"                   },
	    {"nonall",           "jobs run on this machine"                   },
	    {"transferfile",     "jobs run on this machine"                   },
	    {"return",           "jobs run on this machine"                   },
	};
	size_t i;

	for (i = 0; i < NITEMS(table); i++) {
		if (strlen(table[i].name) == len &&
		    strncmp(table[i].name, name, len) == 0)
			return table[i].remedy;
	}
	return NULL;
}
