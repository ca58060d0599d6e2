/* Writing the record of each task; digests say what was run without showing
 * it. */
#include <sys/utsname.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "host/fault.h"
#include "host/report.h"
#include "proto/codec.h"
#include "value/json.h"
#include "value/printer.h"
#include "value/vector.h"

struct report {
	FILE *f;
	struct buf line;
	bool fresh; /* lines that were not flushed */
	struct closure_sum sum;
};
static_assert(sizeof(((struct closure_sum *)NULL)->sum) == SHA256_DIGEST_LENGTH,
    "the sum of SHA-256");

/* One member; the first of an object has its brace already. */
static void
key(struct buf *b, const char *name)
{
	size_t len = strlen(name);
	char *at = buf_reserve(b, len + 4);

	if (b->len > 0 && at[-1] != '{')
		*at++ = ',';
	*at++ = '"';
	memcpy(at, name, len);
	at += len;
	*at++ = '"';
	*at++ = ':';
	b->len = (size_t)(at - b->data);
}

static void
text(struct buf *b, const char *name, const char *value)
{
	key(b, name);
	if (value == NULL)
		buf_adds(b, "null");
	else
		json_write_bytes(b, value, strlen(value));
}

static void
ms(struct buf *b, const char *name, int64_t ns)
{
	char part[7] = ".000000";
	int64_t rest;
	size_t i;

	key(b, name);
	if (ns < 0)
		ns = 0;
	buf_addu(b, (uint64_t)(ns / NS_PER_MS));
	rest = ns % NS_PER_MS;
	for (i = sizeof(part) - 1; i > 0; i--, rest /= 10)
		part[i] = (char)('0' + rest % 10);
	buf_add(b, part, sizeof(part));
}

static void
number(struct buf *b, const char *name, uint64_t n)
{
	key(b, name);
	buf_addu(b, n);
}

static void
digest_text(SHA2_CTX *ctx, char out[RECORD_DIGEST])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[SHA256_DIGEST_LENGTH];
	char *at = out + strlen("sha256:");
	size_t i;

	SHA256Final(sum, ctx);
	memcpy(out, "sha256:", strlen("sha256:"));
	for (i = 0; i < sizeof(sum); i++) {
		*at++ = digits[sum[i] >> 4];
		*at++ = digits[sum[i] & 15];
	}
	*at = '\0';
}

static void
digest(struct buf *b, const char *name, SHA2_CTX *ctx)
{
	char sum[RECORD_DIGEST];

	digest_text(ctx, sum);
	text(b, name, sum);
}

static void
end_line(struct report *r)
{
	buf_adds(&r->line, "}\n");
	fwrite(r->line.data, 1, r->line.len, r->f);
	buf_clear(&r->line);
	r->fresh = true;
}

static void
update(SHA2_CTX *ctx, const void *bytes, size_t len)
{
	if (len > 0)
		SHA256Update(ctx, bytes, len);
}

static void
policy_file(struct buf *b, const char *path)
{
	char chunk[4096];
	SHA2_CTX ctx;
	size_t n;
	FILE *f;

	if (b->data[b->len - 1] == '}')
		buf_addc(b, ',');
	buf_addc(b, '{');
	text(b, "file", path);
	if ((f = fopen(path, "re")) != NULL) {
		SHA256Init(&ctx);
		while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
			update(&ctx, chunk, n);
		fclose(f);
		digest(b, "digest", &ctx);
	}
	buf_addc(b, '}');
}

static void
write_run(struct report *r, const struct report_run *run)
{
	struct buf *b = &r->line;
	struct utsname u;
	char when[32];
	char *const *p;
	SHA2_CTX ctx;

	buf_addc(b, '{');
	clock_format(clock_wall(), when);
	text(b, "time", when);
	number(b, "uid", getuid());
	key(b, "argv");
	buf_addc(b, '[');
	for (p = run->argv; *p != NULL; p++) {
		if (p != run->argv)
			buf_addc(b, ',');
		json_write_bytes(b, *p, strlen(*p));
	}
	buf_addc(b, ']');
	SHA256Init(&ctx);
	update(&ctx, run->program, run->program_len);
	digest(b, "program", &ctx);
	key(b, "policy_files");
	buf_addc(b, '[');
	for (p = run->policy_files; p != NULL && *p != NULL; p++)
		policy_file(b, *p);
	buf_addc(b, ']');
	text(b, "isolation", run->isolation);
	text(b, "kernel", uname(&u) == 0 ? u.release : NULL);
	text(b, "version", PACKAGE_VERSION);
	end_line(r);
}

int
report_open(const char *path, const struct report_run *run, struct report **out,
    struct error *e)
{
	struct report *r;
	FILE *f;

	if (strcmp(path, "-") == 0)
		f = fdopen(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), "w");
	else
		f = fopen(path, "we");
	if (f == NULL)
		return error_sys(e, "%s", path);
	r = xcalloc(1, sizeof(*r));
	r->f = f;
	write_run(r, run);
	*out = r;
	return 0;
}

static void
update_closure(struct closure_sum *sum, SHA2_CTX *ctx, const struct closure *c)
{
	SHA2_CTX own;

	if (sum->closure != c->id) {
		SHA256Init(&own);
		update(&own, c->bytes, c->len);
		SHA256Final(sum->sum, &own);
		sum->closure = c->id;
	}
	update(ctx, sum->sum, sizeof(sum->sum));
}

void
record_digest(
    struct closure_sum *sum, const struct record *rec, char out[RECORD_DIGEST])
{
	struct buf args = BUF_INIT;
	struct error e;
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	update(&ctx, rec->capability, strlen(rec->capability) + 1);
	if (pack_val(&args, rec->args, rec->pack, MAX_FRAME, &e) == -1) {
		/* what cannot travel: its printed form has to do */
		buf_clear(&args);
		print_max(&args, rec->args, true, MAX_FRAME);
	}
	update(&ctx, args.data, args.len);
	if (rec->closure != NULL)
		update_closure(sum, &ctx, rec->closure);
	buf_free(&args);
	digest_text(&ctx, out);
}

static void
limit_member(struct buf *b, const struct outcome *o)
{
	if (o->limit == NULL)
		return;
	text(b, "limit", o->limit);
	if (fault_limit_is_time(o->limit))
		ms(b, "used", (int64_t)o->used);
	else
		number(b, "used", o->used);
}

static void
usage_members(struct buf *b, const struct outcome *o)
{
	char when[32];

	ms(b, "queued_ms", o->queued_ns);
	if (o->started_wall == 0)
		return;
	clock_format(o->started_wall, when);
	text(b, "started", when);
	ms(b, "wall_ms", o->usage.wall_ns);
	if (!o->usage.known)
		return;
	ms(b, "user_ms", o->usage.user_ns);
	ms(b, "system_ms", o->usage.system_ns);
	number(b, "max_rss_bytes", o->usage.max_rss);
}

static void
id_member(struct buf *b, const struct record *rec)
{
	struct buf id = BUF_INIT;

	if (rec->name != NULL) {
		text(b, "id", rec->name);
	} else if (rec->id == VAL_UNBOUND) {
		text(b, "id", rec->capability);
	} else {
		print_plain(&id, rec->id);
		text(b, "id",
		    id.len > 0 && buf_str(&id)[0] == ':' ? buf_str(&id) + 1 :
		                                           buf_str(&id));
		buf_free(&id);
	}
}

static void
argv_member(struct buf *b, char *const *argv)
{
	char *const *p;

	if (argv == NULL)
		return;
	key(b, "argv");
	buf_addc(b, '[');
	for (p = argv; *p != NULL; p++) {
		if (p != argv)
			buf_addc(b, ',');
		json_write_bytes(b, *p, strlen(*p));
	}
	buf_addc(b, ']');
}

static void
hex(struct buf *b, uint64_t n)
{
	char *at = buf_reserve(b, 18);
	int shift;

	*at++ = '"';
	for (shift = 60; shift >= 0; shift -= 4)
		*at++ = "0123456789abcdef"[n >> shift & 15];
	*at = '"';
	b->len += 18;
}

void
record_members(struct buf *b, struct closure_sum *sum, const struct record *rec)
{
	const struct outcome *o = rec->outcome;
	char made[RECORD_DIGEST];

	id_member(b, rec);
	number(b, "seq", rec->seq);
	text(b, "capability", rec->capability);
	argv_member(b, rec->argv);
	text(b, "status", o->ok ? "ok" : rec->kind);
	text(b, "fault", o->ok ? NULL : rec->fault);
	number(b, "attempts", o->started_wall != 0 ? rec->attempts : 0);
	if (o->pid != 0)
		number(b, "pid", (uint64_t)o->pid);
	if (o->exit >= 0)
		number(b, "exit", (uint64_t)o->exit);
	if (o->signal != 0)
		number(b, "signal", (uint64_t)o->signal);
	limit_member(b, o);
	usage_members(b, o);
	text(b, "isolation", rec->isolation);
	text(b, "not_applied", o->not_applied);
	text(b, "clamped", rec->clamped);
	if (rec->digest == NULL)
		record_digest(sum, rec, made);
	text(b, "digest", rec->digest != NULL ? rec->digest : made);
	if (rec->effective != NULL) {
		key(b, "policy");
		hex(b, rec->effective->digest);
	}
}

void
report_task(struct report *r, const struct record *rec)
{
	if (r == NULL)
		return;
	buf_addc(&r->line, '{');
	record_members(&r->line, &r->sum, rec);
	end_line(r);
}

void
report_flush(struct report *r)
{
	if (r != NULL && r->fresh) {
		fflush(r->f);
		r->fresh = false;
	}
}

int
report_close(struct report *r, struct error *e)
{
	int rc = 0;

	if (r == NULL)
		return 0;
	if (ferror(r->f))
		rc = error_set(e, EK_SYSTEM, "not all of it was written");
	if (fclose(r->f) == EOF && rc == 0)
		rc = error_sys(e, "cannot be written");
	buf_free(&r->line);
	free(r);
	return rc;
}
