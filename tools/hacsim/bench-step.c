/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hacsim bench step: how long the longest step of a core is in a running
 * cluster of a given size, by what happens there. hacd has one thread, so a
 * long step is a stall of everything on its host.
 */
#include "tools/hacsim/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/conf.h"
#include "core/view.h"
#include "sim/power.h"
#include "sim/world.h"

#define PATIENCE HA_S(3600)
#define VM_MIB 512u

struct step_bench {
	uint32_t hosts, vms;
	struct ha_buf text;
	struct ha_config *config; /* owned */
	struct sim *sim;
	double began;
	double *ms;               /* owned; of the steps since the last print */
	size_t count, size;
	bool no_memory;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1000000;
}

static void around(ha_hostid host, bool begins, void *arg)
{
	struct step_bench *b = arg;
	double *more;

	(void)host;
	if (begins) {
		b->began = now_ms();
		return;
	}
	if (b->count == b->size) {
		more = realloc(b->ms, (2 * b->size + 4096) * sizeof(*more));
		if (!more) {
			b->no_memory = true;
			return;
		}
		b->ms = more;
		b->size = 2 * b->size + 4096;
	}
	b->ms[b->count++] = now_ms() - b->began;
}

static int compare(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return a < b ? -1 : a > b;
}

static void print_steps(struct step_bench *b, const char *name)
{
	if (b->count > 0) {
		qsort(b->ms, b->count, sizeof(*b->ms), compare);
		printf("%s_max_ms=%.3f %s_median_ms=%.3f %s_steps=%zu\n", name,
		       b->ms[b->count - 1], name, b->ms[b->count / 2], name,
		       b->count);
		fflush(stdout);
	}
	b->count = 0;
}

/* Room for half as much again on each host. */
static void print_config(struct step_bench *b)
{
	uint32_t each = (b->vms + b->hosts - 1) / b->hosts;

	ha_buf_printf(&b->text, "<cluster name=\"bench\">\n"
		      "  <defaults cpu-overcommit=\"1600%%\"/>\n"
		      "  <fence-devices><device name=\"bmc\" "
		      "agent=\"fence_ipmilan\" power-on=\"no\"/>"
		      "</fence-devices>\n  <hosts>\n");
	for (uint32_t i = 1; i <= b->hosts; i++) {
		ha_buf_printf(&b->text, "    <host name=\"h%" PRIu32 "\" id=\"%"
			      PRIu32 "\" memory=\"%" PRIu32 "MiB\" cpus=\"%"
			      PRIu32 "\">"
			      "<fence><level><device ref=\"bmc\"/></level>"
			      "</fence></host>\n", i, i,
			      (each + each / 2 + 2) * VM_MIB,
			      (each + each / 2) / 16 + 2);
	}
	ha_buf_puts(&b->text, "  </hosts>\n  <vms>\n");
	for (uint32_t i = 1; i <= b->vms; i++) {
		ha_buf_printf(&b->text, "    <vm name=\"vm%" PRIu32 "\">"
			      "<domain type=\"kvm\"><name>vm%" PRIu32 "</name>"
			      "<uuid>8c0a5f10-0000-4000-8000-%012" PRIx32
			      "</uuid><memory unit=\"MiB\">%u</memory>"
			      "<vcpu>1</vcpu></domain></vm>\n", i, i, i,
			      VM_MIB);
	}
	ha_buf_puts(&b->text, "  </vms>\n</cluster>\n");
}

/* And all VMs that ran on a lost host run elsewhere; 0: none is lost. */
static bool settled(struct step_bench *b, ha_hostid lost)
{
	struct ha_host_view host = { .vms = 0 };

	for (ha_hostid h = 1; h <= b->hosts; h++) {
		const struct ha_core *core = sim_host(b->sim, h)->core;
		struct ha_cluster_view v;

		if (core) {
			ha_core_view_cluster(core, &v);
			if (lost != HA_HOST_NONE) {
				ha_core_view_host(core, lost, &host);
			}
			return v.quorate && v.settled && host.vms == 0;
		}
	}
	return false;
}

static bool run_until_settled(struct step_bench *b, ha_hostid lost)
{
	ha_time limit = b->sim->now + PATIENCE;

	do {
		sim_run_until(b->sim, b->sim->now + HA_S(5));
	} while (!settled(b, lost) && !sim_failed(b->sim) && b->sim->now < limit);
	if (!settled(b, lost)) {
		fprintf(stderr, "hacsim: the cluster did not settle%s%s\n",
			sim_failed(b->sim) ? ": " : "", b->sim->oracle.text);
	}
	return settled(b, lost);
}

/* All VMs run when the cluster is made: it takes them up. */
static bool make_cluster(struct step_bench *b)
{
	struct ha_command create = { .verb = HA_CMD_CLUSTER_CREATE,
				     .hash = b->config->hash,
				     .cluster = { 1 } };
	struct sim_params p = { .seed = 1, .token = HA_S(1),
				.vms_max = b->vms, .around = around,
				.around_arg = b };

	b->sim = sim_create(&p);
	for (ha_hostid h = 1; h <= b->hosts; h++) {
		(void)sim_add_host(b->sim, h, b->config->hosts[h - 1].name);
	}
	b->sim->nodelist = ha_config_hostset(b->config);
	(void)sim_add_body(b->sim, b->config);
	for (ha_hostid h = 1; h <= b->hosts; h++) {
		sim_power_on(b->sim, h, SIM_BOOT);
	}
	sim_run_until(b->sim, b->sim->now + HA_S(30));
	for (uint32_t i = 0; i < b->sim->vm_count; i++) {
		sim_vm_spawn(b->sim, i % b->hosts + 1, i);
	}
	sim_run_until(b->sim, b->sim->now + HA_S(5));
	if (sim_command(b->sim, 1, &create) == 0 || !run_until_settled(b, HA_HOST_NONE)) {
		return false;
	}
	print_steps(b, "taken_up");
	return true;
}

static ha_hostid coordinator(struct step_bench *b)
{
	struct ha_cluster_view v;

	ha_core_view_epoch(sim_host(b->sim, 1)->core, &v);
	return v.coordinator;
}

/* A VM and the host where it runs; not the one that is to be lost. */
static uint32_t some_vm(struct step_bench *b, ha_hostid *ret_host)
{
	for (uint32_t i = 0; i < b->sim->vm_count; i++) {
		ha_hostset there = b->sim->vms[i].there;

		if (there != 0 && ha_hostset_first(there) < b->hosts) {
			*ret_host = ha_hostset_first(there);
			return i;
		}
	}
	abort(); /* all run */
}

static uint32_t count_running(const struct step_bench *b)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < b->sim->vm_count; i++) {
		n += b->sim->vms[i].there != 0;
	}
	return n;
}

static bool bench_all(struct step_bench *b)
{
	struct ha_command stop = { .verb = HA_CMD_VM_STOP };
	ha_hostid h;
	uint32_t vm = some_vm(b, &h);

	sim_vm_pause(b->sim, h, vm, true);
	sim_run_until(b->sim, b->sim->now + HA_S(2));
	print_steps(b, "report");
	sim_vm_pause(b->sim, h, vm, false);
	sim_run_until(b->sim, b->sim->now + HA_S(60));
	print_steps(b, "minute");
	(void)sim_vm_end(b->sim, h, vm, HA_END_CRASHED);
	if (!run_until_settled(b, HA_HOST_NONE)) {
		return false;
	}
	print_steps(b, "vm_ended");
	stop.vm = b->sim->vms[vm].uuid;
	(void)sim_command(b->sim, b->hosts > 1 ? 2 : 1, &stop);
	if (!run_until_settled(b, HA_HOST_NONE)) {
		return false;
	}
	print_steps(b, "vm_stop");
	stop.verb = HA_CMD_VM_START;
	(void)sim_command(b->sim, b->hosts > 1 ? 2 : 1, &stop);
	if (!run_until_settled(b, HA_HOST_NONE)) {
		return false;
	}
	print_steps(b, "vm_start");
	h = b->hosts == coordinator(b) ? b->hosts - 1 : b->hosts;
	sim_power_off(b->sim, h, "bench");
	if (!run_until_settled(b, h)) {
		return false;
	}
	print_steps(b, "host_lost");
	h = coordinator(b);
	sim_power_off(b->sim, h, "bench");
	if (!run_until_settled(b, h)) {
		return false;
	}
	print_steps(b, "coordinator_lost");
	printf("running=%" PRIu32 "\n", count_running(b));
	return true;
}

int bench_step(uint32_t hosts, uint32_t vms)
{
	struct step_bench b = { .hosts = hosts, .vms = vms };
	struct ha_conf_errors errors = { 0 };
	bool good;

	print_config(&b);
	good = !b.text.failed &&
	       ha_conf_parse(b.text.data, b.text.len, &errors, &b.config) == 0;
	if (good) {
		ha_conf_hash(b.text.data, b.text.len, &b.config->hash);
		printf("hosts=%" PRIu32 " vms=%" PRIu32 "\n", hosts, vms);
		good = make_cluster(&b) && bench_all(&b) && !b.no_memory;
		sim_destroy(b.sim);
	}
	ha_conf_errors_fini(&errors);
	ha_conf_free(b.config);
	ha_buf_fini(&b.text);
	free(b.ms);
	return good ? 0 : 1;
}
