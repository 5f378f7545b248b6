/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/xml.h"

#include <assert.h>
#include <ctype.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlsave.h>
#include <string.h>

#include "base/err.h"
#include "conf/scan.h"

/* libxml2 keeps 16 bits of a line number; the whole one goes to _private. */
static void start_element(void *ctx, const xmlChar *localname,
			  const xmlChar *prefix, const xmlChar *uri,
			  int nb_namespaces, const xmlChar **namespaces,
			  int nb_attributes, int nb_defaulted,
			  const xmlChar **attributes)
{
	xmlParserCtxt *ctxt = ctx;

	xmlSAX2StartElementNs(ctx, localname, prefix, uri, nb_namespaces,
			      namespaces, nb_attributes, nb_defaulted,
			      attributes);
	if (ctxt->node && ctxt->input) {
		ctxt->node->_private = (void *)(intptr_t)ctxt->input->line;
	}
}

static void take_error(void *ctx, const xmlError *err)
{
	xmlParserCtxt *ctxt = ctx;
	struct ha_conf_errors *errors = ctxt->_private;
	struct ha_conf_at at = { .kind = "XML" };
	char text[200];
	size_t len;

	/* After the first, messages are mostly about its consequences. */
	if (err->level < XML_ERR_ERROR || errors->errors > 0) {
		return;
	}
	at.line = err->line > 0 ? (uint32_t)err->line : 0;
	snprintf(text, sizeof(text), "%s", err->message ? err->message : "?");
	len = strlen(text);
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' ')) {
		text[--len] = '\0';
	}
	ha_conf_error(errors, &at,
		      "not well-formed: %s; correct the markup here", text);
}

static void take_error_hook(void *ctx, xmlErrorPtr err)
{
	take_error(ctx, err);
}

static xmlParserCtxt *create_parser(const char *text, size_t len,
				    struct ha_conf_errors *errors)
{
	xmlParserCtxt *ctxt = xmlCreateMemoryParserCtxt(text, (int)len);

	if (!ctxt) {
		return NULL;
	}
	ctxt->_private = errors;
	xmlCtxtUseOptions(ctxt, XML_PARSE_NONET | XML_PARSE_COMPACT |
				 XML_PARSE_NOERROR |
				 XML_PARSE_NOWARNING);
	ctxt->sax->startElementNs = start_element;
	ctxt->sax->serror = take_error_hook;
	return ctxt;
}

static bool is_utf8_declared(const xmlDoc *doc)
{
	return !doc->encoding ||
	       xmlStrcasecmp(doc->encoding, BAD_CAST "utf-8") == 0 ||
	       xmlStrcasecmp(doc->encoding, BAD_CAST "us-ascii") == 0;
}

int ha_xml_read(const char *text, size_t len, struct ha_conf_errors *errors,
		xmlDoc **ret_doc)
{
	struct ha_conf_errors own = { 0 };
	struct ha_conf_at at = { .kind = "XML", .line = 1 };
	xmlParserCtxt *ctxt;
	xmlDoc *doc;
	int err;

	err = ha_conf_scan(text, len, errors);
	if (err) {
		return err;
	}
	ctxt = create_parser(text, len, &own);
	if (!ctxt) {
		return HA_E_NO_MEMORY;
	}
	xmlParseDocument(ctxt);
	doc = ctxt->myDoc;
	ctxt->myDoc = NULL;
	err = ctxt->wellFormed && doc && own.errors == 0 ? 0 : HA_E_SYNTAX;
	xmlFreeParserCtxt(ctxt);
	if (err && own.errors == 0) {
		ha_conf_error(&own, &at, "not well-formed XML");
	} else if (!err && !is_utf8_declared(doc)) {
		ha_conf_error(&own, &at, "the encoding '%s' is not UTF-8; "
			      "convert the file (iconv -t UTF-8)",
			      (const char *)doc->encoding);
		err = HA_E_SYNTAX;
	}
	for (size_t i = 0; i < own.count; i++) {
		at.line = own.list[i].line;
		ha_conf_error(errors, &at, "%s", own.list[i].text);
	}
	ha_conf_errors_fini(&own);
	if (err) {
		xmlFreeDoc(doc);
		return err;
	}
	*ret_doc = doc;
	return 0;
}

uint32_t ha_xml_line(const xmlNode *n)
{
	return n && n->type == XML_ELEMENT_NODE
		       ? (uint32_t)(intptr_t)n->_private
		       : 0;
}

void ha_xml_set_line(xmlNode *n, uint32_t line)
{
	n->_private = (void *)(intptr_t)line;
	for (xmlNode *c = ha_xml_child(n, NULL); c; c = ha_xml_next(c, NULL)) {
		ha_xml_set_line(c, line);
	}
}

bool ha_xml_is(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && !n->ns &&
	       strcmp((const char *)n->name, name) == 0;
}

static xmlNode *find_element(xmlNode *n, const char *name)
{
	for (; n; n = n->next) {
		if (name ? ha_xml_is(n, name) : n->type == XML_ELEMENT_NODE) {
			return n;
		}
	}
	return NULL;
}

xmlNode *ha_xml_child(const xmlNode *parent, const char *name)
{
	return parent ? find_element(parent->children, name) : NULL;
}

xmlNode *ha_xml_next(const xmlNode *n, const char *name)
{
	return find_element(n->next, name);
}

size_t ha_xml_count(const xmlNode *parent, const char *name)
{
	size_t count = 0;

	for (xmlNode *c = ha_xml_child(parent, name); c;
	     c = ha_xml_next(c, name)) {
		count++;
	}
	return count;
}

/* Without entities an attribute has one text child, or none if empty. */
const char *ha_xml_attr_value(const xmlAttr *a)
{
	if (!a->children || !a->children->content) {
		return "";
	}
	return (const char *)a->children->content;
}

const char *ha_xml_attr(const xmlNode *n, const char *name)
{
	if (!n || n->type != XML_ELEMENT_NODE) {
		return NULL;
	}
	for (const xmlAttr *a = n->properties; a; a = a->next) {
		if (!a->ns && strcmp((const char *)a->name, name) == 0) {
			return ha_xml_attr_value(a);
		}
	}
	return NULL;
}

const char *ha_xml_text(const xmlNode *n, char *buf, size_t size)
{
	size_t len = 0;
	char *start = buf;

	assert(size > 0);
	for (const xmlNode *c = n->children; c; c = c->next) {
		const char *s = (const char *)c->content;
		size_t part;

		if ((c->type != XML_TEXT_NODE &&
		     c->type != XML_CDATA_SECTION_NODE) || !s) {
			continue;
		}
		part = strlen(s);
		if (part >= size - len) {
			len = 0;
			break;
		}
		memcpy(buf + len, s, part);
		len += part;
	}
	while (len > 0 && isspace((unsigned char)buf[len - 1])) {
		len--;
	}
	buf[len] = '\0';
	while (isspace((unsigned char)*start)) {
		start++;
	}
	return start;
}

const char *ha_xml_child_text(const xmlNode *parent, const char *name,
			      char *buf, size_t size)
{
	const xmlNode *c = ha_xml_child(parent, name);

	return c ? ha_xml_text(c, buf, size) : NULL;
}

static int write_bytes(void *context, const char *data, int len)
{
	ha_buf_append(context, data, (size_t)len);
	return len;
}

int ha_xml_dump(xmlDoc *doc, struct ha_buf *ret_text)
{
	xmlSaveCtxt *save = xmlSaveToIO(write_bytes, NULL, ret_text, "UTF-8",
					0);
	bool ok;

	if (!save) {
		return HA_E_NO_MEMORY;
	}
	ok = xmlSaveDoc(save, doc) >= 0;
	ok &= xmlSaveClose(save) >= 0;
	return ok && !ret_text->failed ? 0 : HA_E_NO_MEMORY;
}

int ha_xml_dump_node(struct ha_xml_dumper *d, xmlNode *n)
{
	ha_buf_clear(&d->text);
	if (!d->out) {
		d->out = xmlOutputBufferCreateIO(write_bytes, NULL, &d->text,
						 NULL);
	}
	if (!d->out) {
		return HA_E_NO_MEMORY;
	}
	xmlNodeDumpOutput(d->out, n->doc, n, 0, 0, "UTF-8");
	return xmlOutputBufferFlush(d->out) >= 0 && !d->text.failed
		       ? 0
		       : HA_E_NO_MEMORY;
}

void ha_xml_dumper_fini(struct ha_xml_dumper *d)
{
	if (d->out) {
		xmlOutputBufferClose(d->out);
		d->out = NULL;
	}
	ha_buf_fini(&d->text);
}
