/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <gcrypt.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/build.h"
#include "conf/conf.h"
#include "conf/validate.h"
#include "model/check.h"

/* A configuration and the memory that it lives in. */
struct owned {
	struct ha_config config; /* first, so that a pointer to it is to us */
	struct ha_arena arena;
};

void ha_conf_free(struct ha_config *c)
{
	struct owned *o = (struct owned *)c;

	if (o) {
		ha_arena_fini(&o->arena);
		free(o);
	}
}

void ha_conf_hash(const char *text, size_t len, struct ha_hash *ret_hash)
{
	static_assert(sizeof(ret_hash->b) == 32, "SHA-256");
	/* Else the library warns in the system's log. hacd's first hash is
	 * made before it has a second thread. */
	if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
		(void)gcry_check_version(NULL);
		(void)gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
		(void)gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	}
	gcry_md_hash_buffer(GCRY_MD_SHA256, ret_hash->b, text, len);
}

static void add_all(struct ha_conf_errors *to,
		    const struct ha_conf_errors *from)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct ha_conf_error *e = &from->list[i];
		struct ha_conf_at at = { .line = e->line, .kind = e->object };

		ha_conf_error(to, &at, "%s", e->text);
	}
}

static int build_and_check(xmlDoc *doc, struct ha_conf_errors *errors,
			   struct owned *o)
{
	struct ha_conf_errors schema = { 0 };
	size_t before = errors->errors;
	bool built = false;
	int err = ha_conf_validate(doc, &schema);

	if (err == 0 || err == HA_E_SYNTAX) {
		built = ha_conf_build(doc, &o->arena, &o->config, errors);
		if (o->arena.failed) {
			err = HA_E_NO_MEMORY;
		}
	}
	if (err == 0 || err == HA_E_SYNTAX) {
		if (built) {
			ha_config_check(&o->config, errors);
		}
		/* Our own words say it better, if they say it. */
		if (errors->errors == before) {
			add_all(errors, &schema);
		}
		err = errors->errors == before ? 0 : HA_E_SYNTAX;
	}
	ha_conf_errors_sort(errors);
	ha_conf_errors_fini(&schema);
	return err;
}

int ha_conf_from_doc(xmlDoc *doc, struct ha_conf_errors *errors,
		     struct ha_config **ret_config)
{
	struct owned *o = calloc(1, sizeof(*o));
	int err;

	if (!o) {
		return HA_E_NO_MEMORY;
	}
	err = build_and_check(doc, errors, o);
	if (err) {
		ha_conf_free(&o->config);
		return err;
	}
	*ret_config = &o->config;
	return 0;
}

int ha_conf_parse(const char *text, size_t len, struct ha_conf_errors *errors,
		  struct ha_config **ret_config)
{
	struct ha_config *c;
	xmlDoc *doc;
	int err;

	assert(text);
	assert(errors);
	err = ha_xml_read(text, len, errors, &doc);
	if (err) {
		return err;
	}
	err = ha_conf_from_doc(doc, errors, &c);
	xmlFreeDoc(doc);
	if (err) {
		return err;
	}
	ha_conf_hash(text, len, &c->hash);
	if (ret_config) {
		*ret_config = c;
	} else {
		ha_conf_free(c);
	}
	return 0;
}
