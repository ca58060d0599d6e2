pkglibexec_PROGRAMS += rtfs-state
rtfs_state_SOURCES = %D%/main.c %D%/state.h
rtfs_state_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
rtfs_state_LDADD = src/base/libbase.a $(SQLITE_LIBS) $(BSD_LIBS)
rtfs_state_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
