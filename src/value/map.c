/*
 * Maps: the layout is told in the header.  The index never forgets: a slot
 * whose pair has been removed points to a hole, is no match for any key, and
 * is taken over by the next key that lands there; when holes outnumber pairs,
 * pairs and index are built anew.
 */
#include <string.h>

#include "value/equal.h"
#include "value/map.h"
#include "value/name.h"
#include "value/stringrep.h"
#include "value/vector.h"
#include "value/work.h"

#define SMALL_MAX   8  /* pairs in the object, keys of any kind */
#define WORDS_MAX   16 /* the same when all keys compare as words */
#define LEVEL_BITS  6
#define LEVEL_MASK  63
#define CLASH_SHIFT 60 /* no hash bits are left to tell keys apart */
#define NOWHERE     SIZE_MAX

/* A leaf slot: 26 bits of hash, 36 bits of position, integer tag. */
#define HASH_PART 38
#define POS_MASK  ((UINT64_C(1) << 36) - 1)

static struct map *
small_of(val m)
{
	return (struct map *)val_obj(m);
}

static struct map_big *
big_of(val m)
{
	return (struct map_big *)val_obj(m);
}

static struct map_index *
index_of(val w)
{
	return (struct map_index *)val_obj(w);
}

static bool
is_big(val m)
{
	return (val_obj(m)->aux & MAP_BIG) != 0;
}

/* Two such keys are equal if and only if their words are. */
static bool
is_word(val key)
{
	return (key & 3) == 0 || (key & 3) == 3;
}

static inline bool
same_key(val stored, val key)
{
	if (stored == key)
		return true;
	if (val_is_string(stored) && val_is_string(key))
		return string_equal(val_string(stored), val_string(key));
	return !is_word(stored) && !is_word(key) && val_same_key(stored, key);
}

static val
slot_for(uint64_t hash, size_t pos)
{
	return hash >> HASH_PART << HASH_PART | (uint64_t)pos << 2;
}

static size_t
slot_pos(val slot)
{
	return slot >> 2 & POS_MASK;
}

static bool
slot_differs(val slot, uint64_t hash)
{
	return (slot ^ hash) >> HASH_PART != 0;
}

static unsigned int
bits_in(uint64_t w)
{
	w -= w >> 1 & UINT64_C(0x5555555555555555);
	w = (w & UINT64_C(0x3333333333333333)) +
	    (w >> 2 & UINT64_C(0x3333333333333333));
	w = (w + (w >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned int)(w * UINT64_C(0x0101010101010101) >> 56);
}

/* Place of hash's slot in x: where it is, or would go. */
static inline unsigned int
place_of(const struct map_index *x, uint64_t bit)
{
	return bits_in(x->bitmap & (bit - 1));
}

/* --- small maps --- */

static size_t
small_size(size_t pairs)
{
	return sizeof(struct map) + pairs * 2 * sizeof(val);
}

static struct map *
small_new(struct heap *h, size_t pairs)
{
	struct map *s = heap_alloc(h, small_size(pairs), O_MAP);

	s->count = 0;
	return s;
}

static size_t
small_find(const struct map *s, val key)
{
	size_t i, n = s->count * 2;

	if (is_word(key)) {
		for (i = 0; i < n; i += 2) {
			if (s->pairs[i] == key)
				return i;
		}
		return NOWHERE;
	}
	if (!(s->obj.aux & MAP_OBJS))
		return NOWHERE;
	for (i = 0; i < n; i += 2) {
		if (same_key(s->pairs[i], key))
			return i;
	}
	return NOWHERE;
}

static struct map *
own_small(struct heap *h, val m, size_t pairs)
{
	struct map *s = small_of(m);
	struct map *copy;
	size_t i, size;

	if (obj_unique(&s->obj)) {
		size = small_size(pairs);
		if (size > heap_block_size(h, s, 0)) {
			pairs = pairs <= 2     ? 2 :
			    pairs <= 4         ? 4 :
			    pairs <= SMALL_MAX ? SMALL_MAX :
			                         WORDS_MAX;
			s = heap_resize(
			    h, s, small_size(s->count), small_size(pairs));
		}
		return s;
	}
	copy = small_new(h, pairs);
	copy->obj.aux = s->obj.aux;
	copy->count = s->count;
	for (i = 0; i < s->count * 2; i++)
		copy->pairs[i] = val_retain(s->pairs[i]);
	val_release(h, m);
	return copy;
}

/* --- the index --- */

static size_t
index_size(size_t slots)
{
	return sizeof(struct map_index) + slots * sizeof(val);
}

static size_t
index_step(size_t n)
{
	return n <= 2 ? 2 : n <= 4 ? 4 : (n + 7) & ~(size_t)7;
}

/* The node at *w, in place or copied, with room for one more slot. */
static struct map_index *
own_index(struct heap *h, val *w, size_t more)
{
	struct map_index *x = index_of(*w);
	size_t i, n = map_index_count(x);
	struct map_index *copy;

	if (obj_unique(&x->obj)) {
		if (more == 0 ||
		    index_size(n + more) <= heap_block_size(h, x, 0))
			return x;
		x = heap_resize(
		    h, x, index_size(n), index_size(index_step(n + more)));
		*w = val_from_obj(x);
		return x;
	}
	copy = heap_alloc(h, index_size(n + more), O_MAP_INDEX);
	copy->obj.aux = x->obj.aux;
	copy->bitmap = x->bitmap;
	for (i = 0; i < n; i++)
		copy->slots[i] = val_retain(x->slots[i]);
	val_release(h, *w);
	*w = val_from_obj(copy);
	return copy;
}

static val
key_at(const struct map_big *b, size_t pos)
{
	return vec_get(b->entries, pos * 2);
}

static size_t
big_find(const struct map_big *b, uint64_t hash, val key)
{
	const struct map_index *x = index_of(b->index);
	unsigned int shift = 0;
	uint64_t bit;
	size_t i;
	val slot;

	for (;;) {
		if (UNLIKELY(x->obj.aux == MAP_CLASH)) {
			for (i = 0; i < x->bitmap; i++) {
				slot = x->slots[i];
				if (same_key(key_at(b, slot_pos(slot)), key))
					return slot_pos(slot);
			}
			return NOWHERE;
		}
		i = hash >> shift & LEVEL_MASK;
		if (x->bitmap != UINT64_MAX) {
			bit = UINT64_C(1) << i;
			if (!(x->bitmap & bit))
				return NOWHERE;
			i = place_of(x, bit);
		}
		slot = x->slots[i];
		if (val_is_fix(slot)) {
			if (slot_differs(slot, hash) ||
			    !same_key(key_at(b, slot_pos(slot)), key)) {
				return NOWHERE;
			}
			return slot_pos(slot);
		}
		x = index_of(slot);
		shift += LEVEL_BITS;
	}
}

/* A node of two slots (or a chain down to one) for keys that agreed so far. */
static val
index_pair(struct heap *h, unsigned int shift, uint64_t hash_a, val a,
    uint64_t hash_b, val b)
{
	struct map_index *x;
	uint64_t i, j;

	x = heap_alloc(h, index_size(2), O_MAP_INDEX);
	if (shift >= CLASH_SHIFT) {
		x->obj.aux = MAP_CLASH;
		x->bitmap = 2;
		x->slots[0] = a;
		x->slots[1] = b;
		return val_from_obj(x);
	}
	i = hash_a >> shift & LEVEL_MASK;
	j = hash_b >> shift & LEVEL_MASK;
	x->bitmap = UINT64_C(1) << i | UINT64_C(1) << j;
	if (i == j) {
		x->obj.aux = 1;
		x->slots[0] =
		    index_pair(h, shift + LEVEL_BITS, hash_a, a, hash_b, b);
	} else {
		x->obj.aux = 2;
		x->slots[i < j ? 0 : 1] = a;
		x->slots[i < j ? 1 : 0] = b;
	}
	return val_from_obj(x);
}

/* Whether keys meet in one node depends on the seed, and what a program is
 * charged must not. */
static uint64_t
hash_again(val key)
{
	uint64_t due = val_work.due, hash = val_hash(key);

	if (!val_work.over)
		val_work.due = due;
	return hash;
}

/* Enter a key that is not in the map as the pair at pos. */
static void
index_add(struct heap *h, struct map_big *b, uint64_t hash, size_t pos)
{
	val *w = &b->index;
	unsigned int shift = 0, i;
	struct map_index *x;
	uint64_t bit;
	val other;

	for (;;) {
		x = index_of(*w);
		if (x->obj.aux == MAP_CLASH) {
			x = own_index(h, w, 1);
			x->slots[x->bitmap++] = slot_for(hash, pos);
			return;
		}
		bit = UINT64_C(1) << (hash >> shift & LEVEL_MASK);
		i = place_of(x, bit);
		if (!(x->bitmap & bit)) {
			x = own_index(h, w, 1);
			memmove(x->slots + i + 1, x->slots + i,
			    (x->obj.aux - i) * sizeof(val));
			x->slots[i] = slot_for(hash, pos);
			x->obj.aux++;
			x->bitmap |= bit;
			return;
		}
		x = own_index(h, w, 0);
		w = &x->slots[i];
		shift += LEVEL_BITS;
		if (!val_is_fix(*w))
			continue;
		other = key_at(b, slot_pos(*w));
		if (other == VAL_UNBOUND) {
			*w = slot_for(hash, pos);
		} else {
			*w = index_pair(h, shift, hash_again(other), *w, hash,
			    slot_for(hash, pos));
		}
		return;
	}
}

/* --- large maps --- */

static struct map_big *
big_new(struct heap *h)
{
	struct map_big *b = heap_alloc(h, sizeof(*b), O_MAP);
	struct map_index *x = heap_alloc(h, index_size(8), O_MAP_INDEX);

	x->bitmap = 0;
	b->obj.aux = MAP_BIG;
	b->count = 0;
	b->entries = vec_empty(h);
	b->index = val_from_obj(x);
	b->first = 0;
	b->hash = 0;
	return b;
}

/* The key is not in it; consumes key and value. */
static void
big_add(struct heap *h, struct map_big *b, uint64_t hash, val key, val value)
{
	index_add(h, b, hash, vec_count(b->entries) / 2);
	b->entries = vec_push(h, b->entries, key);
	b->entries = vec_push(h, b->entries, value);
	b->count++;
}

static struct map_big *
own_big(struct heap *h, val m)
{
	struct map_big *b = big_of(m);
	struct map_big *copy;

	if (obj_unique(&b->obj)) {
		b->hash = 0;
		return b;
	}
	copy = heap_alloc(h, sizeof(*copy), O_MAP);
	copy->obj.aux = MAP_BIG;
	copy->count = b->count;
	copy->entries = val_retain(b->entries);
	copy->index = val_retain(b->index);
	copy->first = b->first;
	copy->hash = 0;
	val_release(h, m);
	return copy;
}

/* The same pairs in a new map; consumes m. */
static val
rebuild(struct heap *h, val m, bool big)
{
	struct map_iter it = map_iter(m);
	struct map_big *b = NULL;
	struct map *s = NULL;
	val key, value;

	if (big)
		b = big_new(h);
	else
		s = small_new(h, map_count(m));
	while (map_next(&it, &key, &value)) {
		val_retain(key);
		val_retain(value);
		if (big) {
			big_add(h, b, val_hash(key), key, value);
		} else {
			s->pairs[s->count * 2] = key;
			s->pairs[s->count * 2 + 1] = value;
			s->count++;
			s->obj.aux |= is_word(key) ? 0 : MAP_OBJS;
		}
	}
	val_release(h, m);
	return big ? val_from_obj(b) : val_from_obj(s);
}

static val
big_assoc(struct heap *h, val m, val key, val value)
{
	uint64_t hash = val_hash(key);
	struct map_big *b = own_big(h, m);
	size_t pos = big_find(b, hash, key);

	if (pos == NOWHERE) {
		big_add(h, b, hash, key, value);
	} else {
		b->entries = vec_set(h, b->entries, pos * 2 + 1, value);
		val_release(h, key);
	}
	return val_from_obj(b);
}

val
map_empty(struct heap *h)
{
	return val_from_obj(small_new(h, 1));
}

val
map_assoc(struct heap *h, val m, val key, val value)
{
	struct map *s;
	size_t i, max;

	if (is_big(m))
		return big_assoc(h, m, key, value);
	s = small_of(m);
	i = small_find(s, key);
	if (i != NOWHERE) {
		s = own_small(h, m, s->count);
		val_release(h, s->pairs[i + 1]);
		s->pairs[i + 1] = value;
		val_release(h, key);
		return val_from_obj(s);
	}
	max = is_word(key) && !(s->obj.aux & MAP_OBJS) ? WORDS_MAX : SMALL_MAX;
	if (s->count >= max)
		return big_assoc(h, rebuild(h, m, true), key, value);
	s = own_small(h, m, s->count + 1);
	s->pairs[s->count * 2] = key;
	s->pairs[s->count * 2 + 1] = value;
	s->count++;
	if (!is_word(key))
		s->obj.aux |= MAP_OBJS;
	return val_from_obj(s);
}

val
map_new(struct heap *h, const val *pairs, size_t n)
{
	struct map *s = small_new(h, n <= SMALL_MAX ? n : SMALL_MAX);
	size_t i;
	val m;

	for (i = 0; i < n && n <= SMALL_MAX && is_word(pairs[i * 2]) &&
	     small_find(s, pairs[i * 2]) == NOWHERE;
	     i++) {
		s->pairs[i * 2] = pairs[i * 2];
		s->pairs[i * 2 + 1] = pairs[i * 2 + 1];
		s->count++;
	}
	m = val_from_obj(s);
	for (; i < n; i++)
		m = map_assoc(h, m, pairs[i * 2], pairs[i * 2 + 1]);
	return m;
}

/* Place of the value, or NULL. */
static const val *
find_value(val m, val key, val *stored)
{
	struct map *s;
	size_t i, n;
	const val *run;

	if (!is_big(m)) {
		s = small_of(m);
		if ((i = small_find(s, key)) == NOWHERE)
			return NULL;
		*stored = s->pairs[i];
		return &s->pairs[i + 1];
	}
	i = big_find(big_of(m), val_hash(key), key);
	if (i == NOWHERE)
		return NULL;
	run = vec_run(big_of(m)->entries, i * 2, &n); /* pairs never straddle */
	*stored = run[0];
	return &run[1];
}

val
map_get(val m, val key)
{
	val stored;
	const val *value = find_value(m, key, &stored);

	return value == NULL ? VAL_UNBOUND : *value;
}

val
map_get_keyword(val m, const char *text)
{
	return map_get(m, keyword_from(text));
}

bool
map_find(val m, val key, val *stored_key, val *value)
{
	const val *found = find_value(m, key, stored_key);

	if (found == NULL)
		return false;
	*value = *found;
	return true;
}

val
map_take(struct heap *h ATTR_UNUSED, val m, val key)
{
	struct map *s;
	val *slot = NULL;
	val v;
	size_t i;

	if (!is_big(m)) {
		s = small_of(m);
		if ((i = small_find(s, key)) == NOWHERE)
			return VAL_UNBOUND;
		if (!obj_unique(&s->obj))
			return val_retain(s->pairs[i + 1]);
		slot = &s->pairs[i + 1];
	} else {
		i = big_find(big_of(m), val_hash(key), key);
		if (i == NOWHERE)
			return VAL_UNBOUND;
		if (obj_unique(val_obj(m))) {
			big_of(m)->hash = 0;
			slot = vec_own_slot(big_of(m)->entries, i * 2 + 1);
		}
		if (slot == NULL)
			return val_retain(
			    vec_get(big_of(m)->entries, i * 2 + 1));
	}
	v = *slot;
	*slot = VAL_NIL;
	return v;
}

static val
small_dissoc(struct heap *h, val m, val key)
{
	struct map *s = small_of(m);
	size_t i = small_find(s, key);
	val old_key, old_value;

	if (i == NOWHERE)
		return m;
	s = own_small(h, m, s->count);
	old_key = s->pairs[i];
	old_value = s->pairs[i + 1];
	s->count--;
	memmove(
	    s->pairs + i, s->pairs + i + 2, (s->count * 2 - i) * sizeof(val));
	val_release(h, old_key);
	val_release(h, old_value);
	return val_from_obj(s);
}

val
map_dissoc(struct heap *h, val m, val key)
{
	struct map_big *b;
	size_t pos, total;

	if (!is_big(m))
		return small_dissoc(h, m, key);
	pos = big_find(big_of(m), val_hash(key), key);
	if (pos == NOWHERE)
		return m;
	b = own_big(h, m);
	b->entries = vec_set(h, b->entries, pos * 2, VAL_UNBOUND);
	b->entries = vec_set(h, b->entries, pos * 2 + 1, VAL_NIL);
	b->count--;
	total = vec_count(b->entries) / 2;
	if (b->count < SMALL_MAX)
		return rebuild(h, val_from_obj(b), false);
	if (b->count < total / 2)
		return rebuild(h, val_from_obj(b), true);
	while (key_at(b, b->first) == VAL_UNBOUND)
		b->first++;
	return val_from_obj(b);
}

bool
map_next(struct map_iter *it, val *key, val *value)
{
	const struct map_big *b;
	const struct map *s;
	const val *run;
	size_t n;

	if (!is_big(it->map)) {
		s = small_of(it->map);
		if (it->pos >= s->count)
			return false;
		*key = s->pairs[it->pos * 2];
		*value = s->pairs[it->pos * 2 + 1];
		it->pos++;
		return true;
	}
	b = big_of(it->map);
	if (it->pos < b->first)
		it->pos = b->first;
	for (; it->pos * 2 < vec_count(b->entries); it->pos++) {
		run = vec_run(b->entries, it->pos * 2, &n);
		if (run[0] == VAL_UNBOUND)
			continue;
		*key = run[0];
		*value = run[1];
		it->pos++;
		return true;
	}
	return false;
}

bool
map_candidate(val m, uint64_t hash, size_t nth, val *key, val *value)
{
	const struct map_index *x;
	const struct map *s;
	unsigned int shift;
	uint64_t bit;
	size_t pos;
	val slot;

	if (!is_big(m)) {
		s = small_of(m);
		if (nth >= s->count)
			return false;
		*key = s->pairs[nth * 2];
		*value = s->pairs[nth * 2 + 1];
		return true;
	}
	x = index_of(big_of(m)->index);
	for (shift = 0; x->obj.aux != MAP_CLASH; shift += LEVEL_BITS) {
		bit = UINT64_C(1) << (hash >> shift & LEVEL_MASK);
		if (!(x->bitmap & bit))
			return false;
		slot = x->slots[place_of(x, bit)];
		if (val_is_fix(slot)) {
			if (nth > 0 || slot_differs(slot, hash))
				return false;
			goto found;
		}
		x = index_of(slot);
	}
	if (nth >= x->bitmap)
		return false;
	slot = x->slots[nth];
found:
	pos = slot_pos(slot);
	*key = key_at(big_of(m), pos);
	*value = vec_get(big_of(m)->entries, pos * 2 + 1);
	return true; /* a hole is VAL_UNBOUND, equal to no key */
}
