/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hacd.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/err.h"
#include "base/uuid.h"
#include "boot.h"
#include "notify.h"
#include "record.h"
#include "tools.h"
#include "wire/peer.h"

#define RECORD_BYTES ((size_t)8 << 20) /* of events */
#define PROBE_NS ((uint64_t)500 * 1000000)

/* --- the step --- */

static void on_tick(void *arg)
{
	struct hacd *h = arg;
	struct ha_event ev = { .kind = HA_EV_TICK };

	h->tick_at = HA_TIME_NEVER;
	ev.minute = ha_time_minute_of_day();
	hacd_step(h, &ev);
}

static void plan_tick(struct hacd *h)
{
	ha_time due = ha_core_deadline(h->core);
	ha_time now = ha_time_now();

	if (due == h->tick_at) {
		return;
	}
	if (h->tick_at != HA_TIME_NEVER) {
		qb_loop_timer_del(h->loop, h->tick_timer);
		h->tick_at = HA_TIME_NEVER;
	}
	if (due == HA_TIME_NEVER) {
		return;
	}
	if (qb_loop_timer_add(h->loop, QB_LOOP_HIGH,
			      due > now ? (uint64_t)(due - now) * 1000 : 1, h,
			      on_tick, &h->tick_timer) == 0) {
		h->tick_at = due;
	}
}

static void put_off(struct hacd *h, const struct ha_event *ev)
{
	assert(ev->kind == HA_EV_AGENT || ev->kind == HA_EV_RESULT ||
	       ev->kind == HA_EV_PERSISTED || ev->kind == HA_EV_COMMAND ||
	       ev->kind == HA_EV_FORGET);
	if (h->inbox_count == h->inbox_size) {
		size_t size = h->inbox_size ? 2 * h->inbox_size : 64;
		struct ha_event *list = realloc(h->inbox,
						size * sizeof(*list));

		if (!list) {
			ha_log(HA_LOG_ERR, "out of memory; hacd ends and is "
			       "started again, VMs are left running");
			h->failed = true;
			qb_loop_stop(h->loop);
			return;
		}
		h->inbox = list;
		h->inbox_size = size;
	}
	h->inbox[h->inbox_count++] = *ev;
}

static void step_once(struct hacd *h, struct ha_event *ev)
{
	struct ha_actions acts;

	ev->now = ha_time_now();
	h->stepping = true;
	record_event(h, ev);
	acts = ha_core_step(h->core, ev);
	record_actions(h, &acts);
	if (acts.broken) {
		ha_log(HA_LOG_ERR, "an invariant is broken: %s; hacd ends before "
		       "it acts on it, and is started again; VMs are left "
		       "running", acts.broken);
		abort();
	}
	for (size_t i = 0; i < acts.count; i++) {
		execute_action(h, &acts.list[i]);
	}
	h->stepping = false;
}

/* The history of configurations tells when each came into force. */
static void note_version(struct hacd *h)
{
	const struct ha_state *s = ha_core_state(h->core);
	struct ha_am_held held = { .version = s->config_version,
				   .hash = s->config,
				   .by = s->config_by,
				   .who = s->config_who,
				   .wall_s = time(NULL) };
	if (s->config_version == h->noted_version ||
	    ha_hash_is_none(&s->config)) {
		return;
	}
	h->noted_version = s->config_version;
	for (size_t i = 0; i < h->held_count; i++) {
		if (h->held[i].version == held.version &&
		    ha_hash_equal(&h->held[i].hash, &held.hash)) {
			return;
		}
	}
	port_disk_note_held(h->disk, &held);
	if (h->held_count == HA_CONFIGS_KEPT) { /* as agents/disk does */
		memmove(&h->held[0], &h->held[1],
			--h->held_count * sizeof(held));
	}
	h->held[h->held_count++] = held;
}

void hacd_step(struct hacd *h, struct ha_event *ev)
{
	size_t done = 0;

	if (!h->core) {
		return;
	}
	if (h->stepping) {
		put_off(h, ev);
		return;
	}
	step_once(h, ev);
	while (done < h->inbox_count) {
		struct ha_event next = h->inbox[done++];

		step_once(h, &next);
	}
	h->inbox_count = 0;
	note_version(h);
	plan_tick(h);
}

/* --- corosync --- */

static void on_view(const struct port_corosync_view *view, void *arg)
{
	struct ha_event ev = { .kind = HA_EV_VIEW };

	ev.view.id = view->id;
	ev.view.quorate = view->quorate;
	ev.view.members = view->members;
	ev.view.hacds = view->hacds;
	hacd_step(arg, &ev);
}

static void on_message(ha_hostid from, const void *data, size_t len, void *arg)
{
	struct ha_event ev = { .kind = HA_EV_MESSAGE };
	struct hacd *h = arg;
	struct ha_peer_msg msg;
	int rc = ha_peer_unpack(data, len, &msg);

	if (rc == 0 && msg.msg.from != from) {
		rc = HA_E_SYNTAX;
		ha_peer_fini(&msg);
	}
	if (rc != 0) {
		ha_log_paced(&h->nonsense, HA_LOG_WARNING, "host %u sent a "
			     "message of %zu bytes that makes no sense (%s); "
			     "dropped", from, len, ha_err_text(rc));
		return;
	}
	ev.message = &msg.msg;
	hacd_step(h, &ev);
	ha_peer_fini(&msg);
}

static void on_body(ha_hostid from, const void *data, size_t len, void *arg)
{
	struct hacd *h = arg;
	const struct bodies_text text = { data, len };
	struct ha_hash hash;
	int rc = bodies_add(h->bodies, &text, &hash);

	if (rc != 0) {
		ha_log_paced(&h->nonsense, HA_LOG_ERR, "host %u sent a "
			     "configuration that cannot be taken here: %s",
			     from, ha_err_text(rc));
	}
}

/* --- configurations --- */

static void start_core(struct hacd *h);

static void body_ready(const struct ha_config *config, void *arg)
{
	struct hacd *h = arg;
	struct ha_event ev = { .kind = HA_EV_CONFIG };
	struct ha_hash hash = config->hash; /* the core may drop it at once */

	ev.config = config;
	hacd_step(h, &ev);
	tools_body(h, &hash, 0, "");
	if (h->loads > 0 && --h->loads == 0) {
		start_core(h);
	}
}

static void body_failed(const struct ha_hash *hash, int code, const char *text,
			void *arg)
{
	struct hacd *h = arg;

	ha_log_paced(&h->unusable,
		     code == HA_E_NOT_FOUND ? HA_LOG_INFO : HA_LOG_ERR,
		     "a configuration cannot be used here: %s; it is asked of "
		     "the others", text);
	tools_body(h, hash, code, text);
	if (h->loads > 0 && --h->loads == 0) {
		start_core(h);
	}
}

/* --- from the store to a running core --- */

static bool connect_all(struct hacd *h)
{
	static struct port_corosync_user corosync = {
		.view = on_view, .message = on_message, .body = on_body,
	};

	corosync.arg = h;
	h->corosync = port_corosync_create(h->loop, h->params.self, &corosync);
	return h->corosync && agents_create(h);
}

static void start_core(struct hacd *h)
{
	struct ha_event ev = { .kind = HA_EV_LOADED };

	ev.loaded.damaged = h->damaged;
	ev.loaded.frozen = h->frozen;
	ev.loaded.crash = h->last_end.over;
	ev.loaded.base = h->store.base;
	ev.loaded.meta = h->store.meta;
	ev.loaded.state = h->store.state;
	ev.loaded.entries = h->store.entries;
	ev.loaded.entry_count = h->store.entry_count;
	hacd_step(h, &ev);
	ha_disk_store_fini(&h->store);
	memset(&h->store, 0, sizeof(h->store));
	h->waits_for[0] = '\0';
	if (!connect_all(h)) {
		ha_log(HA_LOG_ERR, "out of memory");
		h->failed = true;
		qb_loop_stop(h->loop);
		return;
	}
	notify("READY=1");
}

/* The core asks for those beyond the first few when it comes to them. */
static void load_body(struct hacd *h, const struct ha_hash *hash)
{
	if (!ha_hash_is_none(hash) && h->loads <= BODIES_MAX / 2 &&
	    bodies_load(h->bodies, hash)) {
		h->loads++;
	}
}

/* Those that the state, or a fact not yet applied, speaks of. */
static void load_bodies(struct hacd *h)
{
	const struct ha_disk_store *s = &h->store;

	h->loads = 1; /* until all are asked for */
	load_body(h, &s->base.body);
	for (size_t i = 0; i < s->entry_count; i++) {
		load_body(h, &s->entries[i].body);
	}
	if (--h->loads == 0) {
		start_core(h);
	}
}

static void on_held(const struct ha_am_held *held, size_t count, void *arg)
{
	struct hacd *h = arg;

	for (size_t i = 0; i < count && i < HA_CONFIGS_KEPT; i++) {
		h->held[h->held_count++] = held[i];
	}
}

static void on_loaded(const struct ha_disk_store *store, bool damaged,
		      const char *text, void *arg)
{
	struct hacd *h = arg;
	void *mem = calloc(1, ha_core_size(HA_VMS_MAX));

	if (!mem) {
		ha_log(HA_LOG_ERR, "out of memory");
		h->failed = true;
		qb_loop_stop(h->loop);
		return;
	}
	if (text[0] != '\0') {
		ha_log(damaged ? HA_LOG_ERR : HA_LOG_WARNING, "the store: %s",
		       text);
	}
	h->store = *store;
	h->damaged = damaged;
	h->core = ha_core_init(mem, &h->params);
	h->recorder = ha_recorder_create(&h->params, RECORD_BYTES);
	load_bodies(h);
}

static void on_persisted(uint64_t seq, bool ok, void *arg)
{
	struct ha_event ev = { .kind = HA_EV_PERSISTED };

	ev.persisted.seq = seq;
	ev.persisted.ok = ok;
	hacd_step(arg, &ev);
}

static void on_read(const struct ha_hash *hash, const void *data, size_t len,
		    void *arg)
{
	struct hacd *h = arg;

	bodies_read(h->bodies, hash, data, len);
	tools_text(h, hash, data, len);
}

static void on_written(const struct ha_hash *hash, bool ok, void *arg)
{
	struct hacd *h = arg;

	bodies_written(h->bodies, hash, ok);
}

static void on_note(enum ha_log_level level, const char *text, void *arg)
{
	(void)arg;
	ha_log(level, "%s", text);
}

static void on_event_line(const char *line, void *arg)
{
	struct hacd *h = arg;

	events_add_line(h->events, line);
}

static void on_disk_gone(void *arg)
{
	struct hacd *h = arg;

	ha_log(HA_LOG_ERR, "hac-agent-disk is gone; hacd ends and is started "
	       "again, VMs are left running");
	h->failed = true;
	qb_loop_stop(h->loop);
}

/* What the disk holds after a failed write is only known by reading it. */
static void on_disk_mended(void *arg)
{
	struct hacd *h = arg;

	ha_log(HA_LOG_NOTICE, "the disk takes writes again; hacd ends and is "
	       "started again, to count as a voter; VMs are left running");
	h->failed = true;
	qb_loop_stop(h->loop);
}

static int start_disk(struct hacd *h)
{
	const struct port_disk_options options = {
		.agents_dir = h->options->agents_dir,
		.state_dir = h->options->state_dir,
		.events_dir = h->options->log_dir,
	};
	const struct port_disk_user user = {
		.loaded = on_loaded, .held = on_held,
		.persisted = on_persisted, .body = on_read,
		.body_put = on_written, .note = on_note,
		.event = on_event_line, .gone = on_disk_gone,
		.mended = on_disk_mended, .arg = h,
	};
	const struct bodies_user bodies = {
		.ready = body_ready, .failed = body_failed, .arg = h,
	};
	int rc = port_disk_create(h->loop, &options, &user, &h->disk);

	if (rc == 0) {
		h->bodies = bodies_create(h->loop, h->disk, &bodies);
		rc = h->bodies ? 0 : HA_E_NO_MEMORY;
	}
	return rc;
}

/* Without corosync there is no node id, and so no host. */
static void probe(void *arg)
{
	struct hacd *h = arg;
	char text[sizeof(h->waits_for)];
	qb_loop_timer_handle timer;
	int rc = port_corosync_probe(&h->params.self, &h->params.token, text,
				     sizeof(text));

	if (rc == 0) {
		snprintf(h->waits_for, sizeof(h->waits_for), "hacd still reads "
			 "its store");
		rc = start_disk(h);
		if (rc == 0) {
			return;
		}
		snprintf(text, sizeof(text), "hac-agent-disk cannot be "
			 "started: %s", ha_err_text(rc));
	}
	if (strcmp(text, h->waits_for) != 0) {
		ha_log(HA_LOG_WARNING, "%s; hacd waits for it", text);
		snprintf(h->waits_for, sizeof(h->waits_for), "%s", text);
	}
	qb_loop_timer_add(h->loop, QB_LOOP_MED, PROBE_NS, h, probe, &timer);
}

static int start_ipc(struct hacd *h)
{
	const struct port_ipc_user user = {
		.request = tools_request, .closed = tools_closed, .arg = h,
	};
	int rc = port_ipc_create(h->loop, h->options->ipc_name, &user, &h->ipc);

	if (rc != 0) {
		ha_log(HA_LOG_ERR, "the IPC service '%s' cannot be opened: %s; "
		       "does another hacd run?", h->options->ipc_name,
		       ha_err_text(rc));
	}
	return rc;
}

static void tell_crash(const struct hacd *h)
{
	const struct ha_crash *over = &h->last_end.over;
	char vm[HA_UUID_TEXT];

	if (h->last_end.stalled) {
		ha_log(HA_LOG_ERR, "hacd was ended by its watchdog while it "
		       "was given hardly a processor, or was kept waiting: "
		       "this host is overloaded, or stood still; it does not "
		       "count as a crash, until it is the %dth within ten "
		       "minutes", HA_CRASHES_KEPT);
	}
	if (over->count > 0 && over->host != HA_HOST_NONE) {
		ha_log(HA_LOG_ERR, "hacd crashed while it decided about the "
		       "host with id %u; a host over which hacd crashes twice "
		       "is left alone for a while, see: hactl status",
		       over->host);
	} else if (over->count > 0) {
		ha_uuid_print(&over->vm, vm);
		ha_log(HA_LOG_ERR, "hacd crashed while it decided about the VM "
		       "with UUID %s; a VM over which hacd crashes twice is "
		       "set aside, see: hactl status", vm);
	}
	if (h->last_end.freezes) {
		ha_log(HA_LOG_ERR, "hacd crashed again and again within ten "
		       "minutes: it is frozen, it observes and votes, but "
		       "starts, fences and coordinates nothing; when you have "
		       "looked: hactl host unfreeze");
	}
}

int hacd_create(struct hacd *h, qb_loop_t *loop,
		const struct hacd_options *options)
{
	int rc;

	memset(h, 0, sizeof(*h));
	h->options = options;
	h->loop = loop;
	h->tick_at = HA_TIME_NEVER;
	h->params.vms_max = HA_VMS_MAX;
	h->events = events_create();
	h->tools = tools_create(h);
	if (!h->events || !h->tools) {
		ha_log(HA_LOG_ERR, "out of memory");
		return HA_E_NO_MEMORY;
	}
	rc = boot_id(&h->params.boot);
	if (rc != 0 || getrandom(&h->params.seed, sizeof(h->params.seed), 0) !=
			       (ssize_t)sizeof(h->params.seed)) {
		ha_log(HA_LOG_ERR, "cannot tell this boot from others: %s",
		       ha_err_text(rc));
		return rc != 0 ? rc : HA_E_FAILED;
	}
	rc = start_ipc(h);
	if (rc != 0) {
		return rc;
	}
	crash_life_begin(options->run_dir, &h->last_end);
	h->frozen = h->last_end.freezes;
	crash_life_watch(options->run_dir, &h->core);
	tell_crash(h);
	probe(h);
	return 0;
}

void hacd_destroy(struct hacd *h)
{
	port_ipc_destroy(h->ipc);
	for (int i = 1; i < HA_AGENT_COUNT; i++) {
		port_agent_destroy(h->agents[i]);
	}
	port_corosync_destroy(h->corosync);
	bodies_destroy(h->bodies);
	port_disk_destroy(h->disk);
	tools_destroy(h->tools);
	events_destroy(h->events);
	ops_fini(&h->ops);
	free(h->inbox);
	ha_recorder_destroy(h->recorder);
	free(h->core);
	h->core = NULL;
}
