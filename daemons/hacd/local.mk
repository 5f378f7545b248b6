# hacd: everything but main.c is a library, so that tests can link it.
noinst_LIBRARIES += daemons/hacd/libhacd.a
daemons_hacd_libhacd_a_SOURCES = \
	daemons/hacd/agent-link.c daemons/hacd/agent-link.h \
	daemons/hacd/agents.c \
	daemons/hacd/alert.c daemons/hacd/alert.h \
	daemons/hacd/bodies.c daemons/hacd/bodies.h \
	daemons/hacd/boot.c daemons/hacd/boot.h \
	daemons/hacd/clock.c daemons/hacd/clock.h \
	daemons/hacd/crash.c daemons/hacd/crash.h \
	daemons/hacd/events.c daemons/hacd/events.h \
	daemons/hacd/execute.c \
	daemons/hacd/fences.c daemons/hacd/fences.h \
	daemons/hacd/hacd.c daemons/hacd/hacd.h \
	daemons/hacd/notify.c daemons/hacd/notify.h \
	daemons/hacd/ops.c daemons/hacd/ops.h \
	daemons/hacd/parser.c daemons/hacd/parser.h \
	daemons/hacd/port-agents.c daemons/hacd/port-agents.h \
	daemons/hacd/port-corosync.c daemons/hacd/port-corosync.h \
	daemons/hacd/port-disk.c daemons/hacd/port-disk.h \
	daemons/hacd/port-ipc.c daemons/hacd/port-ipc.h \
	daemons/hacd/query.c daemons/hacd/query.h \
	daemons/hacd/record.c daemons/hacd/record.h \
	daemons/hacd/policy.c daemons/hacd/policy.h \
	daemons/hacd/status.c daemons/hacd/status.h \
	daemons/hacd/tools.c daemons/hacd/tools.h
daemons_hacd_libhacd_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/daemons/hacd \
	$(COROSYNC_CFLAGS) $(QB_CFLAGS) $(JANSSON_CFLAGS)

hacd_libs = \
	daemons/hacd/libhacd.a \
	lib/conf/libconf.a \
	lib/wire/libwire.a \
	lib/core/libcore.a \
	lib/replica/libreplica.a \
	lib/policy/libpolicy.a \
	lib/model/libmodel.a \
	lib/base/libbase.a \
	$(COROSYNC_LIBS) $(QB_LIBS) $(PROTOBUF_LIBS) $(XML_LIBS) \
	$(JANSSON_LIBS) $(GCRYPT_LIBS) $(ZLIB_LIBS) -lpthread

sbin_PROGRAMS += daemons/hacd/hacd
daemons_hacd_hacd_SOURCES = daemons/hacd/main.c
daemons_hacd_hacd_CPPFLAGS = $(daemons_hacd_libhacd_a_CPPFLAGS)
daemons_hacd_hacd_LDADD = $(hacd_libs)
dist_man_MANS += man/hacd.8

# What hacd answers, and what hactl makes of it.
ASKED_CLUSTER = tests/unit/asked-cluster.c tests/unit/asked-cluster.h
check_PROGRAMS += tests/unit/test-query tests/unit/test-explain
TESTS += tests/unit/test-query tests/unit/test-explain
tests_unit_test_query_SOURCES = tests/unit/test-query.c $(ASKED_CLUSTER)
tests_unit_test_query_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) \
	-I$(top_srcdir)/tools/hactl -I$(top_srcdir)/daemons/hacd \
	$(JANSSON_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_query_LDADD = daemons/hacd/libhacd.a $(hactl_libs) $(CHECK_LIBS)
tests_unit_test_explain_SOURCES = tests/unit/test-explain.c $(ASKED_CLUSTER)
tests_unit_test_explain_CPPFLAGS = $(tests_unit_test_query_CPPFLAGS)
tests_unit_test_explain_LDADD = $(tests_unit_test_query_LDADD)

# What hactl simulate says would happen, and what does.
check_PROGRAMS += tests/unit/test-whatif
TESTS += tests/unit/test-whatif
tests_unit_test_whatif_SOURCES = tests/unit/test-whatif.c
tests_unit_test_whatif_CPPFLAGS = $(tests_unit_test_query_CPPFLAGS)
tests_unit_test_whatif_LDADD = daemons/hacd/libhacd.a $(hactl_libs) $(CHECK_LIBS)

# lib/client against the port.
check_PROGRAMS += tests/unit/test-ipc
TESTS += tests/unit/test-ipc
tests_unit_test_ipc_SOURCES = tests/unit/test-ipc.c $(TEST_HELPER)
tests_unit_test_ipc_CPPFLAGS = $(AM_CPPFLAGS) $(QB_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_ipc_LDADD = daemons/hacd/libhacd.a lib/client/libclient.a \
	$(TEST_HELPER_LIBS) $(QB_LIBS)

# One life after the other, ended by real signals.
check_PROGRAMS += tests/unit/test-crash
TESTS += tests/unit/test-crash
tests_unit_test_crash_SOURCES = tests/unit/test-crash.c $(TEST_HELPER)
tests_unit_test_crash_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/daemons/hacd \
	$(CHECK_CFLAGS)
tests_unit_test_crash_LDADD = $(hacd_libs) $(TEST_HELPER_LIBS)

# The ports to agents, with real ones.
check_PROGRAMS += tests/unit/test-ports
TESTS += tests/unit/test-ports
tests_unit_test_ports_SOURCES = tests/unit/test-ports.c $(TEST_HELPER)
tests_unit_test_ports_CPPFLAGS = $(AM_CPPFLAGS) $(QB_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_ports_LDADD = daemons/hacd/libhacd.a $(TEST_HELPER_LIBS) \
	$(QB_LIBS)

# Breaks hacd in the lab: run by tests/lab/fault.
check_PROGRAMS += tests/lab/hostile-peer
tests_lab_hostile_peer_SOURCES = tests/lab/hostile-peer.c
tests_lab_hostile_peer_CPPFLAGS = $(AM_CPPFLAGS) $(COROSYNC_CFLAGS)
tests_lab_hostile_peer_LDADD = lib/wire/libwire.a lib/base/libbase.a \
	$(COROSYNC_LIBS) $(PROTOBUF_LIBS)
EXTRA_DIST += tests/lab/fault
