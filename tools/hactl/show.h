/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show.h - what several verbs do alike: ask one thing and show it.
 */
#ifndef HACTL_SHOW_H
#define HACTL_SHOW_H

#include <jansson.h>

#include "hactl.h"

typedef void (*hactl_render_fn)(const json_t *json,
				const struct hactl_screen *s,
				struct ha_buf *b);

struct hactl_show {
	const char *request; /* of hacd */
	const char *arg;     /* "vm=db1" or NULL */
	const char *member;  /* of the answer to render; NULL: all of it */
	hactl_render_fn render;
};

int hactl_show(struct hactl *h, const struct hactl_show *show)
	__attribute__((warn_unused_result));

#endif
