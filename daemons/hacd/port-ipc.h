/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port-ipc.h - tools talk to hacd here (wire/ipc.h). Who may: root and group
 * hac all, group hac-view only look. Garbage closes its connection, no more.
 */
#ifndef HACD_PORT_IPC_H
#define HACD_PORT_IPC_H

#include <qb/qbloop.h>

#include "wire/ipc.h"

#define PORT_IPC_CLIENTS_MAX 64

struct port_ipc;

struct port_ipc_user {
	/* req: borrowed for the call. client: for the reply, which may come at
	 * any time later; may_change: not only look. */
	void (*request)(uint64_t client, bool may_change,
			const struct ha_request *req, void *arg);
	/* No reply to it is wanted any more. */
	void (*closed)(uint64_t client, void *arg);
	void *arg;
};

/* name: of the socket, its path. HA_E_EXISTS: another one listens there. */
int port_ipc_create(qb_loop_t *loop, const char *name,
		    const struct port_ipc_user *user,
		    struct port_ipc **ret_ipc)
	__attribute__((warn_unused_result));
/* Copies; a client that is gone is no error. */
void port_ipc_reply(struct port_ipc *p, uint64_t client,
		    const struct ha_reply *reply);
/* The user of its process: uid + 1; 0: it is gone. */
uint32_t port_ipc_who(const struct port_ipc *p, uint64_t client);
void port_ipc_destroy(struct port_ipc *p);

#endif
