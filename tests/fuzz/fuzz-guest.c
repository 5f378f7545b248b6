/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What guest agents answer, and commands for them. */
#include "../../agents/vm/guest.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ha_address_list addresses;
	char *text = malloc(size + 1);
	int64_t pid;
	int status;

	if (!text) {
		return 0;
	}
	memcpy(text, data, size);
	text[size] = '\0';
	if (ha_guest_read_pid(text, &pid)) {
		free(ha_guest_exec_status(pid));
	}
	(void)ha_guest_read_end(text, &status);
	if (ha_guest_read_addresses(text, &addresses) &&
	    addresses.count > HA_ADDRESSES_MAX) {
		abort();
	}
	free(ha_guest_exec(text));
	free(text);
	return 0;
}
