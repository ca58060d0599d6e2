noinst_LIBRARIES += %D%/libpolicy.a
%C%_libpolicy_a_SOURCES = \
	%D%/limit.c \
	%D%/limit.def \
	%D%/match.c \
	%D%/parse.c \
	%D%/policy.c \
	%D%/policy.h \
	%D%/resolve.c \
	%D%/rules.h
