/* The verbs, one a file. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/options.h"

int run_main(const struct verb *, int argc, char **argv);
int eval_main(const struct verb *, int argc, char **argv);
int check_main(const struct verb *, int argc, char **argv);
int capabilities_main(const struct verb *, int argc, char **argv);
int doctor_main(const struct verb *, int argc, char **argv);
int version_main(const struct verb *, int argc, char **argv);

/* What run and eval share: evaluate and print; program is the file's path, or
 * NULL for an expression. */
int run_program(const struct options *, const struct verb *,
    const char *program, const char *name, const char *text, size_t len);

#endif
