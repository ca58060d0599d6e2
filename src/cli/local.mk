bin_PROGRAMS += rtfs
rtfs_SOURCES = \
	%D%/batch.c \
	%D%/capabilities.c \
	%D%/check.c \
	%D%/doctor.c \
	%D%/eval.c \
	%D%/main.c \
	%D%/modules.c \
	%D%/modules.h \
	%D%/options.c \
	%D%/options.h \
	%D%/options_batch.c \
	%D%/options_impl.h \
	%D%/paths.c \
	%D%/paths.h \
	%D%/policy.c \
	%D%/policy_check.c \
	%D%/policy_names.c \
	%D%/policy_diff.c \
	%D%/policy_explain.c \
	%D%/policy_rows.c \
	%D%/policy_rows.h \
	%D%/policy_test.c \
	%D%/policy_trace.c \
	%D%/policy_trace.h \
	%D%/policy_verbs.h \
	%D%/reach.c \
	%D%/reach.h \
	%D%/repl.c \
	%D%/repl.h \
	%D%/repl_history.c \
	%D%/repl_line.c \
	%D%/repl_names.c \
	%D%/run.c \
	%D%/setup.c \
	%D%/setup.h \
	%D%/text.c \
	%D%/text.h \
	%D%/verbs.h \
	%D%/version.c
rtfs_CFLAGS = $(AM_CFLAGS) $(EDIT_CFLAGS)
rtfs_LDADD = $(EDIT_LIBS) $(TINFO_LIBS) $(rtfs_libs)
# Static: nothing to resolve at start, as quick as /bin/true.
rtfs_LDFLAGS = $(lto_ldflags) $(STATIC_PIE_LDFLAGS)
