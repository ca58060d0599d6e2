/*
 * Groups of linked inputs, multiplied.  The first group is pulled as needed;
 * the rows of the others are all read before the first combination.
 */
#include <stdlib.h>
#include <string.h>

#include "batch/combine.h"

struct rows {
	struct row *row;
	size_t n;
	size_t cap;
};

struct member {
	struct input *input;
	struct row pending; /* pulled, waiting for its neighbours */
	bool has_pending;
	struct rows seen; /* --link: to begin again */
	size_t again;
	bool ended;
};

struct group {
	struct member *member;
	size_t n;
	struct rows all; /* of every group but the first */
	bool loaded;
	size_t at;
};

struct combine {
	const struct batch_options *options;
	struct batch_input standard; /* when nothing else is said */
	struct group *group;
	size_t n;
	struct row first; /* of the first group, while the others turn */
	bool has_first;
	bool hold; /* --shuf, or the total is wanted: all rows are read first */
	bool held;
	struct rows all;
	size_t given;
	int fd;
};

static void
rows_add(struct rows *r, struct row *taken)
{
	if (r->n == r->cap) {
		r->cap = r->cap * 2 + 16;
		r->row = xreallocarray(r->row, r->cap, sizeof(*r->row));
	}
	r->row[r->n++] = *taken;
	memset(taken, 0, sizeof(*taken));
}

static void
rows_free(struct rows *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		row_clear(&r->row[i]);
	free(r->row);
}

static int
add_member(struct combine *c, const struct batch_input *from, struct heap *h,
    struct error *e)
{
	struct input *in;
	struct group *g;

	if (input_new(c->options, from, h, &in, e) == -1)
		return -1;
	if (c->n == 0 || (!from->linked && !c->options->link)) {
		c->group = xreallocarray(c->group, c->n + 1, sizeof(*c->group));
		memset(&c->group[c->n++], 0, sizeof(*c->group));
	}
	g = &c->group[c->n - 1];
	g->member = xreallocarray(g->member, g->n + 1, sizeof(*g->member));
	memset(&g->member[g->n], 0, sizeof(*g->member));
	g->member[g->n++].input = in;
	return 0;
}

int
combine_new(const struct batch_options *o, struct heap *h, struct combine **out,
    struct error *e)
{
	struct combine *c = xcalloc(1, sizeof(*c));
	size_t i;

	c->options = o;
	c->fd = -1;
	c->hold = o->shuf || o->bar || o->eta || o->halt.percent > 0;
	c->standard.kind = INPUT_FILE;
	c->standard.file = "-";
	if (o->ninputs == 0 && add_member(c, &c->standard, h, e) == -1)
		goto failed;
	for (i = 0; i < o->ninputs; i++) {
		if (add_member(c, &o->input[i], h, e) == -1)
			goto failed;
	}
	*out = c;
	return 0;
failed:
	combine_free(c);
	return -1;
}

static void
group_free(struct group *g)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		input_free(g->member[i].input);
		row_clear(&g->member[i].pending);
		rows_free(&g->member[i].seen);
	}
	free(g->member);
	rows_free(&g->all);
}

void
combine_free(struct combine *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++)
		group_free(&c->group[i]);
	free(c->group);
	row_clear(&c->first);
	rows_free(&c->all);
	free(c);
}

int
combine_fd(const struct combine *c)
{
	return c->fd;
}

/* Does another member still have rows of its own to come? */
static bool
others_live(const struct group *g, const struct member *m)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		if (&g->member[i] != m && !g->member[i].ended)
			return true;
	}
	return false;
}

/* --link: an input that has ended begins again. */
static void
begin_again(struct member *m)
{
	if (m->seen.n == 0)
		return;
	row_copy(&m->pending, &m->seen.row[m->again++ % m->seen.n]);
	m->has_pending = true;
}

static enum job_pull
member_pull(
    struct combine *c, struct group *g, struct member *m, struct error *e)
{
	struct row kept;
	enum job_pull pull = PULL_END;

	if (!m->ended)
		pull = input_next(m->input, &m->pending, e);
	if (pull == PULL_WAIT)
		c->fd = input_fd(m->input);
	if (pull == PULL_END)
		m->ended = true;
	if (pull != PULL_JOB)
		return pull;
	m->has_pending = true;
	if (c->options->link && others_live(g, m)) {
		row_copy(&kept, &m->pending);
		rows_add(&m->seen, &kept);
	}
	return PULL_JOB;
}

/* One row of a group: its members side by side. */
static enum job_pull
group_pull(struct combine *c, struct group *g, struct row *out, struct error *e)
{
	bool wrap = c->options->link && g->n > 1;
	enum job_pull pull;
	size_t i, fresh = 0;

	for (i = 0; i < g->n; i++) {
		if (!g->member[i].has_pending) {
			pull = member_pull(c, g, &g->member[i], e);
			if (pull != PULL_JOB && !(pull == PULL_END && wrap))
				return pull;
		}
		fresh += g->member[i].has_pending;
	}
	if (fresh == 0)
		return PULL_END;
	memset(out, 0, sizeof(*out));
	for (i = 0; i < g->n; i++) {
		if (!g->member[i].has_pending)
			begin_again(&g->member[i]);
		if (!g->member[i].has_pending)
			continue; /* an empty input */
		row_append(out, &g->member[i].pending);
		g->member[i].has_pending = false;
	}
	return PULL_JOB;
}

/* All rows of a group that is not the first. */
static enum job_pull
group_load(struct combine *c, struct group *g, struct error *e)
{
	struct row row;
	enum job_pull pull;

	while ((pull = group_pull(c, g, &row, e)) == PULL_JOB)
		rows_add(&g->all, &row);
	g->loaded = pull == PULL_END;
	return pull;
}

/* The next combination of the groups behind the first; false: none is left
 * for this row of the first. */
static bool
turn(struct combine *c)
{
	size_t i;

	for (i = c->n - 1; i > 0; i--) {
		if (++c->group[i].at < c->group[i].all.n)
			return true;
		c->group[i].at = 0;
	}
	return false;
}

static enum job_pull
next_combination(struct combine *c, struct row *out, struct error *e)
{
	struct row copy;
	enum job_pull pull;
	size_t i;

	for (i = 1; i < c->n; i++) {
		if (!c->group[i].loaded &&
		    (pull = group_load(c, &c->group[i], e)) != PULL_END)
			return pull;
		if (c->group[i].all.n == 0)
			return PULL_END;
	}
	if (c->n == 1)
		return group_pull(c, &c->group[0], out, e);
	if (!c->has_first) {
		pull = group_pull(c, &c->group[0], &c->first, e);
		if (pull != PULL_JOB)
			return pull;
		c->has_first = true;
	}
	row_copy(out, &c->first);
	for (i = 1; i < c->n; i++) {
		row_copy(&copy, &c->group[i].all.row[c->group[i].at]);
		row_append(out, &copy);
	}
	if (!turn(c)) {
		row_clear(&c->first);
		c->has_first = false;
	}
	return PULL_JOB;
}

static void
shuffle(struct rows *r)
{
	struct row swap;
	size_t i, k;

	for (i = r->n; i > 1; i--) {
		k = arc4random_uniform((uint32_t)i);
		swap = r->row[i - 1];
		r->row[i - 1] = r->row[k];
		r->row[k] = swap;
	}
}

enum job_pull
combine_next(struct combine *c, struct row *out, struct error *e)
{
	struct row row;
	enum job_pull pull;

	if (!c->hold)
		return next_combination(c, out, e);
	while (!c->held) {
		pull = next_combination(c, &row, e);
		if (pull == PULL_JOB) {
			rows_add(&c->all, &row);
		} else if (pull == PULL_END) {
			c->held = true;
			if (c->options->shuf)
				shuffle(&c->all);
		} else {
			return pull;
		}
	}
	if (c->given == c->all.n)
		return PULL_END;
	*out = c->all.row[c->given];
	memset(&c->all.row[c->given++], 0, sizeof(*out));
	return PULL_JOB;
}

static int64_t
group_total(const struct combine *c, const struct group *g)
{
	int64_t total = -1, one;
	size_t i;

	for (i = 0; i < g->n; i++) {
		if ((one = input_total(g->member[i].input)) == -1)
			return -1;
		if (total == -1 ||
		    (c->options->link ? one > total : one < total))
			total = one;
	}
	return total;
}

int64_t
combine_total(const struct combine *c)
{
	int64_t total = 1, one;
	size_t i;

	if (c->held)
		return (int64_t)c->all.n;
	for (i = 0; i < c->n; i++) {
		if ((one = group_total(c, &c->group[i])) == -1 ||
		    __builtin_mul_overflow(total, one, &total))
			return -1;
	}
	return total;
}
