/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show.h - what several verbs do alike: ask one thing and show it.
 */
#ifndef HACTL_SHOW_H
#define HACTL_SHOW_H

#include <jansson.h>

#include "hactl.h"
#include "wire/request.h"

typedef void (*hactl_render_fn)(const json_t *json,
				const struct hactl_screen *s,
				struct ha_buf *b);

struct hactl_show {
	enum ha_request_kind request;
	struct ha_arg arg;  /* value NULL: none */
	const char *member; /* of the answer to render; NULL: all of it */
	hactl_render_fn render;
};

int hactl_show(struct hactl *h, const struct hactl_show *show)
	__attribute__((warn_unused_result));

#endif
