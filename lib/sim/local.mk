# the simulated world, and the scenario language that all runners share
noinst_LIBRARIES += lib/sim/libsim.a
lib_sim_libsim_a_SOURCES = \
	lib/sim/admin.c lib/sim/admin.h \
	lib/sim/admin_config.c \
	lib/sim/admin_simulate.c \
	lib/sim/bmc.c lib/sim/bmc.h \
	lib/sim/clock.c lib/sim/clock.h \
	lib/sim/deeds.c \
	lib/sim/disk.c lib/sim/disk.h \
	lib/sim/draw.c lib/sim/draw.h \
	lib/sim/exhaust.c lib/sim/exhaust.h \
	lib/sim/exhaust_same.c lib/sim/exhaust_same.h \
	lib/sim/exhaust_story.c lib/sim/exhaust_story.h \
	lib/sim/hacd.c \
	lib/sim/host.h \
	lib/sim/hyper.c lib/sim/hyper.h \
	lib/sim/link.c lib/sim/link.h \
	lib/sim/net.c lib/sim/net.h \
	lib/sim/oracle.c lib/sim/oracle.h \
	lib/sim/oracle_rules.c \
	lib/sim/pend.c lib/sim/pend.h \
	lib/sim/plan.c lib/sim/plan_config.c lib/sim/plan_config.h \
	lib/sim/plan_part.c lib/sim/plan_rules.c lib/sim/plan.h \
	lib/sim/power.c lib/sim/power.h \
	lib/sim/qdevice.c lib/sim/qdevice.h \
	lib/sim/question.c lib/sim/question.h \
	lib/sim/record.c lib/sim/record.h \
	lib/sim/replay.c lib/sim/replay.h \
	lib/sim/resume.c lib/sim/resume.h \
	lib/sim/ring.c lib/sim/ring.h \
	lib/sim/run.c lib/sim/run.h \
	lib/sim/run_check.c lib/sim/run_cond.c \
	lib/sim/run_fault.c lib/sim/run_heal.c lib/sim/run_log.c \
	lib/sim/scenario.c lib/sim/scenario.h \
	lib/sim/scenario_cond.c lib/sim/scenario_cond.h \
	lib/sim/scenario_lex.c lib/sim/scenario_lex.h \
	lib/sim/scenario_words.c lib/sim/scenario_words.h \
	lib/sim/shrink.c lib/sim/shrink.h \
	lib/sim/swarm.c lib/sim/swarm.h \
	lib/sim/whatif.c lib/sim/whatif.h lib/sim/whatif_priv.h \
	lib/sim/whatif_start.c lib/sim/whatif_tell.c \
	lib/sim/world.c lib/sim/world.h \
	lib/sim/worldlog.c lib/sim/worldlog.h \
	lib/sim/run_priv.h \
	lib/sim/world_api.h

check_PROGRAMS += tests/unit/test-record
TESTS += tests/unit/test-record
tests_unit_test_record_SOURCES = tests/unit/test-record.c
tests_unit_test_record_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_record_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-scenario
TESTS += tests/unit/test-scenario
tests_unit_test_scenario_SOURCES = tests/unit/test-scenario.c
tests_unit_test_scenario_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_scenario_LDADD = lib/sim/libsim.a lib/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-plan
TESTS += tests/unit/test-plan
tests_unit_test_plan_SOURCES = tests/unit/test-plan.c
tests_unit_test_plan_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_plan_LDADD = lib/sim/libsim.a lib/conf/libconf.a \
	lib/policy/libpolicy.a lib/model/libmodel.a lib/base/libbase.a \
	$(XML_LIBS) $(GCRYPT_LIBS) $(CHECK_LIBS)

# Whether a yes of admission control holds.
check_PROGRAMS += tests/swarm/admission-swarm
TESTS += tests/swarm/admission-swarm
tests_swarm_admission_swarm_SOURCES = tests/swarm/admission-swarm.c \
	tests/swarm/tight.c tests/swarm/tight.h
tests_swarm_admission_swarm_LDADD = $(sim_libs)

# What the seeded swarm says and does.
SWARM_TESTS = tests/swarm/usage tests/swarm/same-trace
TESTS += $(SWARM_TESTS)
EXTRA_DIST += $(SWARM_TESTS)

# fuzz_… are those of tests/local.mk.
check_PROGRAMS += tests/fuzz/fuzz-scenario
if !FUZZ
TESTS += tests/fuzz/fuzz-scenario
endif
tests_fuzz_fuzz_scenario_SOURCES = tests/fuzz/fuzz-scenario.c $(fuzz_main)
tests_fuzz_fuzz_scenario_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_scenario_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_scenario_LDADD = lib/sim/libsim.a lib/base/libbase.a
