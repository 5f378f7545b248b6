/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate.h - the RELAX NG schema, which is compiled into the library from
 * data/cluster.rng. It has the last word: the reader's own messages say more,
 * but what the schema refuses is refused.
 */
#ifndef HA_CONF_VALIDATE_H
#define HA_CONF_VALIDATE_H

#include <libxml/tree.h>

#include "model/errors.h"

/* HA_E_SYNTAX with errors, which have lines; HA_E_NO_MEMORY. */
int ha_conf_validate(xmlDoc *doc, struct ha_conf_errors *errors)
	__attribute__((warn_unused_result));

#endif
