/* rtfs check FILE...: everything wrong with programs that can be known before
 * they run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/modules.h"
#include "cli/setup.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "host/manifest.h"
#include "lang/check.h"
#include "lang/vm.h"

/* A manifest is not a program: its forms are read as data. */
static bool
is_manifest(const char *file)
{
	const char *slash = strrchr(file, '/');

	return strcmp(slash != NULL ? slash + 1 : file, "capabilities.rtfs") ==
	    0;
}

static int
check_manifest(const char *file, const struct buf *text, struct diags *ds)
{
	struct registry *r = registry_new();
	char *real = realpath(file, NULL);
	size_t n;

	n = manifest_add(r, LAYER_COMMAND, real != NULL ? real : file,
	    text->data != NULL ? text->data : "", text->len, ds);
	free(real);
	registry_free(r);
	return n > 0 ? 1 : 0;
}

/* A program and the modules that it imports. */
static int
check_program(const char *file, const char *program, const struct buf *text,
    struct diags *ds)
{
	struct vm_config files;
	struct modules modules;
	size_t n;

	modules_open(&modules, program);
	memset(&files, 0, sizeof(files));
	files.read_module = modules_read;
	files.read_module_arg = &modules;
	n = lang_check(
	    file, text->data != NULL ? text->data : "", text->len, &files, ds);
	modules_close(&modules);
	return n > 0 ? 1 : 0;
}

/* 0 nothing found, 1 errors, 2 not readable, 3 its manifest is wrong. */
static int
check_file(const struct verb *v, const struct options *o, const char *file)
{
	struct buf text = BUF_INIT;
	struct diags ds;
	struct setup s;
	struct error e;
	const char *program = strcmp(file, "-") == 0 ? NULL : file;
	int status, found;

	if (text_read(file, &text, &e) == -1) {
		log_error("%s", e.msg);
		buf_free(&text);
		return 2;
	}
	memset(&ds, 0, sizeof(ds));
	if (is_manifest(file)) {
		status = check_manifest(file, &text, &ds);
	} else {
		status = setup_open(&s, v, o, program);
		setup_close(&s);
		found = check_program(file, program, &text, &ds);
		if (status == 0)
			status = found;
	}
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
