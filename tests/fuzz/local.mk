# Fuzz harnesses.  make check replays the kept inputs through them; the
# fuzzers themselves need clang and are made by contrib/dev fuzz.
TESTS += tests/fuzz.sh
EXTRA_DIST += tests/fuzz.sh tests/fuzz/README.md tests/fuzz/corpus \
	tests/fuzz/rtfs.dict
fuzz_replay = tests/fuzz/replay.c tests/fuzz/fuzz.h
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer

check_PROGRAMS += tests/fuzz/replay-check
tests_fuzz_replay_check_SOURCES = tests/fuzz/check.c $(fuzz_replay)
tests_fuzz_replay_check_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-check
tests_fuzz_fuzz_check_SOURCES = tests/fuzz/check.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_check_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_check_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-codec
tests_fuzz_replay_codec_SOURCES = tests/fuzz/codec.c $(fuzz_replay)
tests_fuzz_replay_codec_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-codec
tests_fuzz_fuzz_codec_SOURCES = tests/fuzz/codec.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_codec_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_codec_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-csv
tests_fuzz_replay_csv_SOURCES = tests/fuzz/csv.c $(fuzz_replay)
tests_fuzz_replay_csv_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-csv
tests_fuzz_fuzz_csv_SOURCES = tests/fuzz/csv.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_csv_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_csv_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-image
tests_fuzz_replay_image_SOURCES = tests/fuzz/image.c $(fuzz_replay)
tests_fuzz_replay_image_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-image
tests_fuzz_fuzz_image_SOURCES = tests/fuzz/image.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_image_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_image_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-json
tests_fuzz_replay_json_SOURCES = tests/fuzz/json.c $(fuzz_replay)
tests_fuzz_replay_json_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/json.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_json_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_json_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-jsonl
tests_fuzz_replay_jsonl_SOURCES = tests/fuzz/jsonl.c $(fuzz_replay)
tests_fuzz_replay_jsonl_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-jsonl
tests_fuzz_fuzz_jsonl_SOURCES = tests/fuzz/jsonl.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_jsonl_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_jsonl_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-manifest
tests_fuzz_replay_manifest_SOURCES = tests/fuzz/manifest.c $(fuzz_replay)
tests_fuzz_replay_manifest_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-manifest
tests_fuzz_fuzz_manifest_SOURCES = tests/fuzz/manifest.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_manifest_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_manifest_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-policy
tests_fuzz_replay_policy_SOURCES = tests/fuzz/policy.c $(fuzz_replay)
tests_fuzz_replay_policy_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-policy
tests_fuzz_fuzz_policy_SOURCES = tests/fuzz/policy.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_policy_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_policy_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-program
tests_fuzz_replay_program_SOURCES = tests/fuzz/program.c $(fuzz_replay)
tests_fuzz_replay_program_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-program
tests_fuzz_fuzz_program_SOURCES = tests/fuzz/program.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_program_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_program_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-reader
tests_fuzz_replay_reader_SOURCES = tests/fuzz/reader.c $(fuzz_replay)
tests_fuzz_replay_reader_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-reader
tests_fuzz_fuzz_reader_SOURCES = tests/fuzz/reader.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_reader_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_reader_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-roundtrip
tests_fuzz_replay_roundtrip_SOURCES = tests/fuzz/roundtrip.c $(fuzz_replay)
tests_fuzz_replay_roundtrip_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-roundtrip
tests_fuzz_fuzz_roundtrip_SOURCES = tests/fuzz/roundtrip.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_roundtrip_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_roundtrip_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-template
tests_fuzz_replay_template_SOURCES = tests/fuzz/template.c $(fuzz_replay)
tests_fuzz_replay_template_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-template
tests_fuzz_fuzz_template_SOURCES = tests/fuzz/template.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_template_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_template_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += tests/fuzz/replay-type
tests_fuzz_replay_type_SOURCES = tests/fuzz/type.c $(fuzz_replay)
tests_fuzz_replay_type_LDADD = $(rtfs_libs)
EXTRA_PROGRAMS += tests/fuzz/fuzz-type
tests_fuzz_fuzz_type_SOURCES = tests/fuzz/type.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_type_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_type_LDFLAGS = $(fuzz_ldflags)

# Peers that are no processes: see tests/fuzz/pool.c.
fuzz_pool_wrap = -Wl,--wrap=socketpair,--wrap=posix_spawn,--wrap=waitid \
	-Wl,--wrap=waitpid,--wrap=kill,--wrap=poll,--wrap=syscall \
	-Wl,--wrap=clock_mono
check_PROGRAMS += tests/fuzz/replay-pool
tests_fuzz_replay_pool_SOURCES = tests/fuzz/pool.c tests/fuzz/pool_kernel.h \
	$(fuzz_replay)
tests_fuzz_replay_pool_LDADD = $(rtfs_libs)
tests_fuzz_replay_pool_LDFLAGS = $(AM_LDFLAGS) $(fuzz_pool_wrap)
EXTRA_PROGRAMS += tests/fuzz/fuzz-pool
tests_fuzz_fuzz_pool_SOURCES = tests/fuzz/pool.c tests/fuzz/pool_kernel.h \
	tests/fuzz/fuzz.h
tests_fuzz_fuzz_pool_LDADD = $(rtfs_libs)
tests_fuzz_fuzz_pool_LDFLAGS = $(fuzz_ldflags) $(fuzz_pool_wrap)
