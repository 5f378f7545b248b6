/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xml.h - a text as a tree of libxml2, read with care, and small questions to
 * the tree. For lib/conf alone.
 */
#ifndef HA_CONF_XML_H
#define HA_CONF_XML_H

#include <libxml/tree.h>
#include <libxml/xmlIO.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/errors.h"

/* HA_E_SYNTAX or HA_E_LIMIT with errors; the caller frees by xmlFreeDoc. */
int ha_xml_read(const char *text, size_t len, struct ha_conf_errors *errors,
		xmlDoc **ret_doc) __attribute__((warn_unused_result));

uint32_t ha_xml_line(const xmlNode *n);
/* Of this node and all below: for what came from another file. */
void ha_xml_set_line(xmlNode *n, uint32_t line);

/* An element without a namespace of this name? */
bool ha_xml_is(const xmlNode *n, const char *name);
/* First child element of this name (NULL: any), or the next such sibling. */
xmlNode *ha_xml_child(const xmlNode *parent, const char *name);
xmlNode *ha_xml_next(const xmlNode *n, const char *name);
size_t ha_xml_count(const xmlNode *parent, const char *name);

/* NULL if there is none; borrowed from the tree. */
const char *ha_xml_attr(const xmlNode *n, const char *name);
const char *ha_xml_attr_value(const xmlAttr *a);
/* The text of an element, trimmed, "" if it is longer than size - 1. */
const char *ha_xml_text(const xmlNode *n, char *buf, size_t size);
/* Text of the child of this name; NULL if there is none. */
const char *ha_xml_child_text(const xmlNode *parent, const char *name,
			      char *buf, size_t size);

/* The whole document as UTF-8, HA_E_NO_MEMORY if that fails. */
int ha_xml_dump(xmlDoc *doc, struct ha_buf *ret_text)
	__attribute__((warn_unused_result));

/* Subtrees as text, one after the other through one buffer. Zero-initialise;
 * `text` is that of the last call. */
struct ha_xml_dumper {
	struct ha_buf text;
	xmlOutputBuffer *out; /* owned */
};

int ha_xml_dump_node(struct ha_xml_dumper *d, xmlNode *n)
	__attribute__((warn_unused_result));
void ha_xml_dumper_fini(struct ha_xml_dumper *d);

#endif
