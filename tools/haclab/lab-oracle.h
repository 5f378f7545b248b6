/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab-oracle.h - looks at a lab from outside: which QEMU processes really run
 * on which powered host, what the guests say and what their disks count. It
 * believes nothing that hac says.
 */
#ifndef HA_HACLAB_LAB_ORACLE_H
#define HA_HACLAB_LAB_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAB_HOSTS_MAX 8

/* The lab's name: HACLAB_NAME, or haclab. */
const char *ha_lab_name(void);

/*
 * 0, or -1 and a sentence: a VM runs on two hosts that have power, a guest met
 * another on its disk, or a disk forgot what was written. Cheap enough to be
 * called all the time: it looks at most every 50 ms.
 */
int ha_lab_oracle_look(char *ret_why, size_t size);

/* All by a host's number, 1 to LAB_HOSTS_MAX. */
bool ha_lab_oracle_powered(int host);
bool ha_lab_oracle_hung(int host);
/* Bit h: a QEMU of that VM runs on host h, at this moment. */
uint32_t ha_lab_oracle_runs(const char *vm);
/* How often its BMC really took its power. */
unsigned ha_lab_oracle_fenced(int host);

#endif
