/*
 * The end of a task process: the last of its channels, whose fault it was,
 * the outcome of that task, and the others of its batch back to the queue.
 */
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "pool/internal.h"
#include "proto/program.h"
#include "task/command.h"
#include "task/marshal.h"

static uint64_t
plan_rlimit(const struct plan *p, enum limit_id id, bool hard)
{
	int resource = limit_rlimit(id);
	size_t i;

	for (i = 0; i < p->sandbox.nlimits; i++) {
		if (p->sandbox.limit[i].resource == resource) {
			return hard ? p->sandbox.limit[i].hard :
			              p->sandbox.limit[i].soft;
		}
	}
	return UINT64_MAX;
}

/* What counts towards a limit of processes that the slot keeps by its uid: its
 * guard, the main process, and what outlived that. */
static void
count_processes(const struct slot *s, const struct task *t,
    const struct ended *ended, struct attempt *a)
{
	const struct sandbox_plan *p = &t->plan->sandbox;
	size_t i;

	for (i = 0; i < p->nlimits; i++) {
		if (p->limit[i].resource == RLIMIT_NPROC &&
		    (p->limit[i].needs & ~s->kept) == 0 &&
		    p->limit[i].soft != UINT64_MAX) {
			a->nproc = p->limit[i].soft;
			a->processes = ended->swept + 2;
		}
	}
}

static void
attempt_of(struct worker *w, const struct task *t, const struct ended *ended,
    struct attempt *a)
{
	const struct slot *s = w->slot;

	memset(a, 0, sizeof(*a));
	slot_group_look(w->slot, t->plan, a);
	a->decided = w->ending == t;
	a->decided_kind = w->end_kind;
	a->cpu_soft = plan_rlimit(t->plan, LIMIT_CPU, false);
	a->cpu_hard = plan_rlimit(t->plan, LIMIT_CPU, true);
	a->fsize = plan_rlimit(t->plan, LIMIT_FSIZE, false);
	a->answer = w->lane->mode == RUN_EXEC || w->held != NULL ? ANSWER_OK :
	                                                           ANSWER_NONE;
	if (w->failure.os_errno != 0) {
		a->not_started = true;
		a->stage = w->failure.stage;
		a->os_errno = (int)w->failure.os_errno;
		a->directory = t->command != NULL && t->command->dir != NULL ?
		    t->command->dir :
		    t->plan->effective->dir;
	}
	if (ended != NULL) {
		a->ended = true;
		a->code = ended->code;
		a->status = ended->status;
		a->cpu_ns = (ended->user_us + ended->system_us) * 1000;
		a->tree_cpu_ns =
		    (ended->tree_user_us + ended->tree_system_us) * 1000;
		if (a->tree_cpu_ns < a->cpu_ns)
			a->tree_cpu_ns = a->cpu_ns;
		a->cpu_ticks_ns = ended->cpu_ticks_us * 1000;
		count_processes(s, t, ended, a);
	} else {
		a->guard_lost = true;
		if (s->reaped && s->code != CLD_EXITED && !s->killed)
			a->guard_signal = s->status;
	}
}

/* Why a program that is there cannot be executed. */
static void
program_hint(const struct capability *c, const char *program, int os_errno,
    struct buf *b)
{
	struct stat st;

	if (os_errno == EACCES && stat(program, &st) == 0 &&
	    S_ISREG(st.st_mode) && (st.st_mode & 0111) == 0) {
		buf_addf(b, " (mode %04o; chmod +x)",
		    (unsigned int)st.st_mode & 07777);
	} else if (os_errno == ENOENT && stat(program, &st) == 0) {
		buf_adds(b, " (its #! interpreter or loader is missing)");
	} else if (os_errno == ENOEXEC) {
		buf_adds(b, " (no binary, and no #! line)");
	}
	if (c->file != NULL)
		buf_addf(b, ", defined at %s:%u", c->file, c->line);
}

static void
last_line(const struct buf *stray, struct buf *b)
{
	size_t end = stray->len, at, i;

	while (end > 0 &&
	    (stray->data[end - 1] == '\n' || stray->data[end - 1] == '\r')) {
		end--;
	}
	for (at = end; at > 0 && stray->data[at - 1] != '\n';)
		at--;
	if (at == end)
		return;
	if (end - at > 200)
		end = at + 200;
	buf_adds(b, ": ");
	for (i = at; i < end; i++) {
		buf_addc(b,
		    (unsigned char)stray->data[i] < 0x20 ? ' ' :
		                                           stray->data[i]);
	}
}

static void
outcome_text(struct worker *w, const struct task *t, const struct attempt *a,
    const struct verdict *v, struct outcome *o)
{
	const struct capability *c = t->plan->capability;
	const char *program =
	    t->command != NULL ? t->command->program : c->program;
	bool program_fails =
	    a->not_started && a->stage != STAGE_DIRECTORY && program != NULL;
	struct buf b = BUF_INIT;

	if (program_fails)
		buf_addf(&b, "%s: ", program);
	verdict_text(a, v, &b);
	if (program_fails)
		program_hint(c, program, a->os_errno, &b);
	else if (v->kind == ERRKEY_EXIT)
		last_line(&o->stray, &b);
	else if (v->kind == ERRKEY_PROTOCOL && w->slot->why[0] != '\0')
		buf_addf(&b, ": it %s", w->slot->why);
	o->message = buf_take(&b, NULL);
}

static void
outcome_decided(struct worker *w, struct outcome *o)
{
	o->message = w->end_text;
	w->end_text = NULL;
	o->limit = w->end_limit;
	o->allowed = w->end_allowed;
	o->used = w->end_used;
}

/* The program ended well; is what it wrote what was promised? */
static void
program_answer(struct worker *w, struct task *t, struct outcome *o)
{
	const struct capability *c = t->plan->capability;
	const char *bytes = w->in.data == NULL ? "" : w->in.data;
	struct error e;
	int rc;

	if (t->plan->command)
		return; /* it has been passed on */
	rc = c->codec == CODEC_MSGPACK ?
	    program_unpack(t->heap, c, bytes, w->in.len, &o->value, &e) :
	    marshal_result(t->heap, c, bytes, w->in.len, &o->value, &e);
	if (rc == 0)
		return;
	o->value = VAL_UNBOUND;
	o->ok = false;
	o->kind = ERRKEY_INVALID_RESULT;
	o->message = xstrdup(e.msg);
}

static void
outcome_of(struct worker *w, struct task *t, const struct ended *ended,
    struct outcome *o)
{
	struct attempt a;
	struct verdict v;

	attempt_of(w, t, ended, &a);
	verdict_reach(&a, &v);
	if (v.ok && w->held != NULL) {
		*o = *w->held;
		free(w->held);
		w->held = NULL;
	} else {
		outcome_init(o);
		o->ok = v.ok;
		o->kind = v.kind;
		o->limit = v.limit;
		o->allowed = v.allowed;
		o->used = v.used;
		worker_drop_held(w);
	}
	outcome_fill(w, t, o);
	/* Of an error that was answered, our own process's end says nothing. */
	o->exit = v.ok && !o->ok ? -1 : v.exit;
	o->signal = v.signal;
	if (ended != NULL && t->started != 0 &&
	    (w->lane->mode == RUN_EXEC || w->lane->once)) {
		o->usage.known = true;
		o->usage.user_ns = ended->tree_user_us * 1000;
		o->usage.system_ns = ended->tree_system_us * 1000;
		o->usage.max_rss = ended->max_rss_kb * 1024;
	}
	if (v.ok && w->lane->mode == RUN_EXEC)
		program_answer(w, t, o);
	else if (a.decided && !a.not_started)
		outcome_decided(w, o);
	else if (!v.ok)
		outcome_text(w, t, &a, &v, o);
}

void
worker_drop_held(struct worker *w)
{
	if (w->held == NULL)
		return;
	outcome_clear(TAILQ_FIRST(&w->sent)->heap, w->held);
	free(w->held);
	w->held = NULL;
}

/* The task that pays for the end of its process; NULL: none had begun. */
static struct task *
worker_culprit(struct worker *w)
{
	struct task *t = TAILQ_FIRST(&w->sent);

	if (w->ending != NULL)
		return w->ending;
	if (t == NULL || w->undelivered)
		return NULL;
	if (w->held != NULL || w->page == NULL)
		return t;
	if (worker_current(w) != NULL)
		return worker_current(w);
	return t->lost_once ? t : NULL; /* the second worker: no accident */
}

/* It has loaded a plug-in, which has ended it: that is what happens to the task
 * that it was for. */
static void
worker_adopt(struct worker *w)
{
	struct task *t;

	if (w->loaded == NULL || w->served > 0 || w->state != WORKER_READY)
		return;
	TAILQ_FOREACH(t, &w->loaded->line->queue, entry) {
		if (t->plan == w->loaded)
			break;
	}
	if (t == NULL)
		return;
	line_remove(t);
	line_out(t);
	TAILQ_INSERT_TAIL(&w->sent, t, entry);
	t->worker = w;
	t->closes = true;
	w->nsent++;
	w->nmessages++;
	task_started(w, t, w->pool->now);
}

/* A process that dies before it has done anything will do so again. */
static void
worker_stillborn(struct worker *w, const struct ended *ended)
{
	char why[sizeof(w->slot->why) + 32];

	if (w->served > 0 || (w->loaded != NULL && ended != NULL) ||
	    w->state == WORKER_ENDING || w->state == WORKER_DOOMED ||
	    w->recalled || w->state == WORKER_AHEAD) {
		return;
	}
	if (ended != NULL) {
		snprintf(why, sizeof(why),
		    "a task process ended at its "
		    "start with %s %d",
		    ended->code == CLD_EXITED ? "status" : "signal",
		    ended->status);
		retry_failed(w->pool, &w->lane->profile->retry, why);
	} else if (w->slot->reaped) {
		snprintf(why, sizeof(why), "a guard was lost: it %s",
		    w->slot->why[0] != '\0' ? w->slot->why : "died");
		retry_failed(w->pool, &w->lane->profile->retry, why);
	}
}

void
worker_ended(struct worker *w, const struct ended *ended)
{
	struct pool *p = w->pool;
	struct lane *l = w->lane;
	struct task_queue rest;
	struct outcome o;
	struct task *culprit, *t;
	bool lost = !w->undelivered;

	if (w->state == WORKER_GONE)
		return;
	if (ended != NULL)
		worker_adopt(w);
	worker_drain(w);
	spending_ended(w,
	    ended == NULL ?
	        -1 :
	        (ended->tree_user_us + ended->tree_system_us) * 1000);
	culprit = worker_culprit(w);
	log_debug("task process %d ended, %s %d, %u tasks with it", w->pid,
	    ended == NULL                 ? "guard lost" :
	        ended->code == CLD_EXITED ? "status" :
	                                    "signal",
	    ended == NULL ? 0 : ended->status, w->nsent);
	tell_process(w, ended == NULL ? 0 : ended->code,
	    ended == NULL ? 0 : ended->status, true);
	if (culprit == NULL) {
		worker_drop_held(w);
		worker_stillborn(w, ended);
	} else {
		outcome_of(w, culprit, ended, &o);
	}
	if (culprit != NULL && ended != NULL) /* the machine does its part */
		l->profile->retry.failures = 0;
	landing_end(w);
	texts_end(w);
	TAILQ_INIT(&rest);
	TAILQ_CONCAT(&rest, &w->sent, entry);
	w->nsent = 0;
	w->ending = NULL;
	worker_gone(w);
	while ((t = TAILQ_LAST(&rest, task_queue)) != NULL) {
		TAILQ_REMOVE(&rest, t, entry);
		if (t == culprit)
			continue;
		if (w->cancel_rest)
			task_fail(p, t, ERRKEY_CANCELLED, "cancelled");
		else
			lane_requeue(l, t, lost);
	}
	if (culprit != NULL)
		task_finish(p, culprit, &o);
}
