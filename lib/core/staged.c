/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configurations at hand: held durably by the shell, borrowed until dropped.
 * One is current; others are about to be, or once were.
 */
#include "core/rules.h"

const struct ha_config *staged_config(const struct ha_core *c,
				      const struct ha_hash *hash)
{
	for (size_t i = 0; i < STAGED_MAX; i++) {
		if (c->staged[i] && ha_hash_equal(&c->staged[i]->hash, hash)) {
			return c->staged[i];
		}
	}
	return NULL;
}

static void drop_config(struct ha_core *c, const struct ha_config *config)
{
	out_action(c, HA_ACT_DROP_CONFIG)->config = config;
}

/* Room for one more: an empty place, or that of one that is not in use. */
static size_t staging_place(struct ha_core *c)
{
	for (size_t i = 0; i < STAGED_MAX; i++) {
		if (!c->staged[i]) {
			return i;
		}
	}
	for (size_t i = 0; i < STAGED_MAX; i++) {
		if (c->staged[i] != c->config) {
			drop_config(c, c->staged[i]);
			for (size_t k = i; k + 1 < STAGED_MAX; k++) {
				c->staged[k] = c->staged[k + 1];
			}
			return STAGED_MAX - 1;
		}
	}
	return STAGED_MAX;
}

void staged_add(struct ha_core *c, const struct ha_config *config)
{
	struct ha_rev rev = { .kind = HA_REV_BODY, .now = c->now };
	const struct ha_config *held = staged_config(c, &config->hash);
	size_t place;

	if (held) {
		if (held != config) {
			drop_config(c, config);
		}
		return;
	}
	if (config->vm_count > c->params.vms_max) {
		drop_config(c, config);
		return;
	}
	place = staging_place(c);
	assert(place < STAGED_MAX);
	c->staged[place] = config;
	if (!c->config && ha_hash_equal(&config->hash, &c->state->config)) {
		soft_sync(c);
	}
	if (c->loaded) {
		rev.body = config->hash;
		engine_event(c, &rev);
	}
}
