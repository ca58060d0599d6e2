/* rtfs check FILE...: everything wrong with programs that can be known before
 * they run. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/setup.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "lang/check.h"

/* 0 nothing found, 1 errors, 2 not readable, 3 its manifest is wrong. */
static int
check_file(const struct verb *v, const struct options *o, const char *file)
{
	struct buf text = BUF_INIT;
	struct diags ds;
	struct setup s;
	struct error e;
	bool is_stdin = strcmp(file, "-") == 0;
	int status;

	if (text_read(file, &text, &e) == -1) {
		log_error("%s", e.msg);
		buf_free(&text);
		return 2;
	}
	memset(&ds, 0, sizeof(ds));
	status = setup_open(&s, v, o, is_stdin ? NULL : file);
	setup_close(&s);
	if (lang_check(file, buf_str(&text), text.len, &ds) > 0 && status == 0)
		status = 1;
	if (o->json)
		text_show_json(&ds);
	else
		text_show(&ds);
	diags_free(&ds);
	buf_free(&text);
	return status;
}

int
check_main(const struct verb *v, int argc, char **argv)
{
	struct options o;
	int status, one;
	size_t i;

	if ((status = options_parse(v, &o, argc, argv)) != 0) {
		status--;
	} else if (o.words.n == 0) {
		status = options_misuse(v, "which files?");
	} else {
		for (i = 0; i < o.words.n; i++) {
			one = check_file(v, &o, o.words.item[i]);
			if (one > status)
				status = one;
		}
	}
	options_free(&o);
	return status;
}
