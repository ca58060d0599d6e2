noinst_LIBRARIES += %D%/libhost.a
%C%_libhost_a_SOURCES =
