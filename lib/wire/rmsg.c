/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What replicas tell each other. */
#include "wire/codec.h"

#include <string.h>

Pb__Rmsg *ha_put_rmsg(struct ha_codec *c, const struct ha_rmsg *m)
{
	Pb__Rmsg *out = ha_codec_array(c, 1, sizeof(*out), 1);
	bool told = m->kind == HA_RMSG_HELLO || m->kind == HA_RMSG_PROMISE;

	if (!out) {
		return NULL;
	}
	pb__rmsg__init(out);
	out->kind = m->kind;
	out->view = m->view;
	out->epoch = m->epoch;
	out->last_epoch = m->last_epoch;
	out->last_index = m->last_index;
	out->commit = m->commit;
	out->to = m->to;
	out->members = m->members;
	out->boot = m->boot;
	out->empty = m->empty;
	out->unbroken = m->unbroken;
	out->promised = m->promised;
	out->passive = m->passive;
	out->mute = m->mute;
	out->level_min = m->level_min;
	out->level = m->level;
	/* a PROPOSE says on what, a SNAPSHOT of what */
	if (told || m->kind == HA_RMSG_PROPOSE ||
	    m->kind == HA_RMSG_SNAPSHOT) {
		out->at = ha_put_base(c, &m->base);
		out->meta = ha_put_meta(c, &m->meta);
	}
	out->entries = ha_put_entries(c, m->entries, m->entry_count);
	out->n_entries = out->entries ? m->entry_count : 0;
	return out;
}

void ha_pull_rmsg(struct ha_codec *c, const Pb__Rmsg *in,
		  struct ha_rmsg *ret_msg)
{
	struct ha_rmsg *m = ret_msg;

	memset(m, 0, sizeof(*m));
	m->kind = ha_pull_enum(c, in->kind, HA_RMSG_HELLO,
			       HA_RMSG_FETCH + 1);
	m->view = in->view;
	m->epoch = in->epoch;
	m->last_epoch = in->last_epoch;
	m->last_index = in->last_index;
	m->commit = in->commit;
	m->to = in->to;
	m->members = in->members;
	m->boot = in->boot;
	m->empty = in->empty;
	m->unbroken = in->unbroken;
	m->promised = in->promised;
	m->passive = in->passive;
	m->mute = in->mute;
	m->level_min = in->level_min;
	m->level = in->level;
	ha_pull_base(c, in->at, &m->base);
	ha_pull_meta(c, in->meta, &m->meta);
	m->entries = ha_pull_entries(c, in->entries, in->n_entries);
	m->entry_count = m->entries ? in->n_entries : 0;
	if (m->entry_count > 0 && m->kind != HA_RMSG_APPEND) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
}
