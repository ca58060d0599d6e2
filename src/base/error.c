#include <sys/resource.h>

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const char *const kind_names[] = {
    [EK_NONE] = "none",
    [EK_SYSTEM] = "system",
    [EK_SYNTAX] = "syntax",
    [EK_TYPE] = "type",
    [EK_ARGUMENT] = "argument",
    [EK_LIMIT] = "limit",
    [EK_PROTO] = "proto",
    [EK_JSON] = "json",
    [EK_POLICY] = "policy",
    [EK_UNAVAILABLE] = "unavailable",
};
static_assert(NITEMS(kind_names) == EK_NKINDS, "name every enum errkind");

const char *
errkind_name(enum errkind kind)
{
	return kind < EK_NKINDS ? kind_names[kind] : "unknown";
}

/* One line, whole code points: what a terminal and a JSON writer expect. */
static void
tidy(struct error *e, size_t wanted)
{
	size_t n = strlen(e->msg);
	char *p;

	for (p = e->msg; *p != '\0'; p++) {
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	}
	if (wanted < sizeof(e->msg))
		return;
	while (n > 0 && (e->msg[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && (e->msg[n - 1] & 0x80) != 0)
		n--;
	e->msg[n] = '\0';
}

static void
fill(struct error *e, enum errkind kind, const char *fmt, va_list ap)
{
	int n;

	memset(e, 0, offsetof(struct error, msg));
	e->kind = kind;
	n = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	tidy(e, n < 0 ? 0 : (size_t)n);
}

int
error_set(struct error *e, enum errkind kind, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	fill(e, kind, fmt, ap);
	va_end(ap);
	return -1;
}

const char *
error_errno(int os_errno)
{
	static char text[128];
	struct rlimit l;

	if (os_errno != EMFILE || getrlimit(RLIMIT_NOFILE, &l) == -1)
		return strerror(os_errno);
	snprintf(text, sizeof(text),
	    "%s (RLIMIT_NOFILE is %llu; ulimit -n raises it)",
	    strerror(os_errno), (unsigned long long)l.rlim_cur);
	return text;
}

int
error_sys(struct error *e, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	size_t n;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	fill(e, EK_SYSTEM, fmt, ap);
	va_end(ap);
	e->os_errno = saved;
	n = strlen(e->msg);
	snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", error_errno(saved));
	errno = saved;
	return -1;
}

int
error_at(struct error *e, unsigned int line, unsigned int column,
    const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	fill(e, EK_SYNTAX, fmt, ap);
	va_end(ap);
	e->line = line;
	e->column = column;
	return -1;
}

int
error_context(struct error *e, const char *fmt, ...)
{
	char was[sizeof(e->msg)];
	va_list ap;
	int n;

	if (e == NULL)
		return -1;
	memcpy(was, e->msg, sizeof(was));
	va_start(ap, fmt);
	n = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(e->msg))
		n += snprintf(
		    e->msg + n, sizeof(e->msg) - (size_t)n, ": %s", was);
	tidy(e, n < 0 ? 0 : (size_t)n);
	return -1;
}
