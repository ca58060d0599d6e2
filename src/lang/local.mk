noinst_LIBRARIES += %D%/liblang.a
%C%_liblang_a_SOURCES = \
	%D%/analyze.c \
	%D%/arena.c \
	%D%/ast.h \
	%D%/call.c \
	%D%/check.c \
	%D%/check.h \
	%D%/check_repair.c \
	%D%/check_repair.h \
	%D%/code.c \
	%D%/code.h \
	%D%/core.h \
	%D%/core_collections.c \
	%D%/core_compare.c \
	%D%/core_data.c \
	%D%/core_format.c \
	%D%/core_format.h \
	%D%/core_host.c \
	%D%/core_numbers.c \
	%D%/core_predicates.c \
	%D%/core_regex.c \
	%D%/core_sequences.c \
	%D%/core_sort.c \
	%D%/core_sort.h \
	%D%/core_strings.c \
	%D%/core_task.c \
	%D%/core_task.h \
	%D%/core_util.c \
	%D%/core_util.h \
	%D%/corelib.c \
	%D%/forms_bind.c \
	%D%/forms_def.c \
	%D%/forms_each.c \
	%D%/forms_flow.c \
	%D%/forms_fn.c \
	%D%/forms_host.c \
	%D%/forms_loop.c \
	%D%/gen.c \
	%D%/gen.h \
	%D%/gen_call.c \
	%D%/gen_flow.c \
	%D%/gen_update.c \
	%D%/image.c \
	%D%/image.h \
	%D%/image_impl.h \
	%D%/image_read.c \
	%D%/intrinsics.c \
	%D%/live.c \
	%D%/load.c \
	%D%/loop.h \
	%D%/machine.c \
	%D%/machine.h \
	%D%/macro.c \
	%D%/module.c \
	%D%/names.c \
	%D%/node.c \
	%D%/op.def \
	%D%/pattern.c \
	%D%/raise.c \
	%D%/scope.c \
	%D%/slow.c \
	%D%/slow.h \
	%D%/trace.c \
	%D%/vm.c \
	%D%/vm.h
nodist_%C%_liblang_a_SOURCES = %D%/prelude_table.h
# The machine dispatches by computed goto; gcse would merge the jumps.
%C%_liblang_a_CFLAGS = $(AM_CFLAGS) -fno-gcse
BUILT_SOURCES += %D%/prelude_table.h
CLEANFILES += %D%/prelude_table.h
EXTRA_DIST += %D%/prelude.rtfs %D%/prelude.awk %D%/NOTES.md

%D%/prelude_table.h: $(srcdir)/%D%/prelude.rtfs $(srcdir)/%D%/prelude.awk
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	LC_ALL=C $(AWK) -f $(srcdir)/%D%/prelude.awk \
	    $(srcdir)/%D%/prelude.rtfs >$@.tmp && mv $@.tmp $@
