noinst_LIBRARIES += %D%/libsandbox.a
%C%_libsandbox_a_SOURCES =
