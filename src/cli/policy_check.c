/* rtfs policy check FILE...: everything wrong with policies, and what is legal
 * but weak or odd. */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "cli/paths.h"
#include "cli/policy_verbs.h"
#include "cli/text.h"

/* A file that would be refused when it is loaded as a layer. */
static void
check_mode(const char *path, struct diags *ds)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		diags_add(ds, DIAG_WARNING, path, 0, 0, "PolicyWarning",
		    "its group or others may write it: it is refused where "
		    "it is loaded (chmod go-w)");
}

static void
check_file(const char *path, bool here, struct diags *ds)
{
	struct policy *p = policy_new();
	struct buf text = BUF_INIT;
	struct error e;
	char *dir = NULL;

	if ((strcmp(path, "-") == 0 ? text_read(path, &text, &e) :
	                              text_read_file(path, &text, &e)) == -1) {
		diags_add(ds, DIAG_ERROR, path, 0, 0, "FileError", "%s",
		    text_why(&e));
		goto done;
	}
	if (strcmp(path, "-") != 0) {
		check_mode(path, ds);
		dir = path_folder(path);
	}
	if (policy_add(p, LAYER_COMMAND, path, dir != NULL ? dir : "/",
	        buf_str(&text), text.len, ds) == 0) {
		policy_lint(p, ds);
		if (here)
			policy_check_names(p, ds);
	}
done:
	free(dir);
	buf_free(&text);
	policy_free(p);
}

int
policy_check(const struct verb *v, const struct options *o,
    const struct policy_words *files)
{
	struct diags ds = {NULL, 0, 0};
	size_t i;
	int status = 0;

	if (files->n == 0)
		return options_misuse(v, "check which policies?");
	for (i = 0; i < files->n; i++)
		check_file(files->item[i], !o->elsewhere, &ds);
	if (o->json)
		text_show_json(&ds);
	else
		text_show(&ds);
	if (diags_errors(&ds) > 0)
		status = 3;
	else if (o->strict && ds.n > 0)
		status = 1;
	diags_free(&ds);
	return status;
}
