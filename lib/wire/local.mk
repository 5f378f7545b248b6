# what this folder adds to the build
noinst_LIBRARIES += lib/wire/libwire.a
lib_wire_libwire_a_SOURCES = \
	lib/wire/agent.c lib/wire/agent.h \
	lib/wire/am.h lib/wire/amsock.c \
	lib/wire/arena.c lib/wire/arena.h \
	lib/wire/codec.c lib/wire/codec.h \
	lib/wire/command.c \
	lib/wire/disk.c lib/wire/disk.h \
	lib/wire/entry.c \
	lib/wire/ipc.c lib/wire/ipc.h \
	lib/wire/peer.c lib/wire/peer.h \
	lib/wire/proto.c \
	lib/wire/record.c lib/wire/record.h \
	lib/wire/record_event.c lib/wire/record_event.h \
	lib/wire/recorder.c lib/wire/recorder.h \
	lib/wire/request.c lib/wire/request.h \
	lib/wire/rmsg.c \
	lib/wire/snapshot.c lib/wire/snapshot.h \
	lib/wire/state.c
nodist_lib_wire_libwire_a_SOURCES = lib/wire/hac.pb-c.h lib/wire/build.h

# What a flight record is made by: only the very same sources can replay it.
build_id_sources = $(lib_base_libbase_a_SOURCES) \
	$(lib_model_libmodel_a_SOURCES) $(lib_policy_libpolicy_a_SOURCES) \
	$(lib_replica_libreplica_a_SOURCES) $(lib_core_libcore_a_SOURCES) \
	$(lib_wire_libwire_a_SOURCES) $(lib_conf_libconf_a_SOURCES) \
	lib/wire/hac.proto
BUILT_SOURCES += lib/wire/build.h
CLEANFILES += lib/wire/build.h
lib/wire/build.h: $(build_id_sources)
	@$(MKDIR_P) lib/wire
	$(AM_V_GEN)id=`cd $(srcdir) && cat $(build_id_sources) | sha256sum` && \
		echo "$$id" | sed 's/^\(.\{16\}\).*/#define HA_BUILD_ID "\1"/' >$@
lib/wire/record.$(OBJEXT): lib/wire/build.h

BUILT_SOURCES += lib/wire/hac.pb-c.c lib/wire/hac.pb-c.h
CLEANFILES += lib/wire/hac.pb-c.c lib/wire/hac.pb-c.h
EXTRA_DIST += lib/wire/hac.proto
# proto.c includes the generated source, with the warnings off that it causes
lib/wire/proto.$(OBJEXT): lib/wire/hac.pb-c.c
lib/wire/hac.pb-c.c: $(top_srcdir)/lib/wire/hac.proto
	@$(MKDIR_P) lib/wire
	$(AM_V_GEN)$(PROTOC_C) --proto_path=$(top_srcdir)/lib/wire \
		--c_out=lib/wire hac.proto
lib/wire/hac.pb-c.h: lib/wire/hac.pb-c.c
	@test -f $@ || { rm -f $<; $(MAKE) $(AM_MAKEFLAGS) $<; }

WIRE_SAMPLE = tests/unit/wire-sample.c tests/unit/wire-sample.h
check_PROGRAMS += tests/unit/test-wire tests/unit/test-peer
TESTS += tests/unit/test-wire tests/unit/test-peer
tests_unit_test_wire_SOURCES = tests/unit/test-wire.c $(WIRE_SAMPLE)
tests_unit_test_wire_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_wire_LDADD = lib/wire/libwire.a lib/base/libbase.a \
	$(PROTOBUF_LIBS) $(CHECK_LIBS)
tests_unit_test_peer_SOURCES = tests/unit/test-peer.c $(WIRE_SAMPLE)
tests_unit_test_peer_CPPFLAGS = $(tests_unit_test_wire_CPPFLAGS)
tests_unit_test_peer_LDADD = $(tests_unit_test_wire_LDADD)
