noinst_LIBRARIES += %D%/libpolicy.a
%C%_libpolicy_a_SOURCES = \
	%D%/amount.c \
	%D%/limit.c \
	%D%/limit.def \
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
	%D%/total.def
