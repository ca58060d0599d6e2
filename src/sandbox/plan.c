/* From effective limits and facts to a plan: pure, so that it can be tested on
 * tables and shown before anything runs. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/plan.h"

static_assert(SANDBOX_NLIMITS == 16, "RLIM_NLIMITS of Linux");

static const struct {
	uint32_t bit;
	const char *name;
} wish_names[] = {
    {SANDBOX_PIDNS,        "pid namespace"},
    {SANDBOX_IPCNS,        "ipc namespace"},
    {SANDBOX_NO_NEW_PRIVS, "no_new_privs" },
};

static void
add_word(struct buf *b, const char *word, const char *between)
{
	if (b->len > 0)
		buf_adds(b, between);
	buf_adds(b, word);
}

static char *
text_or_null(struct buf *b)
{
	return b->len > 0 ? buf_take(b, NULL) : NULL;
}

/* Where a value was said, for the end of a message. */
static int
refuse(struct error *e, const struct origin *o, const char *what,
    const char *remedy)
{
	if (o->line > 0)
		error_set(e, EK_UNAVAILABLE, "%s (%s:%u): %s", what, o->file,
		    o->line, remedy);
	else
		error_set(e, EK_UNAVAILABLE, "%s (%s): %s", what,
		    o->file != NULL ? o->file : "built in", remedy);
	if (e != NULL)
		e->os_errno = ENOSYS;
	return -1;
}

static int
check_isolation(const struct effective *eff, struct error *e)
{
	char what[96];

	if (eff->isolation == ISOLATION_INHERIT)
		return 0;
	snprintf(what, sizeof(what), "this version cannot keep :isolation :%s",
	    isolation_name(eff->isolation));
	return refuse(e, &eff->origin[SETTING_ISOLATION], what,
	    "only :inherit is built so far; say :isolation :inherit to run "
	    "with the caller's files and network");
}

static int
check_limits(const struct effective *eff, struct error *e)
{
	static const struct {
		enum limit_id id;
		const char *remedy;
	} cgroup[] = {
	    {LIMIT_MEMORY, "use :data, which bounds each process"        },
	    {LIMIT_PIDS,   "use :nproc"                                  },
	    {LIMIT_CPUS,   "use :cpu for CPU time, or fewer workers (-j)"},
	};
	char what[96];
	size_t i;

	for (i = 0; i < NITEMS(cgroup); i++) {
		if (!eff->limit[cgroup[i].id].set)
			continue;
		snprintf(what, sizeof(what),
		    "the limit :%s needs a cgroup, which this version does "
		    "not use",
		    limit_name(cgroup[i].id));
		return refuse(e, &eff->limit[cgroup[i].id].origin, what,
		    cgroup[i].remedy);
	}
	return 0;
}

static void
plan_limit(const struct facts *f, enum limit_id id, const struct limit_value *v,
    struct sandbox_plan *p, struct buf *clamped)
{
	int resource = limit_rlimit(id);
	struct sandbox_limit *l;
	uint64_t hard;

	if (resource < 0 || resource >= SANDBOX_NLIMITS)
		return;
	hard = f->hard[resource];
	l = &p->limit[p->nlimits++];
	l->resource = resource;
	l->needs = 0;
	l->hard = v->hard < hard ? v->hard : hard;
	l->soft = v->soft < l->hard ? v->soft : l->hard;
	if (l->hard < v->hard || l->soft < v->soft)
		add_word(clamped, limit_name(id), " ");
}

int
sandbox_plan(const struct effective *eff, const struct facts *f,
    struct sandbox_plan *out, struct error *e)
{
	struct sandbox_plan p = {0};
	struct buf clamped = BUF_INIT;
	struct buf missing = BUF_INIT;
	const struct limit_value *v;
	unsigned int id;

	if (sandbox_check_kept(eff, e) == -1 || check_isolation(eff, e) == -1 ||
	    check_limits(eff, e) == -1)
		return -1;
	p.wishes = SANDBOX_PIDNS | SANDBOX_IPCNS | SANDBOX_NO_NEW_PRIVS;
	if (!f->sys_admin)
		p.wishes |= SANDBOX_USERNS;
	for (id = 0; id < LIMIT_COUNT; id++) {
		v = &eff->limit[id];
		if (!v->set)
			continue;
		/* It would count the user's other processes (and root's not
		 * at all); a user namespace of the slot's own counts apart. */
		if (id == LIMIT_NPROC &&
		    (f->sys_admin || f->uid == 0 || !f->nproc_by_userns)) {
			add_word(&missing, "nproc", ",");
			continue;
		}
		if (id == LIMIT_TMP) { /* there is no private /tmp */
			add_word(&missing, "tmp", ",");
			continue;
		}
		plan_limit(f, id, v, &p, &clamped);
		if (id == LIMIT_NPROC)
			p.limit[p.nlimits - 1].needs = SANDBOX_USERNS;
	}
	p.clamped = text_or_null(&clamped);
	p.not_applied = text_or_null(&missing);
	*out = p;
	return 0;
}

void
sandbox_plan_clear(struct sandbox_plan *p)
{
	free(p->clamped);
	free(p->not_applied);
	memset(p, 0, sizeof(*p));
}

static const char *
resource_name(int resource)
{
	unsigned int id;

	for (id = 0; id < LIMIT_COUNT; id++) {
		if (limit_rlimit(id) == resource)
			return limit_name(id);
	}
	return "?";
}

void
sandbox_plan_missing(
    const struct sandbox_plan *p, uint32_t kept, struct buf *out)
{
	size_t i;

	if (p->not_applied != NULL)
		add_word(out, p->not_applied, ",");
	for (i = 0; i < p->nlimits; i++) {
		if ((p->limit[i].needs & ~kept) != 0)
			add_word(out, resource_name(p->limit[i].resource), ",");
	}
	for (i = 0; i < NITEMS(wish_names); i++) {
		if ((p->wishes & ~kept & wish_names[i].bit) != 0)
			add_word(out, wish_names[i].name, ",");
	}
}
