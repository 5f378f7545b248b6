/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edit.h - changing the cluster's configuration: fetched, edited or replaced,
 * submitted with the version that it was made from.
 */
#ifndef HACTL_EDIT_H
#define HACTL_EDIT_H

#include "conf/conf.h"
#include "conf/edit.h"
#include "hactl.h"

struct hactl_config { /* as fetched */
	unsigned long long version;
	char *text; /* owned */
	size_t len;
};

typedef int (*hactl_edit_fn)(const struct ha_conf_edit *edit,
			     struct ha_conf_errors *errors,
			     struct ha_buf *ret_text);

/* With the secrets in domain XML. version: NULL, or that of an old one. */
int hactl_config_fetch(struct hactl *h, const char *version,
		       struct hactl_config *ret_config)
	__attribute__((warn_unused_result));
void hactl_config_fini(struct hactl_config *c);
/* fn edits the current text, which is then submitted; once more if another
 * edit came between. `done` is said at the end. */
int hactl_edit(struct hactl *h, hactl_edit_fn fn, struct ha_conf_edit *edit,
	       const char *done) __attribute__((warn_unused_result));
/* Submits `config` as made from version config->version. ret_stale NULL: a
 * stale base is an error; otherwise it is only told. */
int hactl_submit(struct hactl *h, const struct hactl_config *config,
		 bool *ret_stale, const char *done)
	__attribute__((warn_unused_result));
/* Shows errors and warnings of a configuration; `file` may be NULL. */
void hactl_show_errors(const struct ha_conf_errors *errors, const char *file);
/* Those of the options with a value that were given, as attributes of
 * cluster.xml, to ret_attrs[HACTL_ATTRS_MAX]; NULL is the end of opts. */
size_t hactl_given_attrs(const struct hactl *h, const struct hactl_opt *opts,
			 struct ha_conf_attr *ret_attrs);
#define HACTL_ATTRS_MAX 32

/* What a VM may have of its own at any time, as options of a verb. */
#define HACTL_VM_OPTS                                                        \
	{ "restart-priority", "highest|high|medium|low|lowest|disabled",     \
	  "who is started first after a failure" },                          \
	{ "on-guest-shutdown", "off|restart",                                \
	  "when the guest switches itself off" },                            \
	{ "on-host-shutdown", "move|stop",                                   \
	  "when its host goes down in order" },                              \
	{ "start-timeout", "TIME",                                           \
	  "after this a start has failed, \"120s\"" },                       \
	{ "stop-timeout", "TIME", "then it is switched off, \"180s\"" },     \
	{ "memory-overhead", "SIZE",                                         \
	  "of QEMU beside the guest, \"64MiB\"" },                           \
	{ "groups", "NAMES", "VM groups that it is in, \"web front\"" },     \
	{ "memory-reservation", "SIZE",                                      \
	  "reserved for admission control, \"1GiB\"" },                      \
	{ "cpu-reservation", "FREQUENCY", "the same, \"500MHz\"" },          \
	{ "ready", "placed|started|guest-ready|app-ready",                   \
	  "when those that wait for it go on" },                             \
	{ "ready-port", "PORT",                                              \
	  "TCP port that answers when its app is ready" },                   \
	{ "ready-address", "ADDRESS",                                        \
	  "of that port, if the guest agent is not to say" },                \
	{ "ready-command", "COMMAND",                                        \
	  "or: run in the guest, ends with 0 when it is ready" },            \
	{ "ready-delay", "TIME", "how long it takes yet then, \"0s\"" },     \
	{ "ready-timeout", "TIME",                                           \
	  "then those that wait go on in any case, \"600s\"" },              \
	{ "start-tries", "N", "on a host before another is taken" },         \
	{ "failure-expiry", "TIME",                                          \
	  "runs so long: failed starts are forgotten, \"1h\"" },             \
	{ "fail-back", "never|after|window",                                 \
	  "to the host that it was on before a recovery" },                  \
	{ "fail-back-after", "TIME",                                         \
	  "after that host is back for so long, \"10min\"" },                \
	{ "fail-back-window", "TIMES",                                       \
	  "or in such hours, \"22:00-24:00 00:00-05:00\"" }

/* These, what it may have when it is added only, and --force. */
extern const struct hactl_opt hactl_vm_opts[];

#endif
