/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hacd - decides, on every host of a cluster, where its VMs run. See hacd(8).
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"
#include "crash.h"
#include "hacd.h"
#include "notify.h"

static struct hacd_options arg_options = {
	.agents_dir = HA_LIBEXECDIR,
	.state_dir = HA_LOCALSTATEDIR "/lib/hac",
	.log_dir = HA_LOCALSTATEDIR "/log/hac",
	.run_dir = HA_RUNSTATEDIR "/hac",
	.ipc_name = HA_IPC_NAME,
};
static enum ha_log_level arg_level = HA_LOG_INFO;

static struct hacd hacd;

static void print_help(void)
{
	puts("usage: hacd [OPTION...]\n"
	     "\n"
	     "Keeps the virtual machines of a cluster running. Runs in the\n"
	     "foreground; systemd starts it (hacd.service). See hacd(8).\n"
	     "\n"
	     "  -a, --agents-dir DIR  where its agents are\n"
	     "                        (" HA_LIBEXECDIR ")\n"
	     "  -d, --debug           log more\n"
	     "  -h, --help            this text\n"
	     "  -V, --version         the version");
}

static bool parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "agents-dir", required_argument, NULL, 'a' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "a:dhV", options, NULL)) >= 0) {
		switch (c) {
		case 'a':
			arg_options.agents_dir = optarg;
			break;
		case 'd':
			arg_level = HA_LOG_DEBUG;
			break;
		case 'h':
			print_help();
			exit(0);
		case 'V':
			puts("hacd " PACKAGE_VERSION);
			exit(0);
		default:
			return false;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "hacd: unexpected argument '%s'; see --help\n",
			argv[optind]);
		return false;
	}
	return true;
}

static int32_t end(int32_t signal_number, void *arg)
{
	(void)signal_number;
	notify("STOPPING=1");
	qb_loop_stop(arg);
	return 0;
}

/* The loop turns: that is what the service manager wants to know. */
static void feed_watchdog(void *arg)
{
	qb_loop_timer_handle timer;

	notify("WATCHDOG=1");
	crash_life_fed(notify_watchdog_ns());
	qb_loop_timer_add(arg, QB_LOOP_HIGH, notify_watchdog_ns(), arg,
			  feed_watchdog, &timer);
}

/* Nobody waits for what hacd starts: its socket, or its pidfd, tells. */
static void set_signals(qb_loop_t *loop)
{
	struct sigaction reap = { .sa_handler = SIG_DFL,
				  .sa_flags = SA_NOCLDWAIT };
	qb_loop_signal_handle handle;

	(void)sigaction(SIGCHLD, &reap, NULL);
	signal(SIGPIPE, SIG_IGN);
	qb_loop_signal_add(loop, QB_LOOP_HIGH, SIGTERM, loop, end, &handle);
	qb_loop_signal_add(loop, QB_LOOP_HIGH, SIGINT, loop, end, &handle);
}

static bool make_folder(const char *path, mode_t mode)
{
	if (mkdir(path, mode) == 0 || errno == EEXIST) {
		return true;
	}
	ha_log(HA_LOG_ERR, "cannot make the folder %s: %s", path,
	       strerror(errno));
	return false;
}

int main(int argc, char **argv)
{
	qb_loop_t *loop;
	bool failed;

	if (!parse_options(argc, argv)) {
		return 2;
	}
	ha_log_open("hacd", arg_level);
	umask(077);
	if (!make_folder(arg_options.state_dir, 0700) ||
	    !make_folder(arg_options.log_dir, 0750) ||
	    !make_folder(arg_options.run_dir, 0755)) {
		return 1;
	}
	loop = qb_loop_create();
	if (!loop) {
		ha_log(HA_LOG_ERR, "out of memory");
		return 1;
	}
	set_signals(loop);
	failed = hacd_create(&hacd, loop, &arg_options) != 0;
	if (!failed) {
		ha_log(HA_LOG_NOTICE, "hacd " PACKAGE_VERSION " runs");
		if (notify_watchdog_ns() > 0) {
			feed_watchdog(loop);
		}
		qb_loop_run(loop);
		failed = hacd.failed;
		crash_life_end(arg_options.run_dir);
	}
	hacd_destroy(&hacd);
	qb_loop_destroy(loop);
	return failed ? 1 : 0;
}
