/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "ask.h"
#include "verbs.h"

/* "h2,h3" -> a set; hosts are looked up in this host's own knowledge. */
static int find_hosts(struct hactl *h, const char *list, ha_hostset *ret_set)
{
	ha_hostset set = 0;

	while (*list != '\0') {
		size_t len = strcspn(list, ",");
		char name[HA_NAME_MAX + 1];
		ha_hostid id = HA_HOST_NONE;
		int r;

		(void)snprintf(name, sizeof(name), "%.*s", (int)len, list);
		r = hactl_find_host(h, name, &id);
		if (r != HACTL_OK) {
			return r;
		}
		set |= ha_host_bit(id);
		list += len;
		list += *list == ',';
	}
	*ret_set = set;
	return HACTL_OK;
}

static int run_cluster_start(struct hactl *h)
{
	const char *lost = hactl_given(h, "accept-loss");
	struct ha_command c = { .verb = lost != NULL ? HA_CMD_ACCEPT_LOSS :
				HA_CMD_CLUSTER_START };
	int r = HACTL_OK;

	if (lost != NULL) {
		r = find_hosts(h, lost, &c.hosts);
	}
	if (r == HACTL_OK && lost != NULL &&
	    getrandom(c.cluster, sizeof(c.cluster), 0) !=
	    (ssize_t)sizeof(c.cluster)) {
		r = hactl_fail(h, HACTL_FAILED, "no random number for the "
			       "cluster's new id: %s", strerror(errno));
	}
	if (r != HACTL_OK) {
		return r;
	}
	return hactl_send(h, &c, lost != NULL ?
			  "done: the cluster goes on without them" :
			  "committed: VMs are started again");
}

static const struct hactl_opt opts[] = {
	{ "accept-loss", "HOST,...", "these hosts are off and gone for good" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_cluster_start_verb = {
	.noun = "cluster", .verb = "start", .args = "",
	.help = "start VMs again after 'cluster stop'",
	.more = "With --accept-loss the remaining hosts go on without a "
		"majority that is gone for good. Name every host that is "
		"missing, after you saw that each is off: it is your word, as "
		"in 'fence confirm'. Corosync is told to count on those that "
		"are left. What only the lost ones knew is lost, and their "
		"old state never counts again. Afterwards remove them ('hactl "
		"host remove', and from corosync.conf), or empty /var/lib/hac "
		"there before they come back.",
	.opts = opts, .run = run_cluster_start,
};
