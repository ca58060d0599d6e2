/* Task values as the language makes them: their options and checks. */
#ifndef LANG_CORE_TASK_H
#define LANG_CORE_TASK_H

#include "base/error.h"
#include "lang/core.h"

/*
 * Bring an option's key to its usual form (:runtime.timeout is :timeout) and
 * check key and value.  1: take it under *key; 0: an unknown key under
 * :runtime., to be dropped; -1: *e says what is wrong (EK_ARGUMENT).  Borrows
 * all; *key may be replaced.
 */
int task_option_check(val *key, val value, struct error *e);
/* All options of a map at once, of literals as far as they are known: the
 * compiler's check of ^{...}. */
int task_options_check(val options, struct error *e);

/* (assoc task key value): consumes all three. */
val core_task_assoc(struct core_call *, val task, val key, val value);

#endif
