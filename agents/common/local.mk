# what this folder adds to the build
noinst_LIBRARIES += agents/common/libagent.a
agents_common_libagent_a_SOURCES = agents/common/start.c agents/common/start.h
