/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "run.h"
#include "verbs.h"

#define HOST_OPTS                                                            \
	{ "id", "NODEID",                                                    \
	  "its nodeid, if corosync does not know its name" },                \
	{ "memory", "SIZE", "for VMs, \"60GiB\"; detected if not given" },   \
	{ "memory-reserve", "SIZE", "not for VMs, of what was detected" },   \
	{ "cpus", "N", "for VMs; detected if not given" },                   \
	{ "cpu-reserve", "N", "not for VMs, of what was detected" },         \
	{ "cpu-frequency", "FREQUENCY",                                      \
	  "of each, \"2600MHz\"; detected if not given" },                   \
	{ "failover", "yes|no", "takes VMs of failed hosts only" },          \
	{ "migration-address", "ADDRESS", "where VMs are moved to" }

static const struct hactl_opt host_opts[] = { HOST_OPTS,
					      { NULL, NULL, NULL } };

enum { PARAMS_MAX = 16, NODES_MAX = 64, CMAP_S = 15 };

/* Its nodeid as corosync knows it by name; false: it does not. */
static bool find_id(const char *host, char *ret, size_t size)
{
	const char *const argv[] = { "corosync-cmapctl", NULL };
	struct ha_buf out = { .data = NULL };
	bool found = false;

	if (hactl_run(argv, CMAP_S, &out, NULL) != 0 || out.data == NULL) {
		ha_buf_fini(&out);
		return false;
	}
	for (int i = 0; i < NODES_MAX && !found; i++) {
		char key[160];
		const char *id;

		(void)snprintf(key, sizeof(key),
			       "nodelist.node.%d.name (str) = %.80s\n", i,
			       host);
		if (strstr(out.data, key) == NULL) {
			continue;
		}
		(void)snprintf(key, sizeof(key),
			       "nodelist.node.%d.nodeid (u32) = ", i);
		id = strstr(out.data, key);
		found = id != NULL;
		(void)snprintf(ret, size, "%ld", found ?
			       strtol(id + strlen(key), NULL, 10) : 0);
	}
	ha_buf_fini(&out);
	return found;
}

/* "--fence=DEVICE" and "--fence-param=NAME=VALUE"s; names go to `names`. */
static bool take_params(const struct hactl *h, struct ha_conf_attr *params,
			char (*names)[64], size_t *ret_count)
{
	size_t n = 0;

	for (size_t i = 0; i < h->given_count; i++) {
		const char *value = h->given[i].value;
		const char *eq = strchr(value, '=');
		size_t len = eq != NULL ? (size_t)(eq - value) : 0;

		if (strcmp(h->given[i].name, "fence-param") != 0) {
			continue;
		}
		if (len == 0 || len >= sizeof(names[n]) || n == PARAMS_MAX) {
			return false;
		}
		memcpy(names[n], value, len);
		names[n][len] = '\0';
		params[n] = (struct ha_conf_attr){ .name = names[n],
						   .value = eq + 1 };
		n++;
	}
	*ret_count = n;
	return true;
}

static int run_host_add(struct hactl *h)
{
	char names[PARAMS_MAX][64];
	struct ha_conf_attr attrs[HACTL_ATTRS_MAX], params[PARAMS_MAX];
	struct ha_conf_edit edit = { .name = h->args[0], .attrs = attrs,
				     .params = params,
				     .device = hactl_given(h, "fence") };

	char id[24];
	bool known = hactl_given(h, "id") != NULL;

	if (!known && !find_id(h->args[0], id, sizeof(id))) {
		return hactl_fail(h, HACTL_USAGE, "corosync on this host knows "
				  "no node named %s; add it to corosync.conf, "
				  "or give its nodeid: --id=NODEID",
				  h->args[0]);
	}
	if (!take_params(h, params, names, &edit.param_count)) {
		return hactl_fail(h, HACTL_USAGE, "--fence-param takes "
				  "NAME=VALUE, at most 16 times");
	}
	if (edit.param_count > 0 && edit.device == NULL) {
		return hactl_fail(h, HACTL_USAGE, "--fence-param needs "
				  "--fence=DEVICE");
	}
	edit.attr_count = hactl_given_attrs(h, host_opts, attrs);
	if (!known) {
		attrs[edit.attr_count++] = (struct ha_conf_attr){
			.name = "id", .value = id
		};
	}
	return hactl_edit(h, ha_conf_add_host, &edit, "committed: it joins "
			  "when corosync and hacd run there");
}

static const struct hactl_opt opts[] = {
	HOST_OPTS,
	{ "fence", "DEVICE", "a fence device of the configuration" },
	{ "fence-param", "NAME=VALUE", "for this host (\"plug\"); repeatable" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_host_add_verb = {
	.noun = "host", .verb = "add", .args = "NAME",
	.help = "add a host to the cluster",
	.more = "Run it on a host of the cluster, not on the new one. First "
		"add the new host to corosync.conf on all hosts and start "
		"corosync and hacd there; hacd on it must be new, without "
		"state of another cluster. A host without a fence device "
		"can be fenced by your word only ('hactl fence confirm'). A "
		"device of its own is added with 'hactl config apply'.",
	.opts = opts, .run = run_host_add,
};
