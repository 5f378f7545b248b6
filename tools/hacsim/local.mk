# the simulator's program
bin_PROGRAMS += hacsim
hacsim_SOURCES = tools/hacsim/args.c tools/hacsim/attempt.c \
	tools/hacsim/attempt.h tools/hacsim/bench.c tools/hacsim/bench.h \
	tools/hacsim/bench-step.c \
	tools/hacsim/cib.c tools/hacsim/cib.h tools/hacsim/exhaust.c \
	tools/hacsim/golden.c tools/hacsim/golden.h tools/hacsim/main.c \
	tools/hacsim/made-pool.c tools/hacsim/made-pool.h \
	tools/hacsim/replay.c tools/hacsim/run.c \
	tools/hacsim/shrink.c tools/hacsim/swarm.c tools/hacsim/what-if.c \
	tools/hacsim/hacsim.h
hacsim_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools/hactl $(JANSSON_CFLAGS)
hacsim_LDADD = $(hactl_libs)
sim_libs = lib/sim/libsim.a lib/conf/libconf.a lib/wire/libwire.a \
	lib/core/libcore.a lib/policy/libpolicy.a lib/model/libmodel.a \
	lib/replica/libreplica.a lib/base/libbase.a $(PROTOBUF_LIBS) \
	$(XML_LIBS) $(GCRYPT_LIBS) $(ZLIB_LIBS)
EXTRA_DIST += tests/scenario
dist_man_MANS += man/scenario.5
