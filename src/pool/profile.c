/*
 * Profiles: slots that are interchangeable, known by the bytes that describe
 * them to a fork server.  A fork server holds MAX_PROFILES of them by number;
 * the one used longest ago makes room.
 */
#include <stdlib.h>
#include <string.h>

#include "pool/internal.h"
#include "sandbox/plan.h"

/* All of a PROFILE payload but the number. */
static void
pack_description(struct buf *b, const struct sandbox_profile *s)
{
	size_t i;

	pack_uint(b, s->wishes);
	pack_uint(b, s->network);
	pack_uint(b, s->caps);
	pack_uint(b, s->tmp);
	pack_strz(b, s->rootfs);
	pack_uint(b, s->once);
	pack_array(b, s->npaths);
	for (i = 0; i < s->npaths; i++) {
		pack_array(b, 3);
		pack_strz(b, s->path[i].path);
		pack_strz(b, s->path[i].source);
		pack_uint(b, s->path[i].access);
	}
	pack_bin(b, s->filter, s->filter_len);
	if (s->nsecrets == 0)
		return;
	pack_array(b, s->nsecrets);
	for (i = 0; i < s->nsecrets; i++) {
		pack_array(b, 2);
		pack_strz(b, s->secret[i].name);
		pack_uint(b, s->secret[i].len);
	}
}

static bool
profile_same(const struct profile *p, const struct server *sv,
    const struct sandbox_plan *s, const struct buf *key, bool grouped)
{
	return p->server == sv && p->grouped == grouped &&
	    p->key.len == key->len &&
	    memcmp(p->key.data, key->data, key->len) == 0 &&
	    p->sandbox->promises == s->promises &&
	    p->sandbox->degrade == s->degrade &&
	    p->sandbox->required == s->required;
}

struct profile *
profile_get(struct pool *p, const struct plan *plan)
{
	struct server *sv = &p->server[plan->capability->image];
	const struct sandbox_plan *s = &plan->sandbox;
	bool grouped = pool_group_wanted(p, plan);
	struct buf key = BUF_INIT;
	struct profile *f;

	pack_description(&key, &s->profile);
	TAILQ_FOREACH(f, &p->profiles, entry) {
		if (profile_same(f, sv, s, &key, grouped)) {
			buf_free(&key);
			return f;
		}
	}
	f = xcalloc(1, sizeof(*f));
	f->server = sv;
	f->sandbox = s;
	f->grouped = grouped;
	f->key = key;
	TAILQ_INIT(&f->slots);
	TAILQ_INSERT_TAIL(&p->profiles, f, entry);
	return f;
}

void
profile_free(struct profile *f)
{
	buf_free(&f->key);
	free(f);
}

/* The place of f in its server's table; a free or the oldest one when it has
 * none (*known is false then). */
static unsigned int
profile_place(struct profile *f, bool *known)
{
	struct profile *const *table = f->server->profile;
	unsigned int i, best = 0;

	*known = false;
	for (i = 0; i < MAX_PROFILES; i++) {
		if (table[i] == f) {
			*known = true;
			return i;
		}
		if (table[best] != NULL &&
		    (table[i] == NULL || table[i]->used < table[best]->used))
			best = i;
	}
	return best;
}

unsigned int
profile_pack(struct profile *f, struct buf *b)
{
	unsigned int place;
	bool known;
	size_t mark;

	place = profile_place(f, &known);
	f->used = f->server->pool->now;
	if (known)
		return place;
	mark = frame_begin(b, MSG_PROFILE);
	pack_array(b, f->sandbox->profile.nsecrets == 0 ? 9 : 10);
	pack_uint(b, place);
	buf_add(b, f->key.data, f->key.len);
	frame_end(b, mark);
	f->server->profile[place] = f;
	return place;
}

int
profile_secrets(const struct profile *f, int *fd, struct error *e)
{
	const struct sandbox_profile *s = &f->sandbox->profile;
	const struct secret *secret;
	struct buf b = BUF_INIT;
	size_t i;
	int rc = 0;

	*fd = -1;
	for (i = 0; rc == 0 && i < s->nsecrets; i++) {
		rc = secret_get(
		    &f->server->pool->secrets, s->secret[i].name, &secret, e);
		if (rc == 0)
			buf_add(&b, secret->text, secret->len);
	}
	if (rc == 0 && b.len > 0) {
		*fd = frame_memfd("secrets", b.data, b.len, e);
		rc = *fd == -1 ? -1 : 0;
	}
	if (b.len > 0)
		explicit_bzero(b.data, b.len);
	buf_free(&b);
	return rc;
}
