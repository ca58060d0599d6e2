/* Links in granted paths. */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sandbox/resolve.h"

#define MAX_LINKS 40 /* as the kernel has it */

struct walk {
	const char *path; /* all of it, as it was granted */
	const struct writable *writable;
	char at[PATH_MAX]; /* so far, without links; "" is the root */
	size_t len;
	char *rest; /* what is still to be walked starts at next */
	const char *next;
	unsigned int links;
};

/* Does a folder, which is known without links, lie in a writable one? */
static bool
lies_in(const char *folder, const char *writable)
{
	struct error e;
	size_t there;
	char *place;
	bool in;

	if (path_within(folder, writable))
		return true;
	if (sandbox_resolve(writable, NULL, &place, &there, &e) == -1)
		return true;
	in = path_within(folder, place);
	free(place);
	return in;
}

static int
check_folder(const struct walk *k, struct error *e)
{
	const char *folder = k->len == 0 ? "/" : k->at;
	const struct writable_path *w;
	char line[16] = "";
	size_t i;

	for (i = 0; k->writable != NULL && i < k->writable->n; i++) {
		w = &k->writable->at[i];
		if (!lies_in(folder, w->path))
			continue;
		if (w->origin.line > 0)
			snprintf(line, sizeof(line), ":%u", w->origin.line);
		return error_set(e, EK_UNAVAILABLE,
		    "%s: a link in %s, which tasks may write (%s%s): grant "
		    "what it leads to",
		    k->path, folder, w->origin.file, line);
	}
	return 0;
}

static void
step_up(struct walk *k)
{
	while (k->len > 0 && k->at[--k->len] != '/')
		;
	k->at[k->len] = '\0';
}

/* 1: go on.  0: it leads nowhere.  -1: refused. */
static int
follow(struct walk *k, struct error *e)
{
	char target[PATH_MAX];
	ssize_t n = readlink(k->at, target, sizeof(target) - 1);
	char *rest;

	step_up(k);
	if (check_folder(k, e) == -1)
		return -1;
	if (n <= 0 || ++k->links > MAX_LINKS)
		return 0;
	target[n] = '\0';
	if (target[0] == '/')
		k->at[k->len = 0] = '\0';
	rest = xasprintf("%s/%s", target, k->next);
	free(k->rest);
	k->next = k->rest = rest;
	return 1;
}

static int
step(struct walk *k, const char *word, size_t n, struct error *e)
{
	struct stat st;

	if (n == 1 && word[0] == '.')
		return 1;
	if (n == 2 && word[0] == '.' && word[1] == '.') {
		step_up(k);
		return 1;
	}
	if (k->len + n + 2 > sizeof(k->at))
		return 0;
	k->at[k->len++] = '/';
	memcpy(k->at + k->len, word, n);
	k->len += n;
	k->at[k->len] = '\0';
	if (lstat(k->at, &st) == -1)
		return 0;
	if (S_ISLNK(st.st_mode))
		return follow(k, e);
	return S_ISDIR(st.st_mode) || k->next[strspn(k->next, "/")] == '\0';
}

/* 1: *real is where path is.  0: there is nothing.  -1: refused. */
static int
walk(const char *path, size_t len, const struct writable *w, char **real,
    struct error *e)
{
	struct walk k = {.path = path, .writable = w};
	const char *word;
	int rc = 1;

	k.next = k.rest = xstrndup(path, len);
	while (rc == 1 && *(word = k.next + strspn(k.next, "/")) != '\0') {
		k.next = word + strcspn(word, "/");
		rc = step(&k, word, (size_t)(k.next - word), e);
	}
	if (rc == 1)
		*real = xstrdup(k.len == 0 ? "/" : k.at);
	free(k.rest);
	return rc;
}

int
sandbox_resolve(const char *path, const struct writable *writable, char **place,
    size_t *there, struct error *e)
{
	size_t len = strlen(path);
	char *real = NULL;
	int rc;

	while ((rc = walk(path, len, writable, &real, e)) == 0) {
		while (len > 1 && path[--len] != '/')
			;
	}
	if (rc == -1 || real == NULL)
		return -1;
	*there = strlen(real);
	*place = xasprintf("%s%s%s", real,
	    real[1] == '\0' || path[len] == '/' || path[len] == '\0' ? "" : "/",
	    real[1] == '\0' && path[len] == '/' ? path + len + 1 : path + len);
	free(real);
	return 0;
}

static bool
is_bound(const char *place, char *const *bound, const struct writable *w)
{
	struct error e;
	size_t there;
	char *real;
	bool in = false;

	for (; !in && *bound != NULL; bound++) {
		if (sandbox_resolve(*bound, w, &real, &there, &e) == -1)
			continue;
		in = path_within(place, real);
		free(real);
	}
	return in;
}

static int
check_bound(char *const *list, char *const *bound, const struct writable *w,
    const char *key, struct error *e)
{
	size_t there;
	char *place;
	bool in;

	for (; bound != NULL && list != NULL && *list != NULL; list++) {
		if (sandbox_resolve(*list, w, &place, &there, e) == -1)
			return -1;
		in = is_bound(place, bound, w);
		if (!in)
			error_set(e, EK_POLICY,
			    "a task may only tighten :%s; %s leads to %s, "
			    "which is not granted",
			    key, *list, place);
		free(place);
		if (!in)
			return -1;
	}
	return 0;
}

int
sandbox_check_bounds(const struct effective *f, struct error *e)
{
	if (check_bound(f->read, f->read_bound, f->writable, "read", e) == -1)
		return -1;
	return check_bound(f->write, f->write_bound, f->writable, "write", e);
}

/* What is known without links has none in it. */
static int
open_part(int at, const char *word, size_t n, bool last)
{
	char name[NAME_MAX + 1];
	struct stat st;
	int fd;

	if (n > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, word, n);
	name[n] = '\0';
	if (strcmp(name, "..") == 0) {
		errno = ELOOP;
		return -1;
	}
	fd = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	/* The library's fstat is one by path, which a filter may lack. */
	if (fd == -1 || syscall(SYS_fstat, fd, &st) == -1)
		return fd;
	if (!S_ISLNK(st.st_mode) && (last || S_ISDIR(st.st_mode)))
		return fd;
	close(fd);
	errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	return -1;
}

int
sandbox_open_place(const char *place)
{
	int fd =
	    open(*place == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *word = place + strspn(place, "/");
	size_t n;
	int next, saved;

	for (; fd != -1 && *word != '\0'; word += strspn(word, "/")) {
		n = strcspn(word, "/");
		next = open_part(fd, word, n, word[n] == '\0');
		saved = errno;
		close(fd);
		errno = saved;
		fd = next;
		word += n;
	}
	return fd;
}

int
sandbox_open_start(const char *first, const char *second)
{
	int fd = sandbox_open_place(first);

	if (fd == -1 && second != NULL && (errno == ELOOP || errno == ENOENT))
		fd = sandbox_open_place(second);
	return fd;
}

int
sandbox_enter_start(const char *first, const char *second)
{
	int fd = sandbox_open_start(first, second);
	int rc, saved;

	if (fd == -1)
		return -1;
	rc = fchdir(fd);
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}
