/*
 * What a slot is made of, flat: numbers and paths, no names to look up and no
 * policy to read.  The supervisor makes it (plan.h), a PROFILE message carries
 * it, a guard enters it (enter.h).
 */
#ifndef SANDBOX_PROFILE_H
#define SANDBOX_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

/* Facilities: what a slot is asked to have, and what it has.  The bits of
 * SLOT_MAKE and SLOT_MADE; numbers are never reused. */
enum {
	SANDBOX_PIDNS = 1 << 0,
	SANDBOX_IPCNS = 1 << 1,
	SANDBOX_NO_NEW_PRIVS = 1 << 2,
	SANDBOX_USERNS = 1 << 3,
	SANDBOX_VIEW = 1 << 4,  /* mount namespace with a root of its own */
	SANDBOX_NETNS = 1 << 5, /* net namespace, empty or with lo up */
	SANDBOX_UTSNS = 1 << 6,
	SANDBOX_CGROUPNS = 1 << 7,
	SANDBOX_OWN_UID = 1 << 8, /* that nobody else on the machine has */
	SANDBOX_NO_CAPS = 1 << 9, /* none but those of the profile */
	SANDBOX_LANDLOCK = 1 << 10,
	SANDBOX_SCOPE = 1 << 11, /* Landlock's, for signals and sockets */
	SANDBOX_SECCOMP = 1 << 12,
	SANDBOX_LISTENER = 1 << 13, /* forbidden calls are told */
	SANDBOX_PROC = 1 << 14,     /* /proc of the slot's own processes */
	/* Bit 15 is taken, below. */
	SANDBOX_NO_USERNS = 1 << 16, /* a small filter, where there is no
				      * SANDBOX_SECCOMP: none can be made */
};
#define SANDBOX_NBITS 17
/* A wish that is no facility: what a task has started lives on after it.  For
 * slots without a namespace. */
#define SANDBOX_LEAVE (1U << 15)
/* "pid namespace"; bit is one of the above. */
const char *sandbox_bit_name(uint32_t bit);
/* As :require has them: "landlock"; 0: no such facility. */
uint32_t sandbox_bit_from(const char *name);

struct error;
struct writable;

enum {
	SANDBOX_READ = 1,
	SANDBOX_WRITE = 2,
	SANDBOX_EXECUTE = 4,
	/* The machine's own, readable by all; else it was granted, and the
	 * slot's uid stands for its owner. */
	SANDBOX_SYSTEM = 8,
};
#define SANDBOX_MAX_PATHS 256

enum {
	SANDBOX_NET_NONE, /* the empty namespace that all slots share */
	SANDBOX_NET_LOOPBACK,
	SANDBOX_NET_HOST,
	/* An empty one of its own, where sockets can be made: they would meet
	 * those of other slots by abstract names. */
	SANDBOX_NET_OWN,
};

struct sandbox_path {
	char *path;      /* absolute: where it is seen */
	char *source;    /* what it is, without links; NULL: path itself */
	uint32_t access; /* SANDBOX_READ ... */
};

/* A file of /run/secrets; its bytes come with each slot, not with the profile:
 * a fork server never holds them. */
struct sandbox_secret {
	char *name;
	size_t len;
};
#define SANDBOX_MAX_SECRETS 64

struct sandbox_profile {
	uint32_t wishes;
	uint32_t network; /* SANDBOX_NET_* */
	uint64_t caps;    /* privileges that are kept, 1 << CAP_* */
	uint64_t tmp;     /* bytes of /tmp and /work; UINT64_MAX: unlimited */
	char *rootfs;     /* NULL: the machine's own /usr */
	bool once;        /* a slot serves one run */
	struct sandbox_path *path;
	size_t npaths;
	struct sandbox_secret *secret;
	size_t nsecrets;
	char *filter; /* struct sock_filter; NULL: none */
	size_t filter_len;
};

void sandbox_profile_clear(struct sandbox_profile *);
/* Grant a path; what is granted already is granted all of it. */
void sandbox_profile_add(
    struct sandbox_profile *, const char *path, uint32_t access);
/* Follow the links of granted paths, drop those that do not exist (without a
 * view: name what would hold them), sort: the machine's own first, and what
 * lies in another after it.  Fails as sandbox_resolve() does. */
int sandbox_profile_resolve(struct sandbox_profile *, const struct writable *,
    struct error *) ATTR_CHECK;

/* Where a task with a view of its own starts, and its HOME. */
#define SANDBOX_HOME "/work"

#endif
