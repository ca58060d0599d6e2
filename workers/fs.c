/* fs.*: files and folders within the grants.  Paths are path.c's. */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "value/map.h"
#include "value/name.h"
#include "value/number.h"
#include "value/string.h"
#include "value/vector.h"
#include "workers/builtin.h"

static int
failed(struct work *w, const char *path, int code)
{
	return work_fail(w, code, "%s: %s", path, strerror(code));
}

/* Open the thing for reading or writing; only a regular file will do: a pipe
 * or a device could block for ever or do something. */
static int
open_regular(struct work *w, const struct path *p, int flags, struct stat *st)
{
	int fd;

	if (fstat(p->fd, st) == -1)
		return failed(w, p->real, errno);
	if (S_ISDIR(st->st_mode))
		return failed(w, p->real, EISDIR);
	if (!S_ISREG(st->st_mode)) {
		return work_fail(w, EINVAL, "%s: not a regular file", p->real);
	}
	fd = path_reopen(p->fd, flags);
	if (fd == -1)
		return failed(w, p->real, errno);
	return fd;
}

/* The whole file that argument 0 names, at most max bytes. */
static int
read_file(struct work *w, uint64_t max, struct buf *b, char **name)
{
	struct path p;
	struct stat st;
	ssize_t n = 0;
	int fd, rc = -1;

	if (path_open(w, PATH_READ, 0, &p) == -1)
		return -1;
	fd = open_regular(w, &p, O_RDONLY, &st);
	if (fd == -1)
		goto done;
	if ((uint64_t)st.st_size > max) {
		work_too_long(w, (uint64_t)st.st_size, p.real);
		goto done;
	}
	/* one byte more, so that the end is seen without growing */
	buf_reserve(b, (size_t)st.st_size + 1);
	do {
		if (b->len > max) {
			work_too_long(w, b->len, p.real);
			goto done;
		}
		if (b->cap == b->len)
			buf_reserve(b, b->len + 4096);
		n = read(fd, b->data + b->len, b->cap - b->len);
		if (n > 0)
			b->len += (size_t)n;
	} while (n > 0 || (n == -1 && errno == EINTR));
	if (n == -1) {
		failed(w, p.real, errno);
		goto done;
	}
	*name = xstrdup(p.real);
	rc = 0;
done:
	if (fd != -1)
		close(fd);
	path_close(&p);
	return rc;
}

int
builtin_fs_read(struct work *w)
{
	struct buf b = BUF_INIT;
	char *name = NULL;
	int rc;

	rc = read_file(w, w->grants->result, &b, &name);
	if (rc == 0) {
		rc = work_string(
		    w, b.len == 0 ? "" : b.data, b.len, name, &w->result);
	}
	free(name);
	buf_free(&b);
	return rc;
}

int
builtin_fs_read_base64(struct work *w)
{
	struct buf b = BUF_INIT, text = BUF_INIT;
	char *name = NULL;
	int rc;

	rc = read_file(w, w->grants->result / 4 * 3, &b, &name);
	if (rc == 0) {
		base64_encode(&text, b.data, b.len);
		w->result = str_new(w->heap, text.data, text.len);
	}
	free(name);
	buf_free(&b);
	buf_free(&text);
	return rc;
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = write(fd, p, n);
		if (k == -1 && errno == EINTR)
			continue;
		if (k == -1)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

static int
write_file(struct work *w, int how)
{
	struct path p;
	struct stat st;
	const char *text;
	size_t len;
	val v = work_arg(w, 1);
	int fd, rc = -1;

	if (v == VAL_UNBOUND || !val_is_string(v)) {
		return work_error(w, ERRKEY_INVALID_ARGUMENTS,
		    "argument 2: expected a string");
	}
	text = str_bytes(v, &len);
	if (path_open(w, PATH_WRITE, PATH_MISSING, &p) == -1)
		return -1;
	if (p.fd != -1) {
		fd = open_regular(w, &p, O_WRONLY | how, &st);
	} else {
		fd = openat(p.parent, p.name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (fd == -1)
			failed(w, p.real, errno);
	}
	if (fd != -1) {
		rc = write_all(fd, text, len);
		if (rc == -1)
			failed(w, p.real, errno);
		if (close(fd) == -1 && rc == 0) {
			failed(w, p.real, errno);
			rc = -1;
		}
	}
	path_close(&p);
	return rc == -1 ? -1 : work_done(w, VAL_NIL);
}

int
builtin_fs_write(struct work *w)
{
	return write_file(w, O_TRUNC);
}

int
builtin_fs_append(struct work *w)
{
	return write_file(w, O_APPEND);
}

int
builtin_fs_exists(struct work *w)
{
	struct path p;
	bool there;
	val code;

	if (path_open(w, PATH_READ, PATH_MISSING, &p) == -1) {
		/* no folder, or a file in its place: then no */
		code = map_get_keyword(val_errval(w->error)->data, "code");
		if (code == VAL_UNBOUND ||
		    (!str_equal_text(code, "ENOENT") &&
		        !str_equal_text(code, "ENOTDIR")))
			return -1;
		val_release(w->heap, w->error);
		w->error = VAL_UNBOUND;
		return work_done(w, VAL_FALSE);
	}
	there = p.fd != -1;
	path_close(&p);
	return work_done(w, val_bool(there));
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names in an open folder; the total of their bytes is bounded. */
static int
list_names(struct work *w, DIR *d, const char *path, char ***names, size_t *n)
{
	uint64_t total = 0;
	size_t room = 0;
	struct dirent *e;

	for (;;) {
		errno = 0;
		e = readdir(d);
		if (e == NULL)
			break;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		total += strlen(e->d_name) + 1;
		if (total > w->grants->result)
			return work_too_long(w, total, path);
		if (*n == room) {
			room = room == 0 ? 64 : room * 2;
			*names = xreallocarray(*names, room, sizeof(char *));
		}
		(*names)[(*n)++] = xstrdup(e->d_name);
	}
	if (errno != 0)
		return failed(w, path, errno);
	return 0;
}

int
builtin_fs_list(struct work *w)
{
	struct path p;
	DIR *d = NULL;
	char **names = NULL, *what;
	size_t n = 0, i;
	val v = VAL_UNBOUND, s;
	int fd, rc = -1;

	if (path_open(w, PATH_READ, 0, &p) == -1)
		return -1;
	fd = path_reopen(p.fd, O_RDONLY | O_DIRECTORY);
	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		failed(w, p.real, errno);
		if (fd != -1)
			close(fd);
		goto done;
	}
	if (list_names(w, d, p.real, &names, &n) == -1)
		goto done;
	if (n > 0)
		qsort(names, n, sizeof(char *), by_bytes);
	v = vec_empty(w->heap);
	rc = 0;
	for (i = 0; i < n && rc == 0; i++) {
		what = xasprintf("%s: name \"%s\"", p.real, names[i]);
		rc = work_string(w, names[i], strlen(names[i]), what, &s);
		if (rc == 0)
			v = vec_push(w->heap, v, s);
		free(what);
	}
	if (rc == -1)
		val_release(w->heap, v);
	else
		w->result = v;
done:
	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	if (d != NULL)
		closedir(d);
	path_close(&p);
	return rc;
}

/* One folder more: made when it is missing, entered either way, never through
 * a symbolic link. */
static int
step_down(struct work *w, int *fd, char *real, const char *name)
{
	int next;

	if (mkdirat(*fd, name, 0777) == -1 && errno != EEXIST)
		return failed(w, real, errno);
	next = openat(*fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next == -1)
		return failed(w, real, errno == ENOTDIR ? EEXIST : errno);
	close(*fd);
	*fd = next;
	return 0;
}

/* Open the longest part of the path that is there; *rest is what is missing.
 * -1: nothing can be opened, errno says why. */
static int
open_existing(char *asked, char **rest)
{
	char *head = xstrdup(asked), *slash;
	int fd;

	for (;;) {
		fd = open(head, O_PATH | O_CLOEXEC);
		slash = strrchr(head, '/');
		if (fd != -1 || errno != ENOENT || strcmp(head, "/") == 0)
			break;
		slash[slash == head] = '\0';
	}
	*rest = asked + strlen(head);
	while (**rest == '/')
		(*rest)++;
	free(head);
	return fd;
}

/* What is there of the path is resolved and the rest are plain names below
 * it, so the place is known, and checked, before anything is made. */
int
builtin_fs_mkdir(struct work *w)
{
	char *asked = path_absolute(w), *rest, *name;
	char *base = NULL, *real = NULL;
	struct stat st;
	int fd, rc = -1;

	if (asked == NULL)
		return -1;
	fd = open_existing(asked, &rest);
	if (fd == -1) {
		path_missing(w, PATH_WRITE, asked, errno);
		goto done;
	}
	base = path_of_fd(fd);
	if (base == NULL || fstat(fd, &st) == -1) {
		failed(w, asked, errno);
		goto done;
	}
	real = *rest == '\0' ? xstrdup(base) : path_join(base, rest);
	if (path_check(w, PATH_WRITE, real) == -1)
		goto done;
	if (!S_ISDIR(st.st_mode)) {
		failed(w, real, *rest == '\0' ? EEXIST : ENOTDIR);
		goto done;
	}
	while ((name = strsep(&rest, "/")) != NULL) {
		if (*name == '\0' || strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			failed(w, real, ENOENT);
			goto done;
		}
		if (step_down(w, &fd, real, name) == -1)
			goto done;
	}
	rc = work_done(w, VAL_NIL);
done:
	if (fd != -1)
		close(fd);
	free(real);
	free(base);
	free(asked);
	return rc;
}

int
builtin_fs_delete(struct work *w)
{
	struct path p;
	struct stat st;
	int rc;

	if (path_open(w, PATH_WRITE, PATH_NOFOLLOW, &p) == -1)
		return -1;
	if (p.parent == -1) {
		rc = failed(w, p.real, EINVAL);
	} else if (fstat(p.fd, &st) == -1 ||
	    unlinkat(p.parent, p.name,
	        S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) == -1) {
		rc = failed(w, p.real, errno);
	} else {
		rc = work_done(w, VAL_NIL);
	}
	path_close(&p);
	return rc;
}

static const char *
type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFIFO:
		return "pipe";
	case S_IFSOCK:
		return "socket";
	case S_IFCHR:
	case S_IFBLK:
		return "device";
	default:
		return "other";
	}
}

int
builtin_fs_stat(struct work *w)
{
	struct path p;
	struct stat st;
	char mode[8];
	val m;

	if (path_open(w, PATH_READ, 0, &p) == -1)
		return -1;
	if (fstat(p.fd, &st) == -1) {
		failed(w, p.real, errno);
		path_close(&p);
		return -1;
	}
	path_close(&p);
	snprintf(mode, sizeof(mode), "%04o", st.st_mode & 07777);
	m = map_empty(w->heap);
	m = map_assoc(w->heap, m, keyword_from("type"),
	    keyword_from(type_name(st.st_mode)));
	m = map_assoc(
	    w->heap, m, keyword_from("size"), int_from(w->heap, st.st_size));
	m = map_assoc(
	    w->heap, m, keyword_from("mode"), str_from(w->heap, mode));
	m = map_assoc(w->heap, m, keyword_from("modified"),
	    int_from(w->heap,
	        (int64_t)st.st_mtim.tv_sec * 1000 +
	            st.st_mtim.tv_nsec / 1000000));
	return work_done(w, m);
}
