# units, users and directories of an installed hac
systemdsystemunit_DATA = data/hacd.service data/hac-guests.service
sysusers_DATA = data/sysusers.d/hac.conf
tmpfiles_DATA = data/tmpfiles.d/hac.conf
data_generated = $(systemdsystemunit_DATA) $(tmpfiles_DATA)
CLEANFILES += $(data_generated)
EXTRA_DIST += $(data_generated:=.in) $(sysusers_DATA) data/packages

# Not by configure: these paths are known to make only.
data_subst = $(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) \
	-e 's,@bindir[@],$(bindir),g' \
	-e 's,@sbindir[@],$(sbindir),g' \
	-e 's,@runstatedir[@],$(runstatedir),g' \
	-e 's,@localstatedir[@],$(localstatedir),g'
data/hacd.service: data/hacd.service.in Makefile
	$(data_subst) $(srcdir)/data/hacd.service.in >$@
data/hac-guests.service: data/hac-guests.service.in Makefile
	$(data_subst) $(srcdir)/data/hac-guests.service.in >$@
data/tmpfiles.d/hac.conf: data/tmpfiles.d/hac.conf.in Makefile
	$(data_subst) $(srcdir)/data/tmpfiles.d/hac.conf.in >$@

# Packages do the same from tmpfiles.d.
install-data-local: install-hac-folders
.PHONY: install-hac-folders
install-hac-folders:
	$(MKDIR_P) '$(DESTDIR)$(sysconfdir)/hac' \
		'$(DESTDIR)$(localstatedir)/lib/hac' \
		'$(DESTDIR)$(localstatedir)/log/hac'
