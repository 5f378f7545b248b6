/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"

/* Process 1's start time: word 22 of its stat, after the name, which may hold
 * anything. */
static int read_start(char *ret_text, size_t size)
{
	char line[1024] = "";
	FILE *f = fopen("/proc/1/stat", "re");
	char *at;

	if (!f) {
		return -errno;
	}
	at = fgets(line, sizeof(line), f);
	fclose(f);
	at = at ? strrchr(line, ')') : NULL;
	for (int i = 0; at && i < 20; i++) {
		at = strchr(at + 1, ' ');
	}
	if (!at) {
		return HA_E_SYNTAX;
	}
	snprintf(ret_text, size, "%.*s", (int)strcspn(at + 1, " "), at + 1);
	return 0;
}

int boot_id(ha_bootid *ret_boot)
{
	char kernel[64] = "", start[32] = "", both[128];
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	struct ha_hash hash;
	ha_bootid boot;
	int rc;

	if (!f) {
		return -errno;
	}
	rc = fgets(kernel, sizeof(kernel), f) ? 0 : HA_E_SYNTAX;
	fclose(f);
	if (rc == 0) {
		rc = read_start(start, sizeof(start));
	}
	if (rc != 0) {
		return rc;
	}
	snprintf(both, sizeof(both), "%s %s", kernel, start);
	ha_conf_hash(both, strlen(both), &hash);
	memcpy(&boot, hash.b, sizeof(boot));
	*ret_boot = boot != 0 ? boot : 1; /* 0 is "none" */
	return 0;
}
