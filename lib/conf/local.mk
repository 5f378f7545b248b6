noinst_LIBRARIES += lib/conf/libconf.a
lib_conf_libconf_a_SOURCES = \
	lib/conf/arena.c lib/conf/arena.h \
	lib/conf/build.c lib/conf/build.h \
	lib/conf/conf.h \
	lib/conf/diff.c \
	lib/conf/domain.c lib/conf/domain.h \
	lib/conf/edit.c lib/conf/edit.h \
	lib/conf/element.c lib/conf/element.h \
	lib/conf/field.c lib/conf/field.h \
	lib/conf/file.c \
	lib/conf/mask.c \
	lib/conf/names.c lib/conf/names.h \
	lib/conf/parse.c \
	lib/conf/resolve.c lib/conf/resolve.h \
	lib/conf/scan.c lib/conf/scan.h \
	lib/conf/section.c lib/conf/section.h \
	lib/conf/tables.c \
	lib/conf/validate.c lib/conf/validate.h \
	lib/conf/write.c \
	lib/conf/xml.c lib/conf/xml.h
lib_conf_libconf_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS)
# Users of lib/conf link these, in this order.
CONF_LIBS = lib/conf/libconf.a lib/model/libmodel.a lib/base/libbase.a \
	$(XML_LIBS) $(GCRYPT_LIBS)

dist_pkgdata_DATA += data/cluster.rng
dist_man_MANS += man/cluster.xml.5

# The schema as a C string, so that it is never missing.
BUILT_SOURCES += lib/conf/schema.inc
CLEANFILES += lib/conf/schema.inc
lib/conf/schema.inc: data/cluster.rng
	$(AM_V_GEN)$(MKDIR_P) lib/conf && $(SED) -e 's/\\/\\\\/g' \
		-e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' \
		$(srcdir)/data/cluster.rng > $@.tmp && mv $@.tmp $@
lib/conf/libconf_a-validate.$(OBJEXT): lib/conf/schema.inc

check_PROGRAMS += tests/unit/test-conf
TESTS += tests/unit/test-conf
tests_unit_test_conf_SOURCES = tests/unit/test-conf.c
tests_unit_test_conf_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_conf_LDADD = $(CONF_LIBS) $(CHECK_LIBS)
EXTRA_DIST += tests/unit/conf

check_PROGRAMS += tests/unit/test-conf-edit
TESTS += tests/unit/test-conf-edit
tests_unit_test_conf_edit_SOURCES = tests/unit/test-conf-edit.c $(TEST_HELPER)
tests_unit_test_conf_edit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_conf_edit_LDADD = $(CONF_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-conf-rules
TESTS += tests/unit/test-conf-rules
tests_unit_test_conf_rules_SOURCES = tests/unit/test-conf-rules.c \
	tests/unit/conf-story.h
tests_unit_test_conf_rules_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_conf_rules_LDADD = $(CONF_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-conf-sense
TESTS += tests/unit/test-conf-sense
tests_unit_test_conf_sense_SOURCES = tests/unit/test-conf-sense.c \
	tests/unit/conf-story.h
tests_unit_test_conf_sense_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_conf_sense_LDADD = $(CONF_LIBS) $(CHECK_LIBS)

# fuzz_… are those of tests/local.mk.
check_PROGRAMS += tests/fuzz/fuzz-conf
if !FUZZ
TESTS += tests/fuzz/fuzz-conf
endif
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz-conf.c $(fuzz_main)
tests_fuzz_fuzz_conf_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_conf_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_conf_LDADD = $(CONF_LIBS)

# Not run by make check: build it by its name.
EXTRA_PROGRAMS = tests/bench/conf
CLEANFILES += tests/bench/conf$(EXEEXT)
tests_bench_conf_SOURCES = tests/bench/conf.c
tests_bench_conf_LDADD = $(CONF_LIBS)
