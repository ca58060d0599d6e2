/* A buffered writer that neither loses the order nor dies of SIGPIPE. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "host/interrupt.h"
#include "host/output.h"

#define OUTPUT_KEEP (64U * 1024)

void
output_init(struct output *o, int fd)
{
	memset(o, 0, sizeof(*o));
	o->fd = fd;
	o->interactive = isatty(fd) == 1;
}

static void
output_all(struct output *o, const char *p, size_t n)
{
	ssize_t done;

	while (n > 0 && o->failed == 0) {
		done = write(o->fd, p, n);
		if (done == -1) {
			if (errno == EINTR)
				continue;
			o->failed = errno;
			interrupt_raise(SIGPIPE);
			return;
		}
		p += done;
		n -= (size_t)done;
	}
}

void
output_flush(struct output *o)
{
	if (o->pending.len == 0)
		return;
	output_all(o, o->pending.data, o->pending.len);
	buf_clear(&o->pending);
}

void
output_write(struct output *o, const char *text, size_t len)
{
	if (o->failed != 0 || len == 0)
		return;
	o->mid_line = text[len - 1] != '\n';
	if (len >= OUTPUT_KEEP) {
		output_flush(o);
		output_all(o, text, len);
		return;
	}
	buf_add(&o->pending, text, len);
	if (o->pending.len >= OUTPUT_KEEP ||
	    (o->interactive && memchr(text, '\n', len) != NULL)) {
		output_flush(o);
	}
}

void
output_free(struct output *o)
{
	output_flush(o);
	buf_free(&o->pending);
}
