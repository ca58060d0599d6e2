noinst_LIBRARIES += %D%/libsandbox.a
%C%_libsandbox_a_SOURCES = \
	%D%/enter.c \
	%D%/enter.h \
	%D%/namespaces.c \
	%D%/plan.c \
	%D%/plan.h \
	%D%/privs.c \
	%D%/probe.c \
	%D%/probe.h \
	%D%/program.c \
	%D%/program.h \
	%D%/rlimits.c \
	%D%/unkept.c \
	%D%/user.c \
	%D%/user.h
