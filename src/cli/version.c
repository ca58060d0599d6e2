/* rtfs version: which build this is, and with -v every path it uses. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/paths.h"
#include "cli/verbs.h"
#include "lang/vm.h"
#include "proto/proto.h"

/* Takes the path. */
static void
print_program(const char *name, char *path)
{
	const char *why = path_why_not(path);

	printf("%-18s %s%s%s\n", name, path != NULL ? path : "",
	    path != NULL && why != NULL ? ": " : "", why != NULL ? why : "");
	free(path);
}

static void
print_paths(void)
{
	char *path;
	size_t i;

	path = path_self();
	printf("binary             %s\n", path != NULL ? path : "unknown");
	free(path);
	for (i = 0; i < IMAGE_COUNT; i++) {
		print_program(path_worker_name((enum cap_image)i),
		    path_worker((enum cap_image)i));
	}
	print_program("rtfs-state", path_recorder());
	printf("libexec folder     %s\n", path_libexec());
	printf("system folder      %s\n", path_system_config());
	path = path_user_config();
	printf("user folder        %s\n", path != NULL ? path : "none");
	free(path);
	printf("protocol           %d\n", PROTO_VERSION);
	printf("build              %016llx\n",
	    (unsigned long long)lang_build_id());
}

int
version_main(const struct verb *v, int argc, char **argv)
{
	struct options o;
	int status;

	if ((status = options_parse(v, &o, argc, argv)) != 0) {
		status--;
	} else if (o.words.n > 0) {
		status =
		    options_misuse(v, "unexpected \"%s\"", o.words.item[0]);
	} else if (o.json) {
		printf("{\"name\":\"rtfs\",\"version\":\"%s\","
		       "\"protocol\":%d,\"build\":\"%016llx\"}\n",
		    PACKAGE_VERSION, PROTO_VERSION,
		    (unsigned long long)lang_build_id());
	} else {
		printf("rtfs %s\n", PACKAGE_VERSION);
		if (o.verbosity > 0)
			print_paths();
	}
	options_free(&o);
	return status;
}
