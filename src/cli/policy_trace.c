/* See policy_trace.h.  The rule has the paths and the network; which further
 * system calls a program should have is for a person to say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/policy_trace.h"
#include "sandbox/profile.h"
#include "value/printer.h"

static void
note(struct policy_trace *t, char *what, uint32_t access, int os_errno)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (t->refusal[i].access == access &&
		    strcmp(t->refusal[i].what, what) == 0) {
			t->refusal[i].times++;
			free(what);
			return;
		}
	}
	t->refusal = xreallocarray(t->refusal, t->n + 1, sizeof(*t->refusal));
	t->refusal[t->n++] = (struct refusal){what, access, os_errno, 1};
}

/* The first three arguments: few calls have more, and what stands in the
 * other registers would make equal calls differ. */
static char *
short_call(const char *call)
{
	const char *end = call;
	int i;

	for (i = 0; i < 3 && end != NULL; i++)
		end = strchr(end + (i > 0), ',');
	return end == NULL ? xstrdup(call) :
	                     xstrndup(call, (size_t)(end - call));
}

void
policy_trace_call(struct policy_trace *t, const char *call, int os_errno)
{
	note(t, short_call(call), 0, os_errno);
}

void
policy_trace_path(struct policy_trace *t, const char *path, uint32_t access)
{
	note(t, xstrdup(path), access, 0);
}

static const char *
access_name(uint32_t access)
{
	return access == SANDBOX_WRITE ? "write" :
	    access == SANDBOX_EXECUTE  ? "execute" :
	                                 "read";
}

/* No grant helps: a slot has its own. */
static bool
is_ours(const char *path)
{
	return path_within(path, "/proc") || path_within(path, "/dev") ||
	    path_within(path, "/sys") || path_within(path, "/run/secrets");
}

static void
add_path(struct buf *b, const char *key, const char *path, bool *first)
{
	if (*first)
		buf_addf(b, " %s [", key);
	else
		buf_addc(b, ' ');
	*first = false;
	print_string(b, path, strlen(path));
}

/* A list replaces another, so the rule has what is granted, too. */
static bool
add_paths(struct buf *b, const struct policy_trace *t, uint32_t access,
    const char *key, char *const *granted)
{
	bool first = true;
	bool any = false;
	size_t i;

	for (i = 0; i < t->n; i++)
		any |= t->refusal[i].access == access &&
		    !is_ours(t->refusal[i].what);
	if (!any)
		return false;
	for (; granted != NULL && *granted != NULL; granted++)
		add_path(b, key, *granted, &first);
	for (i = 0; i < t->n; i++) {
		if (t->refusal[i].access == access &&
		    !is_ours(t->refusal[i].what))
			add_path(b, key, t->refusal[i].what, &first);
	}
	buf_addc(b, ']');
	return true;
}

/* Sockets of the internet families. */
static bool
wants_network(const struct policy_trace *t)
{
	static const char *const calls[] = {
	    "socket(2) with arguments 0x2,", "socket(2) with arguments 0xa,"};
	size_t i, k;

	for (i = 0; i < t->n; i++) {
		for (k = 0; k < NITEMS(calls); k++) {
			if (strncmp(t->refusal[i].what, calls[k],
			        strlen(calls[k])) == 0)
				return true;
		}
	}
	return false;
}

static void
show_rule(
    const struct policy_trace *t, const char *id, const struct effective *eff)
{
	struct buf b = BUF_INIT;
	bool any;

	buf_addf(&b, "{:match \"%s\"", id);
	any = add_paths(&b, t, SANDBOX_READ, ":read", eff->read);
	any |= add_paths(&b, t, SANDBOX_WRITE, ":write", eff->write);
	any |= add_paths(&b, t, SANDBOX_EXECUTE, ":execute", eff->execute);
	if (wants_network(t)) {
		buf_adds(&b, " :network :host");
		any = true;
	}
	buf_addc(&b, '}');
	if (any)
		fprintf(stderr, "rtfs: a rule that would grant it: %s\n",
		    buf_str(&b));
	buf_free(&b);
}

void
policy_trace_show(
    const struct policy_trace *t, const char *id, const struct effective *eff)
{
	const struct refusal *r;
	size_t i;

	for (i = 0; i < t->n; i++) {
		r = &t->refusal[i];
		if (r->access == 0)
			fprintf(stderr, "rtfs: refused %zux: %s: %s\n",
			    r->times, r->what, strerror(r->os_errno));
		else
			fprintf(stderr, "rtfs: refused %zux: to %s %s\n",
			    r->times, access_name(r->access), r->what);
	}
	show_rule(t, id, eff);
}

void
policy_trace_clear(struct policy_trace *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		free(t->refusal[i].what);
	free(t->refusal);
	*t = (struct policy_trace){NULL, 0};
}
