/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * codec.h - private to lib/wire: between the generated structs and ours.
 *
 * put_* fill a generated struct; pull_* check one and fill ours. Both allocate
 * in `arena` and remember the first error in `err`, so that a codec is a list
 * of fields and is checked once, at its end.
 */
#ifndef HA_WIRE_CODEC_H
#define HA_WIRE_CODEC_H

#include <protobuf-c/protobuf-c.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/event.h"
#include "core/msg.h"
#include "core/state.h"
#include "wire/arena.h"
#include "wire/hac.pb-c.h"

struct ha_codec {
	struct ha_wire_arena *arena;
	int err; /* 0 or the first HA_E_* */
};

/* Memory that unpacking `len` bytes may take. */
size_t ha_codec_budget(size_t len);
/* Appends m's bytes, at most max_bytes. */
int ha_codec_pack(struct ha_codec *c, const ProtobufCMessage *m,
		  size_t max_bytes, struct ha_buf *ret_buf);
/* Into the codec's arena; NULL and c->err if it is malformed. */
void *ha_codec_unpack(struct ha_codec *c, const ProtobufCMessageDescriptor *d,
		      const void *data, size_t len);
void ha_codec_fail(struct ha_codec *c, int err);
/* NULL (and c->err) if over max or out of memory; NULL too if n is 0. */
void *ha_codec_array(struct ha_codec *c, size_t n, size_t size, size_t max);

ProtobufCBinaryData ha_put_bytes(const void *data, size_t len);
/* As bytes; none if all are 0. */
ProtobufCBinaryData ha_put_id(const void *data, size_t len);
/* Borrowed; never NULL. */
char *ha_put_text(const char *s);

uint32_t ha_pull_enum(struct ha_codec *c, uint32_t v, uint32_t first,
		      uint32_t count);
ha_hostid ha_pull_host(struct ha_codec *c, uint32_t v);
ha_hostid ha_pull_host_or_none(struct ha_codec *c, uint32_t v);
/* Exactly len bytes, or none: zeroed. */
void ha_pull_id(struct ha_codec *c, ProtobufCBinaryData b, void *ret_id,
		size_t len);
/* Into an array of `size` bytes. */
void ha_pull_text(struct ha_codec *c, const char *s, char *ret_text,
		  size_t size);
/* Borrowed from the arena, at most max characters. */
const char *ha_pull_string(struct ha_codec *c, const char *s, size_t max);

/* Parts that several formats share: NULL in, nothing out. */
Pb__Entry **ha_put_entries(struct ha_codec *c, const struct ha_entry *entries,
			   size_t count);
struct ha_entry *ha_pull_entries(struct ha_codec *c, Pb__Entry **in,
				 size_t count);
Pb__Base *ha_put_base(struct ha_codec *c, const struct ha_replica_base *base);
void ha_pull_base(struct ha_codec *c, const Pb__Base *in,
		  struct ha_replica_base *ret_base);
Pb__Meta *ha_put_meta(struct ha_codec *c, const struct ha_replica_meta *meta);
void ha_pull_meta(struct ha_codec *c, const Pb__Meta *in,
		  struct ha_replica_meta *ret_meta);
Pb__State *ha_put_state(struct ha_codec *c, const struct ha_state *s);
struct ha_state *ha_pull_state(struct ha_codec *c, const Pb__State *in);
Pb__Rmsg *ha_put_rmsg(struct ha_codec *c, const struct ha_rmsg *m);
void ha_pull_rmsg(struct ha_codec *c, const Pb__Rmsg *in,
		  struct ha_rmsg *ret_msg);
Pb__Command *ha_put_command(struct ha_codec *c, const struct ha_command *cmd);
void ha_pull_command(struct ha_codec *c, const Pb__Command *in,
		     struct ha_command *ret_cmd);
Pb__Answer *ha_put_answer(struct ha_codec *c, const struct ha_answer *a);
void ha_pull_answer(struct ha_codec *c, const Pb__Answer *in,
		    struct ha_answer *ret_answer);
Pb__Crash *ha_put_crash(struct ha_codec *c, const struct ha_crash *crash);
void ha_pull_crash(struct ha_codec *c, const Pb__Crash *in,
		   struct ha_crash *ret_crash);
void ha_put_domain(const struct ha_domain *d, Pb__Domain *out);
void ha_pull_domain(struct ha_codec *c, const Pb__Domain *in,
		    struct ha_domain *ret_domain);

#endif
