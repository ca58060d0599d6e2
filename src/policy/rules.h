/* Inner side of the policy room: what a policy text says, before it is
 * resolved for one capability. */
#ifndef POLICY_RULES_H
#define POLICY_RULES_H

#include "policy/policy.h"
#include "value/reader.h"

/* Where a key may stand. */
enum place {
	PLACE_DEFAULT = 1,
	PLACE_RULE = 2,
	PLACE_MAX = 4,
	PLACE_TASK = 8,
};

#define DEGRADE_NAMES 5 /* bit i of DEGRADE_* is name i */
extern const char *const degrade_names[DEGRADE_NAMES];

/* How a setting is kept in struct effective. */
enum shape {
	SHAPE_DURATION, /* int64_t */
	SHAPE_LIMITS,   /* struct limit_value[LIMIT_COUNT] */
	SHAPE_NUMBER,   /* 32 bits */
	SHAPE_TEXT,     /* char * */
	SHAPE_TEXTS,    /* char ** */
	SHAPE_PAIRS,    /* struct env_entry *, count in count_offset */
};

struct setting_row {
	const char *name;
	enum shape shape;
	unsigned int places;
	size_t offset;
	size_t count_offset; /* SHAPE_PAIRS */
};
extern const struct setting_row setting_rows[SETTING_COUNT];

/* The values of one :default, rule, :max, the options of the command line or
 * of one task are a struct effective, too: what was not said has no origin. */
bool setting_said(const struct effective *, enum setting);
/* The later wins key by key, :limits limit by limit. */
void settings_apply(struct effective *to, const struct effective *from);
uint64_t settings_digest(const struct effective *);
/* Free what it owns and make it empty. */
void settings_clear(struct effective *);
/* trust.c: does it give more than base, what the defaults of all layers say? */
bool settings_grant(const struct effective *base, const struct effective *);
/* What a task asks for itself (s) must lie within what it has anyway; EK_POLICY.
 * Then keep what that was, as far as links could lead elsewhere. */
int settings_check_tighter(const struct effective *eff,
    const struct effective *s, struct error *) ATTR_CHECK;
void settings_set_bounds(struct effective *eff, const struct effective *task);
bool words_have(char *const *list, const char *word); /* list: NULL is none */
void entry_add(struct env_entry **, size_t *n, const char *name, size_t len,
    const char *value);

struct rule {
	char **match; /* globs, NULL at the end */
	bool any;     /* :from :any */
	struct effective set;
	struct origin origin;
};

/* slip.c: warnings for what one text surely does not mean. */
struct source;
void policy_slips(
    const struct source *, const struct effective *defaults, struct diags *);

/* What the defaults of all layers say to that capability. */
struct policy;
void policy_defaults(
    const struct policy *, const struct capability *, struct effective *);
bool match_any(char *const *globs, const char *id);
/* May a capability of that layer have what the rule gives?  base: what the
 * defaults say to it. */
bool rule_trusts(const struct rule *, const struct capability *,
    const struct effective *base);

/* One policy text, or the options of the command line. */
struct source {
	enum layer layer;
	char *file;
	struct effective defaults;
	struct effective max;
	struct total total[TOTAL_COUNT];
	struct rule *rule;
	size_t nrules;
	char **deny;
	struct origin deny_origin;
	char **allow; /* exceptions to this source's own deny */
	struct origin allow_origin;
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
	struct writable writable;
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

/* Where a form stands: member index of a container. */
struct spot {
	val container;
	uint32_t index;
};
struct origin origin_at(const struct parse *, struct spot);
/* The bytes of the form there; NULL: not known. */
const char *spot_text(const struct parse *, struct spot);

/* problem.c: what is wrong, with its place. */
void problem(struct parse *, enum diag_level, struct spot, const char *fmt, ...)
    ATTR_PRINTF(4, 5);
#define WRONG(p, at, ...) problem(p, DIAG_ERROR, at, __VA_ARGS__)
void wrong_value(struct parse *, struct spot, const char *key,
    const char *expected, val got);
/* "unknown WHAT :word", a keyword; known: names without colon, NULL at the
 * end. */
void unknown_word(struct parse *, struct spot, const char *what, val word,
    const char *const *known);
void unknown_key(
    struct parse *, struct spot, val key, const char *const *known);
/* Text of a string value that is safe as a C string, or NULL. */
const char *plain_text(val);

/* amount.c: amounts in their units. */
bool parse_duration(
    struct parse *, struct spot, const char *key, val, bool bare, int64_t *ns);
/* Processors as a number or text has them: "2", "0.5"; to thousandths. */
bool cpus_from(double cpus, uint64_t *thousandths);
bool cpus_from_text(const char *text, uint64_t *thousandths);
bool parse_amount(struct parse *, struct spot, const char *name,
    enum limit_unit, val, uint64_t *amount);
void parse_limits(struct parse *, struct spot, val, struct effective *);
bool is_unlimited(val);
/* A value given alone: its hard limit follows (one second more for :cpu). */
struct limit_value limit_alone(enum limit_id, uint64_t, struct origin);
/* Which of its amounts is above the ceiling, if it was said; NULL: none. */
const uint64_t *limit_above(enum limit_id, const struct limit_value *,
    const struct limit_value *ceiling);

/* setting.c: the value of one key, into its field. */
void parse_setting(
    struct parse *, struct spot, enum setting, val, struct effective *);
/* SETTING_COUNT: no such key in that place. */
enum setting setting_from(const char *name, unsigned int place);
bool parse_texts(
    struct parse *, struct spot, const char *key, val, bool paths, char ***out);
/* Globs over ids; those that can match none are wrong. */
bool parse_patterns(
    struct parse *, struct spot, const char *key, val, char ***out);
/* The item of a vector, or the one value itself. */
struct spot item_spot(struct spot, val, size_t i);
/* INT64_MAX: none.  0 is refused: whoever reads it takes it for none. */
bool timeout_set(struct parse *, struct spot, int64_t ns, struct effective *);
bool parse_isolation_name(
    struct parse *, struct spot, const char *name, struct effective *);
/* Absolute, without empty, "." and ".." parts. */
char *path_whole(const char *dir, const char *path);

/* One byte at least, and all of them among the letters. */
bool made_of(const char *text, const char *letters);
#define ALPHANUMERIC                                                           \
	"abcdefghijklmnopqrstuvwxyz"                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"                                           \
	"0123456789"

/* host.c: one; all of :allow.  What is wrong was said. */
bool parse_host(struct parse *, struct spot, const char *text);
bool parse_allow(struct parse *, struct spot, val, struct effective *);

/* env.c; "NAME", "NAME=value": false when it is neither. */
bool env_add_text(struct effective *, const char *text);
bool parse_env(struct parse *, struct spot, val, struct effective *);
bool parse_secrets(struct parse *, struct spot, val, struct effective *);

/* syscalls.c: sets by keyword, kept with their colon; calls by string. */
bool parse_syscalls(struct parse *, struct spot, val, struct effective *);
/* Does a list (NULL: none) allow what base does not? */
bool syscalls_grant(char *const *base, char *const *list);

/* parse.c: fill a source from the forms of a file; the options of a task. */
void parse_source(struct parse *, val form, struct source *);
void parse_task(struct parse *, val options, struct effective *);
void source_clear(struct source *);
/* option.c: one "key text" of the command line. */
void parse_option(
    struct parse *, const char *key, const char *text, struct effective *);

char **list_add(char **list, const char *item); /* grows, NULL at the end */
void list_free(char **);
char **list_copy(char *const *);

#endif
