/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ids.h - identifiers as people write them.
 */
#ifndef HACTL_IDS_H
#define HACTL_IDS_H

#include "base/ids.h"

#define HACTL_UUID_TEXT 37

/* With or without dashes; false: not a UUID, ret_uuid untouched. */
bool hactl_uuid_parse(const char *text, struct ha_uuid *ret_uuid);
void hactl_uuid_print(const struct ha_uuid *uuid, char ret[HACTL_UUID_TEXT]);

#endif
