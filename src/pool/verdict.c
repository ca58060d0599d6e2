/*
 * The order: could not be started, our own decision (cancelled, timeout,
 * output or result limit, protocol), file size, memory, CPU, signal, exit
 * status, what is wrong with the answer, the answer.  A task can imitate any exit status
 * and most signals, so a limit is only said where the figures agree.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/units.h"
#include "pool/verdict.h"
#include "proto/proto.h"

/* RLIMIT_CPU goes by ticks, which on a crowded machine run ahead of the
 * figures of usage: where the count of ticks is not known (of what a shell has
 * waited for), this part of the limit may be missing from them. */
#define CPU_SLACK    2
#define SHELL_SIGNAL 128 /* sh exits with this plus the signal of its child */

static bool
cpu_spent(int64_t ticks_ns, int64_t ns, uint64_t limit)
{
	int64_t want;

	if (limit >= INT64_MAX / NS_PER_SEC) /* none, too */
		return false;
	want = (int64_t)limit * NS_PER_SEC;
	if (ticks_ns > 0)
		return ticks_ns >= want;
	return ns >= want - want / CPU_SLACK;
}

static bool
died_of_cpu(const struct attempt *a)
{
	if (a->code == CLD_EXITED) {
		return a->status == SHELL_SIGNAL + SIGXCPU &&
		    cpu_spent(0, a->tree_cpu_ns, a->cpu_soft);
	}
	if (a->status == SIGXCPU)
		return cpu_spent(a->cpu_ticks_ns, a->cpu_ns, a->cpu_soft);
	return a->status == SIGKILL &&
	    cpu_spent(a->cpu_ticks_ns, a->cpu_ns, a->cpu_hard);
}

static void
verdict_limit(struct verdict *v, enum errkey kind, const char *limit,
    uint64_t allowed, uint64_t used)
{
	v->kind = kind;
	v->limit = limit;
	v->allowed = allowed;
	v->used = used;
}

static uint64_t
cpu_used(const struct attempt *a)
{
	if (a->code == CLD_EXITED)
		return (uint64_t)a->tree_cpu_ns;
	return (uint64_t)(a->cpu_ticks_ns > a->cpu_ns ? a->cpu_ticks_ns :
	                                                a->cpu_ns);
}

static void
verdict_memory(const struct attempt *a, struct verdict *v)
{
	verdict_limit(v, ERRKEY_MEMORY_LIMIT, a->oom_total ? "total" : "memory",
	    a->memory, a->memory_used != 0 ? a->memory_used : a->memory);
}

/* Nobody counts the forks that RLIMIT_NPROC refuses; that no more can have been
 * made is seen from those that are still there. */
static bool
all_processes(const struct attempt *a)
{
	return a->nproc > 0 && a->processes >= a->nproc;
}

static void
verdict_ended(const struct attempt *a, struct verdict *v)
{
	bool exited = a->code == CLD_EXITED;

	if (exited)
		v->exit = a->status;
	else
		v->signal = a->status;
	if (!exited && a->status == SIGXFSZ && a->fsize != UINT64_MAX) {
		verdict_limit(
		    v, ERRKEY_FILE_SIZE_LIMIT, "fsize", a->fsize, a->fsize);
	} else if (a->oom) {
		verdict_memory(a, v);
	} else if (died_of_cpu(a)) {
		verdict_limit(v, ERRKEY_CPU_LIMIT, "cpu",
		    a->cpu_soft * (uint64_t)NS_PER_SEC, cpu_used(a));
	} else if (!exited) {
		v->kind = ERRKEY_SIGNAL;
	} else if (a->status != 0) {
		v->kind = ERRKEY_EXIT;
	} else if (a->answer == ANSWER_OK) {
		v->ok = true;
	} else {
		v->kind = ERRKEY_INVALID_RESULT;
	}
	if (!v->ok && v->limit == NULL && a->refused > 0)
		verdict_limit(v, v->kind, a->pids_total ? "total" : "pids",
		    a->pids, a->pids);
	else if (!v->ok && v->limit == NULL && all_processes(a))
		verdict_limit(v, v->kind, "nproc", a->nproc, a->processes);
}

void
verdict_reach(const struct attempt *a, struct verdict *v)
{
	memset(v, 0, sizeof(*v));
	v->exit = -1;
	v->kind = ERRKEY_COUNT;
	if (a->not_started) {
		v->kind = ERRKEY_UNAVAILABLE;
	} else if (a->decided) {
		v->kind = a->decided_kind;
		if (a->ended && a->code == CLD_EXITED)
			v->exit = a->status;
		else if (a->ended)
			v->signal = a->status;
	} else if (a->ended) {
		verdict_ended(a, v);
	} else if (a->guard_lost && a->oom) {
		verdict_memory(a, v); /* the guard was killed for it */
	} else if (a->guard_lost && a->guard_signal != 0) {
		v->kind = ERRKEY_SIGNAL;
		v->signal = a->guard_signal;
	} else {
		v->kind = ERRKEY_PROTOCOL;
	}
}

static const char *
signal_title(int signo, char out[16])
{
	const char *abbrev = sigabbrev_np(signo);

	if (abbrev == NULL)
		snprintf(out, 16, "%d", signo);
	else
		snprintf(out, 16, "SIG%s", abbrev);
	return out;
}

static const char *
stage_text(uint32_t stage)
{
	switch (stage) {
	case STAGE_LIMITS:
		return "cannot set its limits";
	case STAGE_FILES:
		return "cannot set up its descriptors";
	case STAGE_DIRECTORY:
		return "cannot enter its directory";
	case STAGE_EXECUTE:
		return "cannot execute";
	case STAGE_IDENTITY:
		return "cannot take its user or niceness";
	default:
		return "cannot read the request";
	}
}

void
verdict_text(const struct attempt *a, const struct verdict *v, struct buf *out)
{
	char name[16], amount[32], used[32];

	if (a->not_started) {
		buf_adds(out, stage_text(a->stage));
		if (a->stage == STAGE_DIRECTORY && a->directory != NULL)
			buf_addf(out, " %s", a->directory);
		buf_addf(out, ": %s", strerror(a->os_errno));
		return;
	}
	if (a->decided || v->ok)
		return;
	switch (v->kind) {
	case ERRKEY_FILE_SIZE_LIMIT:
		units_format_bytes(v->allowed, amount);
		buf_addf(
		    out, "wrote a file larger than its limit of %s", amount);
		break;
	case ERRKEY_MEMORY_LIMIT:
		units_format_bytes(v->allowed, amount);
		units_format_bytes(v->used, used);
		buf_addf(out, "used %s of memory, %s limit is %s", used,
		    a->oom_total ? "of all tasks together the" : "its", amount);
		break;
	case ERRKEY_CPU_LIMIT:
		units_format_duration((int64_t)v->allowed, amount);
		units_format_duration(
		    (int64_t)v->used / NS_PER_MS * NS_PER_MS, used);
		buf_addf(
		    out, "used %s of CPU time, its limit is %s", used, amount);
		break;
	case ERRKEY_SIGNAL:
		buf_addf(out, "%s by signal %d (%s)",
		    a->guard_lost ? "its guard was killed" : "killed",
		    v->signal, signal_title(v->signal, name));
		break;
	case ERRKEY_EXIT:
		buf_addf(out, "exited with status %d", v->exit);
		if (v->exit == SHELL_SIGNAL + SIGXFSZ &&
		    a->fsize != UINT64_MAX) {
			units_format_bytes(a->fsize, amount);
			buf_addf(out,
			    " (128 + SIGXFSZ; its limit of a file's size is "
			    "%s)",
			    amount);
		}
		break;
	case ERRKEY_INVALID_RESULT:
		buf_adds(out, "ended without a result");
		break;
	default:
		buf_adds(out, "its guard is gone");
		break;
	}
	if (a->refused > 0)
		buf_addf(out,
		    ", and %llu forks were refused at %s limit of %llu "
		    "processes%s",
		    (unsigned long long)a->refused,
		    a->pids_total ? "the" : "its", (unsigned long long)a->pids,
		    a->pids_total ? " of all tasks together" : "");
	else if (v->limit != NULL && strcmp(v->limit, "nproc") == 0)
		buf_addf(out,
		    ", and at its end there were %llu processes, its guard "
		    "counted; :nproc allows %llu",
		    (unsigned long long)a->processes,
		    (unsigned long long)a->nproc);
}
