/*
 * What the tests of the pool over the real rtfs-worker share: policies and
 * capabilities.  Include once; everything is static.
 */
#ifndef TESTS_POOL_RIG_H
#define TESTS_POOL_RIG_H

#include "task/command.h"
#include "tests/unit/rig.h"

static struct effective free_policy = {.timeout = INT64_MAX};
static struct effective quick = {.timeout = 400 * NS_PER_MS};

static struct capability sleeping = {.id = (char[]){"time.sleep"},
    .kind = CAP_BUILTIN,
    .trusted = true,
    .idempotent = true};

/* A shell script as a capability; words last as long as the test. */
struct script {
	struct capability cap;
	char *argv[4];
};

static struct capability *
script_new(struct script *s, enum cap_codec codec, const char *text)
{
	memset(s, 0, sizeof(*s));
	s->argv[0] = xstrdup("sh");
	s->argv[1] = xstrdup("-c");
	s->argv[2] = xstrdup(text);
	s->cap.id = xstrdup("test.script");
	s->cap.kind = CAP_EXEC;
	s->cap.codec = codec;
	s->cap.argv = s->argv;
	s->cap.program = xstrdup("/bin/sh");
	return &s->cap;
}

static void
script_free(struct script *s)
{
	free(s->argv[0]);
	free(s->argv[1]);
	free(s->argv[2]);
	free(s->cap.id);
	free(s->cap.program);
}

static ATTR_UNUSED struct capability command_cap = {
    .id = (char[]){"process.exec"}, .kind = CAP_COMMAND};

/* sh -c TEXT as a command; lives as long as the test. */
struct shell {
	struct command command;
	char *argv[4];
};

static ATTR_UNUSED struct command *
shell_new(struct shell *s, const char *text)
{
	memset(s, 0, sizeof(*s));
	s->argv[0] = (char *)(uintptr_t) "sh";
	s->argv[1] = (char *)(uintptr_t) "-c";
	s->argv[2] = (char *)(uintptr_t)text;
	s->command.argv = s->argv;
	s->command.program = "/bin/sh";
	return &s->command;
}

static val
one_int(struct heap *h, int64_t n)
{
	val v = val_fix(n);

	return vec_new(h, &v, 1);
}

static ATTR_UNUSED void
limit_set(struct effective *f, enum limit_id id, uint64_t soft, uint64_t hard)
{
	f->limit[id].set = true;
	f->limit[id].soft = soft;
	f->limit[id].hard = hard;
}

#endif
