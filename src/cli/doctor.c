/* rtfs doctor: what this machine offers, which isolation levels that adds up
 * to, and what to do where it does not reach. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/paths.h"
#include "cli/reach.h"
#include "cli/verbs.h"
#include "sandbox/probe.h"
#include "sandbox/uids.h"
#include "value/json.h"

struct level {
	enum isolation isolation;
	bool reached;
	struct buf why;
};
#define LEVELS 3

struct binary {
	const char *name;
	char *path;      /* NULL: not there */
	const char *why; /* it cannot be executed; NULL: it can */
};
#define BINARIES (IMAGE_COUNT + 1)

static void
find_binaries(struct binary *p)
{
	int i;

	for (i = 0; i < IMAGE_COUNT; i++) {
		p[i].name = path_worker_name((enum cap_image)i);
		p[i].path = path_worker((enum cap_image)i);
	}
	p[i].name = "rtfs-state";
	p[i].path = path_recorder();
	for (i = 0; i < BINARIES; i++)
		p[i].why = path_why_not(p[i].path);
}

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
add_text(struct buf *b, const char *key, const char *text)
{
	buf_addf(b, ",\"%s\":", key);
	json_write_bytes(b, text, strlen(text));
}

static void
add_binaries(struct buf *b, const struct binary *p)
{
	int i;

	buf_adds(b, "],\"programs\":[");
	for (i = 0; i < BINARIES; i++) {
		buf_addf(b, "%s{\"works\":%s", i > 0 ? "," : "",
		    p[i].why == NULL ? "true" : "false");
		add_text(b, "name", p[i].name);
		add_text(b, "path", p[i].path != NULL ? p[i].path : "");
		add_text(b, "why", p[i].why != NULL ? p[i].why : "");
		buf_addc(b, '}');
	}
}

static void
print_json(const struct probe *p, const struct binary *binaries,
    struct level *level, bool own_uids)
{
	struct buf b = BUF_INIT;
	size_t i;

	buf_addf(&b, "{\"sandboxed\":%s,\"levels\":[",
	    level[LEVELS - 1].reached ? "true" : "false");
	for (i = 0; i < LEVELS; i++) {
		buf_addf(&b, "%s{\"reached\":%s", i > 0 ? "," : "",
		    level[i].reached ? "true" : "false");
		add_text(&b, "name", isolation_name(level[i].isolation));
		if (!level[i].reached)
			add_text(&b, "why", buf_str(&level[i].why));
		buf_addc(&b, '}');
	}
	buf_addf(&b, "],\"own_uids\":%s", own_uids ? "true" : "false");
	add_text(&b, "uids", uid_range());
	buf_adds(&b, ",\"facilities\":[");
	for (i = 0; i < FACILITY_COUNT; i++) {
		buf_addf(&b, "%s{\"works\":%s,\"errno\":%d", i > 0 ? "," : "",
		    p[i].works ? "true" : "false", p[i].os_errno);
		add_text(&b, "name", facility_name((enum facility)i));
		add_text(&b, "detail", p[i].detail);
		add_text(&b, "remedy",
		    p[i].works ? "" : facility_remedy((enum facility)i));
		buf_addc(&b, '}');
	}
	add_binaries(&b, binaries);
	buf_adds(&b, "]}");
	puts(buf_str(&b));
	buf_free(&b);
}

static void
print_facilities(const struct probe *p, bool own_uids)
{
	enum facility f;
	int i;

	puts("Facilities of this machine (+ works, - does not):");
	for (i = 0; i < FACILITY_COUNT; i++) {
		f = (enum facility)i;
		print_row(p[i].works ? " +" : " -", facility_name(f),
		    facility_purpose(f), &p[i]);
		if (!p[i].works)
			printf("%23s %s\n", "", facility_remedy(f));
	}
	printf(" %s   %-18s each slot has a user that nobody else is (%s)\n",
	    own_uids ? "+" : "-", "uids of slots",
	    own_uids ? uid_range() : "as root only");
}

static void
print_binaries(const struct binary *p)
{
	const struct binary *end = p + BINARIES;

	puts("\nPrograms beside rtfs:");
	for (; p < end; p++)
		printf(" %s   %-18s %s%s%s\n", p->why == NULL ? "+" : "-",
		    p->name, p->path != NULL ? p->path : "",
		    p->path != NULL && p->why != NULL ? ": " : "",
		    p->why != NULL ? p->why : "");
}

static void
print_levels(struct level *level)
{
	size_t i;

	puts("\nIsolation levels, by a task at each:");
	for (i = 0; i < LEVELS; i++) {
		printf(" %s   :%s\n", level[i].reached ? "+" : "-",
		    isolation_name(level[i].isolation));
		if (!level[i].reached)
			printf("     %s\n", buf_str(&level[i].why));
	}
}

/* 1 when the default cannot be had. */
static int
examine(bool json)
{
	struct level level[LEVELS] = {{.isolation = ISOLATION_INHERIT},
	    {.isolation = ISOLATION_ISOLATED},
	    {.isolation = ISOLATION_SANDBOXED}};
	struct probe probes[FACILITY_COUNT];
	struct binary binaries[BINARIES];
	struct facts facts;
	size_t i;
	int status;

	memset(probes, 0, sizeof(probes));
	probe_all(probes);
	facts_now(&facts);
	find_binaries(binaries);
	for (i = 0; i < LEVELS; i++)
		level[i].reached =
		    level_reached(level[i].isolation, &level[i].why);
	if (json) {
		print_json(probes, binaries, level, facts.own_uids);
	} else {
		print_facilities(probes, facts.own_uids);
		print_binaries(binaries);
		print_levels(level);
	}
	status = level[LEVELS - 1].reached ? 0 : 1;
	for (i = 0; i < LEVELS; i++)
		buf_free(&level[i].why);
	for (i = 0; i < BINARIES; i++)
		free(binaries[i].path);
	return status;
}

int
doctor_main(const struct verb *v, int argc, char **argv)
{
	struct options o;
	int status;

	if ((status = options_parse(v, &o, argc, argv)) != 0)
		status--;
	else if (o.words.n > 0)
		status =
		    options_misuse(v, "unexpected \"%s\"", o.words.item[0]);
	else
		status = examine(o.json);
	options_free(&o);
	return status;
}
