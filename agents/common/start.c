/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "start.h"

#include <assert.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"
#include "config.h"
#include "wire/agent.h"

#define OPTIONS_MAX 8

static void print_help(const struct ha_agent_program *p)
{
	char left[64];

	printf("usage: %s [OPTION...]\n\n"
	       "%s, which starts it with a socket as file\n"
	       "descriptor %d. See %s(8).\n\n", p->name, p->what, HA_AGENT_FD,
	       p->name);
	for (size_t i = 0; i < p->option_count; i++) {
		const struct ha_agent_option *o = &p->options[i];

		snprintf(left, sizeof(left), "-%c, --%s %s", o->letter, o->name,
			 o->argument);
		printf("  %-22s  %s (default: %s)\n", left, o->help, *o->value);
	}
	printf("  %-22s  log more\n  %-22s  this text\n  %-22s  the version\n",
	       "-d, --debug", "-h, --help", "-V, --version");
}

static bool take_option(const struct ha_agent_program *p, int letter)
{
	for (size_t i = 0; i < p->option_count; i++) {
		const struct ha_agent_option *o = &p->options[i];

		if (o->letter != letter) {
			continue;
		}
		if (o->is_path && optarg[0] != '/') {
			fprintf(stderr, "%s: --%s: '%s' is not an absolute "
				"path\n", p->name, o->name, optarg);
			return false;
		}
		*o->value = optarg;
		return true;
	}
	return false; /* getopt said why */
}

/* -1: go on; else the code to end with. */
static int parse_options(const struct ha_agent_program *p, int argc,
			 char **argv, enum ha_log_level *ret_level)
{
	struct option options[OPTIONS_MAX + 4] = {
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
	};
	char letters[2 * OPTIONS_MAX + 4];
	int at = snprintf(letters, sizeof(letters), "dhV");
	int c;

	assert(p->option_count <= OPTIONS_MAX);
	for (size_t i = 0; i < p->option_count; i++) {
		letters[at++] = p->options[i].letter;
		letters[at++] = ':';
		options[i + 3] = (struct option){ p->options[i].name,
						  required_argument, NULL,
						  p->options[i].letter };
	}
	letters[at] = '\0';
	while ((c = getopt_long(argc, argv, letters, options, NULL)) >= 0) {
		if (c == 'd') {
			*ret_level = HA_LOG_DEBUG;
		} else if (c == 'h') {
			print_help(p);
			return 0;
		} else if (c == 'V') {
			printf("%s " PACKAGE_VERSION "\n", p->name);
			return 0;
		} else if (!take_option(p, c)) {
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: unexpected argument '%s'; see --help\n",
			p->name, argv[optind]);
		return 2;
	}
	return -1;
}

static bool take_socket(bool waits)
{
	int flags = fcntl(HA_AGENT_FD, F_GETFL);
	struct stat st;

	flags = waits ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	return fstat(HA_AGENT_FD, &st) == 0 && S_ISSOCK(st.st_mode) &&
	       fcntl(HA_AGENT_FD, F_SETFL, flags) == 0 &&
	       fcntl(HA_AGENT_FD, F_SETFD, FD_CLOEXEC) == 0;
}

bool ha_agent_start(const struct ha_agent_program *program, int argc,
		    char **argv, int *ret_code)
{
	enum ha_log_level level = HA_LOG_INFO;
	int code = parse_options(program, argc, argv, &level);

	if (code >= 0) {
		*ret_code = code;
		return false;
	}
	ha_log_open(program->name, level);
	signal(SIGPIPE, SIG_IGN);
	if (!take_socket(program->waits)) {
		ha_log(HA_LOG_ERR, "file descriptor %d is no socket: this "
		       "program is started by hacd, not by hand", HA_AGENT_FD);
		*ret_code = 1;
		return false;
	}
	return true;
}
