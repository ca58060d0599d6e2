/*
 * Templates filled in: what is printed for a paste is read by a shell as the
 * very words that are run.  The input is texts with NUL between them: what
 * stands for {}, the template, then a name and a value for each column.
 */
#include "batch/template.h"
#include "tests/fuzz/fuzz.h"

FUZZ_START

#define COLUMNS 8U
#define SAFE                                                                   \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"       \
	"-_.+/=:@%,{}"

/* What sh makes of a line without a special character outside quotes. */
static void
split(const char *p, struct words *w)
{
	struct buf b = BUF_INIT;
	const char *end;
	bool word = false;

	for (; *p != '\0'; p++) {
		if (*p == ' ') {
			if (word)
				words_add_copy(w, buf_str(&b), b.len);
			buf_clear(&b);
			word = false;
			continue;
		}
		word = true;
		if (*p == '\'' || *p == '"') {
			end = strchr(p + 1, *p);
			FUZZ_REQUIRE(end != NULL);
			if (*p == '"')
				FUZZ_REQUIRE(end == p + 2 && p[1] == '\'');
			buf_add(&b, p + 1, (size_t)(end - p - 1));
			p = end;
		} else {
			FUZZ_REQUIRE(strchr(SAFE, *p) != NULL);
			buf_addc(&b, *p);
		}
	}
	if (word)
		words_add_copy(w, buf_str(&b), b.len);
	buf_free(&b);
}

static void
same(const struct words *a, const struct words *b)
{
	size_t i;

	FUZZ_REQUIRE(a->n == b->n);
	for (i = 0; i < a->n; i++)
		FUZZ_REQUIRE(strcmp(a->item[i], b->item[i]) == 0);
}

static void
compare(const struct template *t, const struct fill *f, bool repeat)
{
	struct words run = {NULL, 0, 0}, pasted = {NULL, 0, 0};
	struct buf b = BUF_INIT;

	if (repeat) {
		template_repeat(t, f, &run);
		template_repeat_text(t, f, QUOTE_WORD, &b);
	} else {
		template_words(t, f, &run);
		template_text(t, f, QUOTE_WORD, &b);
	}
	split(buf_str(&b), &pasted);
	same(&run, &pasted);
	words_free(&run);
	words_free(&pasted);
	buf_free(&b);
}

static void
fill_in(const struct template *t, const struct fill *f)
{
	struct buf plain = BUF_INIT, shell = BUF_INIT;
	size_t i;

	compare(t, f, false);
	compare(t, f, true);
	template_text(t, f, QUOTE_NOTHING, &plain);
	template_text(t, f, QUOTE_VALUES, &shell);
	FUZZ_REQUIRE(shell.len >= plain.len);
	if (template_is_place(t, f))
		FUZZ_REQUIRE(template_fills(t, f));
	if (template_wants_all(t))
		FUZZ_REQUIRE(template_fills(t, f));
	for (i = 0; i < f->nvalues; i++)
		(void)template_cost(t, f->value[i].text, false);
	buf_free(&plain);
	buf_free(&shell);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct job_value column[COLUMNS];
	struct fill f = {column, 0, 7, 0};
	struct template *t;
	char *all = xmalloc(len + 1), *p, *end, *text[2 + 2 * COLUMNS];
	size_t n = 0;

	if (len > 0)
		memcpy(all, data, len);
	all[len] = '\0';
	for (p = all, end = all + len; p <= end && n < NITEMS(text);
	     p += strlen(p) + 1)
		text[n++] = p;
	if (n >= 2) {
		for (; 2 * f.nvalues + 3 < n; f.nvalues++) {
			column[f.nvalues].name = text[2 + 2 * f.nvalues];
			column[f.nvalues].text = text[3 + 2 * f.nvalues];
		}
		t = template_new(text[1], text[0][0] != '\0' ? text[0] : NULL);
		fill_in(t, &f);
		f.slot = 3;
		fill_in(t, &f);
		template_free(t);
	}
	free(all);
	return 0;
}
