/*
 * rtfs-state: the ends of jobs in an SQLite file.  What has come is one
 * transaction; the file is written ahead, so a crash of anybody loses at most
 * what was not committed, and the next run reads a whole file.
 */
#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "state/state.h"

#define LOCK_WAIT_MS 10000
#define CHUNK        (256U * 1024)
#define SCHEMA       1 /* user_version of the file */

static const char schema[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS job ("
    " n INTEGER PRIMARY KEY,"
    " key BLOB NOT NULL,"
    " ok INTEGER NOT NULL,"
    " job TEXT,"
    " record TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS job_key ON job (key, ok);";

struct store {
	const char *path;
	int lock; /* stays open: closing it would drop SQLite's own locks */
	sqlite3 *db;
	sqlite3_stmt *insert;
	sqlite3_stmt *replace;
};

static int
fail(const struct store *s, const char *why)
{
	log_error("--state %s: %s", s->path, why);
	return -1;
}

static int
fail_db(const struct store *s)
{
	return fail(s, sqlite3_errmsg(s->db));
}

/* One batch at a time; one whose runner was killed may still be writing. */
static int
lock(struct store *s)
{
	static const struct timespec pause = {0, 5000000};
	int waited;

	s->lock = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (s->lock == -1)
		return fail(s, strerror(errno));
	for (waited = 0; flock(s->lock, LOCK_EX | LOCK_NB) == -1; waited += 5) {
		if (errno != EWOULDBLOCK)
			return fail(s, strerror(errno));
		if (waited >= LOCK_WAIT_MS)
			return fail(s, "another batch uses it");
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int
user_version(sqlite3 *db)
{
	sqlite3_stmt *q = NULL;
	int n = -1;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &q, NULL) ==
	        SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		n = sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	return n;
}

static int
store_open(struct store *s)
{
	char text[64];
	int version;

	if (lock(s) == -1)
		return -1;
	if (sqlite3_open_v2(s->path, &s->db,
	        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
		return fail_db(s);
	sqlite3_busy_timeout(s->db, LOCK_WAIT_MS);
	version = user_version(s->db);
	if (version == -1)
		return fail_db(s);
	if (version > SCHEMA)
		return fail(s, "made by a later version of rtfs");
	if (sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		return fail_db(s);
	snprintf(text, sizeof(text), "PRAGMA user_version = %d", SCHEMA);
	if (version == 0 &&
	    sqlite3_exec(s->db, text, NULL, NULL, NULL) != SQLITE_OK)
		return fail_db(s);
	return 0;
}

static int
store_close(struct store *s)
{
	sqlite3_finalize(s->insert);
	sqlite3_finalize(s->replace);
	return sqlite3_close(s->db) == SQLITE_OK ? 0 : fail_db(s);
}

static int
send_all(const struct buf *b)
{
	size_t at = 0;
	ssize_t n;

	while (at < b->len) {
		n = write(STDIN_FILENO, b->data + at, b->len - at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += (size_t)n;
	}
	return 0;
}

static int
send_rows(struct store *s)
{
	struct state_row row;
	struct buf out = BUF_INIT;
	sqlite3_stmt *q = NULL;
	int rc;

	if (sqlite3_prepare_v2(
	        s->db, "SELECT key, ok FROM job", -1, &q, NULL) != SQLITE_OK)
		return fail_db(s);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		memset(&row, 0, sizeof(row));
		if (sqlite3_column_bytes(q, 0) == sizeof(row.key)) {
			memcpy(row.key, sqlite3_column_blob(q, 0),
			    sizeof(row.key));
		}
		row.ok =
		    sqlite3_column_int(q, 1) != 0 ? STATE_OK : STATE_FAILED;
		buf_add(&out, &row, sizeof(row));
		if (out.len > CHUNK) {
			if (send_all(&out) == -1)
				break;
			buf_clear(&out);
		}
	}
	sqlite3_finalize(q);
	if (rc != SQLITE_DONE)
		return fail_db(s);
	memset(&row, 0, sizeof(row));
	row.ok = STATE_END;
	buf_add(&out, &row, sizeof(row));
	rc = send_all(&out);
	buf_free(&out);
	return rc;
}

static int
step(struct store *s, sqlite3_stmt *q)
{
	int rc = sqlite3_step(q);

	sqlite3_reset(q);
	return rc == SQLITE_DONE ? 0 : fail_db(s);
}

static int
store(struct store *s, const struct state_message *m, const char *texts)
{
	sqlite3_stmt *q = s->insert;

	if (m->again != 0) {
		sqlite3_bind_blob(s->replace, 1, m->row.key, sizeof(m->row.key),
		    SQLITE_STATIC);
		if (step(s, s->replace) == -1)
			return -1;
	}
	sqlite3_bind_blob(q, 1, m->row.key, sizeof(m->row.key), SQLITE_STATIC);
	sqlite3_bind_int(q, 2, m->row.ok);
	if (m->job > 0)
		sqlite3_bind_text(q, 3, texts, (int)m->job, SQLITE_STATIC);
	else
		sqlite3_bind_null(q, 3);
	sqlite3_bind_text(q, 4, texts + m->job, (int)m->record, SQLITE_STATIC);
	return step(s, q);
}

/* Store the whole messages at the start of *in. */
static int
take(struct store *s, struct buf *in)
{
	struct state_message m;
	size_t at = 0, need;

	if (in->len < sizeof(m))
		return 0;
	if (sqlite3_exec(s->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return fail_db(s);
	while (in->len - at >= sizeof(m)) {
		memcpy(&m, in->data + at, sizeof(m));
		need = sizeof(m) + m.job + m.record;
		if (in->len - at < need)
			break;
		if (store(s, &m, in->data + at + sizeof(m)) == -1)
			return -1;
		at += need;
	}
	buf_drop(in, at);
	if (sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return fail_db(s);
	return 0;
}

static int
record(struct store *s)
{
	struct buf in = BUF_INIT;
	ssize_t n;
	int rc = 0;

	if (send_rows(s) == -1)
		return -1;
	if (sqlite3_prepare_v2(s->db,
	        "INSERT INTO job (key, ok, job, record) VALUES (?, ?, ?, ?)",
	        -1, &s->insert, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(s->db,
	        "DELETE FROM job WHERE n = (SELECT n FROM job WHERE key = ? "
	        "AND ok = 0 ORDER BY n LIMIT 1)",
	        -1, &s->replace, NULL) != SQLITE_OK)
		return fail_db(s);
	while (rc == 0) {
		n = read(STDIN_FILENO, buf_reserve(&in, CHUNK), CHUNK);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* the runner has ended, or was killed */
		in.len += (size_t)n;
		rc = take(s, &in);
	}
	buf_free(&in);
	return rc;
}

static int
failed(struct store *s)
{
	sqlite3_stmt *q = NULL;
	unsigned int untold = 0;
	int rc;

	if (sqlite3_prepare_v2(s->db,
	        "SELECT job FROM job WHERE ok = 0 ORDER BY n", -1, &q,
	        NULL) != SQLITE_OK)
		return fail_db(s);
	while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
		if (sqlite3_column_type(q, 0) == SQLITE_NULL)
			untold++;
		else
			printf("%s\n", (const char *)sqlite3_column_text(q, 0));
	}
	sqlite3_finalize(q);
	if (rc != SQLITE_DONE)
		return fail_db(s);
	if (untold > 0) {
		log_error("--state %s: %u failed jobs are not run: their text "
		          "is not UTF-8 or their work a function; "
		          "--resume-failed with the input runs them",
		    s->path, untold);
	}
	if (fflush(stdout) == EOF)
		return fail(s, strerror(errno));
	return 0;
}

int
main(int argc, char **argv)
{
	struct store s = {.lock = -1};
	bool records;
	char end;
	int rc;

	if (argc != 3 ||
	    (strcmp(argv[1], "record") != 0 &&
	        strcmp(argv[1], "failed") != 0)) {
		fprintf(stderr,
		    "usage: rtfs-state record|failed FILE\n"
		    "started by rtfs batch --state FILE\n");
		return 2;
	}
	/* it ends when the runner has */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	s.path = argv[2];
	records = strcmp(argv[1], "record") == 0;
	rc = store_open(&s);
	if (rc == 0)
		rc = records ? record(&s) : failed(&s);
	if (store_close(&s) == -1)
		rc = -1;
	end = rc == 0 ? STATE_DONE : STATE_LOST;
	if (records) /* a runner that was killed hears nothing */
		(void)!write(STDIN_FILENO, &end, 1);
	return rc == 0 ? 0 : 1;
}
