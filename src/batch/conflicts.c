/*
 * Jobs come from values that fill a command (or a capability's arguments), in
 * blocks by --pipe, as JSON lines or from a program; an option that shapes
 * what there is none of would do nothing, and that is never what was meant.
 */
#include "batch/conflicts.h"
#include <string.h>

#include "base/macros.h"

/* Has it no meaning ... */
enum {
	OF_BLOCKS = 1,  /* with --pipe? */
	OF_MEMBERS = 2, /* with --jsonl, whose members are the columns? */
	OF_JOBS = 4     /* with --jsonl and --rtfs, which have whole jobs? */
};

struct said {
	const char *option;
	bool is;
	int not_of;
};

static int
not_with(
    const char *option, const char *other, const char *why, struct error *e)
{
	return error_set(
	    e, EK_ARGUMENT, "%s does not go with %s, %s", option, other, why);
}

/* The first of the options that were said which means nothing there. */
static const char *
meaningless(const struct batch_options *o, int there)
{
	const struct said rows[] = {
	    {"--pipe",      o->pipe,                       OF_MEMBERS | OF_JOBS            },
	    {"--csv",       o->csv,                        OF_BLOCKS | OF_MEMBERS | OF_JOBS},
	    {"--colsep",    o->colsep != NULL,             OF_BLOCKS | OF_MEMBERS | OF_JOBS},
	    {"--header",    o->header,                     OF_MEMBERS | OF_JOBS            },
	    {"--link",      o->link,                       OF_BLOCKS | OF_JOBS             },
	    {"--shuf",      o->shuf,                       OF_BLOCKS | OF_JOBS             },
	    {"-0 or -d",    o->delimiter != '\n',          OF_JOBS                         },
	    {"-n",          o->max_args > 0 || o->no_args, OF_JOBS                         },
	    {"-n 0",        o->no_args,                    OF_BLOCKS                       },
	    {"-N",          o->exact_args > 0,             OF_JOBS                         },
	    {"-L",          o->max_lines > 0,              OF_JOBS                         },
	    {"-s",          o->max_chars > 0,              OF_BLOCKS | OF_JOBS             },
	    {"-X",          o->replace_words,              OF_BLOCKS | OF_JOBS             },
	    {"-m",          o->replace_all,                OF_BLOCKS | OF_JOBS             },
	    {"--xargs",     o->no_spread,                  OF_BLOCKS | OF_JOBS             },
	    {"-I",          o->replace != NULL,            OF_JOBS                         },
	    {"--tag",       o->tag,                        OF_JOBS                         },
	    {"--tagstring", o->tagstring != NULL,          OF_JOBS                         },
	    {"--wd",        o->dir != NULL,                OF_JOBS                         },
	};
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		if (rows[i].is && (rows[i].not_of & there) != 0)
			return rows[i].option;
	}
	return NULL;
}

static int
check_source(const struct batch_options *o, struct error *e)
{
	bool commands = o->command.n > 0 || o->shell || o->capability != NULL;
	const char *option;

	if (o->rtfs != NULL || (o->jsonl != NULL && !commands)) {
		option = meaningless(o, OF_JOBS);
		if (option != NULL)
			return not_with(option,
			    o->rtfs != NULL ? "--rtfs" : "--jsonl alone",
			    "whose jobs are whole", e);
	} else if (o->jsonl != NULL) {
		option = meaningless(o, OF_MEMBERS);
		if (option != NULL)
			return not_with(
			    option, "--jsonl", "whose members are columns", e);
	} else if (o->pipe) {
		option = o->capability != NULL ? "--capability" :
		                                 meaningless(o, OF_BLOCKS);
		if (option != NULL)
			return not_with(option, "--pipe",
			    "which gives blocks to commands", e);
	}
	return 0;
}

static int
needs(const char *option, const char *other, struct error *e)
{
	return error_set(e, EK_ARGUMENT, "%s goes with %s", option, other);
}

int
conflicts_check(const struct batch_options *o, struct error *e)
{
	if (o->args_json && o->capability == NULL)
		return needs("--args", "--capability", e);
	if (o->block > 0 && !o->pipe)
		return needs("--block", "--pipe", e);
	if (o->results != NULL && strchr(o->results, '{') != NULL)
		return error_set(e, EK_ARGUMENT,
		    "--results has no places: values name what is in it");
	/* the jobs of the others may say how often themselves */
	if (o->retries == 0 && o->jsonl == NULL && o->rtfs == NULL &&
	    o->resume != RESUME_RETRY) {
		if (o->retry_delay > 0)
			return needs("--retry-delay", "--retries", e);
		if (o->nretry_on > 0)
			return needs("--retry-on", "--retries", e);
	}
	return check_source(o, e);
}
