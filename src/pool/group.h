/*
 * The control groups of a pool: opened once, before anything is made that must
 * be in one; a group a slot; limits written before each message of tasks.
 */
#ifndef POOL_GROUP_H
#define POOL_GROUP_H

#include "base/error.h"
#include "sandbox/cgroup.h"

struct attempt;
struct effective;
struct plan;
struct pool;
struct slot;
struct worker;

/* Before a plan is made that may need one: find out what this machine has, and
 * set what :total says.  -1: EK_UNAVAILABLE, a total cannot be kept. */
int pool_group_open(
    struct pool *, const struct effective *, struct error *) ATTR_CHECK;
/* Must slots for this plan have one? */
bool pool_group_wanted(const struct pool *, const struct plan *);
/* Append what a fork server must know to remove them if we are killed; nothing
 * where there are none. */
void pool_group_pack(const struct pool *, struct buf *);
/* It need not, from now on. */
void pool_group_forget(int server_fd);
/* The guard of a new slot enters its group. */
int slot_group_enter(struct slot *, struct error *) ATTR_CHECK;
/* A slot that this pool has no more. */
void slot_group_leave(struct slot *);
/* The tasks of a plan are about to be sent there. */
int slot_group_limit(
    struct slot *, const struct plan *, struct error *) ATTR_CHECK;
/* May tasks of both travel in one message? */
bool plan_group_same(const struct plan *, const struct plan *);
/* What the kernel says of a run that has ended. */
void slot_group_look(struct slot *, const struct plan *, struct attempt *);

#endif
