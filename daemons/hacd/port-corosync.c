/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-corosync.h"

#include <arpa/inet.h>
#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <corosync/cmap.h>
#include <corosync/cpg.h>
#include <corosync/quorum.h>
#include <corosync/votequorum.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

#define GROUP "hac"
#define MAGIC 0x68616331u /* "hac1" */
#define PIECE_MAX (60u << 10)
#define RECONNECT_NS (500u * 1000000u)
#define RESEND_NS (2u * 1000000u)
#define BODY_PACE_NS (5u * 1000000u) /* a piece of a body each so often */
#define DISPATCH_MAX 64 /* messages before others have their turn */
#define TOKEN_DEFAULT_MS 3000
/* Ids of views: a ring's number, then a count within it, which rises by little
 * at once: no broken peer is to use it up. */
#define VIEW_BITS 32
#define VIEW_JUMP_MAX 4096
/* Queued for sending at most; beyond it the sender must slow down. */
#define QUEUE_BYTES_MAX (2 * (size_t)HA_PEER_MESSAGE_MAX)

enum piece_kind { PIECE_SYNC = 1, PIECE_DATA = 2, PIECE_BODY = 3 };

/* In front of each piece, in network byte order. */
struct piece_head {
	uint32_t magic;
	uint32_t kind;
	uint32_t total;  /* bytes of the message */
	uint32_t offset; /* of this piece in it */
};

struct sync_body {
	uint64_t id;
	uint64_t hacds;
};

struct piece { /* waiting to be sent, or held back before a view */
	struct piece *next;
	ha_hostid from;
	size_t len;
	char data[];
};

struct queue {
	struct piece *head;
	struct piece **tail;
	size_t bytes;
};

struct port_corosync {
	qb_loop_t *loop;
	ha_hostid self;
	struct port_corosync_user user;
	cpg_handle_t cpg;
	quorum_handle_t quorum;
	int cpg_fd, quorum_fd; /* -1: not connected */
	uint64_t cpg_ring, quorum_ring;
	bool quorate;
	ha_hostset members, hacds;
	uint64_t view;         /* id of the present one, 0 none */
	struct port_corosync_view next; /* accepted, quorum not yet heard */
	uint64_t synced;       /* id last proposed by us */
	ha_hostset synced_hacds;
	/* The process in the group that is a host's hacd; 0 none. One that
	 * joined beside it is none, and nothing of it counts. */
	uint32_t pids[HA_HOSTS_MAX];
	bool listed;           /* the group's members were told once */
	bool broken;           /* to be closed when the callback is over */
	struct ha_log_pace nonsense;
	struct ha_log_pace strangers;
	struct queue out;
	struct queue bodies;
	struct queue held;
	bool timer_set;
	qb_loop_timer_handle timer;
	bool body_timer_set;
	qb_loop_timer_handle body_timer;
	struct ha_buf in[HA_HOSTS_MAX];
	struct ha_buf body_in[HA_HOSTS_MAX];
};

/* --- queues --- */

static int push_piece(struct queue *q, ha_hostid from, const void *data,
		      size_t len)
{
	struct piece *p = malloc(sizeof(*p) + len);

	if (!p) {
		return HA_E_NO_MEMORY;
	}
	p->next = NULL;
	p->from = from;
	p->len = len;
	memcpy(p->data, data, len);
	if (!q->head) {
		q->tail = &q->head;
	}
	*q->tail = p;
	q->tail = &p->next;
	q->bytes += len;
	return 0;
}

/* Owned by the caller. */
static struct piece *pop_piece(struct queue *q)
{
	struct piece *p = q->head;

	if (p) {
		q->head = p->next;
		q->bytes -= p->len;
	}
	return p;
}

static void clear_queue(struct queue *q)
{
	struct piece *p;

	while ((p = pop_piece(q)) != NULL) {
		free(p);
	}
}

/* --- sending --- */

static void set_timer(struct port_corosync *p, uint64_t ns);

/* False: it waits for corosync. */
static bool send_first(struct port_corosync *p, struct queue *q)
{
	struct iovec iov = { q->head->data, q->head->len };
	cs_error_t rc = cpg_mcast_joined(p->cpg, CPG_TYPE_AGREED, &iov, 1);

	if (rc == CS_OK) {
		free(pop_piece(q));
		return true;
	}
	p->broken = p->broken || rc != CS_ERR_TRY_AGAIN;
	set_timer(p, RESEND_NS);
	return false;
}

static void send_queued(struct port_corosync *p)
{
	while (p->out.head && p->cpg_fd >= 0 && send_first(p, &p->out)) {
	}
}

static void pace_bodies(struct port_corosync *p);

static void on_body_timer(void *data)
{
	struct port_corosync *p = data;

	p->body_timer_set = false;
	if (p->bodies.head && !p->out.head && p->cpg_fd >= 0) {
		(void)send_first(p, &p->bodies); /* else at the next turn */
	}
	pace_bodies(p);
}

static void pace_bodies(struct port_corosync *p)
{
	if (p->bodies.head && !p->body_timer_set &&
	    qb_loop_timer_add(p->loop, QB_LOOP_LOW, BODY_PACE_NS, p,
			      on_body_timer, &p->body_timer) == 0) {
		p->body_timer_set = true;
	}
}

/* Of this host's own; what follows the head is `len` bytes of data. */
static int queue_piece(struct queue *q, const struct piece_head *head,
		       const void *data, size_t len)
{
	char buf[sizeof(*head) + PIECE_MAX];

	assert(len <= PIECE_MAX);
	memcpy(buf, head, sizeof(*head));
	memcpy(buf + sizeof(*head), data, len);
	return push_piece(q, HA_HOST_NONE, buf, sizeof(*head) + len);
}

static struct piece_head make_head(enum piece_kind kind, size_t total,
				   size_t offset)
{
	return (struct piece_head){
		.magic = htonl(MAGIC),
		.kind = htonl((uint32_t)kind),
		.total = htonl((uint32_t)total),
		.offset = htonl((uint32_t)offset),
	};
}

static int queue_message(struct queue *q, enum piece_kind kind,
			 struct ha_buf message)
{
	size_t at = 0;

	if (message.len == 0 || message.len > HA_PEER_MESSAGE_MAX ||
	    q->bytes + message.len > QUEUE_BYTES_MAX) {
		return HA_E_LIMIT;
	}
	while (at < message.len) {
		size_t part = message.len - at;
		struct piece_head head = make_head(kind, message.len, at);
		int rc;

		part = part < PIECE_MAX ? part : PIECE_MAX;
		rc = queue_piece(q, &head, message.data + at, part);
		if (rc != 0) {
			return rc;
		}
		at += part;
	}
	return 0;
}

static struct ha_buf borrow(const void *data, size_t len)
{
	return (struct ha_buf){ .data = (char *)(uintptr_t)data, .len = len };
}

void port_corosync_send(struct port_corosync *p, const void *data, size_t len)
{
	int rc;

	if (p->cpg_fd < 0 || p->broken) {
		return;
	}
	rc = queue_message(&p->out, PIECE_DATA, borrow(data, len));
	if (rc != 0) {
		ha_log(HA_LOG_ERR, "corosync: a message of %zu bytes cannot be "
		       "sent: %s; this host joins its group again", len,
		       ha_err_text(rc));
		p->broken = true;
		set_timer(p, RESEND_NS);
		return;
	}
	send_queued(p);
}

void port_corosync_send_body(struct port_corosync *p, const void *data,
			     size_t len)
{
	int rc;

	if (p->cpg_fd < 0 || p->broken) {
		return;
	}
	rc = queue_message(&p->bodies, PIECE_BODY, borrow(data, len));
	if (rc != 0) {
		ha_log(HA_LOG_WARNING, "corosync: a configuration of %zu bytes "
		       "cannot be sent now: %s; it is asked for again", len,
		       ha_err_text(rc));
		return;
	}
	pace_bodies(p);
}

/* --- views --- */

static bool rings_agree(const struct port_corosync *p)
{
	return p->cpg_ring != 0 && p->cpg_ring == p->quorum_ring;
}

/* Proposes the view that this host sees; ids rise, also across rings. */
static void send_sync(struct port_corosync *p)
{
	struct piece_head head = make_head(PIECE_SYNC, sizeof(struct sync_body),
					   0);
	struct sync_body body;
	uint64_t id = p->cpg_ring << VIEW_BITS;

	if (!rings_agree(p) || !ha_host_in(p->hacds, p->self)) {
		return;
	}
	id = (id > p->view ? id : p->view) + 1;
	if (id == p->synced && p->hacds == p->synced_hacds) {
		return;
	}
	p->synced = id;
	p->synced_hacds = p->hacds;
	body.id = id;
	body.hacds = p->hacds;
	if (queue_piece(&p->out, &head, &body, sizeof(body)) != 0) {
		p->broken = true;
		return;
	}
	send_queued(p);
}

static void deliver(struct port_corosync *p, ha_hostid from, const char *data,
		    size_t len);

/* An accepted view begins once quorum speaks of the same ring; until then what
 * comes after it is held back. */
static void begin_view(struct port_corosync *p)
{
	struct piece *piece;

	if (p->next.id == 0 || !rings_agree(p)) {
		return;
	}
	p->next.quorate = p->quorate;
	p->next.members = p->members;
	p->user.view(&p->next, p->user.arg);
	memset(&p->next, 0, sizeof(p->next));
	while (p->next.id == 0 && (piece = pop_piece(&p->held)) != NULL) {
		deliver(p, piece->from, piece->data, piece->len);
		free(piece);
	}
}

static void refuse(struct port_corosync *p, ha_hostid from, const char *what)
{
	ha_log_paced(&p->nonsense, HA_LOG_WARNING, "corosync: host %u sent %s; "
		     "dropped", from, what);
}

/* How far an id is beyond what is known of its ring. */
static uint64_t view_jump(const struct port_corosync *p, uint64_t id)
{
	uint64_t known = p->cpg_ring << VIEW_BITS;

	return id - (p->view > known ? p->view : known);
}

static void take_sync(struct port_corosync *p, ha_hostid from,
		      const char *data, size_t len)
{
	struct sync_body body;

	if (len != sizeof(body)) {
		refuse(p, from, "a view that is cut or too long");
		return;
	}
	memcpy(&body, data, sizeof(body));
	if (body.id <= p->view || body.id >> VIEW_BITS != p->cpg_ring ||
	    body.hacds != p->hacds) {
		return; /* of a ring or a membership that is over */
	}
	if (view_jump(p, body.id) > VIEW_JUMP_MAX) {
		refuse(p, from, "a view whose number is far off");
		return;
	}
	p->view = body.id;
	p->next.id = body.id;
	p->next.hacds = body.hacds;
	begin_view(p);
}

static void forget_parts(struct port_corosync *p, ha_hostid host)
{
	ha_buf_fini(&p->in[host - 1]);
	ha_buf_fini(&p->body_in[host - 1]);
}

static void lose_view(struct port_corosync *p)
{
	struct port_corosync_view none = { 0 };

	p->view = 0;
	memset(&p->next, 0, sizeof(p->next));
	clear_queue(&p->held);
	clear_queue(&p->out);
	clear_queue(&p->bodies);
	for (size_t i = 0; i < HA_HOSTS_MAX; i++) {
		forget_parts(p, (ha_hostid)(i + 1));
	}
	p->user.view(&none, p->user.arg);
}

/* --- receiving --- */

typedef void (*whole_fn)(ha_hostid from, const void *data, size_t len,
			 void *arg);

static void take_part(struct port_corosync *p, ha_hostid from,
		      const struct piece_head *head, const struct ha_buf *part)
{
	bool is_body = ntohl(head->kind) == PIECE_BODY;
	struct ha_buf *in = is_body ? &p->body_in[from - 1] : &p->in[from - 1];
	whole_fn whole = is_body ? p->user.body : p->user.message;
	size_t total = ntohl(head->total);
	size_t offset = ntohl(head->offset);

	if (is_body && from == p->self) {
		return;
	}
	if (offset == 0) {
		ha_buf_clear(in);
	}
	if (total > HA_PEER_MESSAGE_MAX || offset > total ||
	    part->len > total - offset || part->len == 0) {
		ha_buf_clear(in);
		refuse(p, from, "a piece of a message that is too large");
		return;
	}
	if (offset != in->len) {
		ha_buf_clear(in); /* its start was missed */
		return;
	}
	if (offset == 0 && part->len == total) {
		whole(from, part->data, part->len, p->user.arg);
		return;
	}
	ha_buf_append(in, part->data, part->len);
	if (!in->failed && in->len == total) {
		whole(from, in->data, in->len, p->user.arg);
		ha_buf_fini(in);
	}
}

static void deliver(struct port_corosync *p, ha_hostid from, const char *data,
		    size_t len)
{
	struct piece_head head;
	struct ha_buf part;

	if (len < sizeof(head) || len > sizeof(head) + PIECE_MAX) {
		refuse(p, from, "what is no message of hac, by its length");
		return;
	}
	memcpy(&head, data, sizeof(head));
	if (ntohl(head.magic) != MAGIC) {
		refuse(p, from, "what is no message of hac");
		return;
	}
	part = borrow(data + sizeof(head), len - sizeof(head));
	if (ntohl(head.kind) == PIECE_SYNC) {
		take_sync(p, from, part.data, part.len);
	} else if (ntohl(head.kind) == PIECE_DATA ||
		   ntohl(head.kind) == PIECE_BODY) {
		take_part(p, from, &head, &part);
	} else {
		refuse(p, from, "a message of an unknown kind");
	}
}

static struct port_corosync *context_of(cpg_handle_t handle)
{
	void *context = NULL;

	return cpg_context_get(handle, &context) == CS_OK ? context : NULL;
}

static void on_deliver(cpg_handle_t handle, const struct cpg_name *group,
		       uint32_t nodeid, uint32_t pid, void *msg, size_t len)
{
	struct port_corosync *p = context_of(handle);

	(void)group;
	if (!p || nodeid < 1 || nodeid > HA_HOSTS_MAX ||
	    pid != p->pids[nodeid - 1]) {
		return;
	}
	if (p->next.id != 0) {
		if (push_piece(&p->held, nodeid, msg, len) != 0) {
			p->broken = true;
		}
		return;
	}
	deliver(p, nodeid, msg, len);
}

/* The lowest process of a host in a list; 0 none. */
static uint32_t first_pid(const struct cpg_address *list, size_t count,
			  ha_hostid host)
{
	uint32_t pid = 0;

	for (size_t i = 0; i < count; i++) {
		if (list[i].nodeid == host &&
		    (pid == 0 || list[i].pid < pid)) {
			pid = list[i].pid;
		}
	}
	return pid;
}

static bool has_process(const struct cpg_address *list, size_t count,
			const struct cpg_address *one)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].nodeid == one->nodeid && list[i].pid == one->pid) {
			return true;
		}
	}
	return false;
}

/* A host's hacd stays it until it leaves; then it is one that joins. */
static bool choose_pid(struct port_corosync *p, ha_hostid host, uint32_t now,
		       uint32_t joined)
{
	uint32_t pid = now ? now : joined;
	bool changed = pid != p->pids[host - 1];

	if (changed) {
		p->pids[host - 1] = pid;
		forget_parts(p, host);
	}
	p->hacds = pid ? p->hacds | ha_host_bit(host)
		       : p->hacds & ~ha_host_bit(host);
	return changed;
}

/* More processes in the group than hacds. */
static void tell_strangers(struct port_corosync *p,
			   const struct cpg_address *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct cpg_address *a = &list[i];

		if (a->nodeid >= 1 && a->nodeid <= HA_HOSTS_MAX &&
		    a->pid != p->pids[a->nodeid - 1]) {
			ha_log_paced(&p->strangers, HA_LOG_WARNING, "corosync: "
				     "process %u of host %u is in group '%s' "
				     "beside its hacd (process %u); it is not "
				     "listened to: find out what it is",
				     a->pid, a->nodeid, GROUP,
				     p->pids[a->nodeid - 1]);
		}
	}
}

/* Those who joined earlier hold the other one for this host's hacd. */
static bool joins_alone(struct port_corosync *p, const struct cpg_address *list,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].nodeid == p->self &&
		    list[i].pid != (uint32_t)getpid()) {
			ha_log_paced(&p->strangers, HA_LOG_ERR, "corosync: "
				     "process %u of this host is in group "
				     "'%s'; hacd waits until it has ended",
				     list[i].pid, GROUP);
			return false;
		}
	}
	ha_log(HA_LOG_NOTICE, "corosync: connected, in process group '%s'",
	       GROUP);
	return true;
}

static void on_confchg(cpg_handle_t handle, const struct cpg_name *group,
		       const struct cpg_address *list, size_t count,
		       const struct cpg_address *left, size_t left_count,
		       const struct cpg_address *joined, size_t joined_count)
{
	struct port_corosync *p = context_of(handle);
	bool changed = false;

	(void)group;
	if (!p) {
		return;
	}
	for (ha_hostid host = 1; host <= HA_HOSTS_MAX; host++) {
		struct cpg_address old = { .nodeid = host,
					   .pid = p->pids[host - 1] };
		bool gone = has_process(left, left_count, &old) ||
			    !has_process(list, count, &old);

		changed |= choose_pid(p, host, gone ? 0 : old.pid,
				      p->listed ? first_pid(joined, joined_count,
							    host)
						: first_pid(list, count, host));
	}
	if (!p->listed && !joins_alone(p, list, count)) {
		p->broken = true; /* it joins again, until it is alone */
		return;
	}
	p->listed = true;
	tell_strangers(p, list, count);
	if (changed) {
		send_sync(p);
	}
}

static void on_totem(cpg_handle_t handle, struct cpg_ring_id ring,
		     uint32_t count, const uint32_t *list)
{
	struct port_corosync *p = context_of(handle);

	(void)count;
	(void)list;
	if (!p) {
		return;
	}
	p->cpg_ring = ring.seq;
	send_sync(p);
	begin_view(p);
}

static void on_quorum(quorum_handle_t handle, uint32_t quorate,
		      struct quorum_ring_id ring, uint32_t count,
		      const uint32_t *list)
{
	struct port_corosync *p = NULL;
	bool changed;

	if (quorum_context_get(handle, (const void **)&p) != CS_OK || !p) {
		return;
	}
	changed = p->quorum_ring == ring.seq && p->quorate != (quorate != 0);
	p->quorum_ring = ring.seq;
	p->quorate = quorate != 0;
	p->members = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (list[i] >= 1 && list[i] <= HA_HOSTS_MAX) {
			p->members |= ha_host_bit(list[i]);
		}
	}
	if (changed) {
		p->synced = 0; /* quorum granted or withdrawn within a ring */
	}
	send_sync(p);
	begin_view(p);
}

static void on_nodelist(quorum_handle_t handle, struct quorum_ring_id ring,
			uint32_t members_count, const uint32_t *members,
			uint32_t joined_count, const uint32_t *joined,
			uint32_t left_count, const uint32_t *left)
{
	(void)handle; /* on_quorum brings the same list with the verdict */
	(void)ring;
	(void)members_count;
	(void)members;
	(void)joined_count;
	(void)joined;
	(void)left_count;
	(void)left;
}

/* --- the connection --- */

static void disconnect(struct port_corosync *p)
{
	bool was = p->listed;

	if (p->cpg_fd >= 0) {
		qb_loop_poll_del(p->loop, p->cpg_fd);
		cpg_finalize(p->cpg);
		p->cpg_fd = -1;
	}
	if (p->quorum_fd >= 0) {
		qb_loop_poll_del(p->loop, p->quorum_fd);
		quorum_finalize(p->quorum);
		p->quorum_fd = -1;
	}
	p->cpg_ring = 0;
	p->quorum_ring = 0;
	p->quorate = false;
	p->members = 0;
	p->hacds = 0;
	p->synced = 0;
	memset(p->pids, 0, sizeof(p->pids));
	p->listed = false;
	p->broken = false;
	if (was) {
		ha_log(HA_LOG_ERR, "corosync: connection lost; nothing is "
		       "decided here until it is back, running VMs are left "
		       "running");
		lose_view(p);
	}
	set_timer(p, RECONNECT_NS);
}

static int on_cpg_fd(int32_t fd, int32_t revents, void *data)
{
	struct port_corosync *p = data;

	(void)fd;
	(void)revents;
	for (int i = 0; i < DISPATCH_MAX; i++) {
		cs_error_t rc = cpg_dispatch(p->cpg,
					     CS_DISPATCH_ONE_NONBLOCKING);

		if (rc == CS_ERR_TRY_AGAIN) {
			break;
		}
		if (rc != CS_OK || p->broken) {
			disconnect(p);
			return 0;
		}
	}
	send_queued(p);
	return 0;
}

static int on_quorum_fd(int32_t fd, int32_t revents, void *data)
{
	struct port_corosync *p = data;

	(void)fd;
	(void)revents;
	if (quorum_dispatch(p->quorum, CS_DISPATCH_ALL) != CS_OK ||
	    p->broken) {
		disconnect(p);
	}
	return 0;
}

static bool connect_quorum(struct port_corosync *p)
{
	quorum_model_v1_data_t model = {
		.model = QUORUM_MODEL_V1,
		.quorum_notify_fn = on_quorum,
		.nodelist_notify_fn = on_nodelist,
	};
	uint32_t type;

	if (quorum_model_initialize(&p->quorum, QUORUM_MODEL_V1,
				    (quorum_model_data_t *)&model, &type,
				    p) != CS_OK) {
		return false;
	}
	if (type != QUORUM_SET ||
	    quorum_fd_get(p->quorum, &p->quorum_fd) != CS_OK ||
	    quorum_trackstart(p->quorum, CS_TRACK_CHANGES |
						 CS_TRACK_CURRENT) != CS_OK) {
		ha_log(HA_LOG_ERR, "corosync: it has no quorum provider; set "
		       "'provider: corosync_votequorum' in the section quorum "
		       "of corosync.conf");
		quorum_finalize(p->quorum);
		p->quorum_fd = -1;
		return false;
	}
	return true;
}

static bool connect_cpg(struct port_corosync *p)
{
	cpg_model_v1_data_t model = {
		.model = CPG_MODEL_V1,
		.cpg_deliver_fn = on_deliver,
		.cpg_confchg_fn = on_confchg,
		.cpg_totem_confchg_fn = on_totem,
		.flags = CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF,
	};
	struct cpg_name name = { .length = sizeof(GROUP) - 1,
				 .value = GROUP };

	if (cpg_model_initialize(&p->cpg, CPG_MODEL_V1,
				 (cpg_model_data_t *)&model, p) != CS_OK) {
		return false;
	}
	if (cpg_fd_get(p->cpg, &p->cpg_fd) != CS_OK ||
	    cpg_join(p->cpg, &name) != CS_OK) {
		cpg_finalize(p->cpg);
		p->cpg_fd = -1;
		return false;
	}
	return true;
}

static void connect_all(struct port_corosync *p)
{
	if (!connect_quorum(p)) {
		set_timer(p, RECONNECT_NS);
		return;
	}
	if (!connect_cpg(p)) {
		quorum_finalize(p->quorum);
		p->quorum_fd = -1;
		set_timer(p, RECONNECT_NS);
		return;
	}
	qb_loop_poll_add(p->loop, QB_LOOP_HIGH, p->quorum_fd, POLLIN, p,
			 on_quorum_fd);
	qb_loop_poll_add(p->loop, QB_LOOP_HIGH, p->cpg_fd, POLLIN, p,
			 on_cpg_fd);
}

static void on_timer(void *data)
{
	struct port_corosync *p = data;

	p->timer_set = false;
	if (p->broken) {
		disconnect(p);
	} else if (p->cpg_fd < 0) {
		connect_all(p);
	} else {
		send_queued(p);
	}
}

static void set_timer(struct port_corosync *p, uint64_t ns)
{
	if (!p->timer_set && qb_loop_timer_add(p->loop, QB_LOOP_HIGH, ns, p,
					       on_timer, &p->timer) == 0) {
		p->timer_set = true;
	}
}

struct port_corosync *
port_corosync_create(qb_loop_t *loop, ha_hostid self,
		     const struct port_corosync_user *user)
{
	struct port_corosync *p = calloc(1, sizeof(*p));

	if (!p) {
		return NULL;
	}
	p->loop = loop;
	p->self = self;
	p->user = *user;
	p->cpg_fd = -1;
	p->quorum_fd = -1;
	connect_all(p);
	return p;
}

void port_corosync_destroy(struct port_corosync *p)
{
	if (!p) {
		return;
	}
	if (p->timer_set) {
		qb_loop_timer_del(p->loop, p->timer);
	}
	if (p->body_timer_set) {
		qb_loop_timer_del(p->loop, p->body_timer);
	}
	if (p->cpg_fd >= 0) {
		qb_loop_poll_del(p->loop, p->cpg_fd);
		cpg_finalize(p->cpg);
	}
	if (p->quorum_fd >= 0) {
		qb_loop_poll_del(p->loop, p->quorum_fd);
		quorum_finalize(p->quorum);
	}
	clear_queue(&p->out);
	clear_queue(&p->bodies);
	clear_queue(&p->held);
	for (size_t i = 0; i < HA_HOSTS_MAX; i++) {
		forget_parts(p, (ha_hostid)(i + 1));
	}
	free(p);
}

/* wait_for_all would go on waiting for those who never come. */
static cs_error_t cancel_waiting(void)
{
	cmap_handle_t cmap;
	cs_error_t rc = cmap_initialize(&cmap);

	if (rc == CS_OK) {
		rc = cmap_set_uint8(cmap, "quorum.cancel_wait_for_all", 1);
		(void)cmap_finalize(cmap); /* nothing is left to lose */
	}
	return rc;
}

void port_corosync_expect(uint32_t votes)
{
	votequorum_handle_t handle;
	cs_error_t rc = cancel_waiting(); /* sets the votes back, so first */

	if (rc == CS_OK && votes > 0) {
		rc = votequorum_initialize(&handle, NULL);
	}
	if (rc == CS_OK && votes > 0) {
		rc = votequorum_setexpected(handle, votes);
		(void)votequorum_finalize(handle); /* likewise */
	}
	if (rc != CS_OK) {
		ha_log(HA_LOG_ERR, "corosync cannot be told whom not to wait "
		       "for: %s; do so by hand: corosync-cmapctl -s "
		       "quorum.cancel_wait_for_all u8 1, then "
		       "corosync-quorumtool -e VOTES", cs_strerror(rc));
	}
}

static bool two_node_starts_alone(cmap_handle_t cmap)
{
	uint8_t two_node = 0, wait = 1; /* two_node implies it */

	(void)cmap_get_uint8(cmap, "quorum.two_node", &two_node);
	(void)cmap_get_uint8(cmap, "quorum.wait_for_all", &wait);
	return two_node != 0 && wait == 0;
}

int port_corosync_probe(ha_hostid *ret_self, ha_dur *ret_token, char *ret_text,
			size_t text_size)
{
	cmap_handle_t cmap;
	uint32_t id = 0;
	uint32_t token_ms = TOKEN_DEFAULT_MS;
	int rc = 0;

	if (cmap_initialize(&cmap) != CS_OK) {
		snprintf(ret_text, text_size, "corosync does not answer; start "
			 "it: systemctl start corosync");
		return HA_E_GONE;
	}
	if (cmap_get_uint32(cmap, "runtime.votequorum.this_node_id", &id) !=
	    CS_OK) {
		snprintf(ret_text, text_size, "corosync has no votequorum yet");
		rc = HA_E_GONE;
	} else if (id < 1 || id > HA_HOSTS_MAX) {
		snprintf(ret_text, text_size, "corosync's node id %u is not in "
			 "1..%d; give the nodes small ids in corosync.conf",
			 id, HA_HOSTS_MAX);
		rc = HA_E_REFUSED;
	}
	if (rc == 0 && two_node_starts_alone(cmap)) {
		snprintf(ret_text, text_size, "corosync.conf has two_node "
			 "without wait_for_all: two hosts that boot apart "
			 "would each go on alone; take wait_for_all: 0 out");
		rc = HA_E_REFUSED;
	}
	(void)cmap_get_uint32(cmap, "runtime.config.totem.token", &token_ms);
	(void)cmap_finalize(cmap); /* nothing is left to lose */
	if (rc == 0) {
		*ret_self = id;
		*ret_token = HA_MS(token_ms);
	}
	return rc;
}
