/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uuid.h - UUIDs as people and programs write them. */
#ifndef HA_AGENT_VM_UUID_H
#define HA_AGENT_VM_UUID_H

#include <stdbool.h>

#include "base/ids.h"

#define HA_UUID_TEXT 37 /* with its final 0 byte */

/*
 * Reads a UUID at the start of text: 32 hex digits, dashes anywhere between
 * them. False, and *ret_uuid untouched, if there is none.
 */
bool ha_uuid_read(const char *text, struct ha_uuid *ret_uuid);
/* "8-4-4-4-12", in lower case; returns text. */
const char *ha_uuid_write(const struct ha_uuid *uuid, char text[HA_UUID_TEXT]);

#endif
