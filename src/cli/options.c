/* The table of options and its parser. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/units.h"
#include "cli/options_impl.h"
#include "value/nearest.h"

static int
set_help(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->help = true;
	return 0;
}

static int
set_format(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	static const char *const names[] = {
	    "rtfs", "text", "json", "msgpack", "none"};
	size_t i;

	for (i = 0; i < NITEMS(names); i++) {
		if (strcmp(names[i], text) == 0) {
			o->format = (enum output_format)i;
			return 0;
		}
	}
	return error_set(e, EK_ARGUMENT,
	    "\"%s\" is not one of rtfs, text, json, msgpack, none", text);
}

int
option_number(const char *text, uint64_t min, uint64_t max, uint64_t *out,
    struct error *e)
{
	char *end;

	if (!isdigit((unsigned char)text[0]) || strlen(text) > 18)
		return error_set(e, EK_ARGUMENT, "\"%s\" is no number", text);
	*out = strtoull(text, &end, 10);
	if (*end != '\0' || *out < min || *out > max) {
		return error_set(e, EK_ARGUMENT,
		    "\"%s\" is not a number from %llu to %llu", text,
		    (unsigned long long)min, (unsigned long long)max);
	}
	return 0;
}

static int
set_jobs(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	uint64_t n = 0;

	if (option_number(text, 1, MAX_WORKERS, &n, e) == -1)
		return -1;
	o->jobs = (unsigned int)n;
	return 0;
}

static int
set_spin(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	uint64_t n = 0;

	if (option_number(text, 0, 10000, &n, e) == -1)
		return -1;
	o->spin = (int64_t)n * 1000;
	return 0;
}

static int
set_report(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e ATTR_UNUSED)
{
	o->report = text;
	return 0;
}

static int
set_trace(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e ATTR_UNUSED)
{
	o->watch.trace = text;
	return 0;
}

static int
set_metrics(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e ATTR_UNUSED)
{
	o->watch.metrics = text;
	return 0;
}

static int
set_policy_file(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e ATTR_UNUSED)
{
	text_list_add(&o->policies, text);
	return 0;
}

static int
set_manifest(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e ATTR_UNUSED)
{
	text_list_add(&o->manifests, text);
	return 0;
}

int
option_policy(
    struct options *o, const struct row *r, const char *key, const char *text)
{
	o->policy =
	    xreallocarray(o->policy, o->npolicy + 1, sizeof(*o->policy));
	o->policy[o->npolicy].option = r->name;
	o->policy[o->npolicy].key = key;
	o->policy[o->npolicy++].text = text;
	return 0;
}

static int
set_policy(struct options *o, const struct row *r, char *text,
    struct error *e ATTR_UNUSED)
{
	return option_policy(o, r, r->key, text);
}

/* --env NAME=VALUE and --allow-env NAME: neither is the other. */
static int
set_env(struct options *o, const struct row *r, char *text, struct error *e)
{
	bool allow = strcmp(r->name, "allow-env") == 0;

	if ((strchr(text, '=') == NULL) != allow) {
		return error_set(e, EK_ARGUMENT,
		    allow ? "\"%s\" is not NAME; --env NAME=VALUE sets one" :
		            "\"%s\" is not NAME=VALUE; --allow-env NAME "
		            "passes the caller's on",
		    text);
	}
	return option_policy(o, r, r->key, text);
}

char *
option_keep(struct options *o, char *owned)
{
	o->made = xreallocarray(o->made, o->nmade + 1, sizeof(char *));
	o->made[o->nmade++] = owned;
	return owned;
}

static int
set_limit(struct options *o, const struct row *r, char *text, struct error *e)
{
	char *equals = strchr(text, '=');
	char *key;

	if (equals == NULL || equals == text) {
		return error_set(
		    e, EK_ARGUMENT, "\"%s\" is not NAME=VALUE", text);
	}
	key = xasprintf("limits.%.*s", (int)(equals - text), text);
	return option_policy(o, r, option_keep(o, key), equals + 1);
}

static int
set_stderr(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e ATTR_UNUSED)
{
	o->stray = strcmp(text, "live") == 0 ? STRAY_LIVE : STRAY_DIR;
	o->stray_dir = text;
	return 0;
}

static int
set_max_memory(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	uint64_t n = 0;

	if (strcmp(text, "unlimited") != 0 && units_bytes(text, &n, e) == -1)
		return -1;
	o->vm.max_memory = (size_t)n;
	return 0;
}

static int
set_max_steps(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	return option_number(text, 1, INT64_MAX, &o->vm.max_steps, e);
}

static int
set_max_depth(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e)
{
	uint64_t n = 0;

	if (option_number(text, 1, INT64_MAX, &n, e) == -1)
		return -1;
	o->vm.max_depth = (size_t)n;
	return 0;
}

static int
set_errors_fail(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->errors_fail = true;
	return 0;
}

static int
set_json(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->json = true;
	return 0;
}

static int
set_strict(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->strict = true;
	return 0;
}

static int
set_elsewhere(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->elsewhere = true;
	return 0;
}

static int
set_all(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->all = true;
	return 0;
}

static int
set_trace_denied(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->trace_denied = true;
	return 0;
}

static int
set_defaults(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->defaults = true;
	return 0;
}

static int
set_task(struct options *o, const struct row *r ATTR_UNUSED, char *text,
    struct error *e ATTR_UNUSED)
{
	o->task = text;
	return 0;
}

static int
set_quiet(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->verbosity = -1;
	return 0;
}

static int
set_verbose(struct options *o, const struct row *r ATTR_UNUSED,
    char *text ATTR_UNUSED, struct error *e ATTR_UNUSED)
{
	o->verbosity = o->verbosity < 0 ? 1 : o->verbosity + 1;
	return 0;
}

#define PROGRAM (VERB_RUN | VERB_EVAL)
#define SESSION (PROGRAM | VERB_REPL)
#define RUNNING (SESSION | VERB_BATCH)
#define LAYERED (RUNNING | VERB_POLICY)
#define LOADING (LAYERED | VERB_CHECK | VERB_CAPABILITIES)
#define EVERY   (LOADING | VERB_DOCTOR | VERB_VERSION)
#define LIMIT_ROW(name, verbs, text)                                           \
	{                                                                      \
		0, name, "AMOUNT", verbs, text, set_policy, "limits." name     \
	}
/* A row of batch, and one without a letter. */
#define BATCH(letter, name, arg, set, text)                                    \
	{                                                                      \
		letter, name, arg, VERB_BATCH, text, batch_set_##set, NULL     \
	}

/* clang-format off */
static const struct row table[] = {
    {'h', "help", NULL, EVERY, "print this and exit", set_help, NULL},
    {'o', "output", "FORMAT", PROGRAM, "print the value as rtfs (default), text, json, msgpack or none", set_format, NULL},
    {'e', "errors-fail", NULL, PROGRAM, "exit 1 when the value is an error or a map with an :error", set_errors_fail, NULL},
    BATCH(0, "shell", NULL, flag, "CMD is text for sh -c, values are quoted in it"),
    BATCH(0, "capability", "CAP", text, "run this capability, the words are its arguments"),
    BATCH(0, "args", "json|text", args, "read every argument of the capability as JSON"),
    BATCH(0, "jsonl", "FILE", text, "a job a line, as JSON objects; - is standard input"),
    BATCH(0, "rtfs", "FILE", text, "the tasks that are the value of this program"),
    BATCH('a', "arg-file", "FILE", file, "values from FILE instead of standard input"),
    BATCH('0', "null", NULL, null, "records end with a NUL byte instead of a newline"),
    BATCH('d', "delimiter", "CHAR", delimiter, "records end with this byte, or \\n \\t \\r \\0 \\x2c"),
    BATCH(0, "colsep", "REGEX", text, "split records to columns {1} {2} ... there"),
    BATCH(0, "csv", NULL, flag, "records are comma-separated values (RFC 4180)"),
    BATCH(0, "header", ":", header, "the first record names the columns: {name}"),
    BATCH(0, "link", NULL, flag, "several sources side by side, the shorter again and again"),
    BATCH(0, "shuf", NULL, flag, "jobs in random order"),
    BATCH('n', "max-args", "N", max_args, "up to N values a job"),
    BATCH('N', "max-replace-args", "N", max_args, "the same, as {1} to {N}"),
    BATCH('L', "max-lines", "N", count, "up to N lines a job; a line that ends with a blank goes on"),
    BATCH('s', "max-chars", "N", count, "bytes of a command line (default 128K)"),
    BATCH('X', "context", NULL, flag, "as many values as fit, a word with {} once for each"),
    BATCH('m', "multiple", NULL, flag, "as many values as fit, {} is all of them"),
    BATCH(0, "xargs", NULL, flag, "the same, and not spread over the slots at the end"),
    BATCH('x', "exit", NULL, flag, "end when a value does not fit (it does so anyway)"),
    BATCH('r', "no-run-if-empty", NULL, flag, "no job without values (there is none anyway)"),
    BATCH('I', "replace", "TEXT", replace, "TEXT is replaced by the value instead of {}"),
    BATCH(0, "pipe", NULL, flag, "a block of standard input to each job"),
    BATCH(0, "block", "BYTES", block, "size of a block (default 1M), to the end of a line"),
    BATCH(0, "wd", "DIR", text, "commands run in this folder, a template"),
    BATCH(0, "tag", NULL, flag, "begin each line of output with the values and a tab"),
    BATCH(0, "tagstring", "TEXT", text, "begin it with this template and a tab"),
    BATCH(0, "dry-run", NULL, flag, "print the jobs and their limits, run none"),
    BATCH(0, "explain", NULL, flag, "say why jobs failed or were skipped"),
    BATCH('t', "print", NULL, flag, "print each command on standard error when it starts"),
    {'j', "jobs", "N", SESSION, "tasks at a time, 1 to 1024 (default: CPUs)", set_jobs, NULL},
    {0, "spin", "N", RUNNING, "microseconds to stay awake for a result or task, up to 10000", set_spin, NULL},
    BATCH('j', "jobs", "N", jobs, "jobs at a time: N, N%, +N, -N of CPUs, 0: many; or a file with that"),
    BATCH('P', "max-procs", "N", jobs, "the same as -j"),
    BATCH(0, "delay", "TIME", time, "between two starts"),
    BATCH(0, "load", "N", load, "start nothing while the load is above N, or N% of the CPUs"),
    BATCH(0, "memfree", "BYTES", memfree, "start nothing while less memory is free"),
    BATCH(0, "nice", "N", nice, "niceness of jobs, 0 to 19"),
    BATCH(0, "order", "fifo|priority", order, "start jobs as they come, or by priority"),
    {0, "timeout", "TIME", SESSION | VERB_POLICY, "wall-clock time of a task, such as 500ms, 2s, 5m", set_policy, "timeout"},
    {0, "timeout", "TIME|N%", VERB_BATCH, "wall-clock time of a job (5, 500ms), or percent of the median so far", batch_set_timeout, "timeout"},
    BATCH(0, "total-timeout", "TIME", time, "of the whole batch"),
    LIMIT_ROW("cpu", LAYERED, "CPU time of a task, such as 10s"),
    LIMIT_ROW("data", LAYERED, "memory a task may ask for, such as 512M"),
    LIMIT_ROW("memory", LAYERED, "memory of a task and its children"),
    LIMIT_ROW("as", VERB_BATCH, "address space of a job"),
    LIMIT_ROW("nofile", LAYERED, "open files of a task"),
    LIMIT_ROW("nproc", LAYERED, "processes of a task"),
    LIMIT_ROW("fsize", LAYERED, "largest file a task may write"),
    LIMIT_ROW("stack", LAYERED, "stack of a task"),
    LIMIT_ROW("output", VERB_BATCH, "bytes of output of a job that are kept"),
    {0, "limit", "NAME=AMOUNT", LAYERED, "any limit of rtfs-policy(5), such as result=1M", set_limit, NULL},
    {0, "isolation", "LEVEL", LAYERED, "inherit, isolated or sandboxed", set_policy, "isolation"},
    {0, "allow-net", "HOST[:PORT]", LAYERED, "tasks may talk to that host", set_policy, "allow-net"},
    {0, "allow-read", "PATH", LAYERED, "tasks may read below PATH", set_policy, "read"},
    {0, "allow-write", "PATH", LAYERED, "tasks may write below PATH", set_policy, "write"},
    {0, "allow-env", "NAME", LAYERED, "tasks see this variable of the environment", set_env, "env"},
    {0, "env", "NAME=VALUE", SESSION | VERB_POLICY, "tasks see this variable with this value", set_env, "env"},
    BATCH(0, "env", "NAME[=VALUE]", env, "jobs see this variable (commands see all of the caller's)"),
    {0, "policy", "FILE", LOADING, "one more policy file, see rtfs-policy(5)", set_policy_file, NULL},
    {0, "capabilities", "PATH", LOADING, "one more manifest, or a folder with one, see rtfs-capabilities(5)", set_manifest, NULL},
    BATCH(0, "retries", "N", retries, "attempts in all, when a job fails"),
    BATCH(0, "retry-delay", "TIME", time, "before the second attempt, doubled for each further one"),
    BATCH(0, "retry-on", "KIND,...", retry_on, "only after timeout, signal, exit, exit:75, memory-limit ..."),
    BATCH(0, "halt", "WHEN,WHY=N", halt, "now or soon, after N (or N%) fail, success or done"),
    BATCH(0, "grace", "TIME", time, "between TERM and KILL"),
    BATCH(0, "leave-children", NULL, flag, "do not end what a job leaves in the background"),
    BATCH('k', "keep-order", NULL, flag, "output in the order of the input"),
    BATCH(0, "line-buffer", NULL, group, "output line by line, of several jobs at a time"),
    BATCH(0, "lb", NULL, group, "the same"),
    BATCH('u', "ungroup", NULL, group, "output as it comes"),
    BATCH('o', "format", "FORMAT", format, "results as text (default), jsonl, csv, tsv, msgpack or rtfs"),
    BATCH(0, "results", "PATH", text, "output into a folder, or a .csv, .tsv or .json file"),
    BATCH(0, "joblog", "FILE", text, "a line a job, as GNU parallel writes it"),
    BATCH(0, "state", "FILE", text, "what has been done, for the following"),
    BATCH(0, "resume", NULL, resume, "run what has no recorded end"),
    BATCH(0, "resume-failed", NULL, resume, "and what failed"),
    BATCH(0, "retry-failed", NULL, resume, "only what failed"),
    BATCH(0, "bar", NULL, flag, "a bar on the terminal"),
    BATCH(0, "eta", NULL, flag, "when it will end, on the terminal"),
    BATCH(0, "progress", NULL, flag, "how far it is, on the terminal"),
    BATCH(0, "exit-status", "parallel|any|xargs", exit, "failed jobs up to 101 (default); 0 or 1; as xargs"),
    {0, "report", "FILE", RUNNING, "write the record of each task, one JSON object a line", set_report, NULL},
    {0, "trace", "FILE", RUNNING, "write a trace of the run for Perfetto", set_trace, NULL},
    {0, "metrics", "FILE", RUNNING, "keep FILE up to date with OpenMetrics text", set_metrics, NULL},
    {0, "stderr", "live|DIR", SESSION, "show what tasks write to stderr as it comes, or keep it in files", set_stderr, NULL},
    {0, "max-memory", "BYTES", RUNNING, "memory of the program itself (default 1G; unlimited)", set_max_memory, NULL},
    {0, "max-steps", "N", RUNNING, "steps the program may take (default: any number)", set_max_steps, NULL},
    {0, "max-depth", "N", RUNNING, "calls inside calls (default: as memory allows)", set_max_depth, NULL},
    {0, "strict", NULL, VERB_POLICY, "check: exit 1 when there are warnings", set_strict, NULL},
    {0, "elsewhere", NULL, VERB_POLICY, "check: for another machine, whatever this one has", set_elsewhere, NULL},
    {0, "all", NULL, VERB_POLICY, "explain: every capability", set_all, NULL},
    {0, "defaults", NULL, VERB_POLICY, "explain: print the built-in policy", set_defaults, NULL},
    {0, "task", "RTFS", VERB_POLICY, "explain: for that task, or with these options of one", set_task, NULL},
    {0, "trace-denied", NULL, VERB_POLICY, "test: list the system calls that were refused", set_trace_denied, NULL},
    {0, "json", NULL, VERB_POLICY | VERB_CHECK | VERB_CAPABILITIES | VERB_DOCTOR | VERB_VERSION, "print JSON", set_json, NULL},
    {'q', "quiet", NULL, EVERY, "errors only", set_quiet, NULL},
    {'v', "verbose", NULL, EVERY, "a line per task; twice: more", set_verbose, NULL},
};
/* clang-format on */

void
text_list_add(struct text_list *l, char *text)
{
	l->item = xreallocarray(l->item, l->n + 2, sizeof(char *));
	l->item[l->n++] = text;
	l->item[l->n] = NULL;
}

void
options_free(struct options *o)
{
	size_t i;

	for (i = 0; i < o->nmade; i++)
		free(o->made[i]);
	free(o->made);
	free(o->policy);
	batch_options_free(&o->batch);
	free(o->policies.item);
	free(o->manifests.item);
	free(o->words.item);
	free(o->args.item);
}

void
options_help(const struct verb *v)
{
	char left[64];
	size_t i;
	int n;

	printf("Usage: rtfs %s\n%s\n\n", v->synopsis, v->summary);
	for (i = 0; i < NITEMS(table); i++) {
		if ((table[i].verbs & v->bit) == 0)
			continue;
		n = table[i].letter != 0 ?
		    snprintf(left, sizeof(left), "-%c, ", table[i].letter) :
		    snprintf(left, sizeof(left), "    ");
		snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s%s",
		    table[i].name, table[i].arg != NULL ? " " : "",
		    table[i].arg != NULL ? table[i].arg : "");
		printf("  %-28s %s\n", left, table[i].text);
	}
}

int
options_misuse(const struct verb *v, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	fprintf(stderr, "rtfs: %s: %s\nUsage: rtfs %s\n", v->name, buf_str(&b),
	    v->synopsis);
	buf_free(&b);
	return 2;
}

static const struct row *
find_letter(const struct verb *v, int letter)
{
	size_t i;

	for (i = 0; i < NITEMS(table); i++) {
		if (table[i].letter == letter && (table[i].verbs & v->bit))
			return &table[i];
	}
	return NULL;
}

static const struct row *
find_name(
    const struct verb *v, const char *name, size_t len, const char **near_name)
{
	char *word = xstrndup(name, len);
	const struct row *found = NULL;
	struct nearest near;
	size_t i;

	nearest_init(&near, word);
	for (i = 0; i < NITEMS(table); i++) {
		if ((table[i].verbs & v->bit) == 0)
			continue;
		nearest_offer(&near, table[i].name);
		if (strcmp(table[i].name, word) == 0)
			found = &table[i];
	}
	*near_name = near.best;
	free(word);
	return found;
}

/* "--name", "--name=text" or "--name text"; *i moves over what was used. */
static int
parse_long(
    const struct verb *v, struct options *o, int argc, char **argv, int *i)
{
	char *name = argv[*i] + 2, *text = strchr(name, '=');
	size_t len = text != NULL ? (size_t)(text - name) : strlen(name);
	const struct row *r;
	const char *near, *remedy;
	struct error e;

	if ((r = find_name(v, name, len, &near)) == NULL) {
		if (v->bit == VERB_BATCH &&
		    (remedy = batch_remedy(name, len)) != NULL)
			return options_misuse(
			    v, "no option --%.*s: %s", (int)len, name, remedy);
		return options_misuse(v, "unknown option --%.*s%s%s%s",
		    (int)len, name, near != NULL ? "; did you mean --" : "",
		    near != NULL ? near : "", near != NULL ? "?" : "");
	}
	if (r->arg == NULL && text != NULL)
		return options_misuse(v, "--%s takes no argument", r->name);
	if (text != NULL)
		text++;
	else if (r->arg != NULL && (text = argv[++*i]) == NULL)
		return options_misuse(v, "--%s needs %s", r->name, r->arg);
	(void)argc;
	if (r->set(o, r, text, &e) == -1)
		return options_misuse(v, "--%s: %s", r->name, e.msg);
	return 0;
}

/* "-q", "-vv", "-oFORMAT" or "-o FORMAT". */
static int
parse_short(const struct verb *v, struct options *o, char **argv, int *i)
{
	char *p = argv[*i] + 1, *text;
	const char *remedy;
	const struct row *r;
	struct error e;

	for (; *p != '\0'; p++) {
		if ((r = find_letter(v, *p)) == NULL) {
			if (v->bit == VERB_BATCH &&
			    (remedy = batch_remedy(p, 1)) != NULL)
				return options_misuse(
				    v, "no option -%c: %s", *p, remedy);
			return options_misuse(v, "unknown option -%c%s", *p,
			    v->bit != VERB_EVAL ?
			        "" :
			        "; to give an expression that begins with -, "
			        "put -- before it");
		}
		text = NULL;
		if (r->arg != NULL) {
			text = p[1] != '\0' ? p + 1 : argv[++*i];
			if (text == NULL) {
				return options_misuse(
				    v, "-%c needs %s", *p, r->arg);
			}
		}
		if (r->set(o, r, text, &e) == -1)
			return options_misuse(v, "-%c: %s", *p, e.msg);
		if (r->arg != NULL)
			break;
	}
	return 0;
}

int
options_parse(const struct verb *v, struct options *o, int argc, char **argv)
{
	bool program = (v->bit & PROGRAM) != 0, rest = false;
	bool words_only = v->bit == VERB_BATCH; /* after the first */
	int i, rc;

	memset(o, 0, sizeof(*o));
	batch_options_init(&o->batch);
	o->vm.max_memory = (size_t)1 << 30;
	o->spin = -1;
	o->argv = argv;
	for (i = 1; i < argc; i++) {
		rc = 0;
		rest |= words_only && o->words.n > 0;
		if (rest || argv[i][0] != '-' || argv[i][1] == '\0') {
			text_list_add(
			    program && o->words.n > 0 ? &o->args : &o->words,
			    argv[i]);
		} else if (strcmp(argv[i], "--") == 0) {
			rest = true;
		} else if (argv[i][1] == '-') {
			rc = parse_long(v, o, argc, argv, &i);
		} else {
			rc = parse_short(v, o, argv, &i);
		}
		if (rc != 0)
			return rc + 1;
	}
	if (o->help) {
		options_help(v);
		return 1;
	}
	log_set_level(o->verbosity < 0 ? LOG_QUIET :
	        o->verbosity == 0      ? LOG_NOTICE :
	        o->verbosity == 1      ? LOG_TASKS :
	                                 LOG_DEBUG);
	return 0;
}
