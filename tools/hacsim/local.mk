# the simulator's program
bin_PROGRAMS += hacsim
hacsim_SOURCES = tools/hacsim/main.c tools/hacsim/shrink.c \
	tools/hacsim/swarm.c tools/hacsim/hacsim.h
hacsim_LDADD = lib/sim/libsim.a lib/conf/libconf.a lib/core/libcore.a \
	lib/policy/libpolicy.a lib/model/libmodel.a lib/replica/libreplica.a \
	lib/base/libbase.a $(XML_LIBS) $(GCRYPT_LIBS)
EXTRA_DIST += tests/scenario
dist_man_MANS += man/scenario.5
