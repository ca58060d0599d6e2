/* Names of folders are the values with what a file name cannot hold escaped
 * as GNU parallel does it.
 *
 * Jobs may be allowed to write where they are: every part is entered by its
 * descriptor, following no link, and nothing but a plain file is written. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/csv.h"
#include "batch/format.h"
#include "batch/results.h"
#include "host/fault.h"
#include "value/json.h"

#define NAME_BYTES 255

enum layout {
	LAYOUT_FOLDER,
	LAYOUT_CSV,
	LAYOUT_TSV,
	LAYOUT_JSON
};

struct results {
	enum layout layout;
	char *path;
	int folder; /* opened; -1: it is a table */
	FILE *f;    /* of a table */
	bool headed;
	struct buf line;
	struct error failed; /* the first; kind EK_NONE: none */
};

static enum layout
layout_of(const char *path)
{
	static const struct {
		const char *end;
		enum layout layout;
	} ends[] = {
	    {".csv",  LAYOUT_CSV },
	    {".tsv",  LAYOUT_TSV },
	    {".json", LAYOUT_JSON},
	};
	size_t n = strlen(path), i, k;

	for (i = 0; i < NITEMS(ends); i++) {
		k = strlen(ends[i].end);
		if (n > k && strcmp(path + n - k, ends[i].end) == 0)
			return ends[i].layout;
	}
	return LAYOUT_FOLDER;
}

int
results_open(
    const char *path, bool append, struct results **out, struct error *e)
{
	struct results *r = xcalloc(1, sizeof(*r));

	r->layout = layout_of(path);
	r->path = xstrdup(path);
	r->folder = -1;
	if (r->layout == LAYOUT_FOLDER) {
		if (mkdir(path, 0777) == 0 || errno == EEXIST)
			r->folder =
			    open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (r->folder == -1) {
			error_sys(e, "--results %s", path);
			goto failed;
		}
	} else {
		r->f = fopen(path, append ? "ae" : "we");
		if (r->f == NULL) {
			error_sys(e, "--results %s", path);
			goto failed;
		}
		r->headed = append && ftell(r->f) > 0;
	}
	*out = r;
	return 0;
failed:
	free(r->path);
	free(r);
	return -1;
}

bool
results_is_table(const struct results *r)
{
	return r != NULL && r->layout != LAYOUT_FOLDER;
}

static void
failed(struct results *r, const char *path)
{
	if (r->failed.kind == EK_NONE)
		error_sys(&r->failed, "--results %s", path);
}

/* One value as the name of a folder, which is none of the two that are always
 * there. */
static void
add_name(struct buf *b, const char *s)
{
	size_t start = b->len;

	if (strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
		buf_addc(b, '\\');
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '\\':
			buf_adds(b, "\\\\");
			break;
		case '\t':
			buf_adds(b, "\\t");
			break;
		case '/':
			buf_adds(b, "\\_");
			break;
		default:
			buf_addc(b, *s);
			break;
		}
	}
	if (b->len - start > NAME_BYTES)
		b->len = start + NAME_BYTES;
	if (b->len == start)
		buf_adds(b, "\\0");
}

/* Make and open a folder in *at, which is closed. */
static int
enter_folder(int *at, struct buf *path, const char *name)
{
	size_t start = path->len + 1;
	const char *part;
	int next = -1, saved;

	buf_addc(path, '/');
	add_name(path, name);
	part = buf_str(path) + start;
	if (mkdirat(*at, part, 0777) == 0 || errno == EEXIST)
		next = openat(
		    *at, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	saved = errno;
	close(*at);
	*at = next;
	errno = saved;
	return next;
}

/* PATH/1/VALUE/2/VALUE, or the names of columns; without values PATH/1/SEQ.
 * Its descriptor, or -1. */
static int
make_folder(struct results *r, const struct entry *e, struct buf *path)
{
	struct job_value number = {NULL, e->job->seq_text};
	const struct job_value *v =
	    e->job->nvalues == 0 ? &number : e->job->value;
	size_t i, n = e->job->nvalues == 0 ? 1 : e->job->nvalues;
	int at = fcntl(r->folder, F_DUPFD_CLOEXEC, 0);
	char column[21];

	buf_adds(path, r->path);
	for (i = 0; at != -1 && i < n; i++) {
		snprintf(column, sizeof(column), "%zu", i + 1);
		if (enter_folder(&at, path,
		        v[i].name == NULL ? column : v[i].name) != -1)
			(void)enter_folder(&at, path, v[i].text);
	}
	return at;
}

static bool
write_piece(void *arg, const char *p, size_t n)
{
	return fwrite(p, 1, n, arg) == n;
}

/* NULL with errno; not what a job has put there to be waited for. */
static FILE *
open_file(int at, const char *name)
{
	int fd = openat(at, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
	    0666);
	struct stat st;

	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fdopen(fd, "w");
	close(fd);
	errno = EEXIST;
	return NULL;
}

static void
write_file(struct results *r, struct entry *e, int at, struct buf *dir,
    const char *name, const struct spool *s, const struct buf *text)
{
	char *path = xasprintf("%s/%s", buf_str(dir), name);
	FILE *f = open_file(at, name);

	if (f == NULL) {
		failed(r, path);
	} else {
		if (text != NULL && text->len > 0)
			fwrite(text->data, 1, text->len, f);
		if (s != NULL)
			spool_each(&e->runner->spill, s, write_piece, f);
		if (ferror(f) | fclose(f))
			failed(r, path);
	}
	free(path);
}

static void
add_folder(struct results *r, struct entry *e)
{
	struct buf dir = BUF_INIT, seq = BUF_INIT;
	int at = make_folder(r, e, &dir);

	if (at == -1) {
		failed(r, buf_str(&dir));
	} else {
		buf_addf(&seq, "%llu", (unsigned long long)e->job->seq);
		write_file(
		    r, e, at, &dir, "stdout", &e->out[0], &e->outcome.output);
		write_file(
		    r, e, at, &dir, "stderr", &e->out[1], &e->outcome.stray);
		write_file(r, e, at, &dir, "seq", NULL, &seq);
		close(at);
	}
	buf_free(&dir);
	buf_free(&seq);
}

static void
field(struct results *r, const char *p, size_t n)
{
	char delimiter = r->layout == LAYOUT_TSV ? '\t' : ',';

	if (r->line.len > 0 && r->line.data[r->line.len - 1] != '\n')
		buf_addc(&r->line, delimiter);
	csv_write(&r->line, p, n, delimiter);
}

static void
head(struct results *r, const struct entry *e)
{
	static const char *const names[] = {"Seq", "Host", "Starttime",
	    "JobRuntime", "Send", "Receive", "Exitval", "Signal", "Command"};
	char name[32];
	size_t i;

	for (i = 0; i < NITEMS(names); i++)
		field(r, names[i], strlen(names[i]));
	for (i = 0; i < e->job->nvalues; i++) {
		snprintf(name, sizeof(name), "V%zu", i + 1);
		field(r, name, strlen(name));
	}
	field(r, "Stdout", 6);
	field(r, "Stderr", 6);
	buf_addc(&r->line, '\n');
	r->headed = true;
}

static void
row(struct results *r, struct entry *e)
{
	char text[9][32];
	struct buf b = BUF_INIT;
	size_t i;

	snprintf(text[0], 32, "%llu", (unsigned long long)e->job->seq);
	snprintf(text[1], 32, ":");
	snprintf(text[2], 32, "%.3f", (double)e->begun_wall / 1e9);
	snprintf(text[3], 32, "%.3f", (double)entry_wall(e) / 1e9);
	snprintf(text[4], 32, "%zu", e->job->input.len);
	snprintf(text[5], 32, "%llu", (unsigned long long)e->received);
	snprintf(text[6], 32, "%d", entry_exitval(e));
	snprintf(text[7], 32, "%d", e->outcome.signal);
	for (i = 0; i < 8; i++)
		field(r, text[i], strlen(text[i]));
	field(r, job_text(e->job), strlen(job_text(e->job)));
	for (i = 0; i < e->job->nvalues; i++) {
		field(r, e->job->value[i].text, strlen(e->job->value[i].text));
	}
	for (i = 0; i < 2; i++) {
		buf_clear(&b);
		spool_copy(&e->runner->spill, &e->out[i], &b);
		field(r, buf_str(&b), b.len);
	}
	buf_addc(&r->line, '\n');
	buf_free(&b);
}

static void
object(struct results *r, struct entry *e)
{
	struct buf *b = &r->line;
	size_t i;

	buf_addf(b,
	    "{ \"Seq\": %llu, \"Host\": \":\", \"Starttime\": %.3f, "
	    "\"JobRuntime\": %.3f, \"Send\": %zu, \"Receive\": %llu, "
	    "\"Exitval\": %d, \"Signal\": %d, \"Command\": ",
	    (unsigned long long)e->job->seq, (double)e->begun_wall / 1e9,
	    (double)entry_wall(e) / 1e9, e->job->input.len,
	    (unsigned long long)e->received, entry_exitval(e),
	    e->outcome.signal);
	json_write_bytes(b, job_text(e->job), strlen(job_text(e->job)));
	buf_adds(b, ", \"V\": [ ");
	for (i = 0; i < e->job->nvalues; i++) {
		if (i > 0)
			buf_adds(b, ", ");
		json_write_bytes(
		    b, e->job->value[i].text, strlen(e->job->value[i].text));
	}
	buf_adds(b, " ], \"Stdout\": ");
	format_json_spool(e->runner, b, &e->out[0], NULL);
	buf_adds(b, ", \"Stderr\": ");
	format_json_spool(e->runner, b, &e->out[1], NULL);
	buf_adds(b, " }\n");
}

void
results_add(struct results *r, struct entry *e)
{
	if (r == NULL)
		return;
	if (r->layout == LAYOUT_FOLDER) {
		add_folder(r, e);
		return;
	}
	if (r->layout == LAYOUT_JSON) {
		object(r, e);
	} else {
		if (!r->headed)
			head(r, e);
		row(r, e);
	}
	if (fwrite(r->line.data, 1, r->line.len, r->f) != r->line.len ||
	    fflush(r->f) == EOF)
		failed(r, r->path);
	buf_clear(&r->line);
}

int
results_close(struct results *r, struct error *e)
{
	int rc = 0;

	if (r == NULL)
		return 0;
	if (r->f != NULL && fclose(r->f) == EOF)
		failed(r, r->path);
	if (r->failed.kind != EK_NONE) {
		*e = r->failed;
		rc = -1;
	}
	if (r->folder != -1)
		close(r->folder);
	buf_free(&r->line);
	free(r->path);
	free(r);
	return rc;
}
