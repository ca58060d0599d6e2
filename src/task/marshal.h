/*
 * The text codecs of :exec capabilities, both ways, pure: arguments to the
 * bytes of standard input and words of a command line; bytes of standard
 * output to a value.  What comes back is hostile input.  CODEC_MSGPACK is that
 * of proto/program.h, which stands above this room.
 */
#ifndef TASK_MARSHAL_H
#define TASK_MARSHAL_H

#include "base/buf.h"
#include "base/error.h"
#include "task/capability.h"
#include "value/heap.h"

/*
 * args is a vector.  CODEC_JSON RAW LINES: *input is filled.  CODEC_ARGV: each
 * argument becomes one NUL-terminated word appended to *words, *input stays
 * empty.  EK_ARGUMENT with the path ("argument 2, [:x 3]: a function cannot
 * travel as JSON") or EK_LIMIT (a word over MAX_ARG_BYTES).
 */
int marshal_args(const struct capability *, val args, struct buf *input,
    struct buf *words, struct error *) ATTR_CHECK;
/*
 * Standard output of a program that ended well.  Decodes by codec, then by
 * the capability's :result type (guided decoding for JSON).  EK_PROTO-less:
 * EK_ARGUMENT, one line with byte offset and the first 80 bytes, or path,
 * expected and got; the kind is :invalid-result.  *out is owned, on h.
 */
int marshal_result(struct heap *, const struct capability *, const char *bytes,
    size_t len, val *out, struct error *) ATTR_CHECK;
/* Check arguments against :params; EK_ARGUMENT with "argument 1: expected
 * int, got string". */
int marshal_check_args(
    const struct capability *, val args, struct error *) ATTR_CHECK;
/* Check a value of a worker that speaks msgpack against :result. */
int marshal_check_result(
    const struct capability *, val, struct error *) ATTR_CHECK;

#endif
