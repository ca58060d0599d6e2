/* See policy_rows.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/policy_rows.h"

static struct policy_row *
row_add(struct policy_rows *r, const char *name, struct origin origin)
{
	struct policy_row *row;

	r->row = xreallocarray(r->row, r->n + 1, sizeof(*r->row));
	row = &r->row[r->n++];
	memset(row, 0, sizeof(*row));
	row->name = name;
	row->origin = origin;
	row->kept = true;
	return row;
}

static bool
listed(const char *list, const char *word, char between)
{
	size_t n = strlen(word);
	const char *at = list;

	while (at != NULL && *at != '\0') {
		if (strncmp(at, word, n) == 0 &&
		    (at[n] == '\0' || at[n] == between))
			return true;
		at = strchr(at, between);
		at = at == NULL ? NULL : at + 1;
	}
	return false;
}

static const char *
why_not_applied(enum limit_id id)
{
	switch (id) {
	case LIMIT_NPROC:
		return "it would count other processes of the same user";
	case LIMIT_TMP:
		return "it has no private /tmp";
	default:
		return "nothing here keeps it";
	}
}

static void
add_clamped(const struct sandbox_plan *plan, enum limit_id id,
    const struct limit_value *asked, struct buf *b)
{
	int resource = limit_rlimit(id);
	char text[32];
	size_t i;

	for (i = 0; i < plan->nlimits; i++) {
		if (plan->limit[i].resource == resource &&
		    plan->limit[i].hard < asked->hard) {
			limit_format(id, plan->limit[i].hard, text);
			buf_addf(
			    b, ", lowered to %s, which rtfs was given", text);
		}
	}
}

static void
add_rlimit(const struct sandbox_plan *plan, enum limit_id id,
    const struct limit_value *asked, struct buf *b)
{
	const char *name = limit_name(id);

	buf_adds(b, "RLIMIT_");
	for (; *name != '\0'; name++)
		buf_addc(b, (char)toupper((unsigned char)*name));
	if (listed(plan->clamped, limit_name(id), ' '))
		add_clamped(plan, id, asked, b);
}

static void
limit_keeper(
    struct policy_row *row, enum limit_id id, const struct sandbox_plan *plan)
{
	struct buf b = BUF_INIT;

	if (plan == NULL) {
		row->kept = false;
		buf_adds(&b, "-");
	} else if (listed(plan->not_applied, limit_name(id), ',') ||
	    (id == LIMIT_TMP && (plan->profile.wishes & SANDBOX_VIEW) == 0)) {
		row->kept = false;
		buf_addf(&b, "not kept: %s", why_not_applied(id));
	} else if (limit_rlimit(id) >= 0) {
		add_rlimit(plan, id, &row->amount, &b);
	} else if (id == LIMIT_TMP) {
		buf_adds(&b, "size of its tmpfs");
	} else if (id == LIMIT_MEMORY || id == LIMIT_PIDS || id == LIMIT_CPUS) {
		buf_adds(&b, "cgroup");
	} else {
		buf_adds(&b, "the supervisor");
	}
	row->keeper = buf_take(&b, NULL);
}

static void
limit_rows(struct policy_rows *r, const struct policy *p,
    const struct effective *eff, const struct sandbox_plan *plan)
{
	struct policy_row *row;
	struct limit_value max;
	struct buf value = BUF_INIT;
	enum limit_id id;
	char text[32];

	for (id = 0; id < LIMIT_COUNT; id++) {
		if (!eff->limit[id].set)
			continue;
		row = row_add(r, limit_name(id), eff->limit[id].origin);
		row->limit = true;
		row->id = id;
		row->amount = eff->limit[id];
		limit_value_format(id, &row->amount, &value);
		row->value = buf_take(&value, NULL);
		if (policy_ceiling(p, id, &max)) {
			limit_format(id, max.soft, text);
			row->ceiling = xstrdup(text);
			row->ceiling_origin = max.origin;
		}
		limit_keeper(row, id, plan);
	}
}

/* Grants of files and network bind a built-in by its own checks; a program has
 * them from its level of isolation. */
static const char *
grant_keeper(struct policy_row *row, enum setting id,
    const struct capability *cap, const struct effective *eff)
{
	bool ours = cap->kind == CAP_BUILTIN && cap->trusted;

	if (ours)
		return "the built-in's own checks";
	if (id == SETTING_ALLOW) {
		row->kept = false;
		return "not kept: only http.* looks at addresses";
	}
	if (eff->isolation != ISOLATION_INHERIT)
		return "its isolation";
	row->kept = false;
	return "not kept: under :inherit a program may what its user may";
}

/* What the level asks of the machine; a promise that cannot be kept makes its
 * tasks :unavailable. */
static char *
isolation_keeper(const struct sandbox_plan *plan)
{
	struct buf b = BUF_INIT;
	uint32_t bit;
	int i;

	for (i = 0; i < SANDBOX_NBITS; i++) {
		bit = UINT32_C(1) << i;
		if ((plan->profile.wishes & bit) != 0)
			buf_addf(&b, "%s%s", b.len > 0 ? ", " : "",
			    sandbox_bit_name(bit));
	}
	return b.len > 0 ? buf_take(&b, NULL) : xstrdup("nothing");
}

static const char *
setting_keeper(struct policy_row *row, enum setting id,
    const struct capability *cap, const struct effective *eff)
{
	switch (id) {
	case SETTING_TIMEOUT:
		return "the supervisor's clock";
	case SETTING_READ:
	case SETTING_WRITE:
	case SETTING_EXECUTE:
	case SETTING_NETWORK:
	case SETTING_ALLOW:
		return grant_keeper(row, id, cap, eff);
	case SETTING_PROGRAM:
		return "looked at before it is started";
	case SETTING_CONCURRENCY:
	case SETTING_WEIGHT:
		return "the supervisor's queue";
	case SETTING_SECRETS:
		return "files that rtfs reads for its tasks";
	default:
		return "set up before the task";
	}
}

static char *
keeper_of(struct policy_row *row, enum setting id, const struct capability *cap,
    const struct effective *eff, const struct sandbox_plan *plan)
{
	row->kept = plan != NULL;
	if (plan == NULL)
		return xstrdup("-");
	if (id == SETTING_ISOLATION)
		return isolation_keeper(plan);
	return xstrdup(setting_keeper(row, id, cap, eff));
}

static bool
is_shown(const struct effective *eff, enum setting id)
{
	switch (id) {
	case SETTING_LIMITS:
		return false;
	case SETTING_TIMEOUT:
	case SETTING_ISOLATION:
	case SETTING_READ:
	case SETTING_WRITE:
	case SETTING_NETWORK:
		return true;
	default:
		return eff->origin[id].file != NULL;
	}
}

static void
setting_rows_make(struct policy_rows *r, const struct policy *p,
    const struct capability *cap, const struct effective *eff,
    const struct sandbox_plan *plan)
{
	static const struct origin nobody = {LAYER_BUILTIN, "built in", 0, 0};
	struct policy_row *row;
	struct buf value = BUF_INIT;
	enum setting id;
	char text[32];
	int64_t max;

	for (id = 0; id < SETTING_COUNT; id++) {
		if (!is_shown(eff, id))
			continue;
		row = row_add(r, setting_name(id),
		    eff->origin[id].file != NULL ? eff->origin[id] : nobody);
		setting_format(eff, id, &value);
		row->value = buf_take(&value, NULL);
		if (id == SETTING_TIMEOUT &&
		    policy_timeout_ceiling(p, &max, &row->ceiling_origin)) {
			units_format_duration(max, text);
			row->ceiling = xstrdup(text);
		}
		row->keeper = keeper_of(row, id, cap, eff, plan);
	}
}

void
policy_rows_make(struct policy_rows *r, const struct policy *p,
    const struct capability *cap, const struct effective *eff,
    const struct sandbox_plan *plan)
{
	memset(r, 0, sizeof(*r));
	setting_rows_make(r, p, cap, eff, plan);
	limit_rows(r, p, eff, plan);
}

void
policy_rows_free(struct policy_rows *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		free(r->row[i].value);
		free(r->row[i].ceiling);
		free(r->row[i].keeper);
	}
	free(r->row);
	memset(r, 0, sizeof(*r));
}
