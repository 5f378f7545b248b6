/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flight records. The first byte says what the rest is: E an event, I what a
 * core remembered, P a part in a record of this build, F a whole file. What is
 * accepted can be written again and is accepted then.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/record_event.h"
#include "wire/record.h"

#define VMS_MAX 16

static const struct ha_core_params params = {
	.self = 1, .boot = 1, .seed = 1, .token = HA_S(1), .vms_max = VMS_MAX,
};

static void try_event(const void *data, size_t size, bool again)
{
	struct ha_config config = { .name = "x" };
	struct ha_record_event e;
	struct ha_buf b = { 0 };

	if (ha_record_unpack_event(data, size, 0, &e) != 0) {
		return;
	}
	if (again) {
		config.hash = e.config;
		if (e.event.kind == HA_EV_CONFIG) {
			e.event.config = &config;
		}
		if (ha_record_pack_event(&e.event, 0, &b) != 0 ||
		    ha_record_pack_check(e.check, &b) != 0) {
			abort();
		}
		ha_record_event_fini(&e);
		if (ha_record_unpack_event(b.data, b.len, 0, &e) != 0) {
			abort();
		}
	}
	ha_record_event_fini(&e);
	ha_buf_fini(&b);
}

static const struct ha_config *find(const struct ha_hash *hash, void *arg)
{
	struct ha_config *config = arg;

	config->hash = *hash;
	return config;
}

static void try_image(const void *data, size_t size)
{
	static void *mem;
	size_t bytes = ha_core_size(VMS_MAX);
	struct ha_config config = { .name = "x" };
	struct ha_core_image image = { .data = data, .len = size,
				       .find = find, .arg = &config };
	struct ha_buf b = { 0 };
	struct ha_core *core;

	free(mem);
	mem = calloc(1, bytes); /* pages that are not touched cost nothing */
	core = mem ? ha_core_restore(mem, &params, &image) : NULL;
	if (!core) {
		return;
	}
	ha_core_save(core, &b);
	image.data = b.data;
	image.len = b.len;
	free(mem);
	mem = calloc(1, bytes);
	if (mem && !ha_core_restore(mem, &params, &image)) {
		abort();
	}
	ha_buf_fini(&b);
}

static void try_file(const void *data, size_t size)
{
	struct ha_record r;
	int rc = ha_record_unpack(data, size, &r);

	for (size_t i = 0; rc == 0 && i < r.part_count; i++) {
		for (size_t k = 0; k < r.parts[i].event_count; k++) {
			try_event(r.parts[i].events[k].data,
				  r.parts[i].events[k].len, false);
		}
	}
	if (rc == 0) {
		ha_record_fini(&r);
	}
}

static void try_part(const void *data, size_t size)
{
	const struct ha_record_bytes part = { data, size };
	const struct ha_record r = { .params = params, .part_count = 1 };
	struct ha_buf b = { 0 };

	if (ha_record_pack(&r, &part, &b) == 0) {
		try_file(b.data, b.len);
	}
	ha_buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	switch (data[0]) {
	case 'E':
		try_event(data + 1, size - 1, true);
		break;
	case 'I':
		try_image(data + 1, size - 1);
		break;
	case 'P':
		try_part(data + 1, size - 1);
		break;
	default:
		try_file(data + 1, size - 1);
		break;
	}
	return 0;
}
