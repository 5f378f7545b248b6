/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/edit.h"

#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "conf/section.h"
#include "conf/xml.h"

#define TEXT_BYTES 512 /* of a domain's name */

struct editor {
	const struct ha_conf_edit *edit;
	struct ha_conf_errors *errors;
	xmlDoc *doc;
	xmlNode *root;
	bool failed; /* out of memory */
};

static const char indents[] = "\n            ";

/* "\n" and two blanks per level. */
static xmlNode *new_indent(struct editor *e, int depth)
{
	int len = 1 + 2 * depth;
	xmlNode *n;

	assert(len < (int)sizeof(indents));
	n = xmlNewDocTextLen(e->doc, BAD_CAST indents, len);
	e->failed |= !n;
	return n;
}

static bool is_blank_text(const xmlNode *n)
{
	return n && n->type == XML_TEXT_NODE && xmlIsBlankNode(n);
}

/* A new last child; depth is its own, the root's children have 1. */
static xmlNode *append_child(struct editor *e, xmlNode *parent, xmlNode *child,
			     int depth)
{
	xmlNode *last = parent->last;

	if (!child) {
		e->failed = true;
		return NULL;
	}
	if (is_blank_text(last)) {
		xmlAddPrevSibling(last, child);
		xmlAddPrevSibling(child, new_indent(e, depth));
		return child;
	}
	xmlAddChild(parent, new_indent(e, depth));
	xmlAddChild(parent, child);
	xmlAddChild(parent, new_indent(e, depth - 1));
	return child;
}

static xmlNode *append_element(struct editor *e, xmlNode *parent,
			       const char *name, int depth)
{
	return append_child(e, parent,
			    xmlNewDocNode(e->doc, NULL, BAD_CAST name, NULL),
			    depth);
}

static void remove_element(xmlNode *n)
{
	xmlNode *before = n->prev;

	if (is_blank_text(before)) {
		xmlUnlinkNode(before);
		xmlFreeNode(before);
	}
	xmlUnlinkNode(n);
	xmlFreeNode(n);
}

static void set_attr(struct editor *e, xmlNode *n, const char *name,
		     const char *value)
{
	if (n && name && value) {
		e->failed |= !xmlSetProp(n, BAD_CAST name, BAD_CAST value);
	} else if (n && name) {
		xmlUnsetProp(n, BAD_CAST name);
	}
}

static void set_attrs(struct editor *e, xmlNode *n)
{
	for (size_t i = 0; i < e->edit->attr_count; i++) {
		set_attr(e, n, e->edit->attrs[i].name,
			 e->edit->attrs[i].value);
	}
}

static void add_params(struct editor *e, xmlNode *parent, int depth)
{
	for (size_t i = 0; parent && i < e->edit->param_count; i++) {
		const struct ha_conf_attr *p = &e->edit->params[i];
		xmlNode *n = append_element(e, parent, "param", depth);

		set_attr(e, n, "name", p->name);
		if (p->file) {
			set_attr(e, n, "file", p->file);
		} else {
			set_attr(e, n, "value", p->value ? p->value : "");
		}
	}
}

/* The section of the root, made if it is missing. */
static xmlNode *get_section(struct editor *e, const char *name)
{
	xmlNode *n = ha_xml_child(e->root, name);

	return n ? n : append_element(e, e->root, name, 1);
}

static xmlNode *find_object(const struct editor *e, const char *section,
			    const char *element, const char *name)
{
	const xmlNode *parent = ha_xml_child(e->root, section);

	for (xmlNode *n = ha_xml_child(parent, element); n;
	     n = ha_xml_next(n, element)) {
		const char *own = ha_xml_attr(n, "name");

		if (own && strcmp(own, name) == 0) {
			return n;
		}
	}
	return NULL;
}

static int refuse(struct editor *e, const char *kind, const char *name, int err)
{
	struct ha_conf_at at = { .kind = kind, .name = name };

	ha_conf_error(e->errors, &at, "%s",
		      err == HA_E_EXISTS
			      ? "it is already in the configuration"
			      : "there is none of this name");
	return err;
}

static int check_names(struct editor *e)
{
	struct ha_conf_at at = { .kind = "edit" };

	for (size_t i = 0; i < e->edit->attr_count; i++) {
		const char *name = e->edit->attrs[i].name;

		if (!name || xmlValidateNCName(BAD_CAST name, 0) != 0) {
			ha_conf_error(e->errors, &at,
				      "'%.64s' cannot be an attribute",
				      name ? name : "");
			return HA_E_SYNTAX;
		}
	}
	return 0;
}

static int begin_edit(struct editor *e, const struct ha_conf_edit *edit,
		      struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { .kind = "XML" };
	int err;

	assert(edit);
	assert(edit->text);
	assert(errors);
	*e = (struct editor){ .edit = edit, .errors = errors };
	err = check_names(e);
	if (!err) {
		err = ha_xml_read(edit->text, edit->len, errors, &e->doc);
	}
	if (err) {
		return err;
	}
	e->root = xmlDocGetRootElement(e->doc);
	if (!ha_xml_is(e->root, "cluster")) {
		ha_conf_error(errors, &at, "this is not a cluster.xml");
		xmlFreeDoc(e->doc);
		return HA_E_SYNTAX;
	}
	return 0;
}

/* Checks the changed text and gives it out; ends the edit in any case. */
static int end_edit(struct editor *e, int err, struct ha_buf *ret_text)
{
	struct ha_buf text = { 0 };

	if (!err && e->failed) {
		err = HA_E_NO_MEMORY;
	}
	if (!err) {
		err = ha_xml_dump(e->doc, &text);
	}
	xmlFreeDoc(e->doc);
	if (!err) {
		err = ha_conf_parse(text.data, text.len, e->errors, NULL);
	}
	if (!err) {
		ha_buf_append(ret_text, text.data, text.len);
		err = ret_text->failed ? HA_E_NO_MEMORY : 0;
	}
	ha_buf_fini(&text);
	return err;
}

struct kind {
	const char *section;
	const char *element;
	const char *called; /* by a person */
	void (*fill)(struct editor *e, xmlNode *n); /* a new one */
	const char *const *lists; /* attributes that name some; or NULL */
};

/* --- lists that name what is removed --- */

static const char *const host_lists[] = { "hosts", "run-on", "keep-off", NULL };
static const char *const vm_lists[] = { "vms", "after", NULL };

/* Takes the name out of a list, if others stay in it; gives how many they are,
 * or -1 if it is not there. */
static int drop_name(struct editor *e, xmlNode *n, const char *attr)
{
	static const char blanks[] = " \t\r\n";
	const char *list = ha_xml_attr(n, attr);
	struct ha_buf rest = { 0 };
	bool named = false;
	int others = 0;

	for (const char *p = list ? list : ""; *p;) {
		size_t len;

		p += strspn(p, blanks);
		len = strcspn(p, blanks);
		if (len == strlen(e->edit->name) &&
		    strncmp(p, e->edit->name, len) == 0) {
			named = true;
		} else if (len > 0) {
			ha_buf_printf(&rest, "%s%.*s", others++ ? " " : "",
				      (int)len, p);
		}
		p += len;
	}
	if (named && others > 0) {
		e->failed |= rest.failed;
		set_attr(e, n, attr, rest.data);
	}
	ha_buf_fini(&rest);
	return named ? others : -1;
}

/* A rule between two VMs needs two, or a group of them. */
static bool is_about_one(const struct editor *e, const xmlNode *n)
{
	return ha_xml_is(n, "vm-vm") &&
	       !find_object(e, "vm-groups", "vm-group", ha_xml_attr(n, "vms"));
}

/* A rule that is left without VMs goes with the VM. A list of that host alone
 * stays: what it is to say now is not for us to guess. */
static void forget_in(struct editor *e, xmlNode *n, const struct ha_conf_at *at,
		      const struct kind *kind)
{
	bool is_vm = kind->lists == vm_lists;

	for (size_t i = 0; kind->lists[i]; i++) {
		int others = drop_name(e, n, kind->lists[i]);

		if (others == 0 && !is_vm) {
			ha_conf_error(e->errors, at, "its %s names host '%s' "
				      "alone; change or remove it first",
				      kind->lists[i], e->edit->name);
		} else if (others == 0 || (others == 1 && is_about_one(e, n))) {
			ha_conf_warning(e->errors, at, "is removed with %s "
					"'%s'; without it, it says nothing",
					kind->called, e->edit->name);
			remove_element(n);
			return;
		} else if (others > 0) {
			ha_conf_warning(e->errors, at, "%s '%s' is taken out "
					"of its %s", kind->called,
					e->edit->name, kind->lists[i]);
		}
	}
}

/* Wherever else in the configuration it is named. */
static int forget(struct editor *e, const struct kind *kind)
{
	size_t errors = e->errors->errors;

	for (size_t i = 0; i < ha_section_count && kind->lists; i++) {
		const struct ha_section *s = &ha_sections[i];
		const xmlNode *parent = ha_xml_child(e->root, s->parent);

		for (xmlNode *n = ha_xml_child(parent, s->element), *next; n;
		     n = next) {
			struct ha_conf_at at = { .kind = s->kind };

			at.name = ha_xml_attr(n, "name");
			next = ha_xml_next(n, s->element);
			forget_in(e, n, &at, kind);
		}
	}
	return e->errors->errors > errors ? HA_E_SYNTAX : 0;
}

static int remove_object(const struct ha_conf_edit *edit,
			 const struct kind *kind, struct ha_conf_errors *errors,
			 struct ha_buf *ret_text)
{
	struct editor e;
	int err = begin_edit(&e, edit, errors);
	xmlNode *n;

	if (err) {
		return err;
	}
	assert(edit->name);
	n = find_object(&e, kind->section, kind->element, edit->name);
	if (n) {
		remove_element(n);
		err = forget(&e, kind);
	} else {
		err = refuse(&e, kind->called, edit->name, HA_E_NOT_FOUND);
	}
	return end_edit(&e, err, ret_text);
}

/* Appends the element with its name; NULL with err set if it is there. */
static xmlNode *add_object(struct editor *e, const struct kind *kind,
			   const char *name, int *ret_err)
{
	xmlNode *parent, *n;

	if (find_object(e, kind->section, kind->element, name)) {
		*ret_err = refuse(e, kind->called, name, HA_E_EXISTS);
		return NULL;
	}
	parent = get_section(e, kind->section);
	n = parent ? append_element(e, parent, kind->element, 2) : NULL;
	if (!n) {
		*ret_err = HA_E_NO_MEMORY;
		return NULL;
	}
	set_attr(e, n, "name", name);
	set_attrs(e, n);
	return n;
}

static int add_named(const struct ha_conf_edit *edit, const struct kind *kind,
		     struct ha_conf_errors *errors, struct ha_buf *ret_text)
{
	struct editor e;
	int err = begin_edit(&e, edit, errors);
	xmlNode *n;

	if (err) {
		return err;
	}
	assert(edit->name);
	n = add_object(&e, kind, edit->name, &err);
	if (n) {
		kind->fill(&e, n);
	}
	return end_edit(&e, err, ret_text);
}

static void fill_host(struct editor *e, xmlNode *host)
{
	xmlNode *fence, *level, *step;

	if (!e->edit->device) {
		return;
	}
	fence = append_element(e, host, "fence", 3);
	level = fence ? append_element(e, fence, "level", 4) : NULL;
	step = level ? append_element(e, level, "device", 5) : NULL;
	if (step) {
		set_attr(e, step, "ref", e->edit->device);
		add_params(e, step, 6);
	}
}

static void fill_device(struct editor *e, xmlNode *device)
{
	add_params(e, device, 3);
}

static const struct kind host_kind = { "hosts", "host", "host", fill_host,
				       host_lists };
static const struct kind device_kind = { "fence-devices", "device",
					 "fence device", fill_device, NULL };
static const struct kind vm_kind = { "vms", "vm", "vm", NULL, vm_lists };

int ha_conf_remove_host(const struct ha_conf_edit *edit,
			struct ha_conf_errors *errors, struct ha_buf *ret_text)
{
	return remove_object(edit, &host_kind, errors, ret_text);
}

int ha_conf_remove_device(const struct ha_conf_edit *edit,
			  struct ha_conf_errors *errors,
			  struct ha_buf *ret_text)
{
	return remove_object(edit, &device_kind, errors, ret_text);
}

int ha_conf_remove_vm(const struct ha_conf_edit *edit,
		      struct ha_conf_errors *errors, struct ha_buf *ret_text)
{
	return remove_object(edit, &vm_kind, errors, ret_text);
}

int ha_conf_add_host(const struct ha_conf_edit *edit,
		     struct ha_conf_errors *errors, struct ha_buf *ret_text)
{
	return add_named(edit, &host_kind, errors, ret_text);
}

int ha_conf_add_device(const struct ha_conf_edit *edit,
		       struct ha_conf_errors *errors, struct ha_buf *ret_text)
{
	return add_named(edit, &device_kind, errors, ret_text);
}

/* All but those that say which VM it is. */
const char *ha_conf_vm_attr(size_t index)
{
	const struct ha_field_table *own = &ha_fields_vm;
	const struct ha_field_table *all = &ha_fields_vm_all;

	for (size_t i = 0; i < own->count; i++) {
		if (strcmp(own->fields[i].name, "name") == 0 ||
		    own->fields[i].kind == HA_FIELD_UUID) {
			continue;
		}
		if (index-- == 0) {
			return own->fields[i].name;
		}
	}
	return index < all->count ? all->fields[index].name : NULL;
}

/* The domain of the edit as a node of its tree; NULL with err set. */
static xmlNode *read_domain(struct editor *e, int *ret_err)
{
	struct ha_conf_at at = { .kind = "domain XML" };
	xmlNode *domain = NULL;
	xmlDoc *doc;

	*ret_err = ha_xml_read(e->edit->domain_xml, e->edit->domain_len,
			       e->errors, &doc);
	if (*ret_err) {
		return NULL;
	}
	if (ha_xml_is(xmlDocGetRootElement(doc), "domain")) {
		domain = xmlDocCopyNode(xmlDocGetRootElement(doc), e->doc, 1);
		*ret_err = domain ? 0 : HA_E_NO_MEMORY;
	} else {
		ha_conf_error(e->errors, &at,
			      "its root is not <domain>; take what 'virsh "
			      "dumpxml --inactive' prints");
		*ret_err = HA_E_SYNTAX;
	}
	xmlFreeDoc(doc);
	if (domain) {
		/* The number of the running instance, of one that runs. */
		xmlUnsetProp(domain, BAD_CAST "id");
	}
	return domain;
}

int ha_conf_add_vm(const struct ha_conf_edit *edit,
		   struct ha_conf_errors *errors, struct ha_buf *ret_text)
{
	struct editor e;
	int err = begin_edit(&e, edit, errors);
	struct ha_conf_at at = { .kind = "domain XML" };
	const char *name = edit->name;
	xmlNode *domain, *n = NULL;
	char buf[TEXT_BYTES];

	if (err) {
		return err;
	}
	assert(edit->domain_xml);
	domain = read_domain(&e, &err);
	if (domain && !name) {
		name = ha_xml_child_text(domain, "name", buf, sizeof(buf));
	}
	if (domain && (!name || !*name)) {
		ha_conf_error(errors, &at, "the domain has no <name>; add it");
		err = HA_E_SYNTAX;
	} else if (domain) {
		n = add_object(&e, &vm_kind, name, &err);
	}
	if (n) {
		append_child(&e, n, domain, 3);
	} else {
		xmlFreeNode(domain);
	}
	return end_edit(&e, err, ret_text);
}

int ha_conf_set_vm(const struct ha_conf_edit *edit,
		   struct ha_conf_errors *errors, struct ha_buf *ret_text)
{
	struct editor e;
	int err = begin_edit(&e, edit, errors);
	xmlNode *n, *old, *domain;

	if (err) {
		return err;
	}
	assert(edit->name);
	n = find_object(&e, vm_kind.section, vm_kind.element, edit->name);
	if (!n) {
		err = refuse(&e, vm_kind.called, edit->name, HA_E_NOT_FOUND);
		return end_edit(&e, err, ret_text);
	}
	set_attrs(&e, n);
	domain = edit->domain_xml ? read_domain(&e, &err) : NULL;
	old = ha_xml_child(n, "domain");
	if (domain && old) {
		xmlReplaceNode(old, domain);
		xmlFreeNode(old);
	} else if (domain) {
		append_child(&e, n, domain, 3);
	}
	return end_edit(&e, err, ret_text);
}
