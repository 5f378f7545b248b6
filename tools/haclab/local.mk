# The lab: haclab, its parts, and the programs that run in it.
sbin_SCRIPTS += tools/haclab/haclab
EXTRA_DIST += tools/haclab/haclab tools/haclab/demo.xml demo \
	tests/lab/run tests/lab/result.sh tests/lab/ask.sh tests/lab/interrupted \
	tests/lab/oracle tests/lab/break tests/lab/crash tests/lab/record tests/lab/verbs tests/lab/screen
labdir = $(pkgdatadir)/lab
dist_lab_DATA = tools/haclab/demo.xml \
	tools/haclab/parts/bmc.sh \
	tools/haclab/parts/cluster.sh \
	tools/haclab/parts/cluster.xsl \
	tools/haclab/parts/fault.sh \
	tools/haclab/parts/guest.sh \
	tools/haclab/parts/host.sh \
	tools/haclab/parts/lab.sh \
	tools/haclab/parts/net.sh \
	tools/haclab/parts/vars.sh
dist_lab_SCRIPTS = \
	tools/haclab/parts/bmc-hook.sh \
	tools/haclab/parts/hook-qemu.sh \
	tools/haclab/parts/host-init.sh \
	tools/haclab/parts/host-restart.sh \
	tools/haclab/parts/host-stop.sh

pkglibexec_PROGRAMS += tools/haclab/hac-guest tools/haclab/hac-lab-service
tools_haclab_hac_lab_service_SOURCES = tools/haclab/hac-lab-service.c
# The guests have no libraries and no sanitizer's shadow memory: their only
# program is static, and built without what the rest is built with.
tools_haclab_hac_guest_SOURCES = tools/haclab/hac-guest.c
tools_haclab_hac_guest_CFLAGS = -std=gnu11 -Wall -Wextra -Wconversion -Wshadow \
	-Wswitch-enum -Wmissing-prototypes -Wvla -Werror
tools_haclab_hac_guest_LDFLAGS = -static

dist_man_MANS += man/haclab.8

pkglibexec_PROGRAMS += tools/haclab/hac-lab-run
tools_haclab_hac_lab_run_SOURCES = tools/haclab/hac-lab-run.c \
	tools/haclab/lab-child.c tools/haclab/lab-cond.c tools/haclab/lab-run.h \
	tools/haclab/lab-oracle.c tools/haclab/lab-oracle.h
tools_haclab_hac_lab_run_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tools_haclab_hac_lab_run_LDADD = lib/sim/libsim.a lib/base/libbase.a $(JANSSON_LIBS)
