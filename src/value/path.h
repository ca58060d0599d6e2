/* Where in a value something is, for messages: "[2].name", "users[0]",
 * "[\"two words\"]". */
#ifndef VALUE_PATH_H
#define VALUE_PATH_H

#include "base/buf.h"
#include "value/value.h"

void path_add_index(struct buf *, size_t);
void path_add_key(struct buf *, val key);

#endif
