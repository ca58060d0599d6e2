/* Task values. */
#include "value/taskval.h"
#include "value/map.h"
#include "value/name.h"

val
taskval_new(struct heap *h, val capability, val args, val options)
{
	struct taskval *t = heap_alloc(h, sizeof(*t), O_TASK);

	if (val_is_map(options) && map_count(options) == 0) {
		val_release(h, options);
		options = VAL_NIL; /* one way to have none: for equality */
	}
	t->capability = capability;
	t->args = args;
	t->options = options;
	return val_from_obj(t);
}

val
taskval_get(val task, val key)
{
	const struct taskval *t = val_taskval(task);

	if (val_is_key(key, "capability"))
		return t->capability;
	if (val_is_key(key, "args"))
		return t->args;
	return t->options == VAL_NIL ? VAL_UNBOUND : map_get(t->options, key);
}

static struct taskval *
own(struct heap *h, val task)
{
	struct taskval *t = (struct taskval *)val_obj(task);
	struct taskval *copy;

	if (obj_unique(&t->obj))
		return t;
	copy = heap_alloc(h, sizeof(*copy), O_TASK);
	copy->capability = val_retain(t->capability);
	copy->args = val_retain(t->args);
	copy->options = val_retain(t->options);
	val_release(h, task);
	return copy;
}

val
taskval_assoc(struct heap *h, val task, val key, val value)
{
	struct taskval *t = own(h, task);

	if (val_is_key(key, "capability")) {
		val_release(h, t->capability);
		t->capability = value;
	} else if (val_is_key(key, "args")) {
		val_release(h, t->args);
		t->args = value;
	} else {
		if (t->options == VAL_NIL)
			t->options = map_empty(h);
		t->options = map_assoc(h, t->options, key, value);
	}
	return val_from_obj(t);
}
