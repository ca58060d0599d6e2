/*
 * What each level asks for.  Two kinds of code: ours (built in, functions),
 * which keeps to its grants by itself and is confined in case it errs; and
 * everybody else's, which is confined because it will not.
 */
#include <linux/capability.h>
#include <string.h>

#include "sandbox/plan.h"

/* Read and execute, as far as all may. */
static const char *const programs[] = {
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
static const char *const settings[] = {"/etc/ld.so.cache", "/etc/alternatives",
    "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group",
    "/etc/hosts", "/etc/ssl", "/etc/ca-certificates"};
/* Of our own code: dates, and for http.* names and certificates. */
static const char *const dates[] = {"/etc/localtime", "/usr/share/zoneinfo"};
static const char *const internet[] = {"/etc/hosts", "/etc/nsswitch.conf",
    "/etc/resolv.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
    "/etc/ssl", "/etc/ca-certificates", "/etc/ld.so.cache", "/usr", "/lib",
    "/lib64", "/run/systemd/resolve"};

static void
add_system(struct sandbox_profile *p, const char *const *list, size_t n,
    uint32_t access)
{
	size_t i;

	for (i = 0; i < n; i++)
		sandbox_profile_add(p, list[i], access | SANDBOX_SYSTEM);
}

static void
add_granted(struct sandbox_profile *p, char *const *list, uint32_t access)
{
	for (; list != NULL && *list != NULL; list++)
		sandbox_profile_add(p, *list, access);
}

static void
grant(const struct effective *eff, struct sandbox_profile *p)
{
	add_granted(p, eff->read, SANDBOX_READ);
	add_granted(p, eff->write, SANDBOX_READ | SANDBOX_WRITE);
	add_granted(p, eff->execute, SANDBOX_READ | SANDBOX_EXECUTE);
}

/* What a prepared tree has of its own. */
static bool
is_system(const char *path)
{
	size_t i;
	size_t n;

	for (i = 0; i < NITEMS(programs); i++) {
		n = strlen(programs[i]);
		if (strncmp(path, programs[i], n) == 0 && path[n] == '/')
			return true;
	}
	return false;
}

static void
paths_of_program(const struct capability *c, const struct effective *eff,
    struct sandbox_profile *p)
{
	if (eff->rootfs == NULL) {
		add_system(p, programs, NITEMS(programs),
		    SANDBOX_READ | SANDBOX_EXECUTE);
		add_system(p, settings, NITEMS(settings), SANDBOX_READ);
		if (eff->network == NETWORK_HOST)
			sandbox_profile_add(p, "/etc/resolv.conf",
			    SANDBOX_READ | SANDBOX_SYSTEM);
	}
	if (c->program != NULL &&
	    (eff->rootfs == NULL || !is_system(c->program)))
		sandbox_profile_add(
		    p, c->program, SANDBOX_READ | SANDBOX_EXECUTE);
	add_granted(p, c->files, SANDBOX_READ);
	grant(eff, p);
}

static bool
is_files(const struct capability *c)
{
	return c->kind == CAP_BUILTIN && strncmp(c->id, "fs.", 3) == 0;
}

static void
paths_of_ours(const struct capability *c, const struct effective *eff,
    struct sandbox_profile *p)
{
	if (is_files(c))
		grant(eff, p);
	else if (c->image == IMAGE_HTTP)
		add_system(p, internet, NITEMS(internet), SANDBOX_READ);
	else
		add_system(p, dates, NITEMS(dates), SANDBOX_READ);
}

/* May a task leave something in the slot's own ipc namespace?  The usual
 * filter has no call for it. */
static bool
leaves_ipc(const struct effective *eff)
{
	char *const *at = eff->syscalls;

	if (eff->isolation == ISOLATION_ISOLATED)
		return true;
	while (at != NULL && *at != NULL && **at == ':')
		at++;
	return at != NULL && *at != NULL;
}

static int
choose_filter(const struct capability *c, const struct effective *eff,
    struct sandbox_plan *p, struct error *e)
{
	char *const *name = eff->syscalls;
	const struct origin *at = &eff->origin[SETTING_SYSCALLS];
	uint32_t set;

	p->filter.sets = FILTER_COMPUTE | FILTER_FILES;
	p->filter.notify = !c->trusted;
	if (!c->trusted && syscalls_name_sets(name))
		p->filter.sets = FILTER_COMPUTE;
	else if (!c->trusted)
		p->filter.sets |= FILTER_EXEC;
	if (eff->network != NETWORK_NONE)
		p->filter.sets |= FILTER_NETWORK;
	for (; !c->trusted && name != NULL && *name != NULL; name++) {
		if ((*name)[0] != ':')
			continue;
		set = filter_set(*name + 1);
		if (set == 0)
			return error_set(e, EK_POLICY,
			    "no set of system calls is named %s; there are "
			    ":compute :files :network :exec",
			    *name);
		p->filter.sets |= set;
	}
	p->filter.names = c->trusted ? NULL : eff->syscalls;
	if (!c->trusted && c->kind != CAP_PLUGIN &&
	    !filter_allows(&p->filter, "execve"))
		return error_set(e, EK_POLICY,
		    "the :syscalls of %s:%u are without :exec, so no program "
		    "can be started",
		    at->file, at->line);
	if (!c->trusted && c->kind == CAP_BUILTIN &&
	    (p->filter.sets & FILTER_FILES) == 0)
		return error_set(e, EK_POLICY,
		    "the :syscalls of %s:%u are without :files, so %s cannot "
		    "look for programs",
		    at->file, at->line, c->id);
	p->filter_ipc = !c->trusted && leaves_ipc(eff);
	/* a call by its name may be socket(2) */
	p->filter_network =
	    (p->filter.sets & FILTER_NETWORK) != 0 || p->filter_ipc;
	return 0;
}

static int
choose_required(
    const struct effective *eff, struct sandbox_plan *p, struct error *e)
{
	char *const *name;
	uint32_t bit;

	for (name = eff->require; name != NULL && *name != NULL; name++) {
		bit = sandbox_bit_from(*name);
		if (bit == 0)
			return error_set(e, EK_POLICY,
			    ":require %s: no such facility", *name);
		p->required |= bit;
		/* There nothing is made for it. */
		if (eff->isolation != ISOLATION_INHERIT)
			p->profile.wishes |= bit;
	}
	return 0;
}

static void
wish_confined(const struct capability *c, const struct effective *eff,
    const struct facts *f, struct sandbox_plan *p)
{
	uint32_t *w = &p->profile.wishes;

	*w |=
	    SANDBOX_UTSNS | SANDBOX_NO_CAPS | SANDBOX_LANDLOCK | SANDBOX_SCOPE;
	if (eff->network != NETWORK_HOST)
		*w |= SANDBOX_NETNS;
	if (!c->trusted)
		*w |= SANDBOX_VIEW | SANDBOX_PROC | SANDBOX_CGROUPNS;
	p->profile.network = (uint32_t)eff->network;
	if (is_files(c)) {
		/* It works on the caller's files, as the caller. */
		p->profile.caps = UINT64_C(1) << CAP_DAC_OVERRIDE |
		    UINT64_C(1) << CAP_DAC_READ_SEARCH |
		    UINT64_C(1) << CAP_FOWNER;
	} else if (f->own_uids) {
		*w |= SANDBOX_OWN_UID;
	}
}

int
sandbox_plan_level(const struct capability *c, const struct effective *eff,
    const struct facts *f, struct sandbox_plan *p, struct error *e)
{
	uint32_t *w = &p->profile.wishes;

	*w = SANDBOX_PIDNS | SANDBOX_IPCNS | SANDBOX_NO_NEW_PRIVS;
	if (!f->sys_admin)
		*w |= SANDBOX_USERNS;
	p->degrade = eff->degrade;
	if (choose_required(eff, p, e) == -1)
		return -1;
	if (eff->isolation == ISOLATION_INHERIT)
		return 0;
	wish_confined(c, eff, f, p);
	p->profile.once =
	    eff->slot == SLOT_ONCE || (!c->trusted && leaves_ipc(eff));
	if (!c->trusted) {
		p->promises = PROMISE_FILES | PROMISE_OTHERS | PROMISE_TREE;
		if (eff->network != NETWORK_HOST)
			p->promises |= PROMISE_NETWORK;
		paths_of_program(c, eff, &p->profile);
		if (eff->rootfs != NULL)
			p->profile.rootfs = xstrdup(eff->rootfs);
	} else {
		paths_of_ours(c, eff, &p->profile);
	}
	if (eff->isolation == ISOLATION_SANDBOXED) {
		p->promises |= PROMISE_SURFACE;
		*w |= SANDBOX_SECCOMP;
		if (!c->trusted)
			*w |= SANDBOX_LISTENER;
	}
	p->promises |= PROMISE_USERNS;
	if ((*w & SANDBOX_SECCOMP) == 0) {
		*w |= SANDBOX_NO_USERNS;
		p->filter.lax = true;
	} else if (choose_filter(c, eff, p, e) == -1) {
		return -1;
	}
	if (!c->trusted && eff->network == NETWORK_NONE &&
	    (p->filter.lax || p->filter_network))
		p->profile.network = SANDBOX_NET_OWN;
	if (p->profile.npaths > SANDBOX_MAX_PATHS)
		return error_set(e, EK_POLICY,
		    "%zu paths are granted; a slot has room for %d",
		    p->profile.npaths, SANDBOX_MAX_PATHS);
	return 0;
}
