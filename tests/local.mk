AM_TESTS_ENVIRONMENT = abs_top_builddir='$(abs_top_builddir)'; \
	RTFS='$(abs_top_builddir)/rtfs'; export abs_top_builddir RTFS; \
	CC='$(CC)'; export CC; HARDENED='$(HARDENED)'; export HARDENED; \
	RTFS_WORKER='$(abs_top_builddir)/rtfs-worker'; export RTFS_WORKER; \
	HOSTILE_WORKER='$(abs_top_builddir)/tests/hostile/worker'; \
	export HOSTILE_WORKER; \
	FAULTY_WORKER='$(abs_top_builddir)/tests/faults/worker'; \
	export FAULTY_WORKER;
# Built by tests/bench/pool.
EXTRA_PROGRAMS += tests/bench/pool_bench
tests_bench_pool_bench_SOURCES = tests/bench/pool_bench.c
tests_bench_pool_bench_LDADD = src/pool/libpool.a $(worker_libs) $(lang_libs) $(SECCOMP_LIBS)
check_PROGRAMS += tests/hostile/worker
tests_hostile_worker_SOURCES = tests/hostile/worker.c
tests_hostile_worker_LDADD = $(worker_libs) $(values_libs)
check_PROGRAMS += tests/e2e/framed/framed
tests_e2e_framed_framed_SOURCES = tests/e2e/framed/framed.c
check_PROGRAMS += tests/hostile/attack
tests_hostile_attack_SOURCES = tests/hostile/attack.c tests/hostile/attack.h \
	tests/hostile/ends.c tests/hostile/files.c tests/hostile/ipc.c \
	tests/hostile/memory.c tests/hostile/network.c \
	tests/hostile/processes.c tests/hostile/rights.c \
	tests/hostile/syscalls.c
# The same anywhere, also where no library is: in a sandbox, in a machine of
# its own; and not moved, so that a victim is where the attacker looks.
tests_hostile_attack_CFLAGS = $(WARN_CFLAGS) -std=gnu11 -O1 -fno-pie
tests_hostile_attack_LDFLAGS = -static -no-pie
check_PROGRAMS += tests/e2e/pty
tests_e2e_pty_SOURCES = tests/e2e/pty.c
EXTRA_PROGRAMS += tests/bench/vm-bench
tests_bench_vm_bench_SOURCES = tests/bench/vm_bench.c
tests_bench_vm_bench_LDADD = $(rtfs_libs)
TEST_EXTENSIONS = .sh
SH_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
TESTS += %D%/check-dist.sh %D%/check-docs.sh %D%/check-hardening.sh \
	%D%/check-headers.sh %D%/check-layers.sh %D%/lang.sh
# What check-valgrind runs: not what needs its own descriptors and limits, which
# valgrind 3.19 does not leave to a program.
VALGRIND_TESTS = tests/lang.sh tests/fuzz.sh
# What it does not know of the kernel.
valgrind_kernel = tests/valgrind/kernel.so
check_DATA = $(valgrind_kernel)
CLEANFILES += $(valgrind_kernel)
EXTRA_DIST += tests/valgrind.sh tests/valgrind/kernel.c
$(valgrind_kernel): tests/valgrind/kernel.c
	$(AM_V_CC)$(MKDIR_P) tests/valgrind && $(CC) -D_GNU_SOURCE \
	    $(WARN_CFLAGS) -O1 -g -shared -fPIC -o $@ \
	    $(top_srcdir)/tests/valgrind/kernel.c -ldl
TESTS += tests/valgrind.sh
EXTRA_DIST += %D%/README.md %D%/lint.sh %D%/unit/unit.h
EXTRA_DIST += \
	tests/e2e/http/server.c \
	tests/bench/batch.sh \
	tests/bench/lang.sh \
	tests/bench/sandbox.sh \
	tests/bench/stopwatch.c \
	tests/bench/lang/deep.rtfs \
	tests/bench/lang/exc-error.rtfs \
	tests/bench/lang/exc.rtfs \
	tests/bench/lang/fib.rtfs \
	tests/bench/lang/hof.rtfs \
	tests/bench/lang/loop.rtfs \
	tests/bench/lang/map.rtfs \
	tests/bench/lang/mfr.rtfs \
	tests/bench/lang/nested.rtfs \
	tests/bench/lang/report.awk \
	tests/bench/lang/sort.rtfs \
	tests/bench/lang/str.rtfs \
	tests/bench/lang/suite.lua \
	tests/bench/lang/tak.rtfs \
	tests/bench/guard_loop.c \
	tests/bench/lang/targets \
	tests/bench/memory.sh \
	tests/bench/pool \
	tests/bench/run \
	tests/bench/relay.c \
	tests/bench/spawn.c \
	tests/bench/tasks.sh \
	tests/check-dist.sh \
	tests/check-docs.sh \
	tests/check-hardening.sh \
	tests/check-headers.sh \
	tests/check-layers.sh \
	tests/conformance \
	tests/e2e/batch-options.sh \
	tests/e2e/batch-hostile.sh \
	tests/e2e/batch-run.sh \
	tests/e2e/batch-terminal.sh \
	tests/e2e/batch-compat.sh \
	tests/e2e/batch-full.sh \
	tests/e2e/batch-input.sh \
	tests/e2e/batch-man.sh \
	tests/e2e/batch-readme.sh \
	tests/e2e/builtins.sh \
	tests/e2e/cgroup.sh \
	tests/e2e/check.sh \
	tests/e2e/cli.sh \
	tests/e2e/completion.sh \
	tests/e2e/container.sh \
	tests/e2e/dashboard.sh \
	tests/e2e/degraded.sh \
	tests/e2e/determinism.sh \
	tests/e2e/document.sh \
	tests/e2e/document/api.sh \
	tests/e2e/document/capabilities.rtfs \
	tests/e2e/document/error-block.rtfs \
	tests/e2e/document/fallback.rtfs \
	tests/e2e/document/main.rtfs \
	tests/e2e/document/success-block.rtfs \
	tests/e2e/document/tasks.rtfs \
	tests/e2e/errors.sh \
	tests/e2e/fair.sh \
	tests/e2e/facilities.sh \
	tests/e2e/faults.sh \
	tests/e2e/faults/capabilities.rtfs \
	tests/e2e/files.sh \
	tests/e2e/framed.sh \
	tests/e2e/framed/capabilities.rtfs \
	tests/e2e/grants.sh \
	tests/e2e/holes.sh \
	tests/e2e/http.sh \
	tests/e2e/interrupt.sh \
	tests/e2e/isolation.sh \
	tests/e2e/landlock.sh \
	tests/e2e/limits.sh \
	tests/e2e/limits/bigfile.sh \
	tests/e2e/limits/capabilities.rtfs \
	tests/e2e/limits/deaf.sh \
	tests/e2e/limits/eat.sh \
	tests/e2e/limits/exit.sh \
	tests/e2e/limits/flood.sh \
	tests/e2e/limits/killall.sh \
	tests/e2e/limits/noexec.sh \
	tests/e2e/limits/nointerp.sh \
	tests/e2e/limits/say.sh \
	tests/e2e/limits/setsid.sh \
	tests/e2e/limits/signal.sh \
	tests/e2e/limits/spin.sh \
	tests/e2e/limits/stderr.sh \
	tests/e2e/limits/stop.sh \
	tests/e2e/limits/ulimit.sh \
	tests/e2e/man.sh \
	tests/e2e/many.sh \
	tests/e2e/modules.sh \
	tests/e2e/nobody.sh \
	tests/e2e/orphans.sh \
	tests/e2e/slow.sh \
	tests/e2e/plugin.sh \
	tests/e2e/plugin/bad.c \
	tests/e2e/plugin/early.c \
	tests/e2e/plugin/good.c \
	tests/e2e/policies.sh \
	tests/e2e/policies/capabilities.rtfs \
	tests/e2e/policy.sh \
	tests/e2e/policy/capabilities.rtfs \
	tests/e2e/policy_verbs.sh \
	tests/e2e/readme.sh \
	tests/e2e/refused.sh \
	tests/e2e/repl.sh \
	tests/e2e/robust.sh \
	tests/e2e/secrets.sh \
	tests/e2e/situations.sh \
	tests/e2e/shortage.sh \
	tests/e2e/subjects.sh \
	tests/e2e/tap.sh \
	tests/e2e/trace_denied.sh \
	tests/e2e/watch.sh \
	tests/hostile/container.sh \
	tests/hostile/hostile.sh \
	tests/hostile/nobody.sh \
	tests/hostile/treeless.sh \
	tests/vm/clock.sh \
	tests/vm/init \
	tests/vm/run \
	tests/vm/suite \
	tests/lang.sh \
	tests/lang/collections.test \
	tests/lang/compare.test \
	tests/lang/coverage.sh \
	tests/lang/data.test \
	tests/lang/errors.test \
	tests/lang/format.test \
	tests/lang/forms.test \
	tests/lang/functions.test \
	tests/lang/iteration.test \
	tests/lang/mixed.test \
	tests/lang/numbers.test \
	tests/lang/predicates.test \
	tests/lang/regex.test \
	tests/lang/sequences.test \
	tests/lang/strings.test \
	tests/lang/tasks.test \
	tests/unit/builtin_call.h \
	tests/unit/http_server.h \
	tests/unit/langcase.h \
	tests/unit/rig.h \
	tests/unit/super.h \
	tests/unit/value_unit.h

if HAVE_CUNIT
check_PROGRAMS += tests/unit/base64
TESTS += tests/unit/base64
VALGRIND_TESTS += tests/unit/base64
tests_unit_base64_SOURCES = tests/unit/base64.c
tests_unit_base64_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/batch_options
TESTS += tests/unit/batch_options
VALGRIND_TESTS += tests/unit/batch_options
tests_unit_batch_options_SOURCES = tests/unit/batch_options.c
tests_unit_batch_options_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/batch_run
TESTS += tests/unit/batch_run
tests_unit_batch_run_SOURCES = tests/unit/batch_run.c
tests_unit_batch_run_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/batch_template
TESTS += tests/unit/batch_template
VALGRIND_TESTS += tests/unit/batch_template
tests_unit_batch_template_SOURCES = tests/unit/batch_template.c
tests_unit_batch_template_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/batch_csv
TESTS += tests/unit/batch_csv
VALGRIND_TESTS += tests/unit/batch_csv
tests_unit_batch_csv_SOURCES = tests/unit/batch_csv.c
tests_unit_batch_csv_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/batch_nowait
TESTS += tests/unit/batch_nowait
VALGRIND_TESTS += tests/unit/batch_nowait
tests_unit_batch_nowait_SOURCES = tests/unit/batch_nowait.c
tests_unit_batch_nowait_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/batch_source
TESTS += tests/unit/batch_source
VALGRIND_TESTS += tests/unit/batch_source
tests_unit_batch_source_SOURCES = tests/unit/batch_source.c
tests_unit_batch_source_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/builtin
TESTS += tests/unit/builtin
VALGRIND_TESTS += tests/unit/builtin
tests_unit_builtin_SOURCES = tests/unit/builtin.c
tests_unit_builtin_LDADD = $(workers_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/capture
TESTS += tests/unit/capture
VALGRIND_TESTS += tests/unit/capture
tests_unit_capture_SOURCES = tests/unit/capture.c
tests_unit_capture_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/cgroup
TESTS += tests/unit/cgroup
tests_unit_cgroup_SOURCES = tests/unit/cgroup.c
tests_unit_cgroup_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/check
TESTS += tests/unit/check
VALGRIND_TESTS += tests/unit/check
tests_unit_check_SOURCES = tests/unit/check.c
tests_unit_check_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/closure
TESTS += tests/unit/closure
VALGRIND_TESTS += tests/unit/closure
tests_unit_closure_SOURCES = tests/unit/closure.c
tests_unit_closure_LDADD = $(workers_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/codec
TESTS += tests/unit/codec
VALGRIND_TESTS += tests/unit/codec
tests_unit_codec_SOURCES = tests/unit/codec.c
tests_unit_codec_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/conformance
tests_unit_conformance_SOURCES = tests/unit/conformance.c
tests_unit_conformance_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/core
TESTS += tests/unit/core
VALGRIND_TESTS += tests/unit/core
tests_unit_core_SOURCES = tests/unit/core.c
tests_unit_core_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/equal
TESTS += tests/unit/equal
VALGRIND_TESTS += tests/unit/equal
tests_unit_equal_SOURCES = tests/unit/equal.c
tests_unit_equal_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/errval
TESTS += tests/unit/errval
VALGRIND_TESTS += tests/unit/errval
tests_unit_errval_SOURCES = tests/unit/errval.c
tests_unit_errval_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/fairness
TESTS += tests/unit/fairness
VALGRIND_TESTS += tests/unit/fairness
tests_unit_fairness_SOURCES = tests/unit/fairness.c
tests_unit_fairness_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
# The linker puts tests/faults/fault.c between these and libc.
fault_ldflags = -Wl,--wrap=socketpair,--wrap=pipe2,--wrap=fcntl \
	-Wl,--wrap=memfd_create,--wrap=ftruncate,--wrap=mmap,--wrap=madvise \
	-Wl,--wrap=epoll_create1,--wrap=epoll_ctl,--wrap=signalfd \
	-Wl,--wrap=posix_spawn,--wrap=sendmsg,--wrap=recvmsg,--wrap=read \
	-Wl,--wrap=write,--wrap=pwrite,--wrap=writev,--wrap=poll,--wrap=ppoll \
	-Wl,--wrap=waitid,--wrap=wait4,--wrap=open,--wrap=syscall \
	-Wl,--wrap=fork,--wrap=execve,--wrap=prlimit,--wrap=eventfd \
	-Wl,--wrap=dup2,--wrap=dup3,--wrap=unshare,--wrap=setns,--wrap=mount \
	-Wl,--wrap=umount2,--wrap=mkdir,--wrap=mkdirat,--wrap=mknodat \
	-Wl,--wrap=symlinkat,--wrap=fchmodat,--wrap=chdir,--wrap=fchdir \
	-Wl,--wrap=sethostname,--wrap=setgroups,--wrap=setresuid \
	-Wl,--wrap=setresgid,--wrap=flock,--wrap=pread,--wrap=openat \
	-Wl,--wrap=prctl
check_PROGRAMS += tests/unit/faults tests/faults/worker
TESTS += tests/unit/faults
VALGRIND_TESTS += tests/unit/faults
tests_unit_faults_SOURCES = tests/unit/faults.c tests/faults/fault.c \
	tests/faults/fault.h
tests_unit_faults_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
tests_unit_faults_LDFLAGS = $(AM_LDFLAGS) $(fault_ldflags)
tests_faults_worker_SOURCES = workers/main.c workers/image_core.c \
	tests/faults/worker.c tests/faults/fault.c tests/faults/fault.h
tests_faults_worker_LDADD = $(workers_libs)
tests_faults_worker_LDFLAGS = $(AM_LDFLAGS) $(STATIC_PIE_LDFLAGS) \
	$(fault_ldflags)
check_PROGRAMS += tests/unit/forkserver
TESTS += tests/unit/forkserver
VALGRIND_TESTS += tests/unit/forkserver
tests_unit_forkserver_SOURCES = tests/unit/forkserver.c
tests_unit_forkserver_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/next_run
TESTS += tests/unit/next_run
VALGRIND_TESTS += tests/unit/next_run
tests_unit_next_run_SOURCES = tests/unit/next_run.c
tests_unit_next_run_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/frame
TESTS += tests/unit/frame
VALGRIND_TESTS += tests/unit/frame
tests_unit_frame_SOURCES = tests/unit/frame.c
tests_unit_frame_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/heap
TESTS += tests/unit/heap
VALGRIND_TESTS += tests/unit/heap
tests_unit_heap_SOURCES = tests/unit/heap.c
tests_unit_heap_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/hostile
TESTS += tests/unit/hostile
VALGRIND_TESTS += tests/unit/hostile
tests_unit_hostile_SOURCES = tests/unit/hostile.c
tests_unit_hostile_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/http
TESTS += tests/unit/http
VALGRIND_TESTS += tests/unit/http
tests_unit_http_SOURCES = tests/unit/http.c workers/builtin_http.c workers/http.c workers/http_options.c
tests_unit_http_LDADD = $(workers_libs) $(CURL_LIBS) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/image
TESTS += tests/unit/image
VALGRIND_TESTS += tests/unit/image
tests_unit_image_SOURCES = tests/unit/image.c
tests_unit_image_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/json
TESTS += tests/unit/json
VALGRIND_TESTS += tests/unit/json
tests_unit_json_SOURCES = tests/unit/json.c
tests_unit_json_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/langtest
tests_unit_langtest_SOURCES = tests/unit/langtest.c
tests_unit_langtest_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/list
TESTS += tests/unit/list
VALGRIND_TESTS += tests/unit/list
tests_unit_list_SOURCES = tests/unit/list.c
tests_unit_list_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/loop
TESTS += tests/unit/loop
VALGRIND_TESTS += tests/unit/loop
tests_unit_loop_SOURCES = tests/unit/loop.c
tests_unit_loop_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/map
TESTS += tests/unit/map
VALGRIND_TESTS += tests/unit/map
tests_unit_map_SOURCES = tests/unit/map.c
tests_unit_map_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/marshal
TESTS += tests/unit/marshal
VALGRIND_TESTS += tests/unit/marshal
tests_unit_marshal_SOURCES = tests/unit/marshal.c
tests_unit_marshal_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/memfile
TESTS += tests/unit/memfile
VALGRIND_TESTS += tests/unit/memfile
tests_unit_memfile_SOURCES = tests/unit/memfile.c
tests_unit_memfile_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/modules
TESTS += tests/unit/modules
VALGRIND_TESTS += tests/unit/modules
tests_unit_modules_SOURCES = tests/unit/modules.c
tests_unit_modules_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/name
TESTS += tests/unit/name
VALGRIND_TESTS += tests/unit/name
tests_unit_name_SOURCES = tests/unit/name.c
tests_unit_name_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/number
TESTS += tests/unit/number
VALGRIND_TESTS += tests/unit/number
tests_unit_number_SOURCES = tests/unit/number.c
tests_unit_number_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/policy
TESTS += tests/unit/policy
VALGRIND_TESTS += tests/unit/policy
tests_unit_policy_SOURCES = tests/unit/policy.c
tests_unit_policy_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/policy_review
TESTS += tests/unit/policy_review
VALGRIND_TESTS += tests/unit/policy_review
tests_unit_policy_review_SOURCES = tests/unit/policy_review.c
tests_unit_policy_review_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/pool
TESTS += tests/unit/pool
VALGRIND_TESTS += tests/unit/pool
tests_unit_pool_SOURCES = tests/unit/pool.c tests/unit/pool_rig.h
tests_unit_pool_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/pool_faults
TESTS += tests/unit/pool_faults
VALGRIND_TESTS += tests/unit/pool_faults
tests_unit_pool_faults_SOURCES = tests/unit/pool_faults.c tests/unit/pool_rig.h
tests_unit_pool_faults_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/pool_order
TESTS += tests/unit/pool_order
VALGRIND_TESTS += tests/unit/pool_order
tests_unit_pool_order_SOURCES = tests/unit/pool_order.c tests/unit/pool_rig.h
tests_unit_pool_order_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/pool_texts
TESTS += tests/unit/pool_texts
tests_unit_pool_texts_SOURCES = tests/unit/pool_texts.c tests/unit/rig.h
tests_unit_pool_texts_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/promises
TESTS += tests/unit/promises
VALGRIND_TESTS += tests/unit/promises
tests_unit_promises_SOURCES = tests/unit/promises.c
tests_unit_promises_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/printer
TESTS += tests/unit/printer
VALGRIND_TESTS += tests/unit/printer
tests_unit_printer_SOURCES = tests/unit/printer.c
tests_unit_printer_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/reader
TESTS += tests/unit/reader
VALGRIND_TESTS += tests/unit/reader
tests_unit_reader_SOURCES = tests/unit/reader.c
tests_unit_reader_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/redact
TESTS += tests/unit/redact
VALGRIND_TESTS += tests/unit/redact
tests_unit_redact_SOURCES = tests/unit/redact.c
tests_unit_redact_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/registry
TESTS += tests/unit/registry
VALGRIND_TESTS += tests/unit/registry
tests_unit_registry_SOURCES = tests/unit/registry.c
tests_unit_registry_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/filter
TESTS += tests/unit/filter
tests_unit_filter_SOURCES = tests/unit/filter.c
tests_unit_filter_LDADD = $(rtfs_libs) $(CUNIT_LIBS)

check_PROGRAMS += tests/unit/resolve
TESTS += tests/unit/resolve
tests_unit_resolve_SOURCES = tests/unit/resolve.c
tests_unit_resolve_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/level
TESTS += tests/unit/level
tests_unit_level_SOURCES = tests/unit/level.c
tests_unit_level_LDADD = $(rtfs_libs) $(CUNIT_LIBS)

check_PROGRAMS += tests/unit/sandbox
TESTS += tests/unit/sandbox
tests_unit_sandbox_SOURCES = tests/unit/sandbox.c
tests_unit_sandbox_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/string
TESTS += tests/unit/string
VALGRIND_TESTS += tests/unit/string
tests_unit_string_SOURCES = tests/unit/string.c
tests_unit_string_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/taskproc
TESTS += tests/unit/taskproc
tests_unit_taskproc_SOURCES = tests/unit/taskproc.c
tests_unit_taskproc_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/timer
TESTS += tests/unit/timer
VALGRIND_TESTS += tests/unit/timer
tests_unit_timer_SOURCES = tests/unit/timer.c
tests_unit_timer_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/type
TESTS += tests/unit/type
VALGRIND_TESTS += tests/unit/type
tests_unit_type_SOURCES = tests/unit/type.c
tests_unit_type_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/units
TESTS += tests/unit/units
VALGRIND_TESTS += tests/unit/units
tests_unit_units_SOURCES = tests/unit/units.c
tests_unit_units_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/utf8
TESTS += tests/unit/utf8
VALGRIND_TESTS += tests/unit/utf8
tests_unit_utf8_SOURCES = tests/unit/utf8.c
tests_unit_utf8_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/vector
TESTS += tests/unit/vector
VALGRIND_TESTS += tests/unit/vector
tests_unit_vector_SOURCES = tests/unit/vector.c
tests_unit_vector_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/verdict
TESTS += tests/unit/verdict
VALGRIND_TESTS += tests/unit/verdict
tests_unit_verdict_SOURCES = tests/unit/verdict.c
tests_unit_verdict_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/vm
TESTS += tests/unit/vm
VALGRIND_TESTS += tests/unit/vm
tests_unit_vm_SOURCES = tests/unit/vm.c
tests_unit_vm_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
check_PROGRAMS += tests/unit/worker_states
TESTS += tests/unit/worker_states
VALGRIND_TESTS += tests/unit/worker_states
tests_unit_worker_states_SOURCES = tests/unit/worker_states.c
tests_unit_worker_states_LDADD = $(rtfs_libs) $(CUNIT_LIBS)
endif
TESTS += tests/e2e/batch-options.sh
TESTS += tests/e2e/batch-hostile.sh
TESTS += tests/e2e/batch-run.sh
TESTS += tests/e2e/batch-terminal.sh
TESTS += tests/hostile/container.sh tests/hostile/hostile.sh \
	tests/hostile/nobody.sh tests/hostile/treeless.sh
TESTS += tests/e2e/builtins.sh
TESTS += tests/e2e/cgroup.sh
TESTS += tests/e2e/check.sh
TESTS += tests/e2e/batch-compat.sh
TESTS += tests/e2e/batch-full.sh
TESTS += tests/e2e/batch-input.sh
TESTS += tests/e2e/batch-man.sh
TESTS += tests/e2e/batch-readme.sh
TESTS += tests/e2e/cli.sh
TESTS += tests/e2e/completion.sh
TESTS += tests/e2e/dashboard.sh
TESTS += tests/e2e/degraded.sh
TESTS += tests/e2e/determinism.sh
TESTS += tests/e2e/document.sh
TESTS += tests/e2e/errors.sh
TESTS += tests/e2e/fair.sh
TESTS += tests/e2e/facilities.sh
TESTS += tests/e2e/faults.sh
TESTS += tests/e2e/files.sh
TESTS += tests/e2e/framed.sh
TESTS += tests/e2e/grants.sh
TESTS += tests/e2e/holes.sh
TESTS += tests/e2e/http.sh
TESTS += tests/e2e/interrupt.sh
TESTS += tests/e2e/isolation.sh
TESTS += tests/e2e/landlock.sh
TESTS += tests/e2e/limits.sh
TESTS += tests/e2e/man.sh
TESTS += tests/e2e/many.sh
TESTS += tests/e2e/modules.sh
TESTS += tests/e2e/nobody.sh
TESTS += tests/e2e/orphans.sh
TESTS += tests/e2e/slow.sh
TESTS += tests/e2e/plugin.sh
TESTS += tests/e2e/policies.sh
TESTS += tests/e2e/policy.sh
TESTS += tests/e2e/policy_verbs.sh
TESTS += tests/e2e/readme.sh
TESTS += tests/e2e/refused.sh
TESTS += tests/e2e/repl.sh
TESTS += tests/e2e/robust.sh
TESTS += tests/e2e/secrets.sh
TESTS += tests/e2e/situations.sh
TESTS += tests/e2e/trace_denied.sh
TESTS += tests/e2e/shortage.sh
TESTS += tests/e2e/watch.sh
