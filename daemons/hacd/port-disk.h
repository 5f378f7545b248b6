/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port-disk.h - the local disk as hacd sees it: operations go to agents/disk,
 * what became of them comes back through the user's functions, in order.
 */
#ifndef HACD_PORT_DISK_H
#define HACD_PORT_DISK_H

#include <qb/qbloop.h>

#include "base/log.h"
#include "wire/am.h"
#include "wire/disk.h"

struct port_disk;

struct port_disk_options { /* borrowed until destroy */
	const char *agents_dir;
	const char *state_dir;
	const char *events_dir;
};

struct port_disk_user {
	/* First held, then loaded. store: taken (ha_disk_store_fini), zero if
	 * damaged; text: why, or a remark, or "". held: configurations kept,
	 * oldest first, borrowed for the call. */
	void (*loaded)(const struct ha_disk_store *store, bool damaged,
		       const char *text, void *arg);
	void (*held)(const struct ha_am_held *held, size_t count, void *arg);
	void (*persisted)(uint64_t seq, bool ok, void *arg);
	/* A body asked for; data NULL: it is not there. */
	void (*body)(const struct ha_hash *hash, const void *data, size_t len,
		     void *arg);
	/* A body put: durable, or not. */
	void (*body_put)(const struct ha_hash *hash, bool ok, void *arg);
	void (*note)(enum ha_log_level level, const char *text, void *arg);
	/* A line of the events file, oldest first, after loaded. */
	void (*event)(const char *line, void *arg);
	void (*gone)(void *arg); /* nothing can be written any more */
	/* A write failed once, and now there is room again. */
	void (*mended)(void *arg);
	void *arg;
};

/* Starts the agent and asks it for all that it holds. */
int port_disk_create(qb_loop_t *loop, const struct port_disk_options *options,
		     const struct port_disk_user *user,
		     struct port_disk **ret_disk)
	__attribute__((warn_unused_result));
/* All of these copy. A result comes for each, a failed one included. */
void port_disk_persist(struct port_disk *p, const struct ha_persist *op,
		       const struct ha_state *state);
void port_disk_put_body(struct port_disk *p, const struct ha_hash *hash,
			const void *data, size_t len);
void port_disk_get_body(struct port_disk *p, const struct ha_hash *hash);
/* No result. */
void port_disk_note_held(struct port_disk *p, const struct ha_am_held *held);
void port_disk_add_event(struct port_disk *p, const char *line);
/* What was given before is still written, if all goes well. */
void port_disk_destroy(struct port_disk *p);

#endif
