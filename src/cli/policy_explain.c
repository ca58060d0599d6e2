/*
 * rtfs policy explain CAP, --all, --defaults: what policy gives, who said so,
 * up to where, and what keeps it on this machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/policy_rows.h"
#include "cli/policy_verbs.h"
#include "lang/vm.h"
#include "value/json.h"
#include "value/taskval.h"

struct explain {
	struct setup *setup;
	struct facts facts;
	struct cgroup *cgroup; /* NULL: nobody has asked for it */
	val options;           /* of --task */
	bool json;
};

/* Capabilities that have the same come together. */
struct group {
	const struct capability **cap;
	size_t n;
	const struct effective *effective; /* NULL: denied */
	struct error refused;              /* by policy, or by the machine */
	bool unavailable;
	struct policy_rows rows;
};

struct passed {
	struct buf *b;
	bool json;
	size_t n;
};

static void
add_passed(const struct origin *o, void *arg)
{
	struct passed *p = arg;
	const char *where = policy_origin(o);

	if (p->json) {
		if (p->n++ > 0)
			buf_addc(p->b, ',');
		json_write_bytes(p->b, where, strlen(where));
	} else {
		p->n++;
		buf_addf(p->b, "  the rule at %s (layer %s)\n", where,
		    layer_name(o->layer));
	}
}

static void
explain_group(struct explain *x, struct group *g)
{
	struct sandbox_plan plan;
	const struct capability *cap = g->cap[0];
	int rc;

	if (policy_resolve(x->setup->policy, cap, x->options, &g->effective,
	        &g->refused) == -1) {
		g->effective = NULL;
		return;
	}
	if (x->cgroup == NULL && sandbox_wants_group(g->effective, &x->facts)) {
		x->cgroup = cgroup_open();
		x->facts.cgroup = cgroup_has(x->cgroup);
		x->facts.cgroup_why = cgroup_why(x->cgroup);
	}
	rc = sandbox_plan_whole(
	    cap, g->effective, &x->facts, &plan, &g->refused);
	g->unavailable = rc == -1;
	policy_rows_make(&g->rows, x->setup->policy, cap, g->effective,
	    rc == 0 ? &plan : NULL);
	if (rc == 0)
		sandbox_plan_clear(&plan);
}

static void
text_titles(const struct group *g)
{
	const struct capability *c;
	size_t i;

	for (i = 0; i < g->n; i++) {
		c = g->cap[i];
		if (c->file != NULL)
			printf(":%s  %s, %s:%u (%s)\n", c->id,
			    cap_kind_name(c->kind), c->file, c->line,
			    layer_name(c->layer));
		else
			printf(":%s  %s, %s\n", c->id, cap_kind_name(c->kind),
			    layer_name(c->layer));
	}
}

#define COLUMNS 5

static const char *
cell(const struct policy_row *row, int column)
{
	static char ceiling[600], amount[32];

	switch (column) {
	case 0:
		return row->name;
	case 1:
		if (!row->limit)
			return row->value;
		limit_format(row->id, row->amount.soft, amount);
		return amount;
	case 2:
		if (!row->limit)
			return "";
		limit_format(row->id, row->amount.hard, amount);
		return amount;
	case 3:
		return policy_origin(&row->origin);
	default:
		if (row->ceiling == NULL)
			return "-";
		snprintf(ceiling, sizeof(ceiling), "%s %s", row->ceiling,
		    policy_origin(&row->ceiling_origin));
		return ceiling;
	}
}

/* As wide as the widest of reasonable width, so that columns stand under each
 * other. */
static void
text_rows(const struct policy_rows *r)
{
	static const char *const titles[COLUMNS] = {
	    "WHAT", "VALUE", "HARD", "SET BY", "CEILING"};
	const size_t wide = 44;
	size_t width[COLUMNS], i, n;
	int c;

	for (c = 0; c < COLUMNS; c++) {
		width[c] = strlen(titles[c]);
		for (i = 0; i < r->n; i++) {
			n = strlen(cell(&r->row[i], c));
			if (n > width[c] && n <= wide)
				width[c] = n;
		}
		printf("  %-*s", (int)width[c], titles[c]);
	}
	puts("  KEPT BY");
	for (i = 0; i < r->n; i++) {
		for (c = 0; c < COLUMNS; c++)
			printf("  %-*s", (int)width[c], cell(&r->row[i], c));
		printf("  %s\n", r->row[i].keeper);
	}
}

static void
text_group(struct explain *x, const struct group *g)
{
	struct buf passed = BUF_INIT;
	struct passed p = {&passed, false, 0};

	text_titles(g);
	if (g->effective == NULL) {
		printf("  denied: %s\n", g->refused.msg);
		return;
	}
	if (g->unavailable)
		printf("  unavailable here: %s\n", g->refused.msg);
	text_rows(&g->rows);
	policy_passed_over(x->setup->policy, g->cap[0], add_passed, &p);
	if (p.n > 0)
		printf("  Passed over, since they grant and :%s is defined in "
		       "a layer below (:from :any would reach it):\n%s",
		    g->cap[0]->id, buf_str(&passed));
	buf_free(&passed);
}

static void
json_text(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, ",\"%s\":", name);
	if (text == NULL)
		buf_adds(b, "null");
	else
		json_write_bytes(b, text, strlen(text));
}

static void
json_amount(
    struct buf *b, const char *name, enum limit_unit unit, uint64_t amount)
{
	char cpus[32];

	amount_format(UNIT_CPUS, amount, cpus);
	if (amount == LIMIT_UNLIMITED)
		buf_addf(b, ",\"%s\":null", name);
	else if (unit == UNIT_CPUS)
		buf_addf(b, ",\"%s\":%s", name, cpus);
	else
		buf_addf(b, ",\"%s\":%llu", name, (unsigned long long)amount);
}

static void
json_row(struct buf *b, const struct policy_row *row)
{
	buf_addf(b, "{\"name\":\"%s\"", row->name);
	json_text(b, "value", row->value);
	if (row->limit) {
		json_amount(b, "soft", limit_unit(row->id), row->amount.soft);
		json_amount(b, "hard", limit_unit(row->id), row->amount.hard);
	}
	json_text(b, "layer", layer_name(row->origin.layer));
	json_text(b, "set_by", policy_origin(&row->origin));
	json_text(b, "ceiling", row->ceiling);
	json_text(b, "ceiling_by",
	    row->ceiling == NULL ? NULL : policy_origin(&row->ceiling_origin));
	buf_addf(b, ",\"kept\":%s", row->kept ? "true" : "false");
	json_text(b, "kept_by", row->keeper);
	buf_addc(b, '}');
}

static void
json_capability(
    struct explain *x, const struct group *g, const struct capability *c)
{
	struct buf b = BUF_INIT;
	struct passed p = {&b, true, 0};
	size_t i;

	buf_adds(&b, "{\"id\":");
	json_write_bytes(&b, c->id, strlen(c->id));
	json_text(&b, "kind", cap_kind_name(c->kind));
	json_text(&b, "layer", layer_name(c->layer));
	json_text(&b, "denied", g->effective == NULL ? g->refused.msg : NULL);
	json_text(&b, "unavailable", g->unavailable ? g->refused.msg : NULL);
	if (g->effective != NULL)
		buf_addf(&b, ",\"digest\":\"%016llx\"",
		    (unsigned long long)g->effective->digest);
	buf_adds(&b, ",\"rows\":[");
	for (i = 0; i < g->rows.n; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		json_row(&b, &g->rows.row[i]);
	}
	buf_adds(&b, "],\"passed_over\":[");
	policy_passed_over(x->setup->policy, c, add_passed, &p);
	buf_adds(&b, "]}");
	puts(buf_str(&b));
	buf_free(&b);
}

static void
show_group(struct explain *x, struct group *g)
{
	size_t i;

	explain_group(x, g);
	if (x->json) {
		for (i = 0; i < g->n; i++)
			json_capability(x, g, g->cap[i]);
	} else {
		text_group(x, g);
	}
	policy_rows_free(&g->rows);
}

/* The same policy, for the same reasons: equal effective policies are one, and
 * built-ins differ from programs in what keeps it. */
static bool
alike(struct explain *x, const struct capability *a, const struct capability *b)
{
	const struct effective *ea, *eb;
	struct error e;

	return a->kind == b->kind && a->layer == b->layer &&
	    strcmp(a->id, "process.exec") != 0 &&
	    strcmp(b->id, "process.exec") != 0 &&
	    policy_resolve(x->setup->policy, a, x->options, &ea, &e) == 0 &&
	    policy_resolve(x->setup->policy, b, x->options, &eb, &e) == 0 &&
	    ea == eb;
}

static int
explain_all(struct explain *x)
{
	const struct capability **list, **members;
	bool *done;
	size_t i, k, n, groups = 0;

	list = registry_list(x->setup->registry, &n);
	members = xcalloc(n, sizeof(*members));
	done = xcalloc(n, sizeof(*done));
	for (i = 0; i < n; i++) {
		struct group g = {.cap = members};

		for (k = i; k < n; k++) {
			if (done[k] || list[k]->kind == CAP_HOST ||
			    (k > i && !alike(x, list[i], list[k])))
				continue;
			members[g.n++] = list[k];
			done[k] = true;
		}
		if (g.n == 0 || members[0] != list[i])
			continue;
		if (groups++ > 0 && !x->json)
			puts("");
		show_group(x, &g);
	}
	free(done);
	free(members);
	free(list);
	return 0;
}

static int
explain_one(struct explain *x, const char *id)
{
	const struct capability *c;
	struct group g = {.cap = &c, .n = 1};
	struct buf near = BUF_INIT;

	id += id[0] == ':';
	c = registry_find(x->setup->registry, id);
	if (c == NULL) {
		registry_suggest(x->setup->registry, id, &near);
		log_error("unknown capability :%s%s", id, buf_str(&near));
		buf_free(&near);
		return 1;
	}
	if (c->kind == CAP_HOST) {
		log_error(":%s is served by rtfs itself, without a task", id);
		return 1;
	}
	show_group(x, &g);
	return 0;
}

/* The value of --task: a task, or a map of its options. */
static int
read_task(const char *text, struct vm **vm, val *options)
{
	struct vm_config config = {.max_memory = (size_t)1 << 28};
	struct error e;
	val v;

	if (vm_new(&config, vm, &e) == -1 ||
	    vm_load(*vm, "<task>", text, strlen(text), &e) == -1) {
		log_error("--task: %s", e.msg);
		return 2;
	}
	v = vm_run(*vm) == VM_DONE ? vm_value(*vm) : VAL_UNBOUND;
	if (val_is_task(v)) {
		*options = val_taskval(v)->options;
	} else if (val_is_map(v)) {
		*options = v;
	} else {
		log_error("--task: expected a task, or a map of the options "
		          "of one, such as '{:timeout \"1s\"}'");
		return 2;
	}
	if (policy_check_options(*options, &e) == -1) {
		log_error("--task: %s", e.msg);
		return 2;
	}
	return 0;
}

int
policy_explain(const struct verb *v, const struct options *o,
    const struct policy_words *words)
{
	struct setup s;
	struct explain x = {.setup = &s, .options = VAL_NIL, .json = o->json};
	struct vm *vm = NULL;
	int status;

	if (o->defaults) {
		fputs(policy_builtin_text(), stdout);
		return 0;
	}
	if (words->n != (o->all ? 0 : 1))
		return options_misuse(v, "explain one CAPABILITY, or --all");
	facts_now(&x.facts);
	status = setup_open(&s, v, o, NULL);
	if (status == 0 && o->task != NULL)
		status = read_task(o->task, &vm, &x.options);
	if (status == 0)
		status =
		    o->all ? explain_all(&x) : explain_one(&x, words->item[0]);
	vm_free(vm);
	cgroup_close(x.cgroup);
	setup_close(&s);
	return status;
}
