/*
 * An error as a value: what went wrong, where in a text, and one line for a
 * person.  No heap; the caller provides the struct, usually on its stack.
 * The last argument of a fallible function is "struct error *"; it is filled
 * if and only if the function fails (returns -1 or NULL).
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/macros.h"

enum errkind {
	EK_NONE,
	EK_SYSTEM,      /* a system call failed; os_errno says why */
	EK_SYNTAX,      /* text of a program, policy or manifest; line is set */
	EK_TYPE,        /* a value of the wrong type */
	EK_ARGUMENT,    /* right type, wrong content */
	EK_LIMIT,       /* a MAX_* or a configured limit; the text names both */
	EK_PROTO,       /* a peer broke the protocol */
	EK_JSON,        /* text is not JSON */
	EK_POLICY,      /* policy or manifest is wrong or refuses */
	EK_UNAVAILABLE, /* this machine cannot do it */
	EK_NKINDS
};

struct error {
	enum errkind kind;
	int os_errno;        /* EK_SYSTEM, EK_UNAVAILABLE: errno, else 0 */
	unsigned int line;   /* 1-based; 0 when not about text */
	unsigned int column; /* 1-based, in code points; 0 when unknown */
	char msg[512];       /* always NUL-terminated, no newline */
};

/* Fill *e and return -1, so a function can end with "return error_set(...)".
 * e may be NULL.  Over-long text is cut at a UTF-8 boundary. */
int error_set(struct error *, enum errkind, const char *, ...)
    ATTR_PRINTF(3, 4);
/* strerror(), and of EMFILE the limit that this process has; until the next
 * call. */
const char *error_errno(int os_errno);
/* As error_set(EK_SYSTEM), with ": error_errno(errno)" added; keeps errno. */
int error_sys(struct error *, const char *, ...) ATTR_PRINTF(2, 3);
/* As error_set(EK_SYNTAX) with a place. */
int error_at(struct error *, unsigned int line, unsigned int column,
    const char *, ...) ATTR_PRINTF(4, 5);
/* Put "text: " before the message, on the way up. */
int error_context(struct error *, const char *, ...) ATTR_PRINTF(2, 3);
const char *errkind_name(enum errkind); /* "system", never NULL */

#endif
