/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/check.h"

static void check_datastore(const struct ha_datastore_conf *d,
			    struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { d->line, "datastore", d->name };
	int ways = (d->path != NULL) + (d->pool != NULL) + (d->source != NULL);

	ha_check_name(d->name, &at, errors);
	if (ways != 1) {
		ha_conf_error(errors, &at,
			      "it must have one of path, pool and source, by "
			      "which hac knows the disks on it, and has %d",
			      ways);
	}
	if (d->path && !ha_path_is_valid(d->path)) {
		ha_conf_error(errors, &at,
			      "its path is not absolute, or has . or ..; write "
			      "it as the domains do");
	}
}

static void check_network(const struct ha_network_conf *n,
			  struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { n->line, "network", n->name };

	ha_check_name(n->name, &at, errors);
	if (!n->bridge && !n->network && !n->device) {
		ha_conf_error(errors, &at,
			      "it must have at least one of bridge, network "
			      "and device, by which domains name it");
	}
}

void ha_config_check_storage(const struct ha_config *c,
			     struct ha_conf_errors *errors)
{
	for (size_t i = 0; i < c->datastore_count; i++) {
		check_datastore(&c->datastores[i], errors);
	}
	for (size_t i = 0; i < c->network_count; i++) {
		check_network(&c->networks[i], errors);
	}
}
