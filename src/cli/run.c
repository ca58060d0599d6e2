/* rtfs run FILE: evaluate a program and print its value. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "host/interrupt.h"
#include "proto/codec.h"
#include "value/errval.h"
#include "value/json.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/vector.h"

static void
print_text(void *arg, const char *text, size_t len)
{
	output_write(arg, text, len);
}

/* The value in the form of -o.  -1: it has none. */
static int
format_value(const struct options *o, val v, struct buf *b, struct error *e)
{
	static const struct pack_options msgpack = {.no_way = "be packed"};
	/* Shared parts may make a text that has no end. */
	size_t max = o->vm.max_memory != 0 ? o->vm.max_memory : SIZE_MAX;

	switch (o->format) {
	case FORMAT_RTFS:
	case FORMAT_TEXT:
		if (!print_max(b, v, o->format == FORMAT_RTFS, max))
			return error_set(e, EK_LIMIT,
			    "MemoryLimit: the text of the value is longer than "
			    "the memory of the program");
		break;
	case FORMAT_JSON:
		if (json_write_max(b, v, 0, max, e) == -1)
			return error_context(
			    e, "the value cannot be printed as JSON");
		break;
	case FORMAT_MSGPACK:
		if (pack_val(b, v, &msgpack, MAX_FRAME, e) == -1)
			return error_context(
			    e, "the value cannot be printed as msgpack");
		return 0;
	case FORMAT_NONE:
		return 0;
	}
	buf_addc(b, '\n');
	return 0;
}

/* An error, or a map with an :error that is not empty. */
static bool
is_failure(val v)
{
	val e;

	if (val_is_error(v))
		return true;
	if (!val_is_map(v))
		return false;
	e = map_get_keyword(v, "error");
	if (e == VAL_UNBOUND || !val_truthy(e))
		return false;
	return !val_is_map(e) || map_count(e) > 0;
}

static val
args_vector(struct heap *h, const struct text_list *args)
{
	val v = vec_empty(h);
	size_t i;

	for (i = 0; i < args->n; i++)
		v = vec_push(h, v, str_from(h, args->item[i]));
	return v;
}

static int
print_value(const struct options *o, struct vm *vm, struct output *out)
{
	struct buf b = BUF_INIT;
	struct error e;
	int status = 0;

	if (format_value(o, vm_value(vm), &b, &e) == -1) {
		log_error("%s", e.msg);
		status = 1;
	} else {
		output_write(out, buf_str(&b), b.len);
		output_flush(out);
	}
	buf_free(&b);
	if (o->errors_fail && is_failure(vm_value(vm)))
		status = 1;
	return status;
}

/* Why the program ended before its end, as an exit status. */
static int
interrupted(const struct output *out)
{
	if (interrupt_signal != SIGPIPE)
		return 128 + interrupt_signal;
	if (out->failed != EPIPE) {
		log_error("standard output: %s", strerror(out->failed));
	}
	return 1;
}

static int
evaluate_and_print(const struct options *o, struct host *host, struct vm *vm,
    const struct program *p, struct output *out)
{
	struct buf said = BUF_INIT;
	int status = 1;

	switch (evaluate(host, vm, p, &said)) {
	case EVAL_DONE:
		status = print_value(o, vm, out);
		if (interrupt_signal != 0)
			status = interrupted(out);
		break;
	case EVAL_FAILED:
		output_flush(out);
		fwrite(said.data, 1, said.len, stderr);
		break;
	case EVAL_INTERRUPTED:
		output_flush(out);
		status = interrupted(out);
		break;
	}
	log_debug("%llu yield%s, %llu steps", (unsigned long long)vm_yields(vm),
	    vm_yields(vm) == 1 ? "" : "s", (unsigned long long)vm_steps(vm));
	buf_free(&said);
	return status;
}

/* The level that a function of the program would run under. */
static const char *
default_isolation(const struct setup *s)
{
	const struct effective *eff;
	struct error e;

	if (policy_resolve(s->policy, registry_find(s->registry, "rtfs.fn"),
	        VAL_NIL, &eff, &e) == -1)
		return NULL;
	return isolation_name(eff->isolation);
}

static int
open_report(const struct options *o, const struct setup *s,
    const struct program *p, struct report **out)
{
	struct report_run run;
	struct error e;

	memset(&run, 0, sizeof(run));
	run.argv = o->argv;
	run.program = p->text;
	run.program_len = p->len;
	run.policy_files = s->policy_files.item;
	run.isolation = default_isolation(s);
	if (report_open(o->report, &run, out, &e) == -1) {
		log_error("--report: %s", e.msg);
		return 2;
	}
	return 0;
}

/* The folder of --stderr, made when it is missing: what tasks put in its place
 * later is another. */
static int
open_stray(const struct options *o, int *folder)
{
	*folder = -1;
	if (o->stray != STRAY_DIR)
		return 0;
	if (mkdir(o->stray_dir, 0777) == 0 || errno == EEXIST)
		*folder = open(o->stray_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*folder != -1)
		return 0;
	log_error("--stderr: %s: %s", o->stray_dir, strerror(errno));
	return 2;
}

/* What a machine needs before it can be made. */
static int
new_vm(const struct options *o, struct output *out, struct modules *modules,
    struct vm **vm)
{
	struct vm_config config = o->vm;
	struct error e;

	config.may_call = true;
	config.print = print_text;
	config.print_arg = out;
	config.read_module = modules_read;
	config.read_module_arg = modules;
	config.interrupt = &interrupt_signal;
	if (vm_new(&config, vm, &e) == -1) {
		log_error("%s", e.msg);
		return 2;
	}
	heap_lends(vm_heap(*vm)); /* its long texts, to workers */
	vm_define(*vm, "args", args_vector(vm_heap(*vm), &o->args));
	return 0;
}

static void
fill_host_config(struct host_config *c, const struct options *o,
    const struct setup *s, struct output *out)
{
	size_t i;

	memset(c, 0, sizeof(*c));
	c->workers = o->jobs;
	c->spin = o->spin == -1 ? 0 : o->spin;
	for (i = 0; i < IMAGE_COUNT; i++)
		c->worker_path[i] = s->worker[i];
	c->registry = s->registry;
	c->policy = s->policy;
	c->secret_dirs = s->secret_dir;
	c->output = out;
	c->stray = o->stray;
	c->stray_dir = o->stray_dir;
}

int
session_open(struct session *s, const struct options *o, const struct verb *v,
    const char *program, const struct program *p)
{
	struct host_config config;
	struct error e;
	int status;

	memset(s, 0, sizeof(*s));
	s->stray_folder = -1;
	interrupt_init();
	output_init(&s->out, STDOUT_FILENO);
	if ((status = setup_open(&s->setup, v, o, program)) != 0)
		return status;
	if (o->report != NULL &&
	    (status = open_report(o, &s->setup, p, &s->report)) != 0)
		return status;
	if (watch_open(&o->watch, &s->watch, &e) == -1) {
		log_error("%s", e.msg);
		return 2;
	}
	modules_open(&s->modules, program);
	if ((status = new_vm(o, &s->out, &s->modules, &s->vm)) != 0)
		return status;
	if ((status = open_stray(o, &s->stray_folder)) != 0)
		return status;
	fill_host_config(&config, o, &s->setup, &s->out);
	config.stray_folder = s->stray_folder;
	config.report = s->report;
	config.watch = s->watch;
	s->host = host_new(&config);
	return 0;
}

int
session_close(struct session *s, const struct options *o, int status)
{
	struct error e;

	host_free(s->host);
	if (s->stray_folder != -1)
		close(s->stray_folder);
	if (watch_close(s->watch, &e) == -1) {
		log_error("%s", e.msg);
		if (status == 0)
			status = 1;
	}
	vm_free(s->vm);
	modules_close(&s->modules);
	output_free(&s->out);
	setup_close(&s->setup);
	if (report_close(s->report, &e) == -1) {
		log_error("--report %s: %s", o->report, e.msg);
		if (status == 0)
			status = 1;
	}
	return status;
}

int
run_program(const struct options *o, const struct verb *v, const char *program,
    const char *name, const char *text, size_t len)
{
	struct program p = {name, text, len};
	struct session s;
	int status;

	status = session_open(&s, o, v, program, &p);
	if (status == 0)
		status = evaluate_and_print(o, s.host, s.vm, &p, &s.out);
	return session_close(&s, o, status);
}

int
run_main(const struct verb *v, int argc, char **argv)
{
	struct options o;
	struct buf text = BUF_INIT;
	struct error e;
	const char *file;
	int status;

	if ((status = options_parse(v, &o, argc, argv)) != 0) {
		status--;
		goto done;
	}
	if (o.words.n == 0) {
		status = options_misuse(v, "which program?");
		goto done;
	}
	file = o.words.item[0];
	if (text_read(file, &text, &e) == -1) {
		log_error("%s", e.msg);
		status = 2;
		goto done;
	}
	if (strcmp(file, "-") == 0) {
		status = run_program(
		    &o, v, NULL, "<stdin>", buf_str(&text), text.len);
	} else {
		status =
		    run_program(&o, v, file, file, buf_str(&text), text.len);
	}
done:
	buf_free(&text);
	options_free(&o);
	return status;
}
