/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "ask.h"
#include "file.h"
#include "verbs.h"

static int run_cluster_create(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_CLUSTER_CREATE };
	struct hactl_question q = { .kind = HA_REQUEST_COMMAND, .command = &c };
	struct hactl_file file = { .config = NULL };
	json_t *answer = NULL;
	int r = hactl_file_read(h, h->args[0], &file);

	if (r == HACTL_OK &&
	    getrandom(c.cluster, sizeof(c.cluster), 0) !=
	    (ssize_t)sizeof(c.cluster)) {
		r = hactl_fail(h, HACTL_FAILED, "no random number for the "
			       "cluster's id: %s", strerror(errno));
	}
	if (r == HACTL_OK) {
		q.body = file.as_sent.text;
		q.body_len = file.as_sent.len;
		r = hactl_ask(h, &q, &answer);
	}
	if (r == HACTL_OK) {
		hactl_say_done(h, "the cluster is created; the other hosts of "
			       "the file join as soon as their hacd runs: "
			       "'hactl status'");
	}
	json_decref(answer);
	hactl_file_fini(&file);
	return r;
}

const struct hactl_verb hactl_cluster_create_verb = {
	.noun = "cluster", .verb = "create", .args = "FILE",
	.help = "make a new cluster, beginning with this host",
	.more = "Run it once, on one host, which must stand in FILE. The "
		"other hosts of FILE, whose hacd must be new (without state of "
		"another cluster), join by themselves. Never run it on a "
		"second host: that would be a second cluster.",
	.run = run_cluster_create,
};
