/* rtfs doctor: what this machine offers, what this version uses of it, and
 * what therefore is not enforced. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/paths.h"
#include "cli/verbs.h"
#include "sandbox/probe.h"
#include "value/json.h"

static const char *const not_enforced[] = {
    "files: a task sees and may write what its user may",
    "network: a task may open any connection its user may",
    "kernel surface: no system call is filtered",
    "memory of a whole process tree: only RLIMIT_DATA of each process",
};

static void
print_row(const char *mark, const char *name, const char *purpose,
    const struct probe *p)
{
	printf("%-4s %-18s %s", mark, name, purpose);
	if (p->detail[0] != '\0')
		printf(" (%s)", p->detail);
	if (!p->works && p->os_errno != 0)
		printf(": %s", strerror(p->os_errno));
	putchar('\n');
}

static void
print_json(const struct probe *p)
{
	struct buf b = BUF_INIT;
	const char *name;
	int i;

	buf_adds(&b, "{\"sandboxed\":false,\"facilities\":[");
	for (i = 0; i < FACILITY_COUNT; i++) {
		name = facility_name((enum facility)i);
		buf_adds(&b, i > 0 ? ",{\"name\":" : "{\"name\":");
		json_write_string(&b, name, strlen(name));
		buf_addf(&b,
		    ",\"works\":%s,\"used\":%s,\"errno\":%d,\"detail\":",
		    p[i].works ? "true" : "false",
		    facility_used((enum facility)i) ? "true" : "false",
		    p[i].os_errno);
		json_write_string(&b, p[i].detail, strlen(p[i].detail));
		buf_addc(&b, '}');
	}
	buf_adds(&b, "]}");
	puts(buf_str(&b));
	buf_free(&b);
}

static void
print_table(const struct probe *p)
{
	enum facility f;
	size_t i;
	char *path;
	int image;

	puts("Facilities of this machine (+ works, - does not; * used by this "
	     "version):");
	for (i = 0; i < FACILITY_COUNT; i++) {
		f = (enum facility)i;
		print_row(p[i].works ? (facility_used(f) ? " + *" : " +") :
		                       (facility_used(f) ? " - *" : " -"),
		    facility_name(f), facility_purpose(f), &p[i]);
	}
	puts("\nWorker images:");
	for (image = 0; image < IMAGE_COUNT; image++) {
		path = path_worker((enum cap_image)image);
		printf(" %s   %-18s %s\n", path != NULL ? "+" : "-",
		    path_worker_name((enum cap_image)image),
		    path != NULL ? path : "not found");
		free(path);
	}
	puts("\nEvery task: a fresh process, clean descriptors and "
	     "environment, no_new_privs, its rlimits,\na deadline, and nothing "
	     "of it outlives it.  Isolation levels: :inherit only.\n\nNot "
	     "enforced by this version:");
	for (i = 0; i < NITEMS(not_enforced); i++)
		printf(" - %s\n", not_enforced[i]);
	puts("\n:sandboxed cannot be reached: not supported yet.");
}

int
doctor_main(const struct verb *v, int argc, char **argv)
{
	struct probe probes[FACILITY_COUNT];
	struct options o;
	int status;

	if ((status = options_parse(v, &o, argc, argv)) != 0) {
		status--;
	} else if (o.words.n > 0) {
		status =
		    options_misuse(v, "unexpected \"%s\"", o.words.item[0]);
	} else {
		memset(probes, 0, sizeof(probes));
		probe_all(probes);
		if (o.json)
			print_json(probes);
		else
			print_table(probes);
		status = 1;
	}
	options_free(&o);
	return status;
}
