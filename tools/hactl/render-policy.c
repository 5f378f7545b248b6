/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "js.h"
#include "render.h"
#include "table.h"
#include "text.h"

enum { NAMES_SHOWN = 4 };

static void print_tolerated(const json_t *admission, struct ha_buf *b)
{
	long long n = hactl_js_int(admission, "tolerated");

	if (n == 0) {
		ha_buf_puts(b, "no host may fail");
	} else if (n == 1) {
		ha_buf_puts(b, "any one host may fail");
	} else {
		ha_buf_printf(b, "any %lld hosts may fail", n);
	}
}

void hactl_render_failures(const json_t *admission,
			   const struct hactl_screen *s, struct ha_buf *b)
{
	const char *limit = hactl_js_str(admission, "limit");
	struct ha_buf line = { .data = NULL };
	bool off = strcmp(hactl_js_str(admission, "mode"), "off") == 0;

	ha_buf_puts(&line, "Failures: ");
	print_tolerated(admission, &line);
	if (!off && !hactl_js_bool(admission, "met")) {
		long long demanded = hactl_js_int(admission, "demanded");

		ha_buf_printf(&line, ", %lld should be possible", demanded);
	}
	ha_buf_printf(&line, "%s%s.", limit[0] != '\0' ? "; " : "", limit);
	hactl_wrap(b, s, line.data, 2);
	ha_buf_fini(&line);
}

static void print_slots(const json_t *o, const struct hactl_screen *s,
			struct ha_buf *b)
{
	static const char *const heads[] = { "HOST", ">SLOTS", NULL };
	const json_t *hosts = json_object_get(o, "hosts");
	struct hactl_table t;

	ha_buf_printf(b, "Slot: %lld MHz (%s), %lld MiB (%s). Used %lld of "
		      "%lld; %lld are left when those with most fail.\n",
		      hactl_js_int(o, "cpu_mhz"), hactl_js_str(o, "cpu_vm"),
		      hactl_js_int(o, "memory_kib") / 1024,
		      hactl_js_str(o, "memory_vm"), hactl_js_int(o, "used"),
		      hactl_js_int(o, "all"), hactl_js_int(o, "left"));
	hactl_table_init(&t, heads);
	for (size_t i = 0; i < json_array_size(hosts); i++) {
		const json_t *host = json_array_get(hosts, i);
		char slots[24];
		const char *cells[] = { hactl_js_str(host, "name"), slots };

		(void)snprintf(slots, sizeof(slots), "%lld",
			       hactl_js_int(host, "slots"));
		hactl_table_row(&t, cells);
	}
	hactl_table_print(&t, s, b);
	hactl_table_fini(&t);
}

/* The first three stand in the sentence before. */
static void print_left_out(const json_t *o, const struct hactl_screen *s,
			   struct ha_buf *b)
{
	const json_t *vms = json_object_get(o, "left_out");
	long long more = hactl_js_int(o, "left_out_count") -
			 (long long)json_array_size(vms);
	struct ha_buf line = { .data = NULL };

	if (json_array_size(vms) <= 3) {
		return;
	}
	ha_buf_puts(&line, "Without a place, the most important first:");
	for (size_t i = 0; i < json_array_size(vms); i++) {
		ha_buf_printf(&line, "%s %s", i > 0 ? "," : "",
			      json_string_value(json_array_get(vms, i)));
	}
	if (more > 0) {
		ha_buf_printf(&line, " and %lld more", more);
	}
	ha_buf_puts(&line, ".");
	hactl_wrap(b, s, line.data, 2);
	ha_buf_fini(&line);
}

void hactl_render_admission(const json_t *o, const struct hactl_screen *s,
			    struct ha_buf *b)
{
	const json_t *remedies = json_object_get(o, "remedies");
	const json_t *slots = json_object_get(o, "slots");

	ha_buf_printf(b, "Policy %s, mode %s: %lld host failure%s to be "
		      "tolerated, %s.\n", hactl_js_str(o, "policy"),
		      hactl_js_str(o, "mode"), hactl_js_int(o, "demanded"),
		      hactl_js_int(o, "demanded") == 1 ? "" : "s",
		      hactl_js_bool(o, "met") ? "which holds"
					      : "which does not hold");
	hactl_render_failures(o, s, b);
	for (size_t i = 0; i < json_array_size(remedies); i++) {
		struct ha_buf line = { .data = NULL };

		ha_buf_printf(&line, "%s%s.", i == 0 ? "What would help: "
						     : "Or: ",
			      json_string_value(json_array_get(remedies, i)));
		hactl_wrap(b, s, line.data, 2);
		ha_buf_fini(&line);
	}
	print_left_out(o, s, b);
	if (slots != NULL) {
		print_slots(slots, s, b);
	}
}

void hactl_render_placement(const json_t *o, const struct hactl_screen *s,
			    struct ha_buf *b)
{
	static const char *const heads[] = { "HOST", "VERDICT", ">SCORE", "WHY",
					     NULL };
	const json_t *hosts = json_object_get(o, "hosts");
	const char *owner = hactl_js_str(o, "owner");
	struct hactl_table t;

	ha_buf_printf(b, "VM %s %s%s. If it were placed now:\n",
		      hactl_js_str(o, "vm"),
		      owner[0] != '\0' ? "is on host " : "is on no host",
		      owner);
	hactl_table_init(&t, heads);
	for (size_t i = 0; i < json_array_size(hosts); i++) {
		const json_t *host = json_array_get(hosts, i);
		char score[24];
		const char *cells[] = {
			hactl_js_str(host, "name"),
			hactl_js_str(host, "verdict"),
			hactl_js_num(host, "score", score, sizeof(score)),
			hactl_js_str(host, "why")
		};

		hactl_table_row(&t, cells);
	}
	hactl_table_print(&t, s, b);
	hactl_table_fini(&t);
}

/* "db1, db2 and 3 more" */
static void print_few(const json_t *names, struct ha_buf *b)
{
	size_t n = json_array_size(names);

	for (size_t i = 0; i < n && i < NAMES_SHOWN; i++) {
		ha_buf_printf(b, "%s%s", i > 0 ? ", " : "",
			      json_string_value(json_array_get(names, i)));
	}
	if (n > NAMES_SHOWN) {
		ha_buf_printf(b, " and %zu more", n - NAMES_SHOWN);
	}
}

static void print_since(long long s, struct ha_buf *b)
{
	if (s >= 2 * 3600) {
		ha_buf_printf(b, "%lld h", s / 3600);
	} else if (s >= 120) {
		ha_buf_printf(b, "%lld min", s / 60);
	} else {
		ha_buf_printf(b, "%lld s", s);
	}
}

void hactl_render_breaking(const json_t *rule, struct ha_buf *b)
{
	ha_buf_printf(b, "broken (%s, %s) by vm ",
		      hactl_js_str(rule, "strength"),
		      hactl_js_str(rule, "keeps"));
	print_few(json_object_get(rule, "vms"), b);
	ha_buf_puts(b, " on ");
	print_few(json_object_get(rule, "hosts"), b);
	ha_buf_puts(b, " for at least ");
	print_since(hactl_js_int(rule, "since_s"), b);
}

void hactl_render_broken(const json_t *broken, const struct hactl_screen *s,
			 struct ha_buf *b)
{
	const json_t *rules = json_object_get(broken, "rules");

	for (size_t i = 0; i < json_array_size(rules); i++) {
		const json_t *rule = json_array_get(rules, i);
		const char *todo = hactl_js_str(rule, "todo");
		struct ha_buf line = { .data = NULL };

		ha_buf_printf(&line, "Rule %s is ", hactl_js_str(rule, "name"));
		hactl_render_breaking(rule, &line);
		ha_buf_printf(&line, ": %s%s%s.", hactl_js_str(rule, "why"),
			      todo[0] != '\0' ? "; do: " : "", todo);
		hactl_wrap(b, s, line.data, 2);
		ha_buf_fini(&line);
	}
}
