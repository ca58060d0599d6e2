/*
 * A command that a task brings itself (CAP_COMMAND), where other programs
 * stand in a manifest.  Borrowed from the submitter, like the arguments.
 */
#ifndef TASK_COMMAND_H
#define TASK_COMMAND_H

#include <stddef.h>

struct command {
	const char *program; /* what is executed; relative to dir */
	char *const *argv;   /* NULL at the end, at least one word */
	char *const *env;    /* "NAME=value"; NULL: as the caller has it */
	const char *dir;     /* absolute; NULL: as the caller has it */
	const char *input;   /* standard input; NULL: /dev/null */
	size_t ninput;
};

#endif
