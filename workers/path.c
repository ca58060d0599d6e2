/*
 * Paths of fs.*: resolved first, checked then, used last, all by descriptors.
 *
 * O_PATH opens the thing that a path leads to, symbolic links and all; the
 * kernel tells by /proc/self/fd where that is; the grant is asked for this
 * place; and what is read or written after is opened again through the same
 * descriptor.  Renaming or replacing a component meanwhile changes nothing:
 * the thing that was checked is the thing that is used.  A new file is made
 * with O_EXCL in a folder held the same way.
 *
 * What does not exist is checked where it would be, so that a refusal tells
 * nothing about places that are not granted.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workers/builtin.h"

char *
path_of_fd(int fd)
{
	char proc[32];
	struct stat st;
	size_t room = 256;
	ssize_t n;
	char *p = NULL;

	if (fstat(fd, &st) == -1)
		return NULL;
	if (st.st_nlink == 0 && !S_ISDIR(st.st_mode)) {
		errno = ENOENT; /* removed meanwhile: it has no place */
		return NULL;
	}
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	for (;;) {
		p = xrealloc(p, room);
		n = readlink(proc, p, room);
		if (n == -1) {
			free(p);
			return NULL;
		}
		if ((size_t)n < room)
			break;
		room *= 2;
	}
	p[n] = '\0';
	return p;
}

int
path_reopen(int fd, int flags)
{
	char proc[32];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	return open(proc, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

int
path_check(struct work *w, enum path_use use, const char *real)
{
	const struct effective *rights = &w->grants->rights;

	/* no leading slash: a pipe, a socket, or outside of our root */
	if (real[0] == '/' &&
	    (use == PATH_READ ? effective_may_read(rights, real) :
	                        effective_may_write(rights, real)))
		return 0;
	return work_denied(w, use == PATH_READ ? "read" : "write", real);
}

char *
path_absolute(struct work *w)
{
	const char *s = work_text(w, 0, NULL), *dir = w->grants->directory;

	if (s == NULL)
		return NULL;
	if (*s == '\0') {
		work_error(w, ERRKEY_INVALID_ARGUMENTS,
		    "argument 1: the path is empty");
		return NULL;
	}
	if (*s == '/')
		return xstrdup(s);
	if (dir == NULL || *dir != '/') {
		work_fail(w, ENOENT,
		    "%s: the current folder is not known; use an absolute path",
		    s);
		return NULL;
	}
	return xasprintf("%s/%s", dir, s);
}

char *
path_join(const char *dir, const char *name)
{
	return xasprintf("%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name);
}

/* Cut "/a/b/c///" into "/a/b" and "c"; false for a path that ends in "/",
 * "." or "..", which is no name in a folder. */
static bool
split(char *path, char **name)
{
	size_t n = strlen(path);
	char *slash;

	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	slash = strrchr(path, '/');
	if (slash[1] == '\0' || strcmp(slash, "/.") == 0 ||
	    strcmp(slash, "/..") == 0)
		return false;
	*name = xstrdup(slash + 1);
	if (slash == path)
		slash++;
	*slash = '\0';
	return true;
}

int
path_missing(struct work *w, enum path_use use, const char *asked, int code)
{
	char *path = xstrdup(asked), *real = NULL, *place, *slash;
	const char *rest;
	int fd = -1, rc;

	while ((slash = strrchr(path, '/')) != NULL) {
		slash[slash == path] = '\0';
		fd = open(path, O_PATH | O_CLOEXEC);
		if (fd != -1 || slash == path)
			break;
	}
	if (fd != -1) {
		real = path_of_fd(fd);
		close(fd);
	}
	if (real == NULL)
		real = xstrdup("/");
	rest = asked + strlen(path);
	place = path_join(real, rest + strspn(rest, "/"));
	rc = path_check(w, use, place);
	if (rc == 0)
		work_fail(w, code, "%s: %s", asked, strerror(code));
	free(place);
	free(real);
	free(path);
	return -1;
}

static int
open_named(struct work *w, enum path_use use, int flags, struct path *p,
    const char *asked)
{
	int code = 0;
	char *dir;

	p->fd = openat(p->parent, p->name,
	    O_PATH | O_CLOEXEC |
	        ((flags & PATH_NOFOLLOW) != 0 ? O_NOFOLLOW : 0));
	if (p->fd == -1)
		code = errno;
	if (p->fd == -1 || (flags & PATH_NOFOLLOW) != 0) {
		dir = path_of_fd(p->parent);
		if (dir == NULL)
			return work_fail(
			    w, errno, "%s: %s", asked, strerror(errno));
		p->real = path_join(dir, p->name);
		free(dir);
	} else if ((p->real = path_of_fd(p->fd)) == NULL) {
		return work_fail(w, errno, "%s: %s", asked, strerror(errno));
	}
	if (path_check(w, use, p->real) == -1)
		return -1;
	if (code == 0 || (code == ENOENT && (flags & PATH_MISSING) != 0))
		return 0;
	return work_fail(w, code, "%s: %s", asked, strerror(code));
}

static int
open_nameless(
    struct work *w, enum path_use use, struct path *p, const char *asked)
{
	p->fd = open(asked, O_PATH | O_CLOEXEC);
	if (p->fd == -1)
		return path_missing(w, use, asked, errno);
	p->real = path_of_fd(p->fd);
	if (p->real == NULL)
		return work_fail(w, errno, "%s: %s", asked, strerror(errno));
	return path_check(w, use, p->real);
}

int
path_open(struct work *w, enum path_use use, int flags, struct path *p)
{
	char *asked = path_absolute(w), *dir;
	int rc = -1;

	p->fd = -1;
	p->parent = -1;
	p->name = NULL;
	p->real = NULL;
	if (asked == NULL)
		return -1;
	dir = xstrdup(asked);
	if (!split(dir, &p->name)) {
		rc = open_nameless(w, use, p, asked);
	} else {
		p->parent = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		rc = p->parent == -1 ? path_missing(w, use, asked, errno) :
		                       open_named(w, use, flags, p, asked);
	}
	if (rc == -1)
		path_close(p);
	free(dir);
	free(asked);
	return rc;
}

void
path_close(struct path *p)
{
	if (p->fd != -1)
		close(p->fd);
	if (p->parent != -1)
		close(p->parent);
	free(p->name);
	free(p->real);
	p->fd = p->parent = -1;
	p->name = p->real = NULL;
}
