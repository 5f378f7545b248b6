/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "readiness.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dial.h"
#include "probe.h"

#define PAUSE_FIRST_MS 250
#define PAUSE_DOUBLED_MAX 4 /* times: 4 s */
#define LIMIT_MS_MAX (24 * 3600 * 1000)

/* What a question may be at, and how many at once: other operations are to
 * find threads, libvirtd's workers (20), and descriptors. */
enum place { PLACE_LOOK, PLACE_DIAL, PLACE_COUNT };
static const unsigned places_max[PLACE_COUNT] = { 8, 32 };

enum question_state {
	QUESTION_PAUSED, /* until its timer, or a hint */
	QUESTION_DUE,    /* waits for a place */
	QUESTION_BUSY,   /* at its place; if that is a look, the probe is a
			  * worker's */
	QUESTION_OVER    /* has no result any more, but the look's end to come */
};

struct question {
	struct ha_job job;
	struct question *next;
	struct ha_readiness *readiness;
	uint64_t id;
	enum question_state state;
	enum place place;
	struct ha_probe probe;
	bool numeric;    /* the address needs no look */
	struct ha_dial *dial;
	unsigned looks;  /* since it began or a hint came */
	uint32_t limit_ms;
	int pause_timer;
	int limit_timer;
	enum ha_probed probed; /* by the worker */
	char reason[HA_VIRT_TEXT]; /* why it was not ready the last time */
};

struct ha_readiness {
	struct ha_pool *pool;
	struct ha_port *port;
	struct question *list; /* owned */
	unsigned busy[PLACE_COUNT];
};

static void run_look(struct ha_job *job, struct ha_worker *worker);
static void finish_look(struct ha_job *job);
static void on_dialled(void *opaque, bool answered);

static void free_question(struct question *q)
{
	if (q->pause_timer >= 0) {
		virEventRemoveTimeout(q->pause_timer);
	}
	if (q->limit_timer >= 0) {
		virEventRemoveTimeout(q->limit_timer);
	}
	free(q->probe.address);
	free(q->probe.command);
	free(q);
}

static void drop_question(struct question *q)
{
	struct question **at = &q->readiness->list;

	while (*at != q) {
		at = &(*at)->next;
	}
	*at = q->next;
	free_question(q);
}

static void pause_question(struct question *q)
{
	unsigned times = q->looks < PAUSE_DOUBLED_MAX ? q->looks
						      : PAUSE_DOUBLED_MAX;

	q->looks++;
	q->state = QUESTION_PAUSED;
	virEventUpdateTimeout(q->pause_timer, PAUSE_FIRST_MS << times);
}

static void take_place(struct question *q)
{
	struct ha_readiness *r = q->readiness;

	q->state = QUESTION_BUSY;
	r->busy[q->place]++;
	if (q->place == PLACE_LOOK) {
		ha_pool_submit(r->pool, &q->job);
	} else {
		const struct ha_dial_to to = { &q->probe.addresses,
					       q->probe.port,
					       !q->probe.address };

		q->dial = ha_dial_begin(&to, on_dialled, q);
		if (!q->dial) {
			r->busy[q->place]--;
			pause_question(q);
		}
	}
}

static void seek_place(struct question *q, enum place place)
{
	virEventUpdateTimeout(q->pause_timer, -1);
	q->place = place;
	q->state = QUESTION_DUE;
	if (q->readiness->busy[place] < places_max[place]) {
		take_place(q);
	}
}

static void ask(struct question *q)
{
	seek_place(q, q->numeric ? PLACE_DIAL : PLACE_LOOK);
}

/* The next one there has looked least often, so that nobody starves. */
static void leave_place(struct question *q)
{
	struct ha_readiness *r = q->readiness;
	struct question *best = NULL;

	assert(r->busy[q->place] > 0);
	r->busy[q->place]--;
	for (struct question *o = r->list; o; o = o->next) {
		if (o->state == QUESTION_DUE && o->place == q->place &&
		    (!best || o->looks < best->looks)) {
			best = o;
		}
	}
	if (best) {
		take_place(best);
	}
}

/* A worker that still looks keeps it until it has looked. */
static void end_question(struct question *q)
{
	if (q->state == QUESTION_BUSY && q->place == PLACE_LOOK) {
		q->state = QUESTION_OVER;
		virEventUpdateTimeout(q->limit_timer, -1);
		return;
	}
	if (q->state == QUESTION_BUSY) {
		ha_dial_cancel(q->dial);
		leave_place(q);
	}
	drop_question(q);
}

static void answer(struct question *q, enum ha_op_code code, const char *text)
{
	ha_port_result(q->readiness->port, q->id, code, text);
	end_question(q);
}

static void not_ready(struct question *q)
{
	snprintf(q->reason, sizeof(q->reason), "%s", q->probe.text);
	pause_question(q);
}

static void run_look(struct ha_job *job, struct ha_worker *worker)
{
	struct question *q = (struct question *)job;

	/* a name is looked up without libvirt, which may hang */
	q->probed = ha_probe_look(&q->probe, q->probe.address
				  ? NULL : ha_worker_connect(worker));
}

static void finish_look(struct ha_job *job)
{
	struct question *q = (struct question *)job;
	bool over = q->state == QUESTION_OVER;

	q->state = QUESTION_PAUSED;
	leave_place(q);
	if (over) {
		drop_question(q);
		return;
	}
	switch (q->probed) {
	case HA_PROBED_READY:
		answer(q, HA_OP_OK, "");
		break;
	case HA_PROBED_NEVER:
		answer(q, HA_OP_FAILED, q->probe.text);
		break;
	case HA_PROBED_DIAL:
		seek_place(q, PLACE_DIAL);
		break;
	case HA_PROBED_NOT_YET:
		not_ready(q);
		break;
	}
}

static void on_dialled(void *opaque, bool answered)
{
	struct question *q = opaque;

	q->state = QUESTION_PAUSED;
	q->dial = NULL;
	leave_place(q);
	if (answered) {
		answer(q, HA_OP_OK, "");
		return;
	}
	ha_probe_tell_silence(&q->probe);
	not_ready(q);
}

static void on_pause_end(int timer, void *opaque)
{
	(void)timer;
	ask(opaque);
}

static void on_limit(int timer, void *opaque)
{
	struct question *q = opaque;
	char text[HA_VIRT_TEXT];

	(void)timer;
	snprintf(text, sizeof(text), "not within %gs: %.200s",
		 (double)q->limit_ms / 1000.0, q->reason[0] ? q->reason
		 : "it has not answered once");
	answer(q, HA_OP_FAILED, text);
}

void ha_readiness_hint(struct ha_readiness *r, const struct ha_uuid *uuid)
{
	struct question *q, *next;

	for (q = r->list; q; q = next) {
		next = q->next;
		if (uuid && ha_uuid_cmp(&q->probe.uuid, uuid) != 0) {
			continue;
		}
		q->looks = 0;
		if (q->state == QUESTION_PAUSED) {
			ask(q);
		}
	}
}

/* Who asked may know of a new QEMU by now, and asks again then: not failed. */
void ha_readiness_gone(struct ha_readiness *r, const struct ha_uuid *uuid)
{
	struct question *q, *next;

	for (q = r->list; q; q = next) {
		next = q->next;
		if (q->state != QUESTION_OVER &&
		    ha_uuid_cmp(&q->probe.uuid, uuid) == 0) {
			answer(q, HA_OP_UNKNOWN, "its QEMU has ended");
		}
	}
}

static struct question *find_question(struct ha_readiness *r, uint64_t id)
{
	for (struct question *q = r->list; q; q = q->next) {
		if (q->id == id && q->state != QUESTION_OVER) {
			return q;
		}
	}
	return NULL;
}

bool ha_readiness_cancel(struct ha_readiness *r, uint64_t id)
{
	struct question *q = find_question(r, id);

	if (q) {
		end_question(q);
	}
	return q != NULL;
}

/* NULL: no memory. */
static struct question *make_question(struct ha_readiness *r,
				      const struct ha_am *msg)
{
	struct question *q = calloc(1, sizeof(*q));

	if (!q) {
		return NULL;
	}
	q->job.run = run_look;
	q->job.done = finish_look;
	q->readiness = r;
	q->id = msg->id;
	q->probe.uuid = msg->uuid;
	q->probe.port = (uint16_t)msg->first;
	q->probe.pid = -1;
	q->probe.address = msg->name[0] ? strdup(msg->name) : NULL;
	q->probe.command = msg->text[0] ? strdup(msg->text) : NULL;
	q->limit_ms = msg->timeout_ms < LIMIT_MS_MAX ? msg->timeout_ms
						     : LIMIT_MS_MAX;
	q->pause_timer = virEventAddTimeout(-1, on_pause_end, q, NULL);
	q->limit_timer = virEventAddTimeout((int)q->limit_ms, on_limit, q,
					    NULL);
	if (q->pause_timer < 0 || q->limit_timer < 0 ||
	    (msg->name[0] && !q->probe.address) ||
	    (msg->text[0] && !q->probe.command)) {
		free_question(q);
		return NULL;
	}
	q->numeric = ha_probe_is_numeric(&q->probe);
	return q;
}

void ha_readiness_begin(struct ha_readiness *r, const struct ha_am *msg)
{
	static const struct ha_uuid none;
	struct question *q;

	if (find_question(r, msg->id)) { /* which will have its one result */
		ha_log(HA_LOG_ERR, "hacd sent operation %" PRIx64 " twice; the "
		       "second is ignored", msg->id);
		return;
	}
	if (msg->first > UINT16_MAX || ha_uuid_cmp(&msg->uuid, &none) == 0) {
		ha_log(HA_LOG_ERR, "operation %" PRIx64 " (%s) is refused: it "
		       "names no VM, or a port that cannot be", msg->id,
		       ha_am_kind_name(msg->kind));
		ha_port_result(r->port, msg->id, HA_OP_FAILED,
			       "it names no VM, or a port that cannot be");
		return;
	}
	q = make_question(r, msg);
	if (!q) {
		ha_port_result(r->port, msg->id, HA_OP_UNKNOWN,
			       "out of memory");
		return;
	}
	q->next = r->list;
	r->list = q;
	ask(q);
}

struct ha_readiness *ha_readiness_create(struct ha_pool *pool,
					 struct ha_port *port)
{
	struct ha_readiness *r = calloc(1, sizeof(*r));

	if (r) {
		r->pool = pool;
		r->port = port;
	}
	return r;
}
