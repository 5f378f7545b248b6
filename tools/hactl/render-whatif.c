/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What would happen, for people: first what is decided about hosts, then who
 * moves and when, then who does not run and what would help.
 */
#include "render.h"

#include <stdio.h>
#include <string.h>

#include "js.h"
#include "table.h"
#include "text.h"

/* "about 3 s"; "" if there is no such time. */
static const char *about(const json_t *o, const char *key, char *buf,
			 size_t size)
{
	double s = json_number_value(json_object_get(o, key));

	buf[0] = '\0';
	if (s > 0) {
		(void)snprintf(buf, size, "about %d s", s < 1 ? 1 :
			       (int)(s + 0.5));
	}
	return buf;
}

static void print_size(char *buf, size_t size, const json_t *o)
{
	long long mib = (hactl_js_int(o, "missing_memory_kib") + 1023) / 1024;
	long long vcpus = hactl_js_int(o, "missing_vcpus");
	int n = 0;

	buf[0] = '\0';
	if (mib > 0) {
		n = snprintf(buf, size, "%lld MiB of memory", mib);
	}
	if (vcpus > 0) {
		(void)snprintf(buf + n, size - (size_t)n, "%s%lld vcpu%s",
			       mib > 0 ? " and " : "", vcpus,
			       hactl_s((size_t)vcpus));
	}
}

static void say(struct ha_buf *b, const struct hactl_screen *s,
		const char *text)
{
	hactl_wrap(b, s, text, 0);
}

static void print_cluster(const json_t *o, const struct hactl_screen *s,
			  struct ha_buf *b)
{
	const char *not_done = hactl_js_str(o, "not_done");
	char line[400];

	if (not_done[0] != '\0') {
		(void)snprintf(line, sizeof(line), "Not done: %s", not_done);
		say(b, s, line);
	}
	if (hactl_js_bool(o, "stopped")) {
		say(b, s, "The cluster is stopped: no VM runs, none would be "
		    "started.");
	} else if (hactl_js_bool(o, "disarmed")) {
		say(b, s, "Nothing would be fenced or restarted: disarmed. To "
		    "arm it: hactl arm");
	} else if (!hactl_js_bool(o, "quorate")) {
		(void)snprintf(line, sizeof(line), "No side would have quorum: "
			       "running VMs are left running, none is started "
			       "or moved%s%s.", hactl_js_str(o, "why")[0] !=
			       '\0' ? "; " : "", hactl_js_str(o, "why"));
		say(b, s, line);
	} else if (!hactl_js_bool(o, "settled")) {
		say(b, s, "It would not come to rest by itself: see below.");
	}
}

static void print_hosts(const json_t *hosts, const struct hactl_screen *s,
			struct ha_buf *b)
{
	for (size_t i = 0; i < json_array_size(hosts); i++) {
		const json_t *o = json_array_get(hosts, i);
		const char *name = hactl_js_str(o, "name");
		char line[400], when[32];

		if (about(o, "proven_after_s", when, sizeof(when))[0] != '\0') {
			(void)snprintf(line, sizeof(line), "Host %s is proven "
				       "down by its fence device after %s.",
				       name, when);
		} else if (strcmp(hactl_js_str(o, "state"), "online") == 0) {
			continue;
		} else {
			(void)snprintf(line, sizeof(line), "Host %s would show as %s%s%s.",
				       name, hactl_js_str(o, "state"),
				       hactl_js_str(o, "why")[0] != '\0' ?
				       ": " : "", hactl_js_str(o, "why"));
		}
		say(b, s, line);
	}
}

static bool runs(const json_t *vm)
{
	return hactl_js_str(vm, "to")[0] != '\0';
}

static bool is_touched(const json_t *vm)
{
	return runs(vm) && (hactl_js_int(vm, "wave") > 0 ||
			    strcmp(hactl_js_str(vm, "from"),
				   hactl_js_str(vm, "to")) != 0);
}

/* "h3 or h1": where it goes, and where it may go as well. */
static void print_places(const json_t *vm, struct ha_buf *b)
{
	const json_t *may = json_object_get(vm, "possible");
	const char *to = hactl_js_str(vm, "to");

	ha_buf_puts(b, to);
	for (size_t i = 0; i < json_array_size(may); i++) {
		const char *name = json_string_value(json_array_get(may, i));

		if (name != NULL && strcmp(name, to) != 0) {
			ha_buf_printf(b, " or %s", name);
		}
	}
}

static void print_moves(const json_t *vms, const struct hactl_screen *s,
			struct ha_buf *b)
{
	static const char *const heads[] = { "VM", "FROM", "TO", ">WAVE",
					     "RUNS AFTER", NULL };
	struct hactl_table t;
	size_t stay = 0;

	hactl_table_init(&t, heads);
	for (size_t i = 0; i < json_array_size(vms); i++) {
		const json_t *o = json_array_get(vms, i);
		struct ha_buf to = { .data = NULL };
		char wave[24], when[32];
		const char *from = hactl_js_str(o, "from");
		const char *cells[] = {
			hactl_js_str(o, "name"), from[0] != '\0' ? from : "-",
			NULL,
			hactl_js_num(o, "wave", wave, sizeof(wave)),
			about(o, "runs_after_s", when, sizeof(when)),
		};

		print_places(o, &to);
		cells[2] = to.data;
		if (is_touched(o)) {
			hactl_table_row(&t, cells);
		} else {
			stay += runs(o);
		}
		ha_buf_fini(&to);
	}
	if (t.cell_count > 0) {
		ha_buf_puts(b, "\n");
	}
	hactl_table_print(&t, s, b);
	hactl_table_fini(&t);
	if (stay > 0) {
		ha_buf_printf(b, "\n%zu VM%s run%s on where %s.\n", stay,
			      hactl_s(stay), stay == 1 ? "s" : "",
			      stay == 1 ? "it is" : "they are");
	}
}

/* By preemption, whether they find another place or not. */
static void print_stopped(const json_t *vms, const struct hactl_screen *s,
			  struct ha_buf *b)
{
	struct ha_buf text = { .data = NULL };

	for (size_t i = 0; i < json_array_size(vms); i++) {
		const json_t *o = json_array_get(vms, i);

		if (hactl_js_bool(o, "makes_room")) {
			ha_buf_printf(&text, "%s%s", text.len > 0 ? ", " :
				      "Stopped to make room for more important "
				      "VMs: ", hactl_js_str(o, "name"));
		}
	}
	if (text.len > 0) {
		ha_buf_puts(&text, ".");
		ha_buf_puts(b, "\n");
		say(b, s, text.data);
	}
	ha_buf_fini(&text);
}

static void print_waiting(const json_t *vms, const struct hactl_screen *s,
			  struct ha_buf *b)
{
	static const char *const heads[] = { "NOT RUNNING", "FROM", "WHY",
					     NULL };
	struct hactl_table t;

	hactl_table_init(&t, heads);
	for (size_t i = 0; i < json_array_size(vms); i++) {
		const json_t *o = json_array_get(vms, i);
		const json_t *remedies = json_object_get(o, "remedies");
		const char *why = hactl_js_str(o, "why");
		struct ha_buf text = { .data = NULL };

		if (runs(o) || !hactl_js_bool(o, "to_run")) {
			continue;
		}
		ha_buf_puts(&text, why[0] != '\0' ? why :
			    hactl_js_str(o, "state"));
		for (size_t k = 0; k < json_array_size(remedies); k++) {
			ha_buf_printf(&text, "; %s%s", k == 0
				      ? "what would help: " : "or ",
				      json_string_value(json_array_get(remedies,
								       k)));
		}
		hactl_table_row(&t, (const char *const[]){
			hactl_js_str(o, "name"), hactl_js_str(o, "from"),
			text.data });
		ha_buf_fini(&text);
	}
	if (t.cell_count > 0) {
		ha_buf_puts(b, "\n");
	}
	hactl_table_print(&t, s, b);
	hactl_table_fini(&t);
}

/* To fit all of them together, or those for whom room alone would do. */
static void print_sums(const json_t *hosts, long long others,
		       const struct hactl_screen *s, struct ha_buf *b)
{
	struct ha_buf text = { .data = NULL };

	for (size_t i = 0; i < json_array_size(hosts); i++) {
		const json_t *o = json_array_get(hosts, i);
		char more[64];

		print_size(more, sizeof(more), o);
		if (more[0] != '\0') {
			ha_buf_printf(&text, "%s%s more on %s", text.len > 0 ?
				      ", " : "With ", more,
				      hactl_js_str(o, "name"));
		}
	}
	if (text.len > 0) {
		ha_buf_puts(&text, " all ");
		if (others > 0) {
			ha_buf_printf(&text, "but %lld of them ", others);
		}
		ha_buf_puts(&text, "would run.");
		ha_buf_puts(b, "\n");
		say(b, s, text.data);
	}
	ha_buf_fini(&text);
}

void hactl_render_whatif(const json_t *o, const struct hactl_screen *s,
			 struct ha_buf *b)
{
	const json_t *hosts = json_object_get(o, "hosts");
	const json_t *vms = json_object_get(o, "vms");
	char line[400], when[32];

	(void)snprintf(line, sizeof(line), "What would happen: %s",
		       hactl_js_str(o, "question"));
	say(b, s, line);
	print_cluster(o, s, b);
	print_hosts(hosts, s, b);
	print_moves(vms, s, b);
	print_stopped(vms, s, b);
	print_waiting(vms, s, b);
	print_sums(hosts, hactl_js_int(o, "missing_more"), s, b);
	if (about(o, "last_change_after_s", when, sizeof(when))[0] != '\0' &&
	    hactl_js_bool(o, "settled")) {
		ha_buf_printf(b, "\nAll of it would be over after %s. Nothing "
			      "was touched.\n", when);
	} else {
		ha_buf_puts(b, "\nNothing was touched.\n");
	}
}
