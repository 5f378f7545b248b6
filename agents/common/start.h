/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start.h - what all agents do first: options, log, signals, the socket to
 * hacd. For main() only.
 */
#ifndef HA_AGENTS_START_H
#define HA_AGENTS_START_H

#include <stdbool.h>
#include <stddef.h>

struct ha_agent_option { /* beside --debug, --help, --version */
	char letter;
	const char *name;
	const char *argument; /* "DIR", for the help */
	const char *help;
	const char **value;   /* holds the default, then what was given */
	bool is_path;         /* must be absolute */
};

struct ha_agent_program {
	const char *name;
	const char *what;     /* it does, for the help: "Runs ... for hacd" */
	const struct ha_agent_option *options;
	size_t option_count;
	bool waits;           /* reads and writes of HA_AGENT_FD may block */
};

/* False: the program is to end with *ret_code; why was said. */
bool ha_agent_start(const struct ha_agent_program *program, int argc,
		    char **argv, int *ret_code)
	__attribute__((warn_unused_result));

#endif
