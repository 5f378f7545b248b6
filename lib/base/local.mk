noinst_LIBRARIES += lib/base/libbase.a
lib_base_libbase_a_SOURCES = \
	lib/base/buf.c lib/base/buf.h \
	lib/base/err.c lib/base/err.h \
	lib/base/fields.c lib/base/fields.h \
	lib/base/fd.c lib/base/fd.h \
	lib/base/ids.h lib/base/limits.h \
	lib/base/log.c lib/base/log.h \
	lib/base/rand.h \
	lib/base/time.c lib/base/time.h \
	lib/base/uuid.c lib/base/uuid.h

check_PROGRAMS += tests/unit/test-log
TESTS += tests/unit/test-log
tests_unit_test_log_SOURCES = tests/unit/test-log.c
tests_unit_test_log_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_log_LDADD = lib/base/libbase.a $(CHECK_LIBS)
