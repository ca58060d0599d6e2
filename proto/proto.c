/* Names and directions of the messages, from the one list of them. */
#include <assert.h>
#include <stddef.h>

#include "base/macros.h"
#include "proto/proto.h"

static const struct {
	const char *name;
	enum proto_dir dir;
} messages[] = {
#define MSG(sym, num, direction, payload) [num] = {#sym, direction},
#include "proto/msg.def"
#undef MSG
};

enum {
#define MSG(sym, num, direction, payload) ROW_##sym,
#include "proto/msg.def"
#undef MSG
	MSG_ROWS
};
static_assert(NITEMS(messages) == MSG_ROWS, "message numbers are dense");

const char *
proto_msg_name(unsigned int number)
{
	return number < NITEMS(messages) ? messages[number].name : NULL;
}

int
proto_msg_dir(unsigned int number)
{
	return number < NITEMS(messages) ? (int)messages[number].dir : -1;
}
