/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

void ha_memory_trim(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];

	malloc_trim(0);
	while (maps && fgets(line, sizeof(line), maps)) {
		unsigned long begin, end;
		char mode[8];

		/* Code is never written to: dropping it loses nothing. */
		if (sscanf(line, "%lx-%lx %7s", &begin, &end, mode) == 3 &&
		    strcmp(mode, "r-xp") == 0 && strchr(line, '/')) {
			(void)madvise((void *)(uintptr_t)begin, end - begin,
				      MADV_DONTNEED);
		}
	}
	if (maps) {
		fclose(maps);
	}
}
