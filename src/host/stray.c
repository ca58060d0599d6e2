/* --stderr live and --stderr DIR.  Lines of tasks that run at the same time
 * are never mixed; control characters of a task do not reach a terminal. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "host/stray.h"

#define LINE_MAX_BYTES 4096 /* a longer line is shown in pieces */

static void
show_line(const struct set *s, size_t task, const char *text, size_t len)
{
	struct buf b = BUF_INIT;
	size_t i;
	unsigned char c;

	item_label(s, task, &b);
	buf_adds(&b, ": ");
	for (i = 0; i < len; i++) {
		c = (unsigned char)text[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			buf_addf(&b, "\\x%02x", c);
		else
			buf_addc(&b, (char)c);
	}
	buf_addc(&b, '\n');
	if (write(STDERR_FILENO, b.data, b.len) == -1)
		errno = 0; /* nobody to tell */
	buf_free(&b);
}

static void
add_live(struct set *s, size_t task, const char *text, size_t len)
{
	struct buf *line;
	const char *nl;
	size_t n;

	if (s->stray == NULL)
		s->stray = xcalloc(s->n, sizeof(*s->stray));
	line = &s->stray[task];
	while (len > 0) {
		nl = memchr(text, '\n', len);
		n = nl != NULL ? (size_t)(nl - text) : len;
		buf_add(line, text, n);
		if (nl != NULL || line->len >= LINE_MAX_BYTES) {
			show_line(s, task, line->data, line->len);
			buf_clear(line);
		}
		if (nl != NULL)
			n++;
		text += n;
		len -= n;
	}
}

/* "0-user.stderr": unique by its number, readable by its label. */
static void
add_file(struct set *s, size_t task, const char *text, size_t len)
{
	struct buf b = BUF_INIT, label = BUF_INIT;
	struct stat st;
	ssize_t done;
	size_t i;
	int fd;

	item_label(s, task, &label);
	buf_addf(&b, "%llu-", (unsigned long long)task);
	for (i = 0; i < label.len; i++) {
		if (strchr("/ \"\\:[]{}()", label.data[i]) == NULL &&
		    (unsigned char)label.data[i] > 0x20)
			buf_addc(&b, label.data[i]);
	}
	buf_adds(&b, ".stderr");
	buf_free(&label);
	fd = openat(s->host->config.stray_folder, buf_str(&b),
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	    0600);
	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		log_notice("%s/%s: %s", s->host->config.stray_dir, buf_str(&b),
		    fd == -1 ? strerror(errno) : "no plain file");
		if (fd != -1)
			close(fd);
		buf_free(&b);
		return;
	}
	while (len > 0 && (done = write(fd, text, len)) > 0) {
		text += done;
		len -= (size_t)done;
	}
	close(fd);
	buf_free(&b);
}

void
stray_add(struct set *s, size_t task, const char *text, size_t len)
{
	if (s->host->config.stray == STRAY_LIVE)
		add_live(s, task, text, len);
	else if (s->host->config.stray == STRAY_DIR)
		add_file(s, task, text, len);
}

void
stray_end(struct set *s, size_t task)
{
	struct buf *line;

	if (s->stray == NULL)
		return;
	line = &s->stray[task];
	if (line->len > 0)
		show_line(s, task, line->data, line->len);
	buf_free(line);
}
