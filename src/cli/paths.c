/* See paths.h: every place is compiled in or follows from the binary's own. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/macros.h"
#include "cli/paths.h"

#ifndef LIBEXECDIR
#define LIBEXECDIR "/usr/local/libexec/rtfs"
#endif
#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc/rtfs"
#endif

static const char *const worker_names[IMAGE_COUNT] = {
    [IMAGE_CORE] = "rtfs-worker",
    [IMAGE_HTTP] = "rtfs-worker-http",
    [IMAGE_PLUGIN] = "rtfs-worker-plugin",
};

/* From the folder of the binary: the same one, that of an installation, those
 * of a build tree. */
static const char *const beside[] = {
    "", "../libexec/rtfs/", "workers/", "../../workers/"};

const char *
path_worker_name(enum cap_image image)
{
	return worker_names[image];
}

const char *
path_libexec(void)
{
	return LIBEXECDIR;
}

const char *
path_system_config(void)
{
	return SYSCONFDIR;
}

char *
path_self(void)
{
	char path[PATH_MAX];
	ssize_t n;

	n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n <= 0)
		return NULL;
	return xstrndup(path, (size_t)n);
}

/* One that may not be executed is kept, in case no other is found. */
static char *
try_program(char *path, char **closed)
{
	char *real = NULL;

	if (access(path, X_OK) == 0) {
		real = realpath(path, NULL);
	} else if (errno == EACCES && *closed == NULL) {
		*closed = path;
		return NULL;
	}
	free(path);
	return real;
}

static char *
find_program(const char *name)
{
	char *self = path_self(), *slash, *found = NULL, *closed = NULL;
	size_t i;

	if (self != NULL && (slash = strrchr(self, '/')) != NULL) {
		slash[1] = '\0';
		for (i = 0; i < NITEMS(beside) && found == NULL; i++) {
			found = try_program(
			    xasprintf("%s%s%s", self, beside[i], name),
			    &closed);
		}
	}
	free(self);
	if (found == NULL)
		found =
		    try_program(xasprintf("%s/%s", LIBEXECDIR, name), &closed);
	if (found == NULL)
		return closed;
	free(closed);
	return found;
}

char *
path_worker(enum cap_image image)
{
	return find_program(worker_names[image]);
}

char *
path_recorder(void)
{
	return find_program("rtfs-state");
}

const char *
path_why_not(const char *path)
{
	if (path == NULL)
		return "not found";
	return access(path, X_OK) == 0 ? NULL : strerror(errno);
}

char *
path_user_config(void)
{
	const char *dir = getenv("XDG_CONFIG_HOME");

	if (dir != NULL && dir[0] == '/')
		return xasprintf("%s/rtfs", dir);
	dir = getenv("HOME");
	if (dir != NULL && dir[0] == '/')
		return xasprintf("%s/.config/rtfs", dir);
	return NULL;
}

void
path_secrets(char *dir[3])
{
	char *user = path_user_config();

	dir[0] = xasprintf("%s/secrets", path_system_config());
	dir[1] = user == NULL ? NULL : xasprintf("%s/secrets", user);
	dir[2] = NULL;
	free(user);
}

char *
path_folder(const char *file)
{
	char *real = realpath(file, NULL), *slash;

	if (real != NULL && (slash = strrchr(real, '/')) != NULL)
		slash[slash == real] = '\0';
	return real;
}
