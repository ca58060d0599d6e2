/* Pages of the program itself. */
#ifndef WORKERS_PAGES_H
#define WORKERS_PAGES_H

/* Forget those of its file: they come back when they are used, from memory as
 * long as anybody has them. */
void pages_forget(void);

#endif
