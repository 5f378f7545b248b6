# the simulated world, and the scenario language that all runners share
noinst_LIBRARIES += lib/sim/libsim.a
lib_sim_libsim_a_SOURCES = \
	lib/sim/admin.c \
	lib/sim/disk.c lib/sim/disk.h \
	lib/sim/hacd.c \
	lib/sim/hyper.c lib/sim/hyper.h \
	lib/sim/net.c lib/sim/net.h \
	lib/sim/oracle.c lib/sim/oracle.h \
	lib/sim/pend.c lib/sim/pend.h \
	lib/sim/power.c lib/sim/power.h \
	lib/sim/ring.c lib/sim/ring.h \
	lib/sim/run.c lib/sim/run.h \
	lib/sim/run_cond.c \
	lib/sim/scenario.c lib/sim/scenario.h \
	lib/sim/scenario_cond.c lib/sim/scenario_cond.h \
	lib/sim/scenario_lex.c lib/sim/scenario_lex.h \
	lib/sim/scenario_words.c lib/sim/scenario_words.h \
	lib/sim/swarm.c lib/sim/swarm.h \
	lib/sim/swarm_config.c lib/sim/swarm_config.h \
	lib/sim/world.c lib/sim/world.h \
	lib/sim/worldlog.c lib/sim/worldlog.h \
	lib/sim/run_priv.h \
	lib/sim/world_api.h

check_PROGRAMS += tests/unit/test-scenario
TESTS += tests/unit/test-scenario
tests_unit_test_scenario_SOURCES = tests/unit/test-scenario.c
tests_unit_test_scenario_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_scenario_LDADD = lib/sim/libsim.a lib/base/libbase.a $(CHECK_LIBS)
