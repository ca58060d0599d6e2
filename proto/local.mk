noinst_LIBRARIES += %D%/libproto.a
%C%_libproto_a_SOURCES = \
	%D%/codec.c \
	%D%/codec.h \
	%D%/codec_head.h \
	%D%/codec_pack.c \
	%D%/codec_unpack.c \
	%D%/frame.c \
	%D%/frame.h \
	%D%/msg.def \
	%D%/program.c \
	%D%/program.h \
	%D%/proto.c \
	%D%/proto.h
EXTRA_DIST += \
	proto/PROTOCOL.md \
	proto/vectors/accepted \
	proto/vectors/frames \
	proto/vectors/refused \
	proto/vectors/values
