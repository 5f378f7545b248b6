# what this folder adds to the build
pkglibexec_PROGRAMS += hac-agent-fence
hac_agent_fence_SOURCES = \
	agents/fence/child.c agents/fence/child.h \
	agents/fence/main.c \
	agents/fence/op.c agents/fence/op.h \
	agents/fence/param.c agents/fence/param.h
hac_agent_fence_CPPFLAGS = $(AM_CPPFLAGS)
hac_agent_fence_LDADD = agents/common/libagent.a lib/wire/libwire.a lib/base/libbase.a \
	$(PROTOBUF_LIBS)

check_PROGRAMS += tests/unit/test-fence-agent
TESTS += tests/unit/test-fence-agent
tests_unit_test_fence_agent_SOURCES = tests/unit/test-fence-agent.c \
	$(TEST_HELPER)
tests_unit_test_fence_agent_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_fence_agent_LDADD = $(TEST_HELPER_LIBS)
dist_man_MANS += man/hac-agent-fence.8
