/*
 * The parts of a pool, shared by the files of this room and by nobody else.
 *
 *	server	one fork server an image
 *	profile	slots that are interchangeable: image and wishes
 *	slot	a guard, at most one worker at a time
 *	worker	a task process ("run" in the protocol)
 *	lane	tasks that wait, and the workers that can serve them
 *	line	those of a lane that are of one capability
 *	share	what a capability has had of the workers
 *
 * Life of a worker's memory: worker_gone() takes it off all lists at once,
 * pool_leave() frees it when no callback is on the C stack any more; so no
 * function needs to be told whether the worker it was given still exists: it
 * looks at worker->state.
 */
#ifndef POOL_INTERNAL_H
#define POOL_INTERNAL_H

#include <sys/queue.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "pool/capture.h"
#include "pool/group.h"
#include "pool/observe.h"
#include "pool/plan.h"
#include "pool/pool.h"
#include "pool/secret.h"
#include "pool/spending.h"
#include "pool/verdict.h"
#include "pool/worker_states.h"
#include "proto/frame.h"
#include "proto/proto.h"
#include "value/string.h"

/* A killed guard or task process that has not reported after this is killed by
 * its pidfd. */
#define KILL_WAIT (50 * NS_PER_MS)
/* Descriptors close before their process is seen to have died: on a crowded
 * machine, and where a namespace dies with it, long before.  Looked at after
 * the first, one that lives is at fault after the second. */
#define CLOSE_WAIT (20 * NS_PER_MS)
#define CLOSE_LAST (200 * NS_PER_MS)
/* Longest time for a fork server or guard to answer at all. */
#define START_WAIT (10 * NS_PER_SEC)
/* Refusals of the machine (EAGAIN, EMFILE, ...): first pause, longest pause,
 * and how many in a row, with nothing running, make a task :unavailable. */
#define RETRY_FIRST (10 * NS_PER_MS)
#define RETRY_LAST  (200 * NS_PER_MS)
#define RETRY_MAX   6U
/* Tasks of one message, and messages of one task each in a worker's hands. */
#define BATCH_TASKS 500U
#define DEPTH       16U
/* The channels of a process for one task are watched after this: most have
 * ended by then, and what they wrote is read at the end. */
#define WATCH_AFTER NS_PER_MS
/* Where programs are shorter than QUIET_SHORT it is worth this much: neither
 * guard nor supervisor wakes up before they end. */
#define QUIET       (10 * NS_PER_MS)
#define QUIET_SHORT (5 * NS_PER_MS)
#define IDLE_SLOT   (10 * NS_PER_SEC)
#define IDLE_SERVER (60 * NS_PER_SEC)

struct retry {
	unsigned int failures; /* in a row */
	int64_t at;            /* not before */
	bool final;            /* to be told to whoever waits, now */
	char why[512];         /* the last one */
};

struct server {
	struct pool *pool;
	enum cap_image image;
	enum server_state state;
	int pid;
	int pidfd;
	int fd;
	struct loop_io *io;
	struct loop_io *pid_io;
	struct loop_timer *timer;
	struct buf in;
	struct retry retry;
	bool refused; /* wrong version or build: never again */
	bool knows_groups;
	int64_t used; /* last time that a slot was made or in use */
	unsigned int slots;
	struct profile *profile[MAX_PROFILES]; /* as it knows them */
};

struct profile {
	TAILQ_ENTRY(profile) entry;
	struct server *server;
	struct buf key; /* of a PROFILE message, without the number */
	const struct sandbox_plan *sandbox; /* of a plan that has it */
	int64_t used;                       /* when a slot was asked for */
	bool grouped;                       /* its slots have groups */
	TAILQ_HEAD(, slot) slots;
	unsigned int nslots;
	unsigned int nmaking;
	struct retry retry;
};

enum slot_state {
	SLOT_MAKING,
	SLOT_IDLE,
	SLOT_RUN,
	SLOT_DYING
};

struct slot {
	TAILQ_ENTRY(slot) entry;
	struct profile *profile;
	enum slot_state state;
	uint32_t id;
	uint32_t kept;
	uint32_t uid; /* nobody else's; 0: none */
	int pid;
	int pidfd;
	int fd;
	struct loop_io *io;
	struct loop_io *pid_io;
	int listener; /* of forbidden system calls; -1: none */
	int reserve;  /* the number that the listener will have; -1: none */
	struct loop_io *listener_io;
	struct loop_timer *timer;
	struct cgroup_slot *group; /* NULL: none */
	struct worker *worker;
	struct worker *ahead; /* begins when that one has ended; NULL: none */
	bool killed;          /* by us, by pidfd */
	bool heard;           /* its first message has come */
	bool spent;           /* it cannot serve again */
	const struct plan *kept_plan; /* of the EXEC that its guard keeps the
				       * surroundings of; NULL: none */
	bool reaped;
	int code; /* of waitid, when reaped */
	int status;
	char why[512];  /* why it is lost; empty: it was not */
	int64_t idle;   /* since then */
	int64_t closed; /* since then its socket is */
};

/* What a capability may have of the workers, in all lanes together. */
struct share {
	TAILQ_ENTRY(share) entry;
	const struct capability *capability;
	unsigned int most; /* tasks at a time; UINT_MAX: any number */
	unsigned int weight;
	size_t queued;
	unsigned int out; /* with workers, not ended */
	uint64_t time;    /* used up, by weight: see line.c */
	int64_t average;  /* ns of a task; 0: none has ended yet */
	bool floods;      /* one of them has filled a pipe */
};

/* The tasks of one capability that wait in a lane, in order of submission. */
struct line {
	TAILQ_ENTRY(line) entry;
	struct lane *lane;
	struct share *share;
	struct task_queue queue;
	size_t queued;
};

struct lane {
	TAILQ_ENTRY(lane) entry;
	struct profile *profile;
	enum run_mode mode;
	bool once; /* one task per process */
	TAILQ_HEAD(, line) lines;
	size_t queued; /* in all of them */
	bool capped;   /* one of them has a share with a :concurrency */
	TAILQ_HEAD(, worker) workers;
	/* of them, so that none need be looked for: */
	TAILQ_HEAD(, worker) free;  /* no task; the warmest first */
	TAILQ_HEAD(, worker) roomy; /* has tasks, worker_has_room() */
	unsigned int nworkers;
	unsigned int nfree; /* STARTING or READY, no task */
	bool stalled;       /* in this round of dispatch */
	bool hungry;        /* had the turn, but no process to run it in */
	int64_t killed;     /* when one of its workers was, last, or has cost
			     * its slot */
};

/* Long texts on their way to a worker (texts.c). */
struct texts {
	struct loop_io *io; /* NULL: none */
	int fd;
	const struct task *task; /* whose they are */
	struct iovec piece[PACK_REFS];
	size_t first; /* not wholly written */
	size_t n;
};

/* The text of a long RESULT on its way in (landing.c). */
struct landing {
	const struct task *task; /* NULL: none; its heap has the text */
	val text;                /* VAL_UNBOUND: given away */
	char *bytes;
	size_t len;
	size_t have;
	struct str_progress checked;
	size_t at;    /* where it is missing in the payload */
	size_t frame; /* bytes of the frame without it */
};

struct worker {
	TAILQ_ENTRY(worker) entry; /* of lane->workers, later pool->gone */
	TAILQ_ENTRY(worker) ready; /* of lane->free or lane->roomy */
	struct pool *pool;
	struct lane *lane;
	struct slot *slot;
	enum worker_state state;
	uint64_t run;
	int32_t pid;
	int request_fd;
	int result_fd;
	int stray_fd;
	struct loop_io *request_io; /* only while out is waiting */
	struct loop_io *result_io;  /* NULL: not watched (yet) */
	struct loop_io *stray_io;
	int64_t watch_at;  /* then they are; 0: they are, or will never be */
	bool result_ended; /* end of file was seen */
	bool stray_ended;
	bool unmade; /* its process is made with its task */
	bool wide;   /* its result pipe was made larger */
	struct loop_timer *timer;
	int64_t timer_at;
	int64_t sample; /* pause until the next look at the page */
	struct proto_page *page;
	struct task_queue sent; /* not answered, in the order sent */
	unsigned int nsent;
	unsigned int nmessages; /* of them, not wholly answered */
	uint64_t last_sent;
	int64_t sent_at; /* the newest message */
	int64_t idle;
	bool counted;       /* in pool->running */
	bool counted_free;  /* in lane->nfree and lane->free */
	bool counted_roomy; /* in lane->roomy */
	bool undelivered;   /* its process never got what is in sent */
	bool recalled;      /* AHEAD: it is to be taken back */
	uint64_t served;

	struct buf in;
	int64_t closed;      /* since then its result pipe is; 0: open */
	int64_t closed_look; /* then it is looked at */
	bool broken_stream;  /* nothing in it counts any more */
	struct landing landing;
	struct texts texts;
	struct buf out; /* a message that did not fit the socket */
	int out_fd[FRAME_MAX_FDS];
	size_t out_nfds;
	struct capture stray;
	struct buf stray_held; /* may begin a secret */
	int64_t cpu_seen;      /* ns, when it was last looked at */
	uint64_t streamed;     /* bytes of a command's standard output */

	/* The end of the first task in sent (or of ending) is decided. */
	struct task *ending;
	enum errkey end_kind;
	char *end_text;
	const char *end_limit;
	uint64_t end_allowed;
	uint64_t end_used;
	bool cancel_rest;     /* the others on its list end with it */
	bool kill_sent;       /* SIGKILL, not just a polite signal */
	struct outcome *held; /* of a task whose process must end well first */
	struct exec_failure
	    failure; /* of a program's start; os_errno 0: none */

	const struct plan *loaded; /* LOAD was sent: its task is of that one */
	unsigned char *plans;      /* bits: PLAN was sent */
	size_t nplans;
	uint64_t closure[64]; /* sent ones */
	unsigned int nclosures;
};

struct pool {
	struct loop *loop;
	struct pool_config config;
	struct facts facts;
	struct cgroup *cgroup; /* NULL: not asked for yet */
	bool group_total;      /* it limits all of them together */
	struct server server[IMAGE_COUNT];
	TAILQ_HEAD(, profile) profiles;
	TAILQ_HEAD(, lane) lanes;
	TAILQ_HEAD(, share) shares;
	uint64_t time; /* of the share that had its turn last */
	TAILQ_HEAD(, worker) gone;
	struct plan *plan[256];
	uint32_t nplans;
	struct spending spending;
	struct secrets secrets;
	struct buf hidden;    /* stray output without secrets */
	size_t count;         /* tasks it has */
	size_t expected;      /* and those that are still to come */
	unsigned int running; /* workers with tasks that may have begun */
	unsigned int nahead;  /* workers with one that has not: AHEAD */
	unsigned int limit;
	unsigned int processors;
	uint64_t next_task;
	uint64_t next_run;
	uint32_t next_slot;
	unsigned int depth; /* of pool_enter */
	bool dispatching;
	bool closing;
	bool no_grace;
	int64_t cramped; /* until then */
	bool subreaper;  /* a guard has no namespace */
	bool adopted;    /* look for orphans when no guard is being made */
	pid_t *foreign;  /* children from before, nobody's here */
	size_t nforeign;
	int64_t now;
	int64_t submitted; /* about when the last task was */
	int64_t wall;      /* clock_wall() - clock_mono() */
	struct loop_timer *kick;
	int64_t kick_at;
	struct loop_timer *idle_timer;
	int null_fd;
	char *directory;
	struct buf scratch; /* control messages in */
	struct buf out;     /* requests */
	char *chunk;        /* CHUNK bytes of a pipe */
	struct pool_totals totals;
	pool_observe_cb observe; /* NULL: nobody watches */
	void *observe_arg;
};
#define CHUNK (64U * 1024)

/* pool.c */
void pool_enter(struct pool *); /* around every callback */
void pool_leave(struct pool *);
void pool_kick(struct pool *, int64_t at); /* dispatch then, at the latest */
void pool_dispatch_due(struct pool *);     /* now, if it was to be by now */
void retry_failed(struct pool *, struct retry *, const char *why);
bool retry_hopeless(const struct pool *, const struct retry *);
void pool_watch_idle(struct pool *);
/* End a task that has not started. */
void pool_drop(struct pool *, struct task *, enum errkey, const char *text,
    const char *limit, uint64_t allowed);

bool pool_knows(struct pool *, pid_t); /* a fork server or guard */

/* observe.c: tell who watches, and count. */
void tell_task(struct pool *, enum pool_event_kind, const struct task *,
    const struct outcome *, uint32_t slot, int32_t pid);
void tell_kill(const struct worker *, int signo);
void tell_process(const struct worker *, int code, int status, bool ended);
void tell_slot(const struct slot *, bool ended);
void tell_server(const struct server *, bool ended);

/* adopted.c */
/* A process that is on its way out closes its descriptors early, and the first
 * process of a namespace then waits for all the others there. */
bool process_exiting(int pid);
void adopted_begin(struct pool *);
/* A guard without a namespace is lost: kill what it leaves to us. */
void adopted_kill(struct pool *);
void adopted_reaped(struct pool *, pid_t); /* a child that nobody knew */
void adopted_end(struct pool *, int64_t until);

/* server.c */
int server_start(struct server *, struct error *) ATTR_CHECK;
int server_make_slot(
    struct server *, struct slot *, int guard_fd, struct error *) ATTR_CHECK;
void server_close(struct server *); /* its socket; it ends by itself */
void server_stop(struct server *);  /* the same, and see that it does */
void server_reaped(struct server *);

/* profile.c */
struct profile *profile_get(struct pool *, const struct plan *);
void profile_free(struct profile *);
/* Its number at its fork server; appends the PROFILE frame when that does not
 * know it. */
unsigned int profile_pack(struct profile *, struct buf *);
/* A descriptor with the bytes of its secrets, in their order; -1 in *fd: it has
 * none. */
int profile_secrets(const struct profile *, int *fd, struct error *) ATTR_CHECK;

/* listener.c */
void listener_add(struct slot *, int fd); /* takes fd */
void listener_remove(struct slot *);
/* Keeps a descriptor for the listener that the guard's first message may
 * carry: the kernel drops what finds none. */
int listener_reserve(struct slot *, struct error *) ATTR_CHECK;
void listener_unreserve(struct slot *);

/* slot.c */
struct slot *slot_new(struct profile *, struct error *);
void slot_made(struct slot *, int pid, uint32_t kept,
    const uint16_t refused[SANDBOX_NBITS]);
void slot_failed(struct slot *, const char *why); /* MAKING only */
/* Make the worker's process.  more: frames that go with it, or NULL; quiet:
 * the guard may keep the start of one task for itself so long. */
int slot_send_run(struct worker *, int64_t quiet, const struct buf *more,
    const int *fds, size_t nfds, struct error *) ATTR_CHECK;
void slot_send_kill(struct slot *, uint64_t run, int signo);
void slot_kill(struct slot *, const char *why); /* by pidfd */
void slot_close(struct slot *); /* no longer wanted; it is idle */
void slot_drain(struct slot *); /* take what the guard has said */
void slot_reaped(struct slot *, int code, int status);
void slot_left(struct slot *, const struct worker *); /* which is gone */

/* channel.c: the channels of a worker */
/* unmade: it has them, and a process, only when worker_launch() sends its task,
 * as programs do. */
struct worker *worker_new(
    struct lane *, struct slot *, bool unmade, struct error *);
/* Look at its results and stray output as they come. */
int worker_watch(struct worker *, struct error *) ATTR_CHECK;
ssize_t pipe_read(int fd, void *to, size_t n); /* read(2), but for EINTR */
void worker_drain(struct worker *); /* take what is in result and stray */
/* Is it the errno of a send that may go well later, once there is memory, a
 * descriptor, ...? */
bool send_may_come_back(int os_errno);
/* Send, or keep and send later; takes nothing of what it is given.  -1: not
 * sent, for lack of something that may come back. */
int worker_write(struct worker *, const struct buf *, const int *fds,
    size_t nfds, struct error *) ATTR_CHECK;
/* The same for one that is unmade. */
int worker_launch(struct worker *, const struct buf *, const int *fds,
    size_t nfds, struct error *) ATTR_CHECK;
/* What was held back of its stray output; the task is over. */
void worker_stray_end(struct worker *, struct task *);
void worker_hang_up(struct worker *); /* close the request socket */
void worker_close(struct worker *);   /* all of them */
void worker_free(struct worker *);

/* texts.c */
/* Which texts of the next message need no pipe (a bit set), and their n files,
 * at most PACK_REFS, borrowed. */
uint64_t texts_lend(
    const struct worker *, const struct pack_refs *, int *fds, size_t *n);
/* A pipe for the others, and its other end. */
int texts_open(struct worker *, int *theirs, struct error *) ATTR_CHECK;
/* Those of t that were not lent, the message is on its way. */
void texts_begin(
    struct worker *, struct task *t, const struct pack_refs *, uint64_t lent);
void texts_end(struct worker *); /* also when there are none */

/* landing.c */
/* What is in w->in begins a frame of need bytes in all, which is to be
 * believed: if it is a long text, the rest need not come to w->in. */
void landing_begin(struct worker *, size_t need);
bool landing_open(const struct worker *); /* bytes of the text are missing */
ssize_t landing_read(struct worker *);    /* as read(2) */
/* As frame_next(): what is in w->in, without the text. */
enum frame_status landing_frame(struct worker *, const char *bytes, size_t len,
    struct frame *, size_t *used);
void landing_texts(struct worker *, struct unpack_texts *);
void landing_end(struct worker *); /* also when there is none */

/* page.c */
/* The task in hand, by the page: NULL when none of those sent was claimed.
 * Without a page: the first. */
struct task *worker_current(struct worker *);
/* Take back what is behind t, which it has claimed or which is to be killed;
 * false: t is over already.  NULL: all, when it has claimed none.  lost: as
 * in lane_requeue. */
bool worker_revoke(struct worker *, struct task *t, bool lost);

/* worker.c */
struct ended {
	int code;
	int status;
	int64_t user_us;
	int64_t system_us;
	uint64_t max_rss_kb;
	int64_t tree_user_us;
	int64_t tree_system_us;
	int64_t cpu_ticks_us; /* as RLIMIT_CPU counts; 0: unknown */
	uint64_t swept;       /* processes that had to be killed after it */
};
/* What a guard says of the start of a run. */
struct started {
	int32_t pid;                 /* 0: unknown, or there is no process */
	struct exec_failure failure; /* stage 0: no process was made */
	int64_t ago;                 /* ns */
};
void worker_started(struct worker *, const struct started *);
/* One that is AHEAD: its turn has come; take it back if it has not begun; that
 * has been done. */
void worker_its_turn(struct worker *);
void worker_recall(struct worker *);
void worker_recalled(struct worker *);
/* Has its guard been told not to begin with it? */
bool worker_given_up(const struct worker *);
void worker_sent(struct worker *, size_t n); /* n tasks were added to sent */
void worker_recount(struct worker *);        /* after nsent has changed */
void worker_answered(struct worker *, struct task *); /* off its list */
void worker_next(struct worker *); /* the first on its list has gone */
/* t leaves its list: nothing of it is used any more. */
void worker_let_go(struct worker *, const struct task *t);
/* That task of it ends so, and the process with it.  text is taken. */
void worker_condemn(struct worker *, struct task *, enum errkey, char *text,
    const char *limit, uint64_t allowed, uint64_t used);
void worker_violated(struct worker *, const char *why);
/* Its result pipe has no writer: it has died, or else it broke the protocol. */
void worker_closed(struct worker *);
void worker_kill(struct worker *, int signo);
void worker_retire(struct worker *); /* it has nothing to do: let it end */
void worker_gone(struct worker *);   /* off all lists; its slot is free */
void worker_cancel(struct worker *, struct task *, enum errkey,
    const char *text, const char *limit, uint64_t allowed);

/* ending.c */
/* ended: NULL when the guard is lost. */
void worker_ended(struct worker *, const struct ended *);
/* The answer that waits for the end of its process is none any more. */
void worker_drop_held(struct worker *);

/* request.c */
/* Encode tasks from the head of a line of its lane and send them, at most max;
 * returns how many left the line. */
size_t worker_send(struct worker *, struct line *, size_t max);
/* A task of that plan waits: its process loads the plug-in before its turn, if
 * that can be. */
void worker_load(struct worker *, const struct plan *);

/* answer.c */
/* Take whole frames; returns the bytes used.  Stops when the stream is
 * broken. */
size_t answer_take(struct worker *, const char *, size_t);
/* Bytes of the frame that those begin, as far as they say; 0: it is whole, or
 * bad. */
size_t answer_need(const struct worker *, const char *, size_t);

/* line.c */
struct line *line_get(struct pool *, struct lane *, const struct plan *);
void line_push(struct pool *, struct task *);
void line_push_front(struct pool *, struct task *);
void line_remove(struct task *); /* it waits in one */
/* It has gone to a worker; it comes back; it has ended after so long. */
void line_out(struct task *);
void line_back(struct task *);
void line_ended(struct task *, int64_t ns);
/* How long the start of a program may be nobody's business but its guard's:
 * until then its pipes are not read, and its timeout not looked after. */
int64_t line_quiet(const struct pool *, const struct task *);
int64_t lane_quiet(const struct lane *); /* of a process for any that waits */
size_t line_ready(const struct line *);  /* as many as may start now */
size_t lane_ready(const struct lane *);
struct line *line_next(struct pool *); /* of lanes that are not stalled */
void lines_free(struct lane *);
void shares_free(struct pool *);

/* dispatch.c */
void pool_dispatch(struct pool *);
/* For another message behind those that it has, when its tasks are short. */
bool worker_has_room(const struct worker *);
/* needy lacks something that may come back. */
void pool_cramped(
    struct pool *, struct profile *needy, struct retry *, const char *why);
/* Back to the head of the queue.  lost: its worker was, so it goes alone. */
void lane_requeue(struct lane *, struct task *, bool lost);
struct lane *lane_get(struct pool *, const struct plan *);

/* hide.c: secrets in messages and data, not in the value. */
void outcome_hide(const struct redactor *, struct heap *, struct outcome *);
/* finish.c */
void task_started(struct worker *, struct task *, int64_t at);
/* Give it back; clears o. */
void task_finish(struct pool *, struct task *, struct outcome *);
void task_fail(struct pool *, struct task *, enum errkey, const char *text);
/* pid, times and promises of an attempt in that worker. */
void outcome_fill(struct worker *, struct task *, struct outcome *);

#endif
