noinst_LIBRARIES += %D%/libbatch.a
%C%_libbatch_a_SOURCES = \
	%D%/batch.h \
	%D%/job.c \
	%D%/job.h \
	%D%/options.c \
	%D%/options.h
