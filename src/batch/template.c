/* Compiled once, filled once a job. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "batch/quote.h"
#include "batch/template.h"
#include "value/nearest.h"

enum place {
	PLACE_TEXT, /* no place: literal text */
	PLACE_ALL,
	PLACE_NUMBER,
	PLACE_NAME, /* maybe: literal text where no column has the name */
	PLACE_SEQ,
	PLACE_SLOT
};

enum cut {
	CUT_NONE,
	CUT_EXTENSION, /* . */
	CUT_BASE,      /* / */
	CUT_FOLDER,    /* // */
	CUT_STEM       /* /. */
};

struct part {
	enum place place;
	enum cut cut;
	long number;
	char *text; /* as it stands in the template */
	size_t len;
	char *name; /* PLACE_NAME: without the cut; may be the whole */
	enum cut name_cut;
};

struct template
{
	struct part *part;
	size_t n;
};

static const struct {
	const char *text;
	enum cut cut;
} cuts[] = {
    {"//", CUT_FOLDER   },
    {"/.", CUT_STEM     },
    {"/",  CUT_BASE     },
    {".",  CUT_EXTENSION},
};

/* The cut at the end of inner[0..*len), which loses it. */
static enum cut
take_cut(const char *inner, size_t *len)
{
	size_t i, n;

	for (i = 0; i < NITEMS(cuts); i++) {
		n = strlen(cuts[i].text);
		if (*len >= n &&
		    memcmp(inner + *len - n, cuts[i].text, n) == 0) {
			*len -= n;
			return cuts[i].cut;
		}
	}
	return CUT_NONE;
}

static bool
is_number(const char *text, size_t len, long *number)
{
	size_t i, sign = len > 0 && text[0] == '-' ? 1 : 0;

	if (len == sign || len > 9)
		return false;
	for (i = sign; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
	}
	*number = strtol(text, NULL, 10);
	return *number != 0;
}

/* What the text between two braces means. */
static void
classify(struct part *p, const char *inner, size_t len)
{
	size_t rest = len;
	enum cut cut = take_cut(inner, &rest);

	if (rest == 0) {
		p->place = PLACE_ALL;
		p->cut = cut;
	} else if (len == 1 && inner[0] == '#') {
		p->place = PLACE_SEQ;
	} else if (len == 1 && inner[0] == '%') {
		p->place = PLACE_SLOT;
	} else if (is_number(inner, rest, &p->number)) {
		p->place = PLACE_NUMBER;
		p->cut = cut;
	} else {
		p->place = PLACE_NAME;
		p->name = xstrndup(inner, rest);
		p->name_cut = cut;
	}
}

static struct part *
add_part(struct template *t, const char *text, size_t len)
{
	struct part *p;

	t->part = xreallocarray(t->part, t->n + 1, sizeof(*t->part));
	p = &t->part[t->n++];
	memset(p, 0, sizeof(*p));
	p->text = xstrndup(text, len);
	p->len = len;
	return p;
}

/* Bytes of the place that begins at p, or 0. */
static size_t
place_length(const char *p, const char *replace)
{
	size_t n;

	if (replace != NULL && strncmp(p, replace, strlen(replace)) == 0)
		return strlen(replace);
	if (*p != '{')
		return 0;
	n = strcspn(p + 1, "{}");
	if (p[1 + n] != '}' || (n == 0 && replace != NULL))
		return 0;
	return n + 2;
}

static void
add_place(struct template *t, const char *p, size_t len, const char *replace)
{
	struct part *part = add_part(t, p, len);

	if (replace != NULL && len == strlen(replace) &&
	    memcmp(p, replace, len) == 0)
		part->place = PLACE_ALL;
	else
		classify(part, p + 1, len - 2);
}

struct template *
template_new(const char *text, const char *replace)
{
	struct template *t = xcalloc(1, sizeof(*t));
	const char *from = text, *p = text;
	size_t n;

	if (replace != NULL &&
	    (replace[0] == '\0' || strcmp(replace, "{}") == 0))
		replace = NULL;
	while (*p != '\0') {
		if ((n = place_length(p, replace)) == 0) {
			p++;
			continue;
		}
		if (p > from)
			add_part(t, from, (size_t)(p - from));
		add_place(t, p, n, replace);
		p += n;
		from = p;
	}
	if (p > from)
		add_part(t, from, (size_t)(p - from));
	return t;
}

void
template_free(struct template *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->n; i++) {
		free(t->part[i].text);
		free(t->part[i].name);
	}
	free(t->part);
	free(t);
}

static const struct job_value *
find_name(const struct fill *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->nvalues; i++) {
		if (f->value[i].name != NULL &&
		    strcmp(f->value[i].name, name) == 0)
			return &f->value[i];
	}
	return NULL;
}

/* The one value of a part that names one, and how it is cut; NULL: none. */
static const char *
one_value(const struct part *p, const struct fill *f, enum cut *cut)
{
	const struct job_value *v;
	char *whole;
	size_t i;

	*cut = p->cut;
	if (p->place == PLACE_NUMBER) {
		i = p->number > 0 ? (size_t)p->number - 1 :
		                    f->nvalues - (size_t)-p->number;
		return i < f->nvalues ? f->value[i].text : NULL;
	}
	whole = xstrndup(p->text + 1, p->len - 2);
	*cut = CUT_NONE;
	if ((v = find_name(f, whole)) == NULL && p->name_cut != CUT_NONE) {
		v = find_name(f, p->name);
		*cut = p->name_cut;
	}
	free(whole);
	return v != NULL ? v->text : NULL;
}

static bool
part_fills(const struct part *p, const struct fill *f)
{
	enum cut cut;

	if (p->place == PLACE_NAME)
		return one_value(p, f, &cut) != NULL;
	return p->place != PLACE_TEXT;
}

bool
template_fills(const struct template *t, const struct fill *f)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (part_fills(&t->part[i], f))
			return true;
	}
	return false;
}

static bool
has_place(const struct template *t, enum place place)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (t->part[i].place == place)
			return true;
	}
	return false;
}

bool
template_wants_slot(const struct template *t)
{
	return has_place(t, PLACE_SLOT);
}

bool
template_wants_all(const struct template *t)
{
	return has_place(t, PLACE_ALL);
}

const char *
template_misspelt(
    const struct template *t, const struct fill *f, const char **column)
{
	struct nearest near;
	enum cut cut;
	size_t i, k;

	for (i = 0; i < t->n; i++) {
		if (t->part[i].place != PLACE_NAME ||
		    one_value(&t->part[i], f, &cut) != NULL)
			continue;
		nearest_init(&near, t->part[i].name);
		for (k = 0; k < f->nvalues; k++) {
			if (f->value[k].name != NULL)
				nearest_offer(&near, f->value[k].name);
		}
		*column = near.best;
		if (near.best != NULL)
			return t->part[i].text;
	}
	return NULL;
}

bool
template_is_place(const struct template *t, const struct fill *f)
{
	return t->n == 1 && part_fills(&t->part[0], f);
}

/* As dirname(1) has it: "." without a slash, trailing ones do not count. */
static void
add_folder(struct buf *b, const char *text)
{
	size_t n = strlen(text);

	while (n > 1 && text[n - 1] == '/')
		n--;
	while (n > 0 && text[n - 1] != '/')
		n--;
	while (n > 1 && text[n - 1] == '/')
		n--;
	if (n == 0)
		buf_addc(b, '.');
	else
		buf_add(b, text, n);
}

static void
add_cut(struct buf *b, const char *text, enum cut cut)
{
	const char *slash, *dot;

	if (cut == CUT_FOLDER) {
		add_folder(b, text);
		return;
	}
	slash = strrchr(text, '/');
	if (cut == CUT_BASE || cut == CUT_STEM)
		text = slash != NULL ? slash + 1 : text;
	dot = strrchr(text, '.');
	if (cut == CUT_BASE || cut == CUT_NONE || dot == NULL ||
	    (slash != NULL && dot < slash) || dot[1] == '\0')
		buf_adds(b, text);
	else
		buf_add(b, text, (size_t)(dot - text));
}

static void
add_value(struct buf *b, const char *text, enum cut cut, bool quoted)
{
	struct buf one = BUF_INIT;

	if (!quoted) {
		add_cut(b, text, cut);
		return;
	}
	add_cut(&one, text, cut);
	quote_word(b, buf_str(&one));
	buf_free(&one);
}

/* Every part but {}. */
static void
add_plain(struct buf *b, const struct part *p, const struct fill *f,
    enum template_quote quote)
{
	const char *text = NULL;
	enum cut cut = CUT_NONE;

	switch (p->place) {
	case PLACE_SEQ:
		buf_addf(b, "%llu", (unsigned long long)f->seq);
		return;
	case PLACE_SLOT:
		if (f->slot == 0)
			break;
		buf_addf(b, "%u", f->slot);
		return;
	case PLACE_NUMBER:
	case PLACE_NAME:
		text = one_value(p, f, &cut);
		break;
	case PLACE_TEXT:
	case PLACE_ALL:
		break;
	}
	if (text != NULL)
		add_value(b, text, cut, quote != QUOTE_NOTHING);
	else if (p->place != PLACE_NUMBER && quote == QUOTE_WORD)
		quote_literal(b, p->text, p->len);
	else if (p->place != PLACE_NUMBER) /* a missing value is nothing */
		buf_add(b, p->text, p->len);
}

/* A lone place that nothing fills. */
static bool
is_nothing(const struct template *t, const struct fill *f)
{
	enum cut cut;

	if (t->n != 1)
		return false;
	if (t->part[0].place == PLACE_ALL)
		return f->nvalues == 0;
	return t->part[0].place == PLACE_NUMBER &&
	    one_value(&t->part[0], f, &cut) == NULL;
}

void
template_text(const struct template *t, const struct fill *f,
    enum template_quote quote, struct buf *b)
{
	size_t i, k, before = b->len;

	for (i = 0; i < t->n; i++) {
		if (t->part[i].place != PLACE_ALL) {
			add_plain(b, &t->part[i], f, quote);
			continue;
		}
		for (k = 0; k < f->nvalues; k++) {
			if (k > 0)
				buf_addc(b, ' ');
			add_value(b, f->value[k].text, t->part[i].cut,
			    quote != QUOTE_NOTHING);
		}
	}
	if (b->len == before && quote == QUOTE_WORD && !is_nothing(t, f))
		buf_adds(b, "''"); /* an empty word is one, too */
}

static void
end_word(struct buf *b, struct words *w)
{
	words_add_copy(w, buf_str(b), b->len);
	buf_clear(b);
}

void
template_words(const struct template *t, const struct fill *f, struct words *w)
{
	struct buf b = BUF_INIT;
	size_t i, k;

	if (is_nothing(t, f))
		return;
	for (i = 0; i < t->n; i++) {
		if (t->part[i].place != PLACE_ALL) {
			add_plain(&b, &t->part[i], f, QUOTE_NOTHING);
			continue;
		}
		for (k = 0; k < f->nvalues; k++) {
			if (k > 0)
				end_word(&b, w);
			add_value(&b, f->value[k].text, t->part[i].cut, false);
		}
	}
	end_word(&b, w);
	buf_free(&b);
}

/* The text for value k alone; the places of single values know them all. */
static void
text_of(const struct template *t, const struct fill *f, size_t k,
    enum template_quote quote, struct buf *b)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (t->part[i].place == PLACE_ALL)
			add_value(b, f->value[k].text, t->part[i].cut,
			    quote != QUOTE_NOTHING);
		else
			add_plain(b, &t->part[i], f, quote);
	}
}

void
template_repeat(const struct template *t, const struct fill *f, struct words *w)
{
	struct buf b = BUF_INIT;
	size_t k;

	if (f->nvalues == 0 || !template_wants_all(t)) {
		template_words(t, f, w);
		return;
	}
	for (k = 0; k < f->nvalues; k++) {
		text_of(t, f, k, QUOTE_NOTHING, &b);
		end_word(&b, w);
	}
	buf_free(&b);
}

void
template_repeat_text(const struct template *t, const struct fill *f,
    enum template_quote quote, struct buf *b)
{
	size_t k;

	if (f->nvalues == 0 || !template_wants_all(t)) {
		template_text(t, f, quote, b);
		return;
	}
	for (k = 0; k < f->nvalues; k++) {
		if (k > 0)
			buf_addc(b, ' ');
		text_of(t, f, k, quote, b);
	}
}

size_t
template_cost(const struct template *t, const char *value, bool repeated)
{
	size_t i, cost = 0, fixed = 0, places = 0;

	for (i = 0; i < t->n; i++) {
		if (t->part[i].place == PLACE_TEXT)
			fixed += t->part[i].len;
		places += t->part[i].place == PLACE_ALL ||
		    t->part[i].place == PLACE_NUMBER;
	}
	if (places == 0)
		return 0;
	cost = places * (strlen(value) + 1);
	return repeated ? cost + fixed : cost;
}
