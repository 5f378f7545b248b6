/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <endian.h>
#include <string.h>
#include <zlib.h>

#include "base/limits.h"

_Static_assert(sizeof(struct ha_record_head) == 48, "no padding on disk");
_Static_assert(__BYTE_ORDER == __LITTLE_ENDIAN,
	       "the store's format is little endian");

static uint32_t checksum(const struct ha_record_head *h, const void *body,
			 size_t len)
{
	const Bytef *head = (const Bytef *)&h->flags;
	size_t head_len = sizeof(*h) - offsetof(struct ha_record_head, flags);
	uLong crc = crc32(0, head, (uInt)head_len);

	crc = crc32(crc, (const Bytef *)&h->len, sizeof(h->len));
	if (len > 0) { /* zlib begins anew with a body that is NULL */
		crc = crc32(crc, body, (uInt)len);
	}
	return (uint32_t)crc;
}

void ha_record_seal(struct ha_record_head *h, uint32_t magic, const void *body,
		    size_t len)
{
	h->magic = magic;
	h->len = (uint32_t)len;
	h->crc = checksum(h, body, len);
}

bool ha_record_read(const void *data, size_t len, uint32_t magic,
		    struct ha_record_head *ret_head)
{
	struct ha_record_head h;

	if (len < sizeof(h)) {
		return false;
	}
	memcpy(&h, data, sizeof(h));
	if (h.magic != magic || h.len > len - sizeof(h) ||
	    h.op > HA_RECORD_NUMBER_MAX || h.first > HA_RECORD_NUMBER_MAX ||
	    h.last > HA_RECORD_NUMBER_MAX ||
	    checksum(&h, (const char *)data + sizeof(h), h.len) != h.crc) {
		return false;
	}
	*ret_head = h;
	return true;
}
