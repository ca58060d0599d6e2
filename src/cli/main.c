/* rtfs: which verb, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/verbs.h"
#include "value/nearest.h"

static const struct verb verbs[] = {
    {"run",          VERB_RUN,          "run [OPTION...] FILE [-- ARG...]",
     "Run a program and print its value; - is standard input.",                                                                           run_main         },
    {"eval",         VERB_EVAL,         "eval [OPTION...] EXPR [-- ARG...]",
     "Evaluate an expression and print its value.",                                                                                       eval_main        },
    {"repl",         VERB_REPL,         "repl [OPTION...]",
     "Read, evaluate and print, one entry after the other.",                                                                              repl_main        },
    {"batch",        VERB_BATCH,        "batch [OPTION...] CMD [ARG...] [::: VALUE...]",
     "Run many jobs: commands, capabilities, JSON lines, a program's tasks.",                                                             batch_main       },
    {"check",        VERB_CHECK,        "check [OPTION...] FILE...",
     "Report everything wrong with programs, without running them.",                                                                      check_main       },
    {"capabilities", VERB_CAPABILITIES,
     "capabilities [OPTION...] list | show ID",                                          "What tasks can name, and where it is defined.", capabilities_main},
    {"policy",       VERB_POLICY,
     "policy [OPTION...] check FILE... | explain CAPABILITY | diff A B | "
        "test CAPABILITY [-- COMMAND [ARG...]]",                                         "Check, explain, compare and try policies.",     policy_main      },
    {"doctor",       VERB_DOCTOR,       "doctor [OPTION...]",
     "What this machine can keep of what isolation promises.",                                                                            doctor_main      },
    {"version",      VERB_VERSION,      "version [OPTION...]",
     "Version; with -v the paths in use.",                                                                                                version_main     },
};

static void
usage(FILE *f)
{
	size_t i;

	fputs("Usage: rtfs COMMAND [OPTION...] [ARG...]\n\n", f);
	for (i = 0; i < NITEMS(verbs); i++)
		fprintf(f, "  %-13s %s\n", verbs[i].name, verbs[i].summary);
	fputs("\n\"rtfs COMMAND --help\" lists the options of a command; the "
	      "manual is rtfs(1).\n",
	    f);
}

static int
unknown(const char *word)
{
	struct nearest near;
	size_t i;

	nearest_init(&near, word);
	for (i = 0; i < NITEMS(verbs); i++)
		nearest_offer(&near, verbs[i].name);
	fprintf(stderr, "rtfs: unknown command \"%s\"", word);
	if (near.best != NULL)
		fprintf(stderr, "; did you mean \"%s\"?", near.best);
	fputs("\n", stderr);
	usage(stderr);
	return 2;
}

/* Descriptors 0 to 2 are open, so that no file of ours becomes one of them.  A
 * standard output that was closed still refuses text: what is lost is told. */
static void
open_standard(void)
{
	int fd = 0;

	while (fd <= STDERR_FILENO) {
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null",
		        fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) != fd)
			return;
		fd++;
	}
}

/* Whatever became of the text: does anybody read it? */
static bool
output_is_read(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO};

	return poll(&p, 1, 0) != 1 || (p.revents & POLLERR) == 0;
}

/* What a verb has printed must have arrived; lost is what the status says of
 * it.  Values and results, which are not stdio's, are seen to by their verbs. */
static int
end(int status, int lost)
{
	bool failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) == 0 && !failed)
		return status;
	if (output_is_read())
		log_error("standard output: %s",
		    errno != 0 ? strerror(errno) : "not all was written");
	else
		lost = 1;
	return status < lost ? lost : status;
}

int
main(int argc, char **argv)
{
	static char version[] = "version";
	const struct verb *v;
	size_t i;

	open_standard();
	signal(SIGXFSZ, SIG_IGN); /* a file that grows no more is an error */
	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return end(0, 1);
	}
	if (strcmp(argv[1], "--version") == 0)
		argv[1] = version;
	for (i = 0; i < NITEMS(verbs); i++) {
		v = &verbs[i];
		if (strcmp(argv[1], v->name) == 0)
			return end(v->run(v, argc - 1, argv + 1),
			    v->bit == VERB_BATCH ? 255 : 1);
	}
	return unknown(argv[1]);
}
