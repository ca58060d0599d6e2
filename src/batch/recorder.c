/* rtfs-state, which keeps the file of --state: SQLite is nobody else's. */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "batch/recorder.h"

#define PROGRAM "rtfs-state"

static char *
recorder_path(const struct batch *b, struct error *e)
{
	const char *worker = b->worker_path[IMAGE_CORE], *slash;
	char *path;

	slash = worker == NULL ? NULL : strrchr(worker, '/');
	if (slash == NULL) {
		error_set(
		    e, EK_UNAVAILABLE, "--state: " PROGRAM " is not installed");
		return NULL;
	}
	path = xasprintf("%.*s/%s", (int)(slash - worker), worker, PROGRAM);
	if (access(path, X_OK) == -1) {
		error_sys(e, "--state: %s", path);
		free(path);
		return NULL;
	}
	return path;
}

int
recorder_start(const struct batch *b, const char *verb, int in, int out,
    pid_t *pid, struct error *e)
{
	char *path = recorder_path(b, e), *argv[4];
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none;
	int rc;

	if (path == NULL)
		return -1;
	argv[0] = xstrdup(PROGRAM);
	argv[1] = xstrdup(verb);
	argv[2] = xstrdup(b->options->state);
	argv[3] = NULL;
	sigemptyset(&none);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&at);
	posix_spawn_file_actions_adddup2(&fa, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&fa, 3);
	posix_spawnattr_setsigmask(&at, &none);
	posix_spawnattr_setflags(
	    &at, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn(pid, path, &fa, &at, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&at);
	if (rc != 0) {
		errno = rc;
		error_sys(e, "--state: %s", path);
	}
	free(argv[0]);
	free(argv[1]);
	free(argv[2]);
	free(path);
	return rc == 0 ? 0 : -1;
}

int
recorder_failed(int status, struct error *e)
{
	if (WIFSIGNALED(status)) {
		return error_set(e, EK_SYSTEM,
		    "--state: " PROGRAM " was killed by signal %d",
		    WTERMSIG(status));
	}
	return error_set(e, EK_SYSTEM, "%s", "");
}
