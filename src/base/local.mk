noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/base64.c \
	%D%/base64.h \
	%D%/buf.c \
	%D%/buf.h \
	%D%/clock.c \
	%D%/clock.h \
	%D%/diag.c \
	%D%/diag.h \
	%D%/error.c \
	%D%/error.h \
	%D%/limits.h \
	%D%/log.c \
	%D%/log.h \
	%D%/macros.h \
	%D%/patience.h \
	%D%/redact.c \
	%D%/redact.h \
	%D%/units.c \
	%D%/units.h \
	%D%/utf8.c \
	%D%/utf8.h \
	%D%/visible.c \
	%D%/visible.h
