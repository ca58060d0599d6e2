/* The tasks of a set, shared by its checks (prepare.c) and its run (set.c). */
#ifndef HOST_SET_IMPL_H
#define HOST_SET_IMPL_H

#include "host/set.h"

struct item {
	struct task task;
	const struct capability *capability;
	const struct effective *effective; /* NULL: policy refuses */
	val key;
	val wanted; /* the capability as the program wrote it */
	val options;
	val result;      /* VAL_UNBOUND until it has ended */
	uint8_t retries; /* further attempts that are left */
	bool failed;
	bool submitted; /* the pool has it */
};

struct set {
	struct host *host;
	struct vm *vm;
	struct heap *heap;
	struct set_config config;
	struct item *item;
	size_t n;
	size_t open; /* not ended yet */
	struct image_set *images;
	struct loop_timer *timer;
	struct buf *printed; /* one a task; NULL: nothing printed yet */
	struct buf *stray;   /* one a task, the unfinished line; or NULL */
	bool stopping;       /* no more starts, no more retries */
	bool timed_out;
};

/* ":user" "[3]" or, for a single call, ":api.get-user". */
void item_label(const struct set *, const struct item *, struct buf *);
/* Is this failure one that :retries or :retry-on wants again? */
bool item_wants_retry(const struct item *, enum errkey, const char *kind);
/* Make the pieces of item->task that checks find out. */
int item_prepare(struct set *, struct item *, const struct item *before,
    val *thrown) ATTR_CHECK;
/* Policy's answer again, for the text of a refusal. */
int item_resolve(struct set *, struct item *, struct error *) ATTR_CHECK;

#endif
