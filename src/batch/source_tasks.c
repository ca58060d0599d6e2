/*
 * --rtfs: the tasks of a program's value, a map or a vector or list of them.
 * What is wrong with the work is said before anything starts, as (call
 * :parallel work) does.
 */
#include <stdlib.h>
#include <string.h>

#include "batch/source.h"
#include "host/images.h"
#include "host/manifest.h"
#include "task/marshal.h"
#include "value/list.h"
#include "value/map.h"
#include "value/name.h"
#include "value/printer.h"
#include "value/string.h"
#include "value/taskval.h"
#include "value/vector.h"

#define KEY_BYTES 60

struct tasks {
	const struct batch *batch;
	struct images *images;
	struct image_set *set;
	struct map_iter it; /* of a map */
	val rest;           /* of a list */
	uint64_t seq;
	size_t count;
};

/* The next key and value of the work, borrowed. */
static bool
next_item(struct tasks *s, val *key, val *task)
{
	val work = s->batch->work;

	if (s->seq == s->count)
		return false;
	*key = val_fix((int64_t)s->seq);
	if (val_is_map(work)) {
		map_next(&s->it, key, task);
	} else if (val_is_vector(work)) {
		*task = vec_get(work, s->seq);
	} else {
		*task = list_first(s->rest);
		s->rest = list_rest(s->rest);
	}
	s->seq++;
	return true;
}

static void
rewind_work(struct tasks *s)
{
	if (val_is_map(s->batch->work))
		s->it = map_iter(s->batch->work);
	s->rest = s->batch->work;
	s->seq = 0;
}

static int
find_capability(struct tasks *s, val wanted, struct job *j, struct error *e)
{
	const char *id;

	if (val_is_kind(wanted, O_FUNCTION)) {
		j->capability = registry_find(s->batch->registry, "rtfs.fn");
		return image_set_get(s->set, wanted, &j->closure, e);
	}
	id = val_is_keyword(wanted) ? val_name_text(wanted, NULL) :
	                              str_bytes(wanted, NULL);
	return job_capability(s->batch->registry, id, &j->capability, e);
}

/* What the options say about running, besides what they say to policy. */
static int
read_options(struct job *j, struct error *e)
{
	val v;

	if (j->options == VAL_NIL)
		return 0;
	if (policy_check_options(j->options, e) == -1)
		return -1;
	v = map_get_keyword(j->options, "retries");
	if (v != VAL_UNBOUND && val_is_fix(v))
		j->retries = (int)val_unfix(v);
	v = map_get_keyword(j->options, "priority");
	if (v != VAL_UNBOUND && val_is_fix(v))
		j->priority = val_unfix(v);
	return 0;
}

static int
fill_job(struct tasks *s, val task, struct job *j, struct error *e)
{
	const struct taskval *t;

	if (!val_is_task(task))
		return error_set(e, EK_ARGUMENT, "expected a task, got %s",
		    val_type_name(val_type(task)));
	if (val_is_key(j->key, "error"))
		return error_set(e, EK_ARGUMENT,
		    "the key :error is reserved for the errors of the result");
	t = val_taskval(task);
	j->kind = JOB_TASK;
	j->args = val_retain(t->args);
	j->options = val_retain(t->options);
	if (find_capability(s, t->capability, j, e) == -1 ||
	    read_options(j, e) == -1 ||
	    marshal_check_args(j->capability, j->args, e) == -1)
		return -1;
	return job_finish_task(j, e);
}

static void
key_text(val key, struct buf *b)
{
	if (val_is_fix(key))
		buf_addf(b, "[%lld]", (long long)val_unfix(key));
	else
		print_short(b, key, KEY_BYTES);
}

static int
next_job(struct tasks *s, struct job **out, struct error *e)
{
	struct buf b = BUF_INIT;
	struct job *j;
	val key, task;
	int rc;

	if (!next_item(s, &key, &task))
		return 0;
	j = job_new(s->batch->heap, s->seq, 0);
	j->key = val_retain(key);
	key_text(key, &b);
	if (val_is_map(s->batch->work))
		job_set_id(j, xstrdup(buf_str(&b)));
	if ((rc = fill_job(s, task, j, e)) == -1) {
		error_context(e, "task %s", buf_str(&b));
		job_free(j);
	} else {
		*out = j;
		rc = 1;
	}
	buf_free(&b);
	return rc;
}

static enum job_pull
tasks_next(void *state, struct job **out, struct error *e)
{
	switch (next_job(state, out, e)) {
	case 1:
		return PULL_JOB;
	case 0:
		return PULL_END;
	default:
		return PULL_ERROR;
	}
}

static int
tasks_fd(const void *state ATTR_UNUSED)
{
	return -1;
}

static int64_t
tasks_total(const void *state)
{
	return (int64_t)((const struct tasks *)state)->count;
}

static void
tasks_free(void *state)
{
	struct tasks *s = state;

	image_set_free(s->set);
	images_free(s->images);
	free(s);
}

static const struct source_kind tasks_kind = {
    tasks_next, tasks_fd, tasks_total, tasks_free};

/* All of the work, once, for what is wrong with it. */
static int
check_work(struct tasks *s, struct error *e)
{
	struct job *j;
	int rc;

	while ((rc = next_job(s, &j, e)) == 1)
		job_free(j);
	rewind_work(s);
	return rc;
}

int
source_tasks_new(
    const struct batch *b, struct job_source **out, struct error *e)
{
	struct tasks *s;

	if (!val_is_map(b->work) && !val_is_vector(b->work) &&
	    !val_is_list(b->work))
		return error_set(e, EK_ARGUMENT,
		    "the value of the program is a map of tasks, or a vector "
		    "or list of tasks, not %s",
		    val_type_name(val_type(b->work)));
	s = xcalloc(1, sizeof(*s));
	s->batch = b;
	s->count = val_is_map(b->work) ? map_count(b->work) :
	    val_is_vector(b->work)     ? vec_count(b->work) :
	                                 list_count(b->work);
	s->images = images_new();
	s->set = image_set_new(s->images, b->vm);
	rewind_work(s);
	if (check_work(s, e) == -1) {
		tasks_free(s);
		return -1;
	}
	*out = source_new(&tasks_kind, s);
	return 0;
}
