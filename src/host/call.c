/*
 * One call of a program: to which of its servants it goes.  io.* is served
 * here, in program order; the parallel family makes a set of many tasks;
 * everything else is a set of one, whose failure is thrown.
 */
#include <string.h>

#include "base/log.h"
#include "host/fault.h"
#include "host/interrupt.h"
#include "host/parallel.h"
#include "host/set.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/vector.h"

typedef enum host_answer (*call_fn)(
    struct host *, struct vm *, const struct host_call *, val *);

static const struct {
	const char *id;
	call_fn fn;
} family[] = {
    {"parallel",                 parallel_call      },
    {"parallel.map",             parallel_map_call  },
    {"ccos.concurrent/parallel", parallel_mixed_call},
};

/* The text of a keyword or string capability; NULL: it is neither. */
static const char *
capability_text(val capability)
{
	const char *s;

	if (val_is_keyword(capability))
		return val_name_text(capability, NULL);
	if (!val_is_string(capability))
		return NULL;
	s = str_bytes(capability, NULL);
	return s[0] == ':' ? s + 1 : s;
}

/* What is printed is bounded; shared parts may make a text that has no end. */
#define MAX_LINE (64U * 1024 * 1024)

static void
join_args(struct buf *b, val args, size_t from)
{
	size_t i, n = vec_count(args);

	for (i = from; i < n; i++) {
		if (i > from)
			buf_addc(b, ' ');
		if (!print_max(b, vec_get(args, i), false, MAX_LINE))
			buf_adds(b, "...");
	}
}

/* Text of a program on stderr: no control characters reach a terminal. */
static void
log_line(val args)
{
	struct buf b = BUF_INIT, line = BUF_INIT;
	size_t i;
	unsigned char c;

	join_args(&b, args, 0);
	for (i = 0; i < b.len; i++) {
		c = (unsigned char)b.data[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			buf_addf(&line, "\\x%02x", c);
		else
			buf_addc(&line, (char)c);
	}
	log_notice("log: %s", buf_str(&line));
	buf_free(&b);
	buf_free(&line);
}

bool
host_serve(struct host *host, const struct capability *c, val args,
    struct heap *h, val *out)
{
	struct buf b = BUF_INIT;
	const char *verb = strchr(c->id, '.');
	bool println = verb != NULL && strcmp(verb, ".println") == 0;

	*out = VAL_NIL;
	if (verb == NULL) {
		*out = errval_make(
		    h, ERRKEY_UNAVAILABLE, ":%s cannot be a task", c->id);
		return false;
	}
	if (strcmp(verb, ".log") == 0) {
		log_line(args);
		return true;
	}
	join_args(&b, args, 0);
	if (println)
		buf_addc(&b, '\n');
	output_write(host->config.output, buf_str(&b), b.len);
	buf_free(&b);
	return true;
}

static enum host_answer
call_single(
    struct host *host, struct vm *vm, const struct host_call *call, val *out)
{
	struct set_config c;
	struct set *s;
	enum host_answer answer;

	memset(&c, 0, sizeof(c));
	c.single = true;
	s = set_new(host, vm, &c, 1);
	set_add(s, VAL_UNBOUND, call->capability, call->args, call->options);
	if (set_check(s, out) == -1)
		answer = HOST_RAISE;
	else if (set_run(s) == -1)
		answer = HOST_END;
	else
		answer = set_take(s, 0, out) ? HOST_RESUME : HOST_RAISE;
	set_free(s);
	return answer;
}

enum host_answer
host_answer_call(struct host *host, struct vm *vm, val *out)
{
	const struct host_call *call = vm_call(vm);
	const char *id = capability_text(call->capability);
	size_t i;

	*out = VAL_NIL;
	if (id != NULL) {
		for (i = 0; i < NITEMS(family); i++) {
			if (strcmp(id, family[i].id) == 0)
				return family[i].fn(host, vm, call, out);
		}
	}
	return call_single(host, vm, call, out);
}
