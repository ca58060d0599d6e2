/* Words for a shell: what is printed can be pasted and runs. */
#ifndef BATCH_QUOTE_H
#define BATCH_QUOTE_H

#include "base/buf.h"

/* One word as sh reads it back; plain letters, digits and "-_.+/" stay as they
 * are, an empty one is ''. */
void quote_word(struct buf *, const char *);
/* A piece of one; what no shell minds within a word stays as it is, too. */
void quote_literal(struct buf *, const char *, size_t len);
/* One word as bash reads it back, without control characters: $'a\nb'. */
void quote_visible(struct buf *, const char *);
/* Several words, with blanks between them. */
void quote_words(struct buf *, char *const *);

#endif
