/* From effective limits and facts to a plan: pure, so that it can be tested on
 * tables and shown before anything runs. */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/plan.h"
#include "sandbox/resolve.h"

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
	if (!v->lowered && (l->hard < v->hard || l->soft < v->soft))
		add_word(clamped, limit_name(id), " ");
}

/* :nproc counts all processes of a uid, so it needs one that nobody else has:
 * the slot's own, or any in a user namespace of its own.  0: there is none. */
static uint32_t
nproc_needs(const struct sandbox_plan *p, const struct facts *f)
{
	if ((p->profile.wishes & SANDBOX_OWN_UID) != 0)
		return SANDBOX_OWN_UID;
	if ((p->profile.wishes & SANDBOX_USERNS) != 0 && f->uid != 0 &&
	    f->nproc_by_userns)
		return SANDBOX_USERNS;
	return 0;
}

static int
plan_limits(const struct effective *eff, const struct facts *f,
    struct sandbox_plan *p, struct error *e)
{
	struct buf clamped = BUF_INIT;
	struct buf missing = BUF_INIT;
	struct limit_value limit[LIMIT_COUNT];
	const struct limit_value *v;
	uint32_t needs = nproc_needs(p, f);
	unsigned int id;

	memcpy(limit, eff->limit, sizeof(limit));
	if (sandbox_plan_group(eff, f, limit, p, &missing, e) == -1) {
		buf_free(&missing);
		return -1;
	}
	for (id = 0; id < LIMIT_COUNT; id++) {
		v = &limit[id];
		if (!v->set)
			continue;
		if (v->lowered)
			add_word(&clamped, limit_name(id), " ");
		if (id == LIMIT_NPROC && needs == 0) {
			add_word(&missing, "nproc", ",");
		} else if (id == LIMIT_TMP) {
			p->profile.tmp = v->soft;
			p->tmp_limited = true;
		} else {
			plan_limit(f, id, v, p, &clamped);
			if (id == LIMIT_NPROC)
				p->limit[p->nlimits - 1].needs = needs;
		}
	}
	p->clamped = text_or_null(&clamped);
	p->not_applied = text_or_null(&missing);
	return 0;
}

int
sandbox_plan(const struct capability *c, const struct effective *eff,
    const struct facts *f, struct sandbox_plan *out, struct error *e)
{
	struct sandbox_plan p = {.profile.tmp = UINT64_MAX};

	if (sandbox_plan_level(c, eff, f, &p, e) == -1 ||
	    plan_limits(eff, f, &p, e) == -1) {
		sandbox_plan_clear(&p);
		return -1;
	}
	*out = p;
	return 0;
}

void
sandbox_plan_clear(struct sandbox_plan *p)
{
	sandbox_profile_clear(&p->profile);
	free(p->clamped);
	free(p->not_applied);
	memset(p, 0, sizeof(*p));
}

/* Compiled filters, by what they are made of; the usual ones are few. */
static int
plan_filter(struct sandbox_plan *p, struct error *e)
{
	static struct buf ready[16][2];
	static struct buf lax;
	struct buf own = BUF_INIT;
	struct buf *b = p->filter.names == NULL && !p->filter.trace ?
	    &ready[p->filter.sets][p->filter.notify] :
	    &own;

	if (p->filter.lax)
		b = &lax;
	if (b->len == 0 && filter_export(&p->filter, b, e) == -1) {
		buf_free(b);
		return -1;
	}
	p->profile.filter_len = b->len;
	p->profile.filter = xmalloc(b->len);
	memcpy(p->profile.filter, b->data, b->len);
	buf_free(&own);
	return 0;
}

int
sandbox_plan_finish(
    struct sandbox_plan *p, const struct writable *w, struct error *e)
{
	if (sandbox_profile_resolve(&p->profile, w, e) == -1)
		return -1;
	if ((p->profile.wishes & (SANDBOX_SECCOMP | SANDBOX_NO_USERNS)) == 0)
		return 0;
	return plan_filter(p, e);
}

int
sandbox_plan_whole(const struct capability *c, const struct effective *eff,
    const struct facts *f, struct sandbox_plan *out, struct error *e)
{
	if (sandbox_plan(c, eff, f, out, e) == -1)
		return -1;
	if (sandbox_check_bounds(eff, e) == 0 &&
	    sandbox_plan_finish(out, eff->writable, e) == 0)
		return 0;
	sandbox_plan_clear(out);
	return -1;
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

static void
missing_promises(const struct sandbox_plan *p, uint32_t kept, struct buf *out)
{
	uint32_t lost = p->promises & ~sandbox_promises(p, kept);
	uint32_t bit;

	for (bit = 1; bit <= PROMISE_USERNS; bit <<= 1) {
		if ((lost & bit) != 0)
			add_word(out, sandbox_promise_name(bit), ",");
	}
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
	if (p->tmp_limited && (kept & SANDBOX_VIEW) == 0)
		add_word(out, "tmp", ",");
	if (p->promises != 0) {
		missing_promises(p, kept, out);
		return;
	}
	for (i = 0; i < NITEMS(wish_names); i++) {
		if ((p->profile.wishes & ~kept & wish_names[i].bit) != 0)
			add_word(out, wish_names[i].name, ",");
	}
}
