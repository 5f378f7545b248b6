# what this folder adds to the build
pkglibexec_PROGRAMS += hac-agent-vm
hac_agent_vm_SOURCES = \
	agents/vm/dial.c agents/vm/dial.h \
	agents/vm/domains.c agents/vm/domains.h \
	agents/vm/guest.c agents/vm/guest.h \
	agents/vm/link.c agents/vm/link.h \
	agents/vm/main.c \
	agents/vm/memory.c agents/vm/memory.h \
	agents/vm/ops.c agents/vm/ops.h \
	agents/vm/pool.c agents/vm/pool.h \
	agents/vm/port.c agents/vm/port.h \
	agents/vm/probe.c agents/vm/probe.h \
	agents/vm/procs.c agents/vm/procs.h \
	agents/vm/readiness.c agents/vm/readiness.h \
	agents/vm/table.c agents/vm/table.h \
	agents/vm/uuid.c agents/vm/uuid.h \
	agents/vm/virt.c agents/vm/virt.h
hac_agent_vm_CPPFLAGS = $(AM_CPPFLAGS) $(LIBVIRT_CFLAGS) $(JANSSON_CFLAGS)
hac_agent_vm_LDADD = agents/common/libagent.a lib/wire/libwire.a lib/base/libbase.a \
	$(PROTOBUF_LIBS) $(LIBVIRT_LIBS) $(JANSSON_LIBS) -lpthread

# Needs root: run by tests/lab/agent-vm.sh, not by "make check".
check_PROGRAMS += tests/lab/agent-vm tests/lab/agent-guest
play_sources = tests/lab/play.c tests/lab/play.h
play_libs = lib/wire/libwire.a lib/base/libbase.a $(PROTOBUF_LIBS)
tests_lab_agent_vm_SOURCES = tests/lab/agent-vm.c $(play_sources)
tests_lab_agent_vm_LDADD = $(play_libs)
tests_lab_agent_guest_SOURCES = tests/lab/agent-guest.c $(play_sources)
tests_lab_agent_guest_LDADD = $(play_libs)
EXTRA_DIST += tests/lab/agent-vm.sh
dist_man_MANS += man/hac-agent-vm.8

check_PROGRAMS += tests/unit/test-guest
TESTS += tests/unit/test-guest
tests_unit_test_guest_SOURCES = tests/unit/test-guest.c $(TEST_HELPER) \
	agents/vm/guest.c
tests_unit_test_guest_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) \
	$(JANSSON_CFLAGS)
tests_unit_test_guest_LDADD = $(TEST_HELPER_LIBS) $(JANSSON_LIBS)

# fuzz_… are those of tests/local.mk.
check_PROGRAMS += tests/fuzz/fuzz-guest
if !FUZZ
TESTS += tests/fuzz/fuzz-guest
endif
tests_fuzz_fuzz_guest_SOURCES = tests/fuzz/fuzz-guest.c agents/vm/guest.c \
	$(fuzz_main)
tests_fuzz_fuzz_guest_CPPFLAGS = $(fuzz_cppflags) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_guest_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_guest_LDADD = lib/base/libbase.a $(JANSSON_LIBS)

check_PROGRAMS += tests/unit/test-dial
TESTS += tests/unit/test-dial
tests_unit_test_dial_SOURCES = tests/unit/test-dial.c $(TEST_HELPER) \
	agents/vm/dial.c
tests_unit_test_dial_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) \
	$(LIBVIRT_CFLAGS)
tests_unit_test_dial_LDADD = $(TEST_HELPER_LIBS) $(LIBVIRT_LIBS)

check_PROGRAMS += tests/unit/test-procs
TESTS += tests/unit/test-procs
tests_unit_test_procs_SOURCES = tests/unit/test-procs.c $(TEST_HELPER) \
	agents/vm/procs.c agents/vm/uuid.c
tests_unit_test_procs_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_procs_LDADD = $(TEST_HELPER_LIBS)
