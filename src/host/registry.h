/*
 * Every capability that a program can name: the built-in ones and those of
 * the manifests.  Rows never move and live as long as the registry.
 */
#ifndef HOST_REGISTRY_H
#define HOST_REGISTRY_H

#include "base/buf.h"
#include "base/error.h"
#include "task/capability.h"
#include "value/value.h"

struct registry;

struct registry *registry_new(void); /* with the built-in rows */
void registry_free(struct registry *);
/* The row of an id without colon, or NULL. */
const struct capability *registry_find(struct registry *, const char *id);
/* The same by the name index of a keyword. */
const struct capability *registry_find_name(struct registry *, uint32_t name);
/* "; did you mean :a.b?" or "; known in api: :api.x :api.y", or nothing. */
void registry_suggest(struct registry *, const char *id, struct buf *);
/* Take a row over (its fields move).  EK_POLICY: reserved prefix, or defined
 * twice (naming both places); the row is then still the caller's. */
int registry_add(
    struct registry *, struct capability *, struct error *) ATTR_CHECK;
/* All rows sorted by id; the caller frees the array only. */
const struct capability **registry_list(struct registry *, size_t *n);

/* What CAP_RTFS rows point to: a function of a manifest's own machine. */
struct manifest_function;
/* Keep what a manifest's functions need until the registry goes. */
void registry_keep(struct registry *, void *owned, void (*free_it)(void *));

#endif
