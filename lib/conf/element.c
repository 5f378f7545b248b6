/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/element.h"

#include <ctype.h>
#include <string.h>

static bool is_blank(const char *s)
{
	for (; s && *s; s++) {
		if (!isspace((unsigned char)*s)) {
			return false;
		}
	}
	return true;
}

static const struct ha_child_rule *find_rule(const struct ha_child_rule *rules,
					  const xmlNode *n)
{
	for (; rules->name; rules++) {
		if (ha_xml_is(n, rules->name)) {
			return rules;
		}
	}
	return NULL;
}

static void refuse_child(struct ha_reader *r, const struct ha_conf_at *at,
			 const xmlNode *n, const struct ha_child_rule *rules)
{
	struct ha_buf allowed = { 0 };

	for (const struct ha_child_rule *c = rules; c->name; c++) {
		ha_buf_printf(&allowed, "%s<%s>", c == rules ? "" : ", ",
			      c->name);
	}
	ha_conf_error(r->errors, at,
		      "unknown element <%.64s> in <%s>; allowed: %s",
		      (const char *)n->name, (const char *)n->parent->name,
		      allowed.data ? allowed.data : "none");
	ha_buf_fini(&allowed);
}

void ha_read_children(struct ha_reader *r, const xmlNode *parent,
		      const struct ha_conf_at *about,
		      const struct ha_child_rule *rules)
{
	struct ha_conf_at at = *about;

	for (const xmlNode *n = parent->children; n; n = n->next) {
		const struct ha_child_rule *rule;

		if (n->type == XML_TEXT_NODE ||
		    n->type == XML_CDATA_SECTION_NODE) {
			if (!is_blank((const char *)n->content)) {
				ha_conf_error(r->errors, about,
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
		rule = find_rule(rules, n);
		if (!rule) {
			refuse_child(r, &at, n, rules);
		} else if (!rule->many && ha_xml_child(parent, rule->name) != n) {
			ha_conf_error(r->errors, &at,
				      "a second <%s> in <%s>; put both into "
				      "one", rule->name,
				      (const char *)parent->name);
		}
	}
}

static void refuse_attr(struct ha_reader *r, const struct ha_conf_at *at,
			const xmlAttr *a, const struct ha_target *targets)
{
	struct ha_buf known = { 0 };

	for (const struct ha_target *t = targets; t->table; t++) {
		for (size_t i = 0; i < t->table->count; i++) {
			ha_buf_printf(&known, "%s%s", known.len ? ", " : "",
				      t->table->fields[i].name);
		}
	}
	ha_conf_error(r->errors, at,
		      "unknown attribute %.64s of <%s>; allowed: %s",
		      (const char *)a->name, (const char *)a->parent->name,
		      known.data ? known.data : "none");
	ha_buf_fini(&known);
}

static bool read_attr(struct ha_reader *r, const struct ha_conf_at *at,
		      const xmlAttr *a, const struct ha_target *t)
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
	if (ha_field_parse(f, value, r->arena, t->object)) {
		ha_field_set_given(t->table, index, t->object);
		return true;
	}
	ha_field_expect(f, &expected);
	ha_conf_error(r->errors, at, "%s=\"%.64s\" is not %s", f->name, value,
		      expected.data ? expected.data : "valid");
	ha_buf_fini(&expected);
	return true;
}

static void require_attrs(struct ha_reader *r, const xmlNode *n,
			  const struct ha_conf_at *at, const struct ha_target *t)
{
	for (size_t i = 0; i < t->table->count; i++) {
		const struct ha_field *f = &t->table->fields[i];

		if (f->required && !ha_xml_attr(n, f->name)) {
			ha_conf_error(r->errors, at,
				      "<%s> has no %s; add %s=\"…\"",
				      (const char *)n->name, f->name, f->name);
		}
	}
}

void ha_read_attrs(struct ha_reader *r, const xmlNode *n,
		   const struct ha_conf_at *at,
		   const struct ha_target *targets)
{
	for (const xmlAttr *a = n->properties; a; a = a->next) {
		const struct ha_target *t = targets;

		while (t->table && !read_attr(r, at, a, t)) {
			t++;
		}
		if (!t->table) {
			refuse_attr(r, at, a, targets);
		}
	}
	for (const struct ha_target *t = targets; t->table; t++) {
		require_attrs(r, n, at, t);
	}
}

struct ha_conf_at ha_at_element(const xmlNode *n, const char *kind)
{
	return (struct ha_conf_at){ .line = ha_xml_line(n), .kind = kind,
				    .name = ha_xml_attr(n, "name") };
}
