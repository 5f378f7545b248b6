/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build.h - from the tree of a cluster XML to the model. Whatever the tree has
 * that does not belong there is an error; the rest is built nevertheless, so
 * that all errors are found at once.
 */
#ifndef HA_CONF_BUILD_H
#define HA_CONF_BUILD_H

#include <stdbool.h>

#include "conf/arena.h"
#include "conf/xml.h"
#include "model/config.h"

/* False: it is no cluster XML at all. Follow the result only if the arena has
 * not failed. Domains without a UUID get one in the tree too. */
bool ha_conf_build(xmlDoc *doc, struct ha_arena *arena,
		   struct ha_config *config, struct ha_conf_errors *errors);

/* Build and check; takes everything but doc. Used by parse and read_file. */
int ha_conf_from_doc(xmlDoc *doc, struct ha_conf_errors *errors,
		     struct ha_config **ret_config)
	__attribute__((warn_unused_result));

#endif
