noinst_LIBRARIES += %D%/libbatch.a
%C%_libbatch_a_SOURCES = \
	%D%/after.c \
	%D%/after.h \
	%D%/attempt.c \
	%D%/batch.h \
	%D%/feed.c \
	%D%/format.c \
	%D%/format.h \
	%D%/job.c \
	%D%/job.h \
	%D%/joblog.c \
	%D%/joblog.h \
	%D%/live.c \
	%D%/live.h \
	%D%/median.c \
	%D%/median.h \
	%D%/options.c \
	%D%/options.h \
	%D%/pressure.c \
	%D%/pressure.h \
	%D%/progress.c \
	%D%/progress.h \
	%D%/results.c \
	%D%/results.h \
	%D%/run.c \
	%D%/runner.h \
	%D%/settle.c \
	%D%/spool.c \
	%D%/spool.h \
	%D%/state.c \
	%D%/state.h \
	%D%/table.c \
	%D%/table.h
