pkglibexec_PROGRAMS += rtfs-worker rtfs-worker-http rtfs-worker-plugin
include_HEADERS = %D%/rtfs_capability.h
EXTRA_DIST += %D%/plugin.list %D%/often.ld
noinst_LIBRARIES += %D%/libworkers.a
%C%_libworkers_a_SOURCES = \
	%D%/builtin.c \
	%D%/builtin.h \
	%D%/builtin_core.c \
	%D%/closure.c \
	%D%/crypto.c \
	%D%/data.c \
	%D%/env.c \
	%D%/forkserver.c \
	%D%/fs.c \
	%D%/grants.c \
	%D%/grants.h \
	%D%/groups.c \
	%D%/groups.h \
	%D%/guard.c \
	%D%/inbox.c \
	%D%/inbox.h \
	%D%/net.c \
	%D%/net.h \
	%D%/pages.c \
	%D%/pages.h \
	%D%/path.c \
	%D%/process.h \
	%D%/process_exec.c \
	%D%/profile.c \
	%D%/profile.h \
	%D%/random.c \
	%D%/serve.c \
	%D%/serve.h \
	%D%/system.c \
	%D%/taskexec.c \
	%D%/taskexec.h \
	%D%/taskproc.c \
	%D%/time.c \
	%D%/texts.c \
	%D%/texts.h \
	%D%/tree.c \
	%D%/work.c \
	%D%/work.h
# What every task needs lies together in the program: first, that is, and what
# each new process needs before it (often.ld).
workers_libs = %D%/libworkers.a proto/libproto.a src/base/libbase.a \
	src/value/libvalue.a $(worker_libs) $(values_libs) $(lang_libs)

rtfs_worker_SOURCES = \
	%D%/main.c \
	%D%/image_core.c
rtfs_worker_LDADD = $(workers_libs)
# Static: fewer mappings, so its forks are faster (no users, no hosts).
rtfs_worker_LDFLAGS = $(lto_ldflags) $(STATIC_PIE_LDFLAGS) $(OFTEN_LDFLAGS)
EXTRA_rtfs_worker_DEPENDENCIES = $(srcdir)/%D%/often.ld

rtfs_worker_http_SOURCES = \
	%D%/http_options.h \
	%D%/builtin_http.c \
	%D%/http.c \
	%D%/http_options.c \
	%D%/image_http.c \
	%D%/main.c
rtfs_worker_http_LDADD = $(workers_libs) $(CURL_LIBS)
rtfs_worker_http_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS) $(OFTEN_LDFLAGS)
EXTRA_rtfs_worker_http_DEPENDENCIES = $(srcdir)/%D%/often.ld

rtfs_worker_plugin_SOURCES = \
	%D%/image_plugin.c \
	%D%/main.c \
	%D%/plugin.c \
	%D%/plugin.h \
	%D%/plugin_api.c
# The C library alone is shared, with the plug-in: each object that is loaded
# is mapped anew by every fork.
rtfs_worker_plugin_LDADD = $(STATIC_LIBS_BEGIN) $(workers_libs) \
	$(STATIC_LIBS_END)
# What a plug-in calls is found in the program that loads it.
rtfs_worker_plugin_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS) $(OFTEN_LDFLAGS) \
	-Wl,--dynamic-list=$(srcdir)/%D%/plugin.list
EXTRA_rtfs_worker_plugin_DEPENDENCIES = $(srcdir)/%D%/often.ld
