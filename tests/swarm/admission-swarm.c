/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A yes of admission control must hold. Tight clusters come up in the
 * simulator, in every other one a host has died and come back, so that VMs are
 * where they happen to be. VMs are stopped until hacd says that as many
 * failures can be taken as are demanded; so many hosts lose power, some with a
 * fence device that is dead for a while, and every VM that has to run again
 * must do so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "core/admission.h"
#include "core/view.h"
#include "sim/power.h"
#include "sim/world.h"
#include "tests/swarm/tight.h"

#define PATIENCE HA_S(300)
#define DEAD_FOR HA_S(60)

struct trial {
	uint64_t seed;
	struct tight tight;
	struct ha_buf text;       /* owned */
	struct ha_config *config; /* owned */
	struct sim *sim;          /* owned */
	const struct ha_vm_conf *stopped[TIGHT_VMS_MAX];
	size_t stopped_count;
	ha_hostid back;    /* has died and come back; 0: none */
	ha_hostid dead;    /* its fence device, for a while; 0: none */
	ha_hostset killed;
	ha_time killed_at;
	char why[200];
};

static struct totals {
	uint64_t clusters, ruleless, yes, tight, two, dead;
	uint64_t vms;      /* that had to run again */
	uint64_t failed;
	ha_dur longest;
} totals;

static bool arg_trace;

/* --- the cluster --- */

static bool read_config(struct trial *t, bool rules)
{
	struct ha_conf_errors errors = { 0 };
	int err;

	ha_buf_clear(&t->text);
	tight_draw(&t->tight, t->seed, rules, &t->text);
	err = ha_conf_parse(t->text.data, t->text.len, &errors, &t->config);
	if (err == 0) {
		ha_conf_hash(t->text.data, t->text.len, &t->config->hash);
	} else if (!rules) {
		struct ha_buf b = { 0 };

		ha_conf_errors_print(&errors, "tight.xml", &b);
		fprintf(stderr, "%s", b.data ? b.data : "");
		ha_buf_fini(&b);
		abort();
	}
	ha_conf_errors_fini(&errors);
	return err == 0;
}

static struct ha_core *asked_core(const struct trial *t)
{
	for (ha_hostid h = 1; h <= t->sim->host_max; h++) {
		struct ha_core *core = t->sim->hosts[h - 1].core;
		struct ha_cluster_view v;

		if (core) {
			ha_core_view_epoch(core, &v);
			if (v.quorate && v.coordinator == h) {
				return core;
			}
		}
	}
	return NULL;
}

static bool is_settled(const struct trial *t, ha_hostset hosts)
{
	const struct ha_core *core = asked_core(t);
	struct ha_cluster_view v;

	if (!core || !ha_core_config(core)) {
		return false;
	}
	ha_core_view_cluster(core, &v);
	for (ha_hostset s = hosts; s && v.settled;) {
		struct ha_host_view h;

		ha_core_view_host(core, ha_hostset_pop(&s), &h);
		v.settled = h.shown == HA_HOST_SHOWN_ONLINE;
	}
	return v.settled;
}

static void run_until_settled(struct trial *t, ha_hostset hosts)
{
	ha_time limit = t->sim->now + PATIENCE;

	do {
		sim_run_until(t->sim, t->sim->now + HA_MS(500));
	} while (!sim_failed(t->sim) && t->sim->now < limit &&
		 !is_settled(t, hosts));
}

static void come_up(struct trial *t)
{
	struct ha_command create = { .verb = HA_CMD_CLUSTER_CREATE,
				     .hash = t->config->hash,
				     .cluster = { 1 } };
	struct sim_params p = {
		.seed = t->seed, .token = HA_S(1),
		.vms_max = (uint32_t)t->config->vm_count,
		.trace = arg_trace ? stdout : NULL,
	};
	ha_hostset all = ha_config_hostset(t->config);

	t->sim = sim_create(&p);
	for (size_t i = 0; i < t->config->host_count; i++) {
		(void)sim_add_host(t->sim, t->config->hosts[i].id,
				   t->config->hosts[i].name);
	}
	t->sim->nodelist = all;
	(void)sim_add_body(t->sim, t->config);
	for (ha_hostset s = all; s;) {
		sim_power_on(t->sim, ha_hostset_pop(&s), SIM_BOOT);
	}
	sim_run_until(t->sim, t->sim->now + HA_S(20));
	(void)sim_command(t->sim, 1, &create); /* or nothing settles */
	run_until_settled(t, all);
}

static void die_and_come_back(struct trial *t)
{
	ha_hostset all = ha_config_hostset(t->config);

	t->back = 1 + tight_below(&t->tight, t->tight.hosts);
	sim_power_off(t->sim, t->back, "is killed");
	sim_run_until(t->sim, t->sim->now + HA_S(10));
	run_until_settled(t, all & ~ha_host_bit(t->back));
	sim_power_on(t->sim, t->back, SIM_BOOT);
	run_until_settled(t, all);
}

/* One that is wanted, by chance; or NULL. */
static const struct ha_vm_conf *pick_vm(struct trial *t)
{
	const struct ha_state *state = ha_core_state(asked_core(t));
	size_t n = t->config->vm_count;
	size_t first = tight_below(&t->tight, (uint32_t)n);

	for (size_t i = 0; i < n; i++) {
		const struct ha_vm_conf *conf = &t->config->vms[(first + i) % n];
		const struct ha_vm_state *v = ha_state_vm(state, &conf->uuid);

		if (v && v->wanted == HA_WANTED_RUNNING) {
			return conf;
		}
	}
	return NULL;
}

/* Stops VMs until it says yes: then the cluster is as full as may be. */
static bool make_room(struct trial *t)
{
	ha_hostset all = ha_config_hostset(t->config);

	while (!sim_failed(t->sim) && is_settled(t, all)) {
		struct ha_command stop = { .verb = HA_CMD_VM_STOP };
		const struct ha_vm_conf *vm;
		struct ha_admission_view v;

		ha_core_view_admission(asked_core(t), &v);
		vm = v.met ? NULL : pick_vm(t);
		if (!vm) {
			return v.met;
		}
		stop.vm = vm->uuid;
		t->stopped[t->stopped_count++] = vm;
		(void)sim_command(t->sim, 1, &stop);
		sim_run_until(t->sim, t->sim->now + HA_S(1));
		run_until_settled(t, all);
	}
	return false;
}

/* --- the failures --- */

static bool has_to_run(const struct trial *t, const struct ha_state *before,
		       const struct ha_vm_conf *conf)
{
	const struct ha_vm_state *v = ha_state_vm(before, &conf->uuid);

	return v && v->wanted == HA_WANTED_RUNNING &&
	       (conf->priority != HA_PRIORITY_DISABLED ||
		!ha_host_in(t->killed, v->owner));
}

/* One VM that has to run and does not; or NULL. */
static const struct ha_vm_conf *find_missing(const struct trial *t,
					     const struct ha_state *before)
{
	for (size_t i = 0; i < t->config->vm_count; i++) {
		const struct ha_vm_conf *conf = &t->config->vms[i];

		if (has_to_run(t, before, conf) &&
		    (t->sim->vms[i].there & ~t->killed) == 0) {
			return conf;
		}
	}
	return NULL;
}

/* Where most runs, of those that are not to be killed yet. */
static ha_hostid fullest_host(const struct trial *t)
{
	const struct ha_core *core = asked_core(t);
	ha_hostid best = HA_HOST_NONE;
	uint64_t most = 0;

	for (ha_hostid h = 1; h <= t->tight.hosts; h++) {
		struct ha_host_view v;

		ha_core_view_host(core, h, &v);
		if (!ha_host_in(t->killed, h) &&
		    (best == HA_HOST_NONE || v.memory_used_kib > most)) {
			best = h;
			most = v.memory_used_kib;
		}
	}
	return best;
}

static void kill_hosts(struct trial *t, const struct ha_state *before)
{
	bool fullest = tight_below(&t->tight, 2) == 0;

	while (ha_hostset_count(t->killed) < t->tight.failures) {
		t->killed |= ha_host_bit(fullest ? fullest_host(t)
					 : 1 + tight_below(&t->tight,
							   t->tight.hosts));
	}
	if (tight_below(&t->tight, 3) == 0) {
		t->dead = ha_hostset_first(t->killed);
		sim_bmc_set(t->sim, t->dead, SIM_BMC_DEAD);
	}
	for (uint32_t i = 0; i < before->vm_count; i++) {
		totals.vms += ha_host_in(t->killed, before->vms[i].owner);
	}
	t->killed_at = t->sim->now;
	for (ha_hostset s = t->killed; s;) {
		sim_power_off(t->sim, ha_hostset_pop(&s), "is killed");
	}
}

static void say_missing(struct trial *t, const struct ha_vm_conf *conf)
{
	const struct ha_core *core = asked_core(t);
	struct ha_vm_view v = { .why = "nobody coordinates" };

	if (core) {
		ha_core_view_vm(core, &conf->uuid, &v);
	}
	snprintf(t->why, sizeof(t->why), "vm %s does not run again: %.140s",
		 conf->name, v.why);
}

static void recover(struct trial *t)
{
	ha_time limit = t->sim->now + PATIENCE;
	const struct ha_state *now = ha_core_state(asked_core(t));
	struct ha_state *before = malloc(ha_state_size(now->vm_count));
	const struct ha_vm_conf *missing;

	if (!before) {
		abort();
	}
	memcpy(before, now, ha_state_size(now->vm_count));
	kill_hosts(t, before);
	if (t->dead != HA_HOST_NONE) { /* it comes back, after the others */
		sim_run_until(t->sim, t->sim->now + DEAD_FOR);
		sim_bmc_set(t->sim, t->dead, SIM_BMC_OK);
	}
	while ((missing = find_missing(t, before)) != NULL &&
	       t->sim->now < limit && !sim_failed(t->sim)) {
		sim_run_until(t->sim, t->sim->now + HA_MS(100));
	}
	if (missing) {
		say_missing(t, missing);
	} else if (t->sim->now - t->killed_at > totals.longest) {
		totals.longest = t->sim->now - t->killed_at;
	}
	totals.two += t->tight.failures == 2;
	totals.dead += t->dead != HA_HOST_NONE;
	free(before);
}

static void play(struct trial *t)
{
	come_up(t);
	if (tight_below(&t->tight, 2) == 0 && !sim_failed(t->sim)) {
		die_and_come_back(t);
	}
	if (make_room(t)) {
		totals.yes++;
		recover(t);
	}
	totals.tight += t->stopped_count > 0;
	if (sim_failed(t->sim)) {
		snprintf(t->why, sizeof(t->why), "%.190s",
			 t->sim->oracle.text);
	}
}

/* --- what is said --- */

static void print_hosts(ha_hostset hosts, struct ha_buf *out)
{
	for (const char *sep = ""; hosts; sep = ",") {
		ha_buf_printf(out, "%sh%u", sep, ha_hostset_pop(&hosts));
	}
}

static bool was_stopped(const struct trial *t, const struct ha_vm_conf *conf)
{
	for (size_t i = 0; i < t->stopped_count; i++) {
		if (t->stopped[i] == conf) {
			return true;
		}
	}
	return false;
}

/* The same as a story: it fails alike, unless it hangs on a moment. */
static void print_story(const struct trial *t, struct ha_buf *out)
{
	ha_buf_printf(out, "# Admission says yes, but: %s\ncluster "
		      "admission-%llu.xml\nsimulator seed %llu\n\nstart\n",
		      t->why, (unsigned long long)t->seed,
		      (unsigned long long)t->seed);
	if (t->back != HA_HOST_NONE) {
		ha_buf_printf(out, "kill h%u\nexpect host h%u fenced within "
			      "60s\nexpect settled within 300s\nboot h%u\n"
			      "expect host h%u online within 60s\nexpect "
			      "settled within 300s\n", t->back, t->back,
			      t->back, t->back);
	}
	for (size_t i = 0; i < t->stopped_count; i++) {
		ha_buf_printf(out, "hactl vm stop %s\nexpect settled within "
			      "60s\n", t->stopped[i]->name);
	}
	if (t->dead != HA_HOST_NONE) {
		ha_buf_printf(out, "bmc h%u dead\n", t->dead);
	}
	ha_buf_puts(out, "kill ");
	print_hosts(t->killed, out);
	ha_buf_puts(out, "\n");
	if (t->dead != HA_HOST_NONE) {
		ha_buf_printf(out, "wait %llds\nbmc h%u ok\n",
			      (long long)(DEAD_FOR / HA_S(1)), t->dead);
	}
	for (size_t i = 0; i < t->config->vm_count; i++) {
		const struct ha_vm_conf *conf = &t->config->vms[i];

		if (conf->priority != HA_PRIORITY_DISABLED &&
		    conf->wanted == HA_WANTED_RUNNING &&
		    !was_stopped(t, conf)) {
			ha_buf_printf(out, "expect vm %s running within "
				      "300s\n", conf->name);
		}
	}
}

static void write_file(const struct trial *t, const char *folder,
		       const char *end, const struct ha_buf *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/admission-%llu.%s", folder,
		 (unsigned long long)t->seed, end);
	f = fopen(path, "we");
	if (!f || fwrite(text->data, 1, text->len, f) != text->len ||
	    fclose(f) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	}
}

static void save(const struct trial *t, const char *folder)
{
	struct ha_buf story = { 0 };

	print_story(t, &story);
	write_file(t, folder, "xml", &t->text);
	write_file(t, folder, "scenario", &story);
	ha_buf_fini(&story);
}

static void run_seed(uint64_t seed, const char *folder)
{
	struct trial t = { .seed = seed };

	if (!read_config(&t, true)) {
		totals.ruleless++;
		(void)read_config(&t, false);
	}
	totals.clusters++;
	play(&t);
	if (t.why[0] != '\0') {
		totals.failed++;
		printf("seed %llu: %s\n", (unsigned long long)seed, t.why);
		if (folder) {
			save(&t, folder);
		}
	}
	sim_destroy(t.sim);
	ha_conf_free(t.config);
	ha_buf_fini(&t.text);
}

static void print_totals(void)
{
	printf("%llu clusters, %llu of them without their rules, which no "
	       "cluster could keep; admission said yes to %llu, to %llu of "
	       "them once VMs had been stopped\n",
	       (unsigned long long)totals.clusters,
	       (unsigned long long)totals.ruleless,
	       (unsigned long long)totals.yes,
	       (unsigned long long)totals.tight);
	printf("then hosts failed, in %llu two at once, in "
	       "%llu one with a fence device that was dead for %lld s: %llu "
	       "VMs were lost, all ran again after at most %.1f s; in %llu "
	       "clusters not\n",
	       (unsigned long long)totals.two,
	       (unsigned long long)totals.dead,
	       (long long)(DEAD_FOR / HA_S(1)),
	       (unsigned long long)totals.vms, (double)totals.longest / 1e6,
	       (unsigned long long)totals.failed);
}

int main(int argc, char **argv)
{
	unsigned long long from = 1, to = 20;
	const char *folder = NULL;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--trace") == 0) {
			arg_trace = true;
		} else if (strcmp(argv[i], "--save") == 0 && i + 1 < argc) {
			folder = argv[++i];
		} else if (strcmp(argv[i], "--seeds") != 0 || i + 1 == argc ||
			   sscanf(argv[++i], "%llu-%llu", &from, &to) != 2) {
			fprintf(stderr, "usage: admission-swarm [--seeds A-B] "
				"[--save FOLDER] [--trace]\n");
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned long long s = from; s <= to; s++) {
		run_seed(s, folder);
	}
	print_totals();
	printf("%llu passed, %llu failed\n",
	       (unsigned long long)(totals.clusters - totals.failed),
	       (unsigned long long)totals.failed);
	return totals.failed > 0;
}
