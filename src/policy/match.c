/* Patterns: globs over capability ids, paths below folders, host patterns,
 * and the lists of strings that hold them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/rules.h"

bool
glob_match(const char *pattern, const char *text)
{
	const char *star = NULL, *back = NULL;

	/* One star at a time: on a mismatch let the last star take one
	 * character more.  Linear for one star, never exponential. */
	for (;;) {
		if (*pattern == '*') {
			star = pattern++;
			back = text;
		} else if (*text != '\0' && *pattern == *text) {
			pattern++;
			text++;
		} else if (*text == '\0' && *pattern == '\0') {
			return true;
		} else if (star != NULL && *back != '\0') {
			pattern = star + 1;
			text = ++back;
		} else {
			return false;
		}
	}
}

bool
match_any(char *const *globs, const char *id)
{
	for (; globs != NULL && *globs != NULL; globs++) {
		if (glob_match(*globs, id))
			return true;
	}
	return false;
}

bool
path_within(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (strncmp(path, dir, n) != 0)
		return false;
	return path[n] == '\0' || path[n] == '/' || n == 1;
}

static bool
within_any(char *const *dirs, const char *path)
{
	for (; dirs != NULL && *dirs != NULL; dirs++) {
		if (path_within(path, *dirs))
			return true;
	}
	return false;
}

bool
effective_may_read(const struct effective *eff, const char *path)
{
	return within_any(eff->read, path) || within_any(eff->write, path);
}

bool
effective_may_write(const struct effective *eff, const char *path)
{
	return within_any(eff->write, path);
}

bool
policy_host_allowed(char *const *allow, const char *host, unsigned int port)
{
	char with_port[300], bracketed[320];

	snprintf(with_port, sizeof(with_port), "%s:%u", host, port);
	snprintf(bracketed, sizeof(bracketed), "[%s]:%u", host, port);
	for (; allow != NULL && *allow != NULL; allow++) {
		if (glob_match(*allow, host) || glob_match(*allow, with_port) ||
		    glob_match(*allow, bracketed)) {
			return true;
		}
	}
	return false;
}

/* Absolute, without empty, "." and ".." parts: text only, links are followed
 * by those who open the path. */
char *
path_whole(const char *dir, const char *path)
{
	char *whole =
	    path[0] == '/' ? xstrdup(path) : xasprintf("%s/%s", dir, path);
	char *from = whole, *to = whole;
	size_t n;

	while (*from != '\0') {
		n = strcspn(from, "/");
		if (n == 2 && memcmp(from, "..", 2) == 0) {
			while (to > whole && *--to != '/')
				;
		} else if (n > 0 && !(n == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, n);
			to += n;
		}
		from += n;
		from += strspn(from, "/");
	}
	if (to == whole)
		*to++ = '/';
	*to = '\0';
	return whole;
}

static size_t
list_count(char *const *list)
{
	size_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	return n;
}

char **
list_add(char **list, const char *item)
{
	size_t n = list_count(list);

	list = xreallocarray(list, n + 2, sizeof(*list));
	list[n] = xstrdup(item);
	list[n + 1] = NULL;
	return list;
}

char **
list_copy(char *const *list)
{
	size_t i, n = list_count(list);
	char **copy;

	if (list == NULL)
		return NULL;
	copy = xcalloc(n + 1, sizeof(*copy));
	for (i = 0; i < n; i++)
		copy[i] = xstrdup(list[i]);
	return copy;
}

void
list_free(char **list)
{
	size_t i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}
