/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab-oracle.h - looks at a lab from outside: which QEMU processes really run
 * on which powered host.
 */
#ifndef HA_HACLAB_LAB_ORACLE_H
#define HA_HACLAB_LAB_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

/* 0, or -1 and a sentence: a VM runs on two hosts that have power. */
int ha_lab_oracle_look(char *ret_why, size_t size);
bool ha_lab_oracle_powered(const char *host);

#endif
