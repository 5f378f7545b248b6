/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scan.h - a first look at a text before the XML parser sees it: its size, its
 * depth, how many nodes it would make, and that it has no DOCTYPE. It is what
 * bounds the parser's memory and time; it does not judge the markup.
 */
#ifndef HA_CONF_SCAN_H
#define HA_CONF_SCAN_H

#include <stddef.h>

#include "model/errors.h"

#define HA_XML_DEPTH_MAX 64
#define HA_XML_ATTRS_MAX 64          /* of one element */
#define HA_XML_NODES_MAX (3u << 20)  /* elements, attributes, comments, … */

/* 0, HA_E_LIMIT or HA_E_SYNTAX with one error. */
int ha_conf_scan(const char *text, size_t len, struct ha_conf_errors *errors)
	__attribute__((warn_unused_result));

#endif
