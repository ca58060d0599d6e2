noinst_LIBRARIES += %D%/libtask.a
%C%_libtask_a_SOURCES = \
	%D%/builtin.c \
	%D%/builtin.def \
	%D%/builtin.h \
	%D%/capability.c \
	%D%/capability.h \
	%D%/command.h \
	%D%/marshal.c \
	%D%/marshal.h \
	%D%/task.c \
	%D%/task.h
