/* rtfs eval EXPR: the same as run, for an expression on the command line. */
#include <string.h>

#include "cli/verbs.h"

int
eval_main(const struct verb *v, int argc, char **argv)
{
	struct options o;
	const char *text;
	int status;

	if ((status = options_parse(v, &o, argc, argv)) != 0) {
		status--;
	} else if (o.words.n == 0) {
		status = options_misuse(v, "which expression?");
	} else {
		text = o.words.item[0];
		status = run_program(&o, v, NULL, "<eval>", text, strlen(text));
	}
	options_free(&o);
	return status;
}
