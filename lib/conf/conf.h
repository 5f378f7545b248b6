/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf.h - cluster.xml(5) and the model, both ways. The only user of libxml2.
 *
 * The text may be hostile: it is bounded, has no DTD, no entities and no
 * includes, and is never half accepted. Functions that return int give 0 or a
 * negative error code; whatever a person can mend stands in `errors` then
 * (also warnings, with 0).
 *
 * The body that a cluster keeps is the text itself, with every domain inline:
 * what ha_conf_read_file returns, what the edits return, what ha_conf_write
 * writes. Comments of the admin survive all but ha_conf_write.
 */
#ifndef HA_CONF_CONF_H
#define HA_CONF_CONF_H

#include <stddef.h>

#include "base/buf.h"
#include "model/config.h"
#include "model/errors.h"

/*
 * HA_E_SYNTAX: refused, see errors. The configuration is owned by the caller
 * (ha_conf_free); its version is 0 until the caller sets it. ret_config may be
 * NULL (only check).
 */
int ha_conf_parse(const char *text, size_t len, struct ha_conf_errors *errors,
		  struct ha_config **ret_config)
	__attribute__((warn_unused_result));
void ha_conf_free(struct ha_config *c);

/*
 * Reads and checks a file as an admin writes it: <domain file="web1.xml"/> is
 * replaced by that file's content (relative to the folder of `path`); errors
 * have the lines of `path`. ret_text gets the text for the cluster.
 */
int ha_conf_read_file(const char *path, struct ha_conf_errors *errors,
		      struct ha_buf *ret_text, struct ha_config **ret_config)
	__attribute__((warn_unused_result));

/* Canonical text: parsing it gives the same configuration, writing that the
 * same text. */
int ha_conf_write(const struct ha_config *c, struct ha_buf *ret_text)
	__attribute__((warn_unused_result));

void ha_conf_hash(const char *text, size_t len, struct ha_hash *ret_hash);

/* For showing: the same text (cluster or domain XML), secrets as "***". */
int ha_conf_mask(const char *text, size_t len, struct ha_buf *ret_text)
	__attribute__((warn_unused_result));
/* A masked configuration is refused. Here something else stands in for its
 * secrets, in place, so that it parses: to look at, not to apply. */
void ha_conf_stand_in(char *text);

/* One difference. from NULL: new; to NULL: gone; what NULL: the object. */
struct ha_conf_change {
	const char *kind; /* "cluster", "fence device", "host", "vm-vm rule" */
	const char *name;
	const char *what; /* "restart-priority" */
	const char *from;
	const char *to;
};
typedef void (*ha_conf_change_fn)(const struct ha_conf_change *change,
				  void *arg);
/* Calls fn for each; all strings are borrowed for the call. */
int ha_conf_diff(const struct ha_config *from, const struct ha_config *to,
		 ha_conf_change_fn fn, void *arg)
	__attribute__((warn_unused_result));
/* The same as lines, "vm db1: restart-priority medium -> high". */
int ha_conf_diff_text(const struct ha_config *from, const struct ha_config *to,
		      struct ha_buf *ret_text)
	__attribute__((warn_unused_result));

#endif
