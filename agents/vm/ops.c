/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ops.h"

#include <assert.h>
#include <inttypes.h>
#include <libvirt/virterror.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "uuid.h"

#define DEFAULT_LIMIT_MS 60000

enum call_outcome {
	CALL_DONE,    /* libvirt says it did it */
	CALL_NOT_MADE, /* nothing was asked of libvirt: certainly no effect */
	CALL_REFUSED, /* libvirt says no; look what is true */
	CALL_LOST     /* the connection broke in the middle */
};

struct op {
	struct ha_job job;
	struct op *next;
	struct ha_ops *ops;
	enum ha_am_kind kind;
	uint64_t id;
	struct ha_uuid uuid;
	char name[HA_NAME_MAX + 1];
	char *xml; /* owned: of a start; or the answer to VM_XML */
	int timer; /* -1: none */
	bool answered;
	atomic_bool dropped; /* nobody waits: do not begin anything */
	/* by the worker */
	enum call_outcome outcome;
	char text[HA_VIRT_TEXT];
};

struct ha_ops {
	struct ha_pool *pool;
	struct ha_port *port;
	struct ha_domains *domains;
	struct op *list; /* in flight; owned */
};

static void call_failed(struct op *op, virConnectPtr conn)
{
	virErrorPtr e = virGetLastError();
	bool lost = e && (e->domain == VIR_FROM_RPC ||
			  e->domain == VIR_FROM_REMOTE);

	ha_virt_error(op->xml, op->text);
	lost = lost || virConnectIsAlive(conn) != 1;
	op->outcome = lost ? CALL_LOST : CALL_REFUSED;
}

/* Does the XML speak of this VM? Another's would be started unseen. */
static bool xml_is_of(const char *xml, const struct ha_uuid *uuid)
{
	const char *p = strstr(xml, "<uuid>");
	struct ha_uuid u;

	if (!p) {
		return false;
	}
	p += 6;
	p += strspn(p, " \t\r\n");
	return ha_uuid_read(p, &u) && ha_uuid_cmp(&u, uuid) == 0;
}

/* libvirt does not have it; a QEMU of it that is there all the same? */
static bool qemu_in_the_way(struct op *op)
{
	struct ha_procs procs;
	const struct ha_proc *p;

	ha_procs_scan("/proc", &procs);
	p = ha_procs_find(&procs, &op->uuid);
	if (p) {
		snprintf(op->text, sizeof(op->text), "a QEMU of it runs (pid %d) "
			 "that libvirt does not know; end it, then it can "
			 "be started", (int)p->pid);
	}
	ha_procs_fini(&procs);
	return p != NULL;
}

static void run_start(struct op *op, virConnectPtr conn)
{
	virDomainPtr dom = virDomainLookupByUUID(conn, op->uuid.b);

	if (dom) {
		bool active = virDomainIsActive(dom) == 1;

		ha_virt_tame(dom);
		virDomainFree(dom);
		if (active) {
			op->outcome = CALL_REFUSED;
			snprintf(op->text, sizeof(op->text), "it is there already");
			return;
		}
	} else if (virGetLastErrorCode() != VIR_ERR_NO_DOMAIN) {
		ha_virt_error(op->xml, op->text);
		return; /* nothing was begun */
	}
	if (qemu_in_the_way(op)) {
		op->outcome = CALL_REFUSED;
		return;
	}
	if (atomic_load(&op->dropped)) {
		return; /* too late: hacd was told that it is unknown */
	}
	dom = virDomainCreateXML(conn, op->xml, 0);
	if (!dom) {
		call_failed(op, conn);
		return;
	}
	op->outcome = CALL_DONE;
	virDomainFree(dom);
}

static void run_on_domain(struct op *op, virConnectPtr conn)
{
	virDomainPtr dom = virDomainLookupByUUID(conn, op->uuid.b);
	int rc;

	if (!dom) {
		call_failed(op, conn);
		return;
	}
	if (atomic_load(&op->dropped)) {
		virDomainFree(dom);
		return;
	}
	if (op->kind == HA_AM_VM_SHUTDOWN) {
		rc = virDomainShutdownFlags(dom, VIR_DOMAIN_SHUTDOWN_DEFAULT);
	} else {
		rc = virDomainDestroyFlags(dom, VIR_DOMAIN_DESTROY_DEFAULT);
	}
	if (rc < 0) {
		call_failed(op, conn);
	} else {
		op->outcome = CALL_DONE;
	}
	virDomainFree(dom);
}

/* With its secrets: another host is to start it from this. */
static void run_xml(struct op *op, virConnectPtr conn)
{
	static const struct ha_uuid none;
	virDomainPtr dom = ha_uuid_cmp(&op->uuid, &none) == 0
		? virDomainLookupByName(conn, op->name)
		: virDomainLookupByUUID(conn, op->uuid.b);
	const char *name;

	if (dom) {
		op->xml = virDomainGetXMLDesc(dom, VIR_DOMAIN_XML_INACTIVE |
					      VIR_DOMAIN_XML_SECURE);
		name = virDomainGetName(dom);
		snprintf(op->name, sizeof(op->name), "%s", name ? name : "");
	}
	if (op->xml) {
		op->outcome = CALL_DONE;
	} else {
		call_failed(op, conn);
	}
	if (dom) {
		virDomainFree(dom);
	}
}

static void run_op(struct ha_job *job, struct ha_worker *worker)
{
	struct op *op = (struct op *)job;
	virConnectPtr conn;

	op->outcome = CALL_NOT_MADE;
	if (atomic_load(&op->dropped)) {
		return;
	}
	conn = ha_worker_connect(worker);
	if (!conn) {
		ha_virt_error(NULL, op->text);
		return;
	}
	if (op->kind == HA_AM_VM_START) {
		run_start(op, conn);
	} else if (op->kind == HA_AM_VM_XML) {
		run_xml(op, conn);
	} else if (op->kind != HA_AM_VM_LOOK) {
		run_on_domain(op, conn);
	}
}

static void answer(struct op *op, uint32_t code, const char *text)
{
	assert(!op->answered);
	op->answered = true;
	atomic_store(&op->dropped, true);
	if (op->timer >= 0) {
		virEventRemoveTimeout(op->timer);
		op->timer = -1;
	}
	ha_port_result(op->ops->port, op->id, code, text);
}

static void free_op(struct op *op)
{
	struct op **at = &op->ops->list;

	while (*at != op) {
		at = &(*at)->next;
	}
	*at = op->next;
	if (op->timer >= 0) {
		virEventRemoveTimeout(op->timer);
	}
	free(op->xml);
	free(op);
}

/*
 * A call that was lost may still be carried out by a libvirt that only hung:
 * its VM is not certainly absent, even if it is now.
 */
static enum ha_op_code judge_start(const struct op *op,
				   const struct ha_observed *o)
{
	if (o->seen == HA_SEEN_RUNNING || o->seen == HA_SEEN_PAUSED) {
		return HA_OP_OK;
	}
	if (op->outcome == CALL_LOST) {
		return HA_OP_UNKNOWN;
	}
	if (o->seen == HA_SEEN_ABSENT) {
		return HA_OP_FAILED;
	}
	return op->outcome == CALL_NOT_MADE && o->no_process ? HA_OP_FAILED
							      : HA_OP_UNKNOWN;
}

static enum ha_op_code judge_op(const struct op *op,
				const struct ha_observed *o)
{
	if (op->kind == HA_AM_VM_START) {
		return judge_start(op, o);
	}
	if (op->kind == HA_AM_VM_SHUTDOWN) {
		/* asked, or not: what becomes of it is told by events */
		return op->outcome == CALL_DONE ? HA_OP_OK
			: op->outcome == CALL_LOST ? HA_OP_UNKNOWN
			: HA_OP_FAILED;
	}
	if (op->kind == HA_AM_VM_DESTROY) {
		return o->seen == HA_SEEN_ABSENT ? HA_OP_OK : HA_OP_UNKNOWN;
	}
	return o->seen == HA_SEEN_UNKNOWN ? HA_OP_UNKNOWN : HA_OP_OK;
}

static const char *default_reason(const struct op *op)
{
	if (op->kind == HA_AM_VM_START) {
		return "it ended right after its start";
	}
	if (op->kind == HA_AM_VM_LOOK) {
		return "libvirt cannot be asked, or a QEMU process of it is "
		       "there that libvirt does not know";
	}
	return "its QEMU process has not ended";
}

static void on_observed(void *opaque, const struct ha_observed *o)
{
	struct op *op = opaque;
	enum ha_op_code code = judge_op(op, o);

	if (!op->answered) {
		if (code != HA_OP_OK && op->text[0] == '\0') {
			snprintf(op->text, sizeof(op->text), "%s",
				 default_reason(op));
		}
		answer(op, code, code == HA_OP_OK ? "" : op->text);
	}
	free_op(op);
}

static void send_xml(struct op *op)
{
	struct ha_am msg = { .kind = HA_AM_XML, .id = op->id, .name = op->name,
			     .text = op->xml };

	op->answered = true;
	ha_port_send(op->ops->port, &msg);
}

static void finish_op(struct ha_job *job)
{
	struct op *op = (struct op *)job;
	struct ha_observe what = {
		.uuid = op->uuid,
		.always = op->kind == HA_AM_VM_LOOK,
		.known_will_do = op->kind == HA_AM_VM_START &&
			op->outcome == CALL_DONE,
		.fn = on_observed,
		.opaque = op,
	};

	if (op->answered) {
		free_op(op);
	} else if (op->kind == HA_AM_VM_XML) {
		if (op->outcome == CALL_DONE) {
			send_xml(op);
		} else {
			answer(op, HA_OP_FAILED, op->text);
		}
		free_op(op);
	} else if (op->kind == HA_AM_VM_SHUTDOWN && op->outcome == CALL_DONE) {
		answer(op, HA_OP_OK, "");
		free_op(op);
	} else {
		ha_domains_observe(op->ops->domains, &what);
	}
}

static void on_limit(int timer, void *opaque)
{
	struct op *op = opaque;

	(void)timer;
	answer(op, HA_OP_UNKNOWN, "libvirt did not answer within the time limit; "
	       "what became of it is not known yet");
}

static void begin_op(struct ha_ops *ops, const struct ha_am *msg)
{
	struct op *op = calloc(1, sizeof(*op));
	uint32_t limit_ms = msg->timeout_ms ? msg->timeout_ms : DEFAULT_LIMIT_MS;

	if (op && msg->kind == HA_AM_VM_START) {
		op->xml = strdup(msg->text);
	}
	if (!op || (msg->kind == HA_AM_VM_START && !op->xml)) {
		free(op);
		ha_port_result(ops->port, msg->id, HA_OP_FAILED, "out of memory");
		return;
	}
	op->job.run = run_op;
	op->job.done = finish_op;
	op->ops = ops;
	op->kind = msg->kind;
	op->id = msg->id;
	op->uuid = msg->uuid;
	snprintf(op->name, sizeof(op->name), "%s", msg->name);
	op->timer = virEventAddTimeout((int)(limit_ms & INT32_MAX), on_limit, op,
				       NULL);
	op->next = ops->list;
	ops->list = op;
	ha_pool_submit(ops->pool, &op->job);
}

static void cancel_op(struct ha_ops *ops, uint64_t id)
{
	for (struct op *op = ops->list; op; op = op->next) {
		if (op->id == id) {
			op->answered = true;
			atomic_store(&op->dropped, true);
			if (op->timer >= 0) {
				virEventRemoveTimeout(op->timer);
				op->timer = -1;
			}
		}
	}
}

static bool in_flight(const struct ha_ops *ops, uint64_t id)
{
	for (const struct op *op = ops->list; op; op = op->next) {
		if (op->id == id && !op->answered) {
			return true;
		}
	}
	return false;
}

static const char *find_fault(const struct ha_am *msg)
{
	static const struct ha_uuid none;

	if (msg->kind == HA_AM_VM_XML) {
		return NULL;
	}
	if (ha_uuid_cmp(&msg->uuid, &none) == 0) {
		return "it names no VM";
	}
	if (msg->kind == HA_AM_VM_START && !xml_is_of(msg->text, &msg->uuid)) {
		return "the domain XML has another UUID or none";
	}
	return NULL;
}

static bool is_operation(enum ha_am_kind kind)
{
	return kind == HA_AM_VM_START || kind == HA_AM_VM_SHUTDOWN ||
		kind == HA_AM_VM_DESTROY || kind == HA_AM_VM_LOOK ||
		kind == HA_AM_VM_XML;
}

void ha_ops_handle(struct ha_ops *ops, const struct ha_am *msg)
{
	const char *fault;

	if (msg->kind == HA_AM_CANCEL) {
		cancel_op(ops, msg->id);
		return;
	}
	if (!is_operation(msg->kind)) {
		ha_log(HA_LOG_ERR, "hacd sent a message of kind '%s' (%u), which "
		       "is not for this agent; ignored",
		       ha_am_kind_name(msg->kind), (unsigned)msg->kind);
		return;
	}
	if (in_flight(ops, msg->id)) { /* which will have its one result */
		ha_log(HA_LOG_ERR, "hacd sent operation %" PRIx64 " twice; the "
		       "second is ignored", msg->id);
		return;
	}
	fault = find_fault(msg);
	if (fault) {
		ha_log(HA_LOG_ERR, "operation %" PRIx64 " (%s, vm '%s') is "
		       "refused: %s", msg->id, ha_am_kind_name(msg->kind),
		       msg->name, fault);
		ha_port_result(ops->port, msg->id, HA_OP_FAILED, fault);
		return;
	}
	begin_op(ops, msg);
}

struct ha_ops *ha_ops_create(struct ha_pool *pool, struct ha_port *port,
			     struct ha_domains *domains)
{
	struct ha_ops *ops = calloc(1, sizeof(*ops));

	if (ops) {
		ops->pool = pool;
		ops->port = port;
		ops->domains = domains;
	}
	return ops;
}
