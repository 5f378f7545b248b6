/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hac-agent-vm - carries out what hacd asks of libvirt, and tells it what
 * libvirt and the process table say. It decides nothing, and never ends a VM
 * on its own: when it goes, the VMs run on.
 */
#include <libvirt/virterror.h>
#include <malloc.h>
#include <stddef.h>

#include "../common/start.h"
#include "link.h"
#include "ops.h"
#include "readiness.h"

static const char *arg_connect = "qemu:///system";

static const struct ha_agent_option options[] = {
	{ 'c', "connect", "URI", "libvirt to use", &arg_connect, false },
};

static const struct ha_agent_program program = {
	.name = "hac-agent-vm",
	.what = "Runs libvirt's domains for hacd",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
};

/* libvirt would print every error to stderr; ours decide what to log. */
static void drop_error(void *opaque, virErrorPtr error)
{
	(void)opaque;
	(void)error;
}

struct agent {
	struct ha_ops *ops;
	struct ha_readiness *readiness;
};

static void handle_message(void *opaque, const struct ha_am *msg)
{
	struct agent *a = opaque;

	if (msg->kind == HA_AM_VM_READY) {
		ha_readiness_begin(a->readiness, msg);
	} else if (msg->kind != HA_AM_CANCEL ||
		   !ha_readiness_cancel(a->readiness, msg->id)) {
		ha_ops_handle(a->ops, msg);
	}
}

static bool build_agent(struct agent *ret_agent)
{
	struct ha_port *port = ha_port_create(HA_AGENT_FD);
	struct ha_pool *pool = port ? ha_pool_create(arg_connect) : NULL;
	struct ha_domains *domains = pool ? ha_domains_create(pool, port) : NULL;
	struct ha_ops *ops = domains ? ha_ops_create(pool, port, domains) : NULL;
	struct ha_readiness *readiness =
		ops ? ha_readiness_create(pool, port) : NULL;
	const struct ha_link_users users = { port, domains, readiness };

	if (!readiness || !ha_link_create(arg_connect, pool, &users)) {
		ha_log(HA_LOG_ERR, "out of memory or file descriptors");
		return false;
	}
	*ret_agent = (struct agent){ ops, readiness };
	ha_port_serve(port, handle_message, ret_agent);
	return true;
}

int main(int argc, char **argv)
{
	struct agent agent;
	int code;

	if (!ha_agent_start(&program, argc, argv, &code)) {
		return code;
	}
	/* Bursts of threads must not leave a heap each behind. */
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_TRIM_THRESHOLD, 64 << 10);
	virSetErrorFunc(NULL, drop_error);
	if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0) {
		ha_log(HA_LOG_ERR, "libvirt's library cannot be used: %s",
		       virGetLastErrorMessage());
		return 1;
	}
	if (!build_agent(&agent)) {
		return 1;
	}
	for (;;) {
		if (virEventRunDefaultImpl() < 0) {
			ha_log(HA_LOG_ERR, "the event loop failed: %s",
			       virGetLastErrorMessage());
			return 1;
		}
	}
}
