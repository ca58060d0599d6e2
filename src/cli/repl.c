/*
 * rtfs repl: entry after entry, each compiled by itself, on one machine whose
 * definitions stay.  Nothing but :quit, the end of the input or a signal ends
 * it.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/repl.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "host/interrupt.h"
#include "value/nearest.h"
#include "value/printer.h"
#include "value/reader.h"

#define PRINTED (64U * 1024) /* bytes between looks at Ctrl-C */

struct repl {
	struct session s;
	struct repl_names *names;
	struct repl_line *line;
	struct buf text; /* the entry */
	uint64_t steps;  /* of the last evaluation */
	uint64_t yields;
	size_t max; /* bytes of a value's text */
	unsigned int entry;
	bool quit;
};

struct command {
	const char *name;
	const char *arg;
	bool code; /* its argument is an entry, of several lines if need be */
	void (*run)(struct repl *, const char *name, const char *arg);
	const char *help;
};

static void
say(struct repl *r, const char *text, size_t len)
{
	output_write(&r->s.out, text, len);
	output_flush(&r->s.out);
}

static void
say_line(struct repl *r, struct buf *b)
{
	buf_addc(b, '\n');
	say(r, b->data, b->len);
	buf_free(b);
}

/* ---- evaluating ---- */

static void
print_value(struct repl *r)
{
	struct output *out = &r->s.out;
	struct buf b = BUF_INIT;
	size_t at, n;

	if (out->mid_line)
		buf_addc(&b, '\n');
	if (!print_max(&b, vm_value(r->s.vm), true, r->max)) {
		if (interrupt_signal == 0)
			log_error("MemoryLimit: the text of the value is "
			          "longer than the memory of the program");
		buf_free(&b);
		return;
	}
	buf_addc(&b, '\n');
	for (at = 0; at < b.len && interrupt_signal == 0; at += n) {
		n = b.len - at < PRINTED ? b.len - at : PRINTED;
		output_write(out, b.data + at, n);
	}
	if (at < b.len)
		output_write(out, "\n", 1);
	output_flush(out);
	buf_free(&b);
}

/* Where it stood when Ctrl-C came. */
static void
report_interrupt(struct repl *r, const char *name)
{
	struct vm *vm = r->s.vm;
	struct vm_place place = vm_error_place(vm);
	struct buf b = BUF_INIT;

	buf_addc(&b, '\n'); /* after the terminal's ^C */
	if (vm_stop(vm) == STOP_INTERRUPT && place.line != 0) {
		buf_addf(&b, "%s:%u:%u: Interrupted\n",
		    place.file != NULL ? place.file : name, place.line,
		    place.column);
		vm_error_trace(vm, &b);
	} else {
		buf_addf(&b, "%s: Interrupted\n", name);
	}
	fwrite(b.data, 1, b.len, stderr);
	buf_free(&b);
}

/* Did it come to its end? */
static bool
evaluate_text(struct repl *r, const char *name, const char *text, size_t len)
{
	struct program p = {name, text, len};
	struct buf said = BUF_INIT;
	enum evaluation rc;
	uint64_t before = vm_yields(r->s.vm);

	names_learn(r->names, text, len);
	rc = evaluate(r->s.host, r->s.vm, &p, &said);
	if (rc == EVAL_DONE)
		print_value(r);
	output_flush(&r->s.out);
	if (rc != EVAL_DONE && r->s.out.mid_line && line_interactive(r->line)) {
		say(r, "\n", 1);
	}
	if (interrupt_signal != 0) {
		if (rc != EVAL_DONE && line_interactive(r->line) &&
		    interrupt_signal == SIGINT)
			report_interrupt(r, name);
	} else if (rc == EVAL_FAILED) {
		fwrite(said.data, 1, said.len, stderr);
	}
	(void)line_interrupted(r->line);
	r->steps = vm_steps(r->s.vm);
	r->yields = vm_yields(r->s.vm) - before;
	vm_reset(r->s.vm);
	buf_free(&said);
	return rc == EVAL_DONE;
}

static void
evaluate_entry(struct repl *r, const char *text, size_t len)
{
	char name[32];

	snprintf(name, sizeof(name), "<repl:%u>", r->entry);
	(void)evaluate_text(r, name, text, len);
	r->entry++;
}

/* ---- commands ---- */

static void command_help(struct repl *, const char *, const char *);

static void
command_doc(struct repl *r, const char *name, const char *arg)
{
	struct buf b = BUF_INIT;

	if (arg[0] == '\0')
		buf_addf(&b, "%s of which name?", name);
	if (arg[0] != '\0' && names_doc(r->names, arg, &b))
		say(r, b.data, b.len);
	else
		log_error("%s", buf_str(&b));
	buf_free(&b);
}

static void
command_time(struct repl *r, const char *name, const char *arg)
{
	int64_t start = clock_mono();
	struct buf b = BUF_INIT;

	if (arg[0] == '\0') {
		log_error("%s of which expression?", name);
		return;
	}
	evaluate_entry(r, buf_str(&r->text), r->text.len);
	buf_addf(&b, "; %.3f ms, %llu step%s, %llu yield%s",
	    (double)(clock_mono() - start) / (double)NS_PER_MS,
	    (unsigned long long)r->steps, r->steps == 1 ? "" : "s",
	    (unsigned long long)r->yields, r->yields == 1 ? "" : "s");
	say_line(r, &b);
}

static void
command_load(struct repl *r, const char *name, const char *arg)
{
	struct buf text = BUF_INIT;
	struct error e;

	if (arg[0] == '\0')
		log_error("%s which file?", name);
	else if (text_read(arg, &text, &e) == -1)
		log_error("%s", e.msg);
	else
		(void)evaluate_text(r, arg, buf_str(&text), text.len);
	buf_free(&text);
}

static void
command_quit(
    struct repl *r, const char *name ATTR_UNUSED, const char *arg ATTR_UNUSED)
{
	r->quit = true;
}

static const struct command commands[] = {
    {":help", NULL,   false, command_help, "this list"                         },
    {":doc",  "NAME", false, command_doc,
     "what a core function, a definition or a capability is for"               },
    {":time", "EXPR", true,  command_time, "evaluate, and say how long it took"},
    {":load", "FILE", false, command_load, "evaluate a file"                   },
    {":quit", NULL,   false, command_quit, "end, as Ctrl-D does"               },
};
static const char *const command_names[] = {
    ":help", ":doc", ":time", ":load", ":quit", NULL};

static void
command_help(
    struct repl *r, const char *name ATTR_UNUSED, const char *arg ATTR_UNUSED)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < NITEMS(commands); i++) {
		buf_addf(&b, "%s %-5s %s\n", commands[i].name,
		    commands[i].arg != NULL ? commands[i].arg : "",
		    commands[i].help);
	}
	buf_adds(&b,
	    "Everything else is evaluated.  Tab completes names and "
	    "keywords, Ctrl-C interrupts.");
	say_line(r, &b);
}

/* The command that a line begins with, or NULL. */
static const struct command *
find_command(const char *line)
{
	size_t i, len;

	for (i = 0; i < NITEMS(commands); i++) {
		len = strlen(commands[i].name);
		if (strncmp(line, commands[i].name, len) == 0 &&
		    (line[len] == '\0' || isspace((unsigned char)line[len])))
			return &commands[i];
	}
	return NULL;
}

/* What stands after a command's name, without blanks around it. */
static char *
argument(const struct command *c, const char *line)
{
	size_t len;

	line += strlen(c->name);
	while (isspace((unsigned char)*line))
		line++;
	len = strlen(line);
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	return xstrndup(line, len);
}

static void
run_command(struct repl *r, const struct command *c)
{
	char *arg = argument(c, buf_str(&r->text));

	if (c->code) /* columns stay as they were typed */
		memset(r->text.data, ' ', strlen(c->name));
	c->run(r, c->name, arg);
	free(arg);
}

/* An entry that is one keyword is its value, and may be a slip of the hand. */
static void
hint_at_command(const char *entry)
{
	struct nearest near;
	size_t i;

	if (entry[0] != ':' ||
	    entry[strcspn(entry, " \t\r\n,()[]{}\";")] != '\0')
		return;
	nearest_init(&near, entry);
	for (i = 0; i < NITEMS(commands); i++)
		nearest_offer(&near, commands[i].name);
	if (near.best != NULL)
		log_notice("%s is a keyword; did you mean the command %s?",
		    entry, near.best);
}

/* ---- entries ---- */

static bool
is_blank(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++) {
		if (!isspace((unsigned char)b->data[i]))
			return false;
	}
	return true;
}

static bool
wants_more(const struct repl *r, const struct command *c)
{
	size_t skip = c != NULL ? strlen(c->name) : 0;

	if (c != NULL && !c->code)
		return false;
	return text_unfinished(r->text.data + skip, r->text.len - skip);
}

/* The next entry, as far as it goes: at the end of the input, and after
 * Ctrl-D on a terminal, it may be unfinished. */
static enum line_status
read_entry(struct repl *r, const struct command **c)
{
	enum line_status status;
	char first[32], more[32];
	size_t len;
	int n;

	n = snprintf(first, sizeof(first), "rtfs:%u> ", r->entry);
	snprintf(more, sizeof(more), "%*s", n, "...> ");
	buf_clear(&r->text);
	do {
		buf_clear(&r->text);
		status = line_read(r->line, first, true, &r->text);
	} while (status == LINE_READ && is_blank(&r->text));
	*c = NULL;
	if (status != LINE_READ)
		return status;
	*c = find_command(buf_str(&r->text));
	while (wants_more(r, *c) && r->text.len <= MAX_SOURCE) {
		status = line_read(r->line, more, false, &r->text);
		if (status == LINE_CANCEL || line_interrupted(r->line))
			return status;
		if (status == LINE_END)
			break;
	}
	len = r->text.len;
	while (len > 0 && isspace((unsigned char)r->text.data[len - 1]))
		len--;
	r->text.len = len;
	/* As in shells: what begins with a blank is not written down. */
	if (!isspace((unsigned char)r->text.data[0]))
		line_remember(r->line, buf_str(&r->text));
	return LINE_READ;
}

static int
loop(struct repl *r)
{
	const struct command *c = NULL;
	enum line_status status;

	while (!r->quit && !line_interrupted(r->line)) {
		status = read_entry(r, &c);
		if (status == LINE_END)
			break;
		if (status == LINE_CANCEL)
			continue;
		if (c != NULL) {
			run_command(r, c);
			continue;
		}
		evaluate_entry(r, buf_str(&r->text), r->text.len);
		hint_at_command(buf_str(&r->text));
	}
	if (interrupt_signal == SIGPIPE) {
		if (r->s.out.failed != EPIPE)
			log_error(
			    "standard output: %s", strerror(r->s.out.failed));
		return 1;
	}
	return interrupt_signal != 0 ? 128 + interrupt_signal : 0;
}

static int
repl(const struct verb *v, const struct options *o)
{
	static const struct program none = {"<repl>", "", 0};
	struct repl r;
	struct buf b = BUF_INIT;
	int status;

	memset(&r, 0, sizeof(r));
	r.entry = 1;
	r.max = o->vm.max_memory != 0 ? o->vm.max_memory : SIZE_MAX;
	if ((status = session_open(&r.s, o, v, NULL, &none)) == 0) {
		r.names = names_new(r.s.vm, r.s.setup.registry, command_names);
		r.line = line_open(r.names);
		if (line_interactive(r.line) && o->verbosity >= 0) {
			buf_addf(&b,
			    "rtfs %s; :help lists the commands, Ctrl-D ends",
			    VERSION);
			say_line(&r, &b);
		}
		status = loop(&r);
	}
	line_close(r.line);
	names_free(r.names);
	buf_free(&r.text);
	return session_close(&r.s, o, status);
}

int
repl_main(const struct verb *v, int argc, char **argv)
{
	struct options o;
	int status;

	if ((status = options_parse(v, &o, argc, argv)) != 0)
		status--;
	else if (o.words.n > 0)
		status = options_misuse(v, "takes no arguments");
	else
		status = repl(v, &o);
	options_free(&o);
	return status;
}
