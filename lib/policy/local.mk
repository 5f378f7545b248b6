noinst_LIBRARIES += lib/policy/libpolicy.a
lib_policy_libpolicy_a_SOURCES = lib/policy/place.c lib/policy/place.h

check_PROGRAMS += tests/unit/test-place
TESTS += tests/unit/test-place
tests_unit_test_place_SOURCES = tests/unit/test-place.c
tests_unit_test_place_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_place_LDADD = lib/policy/libpolicy.a lib/base/libbase.a \
	$(CHECK_LIBS)
