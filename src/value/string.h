/* Immutable text: UTF-8, any code point including U+0000, counted in code
 * points.  Pure ASCII text is marked, so that indexing is O(1) there. */
#ifndef VALUE_STRING_H
#define VALUE_STRING_H

#include "value/heap.h"

/* text must be valid UTF-8 (base/utf8.h); it is copied. */
val str_new(struct heap *, const char *text, size_t len);
val str_from(struct heap *, const char *text); /* NUL-terminated */
/* Any bytes: each that is no UTF-8 becomes U+FFFD. */
val str_repaired(struct heap *, const char *bytes, size_t len);
/* A string of len bytes to be filled in before anyone else sees it; call
 * str_seal() when done. */
val str_blank(struct heap *, size_t len, char **bytes);
void str_seal(val);
/* The same when it is filled in bit by bit, or perhaps never: say before up to
 * which byte it will be. */
val str_blank_unready(struct heap *, size_t len, char **bytes);
void str_ready(val, size_t upto);
/* Text that another process may read where it lies: a descriptor, ours; -1: it
 * is none of those.  And the other end: UNBOUND and errno as memfile_map(); to
 * be checked as one that was filled in. */
int str_lend(struct heap *, val);
val str_borrow(struct heap *, int fd, size_t len);
/* The same when what was filled in may be no UTF-8: UTF8_VALID, or the offset
 * of the first byte that is not; it may only be released then. */
size_t str_check(val);
/* The same while it is filled in, zeroed at first: have bytes are there, and
 * when they are all, it is done.  What is wrong once stays so. */
struct str_progress {
	size_t at;
	size_t count;
	bool wrong; /* at at */
};
size_t str_check_more(val, struct str_progress *, size_t have);
/* Bytes, NUL-terminated as well; *len may be NULL. */
const char *str_bytes(val, size_t *len);
size_t str_count(val); /* code points, O(1) after the first time */
bool str_is_ascii(val);
/* Byte offset of code point n (n <= str_count). */
size_t str_offset(val, size_t n);
/* Code points from..to; the caller has checked the bounds.  Consumes v. */
val str_slice(struct heap *, val v, size_t from, size_t to);
bool str_equal_text(val, const char *text); /* NUL-terminated */

#endif
