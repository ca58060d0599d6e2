/*
 * Policy text to rules to the effective limits of one capability, with the
 * origin of every value.  Pure: touches no kernel and no file (the caller
 * reads); RTFS data is the syntax.  design.md, "Policy", is the definition;
 * what is not supported yet is refused as such, never ignored.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/diag.h"
#include "base/error.h"
#include "task/capability.h"
#include "value/heap.h"

enum limit_id {
#define LIMIT(name, sym, res, unit) LIMIT_##sym,
#include "policy/limit.def"
#undef LIMIT
	LIMIT_COUNT
};
#define LIMIT_UNLIMITED UINT64_MAX

enum limit_unit {
	UNIT_BYTES,
	UNIT_SECONDS,
	UNIT_COUNT,
	UNIT_MICROSECONDS
};
const char *limit_name(enum limit_id); /* "cpu" */
int limit_rlimit(enum limit_id);       /* RLIMIT_*, or -1 */
enum limit_unit limit_unit(enum limit_id);
/* LIMIT_COUNT: no such limit. */
enum limit_id limit_from(const char *name);
/* "512M", "30s", "256", "unlimited". */
void limit_format(enum limit_id, uint64_t amount, char out[32]);

enum isolation {
	ISOLATION_INHERIT,
	ISOLATION_ISOLATED,
	ISOLATION_SANDBOXED
};
const char *isolation_name(enum isolation); /* "inherit" */
enum network {
	NETWORK_NONE,
	NETWORK_LOOPBACK,
	NETWORK_HOST
};

/* Who said so.  file is borrowed from the policy. */
struct origin {
	enum layer layer;
	const char *file; /* "built in", a path, "options", "task" */
	unsigned int line;
};

struct limit_value {
	bool set;
	uint64_t soft;
	uint64_t hard;
	struct origin origin;
};

struct env_entry {
	char *name;
	char *value; /* NULL: pass the caller's value on, if it has one */
};

/* What holds for one task.  Immutable once made. */
struct effective {
	int64_t timeout; /* ns; INT64_MAX: none */
	struct origin timeout_origin;
	struct limit_value limit[LIMIT_COUNT];
	enum isolation isolation;
	struct origin isolation_origin;
	char **read; /* absolute paths, NULL at the end; NULL: none granted */
	char **write;
	enum network network;
	char **allow; /* "host:port", "host", "*.host:port" */
	struct env_entry *env;
	size_t nenv;
	uint64_t digest; /* over all of the above but origins */
};

struct policy;

/* With the built-in layer.  Never fails. */
struct policy *policy_new(void);
void policy_free(struct policy *);
/* Add one text; relative paths in :read/:write are taken from dir.  Problems
 * go to *ds with file:line:column; returns their number (errors only).  A
 * text with errors adds nothing. */
size_t policy_add(struct policy *, enum layer, const char *file,
    const char *dir, const char *text, size_t len, struct diags *);
/* The whole policy file that the built-in layer is, as loadable text. */
const char *policy_builtin_text(void);
/* Where relative paths in options of the command line and of tasks start;
 * before the first of them. */
void policy_folder(struct policy *, const char *absolute_dir);
/* One option of the command line (LAYER_OPTIONS): key "timeout", "isolation",
 * "limits.cpu", "allow-net", "read", "write", "env"; text as typed. */
int policy_option(struct policy *, const char *key, const char *text,
    struct error *) ATTR_CHECK;
/* Checked after every add: rule values above a ceiling of a lower layer and
 * such things that only all layers together show. */

/* Check the options of a task (map with keyword keys, or nil): unknown key,
 * bad unit.  EK_ARGUMENT with the key.  :retries, :retry-on and :priority are
 * the host's; they are only checked here. */
int policy_check_options(val options, struct error *) ATTR_CHECK;
/*
 * What holds for a task of that capability.  Same inputs give the same
 * pointer (cached; owned by the policy, lives as long as it).  -1:
 *	EK_POLICY	denied: the message names rule or ceiling with
 *			file:line and the flag or rule that would allow it
 *	EK_UNAVAILABLE	asks for what is not supported yet (:memory ...,
 *			:isolated, :sandboxed): fail closed
 *	EK_ARGUMENT	options are wrong
 */
int policy_resolve(struct policy *, const struct capability *, val options,
    const struct effective **, struct error *) ATTR_CHECK;
/* A grant of program and current folder for reading, as fs.* has by default. */
void policy_default_read(struct policy *, const char *absolute_dir);

/* May the path (absolute, resolved) be read or written under these grants? */
bool effective_may_read(const struct effective *, const char *path);
bool effective_may_write(const struct effective *, const char *path);
/* Does host[:port] fit one of the patterns?  For workers, too. */
bool policy_host_allowed(char *const *allow, const char *host, unsigned port);
bool glob_match(const char *pattern, const char *text); /* '*' matches dots */

#endif
