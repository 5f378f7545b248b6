/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/validate.h"

#include <libxml/relaxng.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "conf/xml.h"

static const char schema_text[] =
#include "conf/schema.inc"
	;

/*
 * The schema allows anything in a <domain>, and looking at each node of it
 * would take most of the time: its children are set aside meanwhile. They stay
 * reachable from `last`, which the validation does not look at.
 */
static void hide_domain(xmlNode *domain)
{
	domain->children = NULL;
}

static void show_domain(xmlNode *domain)
{
	domain->children = domain->last;
	while (domain->children && domain->children->prev) {
		domain->children = domain->children->prev;
	}
}

static void for_domains(xmlDoc *doc, void (*fn)(xmlNode *domain))
{
	xmlNode *vms = ha_xml_child(xmlDocGetRootElement(doc), "vms");

	for (xmlNode *vm = ha_xml_child(vms, "vm"); vm;
	     vm = ha_xml_next(vm, "vm")) {
		xmlNode *domain = ha_xml_child(vm, "domain");

		if (domain) {
			fn(domain);
		}
	}
}

static void take_error(void *arg, xmlErrorPtr err)
{
	struct ha_conf_errors *errors = arg;
	struct ha_conf_at at = { .kind = "schema" };
	char text[200];

	at.line = ha_xml_line(err->node);
	snprintf(text, sizeof(text), "%s", err->message ? err->message : "?");
	text[strcspn(text, "\n")] = '\0';
	ha_conf_error(errors, &at, "%s; see cluster.xml(5)", text);
}

static void drop_error(void *arg, xmlErrorPtr err)
{
	(void)arg;
	(void)err;
}

static xmlRelaxNG *read_schema(void)
{
	xmlRelaxNGParserCtxt *ctxt = xmlRelaxNGNewMemParserCtxt(
		schema_text, (int)sizeof(schema_text) - 1);
	xmlRelaxNG *schema;

	if (!ctxt) {
		return NULL;
	}
	xmlRelaxNGSetParserStructuredErrors(ctxt, drop_error, NULL);
	schema = xmlRelaxNGParse(ctxt);
	xmlRelaxNGFreeParserCtxt(ctxt);
	return schema;
}

static int validate_doc(xmlDoc *doc, xmlRelaxNG *schema,
			struct ha_conf_errors *errors)
{
	xmlRelaxNGValidCtxt *ctxt = xmlRelaxNGNewValidCtxt(schema);
	struct ha_conf_at at = { .kind = "schema" };
	int result;

	if (!ctxt) {
		return HA_E_NO_MEMORY;
	}
	xmlRelaxNGSetValidStructuredErrors(ctxt, take_error, errors);
	result = xmlRelaxNGValidateDoc(ctxt, doc);
	xmlRelaxNGFreeValidCtxt(ctxt);
	if (result != 0 && errors->errors == 0) {
		ha_conf_error(errors, &at, "not valid; see cluster.xml(5)");
	}
	return result == 0 ? 0 : HA_E_SYNTAX;
}

int ha_conf_validate(xmlDoc *doc, struct ha_conf_errors *errors)
{
	xmlRelaxNG *schema = read_schema();
	int err;

	if (!schema) {
		return HA_E_NO_MEMORY;
	}
	for_domains(doc, hide_domain);
	err = validate_doc(doc, schema, errors);
	for_domains(doc, show_domain);
	xmlRelaxNGFree(schema);
	return err;
}
