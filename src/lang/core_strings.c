/*
 * Strings as sequences of code points.  Search and replacement work on bytes:
 * in valid UTF-8 a match of whole characters can only stand at a character.
 */
#include <string.h>

#include <utf8proc.h>

#include "base/utf8.h"
#include "lang/core_format.h"
#include "lang/core_util.h"
#include "value/list.h"
#include "value/map.h"
#include "value/string.h"
#include "value/vector.h"

struct text {
	const char *p;
	size_t len;
};

static struct text
text_of(val s)
{
	struct text t;

	t.p = str_bytes(s, &t.len);
	return t;
}

/* Offset of needle in hay from byte `from` on, or SIZE_MAX. */
static size_t
text_find(struct text hay, struct text needle, size_t from)
{
	const char *at;

	if (from > hay.len)
		return SIZE_MAX;
	if (needle.len == 0)
		return from;
	at = memmem(hay.p + from, hay.len - from, needle.p, needle.len);
	return at == NULL ? SIZE_MAX : (size_t)(at - hay.p);
}

/* Bytes of an integer's text. */
static size_t
fix_size(int64_t i)
{
	uint64_t n = i < 0 ? -(uint64_t)i : (uint64_t)i;
	size_t size = i < 0 ? 2 : 1;

	for (; n >= 10000; n /= 10000)
		size += 4;
	return size + (n >= 10) + (n >= 100) + (n >= 1000);
}

/* Its text, which ends before end. */
static void
fix_write(char *end, int64_t i)
{
	static const char pairs[] = "00010203040506070809"
	                            "10111213141516171819"
	                            "20212223242526272829"
	                            "30313233343536373839"
	                            "40414243444546474849"
	                            "50515253545556575859"
	                            "60616263646566676869"
	                            "70717273747576777879"
	                            "80818283848586878889"
	                            "90919293949596979899";
	uint64_t n = i < 0 ? -(uint64_t)i : (uint64_t)i;

	for (; n >= 10; n /= 100) {
		end -= 2;
		memcpy(end, pairs + n % 100 * 2, 2);
	}
	if (n > 0 || i == 0)
		*--end = (char)('0' + n);
	if (i < 0)
		*--end = '-';
}

/* Bytes of the text of a string or of an integer of one word; false: v is
 * neither. */
static inline bool
simple_size(val v, size_t *size)
{
	if (val_is_fix(v)) {
		*size += fix_size(val_unfix(v));
		return true;
	}
	if (!val_is_string(v))
		return false;
	*size += text_of(v).len;
	return true;
}

/* That text at out; where it ends. */
static inline char *
simple_write(val v, char *out)
{
	struct text t;

	if (val_is_fix(v)) {
		out += fix_size(val_unfix(v));
		fix_write(out, val_unfix(v));
		return out;
	}
	t = text_of(v);
	memcpy(out, t.p, t.len);
	return out + t.len;
}

/* As join_simple, of arguments.  VAL_NIL: there are other ones. */
static val
str_simple(struct core_call *call, const val *argv, unsigned int argc)
{
	unsigned int i;
	size_t size = 0;
	char *out;
	val s;

	for (i = 0; i < argc; i++) {
		if (!simple_size(argv[i], &size))
			return VAL_NIL;
	}
	if (!core_room(call, size))
		return VAL_UNBOUND;
	call->cost += size / 64;
	s = str_blank(call->heap, size, &out);
	for (i = 0; i < argc; i++)
		out = simple_write(argv[i], out);
	if (argc != 1) /* one: an integer, of plain characters */
		str_seal(s);
	return s;
}

static val
fn_str(struct core_call *call, val *argv, unsigned int argc)
{
	struct buf b = BUF_INIT;
	unsigned int i;
	val s;

	if (argc == 1 && val_is_string(argv[0]))
		return core_own(&argv[0]);
	if ((s = str_simple(call, argv, argc)) != VAL_NIL)
		return s;
	for (i = 0; i < argc; i++) {
		if (!core_print(call, &b, argv[i], false)) {
			buf_free(&b);
			return VAL_UNBOUND;
		}
	}
	return core_string(call, &b);
}

static val
fn_pr_str(struct core_call *call, val *argv, unsigned int argc)
{
	struct buf b = BUF_INIT;
	unsigned int i;

	for (i = 0; i < argc; i++) {
		if (i > 0)
			buf_addc(&b, ' ');
		if (!core_print(call, &b, argv[i], true)) {
			buf_free(&b);
			return VAL_UNBOUND;
		}
	}
	return core_string(call, &b);
}

static val
fn_string_length(
    struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	return val_fix((int64_t)str_count(argv[0]));
}

static val
fn_substring(struct core_call *call, val *argv, unsigned int argc)
{
	int64_t from, to, n;

	if (!core_want_string(call, argv[0]) ||
	    !core_want_i64(call, argv[1], &from))
		return VAL_UNBOUND;
	n = to = (int64_t)str_count(argv[0]);
	if (argc == 3 && !core_want_i64(call, argv[2], &to))
		return VAL_UNBOUND;
	if (from < 0 || to > n || from > to)
		return core_fail(call, ERRKEY_INDEX_OUT_OF_BOUNDS,
		    "%lld to %lld is not within a string of %lld",
		    (long long)from, (long long)to, (long long)n);
	return str_slice(
	    call->heap, core_own(&argv[0]), (size_t)from, (size_t)to);
}

static bool
two_strings(struct core_call *call, const val *argv)
{
	return core_want_string(call, argv[0]) &&
	    core_want_string(call, argv[1]);
}

static val
fn_contains(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!two_strings(call, argv))
		return VAL_UNBOUND;
	return val_bool(
	    text_find(text_of(argv[0]), text_of(argv[1]), 0) != SIZE_MAX);
}

static val
fn_starts_with(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct text s, t;

	if (!two_strings(call, argv))
		return VAL_UNBOUND;
	s = text_of(argv[0]);
	t = text_of(argv[1]);
	return val_bool(t.len <= s.len && memcmp(s.p, t.p, t.len) == 0);
}

static val
fn_ends_with(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct text s, t;

	if (!two_strings(call, argv))
		return VAL_UNBOUND;
	s = text_of(argv[0]);
	t = text_of(argv[1]);
	return val_bool(
	    t.len <= s.len && memcmp(s.p + s.len - t.len, t.p, t.len) == 0);
}

static val
fn_index_of(struct core_call *call, val *argv, unsigned int argc)
{
	struct text s;
	int64_t from = 0;
	size_t at;

	if (!two_strings(call, argv) ||
	    (argc == 3 && !core_want_i64(call, argv[2], &from)))
		return VAL_UNBOUND;
	if (from < 0)
		from = 0;
	if ((uint64_t)from > str_count(argv[0]))
		return VAL_NIL;
	s = text_of(argv[0]);
	at = text_find(s, text_of(argv[1]), str_offset(argv[0], (size_t)from));
	if (at == SIZE_MAX)
		return VAL_NIL;
	return val_fix((int64_t)utf8_count(s.p, at));
}

static val
push_text(struct core_call *call, val vec, const char *p, size_t len)
{
	return vec_push(call->heap, vec, str_new(call->heap, p, len));
}

/* The parts of a text between the separators; "" takes it to characters. */
static val
fn_split(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct text s, sep;
	size_t at, from = 0;
	val out;

	if (!two_strings(call, argv))
		return VAL_UNBOUND;
	s = text_of(argv[0]);
	sep = text_of(argv[1]);
	call->cost += s.len / 16;
	if (sep.len == 0)
		return core_to_vector(call, core_own(&argv[0]));
	out = vec_empty(call->heap);
	while ((at = text_find(s, sep, from)) != SIZE_MAX) {
		out = push_text(call, out, s.p + from, at - from);
		from = at + sep.len;
		if (!core_room(call, 0)) {
			val_release(call->heap, out);
			return VAL_UNBOUND;
		}
	}
	return push_text(call, out, s.p + from, s.len - from);
}

static val
fn_split_lines(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	const char *end, *nl;
	struct text s;
	size_t n;
	val out;

	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	s = text_of(argv[0]);
	call->cost += s.len / 16;
	out = vec_empty(call->heap);
	for (end = s.p + s.len; s.p < end; s.p = nl + 1) {
		if ((nl = memchr(s.p, '\n', (size_t)(end - s.p))) == NULL)
			nl = end;
		n = (size_t)(nl - s.p);
		if (n > 0 && nl < end && s.p[n - 1] == '\r')
			n--;
		out = push_text(call, out, s.p, n);
		if (!core_room(call, 0)) {
			val_release(call->heap, out);
			return VAL_UNBOUND;
		}
		if (nl == end)
			break;
	}
	return out;
}

/* Strings and integers: measured first, then written once.  VAL_NIL: there
 * are other elements. */
static val
join_simple(struct core_call *call, struct text sep, val v)
{
	size_t i, n = vec_count(v), left, size = 0, seps = 0;
	const val *run = NULL;
	char *out;
	val s;

	for (i = 0, left = 0; i < n; i++, left--) {
		if (left == 0)
			run = vec_run(v, i, &left);
		if (!simple_size(*run++, &size))
			return VAL_NIL;
	}
	if (n > 0 && __builtin_mul_overflow(n - 1, sep.len, &seps))
		seps = SIZE_MAX / 2;
	size += seps;
	if (!core_room(call, size))
		return VAL_UNBOUND;
	call->cost += n / 4 + size / 64;
	s = str_blank(call->heap, size, &out);
	for (i = 0, left = 0; i < n; i++, left--) {
		if (left == 0)
			run = vec_run(v, i, &left);
		if (i > 0) {
			memcpy(out, sep.p, sep.len);
			out += sep.len;
		}
		out = simple_write(*run++, out);
	}
	str_seal(s);
	return s;
}

static val
join(struct core_call *call, struct text sep, val coll)
{
	struct buf b = BUF_INIT;
	struct seq s;
	val x;
	bool ok = true;

	if (!seq_open(call, coll, &s))
		return VAL_UNBOUND;
	while (ok && seq_next(&s, &x)) {
		if (s.pos > 1)
			buf_add(&b, sep.p, sep.len);
		ok = core_print(call, &b, x, false);
		val_release(call->heap, x);
		if (ok && (s.pos & 63) == 0)
			ok = core_room(call, b.len);
	}
	if (!ok) {
		buf_free(&b);
		return VAL_UNBOUND;
	}
	return core_string(call, &b);
}

/* (join sep coll), (join coll), and the other order, (join coll sep). */
static val
fn_join(struct core_call *call, val *argv, unsigned int argc)
{
	struct text sep = {"", 0};
	val coll = argv[argc - 1], s = VAL_NIL;

	if (argc == 2) {
		if (!val_is_string(argv[0]) && val_is_string(argv[1])) {
			coll = argv[0];
			sep = text_of(argv[1]);
		} else if (core_want_string(call, argv[0])) {
			sep = text_of(argv[0]);
		} else {
			return VAL_UNBOUND;
		}
	}
	if (val_is_vector(coll))
		s = join_simple(call, sep, coll);
	return s == VAL_NIL ? join(call, sep, coll) : s;
}

/* Each letter from `from` on, of 26, in the other case. */
static val
map_ascii_case(struct core_call *call, struct text t, char from)
{
	val v;
	char *out;
	size_t i;

	if (!core_room(call, t.len))
		return VAL_UNBOUND;
	v = str_blank(call->heap, t.len, &out);
	for (i = 0; i < t.len; i++)
		out[i] = (unsigned char)(t.p[i] - from) < 26 ?
		    (char)(t.p[i] ^ ('a' ^ 'A')) :
		    t.p[i];
	call->cost += t.len / 16 + t.len / 64;
	return v;
}

static val
map_case(struct core_call *call, val s, char from,
    utf8proc_int32_t (*f)(utf8proc_int32_t))
{
	struct buf b = BUF_INIT;
	const char *p, *end;
	struct text t;
	char out[4];
	size_t n;

	if (!core_want_string(call, s))
		return VAL_UNBOUND;
	t = text_of(s);
	if (str_is_ascii(s))
		return map_ascii_case(call, t, from);
	if (!core_room(call, t.len * 2))
		return VAL_UNBOUND;
	buf_reserve(&b, t.len);
	for (p = t.p, end = p + t.len; p < end; p += n) {
		uint32_t cp = utf8_decode(p, end, &n);

		cp = (uint32_t)f((utf8proc_int32_t)cp);
		buf_add(&b, out, utf8_encode(cp, out));
	}
	call->cost += t.len / 16;
	return core_string(call, &b);
}

static val
fn_upper(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return map_case(call, argv[0], 'a', utf8proc_toupper);
}

static val
fn_lower(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return map_case(call, argv[0], 'A', utf8proc_tolower);
}

static val
fn_trim(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct text t, trimmed;

	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	t = trimmed = text_of(argv[0]);
	trimmed.p = core_trim(t.p, &trimmed.len);
	if (trimmed.len == t.len)
		return core_own(&argv[0]);
	return str_new(call->heap, trimmed.p, trimmed.len);
}

static val
fn_blank(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct text t;

	if (argv[0] == VAL_NIL)
		return VAL_TRUE;
	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	t = text_of(argv[0]);
	core_trim(t.p, &t.len);
	return val_bool(t.len == 0);
}

static val
fn_replace(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct text s, from, to;
	struct buf b = BUF_INIT;
	size_t at, pos = 0, n;

	if (!two_strings(call, argv) || !core_want_string(call, argv[2]))
		return VAL_UNBOUND;
	s = text_of(argv[0]);
	from = text_of(argv[1]);
	to = text_of(argv[2]);
	call->cost += s.len / 16;
	while ((at = text_find(s, from, pos)) != SIZE_MAX) {
		buf_add(&b, s.p + pos, at - pos);
		buf_add(&b, to.p, to.len);
		pos = at + from.len;
		if (from.len == 0) { /* before each character and at the end */
			if (at == s.len)
				break;
			utf8_decode(s.p + at, s.p + s.len, &n);
			buf_add(&b, s.p + at, n);
			pos = at + n;
		}
		if (!core_room(call, b.len)) {
			buf_free(&b);
			return VAL_UNBOUND;
		}
	}
	buf_add(&b, s.p + pos, s.len - pos);
	return core_string(call, &b);
}

static val
fn_format(struct core_call *call, val *argv, unsigned int argc)
{
	struct buf b = BUF_INIT;

	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	if (!format_text(call, &b, argv, argc)) {
		buf_free(&b);
		return VAL_UNBOUND;
	}
	return core_string(call, &b);
}

static val
fn_chars(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	return core_to_vector(call, core_own(&argv[0]));
}

static val
fn_char_code(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct text t;
	size_t n;

	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	t = text_of(argv[0]);
	if (t.len == 0)
		return core_fail(
		    call, ERRKEY_INVALID_ARGUMENT, "the string is empty");
	return val_fix(utf8_decode(t.p, t.p + t.len, &n));
}

static val
fn_from_char_code(
    struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	char out[4];
	int64_t cp;

	if (!core_want_i64(call, argv[0], &cp))
		return VAL_UNBOUND;
	if (cp < 0 || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return core_fail(call, ERRKEY_INVALID_ARGUMENT,
		    "%lld is no Unicode code point", (long long)cp);
	return str_new(call->heap, out, utf8_encode((uint32_t)cp, out));
}

const struct core_def core_strings[] = {
    {"str",              fn_str,            0, -1, "(str & xs)",
     "All arguments as one string: strings as they are, nil as nil, "
        "anything "
        "else as pr-str writes it."                                                                                     },
    {"pr-str",           fn_pr_str,         0, -1, "(pr-str & xs)",
     "The readable text of the arguments, separated by blanks."                                                         },
    {"string-length",    fn_string_length,  1, 1,  "(string-length s)",
     "The number of code points in a string."                                                                           },
    {"substring",        fn_substring,      2, 3,  "(substring s start end?)",
     "The part from code point start up to, not including, end; outside the "
        "string IndexOutOfBounds."                                                                                      },
    {"subs",             fn_substring,      2, 3,  "(subs s start end?)",
     "The same as substring."                                                                                           },
    {"string-contains",  fn_contains,       2, 2,  "(string-contains s part)",
     "Does s contain part?"                                                                                             },
    {"string-contains?", fn_contains,       2, 2,  "(string-contains? s part)",
     "Does s contain part?"                                                                                             },
    {"starts-with?",     fn_starts_with,    2, 2,  "(starts-with? s part)",
     "Does s begin with part?"                                                                                          },
    {"ends-with?",       fn_ends_with,      2, 2,  "(ends-with? s part)",
     "Does s end with part?"                                                                                            },
    {"index-of",         fn_index_of,       2, 3,  "(index-of s part from?)",
     "Where part first stands in s, at or after from; nil if nowhere."                                                  },
    {"split",            fn_split,          2, 2,  "(split s separator)",
     "The parts of s between the separators, which are literal text; \"\" "
        "splits into characters."                                                                                       },
    {"split-lines",      fn_split_lines,    1, 1,  "(split-lines s)",
     "The lines of s, without their ends (\\n or \\r\\n)."                                                              },
    {"join",             fn_join,           1, 2,  "(join separator? coll)",
     "The elements as str writes them, with the separator between them. The "
        "separator may also come second."                                                                               },
    {"string-join",      fn_join,           1, 2,  "(string-join separator? coll)",
     "The same as join."                                                                                                },
    {"upper",            fn_upper,          1, 1,  "(upper s)",                     "s in upper case."                  },
    {"lower",            fn_lower,          1, 1,  "(lower s)",                     "s in lower case."                  },
    {"trim",             fn_trim,           1, 1,  "(trim s)",                      "s without white space at its ends."},
    {"string-upper",     fn_upper,          1, 1,  "(string-upper s)",              "s in upper case."                  },
    {"string-lower",     fn_lower,          1, 1,  "(string-lower s)",              "s in lower case."                  },
    {"string-trim",      fn_trim,           1, 1,  "(string-trim s)",
     "s without white space at its ends."                                                                               },
    {"replace",          fn_replace,        3, 3,  "(replace s from to)",
     "s with every occurrence of the literal text from replaced."                                                       },
    {"format",           fn_format,         1, -1, "(format text & xs)",
     "Fills in %s %d %x %o %e %f %g and %% with flags (- + 0 # blank), "
        "width "
        "and precision up to 1000."                                                                                     },
    {"blank?",           fn_blank,          1, 1,  "(blank? s)",
     "Is s nil, empty or white space only?"                                                                             },
    {"chars",            fn_chars,          1, 1,  "(chars s)",
     "The characters of s, a vector of strings."                                                                        },
    {"char-code",        fn_char_code,      1, 1,  "(char-code s)",
     "The code point of the first character of s."                                                                      },
    {"from-char-code",   fn_from_char_code, 1, 1,  "(from-char-code n)",
     "The one-character string of code point n."                                                                        },
    {NULL,               NULL,              0, 0,  NULL,                            NULL                                },
};
