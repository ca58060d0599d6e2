/*
 * Defaults, and the texts of options that have a grammar of their own.
 * GNU parallel's spellings are taken as they are.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/units.h"
#include "batch/options.h"
#include "host/host.h"
#include "value/errval.h"
#include "value/name.h"

#define NO_JOBS "is not N, N%%, +N, -N or a file with one of them"

void
batch_options_init(struct batch_options *o)
{
	memset(o, 0, sizeof(*o));
	o->delimiter = '\n';
	o->grace = -1;
}

void
batch_options_free(struct batch_options *o)
{
	free(o->input);
	free(o->env.item);
	free(o->retry_on);
	free(o->retry_seq);
}

void
batch_words_add(struct batch_words *w, char *text)
{
	w->item = xreallocarray(w->item, w->n + 2, sizeof(char *));
	w->item[w->n++] = text;
	w->item[w->n] = NULL;
}

struct batch_input *
batch_add_input(struct batch_options *o, int kind)
{
	struct batch_input *in;

	o->input = xreallocarray(o->input, o->ninputs + 1, sizeof(*o->input));
	in = &o->input[o->ninputs++];
	memset(in, 0, sizeof(*in));
	in->kind = (unsigned int)kind;
	return in;
}

/* Digits up to the end or to a '%' that ends the text. */
static bool
parse_count(const char *text, uint64_t *n, bool *percent)
{
	char *end;

	if (!isdigit((unsigned char)text[0]) || strlen(text) > 18)
		return false;
	*n = strtoull(text, &end, 10);
	*percent = *end == '%';
	return end[*percent ? 1 : 0] == '\0';
}

int
batch_parse_jobs(const char *text, struct batch_jobs *j, struct error *e)
{
	bool sign = text[0] == '+' || text[0] == '-', percent = false;
	uint64_t n = 0;

	memset(j, 0, sizeof(*j));
	if (!parse_count(text + (sign ? 1 : 0), &n, &percent)) {
		if (sign || isdigit((unsigned char)text[0]) || text[0] == '\0')
			return error_set(
			    e, EK_ARGUMENT, "\"%s\" " NO_JOBS, text);
		j->kind = JOBS_FILE;
		j->file = text;
		return 0;
	}
	if (n > 1000000 || (percent && n == 0))
		return error_set(
		    e, EK_ARGUMENT, "\"%s\" is out of range", text);
	if (sign && percent) /* of CPUs, more or less */
		n = text[0] == '+' ? 100 + n : n >= 100 ? 1 : 100 - n;
	j->n = (unsigned int)n;
	j->kind = percent  ? JOBS_PERCENT :
	    text[0] == '+' ? JOBS_MORE :
	    text[0] == '-' ? JOBS_LESS :
	                     JOBS_COUNT;
	return 0;
}

int
batch_read_jobs(const char *path, struct batch_jobs *out, struct error *e)
{
	char line[64];
	FILE *f = fopen(path, "re");
	bool ok;

	if (f == NULL)
		return error_sys(e, "\"%s\" " NO_JOBS, path);
	ok = fgets(line, sizeof(line), f) != NULL;
	fclose(f);
	line[ok ? strcspn(line, " \t\r\n") : 0] = '\0';
	if (batch_parse_jobs(line, out, e) == -1 || out->kind == JOBS_FILE)
		return error_set(e, EK_ARGUMENT,
		    "%s: its first line is \"%s\", not N, N%%, +N or -N", path,
		    line);
	return 0;
}

unsigned int
batch_width(const struct batch_jobs *j)
{
	unsigned int cpus = host_cpus();
	uint64_t n = cpus;

	switch (j->kind) {
	case JOBS_COUNT:
		n = j->n == 0 ? MAX_WORKERS : j->n;
		break;
	case JOBS_PERCENT:
		n = (uint64_t)cpus * j->n / 100;
		break;
	case JOBS_MORE:
		n = (uint64_t)cpus + j->n;
		break;
	case JOBS_LESS:
		n = j->n < cpus ? cpus - j->n : 1;
		break;
	case JOBS_DEFAULT:
	case JOBS_FILE:
		break;
	}
	if (n > MAX_WORKERS)
		n = MAX_WORKERS;
	return n == 0 ? 1 : (unsigned int)n;
}

/* "3", "10%" */
static int
halt_amount(const char *text, struct batch_halt *h, struct error *e)
{
	bool percent = false;
	uint64_t n = 0;

	if (!parse_count(text, &n, &percent) || n == 0 || (percent && n > 100))
		return error_set(e, EK_ARGUMENT,
		    "\"%s\" is neither a count above 0 nor 1%% to 100%%", text);
	if (percent)
		h->percent = (double)n;
	else
		h->count = n;
	return 0;
}

int
batch_parse_halt(const char *text, struct batch_halt *h, struct error *e)
{
	static const struct {
		const char *name;
		unsigned int when, why;
	} names[] = {
	    {"soon,fail=",    HALT_SOON, HALT_FAIL   },
	    {"soon,success=", HALT_SOON, HALT_SUCCESS},
	    {"soon,done=",    HALT_SOON, HALT_DONE   },
	    {"now,fail=",     HALT_NOW,  HALT_FAIL   },
	    {"now,success=",  HALT_NOW,  HALT_SUCCESS},
	    {"now,done=",     HALT_NOW,  HALT_DONE   },
	};
	/* The numbers of old. */
	static const struct {
		const char *name;
		const char *text;
	} old[] = {
	    {"1",  "soon,fail=1"   },
	    {"2",  "now,fail=1"    },
	    {"-1", "soon,success=1"},
	    {"-2", "now,success=1" },
	};
	size_t i;

	memset(h, 0, sizeof(*h));
	if (strcmp(text, "never") == 0 || strcmp(text, "0") == 0)
		return 0;
	for (i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		if (strcmp(text, old[i].name) == 0)
			text = old[i].text;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(text, names[i].name, strlen(names[i].name)) != 0)
			continue;
		h->when = names[i].when;
		h->why = names[i].why;
		return halt_amount(text + strlen(names[i].name), h, e);
	}
	return error_set(e, EK_ARGUMENT,
	    "\"%s\" is not never, or now or soon, then fail, success or done "
	    "and =N or =N%%, such as soon,fail=1",
	    text);
}

/* The kind of that name as the table has it, or NULL. */
static const char *
failure_kind(const char *name, size_t len)
{
	val k = val_keyword(name_intern(name, len));
	enum errkey key = errkey_from(k);

	return key == ERRKEY_COUNT ?
	    NULL :
	    name_text(val_name(errkey_keyword(key)), NULL);
}

int
batch_parse_retry_on(const char *text, struct batch_options *o, struct error *e)
{
	const char *end, *number;
	struct batch_retry r;
	uint64_t n = 0;
	bool percent = false;
	char *word;

	for (end = ","; *end == ','; text = end + 1) {
		end = text + strcspn(text, ",");
		number = memchr(text, ':', (size_t)(end - text));
		r.exit = -1;
		r.kind = failure_kind(
		    text, (size_t)((number != NULL ? number : end) - text));
		word = xstrndup(number != NULL ? number + 1 : "",
		    number != NULL ? (size_t)(end - number - 1) : 0);
		if (number != NULL && r.kind != NULL &&
		    (strcmp(r.kind, "exit") != 0 ||
		        !parse_count(word, &n, &percent) || percent || n > 255))
			r.kind = NULL;
		free(word);
		if (r.kind == NULL)
			return error_set(e, EK_ARGUMENT,
			    "\"%.*s\" is no kind of failure; timeout, signal, "
			    "exit, exit:75, memory-limit ... are",
			    (int)(end - text), text);
		if (number != NULL)
			r.exit = (int)n;
		o->retry_on = xreallocarray(
		    o->retry_on, o->nretry_on + 1, sizeof(*o->retry_on));
		o->retry_on[o->nretry_on++] = r;
	}
	return 0;
}

int
batch_parse_duration(const char *text, int64_t *ns, struct error *e)
{
	size_t n = strspn(text, "0123456789.");
	char *seconds;
	int rc;

	if (n == 0 || text[n] != '\0')
		return units_duration(text, ns, e);
	seconds = xasprintf("%s%ss", text[0] == '.' ? "0" : "", text);
	rc = units_duration(seconds, ns, e);
	free(seconds);
	return rc;
}
