/*
 * The file is written at its end only; what is no longer needed is punched
 * out of it, and when nothing is, it starts anew.  One descriptor serves any
 * number of jobs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/spool.h"

/* A stream keeps so much in memory, all of them together so much. */
#define TAIL_MAX   (64U * 1024)
#define MEMORY_MAX (16U * 1024 * 1024)
#define TAIL_LEAST 4096U
#define PIECE      (64U * 1024)

void
spill_init(struct spill *f)
{
	memset(f, 0, sizeof(*f));
	f->fd = -1;
}

void
spill_free(struct spill *f)
{
	if (f->fd != -1)
		close(f->fd);
	f->fd = -1;
}

static int
spill_open(struct spill *f)
{
	const char *dir = getenv("TMPDIR");
	char *path;

	if (f->fd != -1)
		return 0;
	if (dir == NULL || *dir == '\0')
		dir = "/tmp";
	f->fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (f->fd != -1)
		return 0;
	path = xasprintf("%s/rtfs-XXXXXX", dir); /* no O_TMPFILE there */
	f->fd = mkostemp(path, O_CLOEXEC);
	if (f->fd != -1)
		unlink(path);
	else
		f->os_errno = errno;
	free(path);
	return f->fd == -1 ? -1 : 0;
}

static int
write_all(int fd, const char *p, size_t n, int64_t at)
{
	ssize_t done;

	while (n > 0) {
		done = pwrite(fd, p, n, at);
		if (done == -1 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		p += done;
		n -= (size_t)done;
		at += done;
	}
	return 0;
}

/* The tail moves to the file. */
static void
spool_spill(struct spill *f, struct spool *s)
{
	size_t n = s->tail.len;
	struct extent *last;

	f->memory -= n;
	if (spill_open(f) == -1 ||
	    write_all(f->fd, s->tail.data, n, f->end) == -1) {
		if (f->os_errno == 0)
			f->os_errno = errno;
		s->dropped += n;
		buf_clear(&s->tail);
		return;
	}
	last = s->nextents == 0 ? NULL : &s->extent[s->nextents - 1];
	if (last != NULL && last->at + (int64_t)last->len == f->end) {
		last->len += n;
	} else {
		s->extent = xreallocarray(
		    s->extent, s->nextents + 1, sizeof(*s->extent));
		s->extent[s->nextents++] = (struct extent){f->end, n};
	}
	f->end += (int64_t)n;
	f->live += n;
	buf_clear(&s->tail);
}

void
spool_add(struct spill *f, struct spool *s, const char *p, size_t n)
{
	size_t part;

	s->total += n;
	while (n > 0) {
		if (s->tail.len >= TAIL_MAX ||
		    (f->memory > MEMORY_MAX && s->tail.len >= TAIL_LEAST))
			spool_spill(f, s);
		part = TAIL_MAX - s->tail.len;
		if (part > n)
			part = n;
		buf_add(&s->tail, p, part);
		f->memory += part;
		p += part;
		n -= part;
	}
}

void
spool_each(struct spill *f, const struct spool *s,
    bool (*take)(void *arg, const char *, size_t), void *arg)
{
	char *piece = s->nextents > 0 ? xmalloc(PIECE) : NULL;
	const struct extent *x;
	uint64_t at, part;
	bool more = true;
	ssize_t n;
	size_t i;

	for (i = 0; i < s->nextents && more; i++) {
		x = &s->extent[i];
		for (at = 0; at < x->len && more; at += (uint64_t)n) {
			part = x->len - at < PIECE ? x->len - at : PIECE;
			n = pread(f->fd, piece, part, x->at + (int64_t)at);
			if (n <= 0)
				break;
			more = take(arg, piece, (size_t)n);
		}
	}
	if (more && s->tail.len > 0)
		take(arg, s->tail.data, s->tail.len);
	free(piece);
}

static bool
copy_piece(void *arg, const char *p, size_t n)
{
	buf_add(arg, p, n);
	return true;
}

void
spool_copy(struct spill *f, const struct spool *s, struct buf *out)
{
	spool_each(f, s, copy_piece, out);
}

void
spool_free(struct spill *f, struct spool *s)
{
	size_t i;

	f->memory -= s->tail.len;
	for (i = 0; i < s->nextents; i++) {
		f->live -= s->extent[i].len;
		if (f->live > 0) {
			(void)fallocate(f->fd,
			    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			    s->extent[i].at, (off_t)s->extent[i].len);
		}
	}
	if (s->nextents > 0 && f->live == 0) {
		if (ftruncate(f->fd, 0) == 0)
			f->end = 0;
	}
	free(s->extent);
	buf_free(&s->tail);
	memset(s, 0, sizeof(*s));
}
