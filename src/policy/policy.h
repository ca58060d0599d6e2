/*
 * Policy text to rules to the effective limits of one capability, with the
 * origin of every value.  Pure: touches no kernel and no file (the caller
 * reads); RTFS data is the syntax.  design.md, "Policy", is the definition;
 * an unknown key is an error, never ignored.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/buf.h"
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
	UNIT_MICROSECONDS,
	UNIT_CPUS /* thousandths of a processor */
};
#define CPU_THOUSANDTHS 1000U
/* "512M", "30s", "256", "0.5", "unlimited" for UINT64_MAX. */
void amount_format(enum limit_unit, uint64_t amount, char out[32]);
const char *limit_name(enum limit_id); /* "cpu" */
int limit_rlimit(enum limit_id);       /* RLIMIT_*, or -1 */
enum limit_unit limit_unit(enum limit_id);
/* LIMIT_COUNT: no such limit. */
enum limit_id limit_from(const char *name);
/* amount_format() in the limit's own unit. */
void limit_format(enum limit_id, uint64_t amount, char out[32]);

enum setting {
#define SETTING(name, sym, shape, field, places) SETTING_##sym,
#include "policy/setting.def"
#undef SETTING
	SETTING_COUNT
};
const char *setting_name(enum setting); /* "timeout" */

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
const char *network_name(enum network); /* "none" */
/* Why a policy may not name that system call; NULL: it may. */
const char *syscall_objection(const char *name);
/* Does :syscalls name sets?  They are all then; else what it names is added to
 * the usual ones, :files and :exec. */
bool syscalls_name_sets(char *const *);

/* What :degrade accepts to go without: promises of an isolation level, and
 * what only a cgroup keeps.  Never the kernel surface. */
enum degrade {
	DEGRADE_FILES = 1,
	DEGRADE_NETWORK = 2,
	DEGRADE_OTHERS = 4,
	DEGRADE_TREE = 8,
	DEGRADE_CGROUP = 16,
};

enum slot_use {
	SLOT_REUSED,
	SLOT_ONCE
};

#define UMASK_DEFAULT 077

/* Who said so.  file is borrowed from the policy. */
struct origin {
	enum layer layer;
	const char *file; /* "built in", a path, "options", "task" */
	unsigned int line;
	unsigned int column; /* code points; 0: unknown */
};

/* "/etc/rtfs/policy.rtfs:3", "the command line", "built in" */
const char *origin_place(struct origin, char out[128]);

struct limit_value {
	bool set;
	uint64_t soft;
	uint64_t hard;
	struct origin origin;
	bool lowered; /* a file asked for more than a ceiling */
};

struct env_entry {
	char *name;
	char *value; /* NULL: pass the caller's value on, if it has one */
};

/* Every path that any rule, default or option grants to anybody for writing:
 * what lies there may be a task's work.  Owned by the policy; made anew when
 * it is added to. */
struct writable {
	struct writable_path {
		const char *path; /* absolute, as it was written */
		struct origin origin;
	} * at;
	size_t n;
};

/*
 * What holds for one task.  Immutable once made.  Lists are NULL-terminated;
 * a list that is NULL was never said.  A setting that no layer named has
 * origin.file NULL; limits have an origin each, and origin[SETTING_LIMITS] is
 * not used.
 */
struct effective {
	int64_t timeout; /* ns; INT64_MAX: none */
	struct limit_value limit[LIMIT_COUNT];
	enum isolation isolation;
	uint32_t degrade; /* DEGRADE_* */
	char **require;   /* facilities: "landlock" */
	char **read;      /* absolute paths; NULL: none granted */
	char **write;
	/* Where the options of a task say :read or :write: what it had before,
	 * within which links in them must lead (sandbox/resolve.h). */
	char **read_bound;
	char **write_bound;
	char **execute;
	char *rootfs; /* absolute path of a prepared tree; NULL: none */
	enum network network;
	char **allow;    /* "host:port", "host", "*.host:port" */
	char **syscalls; /* sets ":files", and names "openat" */
	char **program;  /* what may be executed: absolute paths or names, with
			  * globs; NULL: anything */
	struct env_entry *env;
	size_t nenv;
	struct env_entry *secrets; /* variable, name of the secret */
	size_t nsecrets;
	char *dir;  /* absolute; NULL: where the level says */
	char *user; /* "NAME", "UID", either with ":GROUP"; NULL: as it is */
	uint32_t umask;
	int32_t niceness; /* added to the supervisor's own */
	enum slot_use slot;
	uint32_t concurrency; /* tasks of one capability at a time; 0: any */
	uint32_t weight;      /* share of the workers, 1 to 1000 */
	struct origin origin[SETTING_COUNT];
	uint64_t digest;                 /* over all of the above but origins */
	const struct writable *writable; /* NULL: nothing */
};

/* What bounds everything that one rtfs process runs. */
enum total_id {
#define TOTAL(name, sym, unit) TOTAL_##sym,
#include "policy/total.def"
#undef TOTAL
	TOTAL_COUNT
};
struct total {
	bool set;
	uint64_t amount; /* in its unit; seconds for cpu and wall */
	struct origin origin;
};
const char *total_name(enum total_id); /* "tasks" */
enum limit_unit total_unit(enum total_id);

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
 *	EK_ARGUMENT	options are wrong
 */
int policy_resolve(struct policy *, const struct capability *, val options,
    const struct effective **, struct error *) ATTR_CHECK;
/* A grant of program and current folder for reading, as fs.* has by default. */
void policy_default_read(struct policy *, const char *absolute_dir);

/* The value of a setting (not :limits) as a policy would say it: "30s",
 * ":host", "[\"/srv\"]"; "none" where there is none. */
void setting_format(const struct effective *, enum setting, struct buf *);
/* "256M", or "[256M 1G]" where soft and hard differ on purpose. */
void limit_value_format(
    enum limit_id, const struct limit_value *, struct buf *);

/* lint.c: a warning about what was said there. */
void policy_warn(struct diags *, const struct origin *, const char *fmt, ...)
    ATTR_PRINTF(3, 4);
/* What is legal but weak or odd, as warnings with their places. */
void policy_lint(const struct policy *, struct diags *);
/* What each :default and each rule of the files says, in their order; of what
 * is not said origin[].file is NULL. */
typedef void (*policy_said_cb)(const struct effective *, void *arg);
void policy_each_said(const struct policy *, policy_said_cb, void *arg);

/* explain.c: why a capability has what it has.  The tightest ceiling of all
 * layers; false: there is none. */
bool policy_ceiling(const struct policy *, enum limit_id, struct limit_value *);
bool policy_timeout_ceiling(
    const struct policy *, int64_t *ns, struct origin *);
/* Each rule that names the capability and is passed over for trust. */
typedef void (*policy_rule_cb)(const struct origin *, void *arg);
void policy_passed_over(const struct policy *, const struct capability *,
    policy_rule_cb, void *arg);
/* Each pattern of each rule and denial, in order, equal ones as often as they
 * stand there. */
typedef void (*policy_pattern_cb)(const char *, void *arg);
void policy_patterns(const struct policy *, policy_pattern_cb, void *arg);

/* compare.c: what a change of policy means for the tasks. */
enum change {
	CHANGE_NONE,
	CHANGE_LOOSER, /* something more is possible */
	CHANGE_TIGHTER,
	CHANGE_OTHER /* neither more nor less, or nobody can say */
};
enum change setting_compare(
    const struct effective *from, const struct effective *to, enum setting);
enum change limit_compare(
    const struct limit_value *from, const struct limit_value *to);

/* The tightest of every layer's :total. */
struct total policy_total(const struct policy *, enum total_id);

/* Is it the folder, or in it?  Both absolute; compares texts. */
bool path_within(const char *path, const char *dir);
/* May the path (absolute, resolved) be read or written under these grants? */
bool effective_may_read(const struct effective *, const char *path);
bool effective_may_write(const struct effective *, const char *path);
/* Does host[:port] fit one of the patterns?  For workers, too. */
bool policy_host_allowed(char *const *allow, const char *host, unsigned port);
bool glob_match(const char *pattern, const char *text); /* '*' matches dots */

#endif
