noinst_LIBRARIES += %D%/libpool.a
%C%_libpool_a_SOURCES = \
	%D%/adopted.c \
	%D%/answer.c \
	%D%/capture.c \
	%D%/capture.h \
	%D%/channel.c \
	%D%/closing.c \
	%D%/dispatch.c \
	%D%/ending.c \
	%D%/finish.c \
	%D%/group.c \
	%D%/group.h \
	%D%/hide.c \
	%D%/internal.h \
	%D%/listener.c \
	%D%/landing.c \
	%D%/line.c \
	%D%/loop.c \
	%D%/loop.h \
	%D%/observe.c \
	%D%/observe.h \
	%D%/page.c \
	%D%/pausing.c \
	%D%/plan.c \
	%D%/plan.h \
	%D%/pool.c \
	%D%/pool.h \
	%D%/profile.c \
	%D%/request.c \
	%D%/secret.c \
	%D%/secret.h \
	%D%/server.c \
	%D%/show.c \
	%D%/slot.c \
	%D%/spending.c \
	%D%/spending.h \
	%D%/texts.c \
	%D%/timer.c \
	%D%/timer.h \
	%D%/verdict.c \
	%D%/verdict.h \
	%D%/worker.c \
	%D%/worker_states.c \
	%D%/worker_states.h
EXTRA_DIST += %D%/NOTES.md
