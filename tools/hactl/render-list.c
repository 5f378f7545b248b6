/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of hosts and VMs, and one host or VM in full.
 */
#include "render.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "js.h"
#include "table.h"
#include "text.h"

/* why and todo as one sentence each */
static const char *join_why(const json_t *o, struct ha_buf *b)
{
	const char *why = hactl_js_str(o, "why");
	const char *todo = hactl_js_str(o, "todo");

	ha_buf_clear(b);
	ha_buf_puts(b, why);
	if (todo[0] != '\0') {
		ha_buf_printf(b, "%sdo: %s", why[0] != '\0' ? "; " : "", todo);
	}
	return b->data != NULL ? b->data : "";
}

void hactl_render_hosts(const json_t *hosts, const struct hactl_screen *s,
			struct ha_buf *b)
{
	static const char *const heads[] = { "HOST", ">ID", "STATE", ">VMS",
					     ">MEMORY MiB", ">VCPUS", "WHY",
					     NULL };
	struct ha_buf why = { .data = NULL };
	struct hactl_table t;

	hactl_table_init(&t, heads);
	for (size_t i = 0; i < json_array_size(hosts); i++) {
		const json_t *o = json_array_get(hosts, i);
		char name[96], id[24], vms[24], memory[48], cpus[48];
		const char *cells[] = { name, hactl_js_num(o, "id", id,
							   sizeof(id)),
					hactl_js_str(o, "state"), vms, memory,
					cpus, join_why(o, &why) };

		(void)snprintf(name, sizeof(name), "%s%s",
			       hactl_js_str(o, "name"),
			       hactl_js_bool(o, "coordinator") ? "*" : "");
		(void)snprintf(vms, sizeof(vms), "%lld",
			       hactl_js_int(o, "vms"));
		(void)snprintf(memory, sizeof(memory), "%lld/%lld",
			       hactl_js_int(o, "memory_used_kib") / 1024,
			       hactl_js_int(o, "memory_kib") / 1024);
		(void)snprintf(cpus, sizeof(cpus), "%lld/%lld",
			       hactl_js_int(o, "vcpus_used"),
			       hactl_js_int(o, "cpus"));
		hactl_table_row(&t, cells);
	}
	hactl_table_print(&t, s, b);
	hactl_table_fini(&t);
	ha_buf_fini(&why);
	if (json_array_size(hosts) == 0) {
		ha_buf_puts(b, "no hosts: this host belongs to no cluster\n");
	}
}

static const char *owner_of(const json_t *vm)
{
	const char *owner = hactl_js_str(vm, "owner");

	return owner[0] != '\0' ? owner : hactl_js_str(vm, "seen_on");
}

void hactl_render_vms(const json_t *vms, const char *on_host,
		      const struct hactl_screen *s, struct ha_buf *b)
{
	static const char *const heads[] = { "VM", "STATE", "HOST", "PRIORITY",
					     "WANTED", "WHY", NULL };
	struct ha_buf why = { .data = NULL };
	struct hactl_table t;
	size_t shown = 0;

	hactl_table_init(&t, heads);
	for (size_t i = 0; i < json_array_size(vms); i++) {
		const json_t *o = json_array_get(vms, i);
		const char *cells[] = { hactl_js_str(o, "name"),
					hactl_js_str(o, "state"), owner_of(o),
					hactl_js_str(o, "priority"),
					hactl_js_str(o, "wanted"),
					join_why(o, &why) };

		if (on_host == NULL || strcmp(owner_of(o), on_host) == 0) {
			hactl_table_row(&t, cells);
			shown++;
		}
	}
	hactl_table_print(&t, s, b);
	hactl_table_fini(&t);
	ha_buf_fini(&why);
	if (shown == 0) {
		ha_buf_puts(b, on_host != NULL ? "no VMs there\n" :
			    "no VMs yet; add one: hactl vm add NAME\n");
	}
}

/* "memory_used_kib" -> "memory used kib" */
static void print_key(const char *key, int width, struct ha_buf *b)
{
	for (const char *p = key; *p != '\0'; p++) {
		ha_buf_append(b, *p == '_' ? " " : p, 1);
	}
	ha_buf_puts(b, ":");
	hactl_blanks(b, width - (int)strlen(key));
}

/* "h1, h2" */
static void print_list(const json_t *list, const struct hactl_screen *s,
		       int hang, struct ha_buf *b)
{
	struct ha_buf line = { .data = NULL };

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *item = json_string_value(json_array_get(list, i));

		ha_buf_printf(&line, "%s%s", i > 0 ? ", " : "",
			      item != NULL ? item : "?");
	}
	hactl_wrap(b, s, line.len > 0 ? line.data : "-", hang);
	ha_buf_fini(&line);
}

static void print_value(const json_t *value, const struct hactl_screen *s,
			int hang, struct ha_buf *b)
{
	char *dump;

	if (json_is_string(value)) {
		hactl_wrap(b, s, json_string_value(value), hang);
	} else if (json_is_boolean(value)) {
		ha_buf_puts(b, json_is_true(value) ? "yes\n" : "no\n");
	} else if (json_is_null(value)) {
		ha_buf_puts(b, "-\n");
	} else if (json_is_array(value)) {
		print_list(value, s, hang, b);
	} else {
		dump = json_dumps(value, JSON_ENCODE_ANY);
		hactl_wrap(b, s, dump != NULL ? dump : "", hang);
		free(dump);
	}
}

/* Everything that hacd tells of an object, one line each. */
static void print_object(const json_t *o, const struct hactl_screen *s,
			 struct ha_buf *b)
{
	const char *key;
	json_t *value;
	int width = 0;

	json_object_foreach((json_t *)(uintptr_t)o, key, value) {
		int n = (int)strlen(key);

		width = n > width ? n : width;
	}
	json_object_foreach((json_t *)(uintptr_t)o, key, value) {
		if (json_is_string(value) &&
		    json_string_value(value)[0] == '\0') {
			continue;
		}
		print_key(key, width, b);
		ha_buf_puts(b, " ");
		print_value(value, s, width + 2, b);
	}
}

void hactl_render_host(const json_t *host, const struct hactl_screen *s,
		       struct ha_buf *b)
{
	print_object(host, s, b);
}

void hactl_render_vm(const json_t *vm, const struct hactl_screen *s,
		     struct ha_buf *b)
{
	print_object(vm, s, b);
}
