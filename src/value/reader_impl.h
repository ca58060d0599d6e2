/* The reader's state, shared by its two halves: reader.c (structure) and
 * reader_atom.c (tokens).  Nobody else includes this. */
#ifndef VALUE_READER_IMPL_H
#define VALUE_READER_IMPL_H

#include "value/reader.h"

enum frame_kind {
	FRAME_LIST,
	FRAME_VECTOR,
	FRAME_MAP,
	FRAME_FN, /* #( */
	FRAME_QUOTE,
	FRAME_QUASI,
	FRAME_UNQUOTE,
	FRAME_SPLICE,
	FRAME_META,
	FRAME_DISCARD,
};

struct frame {
	size_t base;     /* its first item */
	uint32_t offset; /* where it was opened */
	uint32_t depth;  /* levels that its content is below the top */
	int32_t quasi;   /* quasiquotes less unquotes around its content */
	uint8_t kind;    /* enum frame_kind */
	bool data;       /* its content is not evaluated */
};

#define NAME_CACHE 256 /* a power of two */

struct reader {
	struct heap *heap;
	const char *text;
	const char *p; /* next byte */
	const char *end;
	struct srcmap *map;
	struct error *e;
	struct frame *frames;
	size_t nframes;
	size_t frames_cap;
	/* Finished forms that wait for their container, owned, and where each
	 * began. */
	val *items;
	uint32_t *offsets;
	size_t nitems;
	size_t items_cap;
	size_t charged; /* bytes of the above, counted against the heap */
	unsigned int max_depth;
	bool single;          /* exactly one form is wanted */
	bool unfinished;      /* the text ended inside a form */
	bool in_fn;           /* inside #( */
	bool fn_rest;         /* %& was used in it */
	unsigned int fn_high; /* highest %N used in it */
	val quote;            /* the symbol */
	struct buf scratch;
	struct {
		const char *text; /* inside the text that is read */
		uint32_t len;
		uint32_t name;
	} names[NAME_CACHE]; /* texts known to be good */
};

/* Sets *r->e with the place of an offset; returns -1. */
int reader_fail(struct reader *, size_t offset, const char *, ...)
    ATTR_PRINTF(3, 4);
int reader_over(struct reader *, size_t offset); /* the heap's limit */
/* Places of a container's n parts at once; self may be SRCMAP_NONE. */
void srcmap_add_parts(struct srcmap *, const void *obj, const uint32_t *offsets,
    size_t n, size_t self);
/* A form is complete: consumes v. */
int reader_form(struct reader *, val v, size_t offset);

/* Each reads one token at r->p and hands over its value. */
int reader_string(struct reader *);
int reader_keyword(struct reader *); /* at the colon */
int reader_token(struct reader *);   /* number, symbol, ... */
int reader_special(struct reader *); /* ##Inf ##-Inf ##NaN */

#endif
