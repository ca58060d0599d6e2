/* Everything wrong with a program that can be known before it runs. */
#ifndef LANG_CHECK_H
#define LANG_CHECK_H

#include "base/diag.h"

/* Reads and compiles; adds what it finds (file = name), in order of place.
 * Returns the number of errors (warnings not counted). */
size_t lang_check(
    const char *name, const char *text, size_t len, struct diags *);

#endif
