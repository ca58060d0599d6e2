/*
 * Character classes and the shape of names, timestamps and UUIDs.  Apart from
 * the reader because the core library and JSON decoding ask the same
 * questions about texts that were never read.
 */
#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "value/reader.h"
#include "value/token.h"

#define BLANK (TOKEN_BLANK | TOKEN_END)
#define NAME  (TOKEN_FIRST | TOKEN_REST)

const uint8_t token_class[256] = {
    [' '] = BLANK,
    ['\t'] = BLANK,
    ['\r'] = BLANK,
    ['\n'] = BLANK,
    [','] = BLANK,
    ['('] = TOKEN_END,
    [')'] = TOKEN_END,
    ['['] = TOKEN_END,
    [']'] = TOKEN_END,
    ['{'] = TOKEN_END,
    ['}'] = TOKEN_END,
    ['"'] = TOKEN_END,
    [';'] = TOKEN_END,
    ['0' ... '9'] = TOKEN_DIGIT | TOKEN_REST,
    ['a' ... 'z'] = NAME,
    ['A' ... 'Z'] = NAME,
    ['_'] = NAME,
    ['$'] = NAME,
    ['+'] = NAME,
    ['-'] = NAME,
    ['*'] = NAME,
    ['/'] = NAME,
    ['='] = NAME,
    ['<'] = NAME,
    ['>'] = NAME,
    ['!'] = NAME,
    ['?'] = NAME,
    ['%'] = NAME,
    ['&'] = NAME,
    ['.'] = NAME,
    ['@'] = TOKEN_REST,
    ['\''] = TOKEN_REST,
};

bool
token_begins_number(const char *p, size_t n)
{
	if (n > 0 && (*p == '+' || *p == '-'))
		p++, n--;
	if (n > 1 && *p == '.')
		p++, n--;
	return n > 0 && TOKEN_IS(*p, TOKEN_DIGIT);
}

static bool
is_letter(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);

	return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO;
}

/* The first character that may not stand where it stands, or NULL. */
static const char *
bad_character(const char *p, const char *end, bool keyword)
{
	const char *start = p;
	size_t size;

	while (p < end) {
		if ((unsigned char)*p >= 0x80) {
			if (!is_letter(utf8_decode(p, end, &size)))
				return p;
			p += size;
			continue;
		}
		if (!TOKEN_IS(*p, p == start ? TOKEN_FIRST : TOKEN_REST) &&
		    !(keyword && *p == ':' && p != start && p + 1 != end &&
		        p[1] != ':')) {
			return p;
		}
		p++;
	}
	return NULL;
}

static const char *
slash_problem(const char *p, size_t n, bool keyword)
{
	const char *slash = memchr(p, '/', n);
	size_t rest;

	if (slash == NULL || n == 1)
		return NULL;
	rest = n - (size_t)(slash - p) - 1;
	if (slash == p || rest == 0)
		return "a \"/\" stands between module and name, or alone";
	if (memchr(slash + 1, '/', rest) != NULL)
		return "only one \"/\" may stand in a name";
	if (!keyword && (unsigned char)slash[1] < 0x80 &&
	    !TOKEN_IS(slash[1], TOKEN_FIRST)) {
		return "the part after \"/\" must be a name itself";
	}
	return NULL;
}

const char *
token_name_problem(const char *p, size_t n, bool keyword)
{
	const char *bad;

	if (n == 0)
		return "a name is missing";
	if (token_begins_number(p, n))
		return "a name cannot begin like a number";
	if ((bad = bad_character(p, p + n, keyword)) != NULL) {
		if (keyword && *bad == ':')
			return "a colon in a keyword stands between two names";
		if (*bad == '#')
			return "\"#\" may only end a symbol inside "
			       "quasiquote";
		if (bad == p)
			return "no name begins with this character";
		return "a name cannot contain this character";
	}
	if (!keyword && *p == '&' && n > 1)
		return "write \"& rest\" with a blank";
	return slash_problem(p, n, keyword);
}

bool
text_is_symbol(const char *p, size_t n)
{
	if ((n == 3 && memcmp(p, "nil", 3) == 0) ||
	    (n == 4 && memcmp(p, "true", 4) == 0) ||
	    (n == 5 && memcmp(p, "false", 5) == 0)) {
		return false;
	}
	return token_name_problem(p, n, false) == NULL && !text_is_uuid(p, n);
}

bool
text_is_keyword(const char *p, size_t n)
{
	return token_name_problem(p, n, true) == NULL;
}

/* In the pattern: d a digit, x a hexadecimal digit, else itself. */
static bool
fits(const char *p, const char *pattern)
{
	for (; *pattern != '\0'; p++, pattern++) {
		bool digit = TOKEN_IS(*p, TOKEN_DIGIT);
		char low = (char)(*p | 0x20);

		if (*pattern == 'd') {
			if (!digit)
				return false;
		} else if (*pattern == 'x') {
			if (!digit && (low < 'a' || low > 'f'))
				return false;
		} else if (*p != *pattern) {
			return false;
		}
	}
	return true;
}

bool
text_is_uuid(const char *p, size_t n)
{
	return n == 36 && p[8] == '-' &&
	    fits(p, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
}

static int
two(const char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

bool
text_is_timestamp(const char *p, size_t n)
{
	size_t i;

	if (n < 20 || !fits(p, "dddd-dd-ddTdd:dd:dd") || p[n - 1] != 'Z')
		return false;
	if (n > 20) {
		if ((p[19] != '.' && p[19] != '_') || n < 22 || n > 30)
			return false;
		for (i = 20; i < n - 1; i++) {
			if (!TOKEN_IS(p[i], TOKEN_DIGIT))
				return false;
		}
	}
	return two(p + 5) >= 1 && two(p + 5) <= 12 && two(p + 8) >= 1 &&
	    two(p + 8) <= 31 && two(p + 11) <= 23 && two(p + 14) <= 59 &&
	    two(p + 17) <= 60;
}

const char *
token_show(char out[TOKEN_SHOWN], const char *p, size_t n)
{
	size_t i, cut = n;

	if (n > TOKEN_SHOWN - 4)
		cut = utf8_cut(p, n, TOKEN_SHOWN - 4);
	memcpy(out, p, cut);
	strlcpy(out + cut, cut < n ? "..." : "", TOKEN_SHOWN - cut);
	for (i = 0; i < cut; i++) {
		if ((unsigned char)out[i] < 0x20 || out[i] == 0x7f)
			out[i] = '?';
	}
	return out;
}
