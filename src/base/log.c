#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/visible.h"

static enum log_level level = LOG_NOTICE;
static void (*before)(void *);
static void *before_arg;

void
log_set_level(enum log_level l)
{
	level = l;
}

enum log_level
log_level(void)
{
	return level;
}

void
log_set_before(void (*call)(void *), void *arg)
{
	before = call;
	before_arg = arg;
}

/* One fwrite a line, so that lines of several processes do not mix. */
static void
line(const char *fmt, va_list ap)
{
	struct buf b = BUF_INIT, text = BUF_INIT;

	buf_vaddf(&text, fmt, ap);
	buf_adds(&b, "rtfs: ");
	visible_add(&b, buf_str(&text), text.len);
	buf_addc(&b, '\n');
	if (before != NULL)
		before(before_arg);
	fwrite(b.data, 1, b.len, stderr);
	buf_free(&b);
	buf_free(&text);
}

#define DEFINE_LOG(name, least)                                                \
	void name(const char *fmt, ...)                                        \
	{                                                                      \
		va_list ap;                                                    \
                                                                               \
		if (level < (least))                                           \
			return;                                                \
		va_start(ap, fmt);                                             \
		line(fmt, ap);                                                 \
		va_end(ap);                                                    \
	}

DEFINE_LOG(log_error, LOG_QUIET)
DEFINE_LOG(log_notice, LOG_NOTICE)
DEFINE_LOG(log_tasks, LOG_TASKS)
DEFINE_LOG(log_debug, LOG_DEBUG)
