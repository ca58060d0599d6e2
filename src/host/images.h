/*
 * Closure images of function tasks.  One image for a function and call, and
 * equal bytes are one image with one id across calls, so that a function that
 * is called in a loop is sent to each worker once.
 */
#ifndef HOST_IMAGES_H
#define HOST_IMAGES_H

#include "lang/vm.h"
#include "task/task.h"

struct images; /* of a host */
struct images *images_new(void);
void images_free(struct images *);

/* Functions of one call. */
struct image_set;
struct image_set *image_set_new(struct images *, struct vm *);
void image_set_free(struct image_set *); /* its tasks are done */
/* Valid as long as the set.  Errors of image_write. */
int image_set_get(struct image_set *, val function, const struct closure **,
    struct error *) ATTR_CHECK;

#endif
