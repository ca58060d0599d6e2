/* rtfs policy check|explain|diff|test: which of them. */
#include <stdio.h>
#include <string.h>

#include "cli/policy_verbs.h"
#include "cli/verbs.h"

static const struct {
	const char *name;
	int (*run)(const struct verb *, const struct options *,
	    const struct policy_words *);
} verbs[] = {
    {"check",   policy_check  },
    {"explain", policy_explain},
    {"diff",    policy_diff   },
    {"test",    policy_test   },
};

const char *
policy_origin(const struct origin *o)
{
	static char text[4][512];
	static unsigned int turn;
	char *out = text[turn++ % NITEMS(text)];

	if (o->file == NULL)
		return "-";
	if (o->layer == LAYER_BUILTIN || o->line == 0)
		return o->file;
	snprintf(out, sizeof(text[0]), "%s:%u", o->file, o->line);
	return out;
}

static int
dispatch(const struct verb *v, const struct options *o)
{
	struct policy_words words;
	size_t i;

	if (o->words.n == 0)
		return options_misuse(v, "check, explain, diff or test?");
	words.item = o->words.item + 1;
	words.n = o->words.n - 1;
	for (i = 0; i < NITEMS(verbs); i++) {
		if (strcmp(o->words.item[0], verbs[i].name) == 0)
			return verbs[i].run(v, o, &words);
	}
	return options_misuse(v,
	    "\"%s\" is not one of check, explain, diff, test",
	    o->words.item[0]);
}

int
policy_main(const struct verb *v, int argc, char **argv)
{
	struct options o;
	int status;

	if ((status = options_parse(v, &o, argc, argv)) != 0)
		status--;
	else
		status = dispatch(v, &o);
	options_free(&o);
	return status;
}
