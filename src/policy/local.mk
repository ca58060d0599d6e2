noinst_LIBRARIES += %D%/libpolicy.a
%C%_libpolicy_a_SOURCES = \
	%D%/amount.c \
	%D%/compare.c \
	%D%/env.c \
	%D%/explain.c \
	%D%/facility.def \
	%D%/host.c \
	%D%/limit.c \
	%D%/limit.def \
	%D%/lint.c \
	%D%/match.c \
	%D%/option.c \
	%D%/parse.c \
	%D%/policy.c \
	%D%/policy.h \
	%D%/problem.c \
	%D%/resolve.c \
	%D%/rules.h \
	%D%/setting.c \
	%D%/setting.def \
	%D%/settings.c \
	%D%/show.c \
	%D%/slip.c \
	%D%/syscalls.c \
	%D%/total.def \
	%D%/trust.c
