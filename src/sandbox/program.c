/* See program.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "policy/policy.h"
#include "sandbox/program.h"

char *
program_find(const char *name)
{
	char *dirs, *at, *dir, *path = NULL;

	if (strchr(name, '/') != NULL)
		return xstrdup(name);
	at = dirs = xstrdup(PROGRAM_PATH);
	while (path == NULL && (dir = strsep(&at, ":")) != NULL) {
		path = xasprintf("%s/%s", dir, name);
		if (access(path, X_OK) == -1) {
			free(path);
			path = NULL;
		}
	}
	free(dirs);
	return path;
}

/* The real path of its folder and its own name; the path itself where there is
 * no such folder. */
static char *
canonical(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir, *real, *whole;

	if (slash == NULL)
		return xstrdup(path);
	dir = slash == path ? xstrdup("/") :
	                      xstrndup(path, (size_t)(slash - path));
	real = realpath(dir, NULL);
	if (real == NULL)
		whole = xstrdup(path);
	else
		whole = xasprintf(
		    "%s%s", strcmp(real, "/") == 0 ? "" : real, slash);
	free(real);
	free(dir);
	return whole;
}

/* A pattern matches the program as it was found; a name or path is the same
 * file under whatever folder. */
static bool
same_program(const char *entry, const char *program)
{
	char *found, *one;
	bool same;

	if (strchr(entry, '*') != NULL)
		return glob_match(entry, program);
	if ((found = program_find(entry)) == NULL)
		return false;
	one = canonical(found);
	same = strcmp(one, program) == 0;
	free(one);
	free(found);
	return same;
}

bool
program_allowed(char *const *list, const char *program)
{
	char *whole;
	bool allowed = false;

	if (list == NULL)
		return true;
	whole = canonical(program);
	for (; !allowed && *list != NULL; list++)
		allowed = same_program(*list, whole);
	free(whole);
	return allowed;
}
