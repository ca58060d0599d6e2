/* See secret.h. */
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pool/secret.h"

/* Ours alone, and none of the forbidden bits, with which others read it. */
static int
check_file(
    const char *path, const struct stat *st, mode_t forbidden, struct error *e)
{
	if (!S_ISREG(st->st_mode))
		return error_set(
		    e, EK_UNAVAILABLE, "%s: not a regular file", path);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return error_set(e, EK_UNAVAILABLE,
		    "%s belongs to another user (%u)", path, st->st_uid);
	if ((st->st_mode & forbidden) != 0)
		return error_set(e, EK_UNAVAILABLE,
		    "%s has mode %04o: others could %s it (chmod 600)", path,
		    st->st_mode & 07777U,
		    (st->st_mode & forbidden & ~0222U) != 0 ? "read" : "write");
	return 0;
}

static int
read_all_of(int fd, const char *path, struct secret *s, struct error *e)
{
	ssize_t n;

	while (s->len < s->pages - 1) {
		n = read(fd, s->text + s->len, s->pages - 1 - s->len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_set(
			    e, EK_UNAVAILABLE, "%s: %s", path, strerror(errno));
		if (n == 0)
			break;
		s->len += (size_t)n;
	}
	if (s->len == 0)
		return error_set(e, EK_UNAVAILABLE, "%s is empty", path);
	if (s->len > MAX_SECRET)
		return error_set(e, EK_UNAVAILABLE,
		    "%s is larger than a secret may be (%u bytes)", path,
		    MAX_SECRET);
	if (memchr(s->text, '\0', s->len) != NULL)
		return error_set(e, EK_UNAVAILABLE,
		    "%s holds a NUL, so it cannot be a variable", path);
	return 0;
}

/* 1: there is none of that name. */
static int
read_file(const char *path, mode_t forbidden, struct secret *s, struct error *e)
{
	/* A FIFO would be waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	int rc;

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return 1;
	if (fd == -1 || fstat(fd, &st) == -1) {
		rc = error_set(
		    e, EK_UNAVAILABLE, "%s: %s", path, strerror(errno));
	} else {
		rc = check_file(path, &st, forbidden, e);
		if (rc == 0)
			rc = read_all_of(fd, path, s, e);
	}
	if (fd != -1)
		close(fd);
	return rc;
}

/* systemd's folder of credentials first.  Its files are root's or ours, mode
 * 0400, or 0440 where an ACL lets us read them: the bits of the group are then
 * the mask of the ACL. */
static int
read_somewhere(const struct secrets *all, struct secret *s, struct error *e)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char *const *dir;
	char *path;
	int rc = 1;

	if (credentials != NULL && credentials[0] == '/') {
		path = xasprintf("%s/%s", credentials, s->name);
		rc = read_file(path, S_IWGRP | S_IXGRP | S_IRWXO, s, e);
		free(path);
	}
	for (dir = all->dir; rc == 1 && dir != NULL && *dir != NULL; dir++) {
		path = xasprintf("%s/%s", *dir, s->name);
		rc = read_file(path, S_IRWXG | S_IRWXO, s, e);
		free(path);
	}
	return rc;
}

static int
not_found(const struct secrets *all, const char *name, struct error *e)
{
	struct buf b = BUF_INIT;
	char *const *dir;

	for (dir = all->dir; dir != NULL && *dir != NULL; dir++)
		buf_addf(&b, ", nor in %s", *dir);
	error_set(e, EK_UNAVAILABLE,
	    "the secret %s is not in $CREDENTIALS_DIRECTORY%s", name,
	    buf_str(&b));
	buf_free(&b);
	return -1;
}

static void
secret_free(struct secret *s)
{
	explicit_bzero(s->text, s->len);
	munmap(s->text, s->pages);
	free(s->name);
	free(s);
}

/* NULL: no memory. */
static struct secret *
secret_new(const char *name)
{
	struct secret *s = xcalloc(1, sizeof(*s));

	s->name = xstrdup(name);
	s->pages = MAX_SECRET + 4096;
	s->text = mmap(NULL, s->pages, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->text == MAP_FAILED) {
		free(s->name);
		free(s);
		return NULL;
	}
	(void)madvise(s->text, s->pages, MADV_DONTDUMP);
	return s;
}

int
secret_get(struct secrets *all, const char *name, const struct secret **out,
    struct error *e)
{
	struct secret *s;
	int rc;

	for (s = all->first; s != NULL; s = s->next) {
		if (strcmp(s->name, name) == 0) {
			*out = s;
			return 0;
		}
	}
	s = secret_new(name);
	if (s == NULL)
		return error_set(e, EK_UNAVAILABLE, "no memory for a secret");
	rc = read_somewhere(all, s, e);
	if (rc == 1)
		rc = not_found(all, name, e);
	if (rc == -1) {
		secret_free(s);
		return -1;
	}
	redactor_add(&all->redactor, s->text, secret_value_len(s));
	s->next = all->first;
	all->first = s;
	*out = s;
	return 0;
}

size_t
secret_value_len(const struct secret *s)
{
	return s->text[s->len - 1] == '\n' ? s->len - 1 : s->len;
}

void
secrets_free(struct secrets *all)
{
	struct secret *s;

	while ((s = all->first) != NULL) {
		all->first = s->next;
		secret_free(s);
	}
	redactor_free(&all->redactor);
}
