# what this folder adds to the build
pkglibexec_PROGRAMS += hac-agent-disk
hac_agent_disk_SOURCES = \
	agents/disk/bodies.c agents/disk/bodies.h \
	agents/disk/events.c agents/disk/events.h \
	agents/disk/files.c agents/disk/files.h \
	agents/disk/main.c \
	agents/disk/record.c agents/disk/record.h \
	agents/disk/store.c agents/disk/store.h
dist_man_MANS += man/hac-agent-disk.8
hac_agent_disk_LDADD = agents/common/libagent.a lib/wire/libwire.a lib/base/libbase.a \
	$(PROTOBUF_LIBS) $(ZLIB_LIBS)

check_PROGRAMS += tests/unit/test-store
TESTS += tests/unit/test-store
tests_unit_test_store_SOURCES = tests/unit/test-store.c $(TEST_HELPER) \
	agents/disk/files.c agents/disk/record.c agents/disk/store.c
tests_unit_test_store_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_store_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=fdatasync,--wrap=fsync,--wrap=read
tests_unit_test_store_LDADD = $(TEST_HELPER_LIBS) $(ZLIB_LIBS)

check_PROGRAMS += tests/unit/test-disk-agent
TESTS += tests/unit/test-disk-agent
tests_unit_test_disk_agent_SOURCES = tests/unit/test-disk-agent.c \
	$(TEST_HELPER)
tests_unit_test_disk_agent_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_disk_agent_LDADD = $(TEST_HELPER_LIBS)

# fuzz_… are those of tests/local.mk.
check_PROGRAMS += tests/fuzz/fuzz-store
if !FUZZ
TESTS += tests/fuzz/fuzz-store
endif
tests_fuzz_fuzz_store_SOURCES = tests/fuzz/fuzz-store.c $(fuzz_main) \
	agents/disk/files.c agents/disk/record.c agents/disk/store.c
tests_fuzz_fuzz_store_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_store_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_store_LDADD = lib/base/libbase.a $(ZLIB_LIBS)
