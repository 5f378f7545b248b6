/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "conf/section.h"

static void write_escaped(struct ha_buf *out, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			ha_buf_puts(out, "&amp;");
			break;
		case '<':
			ha_buf_puts(out, "&lt;");
			break;
		case '"':
			ha_buf_puts(out, "&quot;");
			break;
		case '\t':
			ha_buf_puts(out, "&#9;");
			break;
		case '\n':
			ha_buf_puts(out, "&#10;");
			break;
		case '\r':
			ha_buf_puts(out, "&#13;");
			break;
		default: /* a character, not an enum */
			ha_buf_append(out, s, 1);
			break;
		}
	}
}

static void write_attr(struct ha_buf *out, const char *name,
		       const char *value)
{
	ha_buf_printf(out, " %s=\"", name);
	write_escaped(out, value);
	ha_buf_puts(out, "\"");
}

static void write_field(struct ha_buf *out, const struct ha_field *f,
			const void *object)
{
	struct ha_buf value = { 0 };

	ha_field_print(f, object, &value);
	write_attr(out, f->name, value.data ? value.data : "");
	out->failed |= value.failed;
	ha_buf_fini(&value);
}

/*
 * The fields that stood in the text; and those that say something although
 * nothing did (the simulator's configurations are not from a text).
 */
static bool must_write(const struct ha_field_table *t, size_t i,
		       const void *object, const void *standard)
{
	const struct ha_field *f = &t->fields[i];

	return f->required || ha_field_is_given(t, i, object) ||
	       !ha_field_equal(f, object, standard);
}

static bool has_fields(const struct ha_field_table *t, const void *object,
		       const void *standard)
{
	for (size_t i = 0; i < t->count; i++) {
		if (must_write(t, i, object, standard)) {
			return true;
		}
	}
	return false;
}

static void write_fields(struct ha_buf *out, const struct ha_field_table *t,
			 const void *object, const void *standard)
{
	for (size_t i = 0; i < t->count; i++) {
		if (must_write(t, i, object, standard)) {
			write_field(out, &t->fields[i], object);
		}
	}
}

static void write_params(struct ha_buf *out, const char *indent,
			 const struct ha_param *params, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ha_buf_printf(out, "%s<param", indent);
		write_attr(out, "name", params[i].name);
		if (params[i].file) {
			write_attr(out, "file", params[i].file);
		} else {
			write_attr(out, "value", params[i].value);
		}
		ha_buf_puts(out, "/>\n");
	}
}

static void write_devices(struct ha_buf *out, const struct ha_config *c)
{
	struct ha_fence_device standard = { 0 };

	if (c->device_count == 0) {
		return;
	}
	ha_field_set_defaults(&ha_fields_device, NULL, &standard);
	ha_buf_puts(out, "  <fence-devices>\n");
	for (size_t i = 0; i < c->device_count; i++) {
		const struct ha_fence_device *d = &c->devices[i];

		ha_buf_puts(out, "    <device");
		write_fields(out, &ha_fields_device, d, &standard);
		if (d->param_count == 0) {
			ha_buf_puts(out, "/>\n");
			continue;
		}
		ha_buf_puts(out, ">\n");
		write_params(out, "      ", d->params, d->param_count);
		ha_buf_puts(out, "    </device>\n");
	}
	ha_buf_puts(out, "  </fence-devices>\n");
}

static void write_level(struct ha_buf *out, const struct ha_config *c,
			const struct ha_fence_level *level)
{
	ha_buf_puts(out, "        <level>\n");
	for (size_t i = 0; i < level->step_count; i++) {
		const struct ha_fence_step *s = &level->steps[i];

		assert(s->device < c->device_count);
		ha_buf_puts(out, "          <device");
		write_attr(out, "ref", c->devices[s->device].name);
		if (s->param_count == 0) {
			ha_buf_puts(out, "/>\n");
			continue;
		}
		ha_buf_puts(out, ">\n");
		write_params(out, "            ", s->params, s->param_count);
		ha_buf_puts(out, "          </device>\n");
	}
	ha_buf_puts(out, "        </level>\n");
}

static void write_hosts(struct ha_buf *out, const struct ha_config *c)
{
	struct ha_host_conf standard = c->host_defaults;

	ha_field_set_defaults(&ha_fields_host, NULL, &standard);
	ha_buf_puts(out, "  <hosts>\n");
	for (size_t i = 0; i < c->host_count; i++) {
		const struct ha_host_conf *h = &c->hosts[i];

		ha_buf_puts(out, "    <host");
		write_fields(out, &ha_fields_host, h, &standard);
		write_fields(out, &ha_fields_host_all, h, &standard);
		if (h->level_count == 0) {
			ha_buf_puts(out, "/>\n");
			continue;
		}
		ha_buf_puts(out, ">\n      <fence>\n");
		for (size_t j = 0; j < h->level_count; j++) {
			write_level(out, c, &h->levels[j]);
		}
		ha_buf_puts(out, "      </fence>\n    </host>\n");
	}
	ha_buf_puts(out, "  </hosts>\n");
}

/* The UUID stands in the domain; as an attribute only if it was one. */
static void write_vms(struct ha_buf *out, const struct ha_config *c)
{
	if (c->vm_count == 0) {
		return;
	}
	ha_buf_puts(out, "  <vms>\n");
	for (size_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_conf *vm = &c->vms[i];
		struct ha_vm_conf standard = c->vm_defaults;

		standard.uuid = vm->uuid;
		ha_buf_puts(out, "    <vm");
		write_fields(out, &ha_fields_vm, vm, &standard);
		write_fields(out, &ha_fields_vm_all, vm, &standard);
		ha_buf_puts(out, ">\n");
		ha_buf_puts(out, vm->domain_xml ? vm->domain_xml : "");
		ha_buf_puts(out, "\n    </vm>\n");
	}
	ha_buf_puts(out, "  </vms>\n");
}

static void write_settings(struct ha_buf *out, const struct ha_config *c)
{
	struct ha_config standard = { 0 };
	const struct ha_vm_conf *vm = &c->vm_defaults;
	const struct ha_vm_conf *vm_standard = &standard.vm_defaults;
	struct ha_host_conf *host_standard = &standard.host_defaults;

	ha_field_set_defaults(&ha_fields_defaults, NULL, &standard);
	ha_field_set_defaults(&ha_fields_timing, NULL, &standard);
	ha_field_set_defaults(&ha_fields_admission, NULL, &standard.admission);
	ha_field_set_defaults(&ha_fields_host_all, NULL, host_standard);
	ha_field_set_defaults(&ha_fields_vm_all, NULL, &standard.vm_defaults);
	if (has_fields(&ha_fields_defaults, c, &standard) ||
	    has_fields(&ha_fields_host_all, &c->host_defaults,
		       host_standard) ||
	    has_fields(&ha_fields_vm_all, vm, vm_standard)) {
		ha_buf_puts(out, "  <defaults");
		write_fields(out, &ha_fields_defaults, c, &standard);
		write_fields(out, &ha_fields_host_all, &c->host_defaults,
			     host_standard);
		write_fields(out, &ha_fields_vm_all, vm, vm_standard);
		ha_buf_puts(out, "/>\n");
	}
	if (has_fields(&ha_fields_admission, &c->admission,
		       &standard.admission)) {
		ha_buf_puts(out, "  <admission");
		write_fields(out, &ha_fields_admission, &c->admission,
			     &standard.admission);
		ha_buf_puts(out, "/>\n");
	}
	if (has_fields(&ha_fields_timing, c, &standard)) {
		ha_buf_puts(out, "  <timing");
		write_fields(out, &ha_fields_timing, c, &standard);
		ha_buf_puts(out, "/>\n");
	}
	if (c->alert) {
		ha_buf_puts(out, "  <alert");
		write_fields(out, &ha_fields_alert, c, &standard);
		ha_buf_puts(out, "/>\n");
	}
}

/* A standard object is made for each: its size is the section's affair. */
union any_object {
	struct ha_datastore_conf datastore;
	struct ha_network_conf network;
	struct ha_host_group host_group;
	struct ha_vm_group vm_group;
	struct ha_vm_host_rule vm_host;
	struct ha_vm_vm_rule vm_vm;
	struct ha_dependency dependency;
};

static void write_objects(struct ha_buf *out, const struct ha_section *s,
			  const struct ha_config *c)
{
	union any_object standard;

	assert(s->size <= sizeof(standard));
	memset(&standard, 0, sizeof(standard));
	ha_section_set_defaults(s, c, NULL, &standard);
	for (size_t i = 0; i < ha_section_objects(s, c); i++) {
		ha_buf_printf(out, "    <%s", s->element);
		write_fields(out, s->fields, ha_section_object(s, c, i),
			     &standard);
		ha_buf_puts(out, "/>\n");
	}
}

/* Sections of one parent follow each other. */
static void write_sections(struct ha_buf *out, const struct ha_config *c)
{
	size_t next;

	for (size_t i = 0; i < ha_section_count; i = next) {
		const char *parent = ha_sections[i].parent;
		size_t objects = 0;

		for (next = i; next < ha_section_count &&
			       strcmp(ha_sections[next].parent, parent) == 0;
		     next++) {
			objects += ha_section_objects(&ha_sections[next], c);
		}
		if (objects == 0) {
			continue;
		}
		ha_buf_printf(out, "  <%s>\n", parent);
		for (size_t k = i; k < next; k++) {
			write_objects(out, &ha_sections[k], c);
		}
		ha_buf_printf(out, "  </%s>\n", parent);
	}
}

int ha_conf_write(const struct ha_config *c, struct ha_buf *ret_text)
{
	assert(c);
	assert(ret_text);
	ha_buf_puts(ret_text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			      "<cluster");
	write_attr(ret_text, "name", c->name);
	ha_buf_puts(ret_text, ">\n");
	write_settings(ret_text, c);
	write_devices(ret_text, c);
	write_hosts(ret_text, c);
	write_sections(ret_text, c);
	write_vms(ret_text, c);
	ha_buf_puts(ret_text, "</cluster>\n");
	return ret_text->failed ? HA_E_NO_MEMORY : 0;
}
