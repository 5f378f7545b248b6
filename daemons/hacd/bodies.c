/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bodies.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "parser.h"
#include "port-disk.h"

enum place_state { FREE, READING, PARSING, WRITING, HELD };

struct place {
	enum place_state state;
	bool on_disk;            /* it came from there */
	struct body body;        /* config, once HELD */
	struct ha_config *config; /* owned */
	struct ha_buf text;      /* owned */
	struct ha_buf masked;    /* owned */
};

struct bodies {
	struct port_disk *disk;
	struct parser *parser;
	struct bodies_user user;
	struct place places[BODIES_MAX];
};

static void take_parsed(struct parser_job *job, void *arg);

struct bodies *bodies_create(qb_loop_t *loop, struct port_disk *disk,
			     const struct bodies_user *user)
{
	struct bodies *b = calloc(1, sizeof(*b));

	if (!b) {
		return NULL;
	}
	b->disk = disk;
	b->user = *user;
	b->parser = parser_create(loop, take_parsed, b);
	if (!b->parser) {
		free(b);
		return NULL;
	}
	return b;
}

static struct place *find_place(struct bodies *b, const struct ha_hash *hash)
{
	for (size_t i = 0; i < BODIES_MAX; i++) {
		if (b->places[i].state != FREE &&
		    ha_hash_equal(&b->places[i].body.hash, hash)) {
			return &b->places[i];
		}
	}
	return NULL;
}

static struct place *take_place(struct bodies *b, const struct ha_hash *hash,
				enum place_state state)
{
	for (size_t i = 0; i < BODIES_MAX; i++) {
		struct place *p = &b->places[i];

		if (p->state == FREE) {
			memset(p, 0, sizeof(*p));
			p->state = state;
			p->body.hash = *hash;
			return p;
		}
	}
	return NULL;
}

static void clear_place(struct place *p)
{
	ha_conf_free(p->config);
	ha_buf_fini(&p->text);
	ha_buf_fini(&p->masked);
	memset(p, 0, sizeof(*p));
}

static void fail(struct bodies *b, struct place *p, int code, const char *text)
{
	struct ha_hash hash = p->body.hash;

	clear_place(p);
	b->user.failed(&hash, code, text, b->user.arg);
}

static void hold(struct bodies *b, struct place *p)
{
	p->state = HELD;
	p->body.config = p->config;
	b->user.ready(p->config, b->user.arg);
}

static struct ha_buf take_buf(struct ha_buf *from)
{
	struct ha_buf taken = *from;

	memset(from, 0, sizeof(*from));
	return taken;
}

static void take_parsed(struct parser_job *job, void *arg)
{
	struct bodies *b = arg;
	struct place *p = find_place(b, &job->hash);

	if (!p || p->state != PARSING) {
		return;
	}
	if (job->code != 0) {
		fail(b, p, job->code, job->why.data ? job->why.data
						    : ha_err_text(job->code));
		return;
	}
	p->config = job->config;
	job->config = NULL;
	p->text = take_buf(&job->text);
	p->masked = take_buf(&job->masked);
	p->body.text = p->text.data;
	p->body.len = p->text.len;
	p->body.masked = p->masked.data;
	if (p->on_disk) {
		hold(b, p);
		return;
	}
	p->state = WRITING;
	port_disk_put_body(b->disk, &p->body.hash, p->body.text, p->body.len);
}

int bodies_add(struct bodies *b, const struct bodies_text *text,
	       struct ha_hash *ret_hash)
{
	struct ha_hash hash;
	struct place *p;
	int rc;

	if (text->len == 0 || text->len > HA_CONFIG_BYTES_MAX) {
		return HA_E_LIMIT;
	}
	ha_conf_hash(text->text, text->len, &hash);
	*ret_hash = hash;
	if (find_place(b, &hash)) {
		return 0;
	}
	p = take_place(b, &hash, PARSING);
	if (!p) {
		return HA_E_BUSY;
	}
	rc = parser_add(b->parser, &hash, text->text, text->len);
	if (rc != 0) {
		clear_place(p);
	}
	return rc;
}

bool bodies_load(struct bodies *b, const struct ha_hash *hash)
{
	if (find_place(b, hash) || !take_place(b, hash, READING)) {
		return false;
	}
	port_disk_get_body(b->disk, hash);
	return true;
}

void bodies_read(struct bodies *b, const struct ha_hash *hash, const void *data,
		 size_t len)
{
	struct place *p = find_place(b, hash);
	int rc;

	if (!p || p->state != READING) {
		return;
	}
	if (!data) {
		fail(b, p, HA_E_NOT_FOUND, "it is not on this host's disk");
		return;
	}
	p->state = PARSING;
	p->on_disk = true;
	rc = parser_add(b->parser, hash, data, len);
	if (rc != 0) {
		fail(b, p, rc, ha_err_text(rc));
	}
}

void bodies_written(struct bodies *b, const struct ha_hash *hash, bool ok)
{
	struct place *p = find_place(b, hash);

	if (!p || p->state != WRITING) {
		return;
	}
	if (ok) {
		hold(b, p);
	} else {
		fail(b, p, HA_E_FAILED, "this host's disk cannot take it; see "
		     "the log of hacd");
	}
}

const struct body *bodies_find(const struct bodies *b,
			       const struct ha_hash *hash)
{
	for (size_t i = 0; i < BODIES_MAX; i++) {
		const struct place *p = &b->places[i];

		if (p->state == HELD &&
		    ha_hash_equal(&p->body.hash, hash)) {
			return &p->body;
		}
	}
	return NULL;
}

void bodies_drop(struct bodies *b, const struct ha_config *config)
{
	for (size_t i = 0; i < BODIES_MAX; i++) {
		if (b->places[i].state == HELD &&
		    b->places[i].config == config) {
			clear_place(&b->places[i]);
		}
	}
}

void bodies_destroy(struct bodies *b)
{
	if (!b) {
		return;
	}
	parser_destroy(b->parser);
	for (size_t i = 0; i < BODIES_MAX; i++) {
		clear_place(&b->places[i]);
	}
	free(b);
}
