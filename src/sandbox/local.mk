noinst_LIBRARIES += %D%/libsandbox.a
%C%_libsandbox_a_SOURCES = \
	%D%/cgroup.c \
	%D%/cgroup.h \
	%D%/cgroup_file.c \
	%D%/cgroup_find.c \
	%D%/cgroup_impl.h \
	%D%/cgroup_slot.c \
	%D%/enter.c \
	%D%/enter.h \
	%D%/filter.c \
	%D%/filter.h \
	%D%/idmap.c \
	%D%/landlock.c \
	%D%/level.c \
	%D%/namespaces.c \
	%D%/net.c \
	%D%/notify.c \
	%D%/notify.h \
	%D%/plan.c \
	%D%/plan.h \
	%D%/plan_group.c \
	%D%/privs.c \
	%D%/probe.c \
	%D%/probe.h \
	%D%/profile.c \
	%D%/profile.h \
	%D%/program.c \
	%D%/program.h \
	%D%/promise.c \
	%D%/resolve.c \
	%D%/resolve.h \
	%D%/rlimits.c \
	%D%/uids.c \
	%D%/uids.h \
	%D%/user.c \
	%D%/user.h \
	%D%/view.c
