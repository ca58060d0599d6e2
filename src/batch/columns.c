/* PCRE2 with a bound on what one record may cost. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "base/buf.h"
#include "batch/columns.h"

#define MATCH_LIMIT 1000000U

struct columns {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
};

int
columns_new(const char *text, struct columns **out, struct error *e)
{
	struct columns *c = xcalloc(1, sizeof(*c));
	PCRE2_UCHAR why[128];
	PCRE2_SIZE at;
	int code;

	c->code = pcre2_compile(
	    (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, &code, &at, NULL);
	if (c->code == NULL) {
		pcre2_get_error_message(code, why, sizeof(why));
		error_set(e, EK_ARGUMENT,
		    "\"%s\" is no regular expression: %s at offset %zu", text,
		    (const char *)why, (size_t)at);
		columns_free(c);
		return -1;
	}
	c->data = pcre2_match_data_create_from_pattern(c->code, NULL);
	c->context = pcre2_match_context_create(NULL);
	if (c->data == NULL || c->context == NULL)
		abort(); /* no memory for a few bytes */
	pcre2_set_match_limit(c->context, MATCH_LIMIT);
	if (pcre2_match(
	        c->code, (PCRE2_SPTR) "", 0, 0, 0, c->data, c->context) >= 0) {
		columns_free(c);
		return error_set(e, EK_ARGUMENT,
		    "\"%s\" fits the empty text, which separates nothing",
		    text);
	}
	*out = c;
	return 0;
}

void
columns_free(struct columns *c)
{
	if (c == NULL)
		return;
	pcre2_code_free(c->code);
	pcre2_match_data_free(c->data);
	pcre2_match_context_free(c->context);
	free(c);
}

int
columns_split(struct columns *c, const char *text, size_t len, struct words *w,
    struct error *e)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(c->data);
	size_t from = 0, look = 0;
	int n;

	for (;;) {
		n = pcre2_match(c->code, (PCRE2_SPTR)text, len, look, 0,
		    c->data, c->context);
		if (n == PCRE2_ERROR_NOMATCH)
			break;
		if (n < 0)
			return error_set(e, EK_LIMIT,
			    "--colsep takes too long on this record");
		if (at[1] == at[0]) { /* nothing, as \b: no separator */
			look = at[1] + 1;
			if (look > len)
				break;
			continue;
		}
		words_add_copy(w, text + from, at[0] - from);
		from = look = at[1];
	}
	words_add_copy(w, text + from, len - from);
	return 0;
}
