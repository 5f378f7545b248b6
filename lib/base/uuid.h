/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uuid.h - UUIDs as people write them.
 */
#ifndef HA_BASE_UUID_H
#define HA_BASE_UUID_H

#include "base/ids.h"

#define HA_UUID_TEXT 37 /* with its final 0 byte */

/* The whole text, with the four hyphens or with none; false: not a UUID,
 * ret_uuid untouched. */
bool ha_uuid_parse(const char *text, struct ha_uuid *ret_uuid);
/* With hyphens, in lower case. */
void ha_uuid_print(const struct ha_uuid *uuid, char ret_text[HA_UUID_TEXT]);

#endif
