/*
 * Secrets (:secrets of a policy): read once, from files, by name; given to the
 * tasks whose policy names them, as a variable and, where a slot has a root of
 * its own, as a file; hidden in everything that tasks write.
 */
#ifndef POOL_SECRET_H
#define POOL_SECRET_H

#include "base/redact.h"
#include "policy/policy.h"

/* Bytes of one: a key, a token, a certificate. */
#define MAX_SECRET (64U * 1024)

struct secret {
	struct secret *next;
	char *name;
	char *text; /* pages of its own, in no core dump; NUL behind it */
	size_t len; /* as in the file */
	size_t pages;
};

struct secrets {
	char *const *dir; /* where they are, in order; NULL at the end */
	struct secret *first;
	struct redactor redactor;
};

/* EK_UNAVAILABLE naming the places looked at, or the file and what is wrong
 * with it (mode, owner, size, a NUL).  *out is owned by the secrets. */
int secret_get(struct secrets *, const char *name, const struct secret **out,
    struct error *) ATTR_CHECK;
/* Length of its value as a variable: without the newline at its end. */
size_t secret_value_len(const struct secret *);
void secrets_free(struct secrets *);

#endif
