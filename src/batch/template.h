/*
 * Texts with places for values:
 *
 *	{}			every value
 *	{1} {-1}		one, from the left or from the right; empty
 *				when there are fewer
 *	{name}			the column of that name, where there is one
 *	{#} {%}			number of the job, slot it runs in
 *	{.} {/} {//} {/.}	without extension, base name, folder, base name
 *				without extension; {1/.} {name.} of one value
 *
 * Any other text in braces stays as it is.
 */
#ifndef BATCH_TEMPLATE_H
#define BATCH_TEMPLATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "batch/job.h"
#include "batch/words.h"

struct template;

/* What fills the places. */
struct fill {
	const struct job_value *value;
	size_t nvalues;
	uint64_t seq;
	unsigned int slot; /* 0: not known yet, {%} stays */
};

/* Never fails.  replace stands for {}, which then is plain text; NULL: {}. */
struct template *template_new(const char *text, const char *replace);
void template_free(struct template *); /* NULL is fine */

/* Would anything be filled in? */
bool template_fills(const struct template *, const struct fill *);
/* A text in braces that is no column and nearly the name of one; NULL: none. */
const char *template_misspelt(
    const struct template *, const struct fill *, const char **column);
bool template_wants_slot(const struct template *);
/* Has it a place for every value ({}, {/} ...)? */
bool template_wants_all(const struct template *);
/* Is it one place and nothing else? */
bool template_is_place(const struct template *, const struct fill *);

enum template_quote {
	QUOTE_NOTHING,
	QUOTE_VALUES, /* as words for a shell, the rest is its text */
	QUOTE_WORD    /* the rest, too: all is one word of a shell text */
};

/* As text; several values with a blank between them. */
void template_text(const struct template *, const struct fill *,
    enum template_quote, struct buf *);
/* As words: several values in one place are several words, what stands before
 * the place is on the first, what stands behind it on the last.  A lone place
 * that nothing fills is no word. */
void template_words(
    const struct template *, const struct fill *, struct words *);
/* The same, the whole word once for every value when it wants all. */
void template_repeat(
    const struct template *, const struct fill *, struct words *);
/* As template_text(), the whole text once for every value when it wants all,
 * with a blank between them. */
void template_repeat_text(const struct template *, const struct fill *,
    enum template_quote, struct buf *);

/* What the texts of the filled template grow by with one more value. */
size_t template_cost(const struct template *, const char *value, bool repeated);

#endif
