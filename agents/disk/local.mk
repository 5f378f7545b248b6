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
hac_agent_disk_LDADD = lib/wire/libwire.a lib/base/libbase.a \
	$(PROTOBUF_LIBS) $(ZLIB_LIBS)

