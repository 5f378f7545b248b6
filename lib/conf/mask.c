/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mask.c - what must not be shown: passwords of graphics and of any other
 * element, session blobs, credentials handed to the guest, and QEMU arguments
 * that look like secrets.
 */
#include <assert.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "conf/xml.h"
#include "model/check.h"

#define MASK "***"

static bool mask_attr(xmlNode *n, const char *name)
{
	const char *value = ha_xml_attr(n, name);

	if (!value || strcmp(value, MASK) == 0) {
		return false;
	}
	return xmlSetProp(n, BAD_CAST name, BAD_CAST MASK) != NULL;
}

static bool has_word(const char *text, const char *const *words)
{
	for (; *words; words++) {
		if (strcasestr(text, *words)) {
			return true;
		}
	}
	return false;
}

static bool mask_attrs(xmlNode *n)
{
	static const char *const secret[] = { "passw", "passphrase", "secret",
					      "token", "credential", NULL };
	const char *value = ha_xml_attr(n, "value");
	const char *name = ha_xml_attr(n, "name");
	bool any = mask_attr(n, "passwd");

	any |= mask_attr(n, "password");
	if (value && name && ha_param_is_secret(name)) {
		any |= mask_attr(n, "value");
	}
	/* Namespaced: qemu:arg, qemu:env, qemu:property. */
	if (value && n->ns && has_word(value, secret)) {
		any |= mask_attr(n, "value");
	}
	return any;
}

static bool is_named(const xmlNode *n, const char *name)
{
	return n && n->type == XML_ELEMENT_NODE &&
	       strcmp((const char *)n->name, name) == 0;
}

/* Elements whose text is, or may hold, a secret. */
static bool mask_text(xmlNode *n)
{
	const xmlNode *parent = n->parent;
	bool secret = is_named(n, "session") || is_named(n, "passphrase") ||
		      is_named(n, "password") ||
		      (is_named(n, "entry") && (is_named(parent, "oemStrings") ||
						is_named(parent, "sysinfo")));

	if (!secret || !n->children) {
		return false;
	}
	xmlNodeSetContent(n, BAD_CAST MASK);
	return true;
}

/* Passwords like to survive in what was commented out. */
static bool mask_comment(xmlNode *n)
{
	if (!n->content || !strcasestr((const char *)n->content, "passw")) {
		return false;
	}
	xmlNodeSetContent(n, BAD_CAST MASK);
	return true;
}

static bool mask_tree(xmlNode *n)
{
	bool any = mask_attrs(n);

	any |= mask_text(n);
	for (xmlNode *c = n->children; c; c = c->next) {
		if (c->type == XML_ELEMENT_NODE) {
			any |= mask_tree(c);
		} else if (c->type == XML_COMMENT_NODE) {
			any |= mask_comment(c);
		}
	}
	return any;
}

/* A domain alone is a fragment: no declaration before it. */
static int dump_masked(xmlDoc *doc, xmlNode *root, struct ha_buf *ret_text)
{
	struct ha_xml_dumper d = { 0 };
	int err;

	if (ha_xml_is(root, "cluster")) {
		return ha_xml_dump(doc, ret_text);
	}
	err = ha_xml_dump_node(&d, root);
	if (!err) {
		ha_buf_append(ret_text, d.text.data, d.text.len);
		err = ret_text->failed ? HA_E_NO_MEMORY : 0;
	}
	ha_xml_dumper_fini(&d);
	return err;
}

int ha_conf_mask(const char *text, size_t len, struct ha_buf *ret_text)
{
	struct ha_conf_errors errors = { 0 };
	xmlNode *root;
	xmlDoc *doc;
	int err;

	assert(text);
	assert(ret_text);
	err = ha_xml_read(text, len, &errors, &doc);
	ha_conf_errors_fini(&errors);
	if (err) {
		return err;
	}
	root = xmlDocGetRootElement(doc);
	if (mask_tree(root)) {
		err = dump_masked(doc, root, ret_text);
	} else {
		ha_buf_append(ret_text, text, len);
		err = ret_text->failed ? HA_E_NO_MEMORY : 0;
	}
	xmlFreeDoc(doc);
	return err;
}

void ha_conf_stand_in(char *text)
{
	for (char *at = text; (at = strstr(at, "\"***\"")) != NULL;) {
		memcpy(at + 1, "---", 3);
	}
}
