/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot.h - which boot of this host it is, and how often hacd died in it.
 */
#ifndef HACD_BOOT_H
#define HACD_BOOT_H

#include "base/ids.h"

/*
 * From the kernel's boot id and the start time of process 1, so that nothing
 * that an admin may delete can make it change while VMs run: a later boot id
 * is proof that those of the earlier one are gone. 0 or -errno.
 */
int boot_id(ha_bootid *ret_boot) __attribute__((warn_unused_result));

/*
 * A hacd that crashed twice within ten minutes comes back frozen. Lives are
 * told apart by a file in run_dir, which goes with the boot. begin: a life
 * begins; true: it is to be a frozen one. end: it ends in good order.
 */
bool boot_life_begin(const char *run_dir);
void boot_life_end(const char *run_dir);
/* The admin has looked: the crashes so far count no more. */
void boot_life_forgive(const char *run_dir);

#endif
