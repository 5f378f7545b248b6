/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mask.h - keys and passwords out of texts of other programs.
 */
#ifndef HACTL_MASK_H
#define HACTL_MASK_H

#include <stddef.h>

/* In each line "NAME: VALUE", "NAME=VALUE" or "NAME (str) = VALUE" whose NAME
 * ends with key, secret, password or passwd, the value becomes "***". In place;
 * the text never grows. NULL: nothing to do. */
void hactl_mask_keys(char *text, size_t *len);

#endif
