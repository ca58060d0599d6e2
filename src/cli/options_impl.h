/* A row of the option table, shared by options.c, which has the table, and
 * options_batch.c, which sets what only rtfs batch has. */
#ifndef CLI_OPTIONS_IMPL_H
#define CLI_OPTIONS_IMPL_H

#include "cli/options.h"

struct row;
/* text is NULL for an option without argument.  -1: *e says what is wrong. */
typedef int (*set_fn)(
    struct options *, const struct row *, char *text, struct error *);

struct row {
	int letter; /* 0: none */
	const char *name;
	const char *arg; /* NULL: takes none */
	unsigned int verbs;
	const char *text;
	set_fn set;
	const char *key; /* of policy_option() */
};

int option_number(const char *text, uint64_t min, uint64_t max, uint64_t *out,
    struct error *) ATTR_CHECK;
/* One more option of policy's command line layer; key and text are borrowed. */
int option_policy(
    struct options *, const struct row *, const char *key, const char *text);
/* Keeps a text that was put together. */
char *option_keep(struct options *, char *owned);

/* What to do instead of an option, or its letter, that xargs and GNU parallel
 * have and rtfs batch has not; NULL: nothing is known of it. */
const char *batch_remedy(const char *name, size_t len);
int batch_set_flag(
    struct options *, const struct row *, char *, struct error *);
int batch_set_text(
    struct options *, const struct row *, char *, struct error *);
int batch_set_replace(
    struct options *, const struct row *, char *, struct error *);
int batch_set_count(
    struct options *, const struct row *, char *, struct error *);
int batch_set_time(
    struct options *, const struct row *, char *, struct error *);
int batch_set_file(
    struct options *, const struct row *, char *, struct error *);
int batch_set_null(
    struct options *, const struct row *, char *, struct error *);
int batch_set_delimiter(
    struct options *, const struct row *, char *, struct error *);
int batch_set_header(
    struct options *, const struct row *, char *, struct error *);
int batch_set_args(
    struct options *, const struct row *, char *, struct error *);
int batch_set_max_args(
    struct options *, const struct row *, char *, struct error *);
int batch_set_block(
    struct options *, const struct row *, char *, struct error *);
int batch_set_env(struct options *, const struct row *, char *, struct error *);
int batch_set_jobs(
    struct options *, const struct row *, char *, struct error *);
int batch_set_load(
    struct options *, const struct row *, char *, struct error *);
int batch_set_memfree(
    struct options *, const struct row *, char *, struct error *);
int batch_set_nice(
    struct options *, const struct row *, char *, struct error *);
int batch_set_order(
    struct options *, const struct row *, char *, struct error *);
int batch_set_timeout(
    struct options *, const struct row *, char *, struct error *);
int batch_set_retries(
    struct options *, const struct row *, char *, struct error *);
int batch_set_retry_on(
    struct options *, const struct row *, char *, struct error *);
int batch_set_halt(
    struct options *, const struct row *, char *, struct error *);
int batch_set_group(
    struct options *, const struct row *, char *, struct error *);
int batch_set_format(
    struct options *, const struct row *, char *, struct error *);
int batch_set_resume(
    struct options *, const struct row *, char *, struct error *);
int batch_set_exit(
    struct options *, const struct row *, char *, struct error *);

#endif
