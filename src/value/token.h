/* What characters and tokens are, shared by the parts of the reader. */
#ifndef VALUE_TOKEN_H
#define VALUE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_BLANK 1  /* white space and comma */
#define TOKEN_END   2  /* ends every token (blanks included) */
#define TOKEN_FIRST 4  /* may begin a symbol */
#define TOKEN_REST  8  /* may follow in a symbol */
#define TOKEN_DIGIT 16 /* 0 to 9 */
extern const uint8_t token_class[256];

#define TOKEN_IS(c, what) ((token_class[(unsigned char)(c)] & (what)) != 0)

/* Does text that begins like this have to be a number? */
bool token_begins_number(const char *, size_t);
/* Why the text is no symbol (or keyword, without its colon), for a message
 * after the text itself; NULL: it is one. */
const char *token_name_problem(const char *, size_t, bool keyword);

#define TOKEN_SHOWN 64
/* A token for a message: shortened, control characters as "?". */
const char *token_show(char out[TOKEN_SHOWN], const char *, size_t);

#endif
