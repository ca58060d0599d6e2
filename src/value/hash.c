/*
 * SipHash-1-3 under a key of this process, and the hash of any value.  A map
 * hashes to a sum over its entries, so that order does not matter.
 */
#include <sys/random.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "value/equal.h"
#include "value/name.h"
#include "value/number.h"
#include "value/slots.h"
#include "value/stringrep.h"
#include "value/work.h"

#define INLINE_FRAMES 16

static uint64_t seed0, seed1;
static bool seeded;

struct sip {
	uint64_t v0, v1, v2, v3;
};

void
hash_set_seed(uint64_t k0, uint64_t k1)
{
	seed0 = k0;
	seed1 = k1;
	seeded = true;
}

static void
seed(void)
{
	uint64_t k[2];

	if (getrandom(k, sizeof(k), 0) != (ssize_t)sizeof(k)) {
		/* Only before Linux 3.17 or behind a strange filter: hashes
		 * are then guessable, results are the same. */
		k[0] = (uint64_t)clock_wall();
		k[1] = (uint64_t)clock_mono() ^ (uint64_t)(uintptr_t)&seed0;
	}
	hash_set_seed(k[0], k[1]);
}

static inline uint64_t
rotate(uint64_t x, unsigned int n)
{
	return x << n | x >> (64 - n);
}

static inline void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static inline struct sip
sip_start(void)
{
	if (UNLIKELY(!seeded))
		seed();
	return (struct sip){seed0 ^ UINT64_C(0x736f6d6570736575),
	    seed1 ^ UINT64_C(0x646f72616e646f6d),
	    seed0 ^ UINT64_C(0x6c7967656e657261),
	    seed1 ^ UINT64_C(0x7465646279746573)};
}

static inline void
sip_word(struct sip *s, uint64_t w)
{
	s->v3 ^= w;
	sip_round(s);
	s->v0 ^= w;
}

static inline uint64_t
sip_end(struct sip *s)
{
	s->v2 ^= 0xff;
	sip_round(s);
	sip_round(s);
	sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t
hash_bytes(const void *data, size_t len)
{
	const unsigned char *p = data;
	struct sip s = sip_start();
	uint64_t w;
	size_t left;

	for (left = len; left >= sizeof(w); left -= sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		sip_word(&s, w);
		p += sizeof(w);
	}
	w = (uint64_t)len << 56;
	while (left-- > 0)
		w |= (uint64_t)p[left] << (8 * left);
	sip_word(&s, w);
	return sip_end(&s);
}

/* One word, without the length block: the word itself says what it is. */
static uint64_t
hash_word(uint64_t w)
{
	struct sip s = sip_start();

	sip_word(&s, w);
	return sip_end(&s);
}

static uint64_t
hash_string(struct string *s)
{
	if (s->hash == 0) {
		s->hash = (uint32_t)hash_bytes(s->text, s->len);
		if (s->hash == 0)
			s->hash = 1;
	}
	return s->hash * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t
hash_double(double d)
{
	uint64_t bits;

	if (d != d)
		return hash_word(0x7ff8);
	if (d == 0)
		d = 0; /* both zeros are one key */
	memcpy(&bits, &d, sizeof(bits));
	return hash_word(rotate(bits, 3) | 2);
}

/* The hash of a value that holds no others; false: it does. */
static inline bool
hash_leaf(val v, uint64_t *hash)
{
	if (val_is_float(v)) {
		*hash = hash_double(float_get(v));
	} else if (!val_is_obj(v)) {
		*hash = hash_word(v);
	} else if (val_obj(v)->kind == O_STRING) {
		*hash = hash_string(val_string(v));
	} else if (val_obj(v)->kind == O_BIGINT) {
		*hash = bigint_hash(v);
	} else {
		return false;
	}
	return true;
}

struct frame {
	val of;
	val v;    /* the same; for a list, what is left of it */
	size_t i; /* children seen; for a map, keys and values */
	struct map_iter entries;
	val value;    /* map: of the key just hashed */
	uint64_t key; /* map: hash of the key of value */
	uint64_t sum;
};

static uint64_t
kind_salt(val v)
{
	const struct obj *o = val_obj(v);

	switch (o->kind) {
	case O_MAP:
		return UINT64_C(0x2545f4914f6cdd1d) * (map_count(v) + 1);
	case O_FUNCTION:
		return hash_word(val_function(v)->code->identity ^ O_FUNCTION);
	default:
		return UINT64_C(0x9fb21c651e98df25) * (o->kind + 1U);
	}
}

static bool
next_child(struct frame *f, val *child)
{
	const struct obj *o;
	val *slots;
	size_t n;

	if (f->v == VAL_NO_ITEMS)
		return false;
	o = val_obj(f->v);
	switch (o->kind) {
	case O_LIST:
		*child = list_first(f->v);
		f->v = list_rest(f->v);
		return true;
	case O_VECTOR:
		if (f->i >= vec_count(f->v))
			return false;
		*child = vec_get(f->v, f->i++);
		return true;
	case O_MAP:
		if (f->i++ % 2 == 0)
			return map_next(&f->entries, child, &f->value);
		*child = f->value;
		return true;
	default:
		slots = obj_slots(val_obj(f->v), &n);
		if (o->kind == O_ERROR)
			n = 3; /* the stack is no part of equality */
		if (f->i >= n)
			return false;
		*child = slots[f->i++];
		return true;
	}
}

static void
take_child(struct frame *f, uint64_t h)
{
	if (!val_is_map(f->v))
		f->sum = (rotate(f->sum, 5) ^ h) * UINT64_C(0x9e3779b97f4a7c15);
	else if (f->i % 2 == 1)
		f->key = h;
	else
		f->sum += hash_word(f->key ^ rotate(h, 27));
}

static void
start_frame(struct frame *f, val v)
{
	*f = (struct frame){.of = v, .v = v, .sum = kind_salt(v)};
	if (val_is_map(v))
		f->entries = map_iter(v);
}

struct hasher {
	struct frame few[INLINE_FRAMES];
	struct frame *frames;
	size_t n;
	size_t cap;
	size_t nodes;       /* not charged yet */
	bool remember;      /* this takes long: keep hashes of shared parts */
	struct pairs known; /* of an object with itself */
};

static bool
push(struct hasher *s, val v)
{
	struct frame *more;

	if (s->n == s->cap) {
		if (!work_memory((ptrdiff_t)(s->cap * sizeof(*more))))
			return false;
		more = xreallocarray(s->frames == s->few ? NULL : s->frames,
		    s->cap * 2, sizeof(*more));
		if (s->frames == s->few)
			memcpy(more, s->few, sizeof(s->few));
		s->frames = more;
		s->cap *= 2;
	}
	start_frame(&s->frames[s->n++], v);
	return true;
}

/* Found before: by an earlier walk (large maps), or by this one. */
static bool
known_hash(const struct hasher *s, val v, uint64_t *h)
{
	const struct pair *p;

	if (val_is_map(v) && (val_obj(v)->aux & MAP_BIG) != 0) {
		*h = ((const struct map_big *)val_obj(v))->hash;
		return *h != 0;
	}
	if (!s->remember || val_obj(v)->refs < 2 ||
	    (p = pairs_find(&s->known, v, v)) == NULL)
		return false;
	*h = (uint64_t)p->result;
	return true;
}

static void
keep_hash(struct hasher *s, val v, uint64_t h)
{
	if (val_is_map(v) && (val_obj(v)->aux & MAP_BIG) != 0)
		((struct map_big *)val_obj(v))->hash = h;
	else if (s->remember && val_obj(v)->refs > 1)
		pairs_add(&s->known, v, v, (int64_t)h);
}

static bool
charge(struct hasher *s)
{
	bool go_on = work_on(s->nodes);

	s->nodes = 0;
	s->remember = true;
	return go_on;
}

static uint64_t
hash_deep(val v)
{
	struct hasher s = {.frames = s.few, .cap = INLINE_FRAMES};
	uint64_t h = 0;
	val child;

	if (known_hash(&s, v, &h))
		return h;
	if (!val_work.over)
		push(&s, v);
	while (s.n > 0) {
		if (UNLIKELY(++s.nodes == WORK_LOOK) && !charge(&s))
			break;
		if (next_child(&s.frames[s.n - 1], &child)) {
			if (hash_leaf(child, &h) || known_hash(&s, child, &h))
				take_child(&s.frames[s.n - 1], h);
			else if (!push(&s, child))
				break;
			continue;
		}
		h = hash_word(s.frames[s.n - 1].sum);
		keep_hash(&s, s.frames[--s.n].of, h);
		if (s.n > 0)
			take_child(&s.frames[s.n - 1], h);
	}
	work_on(s.nodes);
	pairs_free(&s.known);
	if (s.frames != s.few) {
		work_memory(
		    -(ptrdiff_t)((s.cap - INLINE_FRAMES) * sizeof(*s.frames)));
		free(s.frames);
	}
	return h;
}

uint64_t
val_hash(val v)
{
	uint64_t h;

	return hash_leaf(v, &h) ? h : hash_deep(v);
}
