/* Manifest files: (capability :id :exec [...] ...) forms and definitions for
 * the functions of :rtfs capabilities. */
#ifndef HOST_MANIFEST_H
#define HOST_MANIFEST_H

#include "base/diag.h"
#include "host/registry.h"
#include "task/task.h"

/*
 * Add the capabilities of one text.  file is its absolute path.  Problems go
 * to *ds; returns the number of errors.  A capability with an error is left
 * out; one that merely cannot run here is added as broken.
 */
size_t manifest_add(struct registry *, enum layer, const char *file,
    const char *text, size_t len, struct diags *);

/* The closure image of a CAP_RTFS row, made at the first use.  EK_ARGUMENT:
 * the function or what it captured cannot travel; EK_UNAVAILABLE: the manifest
 * had errors, so there is no function. */
int manifest_closure(const struct capability *, const struct closure **,
    struct error *) ATTR_CHECK;

/* Ids of closures, unique in this process. */
uint64_t closure_next_id(void);

#endif
