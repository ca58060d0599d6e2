/* Text of others in a line for people: it moves no cursor, begins no line, and
 * hides nothing. */
#ifndef BASE_VISIBLE_H
#define BASE_VISIBLE_H

#include <stdbool.h>

#include "base/buf.h"

/* Control characters but for tabs, marks that turn the direction of writing
 * and bytes that are no UTF-8 as "\n", "\r", "\u001B" or "\xFF". */
void visible_add(struct buf *, const char *, size_t len);
void visible_adds(struct buf *, const char *);
/* Would it stay as it is? */
bool visible_text(const char *, size_t len);

#endif
