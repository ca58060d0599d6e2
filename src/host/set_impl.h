/*
 * The tasks of a set, shared by its checks (prepare.c), what is there of them
 * (items.c) and its run (set.c).
 *
 * A task is little more than its arguments and later its result: an entry.  How it is wanted it has in common with others: a kind.  What the
 * pool needs of it is made when it starts and used again when it has ended: an
 * item.
 */
#ifndef HOST_SET_IMPL_H
#define HOST_SET_IMPL_H

#include "host/set.h"

struct kind {
	val wanted; /* the capability as the program wrote it */
	val options;
	bool prepared; /* and found good: what follows is set */
	const struct capability *capability;
	const struct effective *effective; /* NULL: policy refuses */
	const struct closure *closure;     /* NULL: no function */
	const struct plan *plan;           /* NULL: not asked for yet */
	uint8_t retries;                   /* further attempts */
	uint64_t plain; /* bytes of plain arguments that surely travel */
};

#define ITEM_MASK 0x3fffffffU
struct entry {
	val value; /* its arguments, borrowed; its result when it has ended */
	uint32_t kind;
	uint32_t item : 30; /* 1 + number of the item that it has; 0: none */
	bool ended : 1;
	bool failed : 1;
};

struct item {
	struct task task; /* seq: its entry */
	struct kind *kind;
	uint32_t number;
	uint8_t retries; /* that are left */
	bool submitted;  /* the pool has it */
};

struct set {
	struct host *host;
	struct vm *vm;
	struct heap *heap;
	struct set_config config;
	struct entry *entry;
	val *key; /* one a task; NULL: their places are */
	size_t room;
	size_t n;
	size_t next; /* entry to start */
	size_t open; /* not ended yet */
	struct kind *kind;
	size_t nkinds;
	size_t kind_room;
	struct item **block; /* of ITEM_BLOCK items; they never move */
	size_t nblocks;
	struct task_queue idle; /* items that no entry has */
	size_t live;            /* items that have one */
	size_t window;          /* most of them */
	struct image_set *images;
	struct loop_timer *timer;
	int64_t begun;
	struct buf *printed; /* one a task; NULL: nothing printed yet */
	struct buf *stray;   /* one a task, the unfinished line; or NULL */
	char *
	    why; /* nothing starts any more; once stopping, but for an interrupt */
	bool stopping; /* no more starts, no more retries */
	bool timed_out;
};

/* items.c */
/* The kind of a task that is wanted so: its number. */
uint32_t set_kind(struct set *, val wanted, val options);
struct item *item_new(struct set *, size_t i); /* for entry i, which has none */
void item_free(struct set *, struct item *);
struct item *item_of(struct set *, size_t i); /* NULL: entry i has none */

val set_key(const struct set *, size_t i); /* borrowed */
/* ":user" "[3]" or, for a single call, ":api.get-user". */
void item_label(const struct set *, size_t i, struct buf *);
/* Is this failure one that :retries or :retry-on wants again? */
bool item_wants_retry(const struct item *, enum errkey, const char *kind);
/* Entry i and its kind, before anything starts. */
int item_prepare(struct set *, size_t i, val *thrown) ATTR_CHECK;
/* Policy's answer again, for the text of a refusal. */
int item_resolve(struct set *, struct kind *, struct error *) ATTR_CHECK;

#endif
