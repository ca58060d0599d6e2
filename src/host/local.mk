noinst_LIBRARIES += %D%/libhost.a
%C%_libhost_a_SOURCES = \
	%D%/call.c \
	%D%/evaluate.c \
	%D%/evaluate.h \
	%D%/fault.c \
	%D%/fault.h \
	%D%/host.c \
	%D%/host.h \
	%D%/host_impl.h \
	%D%/images.c \
	%D%/images.h \
	%D%/interrupt.c \
	%D%/interrupt.h \
	%D%/manifest.c \
	%D%/manifest.h \
	%D%/manifest_code.c \
	%D%/manifest_impl.h \
	%D%/metrics.c \
	%D%/metrics.h \
	%D%/output.c \
	%D%/output.h \
	%D%/parallel.c \
	%D%/parallel.h \
	%D%/prepare.c \
	%D%/registry.c \
	%D%/registry.h \
	%D%/report.c \
	%D%/report.h \
	%D%/set.c \
	%D%/set.h \
	%D%/set_impl.h \
	%D%/stray.c \
	%D%/stray.h \
	%D%/trace.c \
	%D%/trace.h \
	%D%/watch.c \
	%D%/watch.h
