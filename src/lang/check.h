/* Everything wrong with a program that can be known before it runs. */
#ifndef LANG_CHECK_H
#define LANG_CHECK_H

#include "base/diag.h"

struct vm_config;

/* Reads and compiles; adds what it finds (file = name, or that of a module),
 * in order of place.  files has read_module, the rest of it does not count;
 * NULL or without it: modules are taken on trust.  Returns the number of
 * errors (warnings not counted). */
size_t lang_check(const char *name, const char *text, size_t len,
    const struct vm_config *files, struct diags *);

#endif
