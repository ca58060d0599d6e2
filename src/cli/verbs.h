/* The verbs, one a file. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/modules.h"
#include "cli/setup.h"
#include "host/evaluate.h"

int run_main(const struct verb *, int argc, char **argv);
int batch_main(const struct verb *, int argc, char **argv);
int eval_main(const struct verb *, int argc, char **argv);
int check_main(const struct verb *, int argc, char **argv);
int capabilities_main(const struct verb *, int argc, char **argv);
int policy_main(const struct verb *, int argc, char **argv);
int doctor_main(const struct verb *, int argc, char **argv);
int version_main(const struct verb *, int argc, char **argv);
int repl_main(const struct verb *, int argc, char **argv); /* repl.c */

/* What run, eval and repl share: a machine and its host, set up as the options
 * say; setup_open() tells what program and the result are.  Close it also
 * after a failure; that returns the exit status, worse when the report, trace
 * or metrics could not be written. */
struct session {
	struct setup setup;
	struct modules modules;
	struct output out;
	struct vm *vm;
	struct host *host;
	struct report *report;
	struct watch *watch;
	int stray_folder; /* of --stderr; -1: none */
};
int session_open(struct session *, const struct options *, const struct verb *,
    const char *program, const struct program *);
int session_close(struct session *, const struct options *, int status);

/* What run and eval share: evaluate and print; program is the file's path, or
 * NULL for an expression. */
int run_program(const struct options *, const struct verb *,
    const char *program, const char *name, const char *text, size_t len);

#endif
