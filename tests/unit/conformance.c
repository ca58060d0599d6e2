/* rooms: lang value base */
/*
 * Runs conformance cases:  conformance FILE.jsonl [ID-PREFIX]
 *
 * One JSON object a line: "program" with either "expect", the text of a value
 * (compared as a value: maps regardless of order), or "error", a class.
 */
#include "tests/unit/langcase.h"
#include "value/equal.h"
#include "value/json.h"
#include "value/map.h"
#include "value/reader.h"

static val
member(val object, const char *name)
{
	struct heap *h = heap_new(0);
	val key = str_from(h, name), v = map_get(object, key);

	heap_free(h);
	return v;
}

static const char *
member_text(val object, const char *name)
{
	val v = member(object, name);

	return v != VAL_UNBOUND && val_is_string(v) ? str_bytes(v, NULL) : NULL;
}

/* Both texts as data, with '() and the like seen as what they print as. */
static bool
same_value(const char *want, struct buf *got)
{
	struct heap *h = heap_new(0);
	struct error e;
	bool same = strcmp(want, buf_str(got)) == 0;
	val a, b;

	if (!same && read_one(h, want, strlen(want), NULL, &a, &e) == 0 &&
	    read_one(h, buf_str(got), got->len, NULL, &b, &e) == 0)
		same = val_equal(a, b);
	heap_free(h);
	return same;
}

static bool
run_line(val c, struct outcome *o)
{
	const char *id = member_text(c, "id");
	const char *program = member_text(c, "program");
	const char *expect = member_text(c, "expect");
	const char *error = member_text(c, "error");
	bool ok;

	if (program == NULL || (expect == NULL) == (error == NULL)) {
		printf("%s: not a case\n", id == NULL ? "?" : id);
		return false;
	}
	case_run(program, strlen(program), o);
	if (error != NULL)
		ok = o->class != NULL && strcmp(o->class, error) == 0;
	else
		ok = o->class == NULL && same_value(expect, &o->value);
	if (!ok) {
		printf("%s: %s\n  want: %s%s\n  got:  %s%s%s%s\n", id, program,
		    error != NULL ? "error " : "",
		    error != NULL ? error : expect,
		    o->class == NULL ? "" : o->class,
		    o->class == NULL ? "" : ": ", buf_str(&o->message),
		    buf_str(&o->value));
	}
	return ok;
}

int
main(int argc, char **argv)
{
	struct outcome o = {.class = NULL};
	unsigned int passed = 0, failed = 0;
	struct heap *h;
	struct error e;
	const char *id;
	char *text, *p, *end;
	size_t len;
	val c;

	if (argc < 2) {
		fprintf(stderr, "usage: conformance FILE.jsonl [ID-PREFIX]\n");
		return 2;
	}
	text = case_file(argv[1], &len);
	for (p = text; p < text + len; p = end + 1) {
		if ((end = memchr(p, '\n', (size_t)(text + len - p))) == NULL)
			end = text + len;
		if (end == p)
			continue;
		h = heap_new(0);
		if (json_read(h, p, (size_t)(end - p), &c, &e) == -1) {
			printf("not JSON: %s\n", e.msg);
			failed++;
		} else if (argc > 2 &&
		    ((id = member_text(c, "id")) == NULL ||
		        strncmp(id, argv[2], strlen(argv[2])) != 0)) {
			; /* not asked for */
		} else if (run_line(c, &o)) {
			passed++;
		} else {
			failed++;
		}
		heap_free(h);
	}
	printf("%u passed, %u failed\n", passed, failed);
	outcome_free(&o);
	free(text);
	return failed > 0 || passed == 0;
}
