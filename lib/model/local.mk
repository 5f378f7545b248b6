noinst_LIBRARIES += lib/model/libmodel.a
lib_model_libmodel_a_SOURCES = \
	lib/model/admission.c lib/model/admission.h \
	lib/model/check.c lib/model/check.h \
	lib/model/check_admission.c \
	lib/model/check_fence.c \
	lib/model/check_order.c \
	lib/model/check_rules.c lib/model/check_rules.h \
	lib/model/check_sense.c \
	lib/model/check_storage.c \
	lib/model/check_ties.c \
	lib/model/check_unique.c \
	lib/model/check_vm.c \
	lib/model/config.c lib/model/config.h \
	lib/model/datastore.h \
	lib/model/errors.c lib/model/errors.h \
	lib/model/fence.h \
	lib/model/host.h \
	lib/model/network.h \
	lib/model/placement.h \
	lib/model/restart.h \
	lib/model/rule.h \
	lib/model/vm.h

check_PROGRAMS += tests/unit/test-model
TESTS += tests/unit/test-model
tests_unit_test_model_SOURCES = tests/unit/test-model.c
tests_unit_test_model_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_model_LDADD = lib/model/libmodel.a lib/base/libbase.a \
	$(CHECK_LIBS)
