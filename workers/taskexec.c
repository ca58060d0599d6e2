/* The last steps of a task process that becomes a program.  Whatever goes
 * wrong is told as {stage, errno} on the status pipe, which execve closes. */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "workers/grants.h"
#include "workers/process.h"

void
task_exec_failed(enum exec_stage stage, int os_errno)
{
	struct exec_failure f = {(uint32_t)stage, (uint32_t)os_errno};

	if (write(STATUS_FD, &f, sizeof(f)) != (ssize_t)sizeof(f))
		_exit(126); /* the supervisor is gone */
	_exit(125);
}

void
task_exec(const struct exec_request *r)
{
	if (task_plan_become(r->plan) == -1)
		task_exec_failed(STAGE_IDENTITY, errno);
	if (r->directory != NULL && chdir(r->directory) == -1)
		task_exec_failed(STAGE_DIRECTORY, errno);
	umask(r->plan->umask);
	/* 2 is the stray pipe already; the status pipe goes by itself. */
	close(REQUEST_FD);
	if (dup2(r->input, STDIN_FILENO) == -1 ||
	    dup2(r->channel == FRAMED_FD ? STRAY_FD : RESULT_FD,
	        STDOUT_FILENO) == -1 ||
	    (r->channel == FRAMED_FD && dup2(RESULT_FD, FRAMED_FD) == -1))
		task_exec_failed(STAGE_FILES, errno);
	close(RESULT_FD);
	closefrom(STATUS_FD + 1);
	if (task_plan_bind(r->plan) == -1)
		task_exec_failed(STAGE_LIMITS, errno);
	execve(r->program, r->argv, r->env);
	task_exec_failed(STAGE_EXECUTE, errno);
}
