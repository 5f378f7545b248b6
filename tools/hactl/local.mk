# hactl: everything but main.c is a library, so that tests can link it.
noinst_LIBRARIES += tools/hactl/libhactl.a
tools_hactl_libhactl_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) \
	$(NCURSES_CFLAGS)
tools_hactl_libhactl_a_SOURCES = \
	tools/hactl/admission-show.c \
	tools/hactl/arm.c \
	tools/hactl/ask.c tools/hactl/ask.h \
	tools/hactl/cluster-create.c \
	tools/hactl/cluster-start.c \
	tools/hactl/cluster-stop.c \
	tools/hactl/completion.c \
	tools/hactl/config-apply.c \
	tools/hactl/config-check.c \
	tools/hactl/config-diff.c \
	tools/hactl/config-edit.c \
	tools/hactl/config-history.c \
	tools/hactl/config-rollback.c \
	tools/hactl/config-show.c \
	tools/hactl/diff.c tools/hactl/diff.h \
	tools/hactl/disarm.c \
	tools/hactl/doctor.c tools/hactl/doctor.h \
	tools/hactl/doctor-cluster.c \
	tools/hactl/doctor-corosync.c \
	tools/hactl/doctor-findings.c \
	tools/hactl/doctor-host.c \
	tools/hactl/domain.c tools/hactl/domain.h \
	tools/hactl/edit.c tools/hactl/edit.h \
	tools/hactl/events.c \
	tools/hactl/explain.c tools/hactl/explain.h \
	tools/hactl/explain-event.c \
	tools/hactl/explain-host.c \
	tools/hactl/explain-placement.c \
	tools/hactl/explain-vm.c \
	tools/hactl/fail.c tools/hactl/hactl.h \
	tools/hactl/fence-confirm.c \
	tools/hactl/fence-history.c \
	tools/hactl/fence-host.c \
	tools/hactl/file.c tools/hactl/file.h \
	tools/hactl/folder.c tools/hactl/folder.h \
	tools/hactl/help.c tools/hactl/help.h \
	tools/hactl/help-verb.c \
	tools/hactl/host-add.c \
	tools/hactl/host-leave.c \
	tools/hactl/host-list.c \
	tools/hactl/host-maintenance.c \
	tools/hactl/host-remove.c \
	tools/hactl/host-show.c \
	tools/hactl/host-stay.c \
	tools/hactl/host-unfreeze.c \
	tools/hactl/js.c tools/hactl/js.h \
	tools/hactl/mask.c tools/hactl/mask.h \
	tools/hactl/parse.c tools/hactl/parse.h \
	tools/hactl/progress.c tools/hactl/progress.h \
	tools/hactl/record-save.c \
	tools/hactl/render.h \
	tools/hactl/render-events.c \
	tools/hactl/render-explain.c \
	tools/hactl/render-list.c \
	tools/hactl/render-policy.c \
	tools/hactl/render-status.c \
	tools/hactl/render-whatif.c \
	tools/hactl/report.c \
	tools/hactl/run.c tools/hactl/run.h \
	tools/hactl/show.c tools/hactl/show.h \
	tools/hactl/simulate.c tools/hactl/simulate.h \
	tools/hactl/simulate-apply.c \
	tools/hactl/simulate-kill.c \
	tools/hactl/simulate-maintenance.c \
	tools/hactl/simulate-partition.c \
	tools/hactl/simulate-run.c \
	tools/hactl/status.c \
	tools/hactl/table.c tools/hactl/table.h \
	tools/hactl/text.c tools/hactl/text.h \
	tools/hactl/verb.c tools/hactl/verb.h \
	tools/hactl/verbs.c tools/hactl/verbs.h \
	tools/hactl/version.c \
	tools/hactl/vm-add.c \
	tools/hactl/vm-list.c \
	tools/hactl/vm-move.c \
	tools/hactl/vm-remove.c \
	tools/hactl/vm-reset.c \
	tools/hactl/vm-restart.c \
	tools/hactl/vm-set.c \
	tools/hactl/vm-settle.c \
	tools/hactl/vm-show.c \
	tools/hactl/vm-start.c \
	tools/hactl/vm-stop.c \
	tools/hactl/wait.c tools/hactl/wait.h tools/hactl/watch.h \
	tools/hactl/whatif.c tools/hactl/whatif.h
if NCURSES
tools_hactl_libhactl_a_SOURCES += tools/hactl/watch.c
else
tools_hactl_libhactl_a_SOURCES += tools/hactl/watch-none.c
endif
hactl_libs = \
	tools/hactl/libhactl.a \
	lib/client/libclient.a \
	lib/sim/libsim.a \
	lib/wire/libwire.a \
	lib/conf/libconf.a \
	lib/core/libcore.a \
	lib/policy/libpolicy.a \
	lib/replica/libreplica.a \
	lib/model/libmodel.a \
	lib/base/libbase.a \
	$(QB_LIBS) $(PROTOBUF_LIBS) $(XML_LIBS) $(JANSSON_LIBS) \
	$(GCRYPT_LIBS) $(ZLIB_LIBS) $(NCURSES_LIBS) -lpthread

# Not in sbin, which those in group hac have not in their PATH.
bin_PROGRAMS += tools/hactl/hactl
tools_hactl_hactl_SOURCES = tools/hactl/main.c
tools_hactl_hactl_LDADD = $(hactl_libs)
dist_man_MANS += man/hactl.8

# The completion is made from the table of verbs by the program itself.
bashcompdir = $(datadir)/bash-completion/completions
bashcomp_DATA = data/bash-completion/hactl
CLEANFILES += $(bashcomp_DATA)
data/bash-completion/hactl: tools/hactl/hactl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && tools/hactl/hactl$(EXEEXT) completion >$@

check_PROGRAMS += tests/unit/test-hactl
TESTS += tests/unit/test-hactl
tests_unit_test_hactl_SOURCES = tests/unit/test-hactl.c
tests_unit_test_hactl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) \
	-I$(top_srcdir)/tools/hactl $(JANSSON_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_hactl_LDADD = $(hactl_libs) $(CHECK_LIBS)
# What README and man page tell of hactl is true.
ONCE_TESTS += tests/unit/hactl/docs
EXTRA_DIST += tests/unit/hactl/docs \
	tests/unit/hactl/disarmed.json tests/unit/hactl/disarmed.txt \
	tests/unit/hactl/empty.json tests/unit/hactl/empty.txt \
	tests/unit/hactl/fine.json tests/unit/hactl/fine.txt \
	tests/unit/hactl/rules.json tests/unit/hactl/rules.txt \
	tests/unit/hactl/host-lost.json tests/unit/hactl/host-lost.txt \
	tests/unit/hactl/lists.txt \
	tests/unit/hactl/many.json tests/unit/hactl/many.txt \
	tests/unit/hactl/no-quorum.json tests/unit/hactl/no-quorum.txt

# hactl itself, against a hacd that answers from files.
check_PROGRAMS += tests/unit/fake-hacd
tests_unit_fake_hacd_SOURCES = tests/unit/fake-hacd.c
tests_unit_fake_hacd_CPPFLAGS = $(AM_CPPFLAGS) $(QB_CFLAGS) $(JANSSON_CFLAGS)
tests_unit_fake_hacd_LDADD = daemons/hacd/libhacd.a lib/conf/libconf.a \
	lib/wire/libwire.a lib/model/libmodel.a lib/base/libbase.a $(QB_LIBS) \
	$(PROTOBUF_LIBS) $(XML_LIBS) $(JANSSON_LIBS) $(GCRYPT_LIBS)
TESTS += tests/unit/hactl/live
EXTRA_DIST += tests/unit/hactl/live tests/terminal.py
