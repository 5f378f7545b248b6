/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/pace.h"

uint32_t ha_pace_starts(uint32_t most, uint32_t cpus, uint32_t ended)
{
	uint32_t first = cpus >= 2 ? cpus / 2 : 1;

	return first >= most || ended >= most - first ? most : first + ended;
}
