/* Reading files whole and showing what is wrong in them. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/visible.h"
#include "cli/text.h"
#include "value/json.h"
#include "value/reader.h"

#define CHUNK (64U * 1024)

/* Closes fd, unless it is standard input. */
static int
read_from(int fd, const char *path, struct buf *b, struct error *e)
{
	struct stat st;
	int rc = -1;
	ssize_t n;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_size <= MAX_SOURCE)
		buf_reserve(b, (size_t)st.st_size + 1);
	for (;;) {
		n = read(fd, buf_reserve(b, CHUNK), CHUNK);
		if (n == 0)
			break;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			error_sys(e, "%s", path);
			goto done;
		}
		b->len += (size_t)n;
		if (b->len > MAX_SOURCE) {
			error_set(
			    e, EK_LIMIT, "%s: over %u bytes", path, MAX_SOURCE);
			goto done;
		}
	}
	rc = 0;
done:
	if (fd != STDIN_FILENO)
		close(fd);
	return rc;
}

int
text_read(const char *path, struct buf *b, struct error *e)
{
	int fd = STDIN_FILENO;

	if (strcmp(path, "-") != 0 &&
	    (fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return error_sys(e, "%s", path);
	return read_from(fd, path, b, e);
}

int
text_read_file(const char *path, struct buf *b, struct error *e)
{
	/* A FIFO would be waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st = {0};

	if (fd == -1)
		return error_sys(e, "%s", path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return read_from(fd, path, b, e);
	close(fd);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return error_sys(e, "%s", path);
	}
	return error_set(e, EK_ARGUMENT, "%s: not a regular file", path);
}

const char *
text_why(const struct error *e)
{
	switch (e->kind) {
	case EK_SYSTEM:
		return strerror(e->os_errno);
	case EK_ARGUMENT:
		return "not a regular file";
	default:
		return "larger than any source may be";
	}
}

static void
show_one(
    const struct diag *d, const struct buf *text, struct text_cursor *cursor)
{
	struct buf b = BUF_INIT;

	visible_adds(&b, d->file != NULL ? d->file : "rtfs");
	if (d->line != 0)
		buf_addf(&b, ":%u", d->line);
	if (d->column != 0)
		buf_addf(&b, ":%u", d->column);
	buf_addf(&b, ": %s%s: %s\n",
	    d->level == DIAG_WARNING ? "warning: " : "",
	    d->class != NULL ? d->class : "Error", d->message);
	if (d->line != 0 && text->len > 0)
		text_excerpt_on(
		    text->data, text->len, d->line, d->column, cursor, &b);
	fwrite(b.data, 1, b.len, stderr);
	buf_free(&b);
}

void
text_show(const struct diags *ds)
{
	struct text_cursor cursor = {0, 0, 0};
	struct buf text = BUF_INIT;
	const char *file = NULL;
	size_t i;

	for (i = 0; i < ds->n; i++) {
		if (ds->item[i].file != NULL &&
		    (file == NULL || strcmp(file, ds->item[i].file) != 0)) {
			file = ds->item[i].file;
			buf_clear(&text);
			cursor.line = 0;
			if (strcmp(file, "-") == 0 ||
			    text_read_file(file, &text, NULL) == -1)
				buf_clear(&text);
		}
		show_one(&ds->item[i], &text, &cursor);
	}
	buf_free(&text);
}

void
text_show_json(const struct diags *ds)
{
	struct buf b = BUF_INIT;
	const struct diag *d;
	size_t i;

	for (i = 0; i < ds->n; i++) {
		d = &ds->item[i];
		buf_adds(&b, "{\"file\":");
		if (d->file != NULL)
			json_write_bytes(&b, d->file, strlen(d->file));
		else
			buf_adds(&b, "null");
		buf_addf(&b,
		    ",\"line\":%u,\"column\":%u,\"level\":\"%s\",\"class\":",
		    d->line, d->column,
		    d->level == DIAG_WARNING ? "warning" : "error");
		json_write_bytes(&b, d->class, strlen(d->class));
		buf_adds(&b, ",\"message\":");
		json_write_bytes(&b, d->message, strlen(d->message));
		buf_adds(&b, "}\n");
	}
	fwrite(b.data, 1, b.len, stdout);
	buf_free(&b);
}
