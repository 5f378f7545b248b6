noinst_LIBRARIES += lib/conf/libconf.a
lib_conf_libconf_a_SOURCES = \
	lib/conf/arena.c lib/conf/arena.h \
	lib/conf/build.c lib/conf/build.h \
	lib/conf/conf.h \
	lib/conf/diff.c \
	lib/conf/domain.c lib/conf/domain.h \
	lib/conf/edit.c lib/conf/edit.h \
	lib/conf/field.c lib/conf/field.h \
	lib/conf/file.c \
	lib/conf/mask.c \
	lib/conf/parse.c \
	lib/conf/scan.c lib/conf/scan.h \
	lib/conf/tables.c \
	lib/conf/validate.c lib/conf/validate.h \
	lib/conf/write.c \
	lib/conf/xml.c lib/conf/xml.h
lib_conf_libconf_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS)
# Users of lib/conf link these, in this order.
CONF_LIBS = lib/conf/libconf.a lib/model/libmodel.a lib/base/libbase.a \
	$(XML_LIBS) $(GCRYPT_LIBS)

dist_pkgdata_DATA += data/cluster.rng

# The schema as a C string, so that it is never missing.
BUILT_SOURCES += lib/conf/schema.inc
CLEANFILES += lib/conf/schema.inc
lib/conf/schema.inc: data/cluster.rng
	$(AM_V_GEN)$(MKDIR_P) lib/conf && $(SED) -e 's/\\/\\\\/g' \
		-e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' \
		$(srcdir)/data/cluster.rng > $@.tmp && mv $@.tmp $@
lib/conf/libconf_a-validate.$(OBJEXT): lib/conf/schema.inc
