/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/build.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conf/domain.h"
#include "conf/field.h"

struct build {
	struct ha_arena *arena;
	struct ha_config *config;
	struct ha_conf_errors *errors;
	struct ha_domain_reader domains;
};

struct child_rule {
	const char *name;
	bool many;
};

/* Attributes of one element may go into two structs (the defaults). */
struct target {
	const struct ha_field_table *table;
	void *object;
};

static bool is_blank(const char *s)
{
	for (; s && *s; s++) {
		if (!isspace((unsigned char)*s)) {
			return false;
		}
	}
	return true;
}

static const struct child_rule *find_rule(const struct child_rule *rules,
					  const xmlNode *n)
{
	for (; rules->name; rules++) {
		if (ha_xml_is(n, rules->name)) {
			return rules;
		}
	}
	return NULL;
}

static void refuse_child(struct build *b, const struct ha_conf_at *at,
			 const xmlNode *n, const struct child_rule *rules)
{
	struct ha_buf allowed = { 0 };

	for (const struct child_rule *r = rules; r->name; r++) {
		ha_buf_printf(&allowed, "%s<%s>", r == rules ? "" : ", ",
			      r->name);
	}
	ha_conf_error(b->errors, at,
		      "unknown element <%.64s> in <%s>; allowed: %s",
		      (const char *)n->name, (const char *)n->parent->name,
		      allowed.data ? allowed.data : "none");
	ha_buf_fini(&allowed);
}

/* Rules end with a NULL name. */
static void check_children(struct build *b, const xmlNode *parent,
			   const struct ha_conf_at *about,
			   const struct child_rule *rules)
{
	struct ha_conf_at at = *about;

	for (const xmlNode *n = parent->children; n; n = n->next) {
		const struct child_rule *r;

		if (n->type == XML_TEXT_NODE ||
		    n->type == XML_CDATA_SECTION_NODE) {
			if (!is_blank((const char *)n->content)) {
				ha_conf_error(b->errors, about,
					      "text in <%s>; remove it, or make "
					      "it a comment",
					      (const char *)parent->name);
			}
			continue;
		}
		if (n->type != XML_ELEMENT_NODE) {
			continue;
		}
		at.line = ha_xml_line(n);
		r = find_rule(rules, n);
		if (!r) {
			refuse_child(b, &at, n, rules);
		} else if (!r->many && ha_xml_child(parent, r->name) != n) {
			ha_conf_error(b->errors, &at,
				      "a second <%s> in <%s>; put both into "
				      "one", r->name,
				      (const char *)parent->name);
		}
	}
}

static const struct child_rule no_children[] = { { NULL, false } };

static void refuse_attr(struct build *b, const struct ha_conf_at *at,
			const xmlAttr *a, const struct target *targets)
{
	struct ha_buf known = { 0 };

	for (const struct target *t = targets; t->table; t++) {
		for (size_t i = 0; i < t->table->count; i++) {
			ha_buf_printf(&known, "%s%s", known.len ? ", " : "",
				      t->table->fields[i].name);
		}
	}
	ha_conf_error(b->errors, at,
		      "unknown attribute %.64s of <%s>; allowed: %s",
		      (const char *)a->name, (const char *)a->parent->name,
		      known.data ? known.data : "none");
	ha_buf_fini(&known);
}

static bool read_attr(struct build *b, const struct ha_conf_at *at,
		      const xmlAttr *a, const struct target *t)
{
	const char *value = ha_xml_attr_value(a);
	struct ha_buf expected = { 0 };
	const struct ha_field *f;
	size_t index;

	f = a->ns ? NULL
		  : ha_field_find(t->table, (const char *)a->name, &index);
	if (!f) {
		return false;
	}
	if (ha_field_parse(f, value, b->arena, t->object)) {
		ha_field_set_given(t->table, index, t->object);
		return true;
	}
	ha_field_expect(f, &expected);
	ha_conf_error(b->errors, at, "%s=\"%.64s\" is not %s", f->name, value,
		      expected.data ? expected.data : "valid");
	ha_buf_fini(&expected);
	return true;
}

static void require_attrs(struct build *b, const xmlNode *n,
			  const struct ha_conf_at *at, const struct target *t)
{
	for (size_t i = 0; i < t->table->count; i++) {
		const struct ha_field *f = &t->table->fields[i];

		if (f->required && !ha_xml_attr(n, f->name)) {
			ha_conf_error(b->errors, at,
				      "<%s> has no %s; add %s=\"…\"",
				      (const char *)n->name, f->name, f->name);
		}
	}
}

/* Targets end with a NULL table. */
static void read_attrs(struct build *b, const xmlNode *n,
		       const struct ha_conf_at *at,
		       const struct target *targets)
{
	for (const xmlAttr *a = n->properties; a; a = a->next) {
		const struct target *t = targets;

		while (t->table && !read_attr(b, at, a, t)) {
			t++;
		}
		if (!t->table) {
			refuse_attr(b, at, a, targets);
		}
	}
	for (const struct target *t = targets; t->table; t++) {
		require_attrs(b, n, at, t);
	}
}

static struct ha_conf_at at_element(const xmlNode *n, const char *kind)
{
	return (struct ha_conf_at){ .line = ha_xml_line(n), .kind = kind,
				    .name = ha_xml_attr(n, "name") };
}

static const char *keep_attr(struct build *b, const xmlNode *n,
			     const char *name)
{
	const char *value = ha_xml_attr(n, name);

	return value ? ha_arena_text(b->arena, value, strlen(value)) : NULL;
}

static void check_param_attrs(struct build *b, const xmlNode *n,
			      const struct ha_conf_at *at)
{
	for (const xmlAttr *a = n->properties; a; a = a->next) {
		const char *name = (const char *)a->name;

		if (a->ns || (strcmp(name, "name") != 0 &&
			      strcmp(name, "value") != 0 &&
			      strcmp(name, "file") != 0)) {
			ha_conf_error(b->errors, at,
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
	check_children(b, n, &at, no_children);
	if (!p->name) {
		ha_conf_error(b->errors, &at,
			      "a <param> has no name; add name=\"…\"");
	}
	if ((p->value != NULL) == (p->file != NULL)) {
		ha_conf_error(b->errors, &at,
			      "parameter '%.64s' must have either value=\"…\" "
			      "or file=\"…\"", p->name ? p->name : "?");
	}
}

static const struct ha_param *read_params(struct build *b, const xmlNode *n,
					  const struct ha_conf_at *about,
					  size_t *ret_count)
{
	size_t count = ha_xml_count(n, "param");
	struct ha_param *params = ha_arena_alloc(b->arena, count,
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
	static const struct child_rule rules[] = { { "device", true },
						   { NULL, false } };
	static const struct child_rule in_device[] = { { "param", true },
						       { NULL, false } };
	static const struct target none[] = { { NULL, NULL } };
	struct ha_conf_at at = at_element(parent, "fence devices");
	size_t count = ha_xml_count(parent, "device"), i = 0;
	struct ha_fence_device *devices =
		ha_arena_alloc(b->arena, count, sizeof(*devices));

	if (!devices) {
		return;
	}
	read_attrs(b, parent, &at, none);
	check_children(b, parent, &at, rules);
	for (const xmlNode *n = ha_xml_child(parent, "device"); n;
	     n = ha_xml_next(n, "device")) {
		struct ha_fence_device *d = &devices[i++];
		const struct target targets[] = {
			{ &ha_fields_device, d }, { NULL, NULL }
		};

		at = at_element(n, "fence device");
		d->line = at.line;
		ha_field_set_defaults(&ha_fields_device, b->arena, d);
		read_attrs(b, n, &at, targets);
		check_children(b, n, &at, in_device);
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
		ha_conf_error(b->errors, at, "<device> has no ref; name a fence "
			      "device: ref=\"…\"");
	} else {
		ha_conf_error(b->errors, at,
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
			ha_conf_error(b->errors, at,
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
	static const struct child_rule rules[] = { { "device", true },
						   { NULL, false } };
	static const struct child_rule in_step[] = { { "param", true },
						     { NULL, false } };
	static const struct target none[] = { { NULL, NULL } };
	struct ha_conf_at at = *about;
	size_t count = ha_xml_count(level, "device"), i = 0;
	struct ha_fence_step *steps = ha_arena_alloc(b->arena, count,
						     sizeof(*steps));

	if (!steps) {
		return;
	}
	at.line = ha_xml_line(level);
	ret_level->line = at.line;
	read_attrs(b, level, &at, none);
	check_children(b, level, &at, rules);
	for (const xmlNode *n = ha_xml_child(level, "device"); n;
	     n = ha_xml_next(n, "device")) {
		struct ha_fence_step *s = &steps[i++];

		at.line = ha_xml_line(n);
		s->line = at.line;
		s->device = find_device(b, n, &at);
		check_step_attrs(b, n, &at);
		check_children(b, n, &at, in_step);
		s->params = read_params(b, n, &at, &s->param_count);
	}
	ret_level->steps = steps;
	ret_level->step_count = count;
}

static void read_fence(struct build *b, const xmlNode *host,
		       const struct ha_conf_at *about, struct ha_host_conf *h)
{
	static const struct child_rule rules[] = { { "level", true },
						   { NULL, false } };
	static const struct target none[] = { { NULL, NULL } };
	const xmlNode *fence = ha_xml_child(host, "fence");
	size_t count = ha_xml_count(fence, "level"), i = 0;
	struct ha_fence_level *levels = ha_arena_alloc(b->arena, count,
						       sizeof(*levels));
	struct ha_conf_at at = *about;

	if (!fence || !levels) {
		return;
	}
	at.line = ha_xml_line(fence);
	read_attrs(b, fence, &at, none);
	check_children(b, fence, &at, rules);
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
	static const struct child_rule rules[] = { { "host", true },
						   { NULL, false } };
	static const struct child_rule in_host[] = { { "fence", false },
						     { NULL, false } };
	static const struct target none[] = { { NULL, NULL } };
	struct ha_conf_at at = at_element(parent, "hosts");
	size_t count = ha_xml_count(parent, "host"), i = 0;
	struct ha_host_conf *hosts = ha_arena_alloc(b->arena, count,
						    sizeof(*hosts));

	if (!hosts) {
		return;
	}
	read_attrs(b, parent, &at, none);
	check_children(b, parent, &at, rules);
	for (const xmlNode *n = ha_xml_child(parent, "host"); n;
	     n = ha_xml_next(n, "host")) {
		struct ha_host_conf *h = &hosts[i++];
		const struct target targets[] = { { &ha_fields_host, h },
						  { NULL, NULL } };

		at = at_element(n, "host");
		h->line = at.line;
		ha_field_set_defaults(&ha_fields_host, b->arena, h);
		read_attrs(b, n, &at, targets);
		check_children(b, n, &at, in_host);
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

static void read_vm(struct build *b, const xmlNode *n, struct ha_vm_conf *vm)
{
	static const struct child_rule in_vm[] = { { "domain", false },
						   { NULL, false } };
	const struct target targets[] = { { &ha_fields_vm, vm },
					  { &ha_fields_vm_all, vm },
					  { NULL, NULL } };
	struct ha_conf_at at = at_element(n, "vm");
	xmlNode *domain = ha_xml_child(n, "domain");

	*vm = b->config->vm_defaults;
	vm->given = 0;
	vm->line = at.line;
	read_attrs(b, n, &at, targets);
	check_children(b, n, &at, in_vm);
	if (!domain) {
		ha_conf_error(b->errors, &at,
			      "the VM has no <domain>; put libvirt's domain XML "
			      "into it ('virsh dumpxml --inactive' prints it)");
	} else if (ha_xml_attr(domain, "file")) {
		at.line = ha_xml_line(domain);
		if (!has_error(b->errors, at.line)) {
			ha_conf_error(b->errors, &at,
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
	static const struct child_rule rules[] = { { "vm", true },
						   { NULL, false } };
	static const struct target none[] = { { NULL, NULL } };
	struct ha_conf_at at = at_element(parent, "vms");
	size_t count = ha_xml_count(parent, "vm"), i = 0;
	struct ha_vm_conf *vms = ha_arena_alloc(b->arena, count,
						sizeof(*vms));

	if (!vms) {
		return;
	}
	read_attrs(b, parent, &at, none);
	check_children(b, parent, &at, rules);
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
			  const char *name, const struct target *targets)
{
	const xmlNode *n = ha_xml_child(root, name);
	struct ha_conf_at at = at_element(n, name);

	if (n) {
		read_attrs(b, n, &at, targets);
		check_children(b, n, &at, no_children);
	}
}

static void read_cluster(struct build *b, const xmlNode *root)
{
	static const struct child_rule rules[] = {
		{ "defaults", false }, { "timing", false },
		{ "alert", false },    { "fence-devices", false },
		{ "hosts", false },    { "vms", false },
		{ NULL, false }
	};
	struct ha_config *c = b->config;
	const struct target cluster[] = { { &ha_fields_cluster, c },
					  { NULL, NULL } };
	const struct target defaults[] = { { &ha_fields_defaults, c },
					   { &ha_fields_vm_all,
					     &c->vm_defaults },
					   { NULL, NULL } };
	const struct target timing[] = { { &ha_fields_timing, c },
					 { NULL, NULL } };
	const struct target alert[] = { { &ha_fields_alert, c },
					{ NULL, NULL } };
	struct ha_conf_at at = at_element(root, "cluster");

	read_attrs(b, root, &at, cluster);
	check_children(b, root, &at, rules);
	read_settings(b, root, "defaults", defaults);
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
}

bool ha_conf_build(xmlDoc *doc, struct ha_arena *arena,
		   struct ha_config *config, struct ha_conf_errors *errors)
{
	struct build b = { arena, config, errors,
			   { .arena = arena, .errors = errors } };
	const xmlNode *root = xmlDocGetRootElement(doc);
	struct ha_conf_at at = { .line = ha_xml_line(root), .kind = "XML" };

	ha_field_set_defaults(&ha_fields_defaults, arena, config);
	ha_field_set_defaults(&ha_fields_timing, arena, config);
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
