/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "conf/section.h"

struct diff {
	const struct ha_config *from, *to;
	ha_conf_change_fn fn;
	void *arg;
	struct ha_buf a, b; /* values of the change that is being told */
	bool failed;
};

static void tell(struct diff *d, const char *kind, const char *name,
		 const char *what)
{
	struct ha_conf_change change = {
		kind, name, what, d->a.data ? d->a.data : "",
		d->b.data ? d->b.data : ""
	};

	d->failed |= d->a.failed || d->b.failed;
	d->fn(&change, d->arg);
}

static void tell_object(struct diff *d, const char *kind, const char *name,
			bool added)
{
	struct ha_conf_change change = { kind, name, NULL,
					 added ? NULL : "",
					 added ? "" : NULL };

	d->fn(&change, d->arg);
}

static void clear_values(struct diff *d)
{
	ha_buf_clear(&d->a);
	ha_buf_clear(&d->b);
}

static void tell_texts(struct diff *d, const char *kind, const char *name,
		       const char *what)
{
	if (strcmp(d->a.data ? d->a.data : "", d->b.data ? d->b.data : "")) {
		tell(d, kind, name, what);
	}
}

/* Two objects of one kind, of the same table. */
struct pair {
	const char *kind;
	const char *name;
	const void *from, *to;
};

/* only_given: what differs for both objects because a default differs is told
 * once, of the default. */
static void diff_fields(struct diff *d, const struct ha_field_table *t,
			const struct pair *p, bool only_given)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct ha_field *f = &t->fields[i];

		if (ha_field_equal(f, p->from, p->to) ||
		    (only_given && !ha_field_is_given(t, i, p->from) &&
		     !ha_field_is_given(t, i, p->to))) {
			continue;
		}
		clear_values(d);
		ha_field_print(f, p->from, &d->a);
		ha_field_print(f, p->to, &d->b);
		tell(d, p->kind, p->name, f->name);
	}
}

static void diff_cluster(struct diff *d)
{
	struct pair p = { "cluster", d->to->name, d->from, d->to };

	diff_fields(d, &ha_fields_cluster, &p, false);
	diff_fields(d, &ha_fields_alert, &p, false);
	p.kind = "defaults";
	p.name = NULL;
	diff_fields(d, &ha_fields_defaults, &p, false);
	p.from = &d->from->host_defaults;
	p.to = &d->to->host_defaults;
	diff_fields(d, &ha_fields_host_all, &p, false);
	p.from = &d->from->vm_defaults;
	p.to = &d->to->vm_defaults;
	diff_fields(d, &ha_fields_vm_all, &p, false);
	p = (struct pair){ "admission", NULL, &d->from->admission,
			   &d->to->admission };
	diff_fields(d, &ha_fields_admission, &p, false);
	p = (struct pair){ "timing", NULL, d->from, d->to };
	diff_fields(d, &ha_fields_timing, &p, false);
}

/* "ip=10.0.0.1, password from /etc/…" */
static void print_params(const struct ha_param *params, size_t count,
			 struct ha_buf *out)
{
	for (size_t i = 0; i < count; i++) {
		ha_buf_printf(out, "%s%s%s%s", i > 0 ? ", " : "",
			      params[i].name, params[i].file ? " from " : "=",
			      params[i].file ? params[i].file
					     : params[i].value);
	}
}

static void diff_device(struct diff *d, const struct ha_fence_device *from,
			const struct ha_fence_device *to)
{
	struct pair p = { "fence device", to->name, from, to };

	diff_fields(d, &ha_fields_device, &p, false);
	clear_values(d);
	print_params(from->params, from->param_count, &d->a);
	print_params(to->params, to->param_count, &d->b);
	tell_texts(d, p.kind, p.name, "parameters");
}

static void diff_devices(struct diff *d)
{
	for (size_t i = 0; i < d->from->device_count; i++) {
		const struct ha_fence_device *x = &d->from->devices[i];
		const struct ha_fence_device *y =
			ha_config_device_named(d->to, x->name);

		if (y) {
			diff_device(d, x, y);
		} else {
			tell_object(d, "fence device", x->name, false);
		}
	}
	for (size_t i = 0; i < d->to->device_count; i++) {
		const struct ha_fence_device *y = &d->to->devices[i];

		if (!ha_config_device_named(d->from, y->name)) {
			tell_object(d, "fence device", y->name, true);
		}
	}
}

/* "bmc-h1 (plug=1) + pdu, then other" */
static void print_levels(const struct ha_config *c,
			 const struct ha_host_conf *h, struct ha_buf *out)
{
	for (size_t i = 0; i < h->level_count; i++) {
		const struct ha_fence_level *l = &h->levels[i];

		ha_buf_puts(out, i > 0 ? ", then " : "");
		for (size_t j = 0; j < l->step_count; j++) {
			const struct ha_fence_step *s = &l->steps[j];

			ha_buf_printf(out, "%s%s", j > 0 ? " + " : "",
				      c->devices[s->device].name);
			if (s->param_count > 0) {
				ha_buf_puts(out, " (");
				print_params(s->params, s->param_count, out);
				ha_buf_puts(out, ")");
			}
		}
	}
}

static void diff_host(struct diff *d, const struct ha_host_conf *from,
		      const struct ha_host_conf *to)
{
	struct pair p = { "host", to->name, from, to };

	diff_fields(d, &ha_fields_host, &p, false);
	diff_fields(d, &ha_fields_host_all, &p, true);
	clear_values(d);
	print_levels(d->from, from, &d->a);
	print_levels(d->to, to, &d->b);
	tell_texts(d, p.kind, p.name, "fence");
}

static void diff_hosts(struct diff *d)
{
	size_t i = 0, j = 0;

	while (i < d->from->host_count || j < d->to->host_count) {
		const struct ha_host_conf *x = &d->from->hosts[i];
		const struct ha_host_conf *y = &d->to->hosts[j];

		if (j == d->to->host_count ||
		    (i < d->from->host_count && x->id < y->id)) {
			tell_object(d, "host", x->name, false);
			i++;
		} else if (i == d->from->host_count || y->id < x->id) {
			tell_object(d, "host", y->name, true);
			j++;
		} else {
			diff_host(d, x, y);
			i++;
			j++;
		}
	}
}

static void print_disks(const struct ha_vm_conf *vm, struct ha_buf *out)
{
	for (size_t i = 0; i < vm->disk_count; i++) {
		const struct ha_disk *k = &vm->disks[i];

		ha_buf_printf(out, "%s%s=%s%s%s", i > 0 ? ", " : "", k->target,
			      k->source, k->read_only ? " (read-only)" : "",
			      k->shareable ? " (shareable)" : "");
	}
}

static void print_memory(uint64_t kib, struct ha_buf *out)
{
	if (kib % 1024 == 0) {
		ha_buf_printf(out, "%" PRIu64 "MiB", kib / 1024);
	} else {
		ha_buf_printf(out, "%" PRIu64 "KiB", kib);
	}
}

/* The domain: what hac understands of it by value, the rest only as such. */
static void diff_domain(struct diff *d, const struct ha_vm_conf *from,
			const struct ha_vm_conf *to)
{
	struct ha_conf_change other = { "vm", to->name, "domain", NULL, NULL };
	uint64_t a = from->memory_kib - from->memory_overhead_kib;
	uint64_t b = to->memory_kib - to->memory_overhead_kib;
	bool told = false;

	if (a != b) {
		clear_values(d);
		print_memory(a, &d->a);
		print_memory(b, &d->b);
		tell(d, "vm", to->name, "memory");
		told = true;
	}
	if (from->vcpus != to->vcpus) {
		clear_values(d);
		ha_buf_printf(&d->a, "%" PRIu32, from->vcpus);
		ha_buf_printf(&d->b, "%" PRIu32, to->vcpus);
		tell(d, "vm", to->name, "vcpus");
		told = true;
	}
	clear_values(d);
	print_disks(from, &d->a);
	print_disks(to, &d->b);
	if (strcmp(d->a.data ? d->a.data : "", d->b.data ? d->b.data : "")) {
		tell(d, "vm", to->name, "disks");
		told = true;
	}
	if (!told && from->domain_xml && to->domain_xml &&
	    strcmp(from->domain_xml, to->domain_xml) != 0) {
		d->fn(&other, d->arg);
	}
}

static void diff_vms(struct diff *d)
{
	size_t i = 0, j = 0;

	while (i < d->from->vm_count || j < d->to->vm_count) {
		const struct ha_vm_conf *x = &d->from->vms[i];
		const struct ha_vm_conf *y = &d->to->vms[j];
		int cmp = i == d->from->vm_count ? 1
			  : j == d->to->vm_count
				  ? -1
				  : ha_uuid_cmp(&x->uuid, &y->uuid);

		if (cmp < 0) {
			tell_object(d, "vm", x->name, false);
			i++;
		} else if (cmp > 0) {
			tell_object(d, "vm", y->name, true);
			j++;
		} else {
			struct pair p = { "vm", y->name, x, y };

			diff_fields(d, &ha_fields_vm, &p, false);
			diff_fields(d, &ha_fields_vm_all, &p, true);
			diff_domain(d, x, y);
			i++;
			j++;
		}
	}
}

static void diff_objects(struct diff *d, const struct ha_section *s)
{
	for (size_t i = 0; i < ha_section_objects(s, d->from); i++) {
		const void *x = ha_section_object(s, d->from, i);
		const char *name = ha_section_name(s, x);
		struct pair p = { s->kind, name, x,
				  ha_section_find(s, d->to, name) };

		if (p.to) {
			diff_fields(d, s->fields, &p, true);
		} else {
			tell_object(d, s->kind, name, false);
		}
	}
	for (size_t i = 0; i < ha_section_objects(s, d->to); i++) {
		const char *name = ha_section_name(
			s, ha_section_object(s, d->to, i));

		if (!ha_section_find(s, d->from, name)) {
			tell_object(d, s->kind, name, true);
		}
	}
}

int ha_conf_diff(const struct ha_config *from, const struct ha_config *to,
		 ha_conf_change_fn fn, void *arg)
{
	struct diff d = { .from = from, .to = to, .fn = fn, .arg = arg };

	assert(from);
	assert(to);
	assert(fn);
	diff_cluster(&d);
	diff_devices(&d);
	diff_hosts(&d);
	for (size_t i = 0; i < ha_section_count; i++) {
		diff_objects(&d, &ha_sections[i]);
	}
	diff_vms(&d);
	ha_buf_fini(&d.a);
	ha_buf_fini(&d.b);
	return d.failed ? HA_E_NO_MEMORY : 0;
}

static const char *shown(const char *value)
{
	return *value ? value : "none";
}

static void print_change(const struct ha_conf_change *c, void *arg)
{
	struct ha_buf *out = arg;

	ha_buf_puts(out, c->kind);
	if (c->name) {
		ha_buf_printf(out, " %s", c->name);
	}
	if (!c->what) {
		ha_buf_printf(out, ": %s\n", c->from ? "removed" : "added");
	} else if (!c->from) {
		ha_buf_printf(out, ": %s changed\n", c->what);
	} else {
		ha_buf_printf(out, ": %s %s -> %s\n", c->what, shown(c->from),
			      shown(c->to));
	}
}

int ha_conf_diff_text(const struct ha_config *from, const struct ha_config *to,
		      struct ha_buf *ret_text)
{
	int err = ha_conf_diff(from, to, print_change, ret_text);

	return err || !ret_text->failed ? err : HA_E_NO_MEMORY;
}
