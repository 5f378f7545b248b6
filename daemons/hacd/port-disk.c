/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-disk.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent-link.h"
#include "base/err.h"

enum want { WANT_PERSIST, WANT_BODY_PUT, WANT_BODY_GET };

struct pending { /* results come in the order of the requests */
	struct pending *next;
	enum want want;
	uint64_t seq;
	struct ha_hash hash;
};

struct port_disk {
	struct port_disk_user user;
	struct agent_link *link;
	bool loaded;
	bool gone;
	uint64_t last_id;
	struct pending *pending;
	struct pending **pending_tail;
};

static void say_gone(struct port_disk *p)
{
	if (!p->gone) {
		p->gone = true;
		p->user.gone(p->user.arg);
	}
}

static void on_link_gone(const char *why, void *arg)
{
	struct port_disk *p = arg;
	char text[80];

	snprintf(text, sizeof(text), "disk: its agent: %s", why);
	p->user.note(HA_LOG_WARNING, text, p->user.arg);
	say_gone(p);
}

/* Registers the request before it is sent; its result is told in any case. */
static void request(struct port_disk *p, struct ha_am *m,
		    const struct pending *want)
{
	struct pending *w = malloc(sizeof(*w));

	if (!w) {
		say_gone(p);
		return;
	}
	*w = *want;
	w->next = NULL;
	m->id = ++p->last_id;
	*p->pending_tail = w;
	p->pending_tail = &w->next;
	if (agent_link_send(p->link, m) != 0) {
		say_gone(p); /* out of memory, or larger than any limit */
	}
}

static void tell_result(struct port_disk *p, const struct ha_am *m)
{
	struct pending w, *first = p->pending;
	bool ok = m->kind == HA_AM_BODY || m->code == HA_OP_OK;

	if (!first) {
		p->user.note(HA_LOG_WARNING, "disk: a result that nobody waits "
			     "for came from its agent; dropped", p->user.arg);
		return;
	}
	w = *first;
	p->pending = first->next;
	if (!p->pending) {
		p->pending_tail = &p->pending;
	}
	free(first);
	switch (w.want) {
	case WANT_PERSIST:
		p->user.persisted(w.seq, ok, p->user.arg);
		return;
	case WANT_BODY_PUT:
		p->user.body_put(&w.hash, ok, p->user.arg);
		return;
	case WANT_BODY_GET:
		ok = ok && m->kind == HA_AM_BODY && m->data.len > 0;
		p->user.body(&w.hash, ok ? m->data.data : NULL,
			     ok ? m->data.len : 0, p->user.arg);
		return;
	}
}

static int replay(const struct ha_am *m, struct ha_disk_store *ret_store)
{
	struct ha_disk_bytes *records;
	struct ha_disk_raw raw = { .snapshot = { m->data.data, m->data.len },
				   .record_count = m->record_count,
				   .snapshot_newest = m->code == 1 };
	int rc;

	records = calloc(m->record_count + 1, sizeof(*records));
	if (!records) {
		return HA_E_NO_MEMORY;
	}
	for (size_t i = 0; i < m->record_count; i++) {
		records[i].data = m->records[i].data;
		records[i].len = m->records[i].len;
	}
	raw.records = records;
	rc = ha_disk_unpack(&raw, ret_store);
	free(records);
	return rc;
}

static void tell_loaded(struct port_disk *p, const struct ha_am *m)
{
	struct ha_am again = { .kind = HA_AM_LOAD, .flag = true };
	struct ha_disk_store store;

	if (p->loaded) {
		return;
	}
	memset(&store, 0, sizeof(store));
	if (!m->flag && replay(m, &store) != 0) {
		/* set aside; it answers once more, with the damage */
		if (agent_link_send(p->link, &again) != 0) {
			say_gone(p);
		}
		return;
	}
	p->loaded = true;
	p->user.held(m->held, m->held_count, p->user.arg);
	p->user.loaded(&store, m->flag, m->text, p->user.arg);
}

static void handle(const struct ha_am *m, void *arg)
{
	struct port_disk *p = arg;

	if (p->gone) {
		return;
	}
	if (m->kind == HA_AM_RESULT || m->kind == HA_AM_BODY) {
		tell_result(p, m);
	} else if (m->kind == HA_AM_LOADED) {
		tell_loaded(p, m);
	} else if (m->kind == HA_AM_EVENT) {
		p->user.event(m->text, p->user.arg);
	} else if (m->kind == HA_AM_UP) {
		p->user.mended(p->user.arg);
	} else if (m->kind == HA_AM_NOTE) {
		p->user.note((enum ha_log_level)m->code, m->text, p->user.arg);
	}
}

static int start_agent(struct port_disk *p, qb_loop_t *loop,
		       const struct port_disk_options *o)
{
	char path[PATH_MAX];
	const char *const argv[] = { path, "--state", o->state_dir, "--events",
				     o->events_dir, NULL };
	const struct agent_link_program program = { .argv = argv,
						    .outlives = true };
	const struct agent_link_user user = { .message = handle,
					      .gone = on_link_gone, .arg = p };

	snprintf(path, sizeof(path), "%s/hac-agent-disk", o->agents_dir);
	return agent_link_create(loop, &program, &user, &p->link);
}

int port_disk_create(qb_loop_t *loop, const struct port_disk_options *options,
		     const struct port_disk_user *user,
		     struct port_disk **ret_disk)
{
	struct ha_am load = { .kind = HA_AM_LOAD };
	struct port_disk *p = calloc(1, sizeof(*p));
	int rc;

	if (!p) {
		return HA_E_NO_MEMORY;
	}
	p->user = *user;
	p->pending_tail = &p->pending;
	rc = start_agent(p, loop, options);
	if (rc == 0) {
		rc = agent_link_send(p->link, &load);
	}
	if (rc != 0) {
		port_disk_destroy(p);
		return rc;
	}
	*ret_disk = p;
	return 0;
}

void port_disk_persist(struct port_disk *p, const struct ha_persist *op,
		       const struct ha_state *state)
{
	struct pending w = { .want = WANT_PERSIST, .seq = op->seq };
	struct ha_am m = { .kind = HA_AM_PERSIST };
	struct ha_buf buf = { 0 };
	int rc;

	if (op->kind == HA_PERSIST_STATE) {
		m.kind = HA_AM_SNAPSHOT;
		m.first = op->base.index;
		m.flag = op->received;
		rc = ha_disk_pack_snapshot(op, state, &buf);
	} else {
		if (op->kind == HA_PERSIST_ENTRIES && op->entry_count > 0) {
			m.first = op->entries[0].index;
			m.last = op->entries[op->entry_count - 1].index;
		}
		rc = ha_disk_pack_record(op, &buf);
	}
	m.data.data = buf.data;
	m.data.len = buf.len;
	if (rc == 0) {
		request(p, &m, &w);
	} else {
		say_gone(p);
	}
	ha_buf_fini(&buf);
}

void port_disk_put_body(struct port_disk *p, const struct ha_hash *hash,
			const void *data, size_t len)
{
	struct pending w = { .want = WANT_BODY_PUT, .hash = *hash };
	struct ha_am m = { .kind = HA_AM_BODY_PUT, .hash = *hash,
			   .data = { data, len } };

	request(p, &m, &w);
}

void port_disk_get_body(struct port_disk *p, const struct ha_hash *hash)
{
	struct pending w = { .want = WANT_BODY_GET, .hash = *hash };
	struct ha_am m = { .kind = HA_AM_BODY_GET, .hash = *hash };

	request(p, &m, &w);
}

/* For people, and in the log as well: it may be lost. */
static void send_note(struct port_disk *p, const struct ha_am *m)
{
	int rc = p->gone ? 0 : agent_link_send(p->link, m);

	(void)rc;
}

void port_disk_note_held(struct port_disk *p, const struct ha_am_held *held)
{
	struct ha_am m = { .kind = HA_AM_HELD, .held = held, .held_count = 1 };

	send_note(p, &m);
}

void port_disk_add_event(struct port_disk *p, const char *line)
{
	struct ha_am m = { .kind = HA_AM_EVENT, .text = line };

	send_note(p, &m);
}

void port_disk_destroy(struct port_disk *p)
{
	if (!p) {
		return;
	}
	agent_link_destroy(p->link); /* it writes what it has, and ends */
	while (p->pending) {
		struct pending *w = p->pending;

		p->pending = w->next;
		free(w);
	}
	free(p);
}
