/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cluster XML from anybody: what is accepted must survive being written and
 * read again, and masking must cope with all of it.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "fuzz.h"

static void try_round_trip(const struct ha_config *c)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf first = { 0 }, second = { 0 }, diff = { 0 };
	struct ha_config *again;

	if (ha_conf_write(c, &first) != 0 ||
	    ha_conf_parse(first.data, first.len, &errors, &again) != 0 ||
	    ha_conf_write(again, &second) != 0 || first.len != second.len ||
	    memcmp(first.data, second.data, first.len) != 0 ||
	    ha_conf_diff_text(c, again, &diff) != 0 || diff.len != 0) {
		abort();
	}
	ha_conf_free(again);
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&first);
	ha_buf_fini(&second);
	ha_buf_fini(&diff);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf masked = { 0 }, printed = { 0 };
	struct ha_config *c;
	const char *text = size > 0 ? (const char *)data : "";
	int err = ha_conf_parse(text, size, &errors, &c);

	if (err == 0) {
		try_round_trip(c);
		ha_conf_free(c);
	} else if (errors.errors == 0) {
		abort(); /* refused without a word */
	}
	ha_conf_errors_print(&errors, "f", &printed);
	(void)!ha_conf_mask(text, size, &masked); /* may well be refused */
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&masked);
	ha_buf_fini(&printed);
	return 0;
}
