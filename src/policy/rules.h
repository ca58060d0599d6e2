/* Inner side of the policy room: what a policy text says, before it is
 * resolved for one capability. */
#ifndef POLICY_RULES_H
#define POLICY_RULES_H

#include "policy/policy.h"
#include "value/reader.h"

/* Values of one :default, :rules entry, :max, the options, or one task.
 * Absent: set is false, list is NULL, origin.file NULL. */
struct settings {
	bool has_timeout;
	int64_t timeout;
	struct origin timeout_origin;
	struct limit_value limit[LIMIT_COUNT];
	bool has_isolation;
	enum isolation isolation;
	struct origin isolation_origin;
	bool has_network;
	enum network network;
	char **read;
	char **write;
	char **allow;
	bool has_env;
	struct env_entry *env;
	size_t nenv;
};

struct rule {
	char **match; /* globs, NULL at the end */
	struct settings set;
	struct origin origin;
};

/* One policy text, or the options of the command line. */
struct source {
	enum layer layer;
	char *file;
	struct settings defaults;
	struct settings max;
	struct rule *rule;
	size_t nrules;
	char **deny;
	struct origin deny_origin;
	char **allow; /* exceptions to this source's own deny */
};

struct policy {
	struct source *source;
	size_t nsources;
	char **default_read;
	char *folder; /* where relative paths of options start; NULL: / */
	struct made {
		const struct capability *cap; /* NULL: with task options */
		struct effective *eff;
		bool own; /* frees it; others share it */
	} * made;
	size_t nmade;
	size_t capmade;
	struct source *options; /* within source[]; NULL: none yet */
};

/* Where texts of a form stand, for problems. */
struct parse {
	const char *file;
	const char *dir;
	enum layer layer;
	const char *text;
	size_t len;
	const struct srcmap *map;
	struct diags *ds; /* NULL: first problem goes to *e */
	struct error *e;
	size_t problems;
};

/* Fill a source from the forms of a file. */
void parse_source(struct parse *, val form, struct source *);
/* The options of a task: settings keys and the host's own keys. */
void parse_task(struct parse *, val options, struct settings *);
/* One "key text" of the command line into a settings. */
void parse_option(
    struct parse *, const char *key, const char *text, struct settings *);
void settings_clear(struct settings *);
void source_clear(struct source *);

char **list_add(char **list, const char *item); /* grows, NULL at the end */
void list_free(char **);
char **list_copy(char *const *);
bool path_within(const char *path, const char *dir);

#endif
