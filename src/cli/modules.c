/* See modules.h. */
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/modules.h"
#include "cli/text.h"

void
modules_open(struct modules *m, const char *program)
{
	const char *slash = program != NULL ? strrchr(program, '/') : NULL;
	const char *p = getenv("RTFS_PATH");
	size_t n;

	memset(m, 0, sizeof(*m));
	text_list_add(&m->folders,
	    slash == NULL ? xstrdup("") :
	                    xstrndup(program, (size_t)(slash - program) + 1));
	for (; p != NULL && *p != '\0'; p += n + (p[n] == ':')) {
		n = strcspn(p, ":");
		if (n > 0) {
			text_list_add(&m->folders,
			    xasprintf("%.*s%s", (int)n, p,
			        p[n - 1] == '/' ? "" : "/"));
		}
	}
}

void
modules_close(struct modules *m)
{
	size_t i;

	for (i = 0; i < m->folders.n; i++)
		free(m->folders.item[i]);
	free(m->folders.item);
	memset(m, 0, sizeof(*m));
}

static int
not_found(const struct modules *m, const char *path, struct error *e)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < m->folders.n; i++) {
		buf_addf(
		    &b, "%s%s%s", i == 0 ? "" : ", ", m->folders.item[i], path);
	}
	error_set(e, EK_SYSTEM, "no module in %s", buf_str(&b));
	e->os_errno = ENOENT;
	buf_free(&b);
	return -1;
}

int
modules_read(void *arg, const char *path, struct buf *text, char **found,
    struct error *e)
{
	const struct modules *m = arg;
	struct stat st;
	char *file;
	size_t i;
	int rc;

	for (i = 0; i < m->folders.n; i++) {
		file = xasprintf("%s%s", m->folders.item[i], path);
		rc = stat(file, &st);
		if (rc == -1 && (errno == ENOENT || errno == ENOTDIR)) {
			free(file);
			continue;
		}
		*found = file;
		if (rc == -1)
			return error_sys(e, "%s", file);
		if (!S_ISREG(st.st_mode)) {
			return error_set(
			    e, EK_ARGUMENT, "%s: not a regular file", file);
		}
		return text_read_file(file, text, e);
	}
	return not_found(m, path, e);
}
