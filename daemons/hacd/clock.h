/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.h - the wall clock, only to be printed: "2026-11-24T02:38:54.123Z".
 */
#ifndef HACD_CLOCK_H
#define HACD_CLOCK_H

#include <stddef.h>

void clock_print(char *ret_text, size_t size);

#endif
