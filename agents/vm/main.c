/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hac-agent-vm - carries out what hacd asks of libvirt, and tells it what
 * libvirt and the process table say. It decides nothing, and never ends a VM
 * on its own: when it goes, the VMs run on.
 */
#include <getopt.h>
#include <libvirt/virterror.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "link.h"
#include "ops.h"

static const char *arg_connect = "qemu:///system";
static enum ha_log_level arg_level = HA_LOG_INFO;

static void print_help(void)
{
	puts("usage: hac-agent-vm [--connect URI] [--debug]\n"
	     "\n"
	     "Runs libvirt's domains for hacd, which starts it with a socket as\n"
	     "file descriptor 3. See hac-agent-vm(8).\n"
	     "\n"
	     "  -c, --connect URI  libvirt to use (default: qemu:///system)\n"
	     "  -d, --debug        log more\n"
	     "  -h, --help         this text\n"
	     "  -V, --version      the version");
}

static bool parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "connect", required_argument, NULL, 'c' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:dhV", options, NULL)) >= 0) {
		switch (c) {
		case 'c':
			arg_connect = optarg;
			break;
		case 'd':
			arg_level = HA_LOG_DEBUG;
			break;
		case 'h':
			print_help();
			exit(0);
		case 'V':
			puts("hac-agent-vm " PACKAGE_VERSION);
			exit(0);
		default:
			return false;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "hac-agent-vm: unexpected argument '%s'; see "
			"--help\n", argv[optind]);
		return false;
	}
	return true;
}

/* libvirt would print every error to stderr; ours decide what to log. */
static void drop_error(void *opaque, virErrorPtr error)
{
	(void)opaque;
	(void)error;
}

static void handle_message(void *opaque, const struct ha_am *msg)
{
	ha_ops_handle(opaque, msg);
}

static bool build_agent(void)
{
	struct ha_port *port = ha_port_create(HA_AGENT_FD);
	struct ha_pool *pool = port ? ha_pool_create(arg_connect) : NULL;
	struct ha_domains *domains = pool ? ha_domains_create(pool, port) : NULL;
	struct ha_ops *ops = domains ? ha_ops_create(pool, port, domains) : NULL;

	if (!port) {
		ha_log(HA_LOG_ERR, "file descriptor %d is no socket: this "
		       "program is started by hacd, not by hand", HA_AGENT_FD);
		return false;
	}
	if (!ops || !ha_link_create(arg_connect, pool, port, domains)) {
		ha_log(HA_LOG_ERR, "out of memory or file descriptors");
		return false;
	}
	ha_port_serve(port, handle_message, ops);
	return true;
}

int main(int argc, char **argv)
{
	if (!parse_options(argc, argv)) {
		return 2;
	}
	ha_log_open("hac-agent-vm", arg_level);
	signal(SIGPIPE, SIG_IGN);
	/* Bursts of threads must not leave a heap each behind. */
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_TRIM_THRESHOLD, 64 << 10);
	virSetErrorFunc(NULL, drop_error);
	if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0) {
		ha_log(HA_LOG_ERR, "libvirt's library cannot be used: %s",
		       virGetLastErrorMessage());
		return 1;
	}
	if (!build_agent()) {
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
