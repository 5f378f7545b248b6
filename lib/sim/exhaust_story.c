/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/exhaust_story.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "core/view.h"
#include "sim/world.h"

#define GRAIN HA_MS(100)
#define SETTLE_LIMIT HA_S(120)
#define BEFORE HA_S(5)  /* deeds of a scenario begin so late */
#define SHIFT_MS 200    /* in variants they come so much sooner or later */

const char *ha_exhaust_from_name(enum ha_exhaust_from from)
{
	static const char *const names[] = {
#define X(id, name, line) name,
		HA_EXHAUST_FROM_LIST(X)
#undef X
	};

	return from < HA_EXHAUST_FROM_COUNT ? names[from] : "";
}

/* --- as text --- */

void ha_exhaust_config(const struct ha_exhaust_options *o, struct ha_buf *out)
{
	ha_buf_puts(out, "<?xml version=\"1.0\"?>\n"
		    "<cluster name=\"small\">\n  <fence-devices>\n"
		    "    <device name=\"bmc\" agent=\"fence_ipmilan\"/>\n"
		    "  </fence-devices>\n  <hosts>\n");
	for (uint32_t i = 1; i <= o->hosts; i++) {
		ha_buf_printf(out, "    <host name=\"h%u\" id=\"%u\"><fence>"
			      "<level><device ref=\"bmc\"/></level></fence>"
			      "</host>\n", i, i);
	}
	ha_buf_puts(out, "  </hosts>\n  <vms>\n");
	for (uint32_t i = 1; i <= o->vms; i++) {
		ha_buf_printf(out, "    <vm name=\"v%u\"><domain type=\"kvm\">"
			      "<name>v%u</name><uuid>10000000-0000-4000-8000-"
			      "00000000000%u</uuid><memory unit=\"MiB\">64"
			      "</memory><vcpu>1</vcpu><os><type>hvm</type></os>"
			      "</domain></vm>\n", i, i, i);
	}
	ha_buf_puts(out, "  </vms>\n</cluster>\n");
}

/* A wait, longer or shorter by a variant. */
static void print_wait(ha_dur wait, uint32_t variant, size_t i,
		       struct ha_buf *out)
{
	int64_t ms = wait / HA_MS(1);

	if (variant > 0) {
		ms += (int64_t)(variant * (i + 1) * 7919 % (2 * SHIFT_MS)) -
		      SHIFT_MS;
	}
	ha_buf_printf(out, "wait %lldms\n", ms > 1 ? (long long)ms : 1);
}

void ha_exhaust_story(const struct ha_exhaust_options *o,
		      const struct ha_exhaust_result *r, uint32_t variant,
		      struct ha_buf *out)
{
	static const char *const paces[] = {
		"", " disk 20ms network 2ms", " disk 200ms network 20ms",
	};
	ha_dur at = -BEFORE;

	ha_buf_printf(out, "# Found by hacsim exhaust.\ncluster exhaust.xml\n"
		      "corosync token_coefficient 0ms%s\nsimulator seed %u%s\n"
		      "\nstart\nhactl vm move v1 h2\n%s"
		      "expect settled within 60s\n",
		      o->hosts == 2 ? " two_node" : "", variant + 1,
		      paces[variant % 3],
		      o->hosts > 2 && o->vms > 1 ? "hactl vm move v2 h3\n" : "");
	for (size_t i = 0; i < r->deed_count; i++) {
		print_wait(r->deeds[i].at - at, variant, i, out);
		ha_buf_printf(out, "%s\n", r->deeds[i].line);
		at = r->deeds[i].at;
	}
	ha_buf_printf(out, "wait %llds\nheal\nboot all\n"
		      "expect settled within 180s\n",
		      (long long)(EXHAUST_LINGER / HA_S(1)));
	for (uint32_t i = 1; i <= o->vms; i++) {
		ha_buf_printf(out, "expect vm v%u running within 60s\n", i);
	}
}

/* --- in a world --- */

bool exhaust_all_run(const struct sim *s)
{
	for (uint32_t i = 0; i < s->vm_count; i++) {
		if (s->vms[i].there == 0) {
			return false;
		}
	}
	return true;
}

static bool is_settled(struct sim *s)
{
	struct ha_cluster_view v;

	for (ha_hostid h = 1; h <= s->host_max; h++) {
		if (!sim_host(s, h)->core) {
			return false;
		}
		ha_core_view_cluster(sim_host(s, h)->core, &v);
		if (!v.settled || v.members != s->nodelist) {
			return false;
		}
	}
	return exhaust_all_run(s);
}

static void run_until_settled(struct sim *s)
{
	ha_time limit = s->now + SETTLE_LIMIT;

	while (!is_settled(s) && s->now < limit && sim_run_one(s)) {
	}
	if (!is_settled(s)) {
		sim_oracle_fail(s, "the cluster does not come to rest");
	}
}

static void move_vm(struct sim *s, uint32_t vm, ha_hostid to)
{
	struct ha_command cmd = { .verb = HA_CMD_VM_MOVE, .host = to,
				  .vm = s->vms[vm].uuid };

	(void)sim_command(s, 1, &cmd); /* its answer comes to the oracle */
}

/* Not where the coordinator is, if there are others: h2, then h3. */
static void place_vm(struct sim *s, uint32_t vm, uint32_t hosts)
{
	ha_hostid to = 2 + vm % (hosts - 1);

	if (!ha_host_in(s->vms[vm].there, to)) {
		move_vm(s, vm, to);
		sim_run_until(s, s->now + HA_S(1));
		run_until_settled(s);
	}
}

static void come_to_rest(struct exhaust_story *st,
			 const struct ha_exhaust_options *o)
{
	struct sim *s = st->sim;
	struct ha_command create = { .verb = HA_CMD_CLUSTER_CREATE,
				     .hash = st->config->hash,
				     .cluster = { 1, 2, 3 } };

	for (ha_hostid h = 1; h <= o->hosts; h++) {
		sim_power_on(s, h, SIM_BOOT);
	}
	while (!sim_host(s, 1)->in_group && sim_run_one(s)) {
	}
	sim_run_until(s, s->now + HA_S(2));
	(void)sim_command(s, 1, &create);
	run_until_settled(s);
	for (uint32_t i = 0; i < o->vms; i++) {
		place_vm(s, i, o->hosts);
	}
	st->rest = s->now;
}

/* Until another host has been told that one is gone, all is in one order. */
static void lose_host(struct sim *s, ha_hostid host)
{
	sim_power_off(s, host, "killed");
	while (ha_host_in(sim_host(s, 1)->view_members, host) &&
	       sim_run_one(s)) {
	}
}

static void do_first(struct exhaust_story *st, enum ha_exhaust_from from)
{
	static const char *const lines[] = {
#define X(id, name, line) line,
		HA_EXHAUST_FROM_LIST(X)
#undef X
	};

	if (from == HA_EXHAUST_REST || sim_failed(st->sim)) {
		return;
	}
	exhaust_story_note(st, "%s", lines[from]);
	if (from == HA_EXHAUST_LOSS) {
		lose_host(st->sim, 2);
	} else {
		move_vm(st->sim, 0, 1);
	}
}

bool exhaust_story_begin(struct exhaust_story *st,
			 const struct ha_exhaust_options *o)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };
	struct sim_params p = {
		.seed = 1, .token = HA_S(1), .two_node = o->hosts == 2,
		.freezes = true, .vms_max = EXHAUST_VMS_MAX,
	};
	int rc;

	ha_exhaust_config(o, &text);
	rc = ha_conf_parse(text.data, text.len, &errors, &st->config);
	ha_buf_fini(&text);
	ha_conf_errors_fini(&errors);
	if (rc != 0) {
		return false;
	}
	st->sim = sim_create(&p);
	st->sim->heap.grain = GRAIN;
	for (size_t i = 0; i < st->config->host_count; i++) {
		sim_add_host(st->sim, st->config->hosts[i].id,
			     st->config->hosts[i].name)->disk.latency = 0;
	}
	st->sim->nodelist = ha_config_hostset(st->config);
	(void)sim_add_body(st->sim, st->config);
	come_to_rest(st, o);
	do_first(st, o->from);
	return true;
}

void exhaust_story_note(struct exhaust_story *st, const char *fmt, ...)
{
	struct ha_exhaust_deed *d;
	va_list ap;

	if (st->deed_count == EXHAUST_FAULTS_MAX + 1) {
		return;
	}
	d = &st->deeds[st->deed_count++];
	d->at = st->sim->now - st->rest;
	va_start(ap, fmt);
	vsnprintf(d->line, sizeof(d->line), fmt, ap);
	va_end(ap);
}
