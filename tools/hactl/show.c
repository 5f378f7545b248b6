/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include "ask.h"

int hactl_show(struct hactl *h, const struct hactl_show *show)
{
	struct ha_buf b = { .data = NULL };
	const json_t *part;
	json_t *answer;
	int r = hactl_get(h, show->request, &show->arg, &answer);

	if (r != HACTL_OK) {
		return r;
	}
	part = show->member != NULL ? json_object_get(answer, show->member) :
				      answer;
	if (h->json) {
		hactl_print_json(part);
	} else {
		show->render(part, &h->screen, &b);
		r = hactl_flush(&b);
	}
	json_decref(answer);
	return r;
}
