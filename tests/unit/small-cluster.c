/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/small-cluster.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "sim/power.h"

struct small_cluster small;

static const char *path_of(const char *name)
{
	static char path[512];
	const char *src = getenv("srcdir");

	(void)snprintf(path, sizeof(path), "%s/%s", src ? src : ".", name);
	return path;
}

struct ha_config *small_keep_config(struct ha_buf *text)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_config *config = NULL;

	ck_assert_uint_lt(small.config_count, SMALL_CONFIGS);
	ck_assert_int_eq(ha_conf_parse(text->data, text->len, &errors,
				       &config), 0);
	ha_conf_hash(text->data, text->len, &config->hash);
	ha_conf_errors_fini(&errors);
	small.configs[small.config_count] = config;
	small.texts[small.config_count++] = *text;
	return config;
}

struct ha_config *small_read_config(const char *name)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };

	ck_assert_int_eq(ha_conf_read_file(path_of(name), &errors, &text,
					   NULL), 0);
	ha_conf_errors_fini(&errors);
	return small_keep_config(&text);
}

struct ha_config *small_without(small_edit_fn fn, const char *name)
{
	const struct ha_buf *last = &small.texts[small.config_count - 1];
	struct ha_conf_edit edit = { .text = last->data, .len = last->len,
				     .name = name };
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };

	ck_assert_int_eq(fn(&edit, &errors, &text), 0);
	ha_conf_errors_fini(&errors);
	return small_keep_config(&text);
}

/* --- the cluster */

void small_run_for(ha_dur time)
{
	sim_run_until(small.sim, small.sim->now + time);
	ck_assert_msg(!sim_failed(small.sim), "%s", small.sim->oracle.text);
}

void small_step(ha_hostid host, struct ha_event *ev)
{
	ev->now = sim_clock_now(small.sim, sim_host(small.sim, host));
	sim_hacd_step(small.sim, host, ev);
}

struct ha_answer small_tell(ha_hostid host, const struct ha_command *cmd)
{
	uint64_t id = sim_command(small.sim, host, cmd);
	ha_time limit = small.sim->now + HA_S(120);
	const struct ha_answer *answer;

	ck_assert_uint_ne(id, 0);
	while ((answer = sim_oracle_find(small.sim, id)) == NULL) {
		ck_assert(small.sim->now < limit);
		ck_assert_msg(sim_run_one(small.sim), "%s",
			      small.sim->oracle.text);
	}
	return *answer;
}

void small_check_told(const struct ha_command *cmd, int code,
		       const char *says)
{
	struct ha_answer answer = small_tell(1, cmd);

	ck_assert_msg(answer.code == code, "%d: %s", answer.code, answer.text);
	ck_assert_msg(strstr(answer.text, says) != NULL, "'%s' in '%s'", says,
		      answer.text);
}

struct ha_vm_view small_see(const struct ha_config *config, const char *name)
{
	struct ha_vm_view v = { .owner = HA_HOST_NONE };

	for (size_t i = 0; i < config->vm_count; i++) {
		if (strcmp(config->vms[i].name, name) == 0) {
			ha_core_view_vm(small.sim->hosts[0].core,
					&config->vms[i].uuid, &v);
		}
	}
	return v;
}

struct ha_uuid small_uuid_of(const struct ha_config *config,
			      const char *name)
{
	struct ha_uuid none;

	for (size_t i = 0; i < config->vm_count; i++) {
		if (strcmp(config->vms[i].name, name) == 0) {
			return config->vms[i].uuid;
		}
	}
	memset(&none, 0xee, sizeof(none));
	return none;
}

uint32_t small_number_of(const struct ha_config *config, const char *name)
{
	struct ha_uuid uuid = small_uuid_of(config, name);

	return sim_vm_number(small.sim, &uuid);
}

void small_run_until(const struct ha_config *config, const char *name,
		      enum ha_vm_shown shown)
{
	ha_time limit = small.sim->now + HA_S(180);

	while (small_see(config, name).shown != shown) {
		ck_assert_msg(small.sim->now < limit, "vm %s: %s", name,
			      small_see(config, name).why);
		ck_assert_msg(sim_run_one(small.sim), "%s",
			      small.sim->oracle.text);
	}
}

void small_power_on(const struct ha_config *config)
{
	struct sim_params p = { .seed = 11, .token = HA_S(1), .vms_max = 64 };

	small.sim = sim_create(&p);
	for (ha_hostid id = 1; id <= SMALL_CLUSTER; id++) {
		(void)sim_add_host(small.sim, id,
				   ha_config_host(config, id)->name);
	}
	small.sim->nodelist = ha_config_hostset(config);
	for (size_t i = 0; i < small.config_count; i++) {
		(void)sim_add_body(small.sim, small.configs[i]);
	}
	for (ha_hostid id = 1; id <= SMALL_CLUSTER; id++) {
		sim_power_on(small.sim, id, SIM_BOOT);
	}
	small_run_for(HA_S(20));
}

void small_create_cluster(const struct ha_config *config, const char *first)
{
	struct ha_command create = { .verb = HA_CMD_CLUSTER_CREATE,
				     .hash = config->hash,
				     .cluster = { 1 } };

	small_check_told(&create, 0, "");
	small_run_until(config, first, HA_VM_SHOWN_RUNNING);
	small_run_for(HA_S(20));
}

void small_apply(const struct ha_config *config, int code, const char *says)
{
	struct ha_command cmd = { .verb = HA_CMD_CONFIG_APPLY,
				  .hash = config->hash };

	cmd.base_version =
		ha_core_state(small.sim->hosts[0].core)->config_version;
	small_check_told(&cmd, code, says);
}

void small_tear_down(void)
{
	sim_destroy(small.sim);
	for (size_t i = 0; i < small.config_count; i++) {
		ha_conf_free(small.configs[i]);
		ha_buf_fini(&small.texts[i]);
	}
	small.config_count = 0;
}

void small_set_up(void)
{
	const struct ha_config *config =
		small_read_config("tests/scenario/three-hosts.xml");

	small_power_on(config);
	small_create_cluster(config, "db1");
}
