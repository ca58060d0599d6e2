/*
 * What a task names: one row of the registry, plain data.  Filled in by
 * src/host (manifests) and by the table of built-ins; read by everyone above.
 */
#ifndef TASK_CAPABILITY_H
#define TASK_CAPABILITY_H

#include <stdbool.h>
#include <stddef.h>

enum cap_kind {
	CAP_BUILTIN, /* C code of ours in a worker image */
	CAP_EXEC,    /* a program, one process a task */
	CAP_RTFS,    /* a function of a manifest file */
	CAP_CLOSURE, /* rtfs.fn: a function that travels with its task */
	CAP_PLUGIN,  /* a shared object, in a process of the task's own */
	CAP_HOST,    /* io.*: served by the host itself, never a worker */
	CAP_COMMAND, /* process.exec of a batch: the task brings the program */
	CAP_NKINDS
};

enum cap_codec { /* CAP_EXEC only */
	CODEC_JSON,
	CODEC_ARGV,
	CODEC_RAW,
	CODEC_LINES,
	CODEC_MSGPACK, /* frames on descriptors 0 and 3; proto/PROTOCOL.md */
	CODEC_NCODECS
};

/* Which program the worker processes of this capability are. */
enum cap_image {
	IMAGE_CORE,   /* rtfs-worker: built-ins, closures, exec */
	IMAGE_HTTP,   /* rtfs-worker-http */
	IMAGE_PLUGIN, /* rtfs-worker-plugin */
	IMAGE_COUNT
};

/* Where a definition, a rule or a value comes from, weakest first. */
enum layer {
	LAYER_BUILTIN,
	LAYER_SYSTEM,
	LAYER_USER,
	LAYER_COMMAND, /* --policy, --capabilities, the program's folder */
	LAYER_OPTIONS, /* options of the command line */
	LAYER_TASK,    /* options of one task */
	LAYER_COUNT
};

struct type;

struct capability {
	char *id; /* without colon: "api.get-user" */
	enum cap_kind kind;
	enum cap_image image;
	/* Nothing but our own code runs in the task process, so one process
	 * may serve many tasks and small tasks may travel in batches. */
	bool trusted;
	/* CAP_COMMAND: under its policy like any program, not as its caller
	 * would run it. */
	bool as_capability;
	bool trace_denied;   /* its refused system calls are told */
	bool idempotent;     /* may be restarted when its worker is lost */
	char *doc;           /* NULL: none */
	struct type *params; /* checks the argument vector; NULL: any */
	struct type *result; /* NULL: any */

	/* CAP_EXEC */
	enum cap_codec codec;
	bool keywords; /* :keys :keyword */
	bool base64;   /* :raw with :encoding :base64 */
	char **argv;   /* words of :exec, relative ones made absolute; NULL at
			* the end */
	char **files;  /* what it sees besides: absolute, NULL at the end; NULL:
			* nothing */
	char *program; /* absolute path: executed, or (CAP_PLUGIN) loaded */
	char *broken;  /* why it cannot run, as the error says; NULL: it can */

	/* where it was defined */
	char *file; /* NULL: built in */
	unsigned int line;
	enum layer layer;
	char *dir; /* the manifest's folder, absolute; NULL: built in */

	void *function; /* CAP_RTFS: src/host's own */
};

const char *cap_kind_name(enum cap_kind);   /* "exec" */
const char *cap_codec_name(enum cap_codec); /* "json" */
/* -1: no such codec. */
int cap_codec_from(const char *);
const char *layer_name(enum layer); /* "built in", "system", ... */
/* Free what the row owns (not the row).  function is not touched. */
void capability_clear(struct capability *);

#endif
