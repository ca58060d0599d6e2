/*
 * The history of rtfs repl.  The file comes into being with the first entry;
 * when it has grown far beyond what is kept it is written anew.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/repl.h"

/* First line of the file, as libedit wants it. */
#define COOKIE "_HiStOrY_V2_\n"

struct repl_history {
	History *list;
	char *dir;  /* NULL: no place to keep it */
	char *path; /* in dir */
	char *last; /* the entry before; NULL: none yet */
};

/* The folder of our own state; NULL: neither variable says one. */
static char *
state_dir(void)
{
	const char *dir = getenv("XDG_STATE_HOME");

	if (dir != NULL && dir[0] == '/')
		return xasprintf("%s/rtfs", dir);
	dir = getenv("HOME");
	if (dir != NULL && dir[0] == '/')
		return xasprintf("%s/.local/state/rtfs", dir);
	return NULL;
}

/* Make a folder and those above it. */
static int
make_dir(char *path)
{
	char *p;
	int rc;

	for (p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		rc = mkdir(path, 0700);
		*p = '/';
		if (rc == -1 && errno != EEXIST)
			return -1;
	}
	return mkdir(path, 0700) == -1 && errno != EEXIST ? -1 : 0;
}

/* The newest entries only, in place of all. */
static void
shorten(struct repl_history *h)
{
	char *path = xasprintf("%s.%ld", h->path, (long)getpid());
	HistEvent ev;

	if (history(h->list, &ev, H_SAVE, path) == -1 ||
	    rename(path, h->path) == -1)
		unlink(path);
	free(path);
}

struct repl_history *
history_open(void)
{
	struct repl_history *h = xcalloc(1, sizeof(*h));
	HistEvent ev;
	int n;

	h->list = history_init();
	history(h->list, &ev, H_SETSIZE, HISTORY_MAX);
	history(h->list, &ev, H_SETUNIQUE, 1);
	if ((h->dir = state_dir()) == NULL)
		return h;
	h->path = xasprintf("%s/history", h->dir);
	n = history(h->list, &ev, H_LOAD, h->path);
	if (n > 2 * HISTORY_MAX)
		shorten(h);
	return h;
}

void
history_close(struct repl_history *h)
{
	if (h == NULL)
		return;
	history_end(h->list);
	free(h->dir);
	free(h->path);
	free(h->last);
	free(h);
}

struct history *
history_list(struct repl_history *h)
{
	return h->list;
}

/* One line of a text, as unvis(3) reads it; returns its end. */
static char *
encode(char *out, const char *text)
{
	unsigned char c;

	for (; (c = (unsigned char)*text) != '\0'; text++) {
		if (c <= ' ' || c == '\\' || c == 0x7f)
			out += sprintf(out, "\\%03o", c);
		else
			*out++ = (char)c;
	}
	*out++ = '\n';
	return out;
}

static int
append(struct repl_history *h, const char *text)
{
	struct stat st;
	size_t len = strlen(text);
	char *line = xmalloc(sizeof(COOKIE) + 4 * len + 2), *p = line;
	int fd, rc = -1;

	if (make_dir(h->dir) == -1)
		goto done;
	fd = open(h->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		goto done;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    fchmod(fd, S_IRUSR | S_IWUSR) == 0) {
		if (st.st_size == 0)
			p = stpcpy(p, COOKIE);
		p = encode(p, text);
		if (write(fd, line, (size_t)(p - line)) == p - line)
			rc = 0;
	}
	close(fd);
done:
	free(line);
	return rc;
}

void
history_remember(struct repl_history *h, const char *text)
{
	HistEvent ev;

	if (h->last != NULL && strcmp(h->last, text) == 0)
		return;
	history(h->list, &ev, H_ENTER, text);
	free(h->last);
	h->last = xstrdup(text);
	if (h->path != NULL && append(h, text) == -1) {
		log_notice(
		    "history is not kept: %s: %s", h->path, strerror(errno));
		free(h->path);
		h->path = NULL;
	}
}
