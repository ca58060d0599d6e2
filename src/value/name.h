/*
 * Interned names: the texts of keywords and symbols, one table a process,
 * append only.  Two equal texts have one index, so comparing names is
 * comparing words.  Not on any heap; who interns names chosen by an outsider
 * bounds their number (heap_charge).
 */
#ifndef VALUE_NAME_H
#define VALUE_NAME_H

#include "value/value.h"

/* The index of a text (valid UTF-8, without colon). */
uint32_t name_intern(const char *text, size_t len);
/* NUL-terminated, valid as long as the process; *len may be NULL. */
const char *name_text(uint32_t name, size_t *len);
uint64_t name_hash(uint32_t name);
uint32_t name_count(void);

val keyword_from(const char *text); /* NUL-terminated, without colon */
val symbol_from(const char *text);
/* Text of a keyword or symbol value. */
const char *val_name_text(val, size_t *len);
/* Is v the keyword with this text? */
bool val_is_key(val v, const char *text);

#endif
