/* rtfs capabilities list|show ID: what a task can name, where it comes from,
 * and what policy gives it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "cli/policy_rows.h"
#include "cli/setup.h"
#include "cli/verbs.h"
#include "sandbox/plan.h"
#include "value/json.h"
#include "value/type.h"

static void
json_member(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, "%s\"%s\":", b->data[b->len - 1] == '{' ? "" : ",", name);
	if (text == NULL)
		buf_adds(b, "null");
	else
		json_write_bytes(b, text, strlen(text));
}

static void
type_text(const struct type *t, struct buf *b)
{
	if (t != NULL)
		type_format(t, b);
	else
		buf_adds(b, ":any");
}

static void
list_one(const struct capability *c, bool json)
{
	struct buf b = BUF_INIT;

	if (json) {
		buf_addc(&b, '{');
		json_member(&b, "id", c->id);
		json_member(&b, "kind", cap_kind_name(c->kind));
		json_member(&b, "layer", layer_name(c->layer));
		json_member(&b, "file", c->file);
		json_member(&b, "doc", c->doc);
		json_member(&b, "broken", c->broken);
		buf_addc(&b, '}');
	} else {
		buf_addf(&b, ":%-22s %-8s %s", c->id, cap_kind_name(c->kind),
		    c->broken != NULL  ? "BROKEN: " :
		        c->doc != NULL ? c->doc :
		                         "");
		if (c->broken != NULL)
			buf_adds(&b, c->broken);
	}
	puts(buf_str(&b));
	buf_free(&b);
}

static void
row(const char *name, const char *text)
{
	if (text != NULL)
		printf("%-12s %s\n", name, text);
}

static void
show_paths(const char *name, char *const *paths)
{
	for (; paths != NULL && *paths != NULL; paths++) {
		row(name, *paths);
		name = "";
	}
}

static const char *
origin_text(const struct origin *o, struct buf *b)
{
	buf_clear(b);
	if (o->layer == LAYER_BUILTIN)
		return "built in";
	if (o->line != 0)
		buf_addf(b, "%s:%u", o->file, o->line);
	else
		buf_adds(b, o->file != NULL ? o->file : layer_name(o->layer));
	return buf_str(b);
}

static void
show_effective(const struct effective *e)
{
	struct buf b = BUF_INIT;
	char text[32], hard[32];
	int i;

	units_format_duration(e->timeout, text);
	printf("%-12s %-20s (%s)\n", "timeout",
	    e->timeout == INT64_MAX ? "none" : text,
	    origin_text(&e->origin[SETTING_TIMEOUT], &b));
	printf("%-12s %-20s (%s)\n", "isolation", isolation_name(e->isolation),
	    origin_text(&e->origin[SETTING_ISOLATION], &b));
	for (i = 0; i < LIMIT_COUNT; i++) {
		const struct limit_value *l = &e->limit[i];

		if (!l->set)
			continue;
		limit_format((enum limit_id)i, l->soft, text);
		limit_format((enum limit_id)i, l->hard, hard);
		printf("%-12s %s%s%-*s (%s)\n", limit_name((enum limit_id)i),
		    text, l->soft != l->hard ? " " : "",
		    20 - (int)strlen(text) - (l->soft != l->hard),
		    l->soft != l->hard ? hard : "",
		    origin_text(&l->origin, &b));
	}
	show_paths("read", e->read);
	show_paths("write", e->write);
	if (e->network != NETWORK_NONE)
		row("network", network_name(e->network));
	show_paths("allow", e->allow);
	for (i = 0; i < (int)e->nenv; i++)
		row(i == 0 ? "env" : "", e->env[i].name);
	buf_free(&b);
}

/* The paths that its level lets it see: x may be executed, w written. */
static void
show_view(const struct capability *c, const struct effective *eff)
{
	struct sandbox_plan p;
	struct facts facts;
	struct error e;
	char line[8400];
	bool leads;
	size_t i;

	facts_now(&facts);
	if (sandbox_plan_whole(c, eff, &facts, &p, &e) == -1) {
		row("unavailable", e.msg);
		return;
	}
	for (i = 0; i < p.profile.npaths; i++) {
		const struct sandbox_path *at = &p.profile.path[i];

		leads = at->source != NULL && strcmp(at->source, at->path) != 0;
		snprintf(line, sizeof(line), "r%c%c %s%s%s",
		    (at->access & SANDBOX_WRITE) != 0 ? 'w' : '-',
		    (at->access & SANDBOX_EXECUTE) != 0 ? 'x' : '-', at->path,
		    leads ? " -> " : "", leads ? at->source : "");
		row(i == 0 ? "sees" : "", line);
	}
	if ((p.profile.wishes & SANDBOX_VIEW) != 0)
		row("", "rw- /work /tmp /var/tmp /dev/shm, its own");
	sandbox_plan_clear(&p);
}

static int
show(const struct setup *s, const char *id)
{
	const struct capability *c;
	const struct effective *eff;
	struct buf b = BUF_INIT;
	struct error e;
	char **word;

	if (id[0] == ':')
		id++;
	if ((c = registry_find(s->registry, id)) == NULL) {
		registry_suggest(s->registry, id, &b);
		log_error("unknown capability :%s%s", id, buf_str(&b));
		buf_free(&b);
		return 1;
	}
	printf("%-12s :%s\n", "id", c->id);
	row("doc", c->doc);
	row("kind", cap_kind_name(c->kind));
	if (c->file != NULL)
		printf("%-12s %s:%u (%s)\n", "defined", c->file, c->line,
		    layer_name(c->layer));
	else
		row("defined", "built in");
	row("broken", c->broken);
	if (c->kind == CAP_PLUGIN)
		row("plugin", c->program);
	if (c->kind == CAP_EXEC) {
		row("program", c->program);
		for (word = c->argv; *word != NULL; word++)
			row(word == c->argv ? "argv" : "", *word);
		row("codec", cap_codec_name(c->codec));
	}
	type_text(c->params, &b);
	row("params", buf_str(&b));
	buf_clear(&b);
	type_text(c->result, &b);
	row("result", buf_str(&b));
	buf_free(&b);
	if (c->kind == CAP_HOST)
		return 0;
	if (policy_resolve(s->policy, c, VAL_NIL, &eff, &e) == -1)
		row("policy", e.msg);
	else
		show_effective(eff);
	show_view(c, eff);
	return 0;
}

static int
list_or_show(const struct verb *v, const struct options *o)
{
	const struct capability **list;
	struct setup s;
	size_t i, n;
	int status;

	if ((status = setup_open(&s, v, o, NULL)) != 0)
		goto done;
	if (strcmp(o->words.item[0], "show") == 0) {
		status = show(&s, o->words.item[1]);
	} else {
		list = registry_list(s.registry, &n);
		for (i = 0; i < n; i++)
			list_one(list[i], o->json);
		free(list);
	}
done:
	setup_close(&s);
	return status;
}

int
capabilities_main(const struct verb *v, int argc, char **argv)
{
	struct options o;
	char list[] = "list";
	int status;

	if ((status = options_parse(v, &o, argc, argv)) != 0) {
		options_free(&o);
		return status - 1;
	}
	if (o.words.n == 0)
		text_list_add(&o.words, list);
	if ((strcmp(o.words.item[0], "list") == 0 && o.words.n == 1) ||
	    (strcmp(o.words.item[0], "show") == 0 && o.words.n == 2))
		status = list_or_show(v, &o);
	else
		status = options_misuse(v, "\"list\" or \"show ID\"");
	options_free(&o);
	return status;
}
