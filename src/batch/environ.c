/* What a command gets of the caller's environment, and what it brings. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/environ.h"
#include "batch/words.h"
#include "sandbox/program.h"

/* Left of the caller's in any case. */
static const char *const basics[] = {"PATH", "HOME", "LANG", "TZ", "TMPDIR"};

/* Is it a variable of that name? */
static bool
is_named(const char *variable, const char *name, size_t len)
{
	return strncmp(variable, name, len) == 0 && variable[len] == '=';
}

static const char *
lookup(char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (; env != NULL && *env != NULL; env++) {
		if (is_named(*env, name, len))
			return *env;
	}
	return NULL;
}

/* In place of one of the same name, if there is one. */
static void
put(struct words *w, char *variable)
{
	size_t len = strcspn(variable, "="), i;

	for (i = 0; i < w->n; i++) {
		if (!is_named(w->item[i], variable, len))
			continue;
		free(w->item[i]);
		w->item[i] = variable;
		return;
	}
	words_add(w, variable);
}

bool
environ_narrowed(const struct effective *f)
{
	return f->origin[SETTING_ENV].file != NULL;
}

static void
put_narrowed(struct words *w, const struct effective *f)
{
	const char *variable;
	size_t i;

	for (i = 0; i < NITEMS(basics); i++) {
		if ((variable = lookup(environ, basics[i])) != NULL)
			put(w, xstrdup(variable));
	}
	for (i = 0; i < f->nenv; i++) {
		if (f->env[i].value != NULL)
			put(w,
			    xasprintf(
			        "%s=%s", f->env[i].name, f->env[i].value));
		else if ((variable = lookup(environ, f->env[i].name)) != NULL)
			put(w, xstrdup(variable));
	}
}

char **
environ_make(const struct job *j, const struct effective *f)
{
	struct words w = {NULL, 0, 0};
	size_t i;

	if (j->env == NULL && !environ_narrowed(f))
		return NULL;
	if (environ_narrowed(f)) {
		put_narrowed(&w, f);
	} else {
		for (i = 0; environ[i] != NULL; i++)
			words_add(&w, xstrdup(environ[i]));
	}
	for (i = 0; j->env != NULL && j->env[i] != NULL; i++)
		put(&w, xstrdup(j->env[i]));
	return words_take(&w);
}

char *
environ_program(const char *name, char *const *env)
{
	const char *dirs = lookup(env, "PATH"), *end;
	char *path = NULL, *barred = NULL;

	if (strchr(name, '/') != NULL)
		return xstrdup(name);
	dirs = dirs != NULL ? dirs + strlen("PATH=") : getenv("PATH");
	if (dirs == NULL)
		dirs = PROGRAM_PATH;
	for (; *name != '\0'; dirs = end + 1) {
		end = strchrnul(dirs, ':');
		path = end == dirs ?
		    xasprintf("./%s", name) :
		    xasprintf("%.*s/%s", (int)(end - dirs), dirs, name);
		if (access(path, X_OK) == 0)
			break;
		if (barred == NULL && access(path, F_OK) == 0)
			barred = path;
		else
			free(path);
		path = NULL;
		if (*end == '\0')
			break;
	}
	if (path == NULL)
		return barred;
	free(barred);
	return path;
}
