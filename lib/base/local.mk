noinst_LIBRARIES += lib/base/libbase.a
lib_base_libbase_a_SOURCES = \
	lib/base/buf.c lib/base/buf.h \
	lib/base/err.c lib/base/err.h \
	lib/base/fd.c lib/base/fd.h \
	lib/base/ids.h lib/base/limits.h \
	lib/base/log.c lib/base/log.h \
	lib/base/rand.h \
	lib/base/time.c lib/base/time.h \
	lib/base/uuid.c lib/base/uuid.h
