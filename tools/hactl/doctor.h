/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doctor.h - findings of hactl doctor. Each check looks at one thing and says
 * ok, warning or error, why, and what to do. The checks of files and answers
 * are pure, so that they can be tested; those of this host look at it.
 */
#ifndef HACTL_DOCTOR_H
#define HACTL_DOCTOR_H

#include <jansson.h>

#include "hactl.h"
#include "model/config.h"

enum hactl_level { HACTL_FINE, HACTL_WARNING, HACTL_ERROR };

struct hactl_finding {
	enum hactl_level level;
	char check[32];   /* "corosync" */
	char object[96];  /* "host h2" or "" */
	char text[400];   /* what is, and why that matters */
	char todo[400];   /* "" if nothing */
};

struct hactl_findings {
	struct hactl_finding *list; /* owned */
	size_t count, max;
	const char *check;          /* of what is added next */
	bool failed;                /* no memory */
	struct hactl_finding lost;  /* what was found then */
};

/* The next finding; never NULL (a scratch one when memory is out). */
struct hactl_finding *hactl_find(struct hactl_findings *f,
				 enum hactl_level level, const char *object);
/* The same with its texts; todo NULL: nothing to do. */
void hactl_finding(struct hactl_findings *f, enum hactl_level level,
		   const char *text, const char *todo);
void hactl_findings_fini(struct hactl_findings *f);
enum hactl_level hactl_findings_worst(const struct hactl_findings *f);

struct hactl_quorum { /* corosync's way with it */
	bool two_node, wait_for_all, auto_tie_breaker;
};

/* cmap as `corosync-cmapctl` prints it. */
void hactl_corosync_quorum(const char *cmap, struct hactl_quorum *ret_quorum);
void hactl_doctor_corosync(const char *cmap, struct hactl_findings *f);
/* What `corosync-quorumtool -s` prints. */
void hactl_doctor_quorum(const char *quorumtool, struct hactl_findings *f);
/* hacd's answer to "status". */
void hactl_doctor_cluster(const json_t *status, struct hactl_findings *f);
/* Fence levels and time limits of the configuration. */
void hactl_doctor_fencing(const struct ha_config *config,
			  struct hactl_findings *f);
/* hacd's answer to "fence-check". */
void hactl_doctor_devices(const json_t *fences, struct hactl_findings *f);
/* Of this host: other managers, libvirt, autostart, fence agents, secrets,
 * disks. config NULL: only what needs none. */
void hactl_doctor_host(const struct ha_config *config,
		       struct hactl_findings *f);

void hactl_findings_print(const struct hactl_findings *f,
			  const struct hactl_screen *s, struct ha_buf *b);
json_t *hactl_findings_json(const struct hactl_findings *f);

#endif
