/*
 * Lines of rtfs repl: libedit on a terminal.  Signals stay ours: while a line
 * is edited, Ctrl-C and Ctrl-Z are keys like others, and what arrives from
 * elsewhere ends the wait for the next key.
 */
#include <sys/ioctl.h>

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/utf8.h"
#include "cli/repl.h"
#include "host/interrupt.h"
#include "value/token.h"

#define CTRL_D     4
#define LISTED_MAX 200 /* completions that are shown */

struct repl_line {
	EditLine *edit; /* NULL: not on a terminal */
	struct repl_history *history;
	struct repl_names *names;
	const char *prompt;
	bool first;     /* the line begins an entry */
	bool cancelled; /* by Ctrl-C */
	char *text;     /* of getline */
	size_t cap;
};

static volatile sig_atomic_t resized, continued;

static void
on_signal(int signo)
{
	if (signo == SIGWINCH)
		resized = 1;
	else
		continued = 1;
}

static struct repl_line *
line_of(EditLine *el)
{
	void *l = NULL;

	el_get(el, EL_CLIENTDATA, &l);
	return l;
}

static char *
prompt(EditLine *el)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s", line_of(el)->prompt);
	return text;
}

/* ---- keys ---- */

static void
look_at_signals(EditLine *el)
{
	if (resized) {
		resized = 0;
		el_resize(el);
		el_set(el, EL_REFRESH);
	}
	if (continued) {
		continued = 0;
		el_set(el, EL_PREP_TERM, 0);
		el_set(el, EL_PREP_TERM, 1);
		el_set(el, EL_REFRESH);
	}
}

/* Until a key is there.  -1: interrupt_signal is set. */
static int
wait_for_key(EditLine *el)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	sigset_t held, before;
	int n = -1;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGWINCH);
	sigaddset(&held, SIGCONT);
	sigprocmask(SIG_BLOCK, &held, &before);
	while (interrupt_signal == 0 && n == -1) {
		look_at_signals(el);
		n = ppoll(&p, 1, NULL, &before);
		if (n == -1 && errno != EINTR)
			break;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return n;
}

/* One code point.  0: end of input. */
static int
read_key(EditLine *el, wchar_t *key)
{
	unsigned char c[4];
	size_t size, n;
	ssize_t got;

	for (;;) {
		size = 1;
		for (n = 0; n < size; n++) {
			if (wait_for_key(el) == -1)
				return -1;
			if ((got = read(STDIN_FILENO, &c[n], 1)) <= 0)
				return got == 0 ? 0 : -1;
			if (n == 0 && c[0] >= 0xc0)
				size = c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
		}
		if (utf8_invalid_at((char *)c, n) == UTF8_VALID)
			break; /* what is no UTF-8 is no key */
	}
	/* Ctrl-D that was typed before the terminal was ours. */
	if (c[0] == '\0' && el_line(el)->lastchar == el_line(el)->buffer)
		c[0] = CTRL_D;
	*key = (wchar_t)utf8_decode((char *)c, (char *)c + n, &size);
	return 1;
}

static unsigned char
key_cancel(EditLine *el, int key ATTR_UNUSED)
{
	line_of(el)->cancelled = true;
	fputs("^C\n", stdout);
	fflush(stdout);
	return CC_EOF;
}

static unsigned char
key_suspend(EditLine *el, int key ATTR_UNUSED)
{
	el_set(el, EL_PREP_TERM, 0);
	raise(SIGTSTP);
	el_set(el, EL_PREP_TERM, 1);
	return CC_REDISPLAY;
}

/* ---- completion ---- */

static size_t
common_prefix(const struct word_list *l)
{
	const char *a = l->item[0], *b = l->item[l->n - 1]; /* sorted */
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return utf8_cut(a, strlen(a), n);
}

static void
list_words(const struct word_list *l)
{
	struct winsize ws;
	size_t i, len, widest = 0, columns, n = l->n, width = 80;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
		width = ws.ws_col;
	if (n > LISTED_MAX)
		n = LISTED_MAX;
	for (i = 0; i < n; i++) {
		len = utf8_count(l->item[i], strlen(l->item[i]));
		if (len > widest)
			widest = len;
	}
	columns = width / (widest + 2);
	fputs("\n", stdout);
	for (i = 0; i < n; i++) {
		fputs(l->item[i], stdout);
		len = utf8_count(l->item[i], strlen(l->item[i]));
		if (columns < 2 || i % columns == columns - 1 || i + 1 == n)
			fputs("\n", stdout);
		else
			printf("%*s", (int)(widest + 2 - len), "");
	}
	if (n < l->n)
		printf("and %zu more\n", l->n - n);
	fflush(stdout);
}

static unsigned char
key_complete(EditLine *el, int key ATTR_UNUSED)
{
	struct repl_line *l = line_of(el);
	const LineInfo *info = el_line(el);
	const char *word = info->cursor;
	struct word_list words;
	size_t len, common, skip;
	unsigned char rc;
	char *more;

	while (word > info->buffer && !TOKEN_IS(word[-1], TOKEN_END))
		word--;
	len = (size_t)(info->cursor - word);
	if (len == 0)
		return el_insertstr(el, "  ") == -1 ? CC_ERROR : CC_REFRESH;
	names_complete(
	    l->names, word, len, l->first && word == info->buffer, &words);
	rc = CC_ERROR;
	if (words.n > 0) {
		skip = word[0] == ':' ? len - 1 : len;
		common = common_prefix(&words);
		if (common > skip || words.n == 1) {
			more = xasprintf("%.*s%s", (int)(common - skip),
			    words.item[0] + skip, words.n == 1 ? " " : "");
			if (el_insertstr(el, more) == 0)
				rc = CC_REFRESH;
			free(more);
		} else {
			list_words(&words);
			rc = CC_REDISPLAY;
		}
	}
	free(words.item);
	return rc;
}

/* ---- opening ---- */

static void
catch_signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sa.sa_flags = SA_RESTART;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGWINCH, &sa, NULL);
	sigaction(SIGCONT, &sa, NULL);
}

static void
bind_key(EditLine *el, const char *key, const char *name, const char *text,
    unsigned char (*fn)(EditLine *, int))
{
	el_set(el, EL_ADDFN, name, text, fn);
	el_set(el, EL_BIND, key, name, NULL);
	el_set(el, EL_BIND, "-a", key, name, NULL); /* vi's command mode */
}

static void
open_edit(struct repl_line *l)
{
	EditLine *el;

	/* Programs are UTF-8 whatever the locale says. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if ((el = el_init("rtfs", stdin, stdout, stderr)) == NULL)
		return;
	l->edit = el;
	l->history = history_open();
	el_set(el, EL_CLIENTDATA, l);
	el_set(el, EL_PROMPT, prompt);
	el_set(el, EL_GETCFN, read_key);
	el_set(el, EL_SIGNAL, 0);
	el_set(el, EL_HIST, history, history_list(l->history));
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_source(el, NULL); /* ~/.editrc */
	bind_key(el, "^I", "rtfs-complete", "complete a name", key_complete);
	bind_key(el, "^C", "rtfs-cancel", "drop the entry", key_cancel);
	bind_key(el, "^Z", "rtfs-suspend", "stop the process", key_suspend);
	el_set(el, EL_SETTY, "-d", "-isig", NULL);
	catch_signals();
}

struct repl_line *
line_open(struct repl_names *names)
{
	struct repl_line *l = xcalloc(1, sizeof(*l));

	l->names = names;
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		open_edit(l);
	return l;
}

void
line_close(struct repl_line *l)
{
	if (l == NULL)
		return;
	if (l->edit != NULL)
		el_end(l->edit);
	history_close(l->history);
	free(l->text);
	free(l);
}

bool
line_interactive(const struct repl_line *l)
{
	return l->edit != NULL;
}

bool
line_interrupted(const struct repl_line *l)
{
	if (l->edit != NULL && interrupt_signal == SIGINT)
		interrupt_signal = 0;
	return interrupt_signal != 0;
}

static enum line_status
read_edited(struct repl_line *l, struct buf *b)
{
	const char *text;
	int n = 0;

	l->cancelled = false;
	el_set(l->edit, EL_PREP_TERM, 1); /* before the prompt is seen */
	text = el_gets(l->edit, &n);
	if (l->cancelled)
		return LINE_CANCEL;
	if (interrupt_signal == SIGINT) { /* not by a key */
		fputs("\n", stdout);
		fflush(stdout);
		return LINE_CANCEL;
	}
	if (text == NULL || n <= 0) {
		fputs("\n", stdout);
		fflush(stdout);
		return LINE_END;
	}
	buf_add(b, text, (size_t)n);
	return LINE_READ;
}

enum line_status
line_read(
    struct repl_line *l, const char *prompt_text, bool first, struct buf *b)
{
	ssize_t n;

	if (line_interrupted(l))
		return LINE_END;
	l->prompt = prompt_text;
	l->first = first;
	if (l->edit != NULL)
		return read_edited(l, b);
	n = getline(&l->text, &l->cap, stdin);
	if (n <= 0 || line_interrupted(l))
		return LINE_END;
	buf_add(b, l->text, (size_t)n);
	return LINE_READ;
}

void
line_remember(struct repl_line *l, const char *text)
{
	if (l->history != NULL)
		history_remember(l->history, text);
}
