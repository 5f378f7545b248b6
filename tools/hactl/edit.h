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
/* Options that are attributes of cluster.xml, as given, to ret_attrs[max]. */
size_t hactl_given_attrs(const struct hactl *h, const char *const *names,
			 struct ha_conf_attr *ret_attrs);

/* Attributes that a VM may have of its own; NULL at the end. */
extern const char *const hactl_vm_attrs[];
/* The same as options of a verb. */
extern const struct hactl_opt hactl_vm_opts[];

#endif
