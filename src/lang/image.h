/*
 * Closure images: a function with its code, what it captured and, through
 * every function found in them, the top-level names its code mentions, with
 * their values now.  Bytes to every other room.  Made by a supervisor, read
 * only by its own workers, both of one build (lang_build_id).
 */
#ifndef LANG_IMAGE_H
#define LANG_IMAGE_H

#include "lang/vm.h"

/* EK_ARGUMENT, with the way to the culprit ("captured name db, [:x 3]"), for
 * what cannot travel; EK_LIMIT for depth over MAX_DEPTH. */
int image_write(
    struct vm *, val function, struct buf *out, struct error *) ATTR_CHECK;
/* *function is owned, on the heap of vm; names it needs are cells of that
 * vm, private to the image.  EK_PROTO for bytes that no image_write made. */
int image_read(struct vm *, const void *bytes, size_t len, val *function,
    struct error *) ATTR_CHECK;

#endif
