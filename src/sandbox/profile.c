/* Names of the facilities, and the life of a profile. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/macros.h"
#include "sandbox/profile.h"
#include "sandbox/resolve.h"

static const struct {
	uint32_t bit;
	const char *name;
	const char *key; /* of :require */
} bits[] = {
#define FACILITY(key, sym, name) {SANDBOX_##sym, name, key},
#include "policy/facility.def"
#undef FACILITY
};

const char *
sandbox_bit_name(uint32_t bit)
{
	size_t i;

	for (i = 0; i < NITEMS(bits); i++) {
		if (bits[i].bit == bit)
			return bits[i].name;
	}
	return "?";
}

uint32_t
sandbox_bit_from(const char *name)
{
	size_t i;

	for (i = 0; i < NITEMS(bits); i++) {
		if (strcmp(bits[i].key, name) == 0)
			return bits[i].bit;
	}
	return 0;
}

void
sandbox_profile_clear(struct sandbox_profile *p)
{
	size_t i;

	for (i = 0; i < p->npaths; i++) {
		free(p->path[i].path);
		free(p->path[i].source);
	}
	for (i = 0; i < p->nsecrets; i++)
		free(p->secret[i].name);
	free(p->secret);
	free(p->path);
	free(p->rootfs);
	free(p->filter);
	memset(p, 0, sizeof(*p));
}

void
sandbox_profile_add(
    struct sandbox_profile *p, const char *path, uint32_t access)
{
	size_t i;

	for (i = 0; i < p->npaths; i++) {
		if (strcmp(p->path[i].path, path) == 0) {
			/* granted is more than the machine's own */
			if ((access & SANDBOX_SYSTEM) == 0)
				p->path[i].access &= ~(uint32_t)SANDBOX_SYSTEM;
			else if ((p->path[i].access & SANDBOX_SYSTEM) == 0)
				access &= ~(uint32_t)SANDBOX_SYSTEM;
			p->path[i].access |= access;
			return;
		}
	}
	p->path = xreallocarray(p->path, p->npaths + 1, sizeof(*p->path));
	p->path[p->npaths++] =
	    (struct sandbox_path){xstrdup(path), NULL, access};
}

static int
by_path(const void *a, const void *b)
{
	const struct sandbox_path *x = a;
	const struct sandbox_path *y = b;

	if (((x->access ^ y->access) & SANDBOX_SYSTEM) != 0)
		return (x->access & SANDBOX_SYSTEM) != 0 ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* *source stays NULL when there is nothing to be seen. */
static int
find_source(const char *path, bool view, const struct writable *w,
    char **source, struct error *e)
{
	size_t there;

	if (sandbox_resolve(path, w, source, &there, e) == -1)
		return -1;
	if (view && (*source)[there] != '\0') {
		free(*source);
		*source = NULL;
	} else {
		(*source)[there] = '\0';
	}
	return 0;
}

static int
resolve_rootfs(
    struct sandbox_profile *p, const struct writable *w, struct error *e)
{
	char *real;
	size_t there;

	if (p->rootfs == NULL)
		return 0;
	if (sandbox_resolve(p->rootfs, w, &real, &there, e) == -1)
		return -1;
	free(p->rootfs);
	p->rootfs = real;
	return 0;
}

int
sandbox_profile_resolve(
    struct sandbox_profile *p, const struct writable *w, struct error *e)
{
	bool view = (p->wishes & SANDBOX_VIEW) != 0;
	struct sandbox_path *at;
	size_t kept = 0;
	size_t i;

	if (resolve_rootfs(p, w, e) == -1)
		return -1;
	for (i = 0; i < p->npaths; i++) {
		at = &p->path[i];
		if ((at->access & SANDBOX_SYSTEM) != 0)
			continue;
		if (find_source(at->path, view, w, &at->source, e) == -1)
			return -1;
	}
	for (i = 0; i < p->npaths; i++) {
		at = &p->path[i];
		if ((at->access & SANDBOX_SYSTEM) == 0 && at->source == NULL)
			free(at->path);
		else
			p->path[kept++] = *at;
	}
	p->npaths = kept;
	if (kept > 1)
		qsort(p->path, kept, sizeof(*p->path), by_path);
	return 0;
}
