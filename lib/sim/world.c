/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/world.h"

#include <stdlib.h>
#include <string.h>

#define FLIGHT 300 /* us of a message from one host to another, at most */

void *sim_alloc(size_t bytes)
{
	void *p = calloc(1, bytes > 0 ? bytes : 1);

	if (!p) {
		abort(); /* a simulation without memory cannot go on */
	}
	return p;
}

struct sim *sim_create(const struct sim_params *params)
{
	struct sim *s = sim_alloc(sizeof(*s));

	s->params = *params;
	if (s->params.flight == 0) {
		s->params.flight = FLIGHT;
	}
	s->now = HA_S(1);
	s->rand.state = params->seed;
	s->vms = sim_alloc(params->vms_max * sizeof(*s->vms));
	return s;
}

void sim_destroy(struct sim *s)
{
	if (!s) {
		return;
	}
	sim_heap_fini(&s->heap);
	for (ha_hostid h = 1; h <= HA_HOSTS_MAX; h++) {
		struct sim_host *host = sim_host(s, h);

		sim_record_end(s, h);
		free(host->core);
		sim_disk_fini(&host->disk);
		free(host->hyper.domains);
		free(host->hyper.ops);
		for (int i = 0; i < SIM_SCOPE_COUNT; i++) {
			sim_queue_fini(&host->waiting[i]);
		}
	}
	sim_net_fini(s);
	free(s->vms);
	free(s->bodies);
	ha_buf_fini(&s->log.all);
	free(s);
}

struct sim_host *sim_add_host(struct sim *s, ha_hostid id, const char *name)
{
	struct sim_host *h = sim_host(s, id);

	h->exists = true;
	h->name = name;
	sim_link_start(h->links);
	h->corosync.alone_since = HA_TIME_NEVER;
	h->disk.latency = HA_MS(3);
	h->hyper.memory_kib = 16u << 20;
	h->hyper.cpus = 16;
	h->hyper.cpu_mhz = 2000;
	h->hyper.domains = sim_alloc(s->params.vms_max *
				     sizeof(*h->hyper.domains));
	s->host_max = id > s->host_max ? id : s->host_max;
	return h;
}

uint32_t sim_add_vm(struct sim *s, const struct ha_uuid *uuid,
		    const char *name)
{
	uint32_t i = sim_vm_number(s, uuid);

	if (i != UINT32_MAX) {
		return i;
	}
	if (s->vm_count == s->params.vms_max) {
		abort();
	}
	s->vms[s->vm_count].uuid = *uuid;
	s->vms[s->vm_count].name = name;
	return s->vm_count++;
}

uint32_t sim_vm_number(const struct sim *s, const struct ha_uuid *uuid)
{
	for (uint32_t i = 0; i < s->vm_count; i++) {
		if (ha_uuid_cmp(&s->vms[i].uuid, uuid) == 0) {
			return i;
		}
	}
	return UINT32_MAX;
}

uint32_t sim_add_body(struct sim *s, const struct ha_config *config)
{
	const struct sim_body *have = sim_find_body(s, &config->hash);

	if (have) {
		return (uint32_t)(have - s->bodies);
	}
	s->bodies = realloc(s->bodies,
			    (s->body_count + 1) * sizeof(*s->bodies));
	if (!s->bodies) {
		abort();
	}
	s->bodies[s->body_count] = (struct sim_body){ config->hash, config };
	for (size_t i = 0; i < config->vm_count; i++) {
		(void)sim_add_vm(s, &config->vms[i].uuid, config->vms[i].name);
	}
	return s->body_count++;
}

const struct sim_body *sim_find_body(const struct sim *s,
				     const struct ha_hash *hash)
{
	for (uint32_t i = 0; i < s->body_count; i++) {
		if (ha_hash_equal(&s->bodies[i].hash, hash)) {
			return &s->bodies[i];
		}
	}
	return NULL;
}

ha_dur sim_rand_dur(struct sim *s, ha_dur max)
{
	if (s->heap.grain != 0) {
		return 0;
	}
	return (ha_dur)ha_rand_below(&s->rand, (uint64_t)max + 1);
}

bool sim_rand_hit(struct sim *s, uint32_t n)
{
	return ha_rand_below(&s->rand, n) == 0;
}

ha_time sim_grained(const struct sim *s, ha_time at)
{
	ha_dur grain = s->heap.grain;

	if (grain == 0) {
		return at;
	}
	return at < s->now + HA_MS(1) ? s->now :
					(at + grain - 1) / grain * grain;
}

void sim_after(struct sim *s, ha_dur after, struct sim_pend p)
{
	p.at = sim_grained(s, s->now + after);
	sim_heap_push(&s->heap, &p);
}

void sim_release(struct sim *s, struct sim_host *h, enum sim_scope scope)
{
	sim_queue_release(&h->waiting[scope], &s->heap, s->now);
}

static bool is_hung(const struct sim_host *h, enum sim_scope scope)
{
	switch (scope) {
	case SIM_SCOPE_WORLD:
		return false;
	case SIM_SCOPE_HOST:
		return h->hung;
	case SIM_SCOPE_COROSYNC:
		return h->hung || h->corosync.hung;
	case SIM_SCOPE_LIBVIRT:
		return h->hung || h->hyper.hung;
	case SIM_SCOPE_HACD:
		return h->hung || h->hacd_hung;
	case SIM_SCOPE_COUNT:
		break;
	}
	return false;
}

bool sim_failed(const struct sim *s)
{
	return s->oracle.failed;
}

void sim_run_pend(struct sim *s, const struct sim_pend *p)
{
	s->now = ha_time_max(s->now, p->at);
	if (p->scope != SIM_SCOPE_WORLD) {
		struct sim_host *h = sim_host(s, p->host);

		if (is_hung(h, p->scope)) {
			sim_queue_push(&h->waiting[p->scope], p);
			return;
		}
	}
	p->fn(s, p);
}

bool sim_run_one(struct sim *s)
{
	struct sim_pend p;

	if (s->oracle.failed || !sim_heap_pop(&s->heap, &p)) {
		return false;
	}
	sim_run_pend(s, &p);
	return !s->oracle.failed;
}

void sim_run_until(struct sim *s, ha_time t)
{
	while (sim_heap_next(&s->heap) <= t && sim_run_one(s)) {
	}
	if (!s->oracle.failed) {
		s->now = ha_time_max(s->now, t);
	}
}

/* a: command's id */
static void command_arrives(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	const struct sim_command_seen *c =
		&s->oracle.commands[p->a % SIM_COMMANDS_MAX];
	const struct sim_body *body = sim_find_body(s, &c->command.hash);
	struct ha_event ev = { .kind = HA_EV_COMMAND };

	if (!h->core || p->gen != h->hacd_gen || c->command.id != p->a) {
		return;
	}
	if (body) {
		struct ha_event config = { .kind = HA_EV_CONFIG };

		config.config = body->config;
		sim_disk_keep(&h->disk, (uint32_t)(body - s->bodies));
		sim_hacd_step(s, p->host, &config);
	}
	ev.command = c->command;
	sim_hacd_step(s, p->host, &ev);
}

uint64_t sim_command(struct sim *s, ha_hostid host,
		     const struct ha_command *cmd)
{
	struct sim_host *h = sim_host(s, host);
	uint64_t id = ++s->oracle.command_count;
	struct sim_command_seen *c =
		&s->oracle.commands[id % SIM_COMMANDS_MAX];

	if (!h->core) {
		s->oracle.command_count--;
		return 0;
	}
	memset(c, 0, sizeof(*c));
	c->command = *cmd;
	c->command.id = id;
	c->command.origin = host;
	if (cmd->verb == HA_CMD_FENCE_HOST && cmd->host != HA_HOST_NONE) {
		s->oracle.fence_asked |= ha_host_bit(cmd->host);
	}
	if (cmd->verb == HA_CMD_ACCEPT_LOSS) {
		sim_oracle_forget(s);
	}
	sim_log(s, host, "admin: %s", ha_command_name(cmd->verb));
	sim_after(s, HA_MS(1), (struct sim_pend){ .fn = command_arrives,
		  .scope = SIM_SCOPE_HACD, .host = host, .gen = h->hacd_gen,
		  .a = id });
	return id;
}
