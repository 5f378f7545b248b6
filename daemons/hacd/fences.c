/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fences.h"

#include <string.h>

#include "status.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static json_int_t attempt_of(const json_t *o)
{
	return json_integer_value(json_object_get(o, "attempt"));
}

/* The newest row about the same attempt with that result; NULL: none. */
static json_t *find_row(json_t *rows, const json_t *event, const char *result)
{
	for (size_t i = json_array_size(rows); i > 0; i--) {
		json_t *row = json_array_get(rows, i - 1);

		if (strcmp(text_of(row, "host"), text_of(event, "host")) == 0 &&
		    attempt_of(row) == attempt_of(event) &&
		    strcmp(text_of(row, "result"), result) == 0) {
			return row;
		}
	}
	return NULL;
}

static void copy_text(json_t *row, const char *to, const json_t *event,
		      const char *from)
{
	json_object_set_new(row, to, json_string(text_of(event, from)));
}

static void add_row(json_t *rows, const json_t *event, const char *result)
{
	json_t *row = json_object();

	copy_text(row, "time", event, "time");
	copy_text(row, "ended", event, result[0] != '\0' ? "time" : "");
	copy_text(row, "host", event, "host");
	copy_text(row, "by", event, "by");
	json_object_set_new(row, "attempt", json_integer(attempt_of(event)));
	json_object_set_new(row, "result", json_string(result));
	copy_text(row, "text", event, "text");
	json_array_append_new(rows, row);
}

/* An attempt that two coordinators in a row told of is still one. */
static void take_event(json_t *rows, const json_t *event)
{
	const char *fence = text_of(event, "fence");
	json_t *open = find_row(rows, event, "");

	if (strcmp(fence, "asked") == 0) {
		if (!open) {
			add_row(rows, event, "");
		}
	} else if (open) {
		copy_text(open, "ended", event, "time");
		copy_text(open, "result", event, "fence");
		copy_text(open, "text", event, "text");
	} else if (attempt_of(event) == 0 || !find_row(rows, event, fence)) {
		add_row(rows, event, fence);
	}
}

/* An attempt without a result: is it still being made? */
static void set_open_result(const struct ha_core *core, json_t *row)
{
	ha_hostid id = status_find_host(core, text_of(row, "host"));
	const struct ha_state *state = ha_core_state(core);
	bool now = id != HA_HOST_NONE && attempt_of(row) > 0 &&
		   state->hosts[id - 1].fence_number ==
			   (uint64_t)attempt_of(row);

	json_object_set_new(row, "result",
			    json_string(now ? "in-flight" : "unknown"));
}

json_t *fences_list(const struct ha_core *core, const json_t *events)
{
	json_t *rows = json_array(), *o = json_object();

	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);

		if (text_of(event, "fence")[0] != '\0') {
			take_event(rows, event);
		}
	}
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);

		if (text_of(row, "result")[0] == '\0') {
			set_open_result(core, row);
		}
	}
	json_object_set_new(o, "fences", rows);
	return o;
}
