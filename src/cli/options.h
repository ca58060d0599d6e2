/*
 * One table of options for every verb: it drives the parser, --help and the
 * check that the manual page names each of them.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "batch/options.h"
#include "host/host.h"

enum output_format {
	FORMAT_RTFS,
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_MSGPACK,
	FORMAT_NONE,
};

/* Bits that say which verbs take an option. */
enum verb_bit {
	VERB_RUN = 1,
	VERB_EVAL = 2,
	VERB_CHECK = 4,
	VERB_CAPABILITIES = 8,
	VERB_DOCTOR = 16,
	VERB_VERSION = 32,
	VERB_REPL = 64,
	VERB_BATCH = 128,
	VERB_POLICY = 256,
};

struct verb {
	const char *name;
	enum verb_bit bit;
	const char *synopsis; /* after "rtfs " */
	const char *summary;
	/* argv[0] is the verb's name; returns the exit status. */
	int (*run)(const struct verb *, int argc, char **argv);
};

struct text_list {
	char **item; /* NULL at the end; borrowed texts */
	size_t n;
};
void text_list_add(struct text_list *, char *);

struct policy_text {        /* one option of policy's command line layer */
	const char *option; /* as typed: "timeout" */
	const char *key;
	const char *text;
};

struct options {
	enum output_format format;
	bool errors_fail; /* -e */
	bool json;
	bool trace_denied; /* policy test */
	bool strict;       /* policy check */
	bool elsewhere;    /* policy check */
	bool all;          /* policy explain */
	bool defaults;     /* policy explain */
	const char *task;  /* policy explain; NULL: none */
	bool help;
	unsigned int jobs; /* 0: as many as CPUs */
	int64_t spin;      /* ns; -1: not said */
	const char *report;
	struct watch_config watch; /* --trace and --metrics */
	enum stray_mode stray;
	const char *stray_dir;
	struct vm_config vm; /* the three budgets */
	struct text_list policies;
	struct text_list manifests;
	struct policy_text *policy;
	size_t npolicy;
	char **made; /* texts that were put together */
	size_t nmade;
	int verbosity; /* -1: -q */
	struct batch_options batch;
	struct text_list words; /* FILE, EXPR and the like */
	struct text_list args;  /* of the program */
	char **argv;            /* all, from the verb on */
};

/* Parse all of a verb's arguments; for run and eval all words after the first
 * are the program's, for batch the first word ends the options.  0: go on.  Else the exit status plus one
 * (help shown: 1, misuse: 3); what was wrong is said. */
int options_parse(const struct verb *, struct options *, int argc, char **argv);
void options_free(struct options *);
void options_help(const struct verb *);
/* "rtfs run: ..." and the synopsis to stderr; returns 2. */
int options_misuse(const struct verb *, const char *, ...) ATTR_PRINTF(2, 3);

#endif
