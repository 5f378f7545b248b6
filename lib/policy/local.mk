noinst_LIBRARIES += lib/policy/libpolicy.a
lib_policy_libpolicy_a_SOURCES = \
	lib/policy/admission.c lib/policy/admission.h \
	lib/policy/bound.c lib/policy/bound.h \
	lib/policy/carve.h \
	lib/policy/choose.c lib/policy/choose.h \
	lib/policy/correct.c lib/policy/correct.h \
	lib/policy/exact.c \
	lib/policy/fill.c \
	lib/policy/fit.c lib/policy/fit.h \
	lib/policy/pace.c lib/policy/pace.h \
	lib/policy/planner.c lib/policy/planner.h \
	lib/policy/pool.h \
	lib/policy/recovery.c lib/policy/recovery.h \
	lib/policy/remedy.c \
	lib/policy/repair.c \
	lib/policy/reserve.c lib/policy/reserve.h \
	lib/policy/room.c lib/policy/room.h \
	lib/policy/slots.c lib/policy/slots.h

check_PROGRAMS += tests/unit/test-pace
TESTS += tests/unit/test-pace
tests_unit_test_pace_SOURCES = tests/unit/test-pace.c
tests_unit_test_pace_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_pace_LDADD = lib/policy/libpolicy.a lib/base/libbase.a \
	$(CHECK_LIBS)

# of plans and admission control
policy_test_libs = lib/policy/libpolicy.a lib/base/libbase.a $(CHECK_LIBS)
SMALL_POOL = tests/unit/small-pool.c tests/unit/small-pool.h

check_PROGRAMS += tests/unit/test-plan-quality
TESTS += tests/unit/test-plan-quality
tests_unit_test_plan_quality_SOURCES = tests/unit/test-plan-quality.c \
	$(SMALL_POOL)
tests_unit_test_plan_quality_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_plan_quality_LDADD = $(policy_test_libs)

check_PROGRAMS += tests/unit/test-plan-choose
TESTS += tests/unit/test-plan-choose
tests_unit_test_plan_choose_SOURCES = tests/unit/test-plan-choose.c \
	$(SMALL_POOL)
tests_unit_test_plan_choose_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_plan_choose_LDADD = $(policy_test_libs)

check_PROGRAMS += tests/unit/test-plan-recovery
TESTS += tests/unit/test-plan-recovery
tests_unit_test_plan_recovery_SOURCES = tests/unit/test-plan-recovery.c \
	$(SMALL_POOL)
tests_unit_test_plan_recovery_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_plan_recovery_LDADD = $(policy_test_libs)

check_PROGRAMS += tests/unit/test-admission
TESTS += tests/unit/test-admission
tests_unit_test_admission_SOURCES = tests/unit/test-admission.c \
	$(SMALL_POOL)
tests_unit_test_admission_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_admission_LDADD = $(policy_test_libs)

check_PROGRAMS += tests/unit/test-plan-correct
TESTS += tests/unit/test-plan-correct
tests_unit_test_plan_correct_SOURCES = tests/unit/test-plan-correct.c \
	$(SMALL_POOL)
tests_unit_test_plan_correct_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_plan_correct_LDADD = $(policy_test_libs)
