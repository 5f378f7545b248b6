/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log entries, and what a store holds beside them. */
#include "wire/codec.h"

#include <string.h>

#include "core/fact.h"

static Pb__Fact *put_fact(struct ha_codec *c, const struct ha_entry *e)
{
	struct ha_fact *f = ha_codec_array(c, 1, sizeof(*f), 1);
	Pb__Fact *out = ha_codec_array(c, 1, sizeof(*out), 1);

	if (!f || !out) {
		return NULL;
	}
	memcpy(f, e->data, sizeof(*f));
	pb__fact__init(out);
	out->kind = f->kind;
	out->code = f->code;
	out->host = f->host;
	out->by = f->by;
	out->boot = f->boot;
	out->number = f->number;
	out->vm = ha_put_id(&f->vm, sizeof(f->vm));
	out->hash = ha_put_id(&f->hash, sizeof(f->hash));
	f->text[sizeof(f->text) - 1] = '\0';
	out->text = ha_put_text(f->text);
	return out;
}

static void pull_fact(struct ha_codec *c, const Pb__Fact *in,
		      struct ha_entry *ret_entry)
{
	struct ha_fact f;

	memset(&f, 0, sizeof(f));
	/* one that is not known here must not be skipped, nor half read */
	f.kind = ha_pull_enum(c, in->kind, 1, HA_FACT_COUNT);
	f.code = in->code;
	f.host = ha_pull_host_or_none(c, in->host);
	f.by = ha_pull_host_or_none(c, in->by);
	f.boot = in->boot;
	f.number = in->number;
	ha_pull_id(c, in->vm, &f.vm, sizeof(f.vm));
	ha_pull_id(c, in->hash, &f.hash, sizeof(f.hash));
	ha_pull_text(c, in->text, f.text, sizeof(f.text));
	memcpy(ret_entry->data, &f, sizeof(f));
	ret_entry->len = sizeof(f);
}

static Pb__Entry *put_entry(struct ha_codec *c, const struct ha_entry *e)
{
	Pb__Entry *out = ha_codec_array(c, 1, sizeof(*out), 1);

	if (!out) {
		return NULL;
	}
	pb__entry__init(out);
	out->epoch = e->epoch;
	out->index = e->index;
	out->kind = e->kind;
	out->effect = e->effect;
	out->host = e->host;
	out->members = e->members;
	out->view = e->view;
	out->body = ha_put_id(&e->body, sizeof(e->body));
	out->level = e->level;
	out->lost = e->lost;
	out->cluster = ha_put_id(e->cluster, sizeof(e->cluster));
	if (e->kind == HA_ENTRY_FACT && e->len == sizeof(struct ha_fact)) {
		out->fact = put_fact(c, e);
	} else if (e->len <= sizeof(e->data)) {
		out->data = ha_put_bytes(e->data, e->len);
	} else {
		ha_codec_fail(c, HA_E_LIMIT);
	}
	return out;
}

static void pull_entry(struct ha_codec *c, const Pb__Entry *in,
		       struct ha_entry *ret_entry)
{
	struct ha_entry *e = ret_entry;

	e->epoch = in->epoch;
	e->index = in->index;
	e->kind = ha_pull_enum(c, in->kind, HA_ENTRY_EPOCH, HA_ENTRY_FACT + 1);
	e->effect = ha_pull_enum(c, in->effect, HA_EFFECT_NONE,
				 HA_EFFECT_LOSS + 1);
	e->host = e->effect == HA_EFFECT_NONE && e->kind == HA_ENTRY_FACT
			  ? ha_pull_host_or_none(c, in->host)
			  : ha_pull_host(c, in->host);
	e->members = in->members;
	e->view = in->view;
	ha_pull_id(c, in->body, &e->body, sizeof(e->body));
	e->level = in->level;
	e->lost = in->lost;
	ha_pull_id(c, in->cluster, e->cluster, sizeof(e->cluster));
	if (e->index == 0 || e->epoch == 0) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
	if (e->kind == HA_ENTRY_FACT) {
		if (!in->fact || in->data.len > 0) {
			ha_codec_fail(c, HA_E_SYNTAX);
			return;
		}
		pull_fact(c, in->fact, e);
	} else if (in->fact || in->data.len > sizeof(e->data)) {
		ha_codec_fail(c, HA_E_SYNTAX);
	} else if (in->data.len > 0) {
		e->len = (uint32_t)in->data.len;
		memcpy(e->data, in->data.data, in->data.len);
	}
}

Pb__Entry **ha_put_entries(struct ha_codec *c, const struct ha_entry *entries,
			   size_t count)
{
	Pb__Entry **out;

	out = ha_codec_array(c, count, sizeof(Pb__Entry *), HA_LOG_ENTRIES_MAX);
	for (size_t i = 0; out && i < count; i++) {
		out[i] = put_entry(c, &entries[i]);
		if (c->err) {
			return NULL;
		}
	}
	return out;
}

struct ha_entry *ha_pull_entries(struct ha_codec *c, Pb__Entry **in,
				 size_t count)
{
	struct ha_entry *out;

	out = ha_codec_array(c, count, sizeof(*out), HA_LOG_ENTRIES_MAX);
	for (size_t i = 0; out && i < count; i++) {
		pull_entry(c, in[i], &out[i]);
		/* a run of entries: indexes without a gap, epochs rise */
		if (i > 0 && (out[i].index != out[i - 1].index + 1 ||
			      out[i].epoch < out[i - 1].epoch)) {
			ha_codec_fail(c, HA_E_SYNTAX);
		}
		if (c->err) {
			return NULL;
		}
	}
	return out;
}

static void put_standing(struct ha_codec *c, const struct ha_replica_base *base,
			 Pb__Base *out)
{
	Pb__Standing *s;

	s = ha_codec_array(c, HA_HOSTS_MAX, sizeof(*s), HA_HOSTS_MAX);
	out->standing = ha_codec_array(c, HA_HOSTS_MAX, sizeof(s), HA_HOSTS_MAX);
	for (uint32_t i = 0; !c->err && i < HA_HOSTS_MAX; i++) {
		if (base->standing[i] == 0) {
			continue;
		}
		pb__standing__init(s);
		s->host = i + 1;
		s->index = base->standing[i];
		out->standing[out->n_standing++] = s++;
	}
}

Pb__Base *ha_put_base(struct ha_codec *c, const struct ha_replica_base *base)
{
	Pb__Base *out = ha_codec_array(c, 1, sizeof(*out), 1);

	if (!out) {
		return NULL;
	}
	pb__base__init(out);
	out->index = base->index;
	out->epoch = base->epoch;
	out->voters = base->voters;
	out->down = base->down;
	put_standing(c, base, out);
	out->cluster = ha_put_id(base->cluster, sizeof(base->cluster));
	out->body = ha_put_id(&base->body, sizeof(base->body));
	out->changed = base->changed;
	out->voters_before = base->voters_before;
	out->cluster_before = ha_put_id(base->cluster_before,
					sizeof(base->cluster_before));
	out->rest = base->rest;
	out->broken = base->broken;
	out->level = base->level;
	return out;
}

void ha_pull_base(struct ha_codec *c, const Pb__Base *in,
		  struct ha_replica_base *ret_base)
{
	memset(ret_base, 0, sizeof(*ret_base));
	if (!in) {
		return;
	}
	ret_base->index = in->index;
	ret_base->epoch = in->epoch;
	ret_base->voters = in->voters;
	ret_base->down = in->down;
	for (size_t i = 0; i < in->n_standing; i++) {
		ha_hostid h = ha_pull_host(c, in->standing[i]->host);

		ret_base->standing[h - 1] = in->standing[i]->index;
	}
	ha_pull_id(c, in->cluster, ret_base->cluster,
		   sizeof(ret_base->cluster));
	ha_pull_id(c, in->body, &ret_base->body, sizeof(ret_base->body));
	ret_base->changed = in->changed;
	ret_base->voters_before = in->voters_before;
	ha_pull_id(c, in->cluster_before, ret_base->cluster_before,
		   sizeof(ret_base->cluster_before));
	ret_base->rest = in->rest;
	ret_base->broken = in->broken;
	ret_base->level = in->level;
}

Pb__Meta *ha_put_meta(struct ha_codec *c, const struct ha_replica_meta *meta)
{
	Pb__Meta *out = ha_codec_array(c, 1, sizeof(*out), 1);
	Pb__Acked *a = ha_codec_array(c, HA_HOSTS_MAX, sizeof(*a),
				      HA_HOSTS_MAX);

	if (!out || !a) {
		return NULL;
	}
	pb__meta__init(out);
	out->promised = meta->promised;
	out->commit = meta->commit;
	out->boot = meta->boot;
	out->boot_index = meta->boot_index;
	out->cut = meta->cut;
	out->suspect = meta->suspect;
	out->acked = ha_codec_array(c, HA_HOSTS_MAX, sizeof(a), HA_HOSTS_MAX);
	for (uint32_t i = 0; !c->err && i < HA_HOSTS_MAX; i++) {
		if (meta->acked_epoch[i] == 0 && meta->acked_index[i] == 0) {
			continue;
		}
		pb__acked__init(a);
		a->host = i + 1;
		a->epoch = meta->acked_epoch[i];
		a->index = meta->acked_index[i];
		out->acked[out->n_acked++] = a++;
	}
	return out;
}

void ha_pull_meta(struct ha_codec *c, const Pb__Meta *in,
		  struct ha_replica_meta *ret_meta)
{
	memset(ret_meta, 0, sizeof(*ret_meta));
	if (!in) {
		return;
	}
	ret_meta->promised = in->promised;
	ret_meta->commit = in->commit;
	ret_meta->boot = in->boot;
	ret_meta->boot_index = in->boot_index;
	ret_meta->cut = in->cut;
	ret_meta->suspect = in->suspect;
	for (size_t i = 0; i < in->n_acked; i++) {
		ha_hostid h = ha_pull_host(c, in->acked[i]->host);

		ret_meta->acked_epoch[h - 1] = in->acked[i]->epoch;
		ret_meta->acked_index[h - 1] = in->acked[i]->index;
	}
}
