/*
 * The codec of programs that speak msgpack (CODEC_MSGPACK): one ARGUMENTS
 * frame on their standard input, one VALUE frame on descriptor 3.  Pure.  What
 * comes back is hostile input.
 */
#ifndef PROTO_PROGRAM_H
#define PROTO_PROGRAM_H

#include "base/buf.h"
#include "base/error.h"
#include "task/capability.h"
#include "value/heap.h"

/* Append the frame of an argument vector; max bounds its bytes.  Errors as
 * pack_val(): EK_LIMIT, EK_ARGUMENT with the path; out is as before then. */
int program_pack(
    val args, size_t max, struct buf *out, struct error *) ATTR_CHECK;
/*
 * The value in the one frame that these bytes are.  Checked against the
 * capability's :result, never converted.  EK_ARGUMENT with offset,
 * or path, expected and got: the kind is :invalid-result.  EK_LIMIT: no room
 * on the heap.  *out is owned.
 */
int program_unpack(struct heap *, const struct capability *, const char *bytes,
    size_t len, val *out, struct error *) ATTR_CHECK;

#endif
