/*
 * JSON both ways, as design.md ("Codecs") defines it: objects are maps in
 * document order with string keys, integers of any size stay integers.
 */
#ifndef VALUE_JSON_H
#define VALUE_JSON_H

#include "base/buf.h"
#include "base/error.h"
#include "value/heap.h"

/* One JSON text, white space around it allowed.  EK_JSON with the byte offset
 * in the message; line and column set.  EK_LIMIT: the heap's limit. */
int json_read(struct heap *, const char *text, size_t len, val *out,
    struct error *) ATTR_CHECK;
/* The same, but a member that an object has twice, of which the last counts
 * there, is EK_JSON. */
int json_read_strict(struct heap *, const char *text, size_t len, val *out,
    struct error *) ATTR_CHECK;
/* EK_ARGUMENT with the path for what JSON cannot hold: NaN, infinities,
 * functions, tasks, keys that are collections, two keys of one text. Insertion
 * order, no spaces; indent > 0: pretty. */
int json_write(struct buf *, val, int indent, struct error *) ATTR_CHECK;
/* The same, but a text of more than max bytes is EK_LIMIT: shared structure
 * can be exponentially longer as text than it is in memory. */
int json_write_max(
    struct buf *, val, int indent, size_t max, struct error *) ATTR_CHECK;
void json_write_string(struct buf *, const char *, size_t len);
/* The same for any bytes: one that is no UTF-8 becomes U+FFFD.  inside: what
 * stands between the quotes. */
void json_write_bytes(struct buf *, const char *, size_t len);
void json_write_inside(struct buf *, const char *, size_t len);

#endif
