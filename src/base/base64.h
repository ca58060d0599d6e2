/* Base64 as RFC 4648 has it: the standard alphabet, always padded. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Both add to the buffer. */
void base64_encode(struct buf *, const void *, size_t);
/* Strict: whole groups, padding at the end only, unused bits 0; false: the text
 * is not that, and the buffer may hold a beginning. */
bool base64_decode(struct buf *, const char *, size_t);

#endif
