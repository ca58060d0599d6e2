/* The pieces of a manifest: its text with positions (manifest.c) and the
 * machine of its functions (manifest_code.c). */
#ifndef HOST_MANIFEST_IMPL_H
#define HOST_MANIFEST_IMPL_H

#include "host/manifest.h"
#include "lang/vm.h"
#include "value/reader.h"

struct manifest_code;

/* The program of a manifest: its text with every capability form blanked but
 * for the functions, which are defined under hidden names, so that lines and
 * columns in traces are those of the file. */
struct manifest_code *manifest_code_new(
    const char *file, const char *text, size_t len);
void manifest_code_free(void *);
/* The form from form_at holds a function at function_at; returns its number. */
unsigned int manifest_code_add(
    struct manifest_code *, size_t form_at, size_t function_at);
/* A capability form without a function. */
void manifest_code_blank(struct manifest_code *, size_t form_at);
/* Compile and run the definitions; problems go to *ds. */
size_t manifest_code_run(struct manifest_code *, struct diags *ds);
/* What CAP_RTFS rows point to; owned by the code. */
struct manifest_function *manifest_code_function(
    struct manifest_code *, unsigned int number);

#endif
