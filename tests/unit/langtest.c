/* rooms: lang value base */
/*
 * Runs .test files:  langtest FILE.test...
 *
 * A case is a block of lines without an empty one: the program, then what is
 * expected on the block's last line; an empty line ends the block.
 *
 *	(+ 1 2)
 *	3
 *
 *	(defn f [x]
 *	  (println x))
 *	(f 5)
 *	> 5
 *	nil
 *
 *	(inc "a")
 *	error TypeError expected a number
 *
 * The last line is the value exactly as pr-str writes it; "error CLASS", after
 * which may follow a part of the message; or "thrown VALUE" for a thrown value
 * that is no error.  Lines before it that begin with "> " are what println
 * wrote.  A line that is "#" or begins with "# " is a comment.  Every case
 * runs twice, with and without changing unshared values in place, to the same
 * result in as many steps.
 *
 * langtest --names prints the names of the core library, one a line, --doc
 * how each is used and what it does.
 */
#include "tests/unit/langcase.h"

struct testcase {
	struct buf program;
	struct buf output;
	struct buf expect; /* last line */
	unsigned int line; /* where the block begins */
	bool has_output;
};

struct tally {
	unsigned int passed, failed;
};

static bool
buf_is(struct buf *b, const char *text)
{
	return strcmp(buf_str(b), text) == 0;
}

/* Why the outcome is not as expected, or NULL. */
static const char *
judge(struct testcase *t, struct outcome *o)
{
	const char *want = buf_str(&t->expect), *part;
	size_t n;

	if (t->has_output && !buf_is(&o->output, buf_str(&t->output)))
		return "other output";
	if (strncmp(want, "error ", 6) == 0) {
		if (o->class == NULL)
			return "no error";
		want += 6;
		n = strcspn(want, " ");
		if (strlen(o->class) != n || strncmp(want, o->class, n) != 0)
			return "another error";
		part = want[n] == ' ' ? want + n + 1 : "";
		return strstr(buf_str(&o->message), part) == NULL ?
		    "another message" :
		    NULL;
	}
	if (strncmp(want, "thrown ", 7) == 0) {
		if (o->class == NULL || strcmp(o->class, "thrown") != 0)
			return "not thrown";
		return buf_is(&o->value, want + 7) ? NULL : "another value";
	}
	if (o->class != NULL)
		return "an error";
	return buf_is(&o->value, want) ? NULL : "another value";
}

static void
run_case(const char *file, struct testcase *t, struct outcome *o,
    struct tally *tally)
{
	const char *why = NULL;
	uint64_t steps = 0;
	int mode;

	for (mode = 0; mode < 2 && why == NULL; mode++) {
		heap_never_in_place = mode == 1;
		case_run(buf_str(&t->program), t->program.len, o);
		why = judge(t, o);
		if (mode == 1 && why == NULL && o->steps != steps)
			why = "another number of steps";
		steps = o->steps;
	}
	heap_never_in_place = false;
	if (why == NULL) {
		tally->passed++;
		return;
	}
	tally->failed++;
	printf("%s:%u: %s%s\n%s  want: %s\n  got:  ", file, t->line, why,
	    mode == 2 ? " (without change in place)" : "", buf_str(&t->program),
	    buf_str(&t->expect));
	if (o->class != NULL)
		printf("%s: %s ", o->class, buf_str(&o->message));
	printf("%s\n", buf_str(&o->value));
	if (o->output.len > 0)
		printf("  output: %s\n", buf_str(&o->output));
}

static void
end_case(const char *file, struct testcase *t, struct outcome *o,
    struct tally *tally)
{
	if (t->expect.len > 0)
		run_case(file, t, o, tally);
	buf_clear(&t->program);
	buf_clear(&t->output);
	buf_clear(&t->expect);
	t->has_output = false;
	t->line = 0;
}

/* The line before this one turns out to belong to program or output. */
static void
shift_line(struct testcase *t)
{
	if (t->expect.len == 0)
		return;
	if (strncmp(buf_str(&t->expect), "> ", 2) == 0) {
		buf_add(&t->output, t->expect.data + 2, t->expect.len - 2);
		buf_addc(&t->output, '\n');
		t->has_output = true;
	} else {
		buf_add(&t->program, t->expect.data, t->expect.len);
		buf_addc(&t->program, '\n');
	}
	buf_clear(&t->expect);
}

static void
run_file(const char *file, struct tally *tally)
{
	struct testcase t = {.line = 0};
	struct outcome o = {.class = NULL};
	unsigned int line = 0;
	size_t len, n;
	char *text = case_file(file, &len), *p, *end;

	for (p = text; p < text + len; p = end + 1) {
		line++;
		if ((end = memchr(p, '\n', (size_t)(text + len - p))) == NULL)
			end = text + len;
		n = (size_t)(end - p);
		if (n == 0) {
			end_case(file, &t, &o, tally);
			continue;
		}
		if (p[0] == '#' && (n == 1 || p[1] == ' '))
			continue;
		shift_line(&t);
		if (t.line == 0)
			t.line = line;
		buf_add(&t.expect, p, n);
	}
	end_case(file, &t, &o, tally);
	buf_free(&t.program);
	buf_free(&t.output);
	buf_free(&t.expect);
	outcome_free(&o);
	free(text);
}

int
main(int argc, char **argv)
{
	struct tally tally = {0, 0};
	const char *const *names;
	size_t n, k;
	int i;

	if (argc == 2 && strcmp(argv[1], "--names") == 0) {
		names = lang_core_names(&n);
		for (k = 0; k < n; k++)
			puts(names[k]);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--doc") == 0) {
		names = lang_core_names(&n);
		for (k = 0; k < n; k++)
			puts(lang_doc(names[k]));
		return 0;
	}
	for (i = 1; i < argc; i++)
		run_file(argv[i], &tally);
	printf("%u passed, %u failed\n", tally.passed, tally.failed);
	return tally.failed > 0 || tally.passed == 0;
}
