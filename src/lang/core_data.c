/*
 * Between text and data: JSON, the reader, names, base64, and the forms of
 * timestamps and UUIDs.  Clock and random ids are capabilities, not here.
 */
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "lang/core_util.h"
#include "value/json.h"
#include "value/name.h"
#include "value/reader.h"
#include "value/string.h"
#include "value/token.h"

/* Bytes that a new name costs apart from its text. */
#define NAME_COST 64

static val
fail_from(struct core_call *call, enum errkey key, const struct error *e)
{
	if (e->kind == EK_LIMIT && heap_over(call->heap)) {
		call->error = VAL_UNBOUND;
		return VAL_UNBOUND;
	}
	if (e->line > 0)
		return core_fail(
		    call, key, "%u:%u: %s", e->line, e->column, e->msg);
	return core_fail(call, key, "%s", e->msg);
}

static val
fn_parse_json(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	const char *p;
	size_t len;
	struct error e;
	val out;

	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	p = str_bytes(argv[0], &len);
	call->cost += len / 16;
	if (json_read(call->heap, p, len, &out, &e) == -1)
		return fail_from(call, ERRKEY_JSON_ERROR, &e);
	return out;
}

static val
to_json(struct core_call *call, val v, int indent)
{
	size_t max = core_text_room(call, 0);
	struct buf b = BUF_INIT;
	struct error e;

	if (json_write_max(&b, v, indent, max, &e) == 0)
		return core_string(call, &b);
	buf_free(&b);
	if (e.kind != EK_LIMIT)
		return fail_from(call, ERRKEY_INVALID_ARGUMENT, &e);
	call->error = VAL_UNBOUND;
	return VAL_UNBOUND;
}

static val
fn_to_json(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return to_json(call, argv[0], 0);
}

static val
fn_to_json_pretty(
    struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return to_json(call, argv[0], 2);
}

static val
fn_read_string(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	const char *p;
	size_t len;
	struct error e;
	val out;

	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	p = str_bytes(argv[0], &len);
	call->cost += len / 16;
	if (read_one(call->heap, p, len, NULL, &out, &e) == -1)
		return fail_from(call, ERRKEY_PARSE_ERROR, &e);
	return out;
}

/* The text of a keyword, symbol or string. */
static bool
name_like(struct core_call *call, val v, const char **p, size_t *len)
{
	if (val_is_string(v)) {
		*p = str_bytes(v, len);
		return true;
	}
	if (val_is_keyword(v) || val_is_symbol(v)) {
		*p = val_name_text(v, len);
		return true;
	}
	core_type_error(call, "a keyword, symbol or string", v);
	return false;
}

/* Where the namespace ends: at the last "/" that is not the whole text. */
static const char *
name_slash(const char *p, size_t len)
{
	return len > 1 ? memrchr(p, '/', len) : NULL;
}

static val
fn_name(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	const char *p, *slash;
	size_t len;

	if (val_is_string(argv[0]))
		return core_own(&argv[0]);
	if (!name_like(call, argv[0], &p, &len))
		return VAL_UNBOUND;
	if ((slash = name_slash(p, len)) != NULL && slash + 1 < p + len) {
		len -= (size_t)(slash + 1 - p);
		p = slash + 1;
	}
	return str_new(call->heap, p, len);
}

static val
fn_namespace(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	const char *p, *slash;
	size_t len;

	if (val_is_string(argv[0]))
		return core_type_error(call, "a keyword or symbol", argv[0]);
	if (!name_like(call, argv[0], &p, &len))
		return VAL_UNBOUND;
	if ((slash = name_slash(p, len)) == NULL || slash == p)
		return VAL_NIL;
	return str_new(call->heap, p, (size_t)(slash - p));
}

/* (keyword name) or (keyword namespace name).  Names stay for the life of the
 * process, so a new one is charged for good. */
static val
make_name(struct core_call *call, val *argv, unsigned int argc, bool keyword)
{
	struct buf b = BUF_INIT;
	const char *p, *problem;
	uint32_t before = name_count(), index;
	size_t len;
	unsigned int i;

	for (i = 0; i < argc; i++) {
		if (argc == 2 && i == 0 && argv[0] == VAL_NIL)
			continue;
		if (!name_like(call, argv[i], &p, &len)) {
			buf_free(&b);
			return VAL_UNBOUND;
		}
		if (b.len > 0)
			buf_addc(&b, '/');
		buf_add(&b, p, len);
	}
	p = buf_str(&b);
	problem = token_name_problem(p, b.len, keyword);
	if (problem != NULL) {
		char shown[TOKEN_SHOWN];

		core_fail(call, ERRKEY_INVALID_ARGUMENT, "\"%s\" %s",
		    token_show(shown, p, b.len), problem);
		buf_free(&b);
		return VAL_UNBOUND;
	}
	index = name_intern(p, b.len);
	if (name_count() > before)
		heap_charge(call->heap, (ptrdiff_t)(b.len + NAME_COST));
	buf_free(&b);
	return keyword ? val_keyword(index) : val_symbol(index);
}

static val
fn_keyword(struct core_call *call, val *argv, unsigned int argc)
{
	if (argc == 1 && val_is_keyword(argv[0]))
		return argv[0];
	if (argc == 1 && val_is_symbol(argv[0]))
		return val_keyword(val_name(argv[0]));
	return make_name(call, argv, argc, true);
}

static val
fn_symbol(struct core_call *call, val *argv, unsigned int argc)
{
	if (argc == 1 && val_is_symbol(argv[0]))
		return argv[0];
	return make_name(call, argv, argc, false);
}

static val
checked_form(struct core_call *call, val *slot,
    bool (*test)(const char *, size_t), const char *what)
{
	const char *p;
	char shown[TOKEN_SHOWN];
	size_t len;

	if (!core_want_string(call, *slot))
		return VAL_UNBOUND;
	p = str_bytes(*slot, &len);
	if (!test(p, len))
		return core_fail(call, ERRKEY_INVALID_ARGUMENT,
		    "\"%s\" is no %s", token_show(shown, p, len), what);
	return core_own(slot);
}

static val
fn_timestamp(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return checked_form(call, &argv[0], text_is_timestamp,
	    "timestamp (YYYY-MM-DDThh:mm:ssZ)");
}

static val
fn_uuid(struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	return checked_form(call, &argv[0], text_is_uuid, "UUID");
}

static val
fn_base64_encode(
    struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct buf b = BUF_INIT;
	const char *text;
	size_t len;

	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	text = str_bytes(argv[0], &len);
	if (!core_room(call, len / 3 * 8 + 8))
		return VAL_UNBOUND;
	base64_encode(&b, text, len);
	return core_string(call, &b);
}

static val
fn_base64_decode(
    struct core_call *call, val *argv, unsigned int argc ATTR_UNUSED)
{
	struct buf b = BUF_INIT;
	const char *p;
	size_t len, at;

	if (!core_want_string(call, argv[0]))
		return VAL_UNBOUND;
	p = str_bytes(argv[0], &len);
	if (!core_room(call, len))
		return VAL_UNBOUND;
	if (!base64_decode(&b, p, len)) {
		buf_free(&b);
		return core_fail(
		    call, ERRKEY_INVALID_ARGUMENT, "the text is not base64");
	}
	if ((at = utf8_invalid_at(b.data, b.len)) != UTF8_VALID) {
		buf_free(&b);
		return core_fail(call, ERRKEY_INVALID_ARGUMENT,
		    "the decoded bytes are not UTF-8 at offset %zu", at);
	}
	return core_string(call, &b);
}

const struct core_def core_data[] = {
    {"parse-json",            fn_parse_json,     1, 1, "(parse-json text)",
     "The data of a JSON text; objects are maps with string keys."                                                     },
    {"serialize-json",        fn_to_json,        1, 1, "(serialize-json x)",
     "x as JSON text without spaces."                                                                                  },
    {"serialize-json-pretty", fn_to_json_pretty, 1, 1,
     "(serialize-json-pretty x)",                                                   "x as JSON text on indented lines."},
    {"read-string",           fn_read_string,    1, 1, "(read-string text)",
     "The one form that the text holds, as data; it is not evaluated."                                                 },
    {"name",                  fn_name,           1, 1, "(name x)",
     "The text of a keyword or symbol without its namespace; a string "
        "itself."                                                                                                      },
    {"namespace",             fn_namespace,      1, 1, "(namespace x)",
     "The part of a keyword or symbol before the slash, or nil."                                                       },
    {"keyword",               fn_keyword,        1, 2, "(keyword namespace? name)",
     "The keyword of that text."                                                                                       },
    {"symbol",                fn_symbol,         1, 2, "(symbol namespace? name)",
     "The symbol of that text."                                                                                        },
    {"timestamp",             fn_timestamp,      1, 1, "(timestamp text)",
     "The text itself if it is a timestamp like 2026-01-31T12:00:00Z, else "
        "InvalidArgument."                                                                                             },
    {"uuid",                  fn_uuid,           1, 1, "(uuid text)",
     "The text itself if it has the form of a UUID, else InvalidArgument."                                             },
    {"base64-encode",         fn_base64_encode,  1, 1, "(base64-encode s)",
     "The UTF-8 bytes of s in base64."                                                                                 },
    {"base64-decode",         fn_base64_decode,  1, 1, "(base64-decode s)",
     "The string whose UTF-8 bytes s holds in base64."                                                                 },
    {NULL,                    NULL,              0, 0, NULL,                        NULL                               },
};
