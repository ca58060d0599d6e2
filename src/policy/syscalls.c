/* System calls by sets and names, and those that no policy may add: each undoes
 * for its task what the level promises. */
#include <string.h>

#include "policy/rules.h"
#include "value/name.h"
#include "value/vector.h"

static const struct {
	const char *name;
	const char *why;
} objections[] = {
    {"openat2",
     "the mode of a new file, its set-user-id bit too, is out of "
        "sight"                                                                     },
    {"clone3",
     "its flags, namespaces too, are out of sight; programs go on "
        "with clone"                                                                },
    {"unshare",           "in a user namespace of its own a task has all privileges"},
    {"io_uring_setup",    "a ring makes calls that no filter sees"                  },
    {"io_uring_enter",    "a ring makes calls that no filter sees"                  },
    {"io_uring_register", "a ring makes calls that no filter sees"                  },
};

const char *
syscall_objection(const char *name)
{
	size_t i;

	for (i = 0; i < NITEMS(objections); i++) {
		if (strcmp(objections[i].name, name) == 0)
			return objections[i].why;
	}
	return NULL;
}

bool
syscalls_name_sets(char *const *list)
{
	for (; list != NULL && *list != NULL; list++) {
		if (**list == ':')
			return true;
	}
	return false;
}

static bool
have(char *const *list, const char *name)
{
	if (strcmp(name, ":compute") == 0 || words_have(list, name))
		return true;
	return !syscalls_name_sets(list) &&
	    (strcmp(name, ":files") == 0 || strcmp(name, ":exec") == 0);
}

bool
syscalls_grant(char *const *base, char *const *list)
{
	char *const *at;

	for (at = list; at != NULL && *at != NULL; at++) {
		if (!have(base, *at))
			return true;
	}
	return list != NULL && !syscalls_name_sets(list) &&
	    (!have(base, ":files") || !have(base, ":exec"));
}

static bool
is_call_name(const char *text)
{
	return *text != '\0' &&
	    text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

bool
parse_syscalls(struct parse *p, struct spot at, val v, struct effective *s)
{
	static const char *const sets[] = {
	    ":compute", ":files", ":network", ":exec"};
	static const char expected[] =
	    ":compute, :files, :network, :exec or the name of a system call "
	    "as a string";
	char **list = xcalloc(1, sizeof(*list));
	size_t i, n = val_is_vector(v) ? vec_count(v) : 1;
	const char *text, *why;
	val item;
	int set;

	for (i = 0; i < n; i++) {
		item = val_is_vector(v) ? vec_get(v, i) : v;
		text = plain_text(item);
		for (set = (int)NITEMS(sets) - 1; set >= 0; set--) {
			if (val_is_key(item, sets[set] + 1))
				break;
		}
		if (set >= 0)
			list = list_add(list, sets[set]);
		else if (text != NULL &&
		    (why = syscall_objection(text)) != NULL)
			WRONG(p, item_spot(at, v, i),
			    ":syscalls: %s is not to be had: %s", text, why);
		else if (text != NULL && is_call_name(text))
			list = list_add(list, text);
		else
			wrong_value(p, item_spot(at, v, i), ":syscalls",
			    expected, item);
	}
	list_free(s->syscalls);
	s->syscalls = list;
	return true;
}
