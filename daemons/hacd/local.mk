# what this folder adds to the build
noinst_LIBRARIES += daemons/hacd/libhacd.a
daemons_hacd_libhacd_a_SOURCES = \
	daemons/hacd/events.c daemons/hacd/events.h \
	daemons/hacd/fences.c daemons/hacd/fences.h \
	daemons/hacd/port-agents.c daemons/hacd/port-agents.h \
	daemons/hacd/port-corosync.c daemons/hacd/port-corosync.h \
	daemons/hacd/port-disk.c daemons/hacd/port-disk.h \
	daemons/hacd/port-ipc.c daemons/hacd/port-ipc.h \
	daemons/hacd/query.c daemons/hacd/query.h \
	daemons/hacd/status.c daemons/hacd/status.h
daemons_hacd_libhacd_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/daemons/hacd \
	$(COROSYNC_CFLAGS) $(QB_CFLAGS) $(JANSSON_CFLAGS)
