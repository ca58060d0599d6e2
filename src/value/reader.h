/*
 * Text to values.  Linear time, no C recursion, nesting bounded.  Text is
 * read as data: nothing is evaluated.  What the reader cannot express as data
 * it writes as ordinary forms:
 *   'x -> (quote x)   `x -> (quasiquote x)   ~x -> (unquote x)
 *   ~@x -> (unquote-splicing x)
 *   #(...) -> (fn [%1 ...] (...))
 *   ^{m} x -> (with-meta* {m} x), ^:flag x -> (with-meta* {:flag true} x):
 *     the compiler gives it meaning or drops it; without a srcmap (data) and
 *     below a quote it is checked and dropped here
 *   {k 1 k 2} -> (hash-map* k 1 k 2), in code only: equal keys that are no
 *     constants; equal constants are an error
 *   a lone ":" (annotation mark) -> the symbol ":"
 */
#ifndef VALUE_READER_H
#define VALUE_READER_H

#include "base/buf.h"
#include "base/error.h"
#include "value/heap.h"

/* Where forms stood, by (container object, index); offsets are bytes into the
 * text.  Index SRCMAP_SELF is the container itself.  For a list, every cell
 * is a container of index 0 (its first element). A map's key i is 2*i, its
 * value 2*i+1.  Valid while the forms live. */
struct srcmap;
#define SRCMAP_SELF UINT32_MAX
#define SRCMAP_NONE SIZE_MAX

struct srcmap *srcmap_new(void);
void srcmap_free(struct srcmap *);
void srcmap_add(
    struct srcmap *, const void *obj, uint32_t index, size_t offset);
/* SRCMAP_NONE: unknown. */
size_t srcmap_find(const struct srcmap *, const void *obj, uint32_t index);

struct reader_options {
	unsigned int max_depth; /* 0: MAX_DEPTH */
	struct srcmap *map;     /* NULL: no positions wanted (data) */
};

/* All forms of a text, as a vector.  -1: *e has line, column and message (see
 * text_excerpt for the picture); EK_LIMIT when the heap's limit is passed. */
int read_all(struct heap *, const char *text, size_t len,
    const struct reader_options *, val *forms, struct error *) ATTR_CHECK;
/* Exactly one form, with nothing but white space and comments around it. */
int read_one(struct heap *, const char *text, size_t len,
    const struct reader_options *, val *form, struct error *) ATTR_CHECK;

/* Does a program's text only end too early, inside brackets, a string, a comment or
 * after a prefix?  Then more lines may follow. */
bool text_unfinished(const char *, size_t);
/* Would the reader take the whole text as one symbol (no colon), or, after a
 * colon, as one keyword? */
bool text_is_symbol(const char *, size_t);
bool text_is_keyword(const char *, size_t);
/* The forms that the reader turns into strings. */
bool text_is_timestamp(const char *, size_t);
bool text_is_uuid(const char *, size_t);

/* 1-based line and column (code points) of a byte offset. */
void text_place(const char *text, size_t len, size_t offset, unsigned int *line,
    unsigned int *column);
/* "   12 | (foo bar\n      |      ^\n" for a diagnostic: the line (shortened
 * when long, tabs as blanks) and a caret below. */
void text_excerpt(const char *text, size_t len, unsigned int line,
    unsigned int column, struct buf *out);
/* The same for many places of one text: in order of place they cost one walk
 * through it.  Zero-initialised, the cursor knows nothing yet. */
struct text_cursor {
	size_t offset;
	unsigned int line, column; /* that begin there; 0: see above */
};
void text_excerpt_on(const char *text, size_t len, unsigned int line,
    unsigned int column, struct text_cursor *, struct buf *out);

#endif
