# the simulator's program
bin_PROGRAMS += hacsim
hacsim_SOURCES = tools/hacsim/main.c tools/hacsim/replay.c \
	tools/hacsim/shrink.c tools/hacsim/swarm.c tools/hacsim/hacsim.h
sim_libs = lib/sim/libsim.a lib/conf/libconf.a lib/wire/libwire.a \
	lib/core/libcore.a lib/policy/libpolicy.a lib/model/libmodel.a \
	lib/replica/libreplica.a lib/base/libbase.a $(PROTOBUF_LIBS) \
	$(XML_LIBS) $(GCRYPT_LIBS) $(ZLIB_LIBS)
hacsim_LDADD = $(sim_libs)
EXTRA_DIST += tests/scenario
dist_man_MANS += man/scenario.5
