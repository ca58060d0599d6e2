/* UTF-8 at the borders: validation, and code points inside valid text. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_VALID SIZE_MAX

/* Offset of the first byte that is not UTF-8 (overlong forms, surrogates and
 * anything above U+10FFFF are not), or UTF8_VALID. */
size_t utf8_invalid_at(const char *, size_t len);
/* The same, and of valid text the code points, in one pass. */
size_t utf8_check(const char *, size_t len, size_t *count);
/* Code points in valid text. */
size_t utf8_count(const char *, size_t len);
/* Byte offset of code point n of valid text; len when there are fewer. */
size_t utf8_offset(const char *, size_t len, size_t n);
/* Decode the code point at p (valid text, p < end); *size is its bytes. */
uint32_t utf8_decode(const char *p, const char *end, size_t *size);
/* Encode cp (a scalar value) into out; returns bytes, 1 to 4. */
size_t utf8_encode(uint32_t cp, char out[4]);
/* The largest n' <= n that does not cut a code point of text[0..len). */
size_t utf8_cut(const char *, size_t len, size_t n);

#endif
