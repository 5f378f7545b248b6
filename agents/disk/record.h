/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - a record as bytes: a head with a checksum, then the body. Little
 * endian, as the fields stand here.
 */
#ifndef HA_DISK_RECORD_H
#define HA_DISK_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HA_RECORD_LOG 0x31676f6cu      /* "log1" */
#define HA_RECORD_SNAPSHOT 0x31706e73u /* "snp1" */
#define HA_RECORD_MARK 0x316b726du /* "mrk1" */

/* Operations and entries count up from 1: no store gets that far, and what
 * comes after a number can always be computed. */
#define HA_RECORD_NUMBER_MAX (UINT64_MAX / 2)

struct ha_record_head {
	uint32_t magic;
	uint32_t len;     /* of the body */
	uint32_t crc;     /* of what follows in the head, and of the body */
	uint32_t flags;   /* snapshot: 1 = older log records do not count */
	uint64_t op;
	uint64_t durable; /* bytes of the file that were synced before */
	uint64_t first;
	uint64_t last;
};

/* Sets magic, len, crc; the rest is the caller's. */
void ha_record_seal(struct ha_record_head *h, uint32_t magic, const void *body,
		    size_t len);
/* Is there a whole and unchanged record at data? Its head, if so. */
bool ha_record_read(const void *data, size_t len, uint32_t magic,
		    struct ha_record_head *ret_head);

#endif
