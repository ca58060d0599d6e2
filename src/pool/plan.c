/*
 * The fixed part of a task, worked out once and packed for the wire.
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pool/plan.h"
#include "pool/pool.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "proto/proto.h"
#include "sandbox/program.h"
#include "sandbox/resolve.h"
#include "task/command.h"

static uint64_t
plan_limit(const struct effective *f, enum limit_id id, bool hard)
{
	const struct limit_value *v = &f->limit[id];

	if (!v->set)
		return LIMIT_UNLIMITED;
	return hard ? v->hard : v->soft;
}

static bool
said(const struct effective *f, enum setting id)
{
	return f->origin[id].file != NULL;
}

/* A command runs as the caller would run it: no namespace, sudo may work, and
 * the limit on descriptors that the pool raises for itself is as it was. */
static void
plan_as_caller(struct plan *p, const struct facts *facts)
{
	struct sandbox_plan *s = &p->sandbox;
	struct sandbox_limit *l;
	size_t i;

	p->as_caller = true;
	s->profile.wishes = 0;
	if (!said(p->effective, SETTING_UMASK)) {
		p->umask = umask(0);
		umask(p->umask);
	}
	for (i = 0; i < s->nlimits; i++) {
		if (s->limit[i].resource == RLIMIT_NOFILE)
			return;
	}
	l = &s->limit[s->nlimits++];
	l->resource = RLIMIT_NOFILE;
	l->needs = 0;
	l->soft = facts->nofile;
	l->hard = facts->hard[RLIMIT_NOFILE];
}

/* Who the task runs as, where that is not as its level has it. */
static int
plan_user(struct plan *p, const struct facts *facts, struct error *e)
{
	const struct effective *f = p->effective;

	p->own = f->niceness != 0;
	if (f->user == NULL)
		return 0;
	if (user_find(f->user, &p->user, e) == -1)
		return error_context(e, ":user (%s:%u)",
		    f->origin[SETTING_USER].file, f->origin[SETTING_USER].line);
	if (f->isolation != ISOLATION_INHERIT)
		return error_set(e, EK_UNAVAILABLE,
		    ":user \"%s\" (%s:%u) is for :isolation :inherit; other "
		    "levels have users of their own",
		    f->user, f->origin[SETTING_USER].file,
		    f->origin[SETTING_USER].line);
	if (facts->uid != 0 && facts->uid != p->user.uid)
		return error_set(e, EK_UNAVAILABLE,
		    ":user \"%s\" (%s:%u): only root can become another user",
		    f->user, f->origin[SETTING_USER].file,
		    f->origin[SETTING_USER].line);
	p->as_user = facts->uid == 0;
	p->own = p->own || p->as_user;
	return 0;
}

/* Grants as the kernel names them: what is opened is compared with the place
 * where it is, so a link in a grant is followed here, once.  What does not
 * exist yet is named by the part that does. */
static int
plan_paths(
    char *const *list, const struct writable *w, char ***out, struct error *e)
{
	size_t n = 0, i, there;

	while (list != NULL && list[n] != NULL)
		n++;
	*out = xcalloc(n + 1, sizeof(char *));
	for (i = 0; i < n; i++) {
		if (sandbox_resolve(list[i], w, &(*out)[i], &there, e) == -1)
			return -1;
	}
	return 0;
}

static void
free_paths(char **list)
{
	size_t i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

int
plan_new(const struct capability *c, const struct effective *f,
    const struct facts *facts, struct plan **out, struct error *e)
{
	struct plan *p;

	if (c->broken != NULL)
		return error_set(e, EK_UNAVAILABLE, "%s", c->broken);
	p = xcalloc(1, sizeof(*p));
	p->effective = f;
	if (plan_user(p, facts, e) == -1 ||
	    sandbox_plan(c, f, facts, &p->sandbox, e) == -1) {
		free(p);
		return -1;
	}
	p->sandbox.filter.trace = c->trace_denied && p->sandbox.filter.notify;
	if (p->sandbox.filter.trace) /* without it such calls would kill */
		p->sandbox.required |= SANDBOX_LISTENER;
	if (sandbox_check_bounds(f, e) == -1 ||
	    sandbox_plan_finish(&p->sandbox, f->writable, e) == -1 ||
	    plan_paths(f->read, f->writable, &p->read, e) == -1 ||
	    plan_paths(f->write, f->writable, &p->write, e) == -1) {
		plan_free(p);
		return -1;
	}
	p->estimate = xcalloc(PLAN_ESTIMATES, sizeof(*p->estimate));
	p->capability = c;
	p->timeout = f->timeout <= 0 ? INT64_MAX : f->timeout;
	p->request = plan_limit(f, LIMIT_REQUEST, false);
	p->result = plan_limit(f, LIMIT_RESULT, false);
	p->output_keep = plan_limit(f, LIMIT_OUTPUT, false);
	p->output_kill = plan_limit(f, LIMIT_OUTPUT, true);
	p->umask = f->umask;
	p->command = c->kind == CAP_COMMAND;
	if (p->command && !c->as_capability &&
	    f->isolation == ISOLATION_INHERIT)
		plan_as_caller(p, facts);
	p->batchable = c->trusted && !p->own &&
	    (c->kind == CAP_CLOSURE || c->kind == CAP_RTFS || c->idempotent);
	*out = p;
	return 0;
}

/* As files where its slots have a root of their own. */
static void
secret_files(struct plan *p)
{
	struct sandbox_profile *s = &p->sandbox.profile;
	size_t n = p->effective->nsecrets, i, k;

	if ((s->wishes & SANDBOX_VIEW) == 0)
		return;
	s->secret = xcalloc(n, sizeof(*s->secret));
	for (i = 0; i < n; i++) {
		for (k = 0; k < i && p->secret[k] != p->secret[i]; k++)
			;
		if (k < i)
			continue; /* two variables, one file */
		s->secret[s->nsecrets].name = xstrdup(p->secret[i]->name);
		s->secret[s->nsecrets++].len = p->secret[i]->len;
	}
}

int
plan_secrets(struct plan *p, struct secrets *all, struct error *e)
{
	const struct effective *f = p->effective;
	const struct origin *o = &f->origin[SETTING_SECRETS];
	size_t i;

	if (f->nsecrets == 0)
		return 0;
	if (f->nsecrets > SANDBOX_MAX_SECRETS)
		return error_set(e, EK_UNAVAILABLE,
		    "%zu secrets; a task has at most %d", f->nsecrets,
		    SANDBOX_MAX_SECRETS);
	p->secret = xcalloc(f->nsecrets, sizeof(struct secret *));
	for (i = 0; i < f->nsecrets; i++) {
		if (secret_get(all, f->secrets[i].value, &p->secret[i], e) ==
		    -1)
			return error_context(
			    e, ":secrets (%s:%u)", o->file, o->line);
	}
	secret_files(p);
	return 0;
}

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	sandbox_plan_clear(&p->sandbox);
	free_paths(p->read);
	free_paths(p->write);
	free(p->secret);
	free(p->estimate);
	free(p);
}

const struct capability *
plan_capability(const struct plan *p)
{
	return p->capability;
}

const struct effective *
plan_effective(const struct plan *p)
{
	return p->effective;
}

const char *
plan_clamped(const struct plan *p)
{
	return p->sandbox.clamped;
}

static const char *
env_value(const struct env_entry *v)
{
	return v->value != NULL ? v->value : getenv(v->name);
}

static void
pack_strings(struct buf *b, char *const *list)
{
	size_t n = 0, i;

	while (list != NULL && list[n] != NULL)
		n++;
	pack_array(b, n);
	for (i = 0; i < n; i++)
		pack_strz(b, list[i]);
}

static void
pack_limits(struct buf *b, const struct sandbox_plan *s, uint32_t kept)
{
	size_t n = 0, i;

	for (i = 0; i < s->nlimits; i++) {
		if ((s->limit[i].needs & ~kept) == 0)
			n++;
	}
	pack_array(b, n);
	for (i = 0; i < s->nlimits; i++) {
		if ((s->limit[i].needs & ~kept) != 0)
			continue;
		pack_array(b, 3);
		pack_int(b, s->limit[i].resource);
		pack_uint(b, s->limit[i].soft);
		pack_uint(b, s->limit[i].hard);
	}
}

static void
pack_setting(struct buf *b, const char *name, uint64_t value)
{
	pack_strz(b, name);
	pack_uint(b, value);
}

static void
pack_env_pairs(struct buf *b, const struct plan *p)
{
	const struct effective *f = p->effective;
	size_t n = 0, i;

	for (i = 0; i < f->nenv; i++) {
		if (env_value(&f->env[i]) != NULL)
			n++;
	}
	pack_array(b, n + f->nsecrets);
	for (i = 0; i < f->nenv; i++) {
		if (env_value(&f->env[i]) == NULL)
			continue;
		pack_array(b, 2);
		pack_strz(b, f->env[i].name);
		pack_strz(b, env_value(&f->env[i]));
	}
	for (i = 0; i < f->nsecrets; i++) {
		pack_array(b, 2);
		pack_strz(b, f->secrets[i].name);
		pack_str(b, p->secret[i]->text, secret_value_len(p->secret[i]));
	}
}

static void
pack_user(struct buf *b, const struct user *u)
{
	size_t i;

	pack_array(b, 2 + u->ngroups);
	pack_uint(b, u->uid);
	pack_uint(b, u->gid);
	for (i = 0; i < u->ngroups; i++)
		pack_uint(b, u->group[i]);
}

/* Settings that are left out where they say nothing: absent allow means every
 * host, absent program any. */
static size_t
optional_settings(const struct plan *p)
{
	const struct effective *f = p->effective;

	return (size_t)(f->allow != NULL) + (size_t)(f->program != NULL) +
	    (size_t)(f->niceness != 0) + (size_t)p->as_user +
	    (p->capability->kind == CAP_PLUGIN ? 2U : 0U);
}

static void
pack_optional(const struct plan *p, uint32_t kept, struct buf *b)
{
	const struct effective *f = p->effective;

	if (f->allow != NULL) {
		pack_strz(b, "allow");
		pack_strings(b, f->allow);
	}
	if (f->program != NULL) {
		pack_strz(b, "program");
		pack_strings(b, f->program);
	}
	if (f->niceness != 0) {
		pack_strz(b, "niceness");
		pack_int(b, f->niceness);
	}
	if (p->as_user) {
		pack_strz(b, "user");
		pack_user(b, &p->user);
	}
	if (p->capability->kind == CAP_PLUGIN) {
		pack_strz(b, "plugin");
		pack_strz(b, p->capability->program);
		pack_strz(b, "environment");
		plan_pack_env(p, kept, NULL, b);
	}
}

static const char *
plan_directory(const struct plan *p, uint32_t kept, const char *directory)
{
	if (p->effective->dir != NULL)
		return p->effective->dir;
	if ((kept & SANDBOX_VIEW) != 0)
		return SANDBOX_HOME;
	/* without a view of its own it gets at nothing but what is granted */
	return (p->sandbox.promises & PROMISE_FILES) != 0 ? "/" : directory;
}

int
plan_start(const struct plan *p, uint32_t kept, const char *command,
    const char *current, struct start *s, struct error *e)
{
	const struct effective *f = p->effective;
	size_t there;

	s->place = s->whole = NULL;
	s->inherited = false;
	s->directory = plan_directory(p, kept, current);
	if (command != NULL && strcmp(command, ".") == 0 &&
	    (kept & SANDBOX_VIEW) == 0) {
		s->directory = current;
		s->inherited = !p->as_user;
		return 0;
	}
	if (command != NULL && *command == '/')
		s->directory = command;
	else if (command != NULL)
		s->directory = s->whole = xasprintf("%s/%s", current, command);
	else if (f->dir == NULL) {
		s->inherited = s->directory == current && !p->as_user;
		return 0; /* ours, or the kernel's word: it has no links */
	}
	if (sandbox_resolve(s->directory, f->writable, &s->place, &there, e) ==
	    -1) {
		start_clear(s);
		return -1;
	}
	if (strcmp(s->place, s->directory) == 0) {
		free(s->place);
		s->place = NULL;
	}
	return 0;
}

void
start_clear(struct start *s)
{
	free(s->place);
	free(s->whole);
	s->place = s->whole = NULL;
}

void
plan_pack(const struct plan *p, uint32_t kept, const struct start *start,
    struct buf *b)
{
	const struct effective *f = p->effective;
	uint64_t memory = plan_limit(f, LIMIT_DATA, false);
	size_t mark;

	mark = frame_begin(b, MSG_PLAN);
	pack_array(b, 3);
	pack_uint(b, p->id);
	pack_limits(b, &p->sandbox, kept);
	pack_map(b, 13 + optional_settings(p) + (start->place != NULL));
	pack_setting(
	    b, "timeout", p->timeout == INT64_MAX ? 0 : (uint64_t)p->timeout);
	pack_setting(b, "request", p->request);
	pack_setting(b, "result", p->result);
	pack_setting(b, "output", p->output_keep);
	pack_setting(b, "umask", p->umask);
	pack_strz(b, "read");
	pack_strings(b, p->read);
	pack_strz(b, "write");
	pack_strings(b, p->write);
	pack_optional(p, kept, b);
	pack_setting(b, "network", (uint64_t)f->network);
	pack_strz(b, "env");
	pack_env_pairs(b, p);
	pack_strz(b, "directory");
	pack_strz(b, start->directory);
	if (start->place != NULL) {
		pack_strz(b, "place");
		pack_strz(b, start->place);
	}
	/* our own allocator says so before the kernel refuses */
	pack_setting(
	    b, "memory", memory == LIMIT_UNLIMITED ? 0 : memory / 4 * 3);
	pack_setting(b, "depth", 0);
	pack_setting(b, "steps", 0);
	frame_end(b, mark);
}

/* Whether the policy sets it itself. */
static bool
env_names(const struct effective *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->nenv; i++) {
		if (strcmp(f->env[i].name, name) == 0 &&
		    env_value(&f->env[i]) != NULL) {
			return true;
		}
	}
	return false;
}

static size_t
env_add(struct buf *b, const struct effective *f, const char *name,
    const char *value)
{
	char *word;

	if (value == NULL || (f != NULL && env_names(f, name)))
		return 0;
	word = xasprintf("%s=%s", name, value);
	pack_strz(b, word);
	free(word);
	return 1;
}

/* Before all else: of two of one name the first counts. */
static size_t
env_secrets(struct buf *b, const struct plan *p)
{
	const struct effective *f = p->effective;
	struct buf word = BUF_INIT;
	size_t i;

	for (i = 0; i < f->nsecrets; i++) {
		buf_clear(&word);
		buf_addf(&word, "%s=", f->secrets[i].name);
		buf_add(
		    &word, p->secret[i]->text, secret_value_len(p->secret[i]));
		pack_str(b, word.data, word.len);
		explicit_bzero(word.data, word.len);
	}
	buf_free(&word);
	return f->nsecrets;
}

static size_t
env_words(struct buf *b, char *const *env)
{
	size_t n = 0;

	for (; env[n] != NULL; n++)
		pack_strz(b, env[n]);
	return n;
}

void
plan_pack_env(
    const struct plan *p, uint32_t kept, const struct task *t, struct buf *b)
{
	const struct effective *f = p->effective;
	struct buf words = BUF_INIT;
	char number[24];
	size_t n = 0, i;

	n += env_secrets(&words, p);
	if (t != NULL && t->command != NULL && !p->capability->as_capability) {
		n += env_words(&words,
		    t->command->env != NULL ? t->command->env : environ);
		goto done;
	}
	n += env_add(&words, f, "PATH", PROGRAM_PATH);
	n += env_add(&words, f, "HOME",
	    p->sandbox.promises == 0 ? getenv("HOME") :
	                               plan_directory(p, kept, SANDBOX_HOME));
	n += env_add(&words, f, "LANG", "C.UTF-8");
	n += env_add(&words, f, "TZ", getenv("TZ"));
	n += env_add(&words, f, "TMPDIR", "/tmp");
	if (t != NULL) {
		snprintf(
		    number, sizeof(number), "%llu", (unsigned long long)t->seq);
		n += env_add(&words, NULL, "RTFS_TASK", number);
	}
	n += env_add(&words, NULL, "RTFS_CAPABILITY", p->capability->id);
	for (i = 0; i < f->nenv; i++) {
		n += env_add(
		    &words, NULL, f->env[i].name, env_value(&f->env[i]));
	}
done:
	pack_array(b, n);
	buf_add(b, words.data, words.len);
	buf_free(&words);
}

int64_t
plan_estimate(const struct plan *p, uint64_t closure)
{
	size_t i = (size_t)(closure % PLAN_ESTIMATES);

	return p->estimate[i].closure == closure ? p->estimate[i].ns : 0;
}

/* Quick to believe that tasks are long, slow to believe that they are short:
 * a batch that takes too long is the dearer mistake. */
void
plan_learn(const struct plan *p, uint64_t closure, int64_t ns)
{
	size_t i = (size_t)(closure % PLAN_ESTIMATES);
	int64_t old = plan_estimate(p, closure);

	if (ns < 100)
		ns = 100;
	if (old == 0 || ns >= old)
		old = ns;
	else
		old -= (old - ns) / 8;
	p->estimate[i].closure = closure;
	p->estimate[i].ns = old;
}
