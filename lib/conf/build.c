/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/build.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "conf/domain.h"
#include "conf/element.h"
#include "conf/resolve.h"
#include "conf/section.h"

struct build {
	struct ha_reader r;
	struct ha_config *config;
	struct ha_domain_reader domains;
};

static const struct ha_child_rule no_children[] = { { NULL, false } };
static const struct ha_target no_attrs[] = { { NULL, NULL } };

static const char *keep_attr(struct build *b, const xmlNode *n,
			     const char *name)
{
	const char *value = ha_xml_attr(n, name);

	return value ? ha_arena_text(b->r.arena, value, strlen(value)) : NULL;
}

static void check_param_attrs(struct build *b, const xmlNode *n,
			      const struct ha_conf_at *at)
{
	for (const xmlAttr *a = n->properties; a; a = a->next) {
		const char *name = (const char *)a->name;

		if (a->ns || (strcmp(name, "name") != 0 &&
			      strcmp(name, "value") != 0 &&
			      strcmp(name, "file") != 0)) {
			ha_conf_error(b->r.errors, at,
				      "unknown attribute %.64s of <param>; "
				      "allowed: name, value, file", name);
		}
	}
}

static void read_param(struct build *b, const xmlNode *n,
		       const struct ha_conf_at *about, struct ha_param *p)
{
	struct ha_conf_at at = *about;

	at.line = ha_xml_line(n);
	p->line = at.line;
	p->name = keep_attr(b, n, "name");
	p->value = keep_attr(b, n, "value");
	p->file = keep_attr(b, n, "file");
	check_param_attrs(b, n, &at);
	ha_read_children(&b->r, n, &at, no_children);
	if (!p->name) {
		ha_conf_error(b->r.errors, &at,
			      "a <param> has no name; add name=\"…\"");
	}
	if ((p->value != NULL) == (p->file != NULL)) {
		ha_conf_error(b->r.errors, &at,
			      "parameter '%.64s' must have either value=\"…\" "
			      "or file=\"…\"", p->name ? p->name : "?");
	}
}

static const struct ha_param *read_params(struct build *b, const xmlNode *n,
					  const struct ha_conf_at *about,
					  size_t *ret_count)
{
	size_t count = ha_xml_count(n, "param");
	struct ha_param *params = ha_arena_alloc(b->r.arena, count,
						 sizeof(*params));
	size_t i = 0;

	if (!params) {
		return NULL;
	}
	for (const xmlNode *c = ha_xml_child(n, "param"); c;
	     c = ha_xml_next(c, "param")) {
		read_param(b, c, about, &params[i++]);
	}
	*ret_count = count;
	return params;
}

static void read_devices(struct build *b, const xmlNode *parent)
{
	static const struct ha_child_rule rules[] = { { "device", true },
						   { NULL, false } };
	static const struct ha_child_rule in_device[] = { { "param", true },
						       { NULL, false } };
	struct ha_conf_at at = ha_at_element(parent, "fence devices");
	size_t count = ha_xml_count(parent, "device"), i = 0;
	struct ha_fence_device *devices =
		ha_arena_alloc(b->r.arena, count, sizeof(*devices));

	if (!devices) {
		return;
	}
	ha_read_attrs(&b->r, parent, &at, no_attrs);
	ha_read_children(&b->r, parent, &at, rules);
	for (const xmlNode *n = ha_xml_child(parent, "device"); n;
	     n = ha_xml_next(n, "device")) {
		struct ha_fence_device *d = &devices[i++];
		const struct ha_target targets[] = {
			{ &ha_fields_device, d }, { NULL, NULL }
		};

		at = ha_at_element(n, "fence device");
		d->line = at.line;
		ha_field_set_defaults(&ha_fields_device, b->r.arena, d);
		ha_read_attrs(&b->r, n, &at, targets);
		ha_read_children(&b->r, n, &at, in_device);
		d->params = read_params(b, n, &at, &d->param_count);
	}
	b->config->devices = devices;
	b->config->device_count = count;
}

/* The index of the device, or that of none: device_count. */
static uint32_t find_device(struct build *b, const xmlNode *n,
			    const struct ha_conf_at *at)
{
	const char *ref = ha_xml_attr(n, "ref");

	for (size_t i = 0; ref && i < b->config->device_count; i++) {
		const char *name = b->config->devices[i].name;

		if (name && strcmp(name, ref) == 0) {
			return (uint32_t)i;
		}
	}
	if (!ref) {
		ha_conf_error(b->r.errors, at, "<device> has no ref; name a fence "
			      "device: ref=\"…\"");
	} else {
		ha_conf_error(b->r.errors, at,
			      "unknown fence device '%.64s'; add it to "
			      "<fence-devices> or correct the name", ref);
	}
	return (uint32_t)b->config->device_count;
}

static void check_step_attrs(struct build *b, const xmlNode *n,
			     const struct ha_conf_at *at)
{
	for (const xmlAttr *a = n->properties; a; a = a->next) {
		if (a->ns || strcmp((const char *)a->name, "ref") != 0) {
			ha_conf_error(b->r.errors, at,
				      "unknown attribute %.64s of <device> in "
				      "a <level>; allowed: ref",
				      (const char *)a->name);
		}
	}
}

static void read_level(struct build *b, const xmlNode *level,
		       const struct ha_conf_at *about,
		       struct ha_fence_level *ret_level)
{
	static const struct ha_child_rule rules[] = { { "device", true },
						   { NULL, false } };
	static const struct ha_child_rule in_step[] = { { "param", true },
						     { NULL, false } };
	struct ha_conf_at at = *about;
	size_t count = ha_xml_count(level, "device"), i = 0;
	struct ha_fence_step *steps = ha_arena_alloc(b->r.arena, count,
						     sizeof(*steps));

	if (!steps) {
		return;
	}
	at.line = ha_xml_line(level);
	ret_level->line = at.line;
	ha_read_attrs(&b->r, level, &at, no_attrs);
	ha_read_children(&b->r, level, &at, rules);
	for (const xmlNode *n = ha_xml_child(level, "device"); n;
	     n = ha_xml_next(n, "device")) {
		struct ha_fence_step *s = &steps[i++];

		at.line = ha_xml_line(n);
		s->line = at.line;
		s->device = find_device(b, n, &at);
		check_step_attrs(b, n, &at);
		ha_read_children(&b->r, n, &at, in_step);
		s->params = read_params(b, n, &at, &s->param_count);
	}
	ret_level->steps = steps;
	ret_level->step_count = count;
}

static void read_fence(struct build *b, const xmlNode *host,
		       const struct ha_conf_at *about, struct ha_host_conf *h)
{
	static const struct ha_child_rule rules[] = { { "level", true },
						   { NULL, false } };
	const xmlNode *fence = ha_xml_child(host, "fence");
	size_t count = ha_xml_count(fence, "level"), i = 0;
	struct ha_fence_level *levels = ha_arena_alloc(b->r.arena, count,
						       sizeof(*levels));
	struct ha_conf_at at = *about;

	if (!fence || !levels) {
		return;
	}
	at.line = ha_xml_line(fence);
	ha_read_attrs(&b->r, fence, &at, no_attrs);
	ha_read_children(&b->r, fence, &at, rules);
	for (const xmlNode *n = ha_xml_child(fence, "level"); n;
	     n = ha_xml_next(n, "level")) {
		read_level(b, n, about, &levels[i++]);
	}
	h->levels = levels;
	h->level_count = count;
}

static int compare_hosts(const void *a, const void *b)
{
	const struct ha_host_conf *x = a, *y = b;

	if (x->id != y->id) {
		return x->id < y->id ? -1 : 1;
	}
	return x->line < y->line ? -1 : x->line > y->line;
}

static void read_hosts(struct build *b, const xmlNode *parent)
{
	static const struct ha_child_rule rules[] = { { "host", true },
						   { NULL, false } };
	static const struct ha_child_rule in_host[] = { { "fence", false },
						     { NULL, false } };
	struct ha_conf_at at = ha_at_element(parent, "hosts");
	size_t count = ha_xml_count(parent, "host"), i = 0;
	struct ha_host_conf *hosts = ha_arena_alloc(b->r.arena, count,
						    sizeof(*hosts));

	if (!hosts) {
		return;
	}
	ha_read_attrs(&b->r, parent, &at, no_attrs);
	ha_read_children(&b->r, parent, &at, rules);
	for (const xmlNode *n = ha_xml_child(parent, "host"); n;
	     n = ha_xml_next(n, "host")) {
		struct ha_host_conf *h = &hosts[i++];
		const struct ha_target targets[] = {
			{ &ha_fields_host, h }, { &ha_fields_host_all, h },
			{ NULL, NULL }
		};

		at = ha_at_element(n, "host");
		*h = b->config->host_defaults;
		h->given = 0;
		h->line = at.line;
		ha_field_set_defaults(&ha_fields_host, b->r.arena, h);
		ha_read_attrs(&b->r, n, &at, targets);
		ha_read_children(&b->r, n, &at, in_host);
		read_fence(b, n, &at, h);
	}
	qsort(hosts, count, sizeof(*hosts), compare_hosts);
	b->config->hosts = hosts;
	b->config->host_count = count;
}

static int compare_vms(const void *a, const void *b)
{
	const struct ha_vm_conf *x = a, *y = b;
	int cmp = ha_uuid_cmp(&x->uuid, &y->uuid);

	return cmp ? cmp : x->line < y->line ? -1 : x->line > y->line;
}

/* The file of a domain may have been refused already, in this line. */
static bool has_error(const struct ha_conf_errors *errors, uint32_t line)
{
	for (size_t i = 0; i < errors->count; i++) {
		if (errors->list[i].line == line && !errors->list[i].warning) {
			return true;
		}
	}
	return false;
}

/* A port goes before a command; but a VM's own command before a default. */
static void prefer_own_command(const xmlNode *n, struct ha_vm_conf *vm)
{
	if (ha_xml_attr(n, "ready-command") && !ha_xml_attr(n, "ready-port")) {
		vm->restart.ready_port = 0;
	}
}

static void read_vm(struct build *b, const xmlNode *n, struct ha_vm_conf *vm)
{
	static const struct ha_child_rule in_vm[] = { { "domain", false },
						   { NULL, false } };
	const struct ha_target targets[] = { { &ha_fields_vm, vm },
					  { &ha_fields_vm_all, vm },
					  { NULL, NULL } };
	struct ha_conf_at at = ha_at_element(n, "vm");
	xmlNode *domain = ha_xml_child(n, "domain");

	*vm = b->config->vm_defaults;
	vm->given = 0;
	vm->line = at.line;
	ha_read_attrs(&b->r, n, &at, targets);
	ha_read_children(&b->r, n, &at, in_vm);
	prefer_own_command(n, vm);
	if (!domain) {
		ha_conf_error(b->r.errors, &at,
			      "the VM has no <domain>; put libvirt's domain XML "
			      "into it ('virsh dumpxml --inactive' prints it)");
	} else if (ha_xml_attr(domain, "file")) {
		at.line = ha_xml_line(domain);
		if (!has_error(b->r.errors, at.line)) {
			ha_conf_error(b->r.errors, &at,
				      "<domain file=…> can only be used in a "
				      "file that hactl reads; put the domain "
				      "itself here");
		}
	} else {
		ha_domain_read(&b->domains, domain, vm,
			       ha_xml_attr(n, "uuid") != NULL);
	}
}

static void read_vms(struct build *b, const xmlNode *parent)
{
	static const struct ha_child_rule rules[] = { { "vm", true },
						   { NULL, false } };
	struct ha_conf_at at = ha_at_element(parent, "vms");
	size_t count = ha_xml_count(parent, "vm"), i = 0;
	struct ha_vm_conf *vms = ha_arena_alloc(b->r.arena, count,
						sizeof(*vms));

	if (!vms) {
		return;
	}
	ha_read_attrs(&b->r, parent, &at, no_attrs);
	ha_read_children(&b->r, parent, &at, rules);
	for (const xmlNode *n = ha_xml_child(parent, "vm"); n;
	     n = ha_xml_next(n, "vm")) {
		read_vm(b, n, &vms[i++]);
	}
	qsort(vms, count, sizeof(*vms), compare_vms);
	b->config->vms = vms;
	b->config->vm_count = count;
}

/* An element with attributes only, which may be missing. */
static void read_settings(struct build *b, const xmlNode *root,
			  const char *name, const struct ha_target *targets)
{
	const xmlNode *n = ha_xml_child(root, name);
	struct ha_conf_at at = ha_at_element(n, name);

	if (n) {
		ha_read_attrs(&b->r, n, &at, targets);
		ha_read_children(&b->r, n, &at, no_children);
	}
}

static void check_percentage(struct build *b, const struct ha_conf_at *at,
			     const xmlNode *n)
{
	const struct ha_admission_conf *a = &b->config->admission;
	bool cpu = ha_xml_attr(n, "cpu-percent") != NULL;
	bool memory = ha_xml_attr(n, "memory-percent") != NULL;

	if (cpu != memory) {
		ha_conf_error(b->r.errors, at,
			      "%s stands without %s; give both, or none to have "
			      "them computed from failures",
			      cpu ? "cpu-percent" : "memory-percent",
			      cpu ? "memory-percent" : "cpu-percent");
	}
	if (a->by_hand && a->failures_set &&
	    a->policy == HA_ADMISSION_PERCENTAGE) {
		ha_conf_error(b->r.errors, at,
			      "failures and percentages are both given; keep "
			      "the percentages, or failures to have them "
			      "computed");
	}
}

static void read_admission(struct build *b, const xmlNode *root)
{
	struct ha_admission_conf *a = &b->config->admission;
	const struct ha_target targets[] = { { &ha_fields_admission, a },
					     { NULL, NULL } };
	const xmlNode *n = ha_xml_child(root, "admission");
	struct ha_conf_at at = ha_at_element(n, "admission");

	if (!n) {
		return;
	}
	read_settings(b, root, "admission", targets);
	a->line = at.line;
	a->failures_set = ha_xml_attr(n, "failures") != NULL;
	a->by_hand = ha_xml_attr(n, "cpu-percent") ||
		     ha_xml_attr(n, "memory-percent");
	check_percentage(b, &at, n);
}

/* What stands in no attribute but follows from others. */
static void finish_object(const struct ha_section *s, const xmlNode *n,
			  void *object)
{
	if (strcmp(s->element, "vm-vm") == 0) {
		struct ha_vm_vm_rule *rule = object;
		const char *most = ha_xml_attr(n, "most");

		if (rule->kind == HA_GROUP_APART && rule->most == 0 &&
		    !(most && strcmp(most, "even") == 0)) {
			rule->most = 1;
		}
	}
}

static void read_objects(struct build *b, const struct ha_section *s,
			 const xmlNode *parent)
{
	size_t count = ha_xml_count(parent, s->element);
	char *o = ha_arena_alloc(b->r.arena, count, s->size);

	if (!o) {
		return;
	}
	ha_section_set(s, b->config, o, count);
	for (const xmlNode *n = ha_xml_child(parent, s->element); n;
	     n = ha_xml_next(n, s->element), o += s->size) {
		const struct ha_target targets[] = { { s->fields, o },
						     { NULL, NULL } };
		struct ha_conf_at at = ha_at_element(n, s->kind);

		ha_section_set_defaults(s, b->config, b->r.arena, o);
		memcpy(o + s->line, &at.line, sizeof(at.line));
		ha_read_attrs(&b->r, n, &at, targets);
		ha_read_children(&b->r, n, &at, no_children);
		finish_object(s, n, o);
	}
}

static void read_sections(struct build *b, const xmlNode *root)
{
	for (size_t i = 0; i < ha_section_count; i++) {
		const struct ha_section *s = &ha_sections[i];
		const xmlNode *n = ha_xml_child(root, s->parent);
		struct ha_child_rule rules[HA_SECTIONS_MAX + 1] = { { 0 } };
		struct ha_conf_at at = ha_at_element(n, s->parent);
		size_t same = 0;

		for (size_t j = 0; j < ha_section_count; j++) {
			if (strcmp(ha_sections[j].parent, s->parent) == 0) {
				rules[same++] = (struct ha_child_rule){
					ha_sections[j].element, true
				};
			}
		}
		if (n && (i == 0 ||
			  strcmp(ha_sections[i - 1].parent, s->parent) != 0)) {
			ha_read_attrs(&b->r, n, &at, no_attrs);
			ha_read_children(&b->r, n, &at, rules);
		}
		if (n) {
			read_objects(b, s, n);
		}
	}
}

static void read_cluster(struct build *b, const xmlNode *root)
{
	static const struct ha_child_rule rules[] = {
		{ "defaults", false },    { "admission", false },
		{ "timing", false },      { "alert", false },
		{ "fence-devices", false }, { "hosts", false },
		{ "host-groups", false }, { "datastores", false },
		{ "networks", false },    { "vms", false },
		{ "vm-groups", false },   { "rules", false },
		{ NULL, false }
	};
	struct ha_config *c = b->config;
	const struct ha_target cluster[] = { { &ha_fields_cluster, c },
					  { NULL, NULL } };
	const struct ha_target defaults[] = { { &ha_fields_defaults, c },
					   { &ha_fields_host_all,
					     &c->host_defaults },
					   { &ha_fields_vm_all,
					     &c->vm_defaults },
					   { NULL, NULL } };
	const struct ha_target timing[] = { { &ha_fields_timing, c },
					 { NULL, NULL } };
	const struct ha_target alert[] = { { &ha_fields_alert, c },
					{ NULL, NULL } };
	struct ha_conf_at at = ha_at_element(root, "cluster");

	ha_read_attrs(&b->r, root, &at, cluster);
	ha_read_children(&b->r, root, &at, rules);
	read_settings(b, root, "defaults", defaults);
	read_admission(b, root);
	read_settings(b, root, "timing", timing);
	read_settings(b, root, "alert", alert);
	if (ha_xml_child(root, "fence-devices")) {
		read_devices(b, ha_xml_child(root, "fence-devices"));
	}
	if (ha_xml_child(root, "hosts")) {
		read_hosts(b, ha_xml_child(root, "hosts"));
	}
	if (ha_xml_child(root, "vms")) {
		read_vms(b, ha_xml_child(root, "vms"));
	}
	read_sections(b, root);
	ha_conf_resolve(&b->r, c);
}

bool ha_conf_build(xmlDoc *doc, struct ha_arena *arena,
		   struct ha_config *config, struct ha_conf_errors *errors)
{
	struct build b = { { arena, errors }, config,
			   { .arena = arena, .errors = errors } };
	const xmlNode *root = xmlDocGetRootElement(doc);
	struct ha_conf_at at = { .line = ha_xml_line(root), .kind = "XML" };

	ha_field_set_defaults(&ha_fields_defaults, arena, config);
	ha_field_set_defaults(&ha_fields_timing, arena, config);
	ha_field_set_defaults(&ha_fields_admission, arena, &config->admission);
	ha_field_set_defaults(&ha_fields_host_all, arena,
			      &config->host_defaults);
	ha_field_set_defaults(&ha_fields_vm_all, arena, &config->vm_defaults);
	if (!root || !ha_xml_is(root, "cluster")) {
		ha_conf_error(errors, &at,
			      "this is not a cluster.xml: the root is <%.64s>, "
			      "not <cluster> without a namespace",
			      root ? (const char *)root->name : "?");
		return false;
	}
	read_cluster(&b, root);
	ha_xml_dumper_fini(&b.domains.dumper);
	return true;
}
