/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hactl - see and steer a cluster. One verb is one file here with one
 * constant table entry; this file finds it and runs it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ask.h"
#include "help.h"
#include "parse.h"

/* Output for a terminal as wide as that is, for a pipe without colour. */
static void look_at_screen(struct hactl_screen *s)
{
	const char *term = getenv("TERM");
	struct winsize size;

	s->width = 80;
	if (!isatty(STDOUT_FILENO)) {
		return;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
		s->width = size.ws_col;
	}
	s->colour = getenv("NO_COLOR") == NULL && term != NULL &&
		    term[0] != '\0' && term[0] != 'd'; /* "dumb" */
}

static int show_help(const struct hactl *h)
{
	struct ha_buf b = { .data = NULL };

	if (h->verb == NULL && h->noun != NULL) {
		hactl_help_noun(h->noun, &h->screen, &b);
	} else {
		hactl_help(h->verb, &h->screen, &b);
	}
	return hactl_flush(&b);
}

static int bad_usage(const struct ha_buf *why)
{
	(void)fprintf(stderr, "hactl: %s\n", why->data);
	return HACTL_USAGE;
}

/* What is piped into a program that stopped reading is no failure of ours. */
static int close_stdout(int code)
{
	if (fflush(stdout) != 0 && code == HACTL_OK) {
		(void)fprintf(stderr, "hactl: the output could not be "
			      "written\n");
		return HACTL_FAILED;
	}
	return code;
}

int main(int argc, char **argv)
{
	struct hactl h = { .verb = NULL };
	struct ha_buf why = { .data = NULL };
	int code = HACTL_OK;

	(void)signal(SIGPIPE, SIG_DFL);
	look_at_screen(&h.screen);
	switch (hactl_parse(argc - 1, argv + 1, &h, &why)) {
	case HACTL_RUN:
		code = h.verb->run(&h);
		break;
	case HACTL_HELP:
		code = show_help(&h);
		break;
	case HACTL_BAD_USAGE:
		code = bad_usage(&why);
		break;
	}
	hactl_close(&h);
	ha_buf_fini(&why);
	return close_stdout(code);
}
