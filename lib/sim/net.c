/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order in a ring: queues of packets, receiving and delivering them. How
 * rings form is in ring.c.
 */
#include "sim/net.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/ring.h"
#include "sim/world.h"

#define ORDER_DELAY 400  /* us until the token is here, at most */

static void *copy_array(const void *from, size_t bytes)
{
	void *to = NULL;

	if (bytes > 0) {
		to = sim_alloc(bytes);
		memcpy(to, from, bytes);
	}
	return to;
}

struct sim_msg *sim_msg_copy(const struct ha_msg *m)
{
	struct sim_msg *c = sim_alloc(sizeof(*c));

	c->refs = 1;
	c->msg = *m;
	if (m->kind == HA_MSG_REPLICA) {
		c->msg.replica.entries = copy_array(
			m->replica.entries,
			m->replica.entry_count * sizeof(struct ha_entry));
	} else if (m->kind == HA_MSG_REPORTS) {
		c->msg.reports.reports = copy_array(
			m->reports.reports,
			m->reports.count * sizeof(struct ha_report));
	} else if (m->kind == HA_MSG_STATE) {
		c->msg.state.state = copy_array(
			m->state.state,
			ha_state_size(m->state.state->vm_count));
	}
	return c;
}

void sim_msg_unref(struct sim_msg *m)
{
	if (!m || --m->refs > 0) {
		return;
	}
	if (m->msg.kind == HA_MSG_REPLICA) {
		free((void *)m->msg.replica.entries);
	} else if (m->msg.kind == HA_MSG_REPORTS) {
		free((void *)m->msg.reports.reports);
	} else if (m->msg.kind == HA_MSG_STATE) {
		free((void *)m->msg.state.state);
	}
	free(m);
}

ha_dur sim_net_token(const struct sim *s)
{
	unsigned hosts = ha_hostset_count(s->nodelist);

	return s->params.token +
	       (hosts > 2 ? (ha_dur)(hosts - 2) * s->params.token_coefficient
			  : 0);
}

/* What came through corosync reaches the hacd of then, if it is still there
 * and in the group. */
static void into_hacd(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	struct sim_msg *m = p->p;

	if (h->core && p->gen == h->hacd_gen && h->in_group) {
		struct ha_event ev = { .kind = HA_EV_MESSAGE };

		ev.message = &m->msg;
		sim_hacd_step(s, p->host, &ev);
	}
	sim_msg_unref(m);
}

static void view_into_hacd(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	struct sim_view *v = p->p;

	if (h->core && p->gen == h->hacd_gen && h->in_group) {
		struct ha_event ev = { .kind = HA_EV_VIEW };

		ev.view.id = v->id;
		ev.view.members = v->members;
		ev.view.hacds = v->hacds;
		ev.view.quorate = v->quorate;
		h->view_members = v->members;
		h->view_quorate = v->quorate;
		sim_hacd_step(s, p->host, &ev);
	}
	free(v);
}

void sim_net_tell_view(struct sim *s, ha_hostid host, ha_dur after)
{
	struct sim_host *h = sim_host(s, host);
	struct sim_view *v = sim_alloc(sizeof(*v));

	v->id = h->corosync.view;
	v->members = h->corosync.ring->members;
	v->hacds = h->corosync.group;
	v->quorate = sim_ring_quorate(s, host);
	sim_after(s, after, (struct sim_pend){ .fn = view_into_hacd,
		  .stream = SIM_STREAM_COROSYNC,
		  .scope = SIM_SCOPE_HACD, .host = host, .gen = h->hacd_gen,
		  .p = v, .drop = free });
}

static void drop_msg(void *m)
{
	sim_msg_unref(m);
}

static void deliver(struct sim *s, ha_hostid host,
		    const struct sim_packet *packet)
{
	struct sim_host *h = sim_host(s, host);
	struct sim_corosync *co = &h->corosync;
	ha_dur after = ha_time_max(co->view_at - s->now, 0);

	if (packet->kind == SIM_PACKET_DATA) {
		packet->msg->refs++;
		sim_after(s, after, (struct sim_pend){ .fn = into_hacd,
			  .stream = SIM_STREAM_COROSYNC,
			  .scope = SIM_SCOPE_HACD, .host = host,
			  .gen = h->hacd_gen, .p = packet->msg,
			  .drop = drop_msg });
		return;
	}
	if (packet->kind == SIM_PACKET_JOIN) {
		co->group |= ha_host_bit(packet->from);
		if (packet->from == host && packet->hacd == h->hacd_gen) {
			h->in_group = true;
		}
	} else {
		co->group &= ~ha_host_bit(packet->from);
	}
	co->view = packet->view;
	sim_net_tell_view(s, host, after);
}

/* Delivers all that is there in order; with `skip` also over holes. */
void sim_net_drain(struct sim *s, ha_hostid host, bool skip)
{
	struct sim_corosync *co = &sim_host(s, host)->corosync;
	struct sim_ring *r = co->ring;

	while (co->next < r->base + r->count) {
		struct sim_packet *packet = &r->packets[co->next - r->base];

		if (ha_host_in(packet->got, host)) {
			deliver(s, host, packet);
		} else if (!skip) {
			return;
		}
		co->next++;
	}
}

/* Packets that all members have delivered are not needed any more. */
static void trim_ring(struct sim *s, struct sim_ring *r)
{
	uint64_t least = r->base + r->count;
	size_t n;

	for (ha_hostset set = r->members; set;) {
		struct sim_host *h = sim_host(s, ha_hostset_pop(&set));

		if (h->corosync.ring == r && h->corosync.next < least) {
			least = h->corosync.next;
		}
	}
	n = (size_t)(least - r->base);
	if (n < 64) {
		return;
	}
	for (size_t i = 0; i < n; i++) {
		sim_msg_unref(r->packets[i].msg);
	}
	memmove(r->packets, r->packets + n,
		(r->count - n) * sizeof(*r->packets));
	r->count -= n;
	r->base = least;
}

/* a: packet number; p: the ring, as a number. */
static void receive(struct sim *s, const struct sim_pend *p)
{
	struct sim_corosync *co = &sim_host(s, p->host)->corosync;
	struct sim_ring *r = co->ring;
	struct sim_packet *packet;

	if (!co->up || p->gen != co->gen || !r || r->view != p->b ||
	    p->a < r->base) {
		return;
	}
	if (s->now < co->view_at) {
		struct sim_pend again = *p;

		sim_after(s, co->view_at - s->now, again);
		return;
	}
	packet = &r->packets[p->a - r->base];
	if (!sim_link_hears(s, packet->from, p->host) && sim_rand_hit(s, 2)) {
		return; /* cut while it was on its way */
	}
	packet->got |= ha_host_bit(p->host);
	sim_net_drain(s, p->host, false);
	trim_ring(s, r);
}

static void fly(struct sim *s, struct sim_ring *r, uint64_t number,
		ha_hostid to)
{
	const struct sim_packet *packet = &r->packets[number - r->base];
	struct sim_host *h = sim_host(s, to);
	ha_dur delay = to == packet->from
			       ? 0
			       : 20 + sim_rand_dur(s, s->params.flight) +
					 sim_link_delay(s, packet->from, to);

	if (h->corosync.ring != r || !h->corosync.up ||
	    !sim_link_hears(s, packet->from, to)) {
		return;
	}
	sim_after(s, delay, (struct sim_pend){ .fn = receive,
		  .scope = SIM_SCOPE_COROSYNC, .host = to,
		  .gen = h->corosync.gen, .a = number, .b = r->view });
}

/* Who lacks a packet after the ring is whole again gets it once more. */
void sim_net_resend(struct sim *s, struct sim_ring *r)
{
	for (size_t i = 0; i < r->count; i++) {
		for (ha_hostset set = r->members & ~r->packets[i].got; set;) {
			fly(s, r, r->base + i, ha_hostset_pop(&set));
		}
	}
}

static void add_packet(struct sim_ring *r, const struct sim_packet *packet)
{
	if (r->count == r->size) {
		r->size = r->size == 0 ? 64 : 2 * r->size;
		r->packets = realloc(r->packets,
				     r->size * sizeof(*r->packets));
		if (!r->packets) {
			abort();
		}
	}
	r->packets[r->count++] = *packet;
}

static void group_packet(struct sim *s, struct sim_ring *r,
			 struct sim_packet *packet)
{
	if (packet->kind == SIM_PACKET_JOIN) {
		r->group |= ha_host_bit(packet->from);
		packet->view = ++s->views;
	} else if (packet->kind == SIM_PACKET_LEAVE) {
		r->group &= ~ha_host_bit(packet->from);
		packet->view = ++s->views;
	}
}

/* The token is here: the first of the queue gets its place in the order. */
static void order_one(struct sim *s, const struct sim_pend *p)
{
	struct sim_corosync *co = &sim_host(s, p->host)->corosync;
	struct sim_ring *r = co->ring;
	struct sim_packet packet;
	uint64_t number;

	if (!co->up || p->gen != co->gen || co->queued == 0 ||
	    !sim_ring_orders(s, r, p->host)) {
		return; /* it stays for the next ring */
	}
	if (s->now < co->view_at) {
		sim_after(s, co->view_at - s->now, *p);
		return;
	}
	s->orders++;
	packet = co->queue[0];
	memmove(co->queue, co->queue + 1, --co->queued * sizeof(packet));
	packet.got = 0;
	group_packet(s, r, &packet);
	number = r->base + r->count;
	add_packet(r, &packet);
	for (ha_hostset set = r->members; set;) {
		fly(s, r, number, ha_hostset_pop(&set));
	}
	if (!r->broken && sim_link_loses_token(s, p->host)) {
		sim_ring_lose_token(s, r);
	}
}

static void ask_for_token(struct sim *s, ha_hostid host)
{
	sim_after(s, 20 + sim_rand_dur(s, ORDER_DELAY),
		  (struct sim_pend){ .fn = order_one,
				     .scope = SIM_SCOPE_COROSYNC, .host = host,
				     .gen = sim_host(s, host)->corosync.gen });
}

void sim_net_flush(struct sim *s, ha_hostid host)
{
	struct sim_corosync *co = &sim_host(s, host)->corosync;

	for (size_t i = 0; i < co->queued; i++) {
		ask_for_token(s, host);
	}
}

static void enqueue(struct sim *s, ha_hostid host, struct sim_packet packet)
{
	struct sim_corosync *co = &sim_host(s, host)->corosync;

	if (!co->up) {
		sim_msg_unref(packet.msg);
		return;
	}
	if (co->queued == co->queue_size) {
		co->queue_size = co->queue_size == 0 ? 16 : 2 * co->queue_size;
		co->queue = realloc(co->queue, co->queue_size *
						       sizeof(*co->queue));
		if (!co->queue) {
			abort();
		}
	}
	packet.from = host;
	co->queue[co->queued++] = packet;
	ask_for_token(s, host);
}

void sim_net_join(struct sim *s, ha_hostid host)
{
	enqueue(s, host, (struct sim_packet){ .kind = SIM_PACKET_JOIN,
		.hacd = sim_host(s, host)->hacd_gen });
}

void sim_net_leave(struct sim *s, ha_hostid host)
{
	sim_host(s, host)->in_group = false;
	enqueue(s, host, (struct sim_packet){ .kind = SIM_PACKET_LEAVE });
}

void sim_net_send(struct sim *s, ha_hostid host, const struct ha_msg *msg)
{
	enqueue(s, host, (struct sim_packet){ .kind = SIM_PACKET_DATA,
		.msg = sim_msg_copy(msg) });
}

void sim_net_clear_queue(struct sim_corosync *co)
{
	for (size_t i = 0; i < co->queued; i++) {
		sim_msg_unref(co->queue[i].msg);
	}
	co->queued = 0;
}
