/* PROFILE messages to what a guard enters. */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/proto.h"
#include "workers/profile.h"

static struct sandbox_profile *profiles[MAX_PROFILES];

static int
read_text(struct unpack *u, char **out, struct error *e)
{
	const char *text;
	size_t len;

	if (unpack_str(u, &text, &len, e) == -1)
		return -1;
	if (text != NULL && memchr(text, '\0', len) != NULL)
		return error_set(e, EK_PROTO, "a path holds a NUL");
	*out = text == NULL ? NULL : xstrndup(text, len);
	return 0;
}

static int
read_paths(struct unpack *u, struct sandbox_profile *p, struct error *e)
{
	struct sandbox_path *at;
	uint64_t access;
	size_t n;

	if (unpack_array(u, &n, e) == -1)
		return -1;
	if (n > SANDBOX_MAX_PATHS)
		return error_set(e, EK_PROTO, "%zu paths", n);
	p->path = xcalloc(n + 1, sizeof(*p->path));
	while (p->npaths < n) {
		at = &p->path[p->npaths++];
		if (unpack_fields(u, 3, e) == -1 ||
		    read_text(u, &at->path, e) == -1 ||
		    read_text(u, &at->source, e) == -1 ||
		    unpack_uint(u, &access, e) == -1)
			return -1;
		if (at->path == NULL || at->path[0] != '/')
			return error_set(e, EK_PROTO, "no absolute path");
		at->access = (uint32_t)access;
	}
	return 0;
}

static int
read_filter(struct unpack *u, struct sandbox_profile *p, struct error *e)
{
	const void *bytes;

	if (unpack_bin(u, &bytes, &p->filter_len, e) == -1)
		return -1;
	if (p->filter_len == 0)
		return 0;
	p->filter = xmalloc(p->filter_len);
	memcpy(p->filter, bytes, p->filter_len);
	return 0;
}

static int
read_secrets(struct unpack *u, struct sandbox_profile *p, struct error *e)
{
	struct sandbox_secret *s;
	uint64_t len;
	size_t n;

	if (unpack_array(u, &n, e) == -1)
		return -1;
	if (n > SANDBOX_MAX_SECRETS)
		return error_set(e, EK_PROTO, "%zu secrets", n);
	p->secret = xcalloc(n + 1, sizeof(*p->secret));
	while (p->nsecrets < n) {
		s = &p->secret[p->nsecrets++];
		if (unpack_fields(u, 2, e) == -1 ||
		    read_text(u, &s->name, e) == -1 ||
		    unpack_uint(u, &len, e) == -1)
			return -1;
		if (s->name == NULL || strchr(s->name, '/') != NULL)
			return error_set(e, EK_PROTO, "no name of a secret");
		s->len = (size_t)len;
	}
	return 0;
}

static int
read_profile(struct unpack *u, struct sandbox_profile *p, struct error *e)
{
	uint64_t wishes;
	uint64_t network;
	uint64_t once;

	if (unpack_uint(u, &wishes, e) == -1 ||
	    unpack_uint(u, &network, e) == -1 ||
	    unpack_uint(u, &p->caps, e) == -1 ||
	    unpack_uint(u, &p->tmp, e) == -1 ||
	    read_text(u, &p->rootfs, e) == -1 || unpack_uint(u, &once, e) == -1)
		return -1;
	p->wishes = (uint32_t)wishes;
	p->network = (uint32_t)network;
	p->once = once != 0;
	if (read_paths(u, p, e) == -1 || read_filter(u, p, e) == -1)
		return -1;
	return u->at < u->end ? read_secrets(u, p, e) : 0;
}

int
profile_keep(const struct frame *f, struct error *e)
{
	struct sandbox_profile *p;
	struct unpack u;
	uint64_t number;

	unpack_init(&u, f->payload, f->len);
	if (unpack_fields(&u, 9, e) == -1 || unpack_uint(&u, &number, e) == -1)
		return -1;
	if (number >= MAX_PROFILES)
		return error_set(
		    e, EK_PROTO, "profile %llu", (unsigned long long)number);
	p = xcalloc(1, sizeof(*p));
	if (read_profile(&u, p, e) == -1) {
		sandbox_profile_clear(p);
		free(p);
		return -1;
	}
	if (profiles[number] != NULL)
		sandbox_profile_clear(profiles[number]);
	free(profiles[number]);
	profiles[number] = p;
	return 0;
}

const struct sandbox_profile *
profile_find(uint64_t number)
{
	return number < MAX_PROFILES ? profiles[number] : NULL;
}
