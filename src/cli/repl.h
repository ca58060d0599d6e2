/*
 * The parts of rtfs repl: where entries come from, what is known about names,
 * what was entered before.
 */
#ifndef CLI_REPL_H
#define CLI_REPL_H

#include "base/buf.h"
#include "host/registry.h"
#include "lang/vm.h"

/* ---- names (repl_names.c) ---- */

/* Names of the core library, of the program (and what its definitions say
 * about themselves), of capabilities; keywords that were mentioned. */
struct repl_names;
/* Both are borrowed; commands are words like ":help", NULL at the end. */
struct repl_names *names_new(
    struct vm *, struct registry *, const char *const *commands);
void names_free(struct repl_names *);
/* The text of an entry that is about to be evaluated. */
void names_learn(struct repl_names *, const char *text, size_t len);

struct word_list {
	const char **item; /* sorted; texts are borrowed from the names */
	size_t n;
};
/* Everything that begins with the word.  A keyword's items have no colon;
 * first: the word begins an entry, where commands are. */
void names_complete(struct repl_names *, const char *word, size_t len,
    bool first, struct word_list *);
/* Usage and text, as lines.  false: nothing is known, *out says so. */
bool names_doc(struct repl_names *, const char *name, struct buf *out);

/* ---- lines (repl_line.c) ---- */

enum line_status {
	LINE_READ,
	LINE_CANCEL, /* Ctrl-C, SIGINT: what was typed is dropped */
	LINE_END,    /* end of input, or interrupt_signal is set */
};

/* Standard input: edited with history and completion when it and standard
 * output are a terminal, else read as it is, without prompts. */
struct repl_line;
struct repl_line *line_open(struct repl_names *);
void line_close(struct repl_line *);
bool line_interactive(const struct repl_line *);
/* Did a signal ask for the end?  On a terminal SIGINT does not: it is over. */
bool line_interrupted(const struct repl_line *);
/* Append the next line, with its newline.  first: of an entry. */
enum line_status line_read(
    struct repl_line *, const char *prompt, bool first, struct buf *);
/* An entry for the history. */
void line_remember(struct repl_line *, const char *text);

/* ---- history (repl_history.c) ---- */

#define HISTORY_MAX 1000 /* entries that are kept */

/* $XDG_STATE_HOME/rtfs/history or $HOME/.local/state/rtfs/history, in the
 * format of libedit.  Each entry is appended at once, so that sessions side
 * by side lose nothing; nobody else may read the file. */
struct repl_history;
struct history; /* of libedit */
struct repl_history *history_open(void);
void history_close(struct repl_history *);
struct history *history_list(struct repl_history *);
void history_remember(struct repl_history *, const char *text);

#endif
