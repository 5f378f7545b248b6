/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * render.h - hacd's JSON answers as text for people. Pure: JSON in, text out.
 * The shapes are described in hactl(8), JSON.
 */
#ifndef HACTL_RENDER_H
#define HACTL_RENDER_H

#include <jansson.h>

#include "hactl.h"

/* Is the cluster fine, what is not, what is being done, what should I do. */
void hactl_render_status(const json_t *status, const struct hactl_screen *s,
			 struct ha_buf *b);
/* What hactl status calls fine. */
bool hactl_status_fine(const json_t *status);
void hactl_render_hosts(const json_t *hosts, const struct hactl_screen *s,
			struct ha_buf *b);
/* on_host: only VMs owned by it; NULL: all. */
void hactl_render_vms(const json_t *vms, const char *on_host,
		      const struct hactl_screen *s, struct ha_buf *b);
void hactl_render_host(const json_t *host, const struct hactl_screen *s,
		       struct ha_buf *b);
void hactl_render_vm(const json_t *vm, const struct hactl_screen *s,
		     struct ha_buf *b);
void hactl_render_events(const json_t *events, const struct hactl_screen *s,
			 struct ha_buf *b);
void hactl_render_fences(const json_t *fences, const struct hactl_screen *s,
			 struct ha_buf *b);
/* "2026-11-24T10:11:12.345Z" -> "2026-11-24 10:11:12.345" */
void hactl_render_time(const char *iso, struct ha_buf *b);
/* "host h2 is lost: ...", and what to do. */
void hactl_render_state(const char *kind, const json_t *object,
			const struct hactl_screen *s, struct ha_buf *b);
/* What explain.h has added: causes and effects. */
void hactl_render_because(const json_t *explained,
			  const struct hactl_screen *s, struct ha_buf *b);
void hactl_render_host_story(const json_t *explained,
			     const struct hactl_screen *s, struct ha_buf *b);
void hactl_render_event_story(const json_t *explained,
			      const struct hactl_screen *s, struct ha_buf *b);
/* Of one VM: what it is, why, and how it came to it. */
void hactl_render_story(const json_t *explained, const struct hactl_screen *s,
			struct ha_buf *b);
/* The answer of simulate. */
void hactl_render_whatif(const json_t *whatif, const struct hactl_screen *s,
			 struct ha_buf *b);
void hactl_render_versions(const json_t *versions,
			   const struct hactl_screen *s, struct ha_buf *b);

/* How many hosts may fail, in a sentence; all about it; hosts for a VM. */
void hactl_render_failures(const json_t *admission,
			   const struct hactl_screen *s, struct ha_buf *b);
void hactl_render_admission(const json_t *admission,
			    const struct hactl_screen *s, struct ha_buf *b);
void hactl_render_placement(const json_t *placement,
			    const struct hactl_screen *s, struct ha_buf *b);
/* "broken (must, apart) by vm db1, db2 on h2 for at least 3 min" */
void hactl_render_breaking(const json_t *rule, struct ha_buf *b);
/* A line for each rule that is broken, and what to do. */
void hactl_render_broken(const json_t *broken, const struct hactl_screen *s,
			 struct ha_buf *b);

#endif
