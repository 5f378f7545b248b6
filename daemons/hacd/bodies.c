/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bodies.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "port-disk.h"

struct place {
	struct body body;        /* text NULL: a free place, or being read */
	struct ha_config *config; /* owned; parsed, perhaps not yet durable */
	char *text;              /* owned */
	bool used;
};

struct bodies {
	struct port_disk *disk;
	struct bodies_user user;
	struct place places[BODIES_MAX];
};

struct bodies *bodies_create(struct port_disk *disk,
			     const struct bodies_user *user)
{
	struct bodies *b = calloc(1, sizeof(*b));

	if (b) {
		b->disk = disk;
		b->user = *user;
	}
	return b;
}

static struct place *find_place(struct bodies *b, const struct ha_hash *hash)
{
	for (size_t i = 0; i < BODIES_MAX; i++) {
		if (b->places[i].used &&
		    ha_hash_equal(&b->places[i].body.hash, hash)) {
			return &b->places[i];
		}
	}
	return NULL;
}

static struct place *take_place(struct bodies *b, const struct ha_hash *hash)
{
	for (size_t i = 0; i < BODIES_MAX; i++) {
		struct place *p = &b->places[i];

		if (!p->used) {
			memset(p, 0, sizeof(*p));
			p->used = true;
			p->body.hash = *hash;
			return p;
		}
	}
	return NULL;
}

static void clear_place(struct place *p)
{
	ha_conf_free(p->config);
	free(p->text);
	memset(p, 0, sizeof(*p));
}

/* Text and configuration into the place; what is wrong into ret_why. */
static int fill_place(struct place *p, const struct bodies_text *text,
		      struct ha_buf *ret_why)
{
	struct ha_conf_errors errors = { 0 };
	int rc = ha_conf_parse(text->text, text->len, &errors, &p->config);

	if (rc != 0) {
		ha_conf_errors_print(&errors, NULL, ret_why);
	}
	ha_conf_errors_fini(&errors);
	if (rc != 0) {
		return rc;
	}
	p->text = malloc(text->len + 1);
	if (!p->text) {
		return HA_E_NO_MEMORY;
	}
	memcpy(p->text, text->text, text->len);
	p->text[text->len] = '\0';
	p->body.text = p->text;
	p->body.len = text->len;
	return 0;
}

int bodies_add(struct bodies *b, const struct bodies_text *text,
	       struct ha_hash *ret_hash, struct ha_buf *ret_why)
{
	struct ha_hash hash;
	struct place *p;
	int rc;

	if (text->len == 0 || text->len > HA_CONFIG_BYTES_MAX) {
		return HA_E_LIMIT;
	}
	ha_conf_hash(text->text, text->len, &hash);
	if (find_place(b, &hash)) {
		*ret_hash = hash;
		return 0;
	}
	p = take_place(b, &hash);
	if (!p) {
		return HA_E_BUSY;
	}
	rc = fill_place(p, text, ret_why);
	if (rc != 0) {
		clear_place(p);
		return rc;
	}
	*ret_hash = hash;
	port_disk_put_body(b->disk, &hash, text->text, text->len);
	return 0;
}

bool bodies_load(struct bodies *b, const struct ha_hash *hash)
{
	if (find_place(b, hash) || !take_place(b, hash)) {
		return false;
	}
	port_disk_get_body(b->disk, hash);
	return true;
}

static void fail(struct bodies *b, struct place *p, int code, const char *text)
{
	struct ha_hash hash = p->body.hash;

	clear_place(p);
	b->user.failed(&hash, code, text, b->user.arg);
}

void bodies_read(struct bodies *b, const struct ha_hash *hash, const void *data,
		 size_t len)
{
	const struct bodies_text text = { data, len };
	struct place *p = find_place(b, hash);
	struct ha_buf why = { 0 };
	int rc;

	if (!p || p->text) {
		return;
	}
	if (!data) {
		fail(b, p, HA_E_NOT_FOUND, "it is not on this host's disk");
		return;
	}
	rc = fill_place(p, &text, &why);
	if (rc == 0) {
		p->body.config = p->config;
		b->user.ready(p->config, b->user.arg);
	} else {
		fail(b, p, rc, why.data ? why.data : ha_err_text(rc));
	}
	ha_buf_fini(&why);
}

void bodies_written(struct bodies *b, const struct ha_hash *hash, bool ok)
{
	struct place *p = find_place(b, hash);

	if (!p || !p->text || p->body.config) {
		return;
	}
	if (!ok) {
		fail(b, p, HA_E_FAILED, "this host's disk cannot take it; see "
		     "the log of hacd");
		return;
	}
	p->body.config = p->config;
	b->user.ready(p->config, b->user.arg);
}

const struct body *bodies_find(const struct bodies *b,
			       const struct ha_hash *hash)
{
	for (size_t i = 0; i < BODIES_MAX; i++) {
		const struct place *p = &b->places[i];

		if (p->used && p->body.config &&
		    ha_hash_equal(&p->body.hash, hash)) {
			return &p->body;
		}
	}
	return NULL;
}

void bodies_drop(struct bodies *b, const struct ha_config *config)
{
	for (size_t i = 0; i < BODIES_MAX; i++) {
		if (b->places[i].used && b->places[i].config == config) {
			clear_place(&b->places[i]);
		}
	}
}

void bodies_destroy(struct bodies *b)
{
	if (!b) {
		return;
	}
	for (size_t i = 0; i < BODIES_MAX; i++) {
		clear_place(&b->places[i]);
	}
	free(b);
}
