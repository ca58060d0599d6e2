/* Names of what a capability row holds, and freeing one. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "task/capability.h"
#include "value/type.h"

static const char *const kind_names[] = {
    [CAP_BUILTIN] = "builtin",
    [CAP_EXEC] = "exec",
    [CAP_COMMAND] = "command",
    [CAP_RTFS] = "rtfs",
    [CAP_CLOSURE] = "closure",
    [CAP_PLUGIN] = "plugin",
    [CAP_HOST] = "host",
};
static_assert(NITEMS(kind_names) == CAP_NKINDS, "name every enum cap_kind");

static const char *const codec_names[] = {
    [CODEC_JSON] = "json",
    [CODEC_ARGV] = "argv",
    [CODEC_RAW] = "raw",
    [CODEC_LINES] = "lines",
    [CODEC_MSGPACK] = "msgpack",
};
static_assert(
    NITEMS(codec_names) == CODEC_NCODECS, "name every enum cap_codec");

static const char *const layer_names[] = {
    [LAYER_BUILTIN] = "built in",
    [LAYER_SYSTEM] = "system",
    [LAYER_USER] = "user",
    [LAYER_COMMAND] = "command line",
    [LAYER_OPTIONS] = "options",
    [LAYER_TASK] = "task",
};
static_assert(NITEMS(layer_names) == LAYER_COUNT, "name every enum layer");

const char *
cap_kind_name(enum cap_kind kind)
{
	return (unsigned int)kind < CAP_NKINDS ? kind_names[kind] : "unknown";
}

const char *
cap_codec_name(enum cap_codec codec)
{
	return (unsigned int)codec < CODEC_NCODECS ? codec_names[codec] :
	                                             "unknown";
}

int
cap_codec_from(const char *name)
{
	size_t i;

	for (i = 0; i < NITEMS(codec_names); i++) {
		if (strcmp(codec_names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

const char *
layer_name(enum layer layer)
{
	return (unsigned int)layer < LAYER_COUNT ? layer_names[layer] :
	                                           "unknown";
}

void
capability_clear(struct capability *c)
{
	char **word;

	if (c->argv != NULL) {
		for (word = c->argv; *word != NULL; word++)
			free(*word);
	}
	free(c->argv);
	for (word = c->files; word != NULL && *word != NULL; word++)
		free(*word);
	free(c->files);
	free(c->id);
	free(c->doc);
	free(c->program);
	free(c->broken);
	free(c->file);
	free(c->dir);
	type_free(c->params);
	type_free(c->result);
	memset(c, 0, sizeof(*c));
}
