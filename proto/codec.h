/*
 * msgpack: plain fields of messages, and values.  The only room corner that
 * knows the msgpack library.  Decoding is for hostile input: depth, counts and
 * sizes are checked before anything is allocated, nothing recurses in C.
 */
#ifndef PROTO_CODEC_H
#define PROTO_CODEC_H

#include <sys/uio.h>

#include "base/buf.h"
#include "base/error.h"
#include "value/heap.h"

/* Writing: append to a buffer; cannot fail. */
void pack_array(struct buf *, size_t n);
void pack_map(struct buf *, size_t n);
void pack_nil(struct buf *);
void pack_bool(struct buf *, bool);
void pack_int(struct buf *, int64_t);
void pack_uint(struct buf *, uint64_t);
void pack_float(struct buf *, double);
void pack_str(struct buf *, const char *, size_t len);
void pack_strz(struct buf *, const char *); /* NULL: nil */
void pack_bin(struct buf *, const void *, size_t len);
void pack_ext(struct buf *, int type, const void *, size_t len);

/* How a function inside a value becomes bytes (src/host knows; proto does
 * not know lang).  NULL: functions cannot travel. */
typedef int (*pack_function_cb)(
    void *arg, val function, struct buf *out, struct error *);
/* Long text that is referred to instead of copied: bytes of the value, which
 * must last as long, that belong at these places of the buffer. */
#define PACK_REFS    8
#define PACK_REF_MIN ((size_t)64 * 1024)
struct pack_refs {
	struct {
		size_t at;
		const char *bytes;
		size_t len;
		val text; /* borrowed */
	} ref[PACK_REFS];
	size_t n;
	size_t total; /* bytes of all */
};
/* Buffer and references in order; returns how many pieces. */
#define PACK_PIECES (2 * PACK_REFS + 1)
size_t pack_pieces(const struct buf *, const struct pack_refs *,
    struct iovec out[PACK_PIECES]);

struct pack_options {
	pack_function_cb function;
	void *arg;
	bool tasks;         /* tasks may travel (as data of a function task) */
	bool arguments;     /* the value is the vector of a task's arguments:
			 * messages say "argument 2, [:x 3]: ..." */
	const char *no_way; /* "leave a worker": what a function or task cannot
			     * do; NULL: "travel to a worker" */
	struct pack_refs *refs; /* added to; NULL: everything is copied */
};
/*
 * Append a value.  max bounds the bytes added (EK_LIMIT naming it).
 * EK_ARGUMENT with the path ("[2 :name]: a function cannot travel to a
 * worker") for what has no encoding or has more than MAX_DEPTH levels below a
 * vector of arguments; the buffer is as before then.  options may be NULL.
 */
int pack_val(struct buf *, val, const struct pack_options *, size_t max,
    struct error *) ATTR_CHECK;

/* Long texts that are not among the bytes: what follows their headers comes
 * from elsewhere. */
struct unpack_texts {
	struct {
		size_t at; /* from the start of the bytes */
		size_t len;
	} text[PACK_REFS];
	size_t n;
	size_t next;
	/* A string of that many bytes, checked, owned; called in order. */
	int (*take)(
	    void *arg, struct heap *, size_t len, val *out, struct error *);
	void *arg;
};
/* Reading: a cursor over bytes that stay where they are. */
struct unpack {
	const unsigned char *at;
	const unsigned char *end;
	const unsigned char *start; /* offsets in messages count from here */
	struct unpack_texts *texts; /* NULL: none is missing */
};
void unpack_init(struct unpack *, const void *, size_t len);
/* EK_PROTO with offset, expected and found. */
int unpack_array(struct unpack *, size_t *n, struct error *) ATTR_CHECK;
int unpack_map(struct unpack *, size_t *n, struct error *) ATTR_CHECK;
int unpack_int(struct unpack *, int64_t *, struct error *) ATTR_CHECK;
int unpack_uint(struct unpack *, uint64_t *, struct error *) ATTR_CHECK;
int unpack_bool(struct unpack *, bool *, struct error *) ATTR_CHECK;
/* Borrowed bytes, not NUL-terminated; nil gives NULL and 0.  Not checked to be
 * UTF-8: paths and environments need not be. */
int unpack_str(
    struct unpack *, const char **, size_t *, struct error *) ATTR_CHECK;
int unpack_bin(
    struct unpack *, const void **, size_t *, struct error *) ATTR_CHECK;
/* Is a text longer than 64 KiB next?  Its length; the cursor is at its first
 * byte then, which need not be there. */
bool unpack_long_text(struct unpack *, size_t *len);
/* Past one whole value of any depth, unlooked at. */
int unpack_skip(struct unpack *, struct error *) ATTR_CHECK;
/* As array headers of messages: at least n members. */
int unpack_fields(struct unpack *, size_t n, struct error *) ATTR_CHECK;

/* How an EXT_FUNCTION becomes a function (inside a worker).  NULL: refused. */
typedef int (*unpack_function_cb)(
    void *arg, const void *bytes, size_t len, val *out, struct error *);
struct unpack_options {
	unpack_function_cb function;
	void *arg;
	bool tasks;         /* EXT_TASK is legal (towards workers) */
	uint32_t max_names; /* new names it may intern; 0: no bound */
};
/* One value, built on h; owned.  EK_PROTO with the offset; EK_LIMIT when h is
 * full.  options may be NULL: neither functions nor tasks. */
int unpack_val(struct heap *, struct unpack *, const struct unpack_options *,
    val *out, struct error *) ATTR_CHECK;

#endif
