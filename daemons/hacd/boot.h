/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot.h - which boot of this host it is.
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

#endif
