/* Which facilities keep which promise, and what to say when none does. */
#include <assert.h>
#include <string.h>

#include "sandbox/plan.h"

static const struct {
	uint32_t promise;
	const char *name;
	const char *means;
	uint32_t tried; /* facilities that could keep it, alone or together */
	const char *remedy;
} promises[] = {
    {PROMISE_FILES,   "files",           "only granted files are seen",
     SANDBOX_VIEW | SANDBOX_LANDLOCK,
     "start rtfs as root, allow user namespaces, or use a kernel with "
        "Landlock ABI 3 (6.2)"                                        },
    {PROMISE_NETWORK, "network",         "no network",                  SANDBOX_NETNS | SANDBOX_SECCOMP,
     "start rtfs as root, allow user namespaces, or use :sandboxed"   },
    {PROMISE_OTHERS,  "others",          "no hold on other processes",
     SANDBOX_PIDNS | SANDBOX_IPCNS | SANDBOX_OWN_UID | SANDBOX_SCOPE,
     "start rtfs as root, allow user namespaces, or use a kernel with "
        "Landlock ABI 6 (6.12)"                                       },
    {PROMISE_TREE,    "tree",            "nothing survives its task",
     SANDBOX_PIDNS | SANDBOX_OWN_UID,
     "start rtfs as root or allow user namespaces"                    },
    {PROMISE_SURFACE, "kernel-surface",  "few system calls",            SANDBOX_SECCOMP,
     "use a kernel, and a container, that lets seccomp filters be set"},
    {PROMISE_USERNS,  "user-namespaces", "none of a task's own",
     SANDBOX_SECCOMP | SANDBOX_NO_USERNS,
     "use a kernel, and a container, that lets seccomp filters be set, or "
        ":inherit"                                                    },
};
static_assert(NITEMS(promises) == PROMISE_COUNT, "a row for each promise");

const char *
sandbox_promise_name(uint32_t promise)
{
	size_t i;

	for (i = 0; i < NITEMS(promises); i++) {
		if (promises[i].promise == promise)
			return promises[i].name;
	}
	return "?";
}

static bool
all(uint32_t kept, uint32_t bits)
{
	return (kept & bits) == bits;
}

uint32_t
sandbox_promises(const struct sandbox_plan *p, uint32_t kept)
{
	uint32_t out = 0;

	if ((kept & (SANDBOX_VIEW | SANDBOX_LANDLOCK)) != 0)
		out |= PROMISE_FILES;
	if ((kept & SANDBOX_NETNS) != 0 ||
	    (all(kept, SANDBOX_SECCOMP) && !p->filter_network))
		out |= PROMISE_NETWORK;
	/* The filter has no System V calls, unless policy names calls. */
	if (all(kept, SANDBOX_PIDNS | SANDBOX_IPCNS) ||
	    (!p->filter_ipc &&
	        (all(kept, SANDBOX_PIDNS | SANDBOX_SECCOMP) ||
	            all(kept, SANDBOX_SCOPE | SANDBOX_SECCOMP))) ||
	    all(kept, SANDBOX_OWN_UID))
		out |= PROMISE_OTHERS;
	if ((kept & (SANDBOX_PIDNS | SANDBOX_OWN_UID)) != 0)
		out |= PROMISE_TREE;
	if ((kept & SANDBOX_SECCOMP) != 0)
		out |= PROMISE_SURFACE;
	if ((kept & (SANDBOX_SECCOMP | SANDBOX_NO_USERNS)) != 0)
		out |= PROMISE_USERNS;
	return out;
}

static void
add_tried(struct buf *b, uint32_t bits, const uint16_t refused[SANDBOX_NBITS])
{
	unsigned int i;

	for (i = 0; i < SANDBOX_NBITS; i++) {
		if ((bits & 1U << i) == 0 || refused[i] == 0)
			continue;
		buf_addf(b, "%s%s: %s", b->len > 0 ? ", " : "",
		    sandbox_bit_name(1U << i), strerror(refused[i]));
	}
	if (b->len == 0)
		buf_adds(b, "nothing here can");
}

/* The scope of Landlock is of no use without the filter. */
static const char *
remedy_of(const struct sandbox_plan *p, size_t i)
{
	return promises[i].promise == PROMISE_OTHERS &&
	        (p->profile.wishes & SANDBOX_SECCOMP) == 0 ?
	    "start rtfs as root, allow user namespaces, or use :sandboxed" :
	    promises[i].remedy;
}

static int
missed(const struct sandbox_plan *p, struct error *e, size_t i,
    const uint16_t refused[SANDBOX_NBITS])
{
	struct buf tried = BUF_INIT;
	bool fixed = promises[i].promise >= PROMISE_SURFACE;

	add_tried(&tried, promises[i].tried, refused);
	error_set(e, EK_UNAVAILABLE,
	    "the promise \"%s\" (%s) cannot be kept here (%s): %s%s%s%s",
	    promises[i].name, promises[i].means, buf_str(&tried),
	    remedy_of(p, i), fixed ? "" : ", or accept less with :degrade [:",
	    fixed ? "" : promises[i].name, fixed ? "" : "]");
	buf_free(&tried);
	return -1;
}

int
sandbox_judge(const struct sandbox_plan *p, uint32_t kept,
    const uint16_t refused[SANDBOX_NBITS], struct error *e)
{
	uint32_t lost = p->promises & ~sandbox_promises(p, kept) & ~p->degrade;
	uint32_t lacking = p->required & ~kept;
	unsigned int i;

	for (i = 0; i < SANDBOX_NBITS; i++) {
		if ((lacking & 1U << i) != 0)
			return error_set(e, EK_UNAVAILABLE,
			    ":require wants %s, which cannot be had here (%s)",
			    sandbox_bit_name(1U << i),
			    refused[i] != 0 ? strerror(refused[i]) :
			                      "not part of this level");
	}
	for (i = 0; i < NITEMS(promises); i++) {
		if ((lost & promises[i].promise) != 0)
			return missed(p, e, i, refused);
	}
	return 0;
}
