# The tests that belong to no single folder. A unit test is declared in the
# local.mk of the folder it tests, as tests/unit/test-NOUN.c.

# What unit tests share.
TEST_HELPER = tests/unit/helper.c tests/unit/helper.h tests/unit/suite.h
TEST_HELPER_LIBS = lib/wire/libwire.a lib/base/libbase.a $(PROTOBUF_LIBS) \
	$(CHECK_LIBS)

# All that a test may want to know of this build.
AM_TESTS_ENVIRONMENT = \
	CC='$(CC)'; export CC; NM='$(NM)'; export NM; \
	SIZE='$(SIZE)'; export SIZE; \
	HEADER_FLAGS='$(DEFS) -I. $(AM_CPPFLAGS) $(CPPFLAGS) $(HEADER_CFLAGS)'; \
	export HEADER_FLAGS; \
	PROGRAMS='$(sbin_PROGRAMS) $(bin_PROGRAMS) $(sbin_SCRIPTS) $(pkglibexec_PROGRAMS)'; \
	export PROGRAMS; \
	ASAN_OPTIONS=$${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=1}; \
	export ASAN_OPTIONS; \
	UBSAN_OPTIONS=$${UBSAN_OPTIONS:-print_stacktrace=1}; \
	export UBSAN_OPTIONS; \
	HA_SAME_SEEDS=$${HA_SAME_SEEDS:-1-5}; export HA_SAME_SEEDS;
HEADER_CFLAGS = $(AM_CFLAGS) $(COROSYNC_CFLAGS) $(QB_CFLAGS) \
	$(LIBVIRT_CFLAGS) $(XML_CFLAGS) $(PROTOBUF_CFLAGS) $(JANSSON_CFLAGS) \
	$(CHECK_CFLAGS)

# Style, layers, budgets; the purity gate; headers alone; the man pages.
ONCE_TESTS += \
	tests/tidy/selftest \
	tests/tidy/tidy \
	tests/tidy/purity \
	tests/tidy/symbols \
	tests/tidy/headers \
	tests/tidy/manpages \
	tests/tidy/fields \
	tests/tidy/tables
TESTS += $(ONCE_TESTS)
EXTRA_DIST += $(ONCE_TESTS) \
	tests/tidy/layers.py \
	tests/tidy/pure.allow \
	tests/tidy/ratchet \
	tests/tidy/installed

.PHONY: tidy check-headers
tidy:
	@srcdir='$(srcdir)' $(srcdir)/tests/tidy/tidy '$(srcdir)'
check-headers: $(BUILT_SOURCES)
	@$(AM_TESTS_ENVIRONMENT) srcdir='$(srcdir)' $(srcdir)/tests/tidy/headers

# Every scenario in the simulator, the language word by word, and what runs it.
SCENARIO_TESTS = tests/scenarios tests/scenario-words tests/hacsim-replay \
	tests/hacsim-run tests/hacsim-what-if tests/exhaust tests/hacsim-bench
TESTS += $(SCENARIO_TESTS)
EXTRA_DIST += $(SCENARIO_TESTS)

# Which branches the tests take (./check coverage), and whether they notice
# when the core is broken: a sample; tests/mutate --all by hand. It makes builds
# of its own.
ONCE_TESTS += tests/mutate
EXTRA_DIST += tests/mutants.argued tests/coverage \
	tests/coverage.floor

# Whole Debian hosts in QEMU, by hand: too slow for ./check.
EXTRA_DIST += tests/debian/machines tests/debian/run tests/debian/README.md

# Figures, not tests: run by hand, as root; how times grow, by ./check swarm.
EXTRA_DIST += tests/bench/sim tests/bench/figures tests/bench/RESULTS.md
EXTRA_DIST += tests/bench/lab.py tests/bench/recover tests/bench/idle \
	tests/bench/vs-pacemaker tests/bench/what-if

# Fuzz targets: tests/fuzz/fuzz-X.c with its inputs in tests/fuzz/corpus/X/.
# As plain programs they replay those and some mutations; with --enable-fuzz
# they are libFuzzer's.
fuzz_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/tests/fuzz
noinst_HEADERS += tests/fuzz/fuzz.h
EXTRA_DIST += tests/fuzz/main.c
FUZZ_TARGETS = \
	tests/fuzz/fuzz-agent \
	tests/fuzz/fuzz-ipc \
	tests/fuzz/fuzz-peer \
	tests/fuzz/fuzz-record \
	tests/fuzz/fuzz-snapshot
EXTRA_DIST += tests/fuzz/corpus
if FUZZ
fuzz_main =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_main = tests/fuzz/main.c
fuzz_ldflags = $(AM_LDFLAGS)
TESTS += $(FUZZ_TARGETS)
endif
check_PROGRAMS += $(FUZZ_TARGETS)

fuzz_wire_libs = lib/wire/libwire.a lib/base/libbase.a $(PROTOBUF_LIBS)
tests_fuzz_fuzz_agent_SOURCES = tests/fuzz/fuzz-agent.c $(fuzz_main)
tests_fuzz_fuzz_agent_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_agent_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_agent_LDADD = $(fuzz_wire_libs)
tests_fuzz_fuzz_ipc_SOURCES = tests/fuzz/fuzz-ipc.c $(fuzz_main)
tests_fuzz_fuzz_ipc_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_ipc_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_ipc_LDADD = $(fuzz_wire_libs)
tests_fuzz_fuzz_peer_SOURCES = tests/fuzz/fuzz-peer.c $(fuzz_main)
tests_fuzz_fuzz_peer_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_peer_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_peer_LDADD = $(fuzz_wire_libs)
tests_fuzz_fuzz_snapshot_SOURCES = tests/fuzz/fuzz-snapshot.c $(fuzz_main)
tests_fuzz_fuzz_snapshot_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_snapshot_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_snapshot_LDADD = $(fuzz_wire_libs)
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz-record.c $(fuzz_main)
tests_fuzz_fuzz_record_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_record_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_record_LDADD = $(sim_libs)
