/* The part of a plan that a control group keeps: limits of a whole process
 * tree, and what stands in for them where there is none. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/plan.h"

static const struct {
	enum limit_id id;
	uint32_t bit;
	const char *remedy;
} rows[] = {
    {LIMIT_MEMORY, CGROUP_MEMORY,
     "or say :degrade [:cgroup] to bound each process by :data instead"},
    {LIMIT_PIDS,   CGROUP_PIDS,
     "or say :degrade [:cgroup] to bound them by :nproc instead"       },
    {LIMIT_CPUS,   CGROUP_CPU,
     "or say :degrade [:cgroup] and use fewer workers (-j)"            },
};

bool
sandbox_wants_group(const struct effective *eff, const struct facts *f)
{
	const struct limit_value *v = &eff->limit[LIMIT_NPROC];
	size_t i;

	for (i = 0; i < NITEMS(rows); i++) {
		if (eff->limit[rows[i].id].set)
			return true;
	}
	return v->set && v->origin.layer != LAYER_BUILTIN && f->uid == 0 &&
	    eff->isolation == ISOLATION_INHERIT;
}

static int
refuse(const struct limit_value *v, enum limit_id id, const char *remedy,
    const struct facts *f, struct error *e)
{
	const char *why = f->cgroup_why != NULL ? f->cgroup_why : "";
	char place[128];

	error_set(e, EK_UNAVAILABLE,
	    "the limit :%s (%s) needs a cgroup: %s; %s", limit_name(id),
	    origin_place(v->origin, place), why, remedy);
	e->os_errno = ENOSYS;
	return -1;
}

/* The first process of a task may be there before its limit is: a group
 * refuses a fork, and never who is in it. */
static int
refuse_none(const struct limit_value *v, struct error *e)
{
	char place[128];

	return error_set(e, EK_UNAVAILABLE,
	    "the limit :pids 0 (%s) lets no task start: its first process is "
	    "one",
	    origin_place(v->origin, place));
}

static void
lower(struct limit_value *to, const struct limit_value *from)
{
	if (!to->set || to->soft > from->soft)
		to->soft = from->soft;
	if (!to->set || to->hard > from->hard)
		to->hard = from->hard;
	to->set = true;
}

int
sandbox_plan_group(const struct effective *eff, const struct facts *f,
    struct limit_value limit[LIMIT_COUNT], struct sandbox_plan *p,
    struct buf *missing, struct error *e)
{
	uint64_t *amount[] = {&p->group.memory, &p->group.pids, &p->group.cpus};
	const struct limit_value *v;
	size_t i;

	p->group = (struct cgroup_limits)CGROUP_LIMITS_NONE;
	for (i = 0; i < NITEMS(rows); i++) {
		v = &limit[rows[i].id];
		if (!v->set || v->hard == LIMIT_UNLIMITED)
			continue;
		if (rows[i].id == LIMIT_PIDS && v->hard == 0)
			return refuse_none(v, e);
		if ((f->cgroup & rows[i].bit) != 0) {
			*amount[i] = v->hard;
			continue;
		}
		if ((eff->degrade & DEGRADE_CGROUP) == 0)
			return refuse(v, rows[i].id, rows[i].remedy, f, e);
		if (rows[i].id == LIMIT_MEMORY)
			lower(&limit[LIMIT_DATA], v);
		else if (rows[i].id == LIMIT_PIDS)
			lower(&limit[LIMIT_NPROC], v);
		buf_addf(missing, "%s%s", missing->len > 0 ? "," : "",
		    limit_name(rows[i].id));
	}
	/* Here it counts what it says: the processes of this task. */
	v = &limit[LIMIT_NPROC];
	if (v->set && (f->cgroup & CGROUP_PIDS) != 0 &&
	    sandbox_wants_group(eff, f)) {
		/* as an rlimit: 0 refuses more, not the one that is there */
		if (v->hard < p->group.pids)
			p->group.pids = v->hard > 0 ? v->hard : 1;
		limit[LIMIT_NPROC].set = false;
	}
	p->grouped = p->group.memory != CGROUP_UNLIMITED ||
	    p->group.pids != CGROUP_UNLIMITED ||
	    p->group.cpus != CGROUP_UNLIMITED;
	return 0;
}
