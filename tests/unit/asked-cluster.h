/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * asked-cluster.h - a simulated cluster of three hosts, with all that hacd
 * needs to answer requests that only look, at each of them.
 *
 * Call order: asked_set_up or asked_set_up_cluster, questions, asked_tear_down.
 */
#ifndef HA_UNIT_ASKED_CLUSTER_H
#define HA_UNIT_ASKED_CLUSTER_H

#include "daemons/hacd/query.h"
#include "sim/world.h"
#include "tools/hactl/render.h"

#define ASKED_HOSTS 3
#define ASKED_SECRET "hunter2" /* in a domain; never to be shown */

extern const struct hactl_screen asked_screen;

extern struct asked_cluster {
	struct sim *sim;
	struct ha_buf text;
	struct ha_config *config;
	struct events *events[ASKED_HOSTS]; /* by id-1 */
	const char *file; /* the configuration's, in the tree */
} asked;

/* A file of the tree; until the next call. */
char *asked_path_of(const char *name);

/* Three hosts with power and corosync; no cluster yet. */
void asked_set_up(void);
/* And with one, whose VMs all run. */
void asked_set_up_cluster(void);
void asked_tear_down(void);
void asked_run_until_all_run(void);

/* One argument or none (value NULL); until the next call. */
struct ha_request asked_request(const char *name, const char *key,
				const char *value);
/* Asks a host that has all texts; the caller owns reply->json. */
int asked_as(bool may_change, ha_hostid host, const struct ha_request *req,
	     struct query_reply *reply);
/* What has to be answered; the caller's. */
json_t *asked_answer(ha_hostid host, const char *name, const char *key,
		     const char *value);
const char *asked_str(const json_t *o, const char *key);

#endif
