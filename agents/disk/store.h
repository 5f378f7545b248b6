/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - the log and the snapshot of one host. Knows records by their
 * indexes and checksums, not by their meaning.
 *
 *   log       records, appended and synced; rewritten after a snapshot
 *   snapshot  one record; replaced by rename
 *   mark      the number of the newest operation acknowledged
 *   damaged   there: log and snapshot were set aside, do not count (text: why)
 *
 * Every record has a number that rises by one with each operation ever done,
 * so that what is newer is known across both files, also if a power cut comes
 * between a snapshot and the rewriting of the log.
 *
 * Call order: open, load, then the rest. After a failed sync nothing is known
 * of the file any more: all that follows fails until the agent is restarted.
 */
#ifndef HA_DISK_STORE_H
#define HA_DISK_STORE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

/* Bytes of the files. Both travel in one message when they are loaded. */
#define HA_STORE_LOG_MAX (14u << 20)
#define HA_STORE_SNAPSHOT_MAX (32u << 20)
_Static_assert(HA_STORE_LOG_MAX + HA_STORE_SNAPSHOT_MAX + (1u << 20) <
		       HA_AGENT_MESSAGE_MAX, "a store fits into a message");

struct ha_store_rec { /* a record in the log file */
	uint64_t op;
	uint64_t offset;
	uint64_t first; /* indexes of its entries; 0: none left */
	uint64_t last;
	uint32_t size;  /* with its head */
};

struct ha_store {
	int dirfd;
	int log_fd;         /* -1: not there */
	int mark_fd;        /* -1: not opened yet */
	uint64_t log_bytes; /* durable */
	uint64_t next_op;
	uint64_t base;      /* the snapshot's index */
	uint64_t last;      /* index of the last entry */
	struct ha_store_rec *recs; /* owned */
	size_t rec_count;
	size_t rec_max;
	bool broken;
};

struct ha_store_content {
	bool damaged;
	bool snapshot_newest;
	char text[256];         /* why damaged; or a remark; or "" */
	struct ha_buf snapshot; /* its body */
	struct ha_buf log;      /* the file */
	size_t *bodies;         /* offset and size pairs in log, owned */
	size_t body_count;
};

struct ha_store_append {
	uint64_t first, last; /* of its entries; 0 none */
	const void *data;
	size_t len;
};

/* dirfd: taken. */
void ha_store_open(struct ha_store *s, int dirfd);
/* 0 (also if damaged), or an error that a retry may mend. */
int ha_store_load(struct ha_store *s, struct ha_store_content *ret_content)
	__attribute__((warn_unused_result));
void ha_store_content_fini(struct ha_store_content *c);
/* Log, snapshot and mark go aside as *.damaged. */
int ha_store_set_aside(struct ha_store *s, const char *why)
	__attribute__((warn_unused_result));
/* All of them or none; durable on return. */
int ha_store_append(struct ha_store *s, const struct ha_store_append *list,
		    size_t count) __attribute__((warn_unused_result));
/* first: the index that it stands for; drop_all: the log no longer counts. */
int ha_store_snapshot(struct ha_store *s, const struct ha_store_append *snap,
		      bool drop_all) __attribute__((warn_unused_result));
void ha_store_close(struct ha_store *s);

#endif
