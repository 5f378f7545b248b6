# the simulated world, and the scenario language that all runners share
noinst_LIBRARIES += lib/sim/libsim.a
lib_sim_libsim_a_SOURCES = \
	lib/sim/scenario.c lib/sim/scenario.h \
	lib/sim/scenario_cond.c lib/sim/scenario_cond.h \
	lib/sim/scenario_lex.c lib/sim/scenario_lex.h \
	lib/sim/scenario_words.c lib/sim/scenario_words.h

check_PROGRAMS += tests/unit/test-scenario
TESTS += tests/unit/test-scenario
tests_unit_test_scenario_SOURCES = tests/unit/test-scenario.c
tests_unit_test_scenario_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_scenario_LDADD = lib/sim/libsim.a lib/base/libbase.a $(CHECK_LIBS)
