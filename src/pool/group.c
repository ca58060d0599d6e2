/* See group.h. */
#include <string.h>

#include "base/log.h"
#include "pool/internal.h"
#include "proto/codec.h"

static uint64_t
total_of(const struct pool *p, enum total_id id)
{
	const struct total *t = &p->config.total[id];

	return t->set ? t->amount : CGROUP_UNLIMITED;
}

int
pool_group_open(struct pool *p, const struct effective *f, struct error *e)
{
	struct cgroup_limits total = {
	    .memory = total_of(p, TOTAL_MEMORY),
	    .pids = total_of(p, TOTAL_PIDS),
	    .cpus = total_of(p, TOTAL_CPUS),
	};
	const struct cgroup_limits none = CGROUP_LIMITS_NONE;

	p->group_total = memcmp(&total, &none, sizeof(total)) != 0;
	if (!p->group_total && !sandbox_wants_group(f, &p->facts))
		return 0;
	if (p->cgroup == NULL) {
		p->cgroup = cgroup_open();
		p->facts.cgroup = cgroup_has(p->cgroup);
		p->facts.cgroup_why = cgroup_why(p->cgroup);
		log_debug("cgroups: %s%s%s", cgroup_kind(p->cgroup),
		    p->facts.cgroup_why[0] != '\0' ? ": " : "",
		    p->facts.cgroup_why);
	}
	return p->group_total ? cgroup_total(p->cgroup, &total, e) : 0;
}

bool
pool_group_wanted(const struct pool *p, const struct plan *plan)
{
	return plan->sandbox.grouped || p->group_total;
}

static void
pack_groups(struct buf *b, const struct cgroup_made *made, size_t n)
{
	size_t mark = frame_begin(b, MSG_GROUPS), i;

	pack_array(b, 2 * n);
	for (i = 0; i < n; i++) {
		pack_strz(b, made[i].own);
		pack_uint(b, made[i].enabled);
	}
	frame_end(b, mark);
}

void
pool_group_pack(const struct pool *p, struct buf *b)
{
	struct cgroup_made made[CGROUP_PLACES];
	size_t n = p->cgroup == NULL ? 0 : cgroup_made(p->cgroup, made);

	if (n > 0)
		pack_groups(b, made, n);
}

void
pool_group_forget(int server_fd)
{
	struct buf b = BUF_INIT;
	struct error e;

	pack_groups(&b, NULL, 0);
	if (frame_send(server_fd, &b, NULL, 0, &e) == -1)
		log_debug("a fork server hears no more: %s", e.msg);
	buf_free(&b);
}

int
slot_group_enter(struct slot *s, struct error *e)
{
	struct pool *p = s->profile->server->pool;

	(void)cgroup_tidy(p->cgroup);
	return cgroup_slot_new(p->cgroup, s->id, s->pid, &s->group, e);
}

void
slot_group_leave(struct slot *s)
{
	if (s->group != NULL && (s->kept & SANDBOX_PIDNS) == 0)
		(void)cgroup_slot_kill(s->group);
	cgroup_slot_free(s->group);
	s->group = NULL;
}

int
slot_group_limit(struct slot *s, const struct plan *plan, struct error *e)
{
	if (s->group == NULL)
		return 0;
	return cgroup_slot_limit(s->group, &plan->sandbox.group, e);
}

bool
plan_group_same(const struct plan *a, const struct plan *b)
{
	return a == b ||
	    memcmp(&a->sandbox.group, &b->sandbox.group,
	        sizeof(a->sandbox.group)) == 0;
}

void
slot_group_look(struct slot *s, const struct plan *plan, struct attempt *a)
{
	struct cgroup_use use;
	uint64_t total;

	if (s->group == NULL)
		return;
	cgroup_slot_use(s->group, &use);
	total = total_of(s->profile->server->pool, TOTAL_PIDS);
	a->refused = use.refused;
	a->pids = plan->sandbox.group.pids;
	a->pids_total = total < a->pids;
	if (a->pids_total)
		a->pids = total;
	if (!use.oom)
		return;
	a->oom = true;
	a->oom_total = use.oom_total;
	a->memory = use.oom_total ?
	    total_of(s->profile->server->pool, TOTAL_MEMORY) :
	    plan->sandbox.group.memory;
	a->memory_used = use.memory;
}
