/* Interned names: an array of texts, and an open-addressing table of indices
 * into it.  Texts lie in blocks that never move. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "value/equal.h"
#include "value/name.h"

#define BLOCK (16U * 1024)

struct name {
	const char *text;
	uint32_t len;
	uint64_t hash;
};

static struct name *names;
static uint32_t nnames, names_cap;
static uint32_t *table; /* index + 1; 0: free */
static uint32_t table_mask;
static char *block;
static size_t block_left;

static const char *
keep_text(const char *text, size_t len)
{
	char *p;

	if (len + 1 > BLOCK / 4) {
		p = xmalloc(len + 1);
	} else {
		if (block_left < len + 1) {
			block = xmalloc(BLOCK);
			block_left = BLOCK;
		}
		p = block;
		block += len + 1;
		block_left -= len + 1;
	}
	memcpy(p, text, len);
	p[len] = '\0';
	return p;
}

static void
grow_table(void)
{
	uint32_t i, slot;

	table_mask = table_mask == 0 ? 1023 : table_mask * 2 + 1;
	free(table);
	table = xcalloc((size_t)table_mask + 1, sizeof(*table));
	for (i = 0; i < nnames; i++) {
		slot = (uint32_t)names[i].hash & table_mask;
		while (table[slot] != 0)
			slot = (slot + 1) & table_mask;
		table[slot] = i + 1;
	}
}

uint32_t
name_intern(const char *text, size_t len)
{
	uint64_t hash = hash_bytes(text, len);
	uint32_t slot;
	struct name *n;

	if (nnames >= table_mask - table_mask / 4)
		grow_table();
	slot = (uint32_t)hash & table_mask;
	for (; table[slot] != 0; slot = (slot + 1) & table_mask) {
		n = &names[table[slot] - 1];
		if (n->hash == hash && n->len == len &&
		    memcmp(n->text, text, len) == 0) {
			return table[slot] - 1;
		}
	}
	if (nnames == names_cap) {
		names_cap = names_cap == 0 ? 512 : names_cap * 2;
		names = xreallocarray(names, names_cap, sizeof(*names));
	}
	names[nnames] =
	    (struct name){keep_text(text, len), (uint32_t)len, hash};
	table[slot] = nnames + 1;
	return nnames++;
}

const char *
name_text(uint32_t name, size_t *len)
{
	if (len != NULL)
		*len = names[name].len;
	return names[name].text;
}

uint64_t
name_hash(uint32_t name)
{
	return names[name].hash;
}

uint32_t
name_count(void)
{
	return nnames;
}

val
keyword_from(const char *text)
{
	return val_keyword(name_intern(text, strlen(text)));
}

val
symbol_from(const char *text)
{
	return val_symbol(name_intern(text, strlen(text)));
}

const char *
val_name_text(val v, size_t *len)
{
	return name_text(val_name(v), len);
}

bool
val_is_key(val v, const char *text)
{
	return val_is_keyword(v) && strcmp(val_name_text(v, NULL), text) == 0;
}
