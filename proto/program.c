/*
 * Frames to and from a program with the codec :msgpack.  Here and not with the
 * other codecs of :exec (task/marshal.c), because it needs the frames and the
 * decoder of this room.
 */
#include "proto/program.h"
#include "base/limits.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "proto/proto.h"
#include "task/marshal.h"

/* Names that one result may add to the table of this process. */
#define NAMES_MAX 100000U

int
program_pack(val args, size_t max, struct buf *out, struct error *e)
{
	const struct pack_options how = {
	    .arguments = true,
	    .no_way = "travel to a program",
	};
	size_t before = out->len, mark = frame_begin(out, MSG_ARGUMENTS);

	if (pack_val(out, args, &how, max, e) == -1) {
		out->len = before;
		return -1;
	}
	frame_end(out, mark);
	return 0;
}

static int
find_frame(const char *bytes, size_t len, struct frame *f, struct error *e)
{
	size_t used, need;

	if (len == 0) {
		return error_set(e, EK_ARGUMENT,
		    "nothing on descriptor 3, expected one VALUE frame");
	}
	switch (frame_next(bytes, len, MAX_FRAME, f, &used, &need, e)) {
	case FRAME_OK:
		break;
	case FRAME_SHORT:
		return error_set(e, EK_ARGUMENT,
		    "descriptor 3: the frame ends after %zu bytes of %zu", len,
		    need);
	case FRAME_BAD:
		e->kind = EK_ARGUMENT;
		return error_context(e, "descriptor 3");
	}
	if (f->msg != MSG_VALUE) {
		return error_set(e, EK_ARGUMENT,
		    "descriptor 3: a %s frame, expected VALUE",
		    proto_msg_name(f->msg));
	}
	if (used != len) {
		return error_set(e, EK_ARGUMENT,
		    "descriptor 3: %zu bytes after the frame, which ends at "
		    "byte %zu",
		    len - used, used);
	}
	return 0;
}

int
program_unpack(struct heap *h, const struct capability *c, const char *bytes,
    size_t len, val *out, struct error *e)
{
	static const struct unpack_options from_program = {
	    .max_names = NAMES_MAX,
	};
	struct unpack u;
	struct frame f = {0};
	size_t n = 0;

	if (find_frame(bytes, len, &f, e) == -1)
		return -1;
	unpack_init(&u, f.payload, f.len);
	if (unpack_array(&u, &n, e) == -1 ||
	    (n != 1 &&
	        error_set(e, EK_PROTO, "%zu values, expected one", n) == -1) ||
	    unpack_val(h, &u, &from_program, out, e) == -1) {
		if (e->kind == EK_LIMIT)
			return -1;
		e->kind = EK_ARGUMENT;
		return error_context(e, "the frame on descriptor 3");
	}
	if (u.at != u.end) {
		error_set(e, EK_ARGUMENT,
		    "the frame on descriptor 3: %zu bytes after its value",
		    (size_t)(u.end - u.at));
	} else if (marshal_check_result(c, *out, e) == 0) {
		return 0;
	}
	val_release(h, *out);
	return -1;
}
